/* SPDX-License-Identifier: GPL-2.0-only */
/* A sorted array is in order and has the elements that it had. */
#include <oshit/math.h>
#include <oshit/sort.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define MAX_NR 100

struct record { /* of a size that is no power of two */
	u8 key;
	u8 payload[2]; /* follows from the key */
};

static unsigned long nr_compared;

static int record_cmp(const void *a, const void *b)
{
	nr_compared++;
	return ((const struct record *)a)->key - ((const struct record *)b)->key;
}

static void fill(struct record *records, size_t nr, struct test_random *random, u8 mask)
{
	for (size_t i = 0; i < nr; i++) {
		u8 key = (u8)test_random_next(random) & mask;

		records[i] = (struct record){ .key = key, .payload = { key ^ 1, key ^ 2 } };
	}
}

static void sorted_array_is_ordered_and_complete(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x50f7);
	struct record records[MAX_NR];

	for (size_t nr = 0; nr <= MAX_NR; nr++) {
		unsigned int seen[256] = { 0 };

		fill(records, nr, &random, nr % 2 ? 0xff : 0x07);
		for (size_t i = 0; i < nr; i++)
			seen[records[i].key]++;
		sort(records, nr, sizeof(records[0]), record_cmp);
		for (size_t i = 0; i < nr; i++) {
			ASSERT_TRUE(t, !i || records[i - 1].key <= records[i].key);
			ASSERT_EQ(t, records[i].payload[1], records[i].key ^ 2);
			seen[records[i].key]--;
		}
		ASSERT_TRUE(t, !memchr_inv(seen, 0, sizeof(seen)));
	}
}

static void sorted_input_is_no_bad_case(struct test *t)
{
	struct record records[MAX_NR];

	memset(records, 0, sizeof(records));
	for (size_t i = 0; i < MAX_NR; i++)
		records[i].key = (u8)i;
	nr_compared = 0;
	sort(records, MAX_NR, sizeof(records[0]), record_cmp);
	EXPECT_LT(t, nr_compared, 2 * MAX_NR * 7);
}

static void bsearch_finds_what_is_there(struct test *t)
{
	struct record records[MAX_NR], key;

	memset(records, 0, sizeof(records));
	memset(&key, 0, sizeof(key));
	for (size_t nr = 0; nr <= MAX_NR; nr++) {
		for (size_t i = 0; i < nr; i++)
			records[i].key = (u8)(2 * i + 1);
		for (unsigned int k = 0; k <= 2 * nr + 1; k++) {
			struct record *found;

			key.key = (u8)k;
			found = bsearch(&key, records, nr, sizeof(key), record_cmp);
			ASSERT_EQ(t, found ? found->key : 0, k % 2 && k < 2 * nr ? k : 0);
		}
	}
}

static const struct test_case sort_cases[] = {
	TEST_CASE(sorted_array_is_ordered_and_complete),
	TEST_CASE(sorted_input_is_no_bad_case),
	TEST_CASE(bsearch_finds_what_is_there),
};
TEST_SUITE(sort, sort_cases);
