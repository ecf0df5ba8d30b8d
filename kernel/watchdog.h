/* SPDX-License-Identifier: GPL-2.0-only */
/* Between watchdog.c and watchdog_hard.c. */
#ifndef WATCHDOG_H
#define WATCHDOG_H

#include <oshit/types.h>

extern u64 watchdog_thresh_ns; /* 0: off */

/* Between two beats.  A CPU may be late, if its host lets it wait; so beats are counted, too. */
#define BEATS_PER_THRESH 5

static inline u64 watchdog_period_ns(void)
{
	return watchdog_thresh_ns / BEATS_PER_THRESH;
}

/* Beats of @cpu since boot, and calls that it has answered; false if it is not watched, since it is
 * idle, or not on. */
bool watchdog_beats(unsigned int cpu, unsigned int *beats);

#endif
