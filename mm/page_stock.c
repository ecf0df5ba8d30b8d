/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work of the page allocator done ahead of need: a stock of pages that hold zeros, in each zone.
 *
 * A request for one zeroed page (a first touch of anonymous memory, a page table) takes it from the
 * stock and saves the zeroing, which costs more than all the rest of a fault.  The thread kzerod
 * fills the stock: it takes a page off the free lists, zeroes it with no lock held, and puts it on
 * the zone's list.  Filling begins when a stock is below a half and ends when it is full, and only
 * goes on as long as its zone stays above the high mark, so nobody reclaims for the stock's sake.
 * Once a request finds a zone below its low mark all stocks are given back, before anything else is
 * tried: so no page that is wanted lies there, and larger blocks can join.
 *
 *	free (zone->nr_free) --take_to_zero()--> being zeroed --------> in stock --> allocated
 *	  ^		      (zone->nr_zeroed counts both)		   |
 *	  +------------------------- pages_zeroed_give_back() <------------+
 *
 * Who frees a page that holds zeros, as the page tables of programs do, may put it there, too:
 * free_zeroed_page().
 *
 * A page of the stock counts as free.  To all checks it is free, too: it has no reference, so a
 * second free is found, and KASAN keeps it closed.  DEBUG_PAGE_POISON looks for zeros instead of
 * its own pattern when the page is handed out.
 *
 * Blocks for huge pages.  Zeroing 2 MiB takes as long as 200 faults of small pages, so there is a
 * stock of blocks, too: up to 64 MiB, but only from the first request for one on.  A block is
 * zeroed in small pieces, between which kzerod may be preempted; what is left to do stands in the
 * zone.
 *
 * Locks: zone->lock for the stock.  The task that is to be woken is set once.
 *
 * Left out: a stock for each CPU: the zone's lock is taken for ten instructions, where the zeroing
 * took a thousand.
 */
#include <arch/page_ops.h>
#include <arch/processor.h>
#include <oshit/kasan.h>
#include <oshit/list.h>
#include <oshit/math.h>
#include <oshit/page_stock.h>
#include <oshit/sched.h>
#include <oshit/string.h>

#include "page_alloc.h"
#include "page_debug.h"

#define STOCK_MAX   512 /* pages: 2 MiB in each zone */
#define STOCK_SHARE 256 /* at most this part of the zone */
#define NR_BLOCK    (1UL << PREZERO_ORDER) /* pages of a block */
#define BLOCKS_MAX  32 /* 64 MiB in each zone */
#define BLOCK_SHARE 16
#define NR_AT_ONCE  16 /* pages of a block zeroed without preemption: some ten microseconds */

struct task_struct *page_zeroer;
static bool is_zeroing; /* under the lock of the zone that the page is from */
static bool blocks_are_wanted; /* somebody has asked for one */
static unsigned long nr_zeroed, nr_saved; /* since boot; a count lost between CPUs is no harm */

static unsigned long stock_limit(const struct zone *zone)
{
	return min(zone->nr_managed / STOCK_SHARE, (unsigned long)STOCK_MAX);
}

/* Without the lock a guess. */
static bool stock_may_grow(const struct zone *zone)
{
	return READ_ONCE(zone->nr_zeroed) < stock_limit(zone) &&
	       READ_ONCE(zone->nr_free) > zone->watermarks[WMARK_HIGH] && !page_stock_is_held();
}

/*
 * Only the crossing of the half wakes the thread, and a request that finds nothing.  One that is
 * awake is seen to be without more ado: it looks at the stock again before it sleeps.
 */
static void wake_zeroer(const struct zone *zone, unsigned long nr_left)
{
	struct task_struct *task = READ_ONCE(page_zeroer);

	if (task && READ_ONCE(task->state) != TASK_RUNNING &&
	    (!nr_left || nr_left == stock_limit(zone) / 2) && stock_may_grow(zone))
		wake_up_state(task, TASK_IDLE);
}

static struct page *take_from(struct zone *zone)
{
	struct page *page = NULL;
	unsigned long flags, nr_left;

	raw_spin_lock_irqsave(&zone->lock, flags);
	if (!list_empty(&zone->zeroed)) {
		page = list_first_entry(&zone->zeroed, struct page, lru);
		list_del(&page->lru);
		zone->nr_zeroed--;
		WRITE_ONCE(nr_saved, nr_saved + 1);
	}
	nr_left = zone->nr_zeroed;
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	wake_zeroer(zone, nr_left);
	return page;
}

struct page *page_take_zeroed(gfp_t gfp)
{
	struct page *page = NULL;

	for (int id = best_zone(gfp); id >= 0 && !page; id--) {
		struct zone *zone = &zones[id];

		/* Where all CPUs are busy there is none, and nobody need wait for the lock. */
		if (!list_empty(&zone->zeroed))
			page = take_from(zone);
		else if (zone->nr_managed)
			wake_zeroer(zone, 0);
	}
	if (page)
		page_check_zeroed(page);
	return page;
}

/* --- blocks --- */

static unsigned long block_limit(const struct zone *zone)
{
	return min(zone->nr_managed / BLOCK_SHARE / NR_BLOCK, (unsigned long)BLOCKS_MAX);
}

/* Without the lock a guess. */
static bool blocks_may_grow(const struct zone *zone)
{
	return READ_ONCE(blocks_are_wanted) &&
	       READ_ONCE(zone->nr_zeroed_blocks) < block_limit(zone) &&
	       READ_ONCE(zone->nr_free) > zone->watermarks[WMARK_HIGH] + NR_BLOCK &&
	       !page_stock_is_held();
}

static struct page *take_block_from(struct zone *zone)
{
	struct task_struct *task = READ_ONCE(page_zeroer);
	struct page *page = NULL;
	unsigned long flags;

	WRITE_ONCE(blocks_are_wanted, true);
	raw_spin_lock_irqsave(&zone->lock, flags);
	if (!list_empty(&zone->zeroed_blocks)) {
		page = list_first_entry(&zone->zeroed_blocks, struct page, lru);
		list_del(&page->lru);
		zone->nr_zeroed_blocks--;
	}
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	if (task && blocks_may_grow(zone))
		wake_up_state(task, TASK_IDLE);
	return page;
}

struct page *page_take_zeroed_block(gfp_t gfp)
{
	struct page *page = NULL;

	for (int id = best_zone(gfp); id >= 0 && !page; id--)
		if (zones[id].nr_managed)
			page = take_block_from(&zones[id]);
	for (unsigned long i = 0; page && i < NR_BLOCK; i++)
		page_check_zeroed(page + i);
	return page;
}

/* The zone is locked. */
static void give_blocks_back(struct zone *zone)
{
	while (!list_empty(&zone->zeroed_blocks)) {
		struct page *page = list_first_entry(&zone->zeroed_blocks, struct page, lru);

		list_del(&page->lru);
		zone->nr_zeroed_blocks--;
		buddy_give(zone, page, PREZERO_ORDER);
	}
	if (!zone->block || READ_ONCE(is_zeroing))
		return;
	zone->nr_zeroed_blocks--;
	buddy_give(zone, zone->block, PREZERO_ORDER);
	zone->block = NULL;
}

/* A block, or what is left to do of one. */
static struct page *block_to_zero(struct zone *zone)
{
	struct page *page;
	unsigned long flags;

	if (!READ_ONCE(zone->block) && !blocks_may_grow(zone))
		return NULL;
	raw_spin_lock_irqsave(&zone->lock, flags);
	if (!zone->block && blocks_may_grow(zone)) {
		zone->block = buddy_take(zone, PREZERO_ORDER);
		zone->nr_block_done = 0;
		if (zone->block)
			zone->nr_zeroed_blocks++;
	}
	/* Who holds the stock has taken the lock after he said so: he waits, or we see it. */
	page = page_stock_is_held() ? NULL : zone->block;
	if (page)
		WRITE_ONCE(is_zeroing, true);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

/* --- giving back --- */

void pages_zeroed_give_back(void)
{
	struct zone *zone;
	unsigned long flags;

	for_each_zone(zone)
	{
		if (!READ_ONCE(zone->nr_zeroed) && !READ_ONCE(zone->nr_zeroed_blocks))
			continue;
		raw_spin_lock_irqsave(&zone->lock, flags);
		give_blocks_back(zone);
		while (!list_empty(&zone->zeroed)) {
			struct page *page = list_first_entry(&zone->zeroed, struct page, lru);

			list_del(&page->lru);
			zone->nr_zeroed--;
			buddy_give(zone, page, 0);
		}
		raw_spin_unlock_irqrestore(&zone->lock, flags);
	}
}

bool page_stock_takes(const struct page *page)
{
	return stock_may_grow(&zones[page_zone_id(page)]);
}

void page_stock_put(struct page *page)
{
	struct zone *zone = &zones[page_zone_id(page)];
	unsigned long flags;

	raw_spin_lock_irqsave(&zone->lock, flags);
	list_add(&page->lru, &zone->zeroed);
	zone->nr_zeroed++;
	raw_spin_unlock_irqrestore(&zone->lock, flags);
}

/* --- for kzerod --- */

void page_prezero_set_task(struct task_struct *task)
{
	WRITE_ONCE(page_zeroer, task);
}

static struct page *take_to_zero(struct zone *zone)
{
	struct page *page = NULL;
	unsigned long flags;

	if (!stock_may_grow(zone))
		return NULL;
	raw_spin_lock_irqsave(&zone->lock, flags);
	if (stock_may_grow(zone))
		page = buddy_take(zone, 0);
	if (page) {
		zone->nr_zeroed++;
		WRITE_ONCE(is_zeroing, true);
	}
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

static void zero(struct page *page)
{
	kasan_unpoison(page_to_virt(page), PAGE_SIZE);
	if (IS_ENABLED(CONFIG_DEBUG_PAGE_POISON))
		page_check_poison(page, 0);
	clear_page(page_to_virt(page));
	kasan_poison(page_to_virt(page), PAGE_SIZE, KASAN_PAGE_FREE);
}

static bool zero_one(struct zone *zone)
{
	struct page *page = take_to_zero(zone);
	unsigned long flags;

	if (!page)
		return false;
	zero(page);
	raw_spin_lock_irqsave(&zone->lock, flags);
	list_add(&page->lru, &zone->zeroed);
	WRITE_ONCE(nr_zeroed, nr_zeroed + 1);
	WRITE_ONCE(is_zeroing, false);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return true;
}

static bool zero_some_of_block(struct zone *zone)
{
	struct page *page = block_to_zero(zone);
	unsigned long flags;

	if (!page)
		return false;
	for (unsigned int i = 0; i < NR_AT_ONCE; i++)
		zero(page + zone->nr_block_done + i);
	raw_spin_lock_irqsave(&zone->lock, flags);
	zone->nr_block_done += NR_AT_ONCE;
	if (zone->nr_block_done == NR_BLOCK) {
		list_add(&page->lru, &zone->zeroed_blocks);
		zone->block = NULL;
	}
	WRITE_ONCE(is_zeroing, false);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return true;
}

/* Not to be preempted with a page in hand: kzerod may not run again for long. */
bool page_prezero_one(void)
{
	struct zone *zone;
	bool done = false;

	preempt_disable();
	for (zone = zones; zone < zones + NR_ZONES && !done; zone++)
		done = zero_one(zone);
	for (zone = zones; IS_ENABLED(CONFIG_THP) && zone < zones + NR_ZONES && !done; zone++)
		done = zero_some_of_block(zone);
	preempt_enable();
	return done;
}

void page_prezero_wait(void)
{
	while (READ_ONCE(is_zeroing))
		cpu_relax();
}

void page_prezero_resume(void)
{
	struct task_struct *task = READ_ONCE(page_zeroer);

	/* It may have found the stock held, and gone to sleep. */
	if (task)
		wake_up_state(task, TASK_IDLE);
}

void page_prezero_counts(struct page_stock_counts *counts)
{
	counts->nr_zeroed = READ_ONCE(nr_zeroed);
	counts->nr_saved = READ_ONCE(nr_saved);
}
