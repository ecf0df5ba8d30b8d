/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Atomic operations on integers and bits against plain arithmetic, on one CPU: that each does what
 * its name says and returns what it should.  That they are atomic is for the tests of the locks.
 */
#include <oshit/atomic.h>
#include <oshit/bitops.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define NR_ROUNDS 1000

static void operations_agree_with_arithmetic(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x10cc);
	long model = 0;
	atomic64_t v = ATOMIC_INIT(0);

	for (int i = 0; i < NR_ROUNDS; i++) {
		long by = (long)test_random_below(&random, 1UL << 20) - (1L << 19);

		EXPECT_EQ(t, atomic64_fetch_add(by, &v), model);
		model += by;
		EXPECT_EQ(t, atomic64_fetch_or(by & 0xff0, &v), model);
		model |= by & 0xff0;
		EXPECT_EQ(t, atomic64_fetch_xor((long)((u64)by << 3), &v), model);
		model ^= (long)((u64)by << 3);
		EXPECT_EQ(t, atomic64_fetch_andnot(0x10f, &v), model);
		model &= ~0x10fL;
		EXPECT_EQ(t, atomic64_fetch_and(0xffffffff, &v), model);
		model &= 0xffffffff;
		EXPECT_EQ(t, atomic64_fetch_sub(by, &v), model);
		model -= by;
		EXPECT_EQ(t, atomic64_add_return(by, &v), model + by);
		EXPECT_EQ(t, atomic64_sub_return(by, &v), model);
		EXPECT_EQ(t, atomic64_read(&v), model);
	}
}

static void operations_without_a_result_do_the_same(struct test *t)
{
	atomic_t v = ATOMIC_INIT(0x1234);

	atomic_or(0x4001, &v);
	EXPECT_EQ(t, atomic_read(&v), 0x5235);
	atomic_and(0xfff, &v);
	EXPECT_EQ(t, atomic_read(&v), 0x235);
	atomic_andnot(0x30, &v);
	EXPECT_EQ(t, atomic_read(&v), 0x205);
	atomic_xor(0x7, &v);
	EXPECT_EQ(t, atomic_read(&v), 0x202);
	atomic_inc(&v);
	atomic_sub(2, &v);
	atomic_dec(&v);
	EXPECT_EQ(t, atomic_read(&v), 0x200);
}

static void exchange_returns_the_old_value(struct test *t)
{
	atomic_t v = ATOMIC_INIT(5);
	int old = 4;

	EXPECT_EQ(t, atomic_xchg(&v, 6), 5);
	EXPECT_EQ(t, atomic_cmpxchg_acquire(&v, 5, 7), 6);
	EXPECT_EQ(t, atomic_read(&v), 6);
	EXPECT_FALSE(t, atomic_try_cmpxchg_relaxed(&v, &old, 8));
	EXPECT_EQ(t, old, 6);
	EXPECT_TRUE(t, atomic_try_cmpxchg_release(&v, &old, 8));
	EXPECT_EQ(t, atomic_read(&v), 8);
}

static void conditional_operations_leave_the_excluded_value(struct test *t)
{
	atomic_t v = ATOMIC_INIT(0);

	EXPECT_FALSE(t, atomic_inc_not_zero(&v));
	EXPECT_EQ(t, atomic_dec_if_positive(&v), -1);
	EXPECT_EQ(t, atomic_read(&v), 0);
	EXPECT_TRUE(t, atomic_add_unless(&v, 2, 5));
	EXPECT_TRUE(t, atomic_inc_not_zero(&v));
	EXPECT_EQ(t, atomic_dec_if_positive(&v), 2);
	EXPECT_EQ(t, atomic_fetch_add_unless(&v, 9, 2), 2);
	EXPECT_EQ(t, atomic_read(&v), 2);
	EXPECT_TRUE(t, atomic_sub_and_test(2, &v));
	EXPECT_FALSE(t, atomic_dec_and_test(&v));
	EXPECT_TRUE(t, atomic_inc_and_test(&v));
}

static void bits_change_alone(struct test *t)
{
	unsigned long map[3] = { 0 };

	for (size_t nr = 0; nr < 3 * BITS_PER_LONG; nr += 7) {
		EXPECT_FALSE(t, test_and_set_bit(nr, map));
		EXPECT_TRUE(t, test_and_set_bit(nr, map));
		EXPECT_TRUE(t, test_and_clear_bit(nr, map));
		EXPECT_FALSE(t, test_and_clear_bit(nr, map));
		EXPECT_FALSE(t, test_and_change_bit(nr, map));
		set_bit(nr, map);
		EXPECT_EQ(t, map[BIT_WORD(nr)], BIT_MASK(nr));
		EXPECT_TRUE(t, test_and_set_bit_lock(nr, map));
		clear_bit_unlock(nr, map);
		change_bit(nr, map);
		clear_bit(nr, map);
		EXPECT_EQ(t, map[0] | map[1] | map[2], 0);
	}
}

static const struct test_case atomic_cases[] = {
	TEST_CASE(operations_agree_with_arithmetic),
	TEST_CASE(operations_without_a_result_do_the_same),
	TEST_CASE(exchange_returns_the_old_value),
	TEST_CASE(conditional_operations_leave_the_excluded_value),
	TEST_CASE(bits_change_alone),
};
TEST_SUITE(atomic, atomic_cases);
