/* SPDX-License-Identifier: GPL-2.0-only */
/* What the monitor makes of typed words and numbers. */
#include <linux/errno.h>

#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/test.h>

#include "parse.h"

static char line[128];
static char *words[MAX_WORDS + 1];

static int split(const char *text)
{
	strscpy(line, text, sizeof(line));
	return split_words(line, words);
}

static unsigned long test_lookup(const char *name)
{
	return strcmp(name, "start_kernel") ? 0 : 0x1000;
}

static void words_are_split_at_spaces(struct test *t)
{
	ASSERT_EQ(t, split("  x/8xg   start_kernel+4 "), 2);
	EXPECT_STREQ(t, words[0], "x/8xg");
	EXPECT_STREQ(t, words[1], "start_kernel+4");
	EXPECT_TRUE(t, !words[2]);
	EXPECT_EQ(t, split(""), 0);
	EXPECT_EQ(t, split("    "), 0);
}

static void quoted_word_holds_spaces(struct test *t)
{
	ASSERT_EQ(t, split("panic \"out of\" \"\""), 3);
	EXPECT_STREQ(t, words[1], "out of");
	EXPECT_STREQ(t, words[2], "");
	EXPECT_EQ(t, split("panic \"out of"), -EINVAL);
}

static void number_of_words_is_bounded(struct test *t)
{
	EXPECT_EQ(t, split("1 2 3 4 5 6 7 8 9 a b c d e f 0"), MAX_WORDS);
	EXPECT_EQ(t, split("1 2 3 4 5 6 7 8 9 a b c d e f 0 1"), -E2BIG);
}

static void numbers_are_decimal_or_hex(struct test *t)
{
	unsigned long value;

	EXPECT_OK(t, parse_number("10", &value));
	EXPECT_EQ(t, value, 10UL);
	EXPECT_OK(t, parse_number("0xffffffffFFFFFFFF", &value));
	EXPECT_EQ(t, value, ~0UL);
	EXPECT_OK(t, parse_number("010", &value));
	EXPECT_EQ(t, value, 10UL);
}

static void bad_numbers_are_refused(struct test *t)
{
	static const char *const bad[] = { "",
					   "0x",
					   "x",
					   "12a",
					   "-1",
					   "0xg",
					   " 1",
					   "1 ",
					   "0x10000000000000000",
					   "18446744073709551616" };
	unsigned long value;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(t, parse_number(bad[i], &value), -EINVAL);
}

static void address_is_number_or_symbol_and_offset(struct test *t)
{
	unsigned long addr;

	EXPECT_OK(t, parse_address("start_kernel", test_lookup, &addr));
	EXPECT_EQ(t, addr, 0x1000UL);
	EXPECT_OK(t, parse_address("start_kernel+0x10", test_lookup, &addr));
	EXPECT_EQ(t, addr, 0x1010UL);
	EXPECT_OK(t, parse_address("0xffffffff80000000+16", test_lookup, &addr));
	EXPECT_EQ(t, addr, 0xffffffff80000010UL);
}

static void bad_addresses_are_refused(struct test *t)
{
	static const char *const bad[] = { "",
					   "+",
					   "+1",
					   "nosuch",
					   "start_kernel+",
					   "start_kernel+x",
					   "start_kernel-1",
					   "0x10+",
					   "0x10+0x",
					   "0x10z" };
	unsigned long addr;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(t, parse_address(bad[i], test_lookup, &addr), -EINVAL);
}

static void name_too_long_for_a_symbol_is_refused(struct test *t)
{
	static char name[1000];
	unsigned long addr;

	memset(name, 'a', sizeof(name) - 1);
	EXPECT_EQ(t, parse_address(name, test_lookup, &addr), -EINVAL);
}

static void format_sets_count_letter_and_size(struct test *t)
{
	struct dump_format format = { .count = 1, .size = 4, .letter = 'x' };

	EXPECT_OK(t, parse_dump_format("16db", &format));
	EXPECT_EQ(t, format.count, 16U);
	EXPECT_EQ(t, format.size, 1U);
	EXPECT_EQ(t, format.letter, 'd');
	EXPECT_OK(t, parse_dump_format("a", &format));
	EXPECT_EQ(t, format.count, 1U);
	EXPECT_EQ(t, format.size, 8U);
	EXPECT_EQ(t, format.letter, 'a');
}

static void letters_left_out_keep_their_value(struct test *t)
{
	struct dump_format format = { .count = 7, .size = 2, .letter = 'o' };

	EXPECT_OK(t, parse_dump_format("", &format));
	EXPECT_EQ(t, format.count, 1U);
	EXPECT_EQ(t, format.size, 2U);
	EXPECT_EQ(t, format.letter, 'o');
}

static void bad_format_changes_nothing(struct test *t)
{
	static const char *const bad[] = { "0x", "16z", "99999999",
					   "x8", "i",	"99999999999999999999" };
	struct dump_format format = { .count = 7, .size = 2, .letter = 'o' };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(t, parse_dump_format(bad[i], &format), -EINVAL);
	EXPECT_EQ(t, format.count, 7U);
	EXPECT_EQ(t, format.size, 2U);
	EXPECT_EQ(t, format.letter, 'o');
}

static const struct test_case parse_cases[] = {
	TEST_CASE(words_are_split_at_spaces),
	TEST_CASE(quoted_word_holds_spaces),
	TEST_CASE(number_of_words_is_bounded),
	TEST_CASE(numbers_are_decimal_or_hex),
	TEST_CASE(bad_numbers_are_refused),
	TEST_CASE(address_is_number_or_symbol_and_offset),
	TEST_CASE(bad_addresses_are_refused),
	TEST_CASE(name_too_long_for_a_symbol_is_refused),
	TEST_CASE(format_sets_count_letter_and_size),
	TEST_CASE(letters_left_out_keep_their_value),
	TEST_CASE(bad_format_changes_nothing),
};
TEST_SUITE(monitor_parse, parse_cases);
