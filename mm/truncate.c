/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page cache: how pages go.
 *
 * Truncation against faults, step by step.  The size is new when it begins.
 *
 *	1  unmap everything behind the end			for speed: one flush an area
 *	2  for each page behind the end: lock it, unmap it, take it out of the tree
 *	3  unmap everything behind the end			copies of private mappings
 *
 * A fault maps a page with the lock held and the size checked under it (mm/filemap.c).  So either
 * it was before step 2 reached the page, which then waited for the lock and unmapped it; or it
 * finds page->mapping empty, looks for the page again, and fails at the size.  A private copy is
 * made and mapped under the lock of the page that it is copied from, or of an entry that still maps
 * it: after step 2 there are neither, so step 3 finds all copies there will ever be.
 *
 * A hole is punched by the same steps without the third, as private copies stay; a fault may bring
 * in a new page of zeros behind step 2 at once, which is what a hole reads as.
 *
 * Where no whole page goes its bytes become zeros.  What is in swap is forgotten before step 1
 * (mm/shmem_swap.c).
 */
#include <oshit/dirty.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>
#include <oshit/sched.h>
#include <oshit/string.h>
#include <oshit/vmstat.h>
#include <oshit/workingset.h>

#include "shmem.h"
#include "swap.h"

#define LAST_INDEX (~0UL >> PAGE_SHIFT)

/* Of a page that has left @mapping. */
static void forget_flags(const struct address_space *mapping, struct page *page)
{
	unsigned long flags = __atomic_fetch_and(&page->flags, ~(BIT(PG_dirty) | BIT(PG_uptodate)),
						 __ATOMIC_RELAXED);

	if (flags & BIT(PG_dirty) && mapping_tracks_dirty(mapping))
		vm_stat_add(NR_FILE_DIRTY, -1);
}

void remove_cache_page(struct address_space *mapping, struct page *page)
{
	spin_lock(&mapping->lock);
	take_from_tree(mapping, page->index);
	spin_unlock(&mapping->lock);
	forget_flags(mapping, page);
	put_page(page);
}

/* The first page from *@index on, with a reference. NULL: none up to @last. */
static struct page *next_page(struct address_space *mapping, unsigned long *index,
			      unsigned long last)
{
	struct page *page;

	spin_lock(&mapping->lock);
	page = page_tree_find_next(&mapping->pages, index);
	if (page && *index > last)
		page = NULL;
	if (page)
		get_page(page);
	spin_unlock(&mapping->lock);
	return page;
}

static void drop_page(struct address_space *mapping, struct page *page)
{
	if (page_map_count(page))
		unmap_mapping_pages(mapping, page->index, page->index, UNMAP_CACHED);
	remove_cache_page(mapping, page);
}

enum drop_what {
	DROP_ALL,
	DROP_UNFILLED, /* pages that are not up to date */
};

/* Step 2. */
static void drop_pages(struct address_space *mapping, unsigned long first, unsigned long last,
		       enum drop_what what)
{
	struct page *page;

	for (unsigned long index = first; (page = next_page(mapping, &index, last)); index++) {
		lock_page(page);
		if (page->mapping == mapping && (what == DROP_ALL || !page_is_uptodate(page)))
			drop_page(mapping, page);
		unlock_page(page);
		swap_drop_orphan(page);
		put_page(page);
		cond_resched();
	}
}

/* Bytes [@from, @to) of one page, if it is there, or in swap. */
static void zero_part(struct address_space *mapping, u64 from, u64 to)
{
	struct page *page;

	if (from >= to)
		return;
	page = find_lock_page(mapping, from >> PAGE_SHIFT);
	if (!page)
		return;
	memset((char *)page_to_virt(page) + from % PAGE_SIZE, 0, to - from);
	set_page_dirty(page);
	unlock_page(page);
	put_page(page);
}

void truncate_pagecache(struct address_space *mapping)
{
	u64 size = READ_ONCE(mapping->size);
	unsigned long first = DIV_ROUND_UP(size, PAGE_SIZE);

	shmem_punch_begin(mapping, first, LAST_INDEX);
	unmap_mapping_pages(mapping, first, LAST_INDEX, UNMAP_COPIES_TOO);
	drop_pages(mapping, first, LAST_INDEX, DROP_ALL);
	shmem_punch_end(mapping);
	zero_part(mapping, size, (u64)first << PAGE_SHIFT);
	unmap_mapping_pages(mapping, first, LAST_INDEX, UNMAP_COPIES_TOO);
}

void punch_pagecache(struct address_space *mapping, u64 start, u64 end)
{
	u64 inner_start = ALIGN_UP(start, PAGE_SIZE), inner_end = ALIGN_DOWN(end, PAGE_SIZE);
	unsigned long first = inner_start >> PAGE_SHIFT, last = (inner_end >> PAGE_SHIFT) - 1;

	zero_part(mapping, start, min(inner_start, end));
	if (inner_start < inner_end) {
		shmem_punch_begin(mapping, first, last);
		unmap_mapping_pages(mapping, first, last, UNMAP_CACHED);
		drop_pages(mapping, first, last, DROP_ALL);
		shmem_punch_end(mapping);
	}
	if (inner_end >= inner_start)
		zero_part(mapping, inner_end, end);
}

void overwrite_cache_pages(struct address_space *mapping, u64 pos, const void *bytes, size_t len)
{
	const char *from = bytes;
	size_t part;

	for (; len; pos += part, from += part, len -= part) {
		struct page *page = find_lock_page(mapping, pos >> PAGE_SHIFT);

		part = min(len, PAGE_SIZE - (size_t)(pos % PAGE_SIZE));
		if (!page)
			continue;
		if (page_has_flag(page, PG_dirty) || page_map_count(page)) {
			memcpy((char *)page_to_virt(page) + pos % PAGE_SIZE, from, part);
			set_page_dirty(page);
		} else {
			remove_cache_page(mapping, page);
		}
		unlock_page(page);
		put_page(page);
		cond_resched();
	}
}

void invalidate_cache_pages(struct address_space *mapping, unsigned long first, unsigned long last)
{
	drop_pages(mapping, first, last, DROP_ALL);
}

/* Who finds pages holds the lock of the tree, so nobody gets one meanwhile. */
bool drop_clean_page(struct address_space *mapping, struct page *page)
{
	bool unused;

	if (page->mapping != mapping || page_has_flag(page, PG_dirty) || page_map_count(page))
		return false;
	spin_lock(&mapping->lock);
	unused = page_ref_count(page) == 2 && !page_map_count(page);
	if (unused) {
		workingset_evict(mapping, page->index);
		take_from_tree(mapping, page->index);
	}
	spin_unlock(&mapping->lock);
	if (!unused)
		return false;
	forget_flags(mapping, page);
	put_page(page);
	return true;
}

unsigned long drop_clean_pages(struct address_space *mapping, unsigned long *index,
			       unsigned long nr)
{
	unsigned long nr_dropped = 0;
	struct page *page;

	while (nr_dropped < nr) {
		page = next_page(mapping, index, LAST_INDEX);
		if (!page) {
			*index = 0;
			break;
		}
		if (trylock_page(page)) {
			nr_dropped += drop_clean_page(mapping, page);
			unlock_page(page);
		}
		put_page(page);
		++*index;
	}
	return nr_dropped;
}

void unreserve_cache_pages(struct address_space *mapping, unsigned long first, unsigned long last)
{
	drop_pages(mapping, first, last, DROP_UNFILLED);
	shmem_unreserve(mapping, first, last);
}

/* The first page from *@index on; *@is_taken: it is out of the tree, and locked. Else it is locked
 * by reclaim, which knows by that that the mapping stays, and the caller gets a reference. */
static struct page *take_next(struct address_space *mapping, unsigned long *index, bool *is_taken)
{
	struct page *page;

	spin_lock(&mapping->lock);
	page = page_tree_find_next(&mapping->pages, index);
	*is_taken = page && trylock_page(page);
	if (*is_taken)
		take_from_tree(mapping, *index);
	else if (page)
		get_page(page);
	spin_unlock(&mapping->lock);
	return page;
}

void evict_pagecache(struct address_space *mapping)
{
	unsigned long index = 0;
	struct page *page;
	bool is_taken;

	shmem_swap_stop(mapping);
	while ((page = take_next(mapping, &index, &is_taken))) {
		if (is_taken)
			forget_flags(mapping, page);
		else
			lock_page(page);
		unlock_page(page);
		put_page(page);
		index += is_taken;
		cond_resched();
	}
	shmem_swap_destroy(mapping);
	dirty_leave_mapping(mapping);
}
