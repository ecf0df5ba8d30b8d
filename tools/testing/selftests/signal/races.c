/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals that come while what they concern is changing: actions that execve() takes from those who
 * shared them, tasks that are being made, tasks that are ending.  On a kernel that checks its
 * memory these find a sender that follows a pointer too late.
 */
#include <sys/syscall.h>
#include <sys/time.h>

#include "selftest.h"

static char child_stack[65536] __attribute__((aligned(16)));

static int end_soon(void *spins)
{
	for (long i = (long)spins; i; i--)
		barrier();
	_exit(0);
}

/* A process that shares memory and actions with the caller, and ends after some turns. */
static void share_actions(long spins)
{
	if (clone(end_soon, child_stack + sizeof(child_stack), CLONE_VM | CLONE_SIGHAND | SIGCHLD,
		  (void *)spins) < 0)
		_exit(1);
}

/*
 * "exec LEFT": shares its actions, executes itself, and so on; a timer that execve() leaves alone
 * sends an ignored signal all the time, from interrupts.
 */
int selftest_helper(int argc, char **argv)
{
	int left = argc > 1 ? atoi(argv[1]) : 0;
	char next[16];

	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (!left)
		return 62;
	share_actions((left * 37L) % 2000);
	snprintf(next, sizeof(next), "%d", left - 1);
	execl(self_path(), self_path(), "--helper", "exec", next, NULL);
	return 1;
}

static void execute_with_timer(void *rounds)
{
	struct itimerval timer = { .it_interval.tv_usec = 100, .it_value.tv_usec = 100 };

	signal(SIGALRM, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	setitimer(ITIMER_REAL, &timer, NULL);
	execl(self_path(), self_path(), "--helper", "exec", (char *)rounds, NULL);
}

static void senders_meet_actions_that_execve_unshares(struct test *t)
{
	pid_t pid = start_child(t, execute_with_timer, (void *)(in_guest() ? "300" : "50"));
	int status;

	/* Signals that end nothing: before SIGUSR1 is ignored the first is not sent. */
	sleep_ms(5);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		for (int i = 0; i < 50; i++)
			EXPECT_RET(t, kcall(SYS_kill, pid, SIGCONT), 0);
		sched_yield();
	}
	EXPECT_EXIT(t, status, 62);
}

static volatile int *shared_flag;

static int change_action(void *arg __maybe_unused)
{
	signal(SIGUSR2, SIG_IGN);
	*shared_flag = 1;
	_exit(0);
}

static void actions_are_shared_by_processes(struct test *t)
{
	struct sigaction action;
	int flag = 0;
	pid_t pid;

	shared_flag = &flag;
	pid = clone(change_action, child_stack + sizeof(child_stack),
		    CLONE_VM | CLONE_SIGHAND | SIGCHLD, NULL);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	EXPECT_EQ(t, flag, 1);
	sigaction(SIGUSR2, NULL, &action);
	EXPECT_TRUE(t, action.sa_handler == SIG_IGN);
}

static void never_called(int sig __maybe_unused)
{
}

/* What another process of the same actions has executed resets its own alone. */
static int execute_no_rounds(void *arg __maybe_unused)
{
	execl(self_path(), self_path(), "--helper", "exec", "0", NULL);
	_exit(1);
}

static void execve_leaves_the_actions_of_others_alone(struct test *t)
{
	struct sigaction action;
	pid_t pid;

	signal(SIGUSR2, never_called);
	pid = clone(execute_no_rounds, child_stack + sizeof(child_stack),
		    CLONE_VM | CLONE_SIGHAND | SIGCHLD, NULL);
	EXPECT_EXIT(t, wait_for(t, pid), 62);
	sigaction(SIGUSR2, NULL, &action);
	EXPECT_TRUE(t, action.sa_handler == never_called);
}

/* Calls that look for tasks by pid and by group, at pids that are given out meanwhile. */
static void look_for_tasks(void *arg __maybe_unused)
{
	pid_t first = getpid();
	struct timespec cpu;

	for (;;)
		for (pid_t pid = first; pid < first + 300; pid++) {
			clockid_t clock = (clockid_t)(~(unsigned int)pid << 3 | 2);

			kcall(SYS_kill, pid, 0);
			kcall(SYS_tkill, pid, 0);
			kcall(SYS_tgkill, pid, pid, 0);
			kcall(SYS_getpriority, PRIO_PGRP, 0);
			kcall(SYS_prlimit64, pid, RLIMIT_NPROC, NULL, NULL);
			kcall(SYS_clock_gettime, clock, &cpu);
			kcall(SYS_getpgid, pid);
			kcall(SYS_getsid, pid);
			kcall(SYS_sched_getscheduler, pid);
		}
}

static void tasks_are_found_while_they_are_made(struct test *t)
{
	pid_t seeker = start_child(t, look_for_tasks, NULL);

	for (unsigned int i = 0; i < rounds(50, 500); i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		EXPECT_EXIT(t, wait_for(t, pid), 0);
	}
	kill(seeker, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, seeker), SIGKILL);
}

static const struct test_case races_cases[] = {
	TEST_CASE(senders_meet_actions_that_execve_unshares),
	TEST_CASE(actions_are_shared_by_processes),
	TEST_CASE(execve_leaves_the_actions_of_others_alone),
	TEST_CASE(tasks_are_found_while_they_are_made),
};
TEST_SUITE(races, races_cases);
