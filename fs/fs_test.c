/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of fs/ share. */
#include <linux/errno.h>
#include <oshit/err.h>
#include <oshit/uio.h>

#include "fs_test.h"

bool test_fs_begin(struct test *t)
{
	struct mount *mnt;
	struct path path;
	int err = do_mkdirat(AT_FDCWD, "/test", 0755);

	err = err ?: path_lookup(AT_FDCWD, "/test", LOOKUP_DIRECTORY, &path);
	if (err) {
		test_fail(t, __FILE__, __LINE__, "/test: %d", err);
		return false;
	}
	mnt = kern_mount("ramfs", NULL, NULL);
	err = IS_ERR(mnt) ? (int)PTR_ERR(mnt) : do_add_mount(mnt, &path);
	path_put(&path);
	if (err)
		test_fail(t, __FILE__, __LINE__, "mount: %d", err);
	return !err;
}

void test_fs_end(struct test *t)
{
	struct path path;
	struct mount *mnt;
	int err = path_lookup(AT_FDCWD, "/test", LOOKUP_DIRECTORY, &path);

	if (!err) {
		mnt = mntget(path.mnt);
		path_put(&path);
		err = do_umount(mnt, 0);
		mntput(mnt);
	}
	err = err ?: do_rmdirat(AT_FDCWD, "/test");
	if (err)
		test_fail(t, __FILE__, __LINE__, "umount: %d", err);
}

int test_open(const char *name, unsigned int flags)
{
	struct file *file = filp_open(name, flags, 0644);

	if (IS_ERR(file))
		return PTR_ERR(file);
	fput(file);
	return 0;
}

int test_create(const char *name)
{
	return test_open(name, O_CREAT | O_EXCL | O_RDWR);
}

int test_mkdir(const char *name)
{
	return do_mkdirat(AT_FDCWD, name, 0755);
}

int test_unlink(const char *name)
{
	return do_unlinkat(AT_FDCWD, name);
}

int test_rename(const char *old, const char *new, unsigned int flags)
{
	struct name_at from = { AT_FDCWD, old }, to = { AT_FDCWD, new };

	return do_renameat2(&from, &to, flags);
}

long test_ino(const char *name)
{
	struct path path;
	int err = path_lookup(AT_FDCWD, name, 0, &path);
	long ino;

	if (err)
		return err;
	ino = d_inode(path.dentry)->ino;
	path_put(&path);
	return ino;
}

long test_read(struct file *file, void *buf, size_t len)
{
	struct iov_iter iter;
	loff_t pos = 0;

	iov_iter_kernel(&iter, buf, len);
	return file->ops->read(file, &iter, &pos);
}

long test_write(struct file *file, const void *buf, size_t len)
{
	struct iov_iter iter;
	loff_t pos = 0;

	iov_iter_kernel(&iter, (void *)buf, len);
	return file->ops->write(file, &iter, &pos);
}
