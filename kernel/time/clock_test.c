/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock of this machine. */
#include <arch/processor.h>
#include <oshit/clock.h>
#include <oshit/clocksource.h>
#include <oshit/irqflags.h>
#include <oshit/smp.h>
#include <oshit/test.h>

#define NR_READS 20000

static void the_clock_never_goes_back(struct test *t)
{
	u64 start = clock_ns(), last = start, now;

	for (unsigned int i = 0; i < NR_READS; i++, last = now) {
		now = clock_ns();
		ASSERT_GE(t, now, last);
	}
	test_note(t, "%lu ns a reading", (last - start) / NR_READS);
}

static u64 latest_ns, nr_behind; /* atomic; of all CPUs */

/* Whoever reads the clock reads no less than anybody has read before. */
static void read_and_pass_on(void *arg)
{
	u64 end_ns = clock_ns() + 20 * NSEC_PER_MSEC, now;

	do {
		u64 latest = __atomic_load_n(&latest_ns, __ATOMIC_ACQUIRE);

		now = clock_ns();
		if (now < latest)
			__atomic_fetch_add(&nr_behind, 1, __ATOMIC_RELAXED);
		while (latest < now &&
		       !__atomic_compare_exchange_n(&latest_ns, &latest, now, false,
						    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			;
	} while (now < end_ns);
}

static void no_cpu_reads_less_than_another_has_read(struct test *t)
{
	latest_ns = nr_behind = 0;
	on_each_cpu(read_and_pass_on, NULL);
	EXPECT_EQ(t, nr_behind, 0);
	EXPECT_GT(t, latest_ns, 0);
}

static void a_delay_is_not_shorter_than_asked_for(struct test *t)
{
	u64 start = clock_ns();

	delay_us(300);
	EXPECT_GE(t, clock_ns() - start, 300 * NSEC_PER_USEC);
}

static void the_date_moves_with_the_clock(struct test *t)
{
	struct clock_params params;
	u64 before, date, after;

	clock_params_get(&params);
	before = clock_ns();
	date = clock_real_ns();
	after = clock_ns();
	EXPECT_GE(t, date, before + params.real_offset_ns);
	EXPECT_LE(t, date, after + params.real_offset_ns);
}

static void setting_the_date_leaves_the_clock_alone(struct test *t)
{
	u64 before = clock_ns(), date, after;
	struct clock_params params;

	clock_params_get(&params);
	clock_set_real_ns(1234567890 * NSEC_PER_SEC);
	date = clock_real_ns();
	after = clock_ns();
	EXPECT_GE(t, after, before);
	EXPECT_GE(t, date, 1234567890 * NSEC_PER_SEC);
	EXPECT_LE(t, date, 1234567890 * NSEC_PER_SEC + (after - before));
	clock_set_real_ns(params.real_offset_ns + clock_ns());
}

/* Each counter that can drive the clock agrees with the one that does. */
static void all_counters_run_at_the_rate_they_are_said_to(struct test *t)
{
	for (unsigned int i = 0; clocksource_get(i); i++) {
		const struct clocksource *source = clocksource_get(i);
		u64 (*read)(void) = source->read ?: cpu_cycles_ordered;
		u64 first, last, start, middle, before, end, slack_ns, counted_ns;
		unsigned long flags;

		local_irq_save(flags);
		start = clock_ns();
		first = read();
		middle = clock_ns();
		delay_us(20000);
		before = clock_ns();
		last = read();
		end = clock_ns();
		local_irq_restore(flags);
		counted_ns = clock_scale(last - first, source->mult);
		slack_ns = (end - start) / 1000; /* 0.1 % */
		EXPECT_LE(t, counted_ns, end - start + slack_ns);
		EXPECT_GE(t, counted_ns + slack_ns, before - middle);
		test_note(t, "%s: %lu ns of %lu", source->name, counted_ns, end - start);
	}
}

static const struct test_case clock_cases[] = {
	TEST_CASE(the_clock_never_goes_back),
	TEST_CASE(no_cpu_reads_less_than_another_has_read),
	TEST_CASE(a_delay_is_not_shorter_than_asked_for),
	TEST_CASE(the_date_moves_with_the_clock),
	TEST_CASE(setting_the_date_leaves_the_clock_alone),
	TEST_CASE(all_counters_run_at_the_rate_they_are_said_to),
};
TEST_SUITE(clock, clock_cases);
