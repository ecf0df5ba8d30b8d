/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How CPUs share the work: the global queue, idle CPUs that look for tasks, loaded CPUs that give.
 *
 * No lost work.  Both sides write first and look then, with a full barrier in between:
 *
 *	CPU with tasks that wait		CPU that goes idle
 *	sets its bit in sched_surplus_mask	sets its bit in sched_idle_mask
 *	full barrier				full barrier
 *	gives to CPUs in sched_idle_mask	asks CPUs in sched_surplus_mask, by IPI
 *
 * A CPU whose bit stands looks again whenever a task comes, and when it is asked.  Only tasks that
 * may run elsewhere count as surplus.  The same holds for the global queue: who puts a task there
 * looks for an idle CPU afterwards, and who goes idle looks into the queue afterwards.
 *
 * A task that is given to an idle CPU goes straight to its inbox: the CPU has been claimed, so a
 * detour over the global queue would only add a lock that all share.  The global queue holds what
 * no CPU is idle for.
 *
 * Sharing among busy CPUs happens when a slice is over, and at the latest a slice after the last
 * time: tasks that yield or sleep all the time never come to the end of theirs.  The CPU counts all
 * normal tasks, from what each CPU has published.  What it has above its share goes to the global
 * queue, what it lacks comes from there.  Then the first of the global queue comes in any case, and
 * one from here goes in exchange: the task whose slice is over, else one that waits.  If none may
 * go, the CPU has one too many until next time.  Who has come from the global queue stays until he
 * has run, so nobody is passed round without a turn.  With tasks on the global queue every busy CPU
 * has slices; so the first one there has all others start their timers.
 *
 * A task may be allowed on few CPUs.  It goes to the global queue only if one of these is not above
 * its share, and each CPU takes the first task that it may run, so none is forgotten there.  Who
 * looks for tasks to give away looks at MAX_LOOKS of them, those that would come last first.
 */
#include <oshit/smp.h>

#include "sched.h"

#define MAX_LOOKS 32 /* interrupts are off meanwhile */

struct global_queue global_queue = {
	.lock = RAW_SPINLOCK_INIT,
	.tasks = LIST_HEAD_INIT(global_queue.tasks),
};
struct cpumask sched_idle_mask;
struct cpumask sched_surplus_mask;

/* --- the global queue --- */

/* The first task that may run here, or NULL; @leaves: it counts no more. */
static struct task_struct *take_first(unsigned int leaves)
{
	unsigned int here = smp_processor_id();
	struct task_struct *task, *found = NULL;

	if (!READ_ONCE(global_queue.nr))
		return NULL;
	raw_spin_lock(&global_queue.lock);
	list_for_each_entry(task, &global_queue.tasks, se.link) {
		if (may_run_on(task, here)) {
			found = task;
			break;
		}
	}
	if (found) {
		list_del(&found->se.link);
		WRITE_ONCE(global_queue.nr, global_queue.nr - leaves);
		found->nr_migrations += found->cpu != here;
		found->cpu = here;
		found->owed_turn = true;
		this_rq()->nr_taken++;
	}
	raw_spin_unlock(&global_queue.lock);
	return found;
}

struct task_struct *global_take(void)
{
	return take_first(1);
}

/* All busy CPUs have competitors from now on. */
static void start_all_slices(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &cpu_active_mask) {
		if (cpu != smp_processor_id() && !cpumask_test_cpu(cpu, &sched_idle_mask))
			smp_send_reschedule(cpu);
	}
}

/* Adds @task, and tells an idle CPU. Returns whether the others have to look at the queue. */
static bool add_and_tell(struct task_struct *task, unsigned int enters)
{
	bool was_empty;
	unsigned int cpu;

	raw_spin_lock(&global_queue.lock);
	was_empty = global_queue.nr == 0;
	WRITE_ONCE(global_queue.nr, global_queue.nr + enters);
	list_add_tail(&task->se.link, &global_queue.tasks);
	/* Pairs with the barrier in announce_idle(). */
	smp_mb();
	cpu = claim_idle_cpu(task);
	raw_spin_unlock(&global_queue.lock);
	if (cpu < NR_CPUS)
		smp_send_reschedule(cpu);
	return cpu >= NR_CPUS && was_empty;
}

void global_give(struct task_struct *task)
{
	this_rq()->nr_given++;
	if (add_and_tell(task, 1))
		start_all_slices();
}

void global_give_in_turn(struct task_struct *task)
{
	add_and_tell(task, 0);
}

/* --- idle CPUs and those with surplus --- */

void announce_idle(struct run_queue *rq)
{
	unsigned int here = smp_processor_id(), cpu;

	if (cpumask_test_cpu(here, &sched_surplus_mask))
		cpumask_clear_cpu(here, &sched_surplus_mask);
	if (cpumask_test_cpu(here, &sched_idle_mask) || !cpumask_test_cpu(here, &cpu_active_mask))
		return;
	cpumask_test_and_set_cpu(here, &sched_idle_mask);
	if (!llist_empty(&rq->inbox) || READ_ONCE(global_queue.nr))
		set_need_resched();
	for_each_cpu(cpu, &sched_surplus_mask) {
		WRITE_ONCE(per_cpu_ptr(&run_queue, cpu)->asked, true);
		smp_send_reschedule(cpu);
	}
}

void give_surplus(struct run_queue *rq)
{
	const struct sched_policy *policy = &SCHED_NORMAL_POLICY;
	struct sched_entity *se = policy->last(&rq->normal), *before;
	unsigned int nr_kept = rq->normal.curr ? 0 : 1; /* somebody is to run here next */
	unsigned int cpu;

	for (int looks = 0; se && looks < MAX_LOOKS; looks++, se = before) {
		if (rq->normal.nr <= nr_kept || cpumask_empty(&sched_idle_mask))
			break;
		before = policy->before(&rq->normal, se);
		cpu = claim_idle_cpu(task_of(se));
		if (cpu >= NR_CPUS)
			continue;
		rq_depart(rq, task_of(se));
		rq->nr_given++;
		post_task(task_of(se), cpu);
	}
	rq_publish(rq);
}

void announce_surplus_slow(struct run_queue *rq)
{
	unsigned int here = smp_processor_id();

	if (cpumask_test_cpu(here, &sched_idle_mask))
		cpumask_clear_cpu(here, &sched_idle_mask);
	if (!rq->nr_movable) {
		if (cpumask_test_cpu(here, &sched_surplus_mask))
			cpumask_clear_cpu(here, &sched_surplus_mask);
		return;
	}
	if (!cpumask_test_cpu(here, &sched_surplus_mask))
		cpumask_test_and_set_cpu(here, &sched_surplus_mask);
	if (!cpumask_empty(&sched_idle_mask))
		give_surplus(rq);
}

/* --- busy CPUs --- */

static unsigned int published_load(unsigned int cpu)
{
	return READ_ONCE(per_cpu_ptr(&run_queue, cpu)->nr_running);
}

/* Tasks for each CPU, rounded down. */
static unsigned int fair_share(void)
{
	unsigned int total = READ_ONCE(global_queue.nr), nr_cpus = 0, cpu;

	for_each_cpu(cpu, &cpu_active_mask) {
		total += published_load(cpu);
		nr_cpus++;
	}
	return nr_cpus ? total / nr_cpus : total;
}

/* Whether another CPU that may run @task has not more than its share. */
static bool has_room_elsewhere(const struct task_struct *task, unsigned int share)
{
	unsigned int cpu;

	for_each_cpu(cpu, &task->cpus_allowed) {
		if (cpu != smp_processor_id() && may_run_on(task, cpu) &&
		    published_load(cpu) <= share)
			return true;
	}
	return false;
}

/* The last of those that wait here, may go to a CPU with room and have had their turn; or NULL. */
static struct task_struct *find_movable(struct run_queue *rq, unsigned int share)
{
	const struct sched_policy *policy = &SCHED_NORMAL_POLICY;
	struct sched_entity *se = policy->last(&rq->normal);

	for (int looks = 0; se && looks < MAX_LOOKS; looks++) {
		if (!task_of(se)->owed_turn && has_room_elsewhere(task_of(se), share))
			return task_of(se);
		se = policy->before(&rq->normal, se);
	}
	return NULL;
}

/* The first of the global queue comes; true if @prev is to go there for it. */
static bool take_turns(struct run_queue *rq, const struct task_struct *prev, unsigned int share)
{
	bool prev_goes =
		prev && READ_ONCE(prev->nr_cpus_allowed) > 1 && has_room_elsewhere(prev, share);
	struct task_struct *waiting = prev_goes ? NULL : find_movable(rq, share);
	/* It counts on if another one comes in its place. */
	struct task_struct *task = take_first(prev_goes || waiting ? 0 : 1);

	if (!task)
		return false;
	rq_arrive(rq, task);
	if (waiting) {
		rq_depart(rq, waiting);
		global_give_in_turn(waiting);
	}
	return prev_goes;
}

bool balance(struct run_queue *rq, const struct task_struct *prev)
{
	unsigned int nr = rq->normal.nr + (prev != NULL), share = fair_share();
	struct task_struct *task;

	rq->balance_due_ns = rq->charged_ns + SCHED_SLICE_NS;
	for (; nr > share && (task = find_movable(rq, share)); nr--) {
		rq_depart(rq, task);
		global_give(task);
	}
	for (; nr < share && (task = global_take()); nr++)
		rq_arrive(rq, task);
	rq_publish(rq);
	return READ_ONCE(global_queue.nr) && take_turns(rq, prev, share);
}
