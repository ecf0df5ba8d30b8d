/* SPDX-License-Identifier: GPL-2.0-only */
/* Device registers in a fixed range of the address space, one page a slot. */
#include <arch/fixmap.h>
#include <arch/layout.h>
#include <arch/msr.h>
#include <oshit/bug.h>
#include <oshit/init.h>

#include "tables.h"

__init void __iomem *fixmap_device(unsigned int slot, phys_addr_t phys)
{
	pte_t flags = PTE_PRESENT | PTE_WRITE | PTE_NO_CACHE | PTE_ACCESSED | PTE_DIRTY;
	unsigned long virt = FIXMAP_BASE + slot * PAGE_SIZE;

	if (WARN_ON(slot >= FIXMAP_NR_SLOTS))
		return NULL;
	if (rdmsr(MSR_EFER) & EFER_NX)
		flags |= PTE_NO_EXECUTE;
	if (page_table_map(&kernel_page_table, virt, phys & PAGE_MASK, PAGE_SIZE, flags))
		return NULL;
	return (void __iomem *)(virt + (phys & ~PAGE_MASK));
}
