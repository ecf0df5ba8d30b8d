/* SPDX-License-Identifier: GPL-2.0-only */
/* Monitor commands of the memory allocators.  They take no lock and only read. */
#include <linux/errno.h>
#include <oshit/bitops.h>
#include <oshit/kstrtox.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/monitor.h>
#include <oshit/page_stock.h>
#include <oshit/slab.h>
#include <oshit/stack_depot.h>

static void show_zone(const struct zone *zone)
{
	monitor_printf("%-7s %8lu of %8lu pages free, %lu blocks fresh; marks %lu %lu %lu\n       ",
		       zone->name, zone->nr_free, zone->nr_managed, zone->nr_fresh,
		       zone->watermarks[WMARK_MIN], zone->watermarks[WMARK_LOW],
		       zone->watermarks[WMARK_HIGH]);
	for (unsigned int order = 0; order < NR_PAGE_ORDERS; order++)
		monitor_printf(" %u:%lu", order, zone->areas[order].nr_free);
	monitor_printf("\n        %lu blocks taken, %lu put, %lu batches for CPUs\n",
		       zone->nr_blocks_taken, zone->nr_blocks_put, zone->nr_batches);
}

static int monitor_buddy(int argc, char **argv __maybe_unused)
{
	struct page_stock_counts stock;
	struct page_counts counts;
	const struct zone *zone;

	if (argc != 1)
		return -EINVAL;
	for_each_zone(zone) if (zone->nr_managed) show_zone(zone);
	page_counts_get(&counts);
	monitor_printf("%lu of %lu pages free, %lu of them on CPUs' lists, which gave %lu\n",
		       counts.nr_free, counts.nr_managed, counts.nr_on_cpus, counts.nr_taken);
	page_stock_counts_get(&stock);
	monitor_printf(
		"ahead of need: kbuddyd put %lu pages on these lists; kzerod zeroed %lu, which "
		"saved %lu requests the zeroing, %lu hold zeros now, and %lu in blocks\n",
		stock.nr_prefilled, stock.nr_zeroed, stock.nr_saved, counts.nr_zeroed,
		counts.nr_zeroed_huge);
	return 0;
}
MONITOR_COMMAND(buddy, "", "free pages of each zone, by order", monitor_buddy);

static void show_cache(const struct kmem_cache_info *info, void *arg __maybe_unused)
{
	if (!info->nr_slabs || monitor_interrupted())
		return;
	monitor_printf("%-20s %6u %6u %6u %5u %7lu %8lu %8lu\n", info->name, info->size,
		       info->stride, info->per_slab, info->order, info->nr_slabs, info->nr_objects,
		       info->nr_on_cpus);
}

static int monitor_slab(int argc, char **argv __maybe_unused)
{
	if (argc != 1)
		return -EINVAL;
	monitor_printf("%-20s %6s %6s %6s %5s %7s %8s %8s\n", "cache", "size", "stride", "a slab",
		       "order", "slabs", "objects", "on CPUs");
	kmem_cache_for_each(show_cache, NULL);
	return 0;
}
MONITOR_COMMAND(slab, "", "object caches that have slabs", monitor_slab);

static const struct {
	enum page_flag flag;
	const char *name;
} flag_names[] = {
	{ PG_reserved, "reserved" }, { PG_buddy, "free" },	{ PG_tail, "tail" },
	{ PG_slab, "slab" },	     { PG_kmalloc, "kmalloc" }, { PG_poisoned, "poisoned" },
	{ PG_locked, "locked" },     { PG_waiters, "waiters" }, { PG_uptodate, "up to date" },
	{ PG_dirty, "dirty" },
};

static void show_page(struct page *page)
{
	struct page *head = page_head(page);

	monitor_printf("pfn 0x%lx, entry %px, memory %px, zone %s, flags", page_to_pfn(page), page,
		       page_to_virt(page), page_zone(page)->name);
	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (page_has_flag(page, flag_names[i].flag))
			monitor_printf(" %s", flag_names[i].name);
	monitor_printf("\nhead 0x%lx, order %u, references %d, mappings %d\n", page_to_pfn(head),
		       page_order(head), page_ref_count(head), page_map_count(head));
}

static int monitor_page(int argc, char **argv)
{
	unsigned long pfn;

	if (argc != 2 || monitor_parse_address(argv[1], &pfn))
		return -EINVAL;
	if (pfn_is_valid(pfn))
		show_page(pfn_to_page(pfn));
	else
		monitor_printf("no entry: no memory, or free and never used\n");
	return 0;
}
MONITOR_COMMAND(page, "PFN", "what the page array knows of a page", monitor_page);
