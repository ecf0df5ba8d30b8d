/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Do two CPUs read the same time-stamp counter, as far as anybody can tell?
 *
 * Each tells the other what it has read last, by a word in memory.  Each looks at the other's word
 * and then reads its own counter: what it sees there was read before, beyond doubt, so its own
 * reading must not be smaller.  If it is, the counters differ, by more than it takes to pass a word
 * on.  A difference that is smaller than that cannot be seen by other code either.  The opposite
 * error is impossible: if one counter drives both CPUs, as in an emulator that passes the host's
 * on, nothing that the host does to the virtual CPUs can make it smaller.
 *
 * Nobody waits for the other's next word, but only news count: without any, nothing has been
 * compared.  On hardware there are a thousand within a tenth of a millisecond.  Virtual CPUs that
 * the host runs one after the other, not at the same time, learn little by waiting: once is enough
 * there.
 */
#include <arch/processor.h>
#include <oshit/irqflags.h>
#include <oshit/math.h>
#include <oshit/smp.h>

#include "tsc_sync.h"

#define NEWS_WANTED  1000
#define NEWS_MIN     1
#define CYCLES_SHORT 500000 /* about 0.2 ms: then one is enough */
#define CYCLES_LONG  1000000000 /* about 0.5 s: then none are */

/* Both know enough, or will not. */
static bool is_done(const struct warp_check *check, u64 cycles)
{
	int nr_news =
		min(atomic_read(&check->sides[0].nr_news), atomic_read(&check->sides[1].nr_news));

	return nr_news >= NEWS_WANTED || cycles > CYCLES_LONG ||
	       (nr_news >= NEWS_MIN && cycles > CYCLES_SHORT);
}

void warp_check_run(struct warp_check *check, unsigned int side)
{
	struct warp_side *own = &check->sides[side];
	const struct warp_side *other = &check->sides[!side];
	u64 start = cpu_cycles_ordered(), seen = 0, now;

	do {
		/* Pairs with the other side's release: its reading is older than ours. */
		u64 latest = smp_load_acquire(&other->latest);

		now = cpu_cycles_ordered();
		smp_store_release(&own->latest, now);
		if (now < latest)
			own->max_warp = max(own->max_warp, latest - now);
		if (latest != seen)
			atomic_inc(&own->nr_news);
		seen = latest;
		cpu_relax();
	} while (!is_done(check, now - start));
	atomic_inc_return(&check->nr_done); /* orders what was written before */
}

u64 warp_check_result(const struct warp_check *check)
{
	return max(check->sides[0].max_warp, check->sides[1].max_warp);
}

static void run_other_side(void *check)
{
	warp_check_run(check, 1);
}

u64 tsc_warp(unsigned int cpu)
{
	static struct warp_check check; /* CPUs come up one by one */
	static struct call_single_data call = { .fn = run_other_side, .arg = &check };
	unsigned long flags;

	check = (struct warp_check){ .nr_done = ATOMIC_INIT(0) };
	if (smp_call_function_async(cpu, &call))
		return 0;
	local_irq_save(flags);
	warp_check_run(&check, 0);
	local_irq_restore(flags);
	while (atomic_read_acquire(&check.nr_done) < 2)
		cpu_relax();
	return warp_check_result(&check);
}
