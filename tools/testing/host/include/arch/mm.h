/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of a simulated machine: see tools/testing/host/machine.c. */
#ifndef ARCH_MM_H
#define ARCH_MM_H

#include <oshit/kernel_map.h>
#include <oshit/types.h>

int arch_map_kernel(unsigned long virt, phys_addr_t phys, u64 size);
unsigned long arch_page_array_base(void);
pte_t arch_kernel_pte(enum kernel_rights rights);
void arch_free_boot_table(pte_t *table);

#define pte_supported (~0UL)

/* The page array of a simulated machine has no holes. */
static inline unsigned long arch_load_or_zero(const unsigned long *from)
{
	return *from;
}

static inline void arch_copy_kernel_half(unsigned long *root __maybe_unused)
{
}

#endif
