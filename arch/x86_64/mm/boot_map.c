/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel mappings made while booting, in the tables that head.S began: RAM above what those map,
 * and the page array.  Only empty entries are filled, so nothing need be flushed.  Tables come from
 * memblock, inside the part of the direct map that exists already.
 * Context: boot, one CPU.
 */
#include <arch/cpufeature.h>
#include <arch/layout.h>
#include <arch/mm.h>
#include <arch/msr.h>
#include <arch/page.h>
#include <arch/pgtable.h>
#include <linux/errno.h>
#include <oshit/bug.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/memblock.h>
#include <oshit/panic.h>

#include "tables.h"

__init pte_t kernel_data_flags(void)
{
	pte_t bits = PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY;

	return rdmsr(MSR_EFER) & EFER_NX ? bits | PTE_NO_EXECUTE : bits;
}

__init unsigned int cpu_max_leaf_level(void)
{
	return cpu_has(X86_FEATURE_PDPE1GB) ? 2 : 1;
}

/* The level of the largest page that fits at both addresses and into @size. */
static __init unsigned int best_level(unsigned long virt, phys_addr_t phys, u64 size)
{
	unsigned int level = cpu_max_leaf_level();

	while (level > 0 &&
	       (!IS_ALIGNED(virt | phys, PT_LEVEL_SIZE(level)) || size < PT_LEVEL_SIZE(level)))
		level--;
	return level;
}

/* The table that *@entry points to, made if there is none. NULL: no memory. */
static __init pte_t *table_below(pte_t *entry)
{
	pte_t *table;

	if (*entry & PTE_PRESENT)
		return phys_to_virt(*entry & PTE_ADDR_MASK);
	table = memblock_alloc(PAGE_SIZE, PAGE_SIZE);
	if (table)
		*entry = virt_to_phys(table) | PTE_PRESENT | PTE_WRITE;
	return table;
}

static __init int map_one(unsigned long virt, pte_t leaf, unsigned int leaf_level)
{
	pte_t *table = phys_to_virt(read_cr3() & PTE_ADDR_MASK);

	for (unsigned int level = PT_ROOT_LEVEL; level > leaf_level; level--) {
		table = table_below(&table[pt_index(virt, level)]);
		if (!table)
			return -ENOMEM;
	}
	if (WARN_ON(table[pt_index(virt, leaf_level)]))
		return -EEXIST;
	table[pt_index(virt, leaf_level)] = leaf;
	return 0;
}

__init int arch_map_kernel(unsigned long virt, phys_addr_t phys, u64 size)
{
	pte_t bits = kernel_data_flags();

	while (size > 0) {
		unsigned int level = best_level(virt, phys, size);
		int err = map_one(virt, phys | bits | (level ? PTE_LARGE : 0), level);

		if (err)
			return err;
		virt += PT_LEVEL_SIZE(level);
		phys += PT_LEVEL_SIZE(level);
		size -= PT_LEVEL_SIZE(level);
	}
	return 0;
}

/* Only RAM is mapped, for a device's registers must not be reached through a cached mapping. */
__init void arch_direct_map_init(void)
{
	struct memblock_region range;

	memblock_limit(DIRECT_MAP_SIZE);
	for (phys_addr_t pos = EARLY_MAP_SIZE; memblock_next_memory(pos, &range); pos = range.end) {
		phys_addr_t start = ALIGN_UP(max(range.start, pos), PAGE_SIZE);
		phys_addr_t end = ALIGN_DOWN(range.end, PAGE_SIZE);

		if (start < end &&
		    arch_map_kernel((unsigned long)phys_to_virt(start), start, end - start))
			panic("no memory for the page tables of the direct map");
	}
	memblock_set_direct_map(direct_map_base, max_t(u64, EARLY_MAP_SIZE, memblock_end()));
}

unsigned long arch_page_array_base(void)
{
	return page_array_base;
}
