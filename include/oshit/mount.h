/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mounts: a tree of file systems.  A place is a path: a dentry, and the mount through which one
 * came there.  The theory is at the head of fs/namespace.c.
 */
#ifndef OSHIT_MOUNT_H
#define OSHIT_MOUNT_H

#include <oshit/atomic.h>
#include <oshit/list.h>
#include <oshit/refcount.h>
#include <oshit/types.h>

struct dentry;
struct super_block;

struct path {
	struct mount *mnt;
	struct dentry *dentry;
};

#define MNT_READONLY	0x001u
#define MNT_NOSUID	0x002u
#define MNT_NODEV	0x004u
#define MNT_NOEXEC	0x008u
#define MNT_NOATIME	0x010u
#define MNT_NODIRATIME	0x020u
#define MNT_STRICTATIME 0x040u /* not by the rules of relatime */
#define MNT_NOSYMFOLLOW 0x080u
#define MNT_ATIME_FLAGS (MNT_NOATIME | MNT_NODIRATIME | MNT_STRICTATIME)
/* Not of the user: kept when the others change. */
#define MNT_UNBINDABLE	0x100u
#define MNT_WRITE_HOLD	0x200u /* writers wait: it may become read-only */
#define MNT_INTERNAL	(MNT_UNBINDABLE | MNT_WRITE_HOLD)

struct mount { /* m: mount_lock   a: atomic   i: constant */
	refcount_t refs; /* a  paths, and 1 of the tree */
	struct super_block *sb; /* i  holds a reference */
	struct dentry *root; /* i  holds a reference */
	struct mount *parent; /* m  itself: in no tree, or its root. Holds a reference */
	struct dentry *mountpoint; /* m  in @parent. Holds a reference */
	struct list_head node; /* m  in the list of all that are in a tree */
	struct list_head children; /* m */
	struct list_head sibling; /* m */
	unsigned int flags; /* m  MNT_; read by anybody */
	atomic_t writers; /* a  who changes something, and files open for writing */
	bool is_expiring; /* a  umount2() has asked once, and nobody was here since */
	struct mount *copy; /* mount_mutex  while a tree is copied */
	struct path was; /* of who takes it out of the tree: where it hung, with references */
	unsigned int id; /* i */
	char *device; /* i  name for /proc/mounts */
};

static inline struct mount *mntget(struct mount *mnt)
{
	refcount_inc(&mnt->refs);
	return mnt;
}

/* NULL is ignored. May sleep. */
void mntput(struct mount *mnt);
/* The same for umount2(): a mount that is to expire has not been used by that. Not of NULL. */
void mntput_no_expire(struct mount *mnt);

static inline bool path_equal(const struct path *a, const struct path *b)
{
	return a->mnt == b->mnt && a->dentry == b->dentry;
}

void path_get(const struct path *path);
void path_put(const struct path *path);

/* What is mounted on @path takes its place, and on that, and so on. References move along. */
void follow_mounts(struct path *path);
/* From the root of a mount to where it is mounted. Return: false if it is at the top. */
bool follow_up(struct path *path);

/* The mount in the tree with the least id not below @id, with a reference; NULL: none. Any task. */
struct mount *mount_next(unsigned int id);
/* The id of what it hangs on; its own: nothing. Any task. */
unsigned int mount_parent_id(const struct mount *mnt);

/* Something is to be changed through the mount: it does not become read-only until
 * mnt_drop_write(). 0; -EROFS. Any task. */
int mnt_want_write(struct mount *mnt);
void mnt_drop_write(struct mount *mnt);
/* Whether mnt_want_write() would fail now. */
bool mnt_is_readonly(const struct mount *mnt);

/* Boot: the root file system, an empty ramfs. */
void mount_rootfs(void);
/* The root of that; constant afterwards. */
extern struct path rootfs_path;

/* A mount of @type in no tree, for the kernel itself; mntput() ends it. ERR_PTR(-errno). */
struct mount *kern_mount(const char *type, const char *device, const void *data);

/* Mounts on @path, whose mount is in the tree. May sleep. 0 or -errno of mount(2). */
int do_add_mount(struct mount *mnt, struct path *path);

/* What is at @old is shown at @path, too; with the mounts below it. 0 or -errno of mount(2). */
int do_bind_mount(const struct path *old, struct path *path);
int do_bind_mount_tree(const struct path *old, struct path *path);
/* The mount whose root is @old hangs at @path from now on. */
int do_move_mount(const struct path *old, struct path *path);
/* Other flags of @mnt, and no others. 0; -EBUSY: it is written to, and was to become read-only. */
int mount_set_flags(struct mount *mnt, unsigned int flags);
/* The same, and the file system becomes read-only if the mount does, and has @options: all of that
 * or, with -errno, nothing. May sleep. */
int do_remount(struct mount *mnt, unsigned int flags, const char *options);
/* What it shows is read-only, wherever it is mounted, or not any more. 0; -EBUSY. */
int super_set_readonly(struct super_block *sb, bool readonly);
/* Whether it may be bound elsewhere. */
void mount_set_unbindable(struct mount *mnt, bool unbindable);
/* The mount at @new becomes the root of all whose root was the caller's, and that hangs at
 * @put_old. 0 or -errno of pivot_root(2). */
int do_pivot_root(const struct path *new, const struct path *put_old);

/* Of umount2(); no header of the ABI has them. */
#define MNT_FORCE	0x1
#define MNT_DETACH	0x2 /* although it is used */
#define MNT_EXPIRE	0x4
#define UMOUNT_NOFOLLOW 0x8
/* The caller has a reference to @mnt. 0 or -errno. */
int do_umount(struct mount *mnt, int flags);

#endif
