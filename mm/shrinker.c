/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * List of shrinkers: how the page allocator, at the bottom, gets memory back from caches above it.
 * A cache that knows its size is asked for the share that reclaim looks at of the lists of pages,
 * twice over, for an object costs less to make than a page to read; what it did not give is owed,
 * up to all that it has. Entries are added and never removed, so the walk needs no lock: an entry
 * is complete before it is linked, and list_add_tail() links it with one store.  The lock orders
 * two who add.
 */

#include <oshit/math.h>
#include <oshit/shrinker.h>
#include <oshit/spinlock.h>
#include <oshit/vmstat.h>

#define LOW_PRIORITY 6 /* from here on reclaim is difficult: 1/64 of all has been looked at */

static LIST_HEAD(shrinkers);
static DEFINE_RAW_SPINLOCK(shrinkers_lock); /* writers */

void register_shrinker(struct shrinker *shrinker)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&shrinkers_lock, flags);
	list_add_tail(&shrinker->list, &shrinkers);
	raw_spin_unlock_irqrestore(&shrinkers_lock, flags);
}

unsigned long shrink_caches(gfp_t gfp, unsigned long nr)
{
	struct shrinker *shrinker;
	unsigned long nr_freed = 0;

	list_for_each_entry(shrinker, &shrinkers, list) {
		if (nr_freed >= nr)
			break;
		nr_freed += shrinker->shrink(shrinker, gfp, nr - nr_freed);
	}
	return nr_freed;
}

static unsigned long shrink_share(struct shrinker *shrinker, gfp_t gfp, unsigned int priority)
{
	unsigned long nr_all = shrinker->count(shrinker), nr, nr_freed;

	nr = min(READ_ONCE(shrinker->nr_owed) + (nr_all >> priority) * 2, nr_all);
	if (nr < min(SHRINK_BATCH, nr_all) && priority) {
		WRITE_ONCE(shrinker->nr_owed, nr);
		return 0;
	}
	nr_freed = nr ? shrinker->shrink(shrinker, gfp, nr) : 0;
	WRITE_ONCE(shrinker->nr_owed, nr - min(nr, nr_freed));
	vm_stat_add(SLABS_SCANNED, (long)nr);
	return nr_freed;
}

unsigned long shrink_in_proportion(gfp_t gfp, unsigned int priority)
{
	struct shrinker *shrinker;
	unsigned long nr_freed = 0;

	list_for_each_entry(shrinker, &shrinkers, list) {
		if (shrinker->count)
			nr_freed += shrink_share(shrinker, gfp, priority);
		else if (priority <= LOW_PRIORITY)
			nr_freed += shrinker->shrink(shrinker, gfp, SHRINK_BATCH);
	}
	return nr_freed;
}
