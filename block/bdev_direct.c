/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * O_DIRECT: past the page cache.
 *
 * Place, length and each piece of the program's memory must be multiples of a sector, as in Linux.
 * The bytes go through a buffer of the kernel, as large as there is memory for, up to a request:
 * the program's pages need not stay where they are meanwhile.  What the cache has of the place is
 * stored before; after a write it is dropped, or, where another program has changed other sectors
 * of the page meanwhile, gets what was written, so that who reads through the cache sees it.
 *
 * Such a page may be stored, with what was at the place before, while the write is under way, and
 * the disk may do that last.  So a write makes its place known (bdev->directs), whoever stores a
 * page of it says so, and then it is written again.
 */
#include <linux/errno.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/sched.h>
#include <oshit/uio.h>
#include <oshit/user_task.h>

#include "bdev.h"

#define MAX_ORDER 7 /* DISK_MAX_REQUEST */
static_assert(PAGE_SIZE << MAX_ORDER == DISK_MAX_REQUEST, "a buffer is a request");

static bool is_aligned(const struct iov_iter *iter, loff_t pos)
{
	size_t left = iter->count, offset = iter->offset;

	if ((unsigned long)pos % SECTOR_SIZE || left % SECTOR_SIZE)
		return false;
	for (const struct iovec *iov = iter->iov; iov && left; iov++, offset = 0) {
		size_t len = min(iov->iov_len - offset, left);

		if (((unsigned long)iov->iov_base + offset) % SECTOR_SIZE || len % SECTOR_SIZE)
			return false;
		left -= len;
	}
	return true;
}

struct direct_buffer {
	void *bytes;
	unsigned int order;
};

/* No larger than @len needs. 0 or -ENOMEM. */
static int alloc_buffer(struct direct_buffer *buffer, size_t len)
{
	unsigned int order = get_order(min(len, (size_t)DISK_MAX_REQUEST));
	const gfp_t gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;

	do {
		buffer->order = order;
		buffer->bytes = (void *)__get_free_pages(order ? gfp : GFP_KERNEL, order);
	} while (!buffer->bytes && order--);
	return buffer->bytes ? 0 : -ENOMEM;
}

static void free_buffer(const struct direct_buffer *buffer)
{
	free_pages((unsigned long)buffer->bytes, buffer->order);
}

static int store_range(struct block_device *bdev, loff_t pos, size_t len)
{
	return filemap_write_and_wait(&bdev->mapping, (unsigned long)pos >> PAGE_SHIFT,
				      ((unsigned long)pos + len - 1) >> PAGE_SHIFT);
}

static u64 sector_at(const struct block_device *bdev, loff_t pos)
{
	return bdev->first + ((u64)pos >> SECTOR_SHIFT);
}

/* Of what is left from @pos on, what a command can have, and the buffer. */
static size_t next_piece(const struct block_device *bdev, loff_t pos, size_t left,
			 const struct direct_buffer *buffer)
{
	size_t most =
		min(PAGE_SIZE << buffer->order, (size_t)bdev->disk->max_sectors << SECTOR_SHIFT);

	return min(bdev_limit(bdev, pos, left), most);
}

static long read_loop(struct block_device *bdev, struct iov_iter *to, loff_t *pos,
		      const struct direct_buffer *buffer)
{
	size_t len, done;
	long total = 0;
	int err = 0;

	while ((len = next_piece(bdev, *pos, to->count, buffer)) &&
	       !fatal_signal_pending(current)) {
		err = disk_rw(bdev->disk, IO_READ, sector_at(bdev, *pos), buffer->bytes, (u32)len);
		if (err)
			break;
		done = copy_to_iter(buffer->bytes, len, to);
		*pos += (loff_t)done;
		total += (long)done;
		if (done < len) {
			err = -EFAULT;
			break;
		}
	}
	return total ?: err;
}

long bdev_direct_read(struct block_device *bdev, struct iov_iter *to, loff_t *pos)
{
	struct direct_buffer buffer;
	size_t len = bdev_limit(bdev, *pos, to->count);
	long ret;

	if (!is_aligned(to, *pos))
		return -EINVAL;
	ret = store_range(bdev, *pos, len) ?: alloc_buffer(&buffer, len);
	if (ret)
		return ret;
	ret = read_loop(bdev, to, pos, &buffer);
	free_buffer(&buffer);
	return ret;
}

static void begin_direct(struct block_device *bdev, struct direct_range *range, loff_t pos,
			 size_t len)
{
	range->first = (unsigned long)pos >> PAGE_SHIFT;
	range->last = ((unsigned long)pos + len - 1) >> PAGE_SHIFT;
	range->was_stored = false;
	mutex_lock(&bdev->store_mutex);
	list_add(&range->link, &bdev->directs);
	mutex_unlock(&bdev->store_mutex);
}

static void end_direct(struct block_device *bdev, struct direct_range *range)
{
	mutex_lock(&bdev->store_mutex);
	list_del(&range->link);
	mutex_unlock(&bdev->store_mutex);
}

/* Since the last question; what is being stored is on the disk by then. */
static bool was_stored(struct block_device *bdev, struct direct_range *range)
{
	bool was;

	mutex_lock(&bdev->store_mutex);
	was = range->was_stored;
	range->was_stored = false;
	mutex_unlock(&bdev->store_mutex);
	return was;
}

static int write_sectors(struct block_device *bdev, loff_t pos, void *bytes, size_t len)
{
	struct direct_range range;
	int err;

	begin_direct(bdev, &range, pos, len);
	do {
		err = disk_rw(bdev->disk, IO_WRITE, sector_at(bdev, pos), bytes, (u32)len);
		if (!err)
			overwrite_cache_pages(&bdev->mapping, (u64)pos, bytes, len);
	} while (was_stored(bdev, &range) && !err);
	end_direct(bdev, &range);
	if (!err)
		count_io_stored(true, len);
	return err;
}

static long write_loop(struct block_device *bdev, struct iov_iter *from, loff_t *pos,
		       const struct direct_buffer *buffer)
{
	size_t len, got;
	long total = 0;
	int err = 0;

	while ((len = next_piece(bdev, *pos, from->count, buffer)) &&
	       !fatal_signal_pending(current)) {
		/* At a fault, the sectors that came whole. */
		got = ALIGN_DOWN(copy_from_iter(buffer->bytes, len, from), (size_t)SECTOR_SIZE);
		err = got ? write_sectors(bdev, *pos, buffer->bytes, got) : -EFAULT;
		if (err)
			break;
		*pos += (loff_t)got;
		total += (long)got;
		if (got < len)
			break;
	}
	return total ?: err;
}

long bdev_direct_write(struct block_device *bdev, struct iov_iter *from, loff_t *pos)
{
	size_t len = bdev_limit(bdev, *pos, from->count);
	struct direct_buffer buffer;
	long ret;

	if (!is_aligned(from, *pos))
		return -EINVAL;
	ret = store_range(bdev, *pos, len) ?: alloc_buffer(&buffer, len);
	if (ret)
		return ret;
	ret = write_loop(bdev, from, pos, &buffer);
	free_buffer(&buffer);
	return ret;
}
