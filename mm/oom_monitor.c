/* SPDX-License-Identifier: GPL-2.0-only */
/* The monitor's "oom". It takes no lock and only reads. */
#include <linux/errno.h>
#include <oshit/monitor.h>
#include <oshit/oom.h>
#include <oshit/page.h>
#include <oshit/sizes.h>

#define KIB_OF(pages) ((pages) * (long)(PAGE_SIZE / KIB(1)))

static int monitor_oom(int argc, char **argv __maybe_unused)
{
	struct oom_counts counts;

	if (argc != 1)
		return -EINVAL;
	oom_counts_get(&counts);
	monitor_printf("%lu requests found no memory, %lu processes were killed, %ld KiB taken "
		       "from them\n",
		       counts.nr_requests, counts.nr_kills, KIB_OF((long)counts.nr_reaped_pages));
	if (!oom_nr_largest)
		return 0;
	monitor_printf("the largest at the last time:\n   pid  points in KiB   adj  name\n");
	for (unsigned int i = 0; i < oom_nr_largest; i++)
		monitor_printf("%6d %14ld %5d  %s\n", oom_largest[i].pid,
			       KIB_OF(oom_largest[i].points), oom_largest[i].adj,
			       oom_largest[i].comm);
	return 0;
}
MONITOR_COMMAND(oom, "", "what the OOM killer has done", monitor_oom);
