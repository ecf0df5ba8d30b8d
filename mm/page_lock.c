/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks of pages: a bit, and a few wait queues for all.
 *
 * Pages are many and waiting is rare, so a page has no queue of its own.  Who finds PG_locked sets
 * PG_waiters and tries again before he sleeps; who unlocks takes both bits away at once, and if
 * PG_waiters was among them wakes the queue.  All changes of a page's flags are atomic operations
 * on one word, so either the waiter's second try finds the lock free, or the unlocking finds
 * PG_waiters:
 *
 *	waiter				holder
 *	set PG_waiters
 *	set PG_locked: it was set
 *					clear PG_locked, PG_waiters: the latter was set
 *	sleep				wake the queue
 *
 * All of the queue wake up and try, others' pages included; the losers set PG_waiters again.
 */
#include <oshit/init.h>
#include <oshit/pagecache.h>
#include <oshit/sched.h>
#include <oshit/wait.h>

#define QUEUE_BITS 6
#define NR_QUEUES  (1U << QUEUE_BITS)

static struct wait_queue_head queues[NR_QUEUES];

void __init page_lock_init(void)
{
	for (unsigned int i = 0; i < NR_QUEUES; i++)
		init_waitqueue_head(&queues[i]);
}

static struct wait_queue_head *queue_of(const struct page *page)
{
	u64 hash = page_to_pfn(page) * 0x9e3779b97f4a7c15UL;

	return &queues[hash >> (64 - QUEUE_BITS)];
}

static bool announce_and_try(struct page *page)
{
	set_bit(PG_waiters, &page->flags);
	return trylock_page(page);
}

void __lock_page(struct page *page)
{
	wait_event(*queue_of(page), announce_and_try(page));
}

void __unlock_page(struct page *page)
{
	unsigned long both = BIT(PG_locked) | BIT(PG_waiters);

	if (__atomic_fetch_and(&page->flags, ~both, __ATOMIC_SEQ_CST) & BIT(PG_waiters))
		wake_up_all(queue_of(page));
}

static bool announce_and_look(struct page *page)
{
	set_bit(PG_waiters, &page->flags);
	return !page_has_flag(page, PG_writeback);
}

/* PG_waiters goes with the lock, which the caller has: so it stays until he looks. */
void page_wait_writeback(struct page *page)
{
	if (page_has_flag(page, PG_writeback))
		wait_event(*queue_of(page), announce_and_look(page));
}

void page_end_writeback(struct page *page)
{
	if (__atomic_fetch_and(&page->flags, ~BIT(PG_writeback), __ATOMIC_SEQ_CST) &
	    BIT(PG_waiters))
		wake_up_all(queue_of(page));
}
