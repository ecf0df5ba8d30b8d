/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names come, go and move: mkdir(), mknod(), symlink(), link(), unlink(), rmdir(), rename().
 *
 * Each walks to the directory, locks it, looks the last component up, checks, asks the file system,
 * and brings the dentry cache up to date, in this order.
 *
 * Locks: the directory's rwsem, then that of what is removed.  A rename takes, if the directories
 * differ, the rename mutex of the file system, so that no directory can become its own ancestor
 * meanwhile; then the directories, an ancestor before what is below it; then the two files.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/inotify.h>
#include <oshit/namei.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>

#include "internal.h"

/* --- permissions --- */

int may_create(struct inode *dir)
{
	if (dir->flags & S_DEAD)
		return -ENOENT;
	return inode_permission(dir, MAY_WRITE | MAY_EXEC);
}

/* In a sticky directory only the owners of it and of the file remove. */
static bool is_sticky_for(const struct inode *dir, const struct inode *inode)
{
	u32 fsuid = current_cred()->fsuid;

	return dir->mode & S_ISVTX && inode->uid != fsuid && dir->uid != fsuid &&
	       !capable(CAP_FOWNER);
}

int may_delete(struct inode *dir, struct dentry *dentry, enum victim kind)
{
	struct inode *inode = d_inode(dentry);
	int err = inode_permission(dir, MAY_WRITE | MAY_EXEC);

	if (err)
		return err;
	if (is_sticky_for(dir, inode))
		return -EPERM;
	if (kind == VICTIM_DIR && !S_ISDIR(inode->mode))
		return -ENOTDIR;
	if (kind == VICTIM_DIR && dentry == dentry->sb->root)
		return -EBUSY;
	if (kind == VICTIM_FILE && S_ISDIR(inode->mode))
		return -EISDIR;
	return dir->flags & S_DEAD ? -ENOENT : 0;
}

/* --- making --- */

int vfs_create(struct inode *dir, struct dentry *dentry, unsigned int mode)
{
	int err = may_create(dir);

	if (err)
		return err;
	return dir->ops->create ? dir->ops->create(dir, dentry, mode) : -EACCES;
}

int vfs_mkdir(struct inode *dir, struct dentry *dentry, unsigned int mode)
{
	int err = may_create(dir);

	if (err)
		return err;
	return dir->ops->mkdir ? dir->ops->mkdir(dir, dentry, mode & (0777 | S_ISVTX)) : -EPERM;
}

int vfs_mknod(struct inode *dir, struct dentry *dentry, unsigned int mode, u32 dev)
{
	int err = may_create(dir);

	if (err)
		return err;
	if ((S_ISCHR(mode) || S_ISBLK(mode)) && !capable(CAP_MKNOD))
		return -EPERM;
	return dir->ops->mknod ? dir->ops->mknod(dir, dentry, mode, dev) : -EPERM;
}

int vfs_symlink(struct inode *dir, struct dentry *dentry, const char *body)
{
	int err = may_create(dir);

	if (err)
		return err;
	return dir->ops->symlink ? dir->ops->symlink(dir, dentry, body) : -EPERM;
}

/* The dentry at @parent's last component, if nothing is there. Its directory is locked. */
static struct dentry *lookup_new(struct parent_path *parent, unsigned int flags)
{
	struct dentry *dentry = lookup_child_locked(parent->path.dentry, &parent->last);
	int err = 0;

	if (IS_ERR(dentry))
		return dentry;
	if (!d_is_negative(dentry))
		err = -EEXIST;
	else if (parent->last.name[parent->last.len] && !(flags & LOOKUP_DIRECTORY))
		err = -ENOENT; /* a slash behind what is to be no directory */
	else
		err = mnt_want_write(parent->path.mnt);
	if (!err)
		return dentry;
	dput(dentry);
	return ERR_PTR(err);
}

struct dentry *start_create(int dfd, const char *name, unsigned int flags,
			    struct parent_path *parent)
{
	struct dentry *dentry;
	int err = path_parent(dfd, name, parent);

	if (err)
		return ERR_PTR(err);
	if (parent->type != LAST_NAME) {
		path_put(&parent->path);
		return ERR_PTR(-EEXIST);
	}
	inode_lock_nested(d_inode(parent->path.dentry), I_PARENT);
	dentry = lookup_new(parent, flags);
	if (IS_ERR(dentry)) {
		inode_unlock(d_inode(parent->path.dentry));
		path_put(&parent->path);
	}
	return dentry;
}

void end_create(struct parent_path *parent, struct dentry *dentry)
{
	dput(dentry);
	inode_unlock(d_inode(parent->path.dentry));
	mnt_drop_write(parent->path.mnt);
	path_put(&parent->path);
}

/* The directory is locked. */
static void tell_of_new(const struct parent_path *parent, struct dentry *dentry, int err)
{
	if (!err)
		notify_name(d_inode(parent->path.dentry), &dentry->name, d_inode(dentry),
			    IN_CREATE);
}

int do_mkdirat(int dfd, const char *name, unsigned int mode)
{
	struct parent_path parent;
	struct dentry *dentry = start_create(dfd, name, LOOKUP_DIRECTORY, &parent);
	int err;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	err = vfs_mkdir(d_inode(parent.path.dentry), dentry, mode & ~current_umask());
	tell_of_new(&parent, dentry, err);
	end_create(&parent, dentry);
	return err;
}

static int check_node_mode(unsigned int mode)
{
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return 0;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

int do_mknodat(int dfd, const char *name, unsigned int mode, u32 dev)
{
	struct parent_path parent;
	struct dentry *dentry;
	struct inode *dir;
	int err = check_node_mode(mode);

	if (err)
		return err;
	dentry = start_create(dfd, name, 0, &parent);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	dir = d_inode(parent.path.dentry);
	mode &= ~current_umask();
	if (!(mode & S_IFMT) || S_ISREG(mode))
		err = vfs_create(dir, dentry, mode & S_PERMISSIONS);
	else
		err = vfs_mknod(dir, dentry, mode, S_ISCHR(mode) || S_ISBLK(mode) ? dev : 0);
	tell_of_new(&parent, dentry, err);
	end_create(&parent, dentry);
	return err;
}

int do_symlinkat(const char *body, int dfd, const char *name)
{
	struct parent_path parent;
	struct dentry *dentry = start_create(dfd, name, 0, &parent);
	int err;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	err = vfs_symlink(d_inode(parent.path.dentry), dentry, body);
	tell_of_new(&parent, dentry, err);
	end_create(&parent, dentry);
	return err;
}

static int vfs_link(struct inode *inode, struct inode *dir, struct dentry *dentry)
{
	int err = may_create(dir);

	if (err)
		return err;
	if (dir->sb != inode->sb)
		return -EXDEV;
	if (!dir->ops->link || S_ISDIR(inode->mode))
		return -EPERM;
	inode_lock(inode);
	/* A file that has lost its name stays without one. */
	err = inode->nlink || inode->flags & S_LINKABLE ? dir->ops->link(inode, dir, dentry)
							: -ENOENT;
	if (!err)
		inode->flags &= ~S_LINKABLE;
	inode_unlock(inode);
	return err;
}

static int link_to(const struct path *old, int dfd, const char *name)
{
	struct parent_path parent;
	struct dentry *dentry = start_create(dfd, name, 0, &parent);
	int err;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	err = old->mnt == parent.path.mnt ? 0 : -EXDEV;
	if (!err)
		err = vfs_link(d_inode(old->dentry), d_inode(parent.path.dentry), dentry);
	if (!err)
		notify_inode(d_inode(old->dentry), IN_ATTRIB); /* one more name */
	tell_of_new(&parent, dentry, err);
	end_create(&parent, dentry);
	return err;
}

int do_linkat(int old_dfd, const char *old_name, int new_dfd, const char *new_name, int flags)
{
	unsigned int how = 0;
	struct path old;
	int err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH && !capable(CAP_DAC_READ_SEARCH))
		return -ENOENT;
	if (flags & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	if (flags & AT_SYMLINK_FOLLOW)
		how |= LOOKUP_FOLLOW;
	err = path_lookup(old_dfd, old_name, how, &old);
	if (err)
		return err;
	err = link_to(&old, new_dfd, new_name);
	path_put(&old);
	return err;
}

/* --- removing --- */

/* Of what may be deleted, and is locked. */
static int remove_file(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int err;

	if (!dir->ops->unlink)
		return -EPERM;
	inode_lock(inode);
	err = d_is_mountpoint(dentry) ? -EBUSY : dir->ops->unlink(dir, dentry);
	inode_unlock(inode);
	return err;
}

static int remove_dir(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int err;

	if (!dir->ops->rmdir)
		return -EPERM;
	inode_lock_nested(inode, I_CHILD);
	err = d_is_mountpoint(dentry) ? -EBUSY : dir->ops->rmdir(dir, dentry);
	if (!err)
		inode->flags |= S_DEAD;
	inode_unlock(inode);
	if (!err)
		d_prune_children(dentry);
	return err;
}

/* And the dentry has no inode then, unless others use it. */
static void tell_of_removal(struct inode *dir, struct dentry *dentry, enum victim kind)
{
	struct inode *inode = d_inode(dentry);

	if (kind == VICTIM_FILE)
		notify_inode(inode, IN_ATTRIB); /* one name less */
	d_delete(dentry);
	notify_name(dir, &dentry->name, inode, IN_DELETE);
}

/* Removes the last component, whose directory is locked. *@victim gets a reference to what it was:
 * its data is let go when nothing is locked any more. */
static int remove_last(struct parent_path *parent, enum victim kind, struct inode **victim)
{
	struct inode *dir = d_inode(parent->path.dentry);
	struct dentry *dentry = lookup_child_locked(parent->path.dentry, &parent->last);
	bool has_slash = parent->last.name[parent->last.len];
	int err = 0;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (d_is_negative(dentry))
		err = -ENOENT;
	else if (kind == VICTIM_FILE && has_slash)
		err = S_ISDIR(d_inode(dentry)->mode) ? -EISDIR : -ENOTDIR;
	err = err ?: may_delete(dir, dentry, kind);
	if (!err) {
		*victim = ihold(d_inode(dentry));
		err = kind == VICTIM_DIR ? remove_dir(dir, dentry) : remove_file(dir, dentry);
	}
	if (!err)
		tell_of_removal(dir, dentry, kind);
	dput(dentry);
	return err;
}

/* What cannot be removed because it has no name of its own. */
static int check_last_type(enum last_type type, enum victim kind)
{
	if (type == LAST_NAME)
		return 0;
	if (kind == VICTIM_FILE)
		return -EISDIR;
	return type == LAST_DOT ? -EINVAL : type == LAST_DOTDOT ? -ENOTEMPTY : -EBUSY;
}

static int do_remove(int dfd, const char *name, enum victim kind)
{
	struct inode *dir, *victim = NULL;
	struct parent_path parent;
	bool wrote = false;
	int err = path_parent(dfd, name, &parent);

	if (err)
		return err;
	err = check_last_type(parent.type, kind) ?: mnt_want_write(parent.path.mnt);
	if (!err) {
		wrote = true;
		dir = d_inode(parent.path.dentry);
		inode_lock_nested(dir, I_PARENT);
		err = remove_last(&parent, kind, &victim);
		inode_unlock(dir);
	}
	if (victim)
		iput(victim);
	if (wrote)
		mnt_drop_write(parent.path.mnt);
	path_put(&parent.path);
	return err;
}

int do_unlinkat(int dfd, const char *name)
{
	return do_remove(dfd, name, VICTIM_FILE);
}

int do_rmdirat(int dfd, const char *name)
{
	return do_remove(dfd, name, VICTIM_DIR);
}
