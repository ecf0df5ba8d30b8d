/* SPDX-License-Identifier: GPL-2.0-only */
/* The monitor's `swap`: where to, how much, and what has been done. No lock is taken. */
#include <linux/errno.h>
#include <oshit/monitor.h>
#include <oshit/page.h>
#include <oshit/swap.h>
#include <oshit/vmstat.h>

#define KIB_OF(pages) ((pages) * (PAGE_SIZE / 1024))

static int monitor_swap(int argc, char **argv __maybe_unused)
{
	struct swap_info info;
	unsigned int nr = 0;

	if (argc != 1)
		return -EINVAL;
	for (unsigned int i = 0; i < SWAP_MAX_DEVICES; i++) {
		if (!swap_device_peek(i, &info))
			continue;
		monitor_printf("%s: sectors from %lu on, priority %d, %lu of %lu KiB used\n",
			       info.name, info.first_sector, info.priority, KIB_OF(info.nr_used),
			       KIB_OF(info.nr_pages));
		nr++;
	}
	if (!nr)
		monitor_printf("there is none\n");
	monitor_printf("%lu of %lu slots free; %lu pages in the swap cache\n", nr_free_swap_slots(),
		       nr_swap_slots(), vm_stat_read(NR_SWAP_CACHED));
	monitor_printf("since boot %lu pages were written, %lu read\n", vm_stat_read(PSWPOUT),
		       vm_stat_read(PSWPIN));
	return 0;
}
MONITOR_COMMAND(swap, "", "devices for swap, and what went there", monitor_swap);
