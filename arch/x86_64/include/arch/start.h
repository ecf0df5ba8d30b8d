/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_START_H
#define ARCH_START_H

/* head.S jumps here, in the mapped image, interrupts off. */
__attribute__((noreturn)) void arch_start(void);

#endif
