/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timers of a process: alarm() and setitimer(), and its limit of CPU time.  Theory and locks:
 * kernel/time/itimer.c.
 */
#ifndef OSHIT_ITIMER_H
#define OSHIT_ITIMER_H

#include <oshit/hrtimer.h>
#include <oshit/mutex.h>
#include <oshit/posix_timer.h>
#include <oshit/types.h>

struct signal_struct;
struct task_struct;

struct cpu_timer { /* of the process: counts what its threads use */
	u64 deadline_ns; /* by the CPU time that it counts; 0: not set */
	u64 interval_ns;
};

struct process_timers { /* m: ->lock   f: m while the timer is idle, then its function */
	struct mutex lock;
	struct task_struct *target; /* m  gets the signals; with a reference; NULL: no timer yet */
	struct hrtimer real; /* f */
	u64 real_interval_ns; /* f  0: once */
	struct hrtimer cpu; /* f  looks at those below */
	struct cpu_timer virtual, prof; /* f  ITIMER_VIRTUAL, ITIMER_PROF */
	u64 limit_ns; /* f  soft RLIMIT_CPU; 0: none */
	u64 hard_limit_ns; /* f */
	struct posix_timers posix; /* m */
};

/* Of a new process, none set. */
void process_timers_init(struct process_timers *timers);
/* Before a timer is started: somebody gets the signals. False: the process has ended, none may be
 * started. Under ->lock. */
bool process_timers_have_target(struct signal_struct *signal);
/* The process has no thread left. Context: its last thread, may sleep. */
void process_timers_exit(struct signal_struct *signal);
/* The leader of the process is another task. Context: that task, may sleep. */
void process_timers_retarget(struct signal_struct *signal);
/* RLIMIT_CPU of the process may have changed. Context: task, may sleep. */
void process_timers_limit(struct signal_struct *signal);

#endif
