/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spinlocks: fair (tickets), for short sections that do not sleep.  A lock that an interrupt
 * handler takes is taken with interrupts off everywhere else.
 * The order in which locks nest stands in Documentation/locking.rst.
 */
#ifndef OSHIT_SPINLOCK_H
#define OSHIT_SPINLOCK_H

#include <arch/processor.h>
#include <oshit/irqflags.h>
#include <oshit/types.h>

typedef struct spinlock { /* a: atomic */
	u16 next; /* a  ticket of the next CPU that comes */
	u16 owner; /* a  ticket of the CPU that holds the lock */
} spinlock_t;

#define SPINLOCK_INIT \
	{             \
		0, 0  \
	}
#define DEFINE_SPINLOCK(name) spinlock_t name = SPINLOCK_INIT

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->next = 0;
	lock->owner = 0;
}

/* True if some CPU holds the lock: for assertions. */
static inline bool spin_is_locked(const spinlock_t *lock)
{
	return __atomic_load_n(&lock->next, __ATOMIC_RELAXED) !=
	       __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);
}

static inline void spin_lock(spinlock_t *lock) __acquires(lock)
{
	u16 ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
		cpu_relax();
	__acquire(lock);
}

static inline bool spin_trylock(spinlock_t *lock)
{
	u16 owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);
	u16 ticket = owner;

	return __cond_lock(lock,
			   __atomic_compare_exchange_n(&lock->next, &ticket, (u16)(owner + 1),
						       false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
}

static inline void spin_unlock(spinlock_t *lock) __releases(lock)
{
	u16 owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);

	__atomic_store_n(&lock->owner, (u16)(owner + 1), __ATOMIC_RELEASE);
	__release(lock);
}

#define spin_lock_irqsave(lock, flags) \
	do {                           \
		local_irq_save(flags); \
		spin_lock(lock);       \
	} while (0)

#define spin_unlock_irqrestore(lock, flags) \
	do {                                \
		spin_unlock(lock);          \
		local_irq_restore(flags);   \
	} while (0)

#endif
