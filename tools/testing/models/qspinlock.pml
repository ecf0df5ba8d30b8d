/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queued spinlock of kernel/locking/spinlock.c: each step on shared memory is one step here.
 * Each CPU takes the lock several times; with interrupts an interrupt may break in anywhere and
 * take another lock, on the node of its level, while the task below stands still.
 *
 * Checked in every interleaving: one holder at a time, first come first served, nobody waits for
 * ever.  Not modelled: reordering of plain stores.  On x86 it could only delay a store that another
 * CPU waits for; what must not be late goes before a locked instruction.
 *
 * run: -DNR_CPUS=2 -DROUNDS=3
 * run: -DNR_CPUS=3 -DROUNDS=2
 * run: -DNR_CPUS=2 -DROUNDS=2 -DINTERRUPTS
 * wrong: -DNR_CPUS=2 -DROUNDS=2 -DHEAD_DOES_NOT_WAIT
 * wrong: -DNR_CPUS=3 -DROUNDS=2 -DFAST_PATH_IGNORES_QUEUE
 * wrong: -DNR_CPUS=2 -DROUNDS=2 -DTAIL_LEAVES_IN_TWO_STEPS
 * wrong: -DNR_CPUS=2 -DROUNDS=2 -DNODE_CLEARED_AFTER_JOINING
 * wrong: -DNR_CPUS=2 -DROUNDS=2 -DINTERRUPTS -DONE_NODE_FOR_ALL_LEVELS
 */

#define NR_LEVELS 2
#define NR_LOCKS 2
#define NR_NODES (NR_CPUS * NR_LEVELS)

byte locked[NR_LOCKS];
byte tail[NR_LOCKS];		/* number of a node + 1 */
byte next[NR_NODES];		/* the same */
bool is_head[NR_NODES];

/* What is asserted. */
byte holders[NR_LOCKS];
byte arrivals[NR_LOCKS];
byte served[NR_LOCKS];

bool interrupted[NR_CPUS];

#ifdef FAST_PATH_IGNORES_QUEUE
#define is_free(l) (locked[l] == 0)
#else
#define is_free(l) (locked[l] == 0 && tail[l] == 0)
#endif

#ifdef ONE_NODE_FOR_ALL_LEVELS
#define node_of(cpu, level) (cpu * NR_LEVELS)
#else
#define node_of(cpu, level) (cpu * NR_LEVELS + level)
#endif

inline arrive(l)
{
	ticket = arrivals[l];
	arrivals[l] = (arrivals[l] + 1) % 32
}

inline clear_node(me)
{
	next[me] = 0;
	is_head[me] = false
}

inline take_as_head(l, me)
{
#ifndef HEAD_DOES_NOT_WAIT
	(locked[l] == 0);
#endif
#ifdef TAIL_LEAVES_IN_TWO_STEPS
	alone = (tail[l] == me + 1);
	if
	:: alone -> tail[l] = 0; locked[l] = 1
	:: else
	fi;
#else
	atomic {
		alone = (locked[l] == 0 && tail[l] == me + 1);
		if
		:: alone -> tail[l] = 0; locked[l] = 1
		:: else
		fi
	};
#endif
	if
	:: alone
	:: else ->
		locked[l] = 1;
		(next[me] != 0);
		is_head[next[me] - 1] = true
	fi
}

inline queue_and_wait(l, me)
{
#ifndef NODE_CLEARED_AFTER_JOINING
	clear_node(me);
#endif
	atomic { old = tail[l]; tail[l] = me + 1; arrive(l) };
#ifdef NODE_CLEARED_AFTER_JOINING
	clear_node(me);
#endif
	if
	:: old != 0 -> next[old - 1] = me + 1; (is_head[me])
	:: else
	fi;
	take_as_head(l, me)
}

inline lock(l, me)
{
	atomic {
		fast = is_free(l);
		if
		:: fast -> locked[l] = 1; arrive(l)
		:: else
		fi
	};
	if
	:: fast
	:: else -> queue_and_wait(l, me)
	fi;
	atomic {
		holders[l]++;
		assert(holders[l] == 1);
		assert(ticket == served[l]);
		served[l] = (served[l] + 1) % 32
	}
}

inline unlock(l)
{
	atomic { holders[l]--; locked[l] = 0 }
}

proctype task(byte cpu) provided (!interrupted[cpu])
{
	bool fast, alone;
	byte old, ticket, round;

	do
	:: round < ROUNDS -> lock(0, node_of(cpu, 0)); unlock(0); round++
	:: else -> break
	od
}

proctype interrupt(byte cpu)
{
	bool fast, alone;
	byte old, ticket;

	interrupted[cpu] = true;
	lock(1, node_of(cpu, 1));
	unlock(1);
	interrupted[cpu] = false
}

init
{
	byte cpu;

	atomic {
		do
		:: cpu < NR_CPUS ->
			run task(cpu);
#ifdef INTERRUPTS
			run interrupt(cpu);
#endif
			cpu++
		:: else -> break
		od
	}
}
