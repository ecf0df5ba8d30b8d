/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers on CPUs that are threads: all start, move and cancel the same few timers, while one of
 * them moves the clock.  Each takes its own interrupts in between.  Built twice, with the address
 * sanitizer and with the thread sanitizer.
 */
#include <host.h>
#include <oshit/clock.h>
#include <oshit/hrtimer.h>
#include <oshit/math.h>
#include <oshit/percpu.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "../../../kernel/time/hrtimer_queue.h"
#include "sim_timer.h"

#define NR_TIMERS 8 /* few, so that CPUs meet */
#define NR_STEPS  100000

struct shared_timer {
	struct hrtimer timer;
	unsigned int owner; /* atomic: CPU + 1 that may start and cancel it, 0: free */
	unsigned int is_running; /* atomic: calls of the function that are under way */
	unsigned int starts_again; /* atomic: what is left of how often it starts itself */
};

static struct shared_timer timers[NR_TIMERS];
static u64 nr_calls, nr_violations; /* atomic */
static bool has_owners;

static void violation(bool happened)
{
	if (happened)
		__atomic_fetch_add(&nr_violations, 1, __ATOMIC_RELAXED);
}

static void called(struct hrtimer *timer)
{
	struct shared_timer *shared = container_of(timer, struct shared_timer, timer);
	unsigned int left = __atomic_load_n(&shared->starts_again, __ATOMIC_RELAXED);

	violation(__atomic_fetch_add(&shared->is_running, 1, __ATOMIC_ACQUIRE) != 0);
	if (left) {
		__atomic_store_n(&shared->starts_again, left - 1, __ATOMIC_RELAXED);
		hrtimer_start(timer, clock_ns() + left % 3);
	}
	__atomic_fetch_add(&nr_calls, 1, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&shared->is_running, 1, __ATOMIC_RELEASE);
}

static bool own(struct shared_timer *shared, unsigned int cpu)
{
	unsigned int nobody = 0;

	return !has_owners || __atomic_compare_exchange_n(&shared->owner, &nobody, cpu + 1, false,
							  __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void disown(struct shared_timer *shared)
{
	if (has_owners)
		__atomic_store_n(&shared->owner, 0, __ATOMIC_RELEASE);
}

/* Who alone may start a timer and has cancelled it, knows that it neither waits nor runs. */
static void cancel(struct shared_timer *shared)
{
	hrtimer_cancel(&shared->timer);
	if (!has_owners)
		return;
	violation(hrtimer_is_queued(&shared->timer));
	violation(__atomic_load_n(&shared->is_running, __ATOMIC_ACQUIRE) != 0);
}

static void step(struct test_random *rng, unsigned int cpu)
{
	struct shared_timer *shared = &timers[test_random_below(rng, NR_TIMERS)];

	if (!own(shared, cpu))
		return;
	switch (test_random_below(rng, 4)) {
	case 0:
		cancel(shared);
		break;
	case 1:
		hrtimer_try_cancel(&shared->timer);
		break;
	default:
		__atomic_store_n(&shared->starts_again, test_random_below(rng, 4),
				 __ATOMIC_RELAXED);
		hrtimer_start(&shared->timer, clock_ns() + test_random_below(rng, 20));
		break;
	}
	disown(shared);
}

static void run_cpu(unsigned int cpu)
{
	struct test_random rng = { .state = 0x1234567 + cpu };

	for (unsigned int i = 0; i < NR_STEPS; i++) {
		step(&rng, cpu);
		if (cpu == 0)
			__atomic_fetch_add(&sim_now_ns, 1, __ATOMIC_RELAXED);
		sim_take_interrupts(cpu);
	}
}

static void run_all(struct test *t)
{
	sim_reset();
	nr_calls = nr_violations = 0;
	for (unsigned int i = 0; i < NR_TIMERS; i++) {
		timers[i] = (struct shared_timer){ .owner = 0 };
		hrtimer_init(&timers[i].timer, called);
	}
	host_run_on_cpus(NR_CPUS, run_cpu);
	EXPECT_EQ(t, nr_violations, 0);
	EXPECT_GT(t, nr_calls, NR_STEPS / 100);
	test_note(t, "%lu calls", nr_calls);
	for (unsigned int i = 0; i < 5; i++) { /* those that start themselves again, too */
		sim_now_ns += 1000;
		for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
			sim_take_interrupts(cpu);
	}
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		EXPECT_EQ(t, per_cpu(hrtimer_queue, cpu).nr_queued, 0);
		EXPECT_TRUE(t, !per_cpu(hrtimer_queue, cpu).tree.first);
	}
	for (unsigned int i = 0; i < NR_TIMERS; i++)
		EXPECT_FALSE(t, hrtimer_is_queued(&timers[i].timer));
}

static void a_function_never_runs_twice_at_a_time(struct test *t)
{
	has_owners = false;
	run_all(t);
}

static void a_cancelled_timer_neither_waits_nor_runs(struct test *t)
{
	has_owners = true;
	run_all(t);
}

static const struct test_case hrtimer_smp_cases[] = {
	TEST_CASE(a_function_never_runs_twice_at_a_time),
	TEST_CASE(a_cancelled_timer_neither_waits_nor_runs),
};
TEST_SUITE(hrtimer_smp, hrtimer_smp_cases);
