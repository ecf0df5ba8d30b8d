/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kzerod: a thread that zeroes free pages while some CPU has nothing else to do.  mm/page_stock.c
 * has the stock and its theory, and wakes the thread when the stock is half empty; the thread fills
 * it and sleeps again, so an idle machine stays idle.
 *
 * It belongs to the idle class, so it takes no time from anybody; where all CPUs are busy it does
 * not run, and requests zero their pages themselves.  A page in hand is never left by preemption.
 */
#define pr_fmt(fmt) "kzerod: " fmt

#include <oshit/init.h>
#include <oshit/kthread.h>
#include <oshit/page_stock.h>
#include <oshit/printk.h>

static int zero_pages(void *data __maybe_unused)
{
	while (!kthread_should_stop()) {
		/* Who makes the stock low after this look finds us going to sleep, and wakes us. */
		set_current_state(TASK_IDLE);
		if (!page_prezero_one()) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		cond_resched();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

__init void kzerod_init(void)
{
	struct task_struct *task = kthread_create(zero_pages, NULL, "kzerod");

	if (IS_ERR(task)) {
		pr_warn("no memory for its thread\n");
		return;
	}
	kthread_set_idle_class(task);
	page_prezero_set_task(task);
	wake_up_process(task);
}
