/* SPDX-License-Identifier: GPL-2.0-only */
/* Boots the kernel's allocators on a simulated machine. */
#ifndef BOOT_MM_H
#define BOOT_MM_H

#include <oshit/boot_info.h>

/* The machine whose RAM is @ranges, ended by an empty one; what was booted before is gone. */
void boot_mm(const struct boot_range *ranges);

/* 64 MiB of memory in pieces, on both sides of 4 GiB. */
extern const struct boot_range usual_machine[];

#endif
