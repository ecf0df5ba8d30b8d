/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each way to clear or copy a page reaches all of its bytes and no other, and each way to copy user
 * memory tells where it had to stop.
 */
#include <arch/page_ops.h>
#include <arch/uaccess.h>
#include <arch/usercopy.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/test.h>
#include <oshit/test_random.h>
#include <oshit/vmalloc.h>

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

#define NR_COPIES 64

static size_t (*const copy_ways[])(void *, const void *, size_t) = {
	arch_copy_user,
	copy_user_by_words,
	copy_user_by_bytes,
};

/* Copies @len bytes, of which as many as are left of a page behind @offset can be had. */
static void copy_to_the_end(struct test *t, u8 *to, const u8 *from, size_t offset, size_t len)
{
	size_t most = min(len, PAGE_SIZE - offset);

	for (size_t i = 0; i < ARRAY_SIZE(copy_ways); i++) {
		memset(to, 0, 3 * PAGE_SIZE);
		EXPECT_EQ(t, copy_ways[i](to + 8, from + offset, len), len - most);
		EXPECT_EQ(t, memcmp(to + 8, from + offset, most), 0);
		EXPECT_EQ(t, memchr_inv(to, 0, 8), NULL);
		EXPECT_EQ(t, memchr_inv(to + 8 + most, 0, PAGE_SIZE), NULL);
	}
}

/* Behind what vmalloc() gives nothing is mapped. */
static void every_way_of_a_user_copy_tells_where_it_ended(struct test *t)
{
	struct test_random random = test_random_seeded(t, 1);
	u8 *from = vmalloc(PAGE_SIZE), *to = vmalloc(3 * PAGE_SIZE);

	ASSERT_NE(t, (void *)from, NULL);
	ASSERT_NE(t, (void *)to, NULL);
	for (size_t i = 0; i < PAGE_SIZE; i++)
		from[i] = (u8)(test_random_below(&random, 255) + 1);
	copy_to_the_end(t, to, from, 0, PAGE_SIZE);
	copy_to_the_end(t, to, from, 0, 2 * PAGE_SIZE - 8);
	for (size_t i = 0; i < NR_COPIES; i++)
		copy_to_the_end(t, to, from, test_random_below(&random, PAGE_SIZE),
				test_random_below(&random, PAGE_SIZE));
	vfree(from);
	vfree(to);
}

static const struct test_case page_ops_cases[] = {
	TEST_CASE(every_way_clears_a_page_and_no_more),
	TEST_CASE(every_way_copies_a_page_and_no_more),
	TEST_CASE(every_way_of_a_user_copy_tells_where_it_ended),
};
TEST_SUITE(page_ops, page_ops_cases);
