/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parameters reach the functions that registered, everything else reaches init.  Only here:
 * the kernel parses its line once, and would know these parameters.
 */
#include <linux/errno.h>

#include <oshit/boot_param.h>
#include <oshit/kstrtox.h>
#include <oshit/string.h>
#include <oshit/test.h>

static unsigned int level;
static unsigned int nr_quiet;
static const char *root;

static int set_level(const char *value)
{
	return value ? kstrtouint(value, 0, &level) : -EINVAL;
}
BOOT_PARAM("test-level", set_level);

static int set_quiet(const char *value)
{
	nr_quiet++;
	return value ? -EINVAL : 0;
}
BOOT_PARAM("test_quiet", set_quiet);

static int set_root(const char *value)
{
	root = value;
	return 0;
}
BOOT_PARAM("test_root", set_root);

static unsigned long number;
static bool flag;
BOOT_PARAM_NUMBER("test_number", number);
BOOT_PARAM_FLAG("test_flag", flag);

static void parse(const char *line)
{
	memset(&init_strings, 0, sizeof(init_strings));
	level = 0;
	nr_quiet = 0;
	root = NULL;
	boot_params_parse(line);
}

static void known_parameters_are_called(struct test *t)
{
	parse("test_level=5 test-quiet test_quiet test_root=\"a b\"");
	EXPECT_EQ(t, level, 5);
	EXPECT_EQ(t, nr_quiet, 2);
	ASSERT_TRUE(t, root);
	EXPECT_STREQ(t, root, "a b");
	EXPECT_EQ(t, init_strings.nr_args, 1);
	EXPECT_EQ(t, init_strings.nr_envs, 0);
}

static void numbers_and_flags_need_no_function(struct test *t)
{
	number = 7;
	flag = false;
	parse("test_number test_number=x");
	EXPECT_EQ(t, number, 7UL);
	EXPECT_FALSE(t, flag);
	parse("test-number=0x10 test_flag");
	EXPECT_EQ(t, number, 16UL);
	EXPECT_TRUE(t, flag);
}

static void unknown_ones_go_to_init(struct test *t)
{
	parse("TERM=vt100 single GREETING=\"hello there\" module.option=1");
	ASSERT_EQ(t, init_strings.nr_envs, 2);
	EXPECT_STREQ(t, init_strings.envp[0], "TERM=vt100");
	EXPECT_STREQ(t, init_strings.envp[1], "GREETING=hello there");
	ASSERT_EQ(t, init_strings.nr_args, 2);
	EXPECT_STREQ(t, init_strings.argv[1], "single");
}

static void all_behind_two_dashes_goes_to_init(struct test *t)
{
	parse("test_level=1 -- test_level=2 -x \"a b\" k=\"v w\" --");
	EXPECT_EQ(t, level, 1);
	ASSERT_EQ(t, init_strings.nr_args, 6);
	EXPECT_STREQ(t, init_strings.argv[1], "test_level=2");
	EXPECT_STREQ(t, init_strings.argv[2], "-x");
	EXPECT_STREQ(t, init_strings.argv[3], "a b");
	EXPECT_STREQ(t, init_strings.argv[4], "k=v w");
	EXPECT_STREQ(t, init_strings.argv[5], "--");
	EXPECT_EQ(t, init_strings.nr_envs, 0);
}

static void bad_values_do_not_stop_the_rest(struct test *t)
{
	parse("test_level=x test_level test_quiet=1 test_root=/dev/sda");
	EXPECT_EQ(t, level, 0);
	ASSERT_TRUE(t, root);
	EXPECT_STREQ(t, root, "/dev/sda");
}

static void too_much_is_cut(struct test *t)
{
	char line[4096];

	for (size_t i = 0; i + 1 < sizeof(line); i += 2) {
		line[i] = 'x';
		line[i + 1] = ' ';
	}
	line[sizeof(line) - 1] = '\0';
	parse(line);
	EXPECT_EQ(t, init_strings.nr_args, BOOT_MAX_INIT_STRINGS);
	EXPECT_TRUE(t, !init_strings.argv[BOOT_MAX_INIT_STRINGS]);
}

static const struct test_case boot_param_cases[] = {
	TEST_CASE(known_parameters_are_called),	    TEST_CASE(numbers_and_flags_need_no_function),
	TEST_CASE(unknown_ones_go_to_init),	    TEST_CASE(all_behind_two_dashes_goes_to_init),
	TEST_CASE(bad_values_do_not_stop_the_rest), TEST_CASE(too_much_is_cut),
};
TEST_SUITE(boot_param, boot_param_cases);
