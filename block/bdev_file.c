/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading and writing of block devices through their pages.
 *
 * A reader takes no lock but that of pages which are not there yet.  Who reads from front to back
 * has PAGE_BATCH pages read ahead each time that he comes to one that is not there; others get what
 * they asked for.  A writer's bytes go through a page of their own first: the copy from the program
 * may fault, on the very page that is written to, so it happens with no page locked.  A page that
 * is overwritten whole is not read before.
 *
 * Who writes stores pages himself when too many pages of files are dirty, and most of them here
 * (mm/dirty.c): so writing is no faster than the disk in the end, and memory does not run out.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <oshit/dirty.h>
#include <oshit/err.h>
#include <oshit/gfp.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/sched.h>
#include <oshit/string.h>
#include <oshit/uio.h>

#include "bdev.h"

/* --- reading --- */

static struct page *page_to_read(struct file *file, unsigned long index, size_t wanted)
{
	struct bdev_file *private = file->private;
	struct address_space *mapping = &private->bdev->mapping;
	struct page *page = find_get_page(mapping, index);
	unsigned long nr = PAGE_BATCH;

	if (page && page_is_uptodate(page))
		return page;
	if (!page && index != private->next_index)
		nr = min(DIV_ROUND_UP(wanted, PAGE_SIZE) + 1, (unsigned long)PAGE_BATCH);
	if (!page)
		bdev_read_ahead(private->bdev, index, nr);
	else
		put_page(page);
	return read_cache_page(mapping, index, CACHE_IN_FILE);
}

static long read_part(struct file *file, struct iov_iter *to, loff_t pos, size_t len)
{
	unsigned long index = (unsigned long)pos >> PAGE_SHIFT;
	struct page *page = page_to_read(file, index, to->count);
	struct bdev_file *private = file->private;
	size_t done;

	if (IS_ERR(page))
		return PTR_ERR(page);
	done = copy_to_iter((char *)page_to_virt(page) + pos % PAGE_SIZE, len, to);
	/* Who reads a page in small pieces uses it once. */
	if (index + 1 != private->next_index)
		mark_page_accessed(page);
	put_page(page);
	private->next_index = index + 1;
	return (long)done;
}

static long cached_read(struct file *file, struct iov_iter *to, loff_t *pos, size_t len)
{
	long total = 0, done = 0;

	while (len) {
		size_t part = part_of_page((u64)*pos, len);

		done = read_part(file, to, *pos, part);
		if (done <= 0)
			break;
		*pos += done;
		total += done;
		len -= (size_t)done;
		if ((size_t)done < part || fatal_signal_pending(current))
			break;
		cond_resched();
	}
	if (total || !len)
		return total;
	return done ?: -EFAULT;
}

static long bdev_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct block_device *bdev = bdev_of(file);
	size_t len = bdev_limit(bdev, *pos, to->count);
	long done;

	if (!len)
		return 0;
	if (READ_ONCE(file->flags) & O_DIRECT)
		return bdev_direct_read(bdev, to, pos);
	done = cached_read(file, to, pos, len);
	if (done > 0)
		touch_atime(&file->path);
	return done;
}

/* --- writing --- */

/* @len bytes of @bytes into the page at @pos. 0 or -errno. */
static int write_page_part(struct block_device *bdev, const void *bytes, loff_t pos, size_t len)
{
	unsigned long index = (unsigned long)pos >> PAGE_SHIFT,
		      offset = (unsigned long)pos % PAGE_SIZE;
	u64 end = bdev_bytes(bdev);
	bool is_whole = !offset && (len == PAGE_SIZE || (u64)pos + len == end);
	struct page *page;

	if (is_whole)
		page = grab_cache_page(&bdev->mapping, index, CACHE_IN_FILE);
	else
		page = lock_cache_page(&bdev->mapping, index, CACHE_IN_FILE);
	if (IS_ERR(page))
		return PTR_ERR(page);
	memcpy((char *)page_to_virt(page) + offset, bytes, len);
	if (!page_is_uptodate(page)) {
		memset((char *)page_to_virt(page) + len, 0, PAGE_SIZE - len);
		page_set_uptodate(page);
	}
	set_page_dirty(page);
	mark_page_accessed(page);
	unlock_page(page);
	put_page(page);
	return 0;
}

/* Bytes or -errno. */
static long write_part(struct block_device *bdev, struct iov_iter *from, loff_t pos, void *buffer)
{
	size_t len = part_of_page((u64)pos, bdev_limit(bdev, pos, from->count));
	size_t got = copy_from_iter(buffer, len, from);
	int err;

	if (!got)
		return -EFAULT;
	err = write_page_part(bdev, buffer, pos, got);
	return err ?: (long)got;
}

static long cached_write(struct block_device *bdev, struct iov_iter *from, loff_t *pos)
{
	void *buffer = (void *)__get_free_page(GFP_KERNEL);
	long total = 0, done = 0;

	if (!buffer)
		return -ENOMEM;
	while (bdev_limit(bdev, *pos, from->count)) {
		done = write_part(bdev, from, *pos, buffer);
		if (done <= 0)
			break;
		*pos += done;
		total += done;
		done = balance_dirty_pages(&bdev->mapping);
		if (done || fatal_signal_pending(current))
			break;
		cond_resched();
	}
	free_page((unsigned long)buffer);
	if (total && done < 0 && done != -EFAULT)
		WRITE_ONCE(bdev->mapping.error, (int)done); /* fsync() tells it */
	return total ?: done;
}

/* O_SYNC, O_DSYNC: what was written from @pos on is on the disk. */
static int store_written(struct file *file, loff_t pos, long len)
{
	struct block_device *bdev = bdev_of(file);
	int err;

	if (!(READ_ONCE(file->flags) & O_DSYNC))
		return 0;
	err = filemap_write_and_wait(&bdev->mapping, (unsigned long)pos >> PAGE_SHIFT,
				     (unsigned long)(pos + len - 1) >> PAGE_SHIFT);
	return err ?: disk_rw(bdev->disk, IO_FLUSH, 0, NULL, 0);
}

static long bdev_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	struct block_device *bdev = bdev_of(file);
	loff_t start = *pos;
	long done;
	int err;

	if (!from->count)
		return 0;
	if (!bdev_limit(bdev, *pos, from->count))
		return -ENOSPC;
	if (READ_ONCE(file->flags) & O_DIRECT)
		done = bdev_direct_write(bdev, from, pos);
	else
		done = cached_write(bdev, from, pos);
	if (done <= 0)
		return done;
	inode_touch(file_inode(file), TOUCH_MTIME | TOUCH_CTIME);
	err = store_written(file, start, done);
	return err ?: done;
}

/* --- the rest --- */

static loff_t bdev_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, (loff_t)bdev_bytes(bdev_of(file)));
}

static int bdev_fsync(struct file *file, int datasync __maybe_unused)
{
	return bdev_sync(bdev_of(file));
}

static int bdev_mmap(struct file *file, struct vm_area *area)
{
	return file_mmap_mapping(file, area, &bdev_of(file)->mapping);
}

const struct file_operations bdev_fops = {
	.llseek = bdev_llseek,
	.read = bdev_read,
	.write = bdev_write,
	.ioctl = bdev_ioctl,
	.mmap = bdev_mmap,
	.release = bdev_release,
	.fsync = bdev_fsync,
};
