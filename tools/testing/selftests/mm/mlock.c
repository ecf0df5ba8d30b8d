/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mlock, mlock2, munlock, mlockall, munlockall: what is locked is there, counts, and stays.
 * Whether a range is locked is asked by MADV_DONTNEED, which refuses it.
 */
#include "selftest.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#ifndef MLOCK_ONFAULT /* newer than the C library */
#define MLOCK_ONFAULT 1
#endif
#ifndef MCL_ONFAULT
#define MCL_ONFAULT 4
#endif

static bool is_locked(void *page)
{
	long got = kcall(SYS_madvise, page, PAGE, MADV_DONTNEED);

	return got == -EINVAL;
}

static long nr_faults(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? -1 : usage.ru_minflt;
}

/* Faults that writing to @nr pages takes; one may be the stack's. */
static long faults_of_writing(char *addr, int nr)
{
	long before = nr_faults();

	for (int i = 0; i < nr; i++)
		((volatile char *)addr)[i * PAGE] = 1;
	return nr_faults() - before;
}

static void limit_locked(struct test *t, rlim_t bytes)
{
	const struct rlimit limit = { bytes, bytes };

	REQUIRE(t, setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
}

static void locked_pages_are_there(struct test *t)
{
	char *addr = map_anon(t, 32 * PAGE, RW);

	EXPECT_RET(t, kcall(SYS_mlock, addr, 32 * PAGE), 0);
	EXPECT_LE(t, faults_of_writing(addr, 32), 1);
	for (int i = 0; i < 32; i += 8)
		EXPECT_TRUE(t, is_locked(addr + i * PAGE));
	EXPECT_RET(t, kcall(SYS_munlock, addr, 32 * PAGE), 0);
	EXPECT_FALSE(t, is_locked(addr));
}

static void parts_are_locked_by_whole_pages(struct test *t)
{
	char *addr = map_anon(t, 8 * PAGE, RW);

	EXPECT_RET(t, kcall(SYS_mlock, addr + 2 * PAGE + 100, 10), 0);
	EXPECT_RET(t, kcall(SYS_mlock, addr + 5 * PAGE - 1, 2), 0);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(t, is_locked(addr + i * PAGE), i == 2 || i == 4 || i == 5);
	/* Locking twice is no more than once. */
	EXPECT_RET(t, kcall(SYS_mlock, addr, 8 * PAGE), 0);
	EXPECT_RET(t, kcall(SYS_munlock, addr + PAGE, 6 * PAGE), 0);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(t, is_locked(addr + i * PAGE), i == 0 || i == 7);
	EXPECT_RET(t, kcall(SYS_mlock, addr, 0), 0);
	EXPECT_RET(t, kcall(SYS_munlock, addr, 0), 0);
}

static void onfault_brings_nothing_in(struct test *t)
{
	char *addr = map_anon(t, 32 * PAGE, RW);

	SKIP_IF(t, maps_at_once(), "all pages are there");
	madvise(addr, 32 * PAGE, MADV_NOHUGEPAGE);
	EXPECT_RET(t, kcall(SYS_mlock2, addr, 32 * PAGE, MLOCK_ONFAULT), 0);
	EXPECT_GE(t, faults_of_writing(addr, 32), 32);
	EXPECT_TRUE(t, is_locked(addr));
	/* And can be made to. */
	addr = map_anon(t, 32 * PAGE, RW);
	EXPECT_RET(t, kcall(SYS_mlock2, addr, 32 * PAGE, MLOCK_ONFAULT), 0);
	EXPECT_RET(t, kcall(SYS_mlock2, addr, 32 * PAGE, 0), 0);
	EXPECT_LE(t, faults_of_writing(addr, 32), 1);
}

static void holes_and_what_cannot_be_there(struct test *t)
{
	char *addr = map_anon(t, 8 * PAGE, RW);

	REQUIRE(t, munmap(addr + 3 * PAGE, PAGE) == 0);
	EXPECT_RET(t, kcall(SYS_mlock, addr, 8 * PAGE), -ENOMEM);
	/* What lies before the hole is locked, what lies behind is not. */
	EXPECT_TRUE(t, is_locked(addr + 2 * PAGE));
	EXPECT_FALSE(t, is_locked(addr + 4 * PAGE));
	EXPECT_RET(t, kcall(SYS_munlock, addr, 8 * PAGE), -ENOMEM);
	EXPECT_FALSE(t, is_locked(addr + 2 * PAGE));
	EXPECT_RET(t, kcall(SYS_mlock, addr + 3 * PAGE, PAGE), -ENOMEM);
	EXPECT_RET(t, kcall(SYS_mlock, 0, PAGE), -ENOMEM);
	/* Locked all the same. */
	REQUIRE(t, mprotect(addr + 4 * PAGE, PAGE, PROT_NONE) == 0);
	EXPECT_RET(t, kcall(SYS_mlock, addr + 4 * PAGE, 2 * PAGE), -ENOMEM);
	EXPECT_TRUE(t, is_locked(addr + 4 * PAGE));
	EXPECT_TRUE(t, is_locked(addr + 5 * PAGE));
}

static void bad_calls_table(struct test *t)
{
	const unsigned long addr = (unsigned long)map_anon(t, 4 * PAGE, RW), top = user_space_end();
	const struct call_row rows[] = {
		CALL(-EINVAL, mlock2, addr, PAGE, 2),
		CALL(-EINVAL, mlock2, addr, PAGE, -1),
		CALL(-EINVAL, mlockall, 0),
		CALL(-EINVAL, mlockall, 8),
		CALL(-EINVAL, mlockall, MCL_ONFAULT),
		CALL(-EINVAL, mlockall, -1),
		CALL(-EINVAL, munlock, addr, -PAGE * 1UL),
		CALL(0, munlock, addr, -1L),
		CALL(-ENOMEM, munlock, top, PAGE),
		CALL(0, munlock, addr, PAGE),
		CALL(0, munlockall),
	};

	EXPECT_CALLS(t, rows);
	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_mlock, addr, -PAGE * 1UL), -EINVAL);
	EXPECT_RET(t, kcall(SYS_mlock, top, PAGE), -ENOMEM);
}

static void nobody_locks_up_to_the_limit(struct test *t)
{
	char *addr = map_anon(t, 16 * PAGE, RW);

	SKIP_UNLESS_ROOT(t);
	limit_locked(t, 4 * PAGE);
	EXPECT_RET(t, kcall(SYS_mlock, addr, 8 * PAGE), 0);
	EXPECT_RET(t, kcall(SYS_munlock, addr, 8 * PAGE), 0);
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_mlock, addr, 5 * PAGE), -ENOMEM);
	EXPECT_FALSE(t, is_locked(addr));
	EXPECT_RET(t, kcall(SYS_mlock, addr, 4 * PAGE), 0);
	EXPECT_RET(t, kcall(SYS_mlock, addr + 4 * PAGE, 1), -ENOMEM);
	/* What is locked already counts once. */
	EXPECT_RET(t, kcall(SYS_mlock, addr + PAGE, 3 * PAGE), 0);
	EXPECT_RET(t, kcall(SYS_munlock, addr, PAGE), 0);
	EXPECT_RET(t, kcall(SYS_mlock, addr + PAGE, 4 * PAGE), 0);
	/* What is unmapped does not count. */
	REQUIRE(t, munmap(addr + PAGE, 2 * PAGE) == 0);
	EXPECT_RET(t, kcall(SYS_mlock, addr + 8 * PAGE, 2 * PAGE), 0);
	EXPECT_RET(t, kcall(SYS_mlockall, MCL_CURRENT), -ENOMEM);
}

static void limit_of_0_forbids_it(struct test *t)
{
	char *addr = map_anon(t, PAGE, RW);

	SKIP_UNLESS_ROOT(t);
	limit_locked(t, 0);
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_mlock, addr, PAGE), -EPERM);
	EXPECT_RET(t, kcall(SYS_mlock2, addr, PAGE, MLOCK_ONFAULT), -EPERM);
	EXPECT_RET(t, kcall(SYS_mlockall, MCL_FUTURE), -EPERM);
	EXPECT_RET(t, kcall(SYS_munlock, addr, PAGE), 0);
	EXPECT_RET(t, kcall(SYS_munlockall), 0);
}

static void all_that_is_there(struct test *t)
{
	char *addr = map_anon(t, 16 * PAGE, RW), *later;

	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_mlockall, MCL_CURRENT), 0);
	EXPECT_TRUE(t, is_locked(addr));
	EXPECT_LE(t, faults_of_writing(addr, 16), 1);
	later = map_anon(t, PAGE, RW);
	EXPECT_FALSE(t, is_locked(later));
	EXPECT_RET(t, kcall(SYS_munlockall), 0);
	EXPECT_FALSE(t, is_locked(addr));
}

static void all_that_comes(struct test *t)
{
	char *before = map_anon(t, PAGE, RW), *addr;
	long brk = kcall(SYS_brk, 0);

	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_mlockall, MCL_FUTURE), 0);
	EXPECT_FALSE(t, is_locked(before));
	addr = map_anon(t, 16 * PAGE, RW);
	EXPECT_TRUE(t, is_locked(addr));
	EXPECT_LE(t, faults_of_writing(addr, 16), 1);
	EXPECT_RET(t, kcall(SYS_brk, brk + 16 * PAGE), brk + 16 * PAGE);
	EXPECT_LE(t, faults_of_writing((char *)brk + 2 * PAGE, 14), 1);
	EXPECT_RET(t, kcall(SYS_munlockall), 0);
	EXPECT_FALSE(t, is_locked(addr));
	EXPECT_FALSE(t, is_locked(map_anon(t, PAGE, RW)));
	EXPECT_RET(t, kcall(SYS_mlockall, MCL_FUTURE | MCL_ONFAULT), 0);
	addr = map_anon(t, 16 * PAGE, RW);
	EXPECT_TRUE(t, is_locked(addr));
	madvise(addr, 16 * PAGE, MADV_NOHUGEPAGE);
	if (!maps_at_once())
		EXPECT_GE(t, faults_of_writing(addr, 16), 16);
}

static void children_have_nothing_locked(struct test *t)
{
	char *addr = map_anon(t, PAGE, RW);
	int status;

	SKIP_UNLESS_ROOT(t);
	EXPECT_RET(t, kcall(SYS_mlock, addr, PAGE), 0);
	EXPECT_RET(t, kcall(SYS_mlockall, MCL_FUTURE), 0);
	*addr = 1;
	if (!fork()) {
		EXPECT_FALSE(t, is_locked(addr));
		EXPECT_FALSE(t, is_locked(map_anon(t, PAGE, RW)));
		_exit(t->nr_failures != 0);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_TRUE(t, is_locked(addr));
	EXPECT_EQ(t, *addr, 1);
}

/* The limit of a new program is not used up by the old one's. */
static void a_new_program_has_nothing_locked(struct test *t)
{
	char *const argv[] = { (char *)self_path(), "--helper", "lock", NULL };
	int status;

	SKIP_UNLESS_ROOT(t);
	limit_locked(t, 4 * PAGE);
	EXPECT_RET(t, kcall(SYS_mlockall, MCL_CURRENT | MCL_FUTURE), 0);
	if (!fork()) {
		REQUIRE(t, kcall(SYS_mlockall, MCL_CURRENT | MCL_FUTURE) == 0);
		become_nobody(t);
		execv(argv[0], argv);
		_exit(99);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
}

int selftest_helper(int argc __maybe_unused, char **argv __maybe_unused)
{
	char *addr = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);

	if (addr == MAP_FAILED || is_locked(addr))
		return 1;
	return kcall(SYS_mlock, addr, 4 * PAGE) ? 2 : 0;
}

static void map_locked_is_there(struct test *t)
{
	char *addr = mmap(NULL, 16 * PAGE, RW, ANON | MAP_LOCKED, -1, 0);

	REQUIRE(t, addr != MAP_FAILED);
	EXPECT_LE(t, faults_of_writing(addr, 16), 1);
	EXPECT_TRUE(t, is_locked(addr));
	/* Locked memory is dropped by who says so twice. */
	EXPECT_RET(t, kcall(SYS_madvise, addr, PAGE, 24 /* MADV_DONTNEED_LOCKED */), 0);
	EXPECT_EQ(t, *addr, 0);
	EXPECT_TRUE(t, is_locked(addr));
}

static void read_only_memory_can_be_locked(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, PROT_READ);
	char *shared = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE(t, shared != MAP_FAILED);
	EXPECT_RET(t, kcall(SYS_mlock, addr, 4 * PAGE), 0);
	EXPECT_RET(t, kcall(SYS_mlock, shared, 4 * PAGE), 0);
	EXPECT_EQ(t, addr[PAGE], 0);
	shared[PAGE] = 3;
	EXPECT_EQ(t, shared[PAGE], 3);
}

static void locked_pages_that_become_writable_are_own_copies(struct test *t)
{
	char *addr = map_anon(t, 32 * PAGE, PROT_READ);

	EXPECT_RET(t, kcall(SYS_mlock, addr, 16 * PAGE), 0);
	REQUIRE(t, mprotect(addr, 32 * PAGE, RW) == 0);
	EXPECT_LE(t, faults_of_writing(addr, 16), 1);
}

static const struct test_case mlock_cases[] = {
	TEST_CASE(locked_pages_are_there),
	TEST_CASE(parts_are_locked_by_whole_pages),
	TEST_CASE(onfault_brings_nothing_in),
	TEST_CASE(holes_and_what_cannot_be_there),
	TEST_CASE(bad_calls_table),
	TEST_CASE(nobody_locks_up_to_the_limit),
	TEST_CASE(limit_of_0_forbids_it),
	TEST_CASE(all_that_is_there),
	TEST_CASE(all_that_comes),
	TEST_CASE(children_have_nothing_locked),
	TEST_CASE(a_new_program_has_nothing_locked),
	TEST_CASE(map_locked_is_there),
	TEST_CASE(read_only_memory_can_be_locked),
	TEST_CASE(locked_pages_that_become_writable_are_own_copies),
};
TEST_SUITE(mlock, mlock_cases);
