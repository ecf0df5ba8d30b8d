/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the scheduler share. */
#ifndef SCHED_TEST_H
#define SCHED_TEST_H

#include <oshit/kthread.h>
#include <oshit/test.h>

#define TEST_MAX_THREADS 20

/* Threads of a test, ended all together.  Each one's data is its struct test_thread. */
struct test_thread {
	struct task_struct *task;
	struct test_threads *all;
	unsigned int nr; /* of this one */
	unsigned long count; /* for the thread */
	u64 ns, stall_ns, switches; /* for the thread */
	bool failed; /* set by the thread */
};

struct test_threads {
	unsigned int nr;
	bool stop; /* the threads look at it */
	struct test_thread threads[TEST_MAX_THREADS];
};

/* Makes a thread that has not run yet; fails the test and returns NULL if there is no memory. */
struct test_thread *test_thread_new(struct test *t, struct test_threads *all,
				    int (*fn)(void *data));
/* Those that are on no CPU but @cpu. */
struct test_thread *test_thread_new_on(struct test *t, struct test_threads *all,
				       int (*fn)(void *data), unsigned int cpu);
void test_threads_start(struct test_threads *all);
/* Sets ->stop, waits for the end of all, and fails the test for those that have failed. */
void test_threads_stop(struct test *t, struct test_threads *all);

/* The @nr-th active CPU, counted round. */
unsigned int test_cpu(unsigned int nr);
unsigned int test_nr_cpus(void);

/* How often the long loops turn: `sched_test_rounds=`. */
extern unsigned long sched_test_rounds;

/* With CONFIG_PREEMPT_NONE a thread that computes must let others run. */
static inline void test_let_others_run(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_NONE))
		cond_resched();
}

#endif
