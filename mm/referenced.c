/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether programs have used a page since somebody last asked.
 *
 * Processors set the accessed bit of an entry when they use it.  All entries that map the page are
 * found by its reverse mapping, their bits counted and cleared.  Processors are not made to forget
 * their translations, for that costs more than the answer is worth: one that still knows the entry
 * sets no bit, until it forgets it, which it does at the next switch of programs or sooner.
 *
 * Reclaim asks from within any allocation, whose caller may hold the locks of the reverse mapping.
 * So they are tried; a page of which nothing is known counts as used.
 *
 * Locks: the rwsem of an anon_vma's root, or i_mmap_lock; one table at a time.
 */
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/pagecache.h>
#include <oshit/rmap.h>

#include "huge_memory.h"
#include "mapping.h"
#include "referenced.h"
#include "user_page.h"
#include "user_table.h"

struct reference_walk {
	struct rmap_walk walk;
	struct page *page;
	struct page_references *found;
};

/* Whether *@entry was used, which it forgets. Its table is locked. */
static bool test_and_clear_used(pte_t *entry)
{
	if (!(READ_ONCE(*entry) & PTE_ACCESSED))
		return false;
	/* A processor may set the same bit, or dirty, meanwhile. */
	__atomic_fetch_and(entry, ~PTE_ACCESSED, __ATOMIC_RELAXED);
	return true;
}

static bool was_used_whole(struct vm_area *area, unsigned long addr, const struct page *head)
{
	pte_t *pmd = user_pmd_find(area->mm, addr);
	bool was_used;

	if (!IS_ENABLED(CONFIG_THP) || !pmd || !pmd_is_huge(READ_ONCE(*pmd)))
		return false;
	user_pmd_lock(area->mm, pmd);
	was_used = pmd_is_huge(*pmd) && pmd_counted_page(*pmd) == head && test_and_clear_used(pmd);
	user_pmd_unlock(area->mm, pmd);
	return was_used;
}

static bool was_used_small(struct vm_area *area, unsigned long addr, const struct page *page)
{
	pte_t *pte = user_pte_find_lock(area->mm, addr);
	bool was_used;

	if (!pte)
		return false;
	was_used = pte_counted_page(*pte) == page && test_and_clear_used(pte);
	user_pte_unlock(area->mm, pte);
	return was_used;
}

static bool look_in_area(struct rmap_walk *walk, struct vm_area *area, unsigned long addr)
{
	struct reference_walk *look = container_of(walk, struct reference_walk, walk);

	if (addr < area->start || addr >= area->end)
		return true;
	if (area->flags & VM_LOCKED) {
		look->found->is_locked = true;
		return false;
	}
	if (!was_used_whole(area, addr, look->page) && !was_used_small(area, addr, look->page))
		return true;
	/* Who reads from front to back does not come back. */
	if (area->flags & VM_SEQ_READ)
		return true;
	look->found->nr++;
	look->found->is_code |= area->flags & VM_EXEC;
	return true;
}

void page_references_get(struct page *page, struct page_references *found)
{
	struct reference_walk look = {
		.walk.visit = look_in_area,
		.page = page,
		.found = found,
	};
	bool known = true;

	*found = (struct page_references){ 0 };
	if (page_is_anon(page))
		known = rmap_walk_try(page, 1, &look.walk);
	else if (page->mapping && page_map_count(page))
		known = try_walk_mappings(page, &look.walk);
	if (!known)
		found->nr++;
}
