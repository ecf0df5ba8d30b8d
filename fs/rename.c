/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rename(): the one operation on two directories.
 *
 * Locks, in this order: the rename mutex of the file system, if the directories differ, for then
 * the tree may change its shape; both directories, an ancestor before what is below it, else by
 * address; both files, directories before others.  With the mutex held no directory changes its
 * ancestors, so what was found out about them stays true.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <oshit/err.h>
#include <oshit/fs.h>
#include <oshit/inotify.h>
#include <oshit/math.h>
#include <oshit/namei.h>

#include "internal.h"

struct rename { /* private to the task that renames */
	struct parent_path old_parent, new_parent; /* in */
	struct inode *old_dir, *new_dir;
	struct dentry *old, *new; /* out  hold references */
	struct inode *victim; /* out  holds a reference: let go when nothing is locked */
	unsigned int flags; /* in   RENAME_ */
};

/* --- locks --- */

static void lock_dirs(struct rename *r)
{
	struct dentry *a = r->old_parent.path.dentry, *b = r->new_parent.path.dentry;

	if (a == b) {
		inode_lock_nested(d_inode(a), I_PARENT);
		return;
	}
	mutex_lock(&a->sb->rename_mutex);
	if (d_is_below(a, b) || (!d_is_below(b, a) && b < a))
		swap(a, b);
	inode_lock_nested(d_inode(a), I_PARENT);
	inode_lock_nested(d_inode(b), I_PARENT2);
}

static void unlock_dirs(struct rename *r)
{
	inode_unlock(r->old_dir);
	if (r->old_dir == r->new_dir)
		return;
	inode_unlock(r->new_dir);
	mutex_unlock(&r->old_dir->sb->rename_mutex);
}

/* The moved and the victim, if it is there and another; by address: both are leaves of the
 * order. */
static void lock_files(struct inode *a, struct inode *b)
{
	if (b && b < a)
		swap(a, b);
	inode_lock_nested(a, I_CHILD);
	if (b && b != a)
		inode_lock_nested(b, I_NORMAL);
}

static void unlock_files(struct inode *a, struct inode *b)
{
	inode_unlock(a);
	if (b && b != a)
		inode_unlock(b);
}

/* --- checks --- */

static bool has_slash(const struct parent_path *parent)
{
	return parent->last.name[parent->last.len];
}

static bool is_dir(const struct dentry *dentry)
{
	return !d_is_negative(dentry) && S_ISDIR(d_inode(dentry)->mode);
}

/* What can be told from names alone. */
static int check_names(const struct rename *r)
{
	if (d_is_negative(r->old))
		return -ENOENT;
	if (r->flags & RENAME_NOREPLACE && !d_is_negative(r->new))
		return -EEXIST;
	if (r->flags & RENAME_EXCHANGE && d_is_negative(r->new))
		return -ENOENT;
	if (!is_dir(r->old) && (has_slash(&r->old_parent) ||
				(!(r->flags & RENAME_EXCHANGE) && has_slash(&r->new_parent))))
		return -ENOTDIR;
	if (r->flags & RENAME_EXCHANGE && !is_dir(r->new) && has_slash(&r->new_parent))
		return -ENOTDIR;
	/* Not into itself, nor over its own ancestor. */
	if (d_is_below(r->new_parent.path.dentry, r->old))
		return -EINVAL;
	if (d_is_below(r->old_parent.path.dentry, r->new))
		return r->flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	return 0;
}

/* Who moves a directory elsewhere writes to it: its ".." changes. */
static int may_move(const struct rename *r, struct dentry *dentry)
{
	if (r->old_dir == r->new_dir || !is_dir(dentry))
		return 0;
	return inode_permission(d_inode(dentry), MAY_WRITE);
}

static int check_rights(const struct rename *r)
{
	enum victim kind = is_dir(r->old) ? VICTIM_DIR : VICTIM_FILE;
	int err = may_delete(r->old_dir, r->old, VICTIM_ANY) ?: may_move(r, r->old);

	if (err)
		return err;
	if (d_is_negative(r->new))
		return may_create(r->new_dir);
	if (r->flags & RENAME_EXCHANGE)
		return may_delete(r->new_dir, r->new, VICTIM_ANY) ?: may_move(r, r->new);
	return may_delete(r->new_dir, r->new, kind);
}

/* --- the work --- */

static int ask_fs(struct rename *r)
{
	struct inode *inode = d_inode(r->old), *other = d_inode(r->new);
	int err;

	if (!r->old_dir->ops->rename)
		return -EPERM;
	lock_files(inode, other);
	if (d_is_mountpoint(r->old) || d_is_mountpoint(r->new))
		err = -EBUSY;
	else
		err = r->old_dir->ops->rename(r->old_dir, r->old, r->new_dir, r->new,
					      r->flags & RENAME_EXCHANGE);
	if (!err && other && !(r->flags & RENAME_EXCHANGE) && S_ISDIR(other->mode))
		other->flags |= S_DEAD;
	unlock_files(inode, other);
	return err;
}

static void update_dcache(struct rename *r)
{
	if (r->flags & RENAME_EXCHANGE) {
		d_exchange(r->old, r->new);
		return;
	}
	if (is_dir(r->new))
		d_prune_children(r->new);
	d_move(r->old, r->new);
}

static void tell_of_one_move(struct inode *from, const struct qstr *old_name, struct inode *to,
			     const struct qstr *new_name, struct inode *inode)
{
	u32 is_directory = inode_is(inode, S_IFDIR) ? IN_ISDIR : 0;
	u32 cookie = inotify_new_cookie();

	inotify_tell(from, IN_MOVED_FROM | is_directory, cookie, old_name);
	inotify_tell(to, IN_MOVED_TO | is_directory, cookie, new_name);
	inotify_tell(inode, IN_MOVE_SELF, 0, NULL);
}

static void tell_of_move(struct rename *r)
{
	const struct qstr *old_name = &r->old_parent.last, *new_name = &r->new_parent.last;

	tell_of_one_move(r->old_dir, old_name, r->new_dir, new_name, d_inode(r->old));
	if (r->flags & RENAME_EXCHANGE)
		tell_of_one_move(r->new_dir, new_name, r->old_dir, old_name, d_inode(r->new));
	else if (r->victim)
		inotify_tell(r->victim, IN_ATTRIB, 0, NULL);
}

/* Both directories are locked. */
static int rename_locked(struct rename *r)
{
	int err;

	r->old = lookup_child_locked(r->old_parent.path.dentry, &r->old_parent.last);
	if (IS_ERR(r->old))
		return PTR_ERR(r->old);
	r->new = lookup_child_locked(r->new_parent.path.dentry, &r->new_parent.last);
	if (IS_ERR(r->new))
		return PTR_ERR(r->new);
	err = check_names(r);
	if (err || d_inode(r->old) == d_inode(r->new))
		return err; /* two names of one file: nothing to do */
	err = check_rights(r);
	if (err)
		return err;
	r->victim = d_inode(r->new);
	if (r->victim)
		ihold(r->victim);
	err = ask_fs(r);
	if (!err)
		update_dcache(r);
	if (!err && inotify_is_used())
		tell_of_move(r);
	return err;
}

static int rename_between(struct rename *r)
{
	int err;

	if (r->old_parent.path.mnt != r->new_parent.path.mnt)
		return -EXDEV;
	if (r->old_parent.type != LAST_NAME)
		return -EBUSY;
	if (r->new_parent.type != LAST_NAME)
		return r->flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	err = mnt_want_write(r->old_parent.path.mnt);
	if (err)
		return err;
	r->old_dir = d_inode(r->old_parent.path.dentry);
	r->new_dir = d_inode(r->new_parent.path.dentry);
	lock_dirs(r);
	err = rename_locked(r);
	if (!IS_ERR_OR_NULL(r->new))
		dput(r->new);
	if (!IS_ERR_OR_NULL(r->old))
		dput(r->old);
	unlock_dirs(r);
	if (r->victim)
		iput(r->victim);
	mnt_drop_write(r->old_parent.path.mnt);
	return err;
}

int do_renameat2(const struct name_at *old, const struct name_at *new, unsigned int flags)
{
	struct rename r = { .flags = flags };
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE) ||
	    (flags & RENAME_EXCHANGE && flags & RENAME_NOREPLACE))
		return -EINVAL;
	err = path_parent(old->dfd, old->name, &r.old_parent);
	if (err)
		return err;
	err = path_parent(new->dfd, new->name, &r.new_parent);
	if (!err) {
		err = rename_between(&r);
		path_put(&r.new_parent.path);
	}
	path_put(&r.old_parent.path);
	return err;
}
