/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many mappings: up to 65,530 (Linux's default vm.max_map_count), then ENOMEM, and everything still
 * works with that many.
 */
#include "selftest.h"

#define MAX_MAPS 65530
#define RW	 (PROT_READ | PROT_WRITE)

/* Neighbours with other rights cannot merge. */
static int prot_of(unsigned long i)
{
	return i % 2 ? PROT_READ : RW;
}

static char *base;

/* Makes @nr mappings of a page, each with another mapping on either side. Returns how many. */
static unsigned long make_maps(struct test *t, unsigned long nr)
{
	/* Not accounted: Linux merges only what is accounted alike. */
	base = mmap(NULL, (nr + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		    -1, 0);
	REQUIRE(t, base != MAP_FAILED);
	for (unsigned long i = 0; i < nr; i++) {
		long got = kcall(SYS_mprotect, base + i * PAGE, PAGE, prot_of(i));

		if (got) {
			EXPECT_RET(t, got, -ENOMEM);
			return i;
		}
	}
	return nr;
}

static void number_of_mappings_is_limited(struct test *t)
{
	unsigned long nr = make_maps(t, 2 * MAX_MAPS);

	SKIP_IF(t, nr == 2 * MAX_MAPS, "vm.max_map_count is raised here");
	EXPECT_LE(t, nr, MAX_MAPS);
	EXPECT_GE(t, nr, MAX_MAPS - 100);
	/* At the limit nothing can be split, but removed. */
	EXPECT_RET(t, kcall(SYS_mprotect, base + nr * PAGE + 16 * PAGE, PAGE, RW), -ENOMEM);
	EXPECT_RET(t, kcall(SYS_munmap, base + PAGE, PAGE), 0);
	EXPECT_EQ(t, probe_write(base), 0);
}

static void all_of_them_work(struct test *t)
{
	unsigned long nr = make_maps(t, rounds(5000, 60000));

	for (unsigned long i = 0; i < nr; i += 2)
		base[i * PAGE] = (char)i;
	for (unsigned long i = 0; i < nr; i++)
		EXPECT_EQ(t, base[i * PAGE], i % 2 ? 0 : (char)i);
	for (unsigned long i = 1; i < nr; i += nr / 7)
		EXPECT_EQ(t, probe_write(base + i * PAGE), prot_of(i) == RW ? 0 : SIGSEGV);
}

static void fork_and_exit_with_many(struct test *t)
{
	unsigned long nr = make_maps(t, rounds(5000, 60000));
	int status;

	base[2 * PAGE] = 1;
	if (!fork()) {
		base[2 * PAGE] = 2;
		_exit(base[(nr - 1) * PAGE]);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_EQ(t, base[2 * PAGE], 1);
}

static void every_second_goes_then_all(struct test *t)
{
	unsigned long nr = make_maps(t, rounds(5000, 60000));

	for (unsigned long i = 0; i < nr; i += 2)
		REQUIRE(t, munmap(base + i * PAGE, PAGE) == 0);
	EXPECT_EQ(t, probe_read(base), SIGSEGV);
	EXPECT_EQ(t, probe_read(base + PAGE), 0);
	EXPECT_RET(t, kcall(SYS_munmap, base, (nr + 2) * PAGE), 0);
	EXPECT_EQ(t, probe_read(base + PAGE), SIGSEGV);
}

static void merged_again_they_do_not_count(struct test *t)
{
	for (int round = 0; round < 3; round++) {
		unsigned long nr = make_maps(t, 30000);

		EXPECT_EQ(t, nr, 30000);
		EXPECT_RET(t, kcall(SYS_mprotect, base, (nr + 2) * PAGE, PROT_NONE), 0);
	}
}

static const struct test_case many_cases[] = {
	TEST_CASE(number_of_mappings_is_limited),  TEST_CASE(all_of_them_work),
	TEST_CASE(fork_and_exit_with_many),	   TEST_CASE(every_second_goes_then_all),
	TEST_CASE(merged_again_they_do_not_count),
};
TEST_SUITE(many, many_cases);
SELFTEST_NO_HELPER
