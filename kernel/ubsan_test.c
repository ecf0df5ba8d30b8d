/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UBSAN: each kind of undefined operation that does no harm is done on purpose and must be reported
 * once, and its good neighbours not at all.  Not here are those that do: a division traps after its
 * report, unreachable code ends the kernel (machines crash-divide-ubsan, crash-unreachable).
 */
#include <oshit/test.h>
#include <oshit/ubsan.h>

/* Clang's check sees constant offsets alone, so it is not on (scripts/Makefile.flags). */
#ifdef __clang__
#define CHECKS_OBJECT_SIZE false
#else
#define CHECKS_OBJECT_SIZE true
#endif

/* Unknown to the compiler. */
static volatile int zero, minus_one = -1, four = 4, thirty_two = 32, sixty_four = 64;
static volatile long sink;

static void expect(struct test *t, unsigned int nr)
{
	EXPECT_EQ(t, ubsan_count(), nr);
	ubsan_expect(UBSAN_NONE);
}

static void shift_count_beyond_the_type_is_reported(struct test *t)
{
	unsigned int word = 1;
	unsigned long long_word = 1;

	ubsan_expect(UBSAN_SHIFT);
	sink = word << (thirty_two - 1);
	sink = (long)(long_word << (sixty_four - 1));
	sink = word >> zero;
	expect(t, 0);
	ubsan_expect(UBSAN_SHIFT);
	sink = word << thirty_two;
	expect(t, 1);
	ubsan_expect(UBSAN_SHIFT);
	sink = (long)(long_word >> sixty_four);
	expect(t, 1);
	ubsan_expect(UBSAN_SHIFT);
	sink = word << minus_one;
	expect(t, 1);
}

static void index_beyond_an_array_is_reported(struct test *t)
{
	static struct {
		int before;
		int table[4];
		int behind[4];
	} s;

	ubsan_expect(UBSAN_BOUNDS);
	sink = s.table[four - 1];
	expect(t, 0);
	ubsan_expect(UBSAN_BOUNDS);
	sink = s.table[four];
	expect(t, 1);
	ubsan_expect(UBSAN_BOUNDS);
	sink = s.table[minus_one];
	expect(t, 1);
}

static void bool_that_is_neither_is_reported(struct test *t)
{
	static union {
		u8 byte;
		bool flag;
	} u;

	u.byte = 1;
	ubsan_expect(UBSAN_VALUE);
	sink = *(volatile bool *)&u.flag;
	expect(t, 0);
	*(volatile u8 *)&u.byte = (u8)four;
	ubsan_expect(UBSAN_VALUE);
	sink = *(volatile bool *)&u.flag;
	expect(t, 1);
}

static void access_beyond_a_known_object_is_reported(struct test *t)
{
	static struct {
		char bytes[8];
		char behind[8];
	} s;
	volatile char *bytes = (volatile char *)&s;

	if (!CHECKS_OBJECT_SIZE)
		return test_skip(t, "not a check of Clang");
	ubsan_expect(UBSAN_OBJECT_SIZE);
	sink = *(bytes + four * 4 - 1);
	expect(t, 0);
	ubsan_expect(UBSAN_OBJECT_SIZE);
	sink = *(bytes + four * 4);
	expect(t, 1);
}

static void bit_search_in_zero_is_reported(struct test *t)
{
	ubsan_expect(UBSAN_BUILTIN);
	sink = __builtin_clz((unsigned int)four);
	sink = __builtin_ctzl((unsigned long)four);
	expect(t, 0);
	ubsan_expect(UBSAN_BUILTIN);
	sink = __builtin_clz((unsigned int)zero);
	expect(t, 1);
	ubsan_expect(UBSAN_BUILTIN);
	sink = __builtin_ctzl((unsigned long)zero);
	expect(t, 1);
}

/* Clang does not check volatile accesses. */
static noinline u32 load_word(const u32 *word)
{
	return *word;
}

static void misaligned_pointer_is_reported(struct test *t)
{
	static u8 bytes[16] __aligned(8);

	if (!IS_ENABLED(CONFIG_UBSAN_ALIGNMENT))
		return test_skip(t, "UBSAN_ALIGNMENT is off");
	ubsan_expect(UBSAN_ALIGNMENT);
	sink = load_word((const u32 *)(bytes + four));
	expect(t, 0);
	ubsan_expect(UBSAN_ALIGNMENT);
	sink = load_word((const u32 *)(bytes + four + 1));
	expect(t, 1);
}

/* These are defined: -fno-strict-overflow. */
static void signed_overflow_wraps_in_silence(struct test *t)
{
	volatile int largest = 0x7fffffff;

	sink = largest + 1;
	EXPECT_EQ(t, sink, -0x7fffffffL - 1);
}

static const struct test_case ubsan_cases[] = {
	TEST_CASE(shift_count_beyond_the_type_is_reported),
	TEST_CASE(index_beyond_an_array_is_reported),
	TEST_CASE(bool_that_is_neither_is_reported),
	TEST_CASE(access_beyond_a_known_object_is_reported),
	TEST_CASE(bit_search_in_zero_is_reported),
	TEST_CASE(misaligned_pointer_is_reported),
	TEST_CASE(signed_overflow_wraps_in_silence),
};
TEST_SUITE(ubsan, ubsan_cases);
