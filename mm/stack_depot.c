/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stack depot.  A hash table whose entries are appended to one array and never removed; a handle is
 * an entry's place in the array, in words.  Looking up takes no lock: an entry is complete before
 * the release store that links it.  Adding takes the lock and looks again.  When the array is full
 * new stacks get handle 0, which costs reports their detail and nothing else.
 *
 * The memory is taken once while booting, because the allocators themselves call here.
 */

#include <arch/page.h>
#include <oshit/atomic.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/memblock.h>
#include <oshit/sizes.h>
#include <oshit/spinlock.h>
#include <oshit/stack_depot.h>
#include <oshit/stacktrace.h>
#include <oshit/string.h>

#define MAX_FRAMES 16
#define NR_BUCKETS 4096UL
/* The depot takes this part of memory, between the next two; KASAN has twice as many stacks. */
#define SHARE	   (IS_ENABLED(CONFIG_KASAN) ? 64 : 256)
#define MIN_SIZE   KIB(64)
#define MAX_SIZE   MIB(4)

struct depot_stack { /* constant once linked; in words of 8 bytes, as frames are */
	u32 next; /* handle */
	u16 nr_frames;
	u16 hash;
	unsigned long frames[];
};

static DEFINE_RAW_SPINLOCK(depot_lock); /* d: nr_words, and who links */
static unsigned long *words; /* i */
static unsigned long max_words; /* i */
static unsigned long nr_words = 1; /* d  handle 0 is none */
static u32 buckets[NR_BUCKETS]; /* d  handles */

void __init stack_depot_init(void)
{
	u64 size = clamp(memblock_memory_size() / SHARE, MIN_SIZE, MAX_SIZE);

	words = memblock_alloc(size, PAGE_SIZE);
	if (words)
		max_words = size / sizeof(*words);
}

static struct depot_stack *stack_at(u32 handle)
{
	return (struct depot_stack *)&words[handle];
}

/* Multiplies and folds: spreads addresses that differ in few bits. */
static u32 hash_frames(const unsigned long *frames, unsigned int nr)
{
	u64 hash = nr;

	for (unsigned int i = 0; i < nr; i++)
		hash = (hash ^ frames[i]) * 0x9e3779b97f4a7c15UL;
	return hash >> 32;
}

static u32 find(u32 hash, const unsigned long *frames, unsigned int nr)
{
	u32 handle = smp_load_acquire(&buckets[hash % NR_BUCKETS]);

	while (handle) {
		const struct depot_stack *stack = stack_at(handle);

		if (stack->hash == (u16)hash && stack->nr_frames == nr &&
		    !memcmp(stack->frames, frames, nr * sizeof(*frames)))
			return handle;
		handle = stack->next;
	}
	return 0;
}

static u32 append(u32 hash, const unsigned long *frames, unsigned int nr)
{
	unsigned long size = sizeof(struct depot_stack) / sizeof(*words) + nr;
	struct depot_stack *stack;
	u32 handle = nr_words;

	if (nr_words + size > max_words)
		return 0;
	nr_words += size;
	stack = stack_at(handle);
	stack->hash = hash;
	stack->nr_frames = nr;
	memcpy(stack->frames, frames, nr * sizeof(*frames));
	stack->next = buckets[hash % NR_BUCKETS];
	/* Pairs with the load in find(): whoever sees the handle sees the stack. */
	smp_store_release(&buckets[hash % NR_BUCKETS], handle);
	return handle;
}

u32 stack_depot_save(unsigned int skip)
{
	unsigned long frames[MAX_FRAMES], flags;
	unsigned int nr;
	u32 hash, handle;

	if (!max_words)
		return 0;
	nr = stack_trace_save(frames, MAX_FRAMES, skip + 1);
	hash = hash_frames(frames, nr);
	handle = find(hash, frames, nr);
	if (handle)
		return handle;
	raw_spin_lock_irqsave(&depot_lock, flags);
	handle = find(hash, frames, nr) ?: append(hash, frames, nr);
	raw_spin_unlock_irqrestore(&depot_lock, flags);
	return handle;
}

void stack_depot_print(enum log_level level, u32 handle)
{
	if (handle)
		stack_trace_print(level, stack_at(handle)->frames, stack_at(handle)->nr_frames);
}
