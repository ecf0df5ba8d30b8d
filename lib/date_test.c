/* SPDX-License-Identifier: GPL-2.0-only */
/* Each day of a thousand years follows the one before it, and known dates have known numbers. */
#include <oshit/date.h>
#include <oshit/math.h>
#include <oshit/test.h>

static bool same(const struct date *a, const struct date *b)
{
	return a->year == b->year && a->month == b->month && a->day == b->day &&
	       a->hour == b->hour && a->minute == b->minute && a->second == b->second;
}

static void known_dates_have_known_numbers(struct test *t)
{
	static const struct {
		struct date date;
		u64 seconds;
	} known[] = {
		{ { 1970, 1, 1, 0, 0, 0 }, 0 },
		{ { 2000, 2, 29, 12, 0, 0 }, 951825600 },
		{ { 2001, 9, 9, 1, 46, 40 }, 1000000000 },
		{ { 2038, 1, 19, 3, 14, 8 }, 1UL << 31 },
		{ { 2100, 3, 1, 0, 0, 0 }, 4107542400 },
		{ { 9999, 12, 31, 23, 59, 59 }, 253402300799 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct date date = date_from_seconds(known[i].seconds);

		EXPECT_EQ(t, date_to_seconds(&known[i].date), known[i].seconds);
		EXPECT_TRUE(t, same(&date, &known[i].date));
	}
}

/* The next valid date is the next second's. */
static void each_day_follows_the_one_before(struct test *t)
{
	struct date next = { 1970, 1, 1, 23, 59, 59 };
	u64 seconds = 86399;

	for (unsigned int i = 0; i < 365250; i++, seconds += 86400) {
		struct date date = date_from_seconds(seconds);

		ASSERT_TRUE(t, same(&date, &next));
		ASSERT_EQ(t, date_to_seconds(&date), seconds);
		next.day++;
		if (!date_is_valid(&next)) {
			next.day = 1;
			next.month++;
		}
		if (!date_is_valid(&next)) {
			next.month = 1;
			next.year++;
		}
		ASSERT_TRUE(t, date_is_valid(&next));
	}
	EXPECT_EQ(t, next.year, 2970);
}

static void impossible_dates_are_refused(struct test *t)
{
	static const struct date bad[] = {
		{ 1969, 12, 31, 0, 0, 0 }, { 2023, 2, 29, 0, 0, 0 }, { 2100, 2, 29, 0, 0, 0 },
		{ 2024, 0, 1, 0, 0, 0 },   { 2024, 13, 1, 0, 0, 0 }, { 2024, 4, 31, 0, 0, 0 },
		{ 2024, 1, 0, 0, 0, 0 },   { 2024, 1, 1, 24, 0, 0 }, { 2024, 1, 1, 0, 60, 0 },
		{ 2024, 1, 1, 0, 0, 60 },  { 10000, 1, 1, 0, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_FALSE(t, date_is_valid(&bad[i]));
}

static const struct test_case date_cases[] = {
	TEST_CASE(known_dates_have_known_numbers),
	TEST_CASE(each_day_follows_the_one_before),
	TEST_CASE(impossible_dates_are_refused),
};
TEST_SUITE(date, date_cases);
