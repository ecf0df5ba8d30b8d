/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spinlocks: fair, for short sections that do not sleep.  Holding one keeps the task on its CPU.
 *
 *	raw_spinlock_t	always a lock of its own
 *	spinlock_t	the same, unless there is a big kernel lock: <oshit/big_lock.h>
 *
 * What the scheduler, timers, interrupts from other CPUs, the idle loop and the allocators take is
 * the raw kind: these run without the big lock.
 *
 * A lock that an interrupt handler takes is taken with interrupts off everywhere else: _irqsave, or
 * _irq where they are known to be on.  A second lock of the same class is taken with _nested and a
 * subclass below LOCKDEP_SUBCLASSES, in an order that is written down.  Lockdep checks all of it.
 * With one CPU and without lockdep a lock has no bytes, and trylock succeeds: so no trylock from an
 * NMI.  The order in which locks nest stands in Documentation/locking.rst.
 */
#ifndef OSHIT_SPINLOCK_H
#define OSHIT_SPINLOCK_H

#include <oshit/big_lock.h>
#include <oshit/irqflags.h>
#include <oshit/lockdep.h>
#include <oshit/preempt.h>
#include <oshit/qspinlock.h>
#include <oshit/types.h>

typedef struct raw_spinlock {
	struct qspinlock queue;
	struct lockdep_map dep_map;
} raw_spinlock_t;

#ifdef CONFIG_LOCKING_BIG
typedef struct spinlock {
	struct lockdep_map dep_map;
} spinlock_t;
#define __spin_queue(lock) NULL
#else
typedef struct spinlock {
	struct qspinlock queue;
	struct lockdep_map dep_map;
} spinlock_t;
#define __spin_queue(lock) (&(lock)->queue)
#endif

/* A static lock is a lockdep class of its own. */
#define RAW_SPINLOCK_INIT                 \
	{                                 \
		.dep_map = LOCKDEP_STATIC \
	}
#define SPINLOCK_INIT                     \
	{                                 \
		.dep_map = LOCKDEP_STATIC \
	}
#define DEFINE_RAW_SPINLOCK(name) raw_spinlock_t name = RAW_SPINLOCK_INIT
#define DEFINE_SPINLOCK(name)	  spinlock_t name = SPINLOCK_INIT

/* All locks that one place initialises are one class. */
#define raw_spin_lock_init(lock)                                   \
	do {                                                       \
		static struct lock_class_key __key;                \
		(lock)->queue = (struct qspinlock){};              \
		lockdep_init_map(&(lock)->dep_map, #lock, &__key); \
	} while (0)

#define spin_lock_init(lock)                                       \
	do {                                                       \
		static struct lock_class_key __key;                \
		*(lock) = (spinlock_t){};                          \
		lockdep_init_map(&(lock)->dep_map, #lock, &__key); \
	} while (0)

/* What both kinds are made of; @queue is NULL where the big lock does the work. */

static __always_inline void __spin_acquire(struct qspinlock *queue, struct lockdep_map *map,
					   unsigned int subclass)
{
	preempt_disable();
	lock_acquire(map, subclass, LOCK_SPINS);
	if (!queue)
		big_lock_assert_held();
	else if (!queued_spin_lock_fast(queue)) {
		lock_contended(map);
		queued_spin_lock_slow(queue);
	}
}

static __always_inline bool __spin_try_acquire(struct qspinlock *queue, struct lockdep_map *map)
{
	preempt_disable();
	if (queue && !queued_spin_trylock(queue)) {
		preempt_enable();
		return false;
	}
	lock_acquire(map, 0, LOCK_SPINS | LOCK_TRIED);
	return true;
}

static __always_inline void __spin_release(struct qspinlock *queue, struct lockdep_map *map)
{
	lock_release(map);
	if (queue)
		queued_spin_unlock(queue);
}

/* --- raw_spinlock_t --- */

static __always_inline void raw_spin_lock_nested(raw_spinlock_t *lock, unsigned int subclass)
	__acquires(lock)
{
	__spin_acquire(&lock->queue, &lock->dep_map, subclass);
	__acquire(lock);
}

static __always_inline void raw_spin_lock(raw_spinlock_t *lock) __acquires(lock)
{
	raw_spin_lock_nested(lock, 0);
}

static __always_inline bool raw_spin_trylock(raw_spinlock_t *lock)
{
	return __cond_lock(lock, __spin_try_acquire(&lock->queue, &lock->dep_map));
}

static __always_inline void raw_spin_unlock(raw_spinlock_t *lock) __releases(lock)
{
	__spin_release(&lock->queue, &lock->dep_map);
	preempt_enable();
	__release(lock);
}

static __always_inline void raw_spin_lock_irq(raw_spinlock_t *lock) __acquires(lock)
{
	local_irq_disable();
	raw_spin_lock(lock);
}

/* Interrupts are on before preemption may take place. */
static __always_inline void raw_spin_unlock_irq(raw_spinlock_t *lock) __releases(lock)
{
	__spin_release(&lock->queue, &lock->dep_map);
	local_irq_enable();
	preempt_enable();
	__release(lock);
}

static __always_inline unsigned long __raw_spin_lock_irqsave(raw_spinlock_t *lock,
							     unsigned int subclass) __acquires(lock)
{
	unsigned long flags;

	local_irq_save(flags);
	raw_spin_lock_nested(lock, subclass);
	return flags;
}

#define raw_spin_lock_irqsave(lock, flags) ((flags) = __raw_spin_lock_irqsave(lock, 0))
#define raw_spin_lock_irqsave_nested(lock, flags, subclass) \
	((flags) = __raw_spin_lock_irqsave(lock, subclass))

static __always_inline void raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
	__releases(lock)
{
	__spin_release(&lock->queue, &lock->dep_map);
	local_irq_restore(flags);
	preempt_enable();
	__release(lock);
}

/* True if somebody holds the lock, or waits: a hint.  Assertions use lockdep_assert_held(). */
static __always_inline bool raw_spin_is_locked(const raw_spinlock_t *lock)
{
	return queued_spin_is_locked(&lock->queue);
}

static __always_inline bool raw_spin_is_contended(const raw_spinlock_t *lock)
{
	return queued_spin_is_contended(&lock->queue);
}

/* --- spinlock_t --- */

static __always_inline void spin_lock_nested(spinlock_t *lock, unsigned int subclass)
	__acquires(lock)
{
	__spin_acquire(__spin_queue(lock), &lock->dep_map, subclass);
	__acquire(lock);
}

static __always_inline void spin_lock(spinlock_t *lock) __acquires(lock)
{
	spin_lock_nested(lock, 0);
}

static __always_inline bool spin_trylock(spinlock_t *lock)
{
	return __cond_lock(lock, __spin_try_acquire(__spin_queue(lock), &lock->dep_map));
}

static __always_inline void spin_unlock(spinlock_t *lock) __releases(lock)
{
	__spin_release(__spin_queue(lock), &lock->dep_map);
	preempt_enable();
	__release(lock);
}

static __always_inline void spin_lock_irq(spinlock_t *lock) __acquires(lock)
{
	local_irq_disable();
	spin_lock(lock);
}

/* Interrupts are on before preemption may take place. */
static __always_inline void spin_unlock_irq(spinlock_t *lock) __releases(lock)
{
	__spin_release(__spin_queue(lock), &lock->dep_map);
	local_irq_enable();
	preempt_enable();
	__release(lock);
}

static __always_inline unsigned long __spin_lock_irqsave(spinlock_t *lock, unsigned int subclass)
	__acquires(lock)
{
	unsigned long flags;

	local_irq_save(flags);
	spin_lock_nested(lock, subclass);
	return flags;
}

#define spin_lock_irqsave(lock, flags) ((flags) = __spin_lock_irqsave(lock, 0))
#define spin_lock_irqsave_nested(lock, flags, subclass) \
	((flags) = __spin_lock_irqsave(lock, subclass))

static __always_inline void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
	__releases(lock)
{
	__spin_release(__spin_queue(lock), &lock->dep_map);
	local_irq_restore(flags);
	preempt_enable();
	__release(lock);
}

#endif
