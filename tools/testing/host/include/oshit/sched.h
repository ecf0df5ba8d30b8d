/* SPDX-License-Identifier: GPL-2.0-only */
/* There is no scheduler on the host. */
#ifndef OSHIT_SCHED_H
#define OSHIT_SCHED_H

#include <oshit/types.h>

static inline bool cond_resched(void)
{
	return false;
}

/* Nor are there signals, nor tasks that could be killed. */
#define fatal_signal_pending(task) false

struct task_struct {
	bool is_oom_victim, is_reclaiming;
};
#define current (&(struct task_struct){ .is_oom_victim = false })

#endif
