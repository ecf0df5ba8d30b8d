/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * zoneinfo: zones of the page allocator, their marks, and what is free.
 *
 * Lists of pages by last use are those of the machine, and stand with the first zone that has
 * memory, as Linux's stand for a node; so do the lists of CPUs, whose pages may be of any zone.
 * Holes are not counted, so what is present is what is managed.
 */
#include <oshit/cpumask.h>
#include <oshit/init.h>
#include <oshit/lru.h>
#include <oshit/mmzone.h>
#include <oshit/vmstat.h>

#include "internal.h"

static void show_count(struct seq_file *m, const char *name, unsigned long nr)
{
	seq_printf(m, "\n      %-12s %lu", name, nr);
}

static void show_node(struct seq_file *m)
{
	seq_puts(m, "\n  per-node stats");
	show_count(m, "nr_inactive_anon", lru_nr_pages(LRU_INACTIVE_ANON));
	show_count(m, "nr_active_anon", lru_nr_pages(LRU_ACTIVE_ANON));
	show_count(m, "nr_inactive_file", lru_nr_pages(LRU_INACTIVE_FILE));
	show_count(m, "nr_active_file", lru_nr_pages(LRU_ACTIVE_FILE));
	show_count(m, "nr_unevictable", lru_nr_pages(LRU_UNEVICTABLE));
	show_count(m, "nr_anon_pages", vm_stat_read(NR_ANON_MAPPED));
	show_count(m, "nr_mapped", vm_stat_read(NR_FILE_MAPPED));
	show_count(m, "nr_file_pages", vm_stat_read(NR_FILE_PAGES));
	show_count(m, "nr_dirty", vm_stat_read(NR_FILE_DIRTY));
	show_count(m, "nr_writeback", vm_stat_read(NR_WRITEBACK));
	show_count(m, "nr_shmem", vm_stat_read(NR_SHMEM));
	show_count(m, "nr_dirtied", vm_stat_read(NR_DIRTIED));
	show_count(m, "nr_written", vm_stat_read(NR_WRITTEN));
	show_count(m, "nr_page_table_pages", vm_stat_read(NR_PAGETABLE));
	show_count(m, "nr_swapcached", vm_stat_read(NR_SWAP_CACHED));
}

/* What requests that prefer a higher zone leave: one number for each zone that a request may
 * prefer, in the order of the zones. */
static void show_protection(struct seq_file *m, const struct zone *zone)
{
	seq_puts(m, "\n        protection: (");
	for (const struct zone *preferred = zones; preferred < zones + NR_ZONES; preferred++)
		seq_printf(m, preferred == zones ? "%lu" : ", %lu",
			   preferred > zone ? READ_ONCE(zone->nr_spared) : 0);
	seq_putc(m, ')');
}

static void show_pagesets(struct seq_file *m)
{
	struct page_counts counts;
	unsigned int cpu;

	page_counts_get(&counts);
	seq_puts(m, "\n  pagesets");
	for_each_online_cpu(cpu) {
		seq_printf(m, "\n    cpu: %u\n              count: %u", cpu,
			   page_cpu_list_count(cpu));
		seq_printf(m, "\n              high:  %lu\n              batch: %lu",
			   2 * counts.batch, counts.batch);
	}
}

static void show_zone(struct seq_file *m, const struct zone *zone, bool is_first)
{
	unsigned long nr_managed = READ_ONCE(zone->nr_managed);
	unsigned long nr_free = READ_ONCE(zone->nr_free);

	seq_printf(m, "Node 0, zone %8s", zone->name);
	if (is_first)
		show_node(m);
	seq_printf(m, "\n  pages free     %lu\n        boost    0", nr_free);
	seq_printf(m, "\n        min      %lu", READ_ONCE(zone->watermarks[WMARK_MIN]));
	seq_printf(m, "\n        low      %lu", READ_ONCE(zone->watermarks[WMARK_LOW]));
	seq_printf(m, "\n        high     %lu", READ_ONCE(zone->watermarks[WMARK_HIGH]));
	seq_printf(m, "\n        spanned  %lu", nr_managed ? zone->end_pfn - zone->start_pfn : 0);
	seq_printf(m, "\n        present  %lu", nr_managed);
	seq_printf(m, "\n        managed  %lu\n        cma      0", nr_managed);
	show_protection(m, zone);
	if (nr_managed) {
		show_count(m, "nr_free_pages", nr_free);
		if (is_first)
			show_pagesets(m);
		seq_printf(m, "\n  node_unreclaimable:  0\n  start_pfn:           %lu",
			   zone->start_pfn);
	}
	seq_putc(m, '\n');
}

static int zoneinfo_show(struct seq_file *m, void *unused __maybe_unused)
{
	bool is_first = true;
	const struct zone *zone;

	for_each_zone(zone)
	{
		show_zone(m, zone, is_first && READ_ONCE(zone->nr_managed));
		is_first &= !READ_ONCE(zone->nr_managed);
	}
	return 0;
}

static const struct kernfs_file zoneinfo_file = { .show = zoneinfo_show };

__init void proc_zoneinfo_init(void)
{
	kernfs_create("zoneinfo", 0444, &proc_root, &zoneinfo_file, NULL);
}
