/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What processes have used: getrusage(), times(), and the sums that wait4() hands on.
 *
 * A thread's times are the scheduler's; what the threads that have ended used is kept in the
 * process, and what its children used, as they are waited for.  Context: task.
 */
#include <linux/errno.h>
#include <linux/times.h>
#include <oshit/clock.h>
#include <oshit/entry.h>
#include <oshit/math.h>
#include <oshit/smp.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>
#include <oshit/usage.h>
#include <oshit/user_task.h>

void cpu_usage_add(struct cpu_usage *sum, const struct cpu_usage *part)
{
	sum->utime_ns += part->utime_ns;
	sum->stime_ns += part->stime_ns;
	sum->nr_switches += part->nr_switches;
	sum->nr_minor_faults += part->nr_minor_faults;
	sum->nr_major_faults += part->nr_major_faults;
	for (int i = 0; i < 2; i++) {
		sum->io.bytes[i] += part->io.bytes[i];
		sum->io.calls[i] += part->io.calls[i];
		sum->io.stored[i] += part->io.stored[i];
	}
	sum->max_resident_pages = max(sum->max_resident_pages, part->max_resident_pages);
}

static void put_time(struct __kernel_old_timeval *time, u64 ns)
{
	time->tv_sec = ns / NSEC_PER_SEC;
	time->tv_usec = ns % NSEC_PER_SEC / NSEC_PER_USEC;
}

int put_rusage(const struct cpu_usage *usage, struct rusage __user *to)
{
	struct rusage rusage = { 0 };

	put_time(&rusage.ru_utime, usage->utime_ns);
	put_time(&rusage.ru_stime, usage->stime_ns);
	rusage.ru_maxrss = usage->max_resident_pages * (PAGE_SIZE / 1024);
	rusage.ru_minflt = usage->nr_minor_faults;
	rusage.ru_majflt = usage->nr_major_faults;
	rusage.ru_inblock = usage->io.stored[0] >> 9;
	rusage.ru_oublock = usage->io.stored[1] >> 9;
	rusage.ru_nvcsw = usage->nr_switches;
	return copy_to_user(to, &rusage, sizeof(rusage)) ? -EFAULT : 0;
}

void task_usage_get(struct task_struct *task, struct cpu_usage *usage)
{
	struct mm_struct *mm = task->user->mm;

	*usage = task->user->usage;
	task_cputime_ns(task, &usage->utime_ns, &usage->stime_ns);
	usage->nr_switches = READ_ONCE(task->nr_switches);
	if (mm && task == current)
		usage->max_resident_pages = max(usage->max_resident_pages, mm_peak_pages(mm));
}

void process_usage_get(const struct signal_struct *signal, struct cpu_usage *sum)
{
	struct user_task *thread;
	struct cpu_usage part;

	spin_lock(&tasklist_lock);
	*sum = signal->ended;
	list_for_each_entry(thread, &signal->threads, thread_node) {
		if (thread->exit_state != EXIT_NONE)
			continue;
		task_usage_get(thread->task, &part);
		cpu_usage_add(sum, &part);
	}
	spin_unlock(&tasklist_lock);
}

/* A thread that runs elsewhere is charged when it enters the kernel. */
static void charge_soon(const struct task_struct *task)
{
	if (task != current && READ_ONCE(task->on_cpu))
		smp_send_reschedule(READ_ONCE(task->cpu));
}

unsigned int task_usage_peek(struct task_struct *task, u64 *user_ns, u64 *system_ns)
{
	task_cputime_ns(task, user_ns, system_ns);
	charge_soon(task);
	return READ_ONCE(task->user->exit_state) == EXIT_NONE;
}

unsigned int process_usage_peek(struct task_struct *target, u64 *user_ns, u64 *system_ns)
{
	struct signal_struct *signal = target->user->signal;
	raw_spinlock_t *siglock = &target->user->signal->siglock;
	const struct user_task *thread;
	unsigned int nr_threads = 0;
	unsigned long flags;
	u64 part_ns[2];

	raw_spin_lock_irqsave(siglock, flags);
	*user_ns = signal->ended.utime_ns;
	*system_ns = signal->ended.stime_ns;
	list_for_each_entry(thread, &signal->threads, thread_node) {
		if (thread->exit_state != EXIT_NONE)
			continue;
		task_cputime_ns(thread->task, &part_ns[0], &part_ns[1]);
		*user_ns += part_ns[0];
		*system_ns += part_ns[1];
		nr_threads++;
		charge_soon(thread->task);
	}
	raw_spin_unlock_irqrestore(siglock, flags);
	return nr_threads;
}

long sys_getrusage(int who, struct rusage __user *to)
{
	struct cpu_usage usage;

	switch (who) {
	case RUSAGE_SELF:
		process_usage_get(current->user->signal, &usage);
		break;
	case RUSAGE_THREAD:
		task_usage_get(current, &usage);
		break;
	case RUSAGE_CHILDREN:
		usage = current->user->signal->children;
		break;
	default:
		return -EINVAL;
	}
	return put_rusage(&usage, to);
}

long sys_times(struct tms __user *to)
{
	const struct cpu_usage *children = &current->user->signal->children;
	struct cpu_usage usage;
	struct tms tms;

	process_usage_get(current->user->signal, &usage);
	tms.tms_utime = ns_to_user_ticks(usage.utime_ns);
	tms.tms_stime = ns_to_user_ticks(usage.stime_ns);
	tms.tms_cutime = ns_to_user_ticks(children->utime_ns);
	tms.tms_cstime = ns_to_user_ticks(children->stime_ns);
	if (to && copy_to_user(to, &tms, sizeof(tms)))
		return -EFAULT;
	return (long)ns_to_user_ticks(clock_ns());
}
