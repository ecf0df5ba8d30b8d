/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * On which CPUs a task may run: changes of its mask, and of the CPUs that there are.
 *
 * A mask is written by its setter and read by whoever moves the task.  The setter writes, then
 * (full barrier) reads ->cpu and has that CPU look.  Who moves the task writes ->cpu, then (full
 * barrier) reads the mask.  So if the setter asks the wrong CPU, the mover sees the new mask; the
 * global queue's lock does the same for tasks that wait there.  The CPU that is asked finds the
 * task running, waiting, in its inbox, or not at all: then it is asleep or moves, and is looked at
 * when it arrives.
 *
 * A CPU that goes off:
 *
 *	not active	nobody chooses it any more; who has chosen it before posts before it
 *			answers the call that comes next, for both happen with interrupts off
 *	leaving		what waits there is sent away, what runs leaves at its next schedule(),
 *			arrivals are sent on
 *	dead		who has seen a task's stack in use there posts before he answers one more
 *			call; then its inbox is emptied from elsewhere, for the last time
 *
 * and one that comes on becomes active, and all others look for tasks that ran elsewhere only
 * because it was off.
 */
#include <linux/errno.h>
#include <oshit/bug.h>
#include <oshit/init.h>
#include <oshit/smp.h>

#include "sched.h"

static DEFINE_RAW_SPINLOCK(affinity_lock); /* one setter at a time writes a mask */

/* A task that waits on this CPU and may not, or counts as it should not, is put right. */
static void recheck_waiting(struct run_queue *rq, struct task_struct *task)
{
	rq_depart(rq, task);
	place_task(task);
}

/* On the CPU that ->cpu named. */
static void mask_changed(void *arg)
{
	struct task_struct *task = arg;
	struct run_queue *rq = this_rq();
	unsigned int here = smp_processor_id();
	unsigned long flags;

	local_irq_save(flags);
	drain_inbox(rq);
	if (current == task && !may_run_on(task, here))
		set_need_resched();
	else if (task->waits_on == here + 1)
		recheck_waiting(rq, task);
	rq_settle(rq);
	local_irq_restore(flags);
}

static void write_mask(struct task_struct *task, const struct cpumask *mask)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&affinity_lock, flags);
	cpumask_copy(&task->cpus_allowed, mask);
	WRITE_ONCE(task->nr_cpus_allowed, cpumask_weight(mask));
	raw_spin_unlock_irqrestore(&affinity_lock, flags);
}

/* After this nobody takes a task from the global queue by an old mask. */
static void global_queue_sync(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&global_queue.lock, flags);
	raw_spin_unlock_irqrestore(&global_queue.lock, flags);
}

int set_cpus_allowed(struct task_struct *task, const struct cpumask *mask)
{
	if (task->flags & PF_PINNED || !cpumask_intersects(mask, &cpu_active_mask))
		return -EINVAL;
	write_mask(task, mask);
	/* Pairs with the barrier in post_task(). */
	smp_mb();
	global_queue_sync();
	smp_call_function_single(READ_ONCE(task->cpu), mask_changed, task, SMP_WAIT);
	if (task == current && need_resched())
		schedule();
	return 0;
}

/* Nobody else knows the child yet: only the parent's mask may change meanwhile. */
void inherit_cpus_allowed(struct task_struct *child)
{
	write_mask(child, &current->cpus_allowed);
}

int set_nice(struct task_struct *task, int nice)
{
	if (nice < NICE_MIN || nice > NICE_MAX)
		return -EINVAL;
	WRITE_ONCE(task->nice, (s8)nice);
	return 0;
}

/* --- CPUs that go off and come on --- */

/* Sends away what waits in one queue and may not. */
static void recheck_queue(struct run_queue *rq, struct sched_queue *queue,
			  const struct sched_policy *policy)
{
	struct sched_entity *se = policy->last(queue), *before;

	for (; se; se = before) {
		before = policy->before(queue, se);
		if (!may_run_on(task_of(se), smp_processor_id()))
			recheck_waiting(rq, task_of(se));
	}
}

static void recheck_all(void *arg __maybe_unused)
{
	struct run_queue *rq = this_rq();
	unsigned long flags;

	local_irq_save(flags);
	drain_inbox(rq);
	recheck_queue(rq, &rq->normal, &SCHED_NORMAL_POLICY);
	recheck_queue(rq, &rq->idle_class, &sched_rr);
	if (!is_idle_task(current) && !may_run_on(current, smp_processor_id()))
		set_need_resched();
	rq_settle(rq);
	local_irq_restore(flags);
}

/* The global queue's tasks, too, may have lost or got back a CPU: whoever is idle looks. */
static void kick_idle_cpus(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		smp_send_reschedule(cpu);
}

int sched_cpu_activate(unsigned int cpu)
{
	cpumask_set_cpu(cpu, &cpu_active_mask);
	smp_mb();
	on_each_cpu(recheck_all, NULL);
	kick_idle_cpus();
	return 0;
}

int sched_cpu_deactivate(unsigned int cpu)
{
	cpumask_clear_cpu(cpu, &cpu_active_mask);
	cpumask_clear_cpu(cpu, &sched_idle_mask);
	smp_mb();
	/* Also waits until nobody is about to post what he chose before. */
	on_each_cpu(recheck_all, NULL);
	kick_idle_cpus();
	/* The caller may be here, too, and is to wait for this CPU. */
	cond_resched();
	return 0;
}

bool sched_cpu_is_empty(unsigned int cpu)
{
	const struct run_queue *rq = per_cpu_ptr(&run_queue, cpu);

	return !READ_ONCE(rq->nr_running) && !READ_ONCE(rq->nr_idle_class) &&
	       llist_empty(&rq->inbox);
}

int sched_cpu_dying(unsigned int cpu)
{
	struct run_queue *rq = this_rq();

	hrtimer_try_cancel(&rq->slice_timer);
	tick_stop(rq);
	drain_inbox(rq);
	cpumask_clear_cpu(cpu, &sched_idle_mask);
	cpumask_clear_cpu(cpu, &sched_surplus_mask);
	WARN_ON_ONCE(rq->normal.nr || rq->idle_class.nr);
	return 0;
}

static void do_nothing(void *unused __maybe_unused)
{
}

int sched_cpu_dead(unsigned int cpu)
{
	struct run_queue *rq = per_cpu_ptr(&run_queue, cpu);
	struct llist_node *node, *next;
	unsigned long flags;

	/* A waker may have seen ->on_cpu before the last switch there, and be about to post. */
	on_each_cpu(do_nothing, NULL);

	local_irq_save(flags);
	llist_for_each_safe(node, next, llist_reverse_order(llist_del_all(&rq->inbox)))
		place_task(llist_entry(node, struct task_struct, inbox));
	rq_settle(this_rq());
	local_irq_restore(flags);
	return 0;
}
