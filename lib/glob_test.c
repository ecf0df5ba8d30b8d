/* SPDX-License-Identifier: GPL-2.0-only */
/* Shell patterns, each rule by examples. */
#include <oshit/glob.h>
#include <oshit/test.h>

static void plain_text_matches_itself_alone(struct test *t)
{
	EXPECT_TRUE(t, glob_match("list", "list"));
	EXPECT_TRUE(t, glob_match("", ""));
	EXPECT_FALSE(t, glob_match("list", "lis"));
	EXPECT_FALSE(t, glob_match("list", "lists"));
	EXPECT_FALSE(t, glob_match("", "a"));
	EXPECT_FALSE(t, glob_match("a", ""));
}

static void question_mark_is_one_byte(struct test *t)
{
	EXPECT_TRUE(t, glob_match("l?st", "lost"));
	EXPECT_FALSE(t, glob_match("l?st", "lst"));
	EXPECT_FALSE(t, glob_match("list?", "list"));
}

static void star_is_any_text(struct test *t)
{
	EXPECT_TRUE(t, glob_match("*", ""));
	EXPECT_TRUE(t, glob_match("list.*", "list.add"));
	EXPECT_TRUE(t, glob_match("*a*b*c*", "xxaxbxxc"));
	EXPECT_TRUE(t, glob_match("*ab", "aab"));
	EXPECT_TRUE(t, glob_match("a**b", "ab"));
	EXPECT_FALSE(t, glob_match("list.*", "list"));
	EXPECT_FALSE(t, glob_match("*ab", "aba"));
}

static void class_is_one_of_its_bytes(struct test *t)
{
	EXPECT_TRUE(t, glob_match("[a-c]x", "bx"));
	EXPECT_TRUE(t, glob_match("[!a-c]", "d"));
	EXPECT_TRUE(t, glob_match("[]a]", "]"));
	EXPECT_TRUE(t, glob_match("[a-]", "-"));
	EXPECT_FALSE(t, glob_match("[a-c]x", "dx"));
	EXPECT_FALSE(t, glob_match("[!a-c]", "b"));
	EXPECT_FALSE(t, glob_match("[!a]", ""));
}

static void unended_class_is_plain_text(struct test *t)
{
	EXPECT_TRUE(t, glob_match("[a", "[a"));
	EXPECT_FALSE(t, glob_match("[a", "a"));
}

static void backslash_takes_the_next_byte_as_it_is(struct test *t)
{
	EXPECT_TRUE(t, glob_match("\\*", "*"));
	EXPECT_FALSE(t, glob_match("\\*", "a"));
	EXPECT_TRUE(t, glob_match("a\\", "a\\"));
}

/* A matcher that tries each star against each would not end in the life of the machine. */
static void many_stars_end_in_time(struct test *t)
{
	char text[201];

	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = 'a';
	text[sizeof(text) - 1] = '\0';
	EXPECT_FALSE(t, glob_match("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
}

static const struct test_case glob_cases[] = {
	TEST_CASE(plain_text_matches_itself_alone),
	TEST_CASE(question_mark_is_one_byte),
	TEST_CASE(star_is_any_text),
	TEST_CASE(class_is_one_of_its_bytes),
	TEST_CASE(unended_class_is_plain_text),
	TEST_CASE(backslash_takes_the_next_byte_as_it_is),
	TEST_CASE(many_stars_end_in_time),
};
TEST_SUITE(glob, glob_cases);
