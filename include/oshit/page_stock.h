/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What two threads do for the page allocator ahead of need, while a CPU has nothing else to do:
 *
 *	kbuddyd/N	fills the list of single pages of CPU N before it is empty	PAGE_PREFILL
 *	kzerod		keeps a stock of pages that hold zeros			PAGE_PREZERO
 *
 * The lists are the allocator's (mm/page_alloc.c, mm/page_stock.c); the threads are in mm/kbuddyd.c
 * and mm/kzerod.c, a tier above.
 */
#ifndef OSHIT_PAGE_STOCK_H
#define OSHIT_PAGE_STOCK_H

#include <oshit/types.h>

struct page_counts;
struct task_struct;

/* Since boot; single pages, no blocks. */
struct page_stock_counts {
	unsigned long nr_prefilled; /* pages that kbuddyd has put on CPUs' lists */
	unsigned long nr_zeroed; /* pages that kzerod has zeroed */
	unsigned long nr_saved; /* handed out of the stock, so nobody had to wait for the zeroing */
};

/* A snapshot. Any context. */
void page_stock_counts_get(struct page_stock_counts *counts);

/* Between the two nothing is moved ahead of need: counts of free pages stand still while nobody
 * allocates.  They nest. Context: task. */
void page_stock_hold(void);
void page_stock_release(void);

/* page_counts_get() between them: exact while nobody allocates. Context: task. */
void page_counts_get_still(struct page_counts *counts);

#ifdef CONFIG_PAGE_PREFILL
/* Who is to be woken when the list of @cpu is low; it calls the second, on that CPU. */
void page_prefill_set_task(unsigned int cpu, struct task_struct *task);
void page_prefill(void);

/* Starts the threads. Boot, in a task. */
void kbuddyd_init(void);
#else
static inline void kbuddyd_init(void)
{
}
#endif

#ifdef CONFIG_PAGE_PREZERO
/* Who is to be woken when the stock is low; it calls the second until that says false. */
void page_prezero_set_task(struct task_struct *task);
bool page_prezero_one(void);

void kzerod_init(void);
#else
static inline void kzerod_init(void)
{
}
#endif

#endif
