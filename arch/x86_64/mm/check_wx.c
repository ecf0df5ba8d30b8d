/* SPDX-License-Identifier: GPL-2.0-only */
/* A walk over the kernel's half of the address space for pages that are writable and executable. */
#define pr_fmt(fmt) "mm: " fmt

#include <oshit/init.h>
#include <oshit/kernel_map.h>
#include <oshit/printk.h>

#include "tables.h"

#define KERNEL_HALF 0xffff800000000000UL

static unsigned int nr_found __initdata;

static __init int check_entry(struct page_walk *walk, pte_t *pte, unsigned long addr,
			      unsigned int level)
{
	if ((*pte & (PTE_PRESENT | PTE_WRITE | PTE_NO_EXECUTE)) != (PTE_PRESENT | PTE_WRITE))
		return 0;
	nr_found++;
	pr_err("%lu KiB at %#lx are writable and executable", PT_LEVEL_SIZE(level) >> 10, addr);
	return 0;
}

__init void check_wx(void)
{
	static struct page_walk walk __initdata = {
		.pt = &kernel_page_table,
		.start = KERNEL_HALF,
		.last = ~0UL,
		.entry = check_entry,
	};

	page_walk_range(&walk);
	if (!nr_found)
		pr_debug("no page is both writable and executable");
}
