/* SPDX-License-Identifier: GPL-2.0-only */
/* The call of preempt_schedule() at the end of a section: arch/x86_64/kernel/switch.S. */
#ifndef ARCH_PREEMPT_H
#define ARCH_PREEMPT_H

/* For the compiler it changes memory and the flags, but no register.  There is no red zone. */
#define arch_preempt_schedule() \
	__asm__ __volatile__("call preempt_schedule_thunk" : : : "cc", "memory")

#endif
