/* SPDX-License-Identifier: GPL-2.0-only */
/* The cache of areas, after boot_slab.c. */
#include <oshit/vma.h>

static __attribute__((constructor(103))) void boot_vma(void)
{
	vma_init();
}
