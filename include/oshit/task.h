/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of tasks, and the tree of all of them by pid.
 *
 * A task is made with one reference, which stands for its life: it is dropped by the reaper when
 * the task has ended.  Who keeps a pointer longer takes one more.  Idle tasks are not in the tree.
 */
#ifndef OSHIT_TASK_H
#define OSHIT_TASK_H

#include <oshit/sched.h>

#define PID_MAX	    32768 /* above all pids, as in Linux */
#define PID_RESERVE 300 /* pids that programs cannot get: kernel threads */
#define PID_MAX_MIN (PID_RESERVE + 1)

/* New tasks get pids below this; from PID_MAX_MIN to PID_MAX, set by /proc/sys/kernel/pid_max. */
extern unsigned long pid_max;

/**
 * task_alloc() - a new task
 * @start: what it runs, @arg its argument; it ends by sched_exit(), and never returns
 *
 * It has a pid and a stack, the nice value of the caller, may run on all CPUs, and sleeps until
 * wake_up_process(). Until then task_free_unused() takes it back. Nobody finds it by its pid before
 * task_publish().
 *
 * Context: task, may sleep. Return: the task; ERR_PTR(-ENOMEM), or -EAGAIN without a free pid.
 */
struct task_struct *task_alloc(void (*start)(void *arg), void *arg);
void task_free_unused(struct task_struct *task);

/* Everything that others look at is there: from now on they find @task by its pid. Once; any
 * context but NMI. */
void task_publish(struct task_struct *task);

static inline struct task_struct *get_task_struct(struct task_struct *task)
{
	refcount_inc(&task->refs);
	return task;
}

/* The last frees it. Any context but NMI. */
void put_task_struct(struct task_struct *task);

/* The living or dying task with the least pid that is not below @pid, with a reference; NULL: none.
 * To go through all: task_find_from(1), then task_find_from(task->pid + 1). Any context but NMI. */
struct task_struct *task_find_from(int pid);

/* The task with that pid, with a reference, or NULL. Any context but NMI. */
struct task_struct *task_find(int pid);

/* Which task, of all that had or will have the same pid: a reference that keeps nothing alive. */
struct pid_ref {
	int pid;
	u64 serial;
};

/* Both: any context but NMI. The task that @ref means, with a reference; NULL: it is no more. */
struct pid_ref task_pid_ref(const struct task_struct *task);
struct task_struct *task_find_ref(struct pid_ref ref);

/* Tasks made since boot, and the pid of the newest. Any context. */
u64 nr_forks(void);
int last_pid(void);

/* For the monitor: without lock and reference, all CPUs stopped. */
struct task_struct *task_peek_from(int pid);

/* What a number may stand for; it is given to a new task when it stands for nothing. */
enum pid_use { PID_OF_TASK, PID_OF_GROUP, PID_OF_SESSION, NR_PID_USES };

/* A group or session has the id @pid, which a task has at the moment; or it has gone. Any context
 * but NMI. */
void pid_hold(int pid, enum pid_use use);
void pid_drop(int pid, enum pid_use use);

/* Tasks that there are, or whose memory is not free yet; no idle ones. Any context. */
unsigned int nr_tasks(void);

/* Two tasks get each other's pid: execve() by a thread that is not the leader. Any context. */
void task_exchange_pids(struct task_struct *a, struct task_struct *b);

/* Called before the memory of a task is freed, with the last reference gone: frees what upper tiers
 * hang on it. Any context but NMI. Set once, by them. */
extern void (*task_free_hook)(struct task_struct *task);

/* Once, when memory can be allocated; the scheduler is there. */
void task_init(void);

/* Starts the reapers. Once, after the first task, whose pid is 1, has been made. */
void task_start_reapers(void);

#endif
