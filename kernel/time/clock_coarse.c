/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The coarse clock: the time that the last tick of any CPU has read, for those who ask often and
 * need no nanoseconds.  The times of files are read several times for each file that is made; a
 * reading of the counter costs 25 cycles, and in an emulator a lock that all CPUs share.
 *
 * A CPU that runs a task has a tick (kernel/sched/tick.c), so in a task this is a tick old
 * at most, and never ahead of clock_ns().  It does not go back.
 */
#include <oshit/atomic.h>
#include <oshit/clock.h>
#include <oshit/clock_page.h>

static u64 coarse_ns; /* a  0: there has been no tick */

void clock_coarse_update(u64 now_ns)
{
	u64 last_ns = READ_ONCE(coarse_ns);

	/* Who comes second here has read the clock at about the same time. */
	if (now_ns > last_ns)
		cmpxchg(&coarse_ns, last_ns, now_ns);
}

static u64 real_offset_ns(void)
{
	unsigned int seq;
	u64 offset_ns;

	do {
		seq = read_seqcount_latch(&clock_page.latch);
		offset_ns = READ_ONCE(clock_page.copies[seq & 1].real_offset_ns);
	} while (read_seqcount_latch_retry(&clock_page.latch, seq));
	return offset_ns;
}

u64 clock_coarse_real_ns(void)
{
	u64 ns = READ_ONCE(coarse_ns);

	return ns ? ns + real_offset_ns() : clock_real_ns();
}
