/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory: meminfo, vmstat, buddyinfo, slabinfo, swaps.
 *
 * Lines that need what this kernel has not are there and 0, as in a Linux without it, since
 * programs look for them.  Without CONFIG_RECLAIM there are no lists of pages by their use: then
 * all are shown as active.
 */
#include <oshit/dcache.h>
#include <oshit/dirty.h>
#include <oshit/init.h>
#include <oshit/kernel_stack.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/oom.h>
#include <oshit/overcommit.h>
#include <oshit/slab.h>
#include <oshit/spinlock.h>
#include <oshit/swap.h>
#include <oshit/thp.h>
#include <oshit/vmalloc.h>
#include <oshit/vmstat.h>

#include "internal.h"

#define KIB(pages)	  ((pages) * (PAGE_SIZE / 1024))
#define VMALLOC_TOTAL_KIB (32UL << 30) /* the region of 32 TiB */

/* --- what many show --- */

static unsigned long reserved_pages(void)
{
	const struct zone *zone;
	unsigned long nr = 0;

	for_each_zone(zone) nr += READ_ONCE(zone->watermarks[WMARK_LOW]);
	return nr;
}

static void count_slab(const struct kmem_cache_info *info, void *nr_pages)
{
	*(unsigned long *)nr_pages += info->nr_pages;
}

static unsigned long slab_pages(void)
{
	unsigned long nr_pages = 0;

	kmem_cache_for_each(count_slab, &nr_pages);
	return nr_pages;
}

/* Names that nobody uses; the shrinker gets them. */
static unsigned long reclaimable_pages(void)
{
	struct dcache_counts counts;

	dcache_counts_get(&counts);
	return counts.nr_unused * sizeof(struct dentry) / PAGE_SIZE;
}

/* Pages on each list. */
static void lists_get(unsigned long lists[NR_LRU_LISTS])
{
	unsigned long cached = vm_stat_read(NR_FILE_PAGES), shmem = vm_stat_read(NR_SHMEM);

	for (enum lru_list list = 0; list < NR_LRU_LISTS; list++)
		lists[list] = lru_nr_pages(list);
	if (IS_ENABLED(CONFIG_RECLAIM))
		return;
	lists[LRU_ACTIVE_ANON] = vm_stat_read(NR_ANON_MAPPED) + shmem;
	lists[LRU_ACTIVE_FILE] = cached - min(shmem, cached); /* not read at the same moment */
}

/* --- meminfo --- */

static void show_kib(struct seq_file *m, const char *name, unsigned long nr_pages)
{
	seq_printf(m, "%-15s %8lu kB\n", name, KIB(nr_pages));
}

static void show_use(struct seq_file *m)
{
	unsigned long cached = vm_stat_read(NR_FILE_PAGES), shmem = vm_stat_read(NR_SHMEM);
	unsigned long lists[NR_LRU_LISTS];

	lists_get(lists);
	show_kib(m, "Buffers:", 0);
	show_kib(m, "Cached:", cached);
	show_kib(m, "SwapCached:", vm_stat_read(NR_SWAP_CACHED));
	show_kib(m, "Active:", lists[LRU_ACTIVE_ANON] + lists[LRU_ACTIVE_FILE]);
	show_kib(m, "Inactive:", lists[LRU_INACTIVE_ANON] + lists[LRU_INACTIVE_FILE]);
	show_kib(m, "Active(anon):", lists[LRU_ACTIVE_ANON]);
	show_kib(m, "Inactive(anon):", lists[LRU_INACTIVE_ANON]);
	show_kib(m, "Active(file):", lists[LRU_ACTIVE_FILE]);
	show_kib(m, "Inactive(file):", lists[LRU_INACTIVE_FILE]);
	show_kib(m, "Unevictable:", lists[LRU_UNEVICTABLE]);
	show_kib(m, "Mlocked:", lists[LRU_UNEVICTABLE]);
	show_kib(m, "SwapTotal:", nr_swap_slots());
	show_kib(m, "SwapFree:", nr_free_swap_slots());
	show_kib(m, "Dirty:", vm_stat_read(NR_FILE_DIRTY));
	show_kib(m, "Writeback:", vm_stat_read(NR_WRITEBACK));
	show_kib(m, "AnonPages:", vm_stat_read(NR_ANON_MAPPED));
	show_kib(m, "Mapped:", vm_stat_read(NR_FILE_MAPPED));
	show_kib(m, "Shmem:", shmem);
}

static void show_kernel(struct seq_file *m)
{
	unsigned long slab = slab_pages(), reclaimable = min(reclaimable_pages(), slab);
	struct vmalloc_counts vmalloc;

	show_kib(m, "KReclaimable:", reclaimable);
	show_kib(m, "Slab:", slab);
	show_kib(m, "SReclaimable:", reclaimable);
	show_kib(m, "SUnreclaim:", slab - reclaimable);
	seq_printf(m, "%-15s %8lu kB\n", "KernelStack:", nr_tasks() * (KERNEL_STACK_SIZE / 1024));
	show_kib(m, "PageTables:", vm_stat_read(NR_PAGETABLE));
	show_kib(m, "SecPageTables:", 0);
	show_kib(m, "NFS_Unstable:", 0);
	show_kib(m, "Bounce:", 0);
	show_kib(m, "WritebackTmp:", 0);
	show_kib(m, "CommitLimit:", vm_commit_limit());
	show_kib(m, "Committed_AS:", vm_committed_pages());
	vmalloc_counts_get(&vmalloc);
	seq_printf(m, "%-15s %8lu kB\n", "VmallocTotal:", VMALLOC_TOTAL_KIB);
	show_kib(m, "VmallocUsed:", vmalloc.nr_pages);
	show_kib(m, "VmallocChunk:", 0);
	show_kib(m, "AnonHugePages:", vm_stat_read(NR_ANON_THPS) * HUGE_PAGES);
	show_kib(m, "ShmemHugePages:", 0);
	show_kib(m, "ShmemPmdMapped:", 0);
	show_kib(m, "FileHugePages:", 0);
	show_kib(m, "FilePmdMapped:", 0);
}

/* Pages of files that reclaim would get without hurting anybody: not all of them. */
static unsigned long available_files(void)
{
	unsigned long nr = lru_nr_pages(LRU_INACTIVE_FILE) + lru_nr_pages(LRU_ACTIVE_FILE);

	return nr - min(nr / 2, reserved_pages());
}

static int meminfo_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct page_counts counts;
	unsigned long available;

	page_counts_get(&counts);
	available = counts.nr_free + reclaimable_pages();
	available -= min(available, reserved_pages());
	available += available_files();
	show_kib(m, "MemTotal:", counts.nr_managed);
	show_kib(m, "MemFree:", counts.nr_free);
	show_kib(m, "MemAvailable:", available);
	show_use(m);
	show_kernel(m);
	return 0;
}

static const struct kernfs_file meminfo_file = { .show = meminfo_show };

/* --- vmstat --- */

#ifdef CONFIG_THP
static const char *const thp_names[NR_THP_EVENTS] = {
	[THP_FAULT_ALLOC] = "thp_fault_alloc",
	[THP_FAULT_FALLBACK] = "thp_fault_fallback",
	[THP_COLLAPSE_ALLOC] = "thp_collapse_alloc",
	[THP_COLLAPSE_ALLOC_FAILED] = "thp_collapse_alloc_failed",
	[THP_SPLIT_PAGE] = "thp_split_page",
	[THP_SPLIT_PMD] = "thp_split_pmd",
	[THP_ZERO_PAGE_ALLOC] = "thp_zero_page_alloc",
	[THP_ZERO_PAGE_ALLOC_FAILED] = "thp_zero_page_alloc_failed",
};

static void show_thp_events(struct seq_file *m)
{
	for (size_t i = 0; i < NR_THP_EVENTS; i++) {
		unsigned long sum = 0;
		unsigned int cpu;

		for_each_possible_cpu(cpu)
			sum += per_cpu(thp_events, cpu)[i];
		if (thp_names[i])
			seq_printf(m, "%s %lu\n", thp_names[i], sum);
	}
}
#else
static void show_thp_events(struct seq_file *m __maybe_unused)
{
}
#endif

#ifdef CONFIG_OOM_KILLER
static void show_oom(struct seq_file *m)
{
	struct oom_counts counts;

	oom_counts_get(&counts);
	seq_printf(m, "oom_kill %lu\n", counts.nr_kills);
}
#else
static void show_oom(struct seq_file *m __maybe_unused)
{
}
#endif

static const struct {
	const char *name;
	enum vm_stat stat;
} reclaim_names[] = {
	{ "nr_dirty", NR_FILE_DIRTY },
	{ "nr_writeback", NR_WRITEBACK },
	{ "nr_dirtied", NR_DIRTIED },
	{ "nr_written", NR_WRITTEN },
	{ "workingset_refault_anon", WORKINGSET_REFAULT_ANON },
	{ "workingset_refault_file", WORKINGSET_REFAULT_FILE },
	{ "workingset_activate_anon", WORKINGSET_ACTIVATE_ANON },
	{ "workingset_activate_file", WORKINGSET_ACTIVATE_FILE },
	{ "pswpin", PSWPIN },
	{ "pswpout", PSWPOUT },
	{ "nr_swapcached", NR_SWAP_CACHED },
	{ "pgactivate", PGACTIVATE },
	{ "pgdeactivate", PGDEACTIVATE },
	{ "pgrefill", PGREFILL },
	{ "pgsteal_kswapd", PGSTEAL_KSWAPD },
	{ "pgsteal_direct", PGSTEAL_DIRECT },
	{ "pgscan_kswapd", PGSCAN_KSWAPD },
	{ "pgscan_direct", PGSCAN_DIRECT },
	{ "pgscan_anon", PGSCAN_ANON },
	{ "pgscan_file", PGSCAN_FILE },
	{ "pgsteal_anon", PGSTEAL_ANON },
	{ "pgsteal_file", PGSTEAL_FILE },
	{ "slabs_scanned", SLABS_SCANNED },
	{ "pageoutrun", PAGEOUTRUN },
	{ "pgrotated", PGROTATED },
	{ "unevictable_pgs_culled", UNEVICTABLE_PGS_CULLED },
};

static void show_reclaim(struct seq_file *m)
{
	struct dirty_limits limits;

	dirty_limits_get(&limits);
	for (size_t i = 0; i < ARRAY_SIZE(reclaim_names); i++)
		seq_printf(m, "%s %lu\n", reclaim_names[i].name,
			   vm_stat_read(reclaim_names[i].stat));
	/* Linux counts these by zone, and has no sum. */
	seq_printf(m, "allocstall_normal %lu\n", vm_stat_read(ALLOCSTALL));
	seq_printf(m, "nr_dirty_threshold %lu\nnr_dirty_background_threshold %lu\n", limits.hard,
		   limits.background);
}

static int vmstat_show(struct seq_file *m, void *unused __maybe_unused)
{
	unsigned long cached = vm_stat_read(NR_FILE_PAGES), shmem = vm_stat_read(NR_SHMEM);
	unsigned long anon = vm_stat_read(NR_ANON_MAPPED);
	unsigned long slab = slab_pages(), reclaimable = min(reclaimable_pages(), slab);
	unsigned long lists[NR_LRU_LISTS];
	struct page_counts counts;

	page_counts_get(&counts);
	lists_get(lists);
	seq_printf(m, "nr_free_pages %lu\n", counts.nr_free);
	seq_printf(m, "nr_inactive_anon %lu\nnr_active_anon %lu\n", lists[LRU_INACTIVE_ANON],
		   lists[LRU_ACTIVE_ANON]);
	seq_printf(m, "nr_inactive_file %lu\nnr_active_file %lu\n", lists[LRU_INACTIVE_FILE],
		   lists[LRU_ACTIVE_FILE]);
	seq_printf(m, "nr_unevictable %lu\nnr_mlock %lu\n", lists[LRU_UNEVICTABLE],
		   lists[LRU_UNEVICTABLE]);
	seq_printf(m, "nr_anon_pages %lu\nnr_mapped %lu\nnr_file_pages %lu\nnr_shmem %lu\n", anon,
		   vm_stat_read(NR_FILE_MAPPED), cached, shmem);
	seq_printf(m, "nr_slab_reclaimable %lu\nnr_slab_unreclaimable %lu\n", reclaimable,
		   slab - reclaimable);
	seq_printf(m, "nr_kernel_stack %lu\nnr_page_table_pages %lu\n",
		   nr_tasks() * (KERNEL_STACK_SIZE / 1024), vm_stat_read(NR_PAGETABLE));
	seq_printf(m, "nr_anon_transparent_hugepages %lu\n", vm_stat_read(NR_ANON_THPS));
	seq_printf(m, "pgpgin 0\npgpgout 0\n");
	seq_printf(m, "pgfault %lu\npgmajfault %lu\n", vm_stat_read(PGFAULT),
		   vm_stat_read(PGMAJFAULT));
	show_reclaim(m);
	show_oom(m);
	show_thp_events(m);
	return 0;
}

static const struct kernfs_file vmstat_file = { .show = vmstat_show };

/* --- buddyinfo --- */

static int buddyinfo_show(struct seq_file *m, void *unused __maybe_unused)
{
	const struct zone *zone;

	for_each_zone(zone)
	{
		if (!READ_ONCE(zone->nr_managed))
			continue;
		seq_printf(m, "Node 0, zone %8s ", zone->name);
		for (unsigned int order = 0; order < NR_PAGE_ORDERS; order++)
			seq_printf(m, "%6lu ", READ_ONCE(zone->areas[order].nr_free));
		seq_putc(m, '\n');
	}
	return 0;
}

static const struct kernfs_file buddyinfo_file = { .show = buddyinfo_show };

/* --- slabinfo --- */

static void show_cache(const struct kmem_cache_info *info, void *m)
{
	seq_printf(m, "%-17s %6lu %6lu %6u %4u %4u : tunables %4u %4u %4u", info->name,
		   info->nr_objects, info->nr_slabs * info->per_slab, info->stride, info->per_slab,
		   1U << info->order, 0, 0, 0);
	seq_printf(m, " : slabdata %6lu %6lu %6lu\n", info->nr_slabs, info->nr_slabs, 0UL);
}

static int slabinfo_show(struct seq_file *m, void *unused __maybe_unused)
{
	seq_puts(m, "slabinfo - version: 2.1\n");
	seq_puts(m, "# name            <active_objs> <num_objs> <objsize> <objperslab> "
		    "<pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata "
		    "<active_slabs> <num_slabs> <sharedavail>\n");
	kmem_cache_for_each(show_cache, m);
	return 0;
}

static const struct kernfs_file slabinfo_file = { .show = slabinfo_show };

/* --- swaps --- */

/* Numbers of fewer than eight digits need a tabulator more. */
static void show_swap_size(struct seq_file *m, unsigned long nr_pages)
{
	seq_printf(m, "%lu%s\t", KIB(nr_pages), KIB(nr_pages) < 10000000 ? "\t" : "");
}

static void show_swap(struct seq_file *m, const struct swap_info *info)
{
	seq_set_width(m, 39);
	seq_escape(m, info->name, " \t\n\\");
	seq_pad(m, ' ');
	seq_puts(m, "partition\t");
	show_swap_size(m, info->nr_pages);
	show_swap_size(m, info->nr_used);
	seq_printf(m, "%d\n", info->priority);
}

static int swaps_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct swap_info info;

	seq_puts(m, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	for (unsigned int i = 0; i < SWAP_MAX_DEVICES; i++)
		if (swap_device_info(i, &info))
			show_swap(m, &info);
	return 0;
}

static const struct kernfs_file swaps_file = { .show = swaps_show };

__init void proc_memory_init(void)
{
	kernfs_create("meminfo", 0444, &proc_root, &meminfo_file, NULL);
	kernfs_create("vmstat", 0444, &proc_root, &vmstat_file, NULL);
	kernfs_create("buddyinfo", 0444, &proc_root, &buddyinfo_file, NULL);
	kernfs_create("slabinfo", 0400, &proc_root, &slabinfo_file, NULL);
	kernfs_create("swaps", 0444, &proc_root, &swaps_file, NULL);
}
