/* SPDX-License-Identifier: GPL-2.0-only */
/* What thread.c and switch.S share. */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

struct task_struct;

/* What the stack of a task that does not run ends in. */
struct switch_frame { /* in the order of switch.S, from where the stack pointer points */
	unsigned long r15, r14, r13, r12, rbx, rbp;
	unsigned long rip;
	unsigned long end[2]; /* 0: thread_entry has no caller */
};
static_assert(sizeof(struct switch_frame) % 16 == 8, "thread_entry calls on an aligned stack");

/* switch.S */
struct task_struct *switch_stacks(struct task_struct *prev, unsigned long *prev_sp,
				  unsigned long next_sp);
void thread_entry(void);

#endif
