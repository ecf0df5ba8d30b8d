/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Into the kernel and out of it again.
 *
 * On the way out a task looks, with interrupts off, whether something waits for it: another task's
 * turn, a signal.  If so it does that with interrupts on, and looks again; if not it goes, and an
 * interrupt that comes later finds it in user mode and brings it here.  So nothing set before the
 * look is missed.
 */
#include <oshit/entry.h>
#include <oshit/irqflags.h>
#include <oshit/mm_context.h>
#include <oshit/rseq.h>

void exit_to_user_work(struct pt_regs *regs)
{
	do {
		local_irq_enable();
		if (need_resched())
			schedule();
		/* A sequence is left before the frame of a handler is made. */
		if (current->has_rseq && READ_ONCE(current->notify))
			rseq_resume(regs);
		if (READ_ONCE(current->notify))
			do_signal(regs);
		local_irq_disable();
	} while (has_exit_work());
}

void task_set_mm(struct mm_context *context)
{
	unsigned long flags;

	local_irq_save(flags);
	current->mm = context;
	switch_mm(context);
	local_irq_restore(flags);
}
