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

struct bdev_info { /* a block device, as programs are told of it */
	char name[12];
	u32 dev;
	u64 nr_sectors; /* of 512 bytes; 0: a partition that is no more */
};

#ifdef CONFIG_BLOCK_DEVICES
/* Boot, when all disks are registered: reads their partition tables, makes nodes. May sleep. */
void bdev_init(void);

/* Number @nr of all, in the order in which they came; false: there are not so many. May sleep. */
bool bdev_describe(unsigned int nr, struct bdev_info *info);

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
static inline bool bdev_describe(unsigned int nr __maybe_unused,
				 struct bdev_info *info __maybe_unused)
{
	return false;
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
