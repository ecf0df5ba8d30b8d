/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The address space of a child.
 *
 * Areas are copied one by one, then the pages that they have: what was never touched costs nothing.
 * A page of a private area that could be written becomes read-only on both sides and is shared; the
 * first write on either side copies it (mm/fault.c).  Without CONFIG_COW it is copied here.  Pages
 * of files need not be copied where a fault brings them back, that is, in areas where nothing can
 * have been written privately.
 *
 * The parent's threads may run meanwhile on other CPUs with translations that allow writing: one
 * flush at the end, before the child is seen by anyone, of those pages that could be written.  They
 * are few in most programs, and the parent goes on with all of its other translations.
 *
 * Locks: the parent's mmap_lock and areas for writing: a thread that got a copy of a page, while
 * another one wrote to the old page by what its CPU remembers, would lose that.  The locks of one
 * table at a time, and of the child's inside: nobody runs there yet, but its pages can be found
 * through their mappings.
 */
#include <arch/page_ops.h>
#include <arch/tlb.h>
#include <linux/errno.h>
#include <oshit/err.h>
#include <oshit/gfp.h>
#include <oshit/lru.h>
#include <oshit/mm.h>
#include <oshit/overcommit.h>
#include <oshit/page.h>
#include <oshit/rmap.h>
#include <oshit/string.h>

#include "deferred_flush.h"
#include "huge_memory.h"
#include "mm_internal.h"
#include "swap.h"
#include "user_page.h"
#include "user_table.h"

struct copy_counts {
	long nr[NR_MM_COUNTERS];
};

struct copy_walk {
	struct page_walk walk; /* of the parent */
	struct mm_struct *child;
	const struct vm_area *area; /* of the parent */
	struct tlb_pages *protected; /* out  of the parent: no longer writable */
	struct copy_counts copied;
};

/* Without copy-on-write: a page of its own for the child. */
static int copy_page_now(struct copy_walk *copy, pte_t *to, pte_t entry, const struct page *source)
{
	struct page *page = alloc_page(GFP_NOWAIT);

	if (!page)
		return -ENOMEM;
	copy_page(page_to_virt(page), page_to_virt(source));
	page->mapping = source->mapping; /* the child's area is in that, too */
	page->index = source->index;
	lru_add_new(page);
	page_add_map(page);
	copy->copied.nr[MM_ANON_PAGES]++;
	if (pte_is_hidden(entry))
		*to = pte_hide(page_to_phys(page) | PTE_DIRTY);
	else
		*to = page_to_phys(page) | (entry & ~PTE_ADDR_MASK);
	return 0;
}

/* The child's entry names the same slot. */
static int copy_swap_entry(struct copy_walk *copy, pte_t *to, pte_t entry)
{
	swap_entry_get(swap_entry_of(entry));
	swap_note_mm(copy->child);
	copy->copied.nr[MM_SWAP_ENTRIES]++;
	*to = entry;
	return 0;
}

/* One entry that leads to a page. */
static int copy_entry(struct copy_walk *copy, pte_t *from, pte_t *to, unsigned long addr)
{
	pte_t entry = *from;
	struct page *page = pte_counted_page(entry);
	bool is_private = !(copy->area->flags & VM_SHARED);

	if (pte_is_swapped(entry))
		return copy_swap_entry(copy, to, entry);
	if (!IS_ENABLED(CONFIG_COW) && is_private && page && page_is_anon(page))
		return copy_page_now(copy, to, entry, page);
	if (is_private && entry & PTE_PRESENT && entry & PTE_WRITE) {
		entry &= ~PTE_WRITE;
		/* The CPU may set the dirty bit meanwhile; nobody asks for it in a private page. */
		WRITE_ONCE(*from, entry);
		tlb_pages_add(copy->protected, addr);
	}
	if (page) {
		page_add_map_and_ref(page);
		copy->copied.nr[page_counter(page)]++;
	}
	*to = entry;
	return 0;
}

static int copy_table(struct page_walk *walk, pte_t *entries, unsigned long addr, unsigned int nr)
{
	struct copy_walk *copy = container_of(walk, struct copy_walk, walk);
	struct mm_struct *parent = copy->area->mm;
	pte_t *to = user_table_populate(copy->child, addr);
	int err = 0;

	if (!to)
		return -ENOMEM;
	user_pte_lock(parent, entries);
	user_pte_lock_nested(copy->child, to);
	for (unsigned int i = 0; i < nr && !err; i++)
		if (entries[i])
			err = copy_entry(copy, &entries[i], &to[i], addr + i * PAGE_SIZE);
	user_pte_unlock_nested(copy->child, to);
	user_pte_unlock(parent, entries);
	return err;
}

#ifdef CONFIG_THP
static int copy_huge(struct page_walk *walk, pte_t *pmd, unsigned long addr,
		     unsigned int level __maybe_unused)
{
	struct copy_walk *copy = container_of(walk, struct copy_walk, walk);

	return huge_copy(copy->child, copy->area, pmd, addr, copy->protected);
}
#else
#define copy_huge NULL
#endif

/* Whether faults in the child would find the same as the parent has: in the file. */
static bool faults_suffice(const struct vm_area *area)
{
	return area->ops && area->ops->fault && !area->has_anon;
}

static int copy_pages(struct mm_struct *child, const struct vm_area *area,
		      struct tlb_pages *protected)
{
	struct copy_walk copy;
	int err;

	if (faults_suffice(area))
		return 0;
	page_walk_init(&copy.walk, &area->mm->pt);
	copy.walk.table = copy_table;
	copy.walk.large = copy_huge;
	copy.child = child;
	copy.area = area;
	copy.protected = protected;
	copy.copied = (struct copy_counts){ .nr = { 0 } };
	copy.walk.start = area->start;
	copy.walk.last = area->end - 1;
	err = page_walk_range(&copy.walk);
	for (size_t i = 0; i < NR_MM_COUNTERS; i++)
		if (copy.copied.nr[i])
			atomic64_add(copy.copied.nr[i], &child->counters[i]);
	return err;
}

/* An area like the parent's in the child, in the reverse mapping, but without pages. */
static struct vm_area *duplicate_area(struct mm_struct *child, struct vm_area *area)
{
	struct vm_area *copy = vma_alloc();
	int err = 0;

	if (!copy)
		return ERR_PTR(-ENOMEM);
	vma_start_write(&area->mm->areas, area);
	*copy = *area;
	vma_lock_init(copy);
	copy->mm = child;
	copy->flags &= ~VM_LOCK_BITS;
	copy->anon_vma = NULL;
	copy->anon_chain = NULL;
	copy->has_anon = area->has_anon && !(area->flags & VM_WIPEONFORK);
	if (copy->flags & VM_ACCOUNT && vm_enough_memory(child, vma_pages(copy))) {
		vma_free(copy);
		return ERR_PTR(-ENOMEM);
	}
	if (copy->has_anon)
		err = anon_vma_fork(copy, area);
	if (copy->ops && copy->ops->open)
		copy->ops->open(copy);
	err = err ?: vma_insert_copy(&child->areas, copy, area);
	if (err) {
		if (copy->flags & VM_ACCOUNT)
			vm_unacct_memory(vma_pages(copy));
		mm_free_area(copy);
		return ERR_PTR(err);
	}
	mm_account_area(child, copy->flags, vma_pages(copy));
	return copy;
}

static int copy_area(struct mm_struct *child, struct vm_area *area, struct tlb_pages *protected)
{
	struct vm_area *copy = duplicate_area(child, area);

	if (IS_ERR(copy))
		return PTR_ERR(copy);
	return area->flags & VM_WIPEONFORK ? 0 : copy_pages(child, area, protected);
}

static int copy_areas(struct mm_struct *child, struct mm_struct *parent,
		      struct tlb_pages *protected)
{
	struct vm_area *area;
	int err = 0;

	for_each_vma(area, &parent->areas) {
		if (area->flags & VM_DONTCOPY)
			continue;
		err = copy_area(child, area, protected);
		if (err)
			break;
	}
	return err;
}

static void copy_layout(struct mm_struct *child, const struct mm_struct *parent)
{
	child->mmap_base = parent->mmap_base;
	child->start_code = parent->start_code;
	child->end_code = parent->end_code;
	child->start_data = parent->start_data;
	child->end_data = parent->end_data;
	child->start_brk = parent->start_brk;
	child->brk = parent->brk;
	child->start_stack = parent->start_stack;
	child->arg_start = parent->arg_start;
	child->arg_end = parent->arg_end;
	child->env_start = parent->env_start;
	child->env_end = parent->env_end;
	memcpy(child->auxv, parent->auxv, sizeof(child->auxv));
	atomic_set(&child->membarrier, atomic_read(&parent->membarrier));
}

struct mm_struct *mm_copy(struct mm_struct *parent)
{
	struct mm_struct *child = mm_alloc();
	struct tlb_pages protected;
	int err;

	if (!child)
		return ERR_PTR(-ENOMEM);
	down_write(&parent->mmap_lock);
	copy_layout(child, parent);
	protected.nr = 0;
	err = copy_areas(child, parent, &protected);
	if (!mm_flush_deferred(parent))
		flush_tlb_mm_pages(&parent->context, &protected);
	mmap_write_unlock(parent);
	if (err) {
		mmput(child);
		return ERR_PTR(err);
	}
	/* Locks and anon_vmas that it does not inherit may have been all that kept areas apart. */
	vma_merge_in(&child->areas, 0, USER_END);
	/* What was linked counts as locked by a writer, who is done. */
	vma_end_write_all(&child->areas);
	return child;
}
