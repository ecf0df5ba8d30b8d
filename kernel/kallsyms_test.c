/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol look-up against addresses that the compiler knows.  Only relations are asserted: where
 * the kernel lies and what it holds differ with each configuration.
 */
#include <oshit/kallsyms.h>
#include <oshit/string.h>
#include <oshit/test.h>

/* Long enough for several instructions, so that an address inside can be asked for. */
static noinline unsigned long landmark_function(unsigned long a)
{
	return a * a + (a >> 3) * 12345 + 678;
}

static unsigned long landmark_data[16] __used;

static unsigned long function_addr(void)
{
	return (unsigned long)landmark_function;
}

static void function_is_found_by_any_of_its_addresses(struct test *t)
{
	struct kallsym sym;

	for (unsigned int offset = 0; offset < 4; offset++) {
		ASSERT_TRUE(t, kallsyms_lookup(function_addr() + offset, &sym));
		EXPECT_STREQ(t, sym.name, "landmark_function");
		EXPECT_EQ(t, sym.start, function_addr());
		EXPECT_LT(t, (unsigned long)offset, sym.size);
		EXPECT_EQ(t, sym.type, 't');
	}
}

static void name_gives_address(struct test *t)
{
	EXPECT_EQ(t, kallsyms_lookup_name("landmark_function"), function_addr());
	EXPECT_EQ(t, kallsyms_lookup_name("landmark_data"), (unsigned long)landmark_data);
	EXPECT_NE(t, kallsyms_lookup_name("kallsyms_lookup"), 0ul);
}

static void data_is_found_with_its_size(struct test *t)
{
	struct kallsym sym;

	ASSERT_TRUE(t, kallsyms_lookup((unsigned long)&landmark_data[15], &sym));
	EXPECT_STREQ(t, sym.name, "landmark_data");
	EXPECT_GE(t, sym.size, sizeof(landmark_data));
}

static void unknown_name_gives_zero(struct test *t)
{
	EXPECT_EQ(t, kallsyms_lookup_name("no_such_symbol"), 0ul);
	EXPECT_EQ(t, kallsyms_lookup_name(""), 0ul);
	EXPECT_EQ(t, kallsyms_lookup_name("landmark_functio"), 0ul);
}

static void address_outside_the_image_has_no_symbol(struct test *t)
{
	struct kallsym sym;

	EXPECT_FALSE(t, kallsyms_lookup(0, &sym));
	EXPECT_FALSE(t, kallsyms_lookup(kallsyms_lookup_name("_text") - 1, &sym));
	EXPECT_FALSE(t, kallsyms_lookup(~0ul, &sym));
}

static void symbols_are_sorted_and_named(struct test *t)
{
	struct kallsym sym;
	unsigned long last = 0;
	unsigned int i;

	for (i = 0; kallsyms_get(i, &sym); i++) {
		ASSERT_LE(t, last, sym.start);
		ASSERT_NE(t, strlen(sym.name), 0ul);
		last = sym.start;
	}
	EXPECT_LT(t, 100u, i);
	EXPECT_FALSE(t, kallsyms_get(i + 1, &sym));
}

static void every_address_of_a_symbol_leads_back_to_it(struct test *t)
{
	struct kallsym sym, found;

	for (unsigned int i = 0; kallsyms_get(i, &sym); i += 7) {
		if (!sym.size)
			continue;
		ASSERT_TRUE(t, kallsyms_lookup(sym.start + sym.size - 1, &found));
		ASSERT_EQ(t, found.start, sym.start);
		ASSERT_EQ(t, found.size, sym.size);
	}
}

static const struct test_case kallsyms_cases[] = {
	TEST_CASE(function_is_found_by_any_of_its_addresses),
	TEST_CASE(name_gives_address),
	TEST_CASE(data_is_found_with_its_size),
	TEST_CASE(unknown_name_gives_zero),
	TEST_CASE(address_outside_the_image_has_no_symbol),
	TEST_CASE(symbols_are_sorted_and_named),
	TEST_CASE(every_address_of_a_symbol_leads_back_to_it),
};
TEST_SUITE(kallsyms, kallsyms_cases);
