/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers on the real thing: this CPU's event source, its interrupt, and the clock. */
#include <arch/processor.h>
#include <oshit/clock.h>
#include <oshit/cpuhp.h>
#include <oshit/hrtimer.h>
#include <oshit/irqflags.h>
#include <oshit/percpu.h>
#include <oshit/preempt.h>
#include <oshit/smp.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define NR_TIMERS  200
#define PERIOD_NS  (200 * NSEC_PER_USEC)
#define NR_PERIODS 50
#define GIVE_UP_NS (30 * NSEC_PER_SEC) /* of a host that has other things to do */

struct probe {
	struct hrtimer timer;
	u64 called_ns; /* 0: not yet */
	unsigned int nr_calls;
	unsigned int nr_wanted;
	bool in_hardirq;
};

static struct probe probes[NR_TIMERS];
static unsigned int nr_called, nr_out_of_order, nr_early;
static u64 last_deadline_ns;

/* Sleeps until the timers of this CPU have counted so far. */
static void wait_for(const unsigned int *counter, unsigned int wanted)
{
	u64 give_up_ns = clock_ns() + GIVE_UP_NS;

	while (READ_ONCE(*counter) < wanted && clock_ns() < give_up_ns) {
		local_irq_disable();
		if (READ_ONCE(*counter) < wanted)
			cpu_wait_for_interrupt();
		local_irq_enable();
	}
}

static void note_call(struct hrtimer *timer)
{
	struct probe *probe = container_of(timer, struct probe, timer);

	probe->called_ns = clock_ns();
	probe->in_hardirq = in_hardirq() && irqs_disabled();
	if (probe->called_ns < hrtimer_deadline(timer))
		nr_early++;
	if (hrtimer_deadline(timer) < last_deadline_ns)
		nr_out_of_order++;
	last_deadline_ns = hrtimer_deadline(timer);
	probe->nr_calls++;
	WRITE_ONCE(nr_called, nr_called + 1);
}

static void reset(void)
{
	nr_called = nr_out_of_order = nr_early = 0;
	last_deadline_ns = 0;
	for (unsigned int i = 0; i < NR_TIMERS; i++) {
		probes[i] = (struct probe){ 0 };
		hrtimer_init(&probes[i].timer, note_call);
	}
}

static void an_idle_cpu_is_woken_at_the_deadline_and_not_before(struct test *t)
{
	u64 deadline_ns;

	reset();
	deadline_ns = clock_ns() + 3 * NSEC_PER_MSEC;
	hrtimer_start(&probes[0].timer, deadline_ns);
	wait_for(&nr_called, 1);
	ASSERT_EQ(t, nr_called, 1);
	EXPECT_EQ(t, nr_early, 0);
	EXPECT_TRUE(t, probes[0].in_hardirq);
	test_note(t, "late by %lu ns", probes[0].called_ns - deadline_ns);
}

static void a_deadline_in_the_past_is_due_at_once(struct test *t)
{
	reset();
	hrtimer_start(&probes[0].timer, 1);
	wait_for(&nr_called, 1);
	EXPECT_EQ(t, nr_called, 1);
	hrtimer_start(&probes[0].timer, clock_ns());
	wait_for(&nr_called, 2);
	EXPECT_EQ(t, nr_called, 2);
}

static void all_timers_run_once_and_in_the_order_of_their_deadlines(struct test *t)
{
	struct test_random rng = test_random_seeded(t, 0x5eed);
	u64 now = clock_ns();
	unsigned long flags;

	reset();
	local_irq_save(flags); /* none runs before all are there, however slow this is */
	for (unsigned int i = 0; i < NR_TIMERS; i++)
		hrtimer_start(&probes[i].timer,
			      now + NSEC_PER_MSEC + test_random_below(&rng, 10 * NSEC_PER_MSEC));
	local_irq_restore(flags);
	wait_for(&nr_called, NR_TIMERS);
	EXPECT_EQ(t, nr_called, NR_TIMERS);
	EXPECT_EQ(t, nr_out_of_order, 0);
	EXPECT_EQ(t, nr_early, 0);
	for (unsigned int i = 0; i < NR_TIMERS; i++)
		ASSERT_EQ(t, probes[i].nr_calls, 1);
}

static void a_cancelled_timer_does_not_run(struct test *t)
{
	u64 now = clock_ns();

	reset();
	for (unsigned int i = 0; i < 10; i++)
		hrtimer_start(&probes[i].timer, now + (i + 1) * NSEC_PER_MSEC / 2);
	for (unsigned int i = 1; i < 10; i += 2)
		EXPECT_TRUE(t, hrtimer_cancel(&probes[i].timer) || probes[i].nr_calls == 1);
	wait_for(&probes[8].nr_calls, 1);
	for (unsigned int i = 1; i < 10; i += 2)
		EXPECT_FALSE(t, hrtimer_is_queued(&probes[i].timer));
	EXPECT_FALSE(t, hrtimer_cancel(&probes[0].timer));
}

static void start_next_period(struct hrtimer *timer)
{
	struct probe *probe = container_of(timer, struct probe, timer);

	if (clock_ns() < hrtimer_deadline(timer))
		nr_early++;
	if (probe->nr_calls + 1 < NR_PERIODS)
		hrtimer_start(timer, hrtimer_deadline(timer) + PERIOD_NS);
	WRITE_ONCE(probe->nr_calls, probe->nr_calls + 1);
}

static void a_function_that_starts_its_timer_again_does_not_drift(struct test *t)
{
	struct hrtimer *timer = &probes[0].timer;
	u64 first_ns;

	reset();
	hrtimer_init(timer, start_next_period);
	first_ns = clock_ns() + PERIOD_NS;
	hrtimer_start(timer, first_ns);
	wait_for(&probes[0].nr_calls, NR_PERIODS);
	EXPECT_EQ(t, probes[0].nr_calls, NR_PERIODS);
	EXPECT_EQ(t, hrtimer_deadline(timer), first_ns + (NR_PERIODS - 1) * PERIOD_NS);
	EXPECT_EQ(t, nr_early, 0);
	EXPECT_FALSE(t, hrtimer_is_queued(timer));
}

static void a_started_timer_can_be_moved_both_ways(struct test *t)
{
	u64 now = clock_ns();
	unsigned long flags;

	reset();
	local_irq_save(flags); /* no deadline is met before the move */
	hrtimer_start(&probes[0].timer, now + 3600 * NSEC_PER_SEC);
	hrtimer_start(&probes[1].timer, now + NSEC_PER_MSEC);
	hrtimer_start(&probes[1].timer, now + 3600 * NSEC_PER_SEC);
	hrtimer_start(&probes[0].timer, now + 2 * NSEC_PER_MSEC);
	local_irq_restore(flags);
	wait_for(&nr_called, 1);
	EXPECT_EQ(t, probes[0].nr_calls, 1);
	EXPECT_EQ(t, probes[1].nr_calls, 0);
	EXPECT_TRUE(t, hrtimer_cancel(&probes[1].timer));
}

/* --- several CPUs --- */

static struct probe cpu_probes[NR_CPUS];
static unsigned int nr_cpus_called, nr_on_wrong_cpu; /* atomic */

static void note_cpu(struct hrtimer *timer)
{
	struct probe *probe = container_of(timer, struct probe, timer);

	if (probe != &cpu_probes[smp_processor_id()])
		__atomic_fetch_add(&nr_on_wrong_cpu, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&nr_cpus_called, 1, __ATOMIC_RELAXED);
}

static void start_in_5_ms(void *arg)
{
	struct hrtimer *timer = &cpu_probes[smp_processor_id()].timer;

	hrtimer_init(timer, note_cpu);
	hrtimer_start(timer, clock_ns() + 5 * NSEC_PER_MSEC);
}

static void start_in_an_hour(void *arg)
{
	struct hrtimer *timer = &cpu_probes[smp_processor_id()].timer;

	hrtimer_init(timer, note_cpu);
	hrtimer_start(timer, clock_ns() + 3600 * NSEC_PER_SEC);
}

/* What another CPU does wakes nobody here. */
static void spin_for(const unsigned int *counter, unsigned int wanted)
{
	u64 give_up_ns = clock_ns() + GIVE_UP_NS;

	while (__atomic_load_n(counter, __ATOMIC_ACQUIRE) < wanted && clock_ns() < give_up_ns)
		cpu_relax();
}

static void each_cpu_runs_its_own_timers(struct test *t)
{
	nr_cpus_called = nr_on_wrong_cpu = 0;
	on_each_cpu(start_in_5_ms, NULL);
	spin_for(&nr_cpus_called, num_online_cpus());
	EXPECT_EQ(t, nr_cpus_called, num_online_cpus());
	EXPECT_EQ(t, nr_on_wrong_cpu, 0);
}

static void a_timer_of_another_cpu_can_be_cancelled_and_taken_over(struct test *t)
{
	unsigned int cpu;

	nr_cpus_called = nr_on_wrong_cpu = 0;
	on_each_cpu(start_in_an_hour, NULL);
	for_each_online_cpu(cpu)
		if (cpu % 2)
			EXPECT_TRUE(t, hrtimer_cancel(&cpu_probes[cpu].timer));
		else
			hrtimer_start(&cpu_probes[cpu].timer, clock_ns() + NSEC_PER_MSEC);
	spin_for(&nr_cpus_called, (num_online_cpus() + 1) / 2);
	EXPECT_EQ(t, nr_cpus_called, (num_online_cpus() + 1) / 2);
	for_each_online_cpu(cpu)
		EXPECT_FALSE(t, hrtimer_is_queued(&cpu_probes[cpu].timer));
}

static void timers_of_a_cpu_that_goes_off_run_on_another(struct test *t)
{
	if (!IS_ENABLED(CONFIG_HOTPLUG_CPU) || !cpu_online(1)) {
		test_skip(t, "no CPU can go off");
		return;
	}
	nr_cpus_called = nr_on_wrong_cpu = 0;
	hrtimer_init(&cpu_probes[1].timer, note_cpu);
	smp_call_function_single(1, start_in_an_hour, NULL, SMP_WAIT);
	ASSERT_OK(t, cpu_down(1));
	EXPECT_TRUE(t, hrtimer_is_queued(&cpu_probes[1].timer));
	hrtimer_start(&cpu_probes[1].timer, clock_ns() + NSEC_PER_MSEC);
	spin_for(&nr_cpus_called, 1);
	EXPECT_EQ(t, nr_cpus_called, 1);
	EXPECT_EQ(t, nr_on_wrong_cpu, 1);
	ASSERT_OK(t, cpu_up(1));
	smp_call_function_single(1, start_in_5_ms, NULL, SMP_WAIT); /* and it has a timer again */
	spin_for(&nr_cpus_called, 2);
	EXPECT_EQ(t, nr_cpus_called, 2);
	EXPECT_EQ(t, nr_on_wrong_cpu, 1);
}

static const struct test_case hrtimer_cases[] = {
	TEST_CASE(an_idle_cpu_is_woken_at_the_deadline_and_not_before),
	TEST_CASE(a_deadline_in_the_past_is_due_at_once),
	TEST_CASE(all_timers_run_once_and_in_the_order_of_their_deadlines),
	TEST_CASE(a_cancelled_timer_does_not_run),
	TEST_CASE(a_function_that_starts_its_timer_again_does_not_drift),
	TEST_CASE(a_started_timer_can_be_moved_both_ways),
	TEST_CASE(each_cpu_runs_its_own_timers),
	TEST_CASE(a_timer_of_another_cpu_can_be_cancelled_and_taken_over),
	TEST_CASE(timers_of_a_cpu_that_goes_off_run_on_another),
};
TEST_SUITE(hrtimer, hrtimer_cases);
