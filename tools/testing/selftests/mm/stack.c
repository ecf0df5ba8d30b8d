/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stack grows on fault down to its limit, keeps its distance to what is below it, and is not
 * executable.
 */
#include "selftest.h"

/* Writes to every page of @pages below the caller's frame, from the top down or at once. */
static noinline void use_stack(unsigned int pages)
{
	char *base = __builtin_frame_address(0);

	for (unsigned int i = 1; i <= pages; i++)
		*(volatile char *)(base - i * PAGE) = (char)i;
}

static void deep(void *pages)
{
	use_stack((unsigned int)(uintptr_t)pages);
}

static void far(void *bytes)
{
	*(volatile char *)((char *)__builtin_frame_address(0) - (uintptr_t)bytes) = 1;
}

static void set_limit(struct test *t, rlim_t bytes)
{
	struct rlimit limit = { bytes, RLIM_INFINITY };

	REQUIRE(t, getrlimit(RLIMIT_STACK, &limit) == 0);
	limit.rlim_cur = bytes;
	REQUIRE(t, setrlimit(RLIMIT_STACK, &limit) == 0);
}

static void stack_grows_on_use(struct test *t)
{
	EXPECT_EXIT(t, run_in_child(t, deep, (void *)500), 0); /* 2 MB */
}

static void stack_grows_in_one_leap(struct test *t)
{
	EXPECT_EXIT(t, run_in_child(t, far, (void *)(4UL << 20)), 0);
}

static void stack_ends_at_its_limit(struct test *t)
{
	set_limit(t, 1 << 20);
	EXPECT_EXIT(t, run_in_child(t, deep, (void *)128), 0);
	EXPECT_KILLED(t, run_in_child(t, deep, (void *)300), SIGSEGV);
	EXPECT_KILLED(t, run_in_child(t, far, (void *)(2UL << 20)), SIGSEGV);
}

static void raised_limit_counts_at_once(struct test *t)
{
	set_limit(t, 256 << 10);
	EXPECT_KILLED(t, run_in_child(t, deep, (void *)128), SIGSEGV);
	set_limit(t, 2 << 20);
	EXPECT_EXIT(t, run_in_child(t, deep, (void *)128), 0);
}

/* A mapping below the stack: growth must stop a gap above it. */
static void grow_towards_mapping(void *arg __maybe_unused)
{
	char *here = (char *)((uintptr_t)__builtin_frame_address(0) & -PAGE);
	char *wall = here - 600 * PAGE;

	if (mmap(wall, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != wall)
		_exit(7);
	*(volatile char *)(here - 300 * PAGE) = 1; /* 300 pages above: fine */
	*(volatile char *)(wall + 2 * PAGE) = 1; /* in the gap */
}

static void stack_keeps_a_gap_to_other_mappings(struct test *t)
{
	EXPECT_KILLED(t, run_in_child(t, grow_towards_mapping, NULL), SIGSEGV);
}

static void new_mappings_keep_clear_of_the_stack(struct test *t)
{
	char *here = __builtin_frame_address(0);
	struct rlimit limit;

	REQUIRE(t, getrlimit(RLIMIT_STACK, &limit) == 0);
	for (int i = 0; i < 64; i++) {
		char *addr = map_anon(t, 1 << 20, PROT_NONE);

		EXPECT_TRUE(t, addr > here || here - addr > (1 << 20) + 256 * (long)PAGE);
	}
}

static void stack_is_not_executable(struct test *t)
{
	volatile unsigned char code[16] = { 0xc3 };

	EXPECT_EQ(t, probe_exec((void *)code), SIGSEGV);
}

static void new_stack_pages_are_zero(struct test *t)
{
	volatile char *base = __builtin_frame_address(0);

	for (int i = 100; i < 110; i++) {
		for (size_t j = 0; j < PAGE; j += 8)
			EXPECT_EQ(t, base[-(i * (long)PAGE) + (long)j], 0);
	}
}

static void child_grows_its_own_stack(struct test *t)
{
	volatile char *below = (char *)__builtin_frame_address(0) - 200 * PAGE;

	*below = 5;
	if (!fork()) {
		use_stack(300);
		*below = 6;
		_exit(0);
	}
	wait(NULL);
	EXPECT_EQ(t, *below, 5);
}

static const struct test_case stack_cases[] = {
	TEST_CASE(stack_grows_on_use),
	TEST_CASE(stack_grows_in_one_leap),
	TEST_CASE(stack_ends_at_its_limit),
	TEST_CASE(raised_limit_counts_at_once),
	TEST_CASE(stack_keeps_a_gap_to_other_mappings),
	TEST_CASE(new_mappings_keep_clear_of_the_stack),
	TEST_CASE(stack_is_not_executable),
	TEST_CASE(new_stack_pages_are_zero),
	TEST_CASE(child_grows_its_own_stack),
};
TEST_SUITE(stack, stack_cases);
SELFTEST_NO_HELPER
