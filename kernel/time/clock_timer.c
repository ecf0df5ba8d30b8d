/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers by any clock that a program can name; POSIX timers and timerfds are made of them.
 *
 *	monotonic, boottime	an hrtimer at the deadline
 *	realtime, TAI		a date: the same, and it is looked at again each time the date is
 *				set.  After a time, not at one, it is a monotonic timer: setting
 *				the date does not change how long that is
 *	CPU time		cannot grow faster than time passes times the threads that it
 *				counts; so an hrtimer looks when the deadline could be reached at
 *				the earliest, and if it has not been, sets itself anew, never
 *				sooner than after a millisecond
 *
 * The function is called once for each start.  An interval is the owner's business: he moves the
 * deadline (clock_timer_forward()) and starts the timer again, at once or when somebody has taken
 * notice, so that a short interval does not keep a CPU in interrupt handlers.
 *
 * This machine does not sleep, so the clocks that would wake it count as the others do.
 *
 * Locks: the owner's, for setting and starting.  The handler takes none but the siglock of a
 * process whose CPU time is counted; ->is_armed tells it whether what it sees is valid, so a look
 * too many, as when the date is set while the timer fires, finds nothing to do.
 */
#include <linux/errno.h>
#include <linux/time.h>
#include <oshit/clock.h>
#include <oshit/clock_timer.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/math.h>
#include <oshit/task.h>
#include <oshit/timespec.h>
#include <oshit/uaccess.h>

#define LOOK_AGAIN_NS NSEC_PER_MSEC

/* --- times of programs --- */

int get_itimerspec_ns(struct itimer_ns *itimer, const struct __kernel_itimerspec __user *from)
{
	return get_timespec_ns(&itimer->interval_ns, &from->it_interval)
		       ?: get_timespec_ns(&itimer->value_ns, &from->it_value);
}

int put_itimerspec_ns(const struct itimer_ns *itimer, struct __kernel_itimerspec __user *to)
{
	return put_timespec_ns(itimer->interval_ns, &to->it_interval)
		       ?: put_timespec_ns(itimer->value_ns, &to->it_value);
}

/* --- looking --- */

static u64 look(struct clock_timer *timer, unsigned int *nr_running)
{
	u64 now_ns;

	*nr_running = 1;
	if (!timer->task)
		return timer->by_date ? clock_real_ns() : clock_ns();
	now_ns = cpu_clock_peek(timer->task, timer->clock, nr_running);
	WRITE_ONCE(timer->seen_ns, now_ns);
	return now_ns;
}

u64 clock_timer_now(struct clock_timer *timer)
{
	unsigned int nr_running;

	return look(timer, &nr_running);
}

/* When to look again, by the monotonic clock. CPU time of nobody does not grow. */
static u64 next_look_ns(const struct clock_timer *timer, u64 now_ns, unsigned int nr_running)
{
	u64 left_ns = clock_timer_left(timer, now_ns);

	if (!nr_running)
		return TIME_MAX_NS;
	if (timer->task)
		left_ns = max(left_ns / nr_running, LOOK_AGAIN_NS);
	return time_add_ns(clock_ns(), left_ns);
}

static void clock_timer_runs(struct hrtimer *hrtimer)
{
	struct clock_timer *timer = container_of(hrtimer, struct clock_timer, timer);
	unsigned int nr_running;
	u64 now_ns;

	/* Pairs with clock_timer_start_again(): the deadline is that of the start. */
	if (!smp_load_acquire(&timer->is_armed))
		return;
	now_ns = look(timer, &nr_running);
	if (now_ns < timer->deadline_ns) {
		hrtimer_start(hrtimer, next_look_ns(timer, now_ns, nr_running));
		return;
	}
	WRITE_ONCE(timer->is_armed, false);
	timer->fn(timer);
}

static bool date_is_set(struct wait_queue_entry *entry, unsigned int mode __maybe_unused)
{
	struct clock_timer *timer = container_of(entry, struct clock_timer, on_date);

	hrtimer_start(&timer->timer, 0);
	if (timer->date_fn)
		timer->date_fn(timer);
	return false;
}

/* --- the owner's side --- */

static int check_clock(int clock)
{
	u64 now_ns;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		return 0;
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return capable(CAP_WAKE_ALARM) ? 0 : -EPERM;
	default:
		return clock_read(clock, &now_ns) ?: -EOPNOTSUPP;
	}
}

int clock_timer_init(struct clock_timer *timer, int clock, void (*fn)(struct clock_timer *timer))
{
	struct task_struct *task = cpu_clock_task(clock);
	int err = 0;

	if (IS_ERR(task))
		return (int)PTR_ERR(task);
	if (!task)
		err = check_clock(clock);
	if (err)
		return err;
	*timer = (struct clock_timer){ .fn = fn, .task = task, .clock = clock };
	hrtimer_init(&timer->timer, clock_timer_runs);
	timer->on_date.fn = date_is_set;
	INIT_LIST_HEAD(&timer->on_date.link);
	return 0;
}

void clock_timer_set(struct clock_timer *timer, u64 value_ns, bool is_absolute)
{
	timer->by_date = is_absolute && clock_counts_dates(timer->clock);
	if (!is_absolute)
		value_ns = time_add_ns(clock_timer_now(timer), value_ns);
	timer->deadline_ns = value_ns;
}

/* A date that is set behind the look has the timer look again: it is on the queue before. */
void clock_timer_start(struct clock_timer *timer)
{
	if (timer->by_date)
		add_wait_queue(&date_was_set, &timer->on_date);
	clock_timer_start_again(timer);
}

void clock_timer_start_again(struct clock_timer *timer)
{
	u64 first_look_ns = timer->deadline_ns;

	/* Pairs with clock_timer_runs(). */
	smp_store_release(&timer->is_armed, true);
	if (timer->task)
		first_look_ns = clock_ns();
	else if (timer->by_date)
		first_look_ns = next_look_ns(timer, clock_real_ns(), 1);
	hrtimer_start(&timer->timer, first_look_ns);
}

void clock_timer_cancel(struct clock_timer *timer)
{
	remove_wait_queue(&date_was_set, &timer->on_date);
	WRITE_ONCE(timer->is_armed, false);
	hrtimer_cancel(&timer->timer);
}

void clock_timer_destroy(struct clock_timer *timer)
{
	clock_timer_cancel(timer);
	if (timer->task)
		put_task_struct(timer->task);
}

u64 clock_timer_forward(struct clock_timer *timer, u64 now_ns)
{
	u64 nr;

	if (now_ns < timer->deadline_ns || !timer->interval_ns)
		return 0;
	nr = (now_ns - timer->deadline_ns) / timer->interval_ns + 1;
	timer->deadline_ns = time_add_ns(timer->deadline_ns, nr * timer->interval_ns);
	return nr;
}
