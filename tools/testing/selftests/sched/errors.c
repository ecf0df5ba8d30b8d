/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scheduling calls, argument by argument, as root and as nobody: policies, attributes, affinity,
 * nice values.
 */
#include "selftest.h"

#define NO_PID	    0x3fffffff
#define BAD_PTR	    8L
#define RESET	    0x40000000L /* SCHED_RESET_ON_FORK */
#define KEEP_POLICY 0x08
#define KEEP_PARAMS 0x10
#define UTIL_MIN    0x20
#define SIZE_VER0   48
#define SIZE_VER1   56
#define DEADLINE    6

struct attr { /* struct sched_attr of Linux, version 1 */
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static int zero, one = 1, ninety_nine = 99, hundred = 100, minus_one = -1;
static unsigned long no_cpus[16], all_cpus[16];

static void policies_and_priorities(struct test *t)
{
	static int param;
	const struct call_row rows[] = {
		CALL(-EINVAL, sched_setscheduler, -1, SCHED_OTHER, PTR(&zero)),
		CALL(-EINVAL, sched_setscheduler, 0, -1, PTR(&zero)),
		CALL(-EINVAL, sched_setscheduler, 0, SCHED_OTHER, 0),
		CALL(-EINVAL, sched_setscheduler, NO_PID, SCHED_OTHER, 0),
		CALL(-EFAULT, sched_setscheduler, 0, SCHED_OTHER, BAD_PTR),
		CALL(-EFAULT, sched_setscheduler, NO_PID, 99, BAD_PTR),
		CALL(-ESRCH, sched_setscheduler, NO_PID, 99, PTR(&zero)),
		CALL(-EINVAL, sched_setscheduler, 0, 99, PTR(&zero)),
		CALL(-EINVAL, sched_setscheduler, 0, 4, PTR(&zero)),
		CALL(-EINVAL, sched_setscheduler, 0, 256, PTR(&zero)),
		CALL(-EINVAL, sched_setscheduler, 0, DEADLINE, PTR(&zero)),
		CALL(-EINVAL, sched_setscheduler, 0, SCHED_OTHER, PTR(&one)),
		CALL(-EINVAL, sched_setscheduler, 0, SCHED_BATCH, PTR(&one)),
		CALL(-EINVAL, sched_setscheduler, 0, SCHED_IDLE, PTR(&one)),
		CALL(-EINVAL, sched_setscheduler, 0, SCHED_FIFO, PTR(&zero)),
		CALL(-EINVAL, sched_setscheduler, 0, SCHED_FIFO, PTR(&hundred)),
		CALL(-EINVAL, sched_setscheduler, 0, SCHED_RR, PTR(&minus_one)),
		CALL(0, sched_setscheduler, 0, SCHED_BATCH, PTR(&zero)),
		CALL(SCHED_BATCH, sched_getscheduler, 0),
		CALL(0, sched_setscheduler, 0, SCHED_BATCH | RESET, PTR(&zero)),
		CALL(SCHED_BATCH | RESET, sched_getscheduler, 0),
		CALL(0, sched_setparam, 0, PTR(&zero)),
		CALL(-EINVAL, sched_setparam, 0, PTR(&one)),
		CALL(-EINVAL, sched_setparam, 0, 0),
		CALL(-EINVAL, sched_setparam, -1, PTR(&zero)),
		CALL(-EFAULT, sched_setparam, 0, BAD_PTR),
		CALL(-ESRCH, sched_setparam, NO_PID, PTR(&zero)),
		CALL(SCHED_BATCH | RESET, sched_getscheduler, 0),
		CALL(-EINVAL, sched_getscheduler, -1),
		CALL(-ESRCH, sched_getscheduler, NO_PID),
		CALL(-EINVAL, sched_getparam, -1, PTR(&param)),
		CALL(-EINVAL, sched_getparam, NO_PID, 0),
		CALL(-ESRCH, sched_getparam, NO_PID, BAD_PTR),
		CALL(-EFAULT, sched_getparam, 0, BAD_PTR),
		CALL(99, sched_get_priority_max, SCHED_FIFO),
		CALL(1, sched_get_priority_min, SCHED_RR),
		CALL(0, sched_get_priority_max, SCHED_IDLE),
		CALL(0, sched_get_priority_min, DEADLINE),
		CALL(-EINVAL, sched_get_priority_max, 4),
		CALL(-EINVAL, sched_get_priority_min, -1),
		CALL(-EINVAL, sched_get_priority_max, SCHED_FIFO | RESET),
		CALL(-EINVAL, sched_rr_get_interval, -1, PTR(&param)),
		CALL(-ESRCH, sched_rr_get_interval, NO_PID, BAD_PTR),
		CALL(-EFAULT, sched_rr_get_interval, 0, BAD_PTR),
	};

	EXPECT_CALLS(t, rows);
}

static void setting_attributes(struct test *t)
{
	struct attr ver0 = { .size = SIZE_VER0 }, zero_size = { 0 }, small = { .size = 47 };
	struct attr bad_flag = { .size = SIZE_VER0, .flags = 1UL << 20 };
	struct attr bad_policy = { .size = SIZE_VER0, .policy = 77 };
	struct attr negative = { .size = SIZE_VER0, .policy = -1 };
	struct attr negative_kept = { .size = SIZE_VER0, .policy = -1, .flags = KEEP_POLICY };
	struct attr rt = { .size = SIZE_VER0, .policy = SCHED_FIFO };
	struct attr priority = { .size = SIZE_VER0, .priority = 1 };
	struct attr util = { .size = SIZE_VER0, .flags = UTIL_MIN };
	struct attr huge = { .size = PAGE + 1 };
	struct attr nice = { .size = SIZE_VER0, .nice = 100 };
	struct attr keep = {
		.size = SIZE_VER0, .policy = 99, .nice = 5, .flags = KEEP_POLICY | KEEP_PARAMS
	};
	struct attr keep_priority = { .size = SIZE_VER0,
				      .priority = 50,
				      .flags = KEEP_POLICY | KEEP_PARAMS };
	static struct {
		struct attr attr;
		long more;
	} large = { { .size = sizeof(large) }, 1 }, longer = { { .size = sizeof(longer) }, 0 };
	const struct call_row rows[] = {
		CALL(-EINVAL, sched_setattr, 0, 0, 0),
		CALL(-EINVAL, sched_setattr, -1, PTR(&ver0), 0),
		CALL(-EINVAL, sched_setattr, 0, PTR(&ver0), 1),
		CALL(-EFAULT, sched_setattr, 0, BAD_PTR, 0),
		CALL(-ESRCH, sched_setattr, NO_PID, PTR(&ver0), 0),
		CALL(-E2BIG, sched_setattr, 0, PTR(&small), 0),
		CALL(-E2BIG, sched_setattr, 0, PTR(&huge), 0),
		CALL(-E2BIG, sched_setattr, 0, PTR(&large), 0),
		CALL(-EINVAL, sched_setattr, 0, PTR(&bad_flag), 0),
		CALL(-EINVAL, sched_setattr, 0, PTR(&bad_policy), 0),
		CALL(-EINVAL, sched_setattr, 0, PTR(&negative), 0),
		CALL(-EINVAL, sched_setattr, NO_PID, PTR(&negative), 0),
		CALL(-EINVAL, sched_setattr, 0, PTR(&negative_kept), 0),
		CALL(-EINVAL, sched_setattr, 0, PTR(&rt), 0),
		CALL(-EINVAL, sched_setattr, 0, PTR(&priority), 0),
		CALL(-EINVAL, sched_setattr, 0, PTR(&util), 0), /* the structure ends before it */
		CALL(0, sched_setattr, 0, PTR(&zero_size), 0),
		CALL(0, sched_setattr, 0, PTR(&longer), 0),
		CALL(0, sched_setattr, 0, PTR(&nice), 0),
		CALL(0, sched_setattr, 0, PTR(&keep), 0),
		CALL(-EINVAL, sched_setattr, 0, PTR(&keep_priority), 0),
	};

	EXPECT_CALLS(t, rows);
	EXPECT_EQ(t, small.size, SIZE_VER1); /* E2BIG tells what would do */
	EXPECT_EQ(t, large.attr.size, SIZE_VER1);
}

static void getting_attributes(struct test *t)
{
	static struct attr nicest = { .size = SIZE_VER0, .nice = 100 }, got;
	const struct call_row rows[] = {
		CALL(0, sched_setattr, 0, PTR(&nicest), 0),
		CALL(-EINVAL, sched_getattr, 0, 0, SIZE_VER0, 0),
		CALL(-EINVAL, sched_getattr, -1, PTR(&got), SIZE_VER0, 0),
		CALL(-EINVAL, sched_getattr, 0, PTR(&got), SIZE_VER0 - 1, 0),
		CALL(-EINVAL, sched_getattr, 0, PTR(&got), PAGE + 1, 0),
		CALL(-EINVAL, sched_getattr, NO_PID, PTR(&got), 0, 0),
		CALL(-ESRCH, sched_getattr, NO_PID, PTR(&got), SIZE_VER0, 0),
		CALL(-EFAULT, sched_getattr, 0, BAD_PTR, SIZE_VER0, 0),
		CALL(0, sched_getattr, 0, PTR(&got), SIZE_VER0, 0),
	};

	EXPECT_CALLS(t, rows);
	EXPECT_EQ(t, got.size, SIZE_VER0);
	EXPECT_EQ(t, got.policy, SCHED_OTHER);
	EXPECT_EQ(t, got.nice, 19);
	EXPECT_EQ(t, got.priority, 0);
	EXPECT_RET(t, kcall(SYS_sched_getattr, 0, &got, SIZE_VER1, 0), 0);
	EXPECT_EQ(t, got.size, SIZE_VER1);
}

static void affinity(struct test *t)
{
	static unsigned long got[128];
	const struct call_row rows[] = {
		CALL(-EINVAL, sched_setaffinity, 0, sizeof(no_cpus), PTR(no_cpus)),
		CALL(-EINVAL, sched_setaffinity, 0, 0, PTR(all_cpus)),
		CALL(-EFAULT, sched_setaffinity, 0, 8, BAD_PTR),
		CALL(-EFAULT, sched_setaffinity, NO_PID, 8, BAD_PTR),
		CALL(-ESRCH, sched_setaffinity, NO_PID, 8, PTR(no_cpus)),
		CALL(-ESRCH, sched_setaffinity, -1, 8, PTR(all_cpus)),
		CALL(0, sched_setaffinity, 0, 1, PTR(all_cpus)),
		CALL(0, sched_setaffinity, 0, sizeof(all_cpus), PTR(all_cpus)),
		CALL(-EINVAL, sched_getaffinity, 0, 0, PTR(got)),
		CALL(-EINVAL, sched_getaffinity, 0, 9, PTR(got)),
		CALL(-EINVAL, sched_getaffinity, NO_PID, 9, BAD_PTR),
		CALL(-ESRCH, sched_getaffinity, NO_PID, sizeof(got), BAD_PTR),
		CALL(-ESRCH, sched_getaffinity, -1, sizeof(got), PTR(got)),
		CALL(-EFAULT, sched_getaffinity, 0, sizeof(got), BAD_PTR),
	};

	memset(all_cpus, 0xff, sizeof(all_cpus));
	EXPECT_CALLS(t, rows);
}

static void nice_values(struct test *t)
{
	const struct call_row rows[] = {
		CALL(-EINVAL, setpriority, -1, 0, 0),
		CALL(-EINVAL, setpriority, 3, 0, 0),
		CALL(-EINVAL, getpriority, -1, 0),
		CALL(-EINVAL, getpriority, 3, 0),
		CALL(-ESRCH, setpriority, PRIO_PROCESS, NO_PID, 0),
		CALL(-ESRCH, setpriority, PRIO_PROCESS, -1, 0),
		CALL(-ESRCH, setpriority, PRIO_PGRP, NO_PID, 0),
		CALL(-ESRCH, setpriority, PRIO_USER, 54321, 0),
		CALL(-ESRCH, getpriority, PRIO_PROCESS, NO_PID),
		CALL(-ESRCH, getpriority, PRIO_PGRP, NO_PID),
		CALL(-ESRCH, getpriority, PRIO_USER, 54321),
		CALL(0, setpriority, PRIO_PROCESS, 0, 1000),
		CALL(1, getpriority, PRIO_PROCESS, 0),
	};

	EXPECT_CALLS(t, rows);
}

static void nobody_gets_no_more(struct test *t)
{
	struct attr nicer = { .size = SIZE_VER0, .nice = -1 };
	struct attr rt = { .size = SIZE_VER0, .policy = SCHED_FIFO, .priority = 1 };
	struct attr reset = { .size = SIZE_VER0, .flags = 1 }, plain = { .size = SIZE_VER0 };
	const pid_t parent = getppid();
	const struct call_row rows[] = {
		CALL(-EACCES, setpriority, PRIO_PROCESS, 0, -1),
		CALL(-EPERM, setpriority, PRIO_PROCESS, parent, 19),
		CALL(-EPERM, setpriority, PRIO_PROCESS, parent, -20),
		CALL(-EPERM, sched_setscheduler, 0, SCHED_FIFO, PTR(&one)),
		CALL(-EPERM, sched_setscheduler, 0, SCHED_RR, PTR(&ninety_nine)),
		CALL(-EINVAL, sched_setscheduler, 0, SCHED_RR, PTR(&hundred)),
		CALL(-EPERM, sched_setscheduler, parent, SCHED_OTHER, PTR(&zero)),
		CALL(-EPERM, sched_setattr, 0, PTR(&nicer), 0),
		CALL(-EPERM, sched_setattr, 0, PTR(&rt), 0),
		CALL(-EPERM, sched_setaffinity, parent, sizeof(all_cpus), PTR(all_cpus)),
		CALL(0, sched_setattr, 0, PTR(&reset), 0),
		CALL(-EPERM, sched_setattr, 0, PTR(&plain), 0), /* once set it stays */
		CALL(-EPERM, sched_setscheduler, 0, SCHED_OTHER, PTR(&zero)),
		CALL(0, sched_setscheduler, 0, SCHED_IDLE | RESET, PTR(&zero)),
		CALL(-EPERM, sched_setscheduler, 0, SCHED_OTHER | RESET, PTR(&zero)),
	};

	SKIP_UNLESS_ROOT(t);
	become_nobody(t);
	EXPECT_CALLS(t, rows);
}

SELFTEST_NO_HELPER

static const struct test_case errors_cases[] = {
	TEST_CASE(policies_and_priorities),
	TEST_CASE(setting_attributes),
	TEST_CASE(getting_attributes),
	TEST_CASE(affinity),
	TEST_CASE(nice_values),
	TEST_CASE(nobody_gets_no_more),
};
TEST_SUITE(errors, errors_cases);
