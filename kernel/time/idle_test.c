/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine with nothing to do sleeps: no tick, and no timer that nobody has started. */
#include <oshit/clock.h>
#include <oshit/cpumask.h>
#include <oshit/hrtimer.h>
#include <oshit/math.h>
#include <oshit/sched.h>
#include <oshit/test.h>

#include "hrtimer_queue.h"

#define SLEEP_MS   500
/* The sleeper's own timer comes twice, early and in time, and so does a watch over the clock; what
 * threads of the kernel want has room, and one beat of the watchdog for each CPU, all of which the
 * runner has just been on.  The slowest of ticks, 100 a second on one CPU, has not; nor where the
 * sleep takes longer, as others have the processor. */
#define EVENTS_MAX (20 + min(num_online_cpus(), 20u))

static u64 nr_events(void)
{
	unsigned int cpu;
	u64 nr = 0;

	for_each_online_cpu(cpu)
		nr += READ_ONCE(per_cpu(hrtimer_queue, cpu).nr_events);
	return nr;
}

static void an_idle_machine_has_no_tick(struct test *t)
{
	u64 start_ns = clock_ns(), before = nr_events(), after, slept_ms;

	msleep(SLEEP_MS);
	after = nr_events();
	slept_ms = (clock_ns() - start_ns) / NSEC_PER_MSEC;
	EXPECT_GT(t, after, before);
	EXPECT_LE(t, after - before, EVENTS_MAX * slept_ms / SLEEP_MS);
	test_note(t, "%lu timer interrupts in %lu ms", after - before, slept_ms);
}

static const struct test_case idle_cases[] = {
	TEST_CASE(an_idle_machine_has_no_tick),
};
TEST_SUITE(idle, idle_cases);
