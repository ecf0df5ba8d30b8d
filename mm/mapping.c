/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which areas map a file: from the page cache back to page tables.
 *
 * The areas of a mapping, of whatever address spaces, stand in an interval tree by the pages of the
 * file that they show.  An area is in it from vma_insert() to vma_remove(), and where areas are
 * split, merged and moved at their edges all of that happens in one section of i_mmap_lock
 * (mm/vma.c); so whoever walks the tree with the lock for reading finds each page of the file in
 * each address space that may have it mapped.
 *
 * What a walk may rely on without any mmap_lock:
 *
 *	the area	start, end and pgoff of an area that is in the tree change under the lock
 *	its tables	munmap() takes the area out of the tree before it frees tables that only
 *			the area needs (unmap_areas()), so tables found on the way down stay
 *	its mm		lives as long as it has areas
 *
 * Fork copies entries of the parent to an area of the child that is in the tree already.  It stands
 * behind the parent's there: equal intervals share a place in the tree, and who joins stands behind
 * the one that he was made from.  So a walk meets the parent first, and what was copied before that
 * is found in the child after it.
 *
 * A page is found mapped only while it is in the cache, because faults map it with its lock held:
 * so who holds the lock and has unmapped it knows that it stays unmapped.  Private copies belong to
 * nobody but their area; they are found by the area's range alone.
 *
 * Locks: mmap_lock, page lock, i_mmap_lock, lock of a table, each outside of the next.
 */
#include <arch/tlb.h>
#include <linux/errno.h>
#include <oshit/bug.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>
#include <oshit/rmap.h>

#include "deferred_flush.h"
#include "mapping.h"
#include "user_page.h"
#include "user_table.h"

static struct vm_area *area_of(struct interval *interval)
{
	return container_of(interval, struct vm_area, mapped);
}

void mapping_add_area(struct vm_area *area)
{
	lockdep_assert_held_write(&area->mapping->i_mmap_lock);
	area->mapped.start = area->pgoff;
	area->mapped.last = area->pgoff + vma_pages(area) - 1;
	interval_tree_insert(&area->mapping->i_mmap, &area->mapped);
	area->mapping->nr_areas++;
	area->in_mapping = true;
}

void mapping_add_copy(struct vm_area *area, struct vm_area *original)
{
	lockdep_assert_held_write(&area->mapping->i_mmap_lock);
	interval_tree_insert_equal(&original->mapped, &area->mapped);
	area->mapping->nr_areas++;
	area->in_mapping = true;
}

void mapping_move_area(struct vm_area *area)
{
	lockdep_assert_held_write(&area->mapping->i_mmap_lock);
	interval_tree_change(&area->mapping->i_mmap, &area->mapped, area->pgoff,
			     area->pgoff + vma_pages(area) - 1);
}

void mapping_remove_area(struct vm_area *area)
{
	lockdep_assert_held_write(&area->mapping->i_mmap_lock);
	if (!area->in_mapping)
		return;
	interval_tree_remove(&area->mapping->i_mmap, &area->mapped);
	area->mapping->nr_areas--;
	area->in_mapping = false;
}

/* Where @index, which lies in @area, is mapped. */
static unsigned long address_in(const struct vm_area *area, unsigned long index)
{
	return area->start + ((index - area->pgoff) << PAGE_SHIFT);
}

static void unmap_from_area(struct vm_area *area, unsigned long first, unsigned long last,
			    enum unmap_what what)
{
	unsigned long start = address_in(area, max(first, area->mapped.start));
	unsigned long end = address_in(area, min(last, area->mapped.last)) + PAGE_SIZE;
	struct user_gather gather;

	user_gather_begin(&gather, area->mm);
	if (what == UNMAP_COPIES_TOO)
		user_unmap_pages(&gather, start, end);
	else
		user_unmap_cached_pages(&gather, start, end);
	user_gather_end(&gather);
}

void unmap_mapping_pages(struct address_space *mapping, unsigned long first, unsigned long last,
			 enum unmap_what what)
{
	struct interval *interval;

	down_read(&mapping->i_mmap_lock);
	for_each_interval(interval, &mapping->i_mmap, first, last)
		unmap_from_area(area_of(interval), first, last, what);
	up_read(&mapping->i_mmap_lock);
}

/*
 * Takes the right to write away from the entry of @page in @area.  Nobody gives it back meanwhile:
 * for that he needs the lock of the page.  One that is dirty and has lost the right may be known
 * with it to a CPU still: mprotect() flushes at its end.
 */
static void protect_in_area(struct vm_area *area, const struct page *page)
{
	unsigned long addr = address_in(area, page->index);
	pte_t *pte = user_table_find(area->mm, addr);
	bool was_written;
	pte_t entry;

	if (!pte)
		return;
	user_pte_lock(area->mm, pte);
	entry = READ_ONCE(*pte);
	was_written = pte_has_page(entry) && entry & (PTE_WRITE | PTE_DIRTY) &&
		      pte_phys(entry) == page_to_phys(page);
	if (was_written) {
		/* The CPU may set accessed and dirty until the entry is gone. */
		entry = xchg(pte, 0);
		WRITE_ONCE(*pte, entry & ~(PTE_WRITE | PTE_DIRTY));
	}
	user_pte_unlock(area->mm, pte);
	if (was_written)
		flush_tlb_mm_range(&area->mm->context, addr, addr);
}

void page_write_protect(struct page *page)
{
	struct address_space *mapping = page->mapping;
	struct interval *interval;

	if (!page_map_count(page))
		return;
	down_read(&mapping->i_mmap_lock);
	for_each_interval(interval, &mapping->i_mmap, page->index, page->index)
		protect_in_area(area_of(interval), page);
	up_read(&mapping->i_mmap_lock);
}

/* Empties the entry of @page in @area. One that permits writing is of a page that is dirty. */
static void unmap_page_in_area(struct vm_area *area, struct page *page,
			       struct deferred_flush *flush)
{
	unsigned long addr = address_in(area, page->index);
	struct mm_struct *mm = area->mm;
	pte_t *pte = user_table_find(mm, addr);
	bool is_mapped;

	if (!pte)
		return;
	user_pte_lock(mm, pte);
	/* The flag under the lock: mlock() sets it first, then looks what is there. */
	is_mapped = pte_counted_page(*pte) == page && !(READ_ONCE(area->flags) & VM_LOCKED);
	if (is_mapped) {
		xchg(pte, 0);
		defer_flush(flush, mm, addr);
		page_remove_map(page);
		WRITE_ONCE(mm->peak_pages, mm_peak_pages(mm));
		atomic64_dec(&mm->counters[page_counter(page)]);
	}
	user_pte_unlock(mm, pte);
	if (is_mapped)
		put_page(page);
}

bool try_unmap_cached_page(struct page *page, struct deferred_flush *flush)
{
	struct address_space *mapping = page->mapping;
	struct interval *interval;

	if (!down_read_trylock(&mapping->i_mmap_lock))
		return false;
	for_each_interval(interval, &mapping->i_mmap, page->index, page->index)
		unmap_page_in_area(area_of(interval), page, flush);
	up_read(&mapping->i_mmap_lock);
	return !page_map_count(page);
}

bool try_walk_mappings(struct page *page, struct rmap_walk *walk)
{
	struct address_space *mapping = page->mapping;
	struct interval *interval;

	if (!down_read_trylock(&mapping->i_mmap_lock))
		return false;
	for_each_interval(
		interval, &mapping->i_mmap, page->index,
		page->index) if (!walk->visit(walk, area_of(interval),
					      address_in(area_of(interval), page->index))) break;
	up_read(&mapping->i_mmap_lock);
	return true;
}

int mapping_map_writable(struct address_space *mapping)
{
	int nr = atomic_read(&mapping->writable);

	do {
		if (nr < 0)
			return -EPERM;
	} while (!atomic_try_cmpxchg(&mapping->writable, &nr, nr + 1));
	return 0;
}

int mapping_deny_writable(struct address_space *mapping)
{
	int nr = 0;

	return atomic_try_cmpxchg(&mapping->writable, &nr, -1) || nr < 0 ? 0 : -EBUSY;
}
