/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * madvise(): what a program says about its memory.
 *
 *	advice about flags	an area changes, as by mprotect(): what fork, dumps and faults do
 *	DONTNEED		pages go; the next access finds zeros, or the file
 *	FREE			pages may go until they are written to: their entries become clean,
 *				and they are the next that reclaim looks at
 *	COLD			pages were not used lately: their entries say so, and they go first
 *	REMOVE			pages go from the file, too
 *	POPULATE		pages come now, or the reason why not
 *	PAGEOUT			private pages that nobody else maps go to swap
 *	WILLNEED		pages begin to come back from swap
 *
 * A private page is dirty in the entry of whoever wrote to it: each fault for writing sets the bit,
 * and it is lost by MADV_FREE alone.  So who looks for memory may throw away, without a copy, a
 * private page that no entry calls dirty: it holds zeros, or what was given up.  A write afterwards
 * makes the processor set the bit again, for its old translation, which knew the bit to be set, is
 * flushed before the call returns.  A page that others map, too, is left alone.
 *
 * Unlike mprotect() it goes on over holes, and says -ENOMEM at the end.
 *
 * Locks: mmap_lock, the caller's: for writing where flags change (madvise_changes_areas()), else
 * for reading; that of a table at a time.  POPULATE and REMOVE take mmap_lock for reading
 * themselves, because they drop it meanwhile.
 */
#include <arch/tlb.h>
#include <linux/errno.h>
#include <linux/mman.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/page.h>
#include <oshit/sched.h>
#include <oshit/thp.h>

#include "deferred_flush.h"
#include "huge_memory.h"
#include "mm_internal.h"
#include "swap.h"
#include "user_page.h"
#include "user_table.h"

#define VM_SPECIAL (VM_DONTEXPAND | VM_PFNMAP)

enum advice_kind {
	ADVICE_FLAGS, /* an area's flags change */
	ADVICE_DROP,
	ADVICE_AGE, /* entries lose bits */
	ADVICE_PAGEOUT,
	ADVICE_WILLNEED,
};

struct advice {
	int number; /* MADV_ */
	enum advice_kind kind;
	unsigned long set, clear; /* VM_ of the area; of ADVICE_AGE: PTE_ in @clear */
	unsigned long refused; /* VM_ with which it is -EINVAL */
	bool is_private_only; /* -EINVAL for files and shared memory */
};

/* clang-format off */
static const struct advice advices[] = {
	{ MADV_NORMAL,	    ADVICE_FLAGS, .clear = VM_RAND_READ | VM_SEQ_READ },
	{ MADV_RANDOM,	    ADVICE_FLAGS, .set = VM_RAND_READ, .clear = VM_SEQ_READ },
	{ MADV_SEQUENTIAL,  ADVICE_FLAGS, .set = VM_SEQ_READ, .clear = VM_RAND_READ },
	{ MADV_DONTFORK,    ADVICE_FLAGS, .set = VM_DONTCOPY },
	{ MADV_DOFORK,	    ADVICE_FLAGS, .clear = VM_DONTCOPY },
	{ MADV_WIPEONFORK,  ADVICE_FLAGS, .set = VM_WIPEONFORK, .is_private_only = true },
	{ MADV_KEEPONFORK,  ADVICE_FLAGS, .clear = VM_WIPEONFORK },
	{ MADV_DONTDUMP,    ADVICE_FLAGS, .set = VM_DONTDUMP },
	{ MADV_DODUMP,	    ADVICE_FLAGS, .clear = VM_DONTDUMP, .refused = VM_SPECIAL },
#ifdef CONFIG_THP
	{ MADV_HUGEPAGE,    ADVICE_FLAGS, .set = VM_HUGEPAGE, .clear = VM_NOHUGEPAGE },
	{ MADV_NOHUGEPAGE,  ADVICE_FLAGS, .set = VM_NOHUGEPAGE, .clear = VM_HUGEPAGE },
#endif
	{ MADV_DONTNEED,    ADVICE_DROP,  .refused = VM_LOCKED | VM_PFNMAP },
	{ MADV_DONTNEED_LOCKED, ADVICE_DROP, .refused = VM_PFNMAP },
	{ MADV_FREE,	    ADVICE_AGE,	  .refused = VM_LOCKED | VM_PFNMAP, .is_private_only = true,
					  .clear = PTE_ACCESSED | PTE_DIRTY },
	{ MADV_COLD,	    ADVICE_AGE,	  .refused = VM_LOCKED | VM_PFNMAP, .clear = PTE_ACCESSED },
	{ MADV_PAGEOUT,	    ADVICE_PAGEOUT, .refused = VM_LOCKED | VM_PFNMAP },
	{ MADV_WILLNEED,    ADVICE_WILLNEED, .set = 0 },
};
/* clang-format on */

static const struct advice *find_advice(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(advices); i++)
		if (advices[i].number == number)
			return &advices[i];
	return NULL;
}

bool madvise_changes_areas(int number)
{
	const struct advice *advice = find_advice(number);

	return advice && advice->kind == ADVICE_FLAGS;
}

static void drop_pages(struct vm_area *area, unsigned long start, unsigned long end)
{
	struct user_gather gather;

	mm_unlock_pages(area, start, end);
	user_gather_begin(&gather, area->mm);
	user_unmap_pages(&gather, start, end);
	user_gather_end(&gather);
}

/* --- pages that may go --- */

struct age_walk {
	struct page_walk walk;
	struct mm_struct *mm;
	pte_t bits; /* in   that entries lose */
	bool lost; /* out  an entry had one, and a processor may know it */
};

/* Whether the page may lose @bits: dirty belongs to who alone maps a private page. */
static bool may_age(const struct page *page, pte_t bits)
{
	return page && (!(bits & PTE_DIRTY) || (page_is_anon(page) && page_map_count(page) == 1));
}

/* Reclaim takes it before others; of a clean private page it is content with the page. */
static void let_go_first(struct page *page, pte_t bits)
{
	if (page_map_count(page) != 1)
		return;
	if (bits & PTE_DIRTY)
		lru_make_discardable(page);
	else
		lru_deactivate(page);
}

static int age_table(struct page_walk *walk, pte_t *entries, unsigned long addr __maybe_unused,
		     unsigned int nr)
{
	struct age_walk *age = container_of(walk, struct age_walk, walk);

	user_pte_lock(age->mm, entries);
	for (unsigned int i = 0; i < nr; i++) {
		if (pte_is_swapped(entries[i]) && age->bits & PTE_DIRTY) {
			swap_entry_put(swap_entry_of(entries[i]));
			WRITE_ONCE(entries[i], 0);
			atomic64_dec(&age->mm->counters[MM_SWAP_ENTRIES]);
			continue;
		}
		if (!(entries[i] & age->bits) || !may_age(pte_counted_page(entries[i]), age->bits))
			continue;
		/* A CPU may set the same bits meanwhile. */
		__atomic_fetch_and(&entries[i], ~age->bits, __ATOMIC_RELAXED);
		age->lost = true;
		let_go_first(pte_counted_page(entries[i]), age->bits);
	}
	user_pte_unlock(age->mm, entries);
	return 0;
}

#ifdef CONFIG_THP
/* What is given up of a huge page is given up page by page. */
static int age_huge(struct page_walk *walk, pte_t *pmd, unsigned long addr,
		    unsigned int level __maybe_unused)
{
	huge_split_entry(container_of(walk, struct age_walk, walk)->mm, pmd, addr);
	return PGWALK_DESCEND;
}
#else
#define age_huge NULL
#endif

static void age_pages(struct mm_struct *mm, unsigned long start, unsigned long end, pte_t bits)
{
	struct age_walk age = {
		.walk = { .pt = &mm->pt,
			  .start = start,
			  .last = end - 1,
			  .table = age_table,
			  .large = age_huge },
		.mm = mm,
		.bits = bits,
	};

	page_walk_range(&age.walk);
	if (!mm_flush_deferred(mm) && age.lost)
		flush_tlb_mm_range(&mm->context, start, end - 1);
}

/* --- areas --- */

/* On the part of @area that lies in [@start, @end). */
static int advise_area(struct vm_area *area, unsigned long start, unsigned long end,
		       const struct advice *advice)
{
	if (area->flags & advice->refused ||
	    (advice->is_private_only && (area->file || area->flags & VM_SHARED)))
		return -EINVAL;
	start = max(start, area->start);
	end = min(end, area->end);
	switch (advice->kind) {
	case ADVICE_FLAGS:
		vma_start_write(&area->mm->areas, area);
		area->flags = (area->flags & ~advice->clear) | advice->set;
		if (advice->set & VM_HUGEPAGE)
			khugepaged_enter(area->mm);
		break;
	case ADVICE_DROP:
		drop_pages(area, start, end);
		break;
	case ADVICE_AGE:
		age_pages(area->mm, start, end, advice->clear);
		break;
	case ADVICE_PAGEOUT:
		swap_page_out(area, start, end);
		break;
	case ADVICE_WILLNEED:
		swap_will_need(area, start, end);
		break;
	}
	return 0;
}

static int advise_areas(struct mm_struct *mm, unsigned long start, unsigned long end,
			const struct advice *advice)
{
	unsigned long next = start;
	struct vm_area *area;
	bool hole = false;

	for_each_vma_in(area, &mm->areas, start, end) {
		int err = advise_area(area, start, end, advice);

		if (err)
			return err;
		hole |= area->start > next;
		next = area->end;
	}
	return hole || next < end ? -ENOMEM : 0;
}

static int advise_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			const struct advice *advice)
{
	int err;

	if (advice->kind != ADVICE_FLAGS)
		return advise_areas(mm, start, end, advice);
	lockdep_assert_held_write(&mm->mmap_lock);
	err = vma_isolate(&mm->areas, start, end);
	if (err)
		return err == -ENOMEM ? -EAGAIN : err; /* -ENOMEM is for holes */
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

int do_madvise(struct mm_struct *mm, unsigned long start, unsigned long len, int number)
{
	const struct advice *advice = find_advice(number);
	unsigned long end;
	int err;

	lockdep_assert_held(&mm->mmap_lock);
	if (!advice)
		return -EINVAL;
	err = check_range(start, len, &end);
	if (err)
		return min(err, 0);
	return advise_range(mm, start, min(end, USER_END), advice) ?: end > USER_END ? -ENOMEM : 0;
}

/* --- pages that leave their file --- */

static int check_remove(const struct vm_area *area)
{
	if (area->flags & VM_LOCKED || !(area->file || area->flags & VM_SHARED))
		return -EINVAL;
	if ((area->flags & (VM_SHARED | VM_WRITE)) != (VM_SHARED | VM_WRITE))
		return -EACCES;
	return area->ops && area->ops->punch_hole ? 0 : -EOPNOTSUPP;
}

/* The first area's part of [*@start, @end): *@start is where it ends. *@hole: something in front of
 * it, or behind the last, is not mapped. */
static int remove_part(struct mm_struct *mm, unsigned long *start, unsigned long end, bool *hole)
{
	struct vm_area *area;
	unsigned long first;
	int err = 0;

	down_read(&mm->mmap_lock);
	area = vma_find_in(&mm->areas, *start, end);
	if (!area || area->start > *start)
		*hole = true;
	first = area ? max(*start, area->start) : end;
	*start = area ? min(end, area->end) : end;
	if (area)
		err = check_remove(area);
	if (area && !err)
		return area->ops->punch_hole(area, first, *start); /* drops mmap_lock */
	up_read(&mm->mmap_lock);
	return err;
}

int mm_advise_remove(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	bool hole = false;
	unsigned long end;
	int err = check_range(start, len, &end);

	if (err)
		return min(err, 0);
	while (start < end && !err)
		err = remove_part(mm, &start, end, &hole);
	return err ?: hole ? -ENOMEM : 0;
}

/* --- pages that come now --- */

/* Under mmap_lock; some of them, *@addr is where the next begins. */
static int populate_pages(struct mm_struct *mm, unsigned long *addr, unsigned long end,
			  unsigned int flags)
{
	struct vm_area *area = vma_lookup(&mm->areas, *addr);

	if (!area)
		return -ENOMEM;
	if (area->flags & VM_PFNMAP || !vma_permits(area, flags))
		return -EINVAL;
	return mm_fault_in_batch(area, addr, end, flags);
}

int mm_advise_populate(struct mm_struct *mm, unsigned long start, unsigned long len, int advice)
{
	unsigned int flags = advice == MADV_POPULATE_WRITE ? FAULT_FLAG_WRITE : 0;
	unsigned long end;
	int err = check_range(start, len, &end);

	if (err)
		return min(err, 0);
	while (start < end && !err) {
		if (fatal_signal_pending(current))
			return -EINTR;
		down_read(&mm->mmap_lock);
		err = populate_pages(mm, &start, end, flags);
		up_read(&mm->mmap_lock);
		cond_resched();
	}
	return err;
}
