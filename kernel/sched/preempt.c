/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Preemption inside the kernel, at the two places where it may become possible: the end of the last
 * section that forbade it, and the end of an interrupt that made it necessary.  The task stays
 * where it is in its preparations, should it be about to sleep: it goes on from here later.
 */
#include <oshit/big_lock.h>

#include "sched.h"

void preempt_schedule(void)
{
	if (!irqs_disabled() && !preempt_count())
		schedule_preemptible();
}

void preempt_schedule_irq(void)
{
	unsigned int depth = big_lock_drop();

	preempt_disable();
	do {
		schedule_preempted();
		/* A breath: what came meanwhile may change who should run. */
		local_irq_enable();
		local_irq_disable();
	} while (need_resched());
	preempt_enable_no_resched();
	big_lock_retake(depth);
}
