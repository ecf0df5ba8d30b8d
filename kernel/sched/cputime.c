/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the time goes.  Each CPU knows what it does at the moment (run_queue.runs) and up to when
 * that has been charged; whatever changes the one first charges up to now.  Times are sums of
 * differences of one clock, so nothing is lost or counted twice: user + system + idle + interrupt
 * is all there is. A task is charged for user and system time, its policy for both.
 */
#include <oshit/clock.h>

#include "sched.h"

static void charge_task(struct run_queue *rq, struct task_struct *task, u64 delta_ns)
{
	u64 *sum_ns = rq->runs == CPU_TIME_USER ? &task->utime_ns : &task->stime_ns;
	struct sched_queue *queue = queue_of(rq, task);

	WRITE_ONCE(*sum_ns, *sum_ns + delta_ns);
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
	WRITE_ONCE(rq->times_ns[rq->runs], rq->times_ns[rq->runs] + delta_ns);
	if (rq->runs == CPU_TIME_USER || rq->runs == CPU_TIME_SYSTEM)
		charge_task(rq, current, delta_ns);
}

enum cpu_time sched_account_switch(enum cpu_time next)
{
	struct run_queue *rq = this_rq();
	enum cpu_time last = rq->runs;

	rq_charge(rq);
	rq->runs = next;
	return last;
}

u64 cpu_time_ns(unsigned int cpu, enum cpu_time what)
{
	return READ_ONCE(per_cpu_ptr(&run_queue, cpu)->times_ns[what]);
}

u64 task_runtime_ns(const struct task_struct *task)
{
	unsigned long flags;
	u64 sum_ns;

	local_irq_save(flags);
	if (task == current)
		rq_charge(this_rq());
	sum_ns = READ_ONCE(task->utime_ns) + READ_ONCE(task->stime_ns);
	local_irq_restore(flags);
	return sum_ns;
}
