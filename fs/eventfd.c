/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * eventfd(): a counter with a descriptor.  write() adds to it, read() takes all of it, or 1 with
 * EFD_SEMAPHORE; who cannot waits.  The counter goes up to 2^64 - 2 by write(), so that 2^64 - 1
 * could tell of an overflow, which nothing in this kernel causes.
 *
 * Each change wakes: a poller that was told "readable" and has not read yet hears of the next
 * write, as edge-triggered waiting wants it.
 *
 * Locks: ->lock for the counter; nothing is taken inside of it.  Who waits looks without it and
 * tries again under it.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <oshit/entry.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/poll.h>
#include <oshit/seq_file.h>
#include <oshit/slab.h>
#include <oshit/syscalls.h>
#include <oshit/uio.h>
#include <oshit/wait.h>

#define EFD_SEMAPHORE 1
#define EFD_CLOEXEC   O_CLOEXEC
#define EFD_NONBLOCK  O_NONBLOCK

#define COUNT_MAX     (~0ULL - 1)

struct eventfd { /* l: ->lock   i: constant */
	spinlock_t lock;
	u64 count; /* l  read by anybody */
	bool is_semaphore; /* i */
	struct wait_queue_head can_read, can_write;
};

/* What a read gets, and takes; 0: nothing is there. */
static u64 take_count(struct eventfd *eventfd)
{
	u64 taken;

	spin_lock(&eventfd->lock);
	taken = eventfd->is_semaphore && eventfd->count ? 1 : eventfd->count;
	WRITE_ONCE(eventfd->count, eventfd->count - taken);
	spin_unlock(&eventfd->lock);
	return taken;
}

static bool add_count(struct eventfd *eventfd, u64 nr)
{
	bool fits;

	spin_lock(&eventfd->lock);
	fits = nr <= COUNT_MAX - eventfd->count;
	if (fits)
		WRITE_ONCE(eventfd->count, eventfd->count + nr);
	spin_unlock(&eventfd->lock);
	return fits;
}

static long eventfd_read(struct file *file, struct iov_iter *to, loff_t *pos __maybe_unused)
{
	struct eventfd *eventfd = file->private;
	u64 taken;

	if (to->count < sizeof(taken))
		return -EINVAL;
	while (!(taken = take_count(eventfd))) {
		if (READ_ONCE(file->flags) & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(eventfd->can_read, READ_ONCE(eventfd->count)))
			return -ERESTARTSYS;
	}
	wake_up(&eventfd->can_write);
	return copy_to_iter(&taken, sizeof(taken), to) == sizeof(taken) ? (long)sizeof(taken)
									: -EFAULT;
}

static long eventfd_write(struct file *file, struct iov_iter *from, loff_t *pos __maybe_unused)
{
	struct eventfd *eventfd = file->private;
	u64 nr;

	if (from->count < sizeof(nr))
		return -EINVAL;
	if (copy_from_iter(&nr, sizeof(nr), from) != sizeof(nr))
		return -EFAULT;
	if (nr > COUNT_MAX)
		return -EINVAL;
	while (!add_count(eventfd, nr)) {
		if (READ_ONCE(file->flags) & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(eventfd->can_write,
					     nr <= COUNT_MAX - READ_ONCE(eventfd->count)))
			return -ERESTARTSYS;
	}
	wake_up(&eventfd->can_read);
	return sizeof(nr);
}

static unsigned int eventfd_poll(struct file *file, struct poll_table *table)
{
	struct eventfd *eventfd = file->private;
	unsigned int events = 0;
	u64 count;

	poll_wait_for(file, &eventfd->can_read, table, POLLIN);
	poll_wait_for(file, &eventfd->can_write, table, POLLOUT);
	count = READ_ONCE(eventfd->count);
	if (count)
		events |= POLLIN;
	if (count < COUNT_MAX)
		events |= POLLOUT;
	return events;
}

static int eventfd_release(struct inode *inode __maybe_unused, struct file *file)
{
	kfree(file->private);
	return 0;
}

static void eventfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct eventfd *eventfd = file->private;

	seq_printf(m, "eventfd-count: %16lx\n", (unsigned long)READ_ONCE(eventfd->count));
}

static const struct file_operations eventfd_fops = {
	.show_fdinfo = eventfd_show_fdinfo,
	.llseek = stay_llseek,
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.release = eventfd_release,
};

long sys_eventfd2(unsigned int count, int flags)
{
	struct eventfd *eventfd;
	struct file *file;

	if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))
		return -EINVAL;
	eventfd = kzalloc(sizeof(*eventfd), GFP_KERNEL);
	if (!eventfd)
		return -ENOMEM;
	spin_lock_init(&eventfd->lock);
	eventfd->count = count;
	eventfd->is_semaphore = flags & EFD_SEMAPHORE;
	init_waitqueue_head(&eventfd->can_read);
	init_waitqueue_head(&eventfd->can_write);
	file = nameless_file("anon_inode:[eventfd]", O_RDWR | (flags & EFD_NONBLOCK), &eventfd_fops,
			     eventfd);
	if (IS_ERR(file)) {
		kfree(eventfd);
		return PTR_ERR(file);
	}
	return fd_add(file, flags & EFD_CLOEXEC);
}

long sys_eventfd(unsigned int count)
{
	return sys_eventfd2(count, 0);
}
