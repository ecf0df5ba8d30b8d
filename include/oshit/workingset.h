/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What has left memory lately, so that what comes back too soon is known as such: mm/workingset.c.
 * A page is named by its owner (a mapping, or the swap device) and its index there.
 */
#ifndef OSHIT_WORKINGSET_H
#define OSHIT_WORKINGSET_H

#include <oshit/types.h>

struct page;

#ifdef CONFIG_RECLAIM
/* Memory is short for the first time: from now on evictions are remembered, if there is memory for
 * that. Task; may sleep. */
void workingset_enable(void);
/* @nr pages were evicted or activated: so much older is what was evicted before. Any context. */
void workingset_age(unsigned long nr);
/* The page at @index of @owner goes. Any context. */
void workingset_evict(const void *owner, unsigned long index);
/* @page is the one at @index of @owner, is new in memory and not on a list yet: it comes to the
 * active one if it would still be there, had that been longer. Any context. */
void workingset_refault(struct page *page, const void *owner, unsigned long index);
#else
static inline void workingset_evict(const void *owner __maybe_unused,
				    unsigned long index __maybe_unused)
{
}

static inline void workingset_refault(struct page *page __maybe_unused,
				      const void *owner __maybe_unused,
				      unsigned long index __maybe_unused)
{
}
#endif

#endif
