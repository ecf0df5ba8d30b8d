/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler.
 *
 * Where a task is.  Each CPU has a run queue that it alone touches, with interrupts off and
 * without a lock.  Others post tasks to its inbox (a lock-free list) and send it an interrupt.  So
 * each task has one *owner* at each moment, who alone may change its fields marked o, and moving
 * it is handing it over:
 *
 *	runs on CPU n		that CPU: `current` there
 *	waits on CPU n		that CPU: ->waits_on is n + 1
 *	in the inbox of n	nobody, until n takes it out
 *	on the global queue	the holder of its lock
 *	asleep			nobody: TASK_OFF_QUEUE in ->state
 *	dead			a reaper, from sched_dead_hook() on
 *	on the way		who has woken it up, taken it or is about to post it; interrupts off
 *
 * Sleeping and waking.  ->state decides all by single atomic operations.  A task that goes to sleep
 * sets it to S, looks once more at what it waits for, and comes to schedule(), which exchanges S by
 * S | TASK_OFF_QUEUE.  Who wakes it up exchanges either by TASK_RUNNING:
 *
 *	sleeper					waker
 *	state = S		(a)		condition = true
 *	full barrier				full barrier		(b)
 *	look at the condition			look at state
 *	S -> S | OFF_QUEUE	(c)		S -> RUNNING, or
 *						S | OFF_QUEUE -> RUNNING: put it on a queue	(d)
 *
 * By (a) and (b) at least one sees what the other has written.  If the waker comes before (c),
 * then (c) fails, and the task just goes on; if after, the waker has become its owner by (d).  Of
 * several wakers one succeeds.
 *
 * Stacks.  After (c) the task's CPU still runs on its stack until it has switched to another one;
 * ->on_cpu says so.  A waker that sees it set does not wait: it posts the task to that very CPU,
 * which looks into its inbox only when the switch is over.  For the same reason a task that leaves
 * a CPU while it could run (because it may not stay, or goes to the global queue) is handed over
 * in finish_switch(), on the stack of its successor.  So no task ever runs twice, or on a stack in
 * use, and nobody ever spins for another CPU's switch.
 *
 * Migration.  Who takes a task over looks, after ->cpu names it and a full barrier, whether the
 * task may run here, and if not sends it on.  set_cpus_allowed() writes the mask, and after a full
 * barrier has the CPU that ->cpu names look (affinity.c).  Again at least one of both sees the
 * other.
 *
 * Where a waking task goes: to its last CPU if that is idle, else to an idle one, else to its last
 * one.  A CPU with nothing better to do than an idle-class thread has its bit in sched_idle_mask;
 * whoever wants to give it a task clears the bit first, so that two do not choose the same.  A CPU
 * where tasks wait has its bit in sched_surplus_mask.  The two meet like sleeper and waker: a CPU
 * sets its own bit, and then looks at the other mask (balance.c).  So it never stays so that a task
 * waits here while a CPU that it may use is idle there.
 *
 * Among busy CPUs, tasks move once a slice.  Each CPU keeps its share, total / CPUs rounded down;
 * the rest is on the global queue, and each slice one of a CPU's tasks takes turns with the first
 * one there (balance.c).  So 5 tasks on 4 CPUs get 4/5 each.
 *
 * Slices.  They need no periodic tick.  Each CPU has one timer for them, started only where
 * somebody competes with the running task; one that is early is left alone and looks again when it
 * fires.
 *
 * Policies order the tasks of a queue (policy.h).  Idle-class threads have a queue of their own,
 * which is looked at only when the normal one and the global queue have nothing.
 *
 * Left out: weights in the choice of CPUs (tasks are counted), caches and nodes, groups, deadlines.
 *
 * Locks: global_queue.lock and affinity_lock, both with interrupts off, neither inside the other.
 */
#include <oshit/big_lock.h>
#include <oshit/bug.h>
#include <oshit/clock.h>
#include <oshit/math.h>
#include <oshit/mm_context.h>
#include <oshit/rcu.h>
#include <oshit/smp.h>

#include "sched.h"

enum schedule_mode {
	SCHEDULE_SLEEP, /* asked for: a state that is not TASK_RUNNING counts */
	SCHEDULE_YIELD,
	SCHEDULE_PREEMPT, /* wherever the task may be in its preparations for sleep */
};

DEFINE_PER_CPU(struct run_queue, run_queue) = { .cputime = CPUTIME_INIT };
DEFINE_PER_CPU(struct task_struct *, current_task) = &boot_task;

void (*sched_dead_hook)(struct task_struct *task);
const struct sched_worker_ops *sched_worker_ops;

/* --- those that wait --- */

void rq_publish(struct run_queue *rq)
{
	WRITE_ONCE(rq->nr_running, rq->normal.nr + (rq->normal.curr != NULL));
	WRITE_ONCE(rq->nr_idle_class, rq->idle_class.nr + (rq->idle_class.curr != NULL));
}

static bool nice_has_changed(const struct task_struct *task)
{
	return READ_ONCE(task->nice) != task->se.nice;
}

static void note_waits(struct run_queue *rq, struct task_struct *task)
{
	task->waits_on = smp_processor_id() + 1;
	task->counts_as_movable =
		task->class == SCHED_CLASS_NORMAL && READ_ONCE(task->nr_cpus_allowed) > 1;
	rq->nr_movable += task->counts_as_movable;
}

static void note_waits_no_more(struct run_queue *rq, struct task_struct *task)
{
	task->waits_on = 0;
	rq->nr_movable -= task->counts_as_movable;
}

void rq_arrive(struct run_queue *rq, struct task_struct *task)
{
	if (unlikely(nice_has_changed(task)))
		sched_entity_set_nice(&task->se, READ_ONCE(task->nice));
	policy_of(task)->enqueue(queue_of(rq, task), &task->se);
	note_waits(rq, task);
}

void rq_depart(struct run_queue *rq, struct task_struct *task)
{
	policy_of(task)->remove(queue_of(rq, task), &task->se);
	note_waits_no_more(rq, task);
}

/* Whether the running task has to make room for @task, which has just arrived. */
void rq_check_preempt(struct run_queue *rq, struct task_struct *task)
{
	struct task_struct *curr = current;

	if (is_idle_task(curr) || curr->class > task->class) {
		set_need_resched();
	} else if (curr->class == task->class && queue_of(rq, curr)->curr) {
		rq_charge(rq);
		if (policy_of(curr)->preempts(queue_of(rq, curr), &task->se))
			set_need_resched();
	}
}

/* --- slices --- */

static bool has_competitors(const struct run_queue *rq, const struct task_struct *curr)
{
	if (curr->class == SCHED_CLASS_NORMAL)
		return rq->normal.nr || READ_ONCE(global_queue.nr);
	return rq->idle_class.nr;
}

/* Whether @curr, by its class, waits for the balance with the global queue as well. */
static bool global_competes(const struct task_struct *curr)
{
	return unlikely(READ_ONCE(global_queue.nr)) && curr->class == SCHED_CLASS_NORMAL;
}

/* Has the timer fire at the end of the running task's slice, if anybody competes with it. */
static __always_inline void arm_slice(struct run_queue *rq)
{
	struct task_struct *curr = current;
	u64 deadline_ns;

	if (is_idle_task(curr) || !has_competitors(rq, curr))
		return;
	deadline_ns = rq->charged_ns + policy_of(curr)->time_left_ns(queue_of(rq, curr));
	if (global_competes(curr))
		deadline_ns = min(deadline_ns, rq->balance_due_ns);
	if (hrtimer_is_queued(&rq->slice_timer) &&
	    hrtimer_deadline(&rq->slice_timer) <= deadline_ns)
		return;
	hrtimer_start(&rq->slice_timer, deadline_ns);
}

/* The timer's function. */
static void slice_timer_fires(struct hrtimer *timer)
{
	struct run_queue *rq = this_rq();
	struct task_struct *curr = current;

	if (WARN_ON_ONCE(timer != &rq->slice_timer) || is_idle_task(curr))
		return;
	rq_charge(rq);
	if (has_competitors(rq, curr) &&
	    (!policy_of(curr)->time_left_ns(queue_of(rq, curr)) ||
	     (global_competes(curr) && rq->charged_ns >= rq->balance_due_ns))) {
		rq->slice_is_over = true;
		set_need_resched();
	} else {
		arm_slice(rq);
	}
}

void rq_init_slice_timer(struct run_queue *rq)
{
	hrtimer_init(&rq->slice_timer, slice_timer_fires);
}

/* On the way of each switch. */
static __always_inline void settle(struct run_queue *rq)
{
	rq_publish(rq);
	if (rq->normal.curr)
		announce_surplus(rq);
	else if (!need_resched())
		announce_idle(rq);
	arm_slice(rq);
}

void rq_settle(struct run_queue *rq)
{
	settle(rq);
}

/* --- the switch --- */

/* Exchanges the state for one with TASK_OFF_QUEUE; false if the task has been woken meanwhile. */
static bool goes_to_sleep(struct task_struct *prev, enum schedule_mode mode)
{
	unsigned int state = READ_ONCE(prev->state);

	if (state == TASK_RUNNING || mode != SCHEDULE_SLEEP)
		return false;
	if (state == TASK_DEAD)
		return true;
	if ((state & TASK_INTERRUPTIBLE && signal_pending(prev)) ||
	    (state & TASK_WAKEKILL && fatal_signal_pending(prev))) {
		WRITE_ONCE(prev->state, TASK_RUNNING);
		return false;
	}
	return cmpxchg(&prev->state, state, state | TASK_OFF_QUEUE) == state;
}

static bool balance_is_due(const struct run_queue *rq, const struct task_struct *prev)
{
	return unlikely(rq->slice_is_over || rq->charged_ns >= rq->balance_due_ns) &&
	       prev->class == SCHED_CLASS_NORMAL;
}

/* Takes @prev, which runs, off this CPU's queues if it does not wait here from now on. */
static bool retire(struct run_queue *rq, struct task_struct *prev, enum schedule_mode mode)
{
	if (is_idle_task(prev))
		return true;
	if (!goes_to_sleep(prev, mode)) {
		if (may_run_on(prev, smp_processor_id())) {
			if (!balance_is_due(rq, prev) || !balance(rq, prev))
				return false;
			rq->outgoing_rotates = true;
		}
		rq->outgoing = prev;
	}
	policy_of(prev)->leave(queue_of(rq, prev));
	if (balance_is_due(rq, prev) && !rq->outgoing_rotates)
		balance(rq, NULL);
	return true;
}

/* The one to run next, none being in the middle of it. */
static struct task_struct *pick_next(struct run_queue *rq)
{
	struct sched_entity *se = SCHED_NORMAL_POLICY.pick(&rq->normal);
	struct task_struct *task;

	if (!se) {
		task = global_take();
		if (task) {
			rq_arrive(rq, task);
			se = SCHED_NORMAL_POLICY.pick(&rq->normal);
		}
	}
	if (!se)
		se = sched_rr.pick(&rq->idle_class);
	if (!se)
		return rq->idle;
	task = task_of(se);
	task->owed_turn = false;
	note_waits_no_more(rq, task);
	return task;
}

/* The same while @prev, which runs, wants to go on. */
static struct task_struct *pick_or_stay(struct run_queue *rq, struct task_struct *prev,
					enum put_reason why)
{
	struct task_struct *next;

	if (unlikely(nice_has_changed(prev))) {
		policy_of(prev)->leave(queue_of(rq, prev));
		rq_arrive(rq, prev); /* with what it was owed, by its new weight */
		return pick_next(rq);
	}
	if (unlikely(prev->class != SCHED_CLASS_NORMAL)) {
		sched_rr.put(&rq->idle_class, why);
		note_waits(rq, prev);
		return pick_next(rq);
	}
	next = task_of(SCHED_NORMAL_POLICY.rotate(&rq->normal, why));
	if (next != prev) {
		note_waits(rq, prev);
		next->owed_turn = false;
		note_waits_no_more(rq, next);
	}
	return next;
}

/* What belongs elsewhere, now that nobody is on its stack any more. */
static noinline void send_away(struct run_queue *rq, struct task_struct *outgoing)
{
	bool rotates = rq->outgoing_rotates;

	rq->outgoing = NULL;
	rq->outgoing_rotates = false;
	if (rotates)
		global_give_in_turn(outgoing);
	else
		place_task(outgoing);
}

static void finish_switch(struct task_struct *prev)
{
	struct run_queue *rq = this_rq();
	bool dead = READ_ONCE(prev->state) == TASK_DEAD;

	/* Pairs with the acquire in place_task(): from here on the stack is not used. A sleeper may
	 * run elsewhere and even be gone, so only one that is still ours is looked at below. */
	smp_store_release(&prev->on_cpu, false);
	if (unlikely(rq->outgoing))
		send_away(rq, rq->outgoing);
	else if (unlikely(dead) && sched_dead_hook)
		sched_dead_hook(prev);
	settle(rq);
}

static void switch_to(struct run_queue *rq, struct task_struct *prev, struct task_struct *next)
{
	rq->nr_switches++;
	next->nr_switches++;
	next->on_cpu = true;
	if (!is_idle_task(next)) {
		watchdog_busy();
		tick_busy(rq);
	}
	rq->runs = is_idle_task(next) ? CPU_TIME_IDLE : CPU_TIME_SYSTEM;
	this_cpu_write(current_task, next);
	if (next->mm)
		switch_mm(next->mm);
	prev = arch_switch_to(prev, next);
	/* Perhaps on another CPU, and long after. */
	finish_switch(prev);
}

/* Interrupts and preemption off. */
static void __schedule(enum schedule_mode mode)
{
	struct run_queue *rq = this_rq();
	struct task_struct *prev = current, *next;

	if (!llist_empty(&rq->inbox))
		drain_inbox(rq);
	rq_charge(rq);
	watchdog_passed();
	rcu_quiescent();
	clear_need_resched();
	if (retire(rq, prev, mode))
		next = pick_next(rq);
	else
		next = pick_or_stay(rq, prev, mode == SCHEDULE_YIELD ? PUT_YIELD : PUT_PREEMPTED);
	rq->slice_is_over = false;
	if (next != prev)
		switch_to(rq, prev, next);
	else
		rq_settle(rq);
}

void schedule_idle(void)
{
	__schedule(SCHEDULE_SLEEP);
}

void schedule_preempted(void)
{
	__schedule(SCHEDULE_PREEMPT);
}

static void schedule_mode(enum schedule_mode mode)
{
	unsigned int depth = big_lock_drop();

	preempt_disable();
	do {
		local_irq_disable();
		__schedule(mode);
		local_irq_enable();
		mode = SCHEDULE_PREEMPT;
	} while (need_resched());
	preempt_enable_no_resched();
	big_lock_retake(depth);
}

void schedule(void)
{
	bool sleeps = READ_ONCE(current->state) != TASK_RUNNING;
	bool tells = unlikely(sleeps && current->flags & PF_WORKER);

	if (sleeps)
		might_sleep();
	if (tells)
		sched_worker_ops->sleeps(current);
	schedule_mode(SCHEDULE_SLEEP);
	if (tells)
		sched_worker_ops->goes_on(current);
}

void yield(void)
{
	schedule_mode(SCHEDULE_YIELD);
}

void schedule_preemptible(void)
{
	schedule_mode(SCHEDULE_PREEMPT);
}

bool cond_resched(void)
{
	might_sleep();
	if (!need_resched())
		return false;
	schedule_preemptible();
	return true;
}

void sched_exit(void)
{
	lockdep_assert_none_held("a task ends with a lock held");
	big_lock_drop();
	preempt_disable();
	/* Off before it is dead: a dead task that is preempted would be freed while it waits. */
	local_irq_disable();
	WRITE_ONCE(current->state, TASK_DEAD);
	__schedule(SCHEDULE_SLEEP);
	BUG();
}

/* The first thing that a new task does, from the arch's thread entry; interrupts off. */
void sched_first_run(struct task_struct *prev)
{
	finish_switch(prev);
	local_irq_enable();
	preempt_enable();
	big_lock_retake(1);
	current->start(current->start_arg);
	BUG();
}

/* --- starting and waking --- */

void sched_init_task(struct task_struct *task, void (*start)(void *arg), void *arg)
{
	task->state = TASK_UNINTERRUPTIBLE | TASK_OFF_QUEUE;
	task->cpu = smp_processor_id();
	sched_entity_set_nice(&task->se, 0);
	cputime_init(&task->cputime);
	cpumask_copy(&task->cpus_allowed, &cpu_possible_mask);
	task->nr_cpus_allowed = cpumask_weight(&cpu_possible_mask);
	task->start = start;
	task->start_arg = arg;
	lockdep_task_init(&task->lockdep);
	arch_thread_init(task);
}

bool wake_up_state(struct task_struct *task, unsigned int mask)
{
	unsigned long flags;
	unsigned int state;
	bool woken = false;

	preempt_disable();
	local_irq_save(flags);
	/* Pairs with set_current_state(): the caller's condition comes before the state. */
	smp_mb();
	state = READ_ONCE(task->state);
	while (state & mask && !woken)
		woken = __atomic_compare_exchange_n(&task->state, &state, TASK_RUNNING, false,
						    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	if (woken && state & TASK_OFF_QUEUE) {
		this_rq()->nr_wakeups++;
		if (place_task(task))
			rq_settle(this_rq());
	}
	local_irq_restore(flags);
	preempt_enable();
	return woken;
}

void sched_ipi(void)
{
	struct run_queue *rq = this_rq();

	if (!IS_ENABLED(CONFIG_IRQ_TIME_ACCOUNTING)) /* else irq_enter() has */
		rq_charge(rq); /* timers of CPU time wait for that */
	drain_inbox(rq);
	if (READ_ONCE(rq->asked)) {
		WRITE_ONCE(rq->asked, false);
		give_surplus(rq);
	}
	if (big_lock_is_wanted() || (!rq->normal.curr && READ_ONCE(global_queue.nr)))
		set_need_resched();
	rq_settle(rq);
}
