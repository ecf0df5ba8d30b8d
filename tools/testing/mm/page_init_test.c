/* SPDX-License-Identifier: GPL-2.0-only */
/* Booting the page allocator on machines of many shapes, and using it on several CPUs. */
#include <host.h>
#include <oshit/bitmap.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/memblock.h>
#include <oshit/mmzone.h>
#include <oshit/sizes.h>
#include <oshit/test.h>

#include <oshit/test_random.h>
#include "boot_mm.h"

static const struct boot_range machine_8m[] = { { 0, MIB(8), BOOT_RANGE_RAM }, { 0 } };
static const struct boot_range machine_256m[] = { { 0, MIB(256), BOOT_RANGE_RAM }, { 0 } };
static const struct boot_range machine_64g[] = {
	{ 0, GIB(3), BOOT_RANGE_RAM },
	{ GIB(4), GIB(61), BOOT_RANGE_RAM },
	{ 0 },
};

static size_t count_written(void)
{
	return bitmap_weight(page_blocks_written, DIV_ROUND_UP(max_pfn, BLOCK_PAGES));
}

/* Every whole page that was free in memblock is free now, and no other. */
static void check_accounting(struct test *t)
{
	struct memblock_region range;
	struct page_counts counts;
	unsigned long nr = 0;

	for (phys_addr_t pos = PAGE_SIZE; memblock_next_free(pos, &range); pos = range.end) {
		unsigned long first = DIV_ROUND_UP(range.start, PAGE_SIZE);
		unsigned long end = range.end / PAGE_SIZE;

		nr += first < end ? end - first : 0;
	}
	page_counts_get(&counts);
	EXPECT_EQ(t, counts.nr_free, nr);
	EXPECT_EQ(t, counts.nr_managed, nr);
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

static void every_free_page_is_handed_over(struct test *t)
{
	boot_mm(machine_8m);
	check_accounting(t);
	boot_mm(machine_256m);
	check_accounting(t);
	boot_mm(usual_machine);
	check_accounting(t);
}

static void large_machine_writes_few_entries(struct test *t)
{
	u64 start = host_time_ns(), small, large;
	size_t nr_small;

	boot_mm(machine_256m);
	small = host_time_ns() - start;
	nr_small = count_written();
	start = host_time_ns();
	boot_mm(machine_64g);
	large = host_time_ns() - start;
	check_accounting(t);
	test_note(t, "256 MiB: %lu blocks written, %lu us; 64 GiB: %lu, %lu us", nr_small,
		  small / 1000, count_written(), large / 1000);
	EXPECT_LE(t, count_written(), nr_small + 4);
	boot_mm(usual_machine);
}

static void overhead_is_under_the_bound(struct test *t)
{
	struct page_counts counts;

	boot_mm(machine_256m);
	page_counts_get(&counts);
	/* 1.8 % of 256 MiB, and what boot_mm() reserves as the kernel image, and page 0. */
	EXPECT_GT(t, counts.nr_free, (MIB(256) - MIB(256) / 1000 * 18 - MIB(1)) / PAGE_SIZE - 2);
	boot_mm(usual_machine);
}

static struct page *take_all(struct test *t)
{
	struct page *list = NULL, *page;

	while ((page = alloc_page(__GFP_MEMALLOC | __GFP_NOWARN))) {
		EXPECT_TRUE(t, memblock_is_memory(page_to_phys(page)));
		EXPECT_FALSE(t, memblock_is_reserved(page_to_phys(page)));
		page->private = (unsigned long)list;
		list = page;
	}
	return list;
}

static void give_all(struct page *list)
{
	struct page *page;

	while ((page = list)) {
		list = (struct page *)page->private;
		__free_page(page);
	}
	drain_local_pages();
}

static void random_machines_boot_and_work(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x6d616368696e65UL);
	struct boot_range ranges[12] = { { 0 } };

	for (size_t round = 0; round < 50 && !t->nr_failures; round++) {
		size_t nr = 1 + test_random_below(&random, ARRAY_SIZE(ranges) - 2);

		ranges[0] = (struct boot_range){ MIB(1), MIB(12), BOOT_RANGE_RAM };
		for (size_t i = 1; i < nr; i++) {
			ranges[i].start = test_random_below(&random, MIB(96));
			ranges[i].size = 1 + test_random_below(&random, MIB(12));
		}
		ranges[nr].size = 0;
		boot_mm(ranges);
		check_accounting(t);
		give_all(take_all(t));
		check_accounting(t);
	}
	boot_mm(usual_machine);
}

static void reserved_memory_can_be_freed_later(struct test *t)
{
	struct page_counts before, after;

	boot_mm(machine_256m);
	page_counts_get(&before);
	EXPECT_EQ(t, free_reserved_range(MIB(2) + 1, MIB(3)), MIB(1) / PAGE_SIZE - 1);
	page_counts_get(&after);
	EXPECT_EQ(t, after.nr_free, before.nr_free + MIB(1) / PAGE_SIZE - 1);
	EXPECT_EQ(t, page_alloc_verify(), 0U);
	boot_mm(usual_machine);
}

#define NR_THREADS	4
#define NR_HELD		64
#define NR_STRESS_STEPS 50000UL
static unsigned int nr_bad[NR_THREADS];

static unsigned int order_of(size_t i)
{
	return i % 8 ? 0 : i / 8 % 4;
}

static void stress_step(unsigned int cpu, size_t i, struct page **held)
{
	u64 mark = (u64)cpu << 32 | i;

	if (*held) {
		nr_bad[cpu] += ((u64 *)page_to_virt(*held))[7] != mark;
		__free_pages(*held, order_of(i));
		*held = NULL;
		return;
	}
	*held = alloc_pages(GFP_KERNEL, order_of(i));
	if (*held)
		((u64 *)page_to_virt(*held))[7] = mark;
}

static void stress_one_cpu(unsigned int cpu)
{
	struct test_random random = { .state = 0x1234567 + cpu };
	struct page *held[NR_HELD] = { NULL };

	for (size_t step = 0; step < NR_STRESS_STEPS; step++) {
		size_t i = test_random_below(&random, NR_HELD);

		stress_step(cpu, i, &held[i]);
	}
	for (size_t i = 0; i < NR_HELD; i++)
		if (held[i])
			__free_pages(held[i], order_of(i));
	drain_local_pages();
}

static void cpus_share_the_zones(struct test *t)
{
	struct page_counts before, after;

	drain_local_pages();
	page_counts_get(&before);
	host_run_on_cpus(NR_THREADS, stress_one_cpu);
	page_counts_get(&after);
	for (size_t cpu = 0; cpu < NR_THREADS; cpu++)
		EXPECT_EQ(t, nr_bad[cpu], 0U);
	EXPECT_EQ(t, after.nr_free, before.nr_free);
	EXPECT_EQ(t, after.nr_on_cpus, 0UL);
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

static const struct test_case page_init_cases[] = {
	TEST_CASE(every_free_page_is_handed_over),     TEST_CASE(large_machine_writes_few_entries),
	TEST_CASE(overhead_is_under_the_bound),	       TEST_CASE(random_machines_boot_and_work),
	TEST_CASE(reserved_memory_can_be_freed_later), TEST_CASE(cpus_share_the_zones),
};
TEST_SUITE(page_init, page_init_cases);
