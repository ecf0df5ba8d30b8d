/* SPDX-License-Identifier: GPL-2.0-only */
/* The order in which the allocators come up. */
#include <arch/mm.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/memblock.h>
#include <oshit/mm_init.h>
#include <oshit/page_guard.h>
#include <oshit/percpu.h>
#include <oshit/slab.h>
#include <oshit/stack_depot.h>
#include <oshit/vmalloc.h>

__init void mm_init(void)
{
	arch_direct_map_init();
	percpu_init(memblock_alloc);
	stack_depot_init();
	kasan_init();
	page_alloc_init();
	kmem_cache_init();
	arch_kernel_tables_init();
	vmalloc_init();
	page_guard_init();
}
