/* SPDX-License-Identifier: GPL-2.0-only */
/* Readings of other counters beside the TSC: between the files that measure. */
#ifndef KERNEL_TSC_H
#define KERNEL_TSC_H

#include <oshit/types.h>

struct clocksource;

/* A counter that is read beside the TSC. */
struct tsc_reference {
	const char *name;
	u64 (*read)(void);
	u64 mask; /* its width */
	u64 mult; /* nanoseconds per count << CLOCK_SHIFT */
};

struct tsc_sample {
	u64 cycles; /* TSC, in the middle of the reading */
	u64 count; /* the other counter */
	u64 window; /* cycles that the reading took */
};

struct tsc_rate {
	u64 mult; /* nanoseconds per cycle << CLOCK_SHIFT; 0: a counter stood still */
	u64 error_ppm; /* at most */
};

/* The narrowest of some readings. Any context. */
struct tsc_sample tsc_sample_take(u64 (*read)(void));

/* The rate between two samples, which are less than a turn of the reference apart. Any context. */
struct tsc_rate tsc_rate_between(const struct tsc_reference *reference, const struct tsc_sample *a,
				 const struct tsc_sample *b);

/* Takes the first sample beside the HPET, or the 8254. Boot, after hpet_init(). */
void tsc_measure(void);

/* CPUID promises that it counts at one rate and never stops. */
bool tsc_is_invariant(void);

enum tsc_watch {
	TSC_WATCH_ONCE, /* the rate is measured more exactly, then it is trusted */
	TSC_WATCH_ON, /* and compared from time to time */
};

/* Looks at the rate again, a second from now. @reference: counts for longer than that; stays.
 * @since: the first sample.  Boot, once timers work. */
void tsc_watch_start(struct clocksource *tsc, const struct tsc_reference *reference,
		     const struct tsc_sample *since, enum tsc_watch mode);

#endif
