/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this CPU is in the middle of, as one word:
 *
 *	bits 0-7	depth of preempt_disable(): the task stays on its CPU and no other task runs
 *			here; interrupts may come
 *	bits 8-15	depth of interrupt handlers
 *	bits 16-19	depth of NMI handlers
 *
 * The word belongs to the CPU, not to the task: a switch happens at a depth that both sides know.
 * Without CONFIG_PREEMPT_COUNT the lowest part is always 0: no task is preempted inside the kernel,
 * so every section is one, and only the compiler must be told.
 */
#ifndef OSHIT_PREEMPT_H
#define OSHIT_PREEMPT_H

#include <oshit/percpu.h>

#define PREEMPT_OFFSET	0x1U
#define PREEMPT_MASK	0xffU
#define HARDIRQ_OFFSET	0x100U
#define HARDIRQ_MASK	0xff00U
#define NMI_OFFSET	0x10000U
#define NMI_MASK	0xf0000U

DECLARE_PER_CPU(unsigned int, preempt_count);

#define preempt_count() this_cpu_read(preempt_count)

/* In the handler of an interrupt; in that of an NMI; in either. */
#define in_hardirq()   ((preempt_count() & HARDIRQ_MASK) != 0)
#define in_nmi()       ((preempt_count() & NMI_MASK) != 0)
#define in_interrupt() ((preempt_count() & (HARDIRQ_MASK | NMI_MASK)) != 0)

/* Where sleeping is a bug. Without CONFIG_PREEMPT_COUNT it sees handlers only. */
#define in_atomic()    (preempt_count() != 0)

#ifdef CONFIG_PREEMPT_COUNT
static inline void preempt_disable(void)
{
	this_cpu_add(preempt_count, PREEMPT_OFFSET);
	barrier();
}

/* Leaves the section without a look at whether another task wants the CPU. */
static inline void preempt_enable_no_resched(void)
{
	barrier();
	this_cpu_sub(preempt_count, PREEMPT_OFFSET);
}
#else
static inline void preempt_disable(void)
{
	barrier();
}

static inline void preempt_enable_no_resched(void)
{
	barrier();
}
#endif

/* Another task should run here: <oshit/sched.h>. */
DECLARE_PER_CPU(bool, sched_need_resched);

#ifdef CONFIG_PREEMPT
/* Has another task run, unless this is inside another section, or interrupts are off. */
void preempt_schedule(void);

/* If the task is preempted between the two lines, it has already made way. */
static inline void preempt_enable(void)
{
	preempt_enable_no_resched();
	if (unlikely(this_cpu_test(sched_need_resched)))
		preempt_schedule();
}
#else
static inline void preempt_enable(void)
{
	preempt_enable_no_resched();
}
#endif

/* Around the handlers of interrupts and NMIs; for their entry code alone. */
static inline void hardirq_enter(void)
{
	this_cpu_add(preempt_count, HARDIRQ_OFFSET);
	barrier();
}

static inline void hardirq_exit(void)
{
	barrier();
	this_cpu_sub(preempt_count, HARDIRQ_OFFSET);
}

static inline void nmi_enter(void)
{
	this_cpu_add(preempt_count, NMI_OFFSET);
	barrier();
}

static inline void nmi_exit(void)
{
	barrier();
	this_cpu_sub(preempt_count, NMI_OFFSET);
}

#endif
