/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private pages on their way to swap: out of all tables.
 *
 * Each entry that maps the page becomes one that names its slot, under the lock of its table; its
 * processors forget the old one before the page is written (mm/deferred_flush.c).  The page is
 * locked, so who faults on a new entry finds it in the swap cache and waits until it is written, or
 * going to be.
 * Entries that fork copies meanwhile are found, or copied from what we have made: a table is copied
 * under the locks of both.  If one was missed the page counts as mapped, and stays.
 *
 * Locks: the page's; the rwsem of the anon_vma's root, tried; those of tables; that of the device.
 */
#include <arch/tlb.h>
#include <oshit/lru.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>
#include <oshit/rmap.h>
#include <oshit/swap.h>

#include "deferred_flush.h"
#include "huge_memory.h"
#include "swap.h"
#include "user_page.h"
#include "user_table.h"
#include "vmscan.h"

struct unmap_rmap {
	struct rmap_walk walk;
	struct page *page;
	struct deferred_flush *flush;
};

static void to_swap_entry(struct mm_struct *mm, struct page *page, pte_t *pte)
{
	swap_entry_t entry = page_swap_entry(page);
	pte_t old;

	swap_entry_get(entry);
	swap_note_mm(mm);
	old = xchg(pte, entry.pte);
	if (old & PTE_DIRTY)
		set_bit(PG_dirty, &page->flags);
	page_remove_map(page);
	WRITE_ONCE(mm->peak_pages, mm_peak_pages(mm));
	atomic64_dec(&mm->counters[MM_ANON_PAGES]);
	atomic64_inc(&mm->counters[MM_SWAP_ENTRIES]);
}

static bool unmap_in_area(struct rmap_walk *walk, struct vm_area *area, unsigned long addr)
{
	struct unmap_rmap *unmap = container_of(walk, struct unmap_rmap, walk);
	struct page *page = unmap->page;
	struct mm_struct *mm = area->mm;
	bool is_mapped, stays;
	pte_t *pte;

	if (addr < area->start || addr >= area->end)
		return true;
	if (mm_is_going(mm))
		return false;
	pte = user_pte_find_lock(mm, addr);
	if (!pte)
		return true;
	is_mapped = pte_counted_page(*pte) == page;
	/* Under the lock: mlock() sets the flag first, then looks what is there. */
	stays = READ_ONCE(area->flags) & VM_LOCKED;
	if (is_mapped && !stays) {
		to_swap_entry(mm, page, pte);
		defer_flush(unmap->flush, mm, addr);
	}
	user_pte_unlock(mm, pte);
	if (!is_mapped || stays)
		return !is_mapped;
	put_page(page);
	return true;
}

bool try_to_unmap(struct page *page, struct deferred_flush *flush)
{
	struct unmap_rmap unmap = { .walk.visit = unmap_in_area, .page = page, .flush = flush };

	rmap_walk_try(page, 1, &unmap.walk);
	return !page_is_mapped(page);
}

/* --- madvise(MADV_PAGEOUT) --- */

#define BATCH LRU_BATCH

struct page_out {
	struct page_walk walk;
	struct mm_struct *mm;
	struct page *pages[BATCH]; /* isolated, with a reference each */
	unsigned int nr;
};

/* Of a page that nobody else maps: what others want is not for us to say. */
static void collect(struct page_out *out, pte_t *pte)
{
	struct page *page = pte_counted_page(*pte);

	if (!page || page_map_count(page) != 1 || page_huge_head(page) || isolate_lru_page(page))
		return;
	__atomic_fetch_and(pte, ~PTE_ACCESSED, __ATOMIC_RELAXED);
	clear_bit(PG_referenced, &page->flags);
	out->pages[out->nr++] = page;
}

static int page_out_table(struct page_walk *walk, pte_t *entries, unsigned long addr __maybe_unused,
			  unsigned int nr)
{
	struct page_out *out = container_of(walk, struct page_out, walk);
	unsigned int i = 0;

	while (i < nr) {
		user_pte_lock(out->mm, entries);
		while (i < nr && out->nr < BATCH)
			collect(out, &entries[i++]);
		user_pte_unlock(out->mm, entries);
		swap_wait_for_writes(out->nr);
		reclaim_isolated(out->pages, out->nr);
		out->nr = 0;
	}
	return 0;
}

#ifdef CONFIG_THP
static int page_out_huge(struct page_walk *walk, pte_t *pmd, unsigned long addr,
			 unsigned int level __maybe_unused)
{
	huge_split_entry(container_of(walk, struct page_out, walk)->mm, pmd, addr);
	return PGWALK_DESCEND;
}
#else
#define page_out_huge NULL
#endif

void swap_page_out(struct vm_area *area, unsigned long start, unsigned long end)
{
	struct page_out out = {
		.walk = { .pt = &area->mm->pt,
			  .start = start,
			  .last = end - 1,
			  .table = page_out_table,
			  .large = page_out_huge },
		.mm = area->mm,
	};

	lru_drain_all();
	page_walk_range(&out.walk);
}
