/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls that change, or ask for, what an inode permits: mode, owner, times, size. */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/time.h>
#include <linux/utime.h>
#include <linux/securebits.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/inotify.h>
#include <oshit/namei.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>

#include "internal.h"

#define NO_ID	   ((u32)-1) /* leave it as it is */

/* Instead of nanoseconds: now, and leave it. No header of the ABI has them. */
#define UTIME_NOW  ((1L << 30) - 1)
#define UTIME_OMIT ((1L << 30) - 2)

/* --- changes by path and by descriptor --- */

/* A time that is set alone looks as if the file had been read, or written. 0: nothing has changed
 * that anybody is told of. */
static u32 told_of_change(unsigned int valid)
{
	unsigned int times = valid & (ATTR_ATIME | ATTR_MTIME);

	if (valid & (ATTR_MODE | ATTR_UID | ATTR_GID) || times == (ATTR_ATIME | ATTR_MTIME))
		return IN_ATTRIB;
	return times == ATTR_ATIME ? IN_ACCESS : times == ATTR_MTIME ? IN_MODIFY : 0;
}

static int change_path(const struct path *path, struct iattr *attr)
{
	struct inode *inode = d_inode(path->dentry);
	int err = mnt_want_write(path->mnt);

	if (err)
		return err;
	inode_lock(inode);
	err = notify_change(inode, attr);
	inode_unlock(inode);
	if (!err)
		notify_dentry(path->dentry, told_of_change(attr->valid));
	mnt_drop_write(path->mnt);
	return err;
}

/* LOOKUP_ for AT_ flags, of which only @allowed may be set; -EINVAL. */
static int lookup_flags(int flags, int allowed)
{
	int lookup = flags & AT_SYMLINK_NOFOLLOW ? 0 : (int)LOOKUP_FOLLOW;

	if (flags & ~allowed)
		return -EINVAL;
	return flags & AT_EMPTY_PATH ? lookup | (int)LOOKUP_EMPTY : lookup;
}

static int change_name(int dfd, const char __user *name, unsigned int lookup, struct iattr *attr)
{
	struct path path;
	int err = user_path(dfd, name, lookup, &path);

	if (err)
		return err;
	err = change_path(&path, attr);
	path_put(&path);
	return err;
}

static int change_fd(unsigned int nr, struct iattr *attr)
{
	struct fd fd = fdget(nr);
	int err;

	if (!fd.file)
		return -EBADF;
	err = change_path(&fd.file->path, attr);
	fdput(fd);
	return err;
}

long sys_fchmodat(int dfd, const char __user *name, unsigned int mode)
{
	struct iattr attr = { .valid = ATTR_MODE, .mode = mode & S_PERMISSIONS };

	return change_name(dfd, name, LOOKUP_FOLLOW, &attr);
}

long sys_chmod(const char __user *name, unsigned int mode)
{
	return sys_fchmodat(AT_FDCWD, name, mode);
}

long sys_fchmod(unsigned int fd, unsigned int mode)
{
	struct iattr attr = { .valid = ATTR_MODE, .mode = mode & S_PERMISSIONS };

	return change_fd(fd, &attr);
}

static struct iattr owner_change(u32 uid, u32 gid)
{
	struct iattr attr = { .valid = ATTR_KILL_PRIV, .uid = uid, .gid = gid };

	if (uid != NO_ID)
		attr.valid |= ATTR_UID;
	if (gid != NO_ID)
		attr.valid |= ATTR_GID;
	return attr;
}

long sys_fchownat(int dfd, const char __user *name, u32 uid, u32 gid, int flags)
{
	struct iattr attr = owner_change(uid, gid);
	int lookup = lookup_flags(flags, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);

	return lookup < 0 ? lookup : change_name(dfd, name, lookup, &attr);
}

long sys_chown(const char __user *name, u32 uid, u32 gid)
{
	return sys_fchownat(AT_FDCWD, name, uid, gid, 0);
}

long sys_lchown(const char __user *name, u32 uid, u32 gid)
{
	return sys_fchownat(AT_FDCWD, name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long sys_fchown(unsigned int fd, u32 uid, u32 gid)
{
	struct iattr attr = owner_change(uid, gid);

	return change_fd(fd, &attr);
}

/* --- times --- */

static bool is_valid_time(const struct __kernel_timespec *time)
{
	return time->tv_nsec == UTIME_NOW || time->tv_nsec == UTIME_OMIT ||
	       (time->tv_nsec >= 0 && time->tv_nsec < 1000000000);
}

/* *@attr for the two times of utimensat(); NULL: both are now. */
static int times_change(const struct __kernel_timespec *times, struct iattr *attr)
{
	*attr = (struct iattr){ .valid = ATTR_ATIME | ATTR_MTIME };
	if (!times)
		return 0;
	if (!is_valid_time(&times[0]) || !is_valid_time(&times[1]))
		return -EINVAL;
	attr->atime = times[0];
	attr->mtime = times[1];
	if (times[0].tv_nsec == UTIME_OMIT)
		attr->valid &= ~ATTR_ATIME;
	else if (times[0].tv_nsec != UTIME_NOW)
		attr->valid |= ATTR_ATIME_SET;
	if (times[1].tv_nsec == UTIME_OMIT)
		attr->valid &= ~ATTR_MTIME;
	else if (times[1].tv_nsec != UTIME_NOW)
		attr->valid |= ATTR_MTIME_SET;
	/* Only one of them now is as much a privilege of the owner as any other time. */
	if (!!(attr->valid & ATTR_ATIME_SET) != !!(attr->valid & ATTR_MTIME_SET) ||
	    (attr->valid & (ATTR_ATIME | ATTR_MTIME)) != (ATTR_ATIME | ATTR_MTIME))
		attr->valid |= ATTR_TIMES_OWNER;
	return 0;
}

/* Both times to now: who may write may do that. */
static int may_touch(const struct path *path, const struct iattr *attr)
{
	struct inode *inode = d_inode(path->dentry);

	if (attr->valid & (ATTR_ATIME_SET | ATTR_MTIME_SET | ATTR_TIMES_OWNER) ||
	    inode_owner_or_capable(inode))
		return 0;
	return inode_permission(inode, MAY_WRITE);
}

static int set_times_of(const struct path *path, struct iattr *attr)
{
	return may_touch(path, attr) ?: change_path(path, attr);
}

static int set_times_of_fd(unsigned int nr, struct iattr *attr)
{
	struct fd fd = fdget(nr);
	int err;

	if (!fd.file)
		return -EBADF;
	err = set_times_of(&fd.file->path, attr);
	fdput(fd);
	return err;
}

long sys_utimensat(int dfd, const char __user *name, const struct __kernel_timespec __user *user,
		   int flags)
{
	struct __kernel_timespec times[2];
	struct iattr attr;
	struct path path;
	int err, lookup = lookup_flags(flags, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);

	if (user && copy_from_user(times, user, sizeof(times)))
		return -EFAULT;
	/* Nothing to change: nothing else is looked at. */
	if (user && times[0].tv_nsec == UTIME_OMIT && times[1].tv_nsec == UTIME_OMIT)
		return 0;
	err = times_change(user ? times : NULL, &attr);
	if (err)
		return err;
	if (!name && dfd != AT_FDCWD)
		return flags ? -EINVAL : set_times_of_fd(dfd, &attr);
	if (lookup < 0)
		return lookup;
	err = user_path(dfd, name, lookup, &path);
	if (err)
		return err;
	err = set_times_of(&path, &attr);
	path_put(&path);
	return err;
}

/* The calls of old: times without nanoseconds, and always by a name. NULL: now. */
static long set_times_of_name(int dfd, const char __user *name,
			      const struct __kernel_timespec *times)
{
	struct iattr attr;
	struct path path;
	int err = times_change(times, &attr);

	if (!err && !name && dfd != AT_FDCWD)
		return set_times_of_fd(dfd, &attr);
	err = err ?: user_path(dfd, name, LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	err = set_times_of(&path, &attr);
	path_put(&path);
	return err;
}

long sys_futimesat(int dfd, const char __user *name, const struct timeval __user *user)
{
	struct __kernel_timespec times[2];
	struct timeval given[2];
	int i;

	if (!user)
		return set_times_of_name(dfd, name, NULL);
	if (copy_from_user(given, user, sizeof(given)))
		return -EFAULT;
	for (i = 0; i < 2; i++) {
		if (given[i].tv_usec < 0 || given[i].tv_usec >= 1000000)
			return -EINVAL;
		times[i] = (struct __kernel_timespec){ given[i].tv_sec, given[i].tv_usec * 1000 };
	}
	return set_times_of_name(dfd, name, times);
}

long sys_utimes(const char __user *name, const struct timeval __user *user)
{
	return sys_futimesat(AT_FDCWD, name, user);
}

long sys_utime(const char __user *name, const struct utimbuf __user *user)
{
	struct __kernel_timespec times[2] = { { 0, 0 } };
	struct utimbuf given;

	if (!user)
		return set_times_of_name(AT_FDCWD, name, NULL);
	if (copy_from_user(&given, user, sizeof(given)))
		return -EFAULT;
	times[0].tv_sec = given.actime;
	times[1].tv_sec = given.modtime;
	return set_times_of_name(AT_FDCWD, name, times);
}

/* --- size --- */

static int truncate_path(const struct path *path, loff_t size)
{
	struct inode *inode = d_inode(path->dentry);
	int err;

	if (S_ISDIR(inode->mode))
		return -EISDIR;
	if (!S_ISREG(inode->mode))
		return -EINVAL;
	err = mnt_want_write(path->mnt);
	if (err)
		return err;
	err = inode_permission(inode, MAY_WRITE) ?: get_write_access(inode);
	if (!err) {
		err = do_truncate(inode, size);
		if (!err)
			notify_dentry(path->dentry, IN_MODIFY);
		put_write_access(inode);
	}
	mnt_drop_write(path->mnt);
	return err;
}

long sys_truncate(const char __user *name, long size)
{
	struct path path;
	int err;

	if (size < 0)
		return -EINVAL;
	err = user_path(AT_FDCWD, name, LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	err = truncate_path(&path, size);
	path_put(&path);
	return err;
}

long sys_ftruncate(unsigned int nr, long size)
{
	struct fd fd;
	int err = -EINVAL;

	if (size < 0)
		return -EINVAL;
	fd = fdget(nr);
	if (!fd.file)
		return -EBADF;
	if (S_ISREG(file_inode(fd.file)->mode) && fd.file->mode & FMODE_WRITE)
		err = do_truncate(file_inode(fd.file), size);
	if (!err)
		notify_dentry(fd.file->path.dentry, IN_MODIFY);
	fdput(fd);
	return err;
}

/* --- access --- */

/* access() asks for the real user. Return: credentials to be put back by restore_ids(), NULL: they
 * are the same; ERR_PTR(-ENOMEM). */
static struct cred *use_real_ids(void)
{
	const struct cred *now = current_cred();
	u64 effective = now->effective;
	struct cred *real, *saved;

	if (!(now->securebits & issecure_mask(SECURE_NO_SETUID_FIXUP)))
		effective = now->uid ? 0 : now->permitted;
	if (now->fsuid == now->uid && now->fsgid == now->gid && now->effective == effective)
		return NULL;
	real = prepare_creds();
	if (!real)
		return ERR_PTR(-ENOMEM);
	real->fsuid = now->uid;
	real->fsgid = now->gid;
	real->effective = effective;
	saved = get_cred(current->cred);
	commit_creds(real);
	return saved;
}

static void restore_ids(struct cred *saved)
{
	if (saved)
		commit_creds(saved);
}

static int access_path(const struct path *path, unsigned int mode)
{
	struct inode *inode = d_inode(path->dentry);
	unsigned int mount_flags = READ_ONCE(path->mnt->flags);
	int err;

	if (mode & MAY_EXEC && S_ISREG(inode->mode) && mount_flags & MNT_NOEXEC)
		return -EACCES;
	err = inode_permission(inode, mode);
	if (!err && mode & MAY_WRITE && mount_flags & MNT_READONLY &&
	    (S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode)))
		err = -EROFS;
	return err;
}

long sys_faccessat2(int dfd, const char __user *name, int mode, int flags)
{
	int err, lookup = lookup_flags(flags, AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
	struct cred *saved = NULL;
	struct path path;

	if (mode & ~(int)(MAY_READ | MAY_WRITE | MAY_EXEC))
		return -EINVAL;
	if (lookup < 0)
		return lookup;
	if (!(flags & AT_EACCESS))
		saved = use_real_ids();
	if (IS_ERR(saved))
		return PTR_ERR(saved);
	err = user_path(dfd, name, lookup, &path);
	if (!err) {
		err = access_path(&path, mode);
		path_put(&path);
	}
	restore_ids(saved);
	return err;
}

long sys_faccessat(int dfd, const char __user *name, int mode)
{
	return sys_faccessat2(dfd, name, mode, 0);
}

long sys_access(const char __user *name, int mode)
{
	return sys_faccessat2(AT_FDCWD, name, mode, 0);
}
