/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor's view of reclaim: lru, and rmap, which follows a page to the entries that map it.
 * The kernel may have stopped in the middle of a change: no lock is taken, and where a pointer is
 * wild the monitor recovers.
 */
#include <linux/errno.h>
#include <oshit/dirty.h>
#include <oshit/kstrtox.h>
#include <oshit/lru.h>
#include <oshit/mm.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>
#include <oshit/pagecache.h>
#include <oshit/rmap.h>
#include <oshit/task.h>
#include <oshit/user_task.h>
#include <oshit/vmstat.h>

#include "user_page.h"
#include "user_table.h"

#define KIB_OF(pages) ((pages) * (PAGE_SIZE / 1024))
#define MAX_WRONG     20u /* that are shown */

/* --- lru --- */

static void print_zones(void)
{
	const struct zone *zone;

	for_each_zone(zone)
	{
		if (zone->nr_managed)
			monitor_printf("%-7s %8lu KiB free, marks %lu %lu %lu\n", zone->name,
				       KIB_OF(zone->nr_free), KIB_OF(zone->watermarks[WMARK_MIN]),
				       KIB_OF(zone->watermarks[WMARK_LOW]),
				       KIB_OF(zone->watermarks[WMARK_HIGH]));
	}
}

static int monitor_lru(int argc, char **argv __maybe_unused)
{
	static const char *const names[NR_LRU_LISTS] = {
		"inactive anon", "active anon", "inactive file", "active file", "unevictable",
	};
	struct dirty_limits limits;

	if (argc != 1)
		return -EINVAL;
	for (enum lru_list list = 0; list < NR_LRU_LISTS; list++)
		monitor_printf("%-14s %8lu KiB\n", names[list], KIB_OF(lru_nr_pages(list)));
	print_zones();
	dirty_limits_get(&limits);
	monitor_printf("dirty %lu KiB, marks %lu %lu; being stored %lu KiB; isolated %lu pages\n",
		       KIB_OF(vm_stat_read(NR_FILE_DIRTY)), KIB_OF(limits.background),
		       KIB_OF(limits.hard), KIB_OF(vm_stat_read(NR_WRITEBACK)), lru_nr_isolated());
	monitor_printf("kswapd: %lu turns, %lu pages looked at, %lu freed; others: %lu, %lu, %lu\n",
		       vm_stat_read(PAGEOUTRUN), vm_stat_read(PGSCAN_KSWAPD),
		       vm_stat_read(PGSTEAL_KSWAPD), vm_stat_read(ALLOCSTALL),
		       vm_stat_read(PGSCAN_DIRECT), vm_stat_read(PGSTEAL_DIRECT));
	monitor_printf("came back soon: %lu of private memory, %lu of files\n",
		       vm_stat_read(WORKINGSET_REFAULT_ANON),
		       vm_stat_read(WORKINGSET_REFAULT_FILE));
	monitor_printf("lists: %u mistakes\n", lru_verify_stopped());
	return 0;
}
MONITOR_COMMAND(lru, "", "pages by last use, and what reclaim has done", monitor_lru);

/* --- rmap --- */

static int pid_of(const struct mm_struct *mm)
{
	const struct task_struct *task;
	struct user_task user;

	for (task = task_peek_from(1); task && !monitor_interrupted();
	     task = task_peek_from(task->pid + 1))
		if (task->user && !kernel_read_nofault(&user, task->user, sizeof(user)) &&
		    user.mm == mm)
			return task->pid;
	return 0;
}

/* Whether @page is mapped where @area would have it. */
static bool maps_page(const struct vm_area *area, const struct page *page, bool is_told)
{
	unsigned long index = page_anon_index(page), addr;
	pte_t entry;

	addr = area->start + (index - area->pgoff) * PAGE_SIZE;
	entry = user_table_entry(area->mm, addr);
	if (!pte_has_page(entry) || pte_phys(entry) != page_to_phys(page))
		return false;
	if (is_told)
		monitor_printf("  pid %d at 0x%lx: entry 0x%lx, area 0x%lx-0x%lx\n",
			       pid_of(area->mm), addr, entry, area->start, area->end);
	return true;
}

/* Entries that map @page, by the reverse mapping. */
static unsigned int count_entries(struct page *page, bool is_told)
{
	unsigned long index = page_anon_index(page);
	struct page *head = page_head(page);
	struct interval *found;
	unsigned int nr = 0;

	if (page_is_anon(head)) {
		struct anon_vma *anon_vma = page_anon_vma(head);

		if (!anon_vma) /* read from swap, and not mapped yet */
			return 0;
		for_each_interval(found, &anon_vma->areas, index, index) nr += maps_page(
			container_of(found, struct anon_vma_chain, interval)->area, page, is_told);
	} else if (head->mapping) {
		for_each_interval(found, &head->mapping->i_mmap, index, index) nr +=
			maps_page(container_of(found, struct vm_area, mapped), page, is_told);
	}
	return nr;
}

static void print_page(struct page *page)
{
	const struct page *head = page_head(page);

	monitor_printf("pfn 0x%lx: flags 0x%lx refs %d maps %d; ", page_to_pfn(page), page->flags,
		       page_ref_count(page), page_all_maps(page));
	if (page_is_anon(head))
		monitor_printf("private, anon_vma 0x%lx", (unsigned long)page_anon_vma(head));
	else
		monitor_printf("mapping 0x%lx", (unsigned long)head->mapping);
	monitor_printf(", index 0x%lx\n", page_anon_index(page));
	monitor_printf("%u entries map it\n", count_entries(page, true));
}

#ifdef CONFIG_DEBUG_RMAP
/* Whether @page belongs to a program or a file, so that it can be mapped. */
static bool may_be_mapped(const struct page *page)
{
	unsigned long other =
		BIT(PG_reserved) | BIT(PG_buddy) | BIT(PG_tail) | BIT(PG_slab) | BIT(PG_kmalloc);

	return !(page->flags & other) && page_ref_count(page) && page_map_count(page) >= 0 &&
	       page->flags & LRU_FLAGS;
}

static int check_all(void)
{
	unsigned long nr_pages = 0, nr_maps = 0;
	unsigned int nr_wrong = 0;

	for (unsigned long pfn = 0; pfn < max_pfn && !monitor_interrupted(); pfn++) {
		struct page *page = pfn_to_page(pfn);
		unsigned int nr_entries;

		if (!pfn_is_valid(pfn) || !may_be_mapped(page))
			continue;
		nr_entries = count_entries(page, false);
		nr_pages++;
		nr_maps += nr_entries;
		if (nr_entries == (unsigned int)page_all_maps(page) || ++nr_wrong > MAX_WRONG)
			continue;
		monitor_printf("pfn 0x%lx counts %d mappings, %u are found\n", pfn,
			       page_all_maps(page), nr_entries);
	}
	monitor_printf("%lu pages, %lu mappings: %u mistakes\n", nr_pages, nr_maps, nr_wrong);
	return 0;
}
#else
static int check_all(void)
{
	return -EINVAL;
}
#endif

static int monitor_rmap(int argc, char **argv)
{
	unsigned long pfn;

	if (argc == 1)
		return check_all();
	if (argc != 2 || kstrtoul(argv[1], 0, &pfn) || !pfn_is_valid(pfn))
		return -EINVAL;
	print_page(pfn_to_page(pfn));
	return 0;
}
MONITOR_COMMAND(rmap, "[PFN]", "which entries map a page; without a number: check all pages",
		monitor_rmap);
