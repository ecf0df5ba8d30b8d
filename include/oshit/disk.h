/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks, between those who use them and their drivers.  A driver fills a struct disk and registers
 * it; from then on the disk's own thread is the only one that calls the driver.
 */
#ifndef OSHIT_DISK_H
#define OSHIT_DISK_H

#include <oshit/io_request.h>
#include <oshit/types.h>

struct disk;
struct disk_queue;
struct task_struct;

#define DISK_MAX_REQUEST (512u << 10) /* bytes of one request */

/* All are called by the disk's thread, and may sleep. */
struct disk_ops {
	/* Starts a command, @head and what hangs on it.  0: disk_command_done() will be called for
	 * it; -errno: it will not. */
	int (*issue)(struct disk *disk, struct io_request *head);
	/* disk_attention() was called: disk_command_done() for what has ended. 0, or -errno: the
	 * disk is gone for good, and everything that was issued has been handed back. */
	int (*reap)(struct disk *disk);
	/* A command takes too long.  Every command that was issued has been handed to
	 * disk_command_done() on return, with -EAGAIN if it has not ended.  0, or -errno: the disk
	 * is gone for good. */
	int (*recover)(struct disk *disk);
};

struct disk_stats { /* since boot; q: under the queue's lock */
	u64 nr_requests[NR_IO_OPS]; /* q  that ended well */
	u64 nr_merged[NR_IO_OPS]; /* q  that joined another's command */
	u64 nr_sectors[NR_IO_OPS]; /* q */
	u64 time_ns[NR_IO_OPS]; /* q  from submission to the end, added up */
	u64 nr_errors, nr_retries, nr_timeouts, nr_recoveries; /* q */
	unsigned int nr_pending; /* q  submitted, and not done */
	u64 busy_ns; /* q  while there were such */
	u64 busy_since_ns; /* q  if there are */
};

struct disk { /* d: of the driver, constant once registered   b: of the block layer */
	const struct disk_ops *ops; /* d */
	void *driver_data; /* d */
	const char *driver; /* d */
	u64 nr_sectors; /* d  of SECTOR_SIZE */
	u32 block_size; /* d  bytes: what it can write without reading first */
	u32 max_sectors; /* d  of a command */
	u16 max_segments; /* d */
	u16 depth; /* d  commands that it can have at a time */
	unsigned int timeout_ms; /* d  of a command; 0: disk_timeout_ms= of the command line */
	bool rotates; /* d */
	bool has_cache; /* d  IO_FLUSH does something */
	char model[41], serial[21], revision[9]; /* d */
	char name[8]; /* b  "sda" */
	unsigned int index; /* b  0: the first */
	struct disk_queue *queue; /* b */
	struct disk *next; /* b  registered after this one; NULL: none */
};

/* --- for drivers --- */

/* A name and a thread. Boot, task; may sleep. 0; -ENOMEM; -EINVAL; -ENOSPC: too many. */
int disk_register(struct disk *disk);

/* The thread alone, without a name in the list: for tests. Task; may sleep. */
int disk_start(struct disk *disk);
/* And its end: no request is under way. */
void disk_stop(struct disk *disk);

/* Has ->reap() called soon. Any context but NMI. */
void disk_attention(struct disk *disk);

/**
 * disk_command_done() - a command has ended
 * @status: 0; -EIO: this command failed; -EAGAIN: it did not end, and it was not its fault, for
 * instance because another one failed
 *
 * Tries again, or calls back those who wait for it. Context: the disk's thread, in ->reap()
 * and ->recover(), or where ->issue() has failed.
 */
void disk_command_done(struct disk *disk, struct io_request *head, int status);

/* --- for users --- */

/* In the order of their names; NULL after the last. Any context. */
struct disk *disk_first(void);
struct disk *disk_find(const char *name);

/**
 * submit_io() - have a request served
 * Context: any task; does not sleep. Spinlocks that ->done() takes must not be held.
 * Return: 0: req->done() will be called, or has been; -EINVAL: size, buffer or alignment cannot be;
 * -EIO: behind the end of the disk.
 */
int submit_io(struct disk *disk, struct io_request *req);

/* The same for several, linked by ->link in any order, before the first of them is issued: so that
 * neighbours can merge.  All or none. */
int submit_io_list(struct disk *disk, struct list_head *requests);

/* One request, and waits for it. @size is up to DISK_MAX_REQUEST, and
 * disk->max_sectors. Context: task; sleeps. 0, or the
 * error of submit_io() or of the request. */
int disk_rw(struct disk *disk, enum io_op op, u64 sector, void *buffer, u32 size);

void disk_stats_get(struct disk *disk, struct disk_stats *stats);

/* --- for the monitor: what is there while everything is stopped --- */

struct disk_state {
	unsigned int nr_waiting, nr_commands, nr_in_flight, nr_retries;
	bool is_dead;
	u64 oldest_ns; /* when the oldest command in flight was issued; 0: there is none */
};
void disk_peek(const struct disk *disk, struct disk_state *state, struct disk_stats *stats);

#endif
