/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages in user page tables: which are counted, how they are mapped. In mm/ only. */
#ifndef MM_USER_PAGE_H
#define MM_USER_PAGE_H

#include <oshit/gfp.h>
#include <oshit/lru.h>
#include <oshit/mm.h>
#include <oshit/page.h>
#include <oshit/pagecache.h>
#include <oshit/rmap.h>
#include <oshit/vmstat.h>

#include "huge_memory.h"

/* Read faults of untouched anonymous memory share it; NULL without CONFIG_ZERO_PAGE. Constant. */
extern struct page *zero_page;

static inline bool page_is_zero(const struct page *page)
{
	return IS_ENABLED(CONFIG_ZERO_PAGE) && page == zero_page;
}

/* The page that an entry maps, visible or hidden, if it has accounts; else NULL. */
static inline struct page *pte_counted_page(pte_t pte)
{
	struct page *page;

	if (!pte_has_page(pte) || pte & PTE_SPECIAL)
		return NULL;
	page = phys_to_page(pte_phys(pte));
	return page_is_zero(page) || page_has_flag(page, PG_reserved) ? NULL : page;
}

static inline unsigned long page_anon_index(const struct page *page)
{
	return page_has_flag(page, PG_tail) ? page->head->index + (page - page->head) : page->index;
}

static inline enum mm_counter page_counter(const struct page *page)
{
	if (page_is_anon(page))
		return MM_ANON_PAGES;
	return page->private == PAGE_PRIVATE_SHMEM ? MM_SHMEM_PAGES : MM_FILE_PAGES;
}

static inline void count_mapped(const struct page *page, long nr)
{
	vm_stat_add(page_is_anon(page) ? NR_ANON_MAPPED : NR_FILE_MAPPED, nr);
}

static inline void page_add_map(struct page *page)
{
	if (atomic_inc_return(&page->mapcount) == 1)
		count_mapped(page, 1);
}

/* One more entry of a page that another one maps, whose table is locked, and a reference for it:
 * both counts at once. */
static inline void page_add_map_and_ref(struct page *page)
{
	if (unlikely(page_has_flag(page, PG_tail))) {
		get_page(page);
		atomic_inc(&page->mapcount);
	} else {
		__atomic_fetch_add(&page->counts, PAGE_COUNTS_MAPPED, __ATOMIC_RELAXED);
	}
}

/* Whether that was the last entry: then the caller counts it, with count_mapped(). */
static inline bool page_drop_map(struct page *page)
{
	if (atomic_dec_return(&page->mapcount))
		return false;
	/* The last area that may have locked it; a private page is freed next. */
	if (unlikely(page_has_flag(page, PG_unevictable)) && !page_is_anon(page))
		lru_munlock(page);
	return true;
}

static inline void page_remove_map(struct page *page)
{
	if (page_drop_map(page))
		count_mapped(page, -1);
}

/* Entries that map the page, small and large ones. */
static inline int page_all_maps(struct page *page)
{
	const struct page *head = page_huge_head(page);

	return page_map_count(page) + (head ? atomic_read(&head->whole_maps) : 0);
}

static inline bool page_is_mapped(struct page *page)
{
	return page_all_maps(page) > 0;
}

/* Alone: no other mapping, no page cache, nobody who looks at it. Under the lock of the entry. */
static inline bool page_is_exclusive(const struct page *page)
{
	return page_is_anon(page) && page_ref_count(page) == 1;
}

#endif
