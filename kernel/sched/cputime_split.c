/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User and system time by samples.
 *
 * What tasks run is charged to the nanosecond, by the clock, at each switch (cputime.c).  How much
 * of it they were in user mode is not measured, for that would take two readings of a counter for
 * each system call, as much as the shortest calls take themselves.  Instead a tick (tick.c) looks
 * what it has interrupted, and takes all that was charged since the last sample for time in that
 * mode.  What no sample has seen yet is split for a reader in the proportion of what samples have
 * seen; is that nothing, it counts as user time, as in Linux.
 *
 * The proportion changes from sample to sample, but a reader must not find that a time got less.
 * So what was told last is kept, and the split of now is moved to where neither part is below it;
 * as the sum never gets less, there is such a place.
 *
 * Locks: cputime->lock for what was told, raw, interrupts off; nothing is taken inside.
 */
#include <oshit/clocksource.h>
#include <oshit/cputime.h>
#include <oshit/math.h>

void cputime_sample(struct cputime *time, enum cpu_time what)
{
	u64 known_ns = time->sampled_ns[CPU_TIME_USER] + time->sampled_ns[CPU_TIME_SYSTEM];

	WRITE_ONCE(time->sampled_ns[what], time->sampled_ns[what] + time->sum_ns - known_ns);
}

/* @ns * @part / @whole, where @part is not more than @whole. */
static u64 share_of(u64 ns, u64 part, u64 whole)
{
	while (whole >> CLOCK_SHIFT) {
		whole >>= 1;
		part >>= 1;
	}
	return whole ? clock_scale(ns, (part << CLOCK_SHIFT) / whole) : 0;
}

static void tell(struct cputime *time)
{
	u64 user_ns = READ_ONCE(time->sampled_ns[CPU_TIME_USER]);
	u64 system_ns = READ_ONCE(time->sampled_ns[CPU_TIME_SYSTEM]);
	u64 known_ns = user_ns + system_ns, sum_ns = READ_ONCE(time->sum_ns);
	u64 *told_ns = time->told_ns;

	if (sum_ns <= told_ns[CPU_TIME_USER] + told_ns[CPU_TIME_SYSTEM])
		return;
	if (sum_ns > known_ns)
		system_ns += share_of(sum_ns - known_ns, system_ns, known_ns);
	system_ns = clamp(system_ns, told_ns[CPU_TIME_SYSTEM], sum_ns - told_ns[CPU_TIME_USER]);
	told_ns[CPU_TIME_SYSTEM] = system_ns;
	told_ns[CPU_TIME_USER] = sum_ns - system_ns;
}

void cputime_read(struct cputime *time, u64 *user_ns, u64 *system_ns)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&time->lock, flags);
	tell(time);
	*user_ns = time->told_ns[CPU_TIME_USER];
	*system_ns = time->told_ns[CPU_TIME_SYSTEM];
	raw_spin_unlock_irqrestore(&time->lock, flags);
}
