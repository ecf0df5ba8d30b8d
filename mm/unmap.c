/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking pages out of an address space, and hiding them.
 *
 * An entry is emptied by an exchange, because a CPU may set its accessed and dirty bits until the
 * moment it is gone.  The page's reference goes to the gather and is dropped after the flush: until
 * then another CPU may still write to the page.  The accounts are changed once a table.
 *
 * Locks: that of one table at a time, dropped when the gather is full.
 */
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/page.h>

#include "huge_memory.h"
#include "swap.h"
#include "user_page.h"
#include "user_table.h"

struct unmap_counts { /* pages */
	long nr[NR_MM_COUNTERS]; /* and swap entries */
	long nr_anon, nr_file; /* whose last entry it was */
};

struct unmap_walk {
	struct page_walk walk;
	struct user_gather *gather;
	bool keeps_copies; /* in   pages that are no file's stay */
	struct unmap_counts unmapped;
};

static bool stays(pte_t entry)
{
	const struct page *page;

	if (pte_is_swapped(entry))
		return true;
	page = pte_counted_page(entry);
	return page && page_is_anon(page);
}

static __always_inline void unmap_page(struct unmap_walk *unmap, struct user_gather *gather,
				       struct page *page)
{
	unmap->unmapped.nr[page_counter(page)]++;
	if (page_drop_map(page)) {
		if (page_is_anon(page))
			unmap->unmapped.nr_anon++;
		else
			unmap->unmapped.nr_file++;
	}
	swap_drop_orphan(page);
	user_gather_page(gather, page);
}

/* Empties one entry; its page, if it has one, goes to the gather. */
static __always_inline void unmap_entry(struct unmap_walk *unmap, struct user_gather *gather,
					pte_t *pte, unsigned long addr)
{
	pte_t old = xchg(pte, 0);
	struct page *page;

	if (unlikely(pte_is_swapped(old))) {
		unmap->unmapped.nr[MM_SWAP_ENTRIES]++;
		swap_entry_put(swap_entry_of(old));
		return;
	}
	user_gather_range(gather, addr, addr);
	page = pte_counted_page(old);
	if (page)
		unmap_page(unmap, gather, page);
}

static int unmap_table(struct page_walk *walk, pte_t *entries, unsigned long addr, unsigned int nr)
{
	struct unmap_walk *unmap = container_of(walk, struct unmap_walk, walk);
	struct user_gather *gather = unmap->gather;
	struct mm_struct *mm = gather->mm;

	user_pte_lock(mm, entries);
	for (unsigned int i = 0; i < nr; i++) {
		if (!entries[i])
			continue;
		if (!user_gather_has_room(gather)) {
			user_pte_unlock(mm, entries);
			user_gather_end(gather);
			user_pte_lock(mm, entries);
			/* A fault may have made a private copy meanwhile, reclaim taken it away. */
			if (!entries[i])
				continue;
		}
		if (!unmap->keeps_copies || !stays(entries[i]))
			unmap_entry(unmap, gather, &entries[i], addr + i * PAGE_SIZE);
	}
	user_pte_unlock(mm, entries);
	return 0;
}

#ifdef CONFIG_THP
static int unmap_huge(struct page_walk *walk, pte_t *pmd, unsigned long addr, unsigned int level)
{
	struct unmap_walk *unmap = container_of(walk, struct unmap_walk, walk);

	if (page_walk_covers(walk, addr, level))
		return huge_unmap(unmap->gather, pmd, addr);
	huge_split_entry(unmap->gather->mm, pmd, addr);
	return PGWALK_DESCEND;
}
#else
#define unmap_huge NULL
#endif

static void unmap_range(struct user_gather *gather, unsigned long start, unsigned long end,
			bool keeps_copies)
{
	struct mm_struct *mm = gather->mm;
	struct unmap_walk unmap;

	WRITE_ONCE(mm->peak_pages, mm_peak_pages(mm));
	page_walk_init(&unmap.walk, &mm->pt);
	unmap.walk.table = unmap_table;
	unmap.walk.large = unmap_huge;
	unmap.walk.start = start;
	unmap.walk.last = end - 1;
	unmap.gather = gather;
	unmap.keeps_copies = keeps_copies;
	unmap.unmapped = (struct unmap_counts){ .nr_anon = 0 };
	page_walk_range(&unmap.walk);
	for (size_t i = 0; i < NR_MM_COUNTERS; i++)
		if (unmap.unmapped.nr[i])
			atomic64_sub(unmap.unmapped.nr[i], &mm->counters[i]);
	if (unmap.unmapped.nr_anon)
		vm_stat_add(NR_ANON_MAPPED, -unmap.unmapped.nr_anon);
	if (unmap.unmapped.nr_file)
		vm_stat_add(NR_FILE_MAPPED, -unmap.unmapped.nr_file);
}

void user_unmap_pages(struct user_gather *gather, unsigned long start, unsigned long end)
{
	unmap_range(gather, start, end, false);
}

void user_unmap_cached_pages(struct user_gather *gather, unsigned long start, unsigned long end)
{
	unmap_range(gather, start, end, true);
}
