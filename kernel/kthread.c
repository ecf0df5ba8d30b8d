/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel threads: <oshit/kthread.h> says what they can do.
 *
 * What others ask of a thread are bits in its struct kthread; who sets one wakes the thread up.
 * Parking: the thread sleeps in TASK_PARKED, which no ordinary wake-up ends, and says so by a
 * completion.  It sets the state first and looks at the bit again then, as every sleeper does, so
 * an unpark that comes in between is not lost.
 *
 * Threads of a CPU (kthread_create_on_cpu()) are in a list, so that all of them can be parked when
 * it goes off: a step of its way (CPUHP_KTHREADS).
 *
 * Locks: cpu_threads_lock for the list and the mask; it is held only to find the next one.
 */
#include <linux/errno.h>
#include <oshit/bug.h>
#include <oshit/completion.h>
#include <oshit/cpuhp.h>
#include <oshit/init.h>
#include <oshit/kthread.h>
#include <oshit/printf.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/task.h>

enum kthread_bit {
	KTHREAD_SHOULD_STOP,
	KTHREAD_SHOULD_PARK,
	KTHREAD_HAS_ENDED,
};

struct kthread { /* i: constant   a: atomic   l: cpu_threads_lock   s: the thread */
	int (*fn)(void *data); /* i */
	void *data; /* i */
	unsigned long bits; /* a */
	int result; /* s  read by others once it has ended */
	struct completion parked, ended;
	struct task_struct *task; /* i */
	struct list_head cpu_link; /* l  empty: belongs to no CPU */
};

static LIST_HEAD(cpu_threads); /* l */
static struct cpumask cpus_with_threads = { .bits = { 1 } }; /* l  where they are not parked */
static DEFINE_SPINLOCK(cpu_threads_lock);

void kthread_exit(int result)
{
	struct kthread *kthread = current->kthread;

	kthread->result = result;
	if (!list_empty(&kthread->cpu_link)) {
		spin_lock(&cpu_threads_lock);
		list_del_init(&kthread->cpu_link);
		spin_unlock(&cpu_threads_lock);
	}
	set_bit(KTHREAD_HAS_ENDED, &kthread->bits);
	/* Who waits for it to park waits no longer. */
	complete_all(&kthread->parked);
	complete_all(&kthread->ended);
	sched_exit();
}

static void kthread_start(void *arg)
{
	struct kthread *kthread = arg;
	int result = -EINTR;

	if (test_bit(KTHREAD_SHOULD_PARK, &kthread->bits))
		kthread_parkme();
	if (!test_bit(KTHREAD_SHOULD_STOP, &kthread->bits))
		result = kthread->fn(kthread->data);
	kthread_exit(result);
}

static struct task_struct *create(int (*fn)(void *data), void *data)
{
	struct kthread *kthread = kzalloc(sizeof(*kthread), GFP_KERNEL);
	struct task_struct *task;

	if (!kthread)
		return ERR_PTR(-ENOMEM);
	kthread->fn = fn;
	kthread->data = data;
	init_completion(&kthread->parked);
	init_completion(&kthread->ended);
	INIT_LIST_HEAD(&kthread->cpu_link);
	task = task_alloc(kthread_start, kthread);
	if (IS_ERR(task)) {
		kfree(kthread);
		return task;
	}
	kthread->task = task;
	task->kthread = kthread;
	task->flags |= PF_KTHREAD;
	task->nice = 0;
	return task;
}

struct task_struct *kthread_create(int (*fn)(void *data), void *data, const char *fmt, ...)
{
	struct task_struct *task = create(fn, data);
	va_list args;

	if (IS_ERR(task))
		return task;
	va_start(args, fmt);
	vsnprintf(task->comm, sizeof(task->comm), fmt, args);
	va_end(args);
	task_publish(task);
	return task;
}

struct task_struct *kthread_create_on_cpu(int (*fn)(void *data), void *data, unsigned int cpu,
					  const char *fmt)
{
	struct task_struct *task = create(fn, data);
	struct kthread *kthread;

	if (IS_ERR(task))
		return task;
	kthread = task->kthread;
	snprintf(task->comm, sizeof(task->comm), fmt, cpu);
	kthread_bind(task, cpu);
	task->flags |= PF_PER_CPU;
	spin_lock(&cpu_threads_lock);
	list_add_tail(&kthread->cpu_link, &cpu_threads);
	if (!cpumask_test_cpu(cpu, &cpus_with_threads))
		set_bit(KTHREAD_SHOULD_PARK, &kthread->bits);
	spin_unlock(&cpu_threads_lock);
	task_publish(task);
	return task;
}

void kthread_bind(struct task_struct *task, unsigned int cpu)
{
	if (WARN_ON_ONCE(task->nr_switches))
		return;
	task->flags |= PF_PINNED;
	task->cpu = cpu;
	task->cpus_allowed = cpumask_of(cpu);
	task->nr_cpus_allowed = 1;
}

void kthread_set_idle_class(struct task_struct *task)
{
	if (!WARN_ON_ONCE(task->nr_switches))
		task->class = SCHED_CLASS_IDLE;
}

void *kthread_data(const struct task_struct *task)
{
	return task->kthread->data;
}

bool kthread_should_stop(void)
{
	return test_bit(KTHREAD_SHOULD_STOP, &current->kthread->bits);
}

bool kthread_should_park(void)
{
	return test_bit(KTHREAD_SHOULD_PARK, &current->kthread->bits);
}

void kthread_parkme(void)
{
	struct kthread *kthread = current->kthread;

	for (;;) {
		set_current_state(TASK_PARKED);
		if (!test_bit(KTHREAD_SHOULD_PARK, &kthread->bits))
			break;
		complete(&kthread->parked);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

int kthread_park(struct task_struct *task)
{
	struct kthread *kthread = task->kthread;

	if (WARN_ON_ONCE(task == current) || test_bit(KTHREAD_HAS_ENDED, &kthread->bits))
		return -ENOSYS;
	reinit_completion(&kthread->parked);
	set_bit(KTHREAD_SHOULD_PARK, &kthread->bits);
	wake_up_process(task);
	wait_for_completion(&kthread->parked);
	return test_bit(KTHREAD_HAS_ENDED, &kthread->bits) ? -ENOSYS : 0;
}

void kthread_unpark(struct task_struct *task)
{
	clear_bit(KTHREAD_SHOULD_PARK, &task->kthread->bits);
	wake_up_state(task, TASK_PARKED);
}

int kthread_stop(struct task_struct *task)
{
	struct kthread *kthread = task->kthread;
	int result;

	get_task_struct(task);
	set_bit(KTHREAD_SHOULD_STOP, &kthread->bits);
	kthread_unpark(task);
	wake_up_process(task);
	wait_for_completion(&kthread->ended);
	result = kthread->result;
	put_task_struct(task);
	return result;
}

/* --- the threads of a CPU --- */

/* One of those of @cpu whose SHOULD_PARK is not as wanted, with a reference; NULL: none. */
static struct task_struct *next_cpu_thread(unsigned int cpu, bool parked)
{
	struct task_struct *found = NULL;
	struct kthread *kthread;

	spin_lock(&cpu_threads_lock);
	list_for_each_entry(kthread, &cpu_threads, cpu_link) {
		if (cpumask_test_cpu(cpu, &kthread->task->cpus_allowed) &&
		    test_bit(KTHREAD_SHOULD_PARK, &kthread->bits) != parked) {
			found = get_task_struct(kthread->task);
			break;
		}
	}
	spin_unlock(&cpu_threads_lock);
	return found;
}

static void kthreads_park_cpu(unsigned int cpu)
{
	struct task_struct *task;

	spin_lock(&cpu_threads_lock);
	cpumask_clear_cpu(cpu, &cpus_with_threads); /* for those that are made from now on */
	spin_unlock(&cpu_threads_lock);
	while ((task = next_cpu_thread(cpu, true))) {
		kthread_park(task);
		put_task_struct(task);
	}
}

static void kthreads_unpark_cpu(unsigned int cpu)
{
	struct task_struct *task;

	spin_lock(&cpu_threads_lock);
	cpumask_set_cpu(cpu, &cpus_with_threads);
	spin_unlock(&cpu_threads_lock);
	while ((task = next_cpu_thread(cpu, false))) {
		kthread_unpark(task);
		put_task_struct(task);
	}
}

static int park_step(unsigned int cpu)
{
	kthreads_park_cpu(cpu);
	/* Some stay until their next schedule(); the parked ones are on their last way out. */
	while (!sched_cpu_is_empty(cpu))
		usleep(100);
	return 0;
}

static int unpark_step(unsigned int cpu)
{
	kthreads_unpark_cpu(cpu);
	return 0;
}

static const struct cpuhp_ops kthreads_step = {
	.name = "kthreads",
	.startup = unpark_step,
	.teardown = park_step,
};

__init void kthread_init(void)
{
	cpuhp_register(CPUHP_KTHREADS, &kthreads_step);
}
