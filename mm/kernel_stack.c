/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks for tasks, each an area of vmalloc, between guard pages.
 *
 * Mapping a stack takes two locks, and unmapping one makes all CPUs flush, while fork and exit want
 * it for a handful of instructions.  So a CPU keeps the last few stacks that were freed on it,
 * mapped, in an array used as a stack.  Only tasks on that CPU touch it, with preemption off; no
 * interrupt handler may, so it needs no more than that.  The array of a CPU that is off belongs to
 * the one that took it off.
 *
 * Without STACK_GUARD a stack is a block of the page allocator; an overflow then writes over
 * whatever lies below.
 */
#include <oshit/gfp.h>
#include <oshit/kasan.h>
#include <oshit/kernel_stack.h>
#include <oshit/percpu.h>
#include <oshit/preempt.h>

#include "vmalloc.h"

#define NR_KEPT 4 /* stacks a CPU: 64 KiB */

struct stack_cache { /* c: tasks on this CPU, preemption off */
	unsigned int nr; /* c */
	void *stacks[NR_KEPT]; /* c  the last is the warmest */
};

static DEFINE_PER_CPU(struct stack_cache, stack_cache);

static void *stack_new(const void *caller)
{
	if (!IS_ENABLED(CONFIG_STACK_GUARD))
		return (void *)__get_free_pages(GFP_KERNEL, get_order(KERNEL_STACK_SIZE));
	return vmalloc_area(KERNEL_STACK_SIZE, GFP_KERNEL, VMALLOC_STACK, caller);
}

static void stack_end(void *stack)
{
	if (!IS_ENABLED(CONFIG_STACK_GUARD))
		return free_pages((unsigned long)stack, get_order(KERNEL_STACK_SIZE));
	vfree_area(stack, VMALLOC_STACK);
}

void *kernel_stack_alloc(void)
{
	struct stack_cache *cache;
	void *stack = NULL;

	preempt_disable();
	cache = this_cpu_ptr(&stack_cache);
	if (cache->nr)
		stack = cache->stacks[--cache->nr];
	preempt_enable();
	if (stack)
		kasan_forget_stack(stack, KERNEL_STACK_SIZE); /* frames that were never left */
	return stack ?: stack_new(__builtin_return_address(0));
}

void kernel_stack_free(void *stack)
{
	struct stack_cache *cache;

	if (!stack)
		return;
	preempt_disable();
	cache = this_cpu_ptr(&stack_cache);
	if (cache->nr < NR_KEPT) {
		cache->stacks[cache->nr++] = stack;
		stack = NULL;
	}
	preempt_enable();
	if (stack)
		stack_end(stack);
}

void kernel_stack_drain_dead_cpu(unsigned int cpu)
{
	struct stack_cache *cache = per_cpu_ptr(&stack_cache, cpu);

	while (cache->nr)
		stack_end(cache->stacks[--cache->nr]);
}

void kernel_stack_drain(void)
{
	struct stack_cache *cache, kept;

	preempt_disable();
	cache = this_cpu_ptr(&stack_cache);
	kept = *cache;
	cache->nr = 0;
	preempt_enable();
	while (kept.nr)
		stack_end(kept.stacks[--kept.nr]);
}

bool kernel_stack_find(unsigned long addr, struct stack_bounds *bounds)
{
	struct vmalloc_info info;

	/* An address in a guard page is also behind the area below, so ask a page higher. */
	if (is_vmalloc_addr((void *)addr) && vmalloc_peek(addr, &info) &&
	    (addr < info.start + info.size || vmalloc_peek(addr + PAGE_SIZE, &info)) &&
	    info.kind == VMALLOC_STACK && addr >= info.start - PAGE_SIZE) {
		bounds->start = info.start;
		bounds->end = info.start + info.size;
		bounds->name = "kernel stack";
		bounds->caller = info.caller;
		return true;
	}
	return arch_find_boot_stack(addr, bounds);
}
