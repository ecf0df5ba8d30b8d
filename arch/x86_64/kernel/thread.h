/* SPDX-License-Identifier: GPL-2.0-only */
/* What thread.c and switch.S share. */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

struct task_struct;

/* switch.S */
struct task_struct *switch_stacks(struct task_struct *prev, unsigned long *prev_sp,
				  unsigned long next_sp);
void thread_entry(void);

#endif
