/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fallocate(), and what programs say about their use of files: posix_fadvise(), readahead().
 *
 * For a file in memory room is pages: they join the file without being filled, which the first use
 * does.  A request that fails takes back those that nobody has used, earlier reservations of the
 * same range among them, as Linux's tmpfs.
 */
#include <asm/statfs.h>
#include <linux/errno.h>
#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <oshit/files.h>
#include <oshit/gfp.h>
#include <oshit/inotify.h>
#include <oshit/math.h>
#include <oshit/memfd.h>
#include <oshit/mmzone.h>
#include <oshit/sched.h>
#include <oshit/syscalls.h>

#define KNOWN_MODES                                                              \
	(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_COLLAPSE_RANGE | \
	 FALLOC_FL_ZERO_RANGE | FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE)

/* --- for files in memory --- */

static int punch_hole(struct inode *inode, loff_t offset, loff_t end)
{
	if (inode_seals(inode) & SEALS_AGAINST_WRITING)
		return -EPERM;
	punch_pagecache(&inode->data, offset, end);
	return 0;
}

/* The most pages that a file of @sb can ever have: nothing is begun that cannot end well. */
static unsigned long max_pages(struct super_block *sb)
{
	struct statfs statfs = { .f_blocks = 0 };
	struct page_counts counts;

	if (sb->ops->statfs && !sb->ops->statfs(sb, &statfs) && statfs.f_blocks)
		return (unsigned long)statfs.f_blocks;
	page_counts_get(&counts);
	return counts.nr_managed;
}

static int reserve_pages(struct inode *inode, unsigned long first, unsigned long last)
{
	unsigned long index = first;
	int err = 0;

	if (last - first >= max_pages(inode->sb))
		return -ENOSPC;
	for (; index <= last && !err; index++) {
		err = signal_pending(current) ? -EINTR : reserve_cache_page(&inode->data, index);
		cond_resched();
	}
	if (err)
		unreserve_cache_pages(&inode->data, first, index - 1);
	return err;
}

static int reserve(struct inode *inode, int mode, loff_t offset, loff_t end)
{
	bool grows = !(mode & FALLOC_FL_KEEP_SIZE) && end > i_size_read(inode);
	int err = inode_newsize_ok(inode, end);

	if (!err && grows)
		err = seals_permit_size(inode, end);
	err = err ?: reserve_pages(inode, offset >> PAGE_SHIFT, (end - 1) >> PAGE_SHIFT);
	if (!err && grows)
		i_size_write(inode, end);
	return err;
}

int simple_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file_inode(file);
	int err;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	inode_lock(inode);
	if (mode & FALLOC_FL_PUNCH_HOLE)
		err = punch_hole(inode, offset, offset + len);
	else
		err = reserve(inode, mode, offset, offset + len);
	if (!err)
		inode_touch(inode, TOUCH_MTIME | TOUCH_CTIME);
	inode_unlock(inode);
	return err;
}

/* --- the calls --- */

static int check_mode(int mode)
{
	if (mode & ~KNOWN_MODES)
		return -EOPNOTSUPP;
	if (mode & FALLOC_FL_PUNCH_HOLE && !(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	return mode & FALLOC_FL_PUNCH_HOLE && mode & FALLOC_FL_ZERO_RANGE ? -EOPNOTSUPP : 0;
}

static int check_kind(const struct inode *inode)
{
	if (inode_is(inode, S_IFIFO))
		return -ESPIPE;
	if (inode_is(inode, S_IFDIR))
		return -EISDIR;
	return inode_is(inode, S_IFREG) || inode_is(inode, S_IFBLK) ? 0 : -ENODEV;
}

static int fallocate_file(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file_inode(file);
	int err;

	if (offset < 0 || len <= 0)
		return -EINVAL;
	err = check_mode(mode);
	if (err)
		return err;
	if (!(file->mode & FMODE_WRITE))
		return -EBADF;
	err = check_kind(inode);
	if (err)
		return err;
	if (len > inode->sb->max_bytes - offset)
		return -EFBIG;
	return file->ops->fallocate ? file->ops->fallocate(file, mode, offset, len) : -EOPNOTSUPP;
}

long sys_fallocate(unsigned int nr, int mode, long offset, long len)
{
	struct fd fd = fdget(nr);
	int err;

	if (!fd.file)
		return -EBADF;
	err = fallocate_file(fd.file, mode, offset, len);
	if (!err)
		notify_file(fd.file, IN_MODIFY);
	fdput(fd);
	return err;
}

/* Advice changes nothing for what is in memory alone, which all files are so far. */
static int advise(const struct file *file, long len, int advice)
{
	if (inode_is(file_inode(file), S_IFIFO))
		return -ESPIPE;
	if (len < 0)
		return -EINVAL;
	switch (advice) {
	case POSIX_FADV_NORMAL:
	case POSIX_FADV_RANDOM:
	case POSIX_FADV_SEQUENTIAL:
	case POSIX_FADV_WILLNEED:
	case POSIX_FADV_DONTNEED:
	case POSIX_FADV_NOREUSE:
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_fadvise64(unsigned int nr, long offset __maybe_unused, long len, int advice)
{
	struct fd fd = fdget(nr);
	int err;

	if (!fd.file)
		return -EBADF;
	err = advise(fd.file, len, advice);
	fdput(fd);
	return err;
}

long sys_readahead(unsigned int nr, long offset __maybe_unused, size_t count __maybe_unused)
{
	struct fd fd = fdget(nr);
	int err = -EBADF;

	if (fd.file && fd.file->mode & FMODE_READ)
		err = inode_is(file_inode(fd.file), S_IFREG) ? 0 : -EINVAL;
	fdput(fd);
	return err;
}
