/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Soft lockups: a CPU that takes interrupts but does not come to schedule().
 *
 * A CPU that leaves its idle task arms its watch: a timer that beats five times in the
 * threshold.  Each beat asks for a pass through schedule(), as if another task wanted the CPU,
 * and looks whether there has been one since the last beat.  If there is none for twice the
 * threshold, what runs is reported, once until it gives way.  A beat on an idle CPU is the last,
 * so an idle machine has no tick, and a busy one has one each two seconds for each CPU.
 *
 * No false alarms on a host that is busy: time alone proves nothing, for the host may have
 * stopped this CPU, or all.  So it also takes ten beats of the CPU itself, and each is set only
 * when the one before has come: who has taken ten interrupts has been able to run in between.
 *
 * State belongs to the CPU, interrupts off; beats and whether it is armed are read by the CPU
 * that guards it (watchdog_hard.c).
 *
 * `watchdog_thresh=SECONDS`, 0 for none; `softlockup_panic`.
 */
#define pr_fmt(fmt) "watchdog: " fmt

#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/cpuhp.h>
#include <oshit/hrtimer.h>
#include <oshit/init.h>
#include <oshit/irq.h>
#include <oshit/panic.h>
#include <oshit/printk.h>
#include <oshit/sched.h>
#include <oshit/smp.h>
#include <oshit/stacktrace.h>
#include <oshit/watchdog.h>

#include "watchdog.h"

#define SOFT_BEATS (2 * BEATS_PER_THRESH)

struct watch { /* o: the CPU, interrupts off   r: the same, others may read */
	struct hrtimer timer; /* o */
	unsigned int nr_beats; /* r */
	bool is_off; /* r  the CPU comes or goes */
	unsigned long passes; /* o  when it last got on */
	u64 stuck_since_ns; /* o */
	unsigned int nr_stuck; /* o  beats since then */
};

static DEFINE_PER_CPU(struct watch, watch);
DEFINE_PER_CPU(unsigned long, watchdog_passes);
DEFINE_PER_CPU(bool, watchdog_is_armed);
DEFINE_PER_CPU(unsigned int, watchdog_calls);

static unsigned long thresh_s = 10;
u64 watchdog_thresh_ns;
static bool panic_on_soft;
unsigned int watchdog_nr_soft;

BOOT_PARAM_NUMBER("watchdog_thresh", thresh_s);

BOOT_PARAM_FLAG("softlockup_panic", panic_on_soft);

static void report(u64 stuck_ns)
{
	pr_err("BUG: soft lockup: CPU %u has not scheduled for %lu s: %s (%d)", smp_processor_id(),
	       stuck_ns / NSEC_PER_SEC, current->comm, current->pid);
	stack_trace_show(LOG_ERR, this_cpu_read(irq_regs));
	if (panic_on_soft)
		panic("soft lockup");
	WRITE_ONCE(watchdog_nr_soft, watchdog_nr_soft + 1);
}

static void look(struct watch *w)
{
	unsigned long passes = this_cpu_read(watchdog_passes);
	u64 now_ns = clock_ns();

	if (passes != w->passes) {
		w->passes = passes;
		w->stuck_since_ns = now_ns;
		w->nr_stuck = 0;
		return;
	}
	w->nr_stuck++;
	if (IS_ENABLED(CONFIG_SOFTLOCKUP_DETECTOR) && w->nr_stuck == SOFT_BEATS)
		report(now_ns - w->stuck_since_ns);
}

static void beat(struct hrtimer *timer __maybe_unused)
{
	struct watch *w = this_cpu_ptr(&watch);

	WRITE_ONCE(w->nr_beats, w->nr_beats + 1);
	if (current->flags & PF_IDLE || w->is_off) {
		this_cpu_write(watchdog_is_armed, false);
		return;
	}
	look(w);
	set_need_resched();
	hrtimer_start(&w->timer, clock_ns() + watchdog_period_ns());
}

void watchdog_arm(void)
{
	struct watch *w = this_cpu_ptr(&watch);

	if (!watchdog_thresh_ns || w->is_off)
		return;
	this_cpu_write(watchdog_is_armed, true);
	w->passes = this_cpu_read(watchdog_passes);
	w->stuck_since_ns = clock_ns();
	w->nr_stuck = 0;
	hrtimer_start(&w->timer, w->stuck_since_ns + watchdog_period_ns());
	watchdog_guard(smp_processor_id());
}

bool watchdog_beats(unsigned int cpu, unsigned int *beats)
{
	*beats = READ_ONCE(per_cpu(watch, cpu).nr_beats) + READ_ONCE(per_cpu(watchdog_calls, cpu));
	return READ_ONCE(per_cpu(watchdog_is_armed, cpu)) && !READ_ONCE(per_cpu(watch, cpu).is_off);
}

/* --- CPUs that come and go --- */

static void stop_here(void *unused __maybe_unused)
{
	hrtimer_try_cancel(&this_cpu_ptr(&watch)->timer);
	this_cpu_write(watchdog_is_armed, false);
}

static int watch_begins(unsigned int cpu)
{
	WRITE_ONCE(per_cpu(watch, cpu).is_off, false);
	return 0;
}

static int watch_ends(unsigned int cpu)
{
	WRITE_ONCE(per_cpu(watch, cpu).is_off, true);
	smp_call_function_single(cpu, stop_here, NULL, SMP_WAIT);
	return 0;
}

static const struct cpuhp_ops watchdog_step = {
	.name = "watchdog",
	.startup = watch_begins,
	.teardown = watch_ends,
};

__init void watchdog_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct watch *w = per_cpu_ptr(&watch, cpu);

		hrtimer_init(&w->timer, beat);
		w->is_off = cpu != 0;
	}
	cpuhp_register(CPUHP_WATCHDOG, &watchdog_step);
	watchdog_thresh_ns = thresh_s * NSEC_PER_SEC;
}
