/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mutex of kernel/locking/mutex.c, its sleeping and waking included: each access to the word of
 * the owner, each section under wait_lock, each step of a task's state is one step here.  A task may
 * take a signal while it waits.
 *
 * Checked in every interleaving: one owner at a time, nobody sleeps for ever, a waiter is woken up
 * in vain at most once, the flags go with the list.
 * Not modelled: lockdep, spinning.
 *
 * run: -DNR_TASKS=2 -DROUNDS=3
 * run: -DNR_TASKS=3 -DROUNDS=2
 * run: -DNR_TASKS=3 -DROUNDS=1 -DSIGNALS
 * wrong: -DNR_TASKS=2 -DROUNDS=2 -DSTATE_SET_AFTER_LOOKING
 * wrong: -DNR_TASKS=3 -DROUNDS=2 -DNO_HANDOFF
 * wrong: -DNR_TASKS=3 -DROUNDS=1 -DSIGNALS -DSIGNAL_BEFORE_LOOKING
 * wrong: -DNR_TASKS=2 -DROUNDS=2 -DUNLOCK_IGNORES_FLAGS
 */

#define NOBODY NR_TASKS

byte owner = NOBODY;
bool has_waiters, handoff;	/* with the owner one word */
bool wait_lock;
chan list = [NR_TASKS] of { byte };

bool sleeping[NR_TASKS];	/* state is not TASK_RUNNING */
bool off[NR_TASKS];		/* switched out, until somebody wakes it up */
bool has_lock[NR_TASKS];
bool signalled[NR_TASKS];
byte holders;

inline spin_lock() { atomic { !wait_lock -> wait_lock = true } }
inline spin_unlock() { wait_lock = false }

inline wake(t) { atomic { sleeping[t] = false; off[t] = false } }

/* The compare-exchange that takes a free mutex, flags or not. */
inline take_free()
{
	atomic {
		taken = (owner == NOBODY);
		if
		:: taken -> owner = me
		:: else
		fi
	}
}

/* schedule(): asleep until woken up, if nobody did since the state was set. */
inline schedule()
{
	atomic {
		if
		:: sleeping[me] -> off[me] = true
		:: else
		fi
	};
	(!off[me])
}

inline leave()
{
	list ?? eval(me);
	atomic {
		if
		:: len(list) == 0 -> has_waiters = false; handoff = false
		:: else
		fi
	}
}

inline wait_in_line()
{
	do
	:: true ->
#ifdef STATE_SET_AFTER_LOOKING
		take_free();
		spin_unlock();
		spin_lock();
		sleeping[me] = true;
#else
		sleeping[me] = true;
#endif
#ifdef SIGNAL_BEFORE_LOOKING
		if
		:: signalled[me] -> gave_up = true; break
		:: else
		fi;
#endif
		if
		:: has_lock[me] -> taken = true
#ifdef STATE_SET_AFTER_LOOKING
		:: else
#else
		:: else -> take_free()
#endif
		fi;
		if
		:: taken -> break
		:: !taken && signalled[me] -> gave_up = true; break
		:: else
		fi;
#ifndef NO_HANDOFF
		if
		:: was_woken && list ? [eval(me)] -> assert(owner != NOBODY); handoff = true
		:: else
		fi;
#endif
		nr_in_vain = nr_in_vain + was_woken;
		assert(nr_in_vain <= 1);
		spin_unlock();
		schedule();
		spin_lock();
		was_woken = true
	od
}

inline lock_slow()
{
	spin_lock();
	list ! me;
	has_waiters = true;
	was_woken = false;
	nr_in_vain = 0;
	wait_in_line();
	sleeping[me] = false;
	has_lock[me] = false;
	leave();
	spin_unlock()
}

inline unlock()
{
	atomic {
#ifdef UNLOCK_IGNORES_FLAGS
		taken = (owner == me);
#else
		taken = (owner == me && !has_waiters && !handoff);
#endif
		if
		:: taken -> owner = NOBODY
		:: else
		fi
	};
	if
	:: taken
	:: else ->
		spin_lock();
		assert(owner == me);
		if
		:: len(list) > 0 && handoff ->
			list ? < other >;
			has_lock[other] = true;
			atomic { owner = other; handoff = false }
		:: else ->
			atomic { owner = NOBODY; handoff = false }
		fi;
		if
		:: len(list) > 0 -> list ? < other >; wake(other)
		:: else
		fi;
		spin_unlock()
	fi
}

proctype task(byte me)
{
	bool taken, was_woken, gave_up;
	byte other, round, nr_in_vain;

	do
	:: round < ROUNDS ->
		atomic {
			taken = (owner == NOBODY && !has_waiters && !handoff);
			if
			:: taken -> owner = me
			:: else
			fi
		};
		if
		:: taken
		:: else -> lock_slow()
		fi;
		if
		:: gave_up
		:: else ->
			atomic { holders++; assert(holders == 1 && owner == me); };
			holders--;
			unlock()
		fi;
		gave_up = false;
		round++
	:: else -> break
	od
}

#ifdef SIGNALS
proctype signal(byte t)
{
	atomic { signalled[t] = true; wake(t) }
}
#endif

init
{
	byte t;

	atomic {
		do
		:: t < NR_TASKS ->
			run task(t);
#ifdef SIGNALS
			run signal(t);
#endif
			t++
		:: else -> break
		od
	};
	(_nr_pr == 1);
	assert(owner == NOBODY && !has_waiters && !handoff && len(list) == 0)
}
