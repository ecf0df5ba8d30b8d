/* SPDX-License-Identifier: GPL-2.0-only */
/* mount() and umount2(). */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/fs.h>
#include <oshit/namei.h>
#include <oshit/slab.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>

#include "internal.h"

#define MS_UNSUPPORTED \
	(MS_BIND | MS_MOVE | MS_REMOUNT | MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

static unsigned int mount_flags(unsigned long flags)
{
	return (flags & MS_RDONLY ? MNT_READONLY : 0) | (flags & MS_NOSUID ? MNT_NOSUID : 0) |
	       (flags & MS_NODEV ? MNT_NODEV : 0) | (flags & MS_NOEXEC ? MNT_NOEXEC : 0) |
	       (flags & MS_NOATIME ? MNT_NOATIME : 0) |
	       (flags & MS_NODIRATIME ? MNT_NODIRATIME : 0);
}

/* NULL stays NULL. */
static char *copy_string(const void __user *user)
{
	return user ? getname_empty(user) : NULL;
}

struct mount_names {
	char *device, *type, *options; /* NULL: not given */
};

static void put_names(struct mount_names *names)
{
	if (!IS_ERR_OR_NULL(names->device))
		putname(names->device);
	if (!IS_ERR_OR_NULL(names->type))
		putname(names->type);
	if (!IS_ERR_OR_NULL(names->options))
		putname(names->options);
}

static int do_mount(struct path *path, const struct mount_names *names, unsigned long flags)
{
	struct mount *mnt;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & MS_UNSUPPORTED || !names->type)
		return -EINVAL;
	mnt = kern_mount(names->type, names->device, names->options);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	mnt->flags = mount_flags(flags);
	err = do_add_mount(mnt, path);
	if (err)
		mntput(mnt);
	return err;
}

long sys_mount(const char __user *device, const char __user *dir, const char __user *type,
	       unsigned long flags, const void __user *data)
{
	struct mount_names names = {
		.device = copy_string(device),
		.type = copy_string(type),
		.options = copy_string(data),
	};
	struct path path;
	int err = 0;

	if (IS_ERR(names.device) || IS_ERR(names.type) || IS_ERR(names.options))
		err = -EFAULT;
	err = err ?: user_path(AT_FDCWD, dir, LOOKUP_FOLLOW, &path);
	if (!err) {
		err = do_mount(&path, &names, flags);
		path_put(&path);
	}
	put_names(&names);
	return err;
}

long sys_umount2(const char __user *name, int flags)
{
	struct path path;
	struct mount *mnt;
	int err;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	err = user_path(AT_FDCWD, name, flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	mnt = path.mnt;
	if (path.dentry != mnt->root)
		err = -EINVAL;
	else if (!capable(CAP_SYS_ADMIN))
		err = -EPERM;
	/* Only the reference to the mount stays, which do_umount() expects. */
	dput(path.dentry);
	err = err ?: do_umount(mnt, flags);
	mntput(mnt);
	return err;
}
