/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stopping all other CPUs, for the monitor and for a panic, and backtraces by NMI.
 *
 * One CPU, the stopper, names the others in `stop_wanted` and interrupts them.  Each marks itself
 * in `stopped` and waits until its bit in stop_wanted is cleared, then takes its mark back.  A CPU
 * with interrupts on halts meanwhile; one with interrupts off does not hear the interrupt and is
 * sent an NMI, in which it can only spin.  A CPU that waits for something with interrupts off may
 * look for itself, by smp_stop_poll().
 *
 * Nothing here takes a lock: the CPUs may be anywhere.  Waits are bounded.
 */
#define pr_fmt(fmt) "smp: " fmt

#include <arch/processor.h>
#include <arch/smp.h>
#include <asm/ptrace.h>
#include <oshit/atomic.h>
#include <oshit/clock.h>
#include <oshit/percpu.h>
#include <oshit/printk.h>
#include <oshit/sched.h>
#include <oshit/smp.h>
#include <oshit/stacktrace.h>

#define IRQ_WAIT_NS	  (20 * NSEC_PER_MSEC) /* handlers end by then */
#define NMI_WAIT_NS	  (2 * NSEC_PER_SEC) /* a CPU may be a thread of a busy host */
#define RESUME_WAIT_NS	  (2 * NSEC_PER_SEC)
#define BACKTRACE_WAIT_NS NSEC_PER_SEC
#define MAX_BACKTRACES	  8 /* of CPUs that a panic stops */

enum wait_how { WAIT_HALTED, WAIT_SPINNING };

static struct cpumask stop_wanted; /* a  written by the stopper */
static struct cpumask stopped; /* a  each CPU its own bit */
static struct cpumask backtrace_wanted; /* a  set by who asks, cleared by the CPU itself */
static struct cpumask sample_wanted; /* a  set by who asks, cleared by the CPU itself */
static bool stop_for_good; /* a  set once, by smp_send_stop() */
static DEFINE_PER_CPU(struct pt_regs *, stopped_regs); /* valid while it is stopped */

static DEFINE_PER_CPU(unsigned int, sample); /* enum smp_sample  the last answer */

/* NMIs sent to this CPU, and how many it has seen: one that comes late is still known. */
static DEFINE_PER_CPU(atomic_t, nmis_sent);
static DEFINE_PER_CPU(int, nmis_seen);

static void send_nmi(unsigned int cpu)
{
	atomic_inc(per_cpu_ptr(&nmis_sent, cpu));
	arch_send_nmi(cpu);
}

static void wait_here(struct pt_regs *regs, enum wait_how how)
{
	unsigned int self = smp_processor_id();

	this_cpu_write(stopped_regs, regs);
	/* Pairs with the look at `stopped` in all_stopped(): the registers are there by then. */
	cpumask_test_and_set_cpu(self, &stopped);
	while (cpumask_test_cpu(self, &stop_wanted)) {
		if (READ_ONCE(stop_for_good))
			cpu_stop();
		if (how == WAIT_HALTED)
			arch_halt();
		else
			cpu_relax();
	}
	cpumask_test_and_clear_cpu(self, &stopped);
}

/* Wanted, and not stopped by the other way already. */
static bool must_stop(void)
{
	unsigned int self = smp_processor_id();

	return cpumask_test_cpu(self, &stop_wanted) && !cpumask_test_cpu(self, &stopped);
}

void smp_stop_poll(struct pt_regs *regs)
{
	if (must_stop())
		wait_here(regs, WAIT_SPINNING);
}

void smp_stop_interrupt(struct pt_regs *regs)
{
	if (!must_stop())
		return;
	arch_halt_begin();
	wait_here(regs, WAIT_HALTED);
	arch_halt_end();
}

bool smp_cpu_is_stopped(unsigned int cpu)
{
	return cpumask_test_cpu(cpu, &stopped);
}

struct pt_regs *smp_stopped_regs(unsigned int cpu)
{
	return smp_cpu_is_stopped(cpu) ? per_cpu(stopped_regs, cpu) : NULL;
}

/* Whether all CPUs of @mask are stopped, or none is, before the time is up. */
static bool wait_for_stopped(const struct cpumask *mask, bool (*reached)(const struct cpumask *),
			     u64 limit_ns)
{
	u64 start_ns = clock_ns();

	while (!reached(mask)) {
		if (clock_ns() - start_ns > limit_ns)
			return false;
		cpu_relax();
	}
	smp_mb();
	return true;
}

static bool all_stopped(const struct cpumask *mask)
{
	return cpumask_subset(mask, &stopped);
}

static bool none_stopped(const struct cpumask *mask)
{
	return !cpumask_intersects(mask, &stopped);
}

unsigned int smp_stop_others(void)
{
	struct cpumask others, missing;
	unsigned int cpu;

	cpumask_copy(&others, &cpu_online_mask);
	cpumask_clear_cpu(smp_processor_id(), &others);
	for_each_cpu(cpu, &others)
		cpumask_test_and_set_cpu(cpu, &stop_wanted);
	for_each_cpu(cpu, &others)
		arch_send_stop(cpu);
	if (wait_for_stopped(&others, all_stopped, IRQ_WAIT_NS))
		return 0;
	cpumask_andnot(&missing, &others, &stopped);
	for_each_cpu(cpu, &missing)
		send_nmi(cpu);
	wait_for_stopped(&others, all_stopped, NMI_WAIT_NS);
	cpumask_andnot(&missing, &others, &stopped);
	return cpumask_weight(&missing);
}

void smp_resume_others(void)
{
	struct cpumask others;
	unsigned int cpu;

	cpumask_copy(&others, &stop_wanted);
	for_each_cpu(cpu, &others)
		cpumask_test_and_clear_cpu(cpu, &stop_wanted);
	/* Out of arch_halt(). */
	for_each_cpu(cpu, &others)
		arch_send_stop(cpu);
	wait_for_stopped(&others, none_stopped, RESUME_WAIT_NS);
}

void smp_send_stop(void)
{
	if (xchg(&stop_for_good, true))
		return;
	smp_stop_others();
}

/* Idle ones have nothing to tell; the backtraces of many would scroll away what matters.  A task
 * that halts its CPU, because it waits for the answer to a call, is not idle. */
void smp_show_others(enum log_level level)
{
	unsigned int cpu, nr_idle = 0, nr_shown = 0;

	for_each_online_cpu(cpu) {
		struct pt_regs *regs = smp_stopped_regs(cpu);

		if (cpu == smp_processor_id())
			continue;
		if (!smp_cpu_is_stopped(cpu)) {
			printk(level, "CPU %u does not answer", cpu);
		} else if (regs && per_cpu(current_task, cpu)->flags & PF_IDLE &&
			   arch_is_halted(regs)) {
			nr_idle++;
		} else if (regs) {
			printk(level, "CPU %u is at %pS", cpu, (void *)regs->rip);
			if (nr_shown++ < MAX_BACKTRACES)
				stack_trace_show(level, regs);
		}
	}
	if (nr_idle)
		printk(level, "%u other CPUs are idle", nr_idle);
}

static void print_backtrace(struct pt_regs *regs)
{
	unsigned int self = smp_processor_id();

	if (!cpumask_test_cpu(self, &backtrace_wanted))
		return;
	pr_warn("CPU %u is at %pS", self, (void *)regs->rip);
	stack_trace_show(LOG_WARNING, regs);
	cpumask_test_and_clear_cpu(self, &backtrace_wanted);
}

static void request_backtrace(unsigned int cpu)
{
	u64 start_ns = clock_ns();

	cpumask_test_and_set_cpu(cpu, &backtrace_wanted);
	send_nmi(cpu);
	while (cpumask_test_cpu(cpu, &backtrace_wanted)) {
		if (clock_ns() - start_ns > BACKTRACE_WAIT_NS) {
			pr_warn("CPU %u does not answer an NMI", cpu);
			cpumask_clear_cpu(cpu, &backtrace_wanted);
			return;
		}
		cpu_relax();
	}
}

void smp_send_nmi_backtrace(const struct cpumask *mask)
{
	unsigned int cpu;

	preempt_disable();
	for_each_cpu(cpu, mask) {
		if (!cpu_online(cpu))
			continue;
		if (cpu == smp_processor_id())
			stack_trace_show(LOG_WARNING, NULL);
		else
			request_backtrace(cpu);
	}
	preempt_enable();
}

void smp_sample_request(unsigned int cpu)
{
	WRITE_ONCE(per_cpu(sample, cpu), SAMPLE_MISSING);
	cpumask_test_and_set_cpu(cpu, &sample_wanted);
	send_nmi(cpu);
}

enum smp_sample smp_sample_result(unsigned int cpu)
{
	return (enum smp_sample)READ_ONCE(per_cpu(sample, cpu));
}

static void take_sample(const struct pt_regs *regs)
{
	unsigned int self = smp_processor_id();

	if (!cpumask_test_cpu(self, &sample_wanted))
		return;
	cpumask_test_and_clear_cpu(self, &sample_wanted);
	this_cpu_write(sample,
		       arch_irqs_disabled_flags(regs->eflags) ? SAMPLE_IRQS_OFF : SAMPLE_IRQS_ON);
}

bool smp_nmi(struct pt_regs *regs)
{
	/* Two on their way at once may come as one; the next that nobody sent then passes as
	 * ours. */
	bool ours = atomic_read(this_cpu_ptr(&nmis_sent)) != this_cpu_read(nmis_seen);

	if (!ours)
		return false;
	this_cpu_inc(nmis_seen);
	take_sample(regs);
	print_backtrace(regs);
	smp_stop_poll(regs);
	return true;
}
