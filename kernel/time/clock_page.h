/* SPDX-License-Identifier: GPL-2.0-only */
/* What the clock is read from, and by whom it is driven: between clock.c and its tests. */
#ifndef TIME_CLOCK_PAGE_H
#define TIME_CLOCK_PAGE_H

#include <oshit/clocksource.h>
#include <oshit/page.h>
#include <oshit/seqlock.h>

struct clock_page { /* alone in its page; holds nothing that a user program may not see */
	seqcount_latch_t latch; /* writers hold clock_lock */
	struct clock_params copies[2];
} __aligned(PAGE_SIZE);

extern struct clock_page clock_page;

#define MAX_CLOCKSOURCES 4

struct clock_state { /* c: clock_lock */
	struct clocksource *sources[MAX_CLOCKSOURCES]; /* c  filled while booting */
	unsigned int nr_sources; /* c */
	struct clocksource *current; /* c  readers use READ_ONCE() */
};

extern struct clock_state clock_state;

#endif
