/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which pages of a range are in memory: mincore().  Mapped ones are, and so are those of a file
 * that the page cache has filled.  What others do with a file is not told to who may not write to
 * it, as it could be a secret: then all of it is said to be there.
 *
 * Locks: mmap_lock for reading, the caller's.
 */
#include <linux/errno.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>
#include <oshit/string.h>

#include "shmem.h"
#include "swap.h"
#include "user_table.h"

/* @page: with a reference, which goes; or NULL. */
static bool is_filled(struct page *page)
{
	bool is_there;

	if (!page)
		return false;
	is_there = page_is_uptodate(page);
	put_page(page);
	return is_there;
}

static bool is_in_memory(const struct vm_area *area, unsigned long addr)
{
	pte_t entry = user_table_entry(area->mm, addr);
	unsigned long index;

	if (pte_has_page(entry))
		return true;
	if (pte_is_swapped(entry))
		return is_filled(swap_cache_get(swap_entry_of(entry)));
	if (!area->mapping)
		return false;
	index = vma_pgoff_at(area, addr);
	return is_filled(find_get_page(area->mapping, index)
				 ?: shmem_swap_cached(area->mapping, index));
}

long mm_mincore(struct mm_struct *mm, unsigned long addr, unsigned long nr, u8 *to,
		bool (*may_know)(const struct vm_area *area))
{
	const struct vm_area *area = vma_lookup(&mm->areas, addr);

	lockdep_assert_held(&mm->mmap_lock);
	if (!area)
		return -ENOMEM;
	nr = min(nr, (area->end - addr) >> PAGE_SHIFT);
	if (!may_know(area)) {
		memset(to, 1, nr);
		return nr;
	}
	for (unsigned long i = 0; i < nr; i++)
		to[i] = is_in_memory(area, addr + i * PAGE_SIZE);
	return nr;
}
