/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asking a file what it is ready for, and where it will tell of changes.  Who waits for many files
 * gives ->poll() a table, whose function queues him; who only looks gives none.
 */
#ifndef OSHIT_POLL_H
#define OSHIT_POLL_H

#include <oshit/types.h>

struct file;
struct wait_queue_head;

struct poll_table {
	void (*queue)(struct poll_table *table, struct file *file, struct wait_queue_head *queue);
};

/* For ->poll(): before it looks, so that what changes behind the look wakes. */
static inline void poll_wait(struct file *file, struct wait_queue_head *queue,
			     struct poll_table *table)
{
	if (table)
		table->queue(table, file, queue);
}

#endif
