/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private pages on their way back from swap.
 *
 * A fault finds the page in the swap cache, or puts a new one there and has it read; it waits for
 * the page's lock, without the area if it may, and comes again.  Then, if the entry is still the
 * same, the page is mapped.  It stays in the cache, clean and read-only, so that it can go again
 * without being written; unless the fault is for writing, or half of all slots are in use, and
 * nobody else names the slot: then it leaves the cache and is writable at once.  If others do, who
 * writes makes a copy, as of any page that is shared.
 *
 * A page that was read anew belongs to the root of the area's anon_vmas: all areas that may name
 * the slot descend from one that had the page, and are known there.  Who writes to it alone later
 * makes it his own (mm/fault.c).
 *
 * swap_in_all(), for a device that goes, does the same for all entries of all address spaces that
 * ever had one.
 *
 * Locks: mmap_lock, or the area, for reading; the page's lock; that of the table.
 */
#define pr_fmt(fmt) "swap: " fmt

#include <linux/errno.h>
#include <oshit/bug.h>
#include <oshit/err.h>
#include <oshit/fault_count.h>
#include <oshit/gfp.h>
#include <oshit/list.h>
#include <oshit/lru.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>
#include <oshit/printk.h>
#include <oshit/rmap.h>
#include <oshit/sched.h>
#include <oshit/spinlock.h>

#include "mm_internal.h"
#include "shmem.h"
#include "swap.h"
#include "user_page.h"
#include "user_table.h"

/* --- one entry --- */

/* Whether the page is to leave the cache if the new entry is the only one that has it: who writes
 * would make it differ from what the slot holds.  Not while it is being stored. */
static bool should_leave_cache(const struct vm_fault *fault, const struct page *page)
{
	if (page_has_flag(page, PG_writeback))
		return false;
	return fault->flags & FAULT_FLAG_WRITE || swap_slots_are_scarce();
}

/* Under the locks of page and table. Return: the entry that maps the page. */
static pte_t map_page(const struct vm_fault *fault, struct page *page)
{
	struct vm_area *area = fault->area;
	struct mm_struct *mm = area->mm;
	pte_t flags = user_pte_flags(area), entry;
	bool is_alone;

	if (!page_anon_vma(page))
		page_set_anon_root(page, area, fault->pgoff);
	get_page(page); /* the entry's */
	page_add_map(page);
	if (unlikely(area->flags & VM_LOCKED))
		lru_mlock(page);
	atomic64_inc(&mm->counters[MM_ANON_PAGES]);
	atomic64_dec(&mm->counters[MM_SWAP_ENTRIES]);
	WRITE_ONCE(area->has_anon, true);
	swap_cache_mapped(page);
	is_alone = should_leave_cache(fault, page) && page_map_count(page) == 1 &&
		   swap_cache_leave(page);
	if (is_alone)
		flags |= PTE_DIRTY;
	else
		flags &= ~PTE_WRITE;
	entry = page_to_phys(page) | flags;
	return area->flags & VM_ACCESS ? entry : pte_hide(entry);
}

static int map_if_unchanged(struct vm_fault *fault, struct page *page)
{
	struct mm_struct *mm = fault->area->mm;
	pte_t entry = 0;

	if (fault->flags & FAULT_FLAG_WRITE)
		page_wait_writeback(page);
	user_pte_lock(mm, fault->pte);
	if (*fault->pte == fault->entry) {
		entry = map_page(fault, page);
		WRITE_ONCE(*fault->pte, entry);
	}
	user_pte_unlock(mm, fault->pte);
	if (entry)
		count_fault(FAULT_SWAP);
	else
		count_fault(FAULT_RACED);
	fault->entry = entry;
	return 0;
}

/* The page is locked. -EAGAIN: another page must be tried. */
static int map_locked(struct vm_fault *fault, struct page *page, swap_entry_t entry)
{
	if (!page_in_swap_cache(page) || page_swap_entry(page).pte != entry.pte) {
		fault->entry = 0;
		return 0;
	}
	if (!page_is_uptodate(page)) {
		swap_cache_remove(page);
		return -EAGAIN;
	}
	return map_if_unchanged(fault, page);
}

/* For a disk: the page is being read, or it is to be written to and is being stored. */
static bool must_wait(const struct vm_fault *fault, const struct page *page)
{
	return !page_is_uptodate(page) ||
	       (fault->flags & FAULT_FLAG_WRITE && page_has_flag(page, PG_writeback));
}

static int map_and_put(struct vm_fault *fault, struct page *page, swap_entry_t entry)
{
	int result;

	if (must_wait(fault, page) && fault_wait_unlocked(fault, page))
		return VM_FAULT_UNLOCKED;
	lock_page(page);
	result = map_locked(fault, page, entry);
	unlock_page(page);
	swap_drop_orphan(page);
	mark_page_accessed(page);
	put_page(page);
	return result;
}

/* The page that is in the cache.  One that could not be read when others wanted it, or its
 * neighbour, counts as not there. */
static int map_cached(struct vm_fault *fault, swap_entry_t entry)
{
	struct page *page = swap_cache_get(entry);

	return page ? map_and_put(fault, page, entry) : -EAGAIN;
}

static int map_read(struct vm_fault *fault, swap_entry_t entry, gfp_t gfp)
{
	struct page *page = swap_read(entry, gfp);
	int result;

	if (page == ERR_PTR(-ENOMEM))
		return VM_FAULT_OOM;
	if (IS_ERR(page)) {
		fault->entry = 0; /* somebody was faster */
		return 0;
	}
	result = map_and_put(fault, page, entry);
	if (result != -EAGAIN)
		return result | VM_FAULT_MAJOR;
	pr_err("%s (%d): the page at 0x%lx is lost\n", current->comm, current->pid, fault->addr);
	return VM_FAULT_SIGBUS;
}

static int swap_in(struct vm_fault *fault, gfp_t gfp)
{
	swap_entry_t entry = swap_entry_of(fault->entry);
	int result = map_cached(fault, entry);

	return result == -EAGAIN ? map_read(fault, entry, gfp) : result;
}

int swap_fault(struct vm_fault *fault)
{
	return swap_in(fault, GFP_USER);
}

bool swap_try_reuse(struct vm_fault *fault, struct page *page)
{
	struct mm_struct *mm = fault->area->mm;
	bool unchanged;

	user_pte_lock(mm, fault->pte);
	unchanged = *fault->pte == fault->entry && page_map_count(page) == 1;
	if (unchanged)
		get_page(page);
	user_pte_unlock(mm, fault->pte);
	if (!unchanged)
		return false;
	if (page_has_flag(page, PG_writeback) && fault_wait_unlocked(fault, page))
		return true;
	lock_page(page);
	if (page_in_swap_cache(page)) {
		page_wait_writeback(page);
		swap_cache_leave(page);
	}
	unlock_page(page);
	swap_drop_orphan(page);
	put_page(page);
	return false;
}

/* --- address spaces that have entries --- */

static DEFINE_SPINLOCK(swapped_lock);
static LIST_HEAD(swapped_mms);
static unsigned long nr_swapped_mms;

void swap_note_mm(struct mm_struct *mm)
{
	if (!list_empty(&mm->swapped))
		return;
	spin_lock(&swapped_lock);
	if (list_empty(&mm->swapped)) {
		list_add_tail(&mm->swapped, &swapped_mms);
		nr_swapped_mms++;
	}
	spin_unlock(&swapped_lock);
}

void swap_forget_mm(struct mm_struct *mm)
{
	if (list_empty(&mm->swapped))
		return;
	spin_lock(&swapped_lock);
	list_del_init(&mm->swapped);
	nr_swapped_mms--;
	spin_unlock(&swapped_lock);
}

/* The first of the list, which becomes the last, with a reference; NULL: it is just going. */
static struct mm_struct *next_mm(void)
{
	struct mm_struct *mm = NULL;

	spin_lock(&swapped_lock);
	if (!list_empty(&swapped_mms)) {
		mm = list_first_entry(&swapped_mms, struct mm_struct, swapped);
		list_move_tail(&mm->swapped, &swapped_mms);
		if (!refcount_inc_not_zero(&mm->users))
			mm = NULL;
	}
	spin_unlock(&swapped_lock);
	return mm;
}

struct swap_in_walk {
	struct page_walk walk;
	struct vm_area *area;
	unsigned int device;
	gfp_t gfp;
};

static int error_of(int result)
{
	if (result & VM_FAULT_OOM)
		return -ENOMEM;
	return result & VM_FAULT_ERROR ? -EIO : 0;
}

static int swap_in_table(struct page_walk *walk, pte_t *entries, unsigned long addr,
			 unsigned int nr)
{
	struct swap_in_walk *in = container_of(walk, struct swap_in_walk, walk);
	int err = 0;

	for (unsigned int i = 0; i < nr && !err; i++) {
		struct vm_fault fault = {
			.area = in->area,
			.addr = addr + i * PAGE_SIZE,
			.pgoff = vma_pgoff_at(in->area, addr + i * PAGE_SIZE),
			.pte = &entries[i],
			.entry = READ_ONCE(entries[i]),
		};

		if (!pte_is_swap(fault.entry) || pte_swap_device(fault.entry) != in->device)
			continue;
		err = error_of(swap_in(&fault, in->gfp));
		if (!err && signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

static int swap_in_area(struct vm_area *area, unsigned int device, gfp_t gfp)
{
	struct swap_in_walk in = {
		.walk = { .pt = &area->mm->pt,
			  .start = area->start,
			  .last = area->end - 1,
			  .table = swap_in_table },
		.area = area,
		.device = device,
		.gfp = gfp,
	};

	return page_walk_range(&in.walk);
}

static int swap_in_mm(struct mm_struct *mm, unsigned int device, gfp_t gfp)
{
	struct vm_area *area;
	int err = 0;

	down_read(&mm->mmap_lock);
	for_each_vma(area, &mm->areas) {
		err = area->flags & VM_SHARED ? 0 : swap_in_area(area, device, gfp);
		if (err)
			break;
	}
	up_read(&mm->mmap_lock);
	return err;
}

int swap_in_all(unsigned int device, gfp_t gfp)
{
	unsigned long nr = READ_ONCE(nr_swapped_mms);
	int err = 0;

	while (nr-- && !err) {
		struct mm_struct *mm = next_mm();

		if (!mm)
			continue;
		err = swap_in_mm(mm, device, gfp);
		mmput(mm);
		cond_resched();
	}
	return err;
}

/* --- madvise(MADV_WILLNEED) --- */

static int will_need_table(struct page_walk *walk __maybe_unused, pte_t *entries,
			   unsigned long addr __maybe_unused, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		pte_t entry = READ_ONCE(entries[i]);
		struct page *page;

		if (!pte_is_swap(entry) || !swap_is_only_on_disk(swap_entry_of(entry)))
			continue;
		page = swap_read(swap_entry_of(entry), GFP_USER | __GFP_NORETRY | __GFP_NOWARN);
		if (page == ERR_PTR(-ENOMEM))
			return -ENOMEM;
		if (!IS_ERR(page))
			put_page(page);
	}
	return 0;
}

void swap_will_need(struct vm_area *area, unsigned long start, unsigned long end)
{
	struct page_walk walk = {
		.pt = &area->mm->pt,
		.start = start,
		.last = end - 1,
		.table = will_need_table,
	};

	page_walk_range(&walk);
	if (area->mapping)
		shmem_will_need(area->mapping, vma_pgoff_at(area, start),
				vma_pgoff_at(area, end - PAGE_SIZE));
}
