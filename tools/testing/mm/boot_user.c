/* SPDX-License-Identifier: GPL-2.0-only */
/* The caches that address spaces need, after boot_slab.c. */
#include <oshit/mm.h>
#include <oshit/page_tree.h>
#include <oshit/vma.h>

static __attribute__((constructor(103))) void boot_user(void)
{
	vma_init();
	page_tree_init();
	mm_struct_init();
	zero_page_init();
}
