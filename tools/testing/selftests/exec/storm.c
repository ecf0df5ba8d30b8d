/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exec by the hundred: chains of programs, several at once, vfork and threads beside them.
 */
#include <pthread.h>
#include <sys/sysinfo.h>

#include "image.h"

static unsigned long free_kib(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : info.freeram * info.mem_unit / 1024;
}

/* "chain N": executes itself N times, then ends with 61. */
int selftest_helper(int argc, char **argv)
{
	char left[16];

	if (argc < 2 || atoi(argv[1]) == 0)
		return 61;
	snprintf(left, sizeof(left), "%d", atoi(argv[1]) - 1);
	execl(self_path(), self_path(), "--helper", "chain", left, NULL);
	return 62;
}

static void start_chain(void *length)
{
	execl(self_path(), self_path(), "--helper", "chain", (char *)length, NULL);
}

static void one_process_executes_hundreds_of_programs(struct test *t)
{
	EXPECT_EXIT(t, run_in_child(t, start_chain, (void *)(in_guest() ? "1000" : "100")), 61);
}

static void chains_run_side_by_side(struct test *t)
{
	int status, nr = 8;

	for (int i = 0; i < nr; i++)
		start_child(t, start_chain, (void *)(in_guest() ? "200" : "20"));
	while (wait(&status) > 0) {
		EXPECT_EXIT(t, status, 61);
		nr--;
	}
	EXPECT_EQ(t, nr, 0);
}

/* A function of its own: after vfork the child writes to its frame. */
static noinline pid_t vfork_and_exec(void)
{
	pid_t pid = vfork();

	if (!pid) {
		execl(self_path(), self_path(), "--helper", "chain", "0", NULL);
		_exit(1);
	}
	return pid;
}

static void vfork_and_exec_leave_nothing(struct test *t)
{
	unsigned long before = 0;

	for (unsigned int i = 0; i < rounds(100, 2000) + 20; i++) {
		if (i == 20) /* what is kept for the next time is there by then */
			before = free_kib();
		EXPECT_EXIT(t, wait_for(t, vfork_and_exec()), 61);
	}
	if (is_oshit() && free_kib() < before)
		EXPECT_LT(t, before - free_kib(), 2048);
}

static void *spin(void *arg __maybe_unused)
{
	for (;;)
		barrier();
	return NULL;
}

static void exec_among_threads(void *t __maybe_unused)
{
	pthread_t thread;

	for (int i = 0; i < 4; i++)
		pthread_create(&thread, NULL, spin, NULL);
	start_chain((void *)"0");
}

static void exec_ends_threads_again_and_again(struct test *t)
{
	for (unsigned int i = 0; i < rounds(30, 200); i++)
		EXPECT_EXIT(t, run_in_child(t, exec_among_threads, t), 61);
}

static void killed_while_executing(struct test *t)
{
	for (unsigned int i = 0; i < rounds(30, 100); i++) {
		pid_t pid = start_child(t, start_chain, (void *)"10000");

		for (unsigned int k = 0; k < i * 9; k++)
			sched_yield();
		kill(pid, SIGKILL);
		EXPECT_KILLED(t, wait_for(t, pid), SIGKILL);
	}
}

static const struct test_case storm_cases[] = {
	TEST_CASE(one_process_executes_hundreds_of_programs),
	TEST_CASE(chains_run_side_by_side),
	TEST_CASE(vfork_and_exec_leave_nothing),
	TEST_CASE(exec_ends_threads_again_and_again),
	TEST_CASE(killed_while_executing),
};
TEST_SUITE(storm, storm_cases);
