/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots of a swap device: which pages of it are in use, and how many name each.
 *
 * A slot is one page on the device.  It has a count: of the page table entries that name it, and of
 * the swap cache.  Counts have two bytes, more than there can be address spaces, so none is ever
 * full because of forks alone; who adds is told nevertheless.
 *
 * Slots are given out one behind the other: pages that go to the disk at one time then lie side by
 * side, so that their requests merge, and what is read ahead around a fault is what went with it.
 * To keep that so on a device which has been in use for a while, a run goes on inside its cluster
 * of 64 slots as long as there are free ones; after that the next cluster that is free as a whole
 * is begun, and only if there is none any free slot is taken, from there on.
 *
 * Three arrays of bits make the search short on a device of any size:
 *
 *	free	a bit for each slot; a word of it is a cluster
 *	some	a bit for each word of ->free: it is not 0
 *	whole	a bit for each word of ->free: it is all ones
 *
 *	slot	0 .......... 63   64 ........ 127   128 ....... 191
 *	free	0 0 1 0 1 1 ..    1 1 1 1 1 1 ..    0 0 0 0 0 0 ..
 *	some	      1                 1                 0
 *	whole	      0                 1                 0
 *
 * A search looks at one word of ->free and, of ->some and ->whole, at one for 4096 slots: 2048 of
 * each for 32 GiB.  Costs 2.2 bytes a slot.
 *
 * The last cluster has fewer than 64 slots, and the first lacks slot 0: neither is ever whole.
 * Slot 0 holds the header of the device.  It and bad slots have the count SLOT_BAD.
 *
 * Locks: none.
 */
#include <linux/errno.h>
#include <oshit/bitmap.h>
#include <oshit/bug.h>
#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/vmalloc.h>

#include "swap_slots.h"

#define SLOT_BAD (SWAP_SLOT_MAX + 1)

/* --- bits --- */

static void note_cluster(struct swap_slots *slots, unsigned long word)
{
	if (slots->free[word])
		__set_bit(word, slots->some);
	else
		__clear_bit(word, slots->some);
	if (slots->free[word] == ~0UL)
		__set_bit(word, slots->whole);
	else
		__clear_bit(word, slots->whole);
}

static void set_free(struct swap_slots *slots, unsigned long slot)
{
	__set_bit(slot, slots->free);
	note_cluster(slots, BIT_WORD(slot));
}

static void clear_free(struct swap_slots *slots, unsigned long slot)
{
	__clear_bit(slot, slots->free);
	note_cluster(slots, BIT_WORD(slot));
}

/* The first bit from @start on, around the end; @nr: none. */
static unsigned long find_around(const unsigned long *map, unsigned long nr, unsigned long start)
{
	unsigned long bit = find_next_bit(map, nr, start);

	return bit < nr ? bit : find_next_bit(map, nr, 0);
}

/* --- a device --- */

int swap_slots_init(struct swap_slots *slots, unsigned long nr)
{
	unsigned long nr_words = BITS_TO_LONGS(nr);
	size_t map_bytes = nr_words * sizeof(long);
	size_t level_bytes = BITS_TO_LONGS(nr_words) * sizeof(long);

	*slots = (struct swap_slots){ .nr = nr, .nr_words = nr_words, .next = 1 };
	slots->counts = vzalloc(nr * sizeof(*slots->counts));
	slots->free = vzalloc(map_bytes);
	slots->some = vzalloc(level_bytes);
	slots->whole = vzalloc(level_bytes);
	if (!slots->counts || !slots->free || !slots->some || !slots->whole) {
		swap_slots_destroy(slots);
		return -ENOMEM;
	}
	bitmap_set(slots->free, 0, nr);
	for (unsigned long word = 0; word < nr_words; word++)
		note_cluster(slots, word);
	swap_slots_mark_bad(slots, 0);
	return 0;
}

void swap_slots_destroy(struct swap_slots *slots)
{
	vfree(slots->counts);
	vfree(slots->free);
	vfree(slots->some);
	vfree(slots->whole);
	*slots = (struct swap_slots){ 0 };
}

void swap_slots_mark_bad(struct swap_slots *slots, unsigned long slot)
{
	if (WARN_ON_ONCE(slot >= slots->nr || slots->counts[slot]))
		return;
	slots->counts[slot] = SLOT_BAD;
	clear_free(slots, slot);
}

/* --- a slot --- */

/* Where the run goes on; 0: it is over. */
static unsigned long find_in_run(const struct swap_slots *slots)
{
	unsigned long end = min((BIT_WORD(slots->next) + 1) * BITS_PER_LONG, slots->nr);
	unsigned long slot = end;

	if (slots->next % BITS_PER_LONG)
		slot = find_next_bit(slots->free, end, slots->next);
	return slot < end ? slot : 0;
}

bool swap_slots_run_is_over(const struct swap_slots *slots)
{
	return !find_in_run(slots);
}

/* 0: none. */
static unsigned long find_free(const struct swap_slots *slots)
{
	unsigned long word = BIT_WORD(slots->next), slot = find_in_run(slots), cluster;

	if (slot)
		return slot;
	cluster = find_around(slots->whole, slots->nr_words, word);
	if (cluster == slots->nr_words)
		cluster = find_around(slots->some, slots->nr_words, word);
	if (cluster == slots->nr_words)
		return 0;
	return find_next_bit(slots->free, slots->nr, cluster * BITS_PER_LONG);
}

unsigned long swap_slots_take(struct swap_slots *slots)
{
	unsigned long slot = find_free(slots);

	if (!slot)
		return 0;
	slots->counts[slot] = 1;
	clear_free(slots, slot);
	slots->nr_used++;
	slots->next = slot + 1 < slots->nr ? slot + 1 : 1;
	return slot;
}

/* A bad one neither grows nor shrinks. */
static bool is_used(const struct swap_slots *slots, unsigned long slot)
{
	return slot < slots->nr && slots->counts[slot] && slots->counts[slot] != SLOT_BAD;
}

bool swap_slots_get(struct swap_slots *slots, unsigned long slot)
{
	if (WARN_ON_ONCE(!is_used(slots, slot)) || slots->counts[slot] == SWAP_SLOT_MAX)
		return false;
	slots->counts[slot]++;
	return true;
}

unsigned int swap_slots_put(struct swap_slots *slots, unsigned long slot)
{
	if (WARN_ON_ONCE(!is_used(slots, slot)))
		return SLOT_BAD; /* lose a slot, not what is in it */
	if (--slots->counts[slot])
		return slots->counts[slot];
	set_free(slots, slot);
	slots->nr_used--;
	return 0;
}

unsigned int swap_slots_count(const struct swap_slots *slots, unsigned long slot)
{
	return slots->counts[slot];
}
