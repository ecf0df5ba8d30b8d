/* SPDX-License-Identifier: GPL-2.0-only */
/* The tick: it samples who runs. */
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

static const struct test_case tick_cases[] = {
	TEST_CASE(a_busy_task_is_sampled),
	TEST_CASE(times_of_a_cpu_never_get_less),
};
TEST_SUITE(tick, tick_cases);
