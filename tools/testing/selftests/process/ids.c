/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Process ids, parents, groups and sessions: who may put whom where, and who adopts orphans.
 */
#include <sys/prctl.h>

#include "selftest.h"

#define NO_SUCH_PID 0x3fffffff

static void sleep_long(void *arg __maybe_unused)
{
	sleep_ms(20000);
}

static void stop_child(struct test *t, pid_t pid)
{
	kill(pid, SIGKILL);
	wait_for(t, pid);
}

/* A page that children can write to. */
static volatile int *shared_page(struct test *t)
{
	volatile int *page =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE(t, page != MAP_FAILED);
	return page;
}

static void ids_are_stable(struct test *t)
{
	EXPECT_GT(t, getpid(), 1);
	EXPECT_EQ(t, getpid(), getpid());
	EXPECT_EQ(t, kcall(SYS_gettid), getpid());
	EXPECT_NE(t, getppid(), getpid());
}

static void pids_are_not_used_again_at_once(struct test *t)
{
	pid_t last = 0;
	int same = 0;

	for (int i = 0; i < 50; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		wait_for(t, pid);
		same += pid == last;
		last = pid;
	}
	EXPECT_EQ(t, same, 0);
}

static void getpgid_and_getsid_of_others(struct test *t)
{
	pid_t child = start_child(t, sleep_long, NULL);

	EXPECT_RET(t, kcall(SYS_getpgid, 0), getpgrp());
	EXPECT_RET(t, kcall(SYS_getpgid, child), getpgrp());
	EXPECT_RET(t, kcall(SYS_getsid, child), kcall(SYS_getsid, 0));
	EXPECT_RET(t, kcall(SYS_getpgid, NO_SUCH_PID), -ESRCH);
	EXPECT_RET(t, kcall(SYS_getsid, NO_SUCH_PID), -ESRCH);
	EXPECT_RET(t, kcall(SYS_getpgid, -1), -ESRCH);
	stop_child(t, child);
}

static void setpgid_moves_self_and_children(struct test *t)
{
	pid_t first = start_child(t, sleep_long, NULL), second = start_child(t, sleep_long, NULL);

	EXPECT_RET(t, kcall(SYS_setpgid, first, 0), 0);
	EXPECT_RET(t, kcall(SYS_getpgid, first), first);
	EXPECT_RET(t, kcall(SYS_setpgid, second, first), 0);
	EXPECT_RET(t, kcall(SYS_getpgid, second), first);
	EXPECT_RET(t, kcall(SYS_setpgid, 0, 0), 0);
	EXPECT_EQ(t, getpgrp(), getpid());
	EXPECT_RET(t, kcall(SYS_setpgid, 0, first), 0); /* the same session: allowed */
	EXPECT_EQ(t, getpgrp(), first);
	stop_child(t, first);
	EXPECT_EQ(t, getpgrp(), first); /* a group outlives its leader */
	stop_child(t, second);
}

static void setpgid_refuses(struct test *t)
{
	pid_t child = start_child(t, sleep_long, NULL);

	EXPECT_RET(t, kcall(SYS_setpgid, 0, -1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_setpgid, NO_SUCH_PID, 0), -ESRCH);
	EXPECT_RET(t, kcall(SYS_setpgid, getppid(), 0), -ESRCH); /* no child of ours */
	EXPECT_RET(t, kcall(SYS_setpgid, child, NO_SUCH_PID), -EPERM); /* no such group */
	stop_child(t, child);
}

static void lead_session(void *flag)
{
	if (setsid() != getpid() || getsid(0) != getpid() || getpgrp() != getpid())
		_exit(1);
	if (kcall(SYS_setsid) != -EPERM || kcall(SYS_setpgid, 0, 0) != -EPERM)
		_exit(2);
	*(volatile int *)flag = 1;
	sleep_ms(20000);
}

static void session_leaders_stay_where_they_are(struct test *t)
{
	volatile int *flag = shared_page(t);
	pid_t child = start_child(t, lead_session, (void *)flag);

	while (!*flag && kcall(SYS_wait4, child, NULL, WNOHANG, NULL) == 0)
		sched_yield();
	REQUIRE(t, *flag);
	EXPECT_RET(t, kcall(SYS_getsid, child), child);
	EXPECT_RET(t, kcall(SYS_setpgid, child, 0), -EPERM); /* in another session */
	stop_child(t, child);
}

static void group_leaders_make_no_session(struct test *t)
{
	REQUIRE(t, setpgid(0, 0) == 0);
	EXPECT_RET(t, kcall(SYS_setsid), -EPERM);
}

static void exec_and_wait(void *arg __maybe_unused)
{
	execl(self_path(), self_path(), "--helper", "sleep", NULL);
	_exit(1);
}

static void child_that_executed_cannot_be_moved(struct test *t)
{
	pid_t child = start_child(t, exec_and_wait, NULL);

	EXPECT_SOON(t, kcall(SYS_setpgid, child, 0)); /* until the exec has happened */
	EXPECT_RET(t, kcall(SYS_setpgid, child, 0), -EACCES);
	stop_child(t, child);
}

/* --- orphans */

/* Its child reports who its parent is when the parent has died. */
static void leave_orphan(void *page)
{
	volatile int *report = page;
	pid_t parent = getpid();

	if (fork())
		_exit(0);
	while (getppid() == parent)
		sched_yield();
	report[0] = getppid();
	report[1] = 1;
	_exit(44);
}

static void orphans_go_to_the_nearest_subreaper(struct test *t)
{
	volatile int *report = shared_page(t);
	int status;

	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1), 0);
	EXPECT_EXIT(t, run_in_child(t, leave_orphan, (void *)report), 0);
	EXPECT_GT(t, wait(&status), 0);
	EXPECT_EXIT(t, status, 44);
	EXPECT_EQ(t, report[0], getpid());
}

static void orphans_go_to_init(struct test *t)
{
	volatile int *report = shared_page(t);

	SKIP_UNLESS_GUEST(t); /* elsewhere there may be a subreaper above us */
	EXPECT_EXIT(t, run_in_child(t, leave_orphan, (void *)report), 0);
	while (!report[1])
		sched_yield();
	EXPECT_EQ(t, report[0], 1);
	EXPECT_EQ(t, wait(NULL), -1);
}

static void subreaper_is_not_inherited(struct test *t)
{
	int value = -1, status;

	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1), 0);
	EXPECT_RET(t, kcall(SYS_prctl, PR_GET_CHILD_SUBREAPER, &value), 0);
	EXPECT_EQ(t, value, 1);
	if (!fork()) {
		kcall(SYS_prctl, PR_GET_CHILD_SUBREAPER, &value);
		_exit(value);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 0), 0);
	kcall(SYS_prctl, PR_GET_CHILD_SUBREAPER, &value);
	EXPECT_EQ(t, value, 0);
}

static void zombies_of_a_dead_parent_are_adopted(struct test *t)
{
	int status;
	pid_t child;

	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1), 0);
	child = fork();
	if (!child) {
		if (!fork())
			_exit(55); /* a zombie when its parent ends */
		sleep_ms(50);
		_exit(56);
	}
	EXPECT_EXIT(t, wait_for(t, child), 56);
	EXPECT_GT(t, wait(&status), 0);
	EXPECT_EXIT(t, status, 55);
}

static void parent_death_signal_is_delivered(struct test *t)
{
	volatile int *ready = shared_page(t);
	int status, signal_number = 0;
	pid_t child;

	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_PDEATHSIG, 99), -EINVAL);
	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1), 0);
	child = fork();
	if (!child) {
		if (!fork()) {
			kcall(SYS_prctl, PR_SET_PDEATHSIG, SIGTERM);
			kcall(SYS_prctl, PR_GET_PDEATHSIG, &signal_number);
			*ready = signal_number;
			sleep_ms(20000);
		}
		while (!*ready)
			sched_yield();
		_exit(0);
	}
	wait_for(t, child);
	EXPECT_EQ(t, *ready, SIGTERM);
	EXPECT_GT(t, wait(&status), 0);
	EXPECT_KILLED(t, status, SIGTERM);
}

/* A chain of processes, each the child of the one before, ends from the top. */
static void deep_trees_can_be_reaped(struct test *t)
{
	int depth = (int)rounds(40, 300), ended = 0;
	pid_t child;

	EXPECT_RET(t, kcall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1), 0);
	child = fork();
	for (int i = 0; !child && i < depth; i++) {
		child = fork();
		if (child > 0) {
			sleep_ms(10);
			_exit(0);
		}
	}
	if (!child)
		_exit(0);
	while (wait(NULL) > 0)
		ended++;
	EXPECT_EQ(t, ended, depth + 1);
}

/* "sleep" */
int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	sleep_ms(20000);
	return 0;
}

static const struct test_case ids_cases[] = {
	TEST_CASE(ids_are_stable),
	TEST_CASE(pids_are_not_used_again_at_once),
	TEST_CASE(getpgid_and_getsid_of_others),
	TEST_CASE(setpgid_moves_self_and_children),
	TEST_CASE(setpgid_refuses),
	TEST_CASE(session_leaders_stay_where_they_are),
	TEST_CASE(group_leaders_make_no_session),
	TEST_CASE(child_that_executed_cannot_be_moved),
	TEST_CASE(orphans_go_to_the_nearest_subreaper),
	TEST_CASE(orphans_go_to_init),
	TEST_CASE(subreaper_is_not_inherited),
	TEST_CASE(zombies_of_a_dead_parent_are_adopted),
	TEST_CASE(parent_death_signal_is_delivered),
	TEST_CASE(deep_trees_can_be_reaped),
};
TEST_SUITE(ids, ids_cases);
