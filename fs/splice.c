/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes that go from file to file without a program touching them: sendfile(), copy_file_range(),
 * splice(), tee(), vmsplice().
 *
 * All begin with a source that hands out pages: of a file in the page cache those that are there,
 * with a reference; of other files new ones, filled by read().  A pipe takes such a page as one of
 * its pieces, without a copy; any other file gets its bytes by write(), which copies once.  From
 * pipe to pipe the pieces themselves move, and tee() has two pipes share pages.  A page that is
 * shared so is marked, and never written to by the pipe.  What is written to the file before the
 * pipe is read is seen there, as in Linux.
 *
 * The bytes of a user's memory are copied by vmsplice(): a pipe holds no pages of address spaces.
 *
 * Locks: the mutex of a pipe is held while its first piece is written to a file, outside of that
 * file's rwsem; of two pipes the one at the lower address comes first, and who waits for one of
 * them holds neither.  Positions of files are not locked, as in Linux.
 *
 * Left out: files that are not seekable as the source of sendfile(), as in Linux.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <oshit/entry.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/gfp.h>
#include <oshit/inotify.h>
#include <oshit/math.h>
#include <oshit/rlimit.h>
#include <oshit/sched.h>
#include <oshit/slab.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>
#include <oshit/uio.h>
#include <oshit/user_task.h>

#include "pipe.h"

/* Of splice(), tee() and vmsplice(); no header of the ABI has them. */
#define SPLICE_F_MOVE	  0x1u
#define SPLICE_F_NONBLOCK 0x2u
#define SPLICE_F_MORE	  0x4u
#define SPLICE_F_GIFT	  0x8u
#define SPLICE_F_ALL	  0xfu

#define NR_STACK_PIECES	  8

/* --- the source --- */

static bool is_cached(const struct file *file)
{
	return file->ops->read == generic_file_read;
}

/* Up to @len bytes of the page cache, in one page. Bytes; 0: the end; -errno. */
static long take_cached(struct file *file, loff_t pos, size_t len, struct pipe_piece *piece)
{
	struct inode *inode = file_inode(file);
	loff_t size = i_size_read(inode);
	struct page *page;

	if (pos >= size)
		return 0;
	page = generic_file_page(inode, pos) ?: alloc_page(GFP_USER | __GFP_ZERO);
	if (IS_ERR_OR_NULL(page))
		return page ? PTR_ERR(page) : -ENOMEM;
	len = min(len, PAGE_SIZE - (size_t)pos % PAGE_SIZE);
	*piece = (struct pipe_piece){
		.page = page,
		.offset = (u16)(pos % (loff_t)PAGE_SIZE),
		.len = (u16)min(len, (size_t)(size - pos)),
		.is_shared = true,
	};
	return piece->len;
}

static long take_by_read(struct file *file, loff_t *pos, size_t len, struct pipe_piece *piece)
{
	struct page *page = alloc_page(GFP_USER);
	struct iov_iter iter;
	long done;

	if (!page)
		return -ENOMEM;
	iov_iter_kernel(&iter, page_to_virt(page), min(len, PAGE_SIZE));
	done = file->ops->read ? file->ops->read(file, &iter, pos) : -EINVAL;
	if (done <= 0) {
		put_page(page);
		return done;
	}
	*piece = (struct pipe_piece){ .page = page, .len = (u16)done };
	return done;
}

/* The next bytes, as a piece with a reference to its page, and moves *@pos. */
static long take_piece(struct file *file, loff_t *pos, size_t len, struct pipe_piece *piece)
{
	long done;

	if (!is_cached(file))
		return take_by_read(file, pos, len, piece);
	done = take_cached(file, *pos, len, piece);
	if (done > 0)
		*pos += done;
	return done;
}

static void end_read(struct file *file)
{
	if (is_cached(file))
		file_accessed(file);
	notify_file(file, IN_ACCESS);
}

/* --- to a file --- */

static long write_piece(struct file *file, const struct pipe_piece *piece, size_t len, loff_t *pos)
{
	struct iov_iter iter;
	long done;

	iov_iter_kernel(&iter, piece_start(piece), len);
	done = file->ops->write(file, &iter, pos);
	if (done > 0)
		notify_file(file, IN_MODIFY);
	return done;
}

struct copy {
	struct file *in, *out;
	loff_t in_pos, out_pos; /* move with what was copied */
};

/* A page or less. Bytes; 0: the end; -errno. What was not written counts as not read. */
static long copy_part(struct copy *copy, size_t len)
{
	struct pipe_piece piece;
	loff_t start = copy->in_pos;
	long got = take_piece(copy->in, &copy->in_pos, len, &piece), put;

	if (got <= 0)
		return got;
	put = write_piece(copy->out, &piece, got, &copy->out_pos);
	put_page(piece.page);
	if (put < got)
		copy->in_pos = start + max(put, 0L);
	return put;
}

static long copy_all(struct copy *copy, size_t len)
{
	long total = 0, done = 0;

	while (len) {
		size_t part = min(len, PAGE_SIZE - (size_t)copy->in_pos % PAGE_SIZE);

		done = copy_part(copy, part);
		if (done <= 0)
			break;
		total += done;
		len -= done;
		if ((size_t)done < part && !is_cached(copy->in))
			break;
		if (len && signal_pending(current)) {
			done = -ERESTARTSYS;
			break;
		}
		cond_resched();
	}
	end_read(copy->in);
	return total ?: done;
}

/* --- from a file to a pipe --- */

static enum pipe_block how_of(const struct file *file, unsigned int flags)
{
	return flags & SPLICE_F_NONBLOCK || READ_ONCE(file->flags) & O_NONBLOCK ? PIPE_NONBLOCK
										: PIPE_BLOCK;
}

/* Pieces as long as there is room, and something comes. Under the mutex. */
static long fill_pipe(struct pipe *pipe, struct file *in, loff_t *pos, size_t len)
{
	long total = 0, done = 0;

	while (len && !pipe_is_full(pipe)) {
		struct pipe_piece piece;

		done = take_piece(in, pos, len, &piece);
		if (done <= 0)
			break;
		pipe_push(pipe, &piece);
		total += done;
		len -= done;
		/* Who gave less than a page may make us wait for more. */
		if (!is_cached(in) && (in->mode & FMODE_STREAM || (size_t)done < PAGE_SIZE))
			break;
	}
	return total ?: done;
}

static long file_to_pipe(struct file *in, loff_t *pos, struct file *out, size_t len,
			 unsigned int flags)
{
	struct pipe *pipe = pipe_of(out);
	long ret;

	mutex_lock(&pipe->mutex);
	ret = pipe_wait_room(pipe, how_of(out, flags));
	if (!ret)
		ret = fill_pipe(pipe, in, pos, len);
	mutex_unlock(&pipe->mutex);
	if (ret > 0)
		wake_up(&pipe->can_read);
	end_read(in);
	return ret;
}

/* --- from a pipe to a file --- */

/* What is there, up to @len. Under the mutex. */
static long drain_pipe(struct pipe *pipe, struct file *out, loff_t *pos, size_t len)
{
	long total = 0, done = 0;

	while (len && !pipe_is_empty(pipe)) {
		struct pipe_piece *piece = pipe_piece(pipe, pipe->tail);
		size_t part = min(len, (size_t)piece->len);

		done = write_piece(out, piece, part, pos);
		if (done <= 0)
			break;
		pipe_consume(pipe, done);
		total += done;
		len -= done;
		if ((size_t)done < part)
			break;
	}
	return total ?: done;
}

/* As much as is asked for, but once something has come nobody waits for more. */
static long pipe_to_file(struct file *in, struct file *out, loff_t *pos, size_t len,
			 unsigned int flags)
{
	struct pipe *pipe = pipe_of(in);
	long total = 0, ret;

	mutex_lock(&pipe->mutex);
	do {
		ret = pipe_wait_data(pipe, total ? PIPE_NONBLOCK : how_of(in, flags));
		if (ret <= 0)
			break;
		ret = drain_pipe(pipe, out, pos, len - total);
		if (ret > 0)
			total += ret;
	} while (ret > 0 && (size_t)total < len);
	mutex_unlock(&pipe->mutex);
	if (total)
		wake_up(&pipe->can_write);
	return total ?: ret;
}

/* --- from a pipe to a pipe --- */

static void lock_pipes(struct pipe *a, struct pipe *b)
{
	if (a > b)
		swap(a, b);
	mutex_lock(&a->mutex);
	mutex_lock_nested(&b->mutex, 1);
}

static void unlock_pipes(struct pipe *a, struct pipe *b)
{
	mutex_unlock(&a->mutex);
	mutex_unlock(&b->mutex);
}

/*
 * Locks both when the one has something and the other has room.  Return: 1; 0: nothing will come;
 * -errno.  Unless 1, neither is locked.
 */
static long lock_ready_pipes(struct pipe *in, struct pipe *out, enum pipe_block how)
{
	long ret;

	for (;;) {
		mutex_lock(&in->mutex);
		ret = pipe_wait_data(in, how);
		mutex_unlock(&in->mutex);
		if (ret <= 0)
			return ret;
		mutex_lock(&out->mutex);
		ret = pipe_wait_room(out, how);
		mutex_unlock(&out->mutex);
		if (ret)
			return ret;
		lock_pipes(in, out);
		if (!pipe_is_empty(in) && !pipe_is_full(out) && out->nr_readers)
			return 1;
		unlock_pipes(in, out);
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
}

/* A reference to the first @len bytes of @piece for another pipe. */
static struct pipe_piece share_piece(struct pipe_piece *piece, size_t len)
{
	struct pipe_piece twin;

	get_page(piece->page);
	piece->is_shared = true;
	twin = *piece;
	twin.len = (u16)len;
	return twin;
}

static long move_pieces(struct pipe *in, struct pipe *out, size_t len)
{
	long total = 0;

	while ((size_t)total < len && !pipe_is_empty(in) && !pipe_is_full(out)) {
		struct pipe_piece *first = pipe_piece(in, in->tail), piece;
		size_t part = min(len - total, (size_t)first->len);

		if (part == first->len) {
			piece = pipe_pop(in);
		} else {
			piece = share_piece(first, part);
			pipe_consume(in, part);
		}
		pipe_push(out, &piece);
		total += (long)part;
	}
	return total;
}

static long copy_pieces(struct pipe *in, struct pipe *out, size_t len)
{
	unsigned int at = in->tail;
	long total = 0;

	for (; (size_t)total < len && at != in->head && !pipe_is_full(out); at++) {
		struct pipe_piece *first = pipe_piece(in, at), piece;

		piece = share_piece(first, min(len - total, (size_t)first->len));
		pipe_push(out, &piece);
		total += piece.len;
	}
	return total;
}

typedef long pipe_pair_fn(struct pipe *in, struct pipe *out, size_t len);

static long pipe_to_pipe(struct file *in_file, struct file *out_file, size_t len,
			 unsigned int flags, pipe_pair_fn *fn)
{
	struct pipe *in = pipe_of(in_file), *out = pipe_of(out_file);
	enum pipe_block how = how_of(in_file, flags);
	long ret;

	if (in == out)
		return -EINVAL;
	if (how_of(out_file, flags) == PIPE_NONBLOCK)
		how = PIPE_NONBLOCK;
	ret = lock_ready_pipes(in, out, how);
	if (ret <= 0)
		return ret;
	ret = fn(in, out, len);
	unlock_pipes(in, out);
	wake_up(&out->can_read);
	wake_up(&in->can_write);
	return ret;
}

/* --- what the calls have in common --- */

/* Two files for the time of a call. */
struct fd_pair {
	struct fd in, out;
};

/* -EBADF: not both are open. */
static int get_files(struct fd_pair *pair, unsigned int in, unsigned int out)
{
	pair->in = fdget(in);
	pair->out = fdget(out);
	return pair->in.file && pair->out.file ? 0 : -EBADF;
}

/* -EBADF: not for reading and for writing. */
static int check_modes(const struct file *in, const struct file *out)
{
	return in->mode & FMODE_READ && out->mode & FMODE_WRITE ? 0 : -EBADF;
}

static int get_pair(struct fd_pair *pair, unsigned int in, unsigned int out)
{
	return get_files(pair, in, out) ?: check_modes(pair->in.file, pair->out.file);
}

static void put_pair(struct fd_pair *pair)
{
	fdput(pair->in);
	fdput(pair->out);
}

static bool has_positions(const struct file *file)
{
	return !(file->mode & FMODE_STREAM) && file->ops->llseek;
}

/* An offset that a program may have given; NULL: none, and @pos stays. */
static int get_any_offset(loff_t *pos, const loff_t __user *user)
{
	return user && copy_from_user(pos, user, sizeof(*pos)) ? -EFAULT : 0;
}

static int get_offset(loff_t *pos, const loff_t __user *user)
{
	return get_any_offset(pos, user) ?: user && *pos < 0 ? -EINVAL : 0;
}

/* And where it goes afterwards: there, or into the file. */
static int put_offset(loff_t pos, struct file *file, loff_t __user *user)
{
	if (user)
		return copy_to_user(user, &pos, sizeof(pos)) ? -EFAULT : 0;
	if (!(file->mode & FMODE_STREAM))
		file->pos = pos;
	return 0;
}

static int check_target(const struct file *out)
{
	return out->ops->write && !(READ_ONCE(out->flags) & O_APPEND) ? 0 : -EINVAL;
}

/* --- sendfile --- */

static long send_pages(struct file *in, loff_t *pos, struct file *out, size_t len)
{
	struct copy copy = { in, out, *pos, out->pos };
	long ret = pipe_of(out) ? 0 : check_target(out);

	if (ret)
		return ret;
	if (pipe_of(out))
		return file_to_pipe(in, pos, out, len, 0);
	ret = copy_all(&copy, len);
	*pos = copy.in_pos;
	if (ret > 0)
		put_offset(copy.out_pos, out, NULL);
	return ret;
}

static long do_sendfile(struct fd_pair *pair, loff_t __user *offset, size_t count)
{
	struct file *in = pair->in.file, *out = pair->out.file;
	loff_t pos;
	long ret;

	if (!in || !(in->mode & FMODE_READ))
		return -EBADF;
	pos = in->pos;
	if (offset && !has_positions(in))
		return -ESPIPE;
	ret = get_offset(&pos, offset);
	if (!ret && !(out && out->mode & FMODE_WRITE))
		ret = -EBADF;
	if (ret)
		return ret;
	if (!has_positions(in) || S_ISDIR(file_inode(in)->mode))
		return -EINVAL;
	ret = send_pages(in, &pos, out, min(count, MAX_RW_COUNT));
	count_io_call(false, ret);
	count_io_call(true, ret);
	if (ret > 0 && put_offset(pos, in, offset))
		ret = -EFAULT;
	return ret;
}

long sys_sendfile(unsigned int out, unsigned int in, loff_t __user *offset, size_t count)
{
	struct fd_pair pair = { fdget(in), fdget(out) };
	long ret = do_sendfile(&pair, offset, count);

	put_pair(&pair);
	return ret;
}

/* --- copy_file_range --- */

static int check_files(const struct file *in, const struct file *out)
{
	const struct inode *from = file_inode(in), *to = file_inode(out);

	if (S_ISDIR(from->mode) || S_ISDIR(to->mode))
		return -EISDIR;
	if (!S_ISREG(from->mode) || !S_ISREG(to->mode))
		return -EINVAL;
	if (check_modes(in, out) || READ_ONCE(out->flags) & O_APPEND)
		return -EBADF;
	return from->sb == to->sb ? 0 : -EXDEV;
}

/* How much there is to copy; the ranges of one file must not overlap. Bytes or -errno. */
static long check_ranges(const struct copy *copy, size_t len)
{
	struct inode *from = file_inode(copy->in), *to = file_inode(copy->out);
	loff_t size = i_size_read(from), limit = (loff_t)current_limit(RLIMIT_FSIZE);
	u64 end;

	/* Without signs, as Linux: only what survives that is found to be negative. */
	if (__builtin_add_overflow((u64)copy->in_pos, len, &end) ||
	    __builtin_add_overflow((u64)copy->out_pos, len, &end))
		return -EOVERFLOW;
	if (copy->in_pos < 0 || copy->out_pos < 0)
		return -EINVAL;
	if (copy->in_pos >= size)
		return 0;
	len = min(len, (size_t)(size - copy->in_pos));
	if (limit >= 0 && copy->out_pos >= limit) {
		fs_raise(SIGXFSZ);
		return -EFBIG;
	}
	if (from == to && copy->out_pos + (loff_t)len > copy->in_pos &&
	    copy->out_pos < copy->in_pos + (loff_t)len)
		return -EINVAL;
	return (long)min(len, MAX_RW_COUNT);
}

static long do_copy_range(struct copy *copy, size_t len)
{
	long ret = check_files(copy->in, copy->out);

	if (ret)
		return ret;
	ret = check_ranges(copy, len);
	return ret > 0 ? copy_all(copy, ret) : ret;
}

long sys_copy_file_range(unsigned int in, loff_t __user *in_offset, unsigned int out,
			 loff_t __user *out_offset, size_t len, unsigned int flags)
{
	struct fd_pair pair;
	struct copy copy;
	long ret = get_files(&pair, in, out);

	if (!ret) {
		copy = (struct copy){ pair.in.file, pair.out.file, pair.in.file->pos,
				      pair.out.file->pos };
		ret = get_any_offset(&copy.in_pos, in_offset)
			      ?: get_any_offset(&copy.out_pos, out_offset);
	}
	if (!ret && flags)
		ret = -EINVAL;
	if (!ret) {
		ret = do_copy_range(&copy, len);
		count_io_call(false, ret);
		count_io_call(true, ret);
	}
	if (ret > 0 && (put_offset(copy.in_pos, copy.in, in_offset) ||
			put_offset(copy.out_pos, copy.out, out_offset)))
		ret = -EFAULT;
	put_pair(&pair);
	return ret;
}

/* --- splice, tee, vmsplice --- */

struct splice {
	struct file *in, *out;
	loff_t __user *in_offset, *out_offset;
	size_t len;
	unsigned int flags;
};

static long splice_from_file(const struct splice *splice)
{
	loff_t pos = splice->in->pos;
	long ret;

	if (splice->out_offset)
		return -ESPIPE;
	if (splice->in_offset && !has_positions(splice->in))
		return -EINVAL;
	ret = get_offset(&pos, splice->in_offset);
	if (!ret && S_ISDIR(file_inode(splice->in)->mode))
		ret = -EINVAL;
	ret = ret ?: file_to_pipe(splice->in, &pos, splice->out, splice->len, splice->flags);
	if (ret > 0 && put_offset(pos, splice->in, splice->in_offset))
		ret = -EFAULT;
	return ret;
}

static long splice_to_file(const struct splice *splice)
{
	loff_t pos = splice->out->pos;
	long ret;

	if (splice->in_offset)
		return -ESPIPE;
	if (splice->out_offset && !has_positions(splice->out))
		return -EINVAL;
	ret = get_offset(&pos, splice->out_offset) ?: check_target(splice->out);
	ret = ret ?: pipe_to_file(splice->in, splice->out, &pos, splice->len, splice->flags);
	if (ret > 0 && put_offset(pos, splice->out, splice->out_offset))
		ret = -EFAULT;
	return ret;
}

static long do_splice(const struct splice *splice)
{
	if (pipe_of(splice->in) && pipe_of(splice->out)) {
		if (splice->in_offset || splice->out_offset)
			return -ESPIPE;
		return pipe_to_pipe(splice->in, splice->out, splice->len, splice->flags,
				    move_pieces);
	}
	if (pipe_of(splice->in))
		return splice_to_file(splice);
	return pipe_of(splice->out) ? splice_from_file(splice) : -EINVAL;
}

long sys_splice(unsigned int in, loff_t __user *in_offset, unsigned int out,
		loff_t __user *out_offset, size_t len, unsigned int flags)
{
	struct splice splice = { .in_offset = in_offset, .out_offset = out_offset, .flags = flags };
	struct fd_pair pair;
	long ret;

	if (!len)
		return 0;
	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	ret = get_pair(&pair, in, out);
	splice.in = pair.in.file;
	splice.out = pair.out.file;
	splice.len = min(len, MAX_RW_COUNT);
	ret = ret ?: do_splice(&splice);
	put_pair(&pair);
	return ret;
}

long sys_tee(unsigned int in, unsigned int out, size_t len, unsigned int flags)
{
	struct fd_pair pair;
	long ret;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!len)
		return 0;
	ret = get_pair(&pair, in, out);
	if (!ret && !(pipe_of(pair.in.file) && pipe_of(pair.out.file)))
		ret = -EINVAL;
	ret = ret
		      ?: pipe_to_pipe(pair.in.file, pair.out.file, min(len, MAX_RW_COUNT), flags,
				      copy_pieces);
	put_pair(&pair);
	return ret;
}

static long do_vmsplice(struct file *file, struct iov_iter *iter, unsigned int flags)
{
	enum pipe_block how = flags & SPLICE_F_NONBLOCK ? PIPE_NONBLOCK : PIPE_BLOCK;
	struct pipe *pipe = pipe_of(file);

	if (!iter->count)
		return 0;
	if (!pipe)
		return -EBADF;
	return file->mode & FMODE_WRITE ? pipe_write_iter(pipe, iter, how)
					: pipe_read_iter(pipe, iter, how);
}

long sys_vmsplice(unsigned int nr, const struct iovec __user *pieces, unsigned long nr_pieces,
		  unsigned int flags)
{
	struct iovec room[NR_STACK_PIECES], *allocated;
	struct iov_iter iter;
	struct fd fd;
	long ret;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	fd = fdget(nr);
	if (!fd.file)
		return -EBADF;
	allocated = iov_iter_import(&iter, pieces, nr_pieces, room, NR_STACK_PIECES);
	if (IS_ERR(allocated)) {
		fdput(fd);
		return PTR_ERR(allocated);
	}
	ret = do_vmsplice(fd.file, &iter, flags);
	kfree(allocated);
	fdput(fd);
	return ret;
}
