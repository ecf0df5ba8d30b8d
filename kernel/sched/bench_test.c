/* SPDX-License-Identifier: GPL-2.0-only */
/* What the scheduler's paths cost; the machine `bench-switch` checks the limits. */
#include <oshit/bench.h>
#include <oshit/clock.h>
#include <oshit/math.h>
#include <oshit/task.h>
#include <oshit/test_random.h>
#include <oshit/vmalloc.h>

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

/* --- many tasks --- */

#define NR_STEPS 2000UL

/* One step of a busy queue: a task goes on to the end of its slice, another one's turn comes. */
static void turn(const struct sched_policy *policy, struct sched_queue *queue)
{
	policy->charge(queue, SCHED_SLICE_NS);
	policy->rotate(queue, PUT_PREEMPTED);
}

/* Somebody goes to sleep, the next one runs, and the first one wakes up. */
static void sleep_and_wake(const struct sched_policy *policy, struct sched_queue *queue)
{
	struct sched_entity *se = queue->curr;

	policy->charge(queue, SCHED_SLICE_NS / 8);
	policy->leave(queue);
	policy->pick(queue);
	policy->enqueue(queue, se);
}

static void measure_queue(struct test *t, const struct sched_policy *policy,
			  struct sched_entity *entities, unsigned int nr)
{
	struct test_random random = { .state = nr };
	struct sched_queue queue;
	u64 turn_cycles, sleep_cycles;

	policy->init(&queue);
	for (unsigned int i = 0; i < nr; i++) {
		entities[i] = (struct sched_entity){ 0 };
		sched_entity_set_nice(&entities[i], (int)test_random_below(&random, 10) - 5);
		policy->enqueue(&queue, &entities[i]);
	}
	policy->pick(&queue);
	/* Out of step, as after a while. */
	for (unsigned int i = 0; i < 2 * nr; i++) {
		policy->charge(&queue, 1 + test_random_below(&random, SCHED_SLICE_NS));
		policy->rotate(&queue, PUT_PREEMPTED);
	}
	turn_cycles = BENCH_CYCLES(NR_STEPS, turn(policy, &queue));
	sleep_cycles = BENCH_CYCLES(NR_STEPS, sleep_and_wake(policy, &queue));
	test_note(t, "%s, %u tasks: %lu cycles a turn, %lu to sleep, go on with another and wake",
		  policy->name, nr, turn_cycles / NR_STEPS, sleep_cycles / NR_STEPS);
}

/* The queue alone, as of one CPU: memory for so many stacks is not there. */
static void many_runnable_tasks(struct test *t)
{
	static const unsigned int sizes[] = { 2, 10, 100, 1000, 10000, 100000 };
	struct sched_entity *entities = vmalloc(sizes[5] * sizeof(*entities));

	if (!entities)
		return test_skip(t, "not enough memory");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		measure_queue(t, &sched_fair, entities, sizes[i]);
		measure_queue(t, &sched_rr, entities, sizes[i]);
	}
	vfree(entities);
}

/* --- several CPUs --- */

static int computes(void *data)
{
	struct test_thread *me = data;

	me->ns = task_runtime_ns(current);
	while (!READ_ONCE(pool.stop)) {
		for (unsigned int i = 0; i < 1000; i++)
			barrier();
		WRITE_ONCE(me->count, me->count + 1);
		test_let_others_run();
	}
	me->ns = task_runtime_ns(current) - me->ns;
	return 0;
}

/* @nr threads for @ms: their work, and what of their CPUs' time they had, in percent. */
static void compute_for(struct test *t, unsigned int nr, u64 *work, u64 *percent)
{
	u64 start_ns, elapsed_ns, ns = 0;

	for (unsigned int i = 0; i < nr; i++)
		test_thread_new(t, &pool, computes);
	start_ns = clock_ns();
	test_threads_start(&pool);
	msleep(300);
	WRITE_ONCE(pool.stop, true);
	elapsed_ns = clock_ns() - start_ns;
	test_threads_stop(t, &pool);
	*work = 0;
	for (unsigned int i = 0; i < nr; i++) {
		*work += pool.threads[i].count;
		ns += pool.threads[i].ns;
	}
	*work = *work * NSEC_PER_MSEC / elapsed_ns;
	*percent = ns * 100 / (elapsed_ns * nr);
}

/* As many threads as CPUs find a CPU each, and have it for themselves. */
static void threads_that_compute(struct test *t)
{
	unsigned int nr = min(test_nr_cpus(), (unsigned int)TEST_MAX_THREADS);
	u64 one, all, percent_one, percent_all;

	compute_for(t, 1, &one, &percent_one);
	compute_for(t, nr, &all, &percent_all);
	test_note(t, "1 thread: %lu rounds a ms, %lu %% of a CPU's time", one, percent_one);
	test_note(t,
		  "%u threads on %u CPUs: %lu rounds a ms, %lu %% of the CPUs' time, "
		  "%lu %% of %u times the work of one",
		  nr, nr, all, percent_all, all * 100 / (one * nr ?: 1), nr);
}

static u64 sum_of_cpus(size_t offset)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*(u64 *)((char *)per_cpu_ptr(&run_queue, cpu) + offset));
	return sum;
}

/* The tester and a thread on another CPU wake each other; both CPUs are idle in between. */
static void wakeups_across_cpus(struct test *t)
{
	u64 nr_posted, nr_ipis, ns;
	struct cpumask mask = cpumask_of(test_cpu(0));

	if (test_nr_cpus() < 2)
		return test_skip(t, "one CPU");
	cup.tester = current;
	EXPECT_OK(t, set_cpus_allowed(current, &mask));
	test_thread_new_on(t, &pool, empties, test_cpu(1));
	test_threads_start(&pool);
	fill_and_wait();
	nr_posted = sum_of_cpus(offsetof(struct run_queue, nr_posted));
	nr_ipis = sum_of_cpus(offsetof(struct run_queue, nr_post_ipis));
	ns = clock_ns();
	for (unsigned int i = 0; i < NR_TURNS; i++)
		fill_and_wait();
	ns = clock_ns() - ns;
	nr_posted = sum_of_cpus(offsetof(struct run_queue, nr_posted)) - nr_posted;
	nr_ipis = sum_of_cpus(offsetof(struct run_queue, nr_post_ipis)) - nr_ipis;
	test_note(t, "%lu wake-ups across CPUs: %lu tasks posted with %lu interrupts, %lu ns each",
		  2 * NR_TURNS, nr_posted, nr_ipis, ns / (2 * NR_TURNS));
	leave_cpu(t);
}

static const struct test_case sched_bench_cases[] = {
	TEST_CASE(switch_by_yield),	TEST_CASE(switch_by_sleeping),
	TEST_CASE(many_runnable_tasks), TEST_CASE(threads_that_compute),
	TEST_CASE(wakeups_across_cpus),
};
TEST_SUITE(bench_sched, sched_bench_cases);
