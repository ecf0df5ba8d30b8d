/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_START_H
#define ARCH_START_H

/* The boot CPU's per-CPU area; before it nothing may touch a per-CPU variable. */
void percpu_boot_init(void);

/* head.S jumps here, in the mapped image, interrupts off. */
__attribute__((noreturn)) void arch_start(void);

#endif
