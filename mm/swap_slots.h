/* SPDX-License-Identifier: GPL-2.0-only */
/* Which pages of a swap device are in use, by how many. The caller locks. Also on the host. */
#ifndef MM_SWAP_SLOTS_H
#define MM_SWAP_SLOTS_H

#include <oshit/types.h>

/* Of one slot: an entry in each address space there can be (PID_MAX), and more. */
#define SWAP_SLOT_MAX 65534U

struct swap_slots {
	u16 *counts; /* by slot; 0: free */
	unsigned long *free; /* bit n: slot n is free */
	unsigned long *some; /* bit n: word n of ->free has a bit */
	unsigned long *whole; /* bit n: word n of ->free has all 64 */
	unsigned long nr; /* slots, with slot 0 */
	unsigned long nr_words; /* of ->free */
	unsigned long nr_used; /* bad ones and slot 0 are neither used nor free */
	unsigned long next; /* where swap_slots_take() looks first */
};

/* All are free, but slot 0, which is never given. May sleep. 0; -ENOMEM. */
int swap_slots_init(struct swap_slots *slots, unsigned long nr);
void swap_slots_destroy(struct swap_slots *slots);

/* @slot is free, and never is again. */
void swap_slots_mark_bad(struct swap_slots *slots, unsigned long slot);

/* A free slot, with a count of 1: if possible the one behind that of the call before. 0: none. */
unsigned long swap_slots_take(struct swap_slots *slots);

/* Whether the next one begins another run: nothing is free behind the last one in its cluster. */
bool swap_slots_run_is_over(const struct swap_slots *slots);

/* One more of a slot that is in use. False: there are SWAP_SLOT_MAX, nothing has changed. */
bool swap_slots_get(struct swap_slots *slots, unsigned long slot);

/* One less of a slot that is in use. Returns how many are left; 0: it is free again. */
unsigned int swap_slots_put(struct swap_slots *slots, unsigned long slot);

/* 0: free. More than SWAP_SLOT_MAX: bad, or slot 0. */
unsigned int swap_slots_count(const struct swap_slots *slots, unsigned long slot);

#endif
