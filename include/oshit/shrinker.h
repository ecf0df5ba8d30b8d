/* SPDX-License-Identifier: GPL-2.0-only */
/* Caches that can give memory back register here; reclaim asks them when memory is short. */
#ifndef OSHIT_SHRINKER_H
#define OSHIT_SHRINKER_H

#include <oshit/gfp.h>
#include <oshit/list.h>

struct shrinker {
	const char *name;
	/**
	 * @count: about how many pages there are to be freed
	 * Reclaim asks for a share of it, as large as that of the lists of pages that it looks at.
	 * NULL: nobody knows; what there is is free already, or hard to get, so that such a
	 * shrinker is asked when reclaim has become difficult.
	 * Context: task.
	 */
	unsigned long (*count)(struct shrinker *shrinker);
	/**
	 * @shrink: free about @nr pages, if @gfp allows what that takes
	 * Context: task, may sleep; no lock of the allocator is held, but the caller's own may be.
	 * Return: pages freed.
	 */
	unsigned long (*shrink)(struct shrinker *shrinker, gfp_t gfp, unsigned long nr);
	struct list_head list; /* of mm/shrinker.c */
	unsigned long nr_owed; /* a  of a @count: asked for and not freed, for the next time */
};

/* For good: there is no way back. Any context. */
void register_shrinker(struct shrinker *shrinker);

/* Asks one after the other until @nr pages are free. Context: task. Return: pages freed. */
unsigned long shrink_caches(gfp_t gfp, unsigned long nr);

#define SHRINK_BATCH	 32UL /* pages: for less it is not worth to begin */
#define RECLAIM_PRIORITY 12 /* where reclaim begins: at 1/4096 of everything; at 0 with all */

/* Asks each for its share: @priority is how often everything is halved. Context as above. */
unsigned long shrink_in_proportion(gfp_t gfp, unsigned int priority);

#endif
