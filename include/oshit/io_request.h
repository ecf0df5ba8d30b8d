/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asynchronous disk I/O.  Who wants something of a disk fills a struct io_request, which it embeds
 * in something of its own, and is called back when that is done:
 *
 *	req->op = IO_READ;
 *	req->sector = ...; req->buffer = ...; req->size = ...;
 *	req->done = page_was_read;
 *	err = submit_io(disk, req);
 *
 * Nothing is allocated on the way.  Requests are served in no particular order, also two of the
 * same sector: who depends on an order waits for the first to be done.
 */
#ifndef OSHIT_IO_REQUEST_H
#define OSHIT_IO_REQUEST_H

#include <oshit/list.h>
#include <oshit/rbtree.h>
#include <oshit/types.h>

#define SECTOR_SHIFT 9
#define SECTOR_SIZE  (1u << SECTOR_SHIFT)

enum io_op {
	IO_READ,
	IO_WRITE,
	IO_FLUSH, /* what was written before it was submitted, and is done, survives a power cut */
	NR_IO_OPS
};

/*
 * s: of the submitter; the block layer reads it from submit_io() until done()
 * q: under the lock of the disk's queue while it waits, then the disk's thread
 */
struct io_request {
	enum io_op op; /* s */
	u32 size; /* s  bytes, a multiple of SECTOR_SIZE; 0 with IO_FLUSH */
	u64 sector; /* s */
	void *buffer; /* s  in the direct map, in one piece, even */
	/* s  Called once, when @status is set. By the disk's thread: may take locks, must not sleep
	 * for long, may submit and free the request. */
	void (*done)(struct io_request *req);
	void *private; /* s  for done() */
	int status; /* out  0; -EIO; -ETIMEDOUT */

	u32 flow; /* q  whose it is: see block/queue.h */
	struct rb_node node; /* q  of a head that waits: by sector */
	struct list_head link; /* q  of a head */
	struct io_request *next; /* q  the rest of the command */
	struct io_request *last; /* q  of a head: the end of the command */
	u32 nr_sectors; /* q  of a head: of the whole command */
	u16 nr_segments; /* q  of a head: pieces of memory */
	u8 nr_tries; /* q  that have failed */
	bool must_fail; /* q  fault injection */
	bool is_late; /* q  of a head at the disk */
	u64 submitted_ns; /* q */
	u64 issued_ns; /* q  of a head */
};

#endif
