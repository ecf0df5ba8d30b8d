/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks of the kernel: KERNEL_STACK_SIZE bytes (<arch/layout.h>).  With CONFIG_STACK_GUARD the
 * page below each is not mapped, so that an overflow stops at once and is reported.
 */
#ifndef OSHIT_KERNEL_STACK_H
#define OSHIT_KERNEL_STACK_H

#include <arch/page.h>
#include <arch/stack.h>
#include <oshit/types.h>

/**
 * kernel_stack_alloc() - a stack for a task
 * It holds anything. Most calls are served by this CPU's cache of stacks, in a few instructions.
 * Context: task, interrupts on once other CPUs run; may sleep.
 * Return: its lowest address, page aligned; or NULL.
 */
void *kernel_stack_alloc(void);

/* NULL is ignored; nobody may be on the stack any more. Context: as above, holding no lock that an
 * interrupt handler takes: if the caches are full some are unmapped on all CPUs. */
void kernel_stack_free(void *stack);

/* Frees the stacks that this CPU and all CPUs together keep, or one that is off kept. Context: as
 * above. */
void kernel_stack_drain(void);
void kernel_stack_drain_dead_cpu(unsigned int cpu);

/* The stack in which, or in whose guard page, @addr lies. For reports: any context, no lock. */
bool kernel_stack_find(unsigned long addr, struct stack_bounds *bounds);

/* Boot: from now on stacks that are kept are given back when memory is short. */
void kernel_stack_init(void);

#endif
