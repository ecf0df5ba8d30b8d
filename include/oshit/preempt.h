/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sections in which the task stays on its CPU and no other task runs there; interrupts may come.
 * While the kernel is not preemptible every section is one, and only the compiler must be told.
 */
#ifndef OSHIT_PREEMPT_H
#define OSHIT_PREEMPT_H

static inline void preempt_disable(void)
{
	barrier();
}

static inline void preempt_enable(void)
{
	barrier();
}

#endif
