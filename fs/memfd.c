/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memfd_create(): files that have a descriptor and no name, and their seals.
 *
 * Such a file is one of a file system of its own, of the kind tmpfs, which is mounted nowhere; its
 * pages are those of mm/shmem.c.  A seal says what is not done to it any more, by whomever: its
 * owner can give the descriptor to somebody who does not trust him.  Seals come, under
 * inode->rwsem, and never go.
 *
 *	F_SEAL_SHRINK, _GROW	the size
 *	F_SEAL_WRITE		bytes: by write(), by a hole, through mappings.  While one is there
 *				that may write it cannot be sealed: -EBUSY
 *	F_SEAL_FUTURE_WRITE	the same, but mappings that are there go on
 *	F_SEAL_SEAL		seals
 *
 * mapping->writable counts the mappings that may write, and is below 0 once there may be none: who
 * seals and who maps decide by it, whoever comes first (mapping_map_writable()).
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/memfd.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/init.h>
#include <oshit/memfd.h>
#include <oshit/panic.h>
#include <oshit/printf.h>
#include <oshit/ramfs.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>

#include "internal.h"

#define KNOWN_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | SEALS_AGAINST_WRITING)
#define KNOWN_FLAGS (MFD_CLOEXEC | MFD_ALLOW_SEALING)
#define HUGE_FLAGS  (MFD_HUGETLB | (unsigned int)(MFD_HUGE_MASK << MFD_HUGE_SHIFT))
#define NAME_SIZE   (NAME_MAX - sizeof("memfd:") + 2) /* with the 0 behind it */

static struct mount *memfd_mount; /* constant after boot */

/* --- seals --- */

static int add_seals(struct inode *inode, unsigned int seals)
{
	int err = 0;

	if (inode->seals & F_SEAL_SEAL)
		return -EPERM;
	if (seals & F_SEAL_WRITE)
		err = mapping_deny_writable(&inode->data);
	if (!err)
		WRITE_ONCE(inode->seals, inode->seals | seals);
	return err;
}

long memfd_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct inode *inode = file_inode(file);
	long ret;

	if (cmd == F_GET_SEALS)
		return inode->flags & S_SEALABLE ? (long)inode_seals(inode) : -EINVAL;
	if (arg > ~0U)
		return -EINVAL;
	if (!(file->mode & FMODE_WRITE))
		return -EPERM;
	if (arg & ~(unsigned long)KNOWN_SEALS || !(inode->flags & S_SEALABLE))
		return -EINVAL;
	inode_lock(inode);
	ret = add_seals(inode, (unsigned int)arg);
	inode_unlock(inode);
	return ret;
}

/* --- making one --- */

/* The path that /proc shows. */
static char *full_name(const char *name)
{
	size_t size = strlen(name) + sizeof("/memfd: (deleted)");
	char *full = kmalloc(size, GFP_KERNEL);

	if (full)
		snprintf(full, size, "/memfd:%s (deleted)", name);
	return full;
}

static struct inode *new_memfd_inode(const char *name, unsigned int flags)
{
	struct inode *inode = ramfs_new_inode(memfd_mount->sb, NULL, S_IFREG | 0777, 0);

	if (!inode)
		return ERR_PTR(-ENOSPC);
	inode->nlink = 0;
	inode->flags |= S_SEALABLE;
	inode->seals = flags & MFD_ALLOW_SEALING ? 0 : F_SEAL_SEAL;
	inode->private = full_name(name);
	if (inode->private)
		return inode;
	iput(inode);
	return ERR_PTR(-ENOMEM);
}

static struct file *new_memfd(const char *name, unsigned int flags)
{
	struct inode *inode = new_memfd_inode(name, flags);
	struct file *file;

	if (IS_ERR(inode))
		return ERR_CAST(inode);
	file = anonymous_file_on(memfd_mount, inode, inode->private, O_RDWR | O_LARGEFILE,
				 inode->fops);
	if (IS_ERR(file))
		iput(inode);
	return file;
}

/* A copy of the name for kfree(); ERR_PTR(-EFAULT, -EINVAL: too long, -ENOMEM). */
static char *copy_name(const char __user *user)
{
	char *name = kmalloc(NAME_SIZE, GFP_KERNEL);
	long len;

	if (!name)
		return ERR_PTR(-ENOMEM);
	len = strncpy_from_user(name, user, NAME_SIZE);
	if (len >= 0 && len < (long)NAME_SIZE)
		return name;
	kfree(name);
	return ERR_PTR(len < 0 ? len : -EINVAL);
}

static int check_flags(unsigned int flags)
{
	if (flags & MFD_HUGETLB)
		return flags & ~(KNOWN_FLAGS | HUGE_FLAGS) ? -EINVAL : 0;
	return flags & ~KNOWN_FLAGS ? -EINVAL : 0;
}

long sys_memfd_create(const char __user *user, unsigned int flags)
{
	struct file *file;
	char *name;
	int err = check_flags(flags);

	if (err)
		return err;
	name = copy_name(user);
	if (IS_ERR(name))
		return PTR_ERR(name);
	/* As Linux says without hugetlbfs. */
	file = flags & MFD_HUGETLB ? ERR_PTR(-ENOSYS) : new_memfd(name, flags);
	kfree(name);
	if (IS_ERR(file))
		return PTR_ERR(file);
	return fd_add(file, flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
}

__init void memfd_init(void)
{
	memfd_mount = kern_mount("tmpfs", "tmpfs", "size=0,nr_inodes=0");
	if (IS_ERR(memfd_mount))
		panic("memfd: %ld", PTR_ERR(memfd_mount));
}
