/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stacks of the boot CPU.  They lie in the image, each above a guard page, whose memory
 * arch_kernel_tables_init() unmaps and gives away.
 */
#ifndef ARCH_BOOT_STACKS_H
#define ARCH_BOOT_STACKS_H

#include <arch/page.h>
#include <arch/segment.h>
#include <oshit/types.h>

struct boot_stacks {
	char guard[PAGE_SIZE];
	char stack[KERNEL_STACK_SIZE]; /* head.S begins on it */
	struct {
		char guard[PAGE_SIZE];
		char stack[IST_STACK_SIZE];
	} ist[NR_IST];
};
static_assert(offsetof(struct boot_stacks, stack) + KERNEL_STACK_SIZE == BOOT_STACK_END,
	      "head.S counts on it");

extern struct boot_stacks boot_stacks;

#endif
