/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mutexes: locks for which a task sleeps.  The task that took one releases it; it is not taken
 * twice, not in interrupts, and not held when the task ends.  A mutex may be freed only when nobody
 * can still be in mutex_unlock().  kernel/locking/mutex.c tells how they work.
 */
#ifndef OSHIT_MUTEX_H
#define OSHIT_MUTEX_H

#include <oshit/atomic.h>
#include <oshit/list.h>
#include <oshit/lockdep.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

struct mutex { /* a: atomic   w: wait_lock */
	atomic64_t owner; /* a  the task, and flags below it; flags change under w */
	raw_spinlock_t wait_lock;
	struct list_head waiters; /* w  in order of arrival */
#ifdef CONFIG_MUTEX_SPIN_ON_OWNER
	unsigned int owner_cpu; /* a  where the owner was when it took the lock */
	bool has_spinner; /* a  one of those that wait spins */
#endif
	struct lockdep_map dep_map;
};

#define MUTEX_INIT(name)                                     \
	{                                                    \
		.wait_lock = RAW_SPINLOCK_INIT,              \
		.waiters = LIST_HEAD_INIT((name).waiters),   \
		.dep_map = LOCKDEP_STATIC,                   \
	}
#define DEFINE_MUTEX(name) struct mutex name = MUTEX_INIT(name)

#define mutex_init(lock)                           \
	do {                                       \
		static struct lock_class_key __key; \
		__mutex_init(lock, #lock, &__key); \
	} while (0)
void __mutex_init(struct mutex *lock, const char *name, const struct lock_class_key *key);

/* Sleeps until the lock is ours. Context: task, may sleep. */
#define mutex_lock(lock) mutex_lock_nested(lock, 0)
void mutex_lock_nested(struct mutex *lock, unsigned int subclass);

/* The same, but a signal ends the wait. Return: 0, or -EINTR without the lock. */
int __must_check mutex_lock_interruptible(struct mutex *lock);

/* True if it was free, and is ours now. Context: task; does not sleep. */
bool mutex_trylock(struct mutex *lock);

/* Context: the task that took it; may wake up another. */
void mutex_unlock(struct mutex *lock);

/* A hint: true if anybody has it. */
static inline bool mutex_is_locked(const struct mutex *lock)
{
	return atomic64_read(&lock->owner) != 0;
}

#endif
