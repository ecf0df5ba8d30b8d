/* SPDX-License-Identifier: GPL-2.0-only */
/* Starts the slab allocator on the usual machine, after boot_mm.c.  Not to be booted anew. */
#include <oshit/slab.h>

static __attribute__((constructor(102))) void boot_slab(void)
{
	kmem_cache_init();
}
