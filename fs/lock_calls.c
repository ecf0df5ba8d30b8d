/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls that ask for locks on files: fcntl() with F_GETLK and the like, and flock(). */
#include <asm/fcntl.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <oshit/file_lock.h>
#include <oshit/files.h>
#include <oshit/sched.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#include "internal.h"
#include "locks.h"

/* Where l_start counts from; -EINVAL. */
static loff_t base_of(const struct file *file, int whence)
{
	switch (whence) {
	case SEEK_SET:
		return 0;
	case SEEK_CUR:
		return READ_ONCE(file->pos);
	case SEEK_END:
		return i_size_read(file_inode(file));
	default:
		return -EINVAL;
	}
}

/* The range of @flock; a length below 0 counts backwards. 0, -EINVAL, -EOVERFLOW. */
static int set_range(struct lock_request *request, const struct file *file,
		     const struct flock *flock)
{
	loff_t start = base_of(file, flock->l_whence), len = flock->l_len;

	if (start < 0)
		return -EINVAL;
	if (flock->l_start > MAX_FILESIZE - start)
		return -EOVERFLOW;
	start += flock->l_start;
	if (start < 0)
		return -EINVAL;
	if (len > 0 && len - 1 > MAX_FILESIZE - start)
		return -EOVERFLOW;
	if (len < 0 && start + len < 0)
		return -EINVAL;
	request->start = len < 0 ? start + len : start;
	request->end = !len ? MAX_FILESIZE : len < 0 ? start - 1 : start + len - 1;
	return 0;
}

static bool is_ofd(unsigned int cmd)
{
	return cmd == F_OFD_GETLK || cmd == F_OFD_SETLK || cmd == F_OFD_SETLKW;
}

static int build_request(struct lock_request *request, struct file *file, unsigned int cmd,
			 const struct flock *flock)
{
	*request = (struct lock_request){
		.kind = is_ofd(cmd) ? LOCK_OFD : LOCK_RECORD,
		.owner = is_ofd(cmd) ? (const void *)file : current->files,
		.pid = is_ofd(cmd) ? -1 : current->user->tgid,
		.type = flock->l_type,
	};
	if (is_ofd(cmd) && flock->l_pid)
		return -EINVAL;
	if (request->type != F_RDLCK && request->type != F_WRLCK && request->type != F_UNLCK)
		return -EINVAL;
	return set_range(request, file, flock);
}

static long get_lock(struct file *file, unsigned int cmd, struct flock *flock)
{
	struct lock_request request;
	int err;

	if (flock->l_type == F_UNLCK)
		return -EINVAL;
	err = build_request(&request, file, cmd, flock);
	if (err)
		return err;
	lock_test(file_inode(file), &request);
	flock->l_type = (short)request.type;
	if (request.type == F_UNLCK)
		return 0;
	flock->l_whence = SEEK_SET;
	flock->l_start = request.start;
	flock->l_len = request.end == MAX_FILESIZE ? 0 : request.end - request.start + 1;
	flock->l_pid = request.pid;
	return 0;
}

static int check_mode(const struct file *file, int type)
{
	unsigned int needed = type == F_RDLCK ? FMODE_READ : type == F_WRLCK ? FMODE_WRITE : 0;

	return needed & ~file->mode ? -EBADF : 0;
}

/* Another thread may have closed the descriptor meanwhile, and found no lock to take away. */
static int check_still_open(unsigned int fd, struct file *file, struct lock_request *request)
{
	if (request->kind != LOCK_RECORD || request->type == F_UNLCK || fd_is_file(fd, file))
		return 0;
	request->type = F_UNLCK;
	lock_file(file_inode(file), request);
	return -EBADF;
}

static long set_lock(unsigned int fd, struct file *file, unsigned int cmd,
		     const struct flock *flock)
{
	struct inode *inode = file_inode(file);
	struct lock_request request;
	int err = build_request(&request, file, cmd, flock) ?: check_mode(file, flock->l_type);

	if (err)
		return err;
	if (cmd == F_SETLKW || cmd == F_OFD_SETLKW)
		err = lock_file_wait(inode, &request);
	else
		err = lock_file(inode, &request);
	return err ?: check_still_open(fd, file, &request);
}

long fcntl_lock(unsigned int fd, struct file *file, unsigned int cmd, unsigned long arg)
{
	struct flock __user *user = (struct flock __user *)arg;
	struct flock flock;
	long ret;

	if (copy_from_user(&flock, user, sizeof(flock)))
		return -EFAULT;
	if (cmd != F_GETLK && cmd != F_OFD_GETLK)
		return set_lock(fd, file, cmd, &flock);
	ret = get_lock(file, cmd, &flock);
	return ret ?: copy_to_user(user, &flock, sizeof(flock)) ? -EFAULT : 0;
}

static int flock_type(unsigned int operation)
{
	switch (operation & ~LOCK_NB) {
	case LOCK_SH:
		return F_RDLCK;
	case LOCK_EX:
		return F_WRLCK;
	case LOCK_UN:
		return F_UNLCK;
	default:
		return -EINVAL;
	}
}

static int do_flock(struct file *file, int type, unsigned int operation)
{
	const struct lock_request request = {
		.kind = LOCK_FLOCK,
		.owner = file,
		.pid = current->user->tgid,
		.type = type,
		.end = MAX_FILESIZE,
	};

	if (type != F_UNLCK && !(file->mode & (FMODE_READ | FMODE_WRITE)))
		return -EBADF;
	return operation & LOCK_NB ? lock_file(file_inode(file), &request)
				   : lock_file_wait(file_inode(file), &request);
}

long sys_flock(unsigned int nr, unsigned int operation)
{
	int type = flock_type(operation), err;
	struct fd fd;

	/* Locks that others must respect: promised once, kept never, and accepted still. */
	if (operation & LOCK_MAND)
		return 0;
	if (type < 0)
		return type;
	fd = fdget(nr);
	if (!fd.file)
		return -EBADF;
	err = do_flock(fd.file, type, operation);
	fdput(fd);
	return err;
}
