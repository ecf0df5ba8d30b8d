/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls about time, argument by argument.  Nobody sets the date, but is told first what is wrong
 * with it.
 */
#include <sys/time.h>

#include "selftest.h"

#define BAD_PTR	      8L
#define NO_CLOCK      77
#define CLOCK_OF(pid) ((long)(~(unsigned int)(pid) << 3 | 2))
#define CLOCK_ALARM   8 /* CLOCK_REALTIME_ALARM */

static struct timespec now, none, one_ns = { 0, 1 };
static struct timespec negative = { -1, 0 }, full = { 0, NS_PER_S }, below = { 0, -1 };

static void sleeping(struct test *t)
{
	const struct call_row rows[] = {
		CALL(-EFAULT, nanosleep, BAD_PTR, 0),
		CALL(-EINVAL, nanosleep, PTR(&negative), 0),
		CALL(-EINVAL, nanosleep, PTR(&full), 0),
		CALL(-EINVAL, nanosleep, PTR(&below), 0),
		CALL(0, nanosleep, PTR(&none), BAD_PTR),
		CALL(-EINVAL, clock_nanosleep, NO_CLOCK, 0, BAD_PTR, 0),
		CALL(-EOPNOTSUPP, clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, BAD_PTR, 0),
		CALL(-EOPNOTSUPP, clock_nanosleep, CLOCK_REALTIME_COARSE, 0, PTR(&none), 0),
		CALL(-EOPNOTSUPP, clock_nanosleep, CLOCK_MONOTONIC_COARSE, 0, PTR(&negative), 0),
		CALL(-EOPNOTSUPP, clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, PTR(&none), 0),
		CALL(-EFAULT, clock_nanosleep, CLOCK_MONOTONIC, 0, BAD_PTR, 0),
		CALL(-EINVAL, clock_nanosleep, CLOCK_MONOTONIC, 0, PTR(&negative), 0),
		CALL(-EINVAL, clock_nanosleep, CLOCK_BOOTTIME, TIMER_ABSTIME, PTR(&full), 0),
		CALL(-EINVAL, clock_nanosleep, CLOCK_TAI, TIMER_ABSTIME, PTR(&below), 0),
		CALL(0, clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, PTR(&none), 0),
		CALL(0, clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, PTR(&one_ns), BAD_PTR),
		CALL(0, clock_nanosleep, CLOCK_MONOTONIC, 0x70, PTR(&one_ns), 0), /* unknown */
	};

	EXPECT_CALLS(t, rows);
}

static void reading(struct test *t)
{
	static long seconds;
	const struct call_row rows[] = {
		CALL(-EINVAL, clock_gettime, NO_CLOCK, BAD_PTR),
		CALL(-EINVAL, clock_gettime, 10, PTR(&now)), /* CLOCK_SGI_CYCLE, which is no more */
		CALL(-EINVAL, clock_gettime, 16, PTR(&now)),
		CALL(-EINVAL, clock_gettime, INT_MIN, PTR(&now)),
		CALL(-EINVAL, clock_gettime, CLOCK_OF(0x1ffffff), PTR(&now)),
		CALL(-EINVAL, clock_gettime, -1, PTR(&now)), /* a device without a descriptor */
		CALL(-EFAULT, clock_gettime, CLOCK_BOOTTIME, BAD_PTR),
		CALL(-EFAULT, clock_gettime, CLOCK_BOOTTIME, 0),
		CALL(0, clock_gettime, CLOCK_OF(getpid()), PTR(&now)),
		CALL(0, clock_gettime, CLOCK_OF(0), PTR(&now)),
		CALL(0, clock_getres, CLOCK_OF(getpid()), PTR(&now)),
		CALL(0, clock_getres, CLOCK_MONOTONIC, 0),
		CALL(-EINVAL, clock_getres, NO_CLOCK, 0),
		CALL(-EINVAL, clock_getres, CLOCK_OF(0x1ffffff), 0),
		CALL(-EFAULT, clock_getres, CLOCK_TAI, BAD_PTR),
		CALL(0, gettimeofday, 0, 0),
		CALL(-EFAULT, gettimeofday, BAD_PTR, 0),
		CALL(-EFAULT, gettimeofday, 0, BAD_PTR),
		CALL(-EFAULT, time, BAD_PTR),
		CALL(-EFAULT, times, BAD_PTR),
	};

	EXPECT_CALLS(t, rows);
	EXPECT_GT(t, kcall(SYS_time, &seconds), 0);
	EXPECT_GT(t, seconds, 0);
	EXPECT_GE(t, kcall(SYS_times, NULL), 0);
}

static void nobody_sets_no_date(struct test *t)
{
	static struct timespec far = { LONG_MAX / NS_PER_S - 1000, 0 }, beyond = { LONG_MAX, 0 };
	static struct timeval tv, bad_tv = { 0, 1000001 }, negative_tv = { 0, -1 };
	static struct timezone zone, bad_zone = { 15 * 60 + 1, 0 }, west = { -15 * 60 - 1, 0 };
	const struct call_row rows[] = {
		CALL(-EPERM, clock_settime, CLOCK_REALTIME, PTR(&now)),
		CALL(-EFAULT, clock_settime, CLOCK_REALTIME, BAD_PTR),
		CALL(-EINVAL, clock_settime, CLOCK_REALTIME, PTR(&negative)),
		CALL(-EINVAL, clock_settime, CLOCK_REALTIME, PTR(&full)),
		CALL(-EINVAL, clock_settime, CLOCK_REALTIME, PTR(&far)),
		CALL(-EINVAL, clock_settime, CLOCK_REALTIME, PTR(&beyond)),
		CALL(-EINVAL, clock_settime, CLOCK_MONOTONIC, BAD_PTR),
		CALL(-EINVAL, clock_settime, CLOCK_BOOTTIME, PTR(&now)),
		CALL(-EINVAL, clock_settime, CLOCK_TAI, PTR(&now)),
		CALL(-EINVAL, clock_settime, CLOCK_REALTIME_COARSE, PTR(&now)),
		CALL(-EINVAL, clock_settime, CLOCK_ALARM, PTR(&now)),
		CALL(-EINVAL, clock_settime, NO_CLOCK, PTR(&now)),
		CALL(-EINVAL, clock_settime, CLOCK_PROCESS_CPUTIME_ID, PTR(&now)),
		CALL(-EFAULT, clock_settime, CLOCK_OF(getpid()), BAD_PTR),
		CALL(-EPERM, clock_settime, CLOCK_OF(getpid()), PTR(&now)), /* not even root */
		CALL(-EINVAL, clock_settime, CLOCK_OF(0x1ffffff), PTR(&now)),
		CALL(-EPERM, settimeofday, PTR(&tv), 0),
		CALL(-EPERM, settimeofday, 0, PTR(&zone)),
		CALL(-EPERM, settimeofday, 0, 0),
		CALL(-EINVAL, settimeofday, PTR(&bad_tv), 0),
		CALL(-EINVAL, settimeofday, PTR(&negative_tv), 0),
		CALL(-EFAULT, settimeofday, BAD_PTR, 0),
		CALL(-EFAULT, settimeofday, 0, BAD_PTR),
		CALL(-EPERM, settimeofday, 0, PTR(&bad_zone)),
		CALL(-EPERM, settimeofday, 0, PTR(&west)),
	};

	SKIP_UNLESS_ROOT(t);
	now = from_ns(now_ns(CLOCK_REALTIME));
	tv.tv_sec = now.tv_sec;
	become_nobody(t);
	EXPECT_CALLS(t, rows);
}

static void interval_timers(struct test *t)
{
	static struct itimerval off, bad = { .it_value = { 0, 1000000 } };
	static struct itimerval bad_interval = { .it_interval = { -1, 0 } };
	const struct call_row rows[] = {
		CALL(-EINVAL, getitimer, -1, PTR(&off)),
		CALL(-EINVAL, getitimer, 3, BAD_PTR),
		CALL(-EFAULT, getitimer, ITIMER_REAL, BAD_PTR),
		CALL(-EFAULT, setitimer, 3, BAD_PTR, 0),
		CALL(-EINVAL, setitimer, 3, PTR(&off), 0),
		CALL(-EINVAL, setitimer, ITIMER_REAL, PTR(&bad), 0),
		CALL(-EINVAL, setitimer, ITIMER_PROF, PTR(&bad_interval), 0),
		CALL(0, setitimer, ITIMER_VIRTUAL, PTR(&off), 0),
		CALL(-EFAULT, setitimer, ITIMER_REAL, PTR(&off), BAD_PTR),
	};

	EXPECT_CALLS(t, rows);
}

SELFTEST_NO_HELPER

static const struct test_case errors_cases[] = {
	TEST_CASE(sleeping),
	TEST_CASE(reading),
	TEST_CASE(nobody_sets_no_date),
	TEST_CASE(interval_timers),
};
TEST_SUITE(errors, errors_cases);
