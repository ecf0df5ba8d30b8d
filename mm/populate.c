/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages that come without being touched, and pages of a program that the kernel reaches from
 * outside, without that program's tables being loaded.
 *
 * Both go the way of a fault: handle_mm_fault() until the entry permits the access.  So a write
 * from outside breaks copy on write, and leaves the entry dirty, as the program's own would.
 *
 * A page found so comes with a reference, so it stays what it is; what the program maps there is
 * another matter.  With mmap_lock held only reclaim can change that: it may take the page out of
 * the tables and have it stored before all is written to it.  It does not forget a page that
 * somebody has a reference to, so mm_remote_written() finds it in the swap cache still, and makes
 * it dirty: what was stored is not what it holds.
 *
 * Locks: mmap_lock for reading, taken here by mm_populate() and its like, held by the caller of the
 * others.
 */
#include <linux/errno.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/page.h>
#include <oshit/sched.h>

#include "huge_memory.h"
#include "mm_internal.h"
#include "swap.h"
#include "user_page.h"
#include "user_table.h"

#define POPULATE_BATCH (512 * PAGE_SIZE) /* brought in before writers of mmap_lock get a chance */

static bool entry_permits(pte_t entry, unsigned int flags)
{
	return entry & PTE_PRESENT && (!(flags & FAULT_FLAG_WRITE) || entry & PTE_WRITE);
}

/* The page at @addr comes, unless it is there and permits the access. 0; -ENOMEM; -EFAULT. */
static int fault_in(struct vm_area *area, unsigned long addr, unsigned int flags)
{
	int result = 0;

	/* Again if somebody else was faster with another kind of access. */
	for (;;) {
		if (entry_permits(user_table_entry(area->mm, addr), flags))
			return 0;
		result = handle_mm_fault(area, addr, flags);
		if (result & VM_FAULT_ERROR)
			return result & VM_FAULT_OOM ? -ENOMEM : -EFAULT;
	}
}

int mm_fault_in_batch(struct vm_area *area, unsigned long *addr, unsigned long end,
		      unsigned int flags)
{
	int err = 0;

	end = min(end, area->end);
	end = min(end, *addr + POPULATE_BATCH);
	while (*addr < end && !err) {
		err = fault_in(area, *addr, flags);
		if (!err)
			*addr += PAGE_SIZE;
	}
	return err;
}

/* --- populating --- */

/* A batch from *@addr on, which is where it stopped afterwards. */
static int populate_area(struct vm_area *area, unsigned long *addr, unsigned long end)
{
	unsigned int flags = FAULT_FLAG_USER;

	/* A private page is wanted for writing, now or later; a shared one may stay clean. */
	if ((area->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		flags |= FAULT_FLAG_WRITE;
	if (area->flags & (VM_PFNMAP | VM_LOCKONFAULT)) {
		*addr = min(end, area->end);
		return 0;
	}
	return vma_permits(area, flags) ? mm_fault_in_batch(area, addr, end, flags) : -EFAULT;
}

enum populate_mode {
	POPULATE_ALL, /* the first page that cannot come is an error */
	POPULATE_SOME, /* what cannot come is passed over, with the rest of its area */
	POPULATE_LOCKED, /* the same; private areas that are locked */
};

/* A batch of a range, from *@addr on, which is @end when all is done. */
static int populate_batch(struct mm_struct *mm, unsigned long *addr, unsigned long end,
			  enum populate_mode mode)
{
	struct vm_area *area = vma_find_in(&mm->areas, *addr, end);
	int err;

	if (!area) {
		*addr = end;
		return 0;
	}
	*addr = max(*addr, area->start);
	if (mode != POPULATE_LOCKED || (area->flags & (VM_LOCKED | VM_SHARED)) == VM_LOCKED) {
		err = populate_area(area, addr, end);
		if (!err || mode == POPULATE_ALL)
			return err;
	}
	*addr = min(end, area->end);
	return 0;
}

static int populate(struct mm_struct *mm, unsigned long start, unsigned long len,
		    enum populate_mode mode)
{
	unsigned long addr = start, end = start + len;
	int err = 0;

	while (addr < end && !err) {
		if (fatal_signal_pending(current))
			return -EINTR;
		down_read(&mm->mmap_lock);
		err = populate_batch(mm, &addr, end, mode);
		up_read(&mm->mmap_lock);
		cond_resched();
	}
	return err;
}

void mm_populate(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	populate(mm, start, len, POPULATE_SOME);
}

void mm_populate_locked(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	populate(mm, start, len, POPULATE_LOCKED);
}

int mm_populate_all(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	return populate(mm, start, len, POPULATE_ALL);
}

/* --- from outside --- */

struct page *mm_remote_page(struct mm_struct *mm, unsigned long addr, unsigned int flags)
{
	struct vm_area *area = vma_lookup(&mm->areas, addr);
	unsigned long wanted = flags & FAULT_FLAG_WRITE ? VM_WRITE : VM_READ;
	struct page *page = NULL;

	lockdep_assert_held(&mm->mmap_lock);
	if (!area || area->flags & VM_PFNMAP || !(area->flags & wanted))
		return NULL;
	while (!page && !fault_in(area, addr, flags)) {
		pte_t *pte;

		/* A page that is mapped as a part of a huge one has no count of its own. */
		huge_split_around(mm, addr);
		pte = user_table_find(mm, addr);
		if (!pte)
			continue;
		user_pte_lock(mm, pte);
		if (entry_permits(*pte, flags)) {
			page = phys_to_page(pte_phys(*pte));
			get_page(page);
			/* The caller will write, and no CPU sets the bit for it. */
			if (flags & FAULT_FLAG_WRITE)
				__atomic_fetch_or(pte, PTE_DIRTY, __ATOMIC_RELAXED);
		}
		user_pte_unlock(mm, pte);
	}
	return page;
}

void mm_remote_written(struct page *page)
{
	bool is_private = page_is_anon(page);

	if (is_private && !IS_ENABLED(CONFIG_SWAP))
		return;
	lock_page(page);
	if (!is_private)
		set_page_dirty(page); /* the area that it was found in keeps its mapping alive */
	else if (page_in_swap_cache(page))
		set_bit(PG_dirty, &page->flags);
	unlock_page(page);
	swap_drop_orphan(page);
}
