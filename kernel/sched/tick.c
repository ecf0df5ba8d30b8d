/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tick of a CPU that runs a task: samples for user and system time (cputime_split.c), and the
 * coarse clock (clock_coarse.c).
 *
 * Ticks come at the same times whoever runs, TICK_NS apart, so that a task which runs for a short
 * while at regular times is not always missed or always met; those of each CPU a little later than
 * those of the one before, so that they do not all want the same locks.  The first switch from the
 * idle task starts the tick, and a tick that finds the idle task is the last: an idle CPU sleeps.
 * A CPU that leaves its idle task often has no more ticks for that.
 */
#include <oshit/bug.h>
#include <oshit/clock.h>
#include <oshit/irq.h>
#include <oshit/smp.h>

#include "sched.h"

#define TICK_NS	     (NSEC_PER_SEC / 250)
#define TICK_SKEW_NS (TICK_NS / 16)

static u64 next_tick_ns(u64 now_ns)
{
	u64 skew_ns = smp_processor_id() * TICK_SKEW_NS % TICK_NS;

	return (now_ns + TICK_NS - skew_ns) / TICK_NS * TICK_NS + skew_ns;
}

/* The timer's function. */
static void tick_fires(struct hrtimer *timer)
{
	enum cpu_time what = irq_came_from_user() ? CPU_TIME_USER : CPU_TIME_SYSTEM;
	struct run_queue *rq = this_rq();

	if (WARN_ON_ONCE(timer != &rq->tick_timer) || is_idle_task(current))
		return;
	rq_charge(rq);
	cputime_sample(&current->cputime, what);
	cputime_sample(&rq->cputime, what);
	clock_coarse_update(rq->charged_ns);
	hrtimer_start(timer, next_tick_ns(rq->charged_ns));
}

void tick_start(struct run_queue *rq)
{
	clock_coarse_update(rq->charged_ns);
	hrtimer_start(&rq->tick_timer, next_tick_ns(rq->charged_ns));
}

void tick_stop(struct run_queue *rq)
{
	hrtimer_try_cancel(&rq->tick_timer);
}

void tick_init(struct run_queue *rq)
{
	hrtimer_init(&rq->tick_timer, tick_fires);
}
