/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing the rights of mappings.
 *
 * Rights of areas change at once, entries of pages that are there follow: they lose what the area
 * lost, and gain all it gained but writing.  Whether a page may be written in place only a fault
 * can tell (is it shared with a child?), so writing comes back through one.  An area without any
 * right keeps its pages, hidden: not present, which no access gets past, the kernel's own
 * included.
 *
 * One flush at the end, and only if something was taken away.  A hole, or an area that may not have
 * the rights, is an error, but what lies before it has changed by then.
 *
 * Locks: mmap_lock for writing, the caller's; the areas; that of a table at a time.
 */
#include <arch/tlb.h>
#include <linux/errno.h>
#include <linux/mman.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/overcommit.h>

#include "deferred_flush.h"
#include "huge_memory.h"
#include "mm_internal.h"
#include "user_table.h"

struct protect_walk {
	struct page_walk walk;
	const struct vm_area *area;
	pte_t rights; /* of a present entry */
	bool lost; /* out  a translation may be cached that now allows too much */
};

/* Writing is kept where the entry and the area have it; it is never gained here. */
static pte_t entry_with_rights(const struct protect_walk *protect, pte_t entry)
{
	pte_t rights = protect->rights & ~PTE_WRITE;

	if (!(protect->area->flags & VM_ACCESS))
		return pte_is_hidden(entry) ? entry : pte_hide(entry);
	if (entry & PTE_PRESENT)
		rights |= entry & protect->rights & PTE_WRITE;
	return pte_phys(entry) | (entry & (PTE_DIRTY | PTE_ACCESSED)) | rights;
}

static int protect_table(struct page_walk *walk, pte_t *entries, unsigned long addr __maybe_unused,
			 unsigned int nr)
{
	struct protect_walk *protect = container_of(walk, struct protect_walk, walk);
	struct mm_struct *mm = protect->area->mm;

	user_pte_lock(mm, entries);
	for (unsigned int i = 0; i < nr; i++) {
		pte_t old = entries[i], entry;

		if (!pte_has_page(old))
			continue;
		entry = entry_with_rights(protect, old);
		/* Between the two a CPU may set accessed and dirty: it does so in the new entry, or
		 * in the old one, whose bits are taken over from what the exchange returned. */
		if (entry == old)
			continue;
		old = xchg(&entries[i], 0);
		WRITE_ONCE(entries[i], entry_with_rights(protect, old));
		protect->lost |= old & PTE_PRESENT;
	}
	user_pte_unlock(mm, entries);
	return 0;
}

#ifdef CONFIG_THP
static pte_t huge_entry_with_rights(const void *arg, pte_t entry)
{
	return entry_with_rights(arg, entry) | PTE_LARGE;
}

static int protect_huge(struct page_walk *walk, pte_t *pmd, unsigned long addr __maybe_unused,
			unsigned int level __maybe_unused)
{
	struct protect_walk *protect = container_of(walk, struct protect_walk, walk);

	return huge_protect(protect->area, pmd, huge_entry_with_rights, protect, &protect->lost);
}
#else
#define protect_huge NULL
#endif

static bool protect_pages(struct vm_area *area)
{
	struct protect_walk protect = {
		.walk = { .pt = &area->mm->pt, .table = protect_table, .large = protect_huge },
		.area = area,
		.rights = user_pte_flags(area),
	};

	protect.walk.start = area->start;
	protect.walk.last = area->end - 1;
	page_walk_range(&protect.walk);
	return protect.lost;
}

static unsigned long new_flags(const struct vm_area *area, unsigned long prot)
{
	unsigned long flags = (area->flags & ~VM_ACCESS) | (prot & VM_ACCESS);

	return mm_read_implies_exec(area->mm, prot) && flags & VM_MAYEXEC ? flags | VM_EXEC : flags;
}

/*
 * How far from @start on areas may get the rights: *@good is the end of those.
 * Return: 0 if that is @end, else why not: -EACCES, -ENOMEM (a hole, or a limit).
 */
static int check_range(struct mm_struct *mm, unsigned long start, unsigned long end,
		       unsigned long prot, unsigned long *good)
{
	unsigned long nr_data = 0;
	struct vm_area *area;

	*good = start;
	for_each_vma_in(area, &mm->areas, start, end) {
		if (area->start > *good)
			break;
		/* VM_MAYREAD and its like are four bits above VM_READ and its like. */
		if (prot & VM_ACCESS & ~(area->flags >> 4))
			return -EACCES;
		if ((new_flags(area, prot) & (VM_WRITE | VM_SHARED)) == VM_WRITE &&
		    !(area->flags & VM_WRITE))
			nr_data += (min(area->end, end) - max(area->start, start)) >> PAGE_SHIFT;
		if (nr_data && !mm_data_may_grow(mm, nr_data))
			return -ENOMEM;
		*good = min(area->end, end);
	}
	return *good < end ? -ENOMEM : 0;
}

/* Private memory that becomes writable is promised from then on, until it is unmapped. */
static int protect_area(struct vm_area *area, unsigned long prot, bool *lost)
{
	unsigned long flags = new_flags(area, prot);

	if (flags == area->flags)
		return 0;
	if (flags & VM_WRITE &&
	    !(area->flags & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE))) {
		if (vm_enough_memory(area->mm, vma_pages(area)))
			return -ENOMEM;
		flags |= VM_ACCOUNT;
	}
	vma_start_write(&area->mm->areas, area);
	mm_account_area(area->mm, area->flags, -(long)vma_pages(area));
	area->flags = flags;
	mm_account_area(area->mm, area->flags, vma_pages(area));
	*lost |= protect_pages(area);
	return 0;
}

static int change_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned long prot)
{
	struct vm_area *area;
	bool lost = false;
	int err = vma_isolate(&mm->areas, start, end);

	if (err)
		return err;
	for_each_vma_in(area, &mm->areas, start, end) {
		err = protect_area(area, prot, &lost);
		if (err)
			break;
	}
	if (!mm_flush_deferred(mm) && lost)
		flush_tlb_mm_range(&mm->context, start, end - 1);
	vma_merge_in(&mm->areas, start, end);
	return err;
}

/* What lies before the first obstacle changes, as in Linux. */
static int protect_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			 unsigned long prot)
{
	unsigned long good;
	int refused = check_range(mm, start, end, prot, &good);
	int err = good > start ? change_range(mm, start, good, prot) : 0;

	return err ?: refused;
}

int do_mprotect(struct mm_struct *mm, unsigned long start, unsigned long len, unsigned long prot)
{
	unsigned long grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
	struct vm_area *area;

	lockdep_assert_held_write(&mm->mmap_lock);
	prot &= ~grows;
	if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || !IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if (!len)
		return 0;
	len = ALIGN_UP(len, PAGE_SIZE);
	if (!len || start + len < start)
		return -ENOMEM;
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	if (start + len > USER_END)
		return -ENOMEM;
	area = vma_find(&mm->areas, start);
	if (grows == PROT_GROWSUP)
		return -EINVAL; /* nothing here grows upwards */
	if (grows && area) {
		if (area->start >= start + len)
			return -ENOMEM;
		if (!(area->flags & VM_GROWSDOWN))
			return -EINVAL;
		len += start - area->start;
		start = area->start;
	}
	return protect_range(mm, start, start + len, prot & VM_ACCESS);
}
