/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Moving waiters from one word to another: a broadcast of a condition variable wakes one and lets
 * the others wait for the mutex, which one after the other will get.
 *
 * FUTEX_CMP_REQUEUE compares the word under the locks: a waiter that came after a change of the
 * word stands in the queue later than the lock, so it is not moved for a wake-up that was meant
 * for others.  The target's waiters are counted before the locks are taken, as a waiter does
 * itself (core.c, A): a waker of the target that comes meanwhile takes the lock and finds them.
 */
#include <linux/errno.h>
#include <oshit/uaccess.h>

#include "futex.h"

/* Under both locks. */
static void wake_or_move(struct futex_requeue *requeue, struct futex_waiter *waiter,
			 struct futex_bucket *from, struct futex_bucket *to)
{
	if (requeue->nr_woken < requeue->nr_wake) {
		futex_wake_waiter(from, waiter);
		requeue->nr_woken++;
		return;
	}
	waiter->key = requeue->to;
	requeue->nr_moved++;
	if (from == to)
		return;
	list_del(&waiter->node);
	list_add_tail(&waiter->node, &to->waiters);
	atomic_dec(&from->nr_waiters);
	atomic_inc(&to->nr_waiters);
	WRITE_ONCE(waiter->bucket, to);
}

static void wake_and_move(struct futex_requeue *requeue, struct futex_bucket *from,
			  struct futex_bucket *to)
{
	struct futex_waiter *waiter, *next;

	list_for_each_entry_safe(waiter, next, &from->waiters, node) {
		if (requeue->nr_woken + requeue->nr_moved >=
		    (long)requeue->nr_wake + requeue->nr_requeue)
			break;
		if (futex_keys_match(&waiter->key, &requeue->from))
			wake_or_move(requeue, waiter, from, to);
	}
}

/* Under both locks. */
static void compare_and_move(void *arg)
{
	struct futex_requeue *requeue = arg;
	u32 val;

	requeue->err = 0;
	if (requeue->expected) {
		requeue->err = futex_peek(&val, requeue->from_addr);
		if (!requeue->err && val != *requeue->expected)
			requeue->err = -EAGAIN;
	}
	if (!requeue->err)
		wake_and_move(requeue, futex_bucket_of(&requeue->from),
			      futex_bucket_of(&requeue->to));
}

/* 0; -EAGAIN: the word differs; -EFAULT: it is not there right now. */
static int requeue_once(struct futex_requeue *requeue)
{
	struct futex_bucket *to = futex_bucket_of(&requeue->to);

	atomic_fetch_add(1, &to->nr_waiters); /* A, and B for the word that is compared */
	futex_call_locked(futex_bucket_of(&requeue->from), to, compare_and_move, requeue);
	atomic_dec(&to->nr_waiters);
	return requeue->err;
}

/* Number of those woken and moved, or -errno. */
long futex_requeue(struct futex_requeue *requeue)
{
	int err;

	if (requeue->nr_wake < 0 || requeue->nr_requeue < 0)
		return -EINVAL;
	do {
		err = futex_get_key(requeue->from_addr, requeue->flags, &requeue->from)
			      ?: futex_get_key(requeue->to_addr, requeue->flags, &requeue->to);
		if (err)
			return err;
		err = requeue_once(requeue);
	} while (err == -EFAULT && futex_fault_in(requeue->from_addr));
	return err ?: requeue->nr_woken + requeue->nr_moved;
}
