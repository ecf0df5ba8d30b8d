/* SPDX-License-Identifier: GPL-2.0-only */
/* fcntl() and ioctl(): what concerns descriptors and files in general; the rest is the file's. */
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <linux/errno.h>
#include <linux/resource.h>
#include <oshit/file_lock.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/memfd.h>
#include <oshit/pipe.h>
#include <oshit/rlimit.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>

#include "internal.h"

#define SETTABLE_FLAGS (O_APPEND | O_NONBLOCK | O_NDELAY | O_DIRECT | O_NOATIME)

static void change_flags(struct file *file, unsigned int mask, unsigned int flags)
{
	spin_lock(&file->lock);
	WRITE_ONCE(file->flags, (file->flags & ~mask) | (flags & mask));
	spin_unlock(&file->lock);
}

static int set_flags(struct file *file, unsigned int flags)
{
	if (flags & O_NOATIME & ~file->flags && !inode_owner_or_capable(file_inode(file)))
		return -EPERM;
	change_flags(file, SETTABLE_FLAGS, flags);
	return 0;
}

static int dup_from(struct file *file, unsigned long start, unsigned int flags)
{
	int fd;

	if (start >= current_limit(RLIMIT_NOFILE) || start >= NR_OPEN_MAX)
		return -EINVAL;
	fd = alloc_fd(start, flags);
	if (fd >= 0)
		fd_install(fd, get_file(file));
	return fd;
}

static long fcntl_fd(unsigned int nr, struct file *file, unsigned int cmd, unsigned long arg)
{
	int ret;

	switch (cmd) {
	case F_DUPFD:
		return dup_from(file, arg, 0);
	case F_DUPFD_CLOEXEC:
		return dup_from(file, arg, O_CLOEXEC);
	case F_GETFD:
		ret = fd_get_close_on_exec(nr);
		return ret > 0 ? FD_CLOEXEC : ret;
	case F_SETFD:
		return fd_set_close_on_exec(nr, arg & FD_CLOEXEC ? O_CLOEXEC : 0);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return file->mode & FMODE_PATH ? -EBADF : fcntl_lock(nr, file, cmd, arg);
	case F_GETPIPE_SZ:
	case F_SETPIPE_SZ:
		return file->mode & FMODE_PATH ? -EBADF : pipe_fcntl(file, cmd, arg);
	case F_ADD_SEALS:
	case F_GET_SEALS:
		return file->mode & FMODE_PATH ? -EBADF : memfd_fcntl(file, cmd, arg);
	case F_GETFL:
		return READ_ONCE(file->flags);
	case F_SETFL:
		return file->mode & FMODE_PATH ? -EBADF : set_flags(file, arg);
	default:
		return file->mode & FMODE_PATH ? -EBADF : -EINVAL;
	}
}

typedef long control_fn(unsigned int nr, struct file *file, unsigned int cmd, unsigned long arg);

static long control(unsigned int nr, struct fd fd, control_fn *fn, unsigned int cmd,
		    unsigned long arg)
{
	long ret;

	if (!fd.file)
		return -EBADF;
	ret = fn(nr, fd.file, cmd, arg);
	fdput(fd);
	return ret;
}

long sys_fcntl(unsigned int nr, unsigned int cmd, unsigned long arg)
{
	return control(nr, fdget_raw(nr), fcntl_fd, cmd, arg);
}

/* FIONBIO: as F_SETFL with O_NONBLOCK. */
static int set_nonblock(struct file *file, const int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	change_flags(file, O_NONBLOCK, on ? O_NONBLOCK : 0);
	return 0;
}

static long ioctl_file(unsigned int nr, struct file *file, unsigned int cmd, unsigned long arg)
{
	struct inode *inode = file_inode(file);

	switch (cmd) {
	case FIOCLEX:
		return fd_set_close_on_exec(nr, O_CLOEXEC);
	case FIONCLEX:
		return fd_set_close_on_exec(nr, 0);
	case FIONBIO:
		return set_nonblock(file, (const int __user *)arg);
	case FIONREAD:
		if (S_ISREG(inode->mode))
			return put_user((int)(i_size_read(inode) - file->pos), (int __user *)arg);
		break;
	}
	return file->ops->ioctl ? file->ops->ioctl(file, cmd, arg) : -ENOTTY;
}

long sys_ioctl(unsigned int nr, unsigned int cmd, unsigned long arg)
{
	return control(nr, fdget(nr), ioctl_file, cmd, arg);
}
