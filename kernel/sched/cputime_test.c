/* SPDX-License-Identifier: GPL-2.0-only */
/* User and system time by samples, as pure arithmetic. */
#include <oshit/cputime.h>
#include <oshit/math.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#ifndef TEST_SCALE
#define TEST_SCALE 1
#endif
#define NR_STEPS (20000 * TEST_SCALE)
#define TICK_NS	 4000000UL

static struct cputime fresh(void)
{
	struct cputime time = { 0 };

	cputime_init(&time);
	return time;
}

static void what_no_sample_has_seen_is_user_time(struct test *t)
{
	struct cputime time = fresh();
	u64 user_ns, system_ns;

	cputime_read(&time, &user_ns, &system_ns);
	EXPECT_EQ(t, user_ns + system_ns, 0);
	cputime_charge(&time, 1234, 0);
	cputime_read(&time, &user_ns, &system_ns);
	EXPECT_EQ(t, user_ns, 1234);
	EXPECT_EQ(t, system_ns, 0);
}

static void a_sample_decides_about_all_since_the_last(struct test *t)
{
	struct cputime time = fresh();
	u64 user_ns, system_ns;

	cputime_charge(&time, 1000, 0);
	cputime_charge(&time, 500, 0);
	cputime_sample(&time, CPU_TIME_SYSTEM);
	cputime_charge(&time, 300, 0);
	cputime_sample(&time, CPU_TIME_USER);
	cputime_read(&time, &user_ns, &system_ns);
	EXPECT_EQ(t, user_ns, 300);
	EXPECT_EQ(t, system_ns, 1500);
	EXPECT_EQ(t, cputime_sum_ns(&time), 1800);
}

static void the_rest_is_split_as_the_samples_are(struct test *t)
{
	struct cputime time = fresh();
	u64 user_ns, system_ns;

	cputime_charge(&time, 3 * TICK_NS, 0);
	cputime_sample(&time, CPU_TIME_USER);
	cputime_charge(&time, TICK_NS, 0);
	cputime_sample(&time, CPU_TIME_SYSTEM);
	cputime_charge(&time, 1000000, 0);
	cputime_read(&time, &user_ns, &system_ns);
	EXPECT_LE(t, system_ns, TICK_NS + 250000);
	EXPECT_GE(t, system_ns, TICK_NS + 249999);
	EXPECT_EQ(t, user_ns + system_ns, 4 * TICK_NS + 1000000);
}

/* What was told as user time stays so when the next sample finds the kernel. */
static void no_sample_takes_back_what_was_told(struct test *t)
{
	struct cputime time = fresh();
	u64 user_ns, system_ns;

	cputime_charge(&time, 1000, 0);
	cputime_read(&time, &user_ns, &system_ns);
	cputime_charge(&time, 100, 0);
	cputime_sample(&time, CPU_TIME_SYSTEM);
	cputime_read(&time, &user_ns, &system_ns);
	EXPECT_EQ(t, user_ns, 1000);
	EXPECT_EQ(t, system_ns, 100);
	cputime_charge(&time, 1000, 0);
	cputime_sample(&time, CPU_TIME_USER);
	cputime_read(&time, &user_ns, &system_ns);
	EXPECT_EQ(t, user_ns, 1000);
	EXPECT_EQ(t, system_ns, 1100);
}

/* A life of charges and samples: the parts are the sum, never get less, and end near the truth of
 * one part in four. */
static void random_lives_add_up(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0xc0ffee);
	u64 user_ns, system_ns, last_user_ns = 0, last_system_ns = 0, sum_ns = 0;
	struct cputime time = fresh();

	for (unsigned int i = 0; i < NR_STEPS; i++) {
		u64 delta_ns = test_random_below(&random, TICK_NS);

		sum_ns += delta_ns;
		cputime_charge(&time, delta_ns, 0);
		if (!test_random_below(&random, 3))
			cputime_sample(&time, test_random_below(&random, 4) ? CPU_TIME_USER
									    : CPU_TIME_SYSTEM);
		if (test_random_below(&random, 2))
			continue;
		cputime_read(&time, &user_ns, &system_ns);
		ASSERT_EQ(t, user_ns + system_ns, sum_ns);
		ASSERT_GE(t, user_ns, last_user_ns);
		ASSERT_GE(t, system_ns, last_system_ns);
		last_user_ns = user_ns;
		last_system_ns = system_ns;
	}
	cputime_read(&time, &user_ns, &system_ns);
	EXPECT_GT(t, system_ns, sum_ns / 100 * 23);
	EXPECT_LT(t, system_ns, sum_ns / 100 * 27);
}

static void centuries_do_not_overflow(struct test *t)
{
	struct cputime time = fresh();
	u64 user_ns, system_ns;

	cputime_charge(&time, 1UL << 62, 0);
	cputime_sample(&time, CPU_TIME_USER);
	cputime_charge(&time, 1UL << 61, 0);
	cputime_sample(&time, CPU_TIME_SYSTEM);
	cputime_charge(&time, 3UL << 60, 0);
	cputime_read(&time, &user_ns, &system_ns);
	EXPECT_EQ(t, user_ns + system_ns, (1UL << 62) + (1UL << 61) + (3UL << 60));
	EXPECT_GE(t, system_ns, (3UL << 60) - (1UL << 32));
	EXPECT_LE(t, system_ns, 3UL << 60);
}

static const struct test_case cputime_cases[] = {
	TEST_CASE(what_no_sample_has_seen_is_user_time),
	TEST_CASE(a_sample_decides_about_all_since_the_last),
	TEST_CASE(the_rest_is_split_as_the_samples_are),
	TEST_CASE(no_sample_takes_back_what_was_told),
	TEST_CASE(random_lives_add_up),
	TEST_CASE(centuries_do_not_overflow),
};
TEST_SUITE(cputime, cputime_cases);
