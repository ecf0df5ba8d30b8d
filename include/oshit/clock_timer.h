/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Clocks by the numbers that programs have for them, and timers by any of these.  Theory:
 * kernel/time/clock_timer.c.
 */
#ifndef OSHIT_CLOCK_TIMER_H
#define OSHIT_CLOCK_TIMER_H

#include <linux/time.h>
#include <linux/time_types.h>
#include <oshit/hrtimer.h>
#include <oshit/types.h>
#include <oshit/wait.h>

struct task_struct;

/* *@ns = the time by @clock, CPU time too. 0; -EINVAL: there is none. Task context. */
int clock_read(int clock, u64 *ns);

/* The task whose CPU time @clock counts, or whose process's, with a reference; NULL: it counts
 * none; ERR_PTR(-EINVAL): there is no such clock. Task context. */
struct task_struct *cpu_clock_task(int clock);
/* What @clock has counted of @task, the answer above; who runs now is counted up to a while ago,
 * and soon up to now. *@nr_running: threads that may be counting. Any context but NMI; takes the
 * siglock of @task's process if that is what is counted. */
u64 cpu_clock_peek(struct task_struct *task, int clock, unsigned int *nr_running);

/* Whether it can be set: a date. */
static inline bool clock_counts_dates(int clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_TAI || clock == CLOCK_REALTIME_ALARM;
}

/* Woken each time the date is set. */
extern struct wait_queue_head date_was_set;

struct itimer_ns {
	u64 value_ns, interval_ns;
};

/* *@itimer = the times at @from, at most TIME_MAX_NS each. 0; -EFAULT; -EINVAL. */
int get_itimerspec_ns(struct itimer_ns *itimer, const struct __kernel_itimerspec __user *from);
int put_itimerspec_ns(const struct itimer_ns *itimer, struct __kernel_itimerspec __user *to);

struct clock_timer { /* i: constant   o: the owner's lock, and constant while it is armed */
	struct hrtimer timer;
	struct wait_queue_entry on_date; /* on date_was_set while it waits for a date */
	void (*fn)(struct clock_timer *timer); /* i */
	void (*date_fn)(struct clock_timer *timer); /* i  NULL: nobody cares */
	struct task_struct *task; /* i  whose CPU time is its clock, with a reference */
	int clock; /* i */
	bool by_date; /* o  the deadline is a date */
	bool is_armed; /* fn is to be called */
	u64 deadline_ns; /* o  by its clock */
	u64 interval_ns; /* o  0: once */
	u64 seen_ns; /* the CPU time when it was looked at last */
};

/**
 * clock_timer_init() - prepare a timer
 * @clock: CLOCK_, or that of a process or thread
 * @fn: called once for each start, when the time has come: in an interrupt handler, without a lock
 *
 * Task context. Return: 0; -EINVAL: no such clock; -EOPNOTSUPP: it has no timers; -EPERM: it needs
 * CAP_WAKE_ALARM.
 */
int clock_timer_init(struct clock_timer *timer, int clock, void (*fn)(struct clock_timer *timer));

/* The time by its clock; of one that counts CPU time the siglock of that process is taken. */
u64 clock_timer_now(struct clock_timer *timer);
/* The deadline: at @value_ns by the clock, or after so long. Not armed. */
void clock_timer_set(struct clock_timer *timer, u64 value_ns, bool is_absolute);
/* Has the function called at the deadline. Not armed, after clock_timer_set(). */
void clock_timer_start(struct clock_timer *timer);
/* The same again, after clock_timer_forward(): from the function, or by who knows that it has run.
 * Any context but NMI. */
void clock_timer_start_again(struct clock_timer *timer);
/* The function is not called any more, and does not run. As hrtimer_cancel(); the owner sees to it
 * that nobody starts it meanwhile. */
void clock_timer_cancel(struct clock_timer *timer);
/* The end of it: after clock_timer_init() has returned 0. */
void clock_timer_destroy(struct clock_timer *timer);

/* Moves the deadline behind @now_ns by as few intervals as it takes. Return: how many. */
u64 clock_timer_forward(struct clock_timer *timer, u64 now_ns);

/* What is left at @now_ns; 0: nothing. */
static inline u64 clock_timer_left(const struct clock_timer *timer, u64 now_ns)
{
	return timer->deadline_ns > now_ns ? timer->deadline_ns - now_ns : 0;
}

#endif
