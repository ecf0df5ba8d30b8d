/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables of user address spaces: how they come and go.
 *
 * A table is a page, zeroed.  It is linked by whoever first needs it, under the lock of the table
 * above, with mmap_lock or the area held at least for reading; two faults that need the same table
 * race, and the loser frees his.  Until it is unlinked, with both held for writing, a table stays
 * where it is, so a walk down needs no lock.
 *
 * What a table holds is not counted: munmap() knows from the areas beside the range which tables
 * nobody needs any more (user_tables_free()).  Unlinked tables go through the gather, and are
 * freed last of all: processors may walk them until their translations are flushed, and a walk
 * that holds nothing (user_pte_find_lock()) until a grace period is over.  One call_rcu() frees
 * all of a gather: they are chained.  All their entries are empty by then, so they hold zeros,
 * which the page allocator is told.
 *
 * The gather keeps pages on the stack, then in pages of pointers, as far as there is memory: the
 * number of flushes does not grow with what is unmapped.
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
#include <oshit/rcu.h>
#include <oshit/sched.h>
#include <oshit/string.h>
#include <oshit/vmstat.h>

#include "deferred_flush.h"
#include "huge_memory.h"
#include "user_table.h"

struct lockdep_map user_table_lock_maps[2][2]; /* static: each is known by its address */

static pte_t *table_of(pte_t entry)
{
	return phys_to_virt(entry & PTE_ADDR_MASK);
}

int user_tables_init(struct mm_struct *mm)
{
	pte_t *root = (pte_t *)get_zeroed_page(GFP_KERNEL);

	if (!root)
		return -ENOMEM;
	arch_copy_kernel_half(root);
	mm->pt.root = root;
	vm_stat_add(NR_PAGETABLE, 1);
	mm->pt.max_leaf_level = 0;
	mm->context.root = virt_to_phys(root);
	return 0;
}

void user_tables_destroy(struct mm_struct *mm)
{
	free_page((unsigned long)mm->pt.root);
	vm_stat_add(NR_PAGETABLE, -1);
}

/* The lock of @entry, in a table of @level.  Not inline: the compiler would see that the address of
 * a lock is compared with NULL, and warn of what follows if it were. */
static noinline void lock_entry(struct mm_struct *mm, const pte_t *entry, unsigned int level)
	__acquires(&mm->page_table_lock)
{
	if (level > 1)
		spin_lock(&mm->page_table_lock);
	else if (level == 1)
		user_pmd_lock(mm, entry);
	else
		user_pte_lock(mm, entry);
}

static noinline void unlock_entry(struct mm_struct *mm, const pte_t *entry, unsigned int level)
	__releases(&mm->page_table_lock)
{
	if (level > 1)
		spin_unlock(&mm->page_table_lock);
	else if (level == 1)
		user_pmd_unlock(mm, entry);
	else
		user_pte_unlock(mm, entry);
}

/* NULL: no memory, or somebody has put a huge page there. */
static noinline pte_t *make_table(struct mm_struct *mm, pte_t *link, unsigned int level)
{
	pte_t *table = (pte_t *)get_zeroed_page(GFP_KERNEL);
	pte_t entry;

	if (!table)
		return NULL;
	virt_to_page(table)->table_lock = (struct qspinlock){};
	lock_entry(mm, link, level);
	if (!*link) {
		/* Who sees the link sees the zeros. Pairs with the walks of processors. */
		smp_store_release(link, virt_to_phys(table) | USER_TABLE_BITS);
		atomic64_inc(&mm->nr_tables);
		vm_stat_add(NR_PAGETABLE, 1);
		table = NULL;
	}
	entry = *link;
	unlock_entry(mm, link, level);
	if (table)
		free_page((unsigned long)table);
	return pte_is_table(entry) ? table_of(entry) : NULL;
}

/* The table that *@link, of @level, leads to, or will from now on. NULL as above. */
static __always_inline pte_t *table_below(struct mm_struct *mm, pte_t *link, unsigned int level)
{
	pte_t entry = READ_ONCE(*link);

	return likely(pte_is_table(entry)) ? table_of(entry) : make_table(mm, link, level);
}

/* The entry of level @lowest for @addr, with the tables above it. NULL: no memory. */
static __always_inline pte_t *populate_to(struct mm_struct *mm, unsigned long addr,
					  unsigned int lowest)
{
	pte_t *table = mm->pt.root;

#pragma GCC unroll 3
	for (unsigned int level = PT_ROOT_LEVEL; level > lowest; level--) {
		table = table_below(mm, &table[pt_index(addr, level)], level);
		if (unlikely(!table))
			return NULL;
	}
	return &table[pt_index(addr, lowest)];
}

pte_t *user_table_populate(struct mm_struct *mm, unsigned long addr)
{
	return populate_to(mm, addr, 0);
}

pte_t *user_pmd_populate(struct mm_struct *mm, unsigned long addr)
{
	return populate_to(mm, addr, 1);
}

pte_t *user_pte_populate(struct mm_struct *mm, pte_t *pmd, unsigned long addr)
{
	pte_t *table = table_below(mm, pmd, 1);

	return table ? &table[pt_index(addr, 0)] : NULL;
}

pte_t *user_pmd_find(struct mm_struct *mm, unsigned long addr)
{
	pte_t *table = mm->pt.root;

#pragma GCC unroll 2
	for (unsigned int level = PT_ROOT_LEVEL; level > 1; level--) {
		pte_t entry = READ_ONCE(table[pt_index(addr, level)]);

		if (!pte_is_table(entry))
			return NULL;
		table = table_of(entry);
	}
	return &table[pt_index(addr, 1)];
}

static pte_t pmd_at(struct mm_struct *mm, unsigned long addr)
{
	const pte_t *link = user_pmd_find(mm, addr);

	return link ? READ_ONCE(*link) : 0;
}

pte_t *user_table_find(struct mm_struct *mm, unsigned long addr)
{
	pte_t entry = pmd_at(mm, addr);

	return pte_is_table(entry) ? &table_of(entry)[pt_index(addr, 0)] : NULL;
}

pte_t user_table_entry(struct mm_struct *mm, unsigned long addr)
{
	pte_t entry = pmd_at(mm, addr);

	if (!pte_is_table(entry))
		return entry ? pmd_part(entry, pt_index(addr, 0)) : 0;
	return READ_ONCE(table_of(entry)[pt_index(addr, 0)]);
}

/* Whoever empties a link holds the lock of the table meanwhile: what is seen under it stays. */
pte_t *__user_pte_find_lock(struct mm_struct *mm, unsigned long addr)
{
	const pte_t *link;
	pte_t *pte = NULL;
	pte_t entry;

	rcu_read_lock();
	link = user_pmd_find(mm, addr);
	entry = link ? READ_ONCE(*link) : 0;
	if (pte_is_table(entry)) {
		pte = &table_of(entry)[pt_index(addr, 0)];
		user_pte_lock(mm, pte);
		__release(&mm->page_table_lock); /* the macro says it */
		/* Processors set the accessed bit of a link. */
		if ((READ_ONCE(*link) ^ entry) & ~PTE_ACCESSED) {
			__acquire(&mm->page_table_lock);
			user_pte_unlock(mm, pte);
			pte = NULL;
		}
	}
	rcu_read_unlock();
	return pte;
}

void rmap_locks_take(const struct rmap_locks *rmap)
{
	if (rmap->file)
		down_write(rmap->file);
	if (rmap->anon)
		down_write(rmap->anon);
}

void rmap_locks_drop(const struct rmap_locks *rmap)
{
	if (rmap->anon)
		up_write(rmap->anon);
	if (rmap->file)
		up_write(rmap->file);
}

bool user_table_move(struct mm_struct *mm, unsigned long from, unsigned long to,
		     const struct rmap_locks *rmap)
{
	pte_t *source = user_pmd_find(mm, from), *target, *table, link;

	if (!source || !pte_is_table(READ_ONCE(*source)))
		return false;
	target = populate_to(mm, to, 1);
	if (!target || READ_ONCE(*target))
		return false;
	table = table_of(*source);
	rmap_locks_take(rmap);
	user_pte_lock(mm, table);
	link = xchg(source, 0);
	user_pte_unlock(mm, table);
	flush_tlb_mm_range(&mm->context, from, from + (PT_LEVEL_SIZE(1) - 1));
	user_pmd_lock(mm, target);
	smp_store_release(target, link);
	user_pmd_unlock(mm, target);
	rmap_locks_drop(rmap);
	return true;
}

/* --- what leaves --- */

static void gather_nothing(struct user_gather *gather)
{
	gather->start = ~0UL;
	gather->last = 0;
	gather->next = gather->pages;
	gather->end = gather->pages + GATHER_PAGES;
	gather->batches = NULL;
	gather->nr_batches = 0;
	gather->tables = NULL;
}

void user_gather_begin(struct user_gather *gather, struct mm_struct *mm)
{
	gather->mm = mm;
	gather_nothing(gather);
}

bool user_gather_more(struct user_gather *gather)
{
	struct gather_batch *batch = NULL;

	if (gather->nr_batches < MAX_BATCHES)
		batch = (struct gather_batch *)__get_free_page(GFP_NOWAIT | __GFP_NOWARN);
	if (!batch)
		return false;
	batch->next = gather->batches;
	gather->batches = batch;
	gather->nr_batches++;
	gather->next = batch->pages;
	gather->end = batch->pages + ARRAY_SIZE(batch->pages);
	return true;
}

void user_gather_table(struct user_gather *gather, struct page *table)
{
	table->next_table = gather->tables;
	gather->tables = table;
}

static bool is_whole(const struct page *page)
{
	return IS_ENABLED(CONFIG_THP) && (unsigned long)page & GATHER_HUGE;
}

/* Runs of single pages together. */
static void put_gathered(struct page **from, struct page **to)
{
	while (from != to) {
		struct page **end = from;

		while (end != to && !is_whole(*end))
			end++;
		put_pages(from, (unsigned long)(end - from));
		if (end != to) {
			huge_page_put((struct page *)((unsigned long)*end - GATHER_HUGE));
			end++;
		}
		from = end;
	}
}

/* All batches but the latest are full. */
static void put_batches(struct user_gather *gather)
{
	struct page **end = gather->next;
	struct gather_batch *batch;

	while ((batch = gather->batches)) {
		put_gathered(batch->pages, end);
		gather->batches = batch->next;
		end = batch->next ? batch->next->pages + ARRAY_SIZE(batch->pages)
				  : gather->pages + GATHER_PAGES;
		free_page((unsigned long)batch);
		cond_resched();
	}
	put_gathered(gather->pages, end);
}

static void free_tables(struct rcu_head *head)
{
	struct page *table = container_of(head, struct page, rcu), *next;

	for (; table; table = next) {
		next = table->next_table;
		table->next_table = NULL;
		free_zeroed_page(table);
		cond_resched();
	}
}

void user_gather_end(struct user_gather *gather)
{
	/* What was empty already, or named a slot, may be known to a CPU still. */
	if (!mm_flush_deferred(gather->mm) && gather->start <= gather->last)
		flush_tlb_mm_range(&gather->mm->context, gather->start, gather->last);
	put_batches(gather);
	if (gather->tables)
		call_rcu(&gather->tables->rcu, free_tables);
	gather_nothing(gather);
}

/* --- freeing tables --- */

static bool hole_covers(const struct user_hole *hole, unsigned long addr, unsigned int level)
{
	return addr >= hole->floor && addr + (PT_LEVEL_SIZE(level) - 1) < hole->ceiling;
}

/* Empties @link, of a table of @level.  Who has locked the table that it leads to, and found it by
 * the link, is done with it then. */
static void unlink_table(struct user_gather *gather, pte_t *link, unsigned int level)
{
	struct mm_struct *mm = gather->mm;
	pte_t *table = table_of(*link);

	lock_entry(mm, table, level - 1);
	WRITE_ONCE(*link, 0);
	unlock_entry(mm, table, level - 1);
	atomic64_dec(&mm->nr_tables);
	vm_stat_add(NR_PAGETABLE, -1);
	user_gather_table(gather, virt_to_page(table));
}

/* The tables below @table, which is of @level and covers [@addr, ...). */
static void free_below(struct user_gather *gather, const struct user_hole *hole, pte_t *table,
		       unsigned int level)
{
	unsigned long addr = hole->start & -PT_LEVEL_SIZE(level);
	struct user_hole part = *hole;

	for (; addr <= hole->last; addr += PT_LEVEL_SIZE(level)) {
		pte_t *link = &table[pt_index(addr, level)];

		if (!pte_is_table(READ_ONCE(*link)))
			continue;
		part.start = max(hole->start, addr);
		part.last = min(hole->last, addr + (PT_LEVEL_SIZE(level) - 1));
		if (level > 1)
			free_below(gather, &part, table_of(*link), level - 1);
		if (hole_covers(hole, addr, level)) {
			unlink_table(gather, link, level);
			user_gather_range(gather, part.start, part.last);
		}
	}
}

void user_tables_free(struct user_gather *gather, const struct user_hole *hole)
{
	/* Mostly a neighbour needs them all: a small area has but one of the lowest level. */
	if ((hole->start & -PT_LEVEL_SIZE(1)) + (PT_LEVEL_SIZE(1) - 1) >= hole->ceiling)
		return;
	free_below(gather, hole, gather->mm->pt.root, PT_ROOT_LEVEL);
}
