/* SPDX-License-Identifier: GPL-2.0-only */
/* The check of two counters, on threads whose counters differ by as much as the test wants. */
#include <arch/processor.h>
#include <host.h>
#include <oshit/percpu.h>
#include <oshit/smp.h>
#include <oshit/test.h>

#include "../../../arch/x86_64/kernel/tsc_sync.h"

#define MILLION 1000000UL

static u64 ahead[NR_CPUS]; /* of CPU 0, in nanoseconds, as a CPU's counter is */
static struct warp_check check;

u64 cpu_cycles_ordered(void)
{
	return host_time_ns() + ahead[smp_processor_id()];
}

static void run_side(unsigned int cpu)
{
	warp_check_run(&check, cpu);
}

static u64 warp_with(u64 ahead_ns)
{
	host_cpus_reset();
	ahead[1] = ahead_ns;
	check = (struct warp_check){ .nr_done = ATOMIC_INIT(0) };
	host_run_on_cpus(2, run_side);
	return warp_check_result(&check);
}

static void one_counter_for_all_never_warps(struct test *t)
{
	for (unsigned int i = 0; i < 50; i++)
		ASSERT_EQ(t, warp_with(0), 0);
	EXPECT_GE(t, atomic_read(&check.sides[0].nr_news), 1);
	EXPECT_GE(t, atomic_read(&check.sides[1].nr_news), 1);
}

static void a_counter_ahead_or_behind_is_found(struct test *t)
{
	EXPECT_GT(t, warp_with(100 * MILLION), 0);
	EXPECT_LE(t, warp_check_result(&check), 100 * MILLION);
	EXPECT_GT(t, warp_with(-100 * MILLION), 0);
	EXPECT_LE(t, warp_check_result(&check), 100 * MILLION);
}

static const struct test_case tsc_sync_cases[] = {
	TEST_CASE(one_counter_for_all_never_warps),
	TEST_CASE(a_counter_ahead_or_behind_is_found),
};
TEST_SUITE(tsc_sync, tsc_sync_cases);
