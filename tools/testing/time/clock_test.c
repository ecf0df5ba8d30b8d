/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The clock over counters that the test moves: it never goes back, whatever changes, and is right
 * to the nanosecond before and after.
 */
#include <arch/processor.h>
#include <host.h>
#include <oshit/clock.h>
#include <oshit/clock_page.h>
#include <oshit/clocksource.h>
#include <oshit/percpu.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "../../../kernel/time/clock_state.h"

#define GHZ 1000000000UL

static u64 cpu_counter, device_counter;

u64 cpu_cycles_ordered(void)
{
	return READ_ONCE(cpu_counter);
}

static u64 read_device(void)
{
	return READ_ONCE(device_counter);
}

static struct clocksource cpu, device;

/* Scaling rounds down, and a change of rate rounds up. */
static bool about(u64 a, u64 b)
{
	return a - b + 2 <= 4;
}

/* Two sources of different rates, the CPU's in use; @device_rating: 0 if there is only the one. */
static void start(u64 cpu_hz, unsigned int device_rating)
{
	memset(&clock_page, 0, sizeof(clock_page));
	memset(&clock_state, 0, sizeof(clock_state));
	host_cpus_reset();
	cpu_counter = 1000000;
	device_counter = 77;
	cpu = (struct clocksource){ "cpu", NULL, clock_mult_of_hz(cpu_hz), 300, false };
	device = (struct clocksource){ "device", read_device, clock_mult_of_hz(100000000),
				       device_rating, false };
	clock_start(&cpu, cpu_counter);
	if (device_rating)
		clocksource_register(&device);
}

static void time_is_cycles_by_rate(struct test *t)
{
	start(2 * GHZ, 0);
	EXPECT_EQ(t, clock_ns(), 0);
	cpu_counter += 2 * GHZ;
	EXPECT_TRUE(t, about(GHZ, clock_ns()));
	cpu_counter += 365UL * 86400 * 2 * GHZ; /* a year: no overflow, and the rate is exact */
	EXPECT_LE(t, 365UL * 86400 * GHZ + GHZ - clock_ns(), GHZ / 10);
}

/* The same instant read before and after the change is the same time, up to rounding. */
static void a_new_rate_bends_time_and_does_not_break_it(struct test *t)
{
	u64 before, lead = 1000000, last;

	start(GHZ, 0);
	cpu_counter += 123456789;
	before = clock_ns();
	clocksource_adjust(&cpu, clock_mult_of_hz(GHZ) + clock_mult_of_hz(GHZ) / 1000, lead);
	EXPECT_TRUE(t, about(clock_ns(), before));
	cpu_counter += lead;
	last = clock_ns();
	EXPECT_TRUE(t, about(last, before + lead));
	cpu_counter += GHZ; /* from here on 0.1 % faster */
	EXPECT_TRUE(t, about(clock_ns() - last, GHZ + GHZ / 1000));
}

static void random_changes_never_set_time_back(struct test *t)
{
	struct test_random rng = test_random_seeded(t, 0xc10c4);
	u64 last = 0, now;

	start(3 * GHZ, 250);
	for (unsigned int i = 0; i < 1000000; i++) {
		u64 pace = test_random_below(&rng, 4) ? 20 : 20000;
		u64 mult = clock_mult_of_hz(3 * GHZ);

		cpu_counter += test_random_below(&rng, 30 * pace);
		device_counter += test_random_below(&rng, pace);
		if (test_random_below(&rng, 100) == 0)
			clocksource_adjust(&cpu, mult + test_random_below(&rng, mult / 100),
					   test_random_below(&rng, 1000000));
		if (i == 900000)
			clocksource_mark_unstable(&cpu, "test");
		now = clock_ns();
		ASSERT_GE(t, now, last);
		last = now;
	}
	EXPECT_STREQ(t, clocksource_current()->name, "device");
}

static void the_best_source_is_used(struct test *t)
{
	start(GHZ, 250);
	EXPECT_STREQ(t, clocksource_current()->name, "cpu");
	start(GHZ, 350);
	EXPECT_STREQ(t, clocksource_current()->name, "device");
}

static void the_device_takes_over_without_a_jump(struct test *t)
{
	u64 before;

	start(GHZ, 250);
	cpu_counter += 5 * GHZ;
	before = clock_ns();
	clocksource_mark_unstable(&cpu, "test");
	EXPECT_STREQ(t, clocksource_current()->name, "device");
	ASSERT_GE(t, clock_ns(), before);
	ASSERT_LE(t, clock_ns(), before + 20 * NSEC_PER_USEC);
	before = clock_ns();
	cpu_counter += GHZ;
	EXPECT_EQ(t, clock_ns(), before);
	device_counter += 100000000;
	EXPECT_TRUE(t, about(before + GHZ, clock_ns()));
}

static void an_unstable_source_stays_if_it_is_alone(struct test *t)
{
	u64 before;

	start(GHZ, 0);
	cpu_counter += GHZ;
	before = clock_ns();
	clocksource_mark_unstable(&cpu, "test");
	EXPECT_STREQ(t, clocksource_current()->name, "cpu");
	EXPECT_EQ(t, clock_ns(), before);
	cpu_counter += GHZ;
	EXPECT_TRUE(t, about(2 * GHZ, clock_ns()));
}

static void the_date_can_be_set_and_moves_on(struct test *t)
{
	u64 date = 1700000000 * GHZ, before;

	start(GHZ, 250);
	cpu_counter += GHZ;
	before = clock_ns();
	clock_set_real_ns(date);
	EXPECT_EQ(t, clock_real_ns(), date);
	EXPECT_EQ(t, clock_ns(), before);
	cpu_counter += 10 * GHZ;
	EXPECT_TRUE(t, about(date + 10 * GHZ, clock_real_ns()));
	clocksource_mark_unstable(&cpu, "test"); /* the date survives the change */
	EXPECT_LE(t, clock_real_ns() - (date + 10 * GHZ), 20 * NSEC_PER_USEC);
}

static void the_copy_for_others_computes_the_same_time(struct test *t)
{
	struct clock_params params;

	start(GHZ, 0);
	cpu_counter += 12345678;
	clock_set_real_ns(GHZ);
	clock_params_get(&params);
	EXPECT_EQ(t, params.device, 0);
	EXPECT_EQ(t, params.base_ns + clock_scale(cpu_counter - params.base_cycles, params.mult),
		  clock_ns());
	EXPECT_EQ(t, clock_ns() + params.real_offset_ns, clock_real_ns());
}

/* --- with threads --- */

static u64 shared_last, nr_backwards, writers_done;

static void read_or_change(unsigned int cpu_nr)
{
	struct test_random rng = { .state = 1 + cpu_nr };

	for (unsigned int i = 0; i < 300000; i++) {
		u64 last = __atomic_load_n(&shared_last, __ATOMIC_ACQUIRE), now;

		if (cpu_nr == 0) {
			__atomic_fetch_add(&cpu_counter, 100, __ATOMIC_SEQ_CST);
			if (i % 64 == 0)
				clocksource_adjust(&cpu,
						   clock_mult_of_hz(GHZ) + (rng.state & 0xffff),
						   1000000000);
			test_random_next(&rng);
		}
		now = clock_ns();
		if (now < last)
			__atomic_fetch_add(&nr_backwards, 1, __ATOMIC_RELAXED);
		while (last < now &&
		       !__atomic_compare_exchange_n(&shared_last, &last, now, false,
						    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			;
	}
	__atomic_fetch_add(&writers_done, 1, __ATOMIC_RELAXED);
}

static void readers_on_all_cpus_see_one_time(struct test *t)
{
	start(GHZ, 0);
	shared_last = nr_backwards = writers_done = 0;
	host_run_on_cpus(NR_CPUS, read_or_change);
	EXPECT_EQ(t, writers_done, NR_CPUS);
	EXPECT_EQ(t, nr_backwards, 0);
}

static const struct test_case clock_model_cases[] = {
	TEST_CASE(time_is_cycles_by_rate),
	TEST_CASE(a_new_rate_bends_time_and_does_not_break_it),
	TEST_CASE(random_changes_never_set_time_back),
	TEST_CASE(the_best_source_is_used),
	TEST_CASE(the_device_takes_over_without_a_jump),
	TEST_CASE(an_unstable_source_stays_if_it_is_alone),
	TEST_CASE(the_date_can_be_set_and_moves_on),
	TEST_CASE(the_copy_for_others_computes_the_same_time),
	TEST_CASE(readers_on_all_cpus_see_one_time),
};
TEST_SUITE(clock_model, clock_model_cases);
