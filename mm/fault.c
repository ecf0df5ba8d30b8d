/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page faults of user memory.
 *
 *	entry		area		access	what happens
 *	empty		anonymous	read	the zero page, read-only (or a new page)
 *	empty		anonymous	write	a new page
 *	empty		of a file	any	its page of the cache; to write privately, a copy
 *	read-only	private		write	the same page if nobody shares it, else a copy
 *	read-only	shared		write	the same page, which becomes dirty
 *	in swap		private		any	the page, read-only unless it is a write and nobody
 *						else has it (mm/swap_in.c)
 *	good already	any		any	nothing: another CPU was faster, or ours out of date
 *
 * A page is made ready without a lock; then the lock of the table is taken, and if the entry is
 * still what it was, changed.  If not, somebody else did the work, and ours is thrown away.
 *
 * A read of a file maps the neighbours of its page as well, if they are in the cache: programs are
 * read in runs, and a page more costs a tenth of a fault (CONFIG_FAULT_AROUND).
 *
 * An area whose pages may be written is mapped writable only once a write is known to be harmless,
 * so a private page that is shared (after fork, or with the page cache) is always read-only.
 *
 * A page of a file comes with its lock, which is held until it is mapped: a page that has left its
 * file is never mapped (mm/truncate.c), and an entry that permits writing is the entry of a dirty
 * page where that matters (mm/writeback.c).
 *
 * A fault that must wait for a disk does so without a lock, if its caller allows that, and comes
 * again: others may map, unmap and fork meanwhile (fault_wait_unlocked()).
 *
 * Locks: the area, or mmap_lock, for reading; the lock of a file's page; that of the table inside,
 * for the change of one entry.
 */
#include <arch/mm.h>
#include <arch/page_ops.h>
#include <arch/tlb.h>
#include <oshit/bug.h>
#include <oshit/dirty.h>
#include <oshit/fault_count.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/page.h>
#include <oshit/panic.h>
#include <oshit/rmap.h>
#include <oshit/sched.h>
#include <oshit/string.h>

#include "huge_memory.h"
#include "mm_internal.h"
#include "swap.h"
#include "user_page.h"
#include "user_table.h"

struct page *zero_page __ro_after_init;

void __init zero_page_init(void)
{
	if (!IS_ENABLED(CONFIG_ZERO_PAGE))
		return;
	zero_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!zero_page)
		panic("no memory for the zero page");
}

static bool area_is_anonymous(const struct vm_area *area)
{
	return !area->ops || !area->ops->fault;
}

bool vma_permits(const struct vm_area *area, unsigned int flags)
{
	if (flags & FAULT_FLAG_WRITE)
		return area->flags & VM_WRITE;
	if (flags & FAULT_FLAG_EXEC)
		return area->flags & VM_EXEC;
	return area->flags & VM_ACCESS; /* this machine cannot forbid reading alone */
}

/* Whether pages of @area must tell, by a fault, that they become dirty. */
static bool marks_dirty(const struct vm_area *area)
{
	return area->flags & VM_SHARED && area->mapping && mapping_tracks_dirty(area->mapping);
}

static bool wants_write_faults(const struct vm_area *area)
{
	return IS_ENABLED(CONFIG_DIRTY_FAULTS) && marks_dirty(area);
}

pte_t user_pte_flags(const struct vm_area *area)
{
	pte_t flags = PTE_PRESENT | PTE_USER | PTE_ACCESSED;

	if (area->flags & VM_WRITE && !wants_write_faults(area))
		flags |= PTE_WRITE;
	if (!(area->flags & VM_EXEC))
		flags |= PTE_NO_EXECUTE;
	if (area->flags & VM_PFNMAP)
		flags |= PTE_SPECIAL;
	return flags & pte_supported;
}

/* @page was mapped in @area; under the lock. */
static __always_inline void count_page(struct vm_area *area, struct page *page)
{
	page_add_map(page);
	if (unlikely(area->flags & VM_LOCKED))
		lru_mlock(page);
	atomic64_inc(&area->mm->counters[page_counter(page)]);
	if (page_is_anon(page))
		WRITE_ONCE(area->has_anon, true);
}

/*
 * Puts @entry in the place of what the fault found, if that is still there, and counts @page (NULL:
 * one without accounts).  False: it is not, and @page remains the caller's.
 */
static bool install(struct vm_fault *fault, pte_t entry, struct page *page)
{
	struct mm_struct *mm = fault->area->mm;
	bool unchanged;

	user_pte_lock(mm, fault->pte);
	unchanged = *fault->pte == fault->entry;
	if (unchanged) {
		WRITE_ONCE(*fault->pte, entry);
		if (page)
			count_page(fault->area, page);
	}
	user_pte_unlock(mm, fault->pte);
	if (!unchanged)
		count_fault(FAULT_RACED);
	return unchanged;
}

static int install_or_put(struct vm_fault *fault, struct page *page, pte_t flags)
{
	if (!install(fault, page_to_phys(page) | flags, page))
		put_page(page);
	return 0;
}

/* --- nothing there yet --- */

/* A private page that is about to be mapped in @area goes where reclaim looks for it, or not. */
static void list_new_page(const struct vm_area *area, struct page *page)
{
	if (IS_ENABLED(CONFIG_RECLAIM) && area->flags & VM_LOCKED)
		__page_set_flag(page, PG_unevictable);
	lru_add_new(page);
}

static int fault_anonymous(struct vm_fault *fault)
{
	pte_t flags = user_pte_flags(fault->area);
	struct page *page;

	if (IS_ENABLED(CONFIG_ZERO_PAGE) && !(fault->flags & FAULT_FLAG_WRITE)) {
		install(fault, page_to_phys(zero_page) | (flags & ~PTE_WRITE), NULL);
		count_fault(FAULT_ZERO);
		return 0;
	}
	if (anon_vma_prepare(fault->area))
		return VM_FAULT_OOM;
	page = alloc_page(GFP_USER | __GFP_ZERO);
	if (!page)
		return VM_FAULT_OOM;
	page_set_anon(page, fault->area, fault->pgoff);
	list_new_page(fault->area, page);
	count_fault(FAULT_ANON);
	return install_or_put(fault, page, flags | (flags & PTE_WRITE ? PTE_DIRTY : 0));
}

/* A copy of @source, which has zeros or a reference of the caller's. NULL: no memory. */
static struct page *copy_of(const struct vm_fault *fault, struct page *source)
{
	bool is_zero = page_is_zero(source);
	struct page *page;

	if (anon_vma_prepare(fault->area))
		return NULL;
	page = alloc_page(is_zero ? GFP_USER | __GFP_ZERO : GFP_USER);
	if (!page)
		return NULL;
	if (!is_zero)
		copy_page(page_to_virt(page), page_to_virt(source));
	page_set_anon(page, fault->area, fault->pgoff);
	list_new_page(fault->area, page);
	return page;
}

#define AROUND_SIZE (16 * PAGE_SIZE) /* a window of this size and alignment; within one table */

/* Maps those of @pages that fit into empty entries from @pte on, and drops the others. All are
 * locked. */
static void map_pages(struct vm_area *area, pte_t *pte, struct page **pages, unsigned int nr,
		      pte_t flags)
{
	struct page *locked[AROUND_SIZE / PAGE_SIZE];

	memcpy(locked, pages, nr * sizeof(*pages));
	user_pte_lock(area->mm, pte);
	for (unsigned int i = 0; i < nr; i++) {
		if (!pages[i] || pte[i])
			continue;
		WRITE_ONCE(pte[i], page_to_phys(pages[i]) | flags);
		count_page(area, pages[i]);
		pages[i] = NULL;
	}
	user_pte_unlock(area->mm, pte);
	for (unsigned int i = 0; i < nr; i++) {
		if (!locked[i])
			continue;
		unlock_page(locked[i]);
		if (pages[i])
			put_page(pages[i]);
	}
}

static void map_neighbours(const struct vm_fault *fault, pte_t flags)
{
	struct vm_area *area = fault->area;
	unsigned long window = fault->addr & -AROUND_SIZE;
	unsigned long start = max(window, area->start);
	unsigned long nr = (min(window + AROUND_SIZE, area->end) - start) / PAGE_SIZE;
	struct page *pages[AROUND_SIZE / PAGE_SIZE];

	area->ops->fault_around(area, vma_pgoff_at(area, start), pages, (unsigned int)nr);
	map_pages(area, fault->pte - (fault->addr - start) / PAGE_SIZE, pages, (unsigned int)nr,
		  flags);
}

/* A write, or an entry that permits later ones without a fault. fault->page is locked. */
static int make_writable(struct vm_fault *fault, pte_t *flags)
{
	const struct vm_operations *ops = fault->area->ops;
	int result = 0;

	if (!(fault->flags & FAULT_FLAG_WRITE) && !(marks_dirty(fault->area) && *flags & PTE_WRITE))
		return 0;
	if (ops->page_mkwrite)
		result = ops->page_mkwrite(fault);
	if (!result && fault->flags & FAULT_FLAG_WRITE)
		*flags |= PTE_WRITE | PTE_DIRTY;
	return result;
}

/* The page itself. */
static int map_file_page(struct vm_fault *fault, int result)
{
	struct page *page = fault->page;
	pte_t flags = user_pte_flags(fault->area);
	int refused = 0;

	if (fault->area->flags & VM_SHARED)
		refused = make_writable(fault, &flags);
	else
		flags &= ~PTE_WRITE;
	count_fault(FAULT_FILE);
	if (refused)
		put_page(page);
	else
		install_or_put(fault, page, flags);
	if (result & VM_FAULT_LOCKED)
		unlock_page(page);
	return refused;
}

/* A private copy, for writing. */
static int map_file_copy(struct vm_fault *fault, int result)
{
	struct page *copy = copy_of(fault, fault->page);

	if (copy) {
		count_fault(FAULT_FILE_COPY);
		install_or_put(fault, copy, user_pte_flags(fault->area) | PTE_DIRTY);
	}
	if (result & VM_FAULT_LOCKED)
		unlock_page(fault->page);
	put_page(fault->page);
	return copy ? 0 : VM_FAULT_OOM;
}

static bool may_map_neighbours(const struct vm_fault *fault)
{
	return IS_ENABLED(CONFIG_FAULT_AROUND) && !(fault->flags & FAULT_FLAG_WRITE) &&
	       fault->area->ops->fault_around && !(fault->area->flags & VM_RAND_READ) &&
	       (IS_ENABLED(CONFIG_DIRTY_FAULTS) || !marks_dirty(fault->area));
}

static int fault_file(struct vm_fault *fault)
{
	bool is_shared = fault->area->flags & VM_SHARED;
	pte_t flags = user_pte_flags(fault->area);
	int result = fault->area->ops->fault(fault);

	if (result & (VM_FAULT_ERROR | VM_FAULT_UNLOCKED))
		return result;
	if (fault->area->flags & VM_PFNMAP) {
		install(fault, page_to_phys(fault->page) | flags, NULL);
		return result;
	}
	if (fault->flags & FAULT_FLAG_WRITE && !is_shared)
		return (result & VM_FAULT_MAJOR) | map_file_copy(fault, result);
	result = (result & VM_FAULT_MAJOR) | map_file_page(fault, result);
	if (is_shared && fault->flags & FAULT_FLAG_WRITE && fault->area->mapping)
		balance_dirty_pages(fault->area->mapping);
	if (!(result & VM_FAULT_ERROR) && may_map_neighbours(fault))
		map_neighbours(fault, is_shared ? flags : flags & ~PTE_WRITE);
	return result;
}

/* --- a write to what is read-only --- */

enum reuse { REUSE_DONE, REUSE_SHARED, REUSE_RACED };

/*
 * A page that is the area's alone needs no copy: checked and done under the lock.  One that others
 * have, too, is to be copied: it gets a reference.
 */
static enum reuse reuse_or_pin_page(struct vm_fault *fault, struct page *page)
{
	enum reuse reuse = REUSE_RACED;
	struct mm_struct *mm = fault->area->mm;

	user_pte_lock(mm, fault->pte);
	if (likely(*fault->pte == fault->entry)) {
		if (page_is_exclusive(page)) {
			WRITE_ONCE(*fault->pte,
				   fault->entry | PTE_WRITE | PTE_DIRTY | PTE_ACCESSED);
			/* Areas of others need not be looked at for it any more. */
			if (fault->area->anon_vma)
				page_set_anon(page, fault->area, fault->pgoff);
			reuse = REUSE_DONE;
		} else {
			get_page(page);
			reuse = REUSE_SHARED;
		}
	}
	user_pte_unlock(mm, fault->pte);
	return reuse;
}

/* What @entry became while other CPUs forgot the old one, if nobody was faster. */
static void open_entry(struct vm_fault *fault, pte_t closed, pte_t entry)
{
	struct mm_struct *mm = fault->area->mm;

	user_pte_lock(mm, fault->pte);
	if (*fault->pte == closed)
		WRITE_ONCE(*fault->pte, entry);
	user_pte_unlock(mm, fault->pte);
}

/*
 * @copy takes the place of @old, which is NULL if it has no accounts.  No CPU may write to the copy
 * while another still reads what is old, so the entry forbids it until all have forgotten that: the
 * two hold the same meanwhile.  They are waited for without the lock, for they may be spinning for
 * it.  The copy has another reference as long, or who writes to it in between would find that
 * nobody shares it, and go ahead; so he copies once more, and we find another entry than ours.
 */
static bool replace_page(struct vm_fault *fault, struct page *old, struct page *copy)
{
	struct mm_struct *mm = fault->area->mm;
	pte_t entry = page_to_phys(copy) | user_pte_flags(fault->area) | PTE_DIRTY;
	pte_t closed = entry & ~PTE_WRITE;
	bool unchanged, alone = false;

	user_pte_lock(mm, fault->pte);
	unchanged = *fault->pte == fault->entry;
	if (unchanged) {
		WRITE_ONCE(*fault->pte, closed);
		count_page(fault->area, copy);
		if (old) {
			page_remove_map(old);
			if (unlikely(fault->area->flags & VM_LOCKED))
				lru_munlock(old);
			atomic64_dec(&mm->counters[page_counter(old)]);
		}
		alone = flush_tlb_mm_page_if_alone(&mm->context, fault->addr);
		if (alone)
			WRITE_ONCE(*fault->pte, entry);
		else
			get_page(copy);
	}
	user_pte_unlock(mm, fault->pte);
	if (unchanged && !alone) {
		flush_tlb_mm_range(&mm->context, fault->addr, fault->addr);
		open_entry(fault, closed, entry);
		put_page(copy);
	}
	return unchanged;
}

/* The caller holds a reference to @old, so that nobody frees it meanwhile. */
static int copy_on_write(struct vm_fault *fault, struct page *old)
{
	struct page *copy = copy_of(fault, phys_to_page(pte_phys(fault->entry)));

	if (!copy)
		return VM_FAULT_OOM;
	if (!replace_page(fault, old, copy)) {
		count_fault(FAULT_RACED);
		put_page(copy);
		return 0;
	}
	count_fault(FAULT_COW);
	if (old) {
		swap_drop_orphan(old);
		put_page(old);
	}
	return 0;
}

/* Takes a reference to the page that the entry maps, if it still is what the fault found. */
static bool pin_page(struct vm_fault *fault, struct page *page)
{
	struct mm_struct *mm = fault->area->mm;
	bool unchanged;

	user_pte_lock(mm, fault->pte);
	unchanged = *fault->pte == fault->entry;
	if (unchanged)
		get_page(page);
	user_pte_unlock(mm, fault->pte);
	return unchanged;
}

/* The page of a shared mapping: dirty first, then writable. If it has left the file meanwhile the
 * entry is, or will be, empty, and the next fault says what is there now. */
static int fault_shared_write(struct vm_fault *fault, struct page *page)
{
	pte_t flags = 0;
	int result = 0;

	if (!page || !fault->area->mapping) {
		install(fault, fault->entry | PTE_WRITE | PTE_DIRTY, NULL);
	} else if (pin_page(fault, page)) {
		lock_page(page);
		fault->page = page;
		if (page->mapping == fault->area->mapping) {
			result = make_writable(fault, &flags);
			if (!result)
				install(fault, fault->entry | flags, NULL);
		}
		unlock_page(page);
		put_page(page);
	}
	count_fault(FAULT_REUSE);
	flush_tlb_local_page(fault->addr);
	if (fault->area->mapping)
		balance_dirty_pages(fault->area->mapping);
	return result;
}

static int fault_read_only(struct vm_fault *fault)
{
	struct page *page = pte_counted_page(fault->entry);
	enum reuse reuse;
	int result;

	if (fault->area->flags & VM_SHARED)
		return fault_shared_write(fault, page);
	if (!page)
		return copy_on_write(fault, NULL);
	if (page_in_swap_cache(page) && swap_try_reuse(fault, page))
		return VM_FAULT_UNLOCKED;
	reuse = reuse_or_pin_page(fault, page);
	if (reuse == REUSE_DONE) {
		count_fault(FAULT_REUSE);
		flush_tlb_local_page(fault->addr);
	}
	if (reuse != REUSE_SHARED)
		return 0;
	result = copy_on_write(fault, page);
	put_page(page);
	return result;
}

/* A new page may need the area's anon_vma, which is made with a look at its neighbours. */
static bool lacks_anon_vma(const struct vm_area *area, unsigned int flags)
{
	return IS_ENABLED(CONFIG_RMAP) && !(area->flags & VM_SHARED) &&
	       (flags & FAULT_FLAG_WRITE || !IS_ENABLED(CONFIG_ZERO_PAGE)) &&
	       !anon_vma_is_ready(area);
}

/* The entry was found empty, but perhaps should not be: the OOM killer has emptied it. The program
 * ends, and whatever the kernel does for it fails meanwhile. */
static bool was_reaped(const struct mm_struct *mm)
{
	smp_rmb(); /* the flag was set before the first entry was emptied */
	return IS_ENABLED(CONFIG_OOM_KILLER) && unlikely(READ_ONCE(mm->is_reaped));
}

bool fault_wait_unlocked(const struct vm_fault *fault, struct page *page)
{
	struct mm_struct *mm = fault->area->mm;

	if (!(fault->flags & FAULT_FLAG_MAY_UNLOCK))
		return false;
	if (fault->flags & FAULT_FLAG_VMA_LOCK)
		vma_end_read(&mm->areas, fault->area);
	else
		up_read(&mm->mmap_lock);
	lock_page(page);
	if (fault->flags & FAULT_FLAG_WRITE)
		page_wait_writeback(page);
	unlock_page(page);
	swap_drop_orphan(page);
	put_page(page);
	return true;
}

/* The page is in swap. */
static int fault_swapped(struct vm_fault *fault)
{
	int result = swap_fault(fault);

	/* Others have it, too: a copy. */
	if (!(result & (VM_FAULT_ERROR | VM_FAULT_UNLOCKED)) && fault->flags & FAULT_FLAG_WRITE &&
	    fault->entry & PTE_PRESENT && !(fault->entry & PTE_WRITE))
		result |= fault_read_only(fault);
	return result;
}

int handle_mm_fault(struct vm_area *area, unsigned long addr, unsigned int flags)
{
	struct vm_fault fault = {
		.area = area,
		.addr = addr & PAGE_MASK,
		.pgoff = vma_pgoff_at(area, addr & PAGE_MASK),
		.flags = flags,
	};
	pte_t *pmd;

	if (!vma_is_read(area))
		lockdep_assert_held(&area->mm->mmap_lock);
	if (flags & FAULT_FLAG_VMA_LOCK && lacks_anon_vma(area, flags))
		return VM_FAULT_RETRY;
	pmd = user_pmd_populate(area->mm, addr);
	if (!pmd)
		return VM_FAULT_OOM;
	if (huge_fault_is_wanted(&fault, pmd)) {
		int result = was_reaped(area->mm) ? VM_FAULT_SIGBUS : huge_fault(&fault, pmd);

		if (result != VM_FAULT_FALLBACK)
			return result;
	}
	fault.pte = user_pte_populate(area->mm, pmd, addr);
	if (!fault.pte)
		return READ_ONCE(*pmd) ? 0 : VM_FAULT_OOM;
	fault.entry = READ_ONCE(*fault.pte);
	if (!fault.entry && was_reaped(area->mm))
		return VM_FAULT_SIGBUS;
	if (!fault.entry)
		return area_is_anonymous(area) ? fault_anonymous(&fault) : fault_file(&fault);
	if (pte_is_swapped(fault.entry))
		return fault_swapped(&fault);
	if (!(fault.entry & PTE_PRESENT))
		return 0;
	if (flags & FAULT_FLAG_WRITE && !(fault.entry & PTE_WRITE))
		return fault_read_only(&fault);
	count_fault(FAULT_SPURIOUS);
	flush_tlb_local_page(fault.addr);
	return 0;
}
