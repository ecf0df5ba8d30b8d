/* SPDX-License-Identifier: GPL-2.0-only */
/* The order in which the allocators come up. */
#include <arch/mm.h>
#include <oshit/cpuhp.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/kernel_stack.h>
#include <oshit/memblock.h>
#include <oshit/mm_init.h>
#include <oshit/page_guard.h>
#include <oshit/percpu.h>
#include <oshit/slab.h>
#include <oshit/stack_depot.h>
#include <oshit/vmalloc.h>

/* What the allocators keep for a CPU that is off now. */
static int drain_dead_cpu(unsigned int cpu)
{
	kernel_stack_drain_dead_cpu(cpu);
	kmem_cache_cpu_dead(cpu);
	drain_dead_cpu_pages(cpu);
	return 0;
}

static const struct cpuhp_ops mm_cpuhp_ops = {
	.name = "memory",
	.teardown = drain_dead_cpu,
};

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
	kernel_stack_init();
	cpuhp_register(CPUHP_MM, &mm_cpuhp_ops);
	page_guard_init();
}
