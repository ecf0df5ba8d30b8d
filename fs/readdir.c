/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading directories.  The position of the file is that of the entry to read next; each record
 * carries the position behind itself, which is that of the next one and known only then: it is
 * written when the next one comes, or the call ends.
 */
#include <linux/errno.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/inotify.h>
#include <oshit/math.h>
#include <oshit/sched.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>

/* No header of the ABI has the two records. */
struct linux_dirent64 {
	u64 d_ino;
	s64 d_off;
	unsigned short d_reclen;
	unsigned char d_type;
	char d_name[];
};

struct linux_dirent { /* the type is the last byte of the record */
	unsigned long d_ino;
	unsigned long d_off;
	unsigned short d_reclen;
	char d_name[];
};

static_assert(offsetof(struct linux_dirent64, d_off) == offsetof(struct linux_dirent, d_off),
	      "d_off is written without looking which it is");

struct getdents {
	struct dir_context ctx;
	char __user *pos; /* of the next record */
	char __user *previous; /* record, whose d_off is to be written; NULL: none */
	size_t left; /* bytes */
	int err;
};

static struct getdents *getdents_of(struct dir_context *ctx)
{
	return container_of(ctx, struct getdents, ctx);
}

/* Writes d_off of the last record. 0 or -EFAULT. */
static int end_record(struct getdents *dents)
{
	struct linux_dirent64 __user *previous = (struct linux_dirent64 __user *)dents->previous;

	return previous ? put_user(dents->ctx.pos, &previous->d_off) : 0;
}

/* Room for a record of @size bytes. */
static bool make_room(struct getdents *dents, size_t size)
{
	dents->err = -EINVAL; /* if not even one fits */
	if (size > dents->left)
		return false;
	if (dents->previous && signal_pending(current)) {
		dents->err = -EINTR;
		return false;
	}
	dents->err = end_record(dents);
	return !dents->err;
}

static void record_done(struct getdents *dents, size_t size)
{
	dents->previous = dents->pos;
	dents->pos += size;
	dents->left -= size;
}

static bool emit64(struct dir_context *ctx, const char *name, unsigned int len, u64 ino,
		   unsigned int type)
{
	struct getdents *dents = getdents_of(ctx);
	struct linux_dirent64 __user *to = (struct linux_dirent64 __user *)dents->pos;
	size_t size = ALIGN_UP(offsetof(struct linux_dirent64, d_name) + len + 1, sizeof(u64));

	if (!make_room(dents, size))
		return false;
	if (put_user(ino, &to->d_ino) || put_user((unsigned short)size, &to->d_reclen) ||
	    put_user((unsigned char)type, &to->d_type) || copy_to_user(to->d_name, name, len) ||
	    put_user('\0', &to->d_name[len])) {
		dents->err = -EFAULT;
		return false;
	}
	record_done(dents, size);
	return true;
}

static bool emit_old(struct dir_context *ctx, const char *name, unsigned int len, u64 ino,
		     unsigned int type)
{
	struct getdents *dents = getdents_of(ctx);
	struct linux_dirent __user *to = (struct linux_dirent __user *)dents->pos;
	size_t size = ALIGN_UP(offsetof(struct linux_dirent, d_name) + len + 2, sizeof(long));

	if (!make_room(dents, size))
		return false;
	if (put_user(ino, &to->d_ino) || put_user((unsigned short)size, &to->d_reclen) ||
	    copy_to_user(to->d_name, name, len) || put_user('\0', &to->d_name[len]) ||
	    put_user((char)type, dents->pos + size - 1)) {
		dents->err = -EFAULT;
		return false;
	}
	record_done(dents, size);
	return true;
}

static int iterate_dir(struct file *file, struct dir_context *ctx)
{
	struct inode *inode = file_inode(file);
	int err = -ENOENT;

	if (!file->ops->iterate)
		return -ENOTDIR;
	if (!(file->mode & FMODE_READ))
		return -EBADF;
	down_read(&inode->rwsem);
	if (!(inode->flags & S_DEAD)) {
		ctx->pos = file->pos;
		err = file->ops->iterate(file, ctx);
		file->pos = ctx->pos;
	}
	up_read(&inode->rwsem);
	file_accessed(file);
	if (!err)
		notify_file(file, IN_ACCESS);
	return err;
}

static long getdents(unsigned int nr, struct getdents *dents, unsigned int size)
{
	struct fd fd = fdget_pos(nr);
	long ret;

	if (!fd.file)
		return -EBADF;
	dents->left = size;
	ret = iterate_dir(fd.file, &dents->ctx);
	if (!ret && dents->previous)
		ret = end_record(dents) ?: (long)(size - dents->left);
	else if (!ret)
		ret = dents->err;
	fdput_pos(fd);
	return ret;
}

long sys_getdents64(unsigned int fd, struct linux_dirent64 __user *buf, unsigned int size)
{
	struct getdents dents = { .ctx.actor = emit64, .pos = (char __user *)buf };

	return getdents(fd, &dents, size);
}

long sys_getdents(unsigned int fd, struct linux_dirent __user *buf, unsigned int size)
{
	struct getdents dents = { .ctx.actor = emit_old, .pos = (char __user *)buf };

	return getdents(fd, &dents, size);
}
