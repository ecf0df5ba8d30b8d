/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs that come and go while others call them.  On one CPU there is little to test.
 */
#include <arch/processor.h>
#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/clock.h>
#include <oshit/cpuhp.h>
#include <oshit/smp.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define NR_ROUNDS     40
#define NR_BURST      20 /* calls of CPU 0 and CPU 1 to each CPU, a round */
#define WAIT_LIMIT_NS (60 * NSEC_PER_SEC)

static atomic_t nr_run, nr_refused, nr_bursts;
static struct call_single_data burst_csd;

static unsigned int last_cpu(void)
{
	unsigned int cpu, last = 0;

	for_each_possible_cpu(cpu)
		last = cpu;
	return last;
}

static bool alone(struct test *t)
{
	if (last_cpu() > 0)
		return false;
	test_skip(t, "one CPU");
	return true;
}

static void wait_for(const atomic_t *count, int value)
{
	u64 start_ns = clock_ns();

	while (atomic_read_acquire(count) != value && clock_ns() - start_ns < WAIT_LIMIT_NS)
		cpu_relax();
}

static void count_run(void *unused)
{
	atomic_inc(&nr_run);
}

static void count_nothing(void *unused)
{
}

static void cpu_that_is_off_refuses_calls(struct test *t)
{
	static struct call_single_data csd = { .fn = count_run };
	unsigned int cpu = last_cpu();

	if (alone(t))
		return;
	atomic_set(&nr_run, 0);
	ASSERT_OK(t, cpu_up(cpu));
	ASSERT_OK(t, cpu_down(cpu));
	EXPECT_FALSE(t, cpu_online(cpu));
	EXPECT_EQ(t, cpuhp_state(cpu), CPUHP_OFF);
	EXPECT_EQ(t, smp_call_function_single(cpu, count_run, NULL, SMP_WAIT), -ENXIO);
	EXPECT_EQ(t, smp_call_function_single(cpu, count_run, NULL, SMP_NO_WAIT), -ENXIO);
	EXPECT_EQ(t, smp_call_function_async(cpu, &csd), -ENXIO);
	EXPECT_EQ(t, atomic_read(&nr_run), 0);
	EXPECT_OK(t, cpu_up(cpu));
	EXPECT_OK(t, smp_call_function_async(cpu, &csd));
	wait_for(&nr_run, 1);
	EXPECT_EQ(t, atomic_read(&nr_run), 1);
}

static void boot_cpu_stays(struct test *t)
{
	EXPECT_EQ(t, cpu_down(0), -EBUSY);
	EXPECT_EQ(t, cpu_down(NR_CPUS), -EINVAL);
	EXPECT_EQ(t, cpu_up(NR_CPUS), -EINVAL);
	EXPECT_OK(t, cpu_up(0));
}

/* On CPU 1 in a handler, on CPU 0 in between. */
static void burst(void *unused)
{
	unsigned int cpu;

	for (unsigned int i = 0; i < NR_BURST; i++) {
		for_each_possible_cpu(cpu)
			if (smp_call_function_single(cpu, count_run, NULL,
						     i & 1 ? SMP_WAIT : SMP_NO_WAIT))
				atomic_inc(&nr_refused);
	}
	atomic_inc(&nr_bursts);
}

static int toggle(unsigned int cpu)
{
	return cpu_online(cpu) ? cpu_down(cpu) : cpu_up(cpu);
}

static void no_call_is_lost_when_cpus_come_and_go(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x5eed);
	unsigned int cpu, nr_started = 0;

	if (alone(t))
		return;
	atomic_set(&nr_run, 0);
	atomic_set(&nr_refused, 0);
	atomic_set(&nr_bursts, 0);
	burst_csd.fn = burst;
	for (unsigned int i = 0; i < NR_ROUNDS; i++) {
		nr_started += !smp_call_function_async(1, &burst_csd);
		EXPECT_OK(t, toggle(1 + (unsigned int)test_random_below(&random, last_cpu())));
		burst(NULL);
		nr_started++;
	}
	for_each_possible_cpu(cpu)
		EXPECT_OK(t, cpu_up(cpu));
	wait_for(&nr_bursts, (int)nr_started);
	on_each_cpu(count_nothing, NULL); /* behind those that nobody waited for */
	EXPECT_EQ(t, atomic_read(&nr_bursts), nr_started);
	EXPECT_EQ(t, atomic_read(&nr_run) + atomic_read(&nr_refused),
		  nr_started * NR_BURST * (last_cpu() + 1));
	EXPECT_EQ(t, num_online_cpus(), last_cpu() + 1);
}

/* --- steps that fail --- */

static struct {
	unsigned int cpu;
	enum cpuhp_step fail_at;
	enum cpuhp_way fail_way;
	bool out_of_order; /* a step did not follow the one before it */
	enum cpuhp_step here; /* where the CPU is, as far as its steps have been seen */
	unsigned int nr_failed;
} watch;

static bool has_function(enum cpuhp_step step)
{
	return step != CPUHP_STARTED && step != CPUHP_ONLINE;
}

static enum cpuhp_step expected_step(enum cpuhp_way way)
{
	if (way == CPUHP_WAY_UP)
		return watch.here + (has_function(watch.here + 1) ? 1 : 2);
	return watch.here - !has_function(watch.here);
}

/* Steps of one CPU never run at the same time, though some run on it and some elsewhere. */
static int watch_step(unsigned int cpu, enum cpuhp_step step, enum cpuhp_way way)
{
	if (cpu != watch.cpu)
		return 0;
	if (step != expected_step(way))
		watch.out_of_order = true;
	if (step == watch.fail_at && way == watch.fail_way) {
		watch.nr_failed++;
		return -ENOMEM;
	}
	watch.here = way == CPUHP_WAY_UP ? step : step - 1;
	return 0;
}

static void watch_begin(unsigned int cpu, enum cpuhp_step fail_at, enum cpuhp_way way)
{
	watch.cpu = cpu;
	watch.fail_at = fail_at;
	watch.fail_way = way;
	watch.out_of_order = false;
	watch.here = cpuhp_state(cpu);
	watch.nr_failed = 0;
	WRITE_ONCE(cpuhp_test_hook, watch_step);
}

static void start_that_fails_anywhere_is_undone(struct test *t)
{
	unsigned int cpu = last_cpu();

	if (alone(t))
		return;
	for (enum cpuhp_step step = CPUHP_OFF + 1; step < NR_CPUHP_STEPS; step++) {
		if (!has_function(step))
			continue;
		EXPECT_OK(t, cpu_down(cpu));
		watch_begin(cpu, step, CPUHP_WAY_UP);
		EXPECT_EQ(t, cpu_up(cpu), -ENOMEM);
		EXPECT_EQ(t, watch.nr_failed, 1);
		EXPECT_EQ(t, cpuhp_state(cpu), CPUHP_OFF);
		EXPECT_FALSE(t, cpu_online(cpu));
		EXPECT_FALSE(t, cpumask_test_cpu(cpu, &cpu_active_mask));
		/* And again, without a failure. */
		watch.fail_at = NR_CPUHP_STEPS;
		EXPECT_OK(t, cpu_up(cpu));
		EXPECT_FALSE(t, watch.out_of_order);
		EXPECT_EQ(t, cpuhp_state(cpu), NR_CPUHP_STEPS - 1);
		EXPECT_OK(t, smp_call_function_single(cpu, count_nothing, NULL, SMP_WAIT));
		WRITE_ONCE(cpuhp_test_hook, NULL);
	}
}

static void cpu_whose_step_refuses_stays(struct test *t)
{
	unsigned int cpu = last_cpu();

	if (alone(t))
		return;
	for (enum cpuhp_step step = CPUHP_ONLINE + 1; step < NR_CPUHP_STEPS; step++) {
		watch_begin(cpu, step, CPUHP_WAY_DOWN);
		EXPECT_EQ(t, cpu_down(cpu), -ENOMEM);
		EXPECT_EQ(t, watch.nr_failed, 1);
		EXPECT_FALSE(t, watch.out_of_order);
		EXPECT_EQ(t, cpuhp_state(cpu), NR_CPUHP_STEPS - 1);
		EXPECT_TRUE(t, cpumask_test_cpu(cpu, &cpu_active_mask));
		WRITE_ONCE(cpuhp_test_hook, NULL);
		EXPECT_OK(t, smp_call_function_single(cpu, count_nothing, NULL, SMP_WAIT));
	}
}

static const struct test_case hotplug_cases[] = {
	TEST_CASE(cpu_that_is_off_refuses_calls),
	TEST_CASE(boot_cpu_stays),
	TEST_CASE(no_call_is_lost_when_cpus_come_and_go),
	TEST_CASE(start_that_fails_anywhere_is_undone),
	TEST_CASE(cpu_whose_step_refuses_stays),
};
TEST_SUITE(hotplug, hotplug_cases);
