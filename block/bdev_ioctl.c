/* SPDX-License-Identifier: GPL-2.0-only */
/* What programs ask of block devices, with Linux's numbers and types. */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <oshit/cred.h>
#include <oshit/math.h>
#include <oshit/uaccess.h>

#include "bdev.h"

#define GEOMETRY_HEADS	 255 /* what Linux tells of disks that have none */
#define GEOMETRY_SECTORS 63
#define READ_AHEAD	 (PAGE_BATCH * (PAGE_SIZE / SECTOR_SIZE))

static long put_int(unsigned long arg, int value)
{
	return put_user(value, (int __user *)arg);
}

static long put_long(unsigned long arg, unsigned long value)
{
	return put_user(value, (unsigned long __user *)arg);
}

static long put_geometry(const struct block_device *bdev, unsigned long arg)
{
	struct hd_geometry geometry = {
		.heads = GEOMETRY_HEADS,
		.sectors = GEOMETRY_SECTORS,
		.cylinders = (unsigned short)min(
			bdev->disk->nr_sectors / (GEOMETRY_HEADS * GEOMETRY_SECTORS), 0xffffUL),
		.start = bdev->first,
	};

	return copy_to_user((void __user *)arg, &geometry, sizeof(geometry)) ? -EFAULT : 0;
}

/* Pages have one size here, whatever block size a program asks for. */
static long check_block_size(unsigned long arg)
{
	int size;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	if (get_user(size, (int __user *)arg))
		return -EFAULT;
	return size < (int)SECTOR_SIZE || size > (int)PAGE_SIZE || size & (size - 1) ? -EINVAL : 0;
}

#define DROP_AT_ONCE 256 /* pages */

static long flush_buffers(struct block_device *bdev)
{
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	err = filemap_write_and_wait(&bdev->mapping, 0, ~0UL);
	bdev->shrink_from = 0;
	for (unsigned long index = 0; drop_clean_pages(&bdev->mapping, &index, DROP_AT_ONCE);)
		cond_resched();
	return err;
}

/* Things that are told of each disk. */
static long ioctl_query(const struct block_device *bdev, unsigned int cmd, unsigned long arg)
{
	const struct disk *disk = bdev->disk;

	switch (cmd) {
	case BLKGETSIZE64:
		return put_user(bdev_bytes(bdev), (u64 __user *)arg);
	case BLKGETSIZE:
		return put_long(arg, bdev->nr_sectors);
	case BLKSSZGET:
		return put_int(arg, SECTOR_SIZE);
	case BLKPBSZGET:
	case BLKIOMIN:
		return put_int(arg, (int)disk->block_size);
	case BLKIOOPT:
	case BLKALIGNOFF:
	case BLKROGET:
		return put_int(arg, 0);
	case BLKBSZGET:
		return put_int(arg, PAGE_SIZE);
	case BLKRAGET:
		return put_long(arg, READ_AHEAD);
	case BLKSECTGET:
		return put_user((unsigned short)disk->max_sectors, (unsigned short __user *)arg);
	case BLKROTATIONAL:
		return put_user((unsigned short)disk->rotates, (unsigned short __user *)arg);
	case HDIO_GETGEO:
		return put_geometry(bdev, arg);
	default:
		return -ENOTTY;
	}
}

long bdev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct block_device *bdev = bdev_of(file);

	switch (cmd) {
	case BLKBSZSET:
		return check_block_size(arg);
	case BLKFLSBUF:
		return flush_buffers(bdev);
	case BLKRRPART:
		return capable(CAP_SYS_ADMIN) ? bdev_read_partitions(bdev) : -EACCES;
	case BLKDISCARD:
	case BLKSECDISCARD:
	case BLKZEROOUT:
		return -EOPNOTSUPP;
	default:
		return ioctl_query(bdev, cmd, arg);
	}
}
