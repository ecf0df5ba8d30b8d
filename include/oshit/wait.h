/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wait queues: tasks that wait for a condition, first come, first served.
 *
 *	wait_event(queue, condition);			the sleeper
 *
 *	condition = true;				the waker
 *	wake_up(&queue);
 *
 * The condition is looked at again after each wake-up, so a wake-up too many is harmless, and none
 * is lost: the sleeper is on the queue and in its state before it looks, and the waker writes
 * before it looks at the queue.  That needs the waker to write the condition before the call, and
 * no more: wake_up() is a full barrier.
 *
 * Exclusive waiters stand behind all others, and wake_up() wakes one of them: for those that take
 * something which only one can get.  An entry may have a function of its own instead of a wake-up,
 * for who waits on many queues at once.
 */
#ifndef OSHIT_WAIT_H
#define OSHIT_WAIT_H

#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/list.h>
#include <oshit/sched.h>
#include <oshit/spinlock.h>

struct wait_queue_entry;

/*
 * Called with the queue's lock held, interrupts off, when somebody wakes up tasks in the states of
 * @mode.  Return: true if somebody was woken: counts against the number of exclusive waiters.
 */
typedef bool (*wait_queue_fn)(struct wait_queue_entry *entry, unsigned int mode);

#define WQ_FLAG_EXCLUSIVE 0x1u

struct wait_queue_entry { /* w: the queue's lock   i: set before it is queued */
	struct list_head link; /* w */
	struct task_struct *task; /* i */
	wait_queue_fn fn; /* i */
	unsigned int flags; /* i */
};

struct wait_queue_head { /* w: ->lock */
	raw_spinlock_t lock;
	struct list_head waiters; /* w  those that are not exclusive first */
};

#define WAIT_QUEUE_HEAD_INIT(name)                         \
	{                                                  \
		.lock = RAW_SPINLOCK_INIT,                 \
		.waiters = LIST_HEAD_INIT((name).waiters), \
	}
#define DECLARE_WAIT_QUEUE_HEAD(name) struct wait_queue_head name = WAIT_QUEUE_HEAD_INIT(name)

#define init_waitqueue_head(queue)                   \
	do {                                         \
		raw_spin_lock_init(&(queue)->lock);  \
		INIT_LIST_HEAD(&(queue)->waiters);   \
	} while (0)

/* Wakes the task and takes the entry off the queue: what DEFINE_WAIT() uses. */
bool autoremove_wake_function(struct wait_queue_entry *entry, unsigned int mode);
/* Wakes the task; the entry stays. */
bool default_wake_function(struct wait_queue_entry *entry, unsigned int mode);

#define DEFINE_WAIT_FN(name, function)                      \
	struct wait_queue_entry name = {                    \
		.link = LIST_HEAD_INIT((name).link),        \
		.task = current,                            \
		.fn = function,                             \
	}
#define DEFINE_WAIT(name) DEFINE_WAIT_FN(name, autoremove_wake_function)

/* Entries that stay until they are removed. Any context but NMI. */
void add_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry);
void add_wait_queue_exclusive(struct wait_queue_head *queue, struct wait_queue_entry *entry);
void remove_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry);

/*
 * Queues @entry, if it is not queued, and sets the state of the calling task; full barrier.  Then
 * the condition is looked at, and schedule() called or not; in the end finish_wait().
 */
void prepare_to_wait(struct wait_queue_head *queue, struct wait_queue_entry *entry,
		     unsigned int state);
void prepare_to_wait_exclusive(struct wait_queue_head *queue, struct wait_queue_entry *entry,
			       unsigned int state);
void finish_wait(struct wait_queue_head *queue, struct wait_queue_entry *entry);

/*
 * Wakes up those that are not exclusive, and up to @nr_exclusive of those that are (0: all), if
 * they sleep in a state of @mode.  Full barrier.  Any context but NMI.  Return: how many were
 * woken.
 */
unsigned int __wake_up(struct wait_queue_head *queue, unsigned int mode, unsigned int nr_exclusive);

/* The same for who holds the queue's lock, interrupts off, behind a full barrier. */
unsigned int __wake_up_locked(struct wait_queue_head *queue, unsigned int mode,
			      unsigned int nr_exclusive);

#define wake_up(queue)		     __wake_up(queue, TASK_NORMAL, 1)
#define wake_up_nr(queue, nr)	     __wake_up(queue, TASK_NORMAL, nr)
#define wake_up_all(queue)	     __wake_up(queue, TASK_NORMAL, 0)
#define wake_up_interruptible(queue) __wake_up(queue, TASK_INTERRUPTIBLE, 1)

/* Whether somebody waits, for who would rather not call: after a full barrier behind the writing of
 * the condition. */
static inline bool waitqueue_active(const struct wait_queue_head *queue)
{
	return !list_empty(&queue->waiters);
}

/* The loop behind all that follow: @interrupted ends it early, @sleep sleeps. */
#define ___wait_event(queue, condition, prepare, state, interrupted, sleep) \
	do {                                                                \
		DEFINE_WAIT(__wait);                                        \
		for (;;) {                                                  \
			prepare(&(queue), &__wait, state);                  \
			if (condition)                                      \
				break;                                      \
			if (interrupted)                                    \
				break;                                      \
			sleep;                                              \
		}                                                           \
		finish_wait(&(queue), &__wait);                             \
	} while (0)

/* Sleeps until @condition, an expression, is true.  Context: task, may sleep. */
#define wait_event(queue, condition)                                                     \
	do {                                                                             \
		might_sleep();                                                           \
		if (!(condition))                                                        \
			___wait_event(queue, condition, prepare_to_wait,                 \
				      TASK_UNINTERRUPTIBLE, false, schedule());          \
	} while (0)

/* The same, for one of several that take what they wait for in @condition. */
#define wait_event_exclusive(queue, condition)                                           \
	do {                                                                             \
		might_sleep();                                                           \
		if (!(condition))                                                        \
			___wait_event(queue, condition, prepare_to_wait_exclusive,       \
				      TASK_UNINTERRUPTIBLE, false, schedule());          \
	} while (0)

/* Value: 0 once @condition is true, -EINTR if a signal came first. */
#define wait_event_interruptible(queue, condition)                                       \
	({                                                                               \
		bool __interrupted = false;                                              \
		might_sleep();                                                           \
		if (!(condition))                                                        \
			___wait_event(queue, condition, prepare_to_wait,                 \
				      TASK_INTERRUPTIBLE,                                \
				      (__interrupted = signal_pending(current)),         \
				      schedule());                                       \
		__interrupted ? -EINTR : 0;                                              \
	})

/* The same, but only a signal that ends the task interrupts. */
#define wait_event_killable(queue, condition)                                            \
	({                                                                               \
		bool __interrupted = false;                                              \
		might_sleep();                                                           \
		if (!(condition))                                                        \
			___wait_event(queue, condition, prepare_to_wait, TASK_KILLABLE,  \
				      (__interrupted = fatal_signal_pending(current)),   \
				      schedule());                                       \
		__interrupted ? -EINTR : 0;                                              \
	})

/* Sleeps for at most @timeout_ns.  Value: true once @condition is true, false if time is up. */
#define wait_event_timeout_ns(queue, condition, timeout_ns)                              \
	({                                                                               \
		u64 __deadline_ns = clock_ns() + (timeout_ns);                           \
		bool __late = false, __met = (condition);                                \
		might_sleep();                                                           \
		if (!__met)                                                              \
			___wait_event(queue, (__met = (condition)), prepare_to_wait,     \
				      TASK_UNINTERRUPTIBLE, __late,                      \
				      (__late = schedule_until_ns(__deadline_ns)));      \
		__met;                                                                   \
	})

#endif
