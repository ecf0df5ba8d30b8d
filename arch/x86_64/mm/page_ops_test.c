/* SPDX-License-Identifier: GPL-2.0-only */
/* Each way to clear or copy a page reaches all of its bytes and no other. */
#include <arch/page_ops.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define NR_PAGES 3 /* the middle one is worked on */

/* Pages without a zero; NULL: no memory. */
static u8 *some_pages(struct test_random *random)
{
	u8 *pages = (u8 *)__get_free_pages(GFP_KERNEL, 2);

	for (size_t i = 0; pages && i < NR_PAGES * PAGE_SIZE; i++)
		pages[i] = (u8)(test_random_below(random, 255) + 1);
	return pages;
}

static void every_way_clears_a_page_and_no_more(struct test *t)
{
	void (*const ways[])(void *) = { clear_page, clear_page_by_stores, clear_page_by_words,
					 clear_page_by_bytes };
	struct test_random random = test_random_seeded(t, 1);

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		u8 *pages = some_pages(&random);
		u8 before, behind;

		ASSERT_NE(t, (void *)pages, NULL);
		before = pages[PAGE_SIZE - 1];
		behind = pages[2 * PAGE_SIZE];
		ways[i](pages + PAGE_SIZE);
		EXPECT_EQ(t, memchr_inv(pages + PAGE_SIZE, 0, PAGE_SIZE), NULL);
		EXPECT_EQ(t, pages[PAGE_SIZE - 1], before);
		EXPECT_EQ(t, pages[2 * PAGE_SIZE], behind);
		free_pages((unsigned long)pages, 2);
	}
}

static void every_way_copies_a_page_and_no_more(struct test *t)
{
	void (*const ways[])(void *, const void *) = { copy_page, copy_page_by_moves,
						       copy_page_by_words, copy_page_by_bytes };
	struct test_random random = test_random_seeded(t, 1);

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		u8 *from = some_pages(&random), *to = some_pages(&random);
		u8 before, behind;

		ASSERT_NE(t, (void *)from, NULL);
		ASSERT_NE(t, (void *)to, NULL);
		before = to[PAGE_SIZE - 1];
		behind = to[2 * PAGE_SIZE];
		ways[i](to + PAGE_SIZE, from + PAGE_SIZE);
		EXPECT_EQ(t, memcmp(to + PAGE_SIZE, from + PAGE_SIZE, PAGE_SIZE), 0);
		EXPECT_EQ(t, to[PAGE_SIZE - 1], before);
		EXPECT_EQ(t, to[2 * PAGE_SIZE], behind);
		free_pages((unsigned long)from, 2);
		free_pages((unsigned long)to, 2);
	}
}

static const struct test_case page_ops_cases[] = {
	TEST_CASE(every_way_clears_a_page_and_no_more),
	TEST_CASE(every_way_copies_a_page_and_no_more),
};
TEST_SUITE(page_ops, page_ops_cases);
