/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls between CPUs, stops and flushes: each CPU calls each other at the same time, and all
 * numbers must come out.  On one CPU there is nothing to test.
 */
#include <arch/page.h>
#include <arch/processor.h>
#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/clock.h>
#include <oshit/gfp.h>
#include <oshit/smp.h>
#include <oshit/test.h>
#include <oshit/vmalloc.h>

#define NR_STORM_CALLS	160U /* of each CPU to all others */
#define NR_STOP_ROUNDS	10
#define NR_ORDERED	32
#define NR_FLUSH_ROUNDS 50
#define STORM_LIMIT_NS	(60 * NSEC_PER_SEC)

static atomic_t nr_calls_of[NR_CPUS]; /* by the CPU that was called */
static atomic_t nr_refused;
static atomic_t nr_storms_done;
static struct call_single_data storm_csds[NR_CPUS];

static bool alone(struct test *t)
{
	if (num_online_cpus() > 1)
		return false;
	test_skip(t, "one CPU");
	return true;
}

static void count_call(void *expected_cpu)
{
	unsigned int cpu = smp_processor_id();

	if (!expected_cpu || *(unsigned int *)expected_cpu == cpu)
		atomic_inc(&nr_calls_of[cpu]);
}

static void reset_counts(void)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		atomic_set(&nr_calls_of[cpu], 0);
	atomic_set(&nr_refused, 0);
	atomic_set(&nr_storms_done, 0);
}

static void call_runs_on_the_cpu_that_was_asked(struct test *t)
{
	unsigned int cpu;

	reset_counts();
	for_each_online_cpu(cpu) {
		EXPECT_OK(t, smp_call_function_single(cpu, count_call, &cpu, SMP_WAIT));
		EXPECT_EQ(t, atomic_read(&nr_calls_of[cpu]), 1);
	}
	if (IS_ENABLED(CONFIG_SMP))
		EXPECT_EQ(t, smp_call_function_single(NR_CPUS, count_call, NULL, SMP_WAIT), -ENXIO);
}

static void note_context(void *arg)
{
	*(bool *)arg = irqs_disabled() && (smp_processor_id() == 0 || in_hardirq());
}

static void call_runs_with_interrupts_off(struct test *t)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		bool good = false;

		smp_call_function_single(cpu, note_context, &good, SMP_WAIT);
		EXPECT_TRUE(t, good);
	}
	EXPECT_FALSE(t, irqs_disabled());
	EXPECT_EQ(t, preempt_count(), 0);
}

static void on_each_cpu_runs_once_on_each(struct test *t)
{
	unsigned int cpu;

	reset_counts();
	on_each_cpu(count_call, NULL);
	for_each_online_cpu(cpu)
		EXPECT_EQ(t, atomic_read(&nr_calls_of[cpu]), 1);
}

static void call_many_leaves_others_alone(struct test *t)
{
	struct cpumask mask = cpumask_of(0);
	unsigned int cpu, last = 0;

	if (alone(t))
		return;
	for_each_online_cpu(cpu)
		last = cpu;
	cpumask_set_cpu(last, &mask);
	reset_counts();
	smp_call_function_many(&mask, count_call, NULL);
	for_each_online_cpu(cpu)
		EXPECT_EQ(t, atomic_read(&nr_calls_of[cpu]), cpu == last);
}

static unsigned int order_seen[NR_ORDERED]; /* the called CPU */
static atomic_t nr_ordered;

static void note_order(void *number)
{
	order_seen[atomic_read(&nr_ordered)] = *(unsigned int *)number;
	atomic_inc(&nr_ordered);
}

static void wait_for(const atomic_t *count, int value)
{
	u64 start_ns = clock_ns();

	while (atomic_read_acquire(count) != value && clock_ns() - start_ns < STORM_LIMIT_NS)
		cpu_relax();
}

static void async_calls_run_in_order(struct test *t)
{
	static struct call_single_data csds[NR_ORDERED];
	static unsigned int numbers[NR_ORDERED];
	unsigned int cpu = cpumask_next(0, &cpu_online_mask);

	if (alone(t))
		return;
	atomic_set(&nr_ordered, 0);
	for (unsigned int i = 0; i < NR_ORDERED; i++) {
		numbers[i] = i;
		csds[i].fn = note_order;
		csds[i].arg = &numbers[i];
		EXPECT_OK(t, smp_call_function_async(cpu, &csds[i]));
	}
	wait_for(&nr_ordered, NR_ORDERED);
	for (unsigned int i = 0; i < NR_ORDERED; i++)
		EXPECT_EQ(t, order_seen[i], i);
}

static atomic_t gate;

static void wait_at_gate(void *unused)
{
	while (!atomic_read_acquire(&gate))
		cpu_relax();
}

static void queued_csd_is_refused_until_it_runs(struct test *t)
{
	static struct call_single_data csd = { .fn = count_call };
	unsigned int cpu = cpumask_next(0, &cpu_online_mask);

	if (alone(t))
		return;
	reset_counts();
	atomic_set(&gate, 0);
	EXPECT_OK(t, smp_call_function_single(cpu, wait_at_gate, NULL, SMP_NO_WAIT));
	EXPECT_OK(t, smp_call_function_async(cpu, &csd));
	EXPECT_EQ(t, smp_call_function_async(cpu, &csd), -EBUSY);
	atomic_set_release(&gate, 1);
	wait_for(&nr_calls_of[cpu], 1);
	EXPECT_OK(t, smp_call_function_async(cpu, &csd));
	wait_for(&nr_calls_of[cpu], 2);
	EXPECT_EQ(t, atomic_read(&nr_calls_of[cpu]), 2);
}

/* Where CPUs are threads that share fewer real ones, each wait costs a time slice. */
static unsigned int calls_to_each(void)
{
	return NR_STORM_CALLS / num_online_cpus() + 2;
}

/* In a handler, interrupts off: all CPUs wait for each other and still answer. */
static void storm(void *unused)
{
	unsigned int cpu, nr = calls_to_each();

	for (unsigned int i = 0; i < nr; i++) {
		for_each_possible_cpu(cpu) {
			enum smp_wait wait = i & 1 ? SMP_WAIT : SMP_NO_WAIT;

			if (smp_call_function_single(cpu, count_call, NULL, wait))
				atomic_inc(&nr_refused);
		}
	}
	atomic_inc(&nr_storms_done);
}

static void start_storms(void)
{
	unsigned int cpu;

	reset_counts();
	for_each_online_cpu(cpu) {
		storm_csds[cpu].fn = storm;
		if (cpu)
			smp_call_function_async(cpu, &storm_csds[cpu]);
	}
}

static int sum_of_calls(void)
{
	int sum = 0;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		sum += atomic_read(&nr_calls_of[cpu]);
	return sum;
}

/* Calls that nobody waited for have ended when one behind them has. */
static void drain_calls(void)
{
	on_each_cpu(count_call, &(unsigned int){ NR_CPUS });
}

static void all_call_all_and_none_is_lost(struct test *t)
{
	unsigned int cpu, nr = num_online_cpus();

	if (alone(t))
		return;
	start_storms();
	storm(NULL);
	wait_for(&nr_storms_done, (int)nr);
	EXPECT_EQ(t, atomic_read(&nr_storms_done), nr);
	drain_calls();
	for_each_online_cpu(cpu)
		EXPECT_EQ(t, atomic_read(&nr_calls_of[cpu]), nr * calls_to_each());
}

static void calls_survive_stops_and_nmis(struct test *t)
{
	unsigned int nr = num_online_cpus();
	unsigned long flags;

	if (alone(t))
		return;
	start_storms();
	for (unsigned int i = 0; i < NR_STOP_ROUNDS; i++) {
		local_irq_save(flags);
		EXPECT_EQ(t, smp_stop_others(), 0);
		smp_resume_others();
		smp_poll_calls();
		local_irq_restore(flags);
	}
	wait_for(&nr_storms_done, (int)nr - 1);
	EXPECT_EQ(t, atomic_read(&nr_storms_done), nr - 1);
	drain_calls();
	EXPECT_EQ(t, sum_of_calls(), (nr - 1) * nr * calls_to_each());
}

static void stopped_cpus_do_nothing(struct test *t)
{
	unsigned int cpu;
	unsigned long flags;
	int before;

	if (alone(t))
		return;
	start_storms();
	local_irq_save(flags);
	EXPECT_EQ(t, smp_stop_others(), 0);
	for_each_online_cpu(cpu)
		EXPECT_EQ(t, smp_cpu_is_stopped(cpu), cpu != 0);
	before = sum_of_calls();
	delay_us(2000);
	EXPECT_EQ(t, sum_of_calls(), before);
	smp_resume_others();
	local_irq_restore(flags);
	wait_for(&nr_storms_done, (int)num_online_cpus() - 1);
	EXPECT_EQ(t, atomic_read(&nr_storms_done), num_online_cpus() - 1);
}

struct look { /* through a mapping, on another CPU */
	const unsigned long *place;
	unsigned long seen;
};

static void look_here(void *arg)
{
	struct look *look = arg;

	look->seen = READ_ONCE(*look->place);
}

/* The same address shows one page after the other; who remembers the old one sees its content. */
static void flush_reaches_every_cpu(struct test *t)
{
	struct page *pages[2] = { alloc_page(GFP_KERNEL), alloc_page(GFP_KERNEL) };
	const void *first = NULL;
	unsigned int cpu, nr_same = 0;

	ASSERT_TRUE(t, pages[0] && pages[1]);
	for (unsigned long i = 0; i < NR_FLUSH_ROUNDS; i++) {
		struct look look = { .place = vmap(&pages[i & 1], 1) };

		ASSERT_TRUE(t, look.place);
		*(unsigned long *)page_to_virt(pages[i & 1]) = i;
		nr_same += look.place == first;
		first = look.place;
		for_each_online_cpu(cpu) {
			smp_call_function_single(cpu, look_here, &look, SMP_WAIT);
			EXPECT_EQ(t, look.seen, i);
		}
		vunmap(look.place);
	}
	EXPECT_GT(t, nr_same, 0);
	__free_pages(pages[0], 0);
	__free_pages(pages[1], 0);
}

static const struct test_case smp_cases[] = {
	TEST_CASE(call_runs_on_the_cpu_that_was_asked),
	TEST_CASE(call_runs_with_interrupts_off),
	TEST_CASE(on_each_cpu_runs_once_on_each),
	TEST_CASE(call_many_leaves_others_alone),
	TEST_CASE(async_calls_run_in_order),
	TEST_CASE(queued_csd_is_refused_until_it_runs),
	TEST_CASE(all_call_all_and_none_is_lost),
	TEST_CASE(calls_survive_stops_and_nmis),
	TEST_CASE(stopped_cpus_do_nothing),
	TEST_CASE(flush_reaches_every_cpu),
};
TEST_SUITE(smp, smp_cases);
