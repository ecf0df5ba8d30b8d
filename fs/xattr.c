/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Extended attributes: no file system here keeps any, so the calls answer as Linux does for one of
 * those.  The arguments, the file and the right to ask are checked first: programs that copy files
 * tell "there is none" from "there cannot be any" by it.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/xattr.h>
#include <oshit/cred.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/namei.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>

enum xattr_use { XATTR_GET, XATTR_CHANGE };

struct xattr_name {
	char text[XATTR_NAME_MAX + 1];
};

static int copy_xattr_name(struct xattr_name *name, const char __user *user)
{
	long len = strncpy_from_user(name->text, user, sizeof(name->text));

	if (len < 0)
		return len;
	return !len || len == (long)sizeof(name->text) ? -ERANGE : 0;
}

static bool has_prefix(const struct xattr_name *name, const char *prefix)
{
	return !strncmp(name->text, prefix, strlen(prefix));
}

/* Whether the caller may: 0 or -errno. Some attributes are only for who is trusted, and those of
 * users only on files and directories: others see none. */
static int check_right(const struct inode *inode, const struct xattr_name *name, enum xattr_use use)
{
	int hidden = use == XATTR_GET ? -ENODATA : -EPERM;

	if (has_prefix(name, XATTR_SECURITY_PREFIX) || has_prefix(name, XATTR_SYSTEM_PREFIX))
		return 0;
	if (has_prefix(name, XATTR_TRUSTED_PREFIX))
		return capable(CAP_SYS_ADMIN) ? 0 : hidden;
	if (has_prefix(name, XATTR_USER_PREFIX)) {
		if (!S_ISREG(inode->mode) && !S_ISDIR(inode->mode))
			return hidden;
		if (use == XATTR_CHANGE && S_ISDIR(inode->mode) && inode->mode & S_ISVTX &&
		    !inode_owner_or_capable(inode))
			return -EPERM;
	}
	return inode_permission(inode, use == XATTR_GET ? MAY_READ : MAY_WRITE);
}

static int ask(const struct path *path, const struct xattr_name *name, enum xattr_use use)
{
	int err;

	if (use == XATTR_CHANGE) {
		err = mnt_want_write(path->mnt);
		if (err)
			return err;
	}
	err = check_right(d_inode(path->dentry), name, use);
	if (use == XATTR_CHANGE)
		mnt_drop_write(path->mnt);
	return err ?: -EOPNOTSUPP;
}

static int ask_path(const char __user *user, unsigned int lookup, const char __user *user_name,
		    enum xattr_use use)
{
	struct xattr_name name;
	struct path path;
	int err = copy_xattr_name(&name, user_name);

	err = err ?: user_path(AT_FDCWD, user, lookup, &path);
	if (err)
		return err;
	err = ask(&path, &name, use);
	path_put(&path);
	return err;
}

static int ask_fd(unsigned int nr, const char __user *user_name, enum xattr_use use)
{
	struct fd fd = fdget(nr);
	struct xattr_name name;
	int err;

	if (!fd.file)
		return -EBADF;
	err = copy_xattr_name(&name, user_name) ?: ask(&fd.file->path, &name, use);
	fdput(fd);
	return err;
}

/* Of a value that is to be set. */
static int check_value(const void __user *value, size_t size, int flags)
{
	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	return access_ok(value, size) ? 0 : -EFAULT;
}

long sys_setxattr(const char __user *path, const char __user *name, const void __user *value,
		  size_t size, int flags)
{
	return check_value(value, size, flags) ?: ask_path(path, LOOKUP_FOLLOW, name, XATTR_CHANGE);
}

long sys_lsetxattr(const char __user *path, const char __user *name, const void __user *value,
		   size_t size, int flags)
{
	return check_value(value, size, flags) ?: ask_path(path, 0, name, XATTR_CHANGE);
}

long sys_fsetxattr(unsigned int fd, const char __user *name, const void __user *value, size_t size,
		   int flags)
{
	return check_value(value, size, flags) ?: ask_fd(fd, name, XATTR_CHANGE);
}

long sys_getxattr(const char __user *path, const char __user *name,
		  void __user *value __maybe_unused, size_t size __maybe_unused)
{
	return ask_path(path, LOOKUP_FOLLOW, name, XATTR_GET);
}

long sys_lgetxattr(const char __user *path, const char __user *name,
		   void __user *value __maybe_unused, size_t size __maybe_unused)
{
	return ask_path(path, 0, name, XATTR_GET);
}

long sys_fgetxattr(unsigned int fd, const char __user *name, void __user *value __maybe_unused,
		   size_t size __maybe_unused)
{
	return ask_fd(fd, name, XATTR_GET);
}

long sys_removexattr(const char __user *path, const char __user *name)
{
	return ask_path(path, LOOKUP_FOLLOW, name, XATTR_CHANGE);
}

long sys_lremovexattr(const char __user *path, const char __user *name)
{
	return ask_path(path, 0, name, XATTR_CHANGE);
}

long sys_fremovexattr(unsigned int fd, const char __user *name)
{
	return ask_fd(fd, name, XATTR_CHANGE);
}

/* A list of none needs no room. */
static int list_path(const char __user *user, unsigned int lookup)
{
	struct path path;
	int err = user_path(AT_FDCWD, user, lookup, &path);

	if (!err)
		path_put(&path);
	return err;
}

long sys_listxattr(const char __user *path, char __user *list __maybe_unused,
		   size_t size __maybe_unused)
{
	return list_path(path, LOOKUP_FOLLOW);
}

long sys_llistxattr(const char __user *path, char __user *list __maybe_unused,
		    size_t size __maybe_unused)
{
	return list_path(path, 0);
}

long sys_flistxattr(unsigned int nr, char __user *list __maybe_unused, size_t size __maybe_unused)
{
	struct fd fd = fdget(nr);

	if (!fd.file)
		return -EBADF;
	fdput(fd);
	return 0;
}
