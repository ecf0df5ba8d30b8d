/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the time goes.  Each CPU knows what it does at the moment (run_queue.runs) and up to when
 * that has been charged; whatever changes the one first charges up to now.  Times are sums of
 * differences of one clock, so nothing is lost or counted twice: user + system + idle + interrupt
 * is all there is. A task is charged for user and system time, its policy for both.
 *
 * System calls are too many and too short for that, so they charge nothing: entry and exit only
 * count the cycles that were spent in user mode (account_user_exit()), and the next charge takes
 * so much of the time that has passed as user time.  Nobody can charge while a program runs, for
 * whoever wants to has interrupted it first.
 */
#include <oshit/clock.h>
#include <oshit/math.h>
#include <oshit/smp.h>

#include "sched.h"

#define CHARGE_STEP_NS (NSEC_PER_SEC / 200) /* half of what readers are told in */

DEFINE_PER_CPU(u64, user_cycles);
DEFINE_PER_CPU(u64, user_since_cycles);

static void charge_time(struct run_queue *rq, enum cpu_time what, u64 delta_ns)
{
	WRITE_ONCE(rq->times_ns[what], rq->times_ns[what] + delta_ns);
}

/* Charges what of @delta_ns was spent in user mode, and returns the rest.  A counter that jumps
 * cannot make more of it. */
static u64 charge_user(struct run_queue *rq, struct task_struct *task, u64 cycles, u64 delta_ns)
{
	u64 user_ns = min(clock_cycles_ns(cycles), delta_ns);

	this_cpu_write(user_cycles, 0);
	charge_time(rq, CPU_TIME_USER, user_ns);
	WRITE_ONCE(task->utime_ns, task->utime_ns + user_ns);
	return delta_ns - user_ns;
}

static void charge_task(struct run_queue *rq, struct task_struct *task, u64 delta_ns)
{
	struct sched_queue *queue = queue_of(rq, task);
	u64 cycles = this_cpu_read(user_cycles), system_ns = delta_ns;

	if (cycles)
		system_ns = charge_user(rq, task, cycles, delta_ns);
	charge_time(rq, CPU_TIME_SYSTEM, system_ns);
	WRITE_ONCE(task->stime_ns, task->stime_ns + system_ns);
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
