/* SPDX-License-Identifier: GPL-2.0-only */
/* vmalloc under random load, on one CPU and on several; every page is accounted for at the end. */
#include <host.h>
#include <oshit/gfp.h>
#include <oshit/kernel_stack.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/percpu.h>
#include <oshit/shrinker.h>
#include <oshit/sizes.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>
#include <oshit/vmalloc.h>

#include "vmalloc_machine.h"

#define NR_STEPS       1000000
#define NR_CPU_STEPS   25000
#define NR_CPUS_LOADED 4
#define MAX_HELD       20000

struct state {
	struct vmalloc_counts areas;
	struct page_counts pages;
	unsigned long nr_tables;
};

static void state_get(struct state *state)
{
	/* The stock of tables is as full as it gets. */
	iounmap(ioremap((1UL << 41) + PAGE_SIZE, MIB(64)));
	kernel_stack_drain();
	for (unsigned int cpu = 1; cpu < NR_CPUS_LOADED; cpu++) {
		kernel_stack_drain_dead_cpu(cpu);
		kmem_cache_cpu_dead(cpu);
		drain_dead_cpu_pages(cpu);
	}
	shrink_caches(GFP_KERNEL, ~0UL);
	drain_local_pages();
	vmalloc_counts_get(&state->areas);
	page_counts_get(&state->pages);
	state->nr_tables = vmalloc_machine_tables();
}

static void state_check(struct test *t, const struct state *before)
{
	struct state now;

	state_get(&now);
	EXPECT_EQ(t, now.areas.nr_areas, before->areas.nr_areas);
	EXPECT_EQ(t, now.areas.nr_pages, before->areas.nr_pages);
	EXPECT_EQ(t, now.pages.nr_free, before->pages.nr_free);
	EXPECT_EQ(t, now.nr_tables, before->nr_tables);
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

static void random_load_keeps_areas_apart(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x6c6f6164);
	static struct vmalloc_load load;
	struct state before;

	state_get(&before);
	for (int step = 0; step < NR_STEPS && !load.error; step++)
		vmalloc_load_step(&load, (u32)test_random_next(&random));
	vmalloc_load_end(&load);
	EXPECT_STREQ(t, load.error ?: "", "");
	test_note(t, "%d steps", NR_STEPS);
	state_check(t, &before);
}

static struct vmalloc_load cpu_loads[NR_CPUS_LOADED];

/* Each cache gets its stock on each CPU, while there is memory. */
static void use_all_caches(unsigned int cpu __maybe_unused)
{
	for (size_t size = 1; size <= KMALLOC_MAX_CACHE_SIZE; size += KMALLOC_MIN_SIZE)
		kfree(kmalloc(size, GFP_KERNEL));
	vfree(vmalloc(PAGE_SIZE));
}

static void load_one_cpu(unsigned int cpu)
{
	struct test_random random = { .state = 0xc0ffee + cpu };

	for (int step = 0; step < NR_CPU_STEPS && !cpu_loads[cpu].error; step++)
		vmalloc_load_step(&cpu_loads[cpu], (u32)test_random_next(&random));
	vmalloc_load_end(&cpu_loads[cpu]);
}

static void cpus_share_the_addresses(struct test *t)
{
	struct state before;

	test_note(t, "seeds from 0xc0ffee on, %d steps each", NR_CPU_STEPS);
	host_run_on_cpus(NR_CPUS_LOADED, use_all_caches);
	state_get(&before);
	host_run_on_cpus(NR_CPUS_LOADED, load_one_cpu);
	for (unsigned int cpu = 0; cpu < NR_CPUS_LOADED; cpu++)
		EXPECT_STREQ(t, cpu_loads[cpu].error ?: "", "");
	state_check(t, &before);
}

/* With every number of free pages up to what a call needs: it fails, and loses nothing. */
static void allocation_that_fails_anywhere_gives_all_back(struct test *t)
{
	static struct page *held[MAX_HELD];
	struct page_counts start, now;
	unsigned long nr_held = 0, nr_failed = 0;
	struct state before;
	void *memory;

	state_get(&before);
	while (nr_held < MAX_HELD && (held[nr_held] = alloc_page(__GFP_MEMALLOC | __GFP_NOWARN)))
		nr_held++;
	ASSERT_LT(t, nr_held, MAX_HELD);
	for (int i = 0; i < 600; i++) {
		__free_page(held[--nr_held]);
		page_counts_get(&start);
		memory = __vmalloc(MIB(1), GFP_KERNEL | __GFP_NOWARN | __GFP_MEMALLOC);
		nr_failed += !memory;
		vfree(memory);
		page_counts_get(&now);
		/* The stock of tables and the cache of areas may keep some. */
		EXPECT_LE(t, now.nr_free, start.nr_free);
		EXPECT_GE(t, now.nr_free + 16, start.nr_free);
	}
	EXPECT_GT(t, nr_failed, 200UL);
	EXPECT_LT(t, nr_failed, 600UL);
	while (nr_held)
		__free_page(held[--nr_held]);
	state_check(t, &before);
}

static const struct test_case vmalloc_load_cases[] = {
	TEST_CASE(random_load_keeps_areas_apart),
	TEST_CASE(cpus_share_the_addresses),
	TEST_CASE(allocation_that_fails_anywhere_gives_all_back),
};
TEST_SUITE(vmalloc_load, vmalloc_load_cases);
