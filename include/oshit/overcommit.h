/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Promised memory: pages that programs may come to write to, whether they have or not.  The theory
 * stands at the head of mm/overcommit.c.
 */
#ifndef OSHIT_OVERCOMMIT_H
#define OSHIT_OVERCOMMIT_H

#include <linux/errno.h>
#include <oshit/mmzone.h>
#include <oshit/swap.h>
#include <oshit/types.h>

struct mm_struct;

/* Pages of memory that there are. Any context. */
static inline unsigned long memory_total_pages(void)
{
	const struct zone *zone;
	unsigned long nr = 0;

	for_each_zone(zone) nr += READ_ONCE(zone->nr_managed);
	return nr;
}

#define OVERCOMMIT_GUESS  0 /* refuse only what can never be */
#define OVERCOMMIT_ALWAYS 1 /* refuse nothing */
#define OVERCOMMIT_NEVER  2 /* refuse what exceeds vm_commit_limit() */

#ifdef CONFIG_OVERCOMMIT
/* Linux's sysctls, in vm. */
extern unsigned long overcommit_memory; /* OVERCOMMIT_ */
extern unsigned long overcommit_ratio; /* percent of memory in the limit */
extern unsigned long overcommit_kbytes; /* the limit itself; 0: by the ratio */

/**
 * vm_enough_memory() - promise memory
 * @mm: whose pages they will be; NULL: nobody's
 *
 * Context: any task. Return: 0, and vm_unacct_memory() gives it back; -ENOMEM.
 */
int vm_enough_memory(struct mm_struct *mm, long nr_pages);

void vm_unacct_memory(long nr_pages);

/* Promised pages: Committed_AS. */
unsigned long vm_committed_pages(void);
/* What OVERCOMMIT_NEVER allows: CommitLimit, in pages. */
unsigned long vm_commit_limit(void);

static inline bool overcommit_is_refused(void)
{
	return overcommit_memory == OVERCOMMIT_NEVER;
}
#else
static inline int vm_enough_memory(struct mm_struct *mm __maybe_unused, long nr_pages)
{
	return nr_pages > (long)(memory_total_pages() + nr_swap_slots()) ? -ENOMEM : 0;
}

static inline void vm_unacct_memory(long nr_pages __maybe_unused)
{
}

/* Nobody counts. */
static inline unsigned long vm_committed_pages(void)
{
	return 0;
}

static inline unsigned long vm_commit_limit(void)
{
	return memory_total_pages() + nr_swap_slots();
}

static inline bool overcommit_is_refused(void)
{
	return false;
}
#endif

#endif
