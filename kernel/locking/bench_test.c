/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What locks cost, and how work on them grows with the number of CPUs.  Not a test: it measures,
 * and only if `lock_bench_ms=` says for how many milliseconds each number is to be taken.
 */
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/cpumask.h>
#include <oshit/gfp.h>
#include <oshit/kthread.h>
#include <oshit/math.h>
#include <oshit/mutex.h>
#include <oshit/rwsem.h>
#include <oshit/slab.h>
#include <oshit/test.h>

#define MAX_THREADS 4
#define NR_PAIRS    20000

static unsigned long bench_ms;

BOOT_PARAM_NUMBER("lock_bench_ms", bench_ms);

static struct bench_thread { /* its own, but for the test after its end */
	unsigned long rounds;
} __aligned(64) threads[MAX_THREADS];
static bool starts, stops;

static DEFINE_RAW_SPINLOCK(raw_lock);
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);
static DECLARE_RWSEM(sem);
static unsigned long shared[8]; /* what the locks protect */

static void touch_shared(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++)
		WRITE_ONCE(shared[i], shared[i] + 1);
}

/* --- one round of each kind --- */

static void round_own(void)
{
	unsigned long own[8] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		WRITE_ONCE(own[i], own[i] + 1);
}

static void round_spin(void)
{
	spin_lock(&lock);
	touch_shared();
	spin_unlock(&lock);
}

static void round_mutex(void)
{
	mutex_lock(&mutex);
	touch_shared();
	mutex_unlock(&mutex);
}

static void round_read(void)
{
	down_read(&sem);
	barrier();
	up_read(&sem);
}

static struct kmem_cache *cache;

static void round_object(void)
{
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	if (object)
		kmem_cache_free(cache, object);
}

static void round_pages(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 2);

	if (page)
		__free_pages(page, 2);
}

static const struct {
	const char *name;
	void (*round)(void);
} loads[] = {
	{ "own memory", round_own },	  { "spinlock", round_spin },
	{ "mutex", round_mutex },	  { "rwsem, reading", round_read },
	{ "slab objects", round_object }, { "pages of order 2", round_pages },
};

static unsigned int load; /* constant while threads run */

static int bench_thread(void *data)
{
	struct bench_thread *thread = data;

	while (!READ_ONCE(starts))
		yield();
	while (!READ_ONCE(stops)) {
		for (int i = 0; i < 16; i++)
			loads[load].round();
		thread->rounds += 16;
		cond_resched();
	}
	while (!kthread_should_stop())
		usleep(100);
	return 0;
}

/* Rounds in a millisecond of @nr threads, each on a CPU of its own. */
static unsigned long rounds_per_ms(unsigned int nr)
{
	struct task_struct *tasks[MAX_THREADS];
	unsigned long sum = 0;
	unsigned int i;
	u64 start_ns;

	starts = stops = false;
	for (i = 0; i < nr; i++) {
		threads[i].rounds = 0;
		tasks[i] = kthread_create(bench_thread, &threads[i], "bench/%u", i);
		if (IS_ERR(tasks[i]))
			break;
		kthread_bind(tasks[i], i);
		wake_up_process(tasks[i]);
	}
	WRITE_ONCE(starts, true);
	start_ns = clock_ns();
	msleep(bench_ms);
	WRITE_ONCE(stops, true);
	start_ns = clock_ns() - start_ns;
	while (i-- > 0) {
		kthread_stop(tasks[i]);
		sum += threads[i].rounds;
	}
	return sum * NSEC_PER_MSEC / start_ns;
}

static void throughput_with_threads(struct test *t)
{
	unsigned int cpus = cpumask_weight(&cpu_online_mask);

	if (!bench_ms)
		return test_skip(t, "no lock_bench_ms=");
	cache = kmem_cache_create("bench", 256, 0, 0, NULL);
	ASSERT_TRUE(t, cache != NULL);
	for (load = 0; load < ARRAY_SIZE(loads); load++) {
		unsigned long one = rounds_per_ms(1);
		unsigned long two = cpus > 1 ? rounds_per_ms(2) : 0;
		unsigned long four = cpus > 3 ? rounds_per_ms(4) : 0;

		test_note(t, "%s: rounds a ms: 1 thread %lu, 2 threads %lu, 4 threads %lu",
			  loads[load].name, one, two, four);
	}
	kmem_cache_destroy(cache);
}

/* Nobody else wants the lock. */
static void cost_of_a_free_lock(struct test *t)
{
	u64 times[5];

	if (!bench_ms)
		return test_skip(t, "no lock_bench_ms=");
	times[0] = clock_ns();
	for (int i = 0; i < NR_PAIRS; i++) {
		raw_spin_lock(&raw_lock);
		raw_spin_unlock(&raw_lock);
	}
	times[1] = clock_ns();
	for (int i = 0; i < NR_PAIRS; i++) {
		spin_lock(&lock);
		spin_unlock(&lock);
	}
	times[2] = clock_ns();
	for (int i = 0; i < NR_PAIRS; i++) {
		mutex_lock(&mutex);
		mutex_unlock(&mutex);
	}
	times[3] = clock_ns();
	for (int i = 0; i < NR_PAIRS; i++)
		round_read();
	times[4] = clock_ns();
	test_note(t, "ns a pair: raw_spinlock %lu, spinlock %lu, mutex %lu, rwsem for reading %lu",
		  (times[1] - times[0]) / NR_PAIRS, (times[2] - times[1]) / NR_PAIRS,
		  (times[3] - times[2]) / NR_PAIRS, (times[4] - times[3]) / NR_PAIRS);
}

static const struct test_case lock_bench_cases[] = {
	TEST_CASE(cost_of_a_free_lock),
	TEST_CASE(throughput_with_threads),
};
TEST_SUITE(lock_bench, lock_bench_cases);
