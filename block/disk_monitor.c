/* SPDX-License-Identifier: GPL-2.0-only */
/* The monitor's `disk`: which disks there are; `io`: what they do, and have done. */
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/disk.h>
#include <oshit/monitor.h>

static int monitor_disk(int argc, char **argv __maybe_unused)
{
	struct disk *disk = disk_first();

	if (argc != 1)
		return -EINVAL;
	if (!disk)
		monitor_printf("there is none\n");
	for (; disk; disk = disk->next)
		monitor_printf("%s: %s, serial %s, revision %s: %lu sectors, blocks of %u bytes, "
			       "%s%s, %u commands of %u sectors and %u pieces, by %s\n",
			       disk->name, disk->model, disk->serial, disk->revision,
			       disk->nr_sectors, disk->block_size,
			       disk->rotates ? "rotating" : "solid",
			       disk->has_cache ? ", with a cache" : "", disk->depth,
			       disk->max_sectors, disk->max_segments, disk->driver);
	return 0;
}
MONITOR_COMMAND(disk, "", "disks, and what they can do", monitor_disk);

static void show_op(const char *name, const struct disk_stats *stats, enum io_op op)
{
	u64 nr = stats->nr_requests[op];

	monitor_printf("    %-6s %8lu requests, %8lu merged, %10lu sectors, %8lu us on average\n",
		       name, nr, stats->nr_merged[op], stats->nr_sectors[op],
		       nr ? stats->time_ns[op] / nr / 1000 : 0);
}

static void show_disk(const struct disk *disk)
{
	struct disk_state state;
	struct disk_stats stats;

	disk_peek(disk, &state, &stats);
	monitor_printf("%s: %u requests wait in %u commands, %u commands are out, %u to be tried "
		       "again%s\n",
		       disk->name, state.nr_waiting, state.nr_commands, state.nr_in_flight,
		       state.nr_retries, state.is_dead ? "; dead" : "");
	if (state.oldest_ns)
		monitor_printf("    the oldest is out for %lu us\n",
			       (clock_ns() - state.oldest_ns) / 1000);
	show_op("read", &stats, IO_READ);
	show_op("write", &stats, IO_WRITE);
	show_op("flush", &stats, IO_FLUSH);
	monitor_printf("    %lu errors, %lu tries again, %lu time-outs, %lu recoveries\n",
		       stats.nr_errors, stats.nr_retries, stats.nr_timeouts, stats.nr_recoveries);
}

static int monitor_io(int argc, char **argv __maybe_unused)
{
	if (argc != 1)
		return -EINVAL;
	for (struct disk *disk = disk_first(); disk; disk = disk->next)
		show_disk(disk);
	return 0;
}
MONITOR_COMMAND(io, "", "what disks do, and have done", monitor_io);
