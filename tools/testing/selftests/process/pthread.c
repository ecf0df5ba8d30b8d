/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads as programs use them, by the C library: mutexes of all kinds, condition variables,
 * barriers, read-write locks, semaphores, and a thousand threads at once.
 */
#include <pthread.h>
#include <semaphore.h>

#include "selftest.h"

#define NR_THREADS 8

static void start(struct test *t, pthread_t *threads, int nr, void *(*fn)(void *))
{
	for (intptr_t i = 0; i < nr; i++)
		REQUIRE(t, pthread_create(&threads[i], NULL, fn, (void *)i) == 0);
}

static void join(pthread_t *threads, int nr)
{
	for (int i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
}

/* --- mutexes */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned long count;

static void *count_under_mutex(void *arg __maybe_unused)
{
	for (unsigned int i = 0; i < 3000; i++) {
		pthread_mutex_lock(&mutex);
		count++;
		if (i % 64 == 0)
			sched_yield();
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void mutex_excludes(struct test *t)
{
	pthread_t threads[NR_THREADS];

	start(t, threads, NR_THREADS, count_under_mutex);
	join(threads, NR_THREADS);
	EXPECT_EQ(t, count, (unsigned long)NR_THREADS * 3000);
}

static void kinds_of_mutexes_say_what_is_wrong(struct test *t)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t checked, recursive;
	struct timespec until = from_ns(now_ns(CLOCK_REALTIME) + 20000000);

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&checked, &attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&recursive, &attr);
	EXPECT_EQ(t, pthread_mutex_unlock(&checked), EPERM);
	EXPECT_EQ(t, pthread_mutex_lock(&checked), 0);
	EXPECT_EQ(t, pthread_mutex_lock(&checked), EDEADLK);
	EXPECT_EQ(t, pthread_mutex_unlock(&checked), 0);
	EXPECT_EQ(t, pthread_mutex_lock(&recursive), 0);
	EXPECT_EQ(t, pthread_mutex_lock(&recursive), 0);
	EXPECT_EQ(t, pthread_mutex_unlock(&recursive), 0);
	EXPECT_EQ(t, pthread_mutex_unlock(&recursive), 0);
	EXPECT_EQ(t, pthread_mutex_lock(&mutex), 0);
	EXPECT_EQ(t, pthread_mutex_timedlock(&mutex, &until), ETIMEDOUT);
	EXPECT_GE(t, now_ns(CLOCK_REALTIME), to_ns(&until));
	EXPECT_EQ(t, pthread_mutex_unlock(&mutex), 0);
}

static pthread_mutex_t *new_robust_mutex(struct test *t)
{
	pthread_mutex_t *robust =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attr;

	REQUIRE(t, robust != MAP_FAILED);
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	REQUIRE(t, pthread_mutex_init(robust, &attr) == 0);
	return robust;
}

static void *lock_and_end(void *robust)
{
	pthread_mutex_lock(robust);
	return NULL;
}

static void robust_mutex_outlives_thread_and_process(struct test *t)
{
	pthread_mutex_t *robust = new_robust_mutex(t);
	pthread_t thread;
	pid_t child;

	REQUIRE(t, pthread_create(&thread, NULL, lock_and_end, robust) == 0);
	pthread_join(thread, NULL);
	EXPECT_EQ(t, pthread_mutex_lock(robust), EOWNERDEAD);
	EXPECT_EQ(t, pthread_mutex_consistent(robust), 0);
	EXPECT_EQ(t, pthread_mutex_unlock(robust), 0);
	child = fork();
	if (!child) {
		pthread_mutex_lock(robust);
		raise(SIGKILL);
	}
	EXPECT_KILLED(t, wait_for(t, child), SIGKILL);
	EXPECT_EQ(t, pthread_mutex_lock(robust), EOWNERDEAD);
	EXPECT_EQ(t, pthread_mutex_unlock(robust), 0); /* not made consistent */
	EXPECT_EQ(t, pthread_mutex_lock(robust), ENOTRECOVERABLE);
}

/* --- condition variables: a queue of limited length */

static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static int queue[4], queue_length, nr_put, nr_got;
static long sum_got;

static void *produce(void *arg __maybe_unused)
{
	for (int i = 0; i < (int)rounds(1000, 500); i++) {
		pthread_mutex_lock(&mutex);
		while (queue_length == 4)
			pthread_cond_wait(&not_full, &mutex);
		queue[queue_length++] = i;
		nr_put++;
		if (i % 2)
			pthread_cond_signal(&not_empty);
		else
			pthread_cond_broadcast(&not_empty);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void *consume(void *arg __maybe_unused)
{
	for (int i = 0; i < (int)rounds(1000, 500); i++) {
		pthread_mutex_lock(&mutex);
		while (queue_length == 0)
			pthread_cond_wait(&not_empty, &mutex);
		sum_got += queue[--queue_length];
		nr_got++;
		pthread_mutex_unlock(&mutex);
		pthread_cond_signal(&not_full);
	}
	return NULL;
}

static void condition_variables_lose_nothing(struct test *t)
{
	pthread_t producers[4], consumers[4];
	long nr = rounds(1000, 500);

	start(t, producers, 4, produce);
	start(t, consumers, 4, consume);
	join(producers, 4);
	join(consumers, 4);
	EXPECT_EQ(t, nr_put, 4 * nr);
	EXPECT_EQ(t, nr_got, 4 * nr);
	EXPECT_EQ(t, sum_got, 4 * (nr * (nr - 1) / 2));
}

static void condition_variables_end_in_time(struct test *t)
{
	pthread_condattr_t attr;
	pthread_cond_t monotonic;
	struct timespec until = from_ns(now_ns(CLOCK_REALTIME) + 20000000);

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&monotonic, &attr);
	pthread_mutex_lock(&mutex);
	EXPECT_EQ(t, pthread_cond_timedwait(&not_full, &mutex, &until), ETIMEDOUT);
	EXPECT_GE(t, now_ns(CLOCK_REALTIME), to_ns(&until));
	until = from_ns(now_ns(CLOCK_MONOTONIC) + 20000000);
	EXPECT_EQ(t, pthread_cond_timedwait(&monotonic, &mutex, &until), ETIMEDOUT);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC), to_ns(&until));
	pthread_mutex_unlock(&mutex);
}

/* --- barriers, read-write locks, semaphores */

static pthread_barrier_t barrier;
static unsigned int arrived[NR_THREADS], nr_early, nr_serial;

static void *meet_at_barrier(void *arg)
{
	intptr_t self = (intptr_t)arg;

	for (unsigned int i = 1; i <= 200; i++) {
		__atomic_store_n(&arrived[self], i, __ATOMIC_RELEASE);
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_fetch_add(&nr_serial, 1, __ATOMIC_RELAXED);
		for (int k = 0; k < NR_THREADS; k++)
			if (__atomic_load_n(&arrived[k], __ATOMIC_ACQUIRE) < i)
				__atomic_fetch_add(&nr_early, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void nobody_passes_a_barrier_early(struct test *t)
{
	pthread_t threads[NR_THREADS];

	REQUIRE(t, pthread_barrier_init(&barrier, NULL, NR_THREADS) == 0);
	start(t, threads, NR_THREADS, meet_at_barrier);
	join(threads, NR_THREADS);
	EXPECT_EQ(t, nr_early, 0);
	EXPECT_EQ(t, nr_serial, 200);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static volatile long left, right;
static unsigned int nr_unequal;

static void *read_or_write(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg + 1;

	for (unsigned int i = 0; i < rounds(2000, 1000); i++) {
		if (next_random(&seed) % 4) {
			pthread_rwlock_rdlock(&rwlock);
			if (left != right)
				__atomic_fetch_add(&nr_unequal, 1, __ATOMIC_RELAXED);
		} else {
			pthread_rwlock_wrlock(&rwlock);
			left++;
			right++;
		}
		pthread_rwlock_unlock(&rwlock);
	}
	return NULL;
}

static void readers_see_no_half_write(struct test *t)
{
	pthread_t threads[NR_THREADS];

	start(t, threads, NR_THREADS, read_or_write);
	join(threads, NR_THREADS);
	EXPECT_EQ(t, nr_unequal, 0);
	EXPECT_EQ(t, left, right);
}

static sem_t semaphore;
static int nr_inside, nr_too_many;

static void *enter_and_leave(void *arg __maybe_unused)
{
	for (unsigned int i = 0; i < 500; i++) {
		while (sem_wait(&semaphore))
			;
		if (__atomic_add_fetch(&nr_inside, 1, __ATOMIC_SEQ_CST) > 3)
			__atomic_fetch_add(&nr_too_many, 1, __ATOMIC_RELAXED);
		__atomic_sub_fetch(&nr_inside, 1, __ATOMIC_SEQ_CST);
		sem_post(&semaphore);
	}
	return NULL;
}

static void semaphore_lets_three_in(struct test *t)
{
	pthread_t threads[NR_THREADS];

	sem_init(&semaphore, 0, 3);
	start(t, threads, NR_THREADS, enter_and_leave);
	join(threads, NR_THREADS);
	EXPECT_EQ(t, nr_too_many, 0);
}

/* --- a thousand */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int nr_once, nr_waiting;
static bool go;

static void count_once(void)
{
	nr_once++;
}

static void *wait_for_go(void *arg)
{
	pthread_once(&once, count_once);
	pthread_mutex_lock(&mutex);
	nr_waiting++;
	pthread_cond_signal(&not_full);
	while (!go)
		pthread_cond_wait(&not_empty, &mutex);
	nr_waiting--;
	pthread_mutex_unlock(&mutex);
	return arg;
}

static void a_thousand_threads_wait_for_one_word(struct test *t)
{
	static pthread_t threads[1000];
	int nr = (int)rounds(200, 1000);
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (intptr_t i = 0; i < nr; i++)
		REQUIRE(t, pthread_create(&threads[i], &attr, wait_for_go, (void *)i) == 0);
	pthread_mutex_lock(&mutex);
	while (nr_waiting < nr)
		pthread_cond_wait(&not_full, &mutex);
	go = true;
	pthread_cond_broadcast(&not_empty);
	pthread_mutex_unlock(&mutex);
	for (intptr_t i = 0; i < nr; i++) {
		void *result = NULL;

		EXPECT_EQ(t, pthread_join(threads[i], &result), 0);
		EXPECT_EQ(t, (intptr_t)result, i);
	}
	EXPECT_EQ(t, nr_waiting, 0);
	EXPECT_EQ(t, nr_once, 1);
}

static const struct test_case pthread_cases[] = {
	TEST_CASE(mutex_excludes),
	TEST_CASE(kinds_of_mutexes_say_what_is_wrong),
	TEST_CASE(robust_mutex_outlives_thread_and_process),
	TEST_CASE(condition_variables_lose_nothing),
	TEST_CASE(condition_variables_end_in_time),
	TEST_CASE(nobody_passes_a_barrier_early),
	TEST_CASE(readers_see_no_half_write),
	TEST_CASE(semaphore_lets_three_in),
	TEST_CASE(a_thousand_threads_wait_for_one_word),
};
TEST_SUITE(pthread, pthread_cases);
SELFTEST_NO_HELPER
