/* SPDX-License-Identifier: GPL-2.0-only */
/* Caches that can give memory back register here; the page allocator asks them when it runs out. */
#ifndef OSHIT_SHRINKER_H
#define OSHIT_SHRINKER_H

#include <oshit/gfp.h>
#include <oshit/list.h>

struct shrinker {
	const char *name;
	/**
	 * @shrink: free about @nr pages, if @gfp allows what that takes
	 * Context: task, may sleep; no lock of the allocator is held, but the caller's own may be.
	 * Return: pages freed.
	 */
	unsigned long (*shrink)(struct shrinker *shrinker, gfp_t gfp, unsigned long nr);
	struct list_head list; /* of mm/shrinker.c */
};

/* For good: there is no way back. Any context. */
void register_shrinker(struct shrinker *shrinker);

/* Asks one after the other until @nr pages are free. Context: task. Return: pages freed. */
unsigned long shrink_caches(gfp_t gfp, unsigned long nr);

#endif
