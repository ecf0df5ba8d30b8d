/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * read(), write() and their relatives: they check what can be checked without the file, give the
 * memory a form, and call the file's operation.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/signal.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/inotify.h>
#include <oshit/slab.h>
#include <oshit/syscalls.h>
#include <oshit/uio.h>
#include <oshit/user_task.h>

#define NR_STACK_PIECES 8

enum direction { READ, WRITE };

static long ask_file(struct file *file, enum direction what, struct iov_iter *iter, loff_t *pos)
{
	const struct file_operations *ops = file->ops;
	long done;

	if (!(file->mode & (what == READ ? FMODE_READ : FMODE_WRITE)))
		return -EBADF;
	if (what == READ)
		done = ops->read ? ops->read(file, iter, pos) : ops->iterate ? -EISDIR : -EINVAL;
	else
		done = ops->write ? ops->write(file, iter, pos) : -EINVAL;
	count_io_call(what == WRITE, done);
	return done;
}

static long transfer(struct file *file, enum direction what, struct iov_iter *iter, loff_t *pos)
{
	long done = ask_file(file, what, iter, pos);

	if (done > 0)
		notify_file(file, what == READ ? IN_ACCESS : IN_MODIFY);
	return done;
}

/* At a position of the caller's. */
static long transfer_at(struct file *file, enum direction what, struct iov_iter *iter, loff_t pos)
{
	if (pos < 0)
		return -EINVAL;
	if (file->mode & FMODE_STREAM)
		return -ESPIPE;
	return transfer(file, what, iter, &pos);
}

long kernel_read(struct file *file, void *buf, size_t len, loff_t pos)
{
	struct iov_iter iter;

	iov_iter_kernel(&iter, buf, len);
	return transfer_at(file, READ, &iter, pos);
}

long kernel_write(struct file *file, const void *buf, size_t len, loff_t pos)
{
	struct iov_iter iter;

	iov_iter_kernel(&iter, (void *)buf, len);
	return transfer_at(file, WRITE, &iter, pos);
}

static long rw(unsigned int nr, enum direction what, void __user *buf, size_t len)
{
	struct fd fd = fdget_pos(nr);
	struct iov_iter iter;
	struct iovec iov;
	loff_t pos;
	long ret;

	if (!fd.file)
		return -EBADF;
	pos = fd.file->pos;
	ret = iov_iter_user(&iter, &iov, buf, len);
	if (!ret) {
		ret = transfer(fd.file, what, &iter, &pos);
		if (!(fd.file->mode & FMODE_STREAM))
			fd.file->pos = pos;
	}
	fdput_pos(fd);
	return ret;
}

long sys_read(unsigned int fd, void __user *buf, size_t len)
{
	return rw(fd, READ, buf, len);
}

long sys_write(unsigned int fd, const void __user *buf, size_t len)
{
	return rw(fd, WRITE, (void __user *)buf, len);
}

static long rw_at(unsigned int nr, enum direction what, void __user *buf, size_t len, loff_t pos)
{
	struct fd fd = fdget(nr);
	struct iov_iter iter;
	struct iovec iov;
	long ret;

	if (pos < 0)
		return -EINVAL;
	if (!fd.file)
		return -EBADF;
	ret = iov_iter_user(&iter, &iov, buf, len);
	if (!ret)
		ret = transfer_at(fd.file, what, &iter, pos);
	fdput(fd);
	return ret;
}

long sys_pread64(unsigned int fd, void __user *buf, size_t len, loff_t pos)
{
	return rw_at(fd, READ, buf, len, pos);
}

long sys_pwrite64(unsigned int fd, const void __user *buf, size_t len, loff_t pos)
{
	return rw_at(fd, WRITE, (void __user *)buf, len, pos);
}

static long rw_pieces(unsigned int nr, enum direction what, const struct iovec __user *user,
		      unsigned long nr_pieces)
{
	struct iovec room[NR_STACK_PIECES], *allocated;
	struct fd fd = fdget_pos(nr);
	struct iov_iter iter;
	loff_t pos;
	long ret;

	if (!fd.file)
		return -EBADF;
	allocated = iov_iter_import(&iter, user, nr_pieces, room, NR_STACK_PIECES);
	if (IS_ERR(allocated)) {
		fdput_pos(fd);
		return PTR_ERR(allocated);
	}
	pos = fd.file->pos;
	ret = transfer(fd.file, what, &iter, &pos);
	if (!(fd.file->mode & FMODE_STREAM))
		fd.file->pos = pos;
	kfree(allocated);
	fdput_pos(fd);
	return ret;
}

long sys_readv(unsigned int fd, const struct iovec __user *pieces, unsigned long nr)
{
	return rw_pieces(fd, READ, pieces, nr);
}

long sys_writev(unsigned int fd, const struct iovec __user *pieces, unsigned long nr)
{
	return rw_pieces(fd, WRITE, pieces, nr);
}

static long rw_pieces_at(unsigned int nr, enum direction what, const struct iovec __user *user,
			 unsigned long nr_pieces, loff_t pos)
{
	struct iovec room[NR_STACK_PIECES], *allocated;
	struct fd fd = fdget(nr);
	struct iov_iter iter;
	long ret;

	if (pos < 0)
		return -EINVAL;
	if (!fd.file)
		return -EBADF;
	allocated = iov_iter_import(&iter, user, nr_pieces, room, NR_STACK_PIECES);
	ret = IS_ERR(allocated) ? PTR_ERR(allocated) : transfer_at(fd.file, what, &iter, pos);
	if (!IS_ERR(allocated))
		kfree(allocated);
	fdput(fd);
	return ret;
}

long sys_preadv(unsigned int fd, const struct iovec __user *pieces, unsigned long nr,
		unsigned long low, unsigned long high __maybe_unused)
{
	return rw_pieces_at(fd, READ, pieces, nr, low);
}

long sys_pwritev(unsigned int fd, const struct iovec __user *pieces, unsigned long nr,
		 unsigned long low, unsigned long high __maybe_unused)
{
	return rw_pieces_at(fd, WRITE, pieces, nr, low);
}

/* RWF_HIPRI, RWF_DSYNC and RWF_SYNC, whose definitions sparse takes for mistakes. */
#define RW_FLAGS_THAT_HOLD 0x7

/* What they ask for holds anyway (everything is in memory), or cannot be promised. */
static int check_rw_flags(int flags)
{
	return flags & ~RW_FLAGS_THAT_HOLD ? -EOPNOTSUPP : 0;
}

long sys_preadv2(unsigned int fd, const struct iovec __user *pieces, unsigned long nr,
		 unsigned long low, unsigned long high __maybe_unused, int flags)
{
	int err = check_rw_flags(flags);

	if (err)
		return err;
	return low == ~0UL ? rw_pieces(fd, READ, pieces, nr)
			   : rw_pieces_at(fd, READ, pieces, nr, low);
}

long sys_pwritev2(unsigned int fd, const struct iovec __user *pieces, unsigned long nr,
		  unsigned long low, unsigned long high __maybe_unused, int flags)
{
	int err = check_rw_flags(flags);

	if (err)
		return err;
	return low == ~0UL ? rw_pieces(fd, WRITE, pieces, nr)
			   : rw_pieces_at(fd, WRITE, pieces, nr, low);
}

long sys_lseek(unsigned int nr, loff_t offset, unsigned int whence)
{
	struct fd fd = fdget_pos(nr);
	long ret;

	if (!fd.file)
		return -EBADF;
	if (whence > SEEK_MAX)
		ret = -EINVAL;
	else if (fd.file->mode & FMODE_STREAM || !fd.file->ops->llseek)
		ret = -ESPIPE;
	else
		ret = fd.file->ops->llseek(fd.file, offset, whence);
	fdput_pos(fd);
	return ret;
}
