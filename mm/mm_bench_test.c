/* SPDX-License-Identifier: GPL-2.0-only */
/* What the allocators' paths cost; the machine `bench-instructions` checks the limits. */
#include <oshit/bench.h>
#include <oshit/gfp.h>
#include <oshit/kernel_stack.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/page_stock.h>
#include <oshit/sched.h>
#include <oshit/slab.h>
#include <oshit/vmalloc.h>

#define NR_STACKS 64
#define NR_TURNS  2000UL
#define NR_HELD	  256UL /* more than a CPU keeps */

static void single_pages(struct test *t)
{
	u64 plain = BENCH_CYCLES(NR_TURNS, );
	u64 cycles = BENCH_CYCLES(NR_TURNS, __free_page(alloc_page(GFP_KERNEL)));

	bench_report(t, "alloc_page and __free_page", cycles, plain, NR_TURNS);
	cycles = BENCH_CYCLES(NR_TURNS, __free_pages(alloc_pages(GFP_KERNEL, 3), 3));
	bench_report(t, "alloc_pages and __free_pages of 8", cycles, plain, NR_TURNS);
}

static void take_and_give(struct page **pages)
{
	for (size_t i = 0; i < NR_HELD; i++)
		pages[i] = alloc_page(GFP_KERNEL);
	for (size_t i = 0; i < NR_HELD; i++)
		if (pages[i])
			__free_page(pages[i]);
}

/* Most calls take no lock; each batch takes it once. */
static void many_pages(struct test *t)
{
	static struct page *pages[NR_HELD];
	unsigned long before = zones[0].nr_batches + zones[1].nr_batches;
	u64 cycles = BENCH_CYCLES(1, take_and_give(pages)), plain = BENCH_CYCLES(NR_HELD, );
	unsigned long nr = zones[0].nr_batches + zones[1].nr_batches - before;

	bench_report(t, "256 pages at once, a pair", cycles, plain, NR_HELD);
	test_note(t, "the lock was taken %lu times for %lu pairs", nr, BENCH_ROUNDS * NR_HELD);
}

#define NR_ZEROED 64UL /* less than kzerod keeps, even in half of its stock */

static void take_zeroed(struct page **pages)
{
	for (size_t i = 0; i < NR_ZEROED; i++)
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
}

static void report_zeroed(struct test *t, const char *what)
{
	static struct page *pages[NR_ZEROED];
	u64 plain = BENCH_CYCLES(NR_ZEROED, ), start = cpu_cycles(), cycles;

	take_zeroed(pages);
	cycles = cpu_cycles() - start;
	for (size_t i = 0; i < NR_ZEROED; i++)
		if (pages[i])
			__free_page(pages[i]);
	bench_report(t, what, cycles, plain, NR_ZEROED);
}

static void zeroed_pages(struct test *t)
{
	__free_page(alloc_page(GFP_KERNEL | __GFP_ZERO));
	msleep(50); /* kzerod, if there is one, does what it can */
	report_zeroed(t, "alloc_page of a zeroed page, perhaps zeroed before");
	page_stock_hold();
	drain_all_pages();
	report_zeroed(t, "alloc_page of a page to be zeroed");
	page_stock_release();
}

static void small_objects(struct test *t)
{
	u64 plain = BENCH_CYCLES(NR_TURNS, );
	u64 cycles = BENCH_CYCLES(NR_TURNS, kfree(kmalloc(64, GFP_KERNEL)));

	bench_report(t, "kmalloc(64) and kfree", cycles, plain, NR_TURNS);
	cycles = BENCH_CYCLES(NR_TURNS, kfree(kmalloc(4096, GFP_KERNEL)));
	bench_report(t, "kmalloc(4096) and kfree", cycles, plain, NR_TURNS);
	cycles = BENCH_CYCLES(NR_TURNS, kfree(kzalloc(64, GFP_KERNEL)));
	bench_report(t, "kzalloc(64) and kfree", cycles, plain, NR_TURNS);
}

/* More stacks than are kept: half of them are mapped, and unmapped by a batch. */
static void take_and_give_stacks(void)
{
	static void *stacks[NR_STACKS];

	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++)
		stacks[i] = kernel_stack_alloc();
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++)
		kernel_stack_free(stacks[i]);
}

static void areas_and_stacks(struct test *t)
{
	u64 plain = BENCH_CYCLES(NR_TURNS, );
	u64 cycles = BENCH_CYCLES(NR_TURNS, kernel_stack_free(kernel_stack_alloc()));

	bench_report(t, "kernel_stack_alloc and kernel_stack_free", cycles, plain, NR_TURNS);
	cycles = BENCH_CYCLES(1, take_and_give_stacks());
	bench_report(t, "64 stacks at once, a pair", cycles, plain * NR_STACKS / NR_TURNS,
		     NR_STACKS);
	cycles = BENCH_CYCLES(100, vfree(vmalloc(4 * PAGE_SIZE)));
	bench_report(t, "vmalloc of 4 pages and vfree", cycles, plain * 100 / NR_TURNS, 100);
}

static const struct test_case mm_bench_cases[] = {
	TEST_CASE(single_pages),  TEST_CASE(many_pages),       TEST_CASE(zeroed_pages),
	TEST_CASE(small_objects), TEST_CASE(areas_and_stacks),
};
TEST_SUITE(bench_mm, mm_bench_cases);
