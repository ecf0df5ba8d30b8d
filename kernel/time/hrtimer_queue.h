/* SPDX-License-Identifier: GPL-2.0-only */
/* The queue of a CPU: between hrtimer.c, the monitor and the tests. */
#ifndef TIME_HRTIMER_QUEUE_H
#define TIME_HRTIMER_QUEUE_H

#include <oshit/percpu.h>
#include <oshit/rbtree.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

struct hrtimer_queue { /* q: ->lock; o: q, and written by the queue's CPU alone */
	raw_spinlock_t lock;
	bool in_interrupt; /* o  the event is set at its end */
	unsigned int nr_queued; /* q */
	struct rb_root_cached tree; /* q */
	struct hrtimer *running; /* o  whose function is being called */
	u64 event_ns; /* o  what arch_timer_set() was told; HRTIMER_NO_DEADLINE: nothing */
	u64 nr_events; /* o  interrupts since boot */
	u64 nr_calls; /* o  functions called since boot */
};

DECLARE_PER_CPU(struct hrtimer_queue, hrtimer_queue);

#endif
