/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mremap(): mappings that become longer or shorter, or move.
 *
 *	shorter			the rest is unmapped, where it is
 *	longer, room behind	the area grows in place
 *	else			a new area, and the page table entries move to it
 *	old length 0		a second mapping of the same shared pages: nothing moves
 *	MREMAP_DONTUNMAP	the old area stays, without its pages
 *
 * No page is touched: an entry is taken from its place and put into the other, 2 MiB at a time as a
 * whole table where both sides are aligned alike and the new one has no table yet.  In between,
 * when all CPUs forget the old place, what moves is at neither: so nobody can take a page away who
 * knows its new place alone, and no CPU is waited for with a table locked.  Who looks for all
 * mappings of a page meanwhile is kept waiting: it would miss this one.
 *
 * An area that moves keeps its page offset, so page->index stays right, and what was one mapping
 * can be one again when it comes back.  Only if no page of its own was ever there it takes the
 * offset that its new address stands for, because then it merges with what is new around.
 *
 * As with every change of a part, the old range is made whole areas first; that, the promise of
 * memory, the new area and its tables are all that can fail.  If a table is missing half way,
 * everything moves back, for which no memory is needed: tables stay until their areas go.
 *
 * The order of checks decides which errno wins; it follows Linux's.
 *
 * Locks: mmap_lock for writing, the caller's; both areas, so that no fault sees half; while entries
 * are at neither place those of the walks (struct rmap_locks); that of a table at a time.
 */
#include <arch/tlb.h>
#include <linux/errno.h>
#include <linux/mman.h>
#include <oshit/bug.h>
#include <oshit/err.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/overcommit.h>
#include <oshit/pagecache.h>
#include <oshit/rmap.h>
#include <oshit/sched.h>

#include "deferred_flush.h"
#include "huge_memory.h"
#include "mm_internal.h"
#include "user_table.h"

#define MREMAP_KNOWN (MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)
#define SPARE_AREAS  3 /* that a move may need at once: two cuts and the new one */

/* --- page tables --- */

#define NR_FEW	     32 /* entries: more than most moves have */

struct move {
	struct mm_struct *mm;
	struct rmap_locks rmap;
	unsigned long from, to; /* what comes next */
	pte_t *buffer; /* of entries that are at neither place */
	unsigned long room; /* bytes whose entries fit into it */
	pte_t few[NR_FEW];
};

static void move_begin(struct move *move, unsigned long len)
{
	move->buffer = NULL; /* few[] is left as it is */
	move->room = PT_LEVEL_SIZE(1);
	if (len > NR_FEW * PAGE_SIZE)
		move->buffer = (pte_t *)__get_free_page(GFP_KERNEL);
	if (move->buffer)
		return;
	move->buffer = move->few;
	move->room = NR_FEW * PAGE_SIZE;
}

static void move_end(struct move *move)
{
	if (move->buffer != move->few)
		free_page((unsigned long)move->buffer);
}

/* @nr entries from their place to the other. A CPU may set accessed and dirty bits until the
 * exchange. */
static void exchange_entries(struct move *move, pte_t *source, pte_t *target, unsigned long nr)
{
	struct mm_struct *mm = move->mm;
	pte_t found = 0;

	user_pte_lock(mm, source);
	for (unsigned long i = 0; i < nr; i++) {
		move->buffer[i] = source[i] ? xchg(&source[i], 0) : 0;
		found |= move->buffer[i];
	}
	user_pte_unlock(mm, source);
	if (found & PTE_PRESENT)
		flush_tlb_mm_range(&mm->context, move->from, move->from + nr * PAGE_SIZE - 1);
	if (!found)
		return;
	user_pte_lock(mm, target);
	for (unsigned long i = 0; i < nr; i++)
		if (move->buffer[i])
			WRITE_ONCE(target[i], move->buffer[i]);
	user_pte_unlock(mm, target);
}

static void move_entries(struct move *move, pte_t *source, pte_t *target, unsigned long nr)
{
	rmap_locks_take(&move->rmap);
	exchange_entries(move, source, target, nr);
	rmap_locks_drop(&move->rmap);
}

static unsigned long to_end_of_table(unsigned long addr)
{
	return PT_LEVEL_SIZE(1) - (addr & (PT_LEVEL_SIZE(1) - 1));
}

/* Bytes moved, of @len: what lies within one table on both sides. 0: no memory for one. */
static unsigned long move_run(struct move *move, unsigned long len)
{
	pte_t *source, *target;

	huge_split_around(move->mm, move->from);
	source = user_table_find(move->mm, move->from);
	len = min(len, to_end_of_table(move->from));
	if (!source)
		return len;
	len = min(len, to_end_of_table(move->to));
	if (len == PT_LEVEL_SIZE(1) && user_table_move(move->mm, move->from, move->to, &move->rmap))
		return len;
	target = user_table_populate(move->mm, move->to);
	if (!target)
		return 0;
	len = min(len, move->room);
	move_entries(move, source, target, len >> PAGE_SHIFT);
	return len;
}

/* Of @area, from or to which they go. Bytes moved: @len, or less for want of memory. */
static unsigned long move_pages(const struct vm_area *area, unsigned long from, unsigned long to,
				unsigned long len)
{
	unsigned long done = 0, part;
	struct move move;

	move.mm = area->mm;
	move.rmap.file = area->mapping ? &area->mapping->i_mmap_lock : NULL;
	move.rmap.anon = area->anon_chain ? &area->anon_chain->anon_vma->root->rwsem : NULL;
	move.from = from;
	move.to = to;
	move_begin(&move, len);
	while (done < len) {
		part = move_run(&move, len - done);
		if (!part)
			break;
		move.from += part;
		move.to += part;
		done += part;
		cond_resched();
	}
	/* The old place may get other pages. */
	mm_flush_deferred(move.mm);
	move_end(&move);
	return done;
}

/* --- areas --- */

/* The area at the old address, if all of it that is asked for may get the new length. */
static struct vm_area *check_resize(struct mm_struct *mm, const struct mremap_request *request)
{
	struct vm_area *area = vma_lookup(&mm->areas, request->addr);
	unsigned long nr_more = (request->new_len - request->old_len) >> PAGE_SHIFT, pgoff;

	if (!area)
		return ERR_PTR(-EFAULT);
	if (!request->old_len && !(area->flags & VM_SHARED))
		return ERR_PTR(-EINVAL);
	if (request->flags & MREMAP_DONTUNMAP && area->flags & (VM_DONTEXPAND | VM_PFNMAP))
		return ERR_PTR(-EINVAL);
	if (request->old_len > area->end - request->addr)
		return ERR_PTR(-EFAULT);
	if (request->new_len == request->old_len)
		return area;
	pgoff = vma_pgoff_at(area, request->addr);
	if (pgoff + (request->new_len >> PAGE_SHIFT) < pgoff)
		return ERR_PTR(-EINVAL);
	if (area->flags & (VM_DONTEXPAND | VM_PFNMAP))
		return ERR_PTR(-EFAULT);
	if (mm_check_locked(mm, area->flags, nr_more))
		return ERR_PTR(-EAGAIN);
	return mm_may_grow(mm, area->flags, nr_more) ? area : ERR_PTR(-ENOMEM);
}

static int charge(const struct vm_area *area, unsigned long nr_pages)
{
	return area->flags & VM_ACCOUNT ? vm_enough_memory(area->mm, nr_pages) : 0;
}

/* The area for the new range, beside the old one, to which it is alike. NULL: no memory. */
static struct vm_area *copy_area(struct vm_area *area, const struct mremap_request *request)
{
	struct vm_area *copy = vma_alloc();

	if (!copy)
		return NULL;
	/* Before faults have the last word about what it holds. */
	vma_start_write(&area->mm->areas, area);
	*copy = *area;
	vma_lock_init(copy);
	copy->start = request->new_addr;
	copy->end = request->new_addr + request->new_len;
	copy->pgoff = vma_is_anonymous(area) && !area->anon_chain && !area->has_anon
			      ? copy->start >> PAGE_SHIFT
			      : vma_pgoff_at(area, request->addr);
	copy->anon_vma = NULL;
	copy->anon_chain = NULL;
	copy->in_mapping = false;
	if (anon_vma_clone(copy, area)) {
		vma_free(copy);
		return NULL;
	}
	if (copy->ops && copy->ops->open)
		copy->ops->open(copy);
	if (vma_insert(&area->mm->areas, copy)) {
		mm_free_area(copy);
		return NULL;
	}
	vma_start_write(&area->mm->areas, copy);
	mm_account_area(copy->mm, copy->flags, vma_pages(copy));
	return copy;
}

static int move_contents(struct vm_area *copy, const struct mremap_request *request)
{
	unsigned long moved = move_pages(copy, request->addr, copy->start, request->old_len);
	int err = moved < request->old_len ? -ENOMEM : 0;

	if (!err && copy->ops && copy->ops->mremap)
		err = copy->ops->mremap(copy);
	if (err)
		WARN_ON_ONCE(move_pages(copy, copy->start, request->addr, moved) < moved);
	return err;
}

/* The area goes; what was promised for it is kept, or was never promised. */
static void remove_uncharged(struct vm_area *area)
{
	area->flags &= ~VM_ACCOUNT;
	mm_remove_areas(area->mm, area->start, area->end);
}

/* The old area has lost its pages: nothing of it is locked, and none is its own. */
static void leave_empty(struct vm_area *area)
{
	mm_account_area(area->mm, area->flags, -(long)vma_pages(area));
	area->flags &= ~VM_LOCK_BITS;
	area->has_anon = false;
	anon_vma_unlink(area);
	mm_account_area(area->mm, area->flags, vma_pages(area));
}

/* The old range is one area, or empty. */
static int move_whole_area(struct vm_area *area, const struct mremap_request *request)
{
	bool stays = request->flags & MREMAP_DONTUNMAP;
	unsigned long more = request->new_len - (stays ? 0 : request->old_len);
	struct vm_area *copy;
	int err = charge(area, more >> PAGE_SHIFT);

	if (err)
		return err;
	copy = copy_area(area, request);
	err = copy ? move_contents(copy, request) : -ENOMEM;
	if (err) {
		if (area->flags & VM_ACCOUNT)
			vm_unacct_memory(more >> PAGE_SHIFT);
		if (copy)
			remove_uncharged(copy);
		return err;
	}
	if (stays)
		leave_empty(area);
	else if (request->old_len)
		remove_uncharged(area);
	return 0;
}

/* What the area has got at @start may have to be there at once. */
static void plan_populate(const struct vm_area *area, struct mremap_request *request,
			  unsigned long start)
{
	if (IS_ENABLED(CONFIG_DEMAND_PAGING) && !(area->flags & VM_LOCKED))
		return;
	request->populate_start = start;
	request->populate_len = request->new_len - request->old_len;
}

static unsigned long move_area(struct mm_struct *mm, struct mremap_request *request)
{
	unsigned long old_end = request->addr + request->old_len;
	unsigned long new_end = request->new_addr + request->new_len;
	struct vm_area *area;
	int err = 0;

	if (mm->areas.nr >= mm->areas.max_nr - SPARE_AREAS)
		return -ENOMEM;
	if (request->old_len)
		err = vma_isolate(&mm->areas, request->addr, old_end);
	if (err)
		return err;
	area = vma_lookup(&mm->areas, request->addr);
	if (request->new_len > request->old_len)
		plan_populate(area, request, request->new_addr + request->old_len);
	err = move_whole_area(area, request);
	vma_merge_in(&mm->areas, request->addr, old_end);
	if (err)
		return err;
	vma_merge_in(&mm->areas, request->new_addr, new_end);
	return request->new_addr;
}

/* --- the call --- */

static unsigned long move_to(struct mm_struct *mm, struct mremap_request *request)
{
	unsigned long old_end = request->addr + request->old_len;
	struct vm_area *area;
	int err;

	if (!IS_ALIGNED(request->new_addr, PAGE_SIZE) || request->new_len > USER_END ||
	    request->new_addr > USER_END - request->new_len)
		return -EINVAL;
	if (old_end > request->new_addr && request->new_addr + request->new_len > request->addr)
		return -EINVAL;
	if (mm->areas.nr + 2 >= mm->areas.max_nr - SPARE_AREAS)
		return -ENOMEM;
	err = request->flags & MREMAP_FIXED ? do_munmap(mm, request->new_addr, request->new_len)
					    : 0;
	if (!err && request->old_len > request->new_len) {
		err = do_munmap(mm, request->addr + request->new_len,
				request->old_len - request->new_len);
		request->old_len = request->new_len;
	}
	if (err)
		return err;
	area = check_resize(mm, request);
	if (IS_ERR(area))
		return PTR_ERR(area);
	if (request->flags & MREMAP_DONTUNMAP &&
	    !mm_may_grow(mm, area->flags, request->old_len >> PAGE_SHIFT))
		return -ENOMEM;
	if (!(request->flags & MREMAP_FIXED))
		request->new_addr = mm_find_free(mm, request->new_addr, request->new_len, USER_END);
	else if (request->new_addr < MMAP_MIN_ADDR)
		return -EPERM;
	return (long)request->new_addr < 0 ? request->new_addr : move_area(mm, request);
}

static bool has_room_behind(const struct mm_struct *mm, const struct vm_area *area,
			    unsigned long len)
{
	unsigned long end = area->end + len;

	return end > area->end && end <= USER_END && !vma_find_in(&mm->areas, area->end, end);
}

static unsigned long grow_in_place(struct vm_area *area, struct mremap_request *request)
{
	unsigned long more = request->new_len - request->old_len, old_end = area->end;
	struct mm_struct *mm = area->mm;

	if (charge(area, more >> PAGE_SHIFT))
		return -ENOMEM;
	mm_account_area(mm, area->flags, more >> PAGE_SHIFT);
	plan_populate(area, request, old_end);
	vma_resize(&mm->areas, area, area->start, old_end + more);
	vma_merge_in(&mm->areas, old_end, old_end + more);
	return request->addr;
}

static unsigned long grow(struct mm_struct *mm, struct mremap_request *request)
{
	struct vm_area *area = check_resize(mm, request);

	if (IS_ERR(area))
		return PTR_ERR(area);
	if (request->old_len == area->end - request->addr &&
	    has_room_behind(mm, area, request->new_len - request->old_len))
		return grow_in_place(area, request);
	if (!(request->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	request->new_addr = mm_find_free(mm, 0, request->new_len, USER_END);
	return (long)request->new_addr < 0 ? request->new_addr : move_area(mm, request);
}

static unsigned long shrink(struct mm_struct *mm, const struct mremap_request *request)
{
	unsigned long less = request->old_len - request->new_len;
	int err = less ? do_munmap(mm, request->addr + request->new_len, less) : 0;

	return err ?: (long)request->addr;
}

static bool flags_are_valid(const struct mremap_request *request)
{
	unsigned long flags = request->flags;

	if (flags & ~MREMAP_KNOWN)
		return false;
	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) && !(flags & MREMAP_MAYMOVE))
		return false;
	return !(flags & MREMAP_DONTUNMAP) || request->old_len == request->new_len;
}

unsigned long do_mremap(struct mm_struct *mm, struct mremap_request *request)
{
	lockdep_assert_held_write(&mm->mmap_lock);
	request->populate_len = 0;
	if (!flags_are_valid(request) || !IS_ALIGNED(request->addr, PAGE_SIZE))
		return -EINVAL;
	request->old_len = ALIGN_UP(request->old_len, PAGE_SIZE);
	request->new_len = ALIGN_UP(request->new_len, PAGE_SIZE);
	if (!request->new_len)
		return -EINVAL;
	if (!vma_lookup(&mm->areas, request->addr))
		return -EFAULT;
	if (request->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return move_to(mm, request);
	return request->old_len >= request->new_len ? shrink(mm, request) : grow(mm, request);
}
