/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables of user address spaces: how they come and go.
 *
 * A table is a page, zeroed.  It is linked by whoever first needs it, under page_table_lock, with
 * mmap_lock held at least for reading; two faults that need the same table race, and the loser
 * frees his.  Until it is unlinked, with mmap_lock held for writing, a table stays where it is, so
 * a walk down needs no lock.
 *
 * What a table holds is not counted: munmap() knows from the areas beside the range which tables
 * nobody needs any more (user_tables_free()).  Unlinked tables go through the gather, because
 * another CPU may still be walking them until its translations are flushed.
 *
 * The upper half of the root is the kernel's, and the same in all roots; its tables are never
 * freed here.
 */
#include <arch/mm.h>
#include <arch/tlb.h>
#include <linux/errno.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/string.h>

#include "user_table.h"

static pte_t *table_of(pte_t entry)
{
	return phys_to_virt(entry & PTE_ADDR_MASK);
}

static bool is_table(pte_t entry)
{
	return (entry & (PTE_PRESENT | PTE_LARGE)) == PTE_PRESENT;
}

int user_tables_init(struct mm_struct *mm)
{
	pte_t *root = (pte_t *)get_zeroed_page(GFP_KERNEL);

	if (!root)
		return -ENOMEM;
	arch_copy_kernel_half(root);
	mm->pt.root = root;
	mm->pt.max_leaf_level = 0;
	mm->context.root = virt_to_phys(root);
	return 0;
}

void user_tables_destroy(struct mm_struct *mm)
{
	free_page((unsigned long)mm->pt.root);
}

/* The table below *@entry, made if there is none. NULL: no memory. */
static pte_t *table_below(struct mm_struct *mm, pte_t *entry)
{
	pte_t *table;

	if (is_table(READ_ONCE(*entry)))
		return table_of(*entry);
	table = (pte_t *)get_zeroed_page(GFP_KERNEL);
	if (!table)
		return NULL;
	spin_lock(&mm->page_table_lock);
	if (!*entry) {
		/* Who sees the link sees the zeros. Pairs with the walks of processors. */
		smp_store_release(entry, virt_to_phys(table) | USER_TABLE_BITS);
		mm->nr_tables++;
		table = NULL;
	}
	spin_unlock(&mm->page_table_lock);
	if (table)
		free_page((unsigned long)table);
	return table_of(*entry);
}

pte_t *user_table_populate(struct mm_struct *mm, unsigned long addr)
{
	pte_t *table = mm->pt.root;

	for (unsigned int level = PT_ROOT_LEVEL; level > 0 && table; level--)
		table = table_below(mm, &table[pt_index(addr, level)]);
	return table ? &table[pt_index(addr, 0)] : NULL;
}

pte_t *user_table_find(struct mm_struct *mm, unsigned long addr)
{
	pte_t *table = mm->pt.root;

	for (unsigned int level = PT_ROOT_LEVEL; level > 0; level--) {
		pte_t entry = READ_ONCE(table[pt_index(addr, level)]);

		if (!is_table(entry))
			return NULL;
		table = table_of(entry);
	}
	return &table[pt_index(addr, 0)];
}

/* --- what leaves --- */

void user_gather_begin(struct user_gather *gather, struct mm_struct *mm)
{
	gather->mm = mm;
	gather->start = ~0UL;
	gather->last = 0;
	gather->nr = 0;
}

void user_gather_range(struct user_gather *gather, unsigned long start, unsigned long last)
{
	gather->start = min(gather->start, start);
	gather->last = max(gather->last, last);
}

void user_gather_end(struct user_gather *gather)
{
	if (gather->start <= gather->last)
		flush_tlb_mm_range(&gather->mm->context, gather->start, gather->last);
	gather->start = ~0UL;
	gather->last = 0;
	while (gather->nr)
		put_page(gather->pages[--gather->nr]);
}

void user_gather_page(struct user_gather *gather, struct page *page)
{
	if (gather->nr == GATHER_PAGES)
		user_gather_end(gather);
	gather->pages[gather->nr++] = page;
}

/* --- freeing tables --- */

static bool hole_covers(const struct user_hole *hole, unsigned long addr, unsigned int level)
{
	return addr >= hole->floor && addr + (PT_LEVEL_SIZE(level) - 1) < hole->ceiling;
}

/* The tables below @table, which is of @level and covers [@addr, ...). */
static void free_below(struct user_gather *gather, const struct user_hole *hole, pte_t *table,
		       unsigned int level)
{
	unsigned long addr = hole->start & -PT_LEVEL_SIZE(level);
	struct user_hole part = *hole;

	for (; addr <= hole->last; addr += PT_LEVEL_SIZE(level)) {
		pte_t *entry = &table[pt_index(addr, level)];

		if (!is_table(*entry))
			continue;
		part.start = max(hole->start, addr);
		part.last = min(hole->last, addr + (PT_LEVEL_SIZE(level) - 1));
		if (level > 1)
			free_below(gather, &part, table_of(*entry), level - 1);
		if (hole_covers(hole, addr, level)) {
			struct page *page = virt_to_page(table_of(*entry));

			WRITE_ONCE(*entry, 0);
			gather->mm->nr_tables--;
			user_gather_range(gather, part.start, part.last);
			user_gather_page(gather, page);
		}
	}
}

void user_tables_free(struct user_gather *gather, const struct user_hole *hole)
{
	free_below(gather, hole, gather->mm->pt.root, PT_ROOT_LEVEL);
}
