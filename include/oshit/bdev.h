/* SPDX-License-Identifier: GPL-2.0-only */
/* Block devices: disks and partitions as files. */
#ifndef OSHIT_BDEV_H
#define OSHIT_BDEV_H

#include <oshit/types.h>

struct disk;
struct file;
struct file_operations;

/* Where the sectors of a block device lie. */
struct bdev_place {
	struct disk *disk;
	u64 first, nr_sectors; /* of the disk */
};

#ifdef CONFIG_BLOCK_DEVICES
/* Boot, when all disks are registered: reads their partition tables, makes nodes. May sleep. */
void bdev_init(void);

/* Of every inode of a block device: open() puts the device's own in its place. */
const struct file_operations *blkdev_open_fops(void);

/* Of an open file. False: it is no block device. Constant while it is open. */
bool bdev_place_of(const struct file *file, struct bdev_place *place);

/* As if the whole disk were opened with O_EXCL, for the kernel. Task; sleeps. 0; -EBUSY: somebody
 * else has it so, or there are partitions. */
int bdev_claim_disk(struct disk *disk);
void bdev_unclaim_disk(struct disk *disk);

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
static inline bool bdev_place_of(const struct file *file __maybe_unused,
				 struct bdev_place *place __maybe_unused)
{
	return false;
}
static inline int bdev_claim_disk(struct disk *disk __maybe_unused)
{
	return 0;
}
static inline void bdev_unclaim_disk(struct disk *disk __maybe_unused)
{
}
static inline void bdev_sync_all(void)
{
}
static inline void bdev_drop_caches(void)
{
}
#endif

#endif
