/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * munmap: what is gone faults, what is beside stays, and nothing that was not there is an error.
 */
#include "selftest.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void check_pages(struct test *t, char *addr, const char *mapped)
{
	for (size_t i = 0; mapped[i]; i++)
		EXPECT_EQ(t, probe_read(addr + i * PAGE), mapped[i] == '1' ? 0 : SIGSEGV);
}

static void unmapped_memory_faults(struct test *t)
{
	char *addr = map_anon(t, 3 * PAGE, RW);

	memset(addr, 1, 3 * PAGE);
	EXPECT_RET(t, kcall(SYS_munmap, addr, 3 * PAGE), 0);
	check_pages(t, addr, "000");
}

static void middle_is_cut_out(struct test *t)
{
	char *addr = map_anon(t, 5 * PAGE, RW);

	memset(addr, 1, 5 * PAGE);
	EXPECT_RET(t, kcall(SYS_munmap, addr + 2 * PAGE, PAGE), 0);
	check_pages(t, addr, "11011");
	EXPECT_EQ(t, addr[2 * PAGE - 1], 1);
	EXPECT_EQ(t, addr[3 * PAGE], 1);
}

static void head_and_tail_are_cut_off(struct test *t)
{
	char *addr = map_anon(t, 5 * PAGE, RW);

	EXPECT_RET(t, kcall(SYS_munmap, addr, PAGE), 0);
	EXPECT_RET(t, kcall(SYS_munmap, addr + 4 * PAGE, PAGE), 0);
	check_pages(t, addr, "01110");
}

static void several_mappings_go_at_once(struct test *t)
{
	char *addr = map_anon(t, 7 * PAGE, RW);

	REQUIRE(t, mprotect(addr + PAGE, PAGE, PROT_READ) == 0);
	REQUIRE(t, mprotect(addr + 3 * PAGE, PAGE, PROT_READ | PROT_EXEC) == 0);
	EXPECT_RET(t, kcall(SYS_munmap, addr + PAGE, 4 * PAGE), 0);
	check_pages(t, addr, "1000011");
}

static void holes_are_no_error(struct test *t)
{
	char *addr = map_anon(t, 6 * PAGE, RW);

	EXPECT_RET(t, kcall(SYS_munmap, addr + PAGE, PAGE), 0);
	EXPECT_RET(t, kcall(SYS_munmap, addr + 3 * PAGE, PAGE), 0);
	EXPECT_RET(t, kcall(SYS_munmap, addr, 6 * PAGE), 0);
	EXPECT_RET(t, kcall(SYS_munmap, addr, 6 * PAGE), 0); /* nothing at all */
	check_pages(t, addr, "000000");
}

static void length_is_rounded_up(struct test *t)
{
	char *addr = map_anon(t, 3 * PAGE, RW);

	EXPECT_RET(t, kcall(SYS_munmap, addr, PAGE + 1), 0);
	check_pages(t, addr, "001");
}

static void bad_ranges_are_refused(struct test *t)
{
	char *addr = map_anon(t, 2 * PAGE, RW);

	EXPECT_RET(t, kcall(SYS_munmap, addr, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_munmap, addr + 1, PAGE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_munmap, addr, -1UL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_munmap, addr, -PAGE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_munmap, addr, user_space_end()), -EINVAL);
	EXPECT_RET(t, kcall(SYS_munmap, 0xffffffff80000000UL, PAGE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_munmap, user_space_end(), PAGE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_munmap, -PAGE, PAGE), -EINVAL);
	check_pages(t, addr, "11");
}

static void memory_mapped_again_is_zero(struct test *t)
{
	char *addr = map_anon(t, PAGE, RW);

	for (int i = 0; i < 1000; i++) {
		memset(addr, 0xee, PAGE);
		REQUIRE(t, munmap(addr, PAGE) == 0);
		REQUIRE(t, mmap(addr, PAGE, RW, ANON | MAP_FIXED, -1, 0) == addr);
		EXPECT_EQ(t, addr[0], 0);
		EXPECT_EQ(t, addr[PAGE - 1], 0);
	}
}

static void hole_is_found_again(struct test *t)
{
	char *addr = map_anon(t, 512 * PAGE, PROT_NONE), *hole = addr + 200 * PAGE;

	/* A hole that is too small for all but one page. */
	REQUIRE(t, munmap(hole, PAGE) == 0);
	EXPECT_RET(t, kcall(SYS_mmap, hole, PAGE, RW, ANON, -1, 0), hole);
	EXPECT_NE(t, map_anon(t, PAGE, RW), hole);
}

static void parent_keeps_what_a_child_unmaps(struct test *t)
{
	char *addr = map_anon(t, PAGE, RW);
	int status;

	*addr = 3;
	if (!fork())
		_exit(munmap(addr, PAGE));
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_EQ(t, *addr, 3);
}

static void unmapping_its_own_code_kills_only_itself(struct test *t)
{
	int status;

	if (!fork()) {
		kcall(SYS_munmap, PAGE, 0x7ffffffff000UL - PAGE);
		_exit(0);
	}
	wait(&status);
	EXPECT_KILLED(t, status, SIGSEGV);
}

static void mapping_and_unmapping_leaves_nothing(struct test *t)
{
	struct rusage usage;

	for (unsigned int i = 0; i < rounds(50, 500); i++) {
		char *addr = map_anon(t, 2UL << 20, RW);

		for (size_t page = 0; page < (2UL << 20) / PAGE; page += 4)
			addr[page * PAGE] = 1;
		REQUIRE(t, munmap(addr, 2UL << 20) == 0);
	}
	REQUIRE(t, getrusage(RUSAGE_SELF, &usage) == 0);
	EXPECT_LT(t, usage.ru_maxrss, 16 * 1024); /* KiB */
}

static const struct test_case munmap_cases[] = {
	TEST_CASE(unmapped_memory_faults),
	TEST_CASE(middle_is_cut_out),
	TEST_CASE(head_and_tail_are_cut_off),
	TEST_CASE(several_mappings_go_at_once),
	TEST_CASE(holes_are_no_error),
	TEST_CASE(length_is_rounded_up),
	TEST_CASE(bad_ranges_are_refused),
	TEST_CASE(memory_mapped_again_is_zero),
	TEST_CASE(hole_is_found_again),
	TEST_CASE(parent_keeps_what_a_child_unmaps),
	TEST_CASE(unmapping_its_own_code_kills_only_itself),
	TEST_CASE(mapping_and_unmapping_leaves_nothing),
};
TEST_SUITE(munmap, munmap_cases);
SELFTEST_NO_HELPER
