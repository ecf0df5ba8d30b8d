/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel mappings, for the memory allocators. */
#ifndef ARCH_MM_H
#define ARCH_MM_H

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

/* Makes __ro_after_init data read-only. At the end of the boot. */
void arch_seal_data(void);

/* Where the page array's entry of pfn 0 lies. */
unsigned long arch_page_array_base(void);

#endif
