/* SPDX-License-Identifier: GPL-2.0-only */
/* By whom the clock is driven: between clock.c and its tests. */
#ifndef TIME_CLOCK_STATE_H
#define TIME_CLOCK_STATE_H

#include <oshit/clocksource.h>

#define MAX_CLOCKSOURCES 4

struct clock_state { /* c: clock_lock */
	struct clocksource *sources[MAX_CLOCKSOURCES]; /* c  filled while booting */
	unsigned int nr_sources; /* c */
	struct clocksource *current; /* c  readers use READ_ONCE() */
};

extern struct clock_state clock_state;

#endif
