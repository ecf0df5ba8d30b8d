/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks for tasks, each an area of vmalloc, between guard pages.
 *
 * Mapping a stack takes two locks, and unmapping one makes all CPUs flush, while fork and exit want
 * it for a handful of instructions.  So stacks that are freed stay mapped for a while, in two
 * levels of arrays used as stacks:
 *
 *	of a CPU	the last few that were freed on it.  Only tasks on that CPU touch it, with
 *			preemption off; no interrupt handler may, so it needs no more than that.
 *			The array of a CPU that is off belongs to the one that took it off.
 *	the pool	for all CPUs.  Stacks are freed where their tasks ended, which others may
 *			have made.  Half of an array goes at a time, so its lock is taken seldom.
 *
 * A pool that is full is half emptied, and what falls out is unmapped with one flush.  Memory that
 * is short takes the pool back (a shrinker).
 *
 * Without STACK_GUARD a stack is a block of the page allocator; an overflow then writes over
 * whatever lies below.
 */
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/kernel_stack.h>
#include <oshit/math.h>
#include <oshit/percpu.h>
#include <oshit/preempt.h>
#include <oshit/shrinker.h>
#include <oshit/spinlock.h>
#include <oshit/string.h>

#include "vmalloc.h"

#define NR_KEPT	  4 /* stacks a CPU: 64 KiB */
#define NR_MOVED  (NR_KEPT / 2) /* between a CPU and the pool */
#define NR_POOLED (2 * VFREE_BATCH) /* in the pool: 512 KiB */

struct stack_cache { /* c: tasks on this CPU, preemption off */
	unsigned int nr; /* c */
	void *stacks[NR_KEPT]; /* c  the last is the warmest */
};

static DEFINE_PER_CPU(struct stack_cache, stack_cache);

static struct { /* p: ->lock; taken in tasks only */
	raw_spinlock_t lock;
	unsigned int nr; /* p */
	void *stacks[NR_POOLED]; /* p */
} pool = { .lock = RAW_SPINLOCK_INIT };

static void *stack_new(const void *caller)
{
	if (!IS_ENABLED(CONFIG_STACK_GUARD))
		return (void *)__get_free_pages(GFP_KERNEL, get_order(KERNEL_STACK_SIZE));
	return vmalloc_area(KERNEL_STACK_SIZE, GFP_KERNEL, VMALLOC_STACK, caller);
}

/* @nr is at most VFREE_BATCH. */
static void end_stacks(void *const *stacks, unsigned int nr)
{
	if (IS_ENABLED(CONFIG_STACK_GUARD) && nr) {
		vfree_areas(stacks, nr, VMALLOC_STACK);
		return;
	}
	for (unsigned int i = 0; i < nr; i++)
		free_pages((unsigned long)stacks[i], get_order(KERNEL_STACK_SIZE));
}

/* Up to @nr stacks out of the pool. Return: how many. */
static noinline unsigned int pool_take(void **stacks, unsigned int nr)
{
	raw_spin_lock(&pool.lock);
	nr = min(nr, pool.nr);
	pool.nr -= nr;
	memcpy(stacks, pool.stacks + pool.nr, nr * sizeof(*stacks));
	raw_spin_unlock(&pool.lock);
	return nr;
}

/* Puts @nr stacks, at most VFREE_BATCH, in the pool. If it is full, VFREE_BATCH fall out, into
 * @surplus. Return: how many fell out. */
static unsigned int pool_put(void *const *stacks, unsigned int nr, void **surplus)
{
	unsigned int nr_out = 0;

	raw_spin_lock(&pool.lock);
	if (pool.nr + nr > NR_POOLED) {
		nr_out = VFREE_BATCH;
		pool.nr -= nr_out;
		memcpy(surplus, pool.stacks + pool.nr, nr_out * sizeof(*stacks));
	}
	memcpy(pool.stacks + pool.nr, stacks, nr * sizeof(*stacks));
	pool.nr += nr;
	raw_spin_unlock(&pool.lock);
	return nr_out;
}

void *kernel_stack_alloc(void)
{
	struct stack_cache *cache;
	void *stack = NULL;

	preempt_disable();
	cache = this_cpu_ptr(&stack_cache);
	if (unlikely(!cache->nr))
		cache->nr = pool_take(cache->stacks, NR_MOVED);
	if (cache->nr)
		stack = cache->stacks[--cache->nr];
	preempt_enable();
	if (stack)
		kasan_forget_stack(stack, KERNEL_STACK_SIZE); /* frames that were never left */
	return stack ?: stack_new(__builtin_return_address(0));
}

/* The coldest of this CPU go to the pool, so that @stack has room. Preemption is off until here. */
static noinline void free_and_make_room(struct stack_cache *cache, void *stack)
{
	void *surplus[VFREE_BATCH];
	unsigned int nr = pool_put(cache->stacks, NR_MOVED, surplus);

	cache->nr -= NR_MOVED;
	memmove(cache->stacks, cache->stacks + NR_MOVED, cache->nr * sizeof(stack));
	cache->stacks[cache->nr++] = stack;
	preempt_enable();
	end_stacks(surplus, nr);
}

void kernel_stack_free(void *stack)
{
	struct stack_cache *cache;

	if (!stack)
		return;
	preempt_disable();
	cache = this_cpu_ptr(&stack_cache);
	if (unlikely(cache->nr == NR_KEPT))
		return free_and_make_room(cache, stack);
	cache->stacks[cache->nr++] = stack;
	preempt_enable();
}

void kernel_stack_drain_dead_cpu(unsigned int cpu)
{
	struct stack_cache *cache = per_cpu_ptr(&stack_cache, cpu);

	end_stacks(cache->stacks, cache->nr);
	cache->nr = 0;
}

/* At most @nr stacks leave the pool for good. Return: how many. */
static unsigned int drain_pool(unsigned int nr)
{
	void *stacks[VFREE_BATCH];
	unsigned int nr_taken, nr_ended = 0;

	do {
		nr_taken = pool_take(stacks, min(nr - nr_ended, (unsigned int)VFREE_BATCH));
		end_stacks(stacks, nr_taken);
		nr_ended += nr_taken;
	} while (nr_taken && nr_ended < nr);
	return nr_ended;
}

void kernel_stack_drain(void)
{
	struct stack_cache *cache, kept;

	preempt_disable();
	cache = this_cpu_ptr(&stack_cache);
	kept = *cache;
	cache->nr = 0;
	preempt_enable();
	end_stacks(kept.stacks, kept.nr);
	drain_pool(NR_POOLED);
}

static unsigned long shrink_pool(struct shrinker *shrinker __maybe_unused, gfp_t gfp __maybe_unused,
				 unsigned long nr)
{
	unsigned long pages = KERNEL_STACK_SIZE / PAGE_SIZE;
	unsigned long nr_stacks = min(nr, NR_POOLED * pages - 1) / pages + 1;

	return drain_pool((unsigned int)nr_stacks) * pages;
}

static struct shrinker pool_shrinker = { .name = "kernel stacks", .shrink = shrink_pool };

__init void kernel_stack_init(void)
{
	register_shrinker(&pool_shrinker);
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
