/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read-copy-update.
 *
 * A reader runs with preemption off, whether CONFIG_PREEMPT is on or not, and may not sleep.  So it
 * ends before its CPU switches tasks, and the switch is the one quiescent state there is: a CPU
 * that has been in __schedule() since a grace period began has no reader left from before.  That
 * costs readers nothing without CONFIG_PREEMPT, and the switch a test of a flag.
 *
 * One thread, "rcu", runs grace periods and, after each, the callbacks that waited for it:
 *
 *	the thread					CPU n
 *	takes the callbacks of all CPUs
 *	full barrier				(a)
 *	copies the mask of CPUs
 *	rcu_is_wanted[n] = true			(b)
 *							in __schedule(), interrupts off:
 *							if (rcu_is_wanted) {
 *								full barrier		(c)
 *								rcu_is_wanted = false	(d)
 *							}
 *	sees false: CPU n has passed		(e)
 *	full barrier, runs the callbacks
 *
 * A reader before (c) has ended, and what it read it has read before (d) is seen at (e).  A reader
 * after (c) comes after (b) and so after (a): it sees what was taken out before its callback was
 * queued, and cannot find it.  The flag is set again only after (e), so a CPU never clears one that
 * it has not seen.
 *
 * Who does not switch by himself is interrupted: the handler asks for a switch, which happens at
 * once in user mode, in the idle loop, and, with CONFIG_PREEMPT, wherever preemption is on; else at
 * the next cond_resched() or on the way out.  So a CPU without a tick that computes in user mode,
 * or halts, holds up nobody.  There is no extended quiescent state: a grace period wakes idle CPUs,
 * once, in exchange for which entries, exits and interrupts count nothing.
 *
 * Callbacks gather for a while before a grace period begins, unless somebody waits for one or there
 * are many: then it begins at once and asks the CPUs at once.
 *
 * Waiting.  Batches are numbered.  What was taken out, or queued, before the number of batches
 * begun was read to be n, is covered by batch n + 1 at the latest: synchronize_rcu() waits until
 * that has passed its grace period, rcu_barrier() until its callbacks have run.
 *
 * CPUs.  rcu_cpus has those that may run readers: one enters before it is started, and leaves when
 * it is parked, so while it is on its way a grace period waits for it.  One that enters after the
 * mask was copied begins its readers after (a).  The step is the last before the start, so that
 * who controls it waits for no memory, and so perhaps for a grace period, in between.
 *
 * tools/testing/models/rcu.pml checks all interleavings for a few CPUs.
 *
 * Left out: readers that are preempted or sleep, priorities, a tree of CPUs (one thread looks at
 * all), callbacks on the CPU that queued them.
 */
#define pr_fmt(fmt) "rcu: " fmt

#include <oshit/bug.h>
#include <oshit/clock.h>
#include <oshit/cpuhp.h>
#include <oshit/init.h>
#include <oshit/printk.h>
#include <oshit/rcu.h>
#include <oshit/sched.h>
#include <oshit/smp.h>
#include <oshit/wait.h>

#define GATHER_NS     (2 * NSEC_PER_MSEC) /* a batch in so much time, if nobody is in a hurry */
#define MANY_CALLS    1024u /* of a CPU: a batch begins at once */
#define PATIENCE_US   1000 /* CPUs are left to switch tasks by themselves */
#define FIRST_LOOK_US 20 /* after they were asked; doubled each time up to PATIENCE_US */
#define STALL_NS      (21 * NSEC_PER_SEC) /* a report; and each time so much later */
#define CALLS_A_TURN  64 /* callbacks between two looks at whether others want the CPU */

struct rcu_calls { /* callbacks of a CPU */
	struct llist_head list; /* a  pushed by that CPU, the latest first; taken by the thread */
	unsigned int nr; /* since they were taken; a hint */
};

static DEFINE_PER_CPU(struct rcu_calls, rcu_calls);
DEFINE_PER_CPU(bool, rcu_is_wanted);

static struct cpumask rcu_cpus = { .bits = { 1 } };

static struct { /* t: written by the thread   a: atomic */
	struct wait_queue_head work; /* the thread */
	struct wait_queue_head done; /* who waits for a batch */
	unsigned long begun; /* t  batches */
	unsigned long passed; /* t  of these, the grace period */
	unsigned long ended; /* t  and the callbacks */
	unsigned long wanted; /* a  a batch up to this one is to be begun, even without callbacks */
	bool has_many; /* a  a CPU has */
	unsigned long nr_asked, nr_called; /* t */
	struct llist_node *taken[NR_CPUS]; /* t  oldest first */
} rcu = {
	.work = WAIT_QUEUE_HEAD_INIT(rcu.work),
	.done = WAIT_QUEUE_HEAD_INIT(rcu.done),
};

/* --- CPUs --- */

void rcu_report(void)
{
	/* (c) */
	smp_mb();
	this_cpu_write(rcu_is_wanted, false);
}

/* On the CPU that is asked, in its handler. */
static void ask(void *arg __maybe_unused)
{
	if (this_cpu_test(rcu_is_wanted))
		set_need_resched();
}

static bool has_passed(unsigned int cpu)
{
	const bool *wanted = per_cpu_ptr(&rcu_is_wanted, cpu);

	/* (e); one that has left runs no readers. */
	return !smp_load_acquire(wanted) || !cpumask_test_cpu(cpu, &rcu_cpus);
}

static int rcu_cpu_prepare(unsigned int cpu)
{
	per_cpu(rcu_is_wanted, cpu) = false;
	/* Full barrier: a grace period that has not seen the CPU took its callbacks before. */
	cpumask_test_and_set_cpu(cpu, &rcu_cpus);
	return 0;
}

static int rcu_cpu_dead(unsigned int cpu)
{
	cpumask_test_and_clear_cpu(cpu, &rcu_cpus);
	return 0;
}

static const struct cpuhp_ops rcu_step = {
	.name = "rcu",
	.startup = rcu_cpu_prepare,
	.teardown = rcu_cpu_dead,
};

void __init rcu_init(void)
{
	cpuhp_register(CPUHP_RCU, &rcu_step);
}

/* --- a grace period --- */

/* Takes CPUs out of @waiting that have passed. */
static void drop_passed(struct cpumask *waiting)
{
	unsigned int cpu;

	for_each_cpu(cpu, waiting)
		if (has_passed(cpu))
			cpumask_clear_cpu(cpu, waiting);
}

/* Says which CPUs it is that are to pass. The caller's own has no reader, for it runs this. */
static void begin_period(struct cpumask *waiting)
{
	unsigned int cpu;

	preempt_disable();
	smp_mb(); /* (a) */
	cpumask_copy(waiting, &rcu_cpus);
	cpumask_clear_cpu(smp_processor_id(), waiting);
	for_each_cpu(cpu, waiting)
		WRITE_ONCE(per_cpu(rcu_is_wanted, cpu), true); /* (b) */
	preempt_enable();
}

static void report_stall(const struct cpumask *waiting, u64 *report_ns)
{
	unsigned int cpu;

	if (clock_ns() < *report_ns)
		return;
	*report_ns = clock_ns() + STALL_NS;
	for_each_cpu(cpu, waiting)
		pr_err("CPU %u has not switched tasks for a long time", cpu);
	smp_send_nmi_backtrace(waiting);
}

static bool is_hurried(unsigned long batch)
{
	return READ_ONCE(rcu.wanted) >= batch || READ_ONCE(rcu.has_many);
}

static void wait_for_readers(unsigned long batch)
{
	u64 report_ns = clock_ns() + STALL_NS;
	unsigned int us = FIRST_LOOK_US;
	struct cpumask waiting;

	begin_period(&waiting);
	if (!cpumask_empty(&waiting) && !is_hurried(batch))
		usleep(PATIENCE_US);
	for (drop_passed(&waiting); !cpumask_empty(&waiting); drop_passed(&waiting)) {
		rcu.nr_asked += cpumask_weight(&waiting);
		smp_call_function_many(&waiting, ask, NULL);
		usleep(us);
		us = us < PATIENCE_US ? us * 2 : us;
		report_stall(&waiting, &report_ns);
	}
	smp_mb();
}

/* --- callbacks --- */

void call_rcu(struct rcu_head *head, rcu_callback_t fn)
{
	struct rcu_calls *calls;
	bool tells;

	head->fn = fn;
	preempt_disable();
	calls = this_cpu_ptr(&rcu_calls);
	/* Full barrier: what was taken out is out before this is seen. */
	tells = llist_add(&head->link, &calls->list);
	if (unlikely(++calls->nr == MANY_CALLS)) {
		WRITE_ONCE(rcu.has_many, true);
		tells = true;
	}
	preempt_enable();
	if (unlikely(tells))
		wake_up(&rcu.work);
}

static bool has_calls(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (!llist_empty(&per_cpu_ptr(&rcu_calls, cpu)->list))
			return true;
	return false;
}

static void take_calls(void)
{
	unsigned int cpu;

	WRITE_ONCE(rcu.has_many, false);
	for_each_possible_cpu(cpu) {
		struct rcu_calls *calls = per_cpu_ptr(&rcu_calls, cpu);

		rcu.taken[cpu] = llist_reverse_order(llist_del_all(&calls->list));
		WRITE_ONCE(calls->nr, 0);
	}
}

static void run_chain(struct llist_node *chain)
{
	struct llist_node *node, *next;

	llist_for_each_safe(node, next, chain)
	{
		struct rcu_head *head = llist_entry(node, struct rcu_head, link);

		head->fn(head);
		if (++rcu.nr_called % CALLS_A_TURN == 0)
			cond_resched();
	}
}

static void run_batch(void)
{
	unsigned long batch = rcu.begun + 1;
	unsigned int cpu;

	WRITE_ONCE(rcu.begun, batch);
	/* Pairs with the one in wait_for_batch(): who has read a lower number is covered. */
	smp_mb();
	take_calls();
	wait_for_readers(batch);
	smp_store_release(&rcu.passed, batch);
	wake_up_all(&rcu.done);
	for_each_possible_cpu(cpu)
		run_chain(rcu.taken[cpu]);
	smp_store_release(&rcu.ended, batch);
	wake_up_all(&rcu.done);
}

int rcu_thread(void *data __maybe_unused)
{
	for (;;) {
		___wait_event(rcu.work, has_calls() || is_hurried(rcu.begun + 1), prepare_to_wait,
			      TASK_IDLE, false, schedule());
		wait_event_timeout_ns(rcu.work, is_hurried(rcu.begun + 1), GATHER_NS);
		run_batch();
	}
	return 0;
}

/* --- waiting --- */

/* Has a batch begin that covers all until now. Return: its number. */
static unsigned long want_batch(void)
{
	unsigned long old = READ_ONCE(rcu.wanted), batch;

	/* Pairs with the one in run_batch(). */
	smp_mb();
	batch = READ_ONCE(rcu.begun) + 1;
	while (old < batch && !__atomic_compare_exchange_n(&rcu.wanted, &old, batch, false,
							   __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
	wake_up(&rcu.work);
	return batch;
}

/* No other CPU can be in a reader, and this one is not. */
static bool is_alone(void)
{
	smp_mb();
	return cpumask_weight(&rcu_cpus) == 1;
}

void synchronize_rcu(void)
{
	unsigned long batch;

	might_sleep();
	if (is_alone())
		return;
	batch = want_batch();
	wait_event(rcu.done, smp_load_acquire(&rcu.passed) >= batch);
}

void rcu_barrier(void)
{
	unsigned long batch = want_batch();

	wait_event(rcu.done, smp_load_acquire(&rcu.ended) >= batch);
}

void rcu_get_state(struct rcu_state *state)
{
	*state = (struct rcu_state){
		.nr_begun = READ_ONCE(rcu.begun),
		.nr_ended = READ_ONCE(rcu.ended),
		.nr_asked = READ_ONCE(rcu.nr_asked),
		.nr_called = READ_ONCE(rcu.nr_called),
		.has_calls = has_calls() || READ_ONCE(rcu.ended) != READ_ONCE(rcu.begun),
	};
}
