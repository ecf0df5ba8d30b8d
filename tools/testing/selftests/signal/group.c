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

/* --- what the parent is told */

static int own_exit_signal(void)
{
	sigset_t both = set_of(SIGUSR1);
	struct clone_args_0 {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	} args = { .exit_signal = SIGUSR1 };

	sigaddset(&both, SIGCHLD);
	sigprocmask(SIG_BLOCK, &both, NULL);
	return (int)kcall(SYS_clone3, &args, sizeof(args));
}

/* Ends when the pipe that is descriptor 9 is closed elsewhere. */
static void end_with_pipe(void)
{
	char byte;

	_exit(read(9, &byte, 1) != 0);
}

static void make_child_and_execute(void *arg __maybe_unused)
{
	int ends[2];

	if (pipe(ends) || dup2(ends[0], 9) != 9 || dup2(ends[1], 8) != 8)
		_exit(1);
	close(ends[0]);
	close(ends[1]);
	if (!own_exit_signal()) {
		close(8);
		end_with_pipe();
	}
	execl(self_path(), self_path(), "--helper", "parent", NULL);
}

/* The program that was executed lets the child end and looks at the signal. */
int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	siginfo_t info;

	close(8);
	if (waitpid(-1, NULL, __WALL) <= 0)
		return 1;
	return take(SIGUSR1, &info) ? 2 : take(SIGCHLD, &info) == SIGCHLD ? 33 : 3;
}

static void exit_signal_is_the_one_that_was_chosen(struct test *t)
{
	siginfo_t info;
	int pid = own_exit_signal();

	REQUIRE(t, pid >= 0);
	if (!pid)
		_exit(0);
	EXPECT_EQ(t, waitpid(pid, NULL, __WALL), pid);
	EXPECT_EQ(t, take(SIGUSR1, &info), SIGUSR1);
	EXPECT_EQ(t, take(SIGCHLD, &info), 0);
}

static void another_program_gets_sigchld(struct test *t)
{
	EXPECT_EXIT(t, run_in_child(t, make_child_and_execute, NULL), 33);
}

static const struct test_case signal_group_cases[] = {
	TEST_CASE(number_of_pending_signals_is_limited),
	TEST_CASE(exit_signal_is_the_one_that_was_chosen),
	TEST_CASE(another_program_gets_sigchld),
};
TEST_SUITE(signal_group, signal_group_cases);
