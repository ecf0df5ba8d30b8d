/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks at a TSC whose pace the test sets, beside a reference of 100 MHz: real clock, real timers,
 * simulated counters.
 */
#include <arch/processor.h>
#include <arch/timer.h>
#include <host.h>
#include <oshit/clock.h>
#include <oshit/clock_page.h>
#include <oshit/clocksource.h>
#include <oshit/hrtimer.h>
#include <oshit/irqflags.h>
#include <oshit/string.h>
#include <oshit/test.h>

#include "../../../arch/x86_64/kernel/tsc.h"
#include "../../../kernel/time/clock_state.h"

#define MHZ	     1000000UL
#define REFERENCE_HZ (100 * MHZ)

static u64 cycles, counts; /* the two counters */
static u64 cycles_for_a_read; /* how long a reading takes */

u64 cpu_cycles_ordered(void)
{
	return cycles;
}

static u64 read_reference(void)
{
	cycles += cycles_for_a_read;
	counts += cycles_for_a_read / 20; /* of 2000 MHz and 100 */
	return counts & 0xffffffff;
}

static u64 read_device(void)
{
	return counts;
}

void arch_timer_set(u64 deadline_ns)
{
}

void arch_timer_stop(void)
{
}

static const struct tsc_reference reference = {
	.name = "reference",
	.read = read_reference,
	.mask = 0xffffffff,
	.mult = (1000 * MHZ << CLOCK_SHIFT) / REFERENCE_HZ,
};
static struct clocksource tsc, device;
static struct tsc_sample first;

/* A second by the reference, in which the TSC counts @hz cycles, and the interrupt at its end. */
static void pass_second(u64 hz)
{
	unsigned long flags;

	cycles += hz + hz / 1000; /* the timer is due by the clock, whatever that thinks */
	counts += REFERENCE_HZ + REFERENCE_HZ / 1000;
	local_irq_save(flags);
	hrtimer_interrupt();
	local_irq_restore(flags);
}

/* The TSC is taken for one of 2000 MHz. */
static void start(enum tsc_watch mode)
{
	host_cpus_reset();
	memset(&clock_page, 0, sizeof(clock_page));
	memset(&clock_state, 0, sizeof(clock_state));
	cycles = 1000;
	counts = 0xfffff000; /* about to make a turn */
	cycles_for_a_read = 2000;
	tsc = (struct clocksource){ "tsc", NULL, clock_mult_of_hz(2000 * MHZ), 300, false };
	device = (struct clocksource){ "device", read_device, clock_mult_of_hz(REFERENCE_HZ), 250,
				       false };
	clock_start(&tsc, 0);
	clocksource_register(&device);
	first = tsc_sample_take(read_reference);
	tsc_watch_start(&tsc, &reference, &first, mode);
}

static void a_second_look_corrects_the_rate(struct test *t)
{
	start(TSC_WATCH_ONCE);
	pass_second(2001 * MHZ); /* the boot was wrong by 0.05 % */
	EXPECT_LE(t, 2001 * MHZ + 4000 - clock_hz_of_mult(tsc.mult), 8000); /* 2 ppm */
	EXPECT_EQ(t, hrtimer_next_deadline(), HRTIMER_NO_DEADLINE); /* and that was all */
	EXPECT_FALSE(t, tsc.is_unstable);
}

static void a_steady_counter_is_kept(struct test *t)
{
	start(TSC_WATCH_ON);
	for (unsigned int i = 0; i < 100; i++)
		pass_second(2001 * MHZ + i % 7 * 100000); /* by 0.03 % sometimes */
	EXPECT_FALSE(t, tsc.is_unstable);
	EXPECT_STREQ(t, clocksource_current()->name, "tsc");
}

static void a_counter_that_changes_its_pace_is_given_up(struct test *t)
{
	u64 before;

	start(TSC_WATCH_ON);
	for (unsigned int i = 0; i < 10; i++)
		pass_second(2001 * MHZ);
	EXPECT_FALSE(t, tsc.is_unstable);
	before = clock_ns();
	pass_second(2050 * MHZ);
	EXPECT_TRUE(t, tsc.is_unstable);
	EXPECT_STREQ(t, clocksource_current()->name, "device");
	EXPECT_GE(t, clock_ns(), before);
	EXPECT_EQ(t, hrtimer_next_deadline(), HRTIMER_NO_DEADLINE);
}

static void a_counter_that_is_far_off_at_the_second_look_is_given_up(struct test *t)
{
	start(TSC_WATCH_ONCE);
	pass_second(2100 * MHZ);
	EXPECT_TRUE(t, tsc.is_unstable);
}

/* A reading that took 20 ms may be wrong by 2 %: it says nothing. */
static void slow_readings_accuse_nobody(struct test *t)
{
	start(TSC_WATCH_ON);
	pass_second(2000 * MHZ);
	cycles_for_a_read = 40 * MHZ;
	pass_second(2000 * MHZ);
	cycles_for_a_read = 2000;
	pass_second(2000 * MHZ);
	EXPECT_FALSE(t, tsc.is_unstable);
}

/* Stopped for a minute: the reference made a turn, and looks slow. */
static void a_pause_accuses_nobody(struct test *t)
{
	start(TSC_WATCH_ON);
	pass_second(2000 * MHZ);
	cycles += 60 * 2000 * MHZ;
	counts += 60 * REFERENCE_HZ;
	pass_second(2000 * MHZ);
	pass_second(2000 * MHZ);
	EXPECT_FALSE(t, tsc.is_unstable);
	EXPECT_NE(t, hrtimer_next_deadline(), HRTIMER_NO_DEADLINE);
}

static const struct test_case tsc_watch_cases[] = {
	TEST_CASE(a_second_look_corrects_the_rate),
	TEST_CASE(a_steady_counter_is_kept),
	TEST_CASE(a_counter_that_changes_its_pace_is_given_up),
	TEST_CASE(a_counter_that_is_far_off_at_the_second_look_is_given_up),
	TEST_CASE(slow_readings_accuse_nobody),
	TEST_CASE(a_pause_accuses_nobody),
};
TEST_SUITE(tsc_watch, tsc_watch_cases);
