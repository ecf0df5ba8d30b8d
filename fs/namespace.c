/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tree of mounts.
 *
 * A mount shows a file system somewhere: it hangs at a dentry of its parent mount.  Such a dentry
 * is marked D_MOUNTED while some mount hangs there, and only then does a walk look for the mount
 * in the list of all.
 *
 * A mount in the tree has one reference for that, and each path one.  A walk takes its reference
 * under mount_lock; so under it a mount without other references is known to stay unused, and can
 * be taken out.  One that is taken out in spite of users lives until the last of them goes.
 *
 * Locks: mount_mutex for changes of the tree, around mount_lock for its links.  mount_lock is
 * inside of the rename lock.
 *
 * Left out: namespaces, propagation, bind mounts, mounts that move.
 */
#include <linux/errno.h>
#include <linux/mount.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/mutex.h>
#include <oshit/panic.h>
#include <oshit/slab.h>

#include "internal.h"

DEFINE_SPINLOCK(mount_lock);
static DEFINE_MUTEX(mount_mutex);
static LIST_HEAD(mounts); /* under mount_lock: all in the tree but its root */
static atomic_t next_id;

struct path rootfs_path;

void path_get(const struct path *path)
{
	mntget(path->mnt);
	dget(path->dentry);
}

void path_put(const struct path *path)
{
	dput(path->dentry);
	mntput(path->mnt);
}

static struct mount *alloc_mount(struct super_block *sb, const char *device)
{
	struct mount *mnt = kzalloc(sizeof(*mnt), GFP_KERNEL);

	if (!mnt)
		return NULL;
	mnt->device = kstrdup(device, GFP_KERNEL);
	if (!mnt->device) {
		kfree(mnt);
		return NULL;
	}
	refcount_set(&mnt->refs, 1);
	mnt->sb = sb;
	mnt->root = dget(sb->root);
	mnt->parent = mnt;
	mnt->id = atomic_inc_return(&next_id);
	INIT_LIST_HEAD(&mnt->node);
	INIT_LIST_HEAD(&mnt->children);
	INIT_LIST_HEAD(&mnt->sibling);
	return mnt;
}

struct mount *kern_mount(const char *type_name, const char *device, const void *data)
{
	struct file_system_type *type = find_filesystem(type_name);
	struct super_block *sb;
	struct mount *mnt;

	if (!type)
		return ERR_PTR(-ENODEV);
	sb = mount_super(type, data);
	if (IS_ERR(sb))
		return ERR_CAST(sb);
	mnt = alloc_mount(sb, device ?: "none");
	if (mnt)
		return mnt;
	super_put(sb);
	return ERR_PTR(-ENOMEM);
}

void mntput(struct mount *mnt)
{
	if (!mnt || !refcount_dec_and_test(&mnt->refs))
		return;
	dput(mnt->root);
	super_put(mnt->sb);
	kfree(mnt->device);
	kfree(mnt);
}

/* What is mounted there, with a reference; NULL: nothing. */
static struct mount *lookup_mount(const struct path *path)
{
	struct mount *mnt, *found = NULL;

	spin_lock(&mount_lock);
	list_for_each_entry(mnt, &mounts, node) {
		if (mnt->mountpoint == path->dentry && mnt->parent == path->mnt) {
			found = mntget(mnt);
			break;
		}
	}
	spin_unlock(&mount_lock);
	return found;
}

void follow_mounts(struct path *path)
{
	struct mount *mnt;

	while (d_is_mountpoint(path->dentry) && (mnt = lookup_mount(path))) {
		path_put(path);
		path->mnt = mnt;
		path->dentry = dget(mnt->root);
	}
}

bool follow_up(struct path *path)
{
	struct path up;

	spin_lock(&mount_lock);
	up.mnt = path->mnt->parent;
	if (up.mnt == path->mnt) {
		spin_unlock(&mount_lock);
		return false;
	}
	mntget(up.mnt);
	up.dentry = dget(path->mnt->mountpoint);
	spin_unlock(&mount_lock);
	path_put(path);
	*path = up;
	return true;
}

struct mount *mount_next(unsigned int id)
{
	struct mount *mnt, *found = rootfs_path.mnt->id >= id ? rootfs_path.mnt : NULL;

	spin_lock(&mount_lock);
	list_for_each_entry(mnt, &mounts, node)
		if (mnt->id >= id && (!found || mnt->id < found->id))
			found = mnt;
	if (found)
		mntget(found);
	spin_unlock(&mount_lock);
	return found;
}

unsigned int mount_parent_id(const struct mount *mnt)
{
	unsigned int id;

	spin_lock(&mount_lock);
	id = mnt->parent->id;
	spin_unlock(&mount_lock);
	return id;
}

int mnt_want_write(const struct mount *mnt)
{
	if (READ_ONCE(mnt->flags) & MNT_READONLY || READ_ONCE(mnt->sb->flags) & SB_RDONLY)
		return -EROFS;
	return 0;
}

/* Hangs @mnt at @path, whose references it takes over. Under mount_mutex. */
static void attach_mount(struct mount *mnt, const struct path *path)
{
	lockdep_assert_held(&mount_mutex);
	spin_lock(&mount_lock);
	atomic64_or(D_MOUNTED, &path->dentry->state);
	mnt->parent = path->mnt;
	mnt->mountpoint = path->dentry;
	list_add_tail(&mnt->node, &mounts);
	list_add_tail(&mnt->sibling, &path->mnt->children);
	spin_unlock(&mount_lock);
}

static bool has_mount(const struct dentry *dentry)
{
	struct mount *mnt;

	list_for_each_entry(mnt, &mounts, node)
		if (mnt->mountpoint == dentry)
			return true;
	return false;
}

/* Out of the tree; the references that attach_mount() took over go to *@at. Under mount_lock. */
static void detach_mount(struct mount *mnt, struct path *at)
{
	*at = (struct path){ mnt->parent, mnt->mountpoint };
	list_del_init(&mnt->node);
	list_del_init(&mnt->sibling);
	mnt->parent = mnt;
	mnt->mountpoint = NULL;
	if (!has_mount(at->dentry))
		atomic64_andnot(D_MOUNTED, &at->dentry->state);
}

static bool is_attached(const struct mount *mnt)
{
	return mnt->parent != mnt || mnt == rootfs_path.mnt;
}

int do_add_mount(struct mount *mnt, struct path *path)
{
	struct path at = *path;
	int err = 0;

	path_get(&at);
	mutex_lock(&mount_mutex);
	follow_mounts(&at); /* on top of what was mounted meanwhile */
	if (S_ISDIR(d_inode(at.dentry)->mode) != S_ISDIR(d_inode(mnt->root)->mode))
		err = -ENOTDIR;
	else if (!is_attached(at.mnt))
		err = -EINVAL;
	else if (at.dentry != at.mnt->root && !d_is_hashed(at.dentry))
		err = -ENOENT;
	else
		attach_mount(mnt, &at);
	mutex_unlock(&mount_mutex);
	if (err)
		path_put(&at);
	return err;
}

/* @mnt and what hangs on it comes out of the tree, one mount after the other. */
static void detach_tree(struct mount *mnt)
{
	struct mount *leaf;
	struct path at;

	do {
		spin_lock(&mount_lock);
		leaf = mnt;
		while (!list_empty(&leaf->children))
			leaf = list_first_entry(&leaf->children, struct mount, sibling);
		detach_mount(leaf, &at);
		spin_unlock(&mount_lock);
		path_put(&at);
		mntput(leaf);
	} while (leaf != mnt);
}

/* Whether only the tree and the caller have @mnt; it is out of the tree then. */
static bool detach_if_unused(struct mount *mnt, struct path *at)
{
	bool unused;

	spin_lock(&mount_lock);
	unused = refcount_read(&mnt->refs) == 2 && list_empty(&mnt->children);
	if (unused)
		detach_mount(mnt, at);
	spin_unlock(&mount_lock);
	return unused;
}

int do_umount(struct mount *mnt, int flags)
{
	struct path at;
	int err = 0;

	mutex_lock(&mount_mutex);
	if (!is_attached(mnt) || mnt == rootfs_path.mnt) {
		err = -EINVAL;
	} else if (flags & MNT_DETACH) {
		detach_tree(mnt);
	} else if (detach_if_unused(mnt, &at)) {
		path_put(&at);
		mntput(mnt);
	} else {
		err = -EBUSY;
	}
	mutex_unlock(&mount_mutex);
	return err;
}

__init void mount_rootfs(void)
{
	struct mount *mnt = kern_mount("rootfs", "rootfs", NULL);

	if (IS_ERR(mnt))
		panic("rootfs: %ld", PTR_ERR(mnt));
	rootfs_path = (struct path){ mnt, mnt->root };
}
