/* SPDX-License-Identifier: GPL-2.0-only */
/* Device registers in a fixed range of the address space, one page a slot. */
#include <arch/fixmap.h>
#include <arch/layout.h>
#include <arch/page.h>
#include <oshit/bug.h>
#include <oshit/init.h>
#include <oshit/kernel_map.h>

__init void __iomem *fixmap_device(unsigned int slot, phys_addr_t phys)
{
	unsigned long virt = FIXMAP_BASE + slot * PAGE_SIZE;

	if (WARN_ON(slot >= FIXMAP_NR_SLOTS))
		return NULL;
	if (kernel_map_range(virt, PAGE_SIZE, phys & PAGE_MASK, KERNEL_IO))
		return NULL;
	return (void __iomem *)(virt + (phys & ~PAGE_MASK));
}
