/* SPDX-License-Identifier: GPL-2.0-only */
/* The monitor's view of tasks and queues: ps, stack, runq.  All CPUs but this one stand still. */
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/kstrtox.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>
#include <oshit/smp.h>
#include <oshit/stacktrace.h>
#include <oshit/task.h>
#include <oshit/user_task.h>

#include "sched.h"

#define TRACE_MAX 48

static char state_letter(const struct task_struct *task)
{
	static const char letters[] = "SDTtPKX"; /* by bit */
	unsigned int state = READ_ONCE(task->state) & ~TASK_OFF_QUEUE;

	return state ? letters[min((unsigned int)__ffs(state), 6U)] : 'R';
}

/* KiB of memory that a program has; the mm may be on its way to its end. */
static unsigned long resident_kib(const struct task_struct *task)
{
	static struct mm_struct mm;
	struct user_task user;

	if (!task->user || kernel_read_nofault(&user, task->user, sizeof(user)) || !user.mm ||
	    kernel_read_nofault(&mm, user.mm, sizeof(mm)))
		return 0;
	return mm_resident_pages(&mm) * (PAGE_SIZE / 1024);
}

static void print_task(const struct task_struct *task)
{
	monitor_printf("%5d %c%c %3u %4d %10lu %8lu %8lu  %s\n", task->pid, state_letter(task),
		       task->on_cpu ? '*' : ' ', task->cpu, task->nice,
		       cputime_sum_ns(&task->cputime) / NSEC_PER_USEC, task->nr_switches,
		       resident_kib(task), task->comm);
}

static int ps(int argc, char **argv)
{
	const struct task_struct *task;
	unsigned int cpu;

	if (argc != 1)
		return -EINVAL;
	monitor_printf("  PID S  CPU NICE    TIME_us SWITCHES  RSS_KiB  NAME\n");
	for_each_online_cpu(cpu)
		print_task(per_cpu_ptr(&run_queue, cpu)->idle);
	for (task = task_peek_from(1); task && !monitor_interrupted();
	     task = task_peek_from(task->pid + 1))
		print_task(task);
	return 0;
}
MONITOR_COMMAND(
	ps, "",
	"tasks: state, CPU, nice, time, switches, resident memory\n"
	"R may run, S sleeps, D sleeps and no signal wakes it, P parked, X has ended; * runs",
	ps);

static unsigned int save_trace(const struct task_struct *task, unsigned long *entries)
{
	struct pt_regs *regs = NULL;

	if (!task->on_cpu)
		return stack_trace_save_task(task, entries, TRACE_MAX);
	regs = task->cpu == smp_processor_id() ? monitor_regs() : smp_stopped_regs(task->cpu);
	if (regs)
		return stack_trace_save_regs(regs, entries, TRACE_MAX);
	return task->cpu == smp_processor_id() ? stack_trace_save(entries, TRACE_MAX, 0) : 0;
}

static int stack(int argc, char **argv)
{
	static unsigned long entries[TRACE_MAX];
	const struct task_struct *task;
	unsigned int nr;
	long pid;

	if (argc != 2 || kstrtol(argv[1], 0, &pid) || pid < 1 || pid >= PID_MAX)
		return -EINVAL;
	task = task_peek_from((int)pid);
	if (!task || task->pid != pid) {
		monitor_printf("no task %ld\n", pid);
		return 0;
	}
	monitor_printf("%s, stack at 0x%lx\n", task->comm, (unsigned long)task->stack);
	nr = save_trace(task, entries);
	for (unsigned int i = 0; i < nr; i++)
		monitor_printf("  %pB\n", (void *)entries[i]);
	if (!nr)
		monitor_printf("  not known: it runs\n");
	return 0;
}
MONITOR_COMMAND(stack, "PID", "where a task is: its chain of calls", stack);

static void print_queue(const char *name, const struct sched_queue *queue,
			const struct sched_policy *policy)
{
	const struct sched_entity *se = policy->last(queue);

	if (!se)
		return;
	monitor_printf("  %s, the last first:", name);
	for (; se && !monitor_interrupted(); se = policy->before(queue, se))
		monitor_printf(" %d", container_of(se, struct task_struct, se)->pid);
	monitor_printf("\n");
}

static void print_run_queue(unsigned int cpu)
{
	const struct run_queue *rq = per_cpu_ptr(&run_queue, cpu);
	const struct task_struct *curr = *per_cpu_ptr(&current_task, cpu);

	monitor_printf("CPU %u: runs %s (%d), %u normal, %u idle class%s%s%s%s\n", cpu, curr->comm,
		       curr->pid, rq->nr_running, rq->nr_idle_class,
		       cpumask_test_cpu(cpu, &sched_idle_mask) ? ", idle" : "",
		       cpumask_test_cpu(cpu, &sched_surplus_mask) ? ", surplus" : "",
		       llist_empty(&rq->inbox) ? "" : ", inbox",
		       *per_cpu_ptr(&preempt_count, cpu) & PREEMPT_NO_NEED ? ""
									   : ", to reschedule");
	monitor_printf("  %lu switches, %lu wake-ups, posted %lu, gave %lu, took %lu\n",
		       rq->nr_switches, rq->nr_wakeups, rq->nr_posted, rq->nr_given, rq->nr_taken);
	monitor_printf("  ms: user %lu, system %lu, idle %lu, interrupts %lu\n",
		       rq->times_ns[CPU_TIME_USER] / NSEC_PER_MSEC,
		       rq->times_ns[CPU_TIME_SYSTEM] / NSEC_PER_MSEC,
		       rq->times_ns[CPU_TIME_IDLE] / NSEC_PER_MSEC,
		       rq->times_ns[CPU_TIME_IRQ] / NSEC_PER_MSEC);
	print_queue("wait", &rq->normal, &SCHED_NORMAL_POLICY);
	print_queue("idle class", &rq->idle_class, &sched_rr);
}

static int runq(int argc, char **argv)
{
	const struct task_struct *task;
	unsigned int cpu;

	if (argc != 1)
		return -EINVAL;
	monitor_printf("policy: %s\n", SCHED_NORMAL_POLICY.name);
	for_each_online_cpu(cpu)
		print_run_queue(cpu);
	monitor_printf("global queue: %u", global_queue.nr);
	list_for_each_entry(task, &global_queue.tasks, se.link)
		monitor_printf(" %d", task->pid);
	monitor_printf("\n");
	return 0;
}
MONITOR_COMMAND(runq, "", "what runs and waits on each CPU, and where its time went", runq);
