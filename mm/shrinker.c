/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * List of shrinkers: how the page allocator, at the bottom, gets memory back from caches above it.
 * Entries are added and never removed, so the walk needs no lock: an entry is complete before it is
 * linked, and list_add_tail() links it with one store.  The lock orders two who add.
 */

#include <oshit/shrinker.h>
#include <oshit/spinlock.h>

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
