/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page allocator as it runs: in the kernel on the real machine, on the host on a simulated one.
 * Each test gives back all it took, and says so by comparing the counts.
 */
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/memblock.h>
#include <oshit/mm_report.h>
#include <oshit/mmzone.h>
#include <oshit/page_stock.h>
#include <oshit/sizes.h>
#include <oshit/string.h>
#include <oshit/shrinker.h>
#include <oshit/test.h>

#include <oshit/test_random.h>

#define NR_HELD	  512
/* Millions on the host; in the kernel all machines take their turns. */
#define NR_STEPS  (TEST_SCALE == 1 ? 40000UL : 200000UL * TEST_SCALE)
#define NR_ROUNDS 10000
#define MAX_TAKEN (GIB(2) / PAGE_SIZE) /* the emulator takes seconds for more */

static struct held {
	struct page *page; /* NULL: none */
	unsigned int order;
	u64 mark; /* written to the first and last word of each page */
} held[NR_HELD];

static unsigned long count_free(void)
{
	struct page_counts counts;

	page_counts_get_still(&counts);
	return counts.nr_free;
}

static void write_mark(const struct held *h)
{
	for (size_t i = 0; i < 1UL << h->order; i++) {
		u64 *words = page_to_virt(h->page + i);

		words[0] = words[PAGE_SIZE / sizeof(u64) - 1] = h->mark + i;
	}
}

/* Nobody else was given one of these pages. */
static void check_mark(struct test *t, const struct held *h)
{
	for (size_t i = 0; i < 1UL << h->order; i++) {
		u64 *words = page_to_virt(h->page + i);

		ASSERT_EQ(t, words[0], h->mark + i);
		ASSERT_EQ(t, words[PAGE_SIZE / sizeof(u64) - 1], h->mark + i);
	}
}

static void check_fresh_page(struct test *t, struct page *page, unsigned int order)
{
	unsigned long pfn = page_to_pfn(page);

	ASSERT_TRUE(t, IS_ALIGNED(pfn, 1UL << order));
	ASSERT_TRUE(t, pfn_is_valid(pfn) && pfn_is_valid(pfn + (1UL << order) - 1));
	EXPECT_EQ(t, page_order(page), order);
	EXPECT_EQ(t, page_ref_count(page), 1);
	EXPECT_EQ(t, page_map_count(page), 0);
	EXPECT_TRUE(t, page->mapping == NULL);
	for (size_t i = 1; i < 1UL << order; i++)
		ASSERT_TRUE(t, page_head(page + i) == page);
}

static void take(struct test *t, struct held *h, struct test_random *random)
{
	unsigned int kind = test_random_below(random, 16);
	gfp_t gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;

	h->order = kind < 10 ? 0 : test_random_below(random, kind < 15 ? 5 : NR_PAGE_ORDERS);
	gfp |= test_random_below(random, 8) ? 0 : __GFP_DMA32;
	h->page = alloc_pages(gfp, h->order);
	if (!h->page)
		return;
	check_fresh_page(t, h->page, h->order);
	if (gfp & __GFP_DMA32)
		EXPECT_EQ(t, page_zone_id(h->page), ZONE_DMA32);
	h->mark = test_random_next(random);
	write_mark(h);
}

/* The pages of a block, each by itself: upwards, downwards or mixed up, by the mark. */
static void give_many(const struct held *h)
{
	static struct page *many[BLOCK_PAGES];
	size_t nr = 1UL << h->order;
	size_t step = h->mark & 2 ? h->mark | 1 : h->mark & 1 ? 1 : nr - 1; /* is odd */

	split_page(h->page, h->order);
	for (size_t i = 0; i < nr; i++)
		many[i] = h->page + (i * step & (nr - 1));
	put_pages(many, nr);
}

static void give(struct test *t, struct held *h, unsigned int how)
{
	check_mark(t, h);
	switch (how) {
	case 0:
		get_page(h->page);
		put_page(h->page + (1UL << h->order) - 1);
		put_page(h->page);
		break;
	case 1:
		split_page(h->page, h->order);
		for (size_t i = 0; i < 1UL << h->order; i++)
			__free_page(h->page + i);
		break;
	case 2:
		give_many(h);
		break;
	default:
		free_pages((unsigned long)page_to_virt(h->page), h->order);
		break;
	}
	h->page = NULL;
}

static void random_load_keeps_pages_apart_and_leaks_none(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x70616765616c6c6fUL);
	unsigned long before;
	size_t nr_failed = 0;

	/* Caches would be freed below, when there is no memory. */
	while (shrink_caches(GFP_KERNEL, ~0UL))
		;
	before = count_free();
	for (size_t step = 0; step < NR_STEPS && !t->nr_failures; step++) {
		struct held *h = &held[test_random_below(&random, NR_HELD)];

		if (h->page) {
			give(t, h, test_random_below(&random, 8));
		} else {
			take(t, h, &random);
			nr_failed += !h->page;
		}
	}
	for (size_t i = 0; i < NR_HELD; i++)
		if (held[i].page)
			give(t, &held[i], 2);
	test_note(t, "%lu of %lu steps found no memory", nr_failed, NR_STEPS);
	drain_local_pages();
	EXPECT_EQ(t, page_alloc_verify(), 0U);
	EXPECT_EQ(t, count_free(), before);
}

static unsigned long count_largest_blocks(void)
{
	unsigned long nr = 0;
	struct zone *zone;

	for_each_zone(zone) nr += zone->areas[MAX_PAGE_ORDER].nr_free + zone->nr_fresh;
	return nr;
}

/* Takes all pages one by one, as a list through the pages, and returns them every other first. */
static void full_fragmentation_heals(struct test *t)
{
	unsigned long before, nr = 0;
	struct page *page, *lists[2] = { NULL, NULL };

	if (count_free() > MAX_TAKEN)
		return test_skip(t, "too much memory to take it all");
	page_stock_hold();
	drain_all_pages();
	before = count_largest_blocks();
	while ((page = alloc_page(GFP_NOWAIT | __GFP_NOWARN))) {
		page->private = (unsigned long)lists[page_to_pfn(page) & 1];
		lists[page_to_pfn(page) & 1] = page;
		nr++;
	}
	EXPECT_GT(t, nr, 100UL);
	for (size_t i = 0; i < 2; i++) {
		while ((page = lists[i])) {
			lists[i] = (struct page *)page->private;
			__free_page(page);
		}
		drain_local_pages();
		EXPECT_EQ(t, page_alloc_verify(), 0U);
	}
	EXPECT_EQ(t, count_largest_blocks(), before);
	page_stock_release();
	test_note(t, "%lu pages, %lu blocks of %lu pages", nr, before, BLOCK_PAGES);
}

static void zeroed_pages_are_zero(struct test *t)
{
	for (unsigned int order = 0; order <= 3; order++) {
		unsigned long addr = __get_free_pages(GFP_KERNEL, order);

		ASSERT_NE(t, addr, 0UL);
		memset((void *)addr, 0x77, PAGE_SIZE << order);
		free_pages(addr, order);
		addr = __get_free_pages(GFP_KERNEL | __GFP_ZERO, order);
		ASSERT_NE(t, addr, 0UL);
		EXPECT_TRUE(t, memchr_inv((void *)addr, 0, PAGE_SIZE << order) == NULL);
		free_pages(addr, order);
	}
}

static void get_order_is_the_least_that_holds(struct test *t)
{
	EXPECT_EQ(t, get_order(1), 0U);
	EXPECT_EQ(t, get_order(PAGE_SIZE), 0U);
	EXPECT_EQ(t, get_order(PAGE_SIZE + 1), 1U);
	EXPECT_EQ(t, get_order(3 * PAGE_SIZE), 2U);
	EXPECT_EQ(t, get_order(PAGE_SIZE << 9), 9U);
}

/* The urgent get pages that others do not, and nobody gets the last but who frees memory. */
static void reserves_are_for_the_urgent(struct test *t)
{
	static const gfp_t steps[] = { GFP_NOWAIT, GFP_ATOMIC, __GFP_MEMALLOC };
	struct page *list = NULL, *page;
	unsigned long nr[ARRAY_SIZE(steps)] = { 0 };

	if (count_free() > MAX_TAKEN)
		return test_skip(t, "too much memory to take it all");
	page_stock_hold();
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		while ((page = alloc_page(steps[i] | __GFP_NOWARN))) {
			page->private = (unsigned long)list;
			list = page;
			nr[i]++;
		}
		EXPECT_GT(t, nr[i], 0UL);
	}
	EXPECT_EQ(t, count_free(), 0UL);
	while ((page = list)) {
		list = (struct page *)page->private;
		__free_page(page);
	}
	page_stock_release();
	drain_local_pages();
}

/* A few pages that come and go are served by the CPU's list, however small it is. */
static void few_pages_need_no_lock(struct test *t)
{
	static struct page *pages[4];
	unsigned long before, nr;

	page_stock_hold();
	before = zones[0].nr_batches + zones[1].nr_batches;
	for (size_t round = 0; round < NR_ROUNDS; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
			pages[i] = alloc_page(GFP_KERNEL);
		for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
			__free_page(pages[i]);
	}
	nr = zones[0].nr_batches + zones[1].nr_batches - before;
	page_stock_release();
	EXPECT_LE(t, nr, 2UL);
	test_note(t, "%lu locked batches for %lu pairs", nr, NR_ROUNDS * ARRAY_SIZE(pages));
}

/* As many as ten batches out, then in: the lock is taken once for each, and for what is left. */
static void many_pages_take_the_lock_once_a_batch(struct test *t)
{
	static struct page *pages[640];
	struct page_counts counts;
	unsigned long before, nr;

	page_counts_get(&counts);
	nr = min(10 * counts.batch, ARRAY_SIZE(pages));
	page_stock_hold();
	drain_local_pages();
	before = zones[0].nr_batches + zones[1].nr_batches;
	for (size_t i = 0; i < nr; i++)
		pages[i] = alloc_page(GFP_KERNEL);
	for (size_t i = 0; i < nr; i++)
		__free_page(pages[i]);
	before = zones[0].nr_batches + zones[1].nr_batches - before;
	page_stock_release();
	EXPECT_LE(t, before, 2 * (nr / counts.batch + 1));
	test_note(t, "%lu locked batches for %lu pages out and in", before, nr);
	drain_local_pages();
}

/* Page array, tables, bitmaps and areas of CPUs; not the stacks that owners are kept in. */
static void boot_takes_less_than_18_permille(struct test *t)
{
	const struct memblock_list *list = &memblock.reserved;
	u64 taken = 0, memory = memblock_memory_size();

	if (memory < MIB(60) || IS_ENABLED(CONFIG_STACK_DEPOT))
		return test_skip(t, "small machine, or one with a stack depot");
	for (size_t i = 0; i < list->nr; i++)
		if (list->regions[i].owner == MEMBLOCK_ALLOCATED)
			taken += list->regions[i].end - list->regions[i].start;
	EXPECT_LT(t, taken * 1000, memory * 18);
	test_note(t, "%lu of %lu KiB: %lu.%02lu %%", taken >> 10, memory >> 10,
		  taken * 100 / memory, taken * 10000 / memory % 100);
}

/* Frees @page wrongly; the expected report, and no other effect, must come of it. */
static void expect_bad_free(struct test *t, struct page *page, unsigned int order,
			    enum mm_misuse kind)
{
	unsigned long before = count_free();

	mm_report_expect(kind);
	__free_pages(page, order);
	EXPECT_EQ(t, mm_report_count(), 1U);
	EXPECT_TRUE(t, mm_report_object() == page);
	mm_report_expect(MM_NONE);
	EXPECT_EQ(t, count_free(), before);
}

static void double_free_is_reported(struct test *t)
{
	if (!IS_ENABLED(CONFIG_DEBUG_PAGE_DOUBLE_FREE))
		return test_skip(t, "DEBUG_PAGE_DOUBLE_FREE is off");
	for (unsigned int order = 0; order <= 4; order += 2) {
		struct page *page = alloc_pages(GFP_KERNEL, order);

		ASSERT_TRUE(t, page != NULL);
		__free_pages(page, order);
		expect_bad_free(t, page, order, MM_DOUBLE_FREE);
		drain_local_pages();
		expect_bad_free(t, page, order, MM_DOUBLE_FREE);
	}
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

/* Also by who drops a reference too many. */
static void put_of_a_free_page_is_reported(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!IS_ENABLED(CONFIG_DEBUG_PAGE_DOUBLE_FREE))
		return __free_page(page), test_skip(t, "DEBUG_PAGE_DOUBLE_FREE is off");
	ASSERT_TRUE(t, page != NULL);
	put_page(page);
	mm_report_expect(MM_DOUBLE_FREE);
	put_page(page);
	EXPECT_EQ(t, mm_report_count(), 1U);
	mm_report_expect(MM_NONE);
	EXPECT_EQ(t, page_ref_count(page), 0);
	drain_local_pages();
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

static void invalid_free_is_reported(struct test *t)
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);

	if (!IS_ENABLED(CONFIG_DEBUG_PAGE_INVALID_FREE))
		return __free_pages(page, 3), test_skip(t, "DEBUG_PAGE_INVALID_FREE is off");
	ASSERT_TRUE(t, page != NULL);
	expect_bad_free(t, page + 1, 0, MM_INVALID_FREE); /* a tail */
	expect_bad_free(t, page, 2, MM_INVALID_FREE); /* wrong order */
	mm_report_expect(MM_INVALID_FREE);
	free_pages((unsigned long)page_to_virt(page) + (max_pfn << PAGE_SHIFT), 0); /* no RAM */
	EXPECT_EQ(t, mm_report_count(), 1U);
	mm_report_expect(MM_NONE);
	get_page(page);
	expect_bad_free(t, page, 3, MM_INVALID_FREE); /* used by another */
	put_page(page);
	atomic_inc(&page->mapcount);
	expect_bad_free(t, page, 3, MM_INVALID_FREE); /* mapped */
	atomic_dec(&page->mapcount);
	__free_pages(page, 3);
}

/* Behind KASAN's back, which would see the write itself. */
static noinline __no_sanitize_address void spoil(u8 *at)
{
	*at = 1;
}

static void write_after_free_is_reported(struct test *t)
{
	struct page *page, *again;
	u8 *bytes;

	if (!IS_ENABLED(CONFIG_DEBUG_PAGE_POISON))
		return test_skip(t, "DEBUG_PAGE_POISON is off");
	page = alloc_page(GFP_KERNEL);
	ASSERT_TRUE(t, page != NULL);
	bytes = page_to_virt(page);
	__free_page(page);
	spoil(&bytes[1234]);
	mm_report_expect(MM_USE_AFTER_FREE);
	again = alloc_page(GFP_KERNEL); /* the warmest page: the same */
	EXPECT_TRUE(t, again == page);
	EXPECT_EQ(t, mm_report_count(), 1U);
	mm_report_expect(MM_NONE);
	__free_page(again);
}

static const struct test_case page_alloc_cases[] = {
	TEST_CASE(random_load_keeps_pages_apart_and_leaks_none),
	TEST_CASE(full_fragmentation_heals),
	TEST_CASE(zeroed_pages_are_zero),
	TEST_CASE(get_order_is_the_least_that_holds),
	TEST_CASE(reserves_are_for_the_urgent),
	TEST_CASE(few_pages_need_no_lock),
	TEST_CASE(many_pages_take_the_lock_once_a_batch),
	TEST_CASE(boot_takes_less_than_18_permille),
	TEST_CASE(double_free_is_reported),
	TEST_CASE(put_of_a_free_page_is_reported),
	TEST_CASE(invalid_free_is_reported),
	TEST_CASE(write_after_free_is_reported),
};
TEST_SUITE(page_alloc, page_alloc_cases);
