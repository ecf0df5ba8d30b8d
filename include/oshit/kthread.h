/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel threads: tasks without a user address space that run one function.
 *
 *	static int worker(void *data)
 *	{
 *		while (!kthread_should_stop()) {
 *			if (kthread_should_park())
 *				kthread_parkme();
 *			...
 *		}
 *		return 0;
 *	}
 *	struct task_struct *task = kthread_run(worker, data, "worker/%d", n);
 *	...
 *	result = kthread_stop(task);
 *
 * A thread that ends on its own, by return or kthread_exit(), is freed at once: who wants to stop
 * such a one holds a reference (get_task_struct()) from before it first ran.
 */
#ifndef OSHIT_KTHREAD_H
#define OSHIT_KTHREAD_H

#include <oshit/err.h>
#include <oshit/sched.h>

/**
 * kthread_create() - make a kernel thread
 * @fn: what it runs; its result is what kthread_stop() returns
 * @data: for @fn
 * @fmt: printf format of its name
 *
 * It runs @fn from the first wake_up_process() on.
 *
 * Context: task, may sleep. Return: the task, or ERR_PTR(-ENOMEM), or -EAGAIN.
 */
__printf(3, 4) struct task_struct *kthread_create(int (*fn)(void *data), void *data,
						  const char *fmt, ...);

/*
 * The same for a thread that belongs to one CPU, "fmt" being given its number.  When the CPU goes
 * off it is parked, so it must look at kthread_should_park(); it starts parked while the CPU is
 * off.
 */
struct task_struct *kthread_create_on_cpu(int (*fn)(void *data), void *data, unsigned int cpu,
					  const char *fmt);

/* kthread_create() and wake_up_process(). */
#define kthread_run(fn, data, fmt...)                                        \
	({                                                                   \
		struct task_struct *__kthread = kthread_create(fn, data, fmt); \
		if (!IS_ERR(__kthread))                                      \
			wake_up_process(__kthread);                          \
		__kthread;                                                   \
	})

/* Has a thread that has not run yet run on @cpu alone, for good; or only when nothing else does. */
void kthread_bind(struct task_struct *task, unsigned int cpu);
void kthread_set_idle_class(struct task_struct *task);

/**
 * kthread_stop() - ask a thread to end, and wait for that
 * @task: not the caller; it has not ended on its own, or the caller holds a reference
 *
 * A parked one is unparked. One that never ran does not call its function.
 *
 * Context: task, may sleep. Return: the function's result; -EINTR if it was never called.
 */
int kthread_stop(struct task_struct *task);

/* What it was given as data. */
void *kthread_data(const struct task_struct *task);

/* For the thread. */
bool kthread_should_stop(void);
bool kthread_should_park(void);
/* Sleeps as long as it should park. */
void kthread_parkme(void);
void __noreturn kthread_exit(int result);

/**
 * kthread_park() - have a thread stand still in kthread_parkme(), and wait for that
 * Context: task, may sleep; not by the thread itself. Return: 0; -ENOSYS if it has ended.
 */
int kthread_park(struct task_struct *task);
void kthread_unpark(struct task_struct *task);

/* Registers the step of hotplug that parks the threads of a CPU. Boot, before smp_init(). */
void kthread_init(void);

#endif
