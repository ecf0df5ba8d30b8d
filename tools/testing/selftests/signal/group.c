/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals of processes with several threads: who takes them, stops of all, and what the parent is
 * told; and how many may be pending.
 */
#include <pthread.h>
#include <sys/prctl.h>

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

/* --- who takes a signal */

static volatile int go, nr_taken;

static void note(int sig __maybe_unused)
{
	nr_taken++;
}

static void note_nothing(int sig __maybe_unused)
{
}

static void *end_soon(void *arg __maybe_unused)
{
	sigset_t usr1 = set_of(SIGUSR1);

	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	go = 1;
	while (go < 2)
		barrier();
	kcall(SYS_exit, 0);
	return NULL;
}

static void *take_one(void *arg __maybe_unused)
{
	sigset_t none;

	sigemptyset(&none);
	sigsuspend(&none);
	return NULL;
}

/* A thread that may be chosen ends; another one, asleep, has to be woken in its place. */
static void signal_of_the_process_outlives_a_thread(struct test *t)
{
	sigset_t both = set_of(SIGUSR1);

	sigaddset(&both, SIGUSR2);
	sigprocmask(SIG_BLOCK, &both, NULL);
	signal(SIGUSR1, note);
	signal(SIGUSR2, note_nothing);
	for (int i = (int)rounds(100, 500); i; i--) {
		int before = nr_taken;
		pthread_t ends, stays;
		long long start;

		go = 0;
		REQUIRE(t, !pthread_create(&ends, NULL, end_soon, NULL));
		REQUIRE(t, !pthread_create(&stays, NULL, take_one, NULL));
		while (!go)
			sched_yield();
		usleep(200);
		go = 2;
		kill(getpid(), SIGUSR1);
		start = now_ns(CLOCK_MONOTONIC);
		while (nr_taken == before && now_ns(CLOCK_MONOTONIC) - start < 5 * NS_PER_S)
			sched_yield();
		REQUIRE(t, nr_taken == before + 1);
		pthread_kill(stays, SIGUSR2);
		pthread_join(stays, NULL);
	}
}

static void ignored_signal_stays_ignored(struct test *t)
{
	struct sigaction action = { .sa_handler = SIG_IGN, .sa_flags = (int)SA_RESETHAND };
	sigset_t usr1 = set_of(SIGUSR1);

	sigprocmask(SIG_BLOCK, &usr1, NULL);
	REQUIRE(t, sigaction(SIGUSR1, &action, NULL) == 0 && raise(SIGUSR1) == 0);
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	REQUIRE(t, sigaction(SIGUSR1, NULL, &action) == 0);
	EXPECT_TRUE(t, action.sa_handler == SIG_IGN);
}

/* --- stops of all threads */

static void *make_threads(void *arg)
{
	pthread_t thread;

	for (;;)
		if (!pthread_create(&thread, NULL, arg, NULL))
			pthread_join(thread, NULL);
	return NULL;
}

static void *end_now(void *arg __maybe_unused)
{
	return NULL;
}

static void come_and_go(void *arg __maybe_unused)
{
	pthread_t thread;

	setpgid(0, 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&thread, NULL, make_threads, (void *)end_now);
	make_threads((void *)end_now);
}

/* Threads begin and end, and two stop signals come at once, of which two threads take one each. */
static void stop_takes_all_threads_that_there_are(struct test *t)
{
	pid_t pid = start_child(t, come_and_go, NULL);
	int status = 0;

	sleep_ms(10);
	for (int i = (int)rounds(50, 300); i; i--) {
		if (i % 2)
			kill(pid, SIGTSTP);
		kill(pid, SIGSTOP);
		REQUIRE(t, waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
		kill(pid, SIGCONT);
		REQUIRE(t, waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status));
	}
	kill(pid, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, pid), SIGKILL);
}

static void *sleep_long(void *arg __maybe_unused)
{
	sleep_ms(20000);
	return NULL;
}

static void leave_a_thread(void *arg __maybe_unused)
{
	pthread_t thread;

	pthread_create(&thread, NULL, sleep_long, NULL);
	kcall(SYS_exit, 0);
}

static void stop_is_told_when_the_first_thread_has_ended(struct test *t)
{
	pid_t pid = start_child(t, leave_a_thread, NULL);
	int status = 0;

	sleep_ms(20);
	kill(pid, SIGSTOP);
	EXPECT_EQ(t, waitpid(pid, &status, WUNTRACED), pid);
	EXPECT_TRUE(t, WIFSTOPPED(status));
	kill(pid, SIGCONT);
	EXPECT_EQ(t, waitpid(pid, &status, WCONTINUED), pid);
	EXPECT_TRUE(t, WIFCONTINUED(status));
	kill(pid, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, pid), SIGKILL);
}

/* --- execve() and exit_group() at once */

static void *execute_true(void *arg __maybe_unused)
{
	go = 1;
	execl(self_path(), self_path(), "--helper", "end", NULL);
	return NULL;
}

static void *exit_late(void *spins)
{
	while (!go)
		barrier();
	for (int i = (int)(intptr_t)spins; i; i--)
		barrier();
	kcall(SYS_exit_group, 44);
	return NULL;
}

static void execute_and_exit(void *spins)
{
	pthread_t thread;

	pthread_create(&thread, NULL, exit_late, spins);
	pthread_create(&thread, NULL, execute_true, NULL);
	pthread_join(thread, NULL);
}

/* Whichever is first: both would be neither. */
static void exit_does_not_end_an_exec_half_way(struct test *t)
{
	for (int i = 0; i < (int)rounds(50, 200); i++) {
		int status =
			run_in_child(t, execute_and_exit, (void *)(intptr_t)(i * 5000 % 200000));

		EXPECT_TRUE(t, WIFEXITED(status));
		EXPECT_TRUE(t, WEXITSTATUS(status) == 44 || WEXITSTATUS(status) == 34);
	}
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

/* "parent": the program that was executed lets the child end and looks at the signal. */
int selftest_helper(int argc __maybe_unused, char **argv)
{
	siginfo_t info;

	if (!strcmp(argv[0], "end"))
		return 34;
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

static void *want_death_signal(void *ready)
{
	sigset_t usr1 = set_of(SIGUSR1);
	int sig;

	kcall(SYS_prctl, PR_SET_PDEATHSIG, SIGUSR1);
	*(volatile int *)ready = 1;
	sigwait(&usr1, &sig);
	*(volatile int *)ready = 2;
	return NULL;
}

/* The caller ends when a thread of its child waits for that. */
static void leave_a_child_whose_thread_waits(void *shared)
{
	volatile int *ready = shared;
	sigset_t usr1 = set_of(SIGUSR1);
	pthread_t thread;

	sigprocmask(SIG_BLOCK, &usr1, NULL);
	if (fork()) {
		while (!*ready)
			usleep(1000);
		return;
	}
	pthread_create(&thread, NULL, want_death_signal, shared);
	pthread_join(thread, NULL);
}

static void threads_are_told_of_the_death_of_the_parent(struct test *t)
{
	volatile int *ready =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long long start = now_ns(CLOCK_MONOTONIC);

	REQUIRE(t, ready != MAP_FAILED);
	EXPECT_EXIT(t, run_in_child(t, leave_a_child_whose_thread_waits, (void *)ready), 0);
	while (*ready != 2 && now_ns(CLOCK_MONOTONIC) - start < 10 * NS_PER_S)
		usleep(1000);
	EXPECT_EQ(t, *ready, 2);
}

static void another_program_gets_sigchld(struct test *t)
{
	EXPECT_EXIT(t, run_in_child(t, make_child_and_execute, NULL), 33);
}

static const struct test_case signal_group_cases[] = {
	TEST_CASE(number_of_pending_signals_is_limited),
	TEST_CASE(signal_of_the_process_outlives_a_thread),
	TEST_CASE(ignored_signal_stays_ignored),
	TEST_CASE(stop_takes_all_threads_that_there_are),
	TEST_CASE(stop_is_told_when_the_first_thread_has_ended),
	TEST_CASE(exit_does_not_end_an_exec_half_way),
	TEST_CASE(exit_signal_is_the_one_that_was_chosen),
	TEST_CASE(threads_are_told_of_the_death_of_the_parent),
	TEST_CASE(another_program_gets_sigchld),
};
TEST_SUITE(signal_group, signal_group_cases);
