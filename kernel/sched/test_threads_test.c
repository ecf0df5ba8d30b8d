/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads for the tests of the scheduler. */
#include <oshit/boot_param.h>
#include <oshit/task.h>

#include "sched_test.h"

unsigned long sched_test_rounds = IS_ENABLED(CONFIG_LOCKDEP) ? 2000 : 20000;

BOOT_PARAM_NUMBER("sched_test_rounds", sched_test_rounds);

unsigned int test_nr_cpus(void)
{
	return cpumask_weight(&cpu_active_mask);
}

unsigned int test_cpu(unsigned int nr)
{
	unsigned int cpu;

	nr %= test_nr_cpus();
	for_each_cpu(cpu, &cpu_active_mask) {
		if (nr-- == 0)
			return cpu;
	}
	return 0;
}

struct test_thread *test_thread_new(struct test *t, struct test_threads *all, int (*fn)(void *data))
{
	struct test_thread *thread = &all->threads[all->nr];

	*thread = (struct test_thread){ .all = all, .nr = all->nr };
	thread->task = kthread_create(fn, thread, "test/%u", all->nr);
	if (IS_ERR(thread->task)) {
		test_fail(t, __FILE__, __LINE__, "no memory for a thread");
		return NULL;
	}
	get_task_struct(thread->task);
	all->nr++;
	return thread;
}

struct test_thread *test_thread_new_on(struct test *t, struct test_threads *all,
				       int (*fn)(void *data), unsigned int cpu)
{
	struct test_thread *thread = test_thread_new(t, all, fn);
	struct cpumask mask = { 0 };

	if (!thread)
		return NULL;
	cpumask_set_cpu(cpu, &mask);
	set_cpus_allowed(thread->task, &mask);
	return thread;
}

void test_threads_start(struct test_threads *all)
{
	for (unsigned int i = 0; i < all->nr; i++)
		wake_up_process(all->threads[i].task);
}

void test_threads_stop(struct test *t, struct test_threads *all)
{
	WRITE_ONCE(all->stop, true);
	for (unsigned int i = 0; i < all->nr; i++) {
		kthread_stop(all->threads[i].task);
		if (all->threads[i].failed)
			test_fail(t, __FILE__, __LINE__, "thread %u failed", i);
	}
	/* Only now: up to their ends they may wake each other. */
	for (unsigned int i = 0; i < all->nr; i++)
		put_task_struct(all->threads[i].task);
	all->nr = 0;
	all->stop = false;
}
