/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queued lock inside <oshit/spinlock.h>: four bytes, fair, and each CPU that waits spins on a
 * cache line of its own.  kernel/locking/spinlock.c tells how.  Without CONFIG_QUEUED_SPINLOCKS
 * (one CPU) it is nothing at all: interrupts and preemption are what excludes others.
 * Nothing here touches preemption, interrupts or lockdep; from lock to unlock preemption is off.
 */
#ifndef OSHIT_QSPINLOCK_H
#define OSHIT_QSPINLOCK_H

#include <oshit/types.h>

#define QSPIN_LOCKED 1u

#ifdef CONFIG_QUEUED_SPINLOCKS
struct qspinlock { /* a: atomic */
	union {
		u32 word; /* a  0: free, nobody waits */
		struct {
			u8 locked; /* a  QSPIN_LOCKED if held; one store frees the lock */
			u8 unused;
			u16 tail; /* a  last in the queue, 0 if it is empty */
		};
	};
};
static_assert(sizeof(struct qspinlock) == 4, "a spinlock is one word");

/* CPUs that wait do not queue from now on. Boot. */
#ifdef CONFIG_VIRT_SPIN
void spin_without_queue(void);
#else
static inline void spin_without_queue(void)
{
}
#endif

/* Joins the queue and waits until the lock is ours. */
void queued_spin_lock_slow(struct qspinlock *lock);

static __always_inline bool queued_spin_trylock(struct qspinlock *lock)
{
	u32 free = 0;

	return __atomic_load_n(&lock->word, __ATOMIC_RELAXED) == 0 &&
	       __atomic_compare_exchange_n(&lock->word, &free, QSPIN_LOCKED, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* The whole of a lock that is free. False: queued_spin_lock_slow() must follow. */
static __always_inline bool queued_spin_lock_fast(struct qspinlock *lock)
{
	u32 free = 0;

	return likely(__atomic_compare_exchange_n(&lock->word, &free, QSPIN_LOCKED, false,
						  __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
}

/* Pairs with the acquires of the next holder: it sees all that was written under the lock. */
static __always_inline void queued_spin_unlock(struct qspinlock *lock)
{
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

static __always_inline bool queued_spin_is_locked(const struct qspinlock *lock)
{
	return __atomic_load_n(&lock->word, __ATOMIC_RELAXED) != 0;
}

static __always_inline bool queued_spin_is_contended(const struct qspinlock *lock)
{
	return __atomic_load_n(&lock->tail, __ATOMIC_RELAXED) != 0;
}
#else
struct qspinlock {
};

static __always_inline bool queued_spin_trylock(struct qspinlock *lock __maybe_unused)
{
	return true;
}

static __always_inline bool queued_spin_lock_fast(struct qspinlock *lock __maybe_unused)
{
	return true;
}

static __always_inline void queued_spin_lock_slow(struct qspinlock *lock __maybe_unused)
{
}

static __always_inline void queued_spin_unlock(struct qspinlock *lock __maybe_unused)
{
}

static __always_inline bool queued_spin_is_locked(const struct qspinlock *lock __maybe_unused)
{
	return false;
}

static __always_inline bool queued_spin_is_contended(const struct qspinlock *lock __maybe_unused)
{
	return false;
}
#endif

static __always_inline void queued_spin_lock(struct qspinlock *lock)
{
	if (!queued_spin_lock_fast(lock))
		queued_spin_lock_slow(lock);
}

#endif
