/* SPDX-License-Identifier: GPL-2.0-only */
/* Stacks of the kernel, beyond those of mm/kernel_stack.c. */
#ifndef ARCH_STACK_H
#define ARCH_STACK_H

#include <oshit/types.h>

struct stack_bounds {
	unsigned long start, end; /* [start, end); below is a guard page */
	const char *name;
	const void *caller; /* who asked for it; NULL: nobody did */
};

/* The stack of the boot code in which, or in whose guard page, @addr lies. Any context. */
bool arch_find_boot_stack(unsigned long addr, struct stack_bounds *bounds);

/* Calls @fn(@arg) on another stack, which ends at @stack_end. */
void arch_call_on_stack(void (*fn)(void *arg), void *arg, void *stack_end);

#endif
