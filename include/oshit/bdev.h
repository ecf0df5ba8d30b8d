/* SPDX-License-Identifier: GPL-2.0-only */
/* Block devices: disks and partitions as files. */
#ifndef OSHIT_BDEV_H
#define OSHIT_BDEV_H

#include <oshit/types.h>

struct file_operations;

#ifdef CONFIG_BLOCK_DEVICES
/* Boot, when all disks are registered: reads their partition tables, makes nodes. May sleep. */
void bdev_init(void);

/* Of every inode of a block device: open() puts the device's own in its place. */
const struct file_operations *blkdev_open_fops(void);

/* Stores what has been written to any of them, and has the disks do it. Task; sleeps. */
void bdev_sync_all(void);

/* Forgets the pages of all of them that are clean and that nobody uses. Task; sleeps. */
void bdev_drop_caches(void);
#else
static inline void bdev_init(void)
{
}
static inline const struct file_operations *blkdev_open_fops(void)
{
	return NULL;
}
static inline void bdev_sync_all(void)
{
}
static inline void bdev_drop_caches(void)
{
}
#endif

#endif
