/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes and groups that come and go while others look at them by number.  On a kernel that
 * checks its memory these find who follows a pointer too early or too late.
 */
#include <pthread.h>

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
	EXPECT_TRUE(t, got == -ESRCH || got == -EPERM);
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

SELFTEST_NO_HELPER

static const struct test_case process_races_cases[] = {
	TEST_CASE(tasks_that_are_being_made_are_whole_or_unknown),
};
TEST_SUITE(process_races, process_races_cases);
