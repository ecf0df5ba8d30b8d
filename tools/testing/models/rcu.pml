/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The grace period of kernel/rcu.c: an updater takes an object out, queues it, and the thread frees
 * it when all CPUs have passed.  Each CPU runs readers and switches tasks in between; it goes off
 * and comes back, too, or is interrupted by the thread, which makes it switch.
 *
 * Each access is one step, in the order of the text: the kernel has full barriers between those whose
 * order matters.  Left out: which callback is whose, the interrupt's way, waiting for batches.
 *
 * Checked in every interleaving: no reader looks at an object that was freed, and each object is
 * freed in the end.
 *
 * run: -DNR_CPUS=1 -DNR_OBJECTS=3
 * run: -DNR_CPUS=2 -DNR_OBJECTS=2
 * run: -DNR_CPUS=2 -DNR_OBJECTS=2 -DHOTPLUG
 * wrong: -DNR_CPUS=1 -DNR_OBJECTS=2 -DPASSES_IN_READER
 * wrong: -DNR_CPUS=2 -DNR_OBJECTS=2 -DCALLS_TAKEN_LATE
 * wrong: -DNR_CPUS=2 -DNR_OBJECTS=2 -DFLAG_BEFORE_TAKING
 * wrong: -DNR_CPUS=2 -DNR_OBJECTS=2 -DHOTPLUG -DLEAVES_MASK_WHILE_IT_READS
 * wrong: -DNR_CPUS=2 -DNR_OBJECTS=2 -DHOTPLUG -DENTERS_MASK_LATE
 */

#define NONE 255

byte current = 0;		/* the object that readers find; number of the latest */
bool freed[NR_OBJECTS + 1];
bool queued[NR_OBJECTS + 1];	/* callbacks */
bool taken[NR_OBJECTS + 1];

bool wanted[NR_CPUS];		/* rcu_is_wanted */
bool need_resched[NR_CPUS];
bool in_mask[NR_CPUS];
bool is_off[NR_CPUS];
byte nr_freed;

#define all_is_freed (nr_freed == NR_OBJECTS)

/* A reader finds the object, and uses it some time later. */
inline read()
{
	found = current;
	assert(!freed[found]);
#ifdef PASSES_IN_READER
	pass();
#endif
	assert(!freed[found]);
	found = NONE
}

/* Interrupts are off, so nothing of this CPU comes in between. */
inline pass()
{
	need_resched[me] = false;
	if
	:: wanted[me] -> wanted[me] = false
	:: else
	fi
}

proctype cpu(byte me)
{
	byte found = NONE;

	in_mask[me] = true;
end:	do
	:: read()
	:: need_resched[me] -> pass()
	:: pass()		/* by itself */
#ifdef HOTPLUG
	:: !is_off[me] && me > 0 ->
#ifdef LEAVES_MASK_WHILE_IT_READS
		in_mask[me] = false;
		read();
		is_off[me] = true;
#else
		is_off[me] = true;	/* parked: no reader from here on */
		in_mask[me] = false;
#endif
#ifdef ENTERS_MASK_LATE
		is_off[me] = false;
		read();
		in_mask[me] = true
#else
		in_mask[me] = true;
		is_off[me] = false
#endif
#endif
	:: all_is_freed -> break
	od
}

proctype updater()
{
	byte old;

	do
	:: current < NR_OBJECTS ->
		old = current;
		current++;		/* readers find the next one */
		queued[old] = true
	:: else -> break
	od
}

inline take_calls()
{
	d_step {
		i = 0;
		do
		:: i < NR_OBJECTS ->
			taken[i] = taken[i] || queued[i];
			queued[i] = false;
			i++
		:: else -> break
		od
	}
}

inline run_calls()
{
	d_step {
		i = 0;
		do
		:: i < NR_OBJECTS ->
			if
			:: taken[i] -> taken[i] = false; freed[i] = true; nr_freed++
			:: else
			fi;
			i++
		:: else -> break
		od
	}
}

proctype thread()
{
	byte i, c;
	bool waits[NR_CPUS];

	do
	:: !all_is_freed ->
#if !defined(CALLS_TAKEN_LATE) && !defined(FLAG_BEFORE_TAKING)
		take_calls();
#endif
		c = 0;
		do
		:: c < NR_CPUS ->
			waits[c] = in_mask[c];
			if
			:: waits[c] -> wanted[c] = true
			:: else
			fi;
#ifdef FLAG_BEFORE_TAKING
			if
			:: c == 0 -> take_calls()
			:: else
			fi;
#endif
			c++
		:: else -> break
		od;
		c = 0;
		do
		:: c < NR_CPUS && waits[c] && wanted[c] && in_mask[c] ->
			need_resched[c] = true;
			(!wanted[c] || !in_mask[c]);
			c++
		:: c < NR_CPUS && !(waits[c] && wanted[c] && in_mask[c]) -> c++
		:: c == NR_CPUS -> break
		od;
#ifdef CALLS_TAKEN_LATE
		take_calls();
#endif
		run_calls()
	:: all_is_freed -> break
	od
}

init
{
	byte n;

	atomic {
		do
		:: n < NR_CPUS -> in_mask[n] = true; run cpu(n); n++
		:: else -> break
		od;
		run updater();
		run thread()
	}
	(all_is_freed)
}
