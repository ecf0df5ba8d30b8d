/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flushes that reclaim puts off: mm/deferred_flush.c.
 *
 * An address space with a page at each of two addresses, and a CPU that uses both by what its TLB
 * holds.  Two tasks reclaim: each empties the entries that it finds, and has the CPU forget all of
 * them at once; or, of a page that was given up, before it unlocks the table.  A thread for each
 * address maps a new page there and unmaps it again, which reclaim may have done before.
 *
 *	reclaim					thread
 *	lock table				lock table
 *	empty entry, nr_open++ (the first),	empty entry, or it is
 *	nr_deferred++				unlock table
 *	unlock table				nr_deferred != nr_flushed, and nr_open: flush all
 *	flush, nr_open--			else, if it has emptied the entry: flush
 *	free					free
 *
 * Checked in every interleaving: the CPU uses no page that is free, and when a thread returns from
 * unmapping the CPU knows nothing of what was there.
 *
 * Left out: the locks of pages, for which faults wait; several address spaces.
 *
 * run: -DROUNDS=1
 * run: -DROUNDS=1 -DDISCARDS
 * wrong: -DROUNDS=1 -DFREES_FIRST
 * wrong: -DROUNDS=1 -DOPENS_LATE
 * wrong: -DROUNDS=1 -DCLOSES_EARLY
 * wrong: -DROUNDS=1 -DCOUNTS_UNLOCKED
 * wrong: -DROUNDS=1 -DLOOKS_TOO_LATE
 * wrong: -DROUNDS=1 -DDOES_NOT_ASK
 * wrong: -DROUNDS=1 -DDISCARDS -DDISCARDS_UNLOCKED
 */

#define NONE 0			/* else the number of the page, 1 .. ROUNDS, of its address */

byte entry[2], tlb[2];
bool freed[2 * (ROUNDS + 1)];	/* by address and number */
bool locked;			/* the table */
byte nr_open, nr_deferred, nr_flushed;

#define PAGE(at, nr) ((at) * (ROUNDS + 1) + (nr))

inline lock()
{
	atomic { !locked -> locked = true }
}

inline unlock()
{
	locked = false
}

inline flush(at)
{
	tlb[at] = NONE
}

active proctype cpu()
{
end:
	do
	:: d_step { tlb[0] != NONE -> assert(!freed[PAGE(0, tlb[0])]) }
	:: d_step { tlb[1] != NONE -> assert(!freed[PAGE(1, tlb[1])]) }
	:: d_step { tlb[0] == NONE && entry[0] != NONE -> tlb[0] = entry[0] }
	:: d_step { tlb[1] == NONE && entry[1] != NONE -> tlb[1] = entry[1] }
	od
}

/* Takes the page at @at away. */
inline defer(at, taken)
{
	lock();
	taken = entry[at];
	if
	:: taken != NONE ->
		entry[at] = NONE;
#ifdef COUNTS_UNLOCKED
		unlock();
#endif
#ifdef OPENS_LATE
		nr_deferred++;
#endif
		if
		:: !has_opened -> nr_open++; has_opened = true
		:: else
		fi;
#ifndef OPENS_LATE
		nr_deferred++
#endif
	:: else
	fi;
	unlock()
}

inline discard(at, taken)
{
	lock();
	taken = entry[at];
	entry[at] = NONE;
#ifdef DISCARDS_UNLOCKED
	unlock();
#endif
	if
	:: taken != NONE -> flush(at)
	:: else
	fi;
	unlock();
	if
	:: taken != NONE -> freed[PAGE(at, taken)] = true
	:: else
	fi;
	taken = NONE
}

inline free_taken(at, taken)
{
	if
	:: taken != NONE -> freed[PAGE(at, taken)] = true
	:: else
	fi
}

active [2] proctype reclaim()
{
	byte taken[2], round = 0;
	bool has_opened;

	do
	:: round < ROUNDS ->
		has_opened = false;
		defer(0, taken[0]);
#ifdef DISCARDS
		discard(1, taken[1]);
#else
		defer(1, taken[1]);
#endif
#ifdef FREES_FIRST
		free_taken(0, taken[0]);
#endif
#ifdef CLOSES_EARLY
		nr_open = nr_open - has_opened;
#endif
		if
		:: has_opened -> d_step { flush(0); flush(1) }
		:: else
		fi;
#ifndef CLOSES_EARLY
		nr_open = nr_open - has_opened;
#endif
#ifndef FREES_FIRST
		free_taken(0, taken[0]);
#endif
		free_taken(1, taken[1]);
		round++
	:: else -> break
	od
}

inline flush_deferred()
{
	has_flushed = false;
	if
	:: nr_deferred != nr_flushed ->
		nr = nr_deferred;
		has_flushed = (nr_open != 0);
		if
		:: has_flushed -> d_step { flush(0); flush(1) }
		:: else
		fi;
#ifdef LOOKS_TOO_LATE
		nr_flushed = nr_deferred
#else
		nr_flushed = nr
#endif
	:: else
	fi
}

proctype thread(byte at)
{
	byte taken, nr, round = 0;
	bool has_flushed;

	do
	:: round < ROUNDS ->
		round++;
		lock();
		entry[at] = round;
		unlock();
		/* Used, reclaimed or neither; and unmapped. */
		lock();
		taken = entry[at];
		entry[at] = NONE;
		unlock();
#ifdef DOES_NOT_ASK
		has_flushed = false;
#else
		flush_deferred();
#endif
		if
		:: !has_flushed && taken != NONE -> flush(at)
		:: else
		fi;
		assert(tlb[at] == NONE);
		free_taken(at, taken)
	:: else -> break
	od
}

init {
	atomic { run thread(0); run thread(1) }
}
