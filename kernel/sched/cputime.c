/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the time goes.  Each CPU knows what it does at the moment (run_queue.runs) and up to when
 * that has been charged; whatever changes the one first charges up to now.  Times are sums of
 * differences of one clock, so nothing is lost or counted twice: user + system + idle + interrupt
 * is all there is. A task is charged for user and system time, its policy for both.
 *
 * System calls are too many and too short for that, so they charge nothing.  Which part of the time
 * between two charges was spent in user mode is told by samples (cputime_split.c), or by counts of
 * cycles (cputime_gen.c).
 */
#include <oshit/clock.h>
#include <oshit/smp.h>

#include "sched.h"

#define CHARGE_STEP_NS (NSEC_PER_SEC / 200) /* half of what readers are told in */

static void charge_time(struct run_queue *rq, enum cpu_time what, u64 delta_ns)
{
	WRITE_ONCE(rq->times_ns[what], rq->times_ns[what] + delta_ns);
}

static void charge_task(struct run_queue *rq, struct task_struct *task, u64 delta_ns)
{
	struct sched_queue *queue = queue_of(rq, task);
	u64 user_ns = take_user_ns(delta_ns);

	cputime_charge(&rq->cputime, delta_ns, user_ns);
	cputime_charge(&task->cputime, delta_ns, user_ns);
	if (queue->curr)
		policy_of(task)->charge(queue, delta_ns);
}

void rq_charge(struct run_queue *rq)
{
	u64 now_ns = clock_ns(), delta_ns = now_ns - rq->charged_ns;

	/* CPUs agree on the time only so far. */
	if ((s64)delta_ns <= 0)
		return;
	rq->charged_ns = now_ns;
	if (rq->runs == CPU_TIME_SYSTEM)
		charge_task(rq, current, delta_ns);
	else
		charge_time(rq, rq->runs, delta_ns);
}

enum cpu_time sched_account_switch(enum cpu_time next)
{
	struct run_queue *rq = this_rq();
	enum cpu_time last = rq->runs;

	rq_charge(rq);
	rq->runs = next;
	return last;
}

static void charge_here(void *arg __maybe_unused)
{
	rq_charge(this_rq());
}

void sched_charge_all(void)
{
	static u64 charged_ns; /* a  when it was done last */
	u64 last_ns = READ_ONCE(charged_ns), now_ns = clock_ns();

	if (now_ns - last_ns < CHARGE_STEP_NS)
		return;
	if (__atomic_compare_exchange_n(&charged_ns, &last_ns, now_ns, false, __ATOMIC_RELAXED,
					__ATOMIC_RELAXED))
		on_each_cpu(charge_here, NULL);
}

u64 cpu_nr_switches(unsigned int cpu)
{
	return READ_ONCE(per_cpu_ptr(&run_queue, cpu)->nr_switches);
}

u64 cpu_time_ns(unsigned int cpu, enum cpu_time what)
{
	struct run_queue *rq = per_cpu_ptr(&run_queue, cpu);
	u64 user_ns, system_ns;

	if (what != CPU_TIME_USER && what != CPU_TIME_SYSTEM)
		return READ_ONCE(rq->times_ns[what]);
	cputime_read(&rq->cputime, &user_ns, &system_ns);
	return what == CPU_TIME_USER ? user_ns : system_ns;
}

static void charge_if_current(const struct task_struct *task)
{
	unsigned long flags;

	local_irq_save(flags);
	if (task == current)
		rq_charge(this_rq());
	local_irq_restore(flags);
}

u64 task_runtime_ns(const struct task_struct *task)
{
	charge_if_current(task);
	return cputime_sum_ns(&task->cputime);
}

void task_cputime_ns(struct task_struct *task, u64 *user_ns, u64 *system_ns)
{
	charge_if_current(task);
	cputime_read(&task->cputime, user_ns, system_ns);
}
