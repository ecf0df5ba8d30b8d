/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rate of the TSC, from readings of it beside another counter.
 *
 * The counter of the device is read between two readings of the TSC, several times, and the reading
 * with the smallest window counts: what came between, an interrupt or a pause of the virtual CPU,
 * makes the window larger.  Windows and resolution bound the error of a rate:
 *
 *	error <= (window_1 / 2 + window_2 / 2 + resolution) / span
 */
#include <arch/processor.h>
#include <oshit/clocksource.h>

#include "tsc.h"

#define SAMPLE_TRIES 8

struct tsc_sample tsc_sample_take(u64 (*read)(void))
{
	struct tsc_sample best = { .window = ~0UL };

	for (unsigned int i = 0; i < SAMPLE_TRIES; i++) {
		u64 before = cpu_cycles_ordered();
		u64 count = read();
		u64 window = cpu_cycles_ordered() - before;

		if (window < best.window)
			best = (struct tsc_sample){ before + window / 2, count, window };
	}
	return best;
}

struct tsc_rate tsc_rate_between(const struct tsc_reference *reference, const struct tsc_sample *a,
				 const struct tsc_sample *b)
{
	u64 cycles = b->cycles - a->cycles;
	u64 scaled_cycles = cycles;
	u64 ns = clock_scale((b->count - a->count) & reference->mask, reference->mult);
	u64 resolution_ns = 2 * (reference->mult >> CLOCK_SHIFT) + 1;
	struct tsc_rate rate = { .error_ppm = ~0UL };

	if (!ns || !cycles)
		return rate;
	rate.error_ppm =
		(a->window + b->window) / 2 * 1000000 / cycles + resolution_ns * 1000000 / ns;
	for (; ns >> (64 - CLOCK_SHIFT); ns >>= 1)
		scaled_cycles >>= 1;
	rate.mult = (ns << CLOCK_SHIFT) / scaled_cycles;
	return rate;
}
