/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * No translations are cached on a simulated machine. Flushes of kernel ranges are left to the
 * program under test to define, so that it can check that they happen.
 */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

#include <oshit/mm_context.h>

struct tlb_pages {
	unsigned int nr;
};

static inline void tlb_pages_add(struct tlb_pages *pages, unsigned long addr __maybe_unused)
{
	pages->nr++;
}

struct tlb_batch {
	struct tlb_pages pages;
};

static inline void tlb_batch_add(struct tlb_batch *batch,
				 struct mm_context *context __maybe_unused, unsigned long addr)
{
	tlb_pages_add(&batch->pages, addr);
}

static inline void tlb_batch_flush(struct tlb_batch *batch)
{
	batch->pages.nr = 0;
}

void flush_tlb_kernel_range(unsigned long start, unsigned long last);

static inline void flush_tlb_mm_pages(struct mm_context *context __maybe_unused,
				      struct tlb_pages *pages __maybe_unused)
{
}

static inline void flush_tlb_mm_range(struct mm_context *context __maybe_unused,
				      unsigned long start __maybe_unused,
				      unsigned long last __maybe_unused)
{
}

static inline bool flush_tlb_mm_page_if_alone(struct mm_context *context __maybe_unused,
					      unsigned long addr __maybe_unused)
{
	return true;
}

static inline void flush_tlb_local_page(unsigned long addr __maybe_unused)
{
}

#endif
