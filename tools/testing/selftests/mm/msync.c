/* SPDX-License-Identifier: GPL-2.0-only */
/* msync and mincore: what was written through a mapping is stored; what of a range is in memory. */
#include <sys/stat.h>

#include "selftest.h"

#define RW  (PROT_READ | PROT_WRITE)
#define BIG (~0UL - PAGE + 1)

/* Three pages, of which the middle one is not mapped. */
static char *with_hole(struct test *t)
{
	char *addr = map_anon(t, 3 * PAGE, RW);

	REQUIRE(t, munmap(addr + PAGE, PAGE) == 0);
	return addr;
}

static void msync_refuses_what_linux_refuses(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW), *hole = with_hole(t);
	const struct call_row rows[] = {
		CALL(0, msync, PTR(addr), 4 * PAGE, MS_SYNC),
		CALL(0, msync, PTR(addr), 4 * PAGE, MS_ASYNC),
		CALL(0, msync, PTR(addr), 4 * PAGE, 0),
		CALL(0, msync, PTR(addr), 1, MS_SYNC | MS_INVALIDATE),
		CALL(0, msync, PTR(addr), 0, MS_SYNC),
		CALL(0, msync, PTR(hole + PAGE), 0, MS_SYNC),
		CALL(-EINVAL, msync, PTR(addr), PAGE, MS_SYNC | MS_ASYNC),
		CALL(-EINVAL, msync, PTR(addr), PAGE, 8),
		CALL(-EINVAL, msync, PTR(addr), PAGE, -1),
		CALL(-EINVAL, msync, PTR(addr + 1), PAGE, MS_SYNC),
		CALL(-EINVAL, msync, PTR(addr + 1), 0, MS_SYNC),
		CALL(-ENOMEM, msync, PTR(hole), 3 * PAGE, MS_SYNC),
		CALL(-ENOMEM, msync, PTR(hole), 3 * PAGE, MS_ASYNC),
		CALL(-ENOMEM, msync, PTR(hole), 2 * PAGE, 0),
		CALL(-ENOMEM, msync, PTR(hole + PAGE), PAGE, MS_SYNC),
		CALL(-ENOMEM, msync, PTR(addr), BIG, MS_SYNC),
		CALL(-ENOMEM, msync, PTR(0xffffffff80000000UL), PAGE, MS_SYNC),
	};

	EXPECT_CALLS(t, rows);
}

static void locked_pages_are_not_invalidated(struct test *t)
{
	char *addr = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);

	SKIP_IF(t, addr == MAP_FAILED, "memory cannot be locked");
	EXPECT_RET(t, kcall(SYS_msync, addr, PAGE, MS_SYNC | MS_INVALIDATE), -EBUSY);
	EXPECT_RET(t, kcall(SYS_msync, addr, PAGE, MS_INVALIDATE), -EBUSY);
	EXPECT_RET(t, kcall(SYS_msync, addr, PAGE, MS_SYNC), 0);
}

static void written_bytes_are_in_the_file(struct test *t)
{
	char path[PATH_MAX], *addr, *part, byte = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/f", scratch_folder(t));
	fd = open(path, O_RDWR | O_CREAT, 0600);
	REQUIRE(t, fd >= 0 && ftruncate(fd, 3 * PAGE) == 0);
	addr = mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0);
	part = mmap(NULL, PAGE, RW, MAP_SHARED, fd, PAGE);
	REQUIRE(t, addr != MAP_FAILED && part != MAP_FAILED);
	for (char round = 1; round < 4; round++) {
		addr[PAGE + 7] = round;
		EXPECT_EQ(t, part[7], round);
		EXPECT_EQ(t, msync(addr, 3 * PAGE, round & 1 ? MS_SYNC : MS_ASYNC), 0);
		EXPECT_EQ(t, pread(fd, &byte, 1, PAGE + 7), 1);
		EXPECT_EQ(t, byte, round);
		EXPECT_EQ(t, fsync(fd), 0);
	}
}

static void touched_anonymous_pages_are_in_memory(struct test *t)
{
	char *addr = map_anon(t, 4 * PAGE, RW);
	unsigned char vec[4];

	SKIP_IF(t, maps_at_once(), "all pages are there from the start");
	madvise(addr, 4 * PAGE, MADV_NOHUGEPAGE);
	addr[PAGE] = addr[3 * PAGE] = 1;
	memset(vec, 9, sizeof(vec));
	EXPECT_EQ(t, mincore(addr, 4 * PAGE - 5, vec), 0);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(t, vec[i] & 1, i & 1);
	REQUIRE(t, mprotect(addr, 2 * PAGE, PROT_NONE) == 0);
	EXPECT_EQ(t, mincore(addr, 4 * PAGE, vec), 0);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(t, vec[i] & 1, i & 1);
	REQUIRE(t, madvise(addr, 4 * PAGE, MADV_DONTNEED) == 0);
	EXPECT_EQ(t, mincore(addr, 4 * PAGE, vec), 0);
	EXPECT_EQ(t, vec[1] | vec[3], 0);
}

static void pages_of_files_are_in_memory_once_written(struct test *t)
{
	int fd = memfd_create("mincore", 0);
	unsigned char vec[4];
	char *addr;

	SKIP_IF(t, maps_at_once(), "all pages are there from the start");
	REQUIRE(t, fd >= 0 && ftruncate(fd, 4 * PAGE) == 0);
	addr = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	REQUIRE(t, addr != MAP_FAILED && pwrite(fd, "x", 1, 2 * PAGE) == 1);
	EXPECT_EQ(t, mincore(addr, 4 * PAGE, vec), 0);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(t, vec[i] & 1, i == 2);
	addr[0] = 1;
	EXPECT_EQ(t, mincore(addr, 4 * PAGE, vec), 0);
	EXPECT_EQ(t, vec[0] & 1, 1);
	REQUIRE(t, ftruncate(fd, PAGE) == 0);
	EXPECT_EQ(t, mincore(addr, 4 * PAGE, vec), 0);
	EXPECT_EQ(t, vec[2] & 1, 0);
}

static void mincore_of_many_areas(struct test *t)
{
	enum { NR = 5000 }; /* more than a page of answers */
	static unsigned char vec[NR]; /* malloc()'s might share a huge page with the area */
	char *addr = map_anon(t, NR * PAGE, RW);

	SKIP_IF(t, maps_at_once(), "all pages are there from the start");
	madvise(addr, NR * PAGE, MADV_NOHUGEPAGE);
	for (int i = 0; i < NR; i += 7)
		addr[i * PAGE] = 1;
	REQUIRE(t, mprotect(addr + 10 * PAGE, 1000 * PAGE, PROT_READ) == 0);
	EXPECT_EQ(t, mincore(addr, NR * PAGE, vec), 0);
	for (int i = 0; i < NR; i++)
		if ((vec[i] & 1) != (i % 7 == 0)) {
			EXPECT_EQ(t, i, -1);
			break;
		}
}

static void mincore_refuses_what_linux_refuses(struct test *t)
{
	char *addr = map_anon(t, 3 * PAGE, RW), *hole = with_hole(t);
	unsigned char vec[4];
	const struct call_row rows[] = {
		CALL(0, mincore, PTR(addr), PAGE, PTR(vec)),
		CALL(0, mincore, PTR(addr), 0, PTR(vec)),
		CALL(0, mincore, PTR(hole + PAGE), 0, PTR(vec)),
		CALL(-EINVAL, mincore, PTR(addr + 1), PAGE, PTR(vec)),
		CALL(-ENOMEM, mincore, PTR(hole), 3 * PAGE, PTR(vec)),
		CALL(-ENOMEM, mincore, PTR(hole + PAGE), PAGE, PTR(vec)),
		CALL(-ENOMEM, mincore, PTR(addr), BIG, PTR(vec)),
		CALL(-ENOMEM, mincore, 0xffffffff80000000UL, PAGE, PTR(vec)),
		CALL(-EFAULT, mincore, PTR(addr), PAGE, 0xffffffff80000000UL),
		CALL(-EFAULT, mincore, PTR(addr), PAGE, PTR(hole + PAGE)),
	};

	EXPECT_CALLS(t, rows);
}

static void others_files_are_not_told_about(struct test *t)
{
	char path[PATH_MAX], *addr;
	unsigned char vec[2] = { 0 };
	int fd;

	SKIP_UNLESS_ROOT(t);
	snprintf(path, sizeof(path), "%s/f", scratch_folder(t));
	fd = open(path, O_RDWR | O_CREAT, 0644);
	REQUIRE(t, fd >= 0 && ftruncate(fd, 2 * PAGE) == 0);
	addr = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	REQUIRE(t, addr != MAP_FAILED);
	become_nobody(t);
	EXPECT_EQ(t, mincore(addr, 2 * PAGE, vec), 0);
	EXPECT_EQ(t, vec[0] & vec[1], 1);
}

static const struct test_case msync_cases[] = {
	TEST_CASE(msync_refuses_what_linux_refuses),
	TEST_CASE(locked_pages_are_not_invalidated),
	TEST_CASE(written_bytes_are_in_the_file),
	TEST_CASE(touched_anonymous_pages_are_in_memory),
	TEST_CASE(pages_of_files_are_in_memory_once_written),
	TEST_CASE(mincore_of_many_areas),
	TEST_CASE(mincore_refuses_what_linux_refuses),
	TEST_CASE(others_files_are_not_told_about),
};
TEST_SUITE(msync, msync_cases);

SELFTEST_NO_HELPER
