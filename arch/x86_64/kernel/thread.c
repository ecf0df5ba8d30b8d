/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Switching tasks.  The stack of a task that does not run ends in a struct switch_frame, and that
 * of a new one looks as if it had left at thread_entry.
 */
#include <arch/boot_stacks.h>
#include <arch/fpu.h>
#include <arch/thread.h>
#include <oshit/sched.h>

#include "thread.h"

void arch_thread_init(struct task_struct *task)
{
	struct switch_frame *frame =
		(struct switch_frame *)((char *)task->stack + KERNEL_STACK_SIZE) - 1;

	*frame = (struct switch_frame){ .rip = (unsigned long)thread_entry };
	task->thread.sp = (unsigned long)frame;
}

struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next)
{
	fpu_switch(prev, next);
	return switch_stacks(prev, &prev->thread.sp, next->thread.sp);
}

void *arch_boot_stack(void)
{
	return boot_stacks.stack;
}
