/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From 512 small pages to one huge page: the work of khugepaged (mm/khugepaged.c) for one range.
 *
 *	1  a look, with mmap_lock for reading: is the range one area's that may have huge
 *	   pages, are enough of its pages there, are they nobody else's business?
 *	2  a huge page is allocated, and the table for its split; reclaim is allowed here
 *	3  with mmap_lock and the area for writing, so that nobody faults, and the reverse mapping
 *	   locked, so that no walk from a page comes in: look again; take the table out, and make
 *	   all CPUs forget it
 *	4  now the pages stand still.  One that has more references than mappings is in use by the
 *	   kernel, which may write to it: then the table goes back, and nothing has happened.
 *	   Pages that are to become a block are taken off the lists of reclaim first, which would
 *	   find them otherwise
 *	5  copy, map the huge page, drop the small ones
 *
 * Pages that are there may be shared with other address spaces, up to a number: they are copied as
 * by a write.  What is missing becomes zeros, which costs memory: up to a number, too.
 *
 * In place.  If the 512 lie in a row, aligned, as after the split of a huge page, and nobody shares
 * them, they become a block again, without a copy.
 *
 * The old table is freed like any that is unlinked, after a grace period, for who has found it
 * without a lock; another waits for the split of the huge page.
 */
#include <arch/page_ops.h>
#include <arch/tlb.h>
#include <linux/errno.h>
#include <oshit/gfp.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/rmap.h>
#include <oshit/string.h>
#include <oshit/vmstat.h>

#include "huge_memory.h"
#include "user_page.h"
#include "user_table.h"

#define GFP_COLLAPSE (GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

unsigned long khugepaged_max_ptes_none = HUGE_PAGES - 1;
unsigned long khugepaged_max_ptes_shared = HUGE_PAGES / 2;

struct collapse {
	struct mm_struct *mm; /* in */
	unsigned long addr; /* in */
	struct vm_area *area;
	pte_t *pmd, *entries;
	struct page *head; /* a new page, unless it has been mapped; NULL: none */
	struct page *table; /* for the split of the huge page, until it is mapped */
	unsigned int nr_none, nr_shared; /* of the 512 */
	bool is_row; /* they are a block already */
};

/* One entry; 0, or -errno: it may not become a part of a huge page. */
static int look_at_entry(struct collapse *collapse, unsigned long i)
{
	pte_t entry = READ_ONCE(collapse->entries[i]);
	struct page *page = entry ? pte_counted_page(entry) : NULL, *first;

	if (entry && !(entry & PTE_PRESENT))
		return -EBUSY;
	if (!page) {
		collapse->nr_none++;
		collapse->is_row = false;
		return 0;
	}
	if (!page_is_anon(page) || page_ref_count(page) != page_map_count(page))
		return -EBUSY;
	first = page - i;
	collapse->nr_shared += page_map_count(page) > 1;
	collapse->is_row &= page_map_count(page) == 1 &&
			    IS_ALIGNED(page_to_pfn(first), HUGE_PAGES) &&
			    pte_phys(collapse->entries[0]) == page_to_phys(first) &&
			    page->mapping == first->mapping;
	return 0;
}

static int look_at_entries(struct collapse *collapse)
{
	collapse->nr_none = 0;
	collapse->nr_shared = 0;
	collapse->is_row = true;
	for (unsigned long i = 0; i < HUGE_PAGES; i++) {
		int err = look_at_entry(collapse, i);

		if (err)
			return err;
	}
	if (collapse->nr_none == HUGE_PAGES || collapse->nr_none > khugepaged_max_ptes_none ||
	    collapse->nr_shared > khugepaged_max_ptes_shared)
		return -ENOENT;
	return 0;
}

/* mmap_lock is held. */
static int look(struct collapse *collapse)
{
	struct mm_struct *mm = collapse->mm;
	pte_t *entries;
	int err;

	collapse->area = vma_lookup(&mm->areas, collapse->addr);
	if (!collapse->area || !(collapse->area->flags & VM_ACCESS) ||
	    !huge_page_fits(collapse->area, collapse->addr))
		return -EINVAL;
	collapse->pmd = user_pmd_find(mm, collapse->addr);
	entries = user_pte_find_lock(mm, collapse->addr);
	if (!entries)
		return -EEXIST;
	collapse->entries = entries;
	err = look_at_entries(collapse);
	user_pte_unlock(mm, entries);
	return err;
}

/* Nobody finds the table any more: the link that led to it. */
static pte_t take_table_out(struct collapse *collapse)
{
	struct mm_struct *mm = collapse->mm;
	pte_t link;

	user_pmd_lock(mm, collapse->pmd);
	/* Without locks of their own for tables this is the same lock. */
	if (IS_ENABLED(CONFIG_SPLIT_PTLOCKS))
		user_pte_lock(mm, collapse->entries);
	link = xchg(collapse->pmd, 0);
	if (IS_ENABLED(CONFIG_SPLIT_PTLOCKS))
		user_pte_unlock(mm, collapse->entries);
	user_pmd_unlock(mm, collapse->pmd);
	flush_tlb_mm_range(&mm->context, collapse->addr, collapse->addr + HUGE_SIZE - 1);
	return link;
}

static void put_table_back(struct collapse *collapse, pte_t link)
{
	user_pmd_lock(collapse->mm, collapse->pmd);
	WRITE_ONCE(*collapse->pmd, link);
	user_pmd_unlock(collapse->mm, collapse->pmd);
}

static void copy_pages(const struct collapse *collapse)
{
	for (unsigned long i = 0; i < HUGE_PAGES; i++) {
		pte_t entry = collapse->entries[i];
		struct page *page = entry ? pte_counted_page(entry) : NULL;
		void *to = page_to_virt(collapse->head + i);

		if (page)
			copy_page(to, page_to_virt(page));
		else
			clear_page(to);
	}
}

static void drop_small_pages(const struct collapse *collapse)
{
	for (unsigned long i = 0; i < HUGE_PAGES; i++) {
		pte_t entry = collapse->entries[i];
		struct page *page = entry ? pte_counted_page(entry) : NULL;

		if (!page)
			continue;
		page_remove_map(page);
		if (collapse->area->flags & VM_LOCKED)
			lru_munlock(page);
		put_page(page);
	}
}

static void free_old_table(struct collapse *collapse)
{
	struct user_gather gather;

	memset(collapse->entries, 0, PAGE_SIZE); /* as of any table that is freed */
	user_gather_begin(&gather, collapse->mm);
	user_gather_table(&gather, virt_to_page(collapse->entries));
	user_gather_end(&gather);
	atomic64_dec(&collapse->mm->nr_tables);
	vm_stat_add(NR_PAGETABLE, -1);
}

/* The last look, when nobody can come in from the tables any more, nor, for a row, from the lists.
 * 0 or -errno. */
static int look_again(struct collapse *collapse, struct page *first)
{
	int err = look_at_entries(collapse);

	if (!err && !collapse->is_row && !collapse->head)
		return -EAGAIN;
	if (err || !collapse->is_row)
		return err;
	if (!lru_take_row(first, HUGE_PAGES))
		return -EBUSY;
	err = look_at_entries(collapse);
	if (err)
		lru_give_row(first, HUGE_PAGES);
	return err;
}

/* The huge page takes the place of the table, which nobody finds. */
static void replace_table(struct collapse *collapse)
{
	struct mm_struct *mm = collapse->mm;
	pte_t flags = user_pte_flags(collapse->area) | PTE_DIRTY;
	struct page *head = collapse->head;

	if (collapse->is_row) {
		/* They may have become one since a page was allocated: that is left. */
		head = pte_counted_page(collapse->entries[0]);
		huge_page_join(head);
		count_thp(THP_COLLAPSE_IN_PLACE);
	} else {
		copy_pages(collapse);
		drop_small_pages(collapse);
		collapse->head = NULL;
	}
	atomic64_sub(HUGE_PAGES - collapse->nr_none, &mm->counters[MM_ANON_PAGES]);
	user_pmd_lock(mm, collapse->pmd);
	huge_page_map(collapse->area, collapse->pmd, head, collapse->table, flags);
	user_pmd_unlock(mm, collapse->pmd);
	collapse->table = NULL;
	free_old_table(collapse);
}

/* mmap_lock is held for writing. */
static int collapse_locked(struct collapse *collapse)
{
	int err = look(collapse);
	pte_t link;

	if (err)
		return err;
	vma_start_write(&collapse->mm->areas, collapse->area);
	if (anon_vma_prepare(collapse->area))
		return -ENOMEM;
	if (!collapse->is_row) {
		collapse->head = collapse->head ?: huge_page_alloc(GFP_COLLAPSE);
		if (!collapse->head)
			return -ENOMEM;
		huge_page_name(collapse->head, collapse->area, collapse->addr);
	}
	anon_vma_change_begin(collapse->area, NULL);
	link = take_table_out(collapse);
	err = look_again(collapse, pte_counted_page(collapse->entries[0]));
	if (err)
		put_table_back(collapse, link);
	else
		replace_table(collapse);
	anon_vma_change_end(collapse->area, NULL);
	return err;
}

/* What the second step needs; -ENOMEM. */
static int allocate(struct collapse *collapse)
{
	collapse->table = huge_table_alloc(GFP_COLLAPSE);
	if (!collapse->is_row)
		collapse->head = huge_page_alloc(GFP_COLLAPSE);
	if (collapse->table && (collapse->head || collapse->is_row))
		return 0;
	count_thp(THP_COLLAPSE_ALLOC_FAILED);
	return -ENOMEM;
}

int khugepaged_collapse(struct mm_struct *mm, unsigned long addr)
{
	struct collapse collapse = { .mm = mm, .addr = addr & -HUGE_SIZE };
	int err;

	down_read(&mm->mmap_lock);
	err = look(&collapse);
	up_read(&mm->mmap_lock);
	if (err)
		return err;
	err = allocate(&collapse);
	if (!err) {
		down_write(&mm->mmap_lock);
		err = collapse_locked(&collapse);
		mmap_write_unlock(mm);
	}
	if (!err)
		count_thp(THP_COLLAPSE_ALLOC);
	if (collapse.head)
		huge_page_put(collapse.head);
	if (collapse.table)
		huge_table_free(collapse.table);
	return err;
}
