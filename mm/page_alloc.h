/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the page allocator share; nobody else includes this. */
#ifndef MM_PAGE_ALLOC_H
#define MM_PAGE_ALLOC_H

#include <oshit/gfp.h>
#include <oshit/list.h>
#include <oshit/mmzone.h>
#include <oshit/sched.h>

/* mm/buddy.c. Callers of the first three hold zone->lock. */
struct page *buddy_take(struct zone *zone, unsigned int order);
void buddy_give(struct zone *zone, struct page *page, unsigned int order);
unsigned int buddy_take_pages(struct zone *zone, struct page **pages, unsigned int nr);
/* Single pages, of any zones. Any context but NMI. */
void buddy_give_pages(struct page **pages, unsigned int nr);
void buddy_init(struct zone *zone);
/* Writes the page array entries of a block; all are PG_reserved then. */
void buddy_write_block(unsigned long block);
/* The whole block is free and its entries need not be written yet. */
void buddy_add_fresh(unsigned long block);

/* mm/page_init.c */
extern unsigned long *page_blocks_fresh; /* z  a bit a block: free, entries not written */

/* mm/page_alloc.c */
void page_alloc_set_cpu_limits(void);
/* The zones for @gfp, from the best downwards: for (id = best_zone(gfp); id >= 0; id--). */
static inline enum zone_id best_zone(gfp_t gfp)
{
	return gfp & __GFP_DMA32 ? ZONE_DMA32 : ZONE_NORMAL;
}

/* Whether nothing is to be moved ahead of need now. With zone->lock it stays so. */
bool page_stock_is_held(void);

/* mm/page_stock.c: pages that hold zeros. */
struct page_stock_counts;
#define PREZERO_ORDER 9 /* that of a huge page */
#ifdef CONFIG_PAGE_PREZERO
/* A free page that holds zeros and is to be prepared; NULL: there is none. Any context. */
struct page *page_take_zeroed(gfp_t gfp);
extern struct task_struct *page_zeroer; /* set once; NULL: nobody fills the stock */
/* Whether that is worth trying: there may be one, or who makes them is asleep. No lock: a guess. */
static inline bool page_stock_is_worth_it(void)
{
	const struct task_struct *task = READ_ONCE(page_zeroer);

	return !list_empty(&zones[ZONE_DMA32].zeroed) || !list_empty(&zones[ZONE_NORMAL].zeroed) ||
	       (task && READ_ONCE(task->state) != TASK_RUNNING);
}
/* Whether the stock has room for @page, which is being freed and holds zeros; puts it there, when
 * it is free in all other respects. Any context but NMI. */
bool page_stock_takes(const struct page *page);
void page_stock_put(struct page *page);
/* The same for a block of PREZERO_ORDER, which some are kept of once somebody has asked. */
struct page *page_take_zeroed_block(gfp_t gfp);
/* Gives all of them back to the free lists. Any context. */
void pages_zeroed_give_back(void);
/* Until no page is being zeroed; the stock is held. Task. */
void page_prezero_wait(void);
/* It is not held any more. Task. */
void page_prezero_resume(void);
void page_prezero_counts(struct page_stock_counts *counts);
#else
static inline bool page_stock_is_worth_it(void)
{
	return false;
}
static inline struct page *page_take_zeroed(gfp_t gfp __maybe_unused)
{
	return NULL;
}
static inline bool page_stock_takes(const struct page *page __maybe_unused)
{
	return false;
}
static inline void page_stock_put(struct page *page __maybe_unused)
{
}
static inline struct page *page_take_zeroed_block(gfp_t gfp __maybe_unused)
{
	return NULL;
}
static inline void pages_zeroed_give_back(void)
{
}
static inline void page_prezero_wait(void)
{
}
static inline void page_prezero_resume(void)
{
}
static inline void page_prezero_counts(struct page_stock_counts *counts __maybe_unused)
{
}
#endif

#endif
