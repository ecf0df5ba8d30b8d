/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The idle task of each CPU: what runs when nothing else wants to.  It sleeps until an interrupt.
 * There is no lost wake-up: it looks with interrupts off, and goes to sleep and turns them on in
 * one instant, so one that comes in between ends the sleep at once. Preemption stays off here, and
 * while the idle task brings its CPU up: only this loop leaves it.
 */
#include <arch/processor.h>
#include <oshit/clock.h>
#include <oshit/cpuhp.h>
#include <oshit/init.h>
#include <oshit/printf.h>

#include "sched.h"

/* As after one preempt_disable(). */
#define IDLE_PREEMPT_COUNT \
	(PREEMPT_NO_NEED | (IS_ENABLED(CONFIG_PREEMPT_COUNT) ? PREEMPT_OFFSET : 0))

struct task_struct boot_task = {
	.flags = PF_IDLE | PF_KTHREAD | PF_PINNED,
	.on_cpu = true,
	.nr_cpus_allowed = 1,
	.cpus_allowed = { .bits = { 1 } },
	.refs = REFCOUNT_INIT(1),
	.se.weight = NICE_0_WEIGHT,
	.cputime = CPUTIME_INIT,
	.comm = "idle/0",
};

/* The other CPUs'. */
static DEFINE_PER_CPU(struct task_struct, idle_task);

static void run_queue_init(unsigned int cpu, struct task_struct *idle)
{
	struct run_queue *rq = per_cpu_ptr(&run_queue, cpu);

	SCHED_NORMAL_POLICY.init(&rq->normal);
	sched_rr.init(&rq->idle_class);
	rq->idle = idle;
	rq->runs = CPU_TIME_SYSTEM; /* booting */
	rq->charged_ns = cpu ? clock_ns() : 0;
	rq_init_slice_timer(rq);
	tick_init(rq);
}

/* The idle task of a CPU other than the boot CPU, each time that it comes up. */
static int sched_cpu_prepare(unsigned int cpu)
{
	struct task_struct *idle = per_cpu_ptr(&idle_task, cpu);

	*idle = boot_task;
	idle->cpu = cpu;
	idle->cpus_allowed = cpumask_of(cpu);
	idle->cputime = (struct cputime){};
	cputime_init(&idle->cputime);
	lockdep_task_init(&idle->lockdep);
	snprintf(idle->comm, sizeof(idle->comm), "idle/%u", cpu);
	run_queue_init(cpu, idle);
	*per_cpu_ptr(&current_task, cpu) = idle;
	*per_cpu_ptr(&preempt_count, cpu) = IDLE_PREEMPT_COUNT;
	return 0;
}

static const struct cpuhp_ops prepare_step = {
	.name = "sched:prepare",
	.startup = sched_cpu_prepare,
};

static const struct cpuhp_ops starting_step = {
	.name = "sched:starting",
	.teardown = sched_cpu_dying,
};

static const struct cpuhp_ops dead_step = {
	.name = "sched:inbox",
	.teardown = sched_cpu_dead,
};

static const struct cpuhp_ops active_step = {
	.name = "sched:active",
	.startup = sched_cpu_activate,
	.teardown = sched_cpu_deactivate,
};

__init void sched_init(void)
{
	boot_task.stack = arch_boot_stack();
	run_queue_init(0, &boot_task);
	this_cpu_write(preempt_count, IDLE_PREEMPT_COUNT);
	cpumask_set_cpu(0, &cpu_active_mask);
	cpuhp_register(CPUHP_SCHED_DEAD, &dead_step);
	cpuhp_register(CPUHP_SCHED_PREPARE, &prepare_step);
	cpuhp_register(CPUHP_SCHED_STARTING, &starting_step);
	cpuhp_register(CPUHP_SCHED_ACTIVE, &active_step);
}

/* Waits for work; returns when there may be some. Interrupts off. */
static void idle_wait(struct run_queue *rq)
{
	rq_settle(rq);
	if (need_resched())
		return;
	if (cpuhp_should_die())
		cpuhp_die();
	cpu_wait_for_interrupt();
	local_irq_disable();
}

void cpu_startup_entry(void)
{
	local_irq_disable();
	this_rq()->charged_ns = clock_ns();
	this_rq()->runs = CPU_TIME_IDLE;
	for (;;) {
		while (!need_resched())
			idle_wait(this_rq());
		schedule_idle();
	}
}
