/* SPDX-License-Identifier: GPL-2.0-only */
/* Bits against an array of bool, for all lengths around the ends of words. */
#include <oshit/bitmap.h>
#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define MAX_BITS 200

struct bits {
	DECLARE_BITMAP(map, MAX_BITS);
	bool model[MAX_BITS];
};

/* Bits above @nbits get junk: no function may look at them. */
static void randomize(struct test_random *random, struct bits *bits, size_t nbits)
{
	unsigned int density = (unsigned int)test_random_below(random, 5);

	for (size_t i = 0; i < MAX_BITS; i++) {
		bits->model[i] = test_random_below(random, 4) < density;
		if (bits->model[i])
			__set_bit(i, bits->map);
		else
			__clear_bit(i, bits->map);
		if (i >= nbits)
			bits->model[i] = false;
	}
}

static size_t model_next(const struct bits *bits, size_t nbits, size_t start, bool value)
{
	while (start < nbits && bits->model[start] != value)
		start++;
	return min(start, nbits);
}

static void one_bit_operations_keep_the_others(struct test *t)
{
	DECLARE_BITMAP(map, 130) = { 0 };

	__set_bit(0, map);
	__set_bit(129, map);
	EXPECT_FALSE(t, __test_and_set_bit(64, map));
	EXPECT_TRUE(t, __test_and_set_bit(64, map));
	EXPECT_EQ(t, bitmap_weight(map, 130), 3);
	EXPECT_TRUE(t, __test_and_clear_bit(64, map));
	EXPECT_FALSE(t, __test_and_clear_bit(64, map));
	__change_bit(1, map);
	EXPECT_EQ(t, map[0], 3);
	EXPECT_TRUE(t, test_bit(129, map) && !test_bit(128, map));
}

static void word_functions(struct test *t)
{
	EXPECT_EQ(t, __ffs(0x50), 4);
	EXPECT_EQ(t, __fls(0x50), 6);
	EXPECT_EQ(t, __fls(~0UL), 63);
	EXPECT_EQ(t, ffz(0xf), 4);
	EXPECT_EQ(t, ffs64(0), 0);
	EXPECT_EQ(t, fls64(0), 0);
	EXPECT_EQ(t, fls64(1UL << 63), 64);
	EXPECT_EQ(t, hweight64(~0UL), 64);
	EXPECT_EQ(t, hweight64(0x8000000000000101UL), 3);
	EXPECT_EQ(t, order_base_2(1), 0);
	EXPECT_EQ(t, order_base_2(5), 3);
	EXPECT_EQ(t, roundup_pow_of_two(4096), 4096);
	EXPECT_EQ(t, roundup_pow_of_two(4097), 8192);
	EXPECT_EQ(t, rounddown_pow_of_two(4097), 4096);
	EXPECT_EQ(t, rol32(0x80000001, 1), 3);
	EXPECT_EQ(t, rol64(1, 64), 1);
	EXPECT_EQ(t, GENMASK(7, 4), 0xf0);
	EXPECT_EQ(t, GENMASK(63, 0), ~0UL);
}

static void searches_follow_the_model(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0xb17);
	struct bits bits;

	for (size_t nbits = 0; nbits <= MAX_BITS; nbits++) {
		size_t last = nbits;

		randomize(&random, &bits, nbits);
		for (size_t start = 0; start <= nbits; start++) {
			ASSERT_EQ(t, find_next_bit(bits.map, nbits, start),
				  model_next(&bits, nbits, start, true));
			ASSERT_EQ(t, find_next_zero_bit(bits.map, nbits, start),
				  model_next(&bits, nbits, start, false));
		}
		for (size_t i = 0; i < nbits; i++)
			last = bits.model[i] ? i : last;
		ASSERT_EQ(t, find_last_bit(bits.map, nbits), last);
	}
}

static void weight_empty_and_full_follow_the_model(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x3e1);
	struct bits bits;

	for (size_t nbits = 1; nbits <= MAX_BITS; nbits++) {
		size_t weight = 0, bit, seen = 0;

		randomize(&random, &bits, nbits);
		for (size_t i = 0; i < nbits; i++)
			weight += bits.model[i];
		ASSERT_EQ(t, bitmap_weight(bits.map, nbits), weight);
		ASSERT_EQ(t, bitmap_empty(bits.map, nbits), weight == 0);
		ASSERT_EQ(t, bitmap_full(bits.map, nbits), weight == nbits);
		for_each_set_bit(bit, bits.map, nbits) {
			ASSERT_TRUE(t, bits.model[bit]);
			seen++;
		}
		ASSERT_EQ(t, seen, weight);
	}
}

static void ranges_follow_the_model(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x4a9);
	struct bits bits;

	randomize(&random, &bits, MAX_BITS);
	for (int step = 0; step < 5000; step++) {
		size_t start = test_random_below(&random, MAX_BITS);
		size_t nr = test_random_below(&random, MAX_BITS - start + 1);
		bool value = test_random_below(&random, 2);

		if (value)
			bitmap_set(bits.map, start, nr);
		else
			bitmap_clear(bits.map, start, nr);
		for (size_t i = start; i < start + nr; i++)
			bits.model[i] = value;
		for (size_t i = 0; i < MAX_BITS; i++)
			ASSERT_EQ(t, test_bit(i, bits.map), bits.model[i]);
	}
}

static void pairs_follow_the_model(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0xa2d);
	DECLARE_BITMAP(out, MAX_BITS);
	struct bits a, b;

	for (size_t nbits = 1; nbits <= MAX_BITS; nbits++) {
		bool equal = true, common = false, subset = true;

		randomize(&random, &a, nbits);
		randomize(&random, &b, nbits);
		for (size_t i = 0; i < nbits; i++) {
			equal &= a.model[i] == b.model[i];
			common |= a.model[i] && b.model[i];
			subset &= !a.model[i] || b.model[i];
		}
		ASSERT_EQ(t, bitmap_equal(a.map, b.map, nbits), equal);
		ASSERT_EQ(t, bitmap_intersects(a.map, b.map, nbits), common);
		ASSERT_EQ(t, bitmap_subset(a.map, b.map, nbits), subset);

		bitmap_and(out, a.map, b.map, nbits);
		ASSERT_TRUE(t,
			    bitmap_subset(out, a.map, nbits) && bitmap_subset(out, b.map, nbits));
		bitmap_or(out, a.map, b.map, nbits);
		ASSERT_TRUE(t,
			    bitmap_subset(a.map, out, nbits) && bitmap_subset(b.map, out, nbits));
		bitmap_andnot(out, a.map, b.map, nbits);
		ASSERT_FALSE(t, bitmap_intersects(out, b.map, nbits));
		bitmap_copy(out, a.map, nbits);
		ASSERT_TRUE(t, bitmap_equal(out, a.map, nbits));
	}
}

static void zero_and_fill(struct test *t)
{
	DECLARE_BITMAP(map, 70);

	bitmap_fill(map, 70);
	EXPECT_TRUE(t, bitmap_full(map, 70));
	bitmap_zero(map, 70);
	EXPECT_TRUE(t, bitmap_empty(map, 70));
}

static void zero_area_is_free_aligned_and_first(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x2e0);
	struct bits bits;

	for (int step = 0; step < 3000; step++) {
		size_t nbits = 1 + test_random_below(&random, MAX_BITS);
		size_t align = 1UL << test_random_below(&random, 5);
		size_t nr = 1 + test_random_below(&random, 12);
		size_t expected = 0, found;

		randomize(&random, &bits, nbits);
		while (expected + nr <= nbits &&
		       model_next(&bits, nbits, expected, true) < expected + nr)
			expected += align;
		if (expected + nr > nbits)
			expected = nbits;
		found = bitmap_find_zero_area(bits.map, nbits, 0, nr, align);
		ASSERT_EQ(t, found, expected);
	}
}

static const struct test_case bitmap_cases[] = {
	TEST_CASE(one_bit_operations_keep_the_others),
	TEST_CASE(word_functions),
	TEST_CASE(searches_follow_the_model),
	TEST_CASE(weight_empty_and_full_follow_the_model),
	TEST_CASE(ranges_follow_the_model),
	TEST_CASE(pairs_follow_the_model),
	TEST_CASE(zero_and_fill),
	TEST_CASE(zero_area_is_free_aligned_and_first),
};
TEST_SUITE(bitmap, bitmap_cases);
