/* SPDX-License-Identifier: GPL-2.0-only */
/* What a timer costs beside how many others: numbers for Documentation/time.rst. */
#include <host.h>
#include <oshit/clock.h>
#include <oshit/hrtimer.h>
#include <oshit/math.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "sim_timer.h"

#define NR_TIMERS_MAX 100000
#define NR_ROUNDS     300000

static struct hrtimer timers[NR_TIMERS_MAX];

static void called(struct hrtimer *timer __maybe_unused)
{
}

static void measure(struct test *t, unsigned int nr, struct test_random *rng)
{
	u64 begin, pair_ns, call_ns;

	sim_reset();
	for (unsigned int i = 0; i < nr; i++) {
		hrtimer_init(&timers[i], called);
		hrtimer_start(&timers[i], 1 + test_random_below(rng, 1000000000));
	}
	begin = host_time_ns();
	for (unsigned int i = 0; i < NR_ROUNDS; i++) {
		struct hrtimer *timer = &timers[test_random_below(rng, nr)];

		hrtimer_cancel(timer);
		hrtimer_start(timer, 1 + test_random_below(rng, 1000000000));
	}
	pair_ns = (host_time_ns() - begin) / NR_ROUNDS;
	sim_now_ns = 1000000001;
	begin = host_time_ns();
	sim_take_interrupts(0);
	call_ns = (host_time_ns() - begin) / nr;
	test_note(t, "%6u timers: cancel and start %lu ns, call %lu ns", nr, pair_ns, call_ns);
}

static void cost_by_number_of_timers(struct test *t)
{
	struct test_random rng = test_random_seeded(t, 0xbe4c);

	for (unsigned int nr = 10; nr <= NR_TIMERS_MAX; nr *= 10)
		measure(t, nr, &rng);
}

static const struct test_case hrtimer_bench_cases[] = {
	TEST_CASE(cost_by_number_of_timers),
};
TEST_SUITE(hrtimer_bench, hrtimer_bench_cases);
