/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watchdogs: CPUs that do not schedule, CPUs that take no interrupts, tasks that sleep too long.
 * kernel/watchdog.c and hung_task.c tell how they know; Documentation/sched.rst how to set them.
 */
#ifndef OSHIT_WATCHDOG_H
#define OSHIT_WATCHDOG_H

#include <oshit/percpu.h>
#include <oshit/types.h>

#ifdef CONFIG_LOCKUP_WATCHDOG
DECLARE_PER_CPU(unsigned long, watchdog_passes); /* through schedule() */
DECLARE_PER_CPU(bool, watchdog_is_armed);
DECLARE_PER_CPU(unsigned int, watchdog_calls); /* answered */

/* Starts this CPU's watch. Interrupts off. */
void watchdog_arm(void);

/* From each schedule(), interrupts off; the second if the idle task is not the next. */
static inline void watchdog_passed(void)
{
	this_cpu_inc(watchdog_passes);
}

/* This CPU has answered a call: it is not deaf, though its interrupts may be off. */
static inline void watchdog_answered(void)
{
	this_cpu_inc(watchdog_calls);
}

static inline void watchdog_busy(void)
{
	if (!this_cpu_test(watchdog_is_armed))
		watchdog_arm();
}

/* Boot, when timers run, before smp_init(). */
void watchdog_init(void);
#else
static inline void watchdog_passed(void)
{
}
static inline void watchdog_answered(void)
{
}
static inline void watchdog_busy(void)
{
}
static inline void watchdog_init(void)
{
}
#endif

/* Reports since boot, where they are compiled in. */
extern unsigned int watchdog_nr_soft, watchdog_nr_hard, hung_task_nr_reports;

/* What hung_task.c remembers of a task. */
struct hung_task {
#ifdef CONFIG_DETECT_HUNG_TASK
	u64 nr_switches; /* when it was looked at first */
	u64 since_ns;
	unsigned int nr_looks; /* since then */
#endif
};

#ifdef CONFIG_DETECT_HUNG_TASK
/* Starts the thread. Boot, in a task. */
void hung_task_init(void);
#else
static inline void hung_task_init(void)
{
}
#endif

/* watchdog_hard.c: one CPU guards another. */
#ifdef CONFIG_HARDLOCKUP_DETECTOR
/* @cpu, this one, is armed: has another one look after it.  Interrupts off. */
void watchdog_guard(unsigned int cpu);
#else
static inline void watchdog_guard(unsigned int cpu)
{
}
#endif

#endif
