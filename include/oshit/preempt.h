/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this CPU is in the middle of, as one word:
 *
 *	bits 0-7	depth of preempt_disable(): the task stays on its CPU and no other task runs
 *			here; interrupts may come
 *	bits 8-15	depth of interrupt handlers
 *	bits 16-19	depth of NMI handlers
 *	bit 31		no other task should run here: set_need_resched() clears it.  So the word is
 *			0 when the last section ends that kept another task waiting, and one
 *			instruction leaves the section and finds out
 *
 * The word belongs to the CPU, not to the task: a switch happens at a depth that both sides know.
 * Without CONFIG_PREEMPT_COUNT the lowest part is always 0: no task is preempted inside the kernel,
 * so every section is one, and only the compiler must be told.
 */
#ifndef OSHIT_PREEMPT_H
#define OSHIT_PREEMPT_H

#include <arch/preempt.h>
#include <oshit/percpu.h>

#define PREEMPT_OFFSET	0x1U
#define PREEMPT_MASK	0xffU
#define HARDIRQ_OFFSET	0x100U
#define HARDIRQ_MASK	0xff00U
#define NMI_OFFSET	0x10000U
#define NMI_MASK	0xf0000U
#define PREEMPT_NO_NEED 0x80000000U

DECLARE_PER_CPU(unsigned int, preempt_count);

#define preempt_count()	     (this_cpu_read(preempt_count) & ~PREEMPT_NO_NEED)

/* Another task should run here: set, cleared and read by this CPU alone, in any context. */
#define need_resched()	     (!this_cpu_test_bits(preempt_count, PREEMPT_NO_NEED))
#define set_need_resched()   this_cpu_and(preempt_count, ~PREEMPT_NO_NEED)
#define clear_need_resched() this_cpu_or(preempt_count, PREEMPT_NO_NEED)

/* In the handler of an interrupt; in that of an NMI; in either. */
#define in_hardirq()	     ((preempt_count() & HARDIRQ_MASK) != 0)
#define in_nmi()	     ((preempt_count() & NMI_MASK) != 0)
#define in_interrupt()	     ((preempt_count() & (HARDIRQ_MASK | NMI_MASK)) != 0)

/* Where sleeping is a bug. Without CONFIG_PREEMPT_COUNT it sees handlers only. */
#define in_atomic()	     (preempt_count() != 0)

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

#ifdef CONFIG_PREEMPT
/* Has another task run, unless this is inside another section, or interrupts are off. */
void preempt_schedule(void);

/* The rare call keeps all registers, so that short sections need not save theirs for it. */
static inline void preempt_enable(void)
{
	barrier();
	if (unlikely(this_cpu_sub_and_test(preempt_count, PREEMPT_OFFSET)))
		arch_preempt_schedule();
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
