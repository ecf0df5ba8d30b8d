/* SPDX-License-Identifier: GPL-2.0-only */
/* What the scheduler's paths cost; the machine `bench-switch` checks the limits. */
#include <oshit/bench.h>
#include <oshit/task.h>

#include "sched.h"
#include "sched_test.h"

#define NR_TURNS 1000UL

static struct test_threads pool; /* one test at a time */

/* The test's thread and those of @fn share its CPU, and no other thread may use it for long. */
static void share_cpu(struct test *t, int (*fn)(void *data))
{
	unsigned int cpu = test_cpu(0);
	struct cpumask mask = cpumask_of(cpu);

	EXPECT_OK(t, set_cpus_allowed(current, &mask));
	test_thread_new_on(t, &pool, fn, cpu);
	test_threads_start(&pool);
}

static void leave_cpu(struct test *t)
{
	test_threads_stop(t, &pool);
	EXPECT_OK(t, set_cpus_allowed(current, &cpu_possible_mask));
}

static int yields(void *data __maybe_unused)
{
	while (!kthread_should_stop())
		yield();
	return 0;
}

static void switch_by_yield(struct test *t)
{
	u64 plain, cycles;

	share_cpu(t, yields);
	plain = BENCH_CYCLES(2 * NR_TURNS, );
	cycles = BENCH_CYCLES(NR_TURNS, yield());
	bench_report(t, "switch of two threads that yield", cycles, plain, 2 * NR_TURNS);
	leave_cpu(t);
}

static struct {
	struct task_struct *tester;
	bool is_full;
} cup;

static int empties(void *data __maybe_unused)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!READ_ONCE(cup.is_full)) {
			if (!kthread_should_stop())
				schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		WRITE_ONCE(cup.is_full, false);
		wake_up_process(cup.tester);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static void fill_and_wait(void)
{
	WRITE_ONCE(cup.is_full, true);
	wake_up_process(pool.threads[0].task);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!READ_ONCE(cup.is_full))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static void switch_by_sleeping(struct test *t)
{
	u64 plain, cycles;

	cup.tester = current;
	share_cpu(t, empties);
	plain = BENCH_CYCLES(2 * NR_TURNS, );
	cycles = BENCH_CYCLES(NR_TURNS, fill_and_wait());
	bench_report(t, "wake-up, sleep and switch of two threads", cycles, plain, 2 * NR_TURNS);
	leave_cpu(t);
}

static const struct test_case sched_bench_cases[] = {
	TEST_CASE(switch_by_yield),
	TEST_CASE(switch_by_sleeping),
};
TEST_SUITE(bench_sched, sched_bench_cases);
