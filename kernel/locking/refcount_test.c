/* SPDX-License-Identifier: GPL-2.0-only */
/* Reference counts stick where they would wrap, and lend no object that is gone. */
#include <oshit/refcount.h>
#include <oshit/test.h>

static void expect_misuse(void)
{
	atomic_set(&refcount_expected_misuse, 0);
}

static int misuse_seen(void)
{
	return atomic_xchg(&refcount_expected_misuse, -1);
}

static void last_put_is_told_apart(struct test *t)
{
	refcount_t r = REFCOUNT_INIT(1);

	refcount_inc(&r);
	refcount_add(2, &r);
	EXPECT_EQ(t, refcount_read(&r), 4);
	EXPECT_FALSE(t, refcount_sub_and_test(2, &r));
	EXPECT_TRUE(t, refcount_dec_not_one(&r));
	EXPECT_FALSE(t, refcount_dec_not_one(&r));
	EXPECT_TRUE(t, refcount_dec_and_test(&r));
	EXPECT_EQ(t, refcount_read(&r), 0);
}

static void dead_object_is_not_lent(struct test *t)
{
	refcount_t r = REFCOUNT_INIT(0);

	EXPECT_FALSE(t, refcount_inc_not_zero(&r));
	EXPECT_EQ(t, refcount_read(&r), 0);
	expect_misuse();
	refcount_inc(&r);
	EXPECT_EQ(t, misuse_seen(), 1);
	EXPECT_EQ(t, refcount_read(&r), REFCOUNT_SATURATED);
}

static void overflow_sticks(struct test *t)
{
	refcount_t r = REFCOUNT_INIT(__INT_MAX__ - 1);

	expect_misuse();
	refcount_inc(&r);
	EXPECT_EQ(t, misuse_seen(), 0);
	expect_misuse();
	refcount_inc(&r);
	EXPECT_EQ(t, misuse_seen(), 1);
	EXPECT_EQ(t, refcount_read(&r), REFCOUNT_SATURATED);

	refcount_set(&r, __INT_MAX__);
	expect_misuse();
	EXPECT_TRUE(t, refcount_inc_not_zero(&r));
	EXPECT_EQ(t, misuse_seen(), 1);
	EXPECT_EQ(t, refcount_read(&r), REFCOUNT_SATURATED);
}

/* Whatever comes after, the count neither reaches 0 nor looks sound again. */
static void saturated_count_stays_so(struct test *t)
{
	refcount_t r = REFCOUNT_INIT(REFCOUNT_SATURATED);

	expect_misuse();
	for (int i = 0; i < 1000; i++) {
		EXPECT_FALSE(t, refcount_dec_and_test(&r));
		EXPECT_TRUE(t, refcount_dec_not_one(&r));
		EXPECT_TRUE(t, refcount_inc_not_zero(&r));
		refcount_add(1000, &r);
		EXPECT_LT(t, refcount_read(&r), 0);
	}
	misuse_seen();
	EXPECT_EQ(t, refcount_read(&r), REFCOUNT_SATURATED);
}

static void put_too_many_sticks(struct test *t)
{
	refcount_t r = REFCOUNT_INIT(1);

	expect_misuse();
	EXPECT_FALSE(t, refcount_sub_and_test(2, &r));
	EXPECT_EQ(t, misuse_seen(), 1);
	EXPECT_EQ(t, refcount_read(&r), REFCOUNT_SATURATED);
}

static void last_put_under_a_lock_holds_it(struct test *t)
{
	static DEFINE_SPINLOCK(lock);
	refcount_t r = REFCOUNT_INIT(2);
	unsigned long flags;

	if (refcount_dec_and_lock(&r, &lock)) {
		EXPECT_TRUE(t, false);
		spin_unlock(&lock);
	}
	if (refcount_dec_and_lock(&r, &lock))
		spin_unlock(&lock);
	else
		EXPECT_TRUE(t, false);
	refcount_set(&r, 1);
	if (refcount_dec_and_lock_irqsave(&r, &lock, &flags)) {
		EXPECT_TRUE(t, irqs_disabled());
		spin_unlock_irqrestore(&lock, flags);
	} else {
		EXPECT_TRUE(t, false);
	}
}

static const struct test_case refcount_cases[] = {
	TEST_CASE(last_put_is_told_apart), TEST_CASE(dead_object_is_not_lent),
	TEST_CASE(overflow_sticks),	   TEST_CASE(saturated_count_stays_so),
	TEST_CASE(put_too_many_sticks),	   TEST_CASE(last_put_under_a_lock_holds_it),
};
TEST_SUITE(refcount, refcount_cases);
