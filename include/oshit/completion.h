/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Completions: "this has happened", said once and awaited by one, or said to all.
 *
 *	DECLARE_COMPLETION_ONSTACK(done);
 *	...			another task, or an interrupt: complete(&done);
 *	wait_for_completion(&done);
 *
 * Unlike a flag and a wait queue, one on the waiter's stack may vanish as soon as the wait is over:
 * complete() is done with it by then.
 */
#ifndef OSHIT_COMPLETION_H
#define OSHIT_COMPLETION_H

#include <oshit/wait.h>

struct completion { /* w: ->wait.lock */
	unsigned int done; /* w  how many waits may go on; COMPLETION_ALL: all */
	struct wait_queue_head wait;
};

#define COMPLETION_ALL ~0u

#define COMPLETION_INIT(name)                            \
	{                                                \
		.wait = WAIT_QUEUE_HEAD_INIT((name).wait) \
	}
#define DECLARE_COMPLETION(name) struct completion name = COMPLETION_INIT(name)

/* The one above is for static ones, this for the stack: lockdep wants to know where it is made. */
#define DECLARE_COMPLETION_ONSTACK(name) \
	struct completion name;          \
	init_completion(&name)

#define init_completion(completion)                       \
	do {                                              \
		(completion)->done = 0;                   \
		init_waitqueue_head(&(completion)->wait); \
	} while (0)

/* Ready for the next use; nobody waits. */
static inline void reinit_completion(struct completion *completion)
{
	completion->done = 0;
}

/* Lets one waiter go on, now or in future; or all. Any context but NMI. */
void complete(struct completion *completion);
void complete_all(struct completion *completion);

/* Context: task, may sleep. */
void wait_for_completion(struct completion *completion);
/* Return: 0, or -EINTR if a signal came first. */
int wait_for_completion_interruptible(struct completion *completion);
/* The same; only a signal that ends the task interrupts. */
int wait_for_completion_killable(struct completion *completion);
/* Return: false if time was up first. */
bool wait_for_completion_timeout_ns(struct completion *completion, u64 timeout_ns);
/* Takes one without waiting. Any context but NMI. Return: false if there is none. */
bool try_wait_for_completion(struct completion *completion);
/* Whether a wait would go on. */
bool completion_done(struct completion *completion);

#endif
