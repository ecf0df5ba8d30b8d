/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that stays: mlock() and its like.
 *
 * An area with VM_LOCKED keeps its pages: they come when it is locked, nothing takes them away but
 * munmap(), and they count against RLIMIT_MEMLOCK as a whole, there or not.  With VM_LOCKONFAULT as
 * well they stay from their first touch on, and none comes before.
 *
 *	mlock(), mlock2()	a range; pages that cannot come are an error
 *	mlockall(MCL_CURRENT)	all areas that there are
 *	mlockall(MCL_FUTURE)	all that come: mm->default_flags
 *
 * Reclaim does not look at pages of such areas: they are on a list of their own (<oshit/lru.h>).
 * They get there when the area is locked, or when a fault maps them in it, and leave it when the
 * area is not locked any more, or goes, or loses them.  One that another area has locked, too,
 * leaves it as well; the scan that then finds it puts it back.
 *
 * The bits are flags of areas, so areas split and merge by them.  A range counts once, however
 * often it is locked, and one munlock() is enough.  A child of fork() has nothing locked, a new
 * program neither.
 *
 * Locks: mmap_lock for writing, the caller's; for reading where pages are brought in.
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/rlimit.h>

#include "huge_memory.h"
#include "mm_internal.h"
#include "user_page.h"
#include "user_table.h"

/* --- pages --- */

struct lock_walk {
	struct page_walk walk;
	struct mm_struct *mm;
	void (*move)(struct page *page); /* lru_mlock() or lru_munlock() */
};

static int move_pages(struct page_walk *walk, pte_t *entries, unsigned long addr __maybe_unused,
		      unsigned int nr)
{
	struct lock_walk *lock = container_of(walk, struct lock_walk, walk);

	user_pte_lock(lock->mm, entries);
	for (unsigned int i = 0; i < nr; i++) {
		struct page *page = pte_counted_page(entries[i]);

		if (page)
			lock->move(page);
	}
	user_pte_unlock(lock->mm, entries);
	return 0;
}

#ifdef CONFIG_THP
static int move_huge(struct page_walk *walk, pte_t *pmd, unsigned long addr __maybe_unused,
		     unsigned int level __maybe_unused)
{
	struct lock_walk *lock = container_of(walk, struct lock_walk, walk);
	struct page *head = NULL;
	bool is_huge;

	user_pmd_lock(lock->mm, pmd);
	is_huge = pmd_is_huge(*pmd);
	if (is_huge)
		head = pmd_counted_page(*pmd);
	if (head)
		lock->move(head);
	user_pmd_unlock(lock->mm, pmd);
	return is_huge ? 0 : PGWALK_DESCEND;
}
#else
#define move_huge NULL
#endif

static void walk_range(struct vm_area *area, unsigned long start, unsigned long end,
		       void (*move)(struct page *page))
{
	struct lock_walk lock = {
		.walk = { .pt = &area->mm->pt,
			  .start = start,
			  .last = end - 1,
			  .table = move_pages,
			  .large = move_huge },
		.mm = area->mm,
		.move = move,
	};

	if (IS_ENABLED(CONFIG_RECLAIM))
		page_walk_range(&lock.walk);
}

void mm_unlock_pages(struct vm_area *area, unsigned long start, unsigned long end)
{
	if (area->flags & VM_LOCKED)
		walk_range(area, start, end, lru_munlock);
}

/* --- areas --- */

/* The area is whole. What has no pages of its own has nothing to lock.  The flags first: reclaim
 * goes by them, and would put back what is moved. */
static void lock_area(struct vm_area *area, unsigned long bits)
{
	bool was_locked = area->flags & VM_LOCKED;

	if (area->flags & VM_PFNMAP)
		return;
	vma_start_write(&area->mm->areas, area);
	mm_account_area(area->mm, area->flags, -(long)vma_pages(area));
	WRITE_ONCE(area->flags, (area->flags & ~VM_LOCK_BITS) | bits);
	mm_account_area(area->mm, area->flags, vma_pages(area));
	if (bits & VM_LOCKED)
		walk_range(area, area->start, area->end, lru_mlock);
	else if (was_locked)
		walk_range(area, area->start, area->end, lru_munlock);
}

/* How far from @start on the range is mapped without a hole. */
static unsigned long mapped_end(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	unsigned long good = start;
	struct vm_area *area;

	for_each_vma_in(area, &mm->areas, start, end) {
		if (area->start > good)
			break;
		good = min(area->end, end);
	}
	return good;
}

/* An area that may not be cut has no pages of its own: it is passed over, whole. */
static int isolate(struct mm_struct *mm, unsigned long *start, unsigned long *end)
{
	struct vm_area *area = vma_lookup(&mm->areas, *start);

	if (area && area->flags & VM_PFNMAP)
		*start = min(area->end, *end);
	area = vma_lookup(&mm->areas, *end);
	if (area && area->flags & VM_PFNMAP)
		*end = max(area->start, *start);
	return *start < *end ? vma_isolate(&mm->areas, *start, *end) : 0;
}

static int lock_range(struct mm_struct *mm, unsigned long start, unsigned long end,
		      unsigned long bits)
{
	unsigned long good = mapped_end(mm, start, end);
	int hole = good < end ? -ENOMEM : 0, err;
	struct vm_area *area;

	lockdep_assert_held_write(&mm->mmap_lock);
	err = isolate(mm, &start, &good);
	if (err)
		return err;
	if (start < good) {
		for_each_vma_in(area, &mm->areas, start, good)
			lock_area(area, bits);
		vma_merge_in(&mm->areas, start, good);
	}
	return hole;
}

static unsigned long locked_in(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area *area;
	unsigned long nr = 0;

	for_each_vma_in(area, &mm->areas, start, end)
		if (area->flags & VM_LOCKED)
			nr += (min(area->end, end) - max(area->start, start)) >> PAGE_SHIFT;
	return nr;
}

/* @start is a page's; @end may have wrapped round. */
static int do_mlock_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			  unsigned long bits)
{
	unsigned long limit = current_limit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	unsigned long nr = ((end - start) >> PAGE_SHIFT) + mm->locked_pages;

	if (!mm_locks_freely() && nr > limit && end > start)
		nr -= locked_in(mm, start, end);
	if (!mm_locks_freely() && nr > limit)
		return -ENOMEM;
	if (end < start)
		return -EINVAL;
	return end > start ? lock_range(mm, start, end, bits) : 0;
}

int do_mlock(struct mm_struct *mm, unsigned long start, unsigned long len, unsigned long bits)
{
	unsigned long first = start & PAGE_MASK;
	int err;

	if (!mm_may_lock())
		return -EPERM;
	len = ALIGN_UP(len + (start - first), PAGE_SIZE);
	down_write(&mm->mmap_lock);
	err = do_mlock_range(mm, first, first + len, bits);
	mmap_write_unlock(mm);
	if (err || !len)
		return err;
	err = mm_populate_all(mm, first, len);
	switch (err) {
	case -EFAULT:
		return -ENOMEM; /* POSIX: there is no memory */
	case -ENOMEM:
		return -EAGAIN; /* it could not be locked */
	default:
		return err;
	}
}

int do_munlock(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	unsigned long first = start & PAGE_MASK, end;
	int err = 0;

	len = ALIGN_UP(len + (start - first), PAGE_SIZE);
	end = first + len;
	if (end < first)
		return -EINVAL;
	down_write(&mm->mmap_lock);
	if (end > first)
		err = lock_range(mm, first, end, 0);
	mmap_write_unlock(mm);
	return err;
}

/* All areas, and those to come, by MCL_ @flags; 0: none. mmap_lock held for writing. */
static void lock_all(struct mm_struct *mm, unsigned int flags)
{
	unsigned long bits = VM_LOCKED | (flags & MCL_ONFAULT ? VM_LOCKONFAULT : 0);
	struct vm_area *area;

	mm->default_flags &= ~VM_LOCK_BITS;
	if (flags & MCL_FUTURE)
		mm->default_flags |= bits;
	if (flags && !(flags & MCL_CURRENT))
		return;
	for_each_vma(area, &mm->areas)
		lock_area(area, flags ? bits : 0);
	vma_merge_in(&mm->areas, 0, USER_END);
}

int do_mlockall(struct mm_struct *mm, unsigned int flags)
{
	unsigned long limit = current_limit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	int err = 0;

	if (!flags || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (!mm_may_lock())
		return -EPERM;
	down_write(&mm->mmap_lock);
	if (flags & MCL_CURRENT && mm->total_pages > limit && !mm_locks_freely())
		err = -ENOMEM;
	else
		lock_all(mm, flags);
	mmap_write_unlock(mm);
	if (!err && flags & MCL_CURRENT)
		mm_populate(mm, 0, USER_END);
	return err;
}

void do_munlockall(struct mm_struct *mm)
{
	down_write(&mm->mmap_lock);
	lock_all(mm, 0);
	mmap_write_unlock(mm);
}
