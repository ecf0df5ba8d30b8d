/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kbuddyd: a thread of each CPU that fills the CPU's list of single pages before it is empty, while
 * the CPU has nothing else to do.  The allocation that makes a list low wakes it (mm/page_alloc.c);
 * it fills the list to a half and sleeps again, so an idle machine stays idle.  On a CPU that is
 * always busy it never runs, and the allocating task fills the list itself, as without the thread.
 *
 * It belongs to the idle class: it must not hold anything that others wait for while it can be
 * preempted, and it does not, for the filling itself runs with preemption off.  It is parked while
 * its CPU is off, and before that CPU's list is drained.
 */
#define pr_fmt(fmt) "kbuddyd: " fmt

#include <oshit/init.h>
#include <oshit/kthread.h>
#include <oshit/page_stock.h>
#include <oshit/printk.h>

static int fill(void *data __maybe_unused)
{
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		page_prefill();
		/* If memory is short the list stays low until somebody else fills it. */
		set_current_state(TASK_IDLE);
		if (!kthread_should_park() && !kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static __init bool start_on(unsigned int cpu)
{
	struct task_struct *task = kthread_create_on_cpu(fill, NULL, cpu, "kbuddyd/%u");

	if (IS_ERR(task))
		return false;
	kthread_set_idle_class(task);
	page_prefill_set_task(cpu, task);
	wake_up_process(task);
	return true;
}

__init void kbuddyd_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (!start_on(cpu))
			pr_warn("no memory for the thread of CPU %u\n", cpu);
	}
}
