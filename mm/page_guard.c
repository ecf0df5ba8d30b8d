/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page allocations between unmapped pages.
 *
 * One in a hundred allocations of up to 4 pages (`page_guard=N` on the command line: one in N; 0:
 * none) does not come from the buddy system but from a pool of 2 MiB, whose pages have entries of
 * their own in the direct map.  Everything in the pool is unmapped but the pages of allocated
 * blocks:
 *
 *	slot 0                                slot 1
 *	| - - - - | block of 1 to 4 | - ... | - - - - | block ...
 *	  guard                      the rest of a smaller block is a guard, too
 *
 * So reads and writes just before, just behind, and after a free are caught at once, whoever
 * commits them; with luck, but on every machine that runs long enough.  A fault is reported with
 * the stacks of allocation and free, then the page is mapped: the stray access hits memory that is
 * nobody's, and the kernel goes on.  It is unmapped again when its slot is used next.  Slots are
 * used in turn, so a freed block stays unmapped as long as possible.
 *
 * Only this CPU's TLB is flushed: another CPU that still knows a block which was just freed may
 * miss one mistake, and harms nothing, because the memory never leaves the pool.
 *
 * A slot: free (in the queue) -> taken, with nr_used pages -> free when all have come back; after
 * split_page() they come one by one.
 *
 * Locks: guard_lock, interrupts off.  Entries of a slot belong to who takes or gives it; those of
 * guards are also set by faults, all to the same value.  Left out: objects of slabs one by one.
 */
#define pr_fmt(fmt) "page_guard: " fmt

#include <linux/errno.h>

#include <arch/mm.h>
#include <arch/tlb.h>
#include <oshit/boot_param.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/kernel_map.h>
#include <oshit/kstrtox.h>
#include <oshit/math.h>
#include <oshit/mm_report.h>
#include <oshit/mmzone.h>
#include <oshit/printk.h>
#include <oshit/regs.h>
#include <oshit/sizes.h>
#include <oshit/spinlock.h>
#include <oshit/stack_depot.h>

#include "page_guard.h"

#define POOL_PAGES	 (1UL << PAGE_GUARD_POOL_ORDER)
#define BLOCK		 (1UL << PAGE_GUARD_MAX_ORDER) /* pages of the largest block... */
#define SLOT_PAGES	 (2 * BLOCK) /* ... behind as many of guard */
#define NR_SLOTS	 (POOL_PAGES / SLOT_PAGES - 1) /* the end of the pool is a guard */
#define DEFAULT_INTERVAL 100
#define MAX_INTERVAL	 0x7fffffffU
#define MIN_MEMORY	 MIB(64) /* the pool is no more than 1/32 of memory */

struct guard_slot { /* g: guard_lock */
	unsigned int nr_used; /* g  pages not given back */
	unsigned int nr_pages; /* g  of the block that is or was last here */
};

struct page *page_guard_pool __ro_after_init;
DEFINE_PER_CPU(int, page_guard_countdown);

static DEFINE_RAW_SPINLOCK(guard_lock);
static struct guard_slot slots[NR_SLOTS]; /* g */
static u8 queue[NR_SLOTS]; /* g  ring of free slots */
static unsigned int first_free, nr_free_slots; /* g */
static unsigned long nr_used_pages; /* g */
static pte_t *entries __ro_after_init; /* of the pool in the direct map */
static unsigned int interval = DEFAULT_INTERVAL;
static unsigned int wanted_interval __initdata = DEFAULT_INTERVAL;

static __init int page_guard_param(const char *value)
{
	return value ? kstrtouint(value, 0, &wanted_interval) : -EINVAL;
}
BOOT_PARAM("page_guard", page_guard_param);

/* Of pages, counted in the pool. */
static unsigned long block_of_slot(unsigned long slot)
{
	return slot * SLOT_PAGES + BLOCK;
}

static void *address_of(unsigned long i)
{
	return page_to_virt(page_guard_pool + i);
}

static void map_page(unsigned long i)
{
	WRITE_ONCE(entries[i], entries[i] | PTE_PRESENT);
}

static void unmap_page(unsigned long i)
{
	if (!(entries[i] & PTE_PRESENT))
		return;
	WRITE_ONCE(entries[i], entries[i] & ~PTE_PRESENT);
	flush_tlb_local_page((unsigned long)address_of(i));
}

unsigned int page_guard_set_interval(unsigned int new_interval)
{
	unsigned int old = interval;

	WRITE_ONCE(interval, new_interval);
	this_cpu_write(page_guard_countdown, 0);
	return old;
}

static void restart_countdown(void)
{
	unsigned int next = READ_ONCE(interval);

	this_cpu_write(page_guard_countdown,
		       next ? (int)min(next, MAX_INTERVAL) - 1 : (int)MAX_INTERVAL);
}

/* A free slot with @nr pages in use, or NR_SLOTS. */
static unsigned long take_slot(unsigned int nr)
{
	unsigned long flags, slot = NR_SLOTS;

	raw_spin_lock_irqsave(&guard_lock, flags);
	if (nr_free_slots) {
		slot = queue[first_free];
		first_free = (first_free + 1) % NR_SLOTS;
		nr_free_slots--;
		slots[slot] = (struct guard_slot){ .nr_used = nr, .nr_pages = nr };
		nr_used_pages += nr;
	}
	raw_spin_unlock_irqrestore(&guard_lock, flags);
	return slot;
}

struct page *page_guard_take(unsigned int order)
{
	unsigned long slot, first, i;

	restart_countdown();
	if (order > PAGE_GUARD_MAX_ORDER || !page_guard_pool || !READ_ONCE(interval))
		return NULL;
	slot = take_slot(1U << order);
	if (slot == NR_SLOTS)
		return NULL;
	first = block_of_slot(slot);
	for (i = first - BLOCK; i < first; i++)
		unmap_page(i); /* if a fault has mapped it */
	for (i = first; i < first + BLOCK + 1; i++) {
		if (i < first + (1UL << order))
			map_page(i);
		else
			unmap_page(i);
	}
	page_guard_pool[first].alloc_stack = stack_depot_save(1);
	return page_guard_pool + first;
}

void page_guard_give(struct page *page, unsigned int order)
{
	unsigned long first = (unsigned long)(page - page_guard_pool), i, flags;
	unsigned int slot = first / SLOT_PAGES;
	u32 stack = stack_depot_save(1);

	for (i = first; i < first + (1UL << order); i++) {
		page_guard_pool[i].flags &= PAGE_ZONE_MASK;
		page_guard_pool[i].free_stack = stack;
		unmap_page(i);
	}
	raw_spin_lock_irqsave(&guard_lock, flags);
	nr_used_pages -= 1U << order;
	slots[slot].nr_used -= 1U << order;
	if (!slots[slot].nr_used) {
		queue[(first_free + nr_free_slots) % NR_SLOTS] = (u8)slot;
		nr_free_slots++;
	}
	raw_spin_unlock_irqrestore(&guard_lock, flags);
}

unsigned long page_guard_nr_used(void)
{
	return READ_ONCE(nr_used_pages);
}

/* --- faults --- */

/* Bytes from the block of @slot to @addr: negative before it, 0 inside. */
static long distance(unsigned long slot, unsigned long addr)
{
	unsigned long start = (unsigned long)address_of(block_of_slot(slot));
	unsigned long end = start + slots[slot].nr_pages * PAGE_SIZE;

	if (addr < start)
		return (long)(addr - start);
	return addr < end ? 0 : (long)(addr - end) + 1;
}

/* The slot whose block was most likely meant: the nearer one. */
static unsigned long slot_near(unsigned long addr)
{
	unsigned long i = (addr - (unsigned long)address_of(0)) / PAGE_SIZE;
	unsigned long slot = min(i / SLOT_PAGES, NR_SLOTS - 1);

	if (slot && slots[slot - 1].nr_pages &&
	    (!slots[slot].nr_pages || distance(slot - 1, addr) < -distance(slot, addr)))
		return slot - 1;
	return slot;
}

static void report(unsigned long addr, unsigned long slot, const struct pt_regs *regs)
{
	const struct page *page = page_guard_pool + block_of_slot(slot);
	long bytes = distance(slot, addr);
	bool freed = !slots[slot].nr_used;

	if (!mm_report_begin(freed ? MM_USE_AFTER_FREE : MM_OUT_OF_BOUNDS, page_to_virt(page)))
		return;
	if (bytes)
		pr_err("access at 0x%lx, byte %ld %s a block of %u pages%s\n", addr,
		       bytes < 0 ? -bytes : bytes, bytes < 0 ? "before" : "behind",
		       slots[slot].nr_pages, freed ? " that is free" : "");
	else
		pr_err("access at 0x%lx, in a block of %u pages that is free\n", addr,
		       slots[slot].nr_pages);
	mm_report_stack("allocated by", page->alloc_stack);
	mm_report_stack("last freed by", page->free_stack);
	mm_report_end_at(regs);
}

bool page_guard_fault(unsigned long addr, const struct pt_regs *regs)
{
	unsigned long i;

	if (!page_guard_pool)
		return false;
	i = (addr - (unsigned long)address_of(0)) / PAGE_SIZE;
	if (i >= POOL_PAGES)
		return false;
	if (entries[i] & PTE_PRESENT)
		return false; /* its rights forbid the access */
	report(addr, slot_near(addr), regs);
	map_page(i);
	return true;
}

__init void page_guard_init(void)
{
	struct page_counts counts;
	struct page *pool = NULL;
	unsigned int level;

	page_counts_get(&counts);
	if (counts.nr_managed >= MIN_MEMORY / PAGE_SIZE)
		pool = alloc_pages(GFP_KERNEL | __GFP_DMA32 | __GFP_NOWARN, PAGE_GUARD_POOL_ORDER);
	/* Unmapping a page makes a table of small ones. */
	if (!pool || kernel_unmap_part((unsigned long)page_to_virt(pool), PAGE_SIZE)) {
		pr_info("off, for want of memory");
		return;
	}
	entries = page_table_entry(&kernel_page_table, (unsigned long)page_to_virt(pool), &level);
	entries[0] = arch_kernel_pte(KERNEL_RW) | page_to_phys(pool);
	split_page(pool, PAGE_GUARD_POOL_ORDER);
	page_guard_pool = pool;
	for (unsigned long i = 0; i < POOL_PAGES; i++) {
		atomic_set(&pool[i].refcount, 0);
		unmap_page(i);
	}
	for (nr_free_slots = 0; nr_free_slots < NR_SLOTS; nr_free_slots++)
		queue[nr_free_slots] = (u8)nr_free_slots;
	page_guard_set_interval(wanted_interval);
}
