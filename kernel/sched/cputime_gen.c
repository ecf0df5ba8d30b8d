/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User and system time by the cycle.
 *
 * System calls are too many and too short to be charged each: entry and exit only count the cycles
 * that were spent in user mode (account_user_exit()), and the next charge takes so much of the time
 * that has passed as user time.  Nobody can charge while a program runs, for whoever wants to has
 * interrupted it first.
 */
#include <oshit/clock.h>
#include <oshit/math.h>

#include "sched.h"

DEFINE_PER_CPU(u64, user_cycles);
DEFINE_PER_CPU(u64, user_since_cycles);

u64 take_user_ns(u64 delta_ns)
{
	u64 cycles = this_cpu_read(user_cycles);

	if (!cycles)
		return 0;
	this_cpu_write(user_cycles, 0);
	return min(clock_cycles_ns(cycles), delta_ns);
}
