/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read-write semaphores.
 *
 * The count has all that a task needs that does not wait:
 *
 *	bit 0		RWSEM_WRITER	a writer has it
 *	bit 1		RWSEM_WAITERS	the list is not empty: nobody takes it past the list
 *	from bit 2	RWSEM_READER	each reader that has it
 *
 * While RWSEM_WAITERS is set the count only falls, but for what wait_lock's holder adds.  So that
 * one decides in peace: grant() gives the semaphore to the first waiter if it can be had, and if
 * that is a reader to all readers up to the next writer.  It runs after each change that may let
 * somebody in: the last reader or the writer leaves, a writer becomes a reader, a waiter has come,
 * one has given up.  A waiter that comes sets the flag before it looks at the count, who leaves
 * changes the count before he looks at the flag: one sees the other, since both are one word.
 *
 * A waiter never takes the semaphore itself, it is given to it.  As in a mutex it leaves, and is
 * woken up, under wait_lock, so it may stand on its stack.
 *
 * Lock order: wait_lock, then those of the scheduler.
 */
#include <linux/errno.h>
#include <oshit/bug.h>
#include <oshit/rwsem.h>
#include <oshit/sched.h>

#define RWSEM_WRITER  1L
#define RWSEM_WAITERS 2L
#define RWSEM_READER  4L

struct rwsem_waiter { /* on the waiter's stack; under wait_lock */
	struct list_head link;
	struct task_struct *task;
	long share; /* RWSEM_READER or RWSEM_WRITER: what it wants */
	bool granted;
};

void __init_rwsem(struct rw_semaphore *sem, const char *name, const struct lock_class_key *key)
{
	*sem = (struct rw_semaphore){ .dep_map = LOCKDEP_STATIC };
	raw_spin_lock_init(&sem->wait_lock);
	INIT_LIST_HEAD(&sem->waiters);
	lockdep_init_map(&sem->dep_map, name, key);
}

static bool can_have(long count, long share)
{
	return share == RWSEM_READER ? !(count & RWSEM_WRITER) : !(count & ~RWSEM_WAITERS);
}

/* Gives the semaphore to those who are first.  With wait_lock held. */
static void grant(struct rw_semaphore *sem)
{
	while (!list_empty(&sem->waiters)) {
		struct rwsem_waiter *first =
			list_first_entry(&sem->waiters, struct rwsem_waiter, link);

		/* Pairs with the releases of those who had it. */
		if (!can_have(atomic64_read_acquire(&sem->count), first->share))
			return;
		list_del(&first->link);
		atomic64_add(first->share, &sem->count);
		first->granted = true;
		wake_up_process(first->task);
	}
	atomic64_andnot(RWSEM_WAITERS, &sem->count);
}

static noinline void grant_to_waiters(struct rw_semaphore *sem)
{
	raw_spin_lock(&sem->wait_lock);
	grant(sem);
	raw_spin_unlock(&sem->wait_lock);
}

/* With wait_lock held; sleeps without. */
static int wait_in_line(struct rw_semaphore *sem, struct rwsem_waiter *waiter, unsigned int state)
	__must_hold(&sem->wait_lock)
{
	for (;;) {
		set_current_state(state);
		if (waiter->granted)
			return 0;
		if (state == TASK_INTERRUPTIBLE && signal_pending(current)) {
			list_del(&waiter->link);
			grant(sem); /* those behind us may have waited for us alone */
			return -EINTR;
		}
		raw_spin_unlock(&sem->wait_lock);
		schedule();
		raw_spin_lock(&sem->wait_lock);
	}
}

static noinline int down_slow(struct rw_semaphore *sem, long share, unsigned int state)
{
	struct rwsem_waiter waiter = { .task = current, .share = share };
	int err;

	lock_contended(&sem->dep_map);
	raw_spin_lock(&sem->wait_lock);
	list_add_tail(&waiter.link, &sem->waiters);
	atomic64_or(RWSEM_WAITERS, &sem->count);
	grant(sem);
	err = wait_in_line(sem, &waiter, state);
	__set_current_state(TASK_RUNNING);
	raw_spin_unlock(&sem->wait_lock);
	return err;
}

static bool take_for_reading(struct rw_semaphore *sem)
{
	long old = atomic64_read(&sem->count);

	do {
		if (old & (RWSEM_WRITER | RWSEM_WAITERS))
			return false;
	} while (!atomic64_try_cmpxchg_acquire(&sem->count, &old, old + RWSEM_READER));
	return true;
}

static bool take_for_writing(struct rw_semaphore *sem)
{
	long free = 0;

	return atomic64_try_cmpxchg_acquire(&sem->count, &free, RWSEM_WRITER);
}

void down_read_nested(struct rw_semaphore *sem, unsigned int subclass)
{
	might_sleep();
	lock_acquire(&sem->dep_map, subclass, LOCK_SHARED);
	if (!take_for_reading(sem))
		down_slow(sem, RWSEM_READER, TASK_UNINTERRUPTIBLE);
}

void down_write_nested(struct rw_semaphore *sem, unsigned int subclass)
{
	might_sleep();
	lock_acquire(&sem->dep_map, subclass, 0);
	if (!take_for_writing(sem))
		down_slow(sem, RWSEM_WRITER, TASK_UNINTERRUPTIBLE);
}

int down_read_interruptible(struct rw_semaphore *sem)
{
	int err = 0;

	might_sleep();
	lock_acquire(&sem->dep_map, 0, LOCK_SHARED);
	if (!take_for_reading(sem))
		err = down_slow(sem, RWSEM_READER, TASK_INTERRUPTIBLE);
	if (err)
		lock_release(&sem->dep_map);
	return err;
}

int down_write_interruptible(struct rw_semaphore *sem)
{
	int err = 0;

	might_sleep();
	lock_acquire(&sem->dep_map, 0, 0);
	if (!take_for_writing(sem))
		err = down_slow(sem, RWSEM_WRITER, TASK_INTERRUPTIBLE);
	if (err)
		lock_release(&sem->dep_map);
	return err;
}

bool down_read_trylock(struct rw_semaphore *sem)
{
	if (!take_for_reading(sem))
		return false;
	lock_acquire(&sem->dep_map, 0, LOCK_SHARED | LOCK_TRIED);
	return true;
}

bool down_write_trylock(struct rw_semaphore *sem)
{
	if (!take_for_writing(sem))
		return false;
	lock_acquire(&sem->dep_map, 0, LOCK_TRIED);
	return true;
}

void up_read(struct rw_semaphore *sem)
{
	long left;

	lock_release(&sem->dep_map);
	left = atomic64_fetch_sub_release(RWSEM_READER, &sem->count) - RWSEM_READER;
	WARN_ON_ONCE(left < 0 || (left & RWSEM_WRITER));
	if (left == RWSEM_WAITERS)
		grant_to_waiters(sem);
}

void up_write(struct rw_semaphore *sem)
{
	long old;

	lock_release(&sem->dep_map);
	old = atomic64_fetch_andnot_release(RWSEM_WRITER, &sem->count);
	WARN_ON_ONCE(!(old & RWSEM_WRITER));
	if (old & RWSEM_WAITERS)
		grant_to_waiters(sem);
}

void downgrade_write(struct rw_semaphore *sem)
{
	long old;

	lock_release(&sem->dep_map);
	lock_acquire(&sem->dep_map, 0, LOCK_SHARED | LOCK_TRIED);
	old = atomic64_fetch_add_release(RWSEM_READER - RWSEM_WRITER, &sem->count);
	WARN_ON_ONCE(!(old & RWSEM_WRITER));
	if (old & RWSEM_WAITERS)
		grant_to_waiters(sem);
}

bool rwsem_is_locked(const struct rw_semaphore *sem)
{
	return atomic64_read(&sem->count) & ~RWSEM_WAITERS;
}
