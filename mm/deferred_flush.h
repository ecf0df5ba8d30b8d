/* SPDX-License-Identifier: GPL-2.0-only */
/* Flushes that reclaim puts off, to have one for many pages: mm/deferred_flush.c. In mm/ only. */
#ifndef MM_DEFERRED_FLUSH_H
#define MM_DEFERRED_FLUSH_H

#include <arch/tlb.h>
#include <oshit/mm.h>

struct deferred_flush { /* begins as { 0 } */
	struct tlb_batch tlb;
};

#ifdef CONFIG_RECLAIM
/* An entry that mapped @addr has been emptied, by an exchange; its table is locked. The page stays
 * locked until deferred_flush_end(), and is not freed. */
void defer_flush(struct deferred_flush *flush, struct mm_struct *mm, unsigned long addr);
/* How many have been put off. */
static inline unsigned int nr_deferred(const struct deferred_flush *flush)
{
	return flush->tlb.pages.nr;
}
/* No CPU uses any of them any more. Context: as flush_tlb_mm_range(). */
void deferred_flush_end(struct deferred_flush *flush);

bool __mm_flush_deferred(struct mm_struct *mm);

/**
 * mm_flush_deferred() - no CPU uses what reclaim has emptied of @mm up to now
 * For who takes an entry that maps nothing as a sign that no CPU does. He has looked at it under
 * the lock of its table.
 * Context: as flush_tlb_mm_range().
 * Return: true: all of @mm was flushed.
 */
static inline bool mm_flush_deferred(struct mm_struct *mm)
{
	return unlikely(atomic_read(&mm->nr_deferred) != READ_ONCE(mm->nr_flushed)) &&
	       __mm_flush_deferred(mm);
}
#else
static inline void defer_flush(struct deferred_flush *flush __maybe_unused, struct mm_struct *mm,
			       unsigned long addr)
{
	flush_tlb_mm_range(&mm->context, addr, addr);
}

static inline bool mm_flush_deferred(struct mm_struct *mm __maybe_unused)
{
	return false;
}
#endif

#endif
