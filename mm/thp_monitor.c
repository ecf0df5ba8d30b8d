/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor's view of huge pages: what was done since boot, under the names of Linux's
 * /proc/vmstat, what khugepaged may do, and which programs have how much.
 */
#include <linux/errno.h>
#include <oshit/mm.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>
#include <oshit/smp.h>
#include <oshit/task.h>
#include <oshit/thp.h>
#include <oshit/user_task.h>

static const char *const event_names[NR_THP_EVENTS] = {
	[THP_FAULT_ALLOC] = "thp_fault_alloc",
	[THP_FAULT_FALLBACK] = "thp_fault_fallback",
	[THP_COLLAPSE_ALLOC] = "thp_collapse_alloc",
	[THP_COLLAPSE_ALLOC_FAILED] = "thp_collapse_alloc_failed",
	[THP_COLLAPSE_IN_PLACE] = "thp_collapse_in_place",
	[THP_SPLIT_PAGE] = "thp_split_page",
	[THP_SPLIT_PMD] = "thp_split_pmd",
	[THP_ZERO_PAGE_ALLOC] = "thp_zero_page_alloc",
	[THP_ZERO_PAGE_ALLOC_FAILED] = "thp_zero_page_alloc_failed",
};

static void print_events(void)
{
	unsigned int cpu;

	for (size_t event = 0; event < NR_THP_EVENTS; event++) {
		unsigned long sum = 0;

		for_each_possible_cpu(cpu)
			sum += per_cpu(thp_events, cpu)[event];
		monitor_printf("%-28s%10lu\n", event_names[event], sum);
	}
}

static void print_settings(void)
{
	monitor_printf("enabled %s\n", thp_mode_names[thp_mode]);
	monitor_printf("khugepaged: pages_to_scan %lu, scan_sleep_millisecs %lu, "
		       "alloc_sleep_millisecs %lu, max_ptes_none %lu, max_ptes_shared %lu\n",
		       khugepaged_pages_to_scan, khugepaged_scan_sleep_millisecs,
		       khugepaged_alloc_sleep_millisecs, khugepaged_max_ptes_none,
		       khugepaged_max_ptes_shared);
}

/* Threads of a program follow each other mostly, and share its memory. */
static void print_programs(void)
{
	static struct mm_struct mm;
	const struct mm_struct *last = NULL;
	const struct task_struct *task;
	struct user_task user;

	for (task = task_peek_from(1); task && !monitor_interrupted();
	     task = task_peek_from(task->pid + 1)) {
		if (!task->user || kernel_read_nofault(&user, task->user, sizeof(user)) ||
		    !user.mm || user.mm == last || kernel_read_nofault(&mm, user.mm, sizeof(mm)))
			continue;
		last = user.mm;
		monitor_printf("%5d %-16s AnonHugePages %8lu KiB, small %8lu KiB\n", task->pid,
			       task->comm,
			       atomic64_read(&mm.counters[MM_HUGE_ENTRIES]) * (HUGE_SIZE / 1024),
			       (atomic64_read(&mm.counters[MM_ANON_PAGES]) -
				atomic64_read(&mm.counters[MM_HUGE_ENTRIES]) * HUGE_PAGES) *
				       (PAGE_SIZE / 1024));
	}
}

static int monitor_thp(int argc, char **argv __maybe_unused)
{
	if (argc != 1)
		return -EINVAL;
	print_settings();
	print_events();
	print_programs();
	return 0;
}
MONITOR_COMMAND(thp, "", "huge pages: counters, settings, which program has them", monitor_thp);
