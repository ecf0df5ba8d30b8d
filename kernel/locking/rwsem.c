/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read-write semaphores.
 *
 * The count has all that a task needs that does not wait:
 *
 *	bit 0		RWSEM_WRITER	a writer has it
 *	bit 1		RWSEM_WAITERS	the list is not empty: who leaves must look at it
 *	bit 2		RWSEM_HANDOFF	it goes to the first waiter, and to nobody else
 *	from bit 3	RWSEM_READER	each reader that has it
 *
 * A reader comes in if there is neither a writer nor a waiter.  A writer comes in if nobody has the
 * semaphore, waiters or not: a task that runs need not wait for one that must first be woken up.
 * Otherwise two writers of one directory would pay a switch for each file: the semaphore would be
 * handed over to the one that sleeps, and the other would find it taken before that one runs.
 *
 * So that nobody starves, the first waiter is passed over for RWSEM_PATIENCE_NS at most.  Then
 * RWSEM_HANDOFF keeps all others out.  It is set while somebody has the semaphore, and from then on
 * only the holder of wait_lock gives it away.
 *
 * wake_first() runs, under wait_lock, after each change that may let the first waiter in: the last
 * reader or the writer leaves, a writer becomes a reader, a waiter has given up.  If the first is a
 * reader, the semaphore is given to it and to all readers up to the next writer.  A writer is only
 * woken up, and takes what it finds; with RWSEM_HANDOFF it is given to it as well.  A waiter that
 * comes sets its flag before it looks at the count, who leaves changes the count before he looks at
 * the flag: one sees the other, since both are one word.
 *
 * As in a mutex a waiter leaves, and is woken up, under wait_lock, so it may stand on its stack.
 *
 * With CONFIG_RWSEM_SPIN_ON_OWNER a task that finds a writer that runs spins a while instead of
 * sleeping, one task at a time, as for a mutex.  Readers are not known by name: for them it sleeps.
 * A writer that leaves wakes nobody while somebody spins.  At its end the spinner, with the
 * semaphore or without, does what was left to it: it wakes the first waiter, or promises it to one
 * that is impatient.
 *
 * Lock order: wait_lock, then those of the scheduler.
 */
#include <arch/processor.h>
#include <linux/errno.h>
#include <oshit/bug.h>
#include <oshit/clock.h>
#include <oshit/rwsem.h>
#include <oshit/sched.h>

#define RWSEM_WRITER	  1L
#define RWSEM_WAITERS	  2L
#define RWSEM_HANDOFF	  4L
#define RWSEM_READER	  8L
#define RWSEM_FLAGS	  (RWSEM_WAITERS | RWSEM_HANDOFF) /* about the list; the others have it */

#define RWSEM_PATIENCE_NS (4 * NSEC_PER_MSEC)

struct rwsem_waiter { /* on the waiter's stack; under wait_lock */
	struct list_head link;
	struct task_struct *task;
	u64 since; /* ns; when it came */
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

/* --- taking it without the list --- */

static bool take_for_reading(struct rw_semaphore *sem)
{
	long old = atomic64_read(&sem->count);

	do {
		if (old & (RWSEM_WRITER | RWSEM_FLAGS))
			return false;
	} while (!atomic64_try_cmpxchg_acquire(&sem->count, &old, old + RWSEM_READER));
	return true;
}

static bool take_for_writing(struct rw_semaphore *sem)
{
	long old = 0;

	while (!atomic64_try_cmpxchg_acquire(&sem->count, &old, old | RWSEM_WRITER)) {
		if (old & ~RWSEM_WAITERS)
			return false;
	}
	return true;
}

/* --- who has it for writing --- */

#ifdef CONFIG_RWSEM_SPIN_ON_OWNER
/* @task has it for writing. Until it says so itself it does not run, least of all here. */
static void note_writer(struct rw_semaphore *sem, struct task_struct *task)
{
	WRITE_ONCE(sem->writer_cpu, smp_processor_id());
	WRITE_ONCE(sem->writer, task);
}

static void forget_writer(struct rw_semaphore *sem)
{
	WRITE_ONCE(sem->writer, NULL);
}
#else
static void note_writer(struct rw_semaphore *sem __maybe_unused,
			struct task_struct *task __maybe_unused)
{
}

static void forget_writer(struct rw_semaphore *sem __maybe_unused)
{
}
#endif

/* --- the list --- */

static struct rwsem_waiter *first_of(const struct rw_semaphore *sem)
{
	return list_empty(&sem->waiters)
		       ? NULL
		       : list_first_entry(&sem->waiters, struct rwsem_waiter, link);
}

static bool can_have(long count, long share)
{
	return share == RWSEM_READER ? !(count & RWSEM_WRITER) : !(count & ~RWSEM_FLAGS);
}

static bool is_impatient(const struct rwsem_waiter *waiter)
{
	return clock_ns() - waiter->since > RWSEM_PATIENCE_NS;
}

/*
 * For the first waiter: takes its share if that is to be had, whatever the flags say.  Else, if it
 * has waited for long, it is the next.  With wait_lock held.
 */
static bool take_as_first(struct rw_semaphore *sem, const struct rwsem_waiter *first)
{
	long handoff = is_impatient(first) ? RWSEM_HANDOFF : 0;
	long old = atomic64_read(&sem->count), new;
	bool taken;

	do {
		taken = can_have(old, first->share);
		new = taken ? old + first->share : old | handoff;
	} while (!atomic64_try_cmpxchg_acquire(&sem->count, &old, new));
	return taken;
}

/* @waiter has the semaphore or has given up: the flags tell of those left.  With wait_lock held. */
static void leave(struct rw_semaphore *sem, struct rwsem_waiter *waiter)
{
	if (first_of(sem) == waiter)
		atomic64_andnot(RWSEM_HANDOFF, &sem->count);
	list_del(&waiter->link);
	if (list_empty(&sem->waiters))
		atomic64_andnot(RWSEM_WAITERS, &sem->count);
}

static void grant(struct rw_semaphore *sem, struct rwsem_waiter *waiter)
{
	if (waiter->share == RWSEM_WRITER)
		note_writer(sem, waiter->task);
	leave(sem, waiter);
	waiter->granted = true;
	wake_up_process(waiter->task);
}

/* With wait_lock held. */
static void wake_first(struct rw_semaphore *sem)
{
	struct rwsem_waiter *first = first_of(sem);

	if (first && first->share == RWSEM_WRITER && !is_impatient(first)) {
		if (can_have(atomic64_read(&sem->count), RWSEM_WRITER))
			wake_up_process(first->task);
		return;
	}
	while (first && take_as_first(sem, first)) {
		long share = first->share;

		grant(sem, first);
		first = first_of(sem);
		if (share == RWSEM_WRITER || !first || first->share == RWSEM_WRITER)
			return;
	}
}

static noinline void wake_waiters(struct rw_semaphore *sem)
{
	raw_spin_lock(&sem->wait_lock);
	wake_first(sem);
	raw_spin_unlock(&sem->wait_lock);
}

/* --- spinning --- */

#ifdef CONFIG_RWSEM_SPIN_ON_OWNER
static bool take(struct rw_semaphore *sem, long share)
{
	return share == RWSEM_READER ? take_for_reading(sem) : take_for_writing(sem);
}

/* It may have moved since: then it counts as not running.  Its task_struct may be freed by now. */
static bool writer_runs(const struct rw_semaphore *sem)
{
	const struct task_struct *writer = READ_ONCE(sem->writer);

	/* None: one is just about to say who it is, or that it was. */
	return !writer || READ_ONCE(per_cpu(current_task, READ_ONCE(sem->writer_cpu))) == writer;
}

static bool spin(struct rw_semaphore *sem, long share)
{
	long must_wait = share == RWSEM_READER ? RWSEM_FLAGS : RWSEM_HANDOFF;

	while (!need_resched()) {
		long count = atomic64_read(&sem->count);

		if (!(count & RWSEM_WRITER)) {
			if (take(sem, share))
				return true;
			if (!(atomic64_read(&sem->count) & RWSEM_WRITER))
				return false; /* readers have it, or it is not our turn */
		} else if ((count & must_wait) || !writer_runs(sem)) {
			return false;
		}
		cpu_relax();
	}
	return false;
}

static bool spin_for(struct rw_semaphore *sem, long share)
{
	bool taken;

	if (READ_ONCE(sem->has_spinner) || xchg(&sem->has_spinner, true))
		return false;
	preempt_disable();
	taken = spin(sem, share);
	WRITE_ONCE(sem->has_spinner, false);
	smp_mb(); /* pairs with the full barrier in up_write() */
	if (atomic64_read(&sem->count) & RWSEM_WAITERS)
		wake_waiters(sem);
	preempt_enable();
	return taken;
}

static bool has_spinner(const struct rw_semaphore *sem)
{
	return READ_ONCE(sem->has_spinner);
}
#else
static bool spin_for(struct rw_semaphore *sem __maybe_unused, long share __maybe_unused)
{
	return false;
}

static bool has_spinner(const struct rw_semaphore *sem __maybe_unused)
{
	return false;
}
#endif

/* --- sleeping --- */

/* With wait_lock held; sleeps without. */
static int wait_in_line(struct rw_semaphore *sem, struct rwsem_waiter *waiter, unsigned int state)
	__must_hold(&sem->wait_lock)
{
	for (;;) {
		set_current_state(state);
		if (waiter->granted)
			return 0;
		if (first_of(sem) == waiter && take_as_first(sem, waiter)) {
			leave(sem, waiter);
			return 0;
		}
		if (state == TASK_INTERRUPTIBLE && signal_pending(current)) {
			leave(sem, waiter);
			wake_first(sem); /* those behind us may have waited for us alone */
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
	if (spin_for(sem, share))
		return 0;
	waiter.since = clock_ns();
	raw_spin_lock(&sem->wait_lock);
	list_add_tail(&waiter.link, &sem->waiters);
	atomic64_or(RWSEM_WAITERS, &sem->count);
	err = wait_in_line(sem, &waiter, state);
	__set_current_state(TASK_RUNNING);
	raw_spin_unlock(&sem->wait_lock);
	return err;
}

static int down_read_common(struct rw_semaphore *sem, unsigned int state)
{
	return take_for_reading(sem) ? 0 : down_slow(sem, RWSEM_READER, state);
}

static int down_write_common(struct rw_semaphore *sem, unsigned int state)
{
	int err = take_for_writing(sem) ? 0 : down_slow(sem, RWSEM_WRITER, state);

	if (!err)
		note_writer(sem, current);
	return err;
}

/* --- the calls --- */

void down_read_nested(struct rw_semaphore *sem, unsigned int subclass)
{
	might_sleep();
	lock_acquire(&sem->dep_map, subclass, LOCK_SHARED);
	down_read_common(sem, TASK_UNINTERRUPTIBLE);
}

void down_write_nested(struct rw_semaphore *sem, unsigned int subclass)
{
	might_sleep();
	lock_acquire(&sem->dep_map, subclass, 0);
	down_write_common(sem, TASK_UNINTERRUPTIBLE);
}

int down_read_interruptible(struct rw_semaphore *sem)
{
	int err;

	might_sleep();
	lock_acquire(&sem->dep_map, 0, LOCK_SHARED);
	err = down_read_common(sem, TASK_INTERRUPTIBLE);
	if (err)
		lock_release(&sem->dep_map);
	return err;
}

int down_write_interruptible(struct rw_semaphore *sem)
{
	int err;

	might_sleep();
	lock_acquire(&sem->dep_map, 0, 0);
	err = down_write_common(sem, TASK_INTERRUPTIBLE);
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
	note_writer(sem, current);
	lock_acquire(&sem->dep_map, 0, LOCK_TRIED);
	return true;
}

void up_read(struct rw_semaphore *sem)
{
	long left;

	lock_release(&sem->dep_map);
	left = atomic64_fetch_sub_release(RWSEM_READER, &sem->count) - RWSEM_READER;
	WARN_ON_ONCE(left < 0 || (left & RWSEM_WRITER));
	if ((left & RWSEM_WAITERS) && !(left & ~RWSEM_FLAGS))
		wake_waiters(sem);
}

void up_write(struct rw_semaphore *sem)
{
	long old;

	lock_release(&sem->dep_map);
	forget_writer(sem);
	/* A full barrier: has_spinner() is read after it. Pairs with that in spin_for(). */
	old = atomic64_fetch_andnot(RWSEM_WRITER, &sem->count);
	WARN_ON_ONCE(!(old & RWSEM_WRITER));
	if ((old & RWSEM_WAITERS) && ((old & RWSEM_HANDOFF) || !has_spinner(sem)))
		wake_waiters(sem);
}

void downgrade_write(struct rw_semaphore *sem)
{
	long old;

	lock_release(&sem->dep_map);
	lock_acquire(&sem->dep_map, 0, LOCK_SHARED | LOCK_TRIED);
	forget_writer(sem);
	old = atomic64_fetch_add_release(RWSEM_READER - RWSEM_WRITER, &sem->count);
	WARN_ON_ONCE(!(old & RWSEM_WRITER));
	if (old & RWSEM_WAITERS)
		wake_waiters(sem);
}

bool rwsem_is_locked(const struct rw_semaphore *sem)
{
	return atomic64_read(&sem->count) & ~RWSEM_FLAGS;
}
