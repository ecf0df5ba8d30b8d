/* SPDX-License-Identifier: GPL-2.0-only */
/* Device registers at addresses that are known before anything can be allocated. */
#ifndef ARCH_FIXMAP_H
#define ARCH_FIXMAP_H

#include <arch/page.h>

#define MAX_IOAPICS 16

enum fixmap_slot {
	FIXMAP_LAPIC,
	FIXMAP_HPET,
	FIXMAP_IOAPIC, /* MAX_IOAPICS of them */
	FIXMAP_NR_SLOTS = FIXMAP_IOAPIC + MAX_IOAPICS,
};

/* Maps the page around @phys at the slot, uncached. Returns the address of @phys, NULL without
 * memory.  Each slot once. Boot, after arch_kernel_tables_init(). */
void __iomem *fixmap_device(unsigned int slot, phys_addr_t phys);

#endif
