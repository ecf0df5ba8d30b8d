/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages filled and zeroed ahead of need.  The threads run when a CPU has nothing else to do, so
 * each test waits until they have done what they should; it fails if they never do.
 */
#include <oshit/clock.h>
#include <oshit/cpuhp.h>
#include <oshit/gfp.h>
#include <oshit/kthread.h>
#include <oshit/list.h>
#include <oshit/math.h>
#include <oshit/mm_report.h>
#include <oshit/mmzone.h>
#include <oshit/page_stock.h>
#include <oshit/sizes.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/thp.h>

#include "page_guard.h"

#define PATIENCE_NS (20 * NSEC_PER_SEC) /* for what takes milliseconds; then it has failed */
#define MAX_TAKEN   (GIB(2) / PAGE_SIZE)
#define NR_PAGES    64

static struct page *pages[NR_PAGES];

static unsigned long nr_prefilled(void)
{
	struct page_stock_counts counts;

	page_stock_counts_get(&counts);
	return counts.nr_prefilled;
}

static unsigned long nr_saved(void)
{
	struct page_stock_counts counts;

	page_stock_counts_get(&counts);
	return counts.nr_saved;
}

static unsigned long nr_zeroed_now(void)
{
	struct page_counts counts;

	page_counts_get_still(&counts);
	return counts.nr_zeroed;
}

static bool lacks(struct test *t, bool is_enabled)
{
	if (!is_enabled)
		test_skip(t, "the feature is off");
	return !is_enabled;
}

/* Until so many free pages hold zeros; false: they never did. */
static bool stock_reaches(unsigned long nr)
{
	u64 end_ns = clock_ns() + PATIENCE_NS;

	while (nr_zeroed_now() < nr && clock_ns() < end_ns)
		msleep(1);
	return nr_zeroed_now() >= nr;
}

static unsigned int take_some_pages(unsigned int nr_wanted, gfp_t gfp)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < nr_wanted; i++) {
		pages[i] = alloc_page(gfp);
		nr += pages[i] != NULL;
	}
	return nr;
}

static unsigned int take_pages(gfp_t gfp)
{
	return take_some_pages(NR_PAGES, gfp);
}

static void give_pages(void)
{
	for (unsigned int i = 0; i < NR_PAGES; i++) {
		if (pages[i])
			__free_page(pages[i]);
		pages[i] = NULL;
	}
}

/* A request that finds no zeroed page has kzerod make some. */
static void begin(void)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

	if (page)
		__free_page(page);
}

static void lists_are_filled_before_they_are_empty(struct test *t)
{
	u64 end_ns = clock_ns() + PATIENCE_NS;
	unsigned long before = nr_prefilled();
	unsigned int nr = 0;

	if (lacks(t, IS_ENABLED(CONFIG_PAGE_PREFILL)))
		return;
	/* Whoever takes many at once fills the list himself; so each time another number. */
	while (nr_prefilled() == before && clock_ns() < end_ns) {
		nr = nr % NR_PAGES + 1;
		take_some_pages(nr, GFP_KERNEL);
		msleep(1);
		give_pages();
		drain_local_pages();
	}
	EXPECT_GT(t, nr_prefilled(), before);
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

/* While the lists are held nothing moves, whoever asks. */
static void nothing_moves_while_it_is_held(struct test *t)
{
	unsigned long filled;
	struct page_counts before, after;

	page_stock_hold();
	drain_all_pages();
	filled = nr_prefilled();
	page_counts_get(&before);
	for (unsigned int i = 0; i < 10; i++) {
		take_pages(GFP_KERNEL | __GFP_ZERO);
		give_pages();
		msleep(1);
	}
	page_counts_get(&after);
	EXPECT_EQ(t, nr_prefilled(), filled);
	EXPECT_EQ(t, after.nr_zeroed, before.nr_zeroed);
	EXPECT_EQ(t, after.nr_free, before.nr_free);
	page_stock_release();
}

static void requests_get_pages_zeroed_before(struct test *t)
{
	unsigned long before, nr;

	if (lacks(t, IS_ENABLED(CONFIG_PAGE_PREZERO)))
		return;
	begin();
	ASSERT_TRUE(t, stock_reaches(1));
	page_stock_hold();
	/* The small machine keeps few. */
	nr = min(nr_zeroed_now(), (unsigned long)NR_PAGES);
	before = nr_saved();
	ASSERT_EQ(t, take_pages(GFP_KERNEL | __GFP_ZERO), NR_PAGES);
	/* Those between guards come from elsewhere. */
	for (unsigned int i = 0; i < NR_PAGES; i++)
		before -= page_is_guarded(pages[i]);
	EXPECT_GE(t, nr_saved() - before, nr);
	page_stock_release();
	for (unsigned int i = 0; i < NR_PAGES; i++) {
		EXPECT_TRUE(t, memchr_inv(page_to_virt(pages[i]), 0, PAGE_SIZE) == NULL);
		EXPECT_EQ(t, page_ref_count(pages[i]), 1);
		memset(page_to_virt(pages[i]), 0x5a, PAGE_SIZE);
	}
	give_pages();
}

/* What is freed dirty comes back as zeros, round after round. */
static void zeros_are_zeros(struct test *t)
{
	for (unsigned int round = 0; round < 30 && !t->nr_failures; round++) {
		ASSERT_EQ(t, take_pages(GFP_KERNEL | __GFP_ZERO), NR_PAGES);
		for (unsigned int i = 0; i < NR_PAGES; i++) {
			u64 *words = page_to_virt(pages[i]);

			EXPECT_TRUE(t, memchr_inv(words, 0, PAGE_SIZE) == NULL);
			memset(words, 0xff, PAGE_SIZE);
		}
		give_pages();
		drain_all_pages();
		msleep(1);
	}
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

/* A stock is there for speed: nobody fails, and no block stays apart, because of it. */
static void stock_is_given_back_before_a_request_fails(struct test *t)
{
	struct page *list = NULL, *page;
	struct page_counts counts;

	if (lacks(t, IS_ENABLED(CONFIG_PAGE_PREZERO)))
		return;
	page_counts_get(&counts);
	if (counts.nr_managed > MAX_TAKEN)
		return test_skip(t, "too much memory to take it all");
	begin();
	ASSERT_TRUE(t, stock_reaches(1));
	page_stock_hold(); /* no page is just being zeroed */
	while ((page = alloc_page(GFP_NOWAIT | __GFP_NOWARN))) {
		page->private = (unsigned long)list;
		list = page;
	}
	EXPECT_EQ(t, nr_zeroed_now(), 0UL);
	page_stock_release();
	while ((page = list)) {
		list = (struct page *)page->private;
		__free_page(page);
	}
	drain_local_pages();
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

/* Both sleep when they are done. */
static void threads_let_an_idle_machine_sleep(struct test *t)
{
	struct page_stock_counts before, after;
	u64 end_ns = clock_ns() + PATIENCE_NS;

	begin();
	do {
		page_stock_counts_get(&before);
		msleep(50);
		page_stock_counts_get(&after);
	} while (memcmp(&before, &after, sizeof(before)) && clock_ns() < end_ns);
	EXPECT_EQ(t, after.nr_zeroed, before.nr_zeroed);
	EXPECT_EQ(t, after.nr_prefilled, before.nr_prefilled);
}

static int load_a_cpu(void *unused __maybe_unused)
{
	while (!kthread_should_stop()) {
		struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
		struct page *other = alloc_page(GFP_KERNEL | __GFP_NOWARN);

		if (page)
			__free_page(page);
		usleep(50);
		if (other)
			__free_page(other);
	}
	return 0;
}

/* A CPU's list is drained when it goes off, and its filler must not fill it then. */
static void cpus_come_and_go(struct test *t)
{
	struct task_struct *task;

	if (lacks(t, IS_ENABLED(CONFIG_PAGE_PREFILL)))
		return;
	if (!cpu_online(1) || !IS_ENABLED(CONFIG_HOTPLUG_CPU))
		return test_skip(t, "no CPU to take off");
	task = kthread_run(load_a_cpu, NULL, "load");
	ASSERT_FALSE(t, IS_ERR(task));
	for (unsigned int round = 0; round < 20; round++) {
		EXPECT_EQ(t, cpu_down(1), 0);
		msleep(1);
		EXPECT_EQ(t, cpu_up(1), 0);
		msleep(1);
	}
	kthread_stop(task);
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

/* Behind KASAN's back, which would see the write itself. */
static noinline __no_sanitize_address void spoil(u8 *at)
{
	*at = 1;
}

/* The page that comes next; the stock is held, so it stays that. */
static struct page *top_of_stock(void)
{
	for (int id = NR_ZONES - 1; id >= 0; id--) {
		if (!list_empty(&zones[id].zeroed))
			return list_first_entry(&zones[id].zeroed, struct page, lru);
	}
	return NULL;
}

static void write_to_a_zeroed_page_is_reported(struct test *t)
{
	struct page *page, *top;

	if (lacks(t, IS_ENABLED(CONFIG_PAGE_PREZERO)))
		return;
	if (!IS_ENABLED(CONFIG_DEBUG_PAGE_POISON))
		return test_skip(t, "DEBUG_PAGE_POISON is off");
	begin();
	ASSERT_TRUE(t, stock_reaches(1));
	page_stock_hold();
	top = top_of_stock();
	ASSERT_TRUE(t, top != NULL);
	spoil((u8 *)page_to_virt(top) + 99);
	mm_report_expect(MM_USE_AFTER_FREE);
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	EXPECT_TRUE(t, page == top);
	EXPECT_EQ(t, mm_report_count(), 1U);
	mm_report_expect(MM_NONE);
	page_stock_release();
	if (page)
		__free_page(page);
}

static unsigned long nr_zeroed_huge(void)
{
	struct page_counts counts;

	page_counts_get(&counts);
	return counts.nr_zeroed_huge;
}

static bool holds_zeros(const struct page *block, unsigned int order)
{
	return !memchr_inv(page_to_virt(block), 0, PAGE_SIZE << order);
}

/* The first request for a block has kzerod make some; the next one gets one of these. */
static void blocks_are_zeroed_before_they_are_wanted(struct test *t)
{
	const gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN | __GFP_ZERO;
	u64 end_ns = clock_ns() + PATIENCE_NS;
	struct page_counts counts;
	struct page *block;

	if (lacks(t, IS_ENABLED(CONFIG_PAGE_PREZERO) && IS_ENABLED(CONFIG_THP)))
		return;
	page_counts_get(&counts);
	block = counts.nr_free < MIB(128) / PAGE_SIZE ? NULL : alloc_pages(gfp, HUGE_ORDER);
	if (!block) {
		test_skip(t, "too little memory");
		return;
	}
	memset(page_to_virt(block), 0x5a, HUGE_SIZE);
	__free_pages(block, HUGE_ORDER);
	while (nr_zeroed_huge() < 2 * HUGE_PAGES && clock_ns() < end_ns)
		msleep(1);
	EXPECT_GE(t, nr_zeroed_huge(), 2 * HUGE_PAGES);
	block = alloc_pages(gfp, HUGE_ORDER);
	EXPECT_NE(t, (void *)block, NULL);
	if (block) {
		EXPECT_TRUE(t, holds_zeros(block, HUGE_ORDER));
		__free_pages(block, HUGE_ORDER);
	}
	page_stock_hold();
	drain_all_pages();
	EXPECT_EQ(t, nr_zeroed_huge(), 0ul);
	page_stock_release();
	EXPECT_EQ(t, page_alloc_verify(), 0U);
}

static const struct test_case page_stock_cases[] = {
	TEST_CASE(lists_are_filled_before_they_are_empty),
	TEST_CASE(nothing_moves_while_it_is_held),
	TEST_CASE(requests_get_pages_zeroed_before),
	TEST_CASE(zeros_are_zeros),
	TEST_CASE(stock_is_given_back_before_a_request_fails),
	TEST_CASE(blocks_are_zeroed_before_they_are_wanted),
	TEST_CASE(threads_let_an_idle_machine_sleep),
	TEST_CASE(cpus_come_and_go),
	TEST_CASE(write_to_a_zeroed_page_is_reported),
};
TEST_SUITE(page_stock, page_stock_cases);
