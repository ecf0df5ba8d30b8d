/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of an area is in memory.
 *
 * Each entry of the area's tables is looked at, under the lock of its table: whether it was used
 * and written to, and how many others map the same page.  A page that n entries map counts as a
 * whole for the resident size, and as 1/n for the proportional one (PSS), so the proportional sizes
 * of all programs add up to the memory that they use.  The page of zeros, and what has no accounts,
 * is not counted, as in Linux.
 *
 * Parts of the table that are empty are passed over whole, so that a large reservation costs
 * nothing.  Locks: mmap_lock for reading, the caller's; one table's at a time.
 */
#include <oshit/area_usage.h>
#include <oshit/sched.h>

#include "shmem.h"
#include "swap.h"
#include "user_page.h"
#include "user_table.h"

struct usage_walk {
	struct page_walk walk;
	const struct vm_area *area;
	struct area_usage *usage;
};

static struct usage_walk *usage_walk_of(struct page_walk *walk)
{
	return container_of(walk, struct usage_walk, walk);
}

static void add_proportional(struct area_usage *usage, const struct vm_area *area,
			     const struct page *page, u64 pss)
{
	usage->pss += pss;
	if (page_is_anon(page))
		usage->pss_anon += pss;
	else if (page->private == PAGE_PRIVATE_SHMEM)
		usage->pss_shmem += pss;
	else
		usage->pss_file += pss;
	if (area->flags & VM_LOCKED)
		usage->pss_locked += pss;
}

/* One page of @entry, which may map more; @head says whose it is: itself, or the first of those. */
static void add_page(struct usage_walk *walk, struct page *page, const struct page *head,
		     pte_t entry)
{
	struct area_usage *usage = walk->usage;
	bool is_dirty = entry & PTE_DIRTY || page_has_flag(head, PG_dirty);
	int nr_maps = max(page_all_maps(page), 1);
	u64 pss = (PAGE_SIZE << PSS_SHIFT) / (unsigned int)nr_maps;

	usage->resident += PAGE_SIZE;
	if (entry & PTE_ACCESSED)
		usage->referenced += PAGE_SIZE;
	if (page_is_anon(head))
		usage->anonymous += PAGE_SIZE;
	add_proportional(usage, walk->area, head, pss);
	if (is_dirty)
		usage->pss_dirty += pss;
	if (nr_maps > 1)
		*(is_dirty ? &usage->shared_dirty : &usage->shared_clean) += PAGE_SIZE;
	else
		*(is_dirty ? &usage->private_dirty : &usage->private_clean) += PAGE_SIZE;
}

static void add_swapped(struct area_usage *usage, swap_entry_t entry)
{
	usage->swapped += PAGE_SIZE;
	usage->pss_swap += (PAGE_SIZE << PSS_SHIFT) / max(swap_entry_count(entry), 1u);
}

static int add_table(struct page_walk *walk, pte_t *entries, unsigned long addr __maybe_unused,
		     unsigned int nr)
{
	struct usage_walk *usage_walk = usage_walk_of(walk);
	struct mm_struct *mm = usage_walk->area->mm;

	user_pte_lock(mm, entries);
	for (unsigned int i = 0; i < nr; i++) {
		struct page *page = pte_counted_page(entries[i]);

		if (page)
			add_page(usage_walk, page, page, entries[i]);
		else if (pte_is_swapped(entries[i]))
			add_swapped(usage_walk->usage, swap_entry_of(entries[i]));
	}
	user_pte_unlock(mm, entries);
	cond_resched();
	return 0;
}

/* A huge page, which lies in the area as a whole. */
static int add_large(struct page_walk *walk, pte_t *pmd, unsigned long addr __maybe_unused,
		     unsigned int level __maybe_unused)
{
	struct usage_walk *usage_walk = usage_walk_of(walk);
	struct mm_struct *mm = usage_walk->area->mm;
	struct page *head;
	pte_t entry;
	int result = 0;

	user_pmd_lock(mm, pmd);
	entry = READ_ONCE(*pmd);
	head = pte_is_table(entry) ? NULL : pmd_counted_page(entry);
	for (unsigned long i = 0; head && i < HUGE_PAGES; i++)
		add_page(usage_walk, head + i, head, entry);
	if (head)
		usage_walk->usage->anon_huge += HUGE_SIZE;
	/* It was split meanwhile: look at the parts. */
	if (pte_is_table(entry))
		result = PGWALK_DESCEND;
	user_pmd_unlock(mm, pmd);
	return result;
}

void area_usage_add(struct vm_area *area, struct area_usage *usage)
{
	struct usage_walk walk = {
		.walk = {
			.pt = &area->mm->pt,
			.start = area->start,
			.last = area->end - 1,
			.table = add_table,
			.large = add_large,
		},
		.area = area,
		.usage = usage,
	};

	lockdep_assert_held(&area->mm->mmap_lock);
	page_walk_range(&walk.walk);
	/* No entry names the slot of a shared page: its mapping does. */
	if (area->mapping && area->flags & VM_SHARED)
		usage->swapped += PAGE_SIZE * shmem_nr_swapped(area->mapping, area->pgoff,
							       area->pgoff + vma_pages(area) - 1);
}

/* --- page by page --- */

struct map_walk {
	struct page_walk walk;
	struct mm_struct *mm;
	u64 *words; /* the first is for walk.start */
};

static struct map_walk *map_walk_of(struct page_walk *walk)
{
	return container_of(walk, struct map_walk, walk);
}

/* @page: counted, or NULL; @head says whose it is. */
static u64 word_of_page(pte_t entry, unsigned long pfn, struct page *page, const struct page *head)
{
	u64 word = PAGEMAP_PRESENT | (pfn & PAGEMAP_PLACE);

	if (!pte_has_page(entry))
		return 0;
	if (page && !page_is_anon(head))
		word |= PAGEMAP_FILE;
	if (page && page_all_maps(page) == 1)
		word |= PAGEMAP_EXCLUSIVE;
	return word;
}

static u64 word_of_entry(pte_t entry)
{
	struct page *page = pte_counted_page(entry);

	if (pte_is_swapped(entry))
		return PAGEMAP_SWAPPED |
		       ((pte_swap_device(entry) | pte_swap_slot(entry) << 5) & PAGEMAP_PLACE);
	return word_of_page(entry, pte_phys(entry) >> PAGE_SHIFT, page, page);
}

static int map_table(struct page_walk *walk, pte_t *entries, unsigned long addr, unsigned int nr)
{
	struct map_walk *map = map_walk_of(walk);
	u64 *words = map->words + ((addr - walk->start) >> PAGE_SHIFT);

	user_pte_lock(map->mm, entries);
	for (unsigned int i = 0; i < nr; i++)
		words[i] = word_of_entry(entries[i]);
	user_pte_unlock(map->mm, entries);
	return 0;
}

/* A huge page, of which a part may be asked for. */
static int map_large(struct page_walk *walk, pte_t *pmd, unsigned long addr,
		     unsigned int level __maybe_unused)
{
	struct map_walk *map = map_walk_of(walk);
	unsigned long from = max(addr, walk->start), to = min(addr + HUGE_SIZE - 1, walk->last);
	struct page *head;
	pte_t entry;

	user_pmd_lock(map->mm, pmd);
	entry = READ_ONCE(*pmd);
	head = pte_is_table(entry) ? NULL : pmd_counted_page(entry);
	for (unsigned long at = from; !pte_is_table(entry) && at < to; at += PAGE_SIZE) {
		unsigned long part = (at - addr) >> PAGE_SHIFT;
		unsigned long pfn = (pte_phys(entry) >> PAGE_SHIFT) + part;

		map->words[(at - walk->start) >> PAGE_SHIFT] =
			word_of_page(entry, pfn, head ? head + part : NULL, head);
	}
	user_pmd_unlock(map->mm, pmd);
	return pte_is_table(entry) ? PGWALK_DESCEND : 0;
}

void area_pagemap(struct vm_area *area, unsigned long start, unsigned long end, u64 *words)
{
	struct map_walk map = {
		.walk = {
			.pt = &area->mm->pt,
			.start = start,
			.last = end - 1,
			.table = map_table,
			.large = map_large,
		},
		.mm = area->mm,
		.words = words,
	};

	lockdep_assert_held(&area->mm->mmap_lock);
	page_walk_range(&map.walk);
}

bool area_may_be_huge(struct vm_area *area)
{
	unsigned long first = ALIGN_UP(area->start, HUGE_SIZE);

	return first < area->end && huge_page_fits(area, first);
}
