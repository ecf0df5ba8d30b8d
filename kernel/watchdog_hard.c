/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hard lockups: a CPU that takes no interrupts, found by another one.
 *
 * While a CPU is armed (watchdog.c), the next one that is on guards it: a timer there, as often
 * as a beat, looks whether the beats go on.  A guard on an idle CPU ticks only while it guards
 * one that is busy.  When that is idle, the guard ends; who arms then begins a new one.  The two
 * meet as sleeper and waker do: one writes "armed" and then takes `runs`, the other gives `runs`
 * back and then looks whether the CPU is armed.
 *
 * No false alarms on a busy host: that a CPU does not beat may only mean that it does not run.
 * When the time is up it gets an NMI at each look, and its handler notes whether interrupts were
 * off where it came.  NR_SAMPLES such answers in a row, without a beat in between, mean that the
 * CPU ran all the time and had them off.  A CPU that was only late takes its timer's interrupt
 * first.  One that answers no NMI either is not reported: it cannot be told from one that the
 * host has stopped.
 *
 * A CPU that answers calls, as one does that waits with interrupts off for another, is not deaf.
 *
 * Left out: an idle CPU that hangs in an interrupt is not armed.
 */
#define pr_fmt(fmt) "watchdog: " fmt

#include <oshit/atomic.h>
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/hrtimer.h>
#include <oshit/init.h>
#include <oshit/panic.h>
#include <oshit/printk.h>
#include <oshit/sched.h>
#include <oshit/smp.h>
#include <oshit/watchdog.h>

#include "watchdog.h"

#define NR_SAMPLES 5

struct guard { /* g: the CPU that guards, in its timer's interrupt   a: atomic */
	struct hrtimer timer; /* g */
	struct call_single_data csd; /* sends the guard to another CPU */
	unsigned int cpu; /* constant: whom it guards */
	atomic_t runs; /* a */
	bool was_started; /* g  since then these are valid: */
	unsigned int beats; /* g  when the last one was seen */
	u64 since_ns; /* g */
	unsigned int nr_samples; /* g  in a row with interrupts off */
};

static DEFINE_PER_CPU(struct guard, guard);
static bool panic_on_hard;
unsigned int watchdog_nr_hard;

BOOT_PARAM_FLAG("hardlockup_panic", panic_on_hard);

static void report(unsigned int cpu, u64 still_ns)
{
	struct task_struct *task = per_cpu(current_task, cpu);
	struct cpumask mask = cpumask_of(cpu);

	pr_err("BUG: hard lockup: CPU %u has had interrupts off for %lu s: %s (%d)", cpu,
	       still_ns / NSEC_PER_SEC, task->comm, task->pid);
	smp_send_nmi_backtrace(&mask);
	if (panic_on_hard)
		panic("hard lockup");
	WRITE_ONCE(watchdog_nr_hard, watchdog_nr_hard + 1);
}

static void look(struct guard *g, unsigned int beats)
{
	u64 now_ns = clock_ns();

	if (!g->was_started || beats != g->beats) {
		g->was_started = true;
		g->beats = beats;
		g->since_ns = now_ns;
		g->nr_samples = 0;
		return;
	}
	if (now_ns - g->since_ns < watchdog_thresh_ns || panic_in_progress())
		return;
	switch (smp_sample_result(g->cpu)) {
	case SAMPLE_IRQS_OFF:
		if (++g->nr_samples == NR_SAMPLES)
			report(g->cpu, now_ns - g->since_ns);
		break;
	case SAMPLE_IRQS_ON:
		g->nr_samples = 0;
		break;
	case SAMPLE_MISSING:
		break;
	}
	smp_sample_request(g->cpu);
}

/* The next one that is on, or @cpu itself if there is no other. */
static unsigned int neighbour(unsigned int cpu)
{
	unsigned int other = cpumask_next(cpu, &cpu_online_mask);

	return cpu_online(other) ? other : cpumask_first(&cpu_online_mask);
}

static bool send_away(struct guard *g)
{
	unsigned int other = neighbour(g->cpu);

	return other != g->cpu && !smp_call_function_async(other, &g->csd);
}

/* False if a new one has begun, or it goes on. */
static bool ends(struct guard *g)
{
	unsigned int beats;

	if (watchdog_beats(g->cpu, &beats))
		return false;
	atomic_set(&g->runs, 0);
	/* Pairs with the exchange in watchdog_guard(). */
	smp_mb();
	return !watchdog_beats(g->cpu, &beats) || atomic_xchg(&g->runs, 1);
}

static void guard_fires(struct hrtimer *timer)
{
	struct guard *g = container_of(timer, struct guard, timer);
	unsigned int beats;

	if (ends(g))
		return;
	watchdog_beats(g->cpu, &beats);
	look(g, beats);
	/* Timers of a CPU that went off are moved, perhaps to the one that is guarded. */
	if (smp_processor_id() == g->cpu && send_away(g))
		return;
	hrtimer_start(&g->timer, clock_ns() + watchdog_period_ns());
}

static void start_here(void *arg)
{
	struct guard *g = arg;

	g->was_started = false;
	hrtimer_start(&g->timer, clock_ns() + watchdog_period_ns());
}

void watchdog_guard(unsigned int cpu)
{
	struct guard *g = per_cpu_ptr(&guard, cpu);

	/* A full barrier: the CPU is armed before this is read. */
	if (atomic_xchg(&g->runs, 1))
		return;
	if (!g->csd.fn) {
		g->cpu = cpu;
		g->csd.fn = start_here;
		g->csd.arg = g;
		hrtimer_init(&g->timer, guard_fires);
	}
	if (!send_away(g))
		atomic_set(&g->runs, 0);
}
