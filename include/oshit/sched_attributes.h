/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program has asked of the scheduler; kernel/sched_calls.c says what becomes of it. */
#ifndef OSHIT_SCHED_ATTRIBUTES_H
#define OSHIT_SCHED_ATTRIBUTES_H

#include <oshit/types.h>

struct user_task;

struct sched_attributes {
	u8 policy; /* SCHED_ */
	u8 priority; /* 1 .. 99 with SCHED_FIFO and SCHED_RR, else 0 */
	s8 nice;
	bool reset_on_fork;
};

/* What @child, which has not run, has from the caller: policy, nice value, CPUs. Task. */
void sched_inherit(struct user_task *child);

#endif
