/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of this folder. */
#ifndef BLOCK_DISK_H
#define BLOCK_DISK_H

#include <oshit/disk.h>
#include <oshit/spinlock.h>
#include <oshit/wait.h>

#include "queue.h"

struct disk_queue { /* l: ->lock   t: the disk's thread   a: atomic */
	spinlock_t lock;
	struct io_queue waiting; /* l */
	struct disk_stats stats; /* l */
	struct list_head in_flight; /* t  commands at the disk, the oldest first */
	struct list_head retries; /* t  commands that go out before all others, one at a time */
	unsigned int nr_in_flight; /* t  peeked at by anybody */
	unsigned int nr_retries; /* t */
	struct io_request *held; /* t  a flush whose turn it is: waits for the disk to be idle */
	bool is_alone; /* t  a flush, or what is tried again, is out: nothing else may be */
	bool is_dead; /* t  read by anybody: everything fails */
	bool attention; /* a */
	struct wait_queue_head wait; /* the thread */
	struct task_struct *thread;
};

#endif
