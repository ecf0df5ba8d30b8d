/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sched_setaffinity and sched_getaffinity: a task runs where it may and nowhere else.
 */
#include "selftest.h"

#define NO_SUCH_PID 0x3fffffff
#define MASK_BYTES  128

static cpu_set_t allowed;

static int nr_allowed(struct test *t)
{
	REQUIRE(t, sched_getaffinity(0, sizeof(allowed), &allowed) == 0);
	return CPU_COUNT(&allowed);
}

static int nth_cpu(int n)
{
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &allowed) && !n--)
			return cpu;
	}
	return -1;
}

static long bind_to(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return kcall(SYS_sched_setaffinity, pid, sizeof(set), &set);
}

static int current_cpu(void)
{
	unsigned int cpu = ~0U;

	kcall(SYS_getcpu, &cpu, NULL, NULL);
	return (int)cpu;
}

static void mask_is_told_with_its_size(struct test *t)
{
	unsigned long mask[MASK_BYTES / sizeof(long)] = { 0 };
	long size = kcall(SYS_sched_getaffinity, 0, sizeof(mask), mask);

	EXPECT_TRUE(t, size >= 8 && size % 8 == 0 && size <= MASK_BYTES);
	EXPECT_NE(t, mask[0], 0);
}

static void call_returns_on_the_cpu_asked_for(struct test *t)
{
	int nr = nr_allowed(t);

	for (unsigned int i = 0; i < rounds(50, 500); i++) {
		int cpu = nth_cpu((int)i % nr);

		EXPECT_RET(t, bind_to(0, cpu), 0);
		EXPECT_EQ(t, current_cpu(), cpu);
	}
}

static void bound_task_stays(struct test *t)
{
	int cpu = (nr_allowed(t), nth_cpu(0));

	REQUIRE(t, bind_to(0, cpu) == 0);
	for (int i = 0; i < 200; i++) {
		sched_yield();
		EXPECT_EQ(t, current_cpu(), cpu);
	}
	for (int i = 0; i < 10; i++) {
		sleep_ms(1);
		EXPECT_EQ(t, current_cpu(), cpu);
	}
}

static void children_and_programs_inherit(struct test *t)
{
	int cpu = (nr_allowed(t), nth_cpu(CPU_COUNT(&allowed) - 1)), status;

	REQUIRE(t, bind_to(0, cpu) == 0);
	if (!fork()) {
		execl(self_path(), self_path(), "--helper", "count", NULL);
		_exit(99);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 1);
}

static void follow(void *shared)
{
	volatile int *cpu = shared;

	for (;;)
		*cpu = current_cpu();
}

static void running_task_is_moved(struct test *t)
{
	volatile int *where =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int nr = nr_allowed(t);
	pid_t child;

	SKIP_IF(t, nr < 2, "needs two CPUs");
	child = start_child(t, follow, (void *)where);
	for (int i = 0; i < 20; i++) {
		int cpu = nth_cpu(i % nr);

		EXPECT_RET(t, bind_to(child, cpu), 0);
		EXPECT_SOON(t, *where == cpu);
	}
	kill(child, SIGKILL);
	wait_for(t, child);
}

static void sleeping_task_wakes_on_its_new_cpu(struct test *t)
{
	int nr = nr_allowed(t), status, last = nth_cpu(nr - 1), ends[2];
	pid_t child;
	char byte;

	REQUIRE(t, !pipe(ends));
	child = fork();
	if (!child) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) || current_cpu() != last);
	}
	sleep_ms(20);
	EXPECT_RET(t, bind_to(child, last), 0);
	close(ends[1]);
	waitpid(child, &status, 0);
	EXPECT_EXIT(t, status, 0);
}

static void bad_calls_are_refused(struct test *t)
{
	unsigned long mask[MASK_BYTES / sizeof(long)] = { 0 };

	EXPECT_RET(t, kcall(SYS_sched_setaffinity, 0, sizeof(mask), mask), -EINVAL); /* empty */
	mask[MASK_BYTES / sizeof(long) - 1] = 1UL << 63; /* a CPU that is not there */
	EXPECT_RET(t, kcall(SYS_sched_setaffinity, 0, sizeof(mask), mask), -EINVAL);
	mask[0] = ~0UL;
	EXPECT_RET(t, kcall(SYS_sched_setaffinity, NO_SUCH_PID, sizeof(mask), mask), -ESRCH);
	EXPECT_RET(t, kcall(SYS_sched_setaffinity, 0, 0, mask), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_setaffinity, 0, sizeof(mask), NULL), -EFAULT);
	EXPECT_RET(t, kcall(SYS_sched_getaffinity, 0, 7, mask), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_getaffinity, 0, 12, mask), -EINVAL);
	EXPECT_RET(t, kcall(SYS_sched_getaffinity, NO_SUCH_PID, sizeof(mask), mask), -ESRCH);
	EXPECT_RET(t, kcall(SYS_sched_getaffinity, 0, sizeof(mask), 8), -EFAULT);
}

static void unknown_cpus_beside_known_ones_are_ignored(struct test *t)
{
	unsigned long mask[MASK_BYTES / sizeof(long)], got[MASK_BYTES / sizeof(long)] = { 0 };

	memset(mask, 0xff, sizeof(mask));
	EXPECT_RET(t, kcall(SYS_sched_setaffinity, 0, sizeof(mask), mask), 0);
	EXPECT_GT(t, kcall(SYS_sched_getaffinity, 0, sizeof(got), got), 0);
	EXPECT_NE(t, got[0], 0);
}

static void others_tasks_need_privilege(struct test *t)
{
	pid_t parent = getpid();
	int status;

	SKIP_UNLESS_ROOT(t);
	nr_allowed(t);
	if (!fork()) {
		REQUIRE(t, setresuid(1234, 1234, 1234) == 0);
		_exit(bind_to(parent, nth_cpu(0)) != -EPERM);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
}

/* "count": how many CPUs this program may use */
int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 98 : CPU_COUNT(&set);
}

static const struct test_case affinity_cases[] = {
	TEST_CASE(mask_is_told_with_its_size),
	TEST_CASE(call_returns_on_the_cpu_asked_for),
	TEST_CASE(bound_task_stays),
	TEST_CASE(children_and_programs_inherit),
	TEST_CASE(running_task_is_moved),
	TEST_CASE(sleeping_task_wakes_on_its_new_cpu),
	TEST_CASE(bad_calls_are_refused),
	TEST_CASE(unknown_cpus_beside_known_ones_are_ignored),
	TEST_CASE(others_tasks_need_privilege),
};
TEST_SUITE(affinity, affinity_cases);
