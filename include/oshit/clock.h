/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What time it is: the monotonic clock, the date, and busy delays.
 *
 * Times are nanoseconds in a u64, which lasts for 584 years.  The theory stands at the head of
 * kernel/time/clock.c.
 */
#ifndef OSHIT_CLOCK_H
#define OSHIT_CLOCK_H

#include <oshit/types.h>

#define NSEC_PER_USEC 1000UL
#define NSEC_PER_MSEC 1000000UL
#define NSEC_PER_SEC  1000000000UL

/* Nanoseconds since the kernel's first instruction; 0 until clock_start().  It never goes back, on
 * no CPU and between no two: what one CPU has read and passed on, no other reads less than.  Takes
 * no lock. Any context, NMI too. */
u64 clock_ns(void);

/* Nanoseconds since 1970, UTC; since the boot if nobody knows the date.  May be set, so it can
 * jump. Any context. */
u64 clock_real_ns(void);

#ifdef CONFIG_TICK_CPU_ACCOUNTING
/* The same as the last tick of any CPU has found it: some milliseconds old, and cheap. For the
 * times of files, in tasks. */
u64 clock_coarse_real_ns(void);

/* A tick has read @now_ns from the clock. Any context. */
void clock_coarse_update(u64 now_ns);
#else
static inline u64 clock_coarse_real_ns(void)
{
	return clock_real_ns();
}

static inline void clock_coarse_update(u64 now_ns __maybe_unused)
{
}
#endif

/* Nanoseconds that @cycles of cpu_cycles() take. Any context. */
u64 clock_cycles_ns(u64 cycles);

/* Sets the date. Any context but NMI. */
void clock_set_real_ns(u64 real_ns);

/* Spins for at least so long. Any context. */
void delay_us(unsigned long us);

#endif
