/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How much memory is allocated, for who looks for leaks.  What shrinkers and CPUs keep in reserve
 * (stacks, pages, objects) and what waits for a grace period goes first, so that only what somebody
 * holds is counted.  A CPU's magazines and the kernel's spare page tables stay once there are some:
 * they do not count.
 */
#include <oshit/kernel_map.h>
#include <oshit/kernel_stack.h>
#include <oshit/mm_usage.h>
#include <oshit/mmzone.h>
#include <oshit/page_stock.h>
#include <oshit/rcu.h>
#include <oshit/shrinker.h>
#include <oshit/slab.h>

static void add_cache(const struct kmem_cache_info *info, void *arg)
{
	struct mm_usage *usage = arg;

	if (info->is_internal)
		usage->nr_pages -= info->nr_pages;
	else
		usage->nr_objects += info->nr_objects;
}

void mm_usage_get(struct mm_usage *usage)
{
	struct page_counts counts;

	rcu_barrier();
	kernel_stack_drain();
	shrink_caches(GFP_KERNEL, ~0UL);
	drain_all_pages();
	page_counts_get_still(&counts);
	*usage = (struct mm_usage){
		.nr_pages = counts.nr_managed - counts.nr_free - kernel_map_nr_spare(),
	};
	kmem_cache_for_each(add_cache, usage);
}
