/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mprotect: rights change for just the pages named, take effect at once, and keep the contents.
 */
#include "selftest.h"

#define RW (PROT_READ | PROT_WRITE)

static void rights_change_for_the_pages_named(struct test *t)
{
	char *addr = map_anon(t, 5 * PAGE, RW);

	EXPECT_RET(t, kcall(SYS_mprotect, addr + 2 * PAGE, PAGE, PROT_READ), 0);
	EXPECT_EQ(t, probe_write(addr + 2 * PAGE - 1), 0);
	EXPECT_EQ(t, probe_write(addr + 2 * PAGE), SIGSEGV);
	EXPECT_EQ(t, probe_write(addr + 3 * PAGE - 1), SIGSEGV);
	EXPECT_EQ(t, probe_write(addr + 3 * PAGE), 0);
}

static void contents_survive(struct test *t)
{
	static const int steps[] = { PROT_NONE, PROT_READ, PROT_NONE, PROT_READ | PROT_EXEC, RW };
	char *addr = map_anon(t, 4 * PAGE, RW);

	memset(addr, 0x5a, 4 * PAGE);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		EXPECT_RET(t, kcall(SYS_mprotect, addr, 4 * PAGE, steps[i]), 0);
	for (size_t i = 0; i < 4 * PAGE; i++)
		EXPECT_EQ(t, addr[i], 0x5a);
}

static void touched_page_loses_its_rights_at_once(struct test *t)
{
	char *addr = map_anon(t, PAGE, RW);

	*addr = 1; /* the translation is cached now */
	REQUIRE(t, mprotect(addr, PAGE, PROT_READ) == 0);
	EXPECT_EQ(t, probe_write(addr), SIGSEGV);
	REQUIRE(t, mprotect(addr, PAGE, PROT_NONE) == 0);
	EXPECT_EQ(t, probe_read(addr), SIGSEGV);
	REQUIRE(t, mprotect(addr, PAGE, RW) == 0);
	*addr = 2;
}

static void untouched_page_has_the_new_rights(struct test *t)
{
	char *addr = map_anon(t, 2 * PAGE, PROT_NONE);

	REQUIRE(t, mprotect(addr, PAGE, RW) == 0);
	EXPECT_EQ(t, *addr, 0);
	*addr = 1;
	EXPECT_EQ(t, probe_read(addr + PAGE), SIGSEGV);
}

static void write_right_after_cow_copies(struct test *t)
{
	volatile char *addr = map_anon(t, PAGE, RW);

	*addr = 1;
	if (!fork()) {
		mprotect((void *)addr, PAGE, PROT_READ);
		mprotect((void *)addr, PAGE, RW); /* must not give a right to the shared page */
		*addr = 2;
		_exit(0);
	}
	wait(NULL);
	EXPECT_EQ(t, *addr, 1);
}

static void zero_page_stays_zero(struct test *t)
{
	volatile char *a = map_anon(t, PAGE, PROT_READ), *b = map_anon(t, PAGE, RW);

	EXPECT_EQ(t, *a, 0); /* maps the zero page */
	REQUIRE(t, mprotect((void *)a, PAGE, RW) == 0);
	*a = 1;
	EXPECT_EQ(t, *b, 0);
}

static void bad_ranges_are_refused(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW);

	EXPECT_RET(t, kcall(SYS_mprotect, addr, 0, PROT_READ), 0);
	EXPECT_RET(t, kcall(SYS_mprotect, addr + 1, PAGE, PROT_READ), -EINVAL);
	EXPECT_RET(t, kcall(SYS_mprotect, addr, -1UL, PROT_READ), -ENOMEM);
	EXPECT_RET(t, kcall(SYS_mprotect, addr, -PAGE, PROT_READ), -ENOMEM);
	EXPECT_RET(t, kcall(SYS_mprotect, 0xffffffff80000000UL, PAGE, PROT_READ), -ENOMEM);
	EXPECT_RET(t, kcall(SYS_mprotect, addr, PAGE, 0x10000), -EINVAL);
	EXPECT_RET(t, kcall(SYS_mprotect, addr, PAGE, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP),
		   -EINVAL);
	EXPECT_RET(t, kcall(SYS_mprotect, addr, PAGE, PROT_READ | PROT_GROWSDOWN), -EINVAL);
	EXPECT_EQ(t, probe_write(addr), 0);
}

static void holes_are_an_error_behind_what_is_done(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW);

	REQUIRE(t, munmap(addr + PAGE, PAGE) == 0);
	EXPECT_RET(t, kcall(SYS_mprotect, addr + PAGE, PAGE, PROT_READ), -ENOMEM);
	EXPECT_RET(t, kcall(SYS_mprotect, addr, 4 * PAGE, PROT_READ), -ENOMEM);
	EXPECT_EQ(t, probe_write(addr), SIGSEGV); /* the part before the hole was changed */
	EXPECT_EQ(t, probe_write(addr + 2 * PAGE), 0);
}

static void many_splits_and_merges(struct test *t)
{
	char *addr = map_anon(t, 64 * PAGE, RW);

	memset(addr, 1, 64 * PAGE);
	for (int step = 2; step <= 7; step++) {
		for (int i = 0; i < 64; i += step)
			REQUIRE(t, mprotect(addr + i * PAGE, PAGE, PROT_READ) == 0);
		EXPECT_EQ(t, probe_write(addr), SIGSEGV);
		EXPECT_EQ(t, probe_write(addr + PAGE), 0);
		REQUIRE(t, mprotect(addr, 64 * PAGE, RW) == 0);
		for (int i = 0; i < 64; i++)
			addr[i * PAGE]++;
	}
	for (int i = 0; i < 64; i++)
		EXPECT_EQ(t, addr[i * PAGE], 7);
}

static void code_can_be_written_then_run(struct test *t)
{
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 }; /* return 42 */
	char *addr = map_anon(t, PAGE, RW);

	memcpy(addr, code, sizeof(code));
	EXPECT_EQ(t, probe_exec(addr), SIGSEGV);
	REQUIRE(t, mprotect(addr, PAGE, PROT_READ | PROT_EXEC) == 0);
	EXPECT_EQ(t, ((int (*)(void))addr)(), 42);
}

static void text_of_the_program_is_read_only(struct test *t)
{
	EXPECT_EQ(t, probe_write((char *)(uintptr_t)text_of_the_program_is_read_only), SIGSEGV);
	EXPECT_EQ(t, probe_write((char *)"a string"), SIGSEGV);
}

static const struct test_case mprotect_cases[] = {
	TEST_CASE(rights_change_for_the_pages_named),
	TEST_CASE(contents_survive),
	TEST_CASE(touched_page_loses_its_rights_at_once),
	TEST_CASE(untouched_page_has_the_new_rights),
	TEST_CASE(write_right_after_cow_copies),
	TEST_CASE(zero_page_stays_zero),
	TEST_CASE(bad_ranges_are_refused),
	TEST_CASE(holes_are_an_error_behind_what_is_done),
	TEST_CASE(many_splits_and_merges),
	TEST_CASE(code_can_be_written_then_run),
	TEST_CASE(text_of_the_program_is_read_only),
};
TEST_SUITE(mprotect, mprotect_cases);
SELFTEST_NO_HELPER
