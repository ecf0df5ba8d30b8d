/* SPDX-License-Identifier: GPL-2.0-only */
/* Time is charged to who used it, and where: in the program, or in the kernel for it. */
#include <sys/resource.h>
#include <sys/random.h>
#include <time.h>

#include "selftest.h"

#define ENOUGH_US 200000L /* many ticks of a kernel that only counts these */

struct times {
	long user_us, system_us;
};

static struct times times_of(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (struct times){
		usage.ru_utime.tv_sec * 1000000L + usage.ru_utime.tv_usec,
		usage.ru_stime.tv_sec * 1000000L + usage.ru_stime.tv_usec,
	};
}

static struct times times_since(int who, struct times before)
{
	struct times now = times_of(who);

	return (struct times){ now.user_us - before.user_us, now.system_us - before.system_us };
}

static void compute(void)
{
	for (unsigned long i = 0; i < 3000000; i++)
		barrier();
}

static void call(void)
{
	char bytes[4096];

	for (int i = 0; i < 100; i++)
		getrandom(bytes, sizeof(bytes), 0);
}

/* Does @work until enough time is charged; how it was. */
static struct times charge(void (*work)(void))
{
	struct times before = times_of(RUSAGE_THREAD), used;

	do {
		work();
		used = times_since(RUSAGE_THREAD, before);
	} while (used.user_us + used.system_us < ENOUGH_US);
	return used;
}

static void computing_is_user_time(struct test *t)
{
	struct times used = charge(compute);

	EXPECT_GT(t, used.user_us, 4 * used.system_us);
}

static void long_calls_are_system_time(struct test *t)
{
	struct times used = charge(call);

	EXPECT_GT(t, used.system_us, used.user_us);
}

static void compute_long(void *arg __maybe_unused)
{
	charge(compute);
}

static void a_child_is_charged_for_itself(struct test *t)
{
	struct times before = times_of(RUSAGE_SELF), children = times_of(RUSAGE_CHILDREN), used;

	EXPECT_EXIT(t, run_in_child(t, compute_long, NULL), 0);
	used = times_since(RUSAGE_CHILDREN, children);
	EXPECT_GT(t, used.user_us, 4 * used.system_us);
	EXPECT_GE(t, used.user_us + used.system_us, ENOUGH_US);
	used = times_since(RUSAGE_SELF, before);
	EXPECT_LT(t, used.user_us + used.system_us, ENOUGH_US);
}

/* Two that share a CPU: neither is charged for what the other one did. */
static void neighbours_are_told_apart(struct test *t)
{
	struct times children = times_of(RUSAGE_CHILDREN), used;
	cpu_set_t one;
	int cpu = sched_getcpu();
	pid_t pid;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	REQUIRE(t, !sched_setaffinity(0, sizeof(one), &one));
	pid = start_child(t, compute_long, NULL);
	used = charge(call);
	EXPECT_GT(t, used.system_us, used.user_us);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	used = times_since(RUSAGE_CHILDREN, children);
	EXPECT_GT(t, used.user_us, 4 * used.system_us);
}

/* However the sum is split, no part of it is taken back, and it is what the clock of CPU time
 * tells: not ahead of it, and behind only until it is counted. */
static void times_add_up_and_never_get_less(struct test *t)
{
	struct times first = times_of(RUSAGE_SELF), last = first, now;
	struct timespec clock;
	long clock_us = 0, sum_us = 0, end_us = first.user_us + first.system_us + ENOUGH_US;

	for (unsigned int i = 0; sum_us < end_us; i++, last = now) {
		if (i / 8 % 2)
			compute();
		else
			call();
		now = times_of(RUSAGE_SELF);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &clock);
		sum_us = now.user_us + now.system_us;
		ASSERT_GE(t, now.user_us, last.user_us);
		ASSERT_GE(t, now.system_us, last.system_us);
		clock_us = clock.tv_sec * 1000000L + clock.tv_nsec / 1000;
		ASSERT_LE(t, sum_us, clock_us);
	}
	do {
		call();
		now = times_of(RUSAGE_SELF);
	} while (now.user_us + now.system_us < clock_us);
}

static const struct test_case usage_cases[] = {
	TEST_CASE(computing_is_user_time),	    TEST_CASE(long_calls_are_system_time),
	TEST_CASE(a_child_is_charged_for_itself),   TEST_CASE(neighbours_are_told_apart),
	TEST_CASE(times_add_up_and_never_get_less),
};
TEST_SUITE(usage, usage_cases);
SELFTEST_NO_HELPER
