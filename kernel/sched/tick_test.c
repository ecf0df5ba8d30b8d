/* SPDX-License-Identifier: GPL-2.0-only */
/* The tick: it samples who runs, and sets the coarse clock. */
#include <oshit/clock.h>
#include <oshit/smp.h>
#include <oshit/test.h>

#include "sched.h"

#define PATIENCE_NS (20 * NSEC_PER_SEC) /* a host may stop this CPU */

static u64 sampled_ns(enum cpu_time what)
{
	return READ_ONCE(current->cputime.sampled_ns[what]);
}

static void a_busy_task_is_sampled(struct test *t)
{
	u64 before_ns = sampled_ns(CPU_TIME_SYSTEM), end_ns = clock_ns() + PATIENCE_NS;

	while (sampled_ns(CPU_TIME_SYSTEM) == before_ns && clock_ns() < end_ns)
		cpu_relax();
	EXPECT_GT(t, sampled_ns(CPU_TIME_SYSTEM), before_ns);
	EXPECT_EQ(t, sampled_ns(CPU_TIME_USER), 0); /* a kernel thread */
}

static void times_of_a_cpu_never_get_less(struct test *t)
{
	u64 end_ns = clock_ns() + 30 * NSEC_PER_MSEC, last_ns[NR_CPU_TIMES] = { 0 };
	unsigned int cpu = smp_processor_id();

	while (clock_ns() < end_ns) {
		for (int i = 0; i < NR_CPU_TIMES; i++) {
			u64 now_ns = cpu_time_ns(cpu, (enum cpu_time)i);

			ASSERT_GE(t, now_ns, last_ns[i]);
			last_ns[i] = now_ns;
		}
	}
}

/* A date that somebody sets meanwhile would be seen here; nobody does. */
static void the_coarse_clock_follows_the_other(struct test *t)
{
	u64 first_ns = clock_coarse_real_ns(), last_ns = first_ns, now_ns;
	u64 end_ns = clock_ns() + PATIENCE_NS;

	do {
		now_ns = clock_coarse_real_ns();
		ASSERT_GE(t, now_ns, last_ns);
		ASSERT_LE(t, now_ns, clock_real_ns());
		last_ns = now_ns;
	} while (now_ns < first_ns + 20 * NSEC_PER_MSEC && clock_ns() < end_ns);
	EXPECT_GE(t, now_ns, first_ns + 20 * NSEC_PER_MSEC);
}

static const struct test_case tick_cases[] = {
	TEST_CASE(a_busy_task_is_sampled),
	TEST_CASE(times_of_a_cpu_never_get_less),
	TEST_CASE(the_coarse_clock_follows_the_other),
};
TEST_SUITE(tick, tick_cases);
