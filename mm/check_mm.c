/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page-table checker: goes through all areas and all tables of an address space and compares.
 *
 *	areas		sorted, apart, not to be merged (vma_verify()); in their anon_vmas
 *	tables		each is needed by an area; their number is mm->nr_tables
 *	entries		lie in an area; allow no more than it does; are hidden if it allows nothing
 *	pages		are allocated and mapped; one that a private area may write to has no other
 *			mapping and is anonymous; the page offset is that of the address; one of a
 *			file is still in it
 *	reverse mapping	the page's anon_vma is in the chain of the area, so a walk finds the entry
 *	huge pages	the same; each has a table that waits for its split
 *	counts		resident pages by kind are mm->counters
 *
 * The number of mappings of a page is not compared here, because other address spaces change it
 * meanwhile; the tests do (rmap_count_entries()).  Costs a look at each entry and each area.
 *
 * Locks: the caller sees to it that the address space stands still, and the monitor that all does.
 * Who truncates a file comes to its pages in all address spaces, so the files are locked meanwhile,
 * by trying: their order is not ours, and if one is in use nothing is checked this time.  Who looks
 * for memory comes from private pages, of which there may be too many families to lock; he passes
 * an address space by whose last user has gone, and who began before that is waited for.
 */
#define pr_fmt(fmt) "mm: BUG: " fmt

#include <arch/mm.h>
#include <oshit/check_mm.h>
#include <oshit/math.h>
#include <oshit/page.h>
#include <oshit/pagecache.h>
#include <oshit/printk.h>
#include <oshit/rmap.h>
#include <oshit/slab.h>

#include "huge_memory.h"
#include "swap.h"
#include "user_page.h"
#include "user_table.h"

#define MAX_REPORTS 8 /* of a check; more are only counted */

struct mm_checker {
	struct mm_struct *mm; /* in */
	mm_check_report_fn report; /* in */
	bool is_stopped; /* in  locks are not to be taken */
	const struct vm_area *area; /* the one that was found last */
	unsigned long nr_tables, nr_huge; /* entries of level 1 that map pages */
	long nr_resident[NR_MM_COUNTERS];
	unsigned int nr_wrong; /* out */
	struct address_space **files; /* whose i_mmap_lock is held */
	unsigned int nr_files;
};

static void wrong_if(struct mm_checker *check, bool is_wrong, const char *what, unsigned long addr,
		     pte_t entry)
{
	if (is_wrong && check->nr_wrong++ < MAX_REPORTS)
		check->report(what, addr, entry);
}

static bool is_in_chain(const struct vm_area *area, const struct anon_vma *anon_vma)
{
	const struct anon_vma_chain *link = area->anon_chain;

	while (link && link->anon_vma != anon_vma)
		link = link->next;
	return link;
}

/* Whether a walk from @page, private or not, comes by the area. */
static bool walk_finds(struct interval_tree *tree, unsigned long index, const struct vm_area *area,
		       bool is_anon)
{
	const struct interval *found;

	for_each_interval(found, tree, index, index)
	{
		if (is_anon ? container_of(found, struct anon_vma_chain, interval)->area == area
			    : container_of(found, struct vm_area, mapped) == area)
			return true;
	}
	return false;
}

/* The caller sees to it that the trees stand still. */
static void check_walk(struct mm_checker *check, const struct page *page, unsigned long addr,
		       pte_t entry)
{
	unsigned long index = page_anon_index(page);
	bool is_found = true;

	if (!IS_ENABLED(CONFIG_DEBUG_RMAP))
		return;
	if (page_is_anon(page) && check->is_stopped)
		is_found = walk_finds(&page_anon_vma(page)->areas, index, check->area, true);
	else if (!page_is_anon(page) && page->mapping && check->area->mapping)
		is_found = walk_finds(&page->mapping->i_mmap, index, check->area, false);
	wrong_if(check, !is_found, "a walk from the page passes its area by", addr, entry);
}

static void check_anon_page(struct mm_checker *check, const struct page *page, unsigned long addr,
			    pte_t entry)
{
	const struct vm_area *area = check->area;

	wrong_if(check, area->flags & VM_SHARED, "private page in a shared area", addr, entry);
	wrong_if(check, !area->has_anon, "private page in an area without", addr, entry);
	if (IS_ENABLED(CONFIG_RMAP))
		wrong_if(check, !is_in_chain(area, page_anon_vma(page)),
			 "no walk from the page finds its entry", addr, entry);
}

static void check_page(struct mm_checker *check, const struct page *page, unsigned long addr,
		       pte_t entry)
{
	const struct vm_area *area = check->area;
	bool is_private_write =
		entry & PTE_PRESENT && entry & PTE_WRITE && !(area->flags & VM_SHARED);

	wrong_if(check, page_ref_count(page) <= 0, "page is free", addr, entry);
	wrong_if(check, page_map_count(page) <= 0, "page counts as not mapped", addr, entry);
	wrong_if(check, page_anon_index(page) != vma_pgoff_at(area, addr),
		 "page is of another place", addr, entry);
	wrong_if(check, is_private_write && !page_is_anon(page), "page of a file is writable", addr,
		 entry);
	wrong_if(check, is_private_write && page_map_count(page) != 1,
		 "page that is shared is writable", addr, entry);
	if (page_is_anon(page))
		check_anon_page(check, page, addr, entry);
	else
		wrong_if(check, area->mapping && page->mapping != area->mapping,
			 "page has left its file", addr, entry);
	check_walk(check, page, addr, entry);
	check->nr_resident[page_counter(page)]++;
}

/* The area that has @addr becomes check->area; false, and a mistake, if there is none. */
static bool find_area(struct mm_checker *check, unsigned long addr, pte_t entry)
{
	if (!check->area || addr >= check->area->end)
		check->area = vma_find(&check->mm->areas, addr);
	if (check->area && addr >= check->area->start)
		return true;
	wrong_if(check, true, "outside of all areas", addr, entry);
	return false;
}

static void check_rights(struct mm_checker *check, unsigned long addr, pte_t entry)
{
	unsigned long flags = check->area->flags;
	pte_t no_execute = PTE_NO_EXECUTE & pte_supported;

	if (!(entry & PTE_PRESENT)) {
		wrong_if(check, flags & VM_ACCESS, "hidden, but the area has rights", addr, entry);
		return;
	}
	wrong_if(check, !(entry & PTE_USER), "not for users", addr, entry);
	wrong_if(check, !(flags & VM_ACCESS), "not hidden, but the area has no rights", addr,
		 entry);
	wrong_if(check, entry & PTE_WRITE && !(flags & VM_WRITE), "writable, but not the area",
		 addr, entry);
	wrong_if(check, (entry & PTE_NO_EXECUTE) != (flags & VM_EXEC ? 0 : no_execute),
		 "executable, or not, unlike the area", addr, entry);
	wrong_if(check, !(entry & PTE_SPECIAL) != !(flags & VM_PFNMAP), "counted or not", addr,
		 entry);
}

static void check_entry(struct mm_checker *check, unsigned long addr, pte_t entry)
{
	const struct page *page;

	if (!find_area(check, addr, entry))
		return;
	if (pte_is_swapped(entry)) {
		wrong_if(check, check->area->flags & VM_SHARED, "shared, but in swap", addr, entry);
		check->nr_resident[MM_SWAP_ENTRIES]++;
		return;
	}
	if (!pte_has_page(entry)) {
		wrong_if(check, true, "of no kind", addr, entry);
		return;
	}
	check_rights(check, addr, entry);
	page = pte_counted_page(entry);
	if (page)
		check_page(check, page, addr, entry);
	else if (!(entry & PTE_SPECIAL) && !(check->area->flags & VM_SHARED))
		wrong_if(check, entry & PTE_PRESENT && entry & PTE_WRITE, "zeros are writable",
			 addr, entry);
}

#ifdef CONFIG_THP
static void check_huge_page(struct mm_checker *check, struct page *head, unsigned long addr,
			    pte_t entry)
{
	bool is_write = entry & PTE_PRESENT && entry & PTE_WRITE;

	wrong_if(check, !page_has_flag(head, PG_huge), "not the first of a huge page", addr, entry);
	wrong_if(check, page_ref_count(head) <= 0, "huge page is free", addr, entry);
	wrong_if(check, atomic_read(&head->whole_maps) <= 0, "huge page counts as not mapped", addr,
		 entry);
	wrong_if(check, is_write && atomic_read(&head->whole_maps) != 1,
		 "huge page that is shared is writable", addr, entry);
	wrong_if(check, head->index != vma_pgoff_at(check->area, addr),
		 "huge page is of another place", addr, entry);
	check_anon_page(check, head, addr, entry);
	check->nr_resident[MM_ANON_PAGES] += HUGE_PAGES;
	check->nr_resident[MM_HUGE_ENTRIES]++;
}

static void check_huge_entry(struct mm_checker *check, unsigned long addr, pte_t entry)
{
	struct page *head = pmd_counted_page(entry);

	check->nr_huge++;
	if (!find_area(check, addr, entry))
		return;
	wrong_if(check, addr + HUGE_SIZE > check->area->end, "huge page over the edge", addr,
		 entry);
	wrong_if(check, !IS_ALIGNED(pte_phys(entry), HUGE_SIZE), "huge page not aligned", addr,
		 entry);
	check_rights(check, addr, entry);
	if (head)
		check_huge_page(check, head, addr, entry);
	else
		wrong_if(check, entry & PTE_PRESENT && entry & PTE_WRITE, "zeros are writable",
			 addr, entry);
}
#else
static void check_huge_entry(struct mm_checker *check, unsigned long addr, pte_t entry)
{
	wrong_if(check, true, "of no kind", addr, entry);
}
#endif

/* The first @nr entries of the table at @table, which is of @level and for addresses from @addr.
 * Calls itself once a level. */
static void check_table(struct mm_checker *check, const pte_t *table, unsigned long addr,
			unsigned int level, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		unsigned long at = addr + i * PT_LEVEL_SIZE(level);
		pte_t entry = READ_ONCE(table[i]);

		if (!entry)
			continue;
		if (!level) {
			check_entry(check, at, entry);
		} else if (pte_is_table(entry)) {
			wrong_if(check,
				 !vma_find_in(&check->mm->areas, at, at + PT_LEVEL_SIZE(level)),
				 "table that no area needs", at, entry);
			check->nr_tables++;
			check_table(check, phys_to_virt(entry & PTE_ADDR_MASK), at, level - 1,
				    PT_ENTRIES);
		} else if (level == 1) {
			check_huge_entry(check, at, entry);
		} else {
			wrong_if(check, true, "of no kind", at, entry);
		}
	}
}

static void check_areas(struct mm_checker *check)
{
	struct vm_area *area;

	wrong_if(check, vma_verify(&check->mm->areas), "areas in no order", 0, 0);
	for_each_vma(area, &check->mm->areas) {
		unsigned int nr_wrong =
			check->is_stopped ? anon_vma_verify_locked(area) : anon_vma_verify(area);

		wrong_if(check, area->mm != check->mm, "area of another address space", area->start,
			 0);
		wrong_if(check, nr_wrong, "area is not where walks look for it", area->start, 0);
	}
}

static unsigned int run_check(struct mm_checker *check)
{
	struct mm_struct *mm = check->mm;

	check_areas(check);
	check_table(check, mm->pt.root, 0, PT_ROOT_LEVEL, PT_ENTRIES / 2);
	wrong_if(check, check->nr_tables != (unsigned long)atomic64_read(&mm->nr_tables),
		 "number of tables", 0, 0);
	wrong_if(check, check->nr_huge != mm->nr_deposited, "number of tables that wait", 0, 0);
	for (size_t i = 0; i < NR_MM_COUNTERS; i++)
		wrong_if(check, check->nr_resident[i] != atomic64_read(&mm->counters[i]),
			 "number of resident pages", i, 0);
	return check->nr_wrong;
}

static void report_to_log(const char *what, unsigned long addr, pte_t entry)
{
	pr_err("%s: address %#lx, entry %#lx", what, addr, entry);
}

static void unlock_files(struct mm_checker *check)
{
	while (check->nr_files)
		up_write(&check->files[--check->nr_files]->i_mmap_lock);
}

static bool has_locked(const struct mm_checker *check, const struct address_space *file)
{
	for (unsigned int i = 0; i < check->nr_files; i++)
		if (check->files[i] == file)
			return true;
	return false;
}

/* False: not all could be had, and none is held. */
static bool trylock_files(struct mm_checker *check)
{
	struct vm_area *area;

	for_each_vma(area, &check->mm->areas) {
		struct address_space *file = area->mapping;

		if (!file || has_locked(check, file))
			continue;
		if (!down_write_trylock(&file->i_mmap_lock)) {
			unlock_files(check);
			return false;
		}
		check->files[check->nr_files++] = file;
	}
	return true;
}

static unsigned int nr_files_at_most(struct mm_struct *mm)
{
	struct vm_area *area;
	unsigned int nr = 0;

	for_each_vma(area, &mm->areas)
		nr += area->mapping != NULL;
	return nr;
}

/* Walks from private pages that may change entries end; those that begin now do not. */
static void wait_for_walks(struct mm_struct *mm)
{
	struct vm_area *area;

	for_each_vma(area, &mm->areas) {
		struct rw_semaphore *root =
			area->anon_chain ? &area->anon_chain->anon_vma->root->rwsem : NULL;

		if (!root || !IS_ENABLED(CONFIG_RECLAIM))
			continue;
		down_write(root);
		up_write(root);
	}
}

unsigned int mm_check(struct mm_struct *mm)
{
	struct mm_checker check = { .mm = mm, .report = report_to_log };
	unsigned int nr_wrong = 0;

	wait_for_walks(mm);
	check.files = kmalloc((nr_files_at_most(mm) + 1) * sizeof(*check.files),
			      GFP_NOWAIT | __GFP_NOWARN);
	if (check.files && trylock_files(&check)) {
		nr_wrong = run_check(&check);
		unlock_files(&check);
	}
	kfree(check.files);
	return nr_wrong;
}

unsigned int mm_check_stopped(struct mm_struct *mm, mm_check_report_fn report)
{
	struct mm_checker check = { .mm = mm, .report = report, .is_stopped = true };

	return run_check(&check);
}
