/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pipes, and FIFOs, which are pipes with a name.
 *
 * A pipe is a ring of pages that are allocated as they are written and go when they have been read,
 * but for a spare one: so an idle pipe holds a page at most, and one in steady use allocates none.
 * The pages of splice() and tee() are others' as well: nothing is written to those.  Up to PIPE_BUF
 * bytes are written as a whole or not yet; a writer appends to the last page if all of that fits,
 * else begins a new one, so the bytes of one small write lie in one piece or in two.
 *
 * Who waits is woken when the pipe becomes not empty, not full, or loses its last reader or writer.
 * Once it has been polled each write wakes: who waits for edges wants to hear of all.
 *
 * Locks: pipe->mutex for everything; it is held while bytes are copied from and to user memory, so
 * it is outside of mmap_lock.  pipes_lock ties a FIFO's inode to its pipe.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/magic.h>
#include <linux/poll.h>
#include <linux/signal.h>
#include <asm/ioctls.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/pipe.h>
#include <oshit/poll.h>
#include <oshit/slab.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>
#include <oshit/uio.h>
#include <oshit/wait.h>

#include "pipe.h"

#define MAX_PIPE_BYTES	    (1UL << 31) /* that F_SETPIPE_SZ can ask for */
#define MAX_PIPE_BYTES_USER (1UL << 20) /* without privileges; Linux's fs.pipe-max-size */

static DEFINE_SPINLOCK(pipes_lock); /* inode->private of FIFOs, and pipe->nr_files */

static struct pipe *alloc_pipe(void)
{
	struct pipe *pipe = kzalloc(sizeof(*pipe), GFP_KERNEL);

	if (!pipe)
		return NULL;
	mutex_init(&pipe->mutex);
	pipe->pieces = pipe->first;
	pipe->nr_pieces = PIPE_PAGES;
	init_waitqueue_head(&pipe->can_read);
	init_waitqueue_head(&pipe->can_write);
	return pipe;
}

static void free_pipe(struct pipe *pipe)
{
	while (pipe->tail != pipe->head)
		put_page(pipe_piece(pipe, pipe->tail++)->page);
	if (pipe->spare)
		put_page(pipe->spare);
	if (pipe->pieces != pipe->first)
		kfree(pipe->pieces);
	kfree(pipe);
}

static void wake_both(struct pipe *pipe)
{
	wake_up_all(&pipe->can_read);
	wake_up_all(&pipe->can_write);
}

/* --- reading --- */

struct pipe_piece pipe_pop(struct pipe *pipe)
{
	struct pipe_piece piece = *pipe_piece(pipe, pipe->tail);

	WRITE_ONCE(pipe->tail, pipe->tail + 1);
	return piece;
}

/* Drops the first piece, which is empty; its page may serve the next writer. */
static void drop_piece(struct pipe *pipe)
{
	struct pipe_piece piece = pipe_pop(pipe);

	if (pipe->spare || piece.is_shared)
		put_page(piece.page);
	else
		pipe->spare = piece.page;
}

void pipe_consume(struct pipe *pipe, size_t len)
{
	struct pipe_piece *piece = pipe_piece(pipe, pipe->tail);

	piece->offset += len;
	piece->len -= len;
	if (!piece->len)
		drop_piece(pipe);
}

/* What there is. Bytes; -EFAULT. */
static long take_bytes(struct pipe *pipe, struct iov_iter *to)
{
	long total = 0;

	while (to->count && !pipe_is_empty(pipe)) {
		struct pipe_piece *piece = pipe_piece(pipe, pipe->tail);
		size_t part = min(to->count, (size_t)piece->len);
		size_t done = copy_to_iter(piece_start(piece), part, to);

		pipe_consume(pipe, done);
		total += done;
		if (done < part)
			return total ?: -EFAULT;
	}
	return total;
}

static bool readable(const struct pipe *pipe)
{
	return !pipe_is_empty(pipe) || !READ_ONCE(pipe->nr_writers);
}

int pipe_wait_data(struct pipe *pipe, enum pipe_block how)
{
	int err;

	while (pipe_is_empty(pipe) && pipe->nr_writers) {
		if (how == PIPE_NONBLOCK)
			return -EAGAIN;
		mutex_unlock(&pipe->mutex);
		err = wait_event_interruptible(pipe->can_read, readable(pipe));
		mutex_lock(&pipe->mutex);
		if (err)
			return -ERESTARTSYS;
	}
	return !pipe_is_empty(pipe);
}

long pipe_read_iter(struct pipe *pipe, struct iov_iter *to, enum pipe_block how)
{
	bool was_full = false;
	long ret;

	mutex_lock(&pipe->mutex);
	ret = pipe_wait_data(pipe, how);
	if (ret > 0) {
		was_full = pipe_is_full(pipe);
		ret = take_bytes(pipe, to);
	}
	mutex_unlock(&pipe->mutex);
	if (was_full && !pipe_is_full(pipe))
		wake_up(&pipe->can_write);
	return ret;
}

static enum pipe_block block_of(const struct file *file)
{
	return READ_ONCE(file->flags) & O_NONBLOCK ? PIPE_NONBLOCK : PIPE_BLOCK;
}

static long pipe_read(struct file *file, struct iov_iter *to, loff_t *pos __maybe_unused)
{
	return to->count ? pipe_read_iter(file->private, to, block_of(file)) : 0;
}

/* --- writing --- */

/* Bytes that can be appended to the last piece. */
static size_t room_in_last(struct pipe *pipe)
{
	const struct pipe_piece *last = pipe_piece(pipe, pipe->head - 1);

	return pipe_is_empty(pipe) || last->is_shared ? 0 : PAGE_SIZE - last->offset - last->len;
}

/* Appends up to @len bytes to the last piece. Bytes. */
static size_t append(struct pipe *pipe, struct iov_iter *from, size_t len)
{
	struct pipe_piece *last = pipe_piece(pipe, pipe->head - 1);
	size_t done = copy_from_iter(piece_start(last) + last->len, len, from);

	last->len += done;
	return done;
}

void pipe_push(struct pipe *pipe, const struct pipe_piece *piece)
{
	*pipe_piece(pipe, pipe->head) = *piece;
	WRITE_ONCE(pipe->head, pipe->head + 1);
}

static struct page *take_spare(struct pipe *pipe)
{
	struct page *page = pipe->spare;

	pipe->spare = NULL;
	return page ?: alloc_page(GFP_USER);
}

/* One page more, with what fits. Bytes; -ENOMEM; -EFAULT. */
static long add_piece(struct pipe *pipe, struct iov_iter *from)
{
	struct page *page = take_spare(pipe);
	size_t done;

	if (!page)
		return -ENOMEM;
	done = copy_from_iter(page_to_virt(page), min(from->count, PAGE_SIZE), from);
	if (!done) {
		pipe->spare = page;
		return -EFAULT;
	}
	pipe_push(pipe, &(struct pipe_piece){ .page = page, .len = (u16)done });
	return done;
}

/* As much as there is room for. Bytes or -errno. */
static long put_bytes(struct pipe *pipe, struct iov_iter *from)
{
	size_t tail = from->count % PAGE_SIZE, wanted;
	long total = 0, done;

	if (tail && tail <= room_in_last(pipe)) {
		total = append(pipe, from, tail);
		if ((size_t)total < tail)
			return total ?: -EFAULT;
	}
	while (from->count && !pipe_is_full(pipe)) {
		wanted = min(from->count, PAGE_SIZE);
		done = add_piece(pipe, from);
		if (done < 0)
			return total ?: done;
		total += done;
		if ((size_t)done < wanted)
			break;
	}
	return total;
}

static bool writable(const struct pipe *pipe)
{
	return !pipe_is_full(pipe) || !READ_ONCE(pipe->nr_readers);
}

int pipe_wait_room(struct pipe *pipe, enum pipe_block how)
{
	int err;

	for (;;) {
		if (!pipe->nr_readers) {
			fs_raise(SIGPIPE); /* also if some bytes were taken before */
			return -EPIPE;
		}
		if (!pipe_is_full(pipe))
			return 0;
		if (how == PIPE_NONBLOCK)
			return -EAGAIN;
		mutex_unlock(&pipe->mutex);
		err = wait_event_interruptible(pipe->can_write, writable(pipe));
		mutex_lock(&pipe->mutex);
		if (err)
			return -ERESTARTSYS;
	}
}

/* What one write() does, and what it still has to do when the mutex is free. */
struct pipe_writer {
	struct iov_iter *from;
	enum pipe_block how;
	bool wakes; /* bytes have come for who waits */
};

/* Without the mutex: who is woken may run at once, and wants it. */
static void wake_readers(struct pipe *pipe, struct pipe_writer *writer)
{
	if (writer->wakes)
		wake_up(&pipe->can_read);
	writer->wakes = false;
}

/* 0: there is room, or who reads has been told that there is none. -errno. */
static int make_room(struct pipe *pipe, struct pipe_writer *writer)
{
	if (pipe->nr_readers && !pipe_is_full(pipe))
		return 0;
	if (writer->wakes) {
		mutex_unlock(&pipe->mutex);
		wake_readers(pipe, writer);
		mutex_lock(&pipe->mutex);
	}
	return pipe_wait_room(pipe, writer->how);
}

/* As much as there is room for. Bytes or -errno. */
static long put_and_note(struct pipe *pipe, struct pipe_writer *writer)
{
	bool was_empty = pipe_is_empty(pipe);
	long done = put_bytes(pipe, writer->from);

	if (done > 0 && (was_empty || READ_ONCE(pipe->is_polled)))
		writer->wakes = true;
	return done;
}

/* Under the mutex, which it drops to wait. Bytes or -errno. */
static long write_all(struct pipe *pipe, struct pipe_writer *writer)
{
	struct iov_iter *from = writer->from;
	long total = 0, done = 0;

	while (from->count) {
		done = pipe->nr_readers ? 0 : pipe_wait_room(pipe, writer->how);
		if (done < 0)
			break;
		done = put_and_note(pipe, writer);
		if (done > 0)
			total += done;
		if (done < 0 || (done && from->count && !pipe_is_full(pipe)))
			break; /* a fault */
		done = from->count ? make_room(pipe, writer) : 0;
		if (done < 0)
			break;
	}
	return total ?: done;
}

long pipe_write_iter(struct pipe *pipe, struct iov_iter *from, enum pipe_block how)
{
	struct pipe_writer writer = { .from = from, .how = how };
	long ret;

	mutex_lock(&pipe->mutex);
	ret = write_all(pipe, &writer);
	mutex_unlock(&pipe->mutex);
	wake_readers(pipe, &writer);
	return ret;
}

static long pipe_write(struct file *file, struct iov_iter *from, loff_t *pos __maybe_unused)
{
	return from->count ? pipe_write_iter(file->private, from, block_of(file)) : 0;
}

/* --- the rest of the file --- */

static noinline void pipe_poll_wait(struct pipe *pipe, struct file *file, struct poll_table *table)
{
	if (file->mode & FMODE_READ)
		poll_wait(file, &pipe->can_read, table);
	if (file->mode & FMODE_WRITE)
		poll_wait(file, &pipe->can_write, table);
}

static unsigned int pipe_poll(struct file *file, struct poll_table *table)
{
	struct pipe *pipe = file->private;
	unsigned int events = 0;

	if (!READ_ONCE(pipe->is_polled))
		WRITE_ONCE(pipe->is_polled, true);
	if (table)
		pipe_poll_wait(pipe, file, table);
	if (file->mode & FMODE_READ) {
		if (!pipe_is_empty(pipe))
			events |= POLLIN | POLLRDNORM;
		/* Not before the first writer: fifo_open(). */
		if (!READ_ONCE(pipe->nr_writers) && file->pos != READ_ONCE(pipe->writer_opens))
			events |= POLLHUP;
	}
	if (file->mode & FMODE_WRITE) {
		if (!pipe_is_full(pipe))
			events |= POLLOUT | POLLWRNORM;
		if (!READ_ONCE(pipe->nr_readers))
			events |= POLLERR;
	}
	return events;
}

static long pipe_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pipe *pipe = file->private;
	unsigned int at;
	int nr = 0;

	if (cmd != FIONREAD)
		return -ENOTTY;
	mutex_lock(&pipe->mutex);
	for (at = pipe->tail; at != pipe->head; at++)
		nr += pipe_piece(pipe, at)->len;
	mutex_unlock(&pipe->mutex);
	return put_user(nr, (int __user *)arg);
}

/* A user less; the last one frees the pipe. */
static void put_pipe(struct inode *inode, struct pipe *pipe)
{
	bool last;

	spin_lock(&pipes_lock);
	last = !--pipe->nr_files;
	if (last)
		inode->private = NULL;
	spin_unlock(&pipes_lock);
	if (last)
		free_pipe(pipe);
}

static int pipe_release(struct inode *inode, struct file *file)
{
	struct pipe *pipe = file->private;

	mutex_lock(&pipe->mutex);
	if (file->mode & FMODE_READ)
		WRITE_ONCE(pipe->nr_readers, pipe->nr_readers - 1);
	if (file->mode & FMODE_WRITE)
		WRITE_ONCE(pipe->nr_writers, pipe->nr_writers - 1);
	mutex_unlock(&pipe->mutex);
	wake_both(pipe);
	put_pipe(inode, pipe);
	return 0;
}

static const struct file_operations pipe_fops = {
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release,
};

struct pipe *pipe_of(const struct file *file)
{
	return file->ops == &pipe_fops ? file->private : NULL;
}

/* --- how much fits --- */

/* The number of pages for @bytes; 0: too many. */
static unsigned int nr_pieces_for(unsigned long bytes)
{
	if (bytes > MAX_PIPE_BYTES)
		return 0;
	return 1U << fls64(DIV_ROUND_UP(max(bytes, 1UL), PAGE_SIZE) - 1);
}

/* What waits moves to @pieces, with room for @nr. -EBUSY: there is more. Under the mutex. */
static int replace_pieces(struct pipe *pipe, struct pipe_piece *pieces, unsigned int nr)
{
	unsigned int at;

	if (pipe->head - pipe->tail > nr)
		return -EBUSY;
	for (at = pipe->tail; at != pipe->head; at++)
		pieces[at & (nr - 1)] = *pipe_piece(pipe, at);
	if (pipe->pieces != pipe->first)
		kfree(pipe->pieces);
	pipe->pieces = pieces;
	WRITE_ONCE(pipe->nr_pieces, nr);
	return 0;
}

static long set_size(struct pipe *pipe, unsigned long bytes)
{
	unsigned int nr = nr_pieces_for(bytes);
	struct pipe_piece *pieces;
	int err;

	if (!nr)
		return -EINVAL;
	if (nr > READ_ONCE(pipe->nr_pieces) && nr * PAGE_SIZE > MAX_PIPE_BYTES_USER &&
	    !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	pieces = kmalloc_array(nr, sizeof(*pieces), GFP_KERNEL | __GFP_NOWARN);
	if (!pieces)
		return -ENOMEM;
	mutex_lock(&pipe->mutex);
	err = replace_pieces(pipe, pieces, nr);
	mutex_unlock(&pipe->mutex);
	if (err) {
		kfree(pieces);
		return err;
	}
	wake_up_all(&pipe->can_write);
	return (long)(nr * PAGE_SIZE);
}

long pipe_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pipe *pipe = pipe_of(file);

	if (!pipe)
		return -EBADF;
	return cmd == F_GETPIPE_SZ ? (long)(READ_ONCE(pipe->nr_pieces) * PAGE_SIZE)
				   : set_size(pipe, (unsigned int)arg);
}

static void add_user(struct pipe *pipe, const struct file *file)
{
	if (file->mode & FMODE_READ) {
		WRITE_ONCE(pipe->nr_readers, pipe->nr_readers + 1);
		WRITE_ONCE(pipe->reader_opens, pipe->reader_opens + 1);
	}
	if (file->mode & FMODE_WRITE) {
		WRITE_ONCE(pipe->nr_writers, pipe->nr_writers + 1);
		WRITE_ONCE(pipe->writer_opens, pipe->writer_opens + 1);
	}
}

/* --- FIFOs --- */

/* The pipe of a FIFO, with a user more; NULL: no memory. */
static struct pipe *get_pipe(struct inode *inode)
{
	struct pipe *new = NULL, *pipe;

	spin_lock(&pipes_lock);
	while (!inode->private && !new) {
		spin_unlock(&pipes_lock);
		new = alloc_pipe();
		if (!new)
			return NULL;
		spin_lock(&pipes_lock);
	}
	if (!inode->private) {
		inode->private = new;
		new = NULL;
	}
	pipe = inode->private;
	pipe->nr_files++;
	spin_unlock(&pipes_lock);
	if (new)
		free_pipe(new);
	return pipe;
}

/* A pipe that is opened once more, through /proc, waits for nobody: who had it may be gone. */
static bool is_fifo(const struct inode *inode)
{
	return inode->sb->magic != PIPEFS_MAGIC;
}

/* Whether an open has to wait for the other end: there is nobody yet. pipe->mutex is held. */
static bool lacks_partner(const struct pipe *pipe, const struct file *file)
{
	return !(file->mode & FMODE_READ ? pipe->nr_writers : pipe->nr_readers);
}

/* Until the other end has been opened since it was opened @opens times; it may be closed again. */
static int wait_for_partner(struct pipe *pipe, const struct file *file, unsigned int opens)
{
	if (file->mode & FMODE_READ)
		return wait_event_interruptible(pipe->can_read,
						READ_ONCE(pipe->writer_opens) != opens);
	return wait_event_interruptible(pipe->can_write, READ_ONCE(pipe->reader_opens) != opens);
}

static int fifo_open(struct inode *inode, struct file *file)
{
	struct pipe *pipe = get_pipe(inode);
	unsigned int opens;
	bool waits;
	int err = 0;

	if (!pipe)
		return -ENOMEM;
	file->private = pipe;
	file->mode |= FMODE_STREAM;
	mutex_lock(&pipe->mutex);
	add_user(pipe, file);
	/* Once this is known the partner may go on, and be gone before anybody looks again. */
	waits = is_fifo(inode) && lacks_partner(pipe, file);
	opens = file->mode & FMODE_READ ? pipe->writer_opens : pipe->reader_opens;
	/* A reader that does not wait has ->pos for how many writers there were before it. */
	if (waits && file->mode & FMODE_READ)
		file->pos = opens;
	mutex_unlock(&pipe->mutex);
	wake_both(pipe);
	if (waits && file->flags & O_NONBLOCK)
		err = file->mode & FMODE_WRITE ? -ENXIO : 0;
	else if (waits && wait_for_partner(pipe, file, opens))
		err = -ERESTARTSYS;
	if (err)
		pipe_release(inode, file);
	else
		file->ops = &pipe_fops;
	return err;
}

const struct file_operations fifo_open_fops = { .open = fifo_open };

/* --- pipe() --- */

/* One end, with a user of @pipe of its own. */
static struct file *open_end(struct inode *inode, struct pipe *pipe, unsigned int flags)
{
	struct file *file = anonymous_file(ihold(inode), "pipe:", flags, &pipe_fops);

	if (IS_ERR(file)) {
		iput(inode);
		return file;
	}
	file->private = pipe;
	file->mode |= FMODE_STREAM;
	spin_lock(&pipes_lock);
	pipe->nr_files++;
	spin_unlock(&pipes_lock);
	add_user(pipe, file);
	return file;
}

int create_pipe(struct file *ends[2], unsigned int flags)
{
	struct inode *inode = anonymous_inode(S_IFIFO | 0600);
	struct pipe *pipe = IS_ERR(inode) ? NULL : alloc_pipe();
	int err = 0;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	if (!pipe) {
		iput(inode);
		return -ENOMEM;
	}
	inode->private = pipe;
	inode->fops = &fifo_open_fops; /* by /proc/PID/fd */
	ends[0] = open_end(inode, pipe, O_RDONLY | flags);
	if (IS_ERR(ends[0])) {
		err = PTR_ERR(ends[0]);
		free_pipe(pipe);
	} else {
		ends[1] = open_end(inode, pipe, O_WRONLY | flags);
		err = IS_ERR(ends[1]) ? PTR_ERR(ends[1]) : 0;
		if (err)
			fput(ends[0]);
	}
	iput(inode);
	return err;
}

static int install_ends(struct file *ends[2], int fds[2], unsigned int flags)
{
	fds[0] = alloc_fd(0, flags & O_CLOEXEC);
	if (fds[0] < 0)
		return fds[0];
	fds[1] = alloc_fd(0, flags & O_CLOEXEC);
	if (fds[1] < 0) {
		put_unused_fd(fds[0]);
		return fds[1];
	}
	return 0;
}

long sys_pipe2(int __user *user, int flags)
{
	struct file *ends[2];
	int fds[2], err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return flags & O_DIRECT && !(flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
			       ? -EOPNOTSUPP
			       : -EINVAL;
	err = create_pipe(ends, flags & O_NONBLOCK);
	if (err)
		return err;
	err = install_ends(ends, fds, flags);
	if (!err && copy_to_user(user, fds, sizeof(fds))) {
		put_unused_fd(fds[0]);
		put_unused_fd(fds[1]);
		err = -EFAULT;
	}
	if (err) {
		fput(ends[0]);
		fput(ends[1]);
		return err;
	}
	fd_install(fds[0], ends[0]);
	fd_install(fds[1], ends[1]);
	return 0;
}

long sys_pipe(int __user *user)
{
	return sys_pipe2(user, 0);
}
