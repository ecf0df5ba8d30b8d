/* SPDX-License-Identifier: GPL-2.0-only */
/* Readings of other counters beside the TSC: between the files that measure. */
#ifndef KERNEL_TSC_H
#define KERNEL_TSC_H

#include <oshit/types.h>

struct tsc_sample {
	u64 cycles; /* TSC, in the middle of the reading */
	u64 count; /* the other counter */
	u64 window; /* cycles that the reading took */
};

/* The narrowest of some readings. Any context. */
struct tsc_sample tsc_sample_take(u64 (*read)(void));

/* Cycles that can lie between the true span of two samples and the measured one. */
u64 tsc_sample_error(const struct tsc_sample *a, const struct tsc_sample *b);

/* Takes the first sample beside the HPET, or the 8254. Boot, after hpet_init(). */
void tsc_measure(void);

/* CPUID promises that it counts at one rate and never stops. */
bool tsc_is_invariant(void);

#endif
