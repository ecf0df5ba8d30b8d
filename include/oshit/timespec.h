/* SPDX-License-Identifier: GPL-2.0-only */
/* Times as programs give them, and as nanoseconds. Context of all: task, user memory is
 * accessed. */
#ifndef OSHIT_TIMESPEC_H
#define OSHIT_TIMESPEC_H

#include <linux/time_types.h>
#include <oshit/types.h>

#define TIME_MAX_NS 0x7fffffffffffffffUL /* later than any clock will be: for ever */

/* *@ns = the time at @from, at most TIME_MAX_NS. 0; -EFAULT; -EINVAL: negative, or no fraction. */
int get_timespec_ns(u64 *ns, const struct __kernel_timespec __user *from);
int put_timespec_ns(u64 ns, struct __kernel_timespec __user *to);

/* The same for seconds and microseconds, in memory. */
int timeval_to_ns(u64 *ns, const struct __kernel_old_timeval *from);
struct __kernel_old_timeval ns_to_timeval(u64 ns);

/* The sum, at most TIME_MAX_NS. */
static inline u64 time_add_ns(u64 a, u64 b)
{
	return a > TIME_MAX_NS - b ? TIME_MAX_NS : a + b;
}

/**
 * sleep_until() - an interruptible sleep until a time
 * @deadline_ns: by clock_ns(); TIME_MAX_NS: for ever
 * Context: the task has set its state. Return: true if the time has come.
 */
bool sleep_until(u64 deadline_ns);

#endif
