/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls about time: clocks, and sleeping by them.
 *
 *	monotonic, raw, boottime	clock_ns(): this machine does not sleep, and nobody slews it
 *	realtime, TAI			clock_real_ns(): TAI's offset is 0, as nobody has set it
 *	coarse				the same as the exact one: reading it is cheap
 *	CPU time			of a process or thread, also by an id made of its pid
 *
 * A sleep is a deadline by its clock.  A relative sleep that was interrupted goes on until the same
 * deadline (restart_syscall()), and tells a handler's program what was left.
 *
 * A sleep by CPU time is a timer (kernel/time/clock_timer.c); one by a date is looked at again each
 * time the date is set.
 *
 * Left out: adjtimex().
 */
#include <linux/errno.h>
#include <linux/time.h>
#include <oshit/clock.h>
#include <oshit/clock_timer.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/err.h>
#include <oshit/math.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/timespec.h>
#include <oshit/uaccess.h>
#include <oshit/usage.h>
#include <oshit/user_task.h>

DECLARE_WAIT_QUEUE_HEAD(date_was_set);

/* --- times of programs --- */

int get_timespec_ns(u64 *ns, const struct __kernel_timespec __user *from)
{
	struct __kernel_timespec time;

	if (copy_from_user(&time, from, sizeof(time)))
		return -EFAULT;
	if (time.tv_sec < 0 || (u64)time.tv_nsec >= NSEC_PER_SEC)
		return -EINVAL;
	if ((u64)time.tv_sec >= TIME_MAX_NS / NSEC_PER_SEC)
		*ns = TIME_MAX_NS;
	else
		*ns = (u64)time.tv_sec * NSEC_PER_SEC + (u64)time.tv_nsec;
	return 0;
}

int put_timespec_ns(u64 ns, struct __kernel_timespec __user *to)
{
	struct __kernel_timespec time = { (s64)(ns / NSEC_PER_SEC), (s64)(ns % NSEC_PER_SEC) };

	return copy_to_user(to, &time, sizeof(time)) ? -EFAULT : 0;
}

int timeval_to_ns(u64 *ns, const struct __kernel_old_timeval *from)
{
	if (from->tv_sec < 0 || (u64)from->tv_usec >= NSEC_PER_SEC / NSEC_PER_USEC)
		return -EINVAL;
	if ((u64)from->tv_sec >= TIME_MAX_NS / NSEC_PER_SEC)
		*ns = TIME_MAX_NS;
	else
		*ns = (u64)from->tv_sec * NSEC_PER_SEC + (u64)from->tv_usec * NSEC_PER_USEC;
	return 0;
}

struct __kernel_old_timeval ns_to_timeval(u64 ns)
{
	return (struct __kernel_old_timeval){
		(long)(ns / NSEC_PER_SEC),
		(long)(ns % NSEC_PER_SEC / NSEC_PER_USEC),
	};
}

/* --- CPU time --- */

/* The id of a CPU clock: ~pid << 3, 4 for a thread, and what is counted: all that runs (2), the
 * same to us as user and system time (0); user time (1). */
#define CPU_CLOCK_THREAD 4
#define CPU_CLOCK_KIND	 3
#define CPU_CLOCK_VIRT	 1
#define CPU_CLOCK_FD	 3 /* a clock device: none */

static u64 counted_ns(const struct cpu_usage *usage, int clock)
{
	u64 ns = usage->utime_ns;

	return (clock & CPU_CLOCK_KIND) == CPU_CLOCK_VIRT ? ns : ns + usage->stime_ns;
}

#define PROCESS_CPU_CLOCK (int)(~0U << 3 | 2)
#define THREAD_CPU_CLOCK  (int)(~0U << 3 | 2 | CPU_CLOCK_THREAD)

/* The id behind a clock that counts CPU time; 0: it does not. */
static int cpu_clock_id(int clock)
{
	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		return PROCESS_CPU_CLOCK;
	if (clock == CLOCK_THREAD_CPUTIME_ID)
		return THREAD_CPU_CLOCK;
	return min(clock, 0);
}

static bool may_count(const struct task_struct *task, int id)
{
	if (!task->user || READ_ONCE(task->user->exit_state) == EXIT_DEAD)
		return false;
	return id & CPU_CLOCK_THREAD ? task->user->tgid == current->user->tgid
				     : task->pid == task->user->tgid;
}

struct task_struct *cpu_clock_task(int clock)
{
	struct task_struct *task;
	int id = cpu_clock_id(clock), pid = ~(id >> 3);

	if (!id)
		return NULL;
	if ((id & CPU_CLOCK_KIND) == CPU_CLOCK_FD)
		return ERR_PTR(-EINVAL);
	if (!pid)
		pid = id & CPU_CLOCK_THREAD ? current->pid : current->user->tgid;
	task = task_find(pid);
	if (!task)
		return ERR_PTR(-EINVAL);
	if (may_count(task, id))
		return task;
	put_task_struct(task);
	return ERR_PTR(-EINVAL);
}

/* Those that run elsewhere are charged first. */
static void task_clock_usage(struct task_struct *task, int id, struct cpu_usage *usage)
{
	const struct signal_struct *signal = task->user->signal;
	bool is_mine = id & CPU_CLOCK_THREAD ? task == current
					     : signal == current->user->signal &&
						       atomic_read(&signal->nr_live) == 1;

	if (!is_mine)
		sched_charge_all();
	if (id & CPU_CLOCK_THREAD)
		task_usage_get(task, usage);
	else
		process_usage_get(task->user->signal, usage);
}

u64 cpu_clock_peek(struct task_struct *task, int clock, unsigned int *nr_running)
{
	struct cpu_usage usage;
	int id = cpu_clock_id(clock);

	if (id & CPU_CLOCK_THREAD)
		*nr_running = task_usage_peek(task, &usage.utime_ns, &usage.stime_ns);
	else
		*nr_running = process_usage_peek(task, &usage.utime_ns, &usage.stime_ns);
	return counted_ns(&usage, id);
}

static int cpu_clock_ns(int clock, u64 *ns)
{
	struct task_struct *task = cpu_clock_task(clock);
	struct cpu_usage usage;

	if (IS_ERR_OR_NULL(task))
		return -EINVAL;
	task_clock_usage(task, cpu_clock_id(clock), &usage);
	put_task_struct(task);
	*ns = counted_ns(&usage, cpu_clock_id(clock));
	return 0;
}

/* --- clocks --- */

int clock_read(int clock, u64 *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_TAI:
		*ns = clock_real_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		*ns = clock_ns();
		return 0;
	default:
		return cpu_clock_ns(clock, ns);
	}
}

long sys_clock_gettime(int clock, struct __kernel_timespec __user *to)
{
	u64 ns;
	int err = clock_read(clock, &ns);

	return err ?: put_timespec_ns(ns, to);
}

/* All clocks count nanoseconds. */
long sys_clock_getres(int clock, struct __kernel_timespec __user *to)
{
	u64 ns;
	int err = clock_read(clock, &ns);

	return err || !to ? err : put_timespec_ns(1, to);
}

/* As Linux has it, the clock counts on for 30 years from the last date that can be set. */
#define DATE_MAX_S (TIME_MAX_NS / NSEC_PER_SEC - 30ULL * 365 * 24 * 60 * 60)

/* The date cannot be before the boot: a date that was kept would be lost. */
static int set_date(u64 real_ns)
{
	if (real_ns / NSEC_PER_SEC >= DATE_MAX_S)
		return -EINVAL;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (real_ns < clock_ns())
		return -EINVAL;
	clock_set_real_ns(real_ns);
	wake_up_all(&date_was_set);
	return 0;
}

long sys_clock_settime(int clock, const struct __kernel_timespec __user *from)
{
	u64 real_ns;
	int err;

	if (clock >= 0 && clock != CLOCK_REALTIME)
		return -EINVAL;
	err = get_timespec_ns(&real_ns, from);
	/* CPU time cannot be set, whatever the value. */
	if (clock < 0 && err != -EFAULT)
		return clock_read(clock, &real_ns) ?: -EPERM;
	return err ?: set_date(real_ns);
}

long sys_time(__kernel_old_time_t __user *to)
{
	__kernel_old_time_t seconds = (__kernel_old_time_t)(clock_real_ns() / NSEC_PER_SEC);

	return to && put_user(seconds, to) ? -EFAULT : seconds;
}

static struct timezone time_zone; /* what settimeofday() last said; kept, not used */

long sys_gettimeofday(struct __kernel_old_timeval __user *to, struct timezone __user *zone)
{
	struct __kernel_old_timeval now = ns_to_timeval(clock_real_ns());

	if (to && copy_to_user(to, &now, sizeof(now)))
		return -EFAULT;
	return zone && copy_to_user(zone, &time_zone, sizeof(time_zone)) ? -EFAULT : 0;
}

long sys_settimeofday(const struct __kernel_old_timeval __user *from,
		      const struct timezone __user *zone)
{
	struct timezone new_zone = time_zone;
	struct __kernel_old_timeval time;
	u64 real_ns = 0;
	int err;

	if (from && copy_from_user(&time, from, sizeof(time)))
		return -EFAULT;
	err = from ? timeval_to_ns(&real_ns, &time) : 0;
	if (err)
		return err;
	if (zone && copy_from_user(&new_zone, zone, sizeof(new_zone)))
		return -EFAULT;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (new_zone.tz_minuteswest > 15 * 60 || new_zone.tz_minuteswest < -15 * 60)
		return -EINVAL;
	time_zone = new_zone;
	return from ? set_date(real_ns) : 0;
}

/* --- sleeping --- */

/* 0: it is time; -EINTR: a signal. @clock can be read. */
static int sleep_by_time(int clock, u64 deadline_ns)
{
	u64 now_ns;

	for (;;) {
		/* Before the look: a date that is set behind it ends the sleep. */
		set_current_state(TASK_INTERRUPTIBLE);
		clock_read(clock, &now_ns);
		if (now_ns >= deadline_ns || signal_pending(current))
			break;
		sleep_until(deadline_ns == TIME_MAX_NS
				    ? TIME_MAX_NS
				    : time_add_ns(clock_ns(), deadline_ns - now_ns));
	}
	__set_current_state(TASK_RUNNING);
	return now_ns >= deadline_ns ? 0 : -EINTR;
}

static int sleep_by_date(int clock, u64 deadline_ns)
{
	DEFINE_WAIT_FN(on_date, default_wake_function);
	int err;

	add_wait_queue(&date_was_set, &on_date);
	err = sleep_by_time(clock, deadline_ns);
	remove_wait_queue(&date_was_set, &on_date);
	return err;
}

struct cpu_sleeper {
	struct clock_timer timer;
	struct wait_queue_head wait;
	bool is_over;
};

static void cpu_time_is_over(struct clock_timer *timer)
{
	struct cpu_sleeper *sleeper = container_of(timer, struct cpu_sleeper, timer);

	WRITE_ONCE(sleeper->is_over, true);
	wake_up(&sleeper->wait);
}

/* Until others have used so much. */
static int sleep_by_cpu_time(int clock, u64 deadline_ns)
{
	struct cpu_sleeper sleeper = { .is_over = false };
	int err = clock_timer_init(&sleeper.timer, clock, cpu_time_is_over);

	if (err)
		return err;
	init_waitqueue_head(&sleeper.wait);
	clock_timer_set(&sleeper.timer, deadline_ns, true);
	clock_timer_start(&sleeper.timer);
	err = wait_event_interruptible(sleeper.wait, READ_ONCE(sleeper.is_over));
	clock_timer_destroy(&sleeper.timer);
	return err;
}

static int sleep_by_clock(int clock, u64 deadline_ns)
{
	if (cpu_clock_id(clock))
		return sleep_by_cpu_time(clock, deadline_ns);
	return clock_counts_dates(clock) ? sleep_by_date(clock, deadline_ns)
					 : sleep_by_time(clock, deadline_ns);
}

static long sleep_again(struct restart_block *restart)
{
	u64 now_ns;

	int err = sleep_by_clock(restart->sleep.clock, restart->deadline_ns);

	if (err != -EINTR)
		return err;
	clock_read(restart->sleep.clock, &now_ns);
	if (restart->sleep.left &&
	    put_timespec_ns(max(restart->deadline_ns, now_ns) - now_ns, restart->sleep.left))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

static long sleep_for(int clock, u64 length_ns, struct __kernel_timespec __user *left)
{
	struct restart_block *restart = &current->user->restart;
	u64 now_ns;

	/* A date that is set meanwhile does not change how long that is. */
	if (clock_counts_dates(clock))
		clock = CLOCK_MONOTONIC;
	clock_read(clock, &now_ns);
	restart->fn = sleep_again;
	restart->deadline_ns = time_add_ns(now_ns, length_ns);
	restart->sleep.clock = clock;
	restart->sleep.left = left;
	return sleep_again(restart);
}

long sys_nanosleep(const struct __kernel_timespec __user *length,
		   struct __kernel_timespec __user *left)
{
	u64 length_ns;
	int err = get_timespec_ns(&length_ns, length);

	return err ?: sleep_for(CLOCK_MONOTONIC, length_ns, left);
}

/* 0; -EOPNOTSUPP: nobody can sleep by that clock, as by the caller's own CPU time. */
static int check_sleep(int clock)
{
	u64 now_ns;
	int err = clock_read(clock, &now_ns);

	if (err)
		return err;
	switch (clock) {
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_THREAD_CPUTIME_ID:
		return -EOPNOTSUPP;
	default:
		return 0;
	}
}

/* What is known once the time is: the caller's own CPU time stands still while it sleeps. */
static int check_right_to_sleep(int clock)
{
	int id = cpu_clock_id(clock), pid = ~(id >> 3);

	if (clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM)
		return capable(CAP_WAKE_ALARM) ? 0 : -EPERM;
	return id & CPU_CLOCK_THREAD && (!pid || pid == current->pid) ? -EINVAL : 0;
}

long sys_clock_nanosleep(int clock, int flags, const struct __kernel_timespec __user *time,
			 struct __kernel_timespec __user *left)
{
	u64 time_ns;
	int err = check_sleep(clock)
			  ?: get_timespec_ns(&time_ns, time) ?: check_right_to_sleep(clock);

	if (err)
		return err;
	if (!(flags & TIMER_ABSTIME))
		return sleep_for(clock, time_ns, left);
	err = sleep_by_clock(clock, time_ns);
	return err == -EINTR ? -ERESTARTNOHAND : err;
}

long sys_restart_syscall(void)
{
	struct restart_block *restart = &current->user->restart;

	return restart->fn ? restart->fn(restart) : -EINTR;
}
