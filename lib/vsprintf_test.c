/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * printf by examples, and what it has beyond C.  The host also compares it with the C library on
 * random formats: tools/testing/host/printf_oracle_test.c.
 */
#include <linux/errno.h>

#include <oshit/err.h>
#include <oshit/kallsyms.h>
#include <oshit/printf.h>
#include <oshit/string.h>
#include <oshit/test.h>

#define EXPECT_PRINTED(t, expected, fmt, args...)                          \
	do {                                                               \
		char __text[128];                                          \
		int __len = snprintf(__text, sizeof(__text), fmt, ##args); \
                                                                           \
		EXPECT_STREQ(t, __text, expected);                         \
		EXPECT_EQ(t, (size_t)__len, strlen(expected));             \
	} while (0)

static void integers(struct test *t)
{
	const char *narrow = "%hhu %hhd"; /* not a literal: the compiler would warn */

	EXPECT_PRINTED(t, "0 -1 2147483647", "%d %i %d", 0, -1, 0x7fffffff);
	EXPECT_PRINTED(t, "-9223372036854775808", "%ld", -0x7fffffffffffffffL - 1);
	EXPECT_PRINTED(t, "18446744073709551615", "%lu", ~0UL);
	EXPECT_PRINTED(t, "1777777777777777777777", "%lo", ~0UL);
	EXPECT_PRINTED(t, "dead BEEF 0x1", "%x %X %#x", 0xdeadU, 0xbeefU, 1U);
	EXPECT_PRINTED(t, "44 -24", narrow, 300, 1000);
	EXPECT_PRINTED(t, "5 6 7", "%zu %jd %td", (size_t)5, (long)6, (ptrdiff_t)7);
}

static void fields(struct test *t)
{
	EXPECT_PRINTED(t, "[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42);
	EXPECT_PRINTED(t, "[+42][ 42][-0042]", "[%+d][% d][%05d]", 42, 42, -42);
	EXPECT_PRINTED(t, "[  007][]", "[%5.3d][%.0d]", 7, 0);
	EXPECT_PRINTED(t, "[0x00ff][017][0]", "[%#06x][%#o][%#x]", 0xffU, 15U, 0U);
	EXPECT_PRINTED(t, "[ab   ][    a]", "[%*.*s][%*c]", -5, 2, "abc", 5, 'a');
	EXPECT_PRINTED(t, "100%", "%d%%", 100);
}

static void bad_pointers_are_named(struct test *t)
{
	static const char *volatile bad[] = { NULL, (const char *)8 }; /* unknown to the compiler */

	EXPECT_PRINTED(t, "(null)", "%s", bad[0]);
	EXPECT_PRINTED(t, "(null)", "%s", bad[1]);
	EXPECT_PRINTED(t, "(efault)", "%s", (const char *)ERR_PTR(-EIO));
}

static void pointers_have_16_digits(struct test *t)
{
	EXPECT_PRINTED(t, "ffffffff80001000", "%p", (void *)0xffffffff80001000UL);
	EXPECT_PRINTED(t, "0000000000000000", "%p", NULL);
	EXPECT_PRINTED(t, "[    0000000000001234]", "[%20p]", (void *)0x1234);
}

static void errors_have_names(struct test *t)
{
	EXPECT_PRINTED(t, "-ENOENT", "%pe", ERR_PTR(-ENOENT));
	EXPECT_PRINTED(t, "-EHWPOISON", "%pe", ERR_PTR(-EHWPOISON));
	EXPECT_PRINTED(t, "-4000", "%pe", ERR_PTR(-4000));
	EXPECT_PRINTED(t, "00000000deadbeef", "%pe", (void *)0xdeadbeef);
	EXPECT_STREQ(t, errno_name(EAGAIN), "EAGAIN");
	EXPECT_TRUE(t, !errno_name(0) && !errno_name(-1) && !errno_name(41) && !errno_name(1000));
}

static bool one_symbol(unsigned long addr, struct kallsym *sym)
{
	if (addr < 0x1000 || addr >= 0x1080)
		return false;
	strscpy(sym->name, "start_kernel", sizeof(sym->name));
	sym->start = 0x1000;
	sym->size = 0x80;
	return true;
}

static void symbols_come_from_the_hook(struct test *t)
{
	bool (*saved)(unsigned long addr, struct kallsym *sym) = printf_symbol_lookup;

	printf_symbol_lookup = one_symbol;
	EXPECT_PRINTED(t, "start_kernel+0x42/0x80", "%pS", (void *)0x1042);
	EXPECT_PRINTED(t, "start_kernel+0x0/0x80", "%pS", (void *)0x1000);
	EXPECT_PRINTED(t, "start_kernel|", "%ps|", (void *)0x1042);
	EXPECT_PRINTED(t, "0000000000002000", "%pS", (void *)0x2000);
	printf_symbol_lookup = NULL;
	EXPECT_PRINTED(t, "0000000000001042", "%pS", (void *)0x1042);
	printf_symbol_lookup = saved;
}

static void unknown_conversion_ends_the_format(struct test *t)
{
	const char *fmt = "%d %y %s"; /* not a literal, as above */
	char text[32];

	snprintf(text, sizeof(text), fmt, 1, 2, 3);
	EXPECT_STREQ(t, text, "1 %y %s");
	fmt = "50%";
	snprintf(text, sizeof(text), fmt, 0);
	EXPECT_STREQ(t, text, "50%");
}

static void text_is_cut_and_ended(struct test *t)
{
	char text[8] = "~~~~~~~";

	EXPECT_EQ(t, snprintf(text, 4, "%s", "abcdef"), 6);
	EXPECT_STREQ(t, text, "abc");
	EXPECT_EQ(t, text[4], '~');
	EXPECT_EQ(t, scnprintf(text, 4, "%s", "abcdef"), 3);
	EXPECT_EQ(t, snprintf(text, 0, "xyz"), 3);
	EXPECT_STREQ(t, text, "abc");
	EXPECT_EQ(t, scnprintf(text, 0, "xyz"), 0);
}

static const struct test_case vsprintf_cases[] = {
	TEST_CASE(integers),
	TEST_CASE(fields),
	TEST_CASE(bad_pointers_are_named),
	TEST_CASE(pointers_have_16_digits),
	TEST_CASE(errors_have_names),
	TEST_CASE(symbols_come_from_the_hook),
	TEST_CASE(unknown_conversion_ends_the_format),
	TEST_CASE(text_is_cut_and_ended),
};
TEST_SUITE(vsprintf, vsprintf_cases);
