/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting for a word, and waking who waits.  Why no wake-up is lost is told at the head of core.c.
 *
 * FUTEX_WAKE_OP changes a second word and wakes its waiters, too, if the old value says so, as one
 * step for all who hold a lock of the buckets: a condition variable's signal and the unlock of a
 * lock inside of it cost one call.
 */
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/entry.h>
#include <oshit/irqflags.h>
#include <oshit/math.h>
#include <oshit/task.h>
#include <oshit/timespec.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#include "futex.h"

/* --- waiting --- */

static u64 now_ns(unsigned int flags)
{
	return flags & FUTEX_CLOCK_REALTIME ? clock_real_ns() : clock_ns();
}

/* True if the waiter was still in a queue: nobody has woken it. */
static bool leave_queue(struct futex_waiter *waiter)
{
	struct futex_bucket *bucket;

	/* Pairs with the release in futex_wake_waiter(): who sees NULL may let the waiter go. */
	while ((bucket = smp_load_acquire(&waiter->bucket))) {
		spin_lock(&bucket->lock);
		if (READ_ONCE(waiter->bucket) == bucket) {
			list_del(&waiter->node);
			atomic_dec(&bucket->nr_waiters);
			spin_unlock(&bucket->lock);
			return true;
		}
		spin_unlock(&bucket->lock); /* it has been requeued, or woken */
	}
	return false;
}

/* Until somebody takes the waiter out of its queue. 0; -ETIMEDOUT; -EINTR. */
static int sleep_in_queue(const struct futex_wait *wait, const struct futex_waiter *waiter)
{
	int result = 0;

	for (;;) {
		u64 now, left_ns = TIME_MAX_NS;

		set_current_state(TASK_INTERRUPTIBLE); /* C */
		if (!smp_load_acquire(&waiter->bucket))
			break;
		if (wait->deadline_ns < TIME_MAX_NS) {
			now = now_ns(wait->flags);
			if (now >= wait->deadline_ns) {
				result = -ETIMEDOUT;
				break;
			}
			left_ns = wait->deadline_ns - now;
		}
		if (signal_pending(current)) {
			result = -EINTR;
			break;
		}
		sleep_until(left_ns < TIME_MAX_NS ? time_add_ns(clock_ns(), left_ns) : TIME_MAX_NS);
	}
	__set_current_state(TASK_RUNNING);
	return result;
}

/* Stands in the queue if the word is as expected. 0; -EAGAIN: it is not; -EFAULT: not there now. */
static int stand_in_queue(const struct futex_wait *wait, struct futex_waiter *waiter)
{
	struct futex_bucket *bucket = futex_bucket_of(&waiter->key);
	u32 val;
	int err;

	atomic_fetch_add(1, &bucket->nr_waiters); /* A */
	spin_lock(&bucket->lock);
	err = futex_peek(&val, wait->addr);
	if (!err && val != wait->val)
		err = -EAGAIN;
	if (!err) {
		waiter->bucket = bucket;
		list_add_tail(&waiter->node, &bucket->waiters);
	}
	spin_unlock(&bucket->lock);
	if (err)
		atomic_dec(&bucket->nr_waiters);
	return err;
}

/* 0: woken; -EAGAIN: the word differs; -EFAULT; -ETIMEDOUT; -EINTR. */
static int wait_once(const struct futex_wait *wait)
{
	struct futex_waiter waiter = { .task = current, .bitset = wait->bitset };
	struct futex_key key;
	int err;

	do {
		err = futex_get_key(wait->addr, wait->flags, &key);
		if (err)
			return err;
		waiter.key = key;
		err = stand_in_queue(wait, &waiter);
	} while (err == -EFAULT && futex_fault_in(wait->addr));
	if (err)
		return err;
	err = sleep_in_queue(wait, &waiter);
	return leave_queue(&waiter) ? err : 0;
}

static long wait_again(struct restart_block *restart)
{
	const struct futex_wait wait = {
		.addr = restart->futex.addr,
		.val = restart->futex.val,
		.bitset = restart->futex.bitset,
		.flags = restart->futex.flags,
		.deadline_ns = restart->deadline_ns,
	};
	int err = wait_once(&wait);

	return err == -EINTR ? -ERESTART_RESTARTBLOCK : err;
}

long futex_wait(const struct futex_wait *wait)
{
	struct restart_block *restart = &current->user->restart;
	int err;

	if (!wait->bitset)
		return -EINVAL;
	err = wait_once(wait);
	if (err != -EINTR)
		return err;
	if (wait->deadline_ns == TIME_MAX_NS)
		return -ERESTARTSYS;
	restart->fn = wait_again;
	restart->deadline_ns = wait->deadline_ns;
	restart->futex.addr = wait->addr;
	restart->futex.val = wait->val;
	restart->futex.bitset = wait->bitset;
	restart->futex.flags = wait->flags;
	return -ERESTART_RESTARTBLOCK;
}

/* --- waking --- */

/* Under the bucket's lock. Linux wakes one when asked for none or less; so do we. */
static int wake_some(struct futex_bucket *bucket, const struct futex_key *key, int nr, u32 bitset)
{
	struct futex_waiter *waiter, *next;
	int nr_woken = 0;

	list_for_each_entry_safe(waiter, next, &bucket->waiters, node) {
		if (!futex_keys_match(&waiter->key, key) || !(waiter->bitset & bitset))
			continue;
		futex_wake_waiter(bucket, waiter);
		if (++nr_woken >= nr)
			break;
	}
	return nr_woken;
}

long futex_wake(u32 __user *addr, unsigned int flags, int nr, u32 bitset)
{
	struct futex_bucket *bucket;
	struct futex_key key;
	int nr_woken, err;

	if (!bitset)
		return -EINVAL;
	err = futex_get_key(addr, flags, &key);
	if (err)
		return err;
	bucket = futex_bucket_of(&key);
	smp_mb(); /* B */
	if (!atomic_read(&bucket->nr_waiters))
		return 0;
	spin_lock(&bucket->lock);
	nr_woken = wake_some(bucket, &key, nr, bitset);
	spin_unlock(&bucket->lock);
	return nr_woken;
}

/* --- waking by a second word --- */

struct word_op { /* as FUTEX_OP() packs it */
	unsigned int op, cmp;
	u32 oparg, cmparg;
};

/* Twelve bits, with a sign. */
static u32 signed12(u32 value)
{
	return (u32)((s32)(value << 20) >> 20);
}

static struct word_op unpack_op(u32 packed)
{
	struct word_op op = {
		.op = packed >> 28 & 7,
		.cmp = packed >> 24 & 15,
		.oparg = signed12(packed >> 12 & 0xfff),
		.cmparg = signed12(packed & 0xfff),
	};

	if (packed >> 28 & FUTEX_OP_OPARG_SHIFT)
		op.oparg = 1U << (op.oparg & 31);
	return op;
}

static u32 apply(const struct word_op *op, u32 value)
{
	switch (op->op) {
	case FUTEX_OP_SET:
		return op->oparg;
	case FUTEX_OP_ADD:
		return value + op->oparg;
	case FUTEX_OP_OR:
		return value | op->oparg;
	case FUTEX_OP_ANDN:
		return value & ~op->oparg;
	default:
		return value ^ op->oparg;
	}
}

/* 1, 0; -ENOSYS: no such comparison. */
static int compare(const struct word_op *op, u32 value)
{
	s32 left = (s32)value, right = (s32)op->cmparg;

	switch (op->cmp) {
	case FUTEX_OP_CMP_EQ:
		return left == right;
	case FUTEX_OP_CMP_NE:
		return left != right;
	case FUTEX_OP_CMP_LT:
		return left < right;
	case FUTEX_OP_CMP_GE:
		return left >= right;
	case FUTEX_OP_CMP_LE:
		return left <= right;
	case FUTEX_OP_CMP_GT:
		return left > right;
	default:
		return -ENOSYS;
	}
}

/* Changes the word in one step. 1, 0: what the comparison says of the old value; -ENOSYS; -EFAULT:
 * it cannot be written right now. Bucket locks may be held. */
static int change_word(const struct word_op *op, u32 __user *addr)
{
	unsigned long flags;
	u32 old, seen;
	int err;

	if (op->op > FUTEX_OP_XOR)
		return -ENOSYS;
	local_irq_save(flags); /* no fault is mended */
	err = get_user(seen, addr);
	do {
		old = seen;
		err = err ?: cmpxchg_user(&seen, addr, apply(op, old));
	} while (!err && seen != old);
	local_irq_restore(flags);
	return err ?: compare(op, old);
}

/* Makes the word writable. 0 or -EFAULT. */
static int fault_in_word(u32 __user *addr)
{
	u32 value;

	return get_user(value, addr) ?: cmpxchg_user(&value, addr, value);
}

struct wake_op {
	struct word_op op; /* in */
	u32 __user *addr2; /* in   the word that is changed */
	struct futex_key key[2]; /* in */
	int nr[2]; /* in   to be woken at each */
	int result; /* out  number of those woken, or -errno */
};

/* Under the locks of both buckets. */
static void change_and_wake(void *arg)
{
	struct wake_op *wake = arg;
	int both = change_word(&wake->op, wake->addr2);

	wake->result = both;
	if (both < 0)
		return;
	wake->result = wake_some(futex_bucket_of(&wake->key[0]), &wake->key[0], wake->nr[0],
				 FUTEX_BITSET_MATCH_ANY);
	if (both)
		wake->result += wake_some(futex_bucket_of(&wake->key[1]), &wake->key[1],
					  wake->nr[1], FUTEX_BITSET_MATCH_ANY);
}

long futex_wake_op(u32 __user *addr, unsigned int flags, u32 __user *addr2, int nr, int nr2,
		   u32 packed)
{
	struct wake_op wake = { .op = unpack_op(packed), .addr2 = addr2, .nr = { nr, nr2 } };
	int err;

	do {
		err = futex_get_key(addr, flags, &wake.key[0])
			      ?: futex_get_key(addr2, flags, &wake.key[1]);
		if (err)
			return err;
		futex_call_locked(futex_bucket_of(&wake.key[0]), futex_bucket_of(&wake.key[1]),
				  change_and_wake, &wake);
	} while (wake.result == -EFAULT && !fault_in_word(addr2));
	return wake.result;
}
