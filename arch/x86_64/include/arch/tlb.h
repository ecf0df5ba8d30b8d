/* SPDX-License-Identifier: GPL-2.0-only */
/* What processors remember of page tables. */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

#include <oshit/cpumask.h>
#include <oshit/types.h>

#define TLB_MAX_PAGES 32 /* forgotten one by one; above that all: refilling costs less */

/* Pages of an address space that are to be forgotten; begins as { 0 }. */
struct tlb_pages {
	unsigned int nr; /* also of those there was no room for */
	unsigned long addr[TLB_MAX_PAGES];
};

static inline void tlb_pages_add(struct tlb_pages *pages, unsigned long addr)
{
	if (pages->nr < TLB_MAX_PAGES)
		pages->addr[pages->nr] = addr;
	pages->nr++;
}

/**
 * flush_tlb_kernel_range() - no CPU uses old translations of [@start, @last] any more
 *
 * The upper levels are included: tables that led there may be freed after it.
 *
 * Context: interrupts on once other CPUs run, because it waits for them; a spinlock may be held
 * that is only taken with interrupts on.
 */
void flush_tlb_kernel_range(unsigned long start, unsigned long last);

struct mm_context;

/**
 * flush_tlb_mm_range() - no CPU uses old translations of an address space in [@start, @last] any
 * more The upper levels are included. CPUs that do not have the address space loaded are left
 * alone.
 * Context: as flush_tlb_kernel_range().
 */
void flush_tlb_mm_range(struct mm_context *context, unsigned long start, unsigned long last);

/*
 * The same for one page, if no other CPU has the address space loaded; false: nothing was done, and
 * flush_tlb_mm_range() must follow.  It waits for nobody.  Context: preemption off.
 */
bool flush_tlb_mm_page_if_alone(struct mm_context *context, unsigned long addr);

/* The same for single pages, or all if there are too many; tables that led to them stay. */
void flush_tlb_mm_pages(struct mm_context *context, struct tlb_pages *pages);

/* Pages of any address spaces, and the CPUs that may know them; begins as { 0 }. */
struct tlb_batch {
	struct cpumask cpus;
	struct tlb_pages pages;
};

/* @addr of @context has been emptied, by an atomic exchange. Any context. */
void tlb_batch_add(struct tlb_batch *batch, struct mm_context *context, unsigned long addr);

/* The same for all that are in @batch, which is empty afterwards; address spaces may be gone. */
void tlb_batch_flush(struct tlb_batch *batch);

/* The same for one page and this CPU alone. Any context. */
void flush_tlb_local_page(unsigned long addr);

/* This CPU forgets all, what is global too. Any context. */
void flush_tlb_local(void);

#endif
