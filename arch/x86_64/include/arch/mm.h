/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel mappings, for the memory allocators. */
#ifndef ARCH_MM_H
#define ARCH_MM_H

#include <arch/extable.h>
#include <arch/pgtable.h>
#include <oshit/kernel_map.h>
#include <oshit/types.h>

/* Extends the direct map to all RAM and tells memblock. Boot. */
void arch_direct_map_init(void);

/**
 * arch_map_kernel() - map memory at a kernel address, writable and not executable
 * @virt: first address; nothing is mapped there yet
 * @phys: first byte of the memory
 * @size: bytes; all three are multiples of PAGE_SIZE
 *
 * Uses the largest pages that all three permit. Boot only: tables come from memblock.
 *
 * Return: 0 or -ENOMEM.
 */
int arch_map_kernel(unsigned long virt, phys_addr_t phys, u64 size);

/* Gives the image and the direct map their final rights. Boot, once pages can be allocated. */
void arch_kernel_tables_init(void);

/* The bits of an entry with these rights, without address. */
pte_t arch_kernel_pte(enum kernel_rights rights);

/* The bits that this machine's processors know in an entry. Constant after boot. */
extern pte_t pte_supported;

/* Gives a new root of a user address space the kernel's entries, which never change. */
void arch_copy_kernel_half(pte_t *root);

/* A table of the boot code is not used any more: no CPU has translations through it. */
void arch_free_boot_table(pte_t *table);

/* Makes __ro_after_init data read-only. At the end of the boot. */
void arch_seal_data(void);

/*
 * The code and data that only booting needs, and the boot code's tables, go to the page allocator;
 * nothing is mapped in their place.  Once, when no caller is __init code.
 */
void arch_free_init_memory(void);

/* Where the page array's entry of pfn 0 lies. */
unsigned long arch_page_array_base(void);

/* *@from, or 0 if nothing is mapped there.  Costs nothing where something is. */
static inline unsigned long arch_load_or_zero(const unsigned long *from)
{
	unsigned long value;

	__asm__ __volatile__("1: movq %1, %0\n"
			     "2:\n"
			     ".pushsection .text.fixup, \"ax\"\n"
			     "3: xorl %k0, %k0\n"
			     "jmp 2b\n"
			     ".popsection\n" EXTABLE(1b, 3b)
			     : "=r"(value)
			     : "m"(*from)
			     : "cc");
	return value;
}

#endif
