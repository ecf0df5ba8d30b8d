/* SPDX-License-Identifier: GPL-2.0-only */
/* What the boot code offers to the start-up in arch/x86_64/kernel. */
#ifndef ARCH_BOOT_H
#define ARCH_BOOT_H

#include <oshit/types.h>

/* Fills boot_info. Needs the boot page tables and nothing else. */
void boot_info_read(void);

/* The cycle counter at the kernel's first instruction. */
u64 boot_first_cycles(void);

#endif
