/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Zones: the page allocator's memory by what can reach it.  There are two, because some devices
 * have 32 address bits; nothing that this kernel drives is bound to the first 16 MiB.
 */
#ifndef OSHIT_MMZONE_H
#define OSHIT_MMZONE_H

#include <oshit/page.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

enum zone_id {
	ZONE_DMA32, /* below 4 GiB */
	ZONE_NORMAL, /* the rest */
	NR_ZONES,
};

enum watermark {
	WMARK_MIN, /* below: only callers with __GFP_HIGH or __GFP_MEMALLOC */
	WMARK_LOW, /* below: wake who reclaims */
	WMARK_HIGH, /* he stops here */
	NR_WMARKS,
};

struct free_area {
	struct list_head list; /* z  heads, linked by page->lru */
	unsigned long nr_free; /* z  blocks */
};

struct zone { /* z: ->lock (interrupts off)   i: set at init, then constant   a: atomic */
	raw_spinlock_t lock;
	const char *name; /* i */
	unsigned long start_pfn, end_pfn; /* i */
	struct free_area areas[NR_PAGE_ORDERS]; /* z */
	unsigned int orders_in_use; /* z  a bit for each area that is not empty */
	unsigned long nr_free; /* z  pages on the lists and in fresh blocks */
	unsigned long nr_fresh; /* z  blocks never used, see mm/buddy.c */
	unsigned long next_fresh; /* z  no fresh block below this one */
	struct list_head zeroed; /* z  free pages that hold zeros, linked by page->lru */
	unsigned long nr_zeroed; /* z  these, and the one that is being zeroed */
	struct list_head zeroed_blocks; /* z  the same of blocks for huge pages */
	unsigned long nr_zeroed_blocks; /* z  these, and the one of which a part is */
	struct page *block; /* z  that one; NULL: none */
	unsigned int nr_block_done; /* pages of it, of kzerod */
	unsigned long nr_managed; /* z  pages that were given to the allocator */
	unsigned long watermarks[NR_WMARKS]; /* a  pages */
	unsigned long nr_spared; /* z  kept from requests that prefer a higher zone */
	unsigned long nr_batches; /* z  times the lock was taken for a CPU's list; since boot */
	unsigned long nr_blocks_taken; /* z  allocations that did not come from a CPU's list */
	unsigned long nr_blocks_put; /* z */
};

extern struct zone zones[NR_ZONES];

static inline struct zone *page_zone(const struct page *page)
{
	return &zones[page_zone_id(page)];
}

#define for_each_zone(zone) for ((zone) = zones; (zone) < zones + NR_ZONES; (zone)++)

struct page_counts { /* all in pages */
	unsigned long nr_managed;
	unsigned long nr_free; /* in zones, zeroed ones included, and on CPUs' lists */
	unsigned long nr_on_cpus;
	unsigned long nr_zeroed;
	unsigned long nr_zeroed_huge; /* in blocks for huge pages; not in nr_zeroed */
	unsigned long nr_fresh;
	unsigned long nr_taken; /* from CPUs' lists, since boot */
	unsigned long batch; /* that a CPU's list is filled and emptied by */
};

/* Whether the page is the allocator's, free or not; false for holes and what is reserved. */
bool pfn_is_managed(unsigned long pfn);

/* A snapshot; exact while nobody allocates. Any context. */
void page_counts_get(struct page_counts *counts);

/* Pages on the list of a CPU that is there; about right. Any context. */
unsigned int page_cpu_list_count(unsigned int cpu);

/*
 * Walks all free lists and checks each rule in mm/buddy.c's head. For tests and the monitor; takes
 * the zone locks. Return: number of violations, each logged.
 */
unsigned int page_alloc_verify(void);

#endif
