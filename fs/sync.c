/* SPDX-License-Identifier: GPL-2.0-only */
/* sync() and its relatives.  No file system here writes anything back yet, only block devices do: a
 * file's own operation decides. */
#include <linux/errno.h>
#include <oshit/bdev.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/syscalls.h>

static long sync_file(unsigned int nr, int datasync)
{
	struct fd fd = fdget(nr);
	long ret = -EINVAL;

	if (!fd.file)
		return -EBADF;
	if (fd.file->ops->fsync)
		ret = fd.file->ops->fsync(fd.file, datasync);
	fdput(fd);
	return ret;
}

long sys_fsync(unsigned int fd)
{
	return sync_file(fd, 0);
}

long sys_fdatasync(unsigned int fd)
{
	return sync_file(fd, 1);
}

long sys_sync(void)
{
	bdev_sync_all();
	return 0;
}

long sys_syncfs(unsigned int nr)
{
	struct fd fd = fdget(nr);

	if (!fd.file)
		return -EBADF;
	fdput(fd);
	return 0;
}
