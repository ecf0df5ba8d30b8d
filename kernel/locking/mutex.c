/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mutexes.
 *
 * The word `owner` holds the task that has the mutex, 0 if none, and two flags in its lowest bits:
 *
 *	MUTEX_WAITERS	the list is not empty: who unlocks must look at it
 *	MUTEX_HANDOFF	the first waiter has been woken up once in vain: the next unlock gives it
 *			the mutex instead of setting it free
 *
 * A free mutex is taken, and one without waiters released, by one compare-exchange.  All else is
 * under wait_lock: the list, the flags, and each unlock that finds a flag.  An unlock wakes the
 * first waiter and sets the mutex free, so a task that runs may take it before that one does, which
 * is fast.  It happens once to the same waiter: then it sets MUTEX_HANDOFF, and nobody starves.
 *
 *	free ----------> owned <---------> owned + WAITERS ----> owned + WAITERS + HANDOFF
 *	  ^ (also +WAITERS) |  first comes,     |  woken in vain     |
 *	  +---- unlock -----+  last leaves      v unlock: free       v unlock: owned by the first
 *
 * MUTEX_HANDOFF is set while there is an owner, under wait_lock, and unlock with a flag set needs
 * wait_lock: so with that flag the mutex is never free, and nobody can come between.
 *
 * A waiter stands on its own stack.  It leaves under wait_lock, and is woken under wait_lock: so
 * the waker's hands are off it before it goes on.
 *
 * With CONFIG_MUTEX_SPIN_ON_OWNER a task that finds the mutex owned by a task that runs spins a
 * while instead of sleeping, one task at a time.  Whether the owner runs is asked of the CPU where
 * it took the mutex; its task_struct is not looked at, since it could be freed meanwhile.
 *
 * Lock order: wait_lock, then those of the scheduler.
 */
#include <arch/processor.h>
#include <linux/errno.h>
#include <oshit/bug.h>
#include <oshit/mutex.h>
#include <oshit/sched.h>

#define MUTEX_WAITERS 1L
#define MUTEX_HANDOFF 2L
#define MUTEX_FLAGS   (MUTEX_WAITERS | MUTEX_HANDOFF)

struct mutex_waiter { /* on the waiter's stack; under wait_lock */
	struct list_head link;
	struct task_struct *task;
	bool has_lock; /* given by the unlock */
};

void __mutex_init(struct mutex *lock, const char *name, const struct lock_class_key *key)
{
	*lock = (struct mutex){ .dep_map = LOCKDEP_STATIC };
	raw_spin_lock_init(&lock->wait_lock);
	INIT_LIST_HEAD(&lock->waiters);
	lockdep_init_map(&lock->dep_map, name, key);
}

static bool has_owner(long owner)
{
	return owner & ~MUTEX_FLAGS;
}

/* If nobody has it. */
static bool take_free(struct mutex *lock)
{
	long old = atomic64_read(&lock->owner);

	do {
		if (has_owner(old))
			return false;
	} while (!atomic64_try_cmpxchg_acquire(&lock->owner, &old, old | (long)current));
	return true;
}

/* --- spinning --- */

#ifdef CONFIG_MUTEX_SPIN_ON_OWNER
static void note_owner_cpu(struct mutex *lock)
{
	WRITE_ONCE(lock->owner_cpu, smp_processor_id());
}

/* It may have moved since: then it counts as not running. */
static bool owner_runs(const struct mutex *lock, long owner)
{
	struct task_struct *running = READ_ONCE(per_cpu(current_task, READ_ONCE(lock->owner_cpu)));

	return (long)running == (owner & ~MUTEX_FLAGS);
}

static bool spin(struct mutex *lock)
{
	while (!need_resched()) {
		long owner = atomic64_read(&lock->owner);

		if (!has_owner(owner)) {
			if (take_free(lock))
				return true;
		} else if ((owner & MUTEX_HANDOFF) || !owner_runs(lock, owner)) {
			return false;
		}
		cpu_relax();
	}
	return false;
}

static bool spin_for(struct mutex *lock)
{
	bool taken;

	if (READ_ONCE(lock->has_spinner) || xchg(&lock->has_spinner, true))
		return false;
	preempt_disable();
	taken = spin(lock);
	preempt_enable();
	WRITE_ONCE(lock->has_spinner, false);
	return taken;
}
#else
static void note_owner_cpu(struct mutex *lock __maybe_unused)
{
}

static bool spin_for(struct mutex *lock __maybe_unused)
{
	return false;
}
#endif

/* --- sleeping --- */

static bool is_first(const struct mutex *lock, const struct mutex_waiter *waiter)
{
	return lock->waiters.next == &waiter->link;
}

static void leave(struct mutex *lock, struct mutex_waiter *waiter)
{
	list_del(&waiter->link);
	if (list_empty(&lock->waiters))
		atomic64_andnot(MUTEX_FLAGS, &lock->owner);
}

/* With wait_lock held; sleeps without. */
static int wait_in_line(struct mutex *lock, struct mutex_waiter *waiter, unsigned int state)
	__must_hold(&lock->wait_lock)
{
	bool was_woken = false;

	for (;;) {
		set_current_state(state);
		/* Before the signal: who was woken up for a free mutex must not leave it behind. */
		if (waiter->has_lock || take_free(lock))
			return 0;
		if (state == TASK_INTERRUPTIBLE && signal_pending(current))
			return -EINTR;
		if (was_woken && is_first(lock, waiter))
			atomic64_or(MUTEX_HANDOFF, &lock->owner);
		raw_spin_unlock(&lock->wait_lock);
		schedule();
		raw_spin_lock(&lock->wait_lock);
		was_woken = true;
	}
}

static noinline int lock_slow(struct mutex *lock, unsigned int state)
{
	struct mutex_waiter waiter = { .task = current };
	int err;

	lock_contended(&lock->dep_map);
	if (spin_for(lock))
		return 0;
	raw_spin_lock(&lock->wait_lock);
	list_add_tail(&waiter.link, &lock->waiters);
	atomic64_or(MUTEX_WAITERS, &lock->owner);
	err = wait_in_line(lock, &waiter, state);
	__set_current_state(TASK_RUNNING);
	leave(lock, &waiter);
	raw_spin_unlock(&lock->wait_lock);
	return err;
}

static int lock_common(struct mutex *lock, unsigned int state)
{
	long free = 0;
	int err = 0;

	if (!atomic64_try_cmpxchg_acquire(&lock->owner, &free, (long)current))
		err = lock_slow(lock, state);
	if (!err)
		note_owner_cpu(lock);
	return err;
}

void mutex_lock_nested(struct mutex *lock, unsigned int subclass)
{
	might_sleep();
	lock_acquire(&lock->dep_map, subclass, 0);
	lock_common(lock, TASK_UNINTERRUPTIBLE);
}

int mutex_lock_interruptible(struct mutex *lock)
{
	int err;

	might_sleep();
	lock_acquire(&lock->dep_map, 0, 0);
	err = lock_common(lock, TASK_INTERRUPTIBLE);
	if (err)
		lock_release(&lock->dep_map);
	return err;
}

bool mutex_trylock(struct mutex *lock)
{
	if (!take_free(lock))
		return false;
	note_owner_cpu(lock);
	lock_acquire(&lock->dep_map, 0, LOCK_TRIED);
	return true;
}

static noinline void unlock_slow(struct mutex *lock)
{
	struct mutex_waiter *first;
	long owner;

	raw_spin_lock(&lock->wait_lock);
	owner = atomic64_read(&lock->owner);
	WARN_ON_ONCE((owner & ~MUTEX_FLAGS) != (long)current);
	first = list_empty(&lock->waiters)
			? NULL
			: list_first_entry(&lock->waiters, struct mutex_waiter, link);
	if (first && (owner & MUTEX_HANDOFF)) {
		first->has_lock = true;
		atomic64_set_release(&lock->owner, (long)first->task | MUTEX_WAITERS);
	} else {
		/* A waiter that gave up may have left MUTEX_HANDOFF. */
		atomic64_set_release(&lock->owner, owner & MUTEX_WAITERS);
	}
	if (first)
		wake_up_process(first->task);
	raw_spin_unlock(&lock->wait_lock);
}

void mutex_unlock(struct mutex *lock)
{
	long me = (long)current;

	lock_release(&lock->dep_map);
	if (!atomic64_try_cmpxchg_release(&lock->owner, &me, 0))
		unlock_slow(lock);
}
