/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests beside the code they test.  One file serves twice: the kernel runs it at `kunit` and
 * reports in KTAP, the host runs it under cmocka with the address and undefined-behaviour
 * sanitizers.  A test names a property:
 *
 *	static void added_entry_is_last(struct test *t)
 *	{
 *		...
 *		ASSERT_TRUE(t, !list_empty(&head));	stops this test if it fails
 *		EXPECT_EQ(t, last->value, 3);		notes the failure and goes on
 *	}
 *
 *	static const struct test_case list_cases[] = {
 *		TEST_CASE(added_entry_is_last),
 *	};
 *	TEST_SUITE(list, list_cases);
 */
#ifndef OSHIT_TEST_H
#define OSHIT_TEST_H

#include <oshit/types.h>

struct test { /* private to the one CPU that runs the test */
	const char *suite;
	const char *name;
	unsigned int nr_failures;
	const char *skip_reason; /* NULL unless test_skip() was called */
};

struct test_case {
	const char *name;
	void (*run)(struct test *t);
};

struct test_suite {
	const char *name;
	const struct test_case *cases;
	size_t nr_cases;
};

#define TEST_CASE(fn)                  \
	{                              \
		.name = #fn, .run = fn \
	}

/* The linker gathers pointers to suites; the runner sorts nothing, link order is the order. */
#define TEST_SUITE(suite, suite_cases)                                                   \
	static const struct test_suite __test_suite_##suite = {                          \
		.name = #suite,                                                          \
		.cases = suite_cases,                                                    \
		.nr_cases = sizeof(suite_cases) / sizeof((suite_cases)[0]),              \
	};                                                                               \
	static const struct test_suite *const __test_suite_ptr_##suite __used __section( \
		"test_suites") = &__test_suite_##suite

/* Notes a failure with its place and text. */
__printf(4, 5) void test_fail(struct test *t, const char *file, int line, const char *fmt, ...);

/* A note in the report, as a KTAP diagnostic line. Benchmarks print their numbers with it. */
__printf(2, 3) void test_note(struct test *t, const char *fmt, ...);

/* Marks the test as skipped; return from it then. */
void test_skip(struct test *t, const char *reason);

#define __TEST_TRUE(t, cond, text, stop)                              \
	do {                                                          \
		if (!(cond)) {                                        \
			test_fail(t, __FILE__, __LINE__, "%s", text); \
			stop;                                         \
		}                                                     \
	} while (0)

/* Compares as C does, so that an unsigned value may be compared with a plain number. */
#define __TEST_CMP(t, a, op, b, stop)                                                            \
	do {                                                                                     \
		__typeof__(a) __a = (a);                                                         \
		__typeof__(b) __b = (b);                                                         \
		_Pragma("GCC diagnostic push")                                                   \
			_Pragma("GCC diagnostic ignored \"-Wsign-compare\"") if (!(__a op __b))  \
		{                                                                                \
			_Pragma("GCC diagnostic pop") test_fail(                                 \
				t, __FILE__, __LINE__, "%s %s %s: %ld (0x%lx), %ld (0x%lx)", #a, \
				#op, #b, (long)__a, (unsigned long)__a, (long)__b,               \
				(unsigned long)__b);                                             \
			stop;                                                                    \
		}                                                                                \
	} while (0)

#define __TEST_STREQ(t, a, b, stop)                                                               \
	do {                                                                                      \
		const char *__a = (a), *__b = (b);                                                \
		if (strcmp(__a, __b)) {                                                           \
			test_fail(t, __FILE__, __LINE__, "%s: \"%s\", not \"%s\"", #a, __a, __b); \
			stop;                                                                     \
		}                                                                                 \
	} while (0)

#define EXPECT_TRUE(t, cond)  __TEST_TRUE(t, cond, #cond, )
#define EXPECT_FALSE(t, cond) __TEST_TRUE(t, !(cond), "!(" #cond ")", )
#define EXPECT_EQ(t, a, b)    __TEST_CMP(t, a, ==, b, )
#define EXPECT_NE(t, a, b)    __TEST_CMP(t, a, !=, b, )
#define EXPECT_LT(t, a, b)    __TEST_CMP(t, a, <, b, )
#define EXPECT_LE(t, a, b)    __TEST_CMP(t, a, <=, b, )
#define EXPECT_GT(t, a, b)    __TEST_CMP(t, a, >, b, )
#define EXPECT_GE(t, a, b)    __TEST_CMP(t, a, >=, b, )
#define EXPECT_STREQ(t, a, b) __TEST_STREQ(t, a, b, )
#define EXPECT_OK(t, err)     __TEST_CMP(t, err, ==, 0, )

#define ASSERT_TRUE(t, cond)  __TEST_TRUE(t, cond, #cond, return )
#define ASSERT_FALSE(t, cond) __TEST_TRUE(t, !(cond), "!(" #cond ")", return )
#define ASSERT_EQ(t, a, b)    __TEST_CMP(t, a, ==, b, return )
#define ASSERT_NE(t, a, b)    __TEST_CMP(t, a, !=, b, return )
#define ASSERT_LT(t, a, b)    __TEST_CMP(t, a, <, b, return )
#define ASSERT_LE(t, a, b)    __TEST_CMP(t, a, <=, b, return )
#define ASSERT_GT(t, a, b)    __TEST_CMP(t, a, >, b, return )
#define ASSERT_GE(t, a, b)    __TEST_CMP(t, a, >=, b, return )
#define ASSERT_STREQ(t, a, b) __TEST_STREQ(t, a, b, return )
#define ASSERT_OK(t, err)     __TEST_CMP(t, err, ==, 0, return )

#endif
