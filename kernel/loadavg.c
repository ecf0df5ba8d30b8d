/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The load average: how many tasks run, or would if a CPU were free, or are blocked, averaged with
 * weights that fall exponentially over 1, 5 and 15 minutes.
 *
 * Every LOAD_STEP seconds a thread counts them, and each average becomes
 *
 *	load = load * e + active * (1 - e)		e = exp(-5 s / 60 s), ...
 *
 * in numbers of LOAD_SHIFT binary places, with Linux's constants and rounding.  The thread is late
 * if the machine is very busy; it then takes the steps that it has missed with what it counts.
 */
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/err.h>
#include <oshit/init.h>
#include <oshit/kthread.h>
#include <oshit/loadavg.h>
#include <oshit/panic.h>
#include <oshit/task.h>

#define LOAD_STEP_NS (5 * NSEC_PER_SEC)
#define LOAD_ONE     (1UL << LOAD_SHIFT)

static const unsigned long decay[3] = { 1884, 2014, 2037 }; /* e for 1, 5, 15 minutes */
static unsigned long averages[3]; /* written by the thread alone */

void task_counts_get(struct task_counts *counts)
{
	struct task_struct *task;
	int pid;

	*counts = (struct task_counts){ 0 };
	for (pid = 1; (task = task_find_from(pid)); put_task_struct(task)) {
		unsigned int state = READ_ONCE(task->state);

		pid = task->pid + 1;
		counts->nr_tasks++;
		if (!(state & ~TASK_OFF_QUEUE))
			counts->nr_running++;
		else if (state & TASK_UNINTERRUPTIBLE && !(state & TASK_NOLOAD))
			counts->nr_blocked++;
	}
}

void loadavg_get(unsigned long loads[3])
{
	for (int i = 0; i < 3; i++)
		loads[i] = READ_ONCE(averages[i]);
}

static unsigned long next_load(unsigned long load, unsigned long e, unsigned long active)
{
	unsigned long sum = load * e + active * (LOAD_ONE - e);

	if (active >= load)
		sum += LOAD_ONE - 1; /* so that it gets there */
	return sum / LOAD_ONE;
}

static void take_step(void)
{
	struct task_counts counts;
	unsigned long active;

	task_counts_get(&counts);
	active = (unsigned long)(counts.nr_running - 1 + counts.nr_blocked) << LOAD_SHIFT;
	for (int i = 0; i < 3; i++)
		WRITE_ONCE(averages[i], next_load(averages[i], decay[i], active));
}

static int average(void *data __maybe_unused)
{
	u64 due_ns = clock_ns() + LOAD_STEP_NS;

	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		schedule_until_ns(due_ns);
		for (; due_ns <= clock_ns(); due_ns += LOAD_STEP_NS)
			take_step(); /* the thread itself runs, and does not count */
	}
	return 0;
}

__init void loadavg_init(void)
{
	if (IS_ERR(kthread_run(average, NULL, "loadavg")))
		panic("no memory for the thread of the load average");
}
