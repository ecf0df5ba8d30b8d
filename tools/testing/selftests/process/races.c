/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes and groups that come and go while others look at them by number.  On a kernel that
 * checks its memory these find who follows a pointer too early or too late.
 */
#include <pthread.h>
#include <sys/prctl.h>

#include "selftest.h"

/* A process's clock of CPU time, by its pid. */
static clockid_t clock_of(pid_t pid)
{
	return (clockid_t)(~(unsigned int)pid << 3 | 2);
}

static void fork_and_wait(void *nr)
{
	for (int i = 0; i < (int)(intptr_t)nr; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}

/* Asks about the next pids, of which the other process gets one after the other. */
static void ask_about(struct test *t, pid_t pid)
{
	struct timespec time;
	long got;

	kcall(SYS_clock_gettime, clock_of(pid), &time);
	kcall(SYS_kill, pid, 0);
	kcall(SYS_getpgid, pid);
	kcall(SYS_sched_getparam, pid, &time);
	got = kcall(SYS_setpgid, pid, 0);
	EXPECT_TRUE(t, got == -ESRCH || got == -EPERM || got == -EINVAL /* a thread */);
}

static void tasks_that_are_being_made_are_whole_or_unknown(struct test *t)
{
	pid_t pid = start_child(t, fork_and_wait, (void *)(intptr_t)rounds(100, 1000));
	int status = 0;

	for (pid_t next = pid + 1; !waitpid(pid, &status, WNOHANG); next++) {
		if (kcall(SYS_getpriority, PRIO_PGRP, 0) < 1)
			test_fail(t, __FILE__, __LINE__, "the group is empty");
		for (int ahead = 0; ahead < 4; ahead++)
			ask_about(t, next + ahead);
	}
	EXPECT_EXIT(t, status, 0);
}

/* --- groups and sessions that change while they are looked at */

static void leave_session(void *arg __maybe_unused)
{
	kcall(SYS_setsid);
	kcall(SYS_setpgid, 0, 0);
	kcall(SYS_wait4, 0, NULL, WNOHANG, NULL);
}

/* The child is moved, and waits for its own group, while it makes a session. */
static void group_and_session_change_together(struct test *t)
{
	for (unsigned int i = rounds(100, 1000); i; i--) {
		pid_t pid = start_child(t, leave_session, NULL);

		for (int n = 0; n < 20; n++) {
			long got = kcall(SYS_setpgid, pid, n % 2 ? 0 : getpgrp());

			EXPECT_TRUE(t, !got || got == -EPERM || got == -ESRCH);
		}
		EXPECT_EXIT(t, wait_for(t, pid), 0);
	}
}

/* --- CPU time of threads that end */

static void *burn(void *arg __maybe_unused)
{
	for (int i = 0; i < 200000; i++)
		barrier();
	return NULL;
}

static void threads_come_and_go(void *nr)
{
	for (int i = 0; i < (int)(intptr_t)nr; i++) {
		pthread_t thread;

		if (!pthread_create(&thread, NULL, burn, NULL))
			pthread_join(thread, NULL);
	}
}

/* What counted twice for a moment would be less a moment later. */
static void cpu_time_of_a_process_never_falls(struct test *t)
{
	pid_t pid = start_child(t, threads_come_and_go, (void *)(intptr_t)rounds(100, 1000));
	struct timespec time;
	long long last = 0;
	int status = 0;

	while (!waitpid(pid, &status, WNOHANG)) {
		if (kcall(SYS_clock_gettime, clock_of(pid), &time))
			continue;
		if (to_ns(&time) < last)
			test_fail(t, __FILE__, __LINE__, "%lld after %lld", to_ns(&time), last);
		last = to_ns(&time);
	}
	EXPECT_EXIT(t, status, 0);
}

/* --- a thread that stays when its process gets another parent */

static void *execute_as_orphan(void *first_parent)
{
	char wanted[16];

	while (getppid() == (pid_t)(intptr_t)first_parent)
		sched_yield();
	snprintf(wanted, sizeof(wanted), "%d", getppid());
	execl(self_path(), self_path(), "--helper", "parent", wanted, NULL);
	_exit(1);
}

static void leave_a_threaded_child(void *arg __maybe_unused)
{
	pid_t self = getpid();
	pthread_t thread;
	int ends[2];
	char byte;

	if (pipe(ends))
		_exit(1);
	if (fork()) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) != 1);
	}
	pthread_create(&thread, NULL, execute_as_orphan, (void *)(intptr_t)self);
	if (write(ends[1], "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void thread_that_becomes_leader_has_the_present_parent(struct test *t)
{
	int status;

	REQUIRE(t, prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	for (int i = 0; i < 10; i++) {
		EXPECT_EXIT(t, run_in_child(t, leave_a_threaded_child, NULL), 0);
		REQUIRE(t, waitpid(-1, &status, 0) > 0);
		EXPECT_EXIT(t, status, 17);
	}
}

/* "parent PID": a program that a thread has executed; a child of its must be known as such. */
int selftest_helper(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc < 2 || atoi(argv[1]) != getppid())
		return 2;
	pid = fork();
	if (!pid)
		_exit(0);
	return waitpid(pid, &status, 0) == pid ? 17 : 3;
}

static const struct test_case process_races_cases[] = {
	TEST_CASE(tasks_that_are_being_made_are_whole_or_unknown),
	TEST_CASE(group_and_session_change_together),
	TEST_CASE(cpu_time_of_a_process_never_falls),
	TEST_CASE(thread_that_becomes_leader_has_the_present_parent),
};
TEST_SUITE(process_races, process_races_cases);
