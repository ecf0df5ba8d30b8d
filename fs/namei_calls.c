/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls on names: they bring the strings in, and call what does it. */
#include <linux/errno.h>
#include <linux/limits.h>
#include <oshit/err.h>
#include <oshit/fs.h>
#include <oshit/namei.h>
#include <oshit/syscalls.h>

long sys_mkdirat(int dfd, const char __user *user, unsigned int mode)
{
	char *name = getname(user);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = do_mkdirat(dfd, name, mode);
	putname(name);
	return err;
}

long sys_mkdir(const char __user *name, unsigned int mode)
{
	return sys_mkdirat(AT_FDCWD, name, mode);
}

long sys_mknodat(int dfd, const char __user *user, unsigned int mode, unsigned int dev)
{
	char *name = getname(user);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = do_mknodat(dfd, name, mode, dev_from_user(dev));
	putname(name);
	return err;
}

long sys_mknod(const char __user *name, unsigned int mode, unsigned int dev)
{
	return sys_mknodat(AT_FDCWD, name, mode, dev);
}

/* Two strings, or neither. */
static int get_two_names(const char __user *a, const char __user *b, char *names[2])
{
	names[0] = getname(a);
	if (IS_ERR(names[0]))
		return PTR_ERR(names[0]);
	names[1] = getname(b);
	if (!IS_ERR(names[1]))
		return 0;
	putname(names[0]);
	return PTR_ERR(names[1]);
}

static void put_two_names(char *names[2])
{
	putname(names[0]);
	putname(names[1]);
}

long sys_symlinkat(const char __user *body, int dfd, const char __user *name)
{
	char *names[2] = { NULL };
	int err = get_two_names(body, name, names);

	if (err)
		return err;
	err = do_symlinkat(names[0], dfd, names[1]);
	put_two_names(names);
	return err;
}

long sys_symlink(const char __user *body, const char __user *name)
{
	return sys_symlinkat(body, AT_FDCWD, name);
}

long sys_linkat(int old_dfd, const char __user *old, int new_dfd, const char __user *new, int flags)
{
	char *old_name = flags & AT_EMPTY_PATH ? getname_empty(old) : getname(old);
	char *new_name;
	int err;

	if (IS_ERR(old_name))
		return PTR_ERR(old_name);
	new_name = getname(new);
	if (IS_ERR(new_name)) {
		err = PTR_ERR(new_name);
	} else {
		err = do_linkat(old_dfd, old_name, new_dfd, new_name, flags);
		putname(new_name);
	}
	putname(old_name);
	return err;
}

long sys_link(const char __user *old, const char __user *new)
{
	return sys_linkat(AT_FDCWD, old, AT_FDCWD, new, 0);
}

long sys_unlinkat(int dfd, const char __user *user, int flags)
{
	char *name;
	int err;

	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	name = getname(user);
	if (IS_ERR(name))
		return PTR_ERR(name);
	err = flags & AT_REMOVEDIR ? do_rmdirat(dfd, name) : do_unlinkat(dfd, name);
	putname(name);
	return err;
}

long sys_unlink(const char __user *name)
{
	return sys_unlinkat(AT_FDCWD, name, 0);
}

long sys_rmdir(const char __user *name)
{
	return sys_unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

long sys_renameat2(int old_dfd, const char __user *old, int new_dfd, const char __user *new,
		   unsigned int flags)
{
	struct name_at from = { .dfd = old_dfd }, to = { .dfd = new_dfd };
	char *names[2] = { NULL };
	int err = get_two_names(old, new, names);

	if (err)
		return err;
	from.name = names[0];
	to.name = names[1];
	err = do_renameat2(&from, &to, flags);
	put_two_names(names);
	return err;
}

long sys_renameat(int old_dfd, const char __user *old, int new_dfd, const char __user *new)
{
	return sys_renameat2(old_dfd, old, new_dfd, new, 0);
}

long sys_rename(const char __user *old, const char __user *new)
{
	return sys_renameat2(AT_FDCWD, old, AT_FDCWD, new, 0);
}
