/* SPDX-License-Identifier: GPL-2.0-only */
/* Slabs used on several CPUs at once: objects change hands, stocks are drained from afar. */
#include <host.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/test.h>

#include <oshit/test_random.h>

#define NR_THREADS 4
#define NR_SHARED  64
#define NR_STEPS   50000UL

static struct kmem_cache *cache;

/* Slots that all CPUs take from and put into: who finds an object frees it. */
static u64 *shared[NR_SHARED];
static unsigned int nr_bad[NR_THREADS];

static void stress_step(unsigned int cpu, struct test_random *random)
{
	u64 *object = kmem_cache_alloc(cache, GFP_KERNEL);
	size_t i = test_random_below(random, NR_SHARED);

	if (object)
		object[0] = object[3] = test_random_next(random);
	object = __atomic_exchange_n(&shared[i], object, __ATOMIC_ACQ_REL);
	if (!object)
		return;
	nr_bad[cpu] += object[0] != object[3];
	object[0] = ~object[3];
	kmem_cache_free(cache, object);
}

static void stress_one_cpu(unsigned int cpu)
{
	struct test_random random = { .state = 0x9876543 + cpu };

	for (unsigned long step = 0; step < NR_STEPS; step++) {
		stress_step(cpu, &random);
		if (test_random_below(&random, 256) == 0)
			kmem_cache_shrink(cache);
	}
}

static void objects_change_hands_between_cpus(struct test *t)
{
	struct kmem_cache_info info;

	cache = kmem_cache_create("shared", 4 * sizeof(u64), 0, 0, NULL);
	ASSERT_TRUE(t, cache != NULL);
	host_run_on_cpus(NR_THREADS, stress_one_cpu);
	for (size_t cpu = 0; cpu < NR_THREADS; cpu++)
		EXPECT_EQ(t, nr_bad[cpu], 0U);
	for (size_t i = 0; i < NR_SHARED; i++)
		kmem_cache_free(cache, shared[i]);
	kmem_cache_info_get(cache, &info);
	EXPECT_EQ(t, info.nr_objects, 0UL);
	test_note(t, "%lu steps on each of %u CPUs, the lock was taken %lu times", NR_STEPS,
		  NR_THREADS, info.nr_batches);
	kmem_cache_destroy(cache); /* with what the other CPUs keep */
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

static void use_on_cpu_1(unsigned int cpu)
{
	void *objects[8];

	if (cpu != 1)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		kmem_cache_free(cache, objects[i]);
	__free_page(alloc_page(GFP_KERNEL));
}

static unsigned long count_on_cpus(void)
{
	struct kmem_cache_info info;

	kmem_cache_info_get(cache, &info);
	return info.nr_on_cpus;
}

static void free_one_on_cpu_1(unsigned int cpu)
{
	if (cpu == 1)
		kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
}

/* It keeps no more than what its next call brings: the object, or a new batch. */
static void another_cpu_returns_its_objects_when_asked(struct test *t)
{
	struct kmem_cache_info info;
	unsigned long before;

	cache = kmem_cache_create("asked", 64, 0, 0, NULL);
	ASSERT_TRUE(t, cache != NULL);
	host_run_on_cpus(2, use_on_cpu_1);
	before = count_on_cpus();
	EXPECT_GT(t, before, 1UL);
	kmem_cache_shrink(cache);
	EXPECT_EQ(t, count_on_cpus(), before);
	kmem_cache_info_get(cache, &info);
	host_run_on_cpus(2, free_one_on_cpu_1);
	before = info.nr_batches;
	kmem_cache_info_get(cache, &info);
	EXPECT_GE(t, info.nr_batches, before + 2); /* emptied, and filled again */
	kmem_cache_destroy(cache);
}

static void alloc_page_on_cpu_1(unsigned int cpu)
{
	if (cpu == 1)
		__free_pages(alloc_pages(GFP_KERNEL, 0), 0);
}

static void another_cpu_returns_its_pages_when_asked(struct test *t)
{
	struct page_counts counts;
	unsigned long batches;

	cache = kmem_cache_create("asked", 64, 0, 0, NULL);
	ASSERT_TRUE(t, cache != NULL);
	host_run_on_cpus(2, use_on_cpu_1);
	drain_all_pages();
	page_counts_get(&counts);
	EXPECT_GT(t, counts.nr_on_cpus, 0UL);
	batches = zones[0].nr_batches + zones[1].nr_batches;
	host_run_on_cpus(2, alloc_page_on_cpu_1);
	EXPECT_GE(t, zones[0].nr_batches + zones[1].nr_batches, batches + 2);
	kmem_cache_destroy(cache);
}

static void stock_of_a_dead_cpu_returns(struct test *t)
{
	struct page_counts counts;

	cache = kmem_cache_create("dead", 64, 0, 0, NULL);
	ASSERT_TRUE(t, cache != NULL);
	host_run_on_cpus(2, use_on_cpu_1);
	EXPECT_GT(t, count_on_cpus(), 0UL);
	kmem_cache_cpu_dead(1);
	EXPECT_EQ(t, count_on_cpus(), 0UL);
	drain_local_pages();
	for (unsigned int cpu = 1; cpu < NR_THREADS; cpu++)
		drain_dead_cpu_pages(cpu);
	page_counts_get(&counts);
	EXPECT_EQ(t, counts.nr_on_cpus, 0UL);
	kmem_cache_destroy(cache);
}

static const struct test_case slab_cpus_cases[] = {
	TEST_CASE(objects_change_hands_between_cpus),
	TEST_CASE(another_cpu_returns_its_objects_when_asked),
	TEST_CASE(another_cpu_returns_its_pages_when_asked),
	TEST_CASE(stock_of_a_dead_cpu_returns),
};
TEST_SUITE(slab_cpus, slab_cpus_cases);
