/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own page table and its final rights: nothing is both writable and executable.
 *
 * The table is the one that head.S began.  Its first tables lie in the image or came from memblock;
 * when the walker gives one of those up, merging what it held into a larger page, the memory is
 * reserved and stays so.  All later tables are pages of the allocator.
 *
 * Context: boot, one CPU; CR0.WP is on since head.S, so read-only binds the kernel, too.
 */
#define pr_fmt(fmt) "mm: " fmt

#include <arch/layout.h>
#include <arch/mm.h>
#include <arch/msr.h>
#include <arch/page.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/memblock.h>
#include <oshit/panic.h>
#include <oshit/printk.h>

#include "tables.h"

#define FLUSH_ALL_ABOVE 33 /* pages; INVLPG costs more than refilling the whole TLB above that */

static pte_t *alloc_table(struct page_table *pt)
{
	return (pte_t *)get_zeroed_page(GFP_KERNEL);
}

static void free_table(struct page_table *pt, pte_t *table)
{
	if (!memblock_is_reserved(virt_to_phys(table)))
		free_page((unsigned long)table);
}

/* INVLPG also forgets the upper levels (Intel SDM volume 3, 4.10.4.1), writing CR3 forgets all. */
static void flush(struct page_table *pt, unsigned long start, unsigned long last)
{
	unsigned long nr = (last - start) / PAGE_SIZE + 1;

	if (nr >= FLUSH_ALL_ABOVE) {
		write_cr3(read_cr3());
		return;
	}
	for (; nr; nr--, start += PAGE_SIZE)
		__asm__ __volatile__("invlpg (%0)" : : "r"(start) : "memory");
}

static const struct page_table_ops kernel_table_ops = {
	.alloc_table = alloc_table,
	.free_table = free_table,
	.flush = flush,
};

struct page_table kernel_page_table = { .ops = &kernel_table_ops };

/* One part of the image, or of the direct map. */
static __init void protect(unsigned long start, unsigned long end, pte_t set, pte_t clear)
{
	if (start < end && page_table_protect(&kernel_page_table, start, end - start, set, clear))
		panic("no memory for the kernel's page tables");
}

static __init void protect_image(pte_t no_execute)
{
	unsigned long init_data = ALIGN_UP((unsigned long)_einit_text, PAGE_SIZE);
	unsigned long end = ALIGN_UP((unsigned long)_end, PAGE_SIZE);
	unsigned long mapped_end = ALIGN_UP((unsigned long)_end, LARGE_PAGE_SIZE);

	protect((unsigned long)_text, (unsigned long)_rodata, 0, PTE_WRITE);
	protect((unsigned long)_rodata, (unsigned long)_init_text, no_execute, PTE_WRITE);
	protect((unsigned long)_init_text, init_data, 0, PTE_WRITE);
	protect(init_data, end, no_execute, 0);
	if (mapped_end > end)
		page_table_unmap(&kernel_page_table, end, mapped_end - end);
}

__init void arch_seal_data(void)
{
	protect((unsigned long)_ro_after_init, (unsigned long)_data, 0, PTE_WRITE);
}

__init void arch_kernel_tables_init(void)
{
	pte_t no_execute = rdmsr(MSR_EFER) & EFER_NX ? PTE_NO_EXECUTE : 0;

	kernel_page_table.root = phys_to_virt(read_cr3() & PTE_ADDR_MASK);
	kernel_page_table.max_leaf_level = cpu_max_leaf_level();
	protect(direct_map_base, direct_map_base + EARLY_MAP_SIZE, no_execute, 0);
	protect_image(no_execute);
	if (no_execute)
		check_wx();
	else
		pr_warn("this processor cannot forbid execution; data can be executed");
}
