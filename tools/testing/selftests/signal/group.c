/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals of processes with several threads: who takes them, stops of all, and what the parent is
 * told; and how many may be pending.
 */
#include <pthread.h>

#include "selftest.h"

static sigset_t set_of(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return set;
}

/* A signal that is pending, with its info; 0: none. */
static int take(int sig, siginfo_t *info)
{
	sigset_t set = set_of(sig);
	struct timespec none = { 0 };
	long got = kcall(SYS_rt_sigtimedwait, &set, info, &none, 8);

	return got < 0 ? 0 : (int)got;
}

static void number_of_pending_signals_is_limited(struct test *t)
{
	struct rlimit limit = { 5, 5 };
	sigset_t all;
	siginfo_t info;
	int nr = 0;

	SKIP_IF(t, is_root() && setresuid(54321, 54321, 54321), "needs a user of its own");
	sigfillset(&all);
	REQUIRE(t, !sigprocmask(SIG_BLOCK, &all, NULL) && !setrlimit(RLIMIT_SIGPENDING, &limit));
	while (nr < 10 && !sigqueue(getpid(), SIGRTMAX, (union sigval){ .sival_int = nr }))
		nr++;
	EXPECT_EQ(t, nr, 5);
	EXPECT_EQ(t, errno, EAGAIN);
	/* kill() is never refused; a real-time signal loses its info. */
	EXPECT_RET(t, kcall(SYS_kill, getpid(), SIGRTMAX - 1), 0);
	EXPECT_RET(t, kcall(SYS_kill, getpid(), SIGUSR1), 0);
	EXPECT_RET(t, sigqueue(getpid(), SIGUSR2, (union sigval){ .sival_int = 7 }), 0);
	EXPECT_EQ(t, take(SIGRTMAX - 1, &info), SIGRTMAX - 1);
	EXPECT_EQ(t, info.si_pid, 0);
	EXPECT_EQ(t, take(SIGUSR1, &info), SIGUSR1);
	EXPECT_EQ(t, info.si_pid, getpid());
	EXPECT_EQ(t, take(SIGUSR2, &info), SIGUSR2);
	EXPECT_EQ(t, info.si_code, SI_USER);
	/* Room again, in order. */
	EXPECT_EQ(t, take(SIGRTMAX, &info), SIGRTMAX);
	EXPECT_EQ(t, info.si_value.sival_int, 0);
	EXPECT_RET(t, sigqueue(getpid(), SIGRTMAX, (union sigval){ 0 }), 0);
}

SELFTEST_NO_HELPER

static const struct test_case signal_group_cases[] = {
	TEST_CASE(number_of_pending_signals_is_limited),
};
TEST_SUITE(signal_group, signal_group_cases);
