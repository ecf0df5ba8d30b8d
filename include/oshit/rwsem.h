/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read-write semaphores: many readers or one writer, and tasks sleep for them.  Waiters are served
 * in order of arrival.  A reader that comes behind a waiting writer waits, too; a writer that finds
 * nobody in it takes it before those that sleep, for some milliseconds: so neither kind starves.
 * Hence a task must not take one for reading twice.  The task that took it releases it.  One may be
 * freed only when nobody can still be in up_read(), up_write() or downgrade_write(): they may look
 * at it when the next one has it already.  kernel/locking/rwsem.c tells how they work.  Context of
 * all: task.
 */
#ifndef OSHIT_RWSEM_H
#define OSHIT_RWSEM_H

#include <oshit/atomic.h>
#include <oshit/list.h>
#include <oshit/lockdep.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

struct rw_semaphore { /* a: atomic   w: wait_lock */
	atomic64_t count; /* a  readers, and who else: see rwsem.c */
	raw_spinlock_t wait_lock;
	struct list_head waiters; /* w  in order of arrival */
#ifdef CONFIG_RWSEM_SPIN_ON_OWNER
	struct task_struct *writer; /* a  who has it for writing, if it has said so */
	unsigned int writer_cpu; /* a  where it was when it took it */
	bool has_spinner; /* a  one of those that wait spins */
#endif
	struct lockdep_map dep_map;
};

#define RWSEM_INIT(name)                                   \
	{                                                  \
		.wait_lock = RAW_SPINLOCK_INIT,            \
		.waiters = LIST_HEAD_INIT((name).waiters), \
		.dep_map = LOCKDEP_STATIC,                 \
	}
#define DECLARE_RWSEM(name) struct rw_semaphore name = RWSEM_INIT(name)

#define init_rwsem(sem)                             \
	do {                                        \
		static struct lock_class_key __key; \
		__init_rwsem(sem, #sem, &__key);    \
	} while (0)
void __init_rwsem(struct rw_semaphore *sem, const char *name, const struct lock_class_key *key);

/* Sleep until the semaphore is ours. The interruptible ones return 0, or -EINTR without it. */
#define down_read(sem)	down_read_nested(sem, 0)
#define down_write(sem) down_write_nested(sem, 0)
void down_read_nested(struct rw_semaphore *sem, unsigned int subclass);
void down_write_nested(struct rw_semaphore *sem, unsigned int subclass);
int __must_check down_read_interruptible(struct rw_semaphore *sem);
int __must_check down_write_interruptible(struct rw_semaphore *sem);

/* Do not sleep: true if it was to be had at once. */
bool down_read_trylock(struct rw_semaphore *sem);
bool down_write_trylock(struct rw_semaphore *sem);

void up_read(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);

/* The writer becomes a reader, with no other writer in between. */
void downgrade_write(struct rw_semaphore *sem);

/* A hint: true if anybody has it. */
bool rwsem_is_locked(const struct rw_semaphore *sem);

#endif
