/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * madvise: WILLNEED brings pages in, DONTNEED drops them, and other advice is known or EINVAL.
 */
#include <fcntl.h>

#include "selftest.h"

#define RW (PROT_READ | PROT_WRITE)

#ifndef MADV_POPULATE_READ /* newer than the C library */
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MADV_COLD
#define MADV_COLD    20
#define MADV_PAGEOUT 21
#endif

static void dontneed_drops_private_pages(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW);

	memset(addr, 1, 4 * PAGE);
	EXPECT_RET(t, kcall(SYS_madvise, addr + PAGE, 2 * PAGE, MADV_DONTNEED), 0);
	EXPECT_EQ(t, addr[PAGE - 1], 1);
	EXPECT_EQ(t, addr[PAGE], 0);
	EXPECT_EQ(t, addr[3 * PAGE - 1], 0);
	EXPECT_EQ(t, addr[3 * PAGE], 1);
}

static void dontneed_keeps_shared_pages(struct test *t)
{
	char *addr = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE(t, addr != MAP_FAILED);
	*addr = 1;
	EXPECT_RET(t, kcall(SYS_madvise, addr, PAGE, MADV_DONTNEED), 0);
	EXPECT_EQ(t, *addr, 1);
}

static void dontneed_in_a_child_leaves_the_parent_alone(struct test *t)
{
	volatile char *addr = map_anon(t, PAGE, RW);
	int status;

	*addr = 9;
	if (!fork()) {
		madvise((void *)addr, PAGE, MADV_DONTNEED);
		_exit(*addr);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	EXPECT_EQ(t, *addr, 9);
}

static void normal_changes_nothing(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW);

	addr[PAGE] = 1;
	EXPECT_RET(t, kcall(SYS_madvise, addr, 4 * PAGE, MADV_NORMAL), 0);
	EXPECT_EQ(t, addr[PAGE], 1);
	EXPECT_EQ(t, addr[2 * PAGE], 0);
}

static void willneed_of_anonymous_memory(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW);
	long got = kcall(SYS_madvise, addr, 4 * PAGE, MADV_WILLNEED);

	/* Linux without swap support answers EBADF; with it, 0. */
	EXPECT_TRUE(t, got == 0 || got == -EBADF);
	EXPECT_EQ(t, addr[2 * PAGE], 0);
}

static void bad_calls_are_refused(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW);

	EXPECT_RET(t, kcall(SYS_madvise, addr, PAGE, 9999), -EINVAL);
	EXPECT_RET(t, kcall(SYS_madvise, addr, PAGE, -1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_madvise, addr + 1, PAGE, MADV_DONTNEED), -EINVAL);
	EXPECT_RET(t, kcall(SYS_madvise, addr, 0, MADV_DONTNEED), 0);
	EXPECT_RET(t, kcall(SYS_madvise, addr, -PAGE, MADV_DONTNEED), -EINVAL);
	EXPECT_RET(t, kcall(SYS_madvise, 0xffffffff80000000UL, PAGE, MADV_DONTNEED), -ENOMEM);
}

static void holes_are_an_error_but_the_rest_is_done(struct test *t)
{
	char *addr = map_anon(t, 3 * PAGE, RW);

	memset(addr, 1, 3 * PAGE);
	REQUIRE(t, munmap(addr + PAGE, PAGE) == 0);
	EXPECT_RET(t, kcall(SYS_madvise, addr, 3 * PAGE, MADV_DONTNEED), -ENOMEM);
	EXPECT_EQ(t, addr[0], 0);
	EXPECT_EQ(t, addr[2 * PAGE], 0);
}

static void dropped_pages_fault_again(struct test *t)
{
	struct rusage before, after;
	char *addr = map_anon(t, 32 * PAGE, RW);

	madvise(addr, 32 * PAGE, MADV_NOHUGEPAGE);
	memset(addr, 1, 32 * PAGE);
	REQUIRE(t, madvise(addr, 32 * PAGE, MADV_DONTNEED) == 0);
	getrusage(RUSAGE_SELF, &before);
	for (int i = 0; i < 32; i++)
		addr[i * PAGE] = 1;
	getrusage(RUSAGE_SELF, &after);
	EXPECT_GE(t, after.ru_minflt - before.ru_minflt, 1);
}

static long minor_faults(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) ? -1 : usage.ru_minflt;
}

static void populate_brings_pages_in(struct test *t)
{
	char *addr = map_anon(t, 64 * PAGE, RW);
	long before;

	EXPECT_RET(t, kcall(SYS_madvise, addr, 64 * PAGE, MADV_POPULATE_WRITE), 0);
	before = minor_faults();
	for (int i = 0; i < 64; i++)
		addr[i * PAGE] = 1;
	EXPECT_LE(t, minor_faults() - before, 2); /* of the stack, say */
	EXPECT_RET(t, kcall(SYS_madvise, addr, 64 * PAGE, MADV_POPULATE_READ), 0);
	EXPECT_EQ(t, addr[63 * PAGE], 1);
	REQUIRE(t, madvise(addr, 64 * PAGE, MADV_DONTNEED) == 0);
	EXPECT_RET(t, kcall(SYS_madvise, addr, 64 * PAGE, MADV_POPULATE_READ), 0);
	before = minor_faults();
	for (int i = 0; i < 64; i++)
		EXPECT_EQ(t, ((volatile char *)addr)[i * PAGE], 0);
	EXPECT_LE(t, minor_faults() - before, 2);
	/* Zeros that were read before are copied when they are wanted for writing. */
	EXPECT_RET(t, kcall(SYS_madvise, addr, 64 * PAGE, MADV_POPULATE_WRITE), 0);
	before = minor_faults();
	for (int i = 0; i < 64; i++)
		addr[i * PAGE] = 2;
	EXPECT_LE(t, minor_faults() - before, 2);
}

static void populate_tells_why_not(struct test *t)
{
	char *addr = map_anon(t, 3 * PAGE, PROT_READ);

	EXPECT_RET(t, kcall(SYS_madvise, addr, PAGE, MADV_POPULATE_READ), 0);
	EXPECT_RET(t, kcall(SYS_madvise, addr, PAGE, MADV_POPULATE_WRITE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_madvise, addr + 1, PAGE, MADV_POPULATE_READ), -EINVAL);
	EXPECT_RET(t, kcall(SYS_madvise, addr, 0, MADV_POPULATE_READ), 0);
	REQUIRE(t, munmap(addr + PAGE, PAGE) == 0);
	EXPECT_RET(t, kcall(SYS_madvise, addr, 3 * PAGE, MADV_POPULATE_READ), -ENOMEM);
	REQUIRE(t, mprotect(addr, PAGE, PROT_NONE) == 0);
	EXPECT_RET(t, kcall(SYS_madvise, addr, PAGE, MADV_POPULATE_READ), -EINVAL);
}

/* What is not needed any more may stay or become zeros; what is written afterwards stays. */
static void free_is_for_private_memory(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW);
	char *shared = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE(t, shared != MAP_FAILED);
	memset(addr, 1, 4 * PAGE);
	EXPECT_RET(t, kcall(SYS_madvise, addr, 4 * PAGE, MADV_FREE), 0);
	for (int i = 0; i < 4; i++)
		EXPECT_TRUE(t, addr[i * PAGE] == 1 || addr[i * PAGE] == 0);
	addr[PAGE] = 7;
	EXPECT_EQ(t, addr[PAGE], 7);
	EXPECT_RET(t, kcall(SYS_madvise, shared, PAGE, MADV_FREE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_madvise, addr, 4 * PAGE, MADV_COLD), 0);
	EXPECT_RET(t, kcall(SYS_madvise, addr, 4 * PAGE, MADV_PAGEOUT), 0);
	EXPECT_EQ(t, addr[PAGE], 7);
}

/* Shared, and given back to nobody: after a fork freed pages are still the other's. */
static void what_is_freed_is_ones_own(struct test *t)
{
	char *addr = map_anon(t, 16 * PAGE, RW);
	int status;

	memset(addr, 5, 16 * PAGE);
	if (!fork()) {
		madvise(addr, 16 * PAGE, MADV_FREE);
		for (int i = 0; i < 8; i++)
			addr[i * PAGE] = 6;
		for (int i = 0; i < 8; i++)
			EXPECT_EQ(t, addr[i * PAGE], 6);
		_exit(t->nr_failures != 0);
	}
	wait(&status);
	EXPECT_EXIT(t, status, 0);
	for (int i = 0; i < 16; i++)
		EXPECT_EQ(t, addr[i * PAGE], 5);
	/* Free, written, free again: a page is whole or all zeros. */
	for (int i = 0; i < 20; i++) {
		EXPECT_RET(t, kcall(SYS_madvise, addr, 16 * PAGE, MADV_FREE), 0);
		for (int k = 0; k < 16; k++)
			EXPECT_TRUE(t, addr[k * PAGE] == addr[k * PAGE + PAGE - 1] ||
					       addr[k * PAGE + PAGE - 1] == 0);
		memset(addr + i % 16 * PAGE, i + 1, PAGE);
		EXPECT_EQ(t, addr[i % 16 * PAGE + 100], i + 1);
	}
}

static void what_may_not_be_dropped(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW);
	const struct call_row rows[] = {
		CALL(0, mlock, PTR(addr), PAGE),
		CALL(-EINVAL, madvise, PTR(addr), PAGE, MADV_DONTNEED),
		CALL(-EINVAL, madvise, PTR(addr), PAGE, MADV_FREE),
		CALL(-EINVAL, madvise, PTR(addr), PAGE, MADV_COLD),
		CALL(-EINVAL, madvise, PTR(addr), PAGE, MADV_PAGEOUT),
		CALL(-EINVAL, madvise, PTR(addr), PAGE, MADV_REMOVE),
		/* What lies before it has been done, what lies behind has not. */
		CALL(-EINVAL, madvise, PTR(addr), 4 * PAGE, MADV_DONTNEED),
		CALL(0, madvise, PTR(addr), PAGE, MADV_DONTNEED_LOCKED),
		CALL(0, madvise, PTR(addr), PAGE, MADV_NORMAL),
		CALL(0, munlock, PTR(addr), PAGE),
		CALL(0, madvise, PTR(addr), PAGE, MADV_FREE),
	};

	memset(addr, 3, 4 * PAGE);
	EXPECT_CALLS(t, rows);
	EXPECT_EQ(t, addr[0], 0);
	EXPECT_EQ(t, addr[PAGE], 3);
}

static void advice_about_dumps_and_order(struct test *t)
{
	const unsigned long addr = (unsigned long)map_anon(t, 8 * PAGE, RW);
	const struct call_row rows[] = {
		CALL(0, madvise, addr + PAGE, PAGE, MADV_DONTDUMP),
		CALL(0, madvise, addr + 2 * PAGE, PAGE, MADV_RANDOM),
		CALL(0, madvise, addr + 3 * PAGE, PAGE, MADV_SEQUENTIAL),
		/* Areas were cut, and are one again. */
		CALL(-EFAULT, mremap, addr, 8 * PAGE, user_space_end(), 0, 0),
		CALL(0, madvise, addr, 8 * PAGE, MADV_DODUMP),
		CALL(0, madvise, addr, 8 * PAGE, MADV_NORMAL),
		CALL(-ENOMEM, mremap, addr, 8 * PAGE, user_space_end(), 0, 0),
	};

	SKIP_IF(t, !is_oshit(), "newer kernels look for room before they look at areas");
	EXPECT_CALLS(t, rows);
}

/* Removes the second page of four that are full. */
static void expect_hole(struct test *t, char *shared)
{
	memset(shared, 8, 4 * PAGE);
	EXPECT_RET(t, kcall(SYS_madvise, shared + PAGE, PAGE, MADV_REMOVE), 0);
	EXPECT_EQ(t, shared[PAGE], 0);
	EXPECT_EQ(t, shared[2 * PAGE - 1], 0);
	EXPECT_EQ(t, shared[PAGE - 1], 8);
	EXPECT_EQ(t, shared[2 * PAGE], 8);
}

static void removal_is_for_files_that_may_be_written(struct test *t)
{
	char path[PATH_MAX], *shared, *page = map_anon(t, PAGE, RW);
	int fd, reader;

	snprintf(path, sizeof(path), "%s/file", scratch_folder(t));
	fd = open(path, O_RDWR | O_CREAT, 0600);
	reader = open(path, O_RDONLY);
	unlink(path);
	REQUIRE(t, fd >= 0 && ftruncate(fd, 4 * PAGE) == 0);
	EXPECT_RET(t, kcall(SYS_madvise, page, PAGE, MADV_REMOVE), -EINVAL);
	page = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	EXPECT_RET(t, kcall(SYS_madvise, page, PAGE, MADV_REMOVE), -EACCES);
	page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
	EXPECT_RET(t, kcall(SYS_madvise, page, PAGE, MADV_REMOVE), -EACCES);
	EXPECT_RET(t, kcall(SYS_madvise, page + 1, PAGE, MADV_REMOVE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_madvise, 0, PAGE, MADV_REMOVE), -ENOMEM);
	EXPECT_RET(t, kcall(SYS_madvise, page, 0, MADV_REMOVE), 0);
	/* Shared memory without a name has holes, too. */
	shared = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(t, shared != MAP_FAILED);
	expect_hole(t, shared);
}

/* The file has it for all who map or read it. */
static void remove_makes_holes_in_files(struct test *t)
{
	char path[PATH_MAX], *shared, byte = 1;
	int fd, ret;

	snprintf(path, sizeof(path), "%s/file", scratch_folder(t));
	fd = open(path, O_RDWR | O_CREAT, 0600);
	unlink(path);
	REQUIRE(t, fd >= 0 && ftruncate(fd, 4 * PAGE) == 0);
	ret = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE);
	SKIP_IF(t, ret, "this file system makes no holes");
	shared = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	REQUIRE(t, shared != MAP_FAILED);
	expect_hole(t, shared);
	EXPECT_EQ(t, pread(fd, &byte, 1, PAGE), 1);
	EXPECT_EQ(t, byte, 0);
	EXPECT_EQ(t, pread(fd, &byte, 1, 2 * PAGE), 1);
	EXPECT_EQ(t, byte, 8);
}

static const struct test_case madvise_cases[] = {
	TEST_CASE(dontneed_drops_private_pages),
	TEST_CASE(dontneed_keeps_shared_pages),
	TEST_CASE(dontneed_in_a_child_leaves_the_parent_alone),
	TEST_CASE(normal_changes_nothing),
	TEST_CASE(willneed_of_anonymous_memory),
	TEST_CASE(populate_brings_pages_in),
	TEST_CASE(populate_tells_why_not),
	TEST_CASE(free_is_for_private_memory),
	TEST_CASE(what_is_freed_is_ones_own),
	TEST_CASE(what_may_not_be_dropped),
	TEST_CASE(advice_about_dumps_and_order),
	TEST_CASE(removal_is_for_files_that_may_be_written),
	TEST_CASE(remove_makes_holes_in_files),
	TEST_CASE(bad_calls_are_refused),
	TEST_CASE(holes_are_an_error_but_the_rest_is_done),
	TEST_CASE(dropped_pages_fault_again),
};
TEST_SUITE(madvise, madvise_cases);
SELFTEST_NO_HELPER
