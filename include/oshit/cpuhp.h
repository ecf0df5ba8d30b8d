/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs that come and go.  On its way up a CPU takes the steps below from the first to the last, on
 * its way down from the last to the first.  Each step is a slot that one part of the kernel fills,
 * while booting, with what it does for a CPU:
 *
 *	before CPUHP_STARTED		on the CPU that controls; the CPU in question is off
 *	up to CPUHP_ONLINE		on the CPU itself, interrupts off, its idle task
 *	after CPUHP_ONLINE		on the controlling CPU; the CPU in question is on
 *
 * What runs on the controlling CPU runs in a task and may sleep.
 */
#ifndef OSHIT_CPUHP_H
#define OSHIT_CPUHP_H

#include <oshit/percpu.h>
#include <oshit/types.h>

enum cpuhp_step {
	CPUHP_OFF,
	CPUHP_MM, /* down: caches of memory are emptied */
	CPUHP_TIMERS_PREPARE, /* down: timers move to another CPU */
	CPUHP_WORKQUEUE_PREPARE,
	CPUHP_SCHED_DEAD, /* down: what was posted last goes elsewhere */
	CPUHP_SCHED_PREPARE, /* up: the idle task is set up */
	CPUHP_RCU, /* grace periods wait for it; the last before the start: see kernel/rcu.c */
	CPUHP_STARTED, /* the CPU runs; down: it is parked */
	CPUHP_MM_CONTEXT, /* down: it uses no program's page tables any more */
	CPUHP_FEATURES, /* up: it can do what the boot CPU can */
	CPUHP_FPU,
	CPUHP_SYSCALL, /* up: it takes system calls */
	CPUHP_CLOCK,
	CPUHP_TIMER, /* its timer interrupt */
	CPUHP_SCHED_STARTING, /* down: the last tasks leave */
	CPUHP_ONLINE, /* it is in cpu_online_mask and takes calls */
	CPUHP_IRQS, /* down: interrupts of devices go to others */
	CPUHP_CLOCK_CHECK,
	CPUHP_KTHREADS, /* down: threads of this CPU are parked */
	CPUHP_WORKQUEUE,
	CPUHP_WATCHDOG,
	CPUHP_SCHED_ACTIVE, /* tasks may run there; down: they leave */
	NR_CPUHP_STEPS,
};

struct cpuhp_ops {
	const char *name;
	/* 0 or -errno: then what came up before goes down again. NULL: nothing to do. */
	int (*startup)(unsigned int cpu);
	/* Undoes it. Above CPUHP_ONLINE it may fail, and the CPU stays; below the result is
	 * ignored. */
	int (*teardown)(unsigned int cpu);
};

#ifdef CONFIG_SMP
/* Fills a slot. The boot CPU has its things done by the caller. Boot, before smp_init(). */
void cpuhp_register(enum cpuhp_step step, const struct cpuhp_ops *ops);

/* The name of a step, NULL if its slot is empty. */
const char *cpuhp_step_name(enum cpuhp_step step);

/* How far a CPU is. Any context; it may be on its way. */
enum cpuhp_step cpuhp_state(unsigned int cpu);

/* For tests (CONFIG_TEST_HOTPLUG): asked before each step; what it returns other than 0 is the
 * result in the step's place.  Context: the step's. */
enum cpuhp_way { CPUHP_WAY_UP, CPUHP_WAY_DOWN };
extern int (*cpuhp_test_hook)(unsigned int cpu, enum cpuhp_step step, enum cpuhp_way way);

/* Starts all CPUs of @mask: their way up to CPUHP_STARTED at the same time, the rest one by one.
 * Those that fail stay off, with a line in the log. Boot. */
struct cpumask;
void cpus_up(const struct cpumask *mask);

/* Where the arch brings a CPU that it has started: interrupts off, on its idle task's stack. */
void __noreturn cpu_bringup(void);

/* Asked by the idle loop, interrupts off: true if it must call cpuhp_die(). */
DECLARE_PER_CPU(bool, cpuhp_must_die);
#define cpuhp_should_die() READ_ONCE(*this_cpu_ptr(&cpuhp_must_die))

/* The CPU goes off. Its idle task, interrupts off. */
void __noreturn cpuhp_die(void);
#else
#define cpuhp_should_die() false
static inline void cpuhp_register(enum cpuhp_step step, const struct cpuhp_ops *ops)
{
}
static inline void cpuhp_die(void)
{
}
static inline const char *cpuhp_step_name(enum cpuhp_step step)
{
	return step == CPUHP_ONLINE ? "online" : NULL;
}
static inline enum cpuhp_step cpuhp_state(unsigned int cpu)
{
	return NR_CPUHP_STEPS - 1;
}
#endif

#ifdef CONFIG_HOTPLUG_CPU
/**
 * cpu_up() - switch a CPU on;  cpu_down() - switch it off
 *
 * Callers take turns.  On its way down a CPU loses all that it has: tasks, even those that may run
 * nowhere else, timers, interrupts, memory kept at hand, calls; threads of its own are parked.  It
 * ends halted.  What was bound to it comes back when it does.
 *
 * Context: task, may sleep; holds nothing that another task could need to leave the CPU.
 * Return: 0, also if it is so already; -EINVAL if there is no such CPU; -EBUSY for taking down the
 * boot CPU; -EIO if it does not start; what a step returned, all being as before then.
 */
int cpu_up(unsigned int cpu);
int cpu_down(unsigned int cpu);
#else
#include <linux/errno.h>
static inline int cpu_up(unsigned int cpu)
{
	return -ENOSYS;
}
static inline int cpu_down(unsigned int cpu)
{
	return -ENOSYS;
}
#endif

/* The same as the call, without its checks: a possible CPU is on, or off, afterwards. 0 or
 * -errno. */
int cpu_switch(unsigned int cpu, bool to_on);

#endif
