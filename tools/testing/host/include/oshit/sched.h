/* SPDX-License-Identifier: GPL-2.0-only */
/* There is no scheduler on the host. */
#ifndef OSHIT_SCHED_H
#define OSHIT_SCHED_H

static inline bool cond_resched(void)
{
	return false;
}

/* Nor are there signals. */
#define fatal_signal_pending(task) false

#endif
