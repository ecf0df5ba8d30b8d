/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the page allocator share; nobody else includes this. */
#ifndef MM_PAGE_ALLOC_H
#define MM_PAGE_ALLOC_H

#include <oshit/gfp.h>
#include <oshit/mmzone.h>

/* mm/buddy.c. Callers of the first two hold zone->lock. */
struct page *buddy_take(struct zone *zone, unsigned int order);
void buddy_give(struct zone *zone, struct page *page, unsigned int order);
void buddy_init(struct zone *zone);
/* Writes the page array entries of a block; all are PG_reserved then. */
void buddy_write_block(unsigned long block);
/* The whole block is free and its entries need not be written yet. */
void buddy_add_fresh(unsigned long block);

/* mm/page_init.c */
extern unsigned long *page_blocks_fresh; /* z  a bit a block: free, entries not written */

/* mm/page_alloc.c */
void page_alloc_set_cpu_limits(void);

#endif
