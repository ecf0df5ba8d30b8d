/* SPDX-License-Identifier: GPL-2.0-only */
/* One thread: what it would wait for is so already, or never. */
#ifndef OSHIT_WAIT_H
#define OSHIT_WAIT_H

#include <oshit/bug.h>

struct wait_queue_head {
	int unused;
};

static inline void init_waitqueue_head(struct wait_queue_head *queue)
{
	queue->unused = 0;
}

static inline bool waitqueue_active(const struct wait_queue_head *queue __maybe_unused)
{
	return false;
}

static inline void wake_up(struct wait_queue_head *queue __maybe_unused)
{
}

#define wait_event(queue, condition) BUG_ON(!(condition))

#endif
