/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kswapd: the thread that reclaims ahead of need.
 *
 * The page allocator wakes it when a zone is below its low mark, and it goes on until one that the
 * request could use is above its high mark.  So nearly all requests find free memory, and only who
 * takes it faster than it comes reclaims for himself, below min.
 *
 *	high	kswapd goes to sleep
 *	low	and is woken
 *	min	requests that may wait reclaim for themselves
 *	min / 2	and first wait for kswapd: many tasks that reclaim at once would use up what
 *		kswapd, and the disk, need to make any of it free
 *
 * If it has freed nothing in NR_FAILURES turns it stays asleep until somebody who reclaims for
 * himself has more luck: nobody waits for it then.  Without DIRECT_RECLAIM nobody can have, so who
 * finds no memory has it try one turn more.
 *
 * Locks: none; what is asked of it is one atomic word.
 */
#define pr_fmt(fmt) "kswapd: " fmt

#include <oshit/err.h>
#include <oshit/kthread.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/printk.h>
#include <oshit/sched.h>
#include <oshit/vmstat.h>
#include <oshit/wait.h>
#include <oshit/workingset.h>

#include "vmscan.h"

#define NR_FAILURES   16
#define WAIT_NS	      (100 * NSEC_PER_MSEC)
#define WAIT_LIMIT_NS NSEC_PER_SEC /* then he tries himself */

static struct { /* a: atomic   t: the thread */
	struct task_struct *thread; /* set once; NULL: none */
	atomic_t wanted; /* a  1 + the lowest zone that is asked for; 0: nothing */
	atomic_t nr_failures; /* a  turns without anything freed */
	struct wait_queue_head waiters; /* for memory, or the end of a turn */
	atomic_t nr_turns; /* a */
} kswapd = {
	.waiters = WAIT_QUEUE_HEAD_INIT(kswapd.waiters),
};

/* --- marks --- */

/* How many pages a request for @highest, or lower, may take from @zone before it is at the mark. */
static bool is_above(const struct zone *zone, unsigned long mark, enum zone_id highest)
{
	if (zone < &zones[highest])
		mark += zone->nr_spared;
	return READ_ONCE(zone->nr_managed) && READ_ONCE(zone->nr_free) > mark;
}

static bool is_balanced(enum zone_id highest)
{
	bool balanced = false;

	for (enum zone_id id = 0; id <= highest; id++)
		balanced |= is_above(&zones[id], zones[id].watermarks[WMARK_HIGH], highest);
	return balanced;
}

static bool has_reserve(enum zone_id highest)
{
	unsigned long nr_free = 0, nr_reserve = 0;

	for (enum zone_id id = 0; id <= highest; id++) {
		nr_free += READ_ONCE(zones[id].nr_free);
		nr_reserve += zones[id].watermarks[WMARK_MIN] / 2;
	}
	return nr_free > nr_reserve;
}

static unsigned long pages_to_high_marks(enum zone_id highest)
{
	unsigned long nr = 0;

	for (enum zone_id id = 0; id <= highest; id++)
		nr += max(READ_ONCE(zones[id].watermarks[WMARK_HIGH]), RECLAIM_BATCH);
	return nr;
}

static enum zone_id highest_zone(gfp_t gfp)
{
	return gfp & __GFP_DMA32 ? ZONE_DMA32 : ZONE_NORMAL;
}

/* --- asking --- */

static bool has_given_up(void)
{
	return atomic_read(&kswapd.nr_failures) >= NR_FAILURES;
}

void kswapd_wake(gfp_t gfp, unsigned int order __maybe_unused)
{
	int zone = (int)highest_zone(gfp) + 1, old = atomic_read(&kswapd.wanted);

	if (!kswapd.thread || has_given_up() || (old && old <= zone))
		return;
	while (!atomic_try_cmpxchg(&kswapd.wanted, &old, zone))
		if (old && old <= zone)
			return;
	wake_up_process(kswapd.thread);
}

void kswapd_retry(void)
{
	atomic_set(&kswapd.nr_failures, 0);
}

/* Whose waiting could keep others from what they hold does not wait. */
static bool may_wait(gfp_t gfp)
{
	return kswapd.thread && gfp & __GFP_FS && !(current->flags & PF_KTHREAD) &&
	       !fatal_signal_pending(current);
}

bool kswapd_wait(gfp_t gfp, unsigned int order)
{
	enum zone_id highest = highest_zone(gfp);
	u64 deadline_ns = clock_ns() + WAIT_LIMIT_NS;

	if (!may_wait(gfp) || has_reserve(highest))
		return false;
	while (!has_reserve(highest) && !has_given_up() && clock_ns() < deadline_ns) {
		kswapd_wake(gfp, order);
		wait_event_timeout_ns(kswapd.waiters, has_reserve(highest) || has_given_up(),
				      WAIT_NS);
		if (fatal_signal_pending(current))
			break;
	}
	return page_alloc_has_free(gfp, order);
}

bool kswapd_wait_turn(gfp_t gfp, unsigned int order)
{
	int nr_turns = atomic_read(&kswapd.nr_turns);

	if (!kswapd.thread)
		return false;
	/* Nobody else would find out that there is something to be had again. */
	if (has_given_up())
		atomic_set(&kswapd.nr_failures, NR_FAILURES - 1);
	kswapd_wake(gfp, order);
	wait_event_timeout_ns(kswapd.waiters,
			      atomic_read(&kswapd.nr_turns) != nr_turns || has_given_up(), WAIT_NS);
	return !has_given_up();
}

/* --- the thread --- */

/* Until there is enough for requests of @highest. */
static void balance(enum zone_id highest)
{
	struct scan_control sc = { .gfp = GFP_KERNEL, .highest = highest, .is_kswapd = true };
	unsigned long nr_freed = 0;

	vm_stat_add(PAGEOUTRUN, 1);
	lru_drain_all();
	for (unsigned int priority = RECLAIM_PRIORITY; priority && !is_balanced(highest);) {
		sc.priority = priority;
		sc.nr_to_reclaim = pages_to_high_marks(highest);
		sc.nr_reclaimed = 0;
		sc.nr_scanned = 0;
		sc.nr_not_clean = 0;
		reclaim_pass(&sc);
		drain_local_pages();
		nr_freed += sc.nr_reclaimed;
		wake_up_all(&kswapd.waiters);
		/* With less effort again, as long as that is enough. */
		if (sc.nr_reclaimed < RECLAIM_BATCH)
			priority--;
		reclaim_throttle(&sc);
	}
	if (nr_freed)
		kswapd_retry();
	else if (!is_balanced(highest))
		atomic_inc(&kswapd.nr_failures);
}

static int kswapd_thread(void *data __maybe_unused)
{
	current->is_reclaiming = true;
	while (!kthread_should_stop()) {
		int wanted;

		set_current_state(TASK_IDLE);
		wanted = atomic_read(&kswapd.wanted);
		if (!wanted) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		workingset_enable();
		balance((enum zone_id)(wanted - 1));
		atomic_cmpxchg(&kswapd.wanted, wanted, 0);
		atomic_inc(&kswapd.nr_turns);
		wake_up_all(&kswapd.waiters);
	}
	return 0;
}

void kswapd_init(void)
{
	struct task_struct *task = kthread_create(kswapd_thread, NULL, "kswapd0");

	if (IS_ERR(task)) {
		pr_warn("no memory for its thread\n");
		return;
	}
	WRITE_ONCE(kswapd.thread, task);
	wake_up_process(task);
}
