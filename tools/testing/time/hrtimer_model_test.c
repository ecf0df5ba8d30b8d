/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers on simulated CPUs with a clock that the test moves.
 *
 * One thread plays all CPUs in turn and compares each step with a model: an array that says which
 * timer is queued where, when it is due and which start was its last.  The event sources are a
 * number for each CPU; a CPU whose event is in the past takes its interrupt.
 */
#include <arch/timer.h>
#include <host.h>
#include <oshit/clock.h>
#include <oshit/hrtimer.h>
#include <oshit/math.h>
#include <oshit/percpu.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "../../../kernel/time/hrtimer_queue.h"
#include "sim_timer.h"

#define NR_TIMERS    64
#define NR_STEPS     2000000
#define DEADLINE_MAX 40 /* few different ones, so that many are equal */

struct model_timer {
	struct hrtimer timer;
	bool is_queued;
	u64 deadline_ns;
	u64 nr_start; /* which start of all was its last: the order of equals */
	unsigned int cpu;
};

static struct model_timer model[NR_TIMERS];
static struct test *test;
static struct test_random rng;
static u64 nr_starts, nr_calls;

static void check(bool ok, const char *what)
{
	if (!ok)
		test_fail(test, __FILE__, __LINE__, "%s at %lu ns, start %lu", what, sim_now_ns,
			  nr_starts);
}

/* The one that CPU @cpu must call first; NULL if its queue is empty. */
static struct model_timer *model_first(unsigned int cpu)
{
	struct model_timer *first = NULL;

	for (unsigned int i = 0; i < NR_TIMERS; i++) {
		struct model_timer *m = &model[i];

		if (!m->is_queued || m->cpu != cpu)
			continue;
		if (!first || m->deadline_ns < first->deadline_ns ||
		    (m->deadline_ns == first->deadline_ns && m->nr_start < first->nr_start))
			first = m;
	}
	return first;
}

static void start(struct model_timer *m)
{
	u64 deadline_ns = sim_now_ns + test_random_below(&rng, DEADLINE_MAX);

	if (deadline_ns > DEADLINE_MAX)
		deadline_ns -= DEADLINE_MAX / 4; /* some are late */
	m->is_queued = true;
	m->deadline_ns = deadline_ns;
	m->nr_start = ++nr_starts;
	m->cpu = smp_processor_id();
	hrtimer_start(&m->timer, deadline_ns);
}

static void called(struct hrtimer *timer)
{
	struct model_timer *m = container_of(timer, struct model_timer, timer);

	check(m == model_first(smp_processor_id()), "the first in the queue is called");
	check(m->deadline_ns <= sim_now_ns, "nothing is called early");
	check(!hrtimer_is_queued(timer), "a timer that runs is not queued");
	m->is_queued = false;
	nr_calls++;
	if (test_random_below(&rng, 4) == 0)
		start(m);
	if (test_random_below(&rng, 8) == 0)
		start(&model[test_random_below(&rng, NR_TIMERS)]);
}

static void do_cancel(struct model_timer *m, bool (*cancel)(struct hrtimer *))
{
	check(cancel(&m->timer) == m->is_queued, "cancel tells whether it was queued");
	m->is_queued = false;
}

/* All timers of the CPU go to this one, in their order. */
static void do_cpu_dead(unsigned int cpu)
{
	struct model_timer *m;

	if (cpu == smp_processor_id())
		return;
	while ((m = model_first(cpu))) {
		m->cpu = smp_processor_id();
		m->nr_start = ++nr_starts;
	}
	hrtimers_cpu_dead(cpu);
	check(per_cpu(hrtimer_queue, cpu).nr_queued == 0, "a dead CPU has no timers");
	sim_on_cpu(cpu, hrtimers_cpu_starting);
}

static void take_interrupts(void)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		const struct model_timer *m;

		sim_take_interrupts(cpu);
		m = model_first(cpu);
		check(!m || m->deadline_ns > sim_now_ns, "what is due has been called");
		check(!m || sim_event_ns[cpu] <= m->deadline_ns, "there is an event for the first");
	}
}

static void check_all(void)
{
	const struct model_timer *m = model_first(smp_processor_id());

	check(hrtimer_next_deadline() == (m ? m->deadline_ns : HRTIMER_NO_DEADLINE),
	      "the next deadline is that of the first");
	for (unsigned int i = 0; i < NR_TIMERS; i++)
		check(hrtimer_is_queued(&model[i].timer) == model[i].is_queued, "is_queued");
}

static void step(void)
{
	struct model_timer *m = &model[test_random_below(&rng, NR_TIMERS)];

	host_cpu_enter((unsigned int)test_random_below(&rng, NR_CPUS));
	switch (test_random_below(&rng, 16)) {
	case 0:
	case 1:
		do_cancel(m, hrtimer_cancel);
		break;
	case 2:
		do_cancel(m, hrtimer_try_cancel);
		break;
	case 3:
	case 4:
		sim_now_ns += test_random_below(&rng, DEADLINE_MAX / 4);
		take_interrupts();
		break;
	case 5:
		if (test_random_below(&rng, 64) == 0)
			do_cpu_dead((unsigned int)test_random_below(&rng, NR_CPUS));
		break;
	case 6:
		check_all();
		break;
	default:
		start(m);
		break;
	}
}

static void random_steps_follow_the_model(struct test *t)
{
	sim_reset();
	test = t;
	rng = test_random_seeded(t, 0x7131e12345);
	nr_starts = nr_calls = 0;
	for (unsigned int i = 0; i < NR_TIMERS; i++) {
		model[i] = (struct model_timer){ 0 };
		hrtimer_init(&model[i].timer, called);
	}
	for (unsigned int i = 0; i < NR_STEPS && !t->nr_failures; i++)
		step();
	take_interrupts();
	EXPECT_GT(t, nr_calls, NR_STEPS / 100);
	test_note(t, "%u steps, %lu starts, %lu calls", NR_STEPS, nr_starts, nr_calls);
}

/* --- single properties --- */

#define NR_FEW 300 /* more than one interrupt calls */

static struct hrtimer few[NR_FEW];
static unsigned int order[NR_FEW], nr_order;

static void note_order(struct hrtimer *timer)
{
	order[nr_order++] = (unsigned int)(timer - few);
}

static void equal_deadlines_keep_the_order_of_starts(struct test *t)
{
	sim_reset();
	nr_order = 0;
	for (unsigned int i = 0; i < NR_FEW; i++) {
		hrtimer_init(&few[i], note_order);
		hrtimer_start(&few[i], 100);
	}
	hrtimer_start(&few[0], 100); /* moved: now the last */
	sim_now_ns = 99;
	sim_take_interrupts(0);
	EXPECT_EQ(t, nr_order, 0);
	sim_now_ns = 100;
	sim_take_interrupts(0);
	ASSERT_EQ(t, nr_order, NR_FEW);
	for (unsigned int i = 0; i < NR_FEW; i++)
		ASSERT_EQ(t, order[i], (i + 1) % NR_FEW);
}

static void start_again_in_the_past(struct hrtimer *timer)
{
	nr_order++;
	hrtimer_start(timer, 1);
}

static void one_interrupt_ends_even_if_a_function_is_always_late(struct test *t)
{
	struct hrtimer timer;

	sim_reset();
	nr_order = 0;
	hrtimer_init(&timer, start_again_in_the_past);
	hrtimer_start(&timer, 1);
	sim_now_ns = 5;
	hrtimer_interrupt();
	EXPECT_LE(t, nr_order, 1000u);
	EXPECT_EQ(t, sim_event_ns[0], 1); /* at once */
	EXPECT_TRUE(t, hrtimer_try_cancel(&timer));
}

static void only_an_earlier_timer_sets_the_event(struct test *t)
{
	struct hrtimer a, b;

	sim_reset();
	hrtimer_init(&a, note_order);
	hrtimer_init(&b, note_order);
	hrtimer_start(&a, 100);
	EXPECT_EQ(t, sim_event_ns[0], 100);
	hrtimer_start(&b, 200);
	EXPECT_EQ(t, sim_nr_sets, 1);
	EXPECT_TRUE(t, hrtimer_cancel(&a));
	EXPECT_EQ(t, sim_nr_sets, 1);
	hrtimer_start(&a, 150); /* the event at 100 stands and will look */
	EXPECT_EQ(t, sim_nr_sets, 1);
	sim_now_ns = 100;
	sim_take_interrupts(0);
	EXPECT_EQ(t, sim_event_ns[0], 150);
	EXPECT_TRUE(t, hrtimer_cancel(&a));
	EXPECT_TRUE(t, hrtimer_cancel(&b));
	EXPECT_FALSE(t, hrtimer_cancel(&b));
	EXPECT_EQ(t, hrtimer_next_deadline(), HRTIMER_NO_DEADLINE);
}

static void scribble(struct hrtimer *timer)
{
	nr_order++;
	memset(timer, 0xdb, sizeof(*timer));
}

/* Nothing is read back: with its memory gone the next timers still run. */
static void a_function_may_end_its_timer(struct test *t)
{
	sim_reset();
	nr_order = 0;
	for (unsigned int i = 0; i < 3; i++) {
		hrtimer_init(&few[i], scribble);
		hrtimer_start(&few[i], 1 + i);
	}
	sim_now_ns = 10;
	sim_take_interrupts(0);
	EXPECT_EQ(t, nr_order, 3);
	for (size_t i = 0; i < 3 * sizeof(struct hrtimer); i++)
		ASSERT_EQ(t, ((u8 *)few)[i], 0xdb);
}

static void a_timer_started_before_its_cpu_is_ready_gets_an_event(struct test *t)
{
	struct hrtimer timer;

	sim_reset();
	hrtimer_init(&timer, note_order);
	hrtimer_start(&timer, 7);
	sim_event_ns[0] = HRTIMER_NO_DEADLINE; /* there was no device to tell */
	hrtimers_cpu_starting();
	EXPECT_EQ(t, sim_event_ns[0], 7);
	EXPECT_TRUE(t, hrtimer_cancel(&timer));
}

static const struct test_case hrtimer_model_cases[] = {
	TEST_CASE(random_steps_follow_the_model),
	TEST_CASE(equal_deadlines_keep_the_order_of_starts),
	TEST_CASE(one_interrupt_ends_even_if_a_function_is_always_late),
	TEST_CASE(only_an_earlier_timer_sets_the_event),
	TEST_CASE(a_function_may_end_its_timer),
	TEST_CASE(a_timer_started_before_its_cpu_is_ready_gets_an_event),
};
TEST_SUITE(hrtimer_model, hrtimer_model_cases);
