/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_START_KERNEL_H
#define OSHIT_START_KERNEL_H

/* The boot order, in init/main.c. boot_info is filled; interrupts are off. */
__noreturn void start_kernel(void);

#endif
