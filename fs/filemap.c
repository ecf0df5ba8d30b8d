/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading and writing of files whose bytes are in the page cache.
 *
 * A reader takes no lock: it looks at the size, then copies from the pages that are there.  One who
 * reads while another writes or truncates sees old bytes, new bytes or zeros, as in Linux.
 * Writers hold inode->rwsem, so nobody truncates meanwhile, but no lock of a page while they copy:
 * the copy may fault, and on the same page.  What is in a file system in memory only (SB_NOSYNC) is
 * in its pages; where none is, there are zeros, and no page is made to read them.
 *
 * Locks: inode->rwsem is outside of mmap_lock: the copy may fault.  So nothing here is called with
 * mmap_lock held, and filemap_fault() takes no rwsem.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <oshit/dirty.h>
#include <oshit/fs.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/memfd.h>
#include <oshit/mm.h>
#include <oshit/rlimit.h>
#include <oshit/string.h>
#include <oshit/uio.h>

/* With a reference; NULL: a hole. */
static struct page *page_to_read(struct inode *inode, unsigned long index)
{
	if (inode->sb->flags & SB_NOSYNC)
		return find_read_page(&inode->data, index);
	return read_cache_page(&inode->data, index, CACHE_IN_FILE);
}

struct page *generic_file_page(struct inode *inode, loff_t pos)
{
	struct page *page = page_to_read(inode, (unsigned long)pos >> PAGE_SHIFT);

	return page == ERR_PTR(-ERANGE) ? NULL : page;
}

/* Up to the end of the page. Bytes, fewer than @len at a fault; -errno. */
static long read_page_part(struct inode *inode, struct iov_iter *to, loff_t pos, size_t len)
{
	struct page *page = page_to_read(inode, (unsigned long)pos >> PAGE_SHIFT);
	size_t done;

	/* Truncated meanwhile: as if it had been read before. */
	if (!page || page == ERR_PTR(-ERANGE))
		return iov_iter_zero(len, to);
	if (IS_ERR(page))
		return PTR_ERR(page);
	done = copy_to_iter((char *)page_to_virt(page) + pos % PAGE_SIZE, len, to);
	put_page(page);
	return done;
}

long generic_file_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct inode *inode = file_inode(file);
	long total = 0, done = 0;
	size_t part = 0;

	while (to->count) {
		loff_t size = i_size_read(inode);

		if (*pos >= size)
			break;
		part = part_of_page((u64)*pos, min(to->count, (size_t)(size - *pos)));
		done = read_page_part(inode, to, *pos, part);
		if (done <= 0)
			break;
		*pos += done;
		total += done;
		if ((size_t)done < part)
			break;
	}
	if (total || !part) {
		file_accessed(file);
		return total;
	}
	return done ?: -EFAULT;
}

/* How much may be written at @pos: the limits of the process and of the file system. */
static long limit_write(struct inode *inode, loff_t pos, size_t len)
{
	unsigned long limit = current_limit(RLIMIT_FSIZE);

	if (limit != RLIM_INFINITY) {
		if ((unsigned long)pos >= limit) {
			fs_raise(SIGXFSZ);
			return -EFBIG;
		}
		len = min(len, limit - pos);
	}
	if (pos >= inode->sb->max_bytes)
		return -EFBIG;
	return min(len, (size_t)(inode->sb->max_bytes - pos));
}

static void mark_written(struct inode *inode, struct page *page)
{
	if (!mapping_tracks_dirty(&inode->data))
		return;
	lock_page(page);
	set_page_dirty(page);
	unlock_page(page);
	balance_dirty_pages(&inode->data);
}

static long write_page_part(struct inode *inode, struct iov_iter *from, loff_t pos, size_t len)
{
	struct page *page;
	size_t done;
	int err = seals_permit_write(inode, pos + (loff_t)len);

	if (err)
		return err;
	page = read_cache_page(&inode->data, (unsigned long)pos >> PAGE_SHIFT, CACHE_ANYWHERE);
	if (IS_ERR(page))
		return PTR_ERR(page);
	done = copy_from_iter((char *)page_to_virt(page) + pos % PAGE_SIZE, len, from);
	if (done)
		mark_written(inode, page);
	put_page(page);
	if (done && pos + (loff_t)done > i_size_read(inode))
		i_size_write(inode, pos + done);
	return done;
}

static long write_pages(struct inode *inode, struct iov_iter *from, loff_t *pos, size_t len)
{
	long total = 0, done = 0;

	while (len) {
		size_t part = part_of_page((u64)*pos, len);

		/* Who dies for want of memory takes no more. */
		if (fatal_signal_pending(current)) {
			done = -EINTR;
			break;
		}
		done = write_page_part(inode, from, *pos, part);
		if (done <= 0)
			break;
		*pos += done;
		total += done;
		len -= done;
		if ((size_t)done < part)
			break;
	}
	if (total || !len)
		return total;
	return done ?: -EFAULT;
}

/* Who writes takes set-ID bits away, unless he is privileged; times. */
static int prepare_write(struct inode *inode)
{
	struct iattr attr = { .valid = ATTR_KILL_PRIV };
	int err = 0;

	if (inode->mode & (S_ISUID | S_ISGID))
		err = notify_change(inode, &attr);
	if (!err)
		inode_touch(inode, TOUCH_MTIME | TOUCH_CTIME);
	return err;
}

long generic_file_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	struct inode *inode = file_inode(file);
	long len;

	if (!from->count)
		return 0;
	inode_lock(inode);
	if (READ_ONCE(file->flags) & O_APPEND)
		*pos = i_size_read(inode);
	len = limit_write(inode, *pos, from->count);
	if (len > 0)
		len = prepare_write(inode) ?: write_pages(inode, from, pos, len);
	inode_unlock(inode);
	return len;
}

/* @pos is 64 bits, and never negative: the sum may overflow. */
static loff_t seek_to(struct file *file, loff_t base, loff_t offset, loff_t max)
{
	loff_t pos;

	if (__builtin_add_overflow(base, offset, &pos) || pos < 0 || pos > max)
		return -EINVAL;
	file->pos = pos;
	return pos;
}

/* Behind the end there is a hole, at least. Of a file that is stored elsewhere all is data. */
static loff_t seek_data(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file_inode(file);
	loff_t size = i_size_read(inode), found = whence == SEEK_HOLE ? size : offset;

	if (offset < 0 || offset >= size)
		return -ENXIO;
	if (inode->sb->flags & SB_NOSYNC) {
		u64 at = whence == SEEK_HOLE ? mapping_seek_hole(&inode->data, offset)
					     : mapping_seek_data(&inode->data, offset);

		if (whence == SEEK_DATA && at >= (u64)size)
			return -ENXIO;
		found = (loff_t)min(at, (u64)size);
	}
	return seek_to(file, found, 0, MAX_FILESIZE);
}

/* Up to @max; @size is where the end is. */
static loff_t seek_from(struct file *file, loff_t offset, int whence, loff_t size, loff_t max)
{
	switch (whence) {
	case SEEK_SET:
		return seek_to(file, 0, offset, max);
	case SEEK_CUR:
		return seek_to(file, file->pos, offset, max);
	case SEEK_END:
		return seek_to(file, size, offset, max);
	default:
		return -EINVAL;
	}
}

loff_t generic_file_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file_inode(file);

	if (whence == SEEK_DATA || whence == SEEK_HOLE)
		return seek_data(file, offset, whence);
	return seek_from(file, offset, whence, i_size_read(inode), inode->sb->max_bytes);
}

loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence, loff_t size)
{
	return seek_from(file, offset, whence, size, size);
}

loff_t noop_llseek(struct file *file, loff_t offset, int whence)
{
	return whence == SEEK_END ? -EINVAL : seek_from(file, offset, whence, 0, MAX_FILESIZE);
}

int generic_file_fsync(struct file *file, int datasync __maybe_unused)
{
	return filemap_write_and_wait(&file_inode(file)->data, 0, ~0UL);
}

int noop_fsync(struct file *file __maybe_unused, int datasync __maybe_unused)
{
	return 0;
}

bool dir_emit_dots(struct file *file, struct dir_context *ctx)
{
	struct dentry *parent;
	u64 ino;

	if (ctx->pos == 0) {
		if (!ctx->actor(ctx, ".", 1, file_inode(file)->ino, S_IFDIR >> 12))
			return false;
		ctx->pos = 1;
	}
	if (ctx->pos == 1) {
		parent = dget_parent(file->path.dentry);
		ino = d_inode(parent)->ino;
		dput(parent);
		if (!ctx->actor(ctx, "..", 2, ino, S_IFDIR >> 12))
			return false;
		ctx->pos = 2;
	}
	return true;
}
