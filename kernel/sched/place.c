/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which CPU a task goes to, and how it gets there.  The protocol is told at the head of core.c.
 *
 * The masks may change while they are read here.  A wrong choice that comes of it is put right by
 * the CPU that takes the task in: it looks again.
 */
#include <oshit/smp.h>

#include "sched.h"

/* A thread of one CPU works there while that comes up and goes down, too, until it is parked. */
static const struct cpumask *cpus_on(const struct task_struct *task)
{
	return task->flags & PF_PER_CPU ? &cpu_online_mask : &cpu_active_mask;
}

bool may_run_on_slow(const struct task_struct *task, unsigned int cpu)
{
	const struct cpumask *on = cpus_on(task);

	if (!cpumask_test_cpu(cpu, on))
		return false;
	return cpumask_test_cpu(cpu, &task->cpus_allowed) ||
	       !cpumask_intersects(&task->cpus_allowed, on);
}

/* An idle CPU is promised to one task only: by whoever clears its bit. */
static bool claim(unsigned int cpu, const struct task_struct *task)
{
	return cpumask_test_cpu(cpu, &sched_idle_mask) && may_run_on(task, cpu) &&
	       cpumask_test_and_clear_cpu(cpu, &sched_idle_mask);
}

unsigned int claim_idle_cpu(const struct task_struct *task)
{
	unsigned int cpu;

	for_each_cpu(cpu, &sched_idle_mask) {
		if (claim(cpu, task))
			return cpu;
	}
	return NR_CPUS;
}

/* The one of its CPUs with the fewest tasks; any that is on if all its own are off. */
static unsigned int least_loaded_cpu(const struct task_struct *task)
{
	unsigned int cpu, best = NR_CPUS, load, best_load = ~0U;

	for_each_cpu(cpu, cpus_on(task)) {
		load = READ_ONCE(per_cpu_ptr(&run_queue, cpu)->nr_running);
		if (load < best_load && may_run_on(task, cpu)) {
			best = cpu;
			best_load = load;
		}
	}
	return best < NR_CPUS ? best : smp_processor_id();
}

static unsigned int choose_cpu(const struct task_struct *task)
{
	unsigned int last = task->cpu, here = smp_processor_id(), cpu;

	if (claim(last, task))
		return last;
	if (claim(here, task))
		return here;
	cpu = claim_idle_cpu(task);
	if (cpu < NR_CPUS)
		return cpu;
	return may_run_on(task, last) ? last : least_loaded_cpu(task);
}

/* Takes over a task that came to this CPU, or sends it on. True if it waits here now. */
static bool accept(struct run_queue *rq, struct task_struct *task)
{
	if (!may_run_on(task, smp_processor_id()))
		return place_task(task);
	rq_arrive(rq, task);
	rq_check_preempt(rq, task);
	return true;
}

bool post_task(struct task_struct *task, unsigned int cpu)
{
	struct run_queue *rq = per_cpu_ptr(&run_queue, cpu);

	if (task->cpu != cpu) {
		task->nr_migrations++;
		/* A full barrier before the mask is read in accept(): pairs with the one in
		 * set_cpus_allowed().  On another CPU llist_add() and its taking are one, too. */
		xchg(&task->cpu, cpu);
	}
	if (cpu == smp_processor_id())
		return accept(rq, task);
	this_rq()->nr_posted++;
	if (llist_add(&task->inbox, &rq->inbox)) {
		this_rq()->nr_post_ipis++;
		smp_send_reschedule(cpu);
	}
	return false;
}

bool place_task(struct task_struct *task)
{
	/* Pairs with the release in finish_switch(). */
	if (smp_load_acquire(&task->on_cpu))
		return post_task(task, task->cpu);
	return post_task(task, choose_cpu(task));
}

void drain_inbox(struct run_queue *rq)
{
	struct llist_node *node, *next;

	llist_for_each_safe(node, next, llist_reverse_order(llist_del_all(&rq->inbox)))
		accept(rq, llist_entry(node, struct task_struct, inbox));
}
