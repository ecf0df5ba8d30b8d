/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inodes: their life, owners, permissions and times.
 *
 * An inode lives as long as somebody has a reference: dentries, and in a file system in memory the
 * directory entries, so that what has a name stays.  The last reference evicts: the file system
 * lets the data go, pages are freed.  There is no table of inodes by number: a file system on a
 * disk would need one, none is here yet.
 *
 * Locks: inode->rwsem for the contents (names of a directory, size and bytes of a file), held for
 * writing by who changes them, and by who changes mode and owner; inode->lock for times and the
 * number of links, which both kinds of holders change; inside of it nothing is taken.
 * sb->lock for the list of a file system's inodes.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <oshit/bdev.h>
#include <oshit/clock.h>
#include <oshit/cred.h>
#include <oshit/file_lock.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/chrdev.h>
#include <oshit/pipe.h>
#include <oshit/string.h>

#include "internal.h"

#define ATIME_STEP_SEC (24 * 60 * 60) /* relatime: not older than a day */

struct __kernel_timespec current_time(void)
{
	u64 now_ns = clock_coarse_real_ns();

	return (struct __kernel_timespec){ now_ns / NSEC_PER_SEC, now_ns % NSEC_PER_SEC };
}

struct inode *new_inode(struct super_block *sb)
{
	struct inode *inode = sb->ops->alloc_inode(sb);

	if (!inode)
		return NULL;
	memset(inode, 0, sizeof(*inode));
	refcount_set(&inode->refs, 1);
	inode->nlink = 1;
	inode->sb = sb;
	inode->ino = atomic64_inc_return(&sb->next_ino);
	inode->btime = inode->atime = inode->mtime = inode->ctime = current_time();
	spin_lock_init(&inode->lock);
	init_rwsem(&inode->rwsem);
	address_space_init(&inode->data, NULL, inode);
	spin_lock(&sb->lock);
	list_add(&inode->sb_node, &sb->inodes);
	spin_unlock(&sb->lock);
	return inode;
}

void iput(struct inode *inode)
{
	struct super_block *sb = inode->sb;

	if (!refcount_dec_and_test(&inode->refs))
		return;
	if (sb->ops->evict_inode)
		sb->ops->evict_inode(inode);
	evict_pagecache(&inode->data);
	spin_lock(&sb->lock);
	list_del(&inode->sb_node);
	spin_unlock(&sb->lock);
	locks_free_inode(inode);
	sb->ops->free_inode(inode);
}

void inode_init_owner(struct inode *inode, const struct inode *dir, unsigned int mode)
{
	inode->uid = current_cred()->fsuid;
	inode->gid = current_cred()->fsgid;
	if (dir && dir->mode & S_ISGID) {
		inode->gid = dir->gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
		else if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
			 !in_group(inode->gid) && !capable(CAP_FSETID))
			mode &= ~S_ISGID;
	}
	inode->mode = mode;
}

/* Nothing can be done with a socket by name, not even this. */
static int no_open(struct inode *inode __maybe_unused, struct file *file __maybe_unused)
{
	return -ENXIO;
}

static const struct file_operations no_open_fops = { .open = no_open };

void init_special_inode(struct inode *inode, unsigned int mode, u32 dev)
{
	inode->rdev = dev;
	if (S_ISCHR(mode))
		inode->fops = &chrdev_open_fops;
	else if (S_ISFIFO(mode))
		inode->fops = &fifo_open_fops;
	else if (S_ISBLK(mode))
		inode->fops = blkdev_open_fops() ?: &no_open_fops;
	else
		inode->fops = &no_open_fops;
}

/* --- permissions --- */

bool inode_owner_or_capable(const struct inode *inode)
{
	return current_cred()->fsuid == inode->uid || capable(CAP_FOWNER);
}

static bool mode_permits(const struct inode *inode, unsigned int mask)
{
	unsigned int mode = inode->mode;

	if (current_cred()->fsuid == inode->uid)
		mode >>= 6;
	else if (in_group(inode->gid))
		mode >>= 3;
	return !(mask & ~mode);
}

static bool capability_permits(const struct inode *inode, unsigned int mask)
{
	if (S_ISDIR(inode->mode)) {
		if (!(mask & MAY_WRITE) && capable(CAP_DAC_READ_SEARCH))
			return true;
		return capable(CAP_DAC_OVERRIDE);
	}
	if (mask == MAY_READ && capable(CAP_DAC_READ_SEARCH))
		return true;
	if (mask & MAY_EXEC && !(inode->mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return false;
	return capable(CAP_DAC_OVERRIDE);
}

int generic_permission(const struct inode *inode, unsigned int mask)
{
	return mode_permits(inode, mask) || capability_permits(inode, mask) ? 0 : -EACCES;
}

int inode_permission(const struct inode *inode, unsigned int mask)
{
	if (mask & MAY_WRITE && inode->sb->flags & SB_RDONLY &&
	    (S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode)))
		return -EROFS;
	if (inode->ops && inode->ops->permission)
		return inode->ops->permission(inode, mask);
	return generic_permission(inode, mask);
}

static int change_writers(struct inode *inode, int by)
{
	int old = atomic_read(&inode->writers);

	do {
		if (by > 0 ? old < 0 : old > 0)
			return -ETXTBSY;
	} while (!atomic_try_cmpxchg(&inode->writers, &old, old + by));
	return 0;
}

int get_write_access(struct inode *inode)
{
	return change_writers(inode, 1);
}

int deny_write_access(struct inode *inode)
{
	return change_writers(inode, -1);
}

/* --- times --- */

void inode_touch(struct inode *inode, unsigned int which)
{
	struct __kernel_timespec now = current_time();

	spin_lock(&inode->lock);
	if (which & TOUCH_ATIME)
		inode->atime = now;
	if (which & TOUCH_MTIME)
		inode->mtime = now;
	if (which & TOUCH_CTIME)
		inode->ctime = now;
	spin_unlock(&inode->lock);
}

static bool is_after(const struct __kernel_timespec *a, const struct __kernel_timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

void touch_atime(const struct path *path)
{
	struct inode *inode = d_inode(path->dentry);
	struct __kernel_timespec now;
	unsigned int mount_flags = READ_ONCE(path->mnt->flags);

	if (mount_flags & (MNT_NOATIME | MNT_READONLY) || inode->sb->flags & SB_RDONLY ||
	    (mount_flags & MNT_NODIRATIME && S_ISDIR(inode->mode)))
		return;
	now = current_time();
	spin_lock(&inode->lock);
	if (mount_flags & MNT_STRICTATIME || !is_after(&inode->atime, &inode->mtime) ||
	    !is_after(&inode->atime, &inode->ctime) ||
	    now.tv_sec - inode->atime.tv_sec >= ATIME_STEP_SEC)
		inode->atime = now;
	spin_unlock(&inode->lock);
}

void file_accessed(const struct file *file)
{
	if (!(READ_ONCE(file->flags) & O_NOATIME))
		touch_atime(&file->path);
}
