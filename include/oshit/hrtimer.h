/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers: a function to be called when the monotonic clock (clock_ns()) reaches a deadline.
 *
 *	static void poll_again(struct hrtimer *timer)
 *	{
 *		struct device *dev = container_of(timer, struct device, timer);
 *		...
 *		hrtimer_start(timer, hrtimer_deadline(timer) + POLL_NS);
 *	}
 *	hrtimer_init(&dev->timer, poll_again);
 *	hrtimer_start(&dev->timer, clock_ns() + POLL_NS);
 *
 * The user embeds the timer, so nothing here allocates or fails.  The theory stands at the head of
 * kernel/time/hrtimer.c.
 */
#ifndef OSHIT_HRTIMER_H
#define OSHIT_HRTIMER_H

#include <oshit/rbtree.h>
#include <oshit/types.h>

#define HRTIMER_NO_DEADLINE (~0UL)

struct hrtimer { /* q: the lock of the queue that `cpu` names; i: set by hrtimer_init() */
	struct rb_node node; /* q  in the queue's tree while is_queued */
	u64 deadline_ns; /* q */
	void (*fn)(struct hrtimer *timer); /* i */
	unsigned int cpu; /* q  whose queue; HRTIMER_MOVING between two */
	bool is_queued; /* q */
};

/**
 * hrtimer_init() - prepare a timer, before its first use
 * @timer: not queued
 * @fn: what to call at the deadline
 *
 * @fn runs in hardirq context on the CPU that the timer is queued on, without any lock held.  It
 * may start @timer again, or free it: nobody looks at it after the call.  Any context.
 */
void hrtimer_init(struct hrtimer *timer, void (*fn)(struct hrtimer *timer));

/**
 * hrtimer_start() - have the function called at a time
 * @timer: may be queued, then it is moved
 * @deadline_ns: by clock_ns(); if it has passed, the call is due at once
 *
 * Queues on the calling CPU; if the function is running on another one, there.  Timers run in the
 * order of their deadlines, those of the same deadline in the order of their starts.  Never early;
 * late by the time that interrupts are off.  Any context but NMI.
 */
void hrtimer_start(struct hrtimer *timer, u64 deadline_ns);

/**
 * hrtimer_cancel() - the function is not called any more and does not run when this returns
 * @timer: initialised
 *
 * Waits for the function if it runs on another CPU: the caller must hold nothing that the function
 * waits for, and must not be the function.  Any context but NMI.  Nobody may start the timer
 * meanwhile but the function.
 *
 * Return: true if the timer was queued.
 */
bool hrtimer_cancel(struct hrtimer *timer);

/**
 * hrtimer_try_cancel() - take a timer off its queue, without waiting
 * @timer: initialised
 *
 * The function may be running when this returns.  Any context but NMI.
 *
 * Return: true if the timer was queued.
 */
bool hrtimer_try_cancel(struct hrtimer *timer);

/* True if a call is due in the future; the answer may be old. Any context. */
static inline bool hrtimer_is_queued(const struct hrtimer *timer)
{
	return __atomic_load_n(&timer->is_queued, __ATOMIC_RELAXED);
}

/* The deadline of the last start.  For the function, and for who serialises the starts. */
static inline u64 hrtimer_deadline(const struct hrtimer *timer)
{
	return timer->deadline_ns;
}

/* The first deadline on this CPU, or HRTIMER_NO_DEADLINE.  Any context but NMI; interrupts off if
 * the answer is to stay true. */
u64 hrtimer_next_deadline(void);

/* Runs what is due.  From the interrupt of this CPU's timer, interrupts off. */
void hrtimer_interrupt(void);

/* This CPU's event source works from now on; timers may have been started before.  While the CPU
 * comes up, interrupts off. */
void hrtimers_cpu_starting(void);

/* Moves all timers of a CPU that takes no interrupts any more to the calling one. Task context. */
void hrtimers_cpu_dead(unsigned int cpu);

#endif
