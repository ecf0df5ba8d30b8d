/* SPDX-License-Identifier: GPL-2.0-only */
/* Page table entries: AMD64 manual volume 2, 5.3 and 5.4. */
#ifndef ARCH_PGTABLE_H
#define ARCH_PGTABLE_H

#include <arch/page.h>
#include <oshit/types.h>

typedef u64 pte_t; /* an entry of any level */

#define PTE_PRESENT	  (1UL << 0)
#define PTE_WRITE	  (1UL << 1)
#define PTE_USER	  (1UL << 2)
#define PTE_WRITE_THROUGH (1UL << 3)
#define PTE_NO_CACHE	  (1UL << 4) /* with the one above: strongly uncached */
#define PTE_ACCESSED	  (1UL << 5)
#define PTE_DIRTY	  (1UL << 6)
#define PTE_LARGE	  (1UL << 7) /* levels 1 and 2: maps a page, points to no table */
#define PTE_GLOBAL	  (1UL << 8)
#define PTE_NO_EXECUTE	  (1UL << 63) /* reserved unless EFER.NXE */
#define PTE_ADDR_MASK	  0x000ffffffffff000UL

/* Levels: 0 has 4 KiB pages, 1 has 2 MiB, 2 has 1 GiB, 3 is the root. */
#define PT_ROOT_LEVEL	  3
#define PT_ENTRIES	  512UL
#define PT_LEVEL_SHIFT(l) (PAGE_SHIFT + 9 * (l))
#define PT_LEVEL_SIZE(l)  (1UL << PT_LEVEL_SHIFT(l)) /* bytes that an entry covers */

static inline unsigned int pt_index(unsigned long virt, unsigned int level)
{
	return virt >> PT_LEVEL_SHIFT(level) & (PT_ENTRIES - 1);
}

#endif
