/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own page table, under a lock.
 *
 * The lock is a spinlock, and tables are allocated before it is taken: an operation first fills a
 * small stock (`spare`) with as many tables as it can need at worst.  So nothing is allocated with
 * the lock held, an operation does not run out of memory half way, and reclaim, which a GFP_KERNEL
 * allocation may start, finds no lock of ours.  Tables that become empty go back to the stock; what
 * is too much goes to the page allocator after the lock is released.
 *
 * A flush waits for all CPUs, so who unmaps many ranges has it put off until the last.  Meanwhile
 * the lock is held: tables that have become empty are not used again, and no page is given away.
 *
 * Interrupts stay on under the lock: flush() waits for the other CPUs, and one that spins for the
 * lock meanwhile must be able to answer.  For the same reason interrupt handlers may not call here.
 *
 * The entries of the root are set while booting, by kernel_map_prepare(), and never change after
 * that; every address space has a copy of them.  Tables of the levels below come and go.
 *
 * Locks: table_lock for the tables and the stock; zone->lock nests inside only when a table of the
 * boot code is given up.
 */
#include <linux/errno.h>

#include <arch/mm.h>
#include <arch/page_ops.h>
#include <arch/tlb.h>
#include <oshit/bug.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/kernel_map.h>
#include <oshit/list.h>
#include <oshit/math.h>
#include <oshit/spinlock.h>
#include <oshit/string.h>

#define SPARE_KEPT    8 /* tables that stay in the stock: 32 KiB */
#define TABLES_TO_CUT 4 /* both ends of a range cut a page of 1 GiB: two tables each */

static DEFINE_SPINLOCK(table_lock); /* t */
static LIST_HEAD(spare); /* t  zeroed pages, linked by page->lru */
static unsigned long nr_spare; /* t */

static struct { /* t  one flush for many ranges */
	bool is_put_off;
	unsigned long start, last; /* what has to be flushed; last 0: nothing */
} flushes; /* t */

unsigned long kernel_map_nr_spare(void)
{
	return READ_ONCE(nr_spare);
}

static void put_spare(struct page *page)
{
	list_add(&page->lru, &spare);
	nr_spare++;
}

static pte_t *alloc_table(struct page_table *pt __maybe_unused)
{
	struct page *page;

	if (WARN_ON_ONCE(!nr_spare))
		return NULL;
	page = list_first_entry(&spare, struct page, lru);
	list_del(&page->lru);
	nr_spare--;
	return page_to_virt(page);
}

/* Tables of the boot code lie in the image, or came from memblock. */
static bool is_boot_table(const struct page *page)
{
	return !pfn_is_valid(page_to_pfn(page)) || page_has_flag(page, PG_reserved);
}

static void free_table(struct page_table *pt __maybe_unused, pte_t *table)
{
	struct page *page = virt_to_page(table);

	if (is_boot_table(page)) {
		arch_free_boot_table(table);
		return;
	}
	clear_page(table);
	put_spare(page);
}

static void flush(struct page_table *pt __maybe_unused, unsigned long start, unsigned long last)
{
	if (flushes.is_put_off) {
		flushes.start = flushes.last ? min(flushes.start, start) : start;
		flushes.last = max(flushes.last, last);
		return;
	}
	flush_tlb_kernel_range(start, last);
}

static void put_off_flushes(void)
{
	flushes.is_put_off = true;
	flushes.last = 0;
}

static void flush_now(void)
{
	flushes.is_put_off = false;
	if (flushes.last)
		flush_tlb_kernel_range(flushes.start, flushes.last);
}

static const struct page_table_ops kernel_table_ops = {
	.alloc_table = alloc_table,
	.free_table = free_table,
	.flush = flush,
};

struct page_table kernel_page_table = { .ops = &kernel_table_ops, .root_is_final = true };

/* Releases the lock, then frees what the stock has too much. */
static void unlock_tables(void) __releases(&table_lock)
{
	struct page *page, *next;
	LIST_HEAD(surplus);

	while (nr_spare > SPARE_KEPT) {
		list_move(spare.next, &surplus);
		nr_spare--;
	}
	spin_unlock(&table_lock);
	list_for_each_entry_safe(page, next, &surplus, lru)
		__free_page(page);
}

/* Takes the lock. 0: @nr tables are in the stock; -ENOMEM: fewer. */
static int lock_tables(unsigned long nr) __acquires(&table_lock)
{
	spin_lock(&table_lock);
	while (nr_spare < nr) {
		struct page *page;

		spin_unlock(&table_lock);
		page = alloc_page(GFP_KERNEL | __GFP_ZERO);
		spin_lock(&table_lock);
		if (!page)
			return -ENOMEM;
		put_spare(page);
	}
	return 0;
}

/* Tables of @level that [@virt, @virt + @size) passes through, at worst. */
static unsigned long tables_across(u64 size, unsigned int level)
{
	return size / PT_LEVEL_SIZE(level + 1) + 2;
}

int kernel_map(unsigned long virt, u64 size, struct page_source *source, enum kernel_rights rights)
{
	int err = lock_tables(tables_across(size, 0) + tables_across(size, 1));

	if (!err)
		err = page_table_map_source(&kernel_page_table, virt, size, source,
					    arch_kernel_pte(rights));
	unlock_tables();
	return err;
}

int kernel_map_range(unsigned long virt, u64 size, phys_addr_t phys, enum kernel_rights rights)
{
	/* If large pages can be used, small ones are at both ends only. */
	u64 in_small = (virt ^ phys) & (LARGE_PAGE_SIZE - 1) ? size : 0;
	int err = lock_tables(tables_across(in_small, 0) + tables_across(size, 1));

	if (!err)
		err = page_table_map(&kernel_page_table, virt, phys, size, arch_kernel_pte(rights));
	unlock_tables();
	return err;
}

void kernel_unmap(unsigned long virt, u64 size, struct page_sink *sink)
{
	int err;

	spin_lock(&table_lock);
	err = page_table_unmap_sink(&kernel_page_table, virt, size, sink);
	unlock_tables();
	WARN_ON_ONCE(err);
}

void kernel_unmap_ranges(const struct kernel_range *ranges, unsigned int nr, struct page_sink *sink)
{
	int err = 0;

	spin_lock(&table_lock);
	put_off_flushes();
	for (unsigned int i = 0; i < nr; i++)
		err = page_table_unmap_sink(&kernel_page_table, ranges[i].virt, ranges[i].size,
					    sink)
			      ?: err;
	flush_now();
	unlock_tables();
	WARN_ON_ONCE(err);
}

int kernel_unmap_part(unsigned long virt, u64 size)
{
	int err = lock_tables(TABLES_TO_CUT);

	if (!err)
		err = page_table_unmap(&kernel_page_table, virt, size);
	unlock_tables();
	return err;
}

int kernel_protect(unsigned long virt, u64 size, pte_t set, pte_t clear)
{
	int err = lock_tables(TABLES_TO_CUT);

	if (!err)
		err = page_table_protect(&kernel_page_table, virt, size, set, clear);
	unlock_tables();
	return err;
}

pte_t kernel_query(unsigned long virt, unsigned int *level)
{
	return page_table_query(&kernel_page_table, virt, level);
}

__init int kernel_map_prepare(unsigned long start, unsigned long last)
{
	unsigned int i;

	for (i = pt_index(start, PT_ROOT_LEVEL); i <= pt_index(last, PT_ROOT_LEVEL); i++) {
		unsigned long table;

		if (kernel_page_table.root[i])
			continue;
		table = get_zeroed_page(GFP_KERNEL);
		if (!table)
			return -ENOMEM;
		kernel_page_table.root[i] = virt_to_phys((void *)table) | PTE_PRESENT | PTE_WRITE;
	}
	return 0;
}

__init void kernel_map_init(pte_t *root, unsigned int max_leaf_level)
{
	kernel_page_table.root = root;
	kernel_page_table.max_leaf_level = max_leaf_level;
}
