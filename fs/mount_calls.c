/* SPDX-License-Identifier: GPL-2.0-only */
/* mount(), umount2() and pivot_root(). */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/fs.h>
#include <oshit/math.h>
#include <oshit/namei.h>
#include <oshit/slab.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>

#include "internal.h"

#define MS_PROPAGATION (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)
#define MS_ATIME       (MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME)

static unsigned int mount_flags(unsigned long flags)
{
	static const struct {
		unsigned long user;
		unsigned int kernel;
	} names[] = {
		{ MS_RDONLY, MNT_READONLY },
		{ MS_NOSUID, MNT_NOSUID },
		{ MS_NODEV, MNT_NODEV },
		{ MS_NOEXEC, MNT_NOEXEC },
		{ MS_NOATIME, MNT_NOATIME },
		{ MS_NODIRATIME, MNT_NODIRATIME },
		{ MS_STRICTATIME, MNT_STRICTATIME },
		{ MS_NOSYMFOLLOW, MNT_NOSYMFOLLOW },
	};
	unsigned int result = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].user)
			result |= names[i].kernel;
	/* As Linux: the strict rules win over none at all. */
	return result & MNT_STRICTATIME ? result & ~MNT_NOATIME : result;
}

/* NULL stays NULL. */
static char *copy_string(const void __user *user)
{
	return user ? getname_empty(user) : NULL;
}

struct mount_names {
	char *device, *type, *options; /* NULL: not given */
};

/* Of the first that could not be had. */
static int error_of(const struct mount_names *names)
{
	const char *const texts[] = { names->device, names->type, names->options };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (IS_ERR(texts[i]))
			return PTR_ERR(texts[i]) == -ENAMETOOLONG ? -EINVAL
								  : (int)PTR_ERR(texts[i]);
	return 0;
}

static void put_names(struct mount_names *names)
{
	if (!IS_ERR_OR_NULL(names->device))
		putname(names->device);
	if (!IS_ERR_OR_NULL(names->type))
		putname(names->type);
	if (!IS_ERR_OR_NULL(names->options))
		putname(names->options);
}

static int new_mount(struct path *path, const struct mount_names *names, unsigned long flags)
{
	struct mount *mnt;
	int err;

	if (!names->type)
		return -EINVAL;
	mnt = kern_mount(names->type, names->device, names->options);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	/* What others show already stays as it is. */
	if (flags & MS_RDONLY && !mnt->sb->type->single)
		super_set_readonly(mnt->sb, true);
	mnt->flags = mount_flags(flags);
	err = do_add_mount(mnt, path);
	if (err)
		mntput(mnt);
	return err;
}

/* Of a mount that is there: times are told as before if nothing is said about them. */
static unsigned int new_flags(const struct mount *mnt, unsigned long flags)
{
	unsigned int result = mount_flags(flags);

	return flags & MS_ATIME ? result : result | (READ_ONCE(mnt->flags) & MNT_ATIME_FLAGS);
}

static int remount(struct path *path, const struct mount_names *names, unsigned long flags)
{
	struct mount *mnt = path->mnt;

	if (path->dentry != mnt->root)
		return -EINVAL;
	if (flags & MS_BIND)
		return mount_set_flags(mnt, new_flags(mnt, flags));
	return do_remount(mnt, new_flags(mnt, flags), names->options);
}

/* MS_BIND and MS_MOVE, of what the device names. */
static int bind_or_move(struct path *path, const struct mount_names *names, unsigned long flags)
{
	struct path old;
	int err;

	if (!names->device || !*names->device)
		return -EINVAL;
	err = path_lookup(AT_FDCWD, names->device, LOOKUP_FOLLOW, &old);
	if (err)
		return err;
	if (!(flags & MS_BIND))
		err = do_move_mount(&old, path);
	else if (flags & MS_REC)
		err = do_bind_mount_tree(&old, path);
	else
		err = do_bind_mount(&old, path);
	path_put(&old);
	return err;
}

/* All mounts are private here, so only that they may not be bound says anything. */
static int set_propagation(struct path *path, unsigned long flags)
{
	unsigned long type = flags & ~(MS_REC | MS_SILENT);

	if (type != MS_PRIVATE && type != MS_SLAVE && type != MS_UNBINDABLE)
		return -EINVAL;
	if (path->dentry != path->mnt->root)
		return -EINVAL;
	mount_set_unbindable(path->mnt, type == MS_UNBINDABLE);
	return 0;
}

static int do_mount(struct path *path, const struct mount_names *names, unsigned long flags)
{
	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~MS_MGC_MSK;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (flags & MS_NOUSER)
		return -EINVAL;
	if (flags & MS_REMOUNT)
		return remount(path, names, flags);
	if (flags & MS_BIND)
		return bind_or_move(path, names, flags);
	if (flags & MS_PROPAGATION)
		return set_propagation(path, flags);
	if (flags & MS_MOVE)
		return bind_or_move(path, names, flags);
	return new_mount(path, names, flags);
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
	int err = error_of(&names);

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
	if (!capable(CAP_SYS_ADMIN))
		err = -EPERM;
	else if (path.dentry != mnt->root)
		err = -EINVAL;
	/* Only the reference to the mount stays, which do_umount() expects. */
	dput(path.dentry);
	err = err ?: do_umount(mnt, flags);
	mntput_no_expire(mnt);
	return err;
}

long sys_pivot_root(const char __user *new_root, const char __user *put_old)
{
	struct path new, old;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = user_path(AT_FDCWD, new_root, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &new);
	if (err)
		return err;
	err = user_path(AT_FDCWD, put_old, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &old);
	if (!err) {
		err = do_pivot_root(&new, &old);
		path_put(&old);
	}
	path_put(&new);
	return err;
}
