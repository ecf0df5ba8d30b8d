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
 * What a mount shows is a dentry and all below it: mount.root, which is the root of the file
 * system, or, of a bind mount, any place.  Through a bind mount one can get outside of it, by ".."
 * from a folder that has been moved out while one stood in it; walks look for that (fs/namei.c).
 *
 * Who changes something counts as a writer of the mount and of the file system.  To make either
 * read-only, writers that come are held up for the time of a look at the count: then there are none
 * and none comes, or it is EBUSY.
 *
 * Locks: mount_mutex for changes of the tree and remounts, around the rwsem of the inode where
 * something is mounted, around mount_lock for links and flags.  mount_lock is inside of the rename
 * lock.
 *
 * Left out: namespaces and propagation, so all mounts are private.
 */
#include <linux/errno.h>
#include <linux/mount.h>
#include <arch/processor.h>
#include <oshit/files.h>
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

/* Takes over the reference to @sb, if it succeeds. */
static struct mount *alloc_mount(struct super_block *sb, struct dentry *root, const char *device)
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
	mnt->root = dget(root);
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
	mnt = alloc_mount(sb, sb->root, device ?: "none");
	if (mnt)
		return mnt;
	super_put(sb);
	return ERR_PTR(-ENOMEM);
}

void mntput_no_expire(struct mount *mnt)
{
	if (!refcount_dec_and_test(&mnt->refs))
		return;
	dput(mnt->root);
	super_put(mnt->sb);
	kfree(mnt->device);
	kfree(mnt);
}

void mntput(struct mount *mnt)
{
	if (!mnt)
		return;
	if (unlikely(READ_ONCE(mnt->is_expiring)))
		WRITE_ONCE(mnt->is_expiring, false);
	mntput_no_expire(mnt);
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

/* --- who writes --- */

bool mnt_is_readonly(const struct mount *mnt)
{
	/* In this order: that the file system may be written to again was said after the mount
	 * became read-only, if both are so (mount_set_flags()). */
	return smp_load_acquire(&mnt->sb->flags) & SB_RDONLY ||
	       READ_ONCE(mnt->flags) & MNT_READONLY;
}

int mnt_want_write(struct mount *mnt)
{
	atomic_inc(&mnt->writers);
	atomic_inc(&mnt->sb->writers);
	/* Pairs with the barrier in has_writers(): we see that we are held, or are counted. */
	smp_mb();
	while (READ_ONCE(mnt->flags) & MNT_WRITE_HOLD || READ_ONCE(mnt->sb->flags) & SB_WRITE_HOLD)
		cpu_relax();
	if (!mnt_is_readonly(mnt))
		return 0;
	mnt_drop_write(mnt);
	return -EROFS;
}

void mnt_drop_write(struct mount *mnt)
{
	atomic_dec(&mnt->sb->writers);
	atomic_dec(&mnt->writers);
}

/* Holds writers up by the flag @hold, for the caller to let them go. Under mount_lock. */
static bool has_writers(const atomic_t *writers, unsigned int *flags, unsigned int hold)
{
	WRITE_ONCE(*flags, *flags | hold);
	smp_mb();
	return atomic_read(writers);
}

int mount_set_flags(struct mount *mnt, unsigned int flags)
{
	int err = 0;

	spin_lock(&mount_lock);
	/* Nobody writes where the file system is read-only: who is counted is being refused. */
	if (flags & MNT_READONLY &&
	    !((mnt->flags & MNT_READONLY) || (mnt->sb->flags & SB_RDONLY)) &&
	    has_writers(&mnt->writers, &mnt->flags, MNT_WRITE_HOLD))
		err = -EBUSY;
	if (err)
		WRITE_ONCE(mnt->flags, mnt->flags & ~MNT_WRITE_HOLD);
	else
		WRITE_ONCE(mnt->flags, (mnt->flags & MNT_UNBINDABLE) | flags);
	spin_unlock(&mount_lock);
	return err;
}

void mount_set_unbindable(struct mount *mnt, bool unbindable)
{
	unsigned int flags;

	spin_lock(&mount_lock);
	flags = mnt->flags & ~MNT_UNBINDABLE;
	WRITE_ONCE(mnt->flags, flags | (unbindable ? MNT_UNBINDABLE : 0));
	spin_unlock(&mount_lock);
}

int super_set_readonly(struct super_block *sb, bool readonly)
{
	unsigned int flags = readonly ? SB_RDONLY : 0;
	int err = 0;

	spin_lock(&mount_lock);
	if (readonly && !(sb->flags & SB_RDONLY) &&
	    has_writers(&sb->writers, &sb->flags, SB_WRITE_HOLD))
		err = -EBUSY;
	if (err)
		WRITE_ONCE(sb->flags, sb->flags & ~SB_WRITE_HOLD);
	else
		/* Pairs with mnt_is_readonly(). */
		smp_store_release(&sb->flags, (sb->flags & ~(SB_RDONLY | SB_WRITE_HOLD)) | flags);
	spin_unlock(&mount_lock);
	return err;
}

/* Each step can be taken back: while it is read-only, nobody has written. Under mount_mutex. */
static int change_super(struct super_block *sb, bool readonly, const char *options)
{
	bool was_readonly = READ_ONCE(sb->flags) & SB_RDONLY;
	int err = readonly ? super_set_readonly(sb, true) : 0;

	if (!err && sb->ops->remount) {
		err = sb->ops->remount(sb, options);
		if (err && readonly && !was_readonly)
			super_set_readonly(sb, false);
	}
	if (!err && !readonly)
		err = super_set_readonly(sb, false);
	return err;
}

int do_remount(struct mount *mnt, unsigned int flags, const char *options)
{
	int err;

	mutex_lock(&mount_mutex);
	err = change_super(mnt->sb, flags & MNT_READONLY, options);
	/* Cannot fail: if it is to be read-only, the file system is. */
	err = err ?: mount_set_flags(mnt, flags);
	mutex_unlock(&mount_mutex);
	return err;
}

/* --- links --- */

/* Hangs @mnt at @path, whose references it takes over. Under mount_mutex and mount_lock. */
static void attach_mount_locked(struct mount *mnt, const struct path *path)
{
	atomic64_or(D_MOUNTED, &path->dentry->state);
	mnt->parent = path->mnt;
	mnt->mountpoint = path->dentry;
	list_add_tail(&mnt->node, &mounts);
	list_add_tail(&mnt->sibling, &path->mnt->children);
}

static void attach_mount(struct mount *mnt, const struct path *path)
{
	lockdep_assert_held(&mount_mutex);
	spin_lock(&mount_lock);
	attach_mount_locked(mnt, path);
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

static bool has_parent(const struct mount *mnt)
{
	return mnt->parent != mnt;
}

/*
 * Begins to mount at @path, on top of what is there: *@at gets the place, with references.  Nobody
 * removes it until unlock_place().
 */
static void lock_place(const struct path *path, struct path *at)
{
	*at = *path;
	path_get(at);
	mutex_lock(&mount_mutex);
	follow_mounts(at);
	inode_lock(d_inode(at->dentry));
}

/* @at: the references go unless something was mounted there: *@err is 0 then. */
static void unlock_place(struct path *at, int err)
{
	inode_unlock(d_inode(at->dentry));
	mutex_unlock(&mount_mutex);
	if (err)
		path_put(at);
}

/* Whether something with the root @root can be mounted at @at, which is locked. */
static int check_place(const struct path *at, const struct dentry *root)
{
	if (S_ISDIR(d_inode(at->dentry)->mode) != S_ISDIR(d_inode(root)->mode))
		return -ENOTDIR;
	if (!is_attached(at->mnt))
		return -EINVAL;
	return at->dentry != at->mnt->root && !d_is_hashed(at->dentry) ? -ENOENT : 0;
}

int do_add_mount(struct mount *mnt, struct path *path)
{
	struct path at;
	int err;

	lock_place(path, &at);
	err = check_place(&at, mnt->root);
	if (!err && at.mnt->sb == mnt->sb && at.dentry == at.mnt->root)
		err = -EBUSY; /* the same once more */
	if (!err)
		attach_mount(mnt, &at);
	unlock_place(&at, err);
	return err;
}

/* --- taking away --- */

/*
 * What comes out of the tree is collected, and its references are dropped when all locks are: the
 * last one of a mount may be the end of a file system, which takes as long as there are files.
 */
static void detach_to(struct list_head *gone, struct mount *mnt)
{
	detach_mount(mnt, &mnt->was);
	list_add_tail(&mnt->node, gone);
}

static void put_gone(struct list_head *gone)
{
	struct mount *mnt, *next;

	list_for_each_entry_safe(mnt, next, gone, node) {
		list_del_init(&mnt->node);
		path_put(&mnt->was);
		mntput(mnt);
	}
}

/* What hangs on @mnt comes out of the tree, one mount after the other. */
static void detach_children(struct mount *mnt, struct list_head *gone)
{
	struct mount *leaf;

	while (!list_empty(&mnt->children)) {
		spin_lock(&mount_lock);
		leaf = mnt;
		while (!list_empty(&leaf->children))
			leaf = list_first_entry(&leaf->children, struct mount, sibling);
		detach_to(gone, leaf);
		spin_unlock(&mount_lock);
	}
}

/* @mnt, too, which is attached. */
static void detach_tree(struct mount *mnt, struct list_head *gone)
{
	detach_children(mnt, gone);
	spin_lock(&mount_lock);
	detach_to(gone, mnt);
	spin_unlock(&mount_lock);
}

/* 0: only the tree and the caller have @mnt, and it is out of the tree, or, if it is to expire, was
 * marked before; -EBUSY; -EAGAIN: it is marked now. */
static int detach_if_unused(struct mount *mnt, int flags, struct list_head *gone)
{
	int err = 0;

	spin_lock(&mount_lock);
	if (refcount_read(&mnt->refs) != 2 || !list_empty(&mnt->children))
		err = -EBUSY;
	else if (flags & MNT_EXPIRE && !mnt->is_expiring)
		err = -EAGAIN;
	if (!err)
		detach_to(gone, mnt);
	else if (err == -EAGAIN)
		WRITE_ONCE(mnt->is_expiring, true);
	spin_unlock(&mount_lock);
	return err;
}

static bool is_own_root(const struct mount *mnt)
{
	struct path root;
	bool is;

	get_fs_root(&root);
	is = root.mnt == mnt;
	path_put(&root);
	return is;
}

static int umount_locked(struct mount *mnt, int flags, struct list_head *gone)
{
	if (!is_attached(mnt))
		return -EINVAL;
	if (flags & MNT_EXPIRE && (is_own_root(mnt) || flags & (MNT_FORCE | MNT_DETACH)))
		return -EINVAL;
	/* What one stands on stays, but nothing is written to it any more. */
	if (is_own_root(mnt) && !(flags & MNT_DETACH))
		return super_set_readonly(mnt->sb, true);
	if (mnt == rootfs_path.mnt)
		return -EINVAL;
	if (flags & MNT_DETACH) {
		detach_tree(mnt, gone);
		return 0;
	}
	return detach_if_unused(mnt, flags, gone);
}

int do_umount(struct mount *mnt, int flags)
{
	LIST_HEAD(gone);
	int err;

	mutex_lock(&mount_mutex);
	err = umount_locked(mnt, flags, &gone);
	mutex_unlock(&mount_mutex);
	put_gone(&gone);
	return err;
}

/* --- binding --- */

/* Shows @root, which @mnt shows. In no tree; NULL: no memory. */
static struct mount *clone_mount(struct mount *mnt, struct dentry *root)
{
	struct mount *new;

	refcount_inc(&mnt->sb->refs);
	new = alloc_mount(mnt->sb, root, mnt->device);
	if (new)
		new->flags = READ_ONCE(mnt->flags) & ~MNT_INTERNAL;
	else
		super_put(mnt->sb);
	return new;
}

enum walk_below { WALK_BELOW, WALK_PAST };

/* All mounts of the tree under @top, parents first; NULL: no more. Under mount_mutex. */
static struct mount *next_below(struct mount *mnt, const struct mount *top, enum walk_below how)
{
	if (how == WALK_BELOW && !list_empty(&mnt->children))
		return list_first_entry(&mnt->children, struct mount, sibling);
	for (; mnt != top; mnt = mnt->parent)
		if (!list_is_last(&mnt->sibling, &mnt->parent->children))
			return list_next_entry(mnt, sibling);
	return NULL;
}

/* Whether what is mounted there is seen below @root, which @top shows, and may be bound. */
static bool is_copied(const struct mount *mnt, const struct mount *top, struct dentry *root)
{
	if (READ_ONCE(mnt->flags) & MNT_UNBINDABLE)
		return false;
	return mnt->parent != top || d_is_below(mnt->mountpoint, root);
}

/* And the copies of what hangs on @top below @root hang on @copy. 0 or -ENOMEM. */
static int copy_children(struct mount *top, struct dentry *root, struct mount *copy)
{
	struct mount *mnt = next_below(top, top, WALK_BELOW), *new;
	struct path at;

	top->copy = copy;
	while (mnt) {
		if (!is_copied(mnt, top, root)) {
			mnt = next_below(mnt, top, WALK_PAST);
			continue;
		}
		new = clone_mount(mnt, mnt->root);
		if (!new)
			return -ENOMEM;
		mnt->copy = new;
		at = (struct path){ mnt->parent->copy, mnt->mountpoint };
		path_get(&at);
		attach_mount(new, &at);
		mnt = next_below(mnt, top, WALK_BELOW);
	}
	return 0;
}

enum bind_what { BIND_ONE, BIND_TREE };

static int bind(const struct path *old, const struct path *at, enum bind_what what,
		struct list_head *gone)
{
	struct mount *mnt;
	int err = check_place(at, old->dentry);

	if (err)
		return err;
	if (!is_attached(old->mnt) || READ_ONCE(old->mnt->flags) & MNT_UNBINDABLE)
		return -EINVAL;
	mnt = clone_mount(old->mnt, old->dentry);
	if (!mnt)
		return -ENOMEM;
	err = what == BIND_TREE ? copy_children(old->mnt, old->dentry, mnt) : 0;
	if (!err) {
		attach_mount(mnt, at);
		return 0;
	}
	detach_children(mnt, gone);
	list_add_tail(&mnt->node, gone);
	return err;
}

static int bind_at(const struct path *old, struct path *path, enum bind_what what)
{
	LIST_HEAD(gone);
	struct path at;
	int err;

	lock_place(path, &at);
	err = bind(old, &at, what, &gone);
	unlock_place(&at, err);
	put_gone(&gone);
	return err;
}

int do_bind_mount(const struct path *old, struct path *path)
{
	return bind_at(old, path, BIND_ONE);
}

int do_bind_mount_tree(const struct path *old, struct path *path)
{
	return bind_at(old, path, BIND_TREE);
}

/* --- moving --- */

static bool is_on(const struct mount *mnt, const struct mount *below)
{
	for (; mnt != below; mnt = mnt->parent)
		if (!has_parent(mnt))
			return false;
	return true;
}

static int check_move(const struct path *old, const struct path *at)
{
	if (old->dentry != old->mnt->root || !has_parent(old->mnt) || !is_attached(at->mnt) ||
	    S_ISDIR(d_inode(at->dentry)->mode) != S_ISDIR(d_inode(old->dentry)->mode))
		return -EINVAL;
	if (is_on(at->mnt, old->mnt))
		return -ELOOP;
	return check_place(at, old->dentry);
}

int do_move_mount(const struct path *old, struct path *path)
{
	struct path at, was;
	int err;

	lock_place(path, &at);
	err = check_move(old, &at);
	if (!err) {
		spin_lock(&mount_lock);
		detach_mount(old->mnt, &was);
		attach_mount_locked(old->mnt, &at);
		spin_unlock(&mount_lock);
	}
	unlock_place(&at, err);
	if (!err)
		path_put(&was);
	return err;
}

/* Whether @path is seen from @root on. Under mount_mutex. */
static bool is_reachable(struct path path, const struct path *root)
{
	while (path.mnt != root->mnt && has_parent(path.mnt))
		path = (struct path){ path.mnt->parent, path.mnt->mountpoint };
	return path.mnt == root->mnt && d_is_below(path.dentry, root->dentry);
}

static int check_pivot(const struct path *root, const struct path *new, const struct path *at)
{
	if (!is_attached(root->mnt) || !is_attached(new->mnt))
		return -EINVAL;
	if (new->dentry != new->mnt->root && !d_is_hashed(new->dentry))
		return -ENOENT;
	if (new->mnt == root->mnt || at->mnt == root->mnt)
		return -EBUSY;
	if (root->dentry != root->mnt->root || !has_parent(root->mnt) ||
	    new->dentry != new->mnt->root || !has_parent(new->mnt))
		return -EINVAL;
	if (!is_reachable(*at, new) || !is_reachable(*new, root))
		return -EINVAL;
	return check_place(at, root->dentry);
}

int do_pivot_root(const struct path *new, const struct path *put_old)
{
	struct path root, at, new_at, root_at;
	int err;

	lock_place(put_old, &at);
	get_fs_root(&root);
	err = check_pivot(&root, new, &at);
	if (!err) {
		spin_lock(&mount_lock);
		detach_mount(new->mnt, &new_at);
		detach_mount(root.mnt, &root_at);
		attach_mount_locked(root.mnt, &at);
		attach_mount_locked(new->mnt, &root_at);
		spin_unlock(&mount_lock);
		/* Before anybody makes another mount the root. */
		replace_fs_places(&root, new);
	}
	unlock_place(&at, err);
	if (!err)
		path_put(&new_at);
	path_put(&root);
	return err;
}

__init void mount_rootfs(void)
{
	struct mount *mnt = kern_mount("rootfs", "rootfs", NULL);

	if (IS_ERR(mnt))
		panic("rootfs: %ld", PTR_ERR(mnt));
	rootfs_path = (struct path){ mnt, mnt->root };
}
