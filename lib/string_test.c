/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory functions for all lengths and alignments up to a few rounds, against byte loops, with
 * the bytes around the target watched; strings by examples.
 */
#include <linux/errno.h>

#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/test.h>

#define ROOM 128
#define EDGE 16
#define MAX  (ROOM - 2 * EDGE)

static void number_bytes(u8 *mem)
{
	for (int i = 0; i < ROOM; i++)
		mem[i] = (u8)(i + 1);
}

/* What a byte-wise move inside @mem must give, through a copy. */
static void model_move(u8 *mem, size_t to, size_t from, size_t len)
{
	u8 copy[ROOM];

	for (size_t i = 0; i < len; i++)
		copy[i] = mem[from + i];
	for (size_t i = 0; i < len; i++)
		mem[to + i] = copy[i];
}

static bool same_bytes(const u8 *a, const u8 *b)
{
	for (int i = 0; i < ROOM; i++) {
		if (a[i] != b[i])
			return false;
	}
	return true;
}

static void memmove_handles_any_overlap(struct test *t)
{
	u8 mem[ROOM], model[ROOM];

	for (size_t len = 0; len <= 72; len++) {
		for (size_t to = 0; to <= 40; to++) {
			number_bytes(mem);
			number_bytes(model);
			model_move(model, EDGE + to, EDGE + 20, len);
			ASSERT_TRUE(t, memmove(mem + EDGE + to, mem + EDGE + 20, len) ==
					       mem + EDGE + to);
			ASSERT_TRUE(t, same_bytes(mem, model));
		}
	}
}

static void memcpy_copies_exactly(struct test *t)
{
	u8 from[ROOM], to[ROOM], model[ROOM];

	number_bytes(from);
	for (size_t len = 0; len <= MAX - 8; len++) {
		for (size_t shift = 0; shift < 8; shift++) {
			for (int i = 0; i < ROOM; i++)
				to[i] = model[i] = 0xee;
			for (size_t i = 0; i < len; i++)
				model[EDGE + shift + i] = from[EDGE + i];
			memcpy(to + EDGE + shift, from + EDGE, len);
			ASSERT_TRUE(t, same_bytes(to, model));
		}
	}
}

static void memset_sets_exactly(struct test *t)
{
	u8 mem[ROOM], model[ROOM];

	for (size_t len = 0; len <= MAX - 8; len++) {
		number_bytes(mem);
		number_bytes(model);
		for (size_t i = 0; i < len; i++)
			model[EDGE + len % 8 + i] = 0x9c;
		memset(mem + EDGE + len % 8, 0x19c, len);
		ASSERT_TRUE(t, same_bytes(mem, model));
	}
	memzero_explicit(mem, ROOM);
	EXPECT_TRUE(t, !memchr_inv(mem, 0, ROOM));
}

static void memcmp_orders_by_first_difference(struct test *t)
{
	u8 a[40], b[40];

	for (size_t i = 0; i < sizeof(a); i++) {
		memset(a, 5, sizeof(a));
		memset(b, 5, sizeof(b));
		b[i] = 200;
		ASSERT_LT(t, memcmp(a, b, sizeof(a)), 0);
		ASSERT_GT(t, memcmp(b, a, sizeof(a)), 0);
		ASSERT_EQ(t, memcmp(a, b, i), 0);
	}
}

static void memchr_finds_the_first(struct test *t)
{
	u8 mem[40];

	for (size_t i = 0; i < sizeof(mem); i++) {
		memset(mem, 0xff, sizeof(mem));
		mem[i] = 7;
		mem[sizeof(mem) - 1] = 7;
		ASSERT_TRUE(t, memchr(mem, 7, sizeof(mem)) == mem + i);
		ASSERT_TRUE(t, memchr_inv(mem, 0xff, sizeof(mem)) == mem + i);
		ASSERT_TRUE(t, !memchr(mem, 7, i) && !memchr_inv(mem, 0xff, i));
	}
}

static void lengths_and_comparisons(struct test *t)
{
	EXPECT_EQ(t, strlen(""), 0);
	EXPECT_EQ(t, strlen("kernel"), 6);
	EXPECT_EQ(t, strnlen("kernel", 3), 3);
	EXPECT_EQ(t, strcmp("a", "a"), 0);
	EXPECT_LT(t, strcmp("a", "ab"), 0);
	EXPECT_GT(t, strcmp("\x80", "a"), 0);
	EXPECT_EQ(t, strncmp("abc", "abd", 2), 0);
	EXPECT_LT(t, strncmp("abc", "abd", 3), 0);
	EXPECT_EQ(t, strcasecmp("KeRnel", "kernel"), 0);
	EXPECT_EQ(t, strncasecmp("KeRx", "kery", 3), 0);
	EXPECT_TRUE(t, strstarts("console=ttyS0", "console="));
	EXPECT_FALSE(t, strstarts("con", "console"));
}

static void searches(struct test *t)
{
	const char *s = "path/to/file";

	EXPECT_TRUE(t, strchr(s, '/') == s + 4);
	EXPECT_TRUE(t, strrchr(s, '/') == s + 7);
	EXPECT_TRUE(t, strchr(s, '\0') == s + 12);
	EXPECT_TRUE(t, !strchr(s, 'x') && !strrchr(s, 'x'));
	EXPECT_TRUE(t, strchrnul(s, 'x') == s + 12);
	EXPECT_TRUE(t, strstr(s, "to") == s + 5);
	EXPECT_TRUE(t, strstr(s, "") == s);
	EXPECT_TRUE(t, !strstr(s, "files"));
	EXPECT_TRUE(t, strstr("aaab", "aab"));
	EXPECT_EQ(t, strspn("aabbc", "ab"), 4);
	EXPECT_EQ(t, strcspn("aabbc", "cd"), 4);
	EXPECT_TRUE(t, strpbrk(s, "tf") == s + 2);
	EXPECT_TRUE(t, !strpbrk(s, "xyz"));
}

static void strsep_splits_and_keeps_empty_tokens(struct test *t)
{
	char line[] = "a,,b;c";
	char *pos = line;

	EXPECT_STREQ(t, strsep(&pos, ",;"), "a");
	EXPECT_STREQ(t, strsep(&pos, ",;"), "");
	EXPECT_STREQ(t, strsep(&pos, ",;"), "b");
	EXPECT_STREQ(t, strsep(&pos, ",;"), "c");
	EXPECT_TRUE(t, !strsep(&pos, ",;"));
}

static void strscpy_always_ends_the_string(struct test *t)
{
	char buf[4] = "xyz";

	EXPECT_EQ(t, strscpy(buf, "ab", sizeof(buf)), 2);
	EXPECT_STREQ(t, buf, "ab");
	EXPECT_EQ(t, strscpy(buf, "abcd", sizeof(buf)), -E2BIG);
	EXPECT_STREQ(t, buf, "abc");
	EXPECT_EQ(t, strscpy(buf, "", 1), 0);
	EXPECT_EQ(t, strscpy(buf, "a", 0), -E2BIG);
	EXPECT_STREQ(t, buf, "");
}

static void white_space_is_cut(struct test *t)
{
	char line[] = " \t two words \n", blank[] = "  \n";

	EXPECT_STREQ(t, strim(line), "two words");
	EXPECT_STREQ(t, strim(blank), "");
	EXPECT_STREQ(t, skip_spaces("  x "), "x ");
}

static const struct test_case string_cases[] = {
	TEST_CASE(memmove_handles_any_overlap),
	TEST_CASE(memcpy_copies_exactly),
	TEST_CASE(memset_sets_exactly),
	TEST_CASE(memcmp_orders_by_first_difference),
	TEST_CASE(memchr_finds_the_first),
	TEST_CASE(lengths_and_comparisons),
	TEST_CASE(searches),
	TEST_CASE(strsep_splits_and_keeps_empty_tokens),
	TEST_CASE(strscpy_always_ends_the_string),
	TEST_CASE(white_space_is_cut),
};
TEST_SUITE(string, string_cases);
