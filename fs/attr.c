/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes of what an inode says about itself: mode, owner, times, size.  All go through
 * notify_change(), which knows who may do what; the file system is asked last.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/signal.h>
#include <oshit/cred.h>
#include <oshit/fs.h>
#include <oshit/memfd.h>
#include <oshit/rlimit.h>

static int check_owner_change(const struct inode *inode, const struct iattr *attr)
{
	bool owner = current_cred()->fsuid == inode->uid;

	if (capable(CAP_CHOWN))
		return 0;
	if (attr->valid & ATTR_UID && (!owner || attr->uid != inode->uid))
		return -EPERM;
	if (attr->valid & ATTR_GID && (!owner || (attr->gid != inode->gid && !in_group(attr->gid))))
		return -EPERM;
	return 0;
}

static int check_change(struct inode *inode, struct iattr *attr)
{
	unsigned int valid = attr->valid;
	int err = check_owner_change(inode, attr);

	if (err)
		return err;
	if (valid & ATTR_MODE) {
		if (!inode_owner_or_capable(inode))
			return -EPERM;
		/* The set-group-ID bit of a group that the caller is not in. */
		if (!in_group(valid & ATTR_GID ? attr->gid : inode->gid) && !capable(CAP_FSETID))
			attr->mode &= ~S_ISGID;
	}
	if (valid & (ATTR_ATIME_SET | ATTR_MTIME_SET | ATTR_TIMES_OWNER) &&
	    !inode_owner_or_capable(inode))
		return -EPERM;
	return 0;
}

/* A new owner never inherits them; who writes may be trusted to know. */
static bool loses_set_ids(const struct iattr *attr)
{
	return attr->valid & (ATTR_UID | ATTR_GID) || !capable(CAP_FSETID);
}

/* Set-user-ID goes, and set-group-ID if it means that: with the execute bit of the group. */
static void kill_set_ids(const struct inode *inode, struct iattr *attr)
{
	unsigned int mode = attr->valid & ATTR_MODE ? attr->mode : inode->mode & S_PERMISSIONS;
	unsigned int killed = mode & ~S_ISUID;

	if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		killed &= ~S_ISGID;
	if (killed == mode)
		return;
	attr->mode = killed;
	attr->valid |= ATTR_MODE;
}

void setattr_copy(struct inode *inode, const struct iattr *attr)
{
	struct __kernel_timespec now = current_time();

	if (attr->valid & ATTR_MODE)
		WRITE_ONCE(inode->mode, (inode->mode & S_IFMT) | (attr->mode & S_PERMISSIONS));
	if (attr->valid & ATTR_UID)
		WRITE_ONCE(inode->uid, attr->uid);
	if (attr->valid & ATTR_GID)
		WRITE_ONCE(inode->gid, attr->gid);
	spin_lock(&inode->lock);
	if (attr->valid & ATTR_ATIME)
		inode->atime = attr->valid & ATTR_ATIME_SET ? attr->atime : now;
	if (attr->valid & ATTR_MTIME)
		inode->mtime = attr->valid & ATTR_MTIME_SET ? attr->mtime : now;
	inode->ctime = now;
	spin_unlock(&inode->lock);
}

static int set_size(struct inode *inode, loff_t size)
{
	loff_t old = i_size_read(inode);
	int err = seals_permit_size(inode, size);

	if (err)
		return err;
	i_size_write(inode, size);
	if (size < old)
		truncate_pagecache(&inode->data);
	return 0;
}

int simple_setattr(struct inode *inode, const struct iattr *attr)
{
	int err = attr->valid & ATTR_SIZE ? set_size(inode, attr->size) : 0;

	if (!err)
		setattr_copy(inode, attr);
	return err;
}

int notify_change(struct inode *inode, struct iattr *attr)
{
	int err;

	lockdep_assert_held_write(&inode->rwsem);
	err = check_change(inode, attr);
	if (err)
		return err;
	if (attr->valid & ATTR_KILL_PRIV && !S_ISDIR(inode->mode) && loses_set_ids(attr))
		kill_set_ids(inode, attr);
	if (inode->ops && inode->ops->setattr)
		return inode->ops->setattr(inode, attr);
	if (attr->valid & ATTR_SIZE)
		return -EINVAL;
	setattr_copy(inode, attr);
	return 0;
}

int inode_newsize_ok(struct inode *inode, loff_t size)
{
	if (size > i_size_read(inode) && (unsigned long)size > current_limit(RLIMIT_FSIZE)) {
		fs_raise(SIGXFSZ);
		return -EFBIG;
	}
	return size > inode->sb->max_bytes ? -EFBIG : 0;
}

int do_truncate(struct inode *inode, loff_t size)
{
	struct iattr attr = {
		.valid = ATTR_SIZE | ATTR_MTIME | ATTR_KILL_PRIV,
		.size = size,
	};
	int err;

	if (size < 0)
		return -EINVAL;
	inode_lock(inode);
	err = inode_newsize_ok(inode, size) ?: notify_change(inode, &attr);
	inode_unlock(inode);
	return err;
}

/* --- what stat() shows --- */

void fill_stat(struct inode *inode, struct kstat *stat)
{
	*stat = (struct kstat){
		.dev = inode->sb->dev,
		.rdev = inode->rdev,
		.ino = inode->ino,
		.mode = inode->mode,
		.uid = inode->uid,
		.gid = inode->gid,
		.size = i_size_read(inode),
		.blocks = inode->data.nr_held * (PAGE_SIZE / 512),
		.block_size = inode->sb->block_size,
	};
	spin_lock(&inode->lock);
	stat->nlink = inode->nlink;
	stat->atime = inode->atime;
	stat->mtime = inode->mtime;
	stat->ctime = inode->ctime;
	stat->btime = inode->btime;
	spin_unlock(&inode->lock);
}

void inode_getattr(struct inode *inode, struct kstat *stat)
{
	fill_stat(inode, stat);
	if (inode->ops && inode->ops->getattr)
		inode->ops->getattr(inode, stat);
}
