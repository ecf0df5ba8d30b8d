/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether two CPUs' counters agree: between tsc_sync.c and its test. */
#ifndef KERNEL_TSC_SYNC_H
#define KERNEL_TSC_SYNC_H

#include <oshit/atomic.h>
#include <oshit/types.h>

struct warp_side { /* written by its CPU alone; a line of its own */
	u64 latest; /* atomic: what it read last, 0: it has not begun */
	atomic_t nr_news; /* readings of the other side that it has seen */
	u64 max_warp; /* how far it was behind one of them, at most, in cycles */
} __aligned(64);

struct warp_check {
	struct warp_side sides[2];
	atomic_t nr_done; /* sides that have ended */
};

/* Does one side of a check, 0 or 1; two CPUs do theirs at the same time. Interrupts off; some
 * tenths of a millisecond. */
void warp_check_run(struct warp_check *check, unsigned int side);

/* What came out. @check: both sides have ended. */
u64 warp_check_result(const struct warp_check *check);

/* Compares @cpu's counter with this CPU's. Returns how far one was seen to be behind, in cycles;
 * 0: not at all.  Interrupts on, in a task; @cpu is online. */
u64 tsc_warp(unsigned int cpu);

#endif
