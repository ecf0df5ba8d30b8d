/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reference counts.  An object starts with one reference; who drops the last one frees it.  Unlike
 * an atomic_t a count cannot wrap: one that overflows, or is used after it has reached 0, sticks at
 * REFCOUNT_SATURATED with one warning.  The object then leaks, which is better than a free object
 * in use.  The sticky value lies in the middle of the negative half: threads that add or drop
 * before they see it cannot leave that half.
 *
 * Order: a get needs none, since the caller holds a reference already.  A put is a release, and the
 * put that reaches 0 an acquire besides: who frees sees all that others did before their puts.
 * Context: any.
 */
#ifndef OSHIT_REFCOUNT_H
#define OSHIT_REFCOUNT_H

#include <oshit/atomic.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

#define REFCOUNT_SATURATED (-0x7fffffff / 2)

typedef struct refcount { /* a: atomic */
	atomic_t refs; /* a  users; negative once saturated */
} refcount_t;

#define REFCOUNT_INIT(n)               \
	{                              \
		.refs = ATOMIC_INIT(n) \
	}

enum refcount_misuse {
	REFCOUNT_ADD_OVERFLOW,
	REFCOUNT_ADD_ON_FREE, /* use after free, most likely */
	REFCOUNT_DROP_BELOW_ZERO, /* one put too many */
};

/* Warns once for each kind and makes the count stick. */
void refcount_saturate(refcount_t *r, enum refcount_misuse misuse);

/* For tests that misuse counts: from 0 on warnings are counted here, not printed.  -1: off. */
extern atomic_t refcount_expected_misuse;

static inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

static inline int refcount_read(const refcount_t *r)
{
	return atomic_read(&r->refs);
}

/* The caller holds a reference, so the count is not 0. */
static inline void refcount_add(int n, refcount_t *r)
{
	int old = atomic_fetch_add_relaxed(n, &r->refs);

	if (unlikely(old == 0))
		refcount_saturate(r, REFCOUNT_ADD_ON_FREE);
	else if (unlikely(old < 0 || old > __INT_MAX__ - n))
		refcount_saturate(r, REFCOUNT_ADD_OVERFLOW);
}

static inline void refcount_inc(refcount_t *r)
{
	refcount_add(1, r);
}

/* For look-ups of what may be dying. False: the last reference is gone, keep off. */
static inline bool refcount_inc_not_zero(refcount_t *r)
{
	int old = refcount_read(r);

	do {
		if (!old)
			return false;
	} while (!atomic_try_cmpxchg_relaxed(&r->refs, &old, (int)((unsigned int)old + 1)));
	if (unlikely(old < 0 || old == __INT_MAX__))
		refcount_saturate(r, REFCOUNT_ADD_OVERFLOW);
	return true;
}

/* True: these were the last references, and the object is the caller's alone. */
static inline bool refcount_sub_and_test(int n, refcount_t *r)
{
	int old = atomic_fetch_sub_release(n, &r->refs);

	if (old == n && n > 0) {
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		return true;
	}
	if (unlikely(old < n))
		refcount_saturate(r, REFCOUNT_DROP_BELOW_ZERO);
	return false;
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	return refcount_sub_and_test(1, r);
}

/* Drops a reference unless it is the last. True if dropped. */
bool refcount_dec_not_one(refcount_t *r);

/* Drops a reference; the last one under @lock, so that no look-up under it finds the object then.
 * True: it was the last, and the lock is held, interrupts off if they are in *@flags. */
#define refcount_dec_and_lock(r, lock) __cond_lock(lock, __refcount_dec_and_lock(r, lock))
#define refcount_dec_and_lock_irqsave(r, lock, flags) \
	__cond_lock(lock, __refcount_dec_and_lock_irqsave(r, lock, flags))
bool __refcount_dec_and_lock(refcount_t *r, spinlock_t *lock);
bool __refcount_dec_and_lock_irqsave(refcount_t *r, spinlock_t *lock, unsigned long *flags);

#endif
