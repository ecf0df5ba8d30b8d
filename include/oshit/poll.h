/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asking a file what it is ready for, and where it will tell of changes.  Who waits for many files
 * gives ->poll() a table, whose function queues him; who only looks gives none.
 *
 * The calls that wait share how they are told for how long.
 */
#ifndef OSHIT_POLL_H
#define OSHIT_POLL_H

#include <linux/poll.h>
#include <oshit/fs.h>
#include <oshit/types.h>

struct __kernel_timespec;
struct wait_queue_head;

struct poll_table {
	void (*queue)(struct poll_table *table, struct file *file, struct wait_queue_head *queue);
	unsigned int events; /* what a wake-up of that queue can mean; 0: anything */
};

/* For ->poll(): before it looks, so that what changes behind the look wakes. */
static inline void poll_wait(struct file *file, struct wait_queue_head *queue,
			     struct poll_table *table)
{
	if (table)
		table->queue(table, file, queue);
}

/* The same for a queue that is woken for nothing but @events. */
static inline void poll_wait_for(struct file *file, struct wait_queue_head *queue,
				 struct poll_table *table, unsigned int events)
{
	if (!table)
		return;
	table->events = events;
	table->queue(table, file, queue);
	table->events = 0;
}

/* What holds for a file that never says: it never makes anybody wait. */
#define DEFAULT_POLLMASK (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)

/* Whether it can be waited for. */
static inline bool file_can_poll(const struct file *file)
{
	return file->ops->poll;
}

/* Bits that hold now. Task, may sleep. */
static inline unsigned int vfs_poll(struct file *file, struct poll_table *table)
{
	return file_can_poll(file) ? file->ops->poll(file, table) : DEFAULT_POLLMASK;
}

/*
 * A deadline by clock_ns() of what a program gives: after @timeout_ms, below 0 for ever; after the
 * time at @from, NULL for ever.  No time at all is AT_ONCE_NS, for ever TIME_MAX_NS.  0; -EFAULT;
 * -EINVAL: no time.
 */
#define AT_ONCE_NS 0UL /* look, and do not wait */
u64 deadline_by_ms(int timeout_ms);
int deadline_by_timespec(u64 *deadline_ns, const struct __kernel_timespec __user *from);

#endif
