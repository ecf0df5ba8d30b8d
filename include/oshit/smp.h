/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several CPUs: starting them, asking them to do something, stopping them.  Without CONFIG_SMP
 * there is one, and all of this is a call on the spot.
 */
#ifndef OSHIT_SMP_H
#define OSHIT_SMP_H

#include <oshit/cpumask.h>
#include <oshit/irqflags.h>
#include <oshit/log.h>
#include <oshit/preempt.h>
#include <oshit/types.h>

struct pt_regs;

/* This CPU's number, and no migration until put_cpu(). */
static inline unsigned int get_cpu(void)
{
	preempt_disable();
	return smp_processor_id();
}

static inline void put_cpu(void)
{
	preempt_enable();
}

enum smp_wait {
	SMP_NO_WAIT, /* the call is on its way */
	SMP_WAIT, /* it has returned */
};

typedef void (*smp_call_fn_t)(void *arg);

/* One call to one CPU, embedded in what it is about. */
struct call_single_data {
	struct call_single_data *next; /* private */
	smp_call_fn_t fn; /* i  while queued */
	void *arg; /* i  while queued */
	unsigned int state; /* a  private: CSD_ bits; 0: not queued */
	unsigned int waiter; /* private  the CPU that waits, if one does */
};

#ifdef CONFIG_SMP
/**
 * smp_call_function_single() - run @fn(@arg) on @cpu, in the context of an interrupt handler
 * On the calling CPU it runs at once, with interrupts off.
 * Context: any but NMI. Who waits with interrupts off serves the calls to itself meanwhile, but
 * must hold nothing that another CPU could wait for with interrupts off.
 * Return: 0; -ENXIO if the CPU is not online.
 */
int smp_call_function_single(unsigned int cpu, smp_call_fn_t fn, void *arg, enum smp_wait wait);

/**
 * smp_call_function_async() - the same without waiting, with the caller's own @csd
 * When @fn begins the csd is free again, for @fn too. Calls from one CPU to another run in order.
 * Context: any but NMI.
 * Return: 0; -EBUSY if @csd is queued already; -ENXIO if the CPU is not online.
 */
int smp_call_function_async(unsigned int cpu, struct call_single_data *csd);

/**
 * smp_call_function_many() - run @fn(@arg) on all online CPUs of @mask but the calling one; wait
 * They run it at the same time. Context: not in a handler; else as smp_call_function_single().
 */
void smp_call_function_many(const struct cpumask *mask, smp_call_fn_t fn, void *arg);

/* The same on all online CPUs, the calling one included. */
void on_each_cpu(smp_call_fn_t fn, void *arg);

/* Runs the calls that wait for this CPU: in loops that spin with interrupts off. */
void smp_poll_calls(void);

/* Has @cpu call sched_ipi(). Any context but NMI; needs no memory. */
void smp_send_reschedule(unsigned int cpu);

/* From the arch's handler. */
void smp_call_interrupt(void);

/* A CPU's queue of calls begins, or ends, to take them.  On that CPU, interrupts off. */
void smp_open_calls(void);
void smp_close_calls(void);

/*
 * Stopping all other CPUs, for the monitor and for a panic.  A stopped CPU sits in a handler, with
 * what it did in per_cpu(stopped_regs).  First an interrupt asks, so that it can halt meanwhile;
 * who has interrupts off gets an NMI and waits in a loop.
 */

/* Returns how many did not answer. Interrupts off; one stopper at a time. */
unsigned int smp_stop_others(void);

/* They go on, all of them have by the time it returns. Interrupts off. */
void smp_resume_others(void);

/* If somebody stops this CPU: waits here. For loops that spin with interrupts off. @regs: what to
 * show, may be NULL. */
void smp_stop_poll(struct pt_regs *regs);

/* The same from the arch's handler of the stop interrupt. */
void smp_stop_interrupt(struct pt_regs *regs);

/* Whether it is stopped now, and where: NULL if that is not known. */
bool smp_cpu_is_stopped(unsigned int cpu);
struct pt_regs *smp_stopped_regs(unsigned int cpu);

/* Stops the others for good, once. For the end of the machine: no way back. Interrupts off. */
void smp_send_stop(void);

/* Logs what the stopped CPUs were doing. */
void smp_show_others(enum log_level level);

/* Each CPU of @mask prints its backtrace from an NMI, one after the other. Any context but NMI;
 * waits up to a second for each. */
void smp_send_nmi_backtrace(const struct cpumask *mask);

/*
 * Whether a CPU has interrupts off, by NMI and without waiting: ask now, look later.  The answer is
 * taken by looking.  One asker for each CPU.  Any context but NMI.
 */
enum smp_sample { SAMPLE_MISSING, SAMPLE_IRQS_ON, SAMPLE_IRQS_OFF };
void smp_sample_request(unsigned int cpu);
enum smp_sample smp_sample_result(unsigned int cpu);

/* From the arch's NMI entry. Return: whether somebody had asked. */
bool smp_nmi(struct pt_regs *regs);

/* --- boot --- */

/* Which CPUs there are: fills cpu_possible_mask. After acpi_init(), before mm_init(). */
void smp_prepare(void);

/* Starts them. When they can be talked to, tasks can be made, and the clock runs. */
void smp_init(void);

#else
static inline int smp_call_function_single(unsigned int cpu, smp_call_fn_t fn, void *arg,
					   enum smp_wait wait)
{
	unsigned long flags;

	local_irq_save(flags);
	fn(arg);
	local_irq_restore(flags);
	return 0;
}
static inline int smp_call_function_async(unsigned int cpu, struct call_single_data *csd)
{
	return smp_call_function_single(cpu, csd->fn, csd->arg, SMP_WAIT);
}
static inline void smp_call_function_many(const struct cpumask *mask, smp_call_fn_t fn, void *arg)
{
}
static inline void on_each_cpu(smp_call_fn_t fn, void *arg)
{
	smp_call_function_single(0, fn, arg, SMP_WAIT);
}
static inline void smp_poll_calls(void)
{
}
static inline void smp_send_reschedule(unsigned int cpu)
{
}
static inline unsigned int smp_stop_others(void)
{
	return 0;
}
static inline void smp_resume_others(void)
{
}
static inline void smp_stop_poll(struct pt_regs *regs)
{
}
static inline bool smp_cpu_is_stopped(unsigned int cpu)
{
	return false;
}
static inline struct pt_regs *smp_stopped_regs(unsigned int cpu)
{
	return NULL;
}
static inline void smp_send_stop(void)
{
}
static inline void smp_show_others(enum log_level level)
{
}
static inline void smp_send_nmi_backtrace(const struct cpumask *mask)
{
}
static inline bool smp_nmi(struct pt_regs *regs)
{
	return false;
}
static inline void smp_prepare(void)
{
}
static inline void smp_init(void)
{
}
#endif

#endif
