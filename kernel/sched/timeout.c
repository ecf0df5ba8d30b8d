/* SPDX-License-Identifier: GPL-2.0-only */
/* Sleeping for a time: a timer on the sleeper's stack wakes it up. */
#include <oshit/clock.h>
#include <oshit/hrtimer.h>
#include <oshit/sched.h>
#include <oshit/timespec.h>

struct sleeper {
	struct hrtimer timer;
	struct task_struct *task;
};

static void wake_sleeper(struct hrtimer *timer)
{
	struct sleeper *sleeper = container_of(timer, struct sleeper, timer);

	wake_up_state(sleeper->task, TASK_NORMAL);
}

bool schedule_until_ns(u64 deadline_ns)
{
	struct sleeper sleeper = { .task = current };

	hrtimer_init(&sleeper.timer, wake_sleeper);
	hrtimer_start(&sleeper.timer, deadline_ns);
	schedule();
	/* The function may be under way on another CPU: this stack is its until it has ended. */
	hrtimer_cancel(&sleeper.timer);
	__set_current_state(TASK_RUNNING);
	return clock_ns() >= deadline_ns;
}

bool sleep_until(u64 deadline_ns)
{
	if (deadline_ns < TIME_MAX_NS)
		return schedule_until_ns(deadline_ns);
	schedule();
	return false;
}

u64 schedule_timeout_ns(u64 timeout_ns)
{
	u64 now_ns = clock_ns(), deadline_ns;

	if (__builtin_add_overflow(now_ns, timeout_ns, &deadline_ns)) {
		schedule();
		return timeout_ns;
	}
	if (schedule_until_ns(deadline_ns))
		return 0;
	now_ns = clock_ns();
	return now_ns < deadline_ns ? deadline_ns - now_ns : 0;
}

void sleep_until_ns(u64 deadline_ns)
{
	do
		set_current_state(TASK_UNINTERRUPTIBLE);
	while (!schedule_until_ns(deadline_ns));
}

void nsleep(u64 ns)
{
	sleep_until_ns(clock_ns() + ns);
}

void usleep(unsigned long us)
{
	nsleep(us * NSEC_PER_USEC);
}

void msleep(unsigned long ms)
{
	nsleep(ms * NSEC_PER_MSEC);
}
