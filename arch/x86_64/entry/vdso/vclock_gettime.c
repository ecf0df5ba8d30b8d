/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vDSO's clocks.  This is code of user programs: the clock page is read as clock_ns() reads it
 * (kernel/time/clock.c), with the same result; who is told that only the kernel can read the
 * counter makes the call, and so does who asks for what stands in no page: CPU time, a time zone.
 * An address that is bad raises a signal here, where the call would say -EFAULT, as in Linux.
 */
#include <arch/processor.h>
#include <asm/unistd.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include <oshit/clock_page.h>
#include <oshit/types.h>

#include "vdso.h"

#define NS_PER_S  1000000000UL
#define NS_PER_US 1000UL

/* Numbers of clocks, as bits. */
#define MONOTONIC_CLOCKS                                                            \
	(1U << CLOCK_MONOTONIC | 1U << CLOCK_MONOTONIC_RAW | 1U << CLOCK_BOOTTIME | \
	 1U << CLOCK_MONOTONIC_COARSE)
#define REAL_CLOCKS (1U << CLOCK_REALTIME | 1U << CLOCK_REALTIME_COARSE | 1U << CLOCK_TAI)

static bool is_one_of(int clock, u32 clocks)
{
	return (u32)clock < 32 && clocks >> clock & 1;
}

/* False: only the kernel can tell. */
static __always_inline bool read_clock(u64 *ns, u64 *real_offset_ns)
{
	const struct clock_params *params;
	unsigned int seq;

	do {
		seq = read_seqcount_latch(&clock_page.latch);
		params = &clock_page.copies[seq & 1];
		if (unlikely(READ_ONCE(params->device)))
			return false;
		*real_offset_ns = READ_ONCE(params->real_offset_ns);
		*ns = clock_params_ns(params, cpu_cycles_ordered());
	} while (read_seqcount_latch_retry(&clock_page.latch, seq));
	return true;
}

static __always_inline bool read_real(u64 *ns)
{
	u64 real_offset_ns;

	if (!read_clock(ns, &real_offset_ns))
		return false;
	*ns += real_offset_ns;
	return true;
}

int __vdso_clock_gettime(int clock, struct __kernel_timespec *to)
{
	u64 ns, real_offset_ns;

	if (unlikely(!is_one_of(clock, MONOTONIC_CLOCKS | REAL_CLOCKS)) ||
	    unlikely(!read_clock(&ns, &real_offset_ns)))
		return (int)vdso_call2(__NR_clock_gettime, clock, (long)to);
	if (is_one_of(clock, REAL_CLOCKS))
		ns += real_offset_ns;
	to->tv_sec = (s64)(ns / NS_PER_S);
	to->tv_nsec = (s64)(ns % NS_PER_S);
	return 0;
}

int __vdso_clock_getres(int clock, struct __kernel_timespec *to)
{
	if (!is_one_of(clock, MONOTONIC_CLOCKS | REAL_CLOCKS))
		return (int)vdso_call2(__NR_clock_getres, clock, (long)to);
	if (to)
		*to = (struct __kernel_timespec){ .tv_nsec = 1 };
	return 0;
}

int __vdso_gettimeofday(struct __kernel_old_timeval *to, struct timezone *zone)
{
	u64 ns;

	if (zone || !to || !read_real(&ns))
		return (int)vdso_call2(__NR_gettimeofday, (long)to, (long)zone);
	to->tv_sec = (long)(ns / NS_PER_S);
	to->tv_usec = (long)(ns % NS_PER_S / NS_PER_US);
	return 0;
}

__kernel_old_time_t __vdso_time(__kernel_old_time_t *to)
{
	__kernel_old_time_t seconds;
	u64 ns;

	if (!read_real(&ns))
		return vdso_call2(__NR_time, (long)to, 0);
	seconds = (__kernel_old_time_t)(ns / NS_PER_S);
	if (to)
		*to = seconds;
	return seconds;
}

VDSO_ALIAS(clock_gettime);
VDSO_ALIAS(clock_getres);
VDSO_ALIAS(gettimeofday);
VDSO_ALIAS(time);
