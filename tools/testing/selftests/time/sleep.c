/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sleeping: never shorter than asked, absolute or relative, by every clock that can wake.
 */
#include "selftest.h"

#define MS 1000000LL

static long sleep_by(clockid_t clock, int flags, long long ns)
{
	struct timespec ts = from_ns(ns);

	return kcall(SYS_clock_nanosleep, clock, flags, &ts, NULL);
}

static void sleeps_are_never_too_short(struct test *t)
{
	static const long long lengths[] = { 1, 1000, 100000, MS, 5 * MS, 30 * MS };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct timespec ts = from_ns(lengths[i]);
		long long before = now_ns(CLOCK_MONOTONIC);

		EXPECT_RET(t, kcall(SYS_nanosleep, &ts, NULL), 0);
		EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - before, lengths[i]);
		before = now_ns(CLOCK_MONOTONIC);
		EXPECT_RET(t, sleep_by(CLOCK_MONOTONIC, 0, lengths[i]), 0);
		EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - before, lengths[i]);
	}
}

/* A processor that others have makes any of them long: so one that is not, of many, is enough. */
static void expect_one_short(struct test *t, long long (*sleep)(struct test *t), long long limit)
{
	long long shortest = LLONG_MAX;

	for (int i = 0; i < 200 && shortest >= limit; i++) {
		long long took = sleep(t);

		shortest = took < shortest ? took : shortest;
	}
	EXPECT_LT(t, shortest, limit);
}

static long long sleep_shortly(struct test *t)
{
	long long before = now_ns(CLOCK_MONOTONIC);

	EXPECT_RET(t, sleep_by(CLOCK_MONOTONIC, 0, 10 * MS), 0);
	return now_ns(CLOCK_MONOTONIC) - before;
}

static void sleeps_are_not_much_too_long(struct test *t)
{
	expect_one_short(t, sleep_shortly, in_guest() ? 200 * MS : 50 * MS);
}

static long long sleep_not_at_all(struct test *t)
{
	long long before = now_ns(CLOCK_MONOTONIC);

	EXPECT_RET(t, sleep_by(CLOCK_MONOTONIC, 0, 0), 0);
	EXPECT_RET(t, sleep_by(CLOCK_MONOTONIC, TIMER_ABSTIME, 0), 0);
	EXPECT_RET(t, sleep_by(CLOCK_MONOTONIC, TIMER_ABSTIME, before - 1), 0);
	EXPECT_RET(t, sleep_by(CLOCK_REALTIME, TIMER_ABSTIME, 1), 0);
	return now_ns(CLOCK_MONOTONIC) - before;
}

static void zero_and_past_return_at_once(struct test *t)
{
	expect_one_short(t, sleep_not_at_all, 100 * MS);
}

static void absolute_sleeps_end_at_their_time(struct test *t)
{
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME,
					    CLOCK_TAI };

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		long long until = now_ns(clocks[i]) + 10 * MS;

		EXPECT_RET(t, sleep_by(clocks[i], TIMER_ABSTIME, until), 0);
		EXPECT_GE(t, now_ns(clocks[i]), until);
	}
}

static long long sleep_in_a_row(struct test *t)
{
	long long start = now_ns(CLOCK_MONOTONIC), took;

	for (int i = 1; i <= 20; i++)
		EXPECT_RET(t, sleep_by(CLOCK_MONOTONIC, TIMER_ABSTIME, start + i * 3 * MS), 0);
	took = now_ns(CLOCK_MONOTONIC) - start;
	EXPECT_GE(t, took, 60 * MS);
	return took;
}

static void a_row_of_absolute_sleeps_does_not_drift(struct test *t)
{
	expect_one_short(t, sleep_in_a_row, in_guest() ? 1000 * MS : 250 * MS);
}

static void bad_times_are_refused(struct test *t)
{
	static const struct timespec bad[] = {
		{ 0, -1 }, { 0, NS_PER_S }, { -1, 0 }, { 0, LONG_MAX }, { LONG_MIN, LONG_MIN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_RET(t, kcall(SYS_nanosleep, &bad[i], NULL), -EINVAL);
		EXPECT_RET(t, kcall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &bad[i], NULL),
			   -EINVAL);
		EXPECT_RET(
			t,
			kcall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &bad[i], NULL),
			-EINVAL);
	}
}

static void clocks_that_cannot_wake_are_refused(struct test *t)
{
	EXPECT_RET(t, sleep_by(CLOCK_THREAD_CPUTIME_ID, 0, MS), -EOPNOTSUPP);
	EXPECT_RET(t, sleep_by(CLOCK_MONOTONIC_RAW, 0, MS), -EOPNOTSUPP);
	EXPECT_RET(t, sleep_by(CLOCK_MONOTONIC_COARSE, 0, MS), -EOPNOTSUPP);
	EXPECT_RET(t, sleep_by(CLOCK_REALTIME_COARSE, 0, MS), -EOPNOTSUPP);
}

static void very_long_sleep(void *arg __maybe_unused)
{
	struct timespec ts = { LONG_MAX, NS_PER_S - 1 };

	kcall(SYS_nanosleep, &ts, NULL);
	_exit(1); /* it has overflowed */
}

static void very_long_absolute_sleep(void *arg __maybe_unused)
{
	struct timespec ts = { LONG_MAX, NS_PER_S - 1 };

	kcall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &ts, NULL);
	_exit(1);
}

static void longest_sleeps_do_not_overflow(struct test *t)
{
	pid_t relative = start_child(t, very_long_sleep, NULL);
	pid_t absolute = start_child(t, very_long_absolute_sleep, NULL);

	sleep_ms(100);
	kill(relative, SIGKILL);
	kill(absolute, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, relative), SIGKILL);
	EXPECT_KILLED(t, wait_for(t, absolute), SIGKILL);
}

static void sleeping_task_can_be_killed(struct test *t)
{
	long long before = now_ns(CLOCK_MONOTONIC);
	pid_t child = start_child(t, very_long_sleep, NULL);

	sleep_ms(20);
	kill(child, SIGTERM);
	EXPECT_KILLED(t, wait_for(t, child), SIGTERM);
	EXPECT_LT(t, now_ns(CLOCK_MONOTONIC) - before, 10 * NS_PER_S);
}

static void stopping_does_not_shorten_a_sleep(struct test *t)
{
	long long before = now_ns(CLOCK_MONOTONIC);
	pid_t child = fork();

	if (!child) {
		struct timespec ts = from_ns(120 * MS);

		_exit(kcall(SYS_nanosleep, &ts, NULL) ? 1 : 0);
	}
	sleep_ms(30);
	kill(child, SIGSTOP);
	sleep_ms(30);
	kill(child, SIGCONT);
	EXPECT_EXIT(t, wait_for(t, child), 0);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - before, 120 * MS);
}

static void sleep_for(void *ns)
{
	sleep_by(CLOCK_MONOTONIC, 0, (intptr_t)ns);
}

static void many_sleepers_all_wake(struct test *t)
{
	int nr = (int)rounds(100, 500), woken = 0, status;
	unsigned int random = 99;

	for (int i = 0; i < nr; i++)
		start_child(t, sleep_for, (void *)(intptr_t)(next_random(&random) % (50 * MS)));
	while (wait(&status) > 0) {
		EXPECT_EXIT(t, status, 0);
		woken++;
	}
	EXPECT_EQ(t, woken, nr);
}

#define NR_SLEEPERS 5

/* They sleep for different times, @step_ns apart. Did they wake in that order? */
static bool sleepers_keep_order(volatile int *order, long long step_ns)
{
	static const int delays[NR_SLEEPERS] = { 5, 1, 4, 2, 3 };
	long long start = now_ns(CLOCK_MONOTONIC) + step_ns;

	order[0] = 0;
	for (size_t i = 0; i < NR_SLEEPERS; i++) {
		if (!fork()) {
			sleep_by(CLOCK_MONOTONIC, TIMER_ABSTIME, start + delays[i] * step_ns);
			order[1 + __atomic_fetch_add(&order[0], 1, __ATOMIC_SEQ_CST)] = delays[i];
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	for (int i = 2; i <= NR_SLEEPERS; i++)
		if (order[i - 1] >= order[i])
			return false;
	return true;
}

/* Where two of them go to sleep late, or go on together, because others had the processor, they are
 * given more time. */
static void sleepers_wake_in_order(struct test *t)
{
	volatile int *order =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long long step_ns = 40 * MS;

	while (!sleepers_keep_order(order, step_ns) && step_ns < 5 * NS_PER_S)
		step_ns *= 2;
	EXPECT_LT(t, step_ns, 5 * NS_PER_S);
}

static const struct test_case sleep_cases[] = {
	TEST_CASE(sleeps_are_never_too_short),
	TEST_CASE(sleeps_are_not_much_too_long),
	TEST_CASE(zero_and_past_return_at_once),
	TEST_CASE(absolute_sleeps_end_at_their_time),
	TEST_CASE(a_row_of_absolute_sleeps_does_not_drift),
	TEST_CASE(bad_times_are_refused),
	TEST_CASE(clocks_that_cannot_wake_are_refused),
	TEST_CASE(longest_sleeps_do_not_overflow),
	TEST_CASE(sleeping_task_can_be_killed),
	TEST_CASE(stopping_does_not_shorten_a_sleep),
	TEST_CASE(many_sleepers_all_wake),
	TEST_CASE(sleepers_wake_in_order),
};
TEST_SUITE(sleep, sleep_cases);
SELFTEST_NO_HELPER
