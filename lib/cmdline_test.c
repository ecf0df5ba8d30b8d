/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line's grammar, each rule by examples. */
#include <oshit/cmdline.h>
#include <oshit/string.h>
#include <oshit/test.h>

/* The next parameter must be this; @value NULL means none. */
static void expect_param(struct test *t, char **pos, const char *name, const char *value)
{
	struct cmdline_param param;

	ASSERT_TRUE(t, cmdline_next(pos, &param));
	EXPECT_STREQ(t, param.name, name);
	EXPECT_EQ(t, !param.value, !value);
	if (param.value && value)
		EXPECT_STREQ(t, param.value, value);
}

static void expect_end(struct test *t, char **pos)
{
	struct cmdline_param param;

	EXPECT_FALSE(t, cmdline_next(pos, &param));
}

static void words_and_values(struct test *t)
{
	char line[] = "  quiet loglevel=7\tinit=/bin/sh empty= a=b=c \n";
	char *pos = line;

	expect_param(t, &pos, "quiet", NULL);
	expect_param(t, &pos, "loglevel", "7");
	expect_param(t, &pos, "init", "/bin/sh");
	expect_param(t, &pos, "empty", "");
	expect_param(t, &pos, "a", "b=c");
	expect_end(t, &pos);
}

static void quotes_keep_white_space(struct test *t)
{
	char line[] = "a=\"x y\" \"b=p q\" \"two words\" c=1\"2 3\"4 =odd";
	char *pos = line;

	expect_param(t, &pos, "a", "x y");
	expect_param(t, &pos, "b", "p q");
	expect_param(t, &pos, "two words", NULL);
	expect_param(t, &pos, "c", "1\"2 3\"4");
	expect_param(t, &pos, "=odd", NULL);
	expect_end(t, &pos);
}

static void unterminated_quote_reaches_to_the_end(struct test *t)
{
	char line[] = "a=\"x y", lone[] = "\"", value[] = "a=\"";
	char *pos = line;

	expect_param(t, &pos, "a", "x y");
	expect_end(t, &pos);
	pos = lone;
	expect_param(t, &pos, "", NULL);
	expect_end(t, &pos);
	pos = value;
	expect_param(t, &pos, "a", "");
	expect_end(t, &pos);
}

static void nothing_gives_nothing(struct test *t)
{
	char empty[] = "", blank[] = " \t\n";
	char *pos = empty;

	expect_end(t, &pos);
	pos = blank;
	expect_end(t, &pos);
}

static void dash_and_underscore_are_equal(struct test *t)
{
	EXPECT_TRUE(t, cmdline_name_equal("log-buf_len", "log_buf-len"));
	EXPECT_FALSE(t, cmdline_name_equal("log", "log_"));
	EXPECT_FALSE(t, cmdline_name_equal("loga", "logb"));
	EXPECT_TRUE(t, cmdline_name_equal("", ""));
}

static void two_dashes_separate(struct test *t)
{
	char line[] = "-- --=x -";
	char *pos = line;
	struct cmdline_param param;

	EXPECT_TRUE(t, cmdline_next(&pos, &param) && cmdline_is_separator(&param));
	EXPECT_TRUE(t, cmdline_next(&pos, &param) && !cmdline_is_separator(&param));
	EXPECT_TRUE(t, cmdline_next(&pos, &param) && !cmdline_is_separator(&param));
}

static const struct test_case cmdline_cases[] = {
	TEST_CASE(words_and_values),
	TEST_CASE(quotes_keep_white_space),
	TEST_CASE(unterminated_quote_reaches_to_the_end),
	TEST_CASE(nothing_gives_nothing),
	TEST_CASE(dash_and_underscore_are_equal),
	TEST_CASE(two_dashes_separate),
};
TEST_SUITE(cmdline, cmdline_cases);
