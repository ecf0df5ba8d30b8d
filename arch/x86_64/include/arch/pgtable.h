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
#define PTE_SPECIAL	  (1UL << 9) /* ours: a page without accounts, of a VM_PFNMAP area */
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

/*
 * Entries that are not present.  L1 Terminal Fault: a processor may read by speculation through the
 * address in such an entry, so it must lie where no memory is.  The address bits are therefore
 * stored inverted.  (Intel, "Deep Dive: L1 Terminal Fault", 2018.)  Without MITIGATION_L1TF they
 * stand as they are.
 *
 *	hidden	bit 8, which means nothing without PTE_PRESENT: a page without any right (PROT_NONE)
 *	swap	bit 7, without the one above: a page that is in swap, its device in bits 2 to 4, its
 *		slot in the place of the address; level 0 alone
 */
#define PTE_HIDDEN	  (1UL << 8)
#define PTE_SWAP	  (1UL << 7)
#define PTE_SWAP_SHIFT	  2
#define PTE_SWAP_DEVICES  8UL
#define PTE_ADDR_FLIP	  (IS_ENABLED(CONFIG_MITIGATION_L1TF) ? PTE_ADDR_MASK : 0)

/* Of an entry above level 0: whether it leads to a table of the level below. */
static inline bool pte_is_table(pte_t pte)
{
	return (pte & (PTE_PRESENT | PTE_LARGE)) == PTE_PRESENT;
}

/* Whether the entry leads to a page, present or hidden. */
static inline bool pte_has_page(pte_t pte)
{
	return pte & PTE_PRESENT || pte & PTE_HIDDEN;
}

static inline bool pte_is_hidden(pte_t pte)
{
	return (pte & (PTE_PRESENT | PTE_HIDDEN)) == PTE_HIDDEN;
}

/* Physical address of the page that the entry leads to. */
static inline phys_addr_t pte_phys(pte_t pte)
{
	return (pte & PTE_PRESENT ? pte : pte ^ PTE_ADDR_FLIP) & PTE_ADDR_MASK;
}

static inline bool pte_is_swap(pte_t pte)
{
	return (pte & (PTE_PRESENT | PTE_HIDDEN | PTE_SWAP)) == PTE_SWAP;
}

/* Of a page in swap; @slot has 40 bits. */
static inline pte_t pte_make_swap(unsigned long device, unsigned long slot)
{
	return ((slot << PAGE_SHIFT) ^ PTE_ADDR_FLIP) | device << PTE_SWAP_SHIFT | PTE_SWAP;
}

static inline unsigned long pte_swap_slot(pte_t pte)
{
	return ((pte ^ PTE_ADDR_FLIP) & PTE_ADDR_MASK) >> PAGE_SHIFT;
}

static inline unsigned long pte_swap_device(pte_t pte)
{
	return pte >> PTE_SWAP_SHIFT & (PTE_SWAP_DEVICES - 1);
}

/* A present entry loses all rights, but not its page and its dirty bit. */
static inline pte_t pte_hide(pte_t pte)
{
	pte &= PTE_ADDR_MASK | PTE_DIRTY | PTE_ACCESSED | PTE_SPECIAL;
	return (pte ^ PTE_ADDR_FLIP) | PTE_HIDDEN;
}

#endif
