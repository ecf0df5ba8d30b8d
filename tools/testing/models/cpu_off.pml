/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A CPU goes off: kernel/cpuhp.c with kernel/sched/affinity.c, place.c and the timer queue.
 *
 * CPU 1 goes off while a task runs, sleeps or is about to be woken there; CPU 0 stays and has the
 * controller; a waker is on CPU 2, with interrupts off from its look at the state to the post.  The
 * task waits in turns for the waker and for a timer, which it starts on the CPU that it is on.
 *
 *	controller				CPU 1
 *	not active, call all (sync)		what waits is sent on, what runs leaves at schedule()
 *	wait until it is empty
 *	must_die, interrupt			idle, nothing waits: interrupts on for a moment,
 *	wait until it is parked			then dying: inbox to others, parked
 *	call all (sync), empty its inbox
 *	move its timers
 *
 * Checked in every interleaving: the task never runs twice at once or on a stack in use, nothing runs
 * on a CPU that is off, and the task gets all that it waits for though CPU 1 never comes back.
 *
 * Left out: the way up, tasks of other kinds, the global queue, calls (they are refused or run:
 * kernel/smp.c), which CPU is idle.
 *
 * run: -DROUNDS=2
 * run: -DROUNDS=3
 * wrong: -DROUNDS=2 -DNO_SYNC_WHEN_DEAD
 * wrong: -DROUNDS=2 -DINBOX_IS_FORGOTTEN
 * wrong: -DROUNDS=2 -DTIMERS_STAY
 * wrong: -DROUNDS=2 -DTIMERS_MOVE_WHILE_TASKS_RUN
 * wrong: -DROUNDS=2 -DARRIVALS_STAY
 */

#define NONE 255
#define RUNNING 0
#define SLEEPING 1
#define SLEEPING_OFF 2

/* The task. */
byte state = RUNNING;
bool on_cpu = true;
byte task_cpu = 1;
byte nr_stacks_used = 1;
byte nr_queues;
bool asked, fired;		/* what it waits for has come */
bool for_timer;			/* what it waits for */
bool in_round;
byte nr_rounds;

/* CPUs 0 and 1. */
bool runs_task[2];
bool waits[2];
bool inbox[2];
bool ipi[2];
bool must_recheck, must_die, parked, dying;
bool is_active = true;		/* CPU 1 */
byte timer_queue = NONE;	/* the CPU in whose queue the timer is */

bool irqs_off[3];		/* the CPU answers no calls */
bool off_is_done;

#define all_is_done (nr_rounds == ROUNDS && off_is_done)

inline post(cpu)
{
	assert(nr_queues == 0);
	nr_queues = 1;
	task_cpu = cpu;
	inbox[cpu] = true;
	ipi[cpu] = true
}

/* Of a task that belongs to the caller and whose stack may be in use; not in one step. */
inline place()
{
	if
	:: on_cpu -> to = task_cpu
	:: else ->
		if
		:: to = 0
		:: is_active -> to = 1
		fi
	fi;
	d_step { post(to) }
}

/* Exchanges the state; the caller owns the task if it was off its queue. */
inline wake()
{
	d_step {
		owns = (state == SLEEPING_OFF);
		state = RUNNING
	};
	if
	:: owns -> place()
	:: else
	fi
}

/* Interrupts are off: one step but for posts to elsewhere, which the other side cannot foresee. */
inline drain_inbox()
{
	if
	:: d_step { inbox[me] -> inbox[me] = false; nr_queues = 0 };
#ifdef ARRIVALS_STAY
		d_step { nr_queues = 1; waits[me] = true }
#else
		if
		:: me == 1 && !is_active -> place()
		:: else -> d_step { nr_queues = 1; waits[me] = true }
		fi
#endif
	:: else
	fi
}

inline leave_stack()
{
	d_step { nr_stacks_used--; on_cpu = false }
}

/* From the task to the idle task. */
inline schedule()
{
	drain_inbox();
	d_step {
		goes = (state == SLEEPING);
		if
		:: goes -> state = SLEEPING_OFF
		:: else
		fi
	};
	if
	:: goes ->
		runs_task[me] = false;
		leave_stack()
	:: !goes && me == 1 && !is_active ->
		runs_task[me] = false;
		leave_stack();		/* finish_switch(), on the stack of the successor */
		place()
	:: else
	fi
}

inline schedule_idle()
{
	drain_inbox();
	if
	:: waits[me] ->
		d_step {
			assert(!(me == 1 && parked));
			waits[me] = false;
			nr_queues = 0;
			nr_stacks_used++;
			assert(nr_stacks_used == 1);
			on_cpu = true;
			runs_task[me] = true
		}
	:: else
	fi
}

/* One turn of the task: begins a wait, or looks whether it has ended. */
inline run_task()
{
	if
	:: !in_round ->
		if
		:: d_step { true -> for_timer = true; fired = false; timer_queue = me }
		:: for_timer = false
		fi;
		in_round = true
	:: else ->
		state = SLEEPING;
		if
		:: d_step {
			(for_timer && fired) || (!for_timer && asked) ->
			state = RUNNING;
			fired = false;
			asked = (for_timer && asked);
			in_round = false;
			nr_rounds++
		   }
		:: else -> schedule()
		fi
	fi
}

inline timer_interrupt()
{
	d_step { timer_queue = NONE; fired = true; irqs_off[me] = true };
	wake();
	irqs_off[me] = false
}

inline die()
{
	dying = true;
	drain_inbox();
	parked = true
}

/* The call of the controller, on CPU 1. */
inline recheck()
{
	drain_inbox();
	if
	:: waits[me] -> d_step { waits[me] = false; nr_queues = 0 }; place()
	:: else
	fi;
	must_recheck = false
}

proctype cpu(byte me)
{
	bool goes, owns;
	byte to;

end:	do
	:: me == timer_queue && !(me == 1 && (dying || parked)) -> timer_interrupt()
	:: me == 1 && must_recheck -> recheck()
	:: ipi[me] -> ipi[me] = false; drain_inbox();
		if
		:: runs_task[me] && me == 1 && !is_active -> schedule()	/* need_resched */
		:: else
		fi
	:: runs_task[me] && nr_rounds < ROUNDS -> run_task()
	:: runs_task[me] && nr_rounds == ROUNDS && me == 1 && !is_active -> schedule()
	:: !runs_task[me] && waits[me] -> schedule_idle()
	:: me == 1 && must_die && !runs_task[me] && !waits[me] -> die(); break
	od
}

/* Asks as often as it is waited for. */
proctype waker()
{
	bool owns;
	byte to;

end:	do
	:: in_round && !for_timer && !asked ->
		irqs_off[2] = true;
		asked = true;
		wake();
		irqs_off[2] = false
	od
}

/* All CPUs that are on answer a call: who had interrupts off has ended what he did. */
inline sync()
{
	(!irqs_off[0]);	/* on the way of a timer; the controller is a task there */
	(!irqs_off[2])
}

inline move_timers()
{
	d_step {
		if
		:: timer_queue == 1 -> timer_queue = 0
		:: else
		fi
	}
}

proctype controller()
{
	is_active = false;
	sync();
	must_recheck = true;
	(!must_recheck);
	ipi[1] = true;
#ifdef TIMERS_MOVE_WHILE_TASKS_RUN
	move_timers();
#endif
	(!runs_task[1] && !waits[1] && !inbox[1]);
	must_die = true;
	(parked);
#ifndef NO_SYNC_WHEN_DEAD
	sync();
#endif
#ifndef INBOX_IS_FORGOTTEN
	if
	:: inbox[1] -> d_step { inbox[1] = false; nr_queues = 0; post(0) }
	:: else
	fi;
#endif
#if !defined(TIMERS_STAY) && !defined(TIMERS_MOVE_WHILE_TASKS_RUN)
	move_timers();
#endif
	off_is_done = true
}

active proctype judge()
{
	all_is_done
}

init
{
	atomic {
		runs_task[1] = true;
		run cpu(0);
		run cpu(1);
		run waker();
		run controller()
	}
}
