/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads of a selftest that run at once and look for what must not be.  Who finds it says
 * note_bad(); the case fails when all have ended.
 */
#ifndef SELFTEST_THREADS_H
#define SELFTEST_THREADS_H

#include <pthread.h>

#include "selftest.h"

#define NR_THREADS 4

static volatile int nr_bad;

/* Any thread. */
static inline void note_bad(bool bad)
{
	if (bad)
		__atomic_add_fetch(&nr_bad, 1, __ATOMIC_SEQ_CST);
}

/* @fn in NR_THREADS threads, which get their numbers, until all have ended. */
static inline void run_threads(struct test *t, void *(*fn)(void *))
{
	pthread_t threads[NR_THREADS];

	nr_bad = 0;
	for (long i = 0; i < NR_THREADS; i++)
		REQUIRE(t, pthread_create(&threads[i], NULL, fn, (void *)i) == 0);
	for (int i = 0; i < NR_THREADS; i++)
		REQUIRE(t, pthread_join(threads[i], NULL) == 0);
	EXPECT_EQ(t, nr_bad, 0);
}

#endif
