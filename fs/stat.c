/* SPDX-License-Identifier: GPL-2.0-only */
/* What there is to know about files and file systems: stat(), statx(), readlink(), statfs(). */
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/math.h>
#include <oshit/namei.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>

#define ST_VALID       0x0020 /* of f_flags; no header of the ABI has these */
#define ST_RDONLY      0x0001
#define ST_NOSUID      0x0002
#define ST_NODEV       0x0004
#define ST_NOEXEC      0x0008
#define ST_NOATIME     0x0400
#define ST_NODIRATIME  0x0800
#define ST_RELATIME    0x1000
#define ST_NOSYMFOLLOW 0x2000

#define STATX_FLAGS                                                                    \
	(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_FORCE_SYNC | \
	 AT_STATX_DONT_SYNC)

/* --- stat --- */

static int copy_stat(const struct kstat *from, struct stat __user *to)
{
	struct stat stat = {
		.st_dev = dev_to_user(from->dev),
		.st_ino = from->ino,
		.st_nlink = from->nlink,
		.st_mode = from->mode,
		.st_uid = from->uid,
		.st_gid = from->gid,
		.st_rdev = dev_to_user(from->rdev),
		.st_size = from->size,
		.st_blksize = from->block_size,
		.st_blocks = from->blocks,
		.st_atime = from->atime.tv_sec,
		.st_atime_nsec = from->atime.tv_nsec,
		.st_mtime = from->mtime.tv_sec,
		.st_mtime_nsec = from->mtime.tv_nsec,
		.st_ctime = from->ctime.tv_sec,
		.st_ctime_nsec = from->ctime.tv_nsec,
	};

	return copy_to_user(to, &stat, sizeof(stat)) ? -EFAULT : 0;
}

static void stat_path(const struct path *path, struct kstat *stat)
{
	inode_getattr(d_inode(path->dentry), stat);
	stat->mount_id = path->mnt->id;
	stat->is_mount_root = path->dentry == path->mnt->root;
}

static int stat_fd(unsigned int nr, struct kstat *stat)
{
	struct fd fd = fdget_raw(nr);

	if (!fd.file)
		return -EBADF;
	stat_path(&fd.file->path, stat);
	fdput(fd);
	return 0;
}

static int stat_name(int dfd, const char __user *name, unsigned int lookup, struct kstat *stat)
{
	struct path path;
	int err = user_path(dfd, name, lookup, &path);

	if (err)
		return err;
	stat_path(&path, stat);
	path_put(&path);
	return 0;
}

/* By a name, or, with AT_EMPTY_PATH and "", by the descriptor: without a walk. */
static int stat_at(int dfd, const char __user *name, int flags, struct kstat *stat)
{
	unsigned int lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	char first;

	if (flags & AT_EMPTY_PATH) {
		if (get_user(first, name))
			return -EFAULT;
		if (!first && dfd >= 0)
			return stat_fd(dfd, stat);
		lookup |= LOOKUP_EMPTY;
	}
	return stat_name(dfd, name, lookup, stat);
}

long sys_newfstatat(int dfd, const char __user *name, struct stat __user *to, int flags)
{
	struct kstat stat;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	err = stat_at(dfd, name, flags, &stat);
	return err ?: copy_stat(&stat, to);
}

long sys_stat(const char __user *name, struct stat __user *to)
{
	return sys_newfstatat(AT_FDCWD, name, to, 0);
}

long sys_lstat(const char __user *name, struct stat __user *to)
{
	return sys_newfstatat(AT_FDCWD, name, to, AT_SYMLINK_NOFOLLOW);
}

long sys_fstat(unsigned int fd, struct stat __user *to)
{
	struct kstat stat;
	int err = stat_fd(fd, &stat);

	return err ?: copy_stat(&stat, to);
}

static struct statx_timestamp statx_time(const struct __kernel_timespec *time)
{
	return (struct statx_timestamp){ .tv_sec = time->tv_sec, .tv_nsec = time->tv_nsec };
}

static int copy_statx(const struct kstat *from, struct statx __user *to)
{
	struct statx statx = {
		.stx_mask = STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID,
		.stx_attributes = from->is_mount_root ? STATX_ATTR_MOUNT_ROOT : 0,
		.stx_attributes_mask = STATX_ATTR_MOUNT_ROOT,
		.stx_mnt_id = from->mount_id,
		.stx_blksize = from->block_size,
		.stx_nlink = from->nlink,
		.stx_uid = from->uid,
		.stx_gid = from->gid,
		.stx_mode = from->mode,
		.stx_ino = from->ino,
		.stx_size = from->size,
		.stx_blocks = from->blocks,
		.stx_atime = statx_time(&from->atime),
		.stx_btime = statx_time(&from->btime),
		.stx_ctime = statx_time(&from->ctime),
		.stx_mtime = statx_time(&from->mtime),
		.stx_rdev_major = MAJOR(from->rdev),
		.stx_rdev_minor = MINOR(from->rdev),
		.stx_dev_major = MAJOR(from->dev),
		.stx_dev_minor = MINOR(from->dev),
	};

	return copy_to_user(to, &statx, sizeof(statx)) ? -EFAULT : 0;
}

long sys_statx(int dfd, const char __user *name, unsigned int flags, unsigned int mask,
	       struct statx __user *to)
{
	struct kstat stat;
	int err;

	if (mask & STATX__RESERVED || flags & ~STATX_FLAGS ||
	    (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	err = stat_at(dfd, name, flags, &stat);
	return err ?: copy_statx(&stat, to);
}

/* --- readlink --- */

static long copy_link(const struct path *path, char __user *buf, size_t size)
{
	struct inode *inode = d_inode(path->dentry);
	struct link_body body = { .free = NULL };
	const char *text;
	size_t len;

	if (!inode->ops || !inode->ops->get_link)
		return -EINVAL;
	touch_atime(path);
	text = inode->ops->get_link(inode, &body);
	if (IS_ERR(text))
		return PTR_ERR(text);
	len = min(strlen(text), size);
	if (copy_to_user(buf, text, len))
		len = -EFAULT;
	if (body.free)
		body.free(body.arg);
	return len;
}

/* "", which names what @dfd is: that must be a link, or there is none. */
static bool is_empty_name(const char __user *name)
{
	char first;

	return !get_user(first, name) && !first;
}

long sys_readlinkat(int dfd, const char __user *name, char __user *buf, int size)
{
	struct path path;
	long ret;

	if (size <= 0)
		return -EINVAL;
	ret = user_path(dfd, name, LOOKUP_EMPTY, &path);
	if (ret)
		return ret;
	ret = copy_link(&path, buf, size);
	path_put(&path);
	return ret == -EINVAL && is_empty_name(name) ? -ENOENT : ret;
}

long sys_readlink(const char __user *name, char __user *buf, int size)
{
	return sys_readlinkat(AT_FDCWD, name, buf, size);
}

/* --- statfs --- */

static long atime_flags(unsigned int flags)
{
	long result = flags & MNT_NODIRATIME ? ST_NODIRATIME : 0;

	if (flags & MNT_NOATIME)
		return result | ST_NOATIME;
	return flags & MNT_STRICTATIME ? result : result | ST_RELATIME;
}

static long statfs_flags(const struct path *path)
{
	unsigned int flags = READ_ONCE(path->mnt->flags);
	long result = ST_VALID | atime_flags(flags);

	if (flags & MNT_READONLY || path->mnt->sb->flags & SB_RDONLY)
		result |= ST_RDONLY;
	if (flags & MNT_NOSYMFOLLOW)
		result |= ST_NOSYMFOLLOW;
	if (flags & MNT_NOSUID)
		result |= ST_NOSUID;
	if (flags & MNT_NODEV)
		result |= ST_NODEV;
	if (flags & MNT_NOEXEC)
		result |= ST_NOEXEC;
	return result;
}

static int copy_statfs(const struct path *path, struct statfs __user *to)
{
	struct super_block *sb = path->dentry->sb;
	struct statfs statfs = {
		.f_type = sb->magic,
		.f_bsize = sb->block_size,
		.f_namelen = NAME_MAX,
		.f_frsize = sb->block_size,
		.f_flags = statfs_flags(path),
	};
	int err = sb->ops->statfs ? sb->ops->statfs(sb, &statfs) : 0;

	if (err)
		return err;
	return copy_to_user(to, &statfs, sizeof(statfs)) ? -EFAULT : 0;
}

long sys_statfs(const char __user *name, struct statfs __user *to)
{
	struct path path;
	int err = user_path(AT_FDCWD, name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = copy_statfs(&path, to);
	path_put(&path);
	return err;
}

long sys_fstatfs(unsigned int nr, struct statfs __user *to)
{
	struct fd fd = fdget_raw(nr);
	int err;

	if (!fd.file)
		return -EBADF;
	err = copy_statfs(&fd.file->path, to);
	fdput(fd);
	return err;
}
