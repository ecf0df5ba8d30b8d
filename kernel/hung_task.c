/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hung tasks: a thread looks at all tasks, ten times in the timeout, and reports those that have
 * slept in TASK_UNINTERRUPTIBLE through all of it: what they wait for will probably never come.
 * Who waits for work, and may well wait for ever, sleeps in TASK_IDLE.
 *
 * Whether a task has slept on is seen by its number of switches.  It takes ten looks, not time
 * alone: a machine whose host had stopped it finds its tasks where they were.  A task is reported
 * once for each sleep.
 *
 * `hung_task_timeout_secs=SECONDS`, 0 for none; `hung_task_panic`.
 */
#define pr_fmt(fmt) "hung_task: " fmt

#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/init.h>
#include <oshit/kthread.h>
#include <oshit/math.h>
#include <oshit/panic.h>
#include <oshit/printk.h>
#include <oshit/stacktrace.h>
#include <oshit/task.h>
#include <oshit/watchdog.h>

#define NR_LOOKS  10
#define TRACE_MAX 16

static unsigned long timeout_s = 120;
static bool panic_on_hung;
unsigned int hung_task_nr_reports;

BOOT_PARAM_NUMBER("hung_task_timeout_secs", timeout_s);

BOOT_PARAM_FLAG("hung_task_panic", panic_on_hung);

static void report(const struct task_struct *task, u64 slept_ns)
{
	unsigned long entries[TRACE_MAX];
	unsigned int nr = stack_trace_save_task(task, entries, ARRAY_SIZE(entries));

	pr_err("BUG: hung task: %s (%d) has slept uninterruptibly for %lu s", task->comm, task->pid,
	       slept_ns / NSEC_PER_SEC);
	stack_trace_print(LOG_ERR, entries, nr);
	if (panic_on_hung)
		panic("hung task");
	WRITE_ONCE(hung_task_nr_reports, hung_task_nr_reports + 1);
}

static bool sleeps(const struct task_struct *task)
{
	return READ_ONCE(task->state) == (TASK_UNINTERRUPTIBLE | TASK_OFF_QUEUE) &&
	       !READ_ONCE(task->on_cpu) && READ_ONCE(task->nr_switches);
}

/* Only this thread touches ->hung. */
static void look_at(struct task_struct *task)
{
	struct hung_task *hung = &task->hung;
	u64 nr_switches = READ_ONCE(task->nr_switches), now_ns = clock_ns();

	if (!sleeps(task) || nr_switches != hung->nr_switches) {
		hung->nr_switches = nr_switches;
		hung->since_ns = now_ns;
		hung->nr_looks = 0;
		return;
	}
	if (++hung->nr_looks == NR_LOOKS)
		report(task, now_ns - hung->since_ns);
}

static int look_at_all(void *unused __maybe_unused)
{
	while (!kthread_should_stop()) {
		struct task_struct *task = task_find_from(1);
		int pid;

		while (task) {
			look_at(task);
			pid = task->pid;
			put_task_struct(task);
			cond_resched();
			task = task_find_from(pid + 1);
		}
		set_current_state(TASK_IDLE);
		schedule_timeout_ns(timeout_s * (NSEC_PER_SEC / NR_LOOKS));
	}
	return 0;
}

__init void hung_task_init(void)
{
	if (timeout_s && IS_ERR(kthread_run(look_at_all, NULL, "khungtaskd")))
		pr_warn("no memory for its thread");
}
