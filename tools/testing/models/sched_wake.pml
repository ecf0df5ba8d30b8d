/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sleeping and waking in kernel/sched/core.c and place.c: ->state, ->on_cpu, inboxes.
 *
 * CPU 0 and CPU 1 run; sleepers run on either.  A sleeper waits for its condition, and goes to
 * sleep by set_current_state(), a second look, and schedule(), which exchanges the state for one
 * with OFF_QUEUE; the CPU then switches to its idle task, and only after that is the sleeper's
 * stack free (->on_cpu).  Wakers write the condition and look at the state.  A woken task whose
 * stack is in use is posted to the CPU that uses it, else to any CPU (the choice is left open).  A
 * CPU takes tasks out of its inbox by an interrupt, which the poster sends if the inbox was empty,
 * and in schedule().
 *
 * Without a barrier the sleeper's store to the state stays in a buffer for a while, as on x86, until a
 * locked instruction of the same CPU; a waker's store to the condition comes after its next load.
 *
 * Checked in every interleaving: a task never runs twice at once, nor on a stack in use; it is on one
 * queue at most; no wake-up is lost: in the end every sleeper has seen all that was asked of it.
 *
 * Left out: preemption (it does not look at the state), priorities, balance; the policy's order.
 *
 * run: -DNR_WAKERS=1 -DROUNDS=2
 * run: -DNR_WAKERS=2 -DROUNDS=3
 * run: -DNR_WAKERS=3 -DROUNDS=1
 * wrong: -DNR_WAKERS=1 -DROUNDS=2 -DNO_BARRIER_IN_SLEEPER
 * wrong: -DNR_WAKERS=1 -DROUNDS=2 -DNO_BARRIER_IN_WAKER
 * wrong: -DNR_WAKERS=1 -DROUNDS=2 -DLOOKS_BEFORE_STATE
 * wrong: -DNR_WAKERS=1 -DROUNDS=2 -DSLEEP_IS_NOT_ATOMIC
 * wrong: -DNR_WAKERS=2 -DROUNDS=1 -DWAKE_IS_NOT_ATOMIC
 * wrong: -DNR_WAKERS=1 -DROUNDS=2 -DWAKER_IGNORES_ON_CPU
 * wrong: -DNR_WAKERS=1 -DROUNDS=2 -DON_CPU_CLEARED_EARLY
 * wrong: -DNR_WAKERS=1 -DROUNDS=2 -DNO_IPI
 */

#define NR_CPUS 2
#define NONE 255

#define RUNNING 0
#define SLEEPING 1
#define OFF_QUEUE 2		/* beside SLEEPING: SLEEPING_OFF */
#define SLEEPING_OFF 3

/* The task: one sleeper, the rest is symmetric. */
byte state = RUNNING;
byte nr_asked;			/* the condition: how often a waker has asked */
byte nr_seen;
bool on_cpu = true;
byte task_cpu;			/* ->cpu */
byte nr_queues;			/* on how many queues and inboxes it is */
byte nr_stacks_used = 1;	/* CPUs that are on its stack */

/* CPUs */
bool runs_task[NR_CPUS];	/* the task is current; else the idle task */
bool waits[NR_CPUS];		/* the task is in the run queue */
bool inbox[NR_CPUS];
bool ipi[NR_CPUS];

/* Buffers of stores: the sleeper's to state, each waker's to nr_asked. */
bool buffered_state;

byte nr_wakers_done;

inline take_stack()
{
	nr_stacks_used++;
	assert(nr_stacks_used == 1)
}

inline enter_queue()
{
	nr_queues++;
	assert(nr_queues == 1)
}

inline post(cpu)
{
	enter_queue();
	task_cpu = cpu;
	assert(!inbox[cpu]);
	inbox[cpu] = true;
#ifndef NO_IPI
	ipi[cpu] = true
#endif
}

inline place()
{
#ifndef WAKER_IGNORES_ON_CPU
	if
	:: on_cpu -> to = task_cpu
	:: else ->
#endif
		if
		:: to = 0
		:: to = 1
		fi
#ifndef WAKER_IGNORES_ON_CPU
	fi
#endif
	;
	d_step { post(to) }
}

/* The task and the scheduler below it: what a CPU does.  Interrupts only where the task or the idle
 * loop runs; schedule() has them off. */
inline drain_inbox()
{
	d_step {
		if
		:: inbox[me] -> inbox[me] = false; waits[me] = true
		:: else
		fi
	}
}

inline flush_state()
{
	d_step {
		if
		:: buffered_state -> state = SLEEPING; buffered_state = false
		:: else
		fi
	}
}

/* From the task to idle, if it still sleeps. */
inline schedule()
{
	drain_inbox();
	flush_state();		/* exchanges are barriers */
#ifdef SLEEP_IS_NOT_ATOMIC
	goes = (state == SLEEPING);
	if
	:: goes -> state = SLEEPING_OFF
	:: else
	fi;
#else
	d_step {
		goes = (state == SLEEPING);
		if
		:: goes -> state = SLEEPING_OFF
		:: else
		fi
	};
#endif
	if
	:: goes ->
#ifdef ON_CPU_CLEARED_EARLY
		on_cpu = false;
#endif
		runs_task[me] = false;	/* still on its stack */
		d_step { nr_stacks_used--; on_cpu = false }
	:: else
	fi
}

/* From idle to the task that waits here. */
inline schedule_idle()
{
	drain_inbox();
	if
	:: waits[me] ->
		d_step {
			waits[me] = false;
			nr_queues--;
			take_stack();
			on_cpu = true;
			runs_task[me] = true
		}
	:: else
	fi
}

/* One turn of the sleeper's loop. */
inline run_task()
{
#ifdef LOOKS_BEFORE_STATE
	sees = (nr_asked != nr_seen);
	state = SLEEPING;
#else
#ifdef NO_BARRIER_IN_SLEEPER
	buffered_state = true;
#else
	state = SLEEPING;
#endif
	sees = (nr_asked != nr_seen);
#endif
	if
	:: sees -> d_step { nr_seen = nr_asked; state = RUNNING; buffered_state = false }
	:: else -> schedule()
	fi
}

#define all_is_done (nr_wakers_done == NR_WAKERS && nr_seen == NR_WAKERS * ROUNDS)

proctype cpu(byte me)
{
	bool goes, sees;

end:	do
	/* The store leaves the buffer at any time. */
	:: runs_task[me] && !all_is_done -> run_task()
	:: !runs_task[me] && (ipi[me] || waits[me]) -> ipi[me] = false; schedule_idle()
	:: runs_task[me] && ipi[me] -> ipi[me] = false; drain_inbox()
	od
}

active proctype store_buffer()
{
end:	do
	:: buffered_state -> flush_state()
	od
}

proctype waker(byte nr)
{
	byte round, seen_state, to;
	bool woken;

	do
	:: round < ROUNDS ->
		round++;
#ifdef NO_BARRIER_IN_WAKER
		/* The store is late: the look comes first. */
		seen_state = state;
		nr_asked++;
#else
		nr_asked++;
		seen_state = state;
#endif
		woken = false;
		if
		:: seen_state != RUNNING ->
#ifdef WAKE_IS_NOT_ATOMIC
			woken = (state != RUNNING);
			seen_state = state;
			state = RUNNING;
#else
			d_step {
				seen_state = state;
				woken = (state != RUNNING);
				state = RUNNING
			};
#endif
		:: else
		fi;
		if
		:: woken && seen_state == SLEEPING_OFF -> place()
		:: else
		fi
	:: else -> break
	od;
	nr_wakers_done++
}

/* In the end all has been seen; a wait for ever in the middle shows as a state without exit. */
active proctype judge()
{
	all_is_done
}

init
{
	byte i;

	atomic {
		runs_task[0] = true;
		run cpu(0);
		run cpu(1);
		i = 0;
		do
		:: i < NR_WAKERS -> run waker(i); i++
		:: else -> break
		od
	}
}
