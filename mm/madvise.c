/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * madvise(): what a program says about its memory.
 *
 *	advice about flags	an area changes, as by mprotect()
 *	DONTNEED		pages go; the next access finds zeros, or the file
 *	POPULATE		pages come now, or the reason why not
 *	FREE, COLD, PAGEOUT	pages may go when memory is short, which nothing here looks for:
 *				they stay
 *	the rest		hints that nothing here acts upon: accepted, checked, no effect;
 *				WILLNEED too, for no file has a page that is elsewhere
 *
 * Unlike mprotect() it goes on over holes, and says -ENOMEM at the end.
 *
 * Locks: mmap_lock for writing, the caller's (DONTNEED would do with reading); POPULATE takes it
 * for reading, a page at a time.
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/sched.h>

#include "mm_internal.h"
#include "user_table.h"

static int drop_pages(struct vm_area *area, unsigned long start, unsigned long end)
{
	struct user_gather gather;

	if (area->flags & (VM_LOCKED | VM_PFNMAP))
		return -EINVAL;
	user_gather_begin(&gather, area->mm);
	user_unmap_pages(&gather, max(area->start, start), min(area->end, end));
	user_gather_end(&gather);
	return 0;
}

/* Whether the advice may be given for the area: what of it could go. */
static int check_reclaim(const struct vm_area *area, int advice)
{
	if (area->flags & (VM_LOCKED | VM_PFNMAP))
		return -EINVAL;
	return advice == MADV_FREE && (area->file || area->flags & VM_SHARED) ? -EINVAL : 0;
}

/* The flags of @area after @advice; -1: not allowed for it. */
static unsigned long advised_flags(const struct vm_area *area, int advice)
{
	switch (advice) {
	case MADV_DONTFORK:
		return area->flags | VM_DONTCOPY;
	case MADV_DOFORK:
		return area->flags & ~VM_DONTCOPY;
	case MADV_WIPEONFORK:
		return area->file || area->flags & VM_SHARED ? -1UL : area->flags | VM_WIPEONFORK;
	case MADV_KEEPONFORK:
		return area->flags & ~VM_WIPEONFORK;
	default:
		return area->flags;
	}
}

static int change_flags(struct vm_area *area, int advice)
{
	unsigned long flags = advised_flags(area, advice);

	if (flags == -1UL)
		return -EINVAL;
	if (flags != area->flags) {
		vma_start_write(&area->mm->areas, area);
		area->flags = flags;
	}
	return 0;
}

enum advice_kind {
	ADVICE_UNKNOWN,
	ADVICE_FLAGS, /* an area's flags change */
	ADVICE_DROP,
	ADVICE_RECLAIM, /* pages that may go: they stay */
	ADVICE_HINT,
};

static enum advice_kind kind_of(int advice)
{
	switch (advice) {
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
		return ADVICE_FLAGS;
	case MADV_DONTNEED:
		return ADVICE_DROP;
	case MADV_FREE:
	case MADV_COLD:
	case MADV_PAGEOUT:
		return ADVICE_RECLAIM;
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
		return ADVICE_HINT;
	default:
		return ADVICE_UNKNOWN;
	}
}

static int advise_areas(struct mm_struct *mm, unsigned long start, unsigned long end, int advice)
{
	enum advice_kind kind = kind_of(advice);
	unsigned long next = start;
	struct vm_area *area;
	bool hole = false;
	int err = 0;

	for_each_vma_in(area, &mm->areas, start, end) {
		hole |= area->start > next;
		next = area->end;
		if (kind == ADVICE_FLAGS)
			err = change_flags(area, advice);
		else if (kind == ADVICE_DROP)
			err = drop_pages(area, start, end);
		else if (kind == ADVICE_RECLAIM)
			err = check_reclaim(area, advice);
		if (err)
			return err;
	}
	return hole || next < end ? -ENOMEM : 0;
}

static int advise_range(struct mm_struct *mm, unsigned long start, unsigned long end, int advice)
{
	int err;

	if (kind_of(advice) != ADVICE_FLAGS)
		return advise_areas(mm, start, end, advice);
	err = vma_isolate(&mm->areas, start, end);
	if (err)
		return err;
	err = advise_areas(mm, start, end, advice);
	vma_merge_in(&mm->areas, start, end);
	return err;
}

/* *@end is set to the end of the range. 0: it may be looked at; 1: it is empty; -errno. */
static int check_range(unsigned long start, unsigned long len, unsigned long *end)
{
	*end = start + ALIGN_UP(len, PAGE_SIZE);
	if (!IS_ALIGNED(start, PAGE_SIZE) || (len && !ALIGN_UP(len, PAGE_SIZE)) || *end < start)
		return -EINVAL;
	if (*end == start)
		return 1;
	return start >= USER_END ? -ENOMEM : 0;
}

int do_madvise(struct mm_struct *mm, unsigned long start, unsigned long len, int advice)
{
	unsigned long end;
	int err;

	lockdep_assert_held_write(&mm->mmap_lock);
	if (kind_of(advice) == ADVICE_UNKNOWN)
		return -EINVAL;
	err = check_range(start, len, &end);
	if (err)
		return min(err, 0);
	return advise_range(mm, start, min(end, USER_END), advice) ?: end > USER_END ? -ENOMEM : 0;
}

/* --- pages that come now --- */

static bool is_there(struct mm_struct *mm, unsigned long addr, unsigned int flags)
{
	const pte_t *pte = user_table_find(mm, addr);
	pte_t entry = pte ? READ_ONCE(*pte) : 0;

	return entry & PTE_PRESENT && (!(flags & FAULT_FLAG_WRITE) || entry & PTE_WRITE);
}

/* Under mmap_lock. */
static int populate_page(struct mm_struct *mm, unsigned long addr, unsigned int flags)
{
	struct vm_area *area = vma_lookup(&mm->areas, addr);
	int result = 0;

	if (!area)
		return -ENOMEM;
	if (area->flags & VM_PFNMAP || !vma_permits(area, flags))
		return -EINVAL;
	/* Again if somebody else was faster with another kind of access. */
	while (!is_there(mm, addr, flags) && !(result & VM_FAULT_ERROR))
		result = handle_mm_fault(area, addr, flags);
	if (result & VM_FAULT_OOM)
		return -ENOMEM;
	return result & VM_FAULT_ERROR ? -EFAULT : 0;
}

int mm_advise_populate(struct mm_struct *mm, unsigned long start, unsigned long len, int advice)
{
	unsigned int flags = advice == MADV_POPULATE_WRITE ? FAULT_FLAG_WRITE : 0;
	unsigned long end, addr;
	int err;

	err = check_range(start, len, &end);
	if (err)
		return min(err, 0);
	for (addr = start; addr < end && !err; addr += PAGE_SIZE) {
		if (fatal_signal_pending(current))
			return -EINTR;
		down_read(&mm->mmap_lock);
		err = populate_page(mm, addr, flags);
		up_read(&mm->mmap_lock);
		cond_resched();
	}
	return err;
}
