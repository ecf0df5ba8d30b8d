/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * brk: the end of the heap.  The call never fails with an errno: it returns the end as it is then,
 * which is the old one if it could not do as it was told.
 */
#include "selftest.h"

static char *brk_now(void)
{
	return (char *)kcall(SYS_brk, 0);
}

static void brk_of_zero_tells_the_end(struct test *t)
{
	EXPECT_EQ(t, brk_now(), brk_now());
	EXPECT_GT(t, brk_now(), (char *)PAGE);
}

static void heap_grows_and_is_zero(struct test *t)
{
	char *old = brk_now();

	EXPECT_EQ(t, (char *)kcall(SYS_brk, old + 10 * PAGE), old + 10 * PAGE);
	EXPECT_EQ(t, brk_now(), old + 10 * PAGE);
	for (char *p = old; p < old + 10 * PAGE; p += 64)
		EXPECT_EQ(t, *p, 0);
	memset(old, 1, 10 * PAGE);
}

static void end_need_not_be_aligned(struct test *t)
{
	char *old = brk_now();

	EXPECT_EQ(t, (char *)kcall(SYS_brk, old + 1), old + 1);
	EXPECT_EQ(t, (char *)kcall(SYS_brk, old + PAGE + 17), old + PAGE + 17);
	EXPECT_EQ(t, probe_write(old + PAGE + 16), 0);
}

static void shrunk_heap_faults_and_comes_back_zero(struct test *t)
{
	char *old = (char *)(((uintptr_t)brk_now() + PAGE - 1) & -PAGE);

	kcall(SYS_brk, old + 4 * PAGE);
	memset(old, 7, 4 * PAGE);
	EXPECT_EQ(t, (char *)kcall(SYS_brk, old + PAGE), old + PAGE);
	EXPECT_EQ(t, probe_read(old + PAGE - 1), 0);
	EXPECT_EQ(t, probe_read(old + PAGE), SIGSEGV);
	kcall(SYS_brk, old + 4 * PAGE);
	EXPECT_EQ(t, old[0], 7);
	EXPECT_EQ(t, old[2 * PAGE], 0);
}

static void below_the_start_changes_nothing(struct test *t)
{
	char *old = brk_now();

	EXPECT_EQ(t, (char *)kcall(SYS_brk, PAGE), old);
	EXPECT_EQ(t, (char *)kcall(SYS_brk, 1), old);
}

static void absurd_ends_change_nothing(struct test *t)
{
	static const unsigned long ends[] = { 1UL << 47, 1UL << 63, -1UL, -PAGE, 0x7ffffffff000UL };
	char *old = brk_now();

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		EXPECT_EQ(t, (char *)kcall(SYS_brk, ends[i]), old);
	EXPECT_EQ(t, brk_now(), old);
}

static void heap_stops_at_another_mapping(struct test *t)
{
	char *old = (char *)(((uintptr_t)brk_now() + PAGE - 1) & -PAGE);
	char *wall = mmap(old + 16 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			  -1, 0);

	REQUIRE(t, wall == old + 16 * PAGE);
	EXPECT_NE(t, (char *)kcall(SYS_brk, old + 17 * PAGE), old + 17 * PAGE);
	EXPECT_EQ(t, probe_write(wall), SIGSEGV);
}

static void limit_of_data_holds(struct test *t)
{
	char *old = brk_now();
	struct rlimit limit = { 0, 0 };

	REQUIRE(t, setrlimit(RLIMIT_DATA, &limit) == 0);
	EXPECT_EQ(t, (char *)kcall(SYS_brk, old + 64 * PAGE), old);
}

static void child_has_its_own_heap(struct test *t)
{
	char *old = brk_now();

	kcall(SYS_brk, old + PAGE);
	*old = 1;
	if (!fork()) {
		kcall(SYS_brk, old + 100 * PAGE);
		*old = 2;
		_exit(0);
	}
	wait(NULL);
	EXPECT_EQ(t, brk_now(), old + PAGE);
	EXPECT_EQ(t, *old, 1);
}

static void heap_is_not_executable(struct test *t)
{
	char *old = brk_now();

	kcall(SYS_brk, old + PAGE);
	*old = (char)0xc3;
	EXPECT_EQ(t, probe_exec(old), SIGSEGV);
}

static const struct test_case brk_cases[] = {
	TEST_CASE(brk_of_zero_tells_the_end),
	TEST_CASE(heap_grows_and_is_zero),
	TEST_CASE(end_need_not_be_aligned),
	TEST_CASE(shrunk_heap_faults_and_comes_back_zero),
	TEST_CASE(below_the_start_changes_nothing),
	TEST_CASE(absurd_ends_change_nothing),
	TEST_CASE(heap_stops_at_another_mapping),
	TEST_CASE(limit_of_data_holds),
	TEST_CASE(child_has_its_own_heap),
	TEST_CASE(heap_is_not_executable),
};
TEST_SUITE(brk, brk_cases);
SELFTEST_NO_HELPER
