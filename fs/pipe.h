/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of pipes: between fs/pipe.c and fs/splice.c, which moves pages in and out of them. */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include <oshit/fs.h>
#include <oshit/gfp.h>
#include <oshit/mutex.h>
#include <oshit/pipe.h>
#include <oshit/types.h>
#include <oshit/wait.h>

struct iov_iter;

#define PIPE_PAGES 16 /* 64 KiB, until F_SETPIPE_SZ; a power of two */

struct pipe_piece {
	struct page *page;
	u16 offset, len; /* bytes that wait, in the page */
	bool is_shared; /* others see the page: nothing may be written to it */
};

struct pipe { /* m: ->mutex */
	struct mutex mutex;
	struct pipe_piece *pieces; /* m  from tail to head; @first, or more */
	unsigned int nr_pieces; /* m  room; a power of two */
	unsigned int head, tail; /* m  count up for ever */
	struct page *spare; /* m  a page that was read empty, or NULL */
	unsigned int nr_readers, nr_writers; /* m  open files */
	bool is_polled; /* by whom each write is an event; never again false */
	unsigned int reader_opens, writer_opens; /* m  how often one came: FIFO's open() waits */
	unsigned int nr_files; /* pipes_lock  and opens under way */
	struct wait_queue_head can_read, can_write;
	struct pipe_piece first[PIPE_PAGES]; /* m */
};

static inline bool pipe_is_empty(const struct pipe *pipe)
{
	return READ_ONCE(pipe->head) == READ_ONCE(pipe->tail);
}

static inline bool pipe_is_full(const struct pipe *pipe)
{
	return READ_ONCE(pipe->head) - READ_ONCE(pipe->tail) >= READ_ONCE(pipe->nr_pieces);
}

/* The piece number @at, from pipe->tail up to pipe->head. Under the mutex, as all that follow. */
static inline struct pipe_piece *pipe_piece(struct pipe *pipe, unsigned int at)
{
	return &pipe->pieces[at & (pipe->nr_pieces - 1)];
}

static inline char *piece_start(const struct pipe_piece *piece)
{
	return (char *)page_to_virt(piece->page) + piece->offset;
}

/* The pipe behind an open file; NULL: it is none. Any task. */
struct pipe *pipe_of(const struct file *file);

enum pipe_block { PIPE_BLOCK, PIPE_NONBLOCK };
/* 1: there is something to read; 0: and never will be; -EAGAIN; -ERESTARTSYS. Drops the mutex to
 * wait. */
int pipe_wait_data(struct pipe *pipe, enum pipe_block how);
/* 0: there is room; -EPIPE, and the signal for it; -EAGAIN; -ERESTARTSYS. Drops the mutex to
 * wait. */
int pipe_wait_room(struct pipe *pipe, enum pipe_block how);

/* Appends a piece, with its reference; there is room. */
void pipe_push(struct pipe *pipe, const struct pipe_piece *piece);
/* @len bytes of the first piece have been read. */
void pipe_consume(struct pipe *pipe, size_t len);
/* The first piece leaves, with its reference. */
struct pipe_piece pipe_pop(struct pipe *pipe);

/* What read() and write() do, for who blocks or not. Bytes or -errno. Without the mutex. */
long pipe_read_iter(struct pipe *pipe, struct iov_iter *to, enum pipe_block how);
long pipe_write_iter(struct pipe *pipe, struct iov_iter *from, enum pipe_block how);

#endif
