/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * open(): a walk that ends in an open file, and may make it.
 *
 * With O_CREAT the last component is looked up, and made if there is none, under the rwsem of its
 * directory: of two who come at once one makes it.  Who has made a file may use it as he asked,
 * whatever its mode says.
 */
#include <asm/fcntl.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/inotify.h>
#include <oshit/namei.h>
#include <oshit/syscalls.h>

#include "internal.h"
#include "walk.h"

/* Others are ignored, and not told by F_GETFL. */
#define O_KNOWN                                                                               \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | \
	 FASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | \
	 O_PATH | __O_TMPFILE)
#define O_PATH_FLAGS (O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)
/* Of use only while it is opened. */
#define O_OPEN_ONLY  (O_CREAT | O_TRUNC | O_CLOEXEC)
#define O_FOR_EXEC   0x80000000u /* for open_exec() only: no program can pass it */

struct open_request {
	unsigned int flags; /* in   O_, checked */
	unsigned int mode; /* in   of a file that is made */
	unsigned int access; /* in   MAY_ bits that are needed */
	unsigned int lookup; /* in   LOOKUP_ */
	bool created; /* out */
};

static unsigned int access_of(unsigned int flags)
{
	static const unsigned int access[] = { MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
					       MAY_READ | MAY_WRITE };

	return access[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0);
}

static int build_request(struct open_request *request, unsigned int flags, unsigned int mode)
{
	if (flags & O_PATH)
		flags &= O_PATH_FLAGS;
	flags &= O_KNOWN | O_FOR_EXEC;
	if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	if (flags & __O_TMPFILE && !(flags & O_DIRECTORY && (flags & O_ACCMODE)))
		return -EINVAL;
	*request = (struct open_request){
		.flags = flags,
		.mode = mode & S_PERMISSIONS,
		.access = flags & O_PATH ? 0 : access_of(flags),
	};
	if (!(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL))
		request->lookup |= LOOKUP_FOLLOW;
	if (flags & O_DIRECTORY)
		request->lookup |= LOOKUP_DIRECTORY;
	return 0;
}

/* --- the last component, with O_CREAT --- */

static int create_file(struct walk *walk, struct dentry *dentry, struct open_request *request)
{
	struct inode *dir = d_inode(walk->path.dentry);
	int err = mnt_want_write(walk->path.mnt);

	if (err)
		return err;
	err = vfs_create(dir, dentry, request->mode & ~current_umask());
	mnt_drop_write(walk->path.mnt);
	if (!err)
		notify_name(dir, &dentry->name, d_inode(dentry), IN_CREATE);
	request->created = !err;
	return err;
}

/* Finds or makes the file. 0 or -errno; *@child gets references. */
static int find_or_create(struct walk *walk, struct open_request *request, struct path *child)
{
	struct inode *dir = d_inode(walk->path.dentry);
	struct dentry *dentry;
	int err = 0;

	inode_lock(dir);
	dentry = lookup_child_locked(walk->path.dentry, &walk->last);
	if (IS_ERR(dentry))
		err = PTR_ERR(dentry);
	else if (d_is_negative(dentry))
		err = create_file(walk, dentry, request);
	else if (request->flags & O_EXCL)
		err = -EEXIST;
	inode_unlock(dir);
	if (err) {
		if (!IS_ERR(dentry))
			dput(dentry);
		return err;
	}
	*child = (struct path){ mntget(walk->path.mnt), dentry };
	return 0;
}

/* A link may lead to where the walk ends. */
static const char *end_of_name(const char *name)
{
	return IS_ERR(name) || *name ? name : NULL;
}

/* As walk_last(). */
static const char *open_last(struct walk *walk, struct open_request *request)
{
	struct path child;
	int err;

	if (walk->last_type != LAST_NAME || walk->last.name[walk->last.len])
		return ERR_PTR(-EISDIR);
	err = find_or_create(walk, request, &child);
	if (err)
		return ERR_PTR(err);
	follow_mounts(&child);
	if (walk->flags & LOOKUP_FOLLOW && S_ISLNK(d_inode(child.dentry)->mode))
		return end_of_name(walk_link(walk, &child, ""));
	path_put(&walk->path);
	walk->path = child;
	return NULL;
}

/* --- what may be opened --- */

static bool is_device(const struct inode *inode)
{
	return S_ISCHR(inode->mode) || S_ISBLK(inode->mode);
}

static int check_kind(const struct path *path, const struct inode *inode,
		      const struct open_request *request)
{
	unsigned int mount_flags = READ_ONCE(path->mnt->flags);

	if (request->lookup & LOOKUP_DIRECTORY && !S_ISDIR(inode->mode))
		return -ENOTDIR;
	if (request->flags & O_PATH)
		return 0;
	if (S_ISLNK(inode->mode))
		return -ELOOP;
	if (S_ISDIR(inode->mode)) {
		if (request->flags & O_CREAT || request->access & MAY_WRITE)
			return -EISDIR;
		return request->access & MAY_EXEC ? -EACCES : 0;
	}
	if (request->access & MAY_EXEC && (!S_ISREG(inode->mode) || mount_flags & MNT_NOEXEC))
		return -EACCES;
	return is_device(inode) && mount_flags & MNT_NODEV ? -EACCES : 0;
}

static int may_open(const struct path *path, const struct open_request *request)
{
	struct inode *inode = d_inode(path->dentry);
	int err = check_kind(path, inode, request);

	if (err || request->created || request->flags & O_PATH)
		return err;
	err = inode_permission(inode, request->access);
	if (!err && request->access & MAY_WRITE && S_ISREG(inode->mode) &&
	    mnt_is_readonly(path->mnt))
		err = -EROFS;
	if (!err && request->flags & O_NOATIME && !inode_owner_or_capable(inode))
		err = -EPERM;
	return err;
}

/* --- opening --- */

static int get_file_write_access(struct file *file)
{
	int err = get_write_access(file->inode);

	if (err)
		return err;
	err = mnt_want_write(file->path.mnt);
	if (err)
		put_write_access(file->inode);
	return err;
}

static int count_user(struct file *file)
{
	int err = 0;

	if (!S_ISREG(file->inode->mode))
		return 0;
	if (file->mode & FMODE_EXEC)
		err = deny_write_access(file->inode);
	else if (file->mode & FMODE_WRITE)
		err = get_file_write_access(file);
	if (!err && file->mode & FMODE_WRITE)
		file->mode |= FMODE_WRITER;
	if (err)
		file->mode &= ~FMODE_EXEC; /* it does not count */
	return err;
}

/* Takes references to @path. On failure fput() cleans up. */
static int open_at(struct file *file, const struct path *path)
{
	struct inode *inode = d_inode(path->dentry);
	int err;

	path_get(path);
	file->path = *path;
	file->inode = inode;
	if (file->flags & O_PATH) {
		file->mode = FMODE_PATH;
		return 0;
	}
	file->mode = (file->flags + 1) & (FMODE_READ | FMODE_WRITE);
	if (file->flags & O_FOR_EXEC)
		file->mode |= FMODE_EXEC;
	file->flags &= ~O_FOR_EXEC;
	err = count_user(file);
	if (err)
		return err;
	file->ops = inode->fops;
	if (!file->ops)
		return -ENXIO;
	err = file->ops->open ? file->ops->open(inode, file) : 0;
	file->flags &= ~(O_NOCTTY | O_EXCL); /* for open() alone: terminals, block devices */
	if (err)
		return err;
	file->mode |= FMODE_OPENED;
	notify_file(file, IN_OPEN);
	return 0;
}

struct file *dentry_open(const struct path *path, unsigned int flags)
{
	struct file *file = alloc_empty_file(flags & ~O_OPEN_ONLY);
	int err;

	if (IS_ERR(file))
		return file;
	err = open_at(file, path);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/* The walk has ended. */
static struct file *open_found(const struct path *path, const struct open_request *request)
{
	struct file *file;
	int err = may_open(path, request);

	if (err)
		return ERR_PTR(err);
	file = dentry_open(path, request->flags);
	if (IS_ERR(file) || !(request->flags & O_TRUNC) || request->created ||
	    !S_ISREG(file->inode->mode))
		return file;
	/* Reading alone does not count as writing, but this does: not to a program that runs. */
	err = get_file_write_access(file);
	if (!err) {
		err = do_truncate(file->inode, 0);
		if (!err)
			notify_dentry(file->path.dentry, IN_MODIFY);
		put_write_access(file->inode);
		mnt_drop_write(file->path.mnt);
	}
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/* --- files without names --- */

/* The file, unhashed, in the directory @path. ERR_PTR. */
static struct dentry *make_tmpfile(const struct path *path, const struct open_request *request)
{
	struct inode *dir = d_inode(path->dentry);
	struct qstr name = qstr_of("#", 1);
	struct dentry *dentry;
	int err = inode_permission(dir, MAY_WRITE | MAY_EXEC);

	if (err)
		return ERR_PTR(err);
	if (!dir->ops->tmpfile)
		return ERR_PTR(-EOPNOTSUPP);
	dentry = d_alloc(path->dentry, &name);
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	err = dir->ops->tmpfile(dir, dentry, request->mode & ~current_umask());
	if (err) {
		dput(dentry);
		return ERR_PTR(err);
	}
	d_name_by_number(dentry);
	if (!(request->flags & O_EXCL))
		d_inode(dentry)->flags |= S_LINKABLE;
	return dentry;
}

static struct file *open_tmpfile_in(const struct path *dir, const struct open_request *request)
{
	struct path path = { .mnt = dir->mnt };
	struct file *file;
	int err = mnt_want_write(dir->mnt);

	if (err)
		return ERR_PTR(err);
	path.dentry = make_tmpfile(dir, request);
	if (IS_ERR(path.dentry)) {
		file = ERR_CAST(path.dentry);
	} else {
		file = dentry_open(&path, request->flags & ~(__O_TMPFILE | O_DIRECTORY));
		dput(path.dentry);
	}
	mnt_drop_write(dir->mnt);
	return file;
}

static struct file *open_tmpfile(int dfd, const char *name, const struct open_request *request)
{
	struct file *file;
	struct path dir;
	int err = path_lookup(dfd, name, request->lookup | LOOKUP_DIRECTORY, &dir);

	if (err)
		return ERR_PTR(err);
	file = open_tmpfile_in(&dir, request);
	path_put(&dir);
	return file;
}

/* --- files with names --- */

static int walk_to_file(struct walk *walk, const char *name, struct open_request *request)
{
	int err;

	do {
		err = walk_to_last(walk, name);
		if (err)
			return err;
		name = request->flags & O_CREAT ? open_last(walk, request) : walk_last(walk);
		if (IS_ERR(name))
			return PTR_ERR(name);
	} while (name);
	request->lookup |= walk->flags & LOOKUP_DIRECTORY;
	return 0;
}

static struct file *do_filp_open(int dfd, const char *name, struct open_request *request)
{
	struct walk walk;
	struct file *file;
	int err;

	if (request->flags & __O_TMPFILE)
		return open_tmpfile(dfd, name, request);
	err = walk_start(&walk, dfd, name, request->lookup);
	if (err)
		return ERR_PTR(err);
	err = walk_to_file(&walk, name, request);
	file = err ? ERR_PTR(err) : open_found(&walk.path, request);
	walk_end(&walk);
	return file;
}

struct file *filp_open(const char *name, unsigned int flags, unsigned int mode)
{
	struct open_request request;
	int err = build_request(&request, flags | O_LARGEFILE, mode);

	return err ? ERR_PTR(err) : do_filp_open(AT_FDCWD, name, &request);
}

struct file *open_exec_at(int dfd, const char *path, unsigned int flags)
{
	struct open_request request = {
		.flags = O_RDONLY | O_LARGEFILE | O_FOR_EXEC,
		.access = MAY_EXEC,
		.lookup = LOOKUP_FOLLOW,
	};

	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return ERR_PTR(-EINVAL);
	if (flags & AT_SYMLINK_NOFOLLOW)
		request.lookup &= ~LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		request.lookup |= LOOKUP_EMPTY;
	return do_filp_open(dfd, path, &request);
}

struct file *open_exec(const char *path)
{
	return open_exec_at(AT_FDCWD, path, 0);
}

/* --- the calls --- */

long sys_openat(int dfd, const char __user *user, int flags, unsigned int mode)
{
	struct open_request request;
	struct file *file;
	char *name;
	int err = build_request(&request, ((unsigned int)flags & ~O_FOR_EXEC) | O_LARGEFILE, mode);

	if (err)
		return err;
	name = getname(user);
	if (IS_ERR(name))
		return PTR_ERR(name);
	file = do_filp_open(dfd, name, &request);
	putname(name);
	return IS_ERR(file) ? PTR_ERR(file) : fd_add(file, (unsigned int)flags & O_CLOEXEC);
}

long sys_open(const char __user *user, int flags, unsigned int mode)
{
	return sys_openat(AT_FDCWD, user, flags, mode);
}

long sys_creat(const char __user *user, unsigned int mode)
{
	return sys_openat(AT_FDCWD, user, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
