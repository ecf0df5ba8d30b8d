/* SPDX-License-Identifier: GPL-2.0-only */
/* Disks: partitions, diskstats, and their part of devices. */
#include <oshit/bdev.h>
#include <oshit/clock.h>
#include <oshit/disk.h>
#include <oshit/fs.h>
#include <oshit/init.h>

#include "internal.h"

static int partitions_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct bdev_info info;

	for (unsigned int nr = 0; bdev_describe(nr, &info); nr++) {
		if (!nr)
			seq_puts(m, "major minor  #blocks  name\n\n");
		if (info.nr_sectors)
			seq_printf(m, "%4u  %7u %10lu %s\n", MAJOR(info.dev), MINOR(info.dev),
				   (unsigned long)info.nr_sectors / 2, info.name);
	}
	return 0;
}

static const struct kernfs_file partitions_file = { .show = partitions_show };

/* A major number is shown once, by the name of its disks without their letters. */
void proc_show_block_majors(struct seq_file *m)
{
	struct bdev_info info;
	u32 shown = 0;

	for (unsigned int nr = 0; bdev_describe(nr, &info); nr++) {
		if (MAJOR(info.dev) == shown)
			continue;
		shown = MAJOR(info.dev);
		seq_printf(m, "%3u %.2s\n", shown, info.name);
	}
}

/* --- diskstats --- */

static unsigned long ms(u64 ns)
{
	return (unsigned long)(ns / NSEC_PER_MSEC);
}

/* Requests as the disk has got them, those that joined others, sectors, and time. */
static void show_op(struct seq_file *m, const struct disk_stats *stats, enum io_op op)
{
	seq_printf(m, " %lu %lu %lu %lu",
		   (unsigned long)(stats->nr_requests[op] - stats->nr_merged[op]),
		   (unsigned long)stats->nr_merged[op], (unsigned long)stats->nr_sectors[op],
		   ms(stats->time_ns[op]));
}

static void show_disk(struct seq_file *m, const struct bdev_info *info, struct disk *disk)
{
	struct disk_stats stats;
	u64 sum_ns = 0;

	disk_stats_get(disk, &stats);
	for (int op = 0; op < NR_IO_OPS; op++)
		sum_ns += stats.time_ns[op];
	seq_printf(m, "%4u %7u %s", MAJOR(info->dev), MINOR(info->dev), info->name);
	show_op(m, &stats, IO_READ);
	show_op(m, &stats, IO_WRITE);
	seq_printf(m, " %u %lu %lu 0 0 0 0 %lu %lu\n", stats.nr_pending, ms(stats.busy_ns),
		   ms(sum_ns), (unsigned long)stats.nr_requests[IO_FLUSH],
		   ms(stats.time_ns[IO_FLUSH]));
}

/* Of whole disks: what goes to a partition is not counted apart. */
static int diskstats_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct bdev_info info;

	for (unsigned int nr = 0; bdev_describe(nr, &info); nr++) {
		struct disk *disk = disk_find(info.name);

		if (disk)
			show_disk(m, &info, disk);
	}
	return 0;
}

static const struct kernfs_file diskstats_file = { .show = diskstats_show };

__init void proc_disks_init(void)
{
	kernfs_create("partitions", 0444, &proc_root, &partitions_file, NULL);
	kernfs_create("diskstats", 0444, &proc_root, &diskstats_file, NULL);
}
