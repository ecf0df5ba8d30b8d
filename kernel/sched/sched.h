/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the scheduler share; the theory is at the head of core.c. */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <oshit/cputime.h>
#include <oshit/hrtimer.h>
#include <oshit/llist.h>
#include <oshit/sched.h>
#include <oshit/spinlock.h>

#include "policy.h"

/* o: the owning CPU alone, interrupts off   r: the same, others may read   a: atomic, anybody */
struct run_queue {
	struct sched_queue normal; /* o */
	struct sched_queue idle_class; /* o */
	struct task_struct *idle; /* o */
	struct task_struct *outgoing; /* o  was switched from, and belongs elsewhere */
	bool outgoing_rotates; /* o  to the global queue, in exchange for one from there */
	bool slice_is_over; /* o  since the last schedule() */
	u64 charged_ns; /* o  up to when curr has been charged */
	u64 balance_due_ns; /* o  a slice after the last balance() */
	u64 times_ns[NR_CPU_TIMES]; /* r  but user and system time */
	struct cputime cputime; /* r  of all tasks that ran here */
	struct hrtimer slice_timer; /* o */
#ifdef CONFIG_TICK_CPU_ACCOUNTING
	struct hrtimer tick_timer; /* o */
#endif
	enum cpu_time runs; /* o  what the time is charged to */
	unsigned int nr_movable; /* o  normal tasks that wait and may run elsewhere, too */
	unsigned int nr_running; /* r  normal tasks, those that wait and the one that runs */
	unsigned int nr_idle_class; /* r  the same of the idle class */
	u64 nr_switches, nr_wakeups, nr_posted, nr_given, nr_taken; /* r  for the monitor */
	u64 nr_post_ipis; /* r  of nr_posted: with an interrupt, for the inbox was empty */

	struct llist_head inbox __aligned(64); /* a  tasks posted here */
	bool asked; /* a  an idle CPU wants some of what waits here */
};

DECLARE_PER_CPU(struct run_queue, run_queue);

/* Tasks that run on no CPU in particular. */
struct global_queue { /* g: ->lock, interrupts off */
	raw_spinlock_t lock;
	struct list_head tasks; /* g  of se.link, first in, first out */
	unsigned int nr; /* g  in it, or about to come in exchange; others read it as a hint */
};

extern struct global_queue global_queue;

/* CPUs that run their idle task or an idle-class thread, and have not been promised a task. */
extern struct cpumask sched_idle_mask;
/* CPUs with normal tasks that wait. */
extern struct cpumask sched_surplus_mask;

static inline struct task_struct *task_of(struct sched_entity *se)
{
	return container_of(se, struct task_struct, se);
}

static inline struct run_queue *this_rq(void)
{
	return this_cpu_ptr(&run_queue);
}

static inline bool is_idle_task(const struct task_struct *task)
{
	return task->flags & PF_IDLE;
}

/* The idle class is always round robin. */
static inline const struct sched_policy *policy_of(const struct task_struct *task)
{
	if (IS_ENABLED(CONFIG_SCHED_FAIR) && task->class == SCHED_CLASS_NORMAL)
		return &SCHED_NORMAL_POLICY;
	return &sched_rr;
}

static inline struct sched_queue *queue_of(struct run_queue *rq, const struct task_struct *task)
{
	return task->class == SCHED_CLASS_NORMAL ? &rq->normal : &rq->idle_class;
}

/*
 * All below: interrupts off.  "Owns" in the sense of core.c.
 */

/* core.c */
/* @task, which the caller owns and whose stack is not in use, waits on this CPU from now on. */
void rq_arrive(struct run_queue *rq, struct task_struct *task);
/* @task, which waits on this CPU, becomes the caller's. */
void rq_depart(struct run_queue *rq, struct task_struct *task);
/* After @task has arrived while another one runs: whether that one has to make room. */
void rq_check_preempt(struct run_queue *rq, struct task_struct *task);
/* Tells the others how many wait or run here. */
void rq_publish(struct run_queue *rq);
/* After any change in who waits or runs here, once nobody's stack is half left: tells the others,
 * gives away what they can run sooner, and has the slice end in time. */
void rq_settle(struct run_queue *rq);
/* The running task makes way, and goes on later with whatever it was about to do; the second form
 * with interrupts on. */
void schedule_preempted(void);
void schedule_preemptible(void);
/* The idle task looks for another one. */
void schedule_idle(void);
void rq_init_slice_timer(struct run_queue *rq);

/* affinity.c: steps of hotplug */
int sched_cpu_activate(unsigned int cpu); /* up, last: tasks may go there */
int sched_cpu_deactivate(unsigned int cpu); /* down, first: they leave as they schedule */
int sched_cpu_dying(unsigned int cpu); /* on the CPU, in its idle task for the last time */
int sched_cpu_dead(unsigned int cpu);

/* cputime.c */
/* Charges what has passed since the last call to the task and the kind of time that runs. */
void rq_charge(struct run_queue *rq);

#ifdef CONFIG_TICK_CPU_ACCOUNTING
/* tick.c */
void tick_init(struct run_queue *rq);
/* This CPU leaves its idle task, or dies. */
void tick_start(struct run_queue *rq);
void tick_stop(struct run_queue *rq);

static __always_inline void tick_busy(struct run_queue *rq)
{
	if (unlikely(!hrtimer_is_queued(&rq->tick_timer)))
		tick_start(rq);
}

static inline u64 take_user_ns(u64 delta_ns __maybe_unused)
{
	return 0;
}
#else
static inline void tick_init(struct run_queue *rq __maybe_unused)
{
}

static inline void tick_stop(struct run_queue *rq __maybe_unused)
{
}

static inline void tick_busy(struct run_queue *rq __maybe_unused)
{
}

/* cputime_gen.c: what of @delta_ns, which is about to be charged, was spent in user mode.  A
 * counter that jumps cannot make more of it. */
u64 take_user_ns(u64 delta_ns);
#endif

/* place.c */
/* Whether @task may run on @cpu; also if all its CPUs are off. */
bool may_run_on_slow(const struct task_struct *task, unsigned int cpu);
static inline bool may_run_on(const struct task_struct *task, unsigned int cpu)
{
	unsigned long active = READ_ONCE(cpu_active_mask.bits[BIT_WORD(cpu)]);
	unsigned long allowed = READ_ONCE(task->cpus_allowed.bits[BIT_WORD(cpu)]);

	/* An active CPU is online. */
	return likely(active & allowed & BIT_MASK(cpu)) || may_run_on_slow(task, cpu);
}
/* Claims a CPU for @task, which the caller owns, if an idle one may run it; else NR_CPUS. */
unsigned int claim_idle_cpu(const struct task_struct *task);
/* Sends @task, which the caller owns, to a CPU where it may run; its stack may still be in use.
 * True if it waits on this CPU now: rq_settle() is to follow. */
bool place_task(struct task_struct *task);
/* To @cpu, without a choice. */
bool post_task(struct task_struct *task, unsigned int cpu);
/* Takes in what was posted here; rq_settle() is to follow. */
void drain_inbox(struct run_queue *rq);

/* balance.c */
/* The first one on the global queue that may run here is the caller's. Or NULL. */
struct task_struct *global_take(void);
/* Puts @task, which the caller owns and which was taken from this CPU, on the global queue. */
void global_give(struct task_struct *task);
/* The same for one for which balance() took another: it counts already. */
void global_give_in_turn(struct task_struct *task);
/* Nothing better runs here than an idle-class thread: says so, once, and looks for work. */
void announce_idle(struct run_queue *rq);
/* A normal task runs here: says so, and whether others wait; gives these to idle CPUs. */
void announce_surplus_slow(struct run_queue *rq);
static __always_inline void announce_surplus(struct run_queue *rq)
{
	unsigned int word = BIT_WORD(smp_processor_id());
	unsigned long bit = BIT_MASK(smp_processor_id());
	bool is_told = READ_ONCE(sched_surplus_mask.bits[word]) & bit;

	/* Mostly nobody is idle, and all know. */
	if (unlikely(!cpumask_empty(&sched_idle_mask)) || is_told != (rq->nr_movable != 0))
		announce_surplus_slow(rq);
}
/* Gives tasks that wait here to idle CPUs, as far as there are any. */
void give_surplus(struct run_queue *rq);
/* Once a slice: exchanges with the global queue.  @prev could go on here, or is NULL.  True if it
 * is to go to the global queue. */
bool balance(struct run_queue *rq, const struct task_struct *prev);

#endif
