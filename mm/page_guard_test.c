/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses beside guarded blocks, on purpose.  While a test runs every allocation is guarded. */
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mm_report.h>
#include <oshit/mmzone.h>
#include <oshit/page_stock.h>
#include <oshit/string.h>
#include <oshit/test.h>

#include "page_guard.h"

static unsigned int usual_interval;

/* A guarded block, the only one of this test; NULL, and the test is skipped, without a pool. */
static u8 *guarded(struct test *t, unsigned int order)
{
	u8 *block;

	usual_interval = page_guard_set_interval(1);
	block = (u8 *)__get_free_pages(GFP_KERNEL, order);
	page_guard_set_interval(0);
	if (block && page_is_guarded(virt_to_page(block)))
		return block;
	free_pages((unsigned long)block, order);
	page_guard_set_interval(usual_interval);
	test_skip(t, page_guard_pool ? "all slots are in use" : "there is no pool");
	return NULL;
}

static void end(u8 *block, unsigned int order)
{
	free_pages((unsigned long)block, order);
	page_guard_set_interval(usual_interval);
}

/* Behind KASAN's back, which would see the accesses before they fault. */
static noinline __no_sanitize_address void read_and_write(volatile u8 *at)
{
	(void)*at;
	*at = 0xbb;
}

/* A read and a write, each the first ones there. */
static void expect_report(struct test *t, enum mm_misuse kind, u8 *at, const u8 *object)
{
	mm_report_expect(kind);
	read_and_write(at);
	EXPECT_EQ(t, mm_report_count(), 1U);
	EXPECT_TRUE(t, mm_report_object() == object);
	mm_report_expect(MM_NONE);
}

static void accesses_beside_a_block_are_reported(struct test *t)
{
	for (unsigned int order = 0; order <= PAGE_GUARD_MAX_ORDER; order++) {
		size_t size = PAGE_SIZE << order;
		u8 *block = guarded(t, order);

		if (!block)
			return;
		memset(block, 0x11, size);
		expect_report(t, MM_OUT_OF_BOUNDS, block - 1, block);
		expect_report(t, MM_OUT_OF_BOUNDS, block + size, block);
		EXPECT_FALSE(t, memchr_inv(block, 0x11, size));
		end(block, order);
	}
}

static void guards_are_up_again_for_the_next_block(struct test *t)
{
	u8 *block;

	/* As many as there are slots: the first one comes back. */
	for (size_t i = 0; i < 2 * (1UL << PAGE_GUARD_POOL_ORDER) / 8; i++) {
		block = guarded(t, 0);
		if (!block)
			return;
		expect_report(t, MM_OUT_OF_BOUNDS, block - 1, block);
		expect_report(t, MM_OUT_OF_BOUNDS, block + PAGE_SIZE, block);
		end(block, 0);
	}
}

static void access_after_free_is_reported(struct test *t)
{
	u8 *block = guarded(t, 1);

	if (!block)
		return;
	end(block, 1);
	expect_report(t, MM_USE_AFTER_FREE, block + PAGE_SIZE + 5, block);
}

static void block_can_be_split_and_freed_in_pieces(struct test *t)
{
	unsigned long nr_used = page_guard_nr_used();
	u8 *block = guarded(t, 2);
	struct page *page;

	if (!block)
		return;
	page = virt_to_page(block);
	EXPECT_EQ(t, page_guard_nr_used(), nr_used + 4);
	split_page(page, 2);
	for (size_t i = 1; i < 4; i++)
		__free_page(page + i);
	EXPECT_EQ(t, page_guard_nr_used(), nr_used + 1);
	memset(block, 0x22, PAGE_SIZE);
	end(block, 0);
	EXPECT_EQ(t, page_guard_nr_used(), nr_used);
}

static void double_free_is_reported(struct test *t)
{
	unsigned long nr_used = page_guard_nr_used();
	u8 *block;

	if (!IS_ENABLED(CONFIG_DEBUG_PAGE_DOUBLE_FREE))
		return test_skip(t, "needs DEBUG_PAGE_DOUBLE_FREE");
	block = guarded(t, 0);
	if (!block)
		return;
	end(block, 0);
	mm_report_expect(MM_DOUBLE_FREE);
	free_page((unsigned long)block);
	EXPECT_EQ(t, mm_report_count(), 1U);
	mm_report_expect(MM_NONE);
	EXPECT_EQ(t, page_guard_nr_used(), nr_used);
}

static void full_pool_leaves_allocations_to_the_zones(struct test *t)
{
	unsigned long nr_used = page_guard_nr_used();
	static struct page *pages[100];
	struct page_counts before, after;
	unsigned int nr_guarded = 0;

	page_counts_get_still(&before);
	usual_interval = page_guard_set_interval(1);
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		ASSERT_TRUE(t, pages[i]);
		EXPECT_FALSE(t, memchr_inv(page_to_virt(pages[i]), 0, PAGE_SIZE));
		nr_guarded += page_is_guarded(pages[i]);
	}
	page_guard_set_interval(usual_interval);
	EXPECT_LT(t, nr_guarded, 64U);
	EXPECT_EQ(t, page_guard_nr_used(), nr_used + nr_guarded);
	page_counts_get_still(&after);
	EXPECT_EQ(t, after.nr_free, before.nr_free - ARRAY_SIZE(pages));
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		__free_page(pages[i]);
	page_counts_get_still(&after);
	EXPECT_EQ(t, after.nr_free, before.nr_free);
	EXPECT_EQ(t, page_guard_nr_used(), nr_used);
}

static const struct test_case page_guard_cases[] = {
	TEST_CASE(accesses_beside_a_block_are_reported),
	TEST_CASE(guards_are_up_again_for_the_next_block),
	TEST_CASE(access_after_free_is_reported),
	TEST_CASE(block_can_be_split_and_freed_in_pieces),
	TEST_CASE(double_free_is_reported),
	TEST_CASE(full_pool_leaves_allocations_to_the_zones),
};
TEST_SUITE(page_guard, page_guard_cases);
