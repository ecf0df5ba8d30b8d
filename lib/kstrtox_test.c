/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers from text: what is one, what is out of range, and that a failure changes nothing. */
#include <linux/errno.h>

#include <oshit/kstrtox.h>
#include <oshit/math.h>
#include <oshit/printf.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define UNTOUCHED 4242

static long parsed_ulong(const char *s, unsigned int base, int expected_err)
{
	unsigned long value = UNTOUCHED;
	int err = kstrtoul(s, base, &value);

	return err == expected_err ? (long)value : -1000 + err;
}

static void bases(struct test *t)
{
	EXPECT_EQ(t, parsed_ulong("123", 0, 0), 123);
	EXPECT_EQ(t, parsed_ulong("0x1F", 0, 0), 31);
	EXPECT_EQ(t, parsed_ulong("017", 0, 0), 15);
	EXPECT_EQ(t, parsed_ulong("0", 0, 0), 0);
	EXPECT_EQ(t, parsed_ulong("0xff", 16, 0), 255);
	EXPECT_EQ(t, parsed_ulong("ff", 16, 0), 255);
	EXPECT_EQ(t, parsed_ulong("101", 2, 0), 5);
	EXPECT_EQ(t, parsed_ulong("+7\n", 10, 0), 7);
}

static void junk_is_invalid_and_changes_nothing(struct test *t)
{
	static const char *const junk[] = { "",	  "+",	 "-1", "12x",	" 1",  "0x",
					    "1 ", "+-1", "08", "1\n\n", "++1", "0xg" };

	for (size_t i = 0; i < ARRAY_SIZE(junk); i++)
		EXPECT_EQ(t, parsed_ulong(junk[i], 0, -EINVAL), UNTOUCHED);
}

static void ranges_are_exact(struct test *t)
{
	unsigned long ul;
	unsigned int u;
	long l;
	int i;

	EXPECT_OK(t, kstrtoul("18446744073709551615", 10, &ul));
	EXPECT_EQ(t, ul, ~0UL);
	EXPECT_EQ(t, kstrtoul("18446744073709551616", 10, &ul), -ERANGE);
	EXPECT_EQ(t, kstrtoul("0x10000000000000000", 0, &ul), -ERANGE);
	EXPECT_OK(t, kstrtol("-9223372036854775808", 10, &l));
	EXPECT_EQ(t, l, -0x7fffffffffffffffL - 1);
	EXPECT_EQ(t, kstrtol("9223372036854775808", 10, &l), -ERANGE);
	EXPECT_EQ(t, kstrtol("-9223372036854775809", 10, &l), -ERANGE);
	EXPECT_OK(t, kstrtouint("4294967295", 10, &u));
	EXPECT_EQ(t, kstrtouint("4294967296", 10, &u), -ERANGE);
	EXPECT_OK(t, kstrtoint("-2147483648", 10, &i));
	EXPECT_EQ(t, kstrtoint("2147483648", 10, &i), -ERANGE);
	EXPECT_EQ(t, kstrtoint("-+1", 10, &i), -EINVAL);
}

static void printed_numbers_are_read_back(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x57a);

	for (int step = 0; step < 2000; step++) {
		unsigned long value = test_random_next(&random) >> test_random_below(&random, 64);
		unsigned long back = ~value;
		long signed_back = 0;
		char text[32];

		snprintf(text, sizeof(text), step % 2 ? "%#lx" : "%lu", value);
		ASSERT_OK(t, kstrtoul(text, 0, &back));
		ASSERT_EQ(t, back, value);
		snprintf(text, sizeof(text), "%ld", (long)value);
		ASSERT_OK(t, kstrtol(text, 0, &signed_back));
		ASSERT_EQ(t, signed_back, (long)value);
	}
}

static void number_at_the_start_of_a_text(struct test *t)
{
	unsigned long value = UNTOUCHED;

	EXPECT_EQ(t, strntoul("123abc", 6, 10, &value), 3);
	EXPECT_EQ(t, value, 123);
	EXPECT_EQ(t, strntoul("123", 2, 10, &value), 2);
	EXPECT_EQ(t, value, 12);
	EXPECT_EQ(t, strntoul("0x", 2, 0, &value), 1);
	EXPECT_EQ(t, strntoul("1", 0, 0, &value), -EINVAL);
}

static void booleans(struct test *t)
{
	bool value = false;

	EXPECT_OK(t, kstrtobool("Yes\n", &value));
	EXPECT_TRUE(t, value);
	EXPECT_OK(t, kstrtobool("off", &value));
	EXPECT_FALSE(t, value);
	EXPECT_EQ(t, kstrtobool("", &value), -EINVAL);
	EXPECT_EQ(t, kstrtobool("yesyesyesyes", &value), -EINVAL);
	EXPECT_EQ(t, kstrtobool("2", &value), -EINVAL);
}

static void sizes(struct test *t)
{
	const char *text = "0x10k@4G", *end;
	u64 bytes;

	EXPECT_OK(t, memparse("64M", NULL, &bytes));
	EXPECT_EQ(t, bytes, 64UL << 20);
	EXPECT_OK(t, memparse("15E", NULL, &bytes));
	EXPECT_EQ(t, bytes, 15UL << 60);
	EXPECT_OK(t, memparse(text, &end, &bytes));
	EXPECT_EQ(t, bytes, 16384);
	EXPECT_STREQ(t, end, "@4G");
	EXPECT_EQ(t, memparse("16E", NULL, &bytes), -ERANGE);
	EXPECT_EQ(t, memparse("1MB", NULL, &bytes), -EINVAL);
	EXPECT_EQ(t, memparse("M", NULL, &bytes), -EINVAL);
	EXPECT_EQ(t, bytes, 16384);
}

static const struct test_case kstrtox_cases[] = {
	TEST_CASE(bases),
	TEST_CASE(junk_is_invalid_and_changes_nothing),
	TEST_CASE(ranges_are_exact),
	TEST_CASE(printed_numbers_are_read_back),
	TEST_CASE(number_at_the_start_of_a_text),
	TEST_CASE(booleans),
	TEST_CASE(sizes),
};
TEST_SUITE(kstrtox, kstrtox_cases);
