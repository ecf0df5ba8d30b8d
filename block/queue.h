/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The requests of a disk that wait, as commands in a fair order; the theory stands in queue.c.
 * All functions: the caller serialises; any context; nothing is allocated.
 */
#ifndef BLOCK_QUEUE_H
#define BLOCK_QUEUE_H

#include <oshit/io_request.h>

#define IO_NR_FLOWS 32
#define IO_QUANTUM  128u /* sectors that a flow may have in its turn: 64 KiB */

struct io_limits { /* of one command */
	u32 max_sectors;
	u16 max_segments;
};

struct io_flow {
	struct list_head heads; /* commands, in order of arrival */
	struct list_head active; /* in io_queue.active while it has some */
	u32 deficit; /* sectors that it may have still */
};

struct io_queue {
	struct io_limits limits;
	struct rb_root heads[IO_FLUSH]; /* of reads, of writes: by sector */
	struct list_head active; /* flows that have commands, in the order of their turns */
	struct io_flow flows[IO_NR_FLOWS];
	unsigned int nr_commands;
	unsigned int nr_requests;
};

void io_queue_init(struct io_queue *queue, const struct io_limits *limits);

/* @req->flow is whose it is. True: it has joined a command that was waiting. */
bool io_queue_add(struct io_queue *queue, struct io_request *req);

/* Takes the command whose turn it is: its head, the others follow in ->next; NULL: none. */
struct io_request *io_queue_next(struct io_queue *queue);

/* Makes @req a command of its own. */
void io_request_make_head(struct io_request *req);

/* What is charged for a command, in sectors; never 0. */
static inline u32 io_request_cost(const struct io_request *head)
{
	return head->nr_sectors ?: 1;
}

static inline u64 io_request_end(const struct io_request *head)
{
	return head->sector + head->nr_sectors;
}

#endif
