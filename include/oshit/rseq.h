/* SPDX-License-Identifier: GPL-2.0-only */
/* Restartable sequences; the theory stands at the head of kernel/rseq.c. */
#ifndef OSHIT_RSEQ_H
#define OSHIT_RSEQ_H

#include <oshit/sched.h>

struct pt_regs;
struct user_task;

#ifdef CONFIG_RSEQ
/* On the way to user mode, for a task with @current->has_rseq and something in ->notify. */
void rseq_resume(struct pt_regs *regs);

/* @child is a copy of the calling task, in an address space of its own. */
void rseq_fork(struct user_task *child);
/* The calling task has a new program. */
void rseq_execve(void);

/* The task that runs on this CPU begins its sequence anew. Interrupts or preemption off. */
static inline void rseq_interrupt(void)
{
	if (current->has_rseq)
		set_bit(TIF_RSEQ, &current->notify);
}
#else
static inline void rseq_resume(struct pt_regs *regs) {}
static inline void rseq_fork(struct user_task *child) {}
static inline void rseq_execve(void) {}
static inline void rseq_interrupt(void) {}
#endif

#endif
