/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of block devices. */
#ifndef BLOCK_BDEV_H
#define BLOCK_BDEV_H

#include <oshit/bdev.h>
#include <oshit/disk.h>
#include <oshit/fs.h>
#include <oshit/mutex.h>
#include <oshit/pagecache.h>
#include <oshit/partition.h>
#include <oshit/workqueue.h>

struct page_batch; /* requests of one page each, bdev_cache.c */

struct direct_range { /* s: the device's ->store_mutex */
	struct list_head link; /* s */
	unsigned long first, last; /* pages */
	bool was_stored; /* s  one of them, and perhaps as it was before */
};

struct block_device { /* m: ->mutex   s: ->store_mutex   i: constant   a: atomic */
	struct disk *disk; /* i */
	unsigned int partition; /* i  number; 0: the whole disk */
	u32 dev; /* i */
	char name[12]; /* i  "sda1" */
	u64 first, nr_sectors; /* m  of the disk; constant while it is open; 0: gone */
	struct mutex mutex; /* opening and closing */
	unsigned int nr_openers, nr_writers; /* m */
	bool is_claimed; /* m  somebody has opened it with O_EXCL */
	unsigned int nr_claimed_parts; /* m  of a whole disk */
	struct address_space mapping; /* its pages */
	struct mutex store_mutex;
	struct page_batch *store_batch; /* s  there while it is open */
	struct list_head directs; /* s  struct direct_range: writes past the cache under way */
	struct delayed_work flush; /* runs while it is open for writing */
	unsigned long shrink_from; /* a  where the shrinker goes on */
	struct block_device *next; /* i  registered after this one */
};

struct bdev_file { /* of an open file */
	struct block_device *bdev;
	bool is_exclusive;
	unsigned long next_index; /* where a reader goes on who reads from front to back */
};

static inline struct block_device *bdev_of(const struct file *file)
{
	return ((struct bdev_file *)file->private)->bdev;
}

static inline u64 bdev_bytes(const struct block_device *bdev)
{
	return bdev->nr_sectors << SECTOR_SHIFT;
}

/* Of @len bytes from @pos on, those in front of the end. */
static inline size_t bdev_limit(const struct block_device *bdev, loff_t pos, size_t len)
{
	u64 size = bdev_bytes(bdev);

	return (u64)pos >= size ? 0 : min(len, size - (u64)pos);
}

/* In the order in which they were registered; NULL: the last. */
struct block_device *bdev_first(void);

/* BLKRRPART: reads the partition table again. 0; -EBUSY: a partition is open; -EINVAL: not of a
 * whole disk; the error of a read. */
int bdev_read_partitions(struct block_device *bdev);

/* Pages, writes, and has the disk do it. 0 or the first error. */
int bdev_sync(struct block_device *bdev);

/* Of bdev_fops. */
int bdev_release(struct inode *inode, struct file *file);

/* bdev_cache.c */
extern const struct address_space_operations bdev_aops;
struct page_batch *page_batch_alloc(void);
void page_batch_free(struct page_batch *batch);
/* Begins to read pages from @index on, up to @nr and the end, that nobody has begun to read. */
void bdev_read_ahead(struct block_device *bdev, unsigned long index, unsigned long nr);
/* Registers the shrinker. Boot. */
void bdev_cache_init(void);

/* bdev_file.c, bdev_direct.c, bdev_ioctl.c */
extern const struct file_operations bdev_fops;
long bdev_direct_read(struct block_device *bdev, struct iov_iter *to, loff_t *pos);
long bdev_direct_write(struct block_device *bdev, struct iov_iter *from, loff_t *pos);
long bdev_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif
