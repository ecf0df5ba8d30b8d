/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scheduling policies, priorities and nice values: what may be set, what is told, who inherits, and
 * that the CPU is shared.
 */
/* The kernel's struct: musl's is larger. */
#define sched_param kernel_sched_param
#include <linux/sched/types.h>
#undef sched_param

#include "selftest.h"

#define NO_SUCH_PID 0x3fffffff

static void new_tasks_are_normal(struct test *t)
{
	struct kernel_sched_param param = { 99 };

	EXPECT_RET(t, kcall(SYS_sched_getscheduler, 0), SCHED_OTHER);
	EXPECT_RET(t, kcall(SYS_sched_getparam, 0, &param), 0);
	EXPECT_EQ(t, param.sched_priority, 0);
}

static void ranges_of_priorities_are_told(struct test *t)
{
	EXPECT_RET(t, kcall(SYS_sched_get_priority_min, SCHED_OTHER), 0);
	EXPECT_RET(t, kcall(SYS_sched_get_priority_max, SCHED_OTHER), 0);
	EXPECT_RET(t, kcall(SYS_sched_get_priority_min, SCHED_FIFO), 1);
	EXPECT_RET(t, kcall(SYS_sched_get_priority_max, SCHED_RR), 99);
	EXPECT_RET(t, kcall(SYS_sched_get_priority_max, 77), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_get_priority_min, -1), -EINVAL);
}

static void policies_are_kept(struct test *t)
{
	struct kernel_sched_param param = { 0 };

	EXPECT_RET(t, kcall(SYS_sched_setscheduler, 0, SCHED_BATCH, &param), 0);
	EXPECT_RET(t, kcall(SYS_sched_getscheduler, 0), SCHED_BATCH);
	EXPECT_RET(t, kcall(SYS_sched_setscheduler, 0, SCHED_IDLE, &param), 0);
	EXPECT_RET(t, kcall(SYS_sched_getscheduler, 0), SCHED_IDLE);
	EXPECT_RET(t, kcall(SYS_sched_setparam, 0, &param), 0);
}

static void realtime_policies_are_kept(struct test *t)
{
	struct kernel_sched_param param = { 5 };

	SKIP_UNLESS_ROOT(t);
	SKIP_UNLESS_GUEST(t);
	EXPECT_RET(t, kcall(SYS_sched_setscheduler, 0, SCHED_RR, &param), 0);
	EXPECT_RET(t, kcall(SYS_sched_getscheduler, 0), SCHED_RR);
	EXPECT_RET(t, kcall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param), 0);
	param.sched_priority = 0;
	EXPECT_RET(t, kcall(SYS_sched_getparam, 0, &param), 0);
	EXPECT_EQ(t, param.sched_priority, 5);
	param.sched_priority = 6;
	EXPECT_RET(t, kcall(SYS_sched_setparam, 0, &param), 0);
	param.sched_priority = 100;
	EXPECT_RET(t, kcall(SYS_sched_setparam, 0, &param), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param), -EINVAL);
}

static void bad_policies_are_refused(struct test *t)
{
	struct kernel_sched_param param = { 1 };

	EXPECT_RET(t, kcall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param), -EINVAL);
	param.sched_priority = 0;
	EXPECT_RET(t, kcall(SYS_sched_setscheduler, 0, SCHED_RR, &param), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_setscheduler, 0, 77, &param), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_setscheduler, 0, -1, &param), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_setscheduler, -1, SCHED_OTHER, &param), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_setscheduler, NO_SUCH_PID, SCHED_OTHER, &param), -ESRCH);
	EXPECT_RET(t, kcall(SYS_sched_getscheduler, NO_SUCH_PID), -ESRCH);
	EXPECT_RET(t, kcall(SYS_sched_getscheduler, -1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_getparam, 0, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_getparam, 0, 8), -EFAULT);
	EXPECT_RET(t, kcall(SYS_sched_setparam, 0, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_setscheduler, 0, SCHED_OTHER, NULL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_setscheduler, 0, SCHED_OTHER, 8), -EFAULT);
}

static void realtime_needs_privilege(struct test *t)
{
	struct kernel_sched_param param = { 1 };
	struct rlimit none = { 0, 0 };

	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setrlimit(RLIMIT_RTPRIO, &none) == 0 && setresuid(1234, 1234, 1234) == 0);
	EXPECT_RET(t, kcall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param), -EPERM);
}

/* --- sched_setattr, sched_getattr */

static void attributes_hold_all(struct test *t)
{
	struct sched_attr attr = { .size = sizeof(attr),
				   .sched_policy = SCHED_BATCH,
				   .sched_nice = 7 };
	struct sched_attr got = { 0 };

	EXPECT_RET(t, kcall(SYS_sched_setattr, 0, &attr, 0), 0);
	EXPECT_RET(t, kcall(SYS_sched_getattr, 0, &got, sizeof(got), 0), 0);
	EXPECT_EQ(t, got.size, sizeof(got));
	EXPECT_EQ(t, got.sched_policy, SCHED_BATCH);
	EXPECT_EQ(t, got.sched_nice, 7);
	EXPECT_RET(t, kcall(SYS_getpriority, PRIO_PROCESS, 0), 20 - 7);
}

static void attributes_are_checked(struct test *t)
{
	struct sched_attr attr = { .size = sizeof(attr) };
	char large[256] = { 0 };

	EXPECT_RET(t, kcall(SYS_sched_setattr, 0, NULL, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_setattr, 0, &attr, 1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_setattr, -1, &attr, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_setattr, NO_SUCH_PID, &attr, 0), -ESRCH);
	attr.size = 40; /* less than the first version */
	EXPECT_RET(t, kcall(SYS_sched_setattr, 0, &attr, 0), -E2BIG);
	attr.size = sizeof(attr);
	attr.sched_flags = 1UL << 40;
	EXPECT_RET(t, kcall(SYS_sched_setattr, 0, &attr, 0), -EINVAL);
	*(unsigned int *)large = sizeof(large);
	EXPECT_RET(t, kcall(SYS_sched_setattr, 0, large, 0), 0); /* what is more is zero */
	large[200] = 1;
	EXPECT_RET(t, kcall(SYS_sched_setattr, 0, large, 0), -E2BIG);
	EXPECT_RET(t, kcall(SYS_sched_getattr, 0, &attr, 40, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_getattr, 0, &attr, PAGE + 1, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_getattr, 0, &attr, sizeof(attr), 1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_getattr, NO_SUCH_PID, &attr, sizeof(attr), 0), -ESRCH);
	EXPECT_RET(t, kcall(SYS_sched_getattr, 0, NULL, sizeof(attr), 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_getattr, 0, 8, sizeof(attr), 0), -EFAULT);
}

static void slices_are_told(struct test *t)
{
	struct timespec slice = { -1, -1 };

	EXPECT_RET(t, kcall(SYS_sched_rr_get_interval, 0, &slice), 0);
	EXPECT_TRUE(t, slice.tv_sec >= 0 && slice.tv_nsec >= 0 && slice.tv_nsec < NS_PER_S);
	EXPECT_RET(t, kcall(SYS_sched_rr_get_interval, -1, &slice), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_rr_get_interval, NO_SUCH_PID, &slice), -ESRCH);
	EXPECT_RET(t, kcall(SYS_sched_rr_get_interval, 0, 8), -EFAULT);
}

/* --- nice */

static void nice_values_are_kept_in_range(struct test *t)
{
	EXPECT_RET(t, kcall(SYS_getpriority, PRIO_PROCESS, 0), 20);
	EXPECT_RET(t, kcall(SYS_setpriority, PRIO_PROCESS, 0, 5), 0);
	EXPECT_RET(t, kcall(SYS_getpriority, PRIO_PROCESS, 0), 15);
	EXPECT_RET(t, kcall(SYS_setpriority, PRIO_PROCESS, 0, 1000), 0);
	EXPECT_RET(t, kcall(SYS_getpriority, PRIO_PROCESS, 0), 1); /* 19 */
}

static void only_root_becomes_less_nice(struct test *t)
{
	struct rlimit none = { 0, 0 };

	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_setpriority, PRIO_PROCESS, 0, -1000), 0);
	EXPECT_RET(t, kcall(SYS_getpriority, PRIO_PROCESS, 0), 40);
	EXPECT_RET(t, kcall(SYS_setpriority, PRIO_PROCESS, 0, 0), 0);
	REQUIRE(t, setrlimit(RLIMIT_NICE, &none) == 0 && setresuid(1234, 1234, 1234) == 0);
	EXPECT_RET(t, kcall(SYS_setpriority, PRIO_PROCESS, 0, -1), -EACCES);
	EXPECT_RET(t, kcall(SYS_setpriority, PRIO_PROCESS, 0, 3), 0);
	EXPECT_RET(t, kcall(SYS_setpriority, PRIO_PROCESS, 0, 2), -EACCES);
}

static void sleep_long(void *arg __maybe_unused)
{
	sleep_ms(20000);
}

static void priorities_of_groups_and_users(struct test *t)
{
	pid_t child = start_child(t, sleep_long, NULL);

	REQUIRE(t, setpgid(child, child) == 0);
	EXPECT_RET(t, kcall(SYS_setpriority, PRIO_PGRP, child, 4), 0);
	EXPECT_RET(t, kcall(SYS_getpriority, PRIO_PGRP, child), 16);
	EXPECT_RET(t, kcall(SYS_getpriority, PRIO_PROCESS, child), 16);
	EXPECT_RET(t, kcall(SYS_getpriority, PRIO_PROCESS, 0), 20);
	EXPECT_GE(t, kcall(SYS_getpriority, PRIO_USER, 0), 20); /* the highest of all */
	kill(child, SIGKILL);
	wait_for(t, child);
}

static void bad_targets_of_priorities_are_refused(struct test *t)
{
	EXPECT_RET(t, kcall(SYS_getpriority, 3, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_getpriority, -1, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_setpriority, 3, 0, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_getpriority, PRIO_PROCESS, NO_SUCH_PID), -ESRCH);
	EXPECT_RET(t, kcall(SYS_getpriority, PRIO_PGRP, NO_SUCH_PID), -ESRCH);
	EXPECT_RET(t, kcall(SYS_getpriority, PRIO_USER, 987654), -ESRCH);
	EXPECT_RET(t, kcall(SYS_setpriority, PRIO_PROCESS, NO_SUCH_PID, 0), -ESRCH);
}

static void nice_and_policy_are_inherited(struct test *t)
{
	struct kernel_sched_param param = { 0 };
	int status;

	REQUIRE(t, kcall(SYS_setpriority, PRIO_PROCESS, 0, 6) == 0);
	REQUIRE(t, kcall(SYS_sched_setscheduler, 0, SCHED_BATCH, &param) == 0);
	if (!fork())
		_exit(kcall(SYS_getpriority, PRIO_PROCESS, 0) != 14 ||
		      kcall(SYS_sched_getscheduler, 0) != SCHED_BATCH);
	wait(&status);
	EXPECT_EXIT(t, status, 0);
}

static void reset_on_fork_resets(struct test *t)
{
	struct kernel_sched_param param = { 0 };
	int status;

	REQUIRE(t, kcall(SYS_sched_setscheduler, 0, SCHED_BATCH | 0x40000000, &param) == 0);
	EXPECT_RET(t, kcall(SYS_sched_getscheduler, 0), SCHED_BATCH | 0x40000000);
	if (!fork())
		_exit((int)kcall(SYS_sched_getscheduler, 0) & 0xff);
	wait(&status);
	EXPECT_EXIT(t, status, SCHED_BATCH); /* the policy stays unless it is a privileged one */
}

/* --- sharing */

static void count_on(void *counter)
{
	for (;;)
		(*(volatile long *)counter)++;
}

static void bind_to_first_cpu(struct test *t)
{
	cpu_set_t set, first;

	REQUIRE(t, sched_getaffinity(0, sizeof(set), &set) == 0);
	CPU_ZERO(&first);
	for (int cpu = 0; cpu < CPU_SETSIZE && !CPU_COUNT(&first); cpu++) {
		if (CPU_ISSET(cpu, &set))
			CPU_SET(cpu, &first);
	}
	REQUIRE(t, sched_setaffinity(0, sizeof(first), &first) == 0);
}

static void endless_loops_share_a_cpu(struct test *t)
{
	volatile long *counts =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[3];

	bind_to_first_cpu(t);
	for (int i = 0; i < 3; i++)
		pids[i] = start_child(t, count_on, (void *)&counts[i * 8]);
	for (int i = 0; i < 3; i++)
		EXPECT_SOON(t, counts[i * 8]); /* nobody starves */
	for (int i = 0; i < 3; i++) {
		kill(pids[i], SIGKILL);
		wait_for(t, pids[i]);
	}
}

static void yielding_lets_others_run(struct test *t)
{
	volatile int *turn =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	bind_to_first_cpu(t);
	EXPECT_RET(t, kcall(SYS_sched_yield), 0);
	if (!fork()) {
		for (int i = 0; i < 200; i++) {
			while (*turn != 1)
				sched_yield();
			*turn = 0;
		}
		_exit(0);
	}
	for (int i = 0; i < 200; i++) {
		*turn = 1;
		while (*turn != 0)
			sched_yield();
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
}

static const struct test_case policy_cases[] = {
	TEST_CASE(new_tasks_are_normal),
	TEST_CASE(ranges_of_priorities_are_told),
	TEST_CASE(policies_are_kept),
	TEST_CASE(realtime_policies_are_kept),
	TEST_CASE(bad_policies_are_refused),
	TEST_CASE(realtime_needs_privilege),
	TEST_CASE(attributes_hold_all),
	TEST_CASE(attributes_are_checked),
	TEST_CASE(slices_are_told),
	TEST_CASE(nice_values_are_kept_in_range),
	TEST_CASE(only_root_becomes_less_nice),
	TEST_CASE(priorities_of_groups_and_users),
	TEST_CASE(bad_targets_of_priorities_are_refused),
	TEST_CASE(nice_and_policy_are_inherited),
	TEST_CASE(reset_on_fork_resets),
	TEST_CASE(endless_loops_share_a_cpu),
	TEST_CASE(yielding_lets_others_run),
};
TEST_SUITE(policy, policy_cases);
SELFTEST_NO_HELPER
