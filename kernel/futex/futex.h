/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of kernel/futex; the theory stands at the head of core.c. */
#ifndef FUTEX_FUTEX_H
#define FUTEX_FUTEX_H

#include <linux/futex.h>
#include <oshit/atomic.h>
#include <oshit/list.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

struct task_struct;

#define FUTEX_HASH_BITS	 8 /* 256 queues, each with a lock: 16 KiB */
#define NR_FUTEX_BUCKETS (1U << FUTEX_HASH_BITS)

struct futex_key { /* what a word is, wherever it is mapped */
	u64 object; /* the address space, or the number of what is mapped */
	u64 offset; /* the address, or the offset in bytes; bit 0: of what is mapped */
};

struct futex_bucket { /* b: ->lock   a: atomic */
	spinlock_t lock;
	atomic_t nr_waiters; /* a  in the queue, or about to be: never too small */
	struct list_head waiters; /* b  first come, first served */
} __aligned(64);

struct futex_waiter { /* on the waiter's stack;  b: lock of ->bucket */
	struct list_head node; /* b */
	struct futex_key key; /* b */
	struct futex_bucket *bucket; /* a  NULL: has been woken, and is nobody's any more */
	struct task_struct *task; /* i */
	u32 bitset; /* i */
};

extern struct futex_bucket futex_buckets[NR_FUTEX_BUCKETS];

/* --- core.c. @flags: FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME. */

/* Context: task, may sleep. 0; -EINVAL: not aligned; -EFAULT. */
int futex_get_key(u32 __user *addr, unsigned int flags, struct futex_key *key);
struct futex_bucket *futex_bucket_of(const struct futex_key *key);

static inline bool futex_keys_match(const struct futex_key *a, const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

/* Calls @fn(@arg) with both locked, in the order of their addresses; they may be the same. */
void futex_call_locked(struct futex_bucket *a, struct futex_bucket *b, void (*fn)(void *arg),
		       void *arg);

/* Takes @waiter, which stands in the queue of @bucket, out and wakes its task. Under the lock.
 * Afterwards the waiter's stack may be gone. */
void futex_wake_waiter(struct futex_bucket *bucket, struct futex_waiter *waiter);

/* The word at @addr, or -EFAULT if it is not there right now: bucket locks may be held. */
int futex_peek(u32 *value, u32 __user *addr);
/* Brings the word's page in. Context: task, may sleep. False: there is none. */
bool futex_fault_in(u32 __user *addr);

/* --- waitwake.c */

struct futex_wait { /* what is waited for */
	u32 __user *addr;
	u32 val;
	u32 bitset;
	unsigned int flags;
	u64 deadline_ns; /* by the clock of the flags; TIME_MAX_NS: for ever */
};

long futex_wait(const struct futex_wait *wait);
long futex_wake(u32 __user *addr, unsigned int flags, int nr, u32 bitset);
long futex_wake_op(u32 __user *addr, unsigned int flags, u32 __user *addr2, int nr, int nr2,
		   u32 op);

/* --- requeue.c */

struct futex_requeue {
	u32 __user *from_addr, *to_addr; /* in */
	unsigned int flags; /* in */
	int nr_wake, nr_requeue; /* in */
	const u32 *expected; /* in   NULL: whatever the word is */
	struct futex_key from, to;
	int nr_woken, nr_moved; /* out */
	int err; /* out */
};

long futex_requeue(struct futex_requeue *requeue);

#endif
