/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting for signals, calls that signals interrupt, and timers that send them.
 */
#include <sys/time.h>

#include "selftest.h"

#define MS 1000000LL

static volatile int nr_calls;

static void count(int sig __maybe_unused)
{
	nr_calls++;
}

static void catch_with(int sig, int flags)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = flags };

	sigaction(sig, &action, NULL);
	nr_calls = 0;
}

static sigset_t only(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return set;
}

static void pause_ends_with_a_handler(struct test *t)
{
	catch_with(SIGALRM, SA_RESTART);
	alarm_on(20);
	EXPECT_RET(t, kcall(SYS_pause), -EINTR); /* never restarted */
	alarm_off();
	EXPECT_GT(t, nr_calls, 0);
}

/* The number of a call has 32 bits. */
static void upper_half_of_the_number_does_not_count(struct test *t)
{
	static const unsigned long halves[] = { 1UL << 32, 1UL << 63, 0xffffffffUL << 32 };

	for (size_t i = 0; i < ARRAY_SIZE(halves); i++) {
		catch_with(SIGALRM, 0);
		alarm_on(10);
		EXPECT_RET(t, kcall(halves[i] | SYS_pause), -EINTR);
		alarm_off();
		EXPECT_GT(t, nr_calls, 0);
	}
}

static void sigsuspend_puts_the_mask_back(struct test *t)
{
	sigset_t blocked = only(SIGALRM), none, now;

	sigemptyset(&none);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	catch_with(SIGALRM, 0);
	raise(SIGALRM);
	EXPECT_EQ(t, nr_calls, 0);
	EXPECT_RET(t, kcall(SYS_rt_sigsuspend, &none, 8), -EINTR);
	EXPECT_EQ(t, nr_calls, 1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	EXPECT_EQ(t, sigismember(&now, SIGALRM), 1);
	EXPECT_RET(t, kcall(SYS_rt_sigsuspend, &none, 4), -EINVAL);
}

static void sigtimedwait_takes_what_is_blocked(struct test *t)
{
	struct timespec short_time = { 0, 20 * MS }, none = { 0, 0 }, bad = { 0, NS_PER_S };
	sigset_t set = only(SIGUSR1);
	siginfo_t info = { 0 };

	sigprocmask(SIG_BLOCK, &set, NULL);
	EXPECT_RET(t, kcall(SYS_rt_sigtimedwait, &set, NULL, &none, 8), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_rt_sigtimedwait, &set, NULL, &short_time, 8), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_rt_sigtimedwait, &set, NULL, &bad, 8), -EINVAL);
	raise(SIGUSR1);
	EXPECT_RET(t, kcall(SYS_rt_sigtimedwait, &set, &info, NULL, 8), SIGUSR1);
	EXPECT_EQ(t, info.si_signo, SIGUSR1);
	EXPECT_RET(t, kcall(SYS_rt_sigtimedwait, &set, NULL, &none, 8), -EAGAIN); /* taken */
}

static void sigtimedwait_is_woken(struct test *t)
{
	struct timespec long_time = { 20, 0 }, none = { 0, 0 };
	sigset_t set = only(SIGALRM);

	sigprocmask(SIG_BLOCK, &set, NULL);
	alarm_on(20);
	EXPECT_RET(t, kcall(SYS_rt_sigtimedwait, &set, NULL, &long_time, 8), SIGALRM);
	alarm_off();
	kcall(SYS_rt_sigtimedwait, &set, NULL, &none, 8); /* one more may have come */
	catch_with(SIGUSR1, SA_RESTART);
	pid_t parent = getpid(), child = fork();

	if (!child) {
		for (;;) {
			sleep_ms(20);
			kill(parent, SIGUSR1);
		}
	}
	EXPECT_RET(t, kcall(SYS_rt_sigtimedwait, &set, NULL, &long_time, 8), -EINTR);
	EXPECT_GT(t, nr_calls, 0);
	kill(child, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, child), SIGKILL);
}

static void interrupted_sleep_tells_what_is_left(struct test *t)
{
	struct timespec length = { 100, 0 }, left = { 0, 0 };
	long long begin = now_ns(CLOCK_MONOTONIC), least;

	catch_with(SIGALRM, SA_RESTART);
	alarm_on(20);
	EXPECT_RET(t, kcall(SYS_nanosleep, &length, &left), -EINTR);
	least = to_ns(&length) - (now_ns(CLOCK_MONOTONIC) - begin);
	EXPECT_TRUE(t, to_ns(&left) >= least && to_ns(&left) < to_ns(&length));
	left.tv_sec = 777;
	length = from_ns(now_ns(CLOCK_MONOTONIC) + 100 * NS_PER_S);
	EXPECT_RET(t, kcall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &length, &left),
		   -EINTR);
	alarm_off();
	EXPECT_EQ(t, left.tv_sec, 777);
}

static pid_t waited_for;
static int last_call; /* ends the child: by then the wait has been interrupted */

static void count_and_end_child(int sig)
{
	count(sig);
	if (nr_calls == last_call)
		kill(waited_for, SIGKILL);
}

static void wait_is_restarted_if_asked(struct test *t)
{
	struct sigaction action = { .sa_handler = count_and_end_child, .sa_flags = SA_RESTART };

	for (int restarts = 1; restarts >= 0; restarts--) {
		waited_for = fork();
		if (!waited_for)
			for (;;)
				pause();
		nr_calls = 0;
		last_call = restarts ? 3 : INT_MAX;
		sigaction(SIGALRM, &action, NULL);
		alarm_on(20);
		if (restarts)
			EXPECT_RET(t, kcall(SYS_wait4, -1, NULL, 0, NULL), waited_for);
		else
			EXPECT_RET(t, kcall(SYS_wait4, -1, NULL, 0, NULL), -EINTR);
		EXPECT_GT(t, nr_calls, restarts ? 2 : 0);
		alarm_off();
		action.sa_flags = 0;
	}
	kill(waited_for, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, waited_for), SIGKILL);
}

/* --- timers */

static void alarm_tells_what_was_left(struct test *t)
{
	long long begin = now_ns(CLOCK_MONOTONIC), passed;
	long left;

	EXPECT_RET(t, kcall(SYS_alarm, 1000), 0);
	left = kcall(SYS_alarm, 0);
	passed = now_ns(CLOCK_MONOTONIC) - begin;
	/* To the nearest second. */
	EXPECT_LE(t, left, 1000);
	EXPECT_GE(t, left * NS_PER_S, 1000 * NS_PER_S - passed - NS_PER_S / 2);
	EXPECT_RET(t, kcall(SYS_alarm, 0), 0);
}

static void real_timer_repeats(struct test *t)
{
	struct itimerval now;

	catch_with(SIGALRM, 0);
	alarm_on(10);
	while (nr_calls < 5)
		pause();
	EXPECT_RET(t, getitimer(ITIMER_REAL, &now), 0);
	EXPECT_TRUE(t, now.it_interval.tv_usec == 10000 && now.it_value.tv_usec <= 10000);
	alarm_off();
	EXPECT_RET(t, getitimer(ITIMER_REAL, &now), 0);
	EXPECT_EQ(t, now.it_value.tv_sec + now.it_value.tv_usec, 0);
}

static void shortest_interval_leaves_time_for_others(struct test *t)
{
	struct itimerval shortest = { { 0, 1 }, { 0, 1 } };

	/* On others the signals may come faster than the handler returns, and for ever. */
	SKIP_IF(t, !is_oshit(), "a promise of this kernel");
	catch_with(SIGALRM, 0);
	setitimer(ITIMER_REAL, &shortest, NULL);
	while (nr_calls < 100)
		pause();
	alarm_off();
	EXPECT_GE(t, nr_calls, 100);
}

static void timer_of_cpu_time_counts_only_running(struct test *t)
{
	struct itimerval value = { .it_value = { 0, 50000 } };
	long long used = now_ns(CLOCK_PROCESS_CPUTIME_ID);

	catch_with(SIGPROF, 0);
	REQUIRE(t, setitimer(ITIMER_PROF, &value, NULL) == 0);
	sleep_ms(100);
	/* A processor that has to wait may be charged for that to whom it belongs. */
	EXPECT_TRUE(t, !nr_calls || now_ns(CLOCK_PROCESS_CPUTIME_ID) - used >= 40 * MS);
	while (!nr_calls)
		barrier();
	EXPECT_GE(t, now_ns(CLOCK_PROCESS_CPUTIME_ID) - used, 40 * MS);
}

static void timers_are_not_inherited(struct test *t)
{
	int status;

	kcall(SYS_alarm, 1000);
	if (!fork())
		_exit(kcall(SYS_alarm, 0) != 0);
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_GT(t, kcall(SYS_alarm, 0), 0);
}

static void bad_timers_are_refused(struct test *t)
{
	struct itimerval value = { .it_value = { 0, 1000000 } };

	EXPECT_RET(t, kcall(SYS_setitimer, ITIMER_REAL, &value, NULL), -EINVAL);
	value.it_value.tv_usec = -1;
	EXPECT_RET(t, kcall(SYS_setitimer, ITIMER_REAL, &value, NULL), -EINVAL);
	value.it_value.tv_usec = 1;
	EXPECT_RET(t, kcall(SYS_setitimer, 3, &value, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_getitimer, -1, &value), -EINVAL);
	EXPECT_RET(t, kcall(SYS_setitimer, ITIMER_REAL, 8, NULL), -EFAULT);
	EXPECT_RET(t, kcall(SYS_getitimer, ITIMER_REAL, 8), -EFAULT);
}

static const struct test_case wait_cases[] = {
	TEST_CASE(pause_ends_with_a_handler),
	TEST_CASE(upper_half_of_the_number_does_not_count),
	TEST_CASE(sigsuspend_puts_the_mask_back),
	TEST_CASE(sigtimedwait_takes_what_is_blocked),
	TEST_CASE(sigtimedwait_is_woken),
	TEST_CASE(interrupted_sleep_tells_what_is_left),
	TEST_CASE(wait_is_restarted_if_asked),
	TEST_CASE(alarm_tells_what_was_left),
	TEST_CASE(real_timer_repeats),
	TEST_CASE(shortest_interval_leaves_time_for_others),
	TEST_CASE(timer_of_cpu_time_counts_only_running),
	TEST_CASE(timers_are_not_inherited),
	TEST_CASE(bad_timers_are_refused),
};
TEST_SUITE(wait, wait_cases);
SELFTEST_NO_HELPER
