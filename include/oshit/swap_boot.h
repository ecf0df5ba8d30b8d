/* SPDX-License-Identifier: GPL-2.0-only */
/* Disks that serve for swap from the boot on. */
#ifndef OSHIT_SWAP_BOOT_H
#define OSHIT_SWAP_BOOT_H

#ifdef CONFIG_SWAP_AT_BOOT
/* Boot, when all disks and their partitions are known. May sleep. */
void swap_at_boot(void);
#else
static inline void swap_at_boot(void)
{
}
#endif

#endif
