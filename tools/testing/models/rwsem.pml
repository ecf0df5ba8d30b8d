/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The read-write semaphore of kernel/locking/rwsem.c, its sleeping and waking included: each access
 * to the count, each section under wait_lock, each step of a task's state is one step here.  Each
 * round of a task reads, writes, or writes and goes on as a reader, as it likes.  One task may take
 * a signal while it waits.  When a waiter loses its patience is left open, too.
 *
 * Checked in every interleaving: a writer is alone, nobody sleeps for ever, with RWSEM_HANDOFF only
 * the first waiter comes in, the flags go with the list.
 * Not modelled: lockdep, how long a task spins: it stops when it likes.
 *
 * run: -DNR_TASKS=2 -DROUNDS=2
 * run: -DNR_TASKS=3 -DROUNDS=1
 * run: -DNR_TASKS=3 -DROUNDS=1 -DSIGNALS
 * run: -DNR_TASKS=2 -DROUNDS=2 -DSPINNING
 * run: -DNR_TASKS=3 -DROUNDS=1 -DSPINNING
 * wrong: -DNR_TASKS=2 -DROUNDS=2 -DSTATE_SET_AFTER_LOOKING
 * wrong: -DNR_TASKS=2 -DROUNDS=2 -DUP_IGNORES_FLAGS
 * wrong: -DNR_TASKS=3 -DROUNDS=1 -DSPINNING -DSPINNER_WAKES_NOBODY
 * wrong: -DNR_TASKS=3 -DROUNDS=2 -DSTEAL_DESPITE_HANDOFF
 */

mtype = { READ, WRITE };

/* one word */
bool writer, has_waiters, handoff;
byte readers;

bool has_spinner;
bool wait_lock;
chan list = [NR_TASKS] of { byte };
mtype share[NR_TASKS];		/* what a waiter wants */
bool impatient[NR_TASKS];
bool granted[NR_TASKS];

bool sleeping[NR_TASKS];	/* state is not TASK_RUNNING */
bool off[NR_TASKS];		/* switched out, until somebody wakes it up */
bool signalled[NR_TASKS];
byte inside_reading, inside_writing;

inline spin_lock() { atomic { !wait_lock -> wait_lock = true } }
inline spin_unlock() { wait_lock = false }

inline wake(t) { atomic { sleeping[t] = false; off[t] = false } }

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

/* The compare-exchange that comes in past the list. */
inline take()
{
	atomic {
		if
		:: want == READ -> taken = !writer && !has_waiters && !handoff
#ifdef STEAL_DESPITE_HANDOFF
		:: want == WRITE -> taken = !writer && readers == 0
#else
		:: want == WRITE -> taken = !writer && readers == 0 && !handoff
#endif
		fi;
		if
		:: taken ->
			assert(!handoff);
			if
			:: want == READ -> readers++
			:: else -> writer = true
			fi
		:: else
		fi
	}
}

inline lose_patience(t)
{
	if
	:: impatient[t] = true
	:: true
	fi
}

inline take_as_first(t)
{
	lose_patience(t);
	atomic {
		if
		:: share[t] == READ -> taken = !writer
		:: else -> taken = !writer && readers == 0
		fi;
		if
		:: taken && share[t] == READ -> readers++
		:: taken && share[t] == WRITE -> writer = true
		:: else -> handoff = handoff || impatient[t]
		fi
	}
}

inline leave(t)
{
	if
	:: list ? [eval(t)] -> handoff = false
	:: else
	fi;
	list ?? eval(t);
	if
	:: len(list) == 0 -> has_waiters = false
	:: else
	fi
}

/* Uses taken: it is not ours. */
inline wake_first()
{
	do
	:: len(list) == 0 -> break
	:: else ->
		list ? < other >;
		lose_patience(other);
		if
		:: share[other] == WRITE && !impatient[other] ->
			if
			:: !writer && readers == 0 -> wake(other)
			:: else
			fi;
			break
		:: else
		fi;
		take_as_first(other);
		if
		:: !taken -> break
		:: else
		fi;
		leave(other);
		granted[other] = true;
		wake(other);
		if
		:: share[other] == WRITE || len(list) == 0 -> break
		:: else -> list ? < other >
		fi;
		if
		:: share[other] == WRITE -> break
		:: else
		fi
	od
}

inline wait_in_line()
{
	do
	:: true ->
#ifndef STATE_SET_AFTER_LOOKING
		sleeping[me] = true;
#endif
		if
		:: granted[me] -> break
		:: else
		fi;
		taken = false;
		if
		:: list ? [eval(me)] -> take_as_first(me)
		:: else
		fi;
		if
		:: taken ->
			leave(me);
			break
		:: !taken && signalled[me] ->
			leave(me);
			wake_first();
			gave_up = true;
			break
		:: else
		fi;
		spin_unlock();
#ifdef STATE_SET_AFTER_LOOKING
		sleeping[me] = true;
#endif
		schedule();
		spin_lock()
	od
}

inline down_slow()
{
	spin_lock();
	share[me] = want;
	impatient[me] = false;
	list ! me;
	has_waiters = true;
	wait_in_line();
	sleeping[me] = false;
	granted[me] = false;
	spin_unlock()
}

inline wake_waiters()
{
	spin_lock();
	wake_first();
	spin_unlock()
}

inline up_read()
{
	inside_reading--;
	atomic {
		assert(readers > 0 && !writer);
		readers--;
		must_wake = has_waiters && readers == 0
	};
#ifdef UP_IGNORES_FLAGS
	must_wake = false;
#endif
	if
	:: must_wake -> wake_waiters()
	:: else
	fi
}

inline up_write()
{
	inside_writing--;
	atomic {
		assert(writer && readers == 0);
		writer = false;
		must_wake = has_waiters;
		had_handoff = handoff
	};
#ifdef UP_IGNORES_FLAGS
	must_wake = false;
#endif
#ifdef SPINNING
	must_wake = must_wake && (had_handoff || !has_spinner);
#endif
	if
	:: must_wake -> wake_waiters()
	:: else
	fi
}

inline downgrade_write()
{
	inside_writing--;
	atomic { assert(writer && readers == 0); writer = false; readers = 1; must_wake = has_waiters };
	if
	:: must_wake -> wake_waiters()
	:: else
	fi;
	inside_reading++
}

inline spin()
{
	atomic {
		spins = !has_spinner;
		has_spinner = true
	};
	if
	:: spins ->
		do
		:: take();
			if
			:: taken -> break
			:: else
			fi
		:: break
		od;
		has_spinner = false;
		must_wake = has_waiters;
#ifdef SPINNER_WAKES_NOBODY
		must_wake = false;
#endif
		spun = taken;
		if
		:: must_wake -> wake_waiters()
		:: else
		fi;
		taken = spun;
		spun = false;
		spins = false
	:: else
	fi
}

proctype task(byte me)
{
	bool taken, gave_up, must_wake, downgrades, had_handoff;
#ifdef SPINNING
	bool spins, spun;
#endif
	byte other, round;
	mtype want;

	do
	:: round < ROUNDS ->
		if
		:: want = READ; downgrades = false
		:: want = WRITE; downgrades = false
		:: want = WRITE; downgrades = true
		fi;
		take();
#ifdef SPINNING
		if
		:: taken
		:: else -> spin()
		fi;
#endif
		if
		:: taken
		:: else -> down_slow()
		fi;
		if
		:: gave_up
		:: !gave_up && want == READ ->
			atomic { inside_reading++; assert(inside_writing == 0) };
			up_read()
		:: !gave_up && want == WRITE ->
			atomic { inside_writing++; assert(inside_writing == 1 && inside_reading == 0) };
			if
			:: downgrades -> downgrade_write(); up_read()
			:: else -> up_write()
			fi
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
			t++
		:: else -> break
		od;
#ifdef SIGNALS
		run signal(0)
#endif
	};
	(_nr_pr == 1);
	assert(!writer && readers == 0 && !has_waiters && !handoff && len(list) == 0)
}
