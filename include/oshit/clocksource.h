/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters that can drive the clock.  The driver of one registers it while booting; the best one
 * that is stable is used, or the one that `clocksource=NAME` names.
 */
#ifndef OSHIT_CLOCKSOURCE_H
#define OSHIT_CLOCKSOURCE_H

#include <oshit/types.h>

#define CLOCK_SHIFT 32

/* A rate in nanoseconds per cycle, as a fraction of 2^CLOCK_SHIFT. @hz: not 0. */
static inline u64 clock_mult_of_hz(u64 hz)
{
	return (1000000000UL << CLOCK_SHIFT) / hz; /* 2^62 at most */
}

static inline u64 clock_hz_of_mult(u64 mult)
{
	return (1000000000UL << CLOCK_SHIFT) / mult;
}

/* @cycles * @mult, scaled; in 128 bits, so it does not overflow before the result does. */
static inline u64 clock_scale(u64 cycles, u64 mult)
{
	return (u64)((unsigned __int128)cycles * mult >> CLOCK_SHIFT);
}

struct clocksource { /* c: clock.c's lock; the rest is constant once it is registered */
	const char *name; /* for the command line and the log */
	/* The counter: 64 bits, never goes back, the same for all CPUs.  Any context, NMI too.
	 * NULL: cpu_cycles_ordered(). */
	u64 (*read)(void);
	u64 mult; /* c  nanoseconds per cycle, << CLOCK_SHIFT */
	unsigned int rating; /* higher is better */
	bool is_unstable; /* c */
};

/*
 * How to turn a counter into time: what clock_ns() reads, and all that is needed to do so outside
 * of the kernel.  Time is a line through (base_cycles, base_ns) with a bend there, so that a new
 * rate can be announced before it holds.
 */
struct clock_params {
	u64 base_cycles;
	u64 base_ns;
	u64 mult; /* nanoseconds per cycle << CLOCK_SHIFT, from base_cycles on */
	u64 mult_before; /* and before */
	u64 real_offset_ns; /* to be added to have the date */
	u64 device; /* 0: the CPU's own counter; else one that only the kernel reads, + 1 */
};

/* A consistent copy. Any context. */
void clock_params_get(struct clock_params *params);

/* Starts the clock: @source drives it and was at @zero_cycles at time 0. Boot, one CPU. */
void clock_start(struct clocksource *source, u64 zero_cycles);

/* Offers another counter, and uses it if it is better.  Boot, one CPU.  Drivers of the arch may
 * take names and ratings into account: TSC 300, HPET 250. */
void clocksource_register(struct clocksource *source);

/**
 * clocksource_mark_unstable() - stop using a counter, for good
 * @source: registered
 * @why: for the log, "CPU 1 is behind CPU 0"
 *
 * Says so, and what takes over.  If there is nothing else, the clock goes on with it.
 * Context: a task, interrupts on, no lock held: all CPUs are asked.  In an interrupt handler it
 * does without.
 */
void clocksource_mark_unstable(struct clocksource *source, const char *why);

/**
 * clocksource_adjust() - correct the rate of a counter
 * @source: registered
 * @mult: the better rate
 * @lead_cycles: after so many cycles of @source it takes effect: longer than a CPU can be kept from
 *	seeing the news
 *
 * Time does not jump, it is bent.  Any context but NMI.
 */
void clocksource_adjust(struct clocksource *source, u64 mult, u64 lead_cycles);

/* What drives the clock now. Any context. */
const struct clocksource *clocksource_current(void);

/* The @index-th that was registered, or NULL. */
const struct clocksource *clocksource_get(unsigned int index);

#endif
