/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Clocks: they go forward, agree with each other, and say what they cannot do.
 */
#include <pthread.h>
#include <sys/time.h>

#include "selftest.h"

static const clockid_t readable[] = {
	CLOCK_REALTIME,		 CLOCK_MONOTONIC,     CLOCK_PROCESS_CPUTIME_ID,
	CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
	CLOCK_MONOTONIC_COARSE,	 CLOCK_BOOTTIME,      CLOCK_TAI,
};

static void every_clock_can_be_read(struct test *t)
{
	struct timespec now;

	for (size_t i = 0; i < ARRAY_SIZE(readable); i++) {
		now = (struct timespec){ -1, -1 };
		EXPECT_RET(t, kcall(SYS_clock_gettime, readable[i], &now), 0);
		EXPECT_TRUE(t, now.tv_sec >= 0 && now.tv_nsec >= 0 && now.tv_nsec < NS_PER_S);
	}
}

static void unknown_clocks_are_refused(struct test *t)
{
	static const int clocks[] = { 12, 15, 16, 99, 1 << 20 };
	struct timespec ts = { 0, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		EXPECT_RET(t, kcall(SYS_clock_gettime, clocks[i], &ts), -EINVAL);
		EXPECT_RET(t, kcall(SYS_clock_getres, clocks[i], &ts), -EINVAL);
		EXPECT_RET(t, kcall(SYS_clock_nanosleep, clocks[i], 0, &ts, NULL), -EINVAL);
		EXPECT_RET(t, kcall(SYS_clock_settime, clocks[i], &ts), -EINVAL);
	}
}

static void resolutions_are_told(struct test *t)
{
	struct timespec res = { -1, -1 };

	for (size_t i = 0; i < ARRAY_SIZE(readable); i++) {
		EXPECT_RET(t, kcall(SYS_clock_getres, readable[i], &res), 0);
		EXPECT_TRUE(t, to_ns(&res) >= 1 && to_ns(&res) <= 20 * 1000000LL);
		EXPECT_RET(t, kcall(SYS_clock_getres, readable[i], NULL), 0);
	}
}

static void monotonic_clocks_never_go_back(struct test *t)
{
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME,
					    CLOCK_MONOTONIC_COARSE, CLOCK_PROCESS_CPUTIME_ID };

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		long long last = now_ns(clocks[i]);

		for (unsigned int k = 0; k < rounds(20000, 50000); k++) {
			long long now = now_ns(clocks[i]);

			EXPECT_GE(t, now, last);
			last = now;
		}
	}
}

static volatile long long latest;

static void *watch_clock(void *arg __maybe_unused)
{
	long long back = 0;

	for (unsigned int i = 0; i < rounds(30000, 100000); i++) {
		long long before = __atomic_load_n(&latest, __ATOMIC_SEQ_CST);
		long long now = now_ns(CLOCK_MONOTONIC);

		if (now < before && before - now > back)
			back = before - now;
		if (now > before)
			__atomic_store_n(&latest, now, __ATOMIC_SEQ_CST);
	}
	return (void *)(intptr_t)back;
}

static void cpus_agree_about_the_time(struct test *t)
{
	pthread_t threads[4];
	void *back;

	for (int i = 0; i < 4; i++)
		REQUIRE(t, pthread_create(&threads[i], NULL, watch_clock, NULL) == 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &back);
		EXPECT_LE(t, (intptr_t)back, 1000); /* ns */
	}
}

static void library_and_call_agree(struct test *t)
{
	for (size_t i = 0; i < 2; i++) { /* the library may ask the vDSO */
		struct timespec by_library;
		long long before = now_ns(readable[i]);

		clock_gettime(readable[i], &by_library);
		EXPECT_GE(t, to_ns(&by_library), before - 1000);
		EXPECT_LE(t, to_ns(&by_library), now_ns(readable[i]) + 1000);
	}
}

static void realtime_calls_agree(struct test *t)
{
	struct timeval tv = { 0, 0 };
	long long real = now_ns(CLOCK_REALTIME), after;
	time_t seconds = kcall(SYS_time, NULL), stored = 0;

	EXPECT_RET(t, kcall(SYS_gettimeofday, &tv, NULL), 0);
	after = now_ns(CLOCK_REALTIME);
	EXPECT_LE(t, tv.tv_sec * NS_PER_S + tv.tv_usec * 1000LL, after);
	EXPECT_GE(t, tv.tv_sec * NS_PER_S + tv.tv_usec * 1000LL, real - 1000);
	EXPECT_LE(t, seconds, after / NS_PER_S);
	seconds = kcall(SYS_time, &stored);
	EXPECT_EQ(t, stored, seconds);
	EXPECT_RET(t, kcall(SYS_gettimeofday, NULL, NULL), 0);
	EXPECT_GT(t, real, 1577836800LL * NS_PER_S); /* 2020 */
}

static void coarse_clocks_lag_little(struct test *t)
{
	for (int i = 0; i < 100; i++) {
		long long before = now_ns(CLOCK_MONOTONIC);
		long long coarse = now_ns(CLOCK_MONOTONIC_COARSE);

		EXPECT_LE(t, coarse, now_ns(CLOCK_MONOTONIC));
		EXPECT_LE(t, before - coarse, in_guest() ? NS_PER_S : 100 * 1000000LL);
	}
}

static void boottime_is_not_behind_monotonic(struct test *t)
{
	long long monotonic = now_ns(CLOCK_MONOTONIC);

	EXPECT_GE(t, now_ns(CLOCK_BOOTTIME), monotonic);
}

static void cpu_clocks_count_only_running(struct test *t)
{
	long long process, thread = now_ns(CLOCK_THREAD_CPUTIME_ID), until, used = LLONG_MAX;

	/* A virtual processor that others have kept waiting is charged for that. */
	for (int i = 0; i < 100 && used >= 60 * 1000000LL; i++) {
		process = now_ns(CLOCK_PROCESS_CPUTIME_ID);
		sleep_ms(100);
		used = now_ns(CLOCK_PROCESS_CPUTIME_ID) - process;
	}
	EXPECT_LT(t, used, 60 * 1000000LL);
	until = now_ns(CLOCK_THREAD_CPUTIME_ID) + 20 * 1000000LL;
	while (now_ns(CLOCK_THREAD_CPUTIME_ID) < until)
		;
	EXPECT_GE(t, now_ns(CLOCK_PROCESS_CPUTIME_ID) - process, 19 * 1000000LL);
	EXPECT_GE(t, now_ns(CLOCK_THREAD_CPUTIME_ID) - thread, 20 * 1000000LL);
}

static void clocks_of_other_processes(struct test *t)
{
	struct timespec ts = { 0, 0 };
	clockid_t own = (~getpid() << 3) | 2; /* CPUCLOCK_SCHED */

	EXPECT_RET(t, kcall(SYS_clock_gettime, own, &ts), 0);
	EXPECT_GT(t, to_ns(&ts), 0);
	EXPECT_RET(t, kcall(SYS_clock_gettime, (int)(~0x0fffffffU << 3 | 2), &ts), -EINVAL);
}

static void clocks_cannot_be_set_by_everybody(struct test *t)
{
	struct timespec ts = { 1000, 0 };
	struct timeval tv = { 1000, 0 };

	EXPECT_RET(t, kcall(SYS_clock_settime, CLOCK_MONOTONIC, &ts), -EINVAL);
	EXPECT_RET(t, kcall(SYS_clock_settime, CLOCK_PROCESS_CPUTIME_ID, &ts), -EINVAL);
	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setresuid(1234, 1234, 1234) == 0);
	EXPECT_RET(t, kcall(SYS_clock_settime, CLOCK_REALTIME, &ts), -EPERM);
	EXPECT_RET(t, kcall(SYS_settimeofday, &tv, NULL), -EPERM);
}

static void realtime_can_be_set(struct test *t)
{
	struct timespec ts = { 2000000000, 5 }, bad = { 0, NS_PER_S };
	struct timeval tv = { 1900000000, 7 }, bad_tv = { 0, 1000000 };
	long long monotonic = now_ns(CLOCK_MONOTONIC), old = now_ns(CLOCK_REALTIME);

	SKIP_UNLESS_GUEST(t);
	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_clock_settime, CLOCK_REALTIME, &bad), -EINVAL);
	EXPECT_RET(t, kcall(SYS_settimeofday, &bad_tv, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_clock_settime, CLOCK_REALTIME, &ts), 0);
	EXPECT_TRUE(t, now_ns(CLOCK_REALTIME) / NS_PER_S - ts.tv_sec < 10);
	EXPECT_RET(t, kcall(SYS_settimeofday, &tv, NULL), 0);
	EXPECT_TRUE(t, now_ns(CLOCK_REALTIME) / NS_PER_S - tv.tv_sec < 10);
	EXPECT_LT(t, now_ns(CLOCK_MONOTONIC) - monotonic, 10 * NS_PER_S);
	ts = from_ns(old + now_ns(CLOCK_MONOTONIC) - monotonic);
	EXPECT_RET(t, kcall(SYS_clock_settime, CLOCK_REALTIME, &ts), 0);
}

static const struct test_case clock_cases[] = {
	TEST_CASE(every_clock_can_be_read),
	TEST_CASE(unknown_clocks_are_refused),
	TEST_CASE(resolutions_are_told),
	TEST_CASE(monotonic_clocks_never_go_back),
	TEST_CASE(cpus_agree_about_the_time),
	TEST_CASE(library_and_call_agree),
	TEST_CASE(realtime_calls_agree),
	TEST_CASE(coarse_clocks_lag_little),
	TEST_CASE(boottime_is_not_behind_monotonic),
	TEST_CASE(cpu_clocks_count_only_running),
	TEST_CASE(clocks_of_other_processes),
	TEST_CASE(clocks_cannot_be_set_by_everybody),
	TEST_CASE(realtime_can_be_set),
};
TEST_SUITE(clock, clock_cases);
SELFTEST_NO_HELPER
