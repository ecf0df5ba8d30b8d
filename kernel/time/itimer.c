/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers of processes: alarm(), setitimer(), and the limit of CPU time.
 *
 * ITIMER_REAL is an hrtimer that sends SIGALRM.  All that counts CPU time shares a second one.  The
 * CPU time of a process cannot grow faster than time passes times its threads, so that timer looks
 * when the nearest deadline could be reached at the earliest, and if it has not been, sets itself
 * anew, never sooner than after a millisecond.  A thread that runs elsewhere without entering the
 * kernel is made to by an interrupt, which charges it.
 *
 *	ITIMER_VIRTUAL	user time		SIGVTALRM
 *	ITIMER_PROF	user and system time	SIGPROF
 *	RLIMIT_CPU	user and system time	SIGXCPU at the soft limit and each second behind it,
 *						SIGKILL at the hard one
 *
 * Signals go to ->target, the leader, which is held while the process has threads; execve() by
 * another thread puts that in its place.  An interval shorter than SHORTEST_NS would let a program
 * keep a CPU in interrupt handlers: such a timer skips its turns.
 *
 * Locks: ->lock for setting; the functions take the siglock, so a timer is cancelled without it.
 */
#include <linux/errno.h>
#include <linux/time.h>
#include <oshit/clock.h>
#include <oshit/clock_timer.h>
#include <oshit/math.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/timespec.h>
#include <oshit/uaccess.h>
#include <oshit/usage.h>
#include <oshit/user_task.h>

#define SHORTEST_NS   (100 * NSEC_PER_USEC)
#define LOOK_AGAIN_NS NSEC_PER_MSEC

/* --- functions of the timers, in interrupts --- */

/* The next deadline behind @now_ns that is a multiple of the interval away. */
static u64 next_deadline_ns(u64 deadline_ns, u64 interval_ns, u64 now_ns)
{
	if (now_ns > deadline_ns)
		deadline_ns += (now_ns - deadline_ns) / interval_ns * interval_ns;
	return time_add_ns(deadline_ns, interval_ns);
}

static void real_fires(struct hrtimer *timer)
{
	struct process_timers *timers = container_of(timer, struct process_timers, real);
	u64 now_ns = clock_ns();

	send_signal(timers->target, SIGALRM, NULL);
	if (timers->real_interval_ns)
		hrtimer_start(timer, max(now_ns + SHORTEST_NS,
					 next_deadline_ns(hrtimer_deadline(timer),
							  timers->real_interval_ns, now_ns)));
}

/* Sends @sig if it is time. Return: what is left until it is, TIME_MAX_NS: it never will be. */
static u64 check_cpu_timer(struct process_timers *timers, struct cpu_timer *timer, u64 used_ns,
			   int sig)
{
	if (timer->deadline_ns && used_ns >= timer->deadline_ns) {
		send_signal(timers->target, sig, NULL);
		timer->deadline_ns =
			timer->interval_ns
				? next_deadline_ns(timer->deadline_ns, timer->interval_ns, used_ns)
				: 0;
	}
	return timer->deadline_ns ? timer->deadline_ns - used_ns : TIME_MAX_NS;
}

static u64 check_limits(struct process_timers *timers, u64 used_ns)
{
	u64 left_ns = TIME_MAX_NS;

	if (timers->hard_limit_ns && used_ns >= timers->hard_limit_ns) {
		send_signal(timers->target, SIGKILL, NULL);
		return TIME_MAX_NS;
	}
	if (timers->hard_limit_ns)
		left_ns = timers->hard_limit_ns - used_ns;
	if (!timers->limit_ns)
		return left_ns;
	if (used_ns >= timers->limit_ns) {
		send_signal(timers->target, SIGXCPU, NULL);
		timers->limit_ns = next_deadline_ns(timers->limit_ns, NSEC_PER_SEC, used_ns);
	}
	return min(left_ns, timers->limit_ns - used_ns);
}

static void cpu_fires(struct hrtimer *timer)
{
	struct process_timers *timers = container_of(timer, struct process_timers, cpu);
	u64 user_ns, system_ns, left_ns;
	unsigned int nr_threads = process_usage_peek(timers->target, &user_ns, &system_ns);

	left_ns = check_cpu_timer(timers, &timers->virtual, user_ns, SIGVTALRM);
	left_ns =
		min(left_ns, check_cpu_timer(timers, &timers->prof, user_ns + system_ns, SIGPROF));
	left_ns = min(left_ns, check_limits(timers, user_ns + system_ns));
	if (left_ns < TIME_MAX_NS && nr_threads)
		hrtimer_start(timer, clock_ns() + max(left_ns / nr_threads, LOOK_AGAIN_NS));
}

/* --- setting --- */

void process_timers_init(struct process_timers *timers)
{
	mutex_init(&timers->lock);
	hrtimer_init(&timers->real, real_fires);
	hrtimer_init(&timers->cpu, cpu_fires);
}

static struct task_struct *get_leader(const struct signal_struct *signal)
{
	struct task_struct *leader;

	spin_lock(&tasklist_lock);
	leader = get_task_struct(signal->leader);
	spin_unlock(&tasklist_lock);
	return leader;
}

bool process_timers_have_target(struct signal_struct *signal)
{
	if (!atomic_read(&signal->nr_live))
		return false;
	if (!signal->timers.target)
		signal->timers.target = get_leader(signal);
	return true;
}

/* Has the timer of CPU time look at once, if there is anything to look for. Under ->lock. */
static void start_cpu_timer(struct process_timers *timers)
{
	if (timers->virtual.deadline_ns || timers->prof.deadline_ns || timers->limit_ns ||
	    timers->hard_limit_ns)
		hrtimer_start(&timers->cpu, clock_ns());
}

static void set_real(struct process_timers *timers, u64 value_ns, u64 interval_ns)
{
	hrtimer_cancel(&timers->real);
	timers->real_interval_ns = interval_ns;
	if (value_ns)
		hrtimer_start(&timers->real, time_add_ns(clock_ns(), value_ns));
}

static u64 used_ns(const struct signal_struct *signal, int which)
{
	struct cpu_usage usage;

	process_usage_get(signal, &usage);
	return which == ITIMER_PROF ? usage.utime_ns + usage.stime_ns : usage.utime_ns;
}

static struct cpu_timer *cpu_timer_of(struct process_timers *timers, int which)
{
	return which == ITIMER_PROF ? &timers->prof : &timers->virtual;
}

static void set_cpu(struct signal_struct *signal, int which, u64 value_ns, u64 interval_ns)
{
	struct process_timers *timers = &signal->timers;
	struct cpu_timer *timer = cpu_timer_of(timers, which);

	hrtimer_cancel(&timers->cpu);
	timer->interval_ns = interval_ns;
	timer->deadline_ns = value_ns ? time_add_ns(used_ns(signal, which), value_ns) : 0;
	start_cpu_timer(timers);
}

/* A timer that is set is never told to have nothing left. */
static void get_timer(struct signal_struct *signal, int which, struct itimer_ns *to)
{
	struct process_timers *timers = &signal->timers;
	const struct cpu_timer *timer = cpu_timer_of(timers, which);
	u64 deadline_ns, now_ns;
	bool is_set;

	if (which == ITIMER_REAL) {
		is_set = hrtimer_is_queued(&timers->real);
		deadline_ns = hrtimer_deadline(&timers->real);
		now_ns = clock_ns();
		to->interval_ns = timers->real_interval_ns;
	} else {
		deadline_ns = timer->deadline_ns;
		is_set = deadline_ns;
		now_ns = used_ns(signal, which);
		to->interval_ns = timer->interval_ns;
	}
	to->value_ns = 0;
	if (is_set)
		to->value_ns =
			deadline_ns > now_ns + NSEC_PER_USEC ? deadline_ns - now_ns : NSEC_PER_USEC;
}

static void exchange_timer(int which, const struct itimer_ns *timer, struct itimer_ns *old)
{
	struct signal_struct *signal = current->user->signal;

	mutex_lock(&signal->timers.lock);
	get_timer(signal, which, old);
	if (timer && process_timers_have_target(signal)) {
		if (which == ITIMER_REAL)
			set_real(&signal->timers, timer->value_ns, timer->interval_ns);
		else
			set_cpu(signal, which, timer->value_ns, timer->interval_ns);
	}
	mutex_unlock(&signal->timers.lock);
}

/* --- the rest of the kernel --- */

void process_timers_exit(struct signal_struct *signal)
{
	struct process_timers *timers = &signal->timers;
	struct task_struct *target;

	posix_timers_delete(signal, false);
	mutex_lock(&timers->lock);
	hrtimer_cancel(&timers->real);
	hrtimer_cancel(&timers->cpu);
	target = timers->target;
	timers->target = NULL;
	mutex_unlock(&timers->lock);
	if (target)
		put_task_struct(target);
}

void process_timers_retarget(struct signal_struct *signal)
{
	struct process_timers *timers = &signal->timers;
	struct task_struct *old;
	bool was_queued;

	mutex_lock(&timers->lock);
	old = timers->target;
	if (old) {
		was_queued = hrtimer_cancel(&timers->real);
		hrtimer_cancel(&timers->cpu);
		timers->target = get_leader(signal);
		if (was_queued)
			hrtimer_start(&timers->real, hrtimer_deadline(&timers->real));
		start_cpu_timer(timers);
	}
	mutex_unlock(&timers->lock);
	if (old)
		put_task_struct(old);
}

/* Seconds of CPU time; 0 counts as 1, so that the program gets the signal. */
static u64 limit_ns(unsigned long seconds)
{
	if (seconds >= TIME_MAX_NS / NSEC_PER_SEC)
		return 0;
	return max(seconds, 1UL) * NSEC_PER_SEC;
}

void process_timers_limit(struct signal_struct *signal)
{
	struct process_timers *timers = &signal->timers;
	const struct rlimit *limit = &signal->rlimits[RLIMIT_CPU];
	u64 soft_ns = limit_ns(READ_ONCE(limit->rlim_cur));
	u64 hard_ns = limit_ns(READ_ONCE(limit->rlim_max));

	if (!soft_ns && !hard_ns && !READ_ONCE(timers->target))
		return;
	mutex_lock(&timers->lock);
	if (process_timers_have_target(signal)) {
		hrtimer_cancel(&timers->cpu);
		timers->limit_ns = soft_ns;
		timers->hard_limit_ns = hard_ns;
		start_cpu_timer(timers);
	}
	mutex_unlock(&timers->lock);
}

/* --- the calls --- */

static bool is_timer(int which)
{
	return which == ITIMER_REAL || which == ITIMER_VIRTUAL || which == ITIMER_PROF;
}

static int put_itimer(const struct itimer_ns *timer, struct __kernel_old_itimerval __user *to)
{
	struct __kernel_old_itimerval value = {
		.it_interval = ns_to_timeval(timer->interval_ns),
		.it_value = ns_to_timeval(timer->value_ns),
	};

	return copy_to_user(to, &value, sizeof(value)) ? -EFAULT : 0;
}

long sys_getitimer(int which, struct __kernel_old_itimerval __user *to)
{
	struct itimer_ns timer;

	if (!is_timer(which))
		return -EINVAL;
	exchange_timer(which, NULL, &timer);
	return put_itimer(&timer, to);
}

/* Without a value the timer is stopped, as in Linux. */
long sys_setitimer(int which, const struct __kernel_old_itimerval __user *from,
		   struct __kernel_old_itimerval __user *to)
{
	struct __kernel_old_itimerval value = { 0 };
	struct itimer_ns timer, old;
	int err;

	if (from && copy_from_user(&value, from, sizeof(value)))
		return -EFAULT;
	err = timeval_to_ns(&timer.value_ns, &value.it_value)
		      ?: timeval_to_ns(&timer.interval_ns, &value.it_interval);
	if (err)
		return err;
	if (!is_timer(which))
		return -EINVAL;
	exchange_timer(which, &timer, &old);
	return to ? put_itimer(&old, to) : 0;
}

long sys_alarm(unsigned int seconds)
{
	struct itimer_ns timer = { .value_ns = seconds * NSEC_PER_SEC }, old;

	exchange_timer(ITIMER_REAL, &timer, &old);
	/* Rounded, but not to 0: that would say that there was none. */
	if (old.value_ns && old.value_ns < NSEC_PER_SEC)
		return 1;
	return (long)((old.value_ns + NSEC_PER_SEC / 2) / NSEC_PER_SEC);
}
