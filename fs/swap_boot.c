/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks that serve for swap from the boot on: those without partitions that begin with the four
 * bytes "SWAP".  All behind the first page is used, and the first page is left as it is.  The disk
 * is claimed as by an open file with O_EXCL; swapoff() takes it back.
 */
#define pr_fmt(fmt) "swap: " fmt

#include <linux/errno.h>
#include <oshit/bdev.h>
#include <oshit/disk.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/printf.h>
#include <oshit/printk.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/swap.h>
#include <oshit/swap_boot.h>

#define PAGE_SECTORS (PAGE_SIZE / SECTOR_SIZE)

/* 1: it does; 0; -errno. */
static __init int begins_with_swap(struct disk *disk)
{
	char *sector = kmalloc(SECTOR_SIZE, GFP_KERNEL);
	int err = sector ? disk_rw(disk, IO_READ, 0, sector, SECTOR_SIZE) : -ENOMEM;
	int begins = !err && !memcmp(sector, "SWAP", 4);

	kfree(sector);
	return err ?: begins;
}

static __init int use_disk(struct disk *disk)
{
	struct swap_source source = {
		.disk = disk,
		.nr_pages = disk->nr_sectors / PAGE_SECTORS,
		.priority = -1,
	};
	int err = bdev_claim_disk(disk);

	if (err)
		return err;
	snprintf(source.name, sizeof(source.name), "/dev/%s", disk->name);
	err = swap_device_add(&source);
	if (err)
		bdev_unclaim_disk(disk);
	else
		pr_info("%lu KiB on %s, which begins with SWAP",
			(source.nr_pages - 1) * (PAGE_SIZE / 1024), source.name);
	return err;
}

__init void swap_at_boot(void)
{
	for (struct disk *disk = disk_first(); disk; disk = disk->next) {
		int err = begins_with_swap(disk);

		if (err > 0)
			err = use_disk(disk);
		if (err)
			pr_warn("%s is not used: error %d", disk->name, -err);
	}
}
