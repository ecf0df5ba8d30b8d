/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls about memory, flag by flag: what each combination gives.  A table is one situation; most
 * rows are errors, in the order in which the kernel looks for them.
 */
#include "selftest.h"

#define RW	      (PROT_READ | PROT_WRITE)
#define ANON	      (MAP_PRIVATE | MAP_ANONYMOUS)
#define VALIDATE      3 /* MAP_SHARED_VALIDATE */
#define SYNC	      0x80000 /* MAP_SYNC */
#define BIG	      (1UL << 63)
#define IS_ADDRESS(p) ((unsigned long)(p) < -4096UL)

/* A file of two pages in a folder that goes, opened as @flags say. */
static int open_file(struct test *t, int flags)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/file", scratch_folder(t));
	fd = open(path, O_RDWR | O_CREAT, 0600);
	REQUIRE(t, fd >= 0 && ftruncate(fd, 2 * PAGE) == 0);
	close(fd);
	fd = open(path, flags);
	unlink(path);
	REQUIRE(t, fd >= 0);
	return fd;
}

static void mmap_of_anonymous_memory(struct test *t)
{
	const struct call_row rows[] = {
		CALL(-EINVAL, mmap, 0, PAGE, RW, MAP_ANONYMOUS, -1, 0),
		CALL(-EINVAL, mmap, 0, PAGE, RW, MAP_ANONYMOUS | VALIDATE, -1, 0),
		CALL(-EINVAL, mmap, 0, PAGE, RW, MAP_ANONYMOUS | MAP_SHARED | MAP_GROWSDOWN, -1, 0),
		CALL(-EINVAL, mmap, 0, 0, RW, MAP_ANONYMOUS, -1, 0),
		CALL(-EINVAL, mmap, 0, 0, RW, ANON, -1, 1),
		CALL(-EINVAL, mmap, 1, 0, RW, ANON | MAP_FIXED, -1, 0),
		CALL(-EINVAL, mmap, PAGE / 2, PAGE, RW, ANON | MAP_FIXED, -1, 0),
		CALL(-EINVAL, mmap, 0, PAGE, RW, ANON, -1, PAGE - 1),
		CALL(-ENOMEM, mmap, 0, BIG, RW, ANON | MAP_32BIT, -1, 0),
		CALL(-ENOMEM, mmap, 0, 1UL << 31, PROT_NONE, ANON | MAP_32BIT, -1, 0),
	};

	EXPECT_CALLS(t, rows);
}

static void mmap_ignores_what_it_does_not_know(struct test *t)
{
	const long flags[] = { MAP_DENYWRITE, MAP_EXECUTABLE, MAP_STACK,
			       MAP_NORESERVE, MAP_NONBLOCK,   MAP_NONBLOCK | MAP_POPULATE };
	const long prots[] = { 0x10 /* unknown */, PROT_GROWSDOWN, PROT_GROWSUP, 8 /* PROT_SEM */ };

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		EXPECT_TRUE(t, IS_ADDRESS(kcall(SYS_mmap, 0, PAGE, RW, ANON | flags[i], -1, 0)));
	for (size_t i = 0; i < ARRAY_SIZE(prots); i++)
		EXPECT_TRUE(t, IS_ADDRESS(kcall(SYS_mmap, 0, PAGE, RW | prots[i], ANON, -1, 0)));
	/* A descriptor with MAP_ANONYMOUS is not looked at, and an offset has no meaning. */
	EXPECT_TRUE(t, IS_ADDRESS(kcall(SYS_mmap, 0, PAGE, RW, ANON, 12345, 0)));
	EXPECT_TRUE(t, IS_ADDRESS(kcall(SYS_mmap, 0, PAGE, RW, ANON, -1, 16 * PAGE)));
}

static void mmap_32bit_is_below_2_gib(struct test *t)
{
	long addr = kcall(SYS_mmap, 0, PAGE, RW, ANON | MAP_32BIT, -1, 0);

	EXPECT_TRUE(t, IS_ADDRESS(addr) && addr < 1L << 31);
}

static void mmap_of_a_file_opened_for_reading(struct test *t)
{
	const int fd = open_file(t, O_RDONLY);
	const struct call_row rows[] = {
		CALL(-EACCES, mmap, 0, PAGE, RW, MAP_SHARED, fd, 0),
		CALL(-EACCES, mmap, 0, PAGE, PROT_WRITE, MAP_SHARED, fd, 0),
		CALL(-EACCES, mmap, 0, PAGE, RW, VALIDATE, fd, 0),
		CALL(-EOPNOTSUPP, mmap, 0, PAGE, RW, VALIDATE | 0x1000000, fd, 0),
		CALL(-EOPNOTSUPP, mmap, 0, PAGE, PROT_READ, VALIDATE | SYNC, fd, 0),
		CALL(-EINVAL, mmap, 0, PAGE, PROT_READ, 0, fd, 0),
		CALL(-EINVAL, mmap, 0, PAGE, PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, fd, 0),
		CALL(-EINVAL, mmap, 0, PAGE, PROT_READ, MAP_SHARED | MAP_GROWSDOWN, fd, 0),
		CALL(-EINVAL, mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, fd, 1),
		CALL(-EINVAL, mmap, 0, 0, PROT_READ, MAP_PRIVATE, fd, 0),
		CALL(-EOVERFLOW, mmap, 0, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, -PAGE * 1UL),
		CALL(-EBADF, mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 12345, 0),
		CALL(-EBADF, mmap, 0, 0, PROT_READ, 0, -1, 0),
	};
	long addr;

	EXPECT_CALLS(t, rows);
	EXPECT_TRUE(t, IS_ADDRESS(kcall(SYS_mmap, 0, PAGE, RW, MAP_PRIVATE, fd, 0)));
	EXPECT_TRUE(t, IS_ADDRESS(kcall(SYS_mmap, 0, PAGE, PROT_READ, VALIDATE, fd, 0)));
	addr = kcall(SYS_mmap, 0, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	REQUIRE(t, IS_ADDRESS(addr));
	EXPECT_RET(t, kcall(SYS_mprotect, addr, PAGE, RW), -EACCES);
	EXPECT_RET(t, kcall(SYS_mprotect, addr, PAGE, PROT_NONE), 0);
	EXPECT_RET(t, kcall(SYS_mprotect, addr, PAGE, PROT_READ), 0);
}

static void mmap_of_a_file_opened_for_writing(struct test *t)
{
	const int fd = open_file(t, O_WRONLY);
	const struct call_row rows[] = {
		CALL(-EACCES, mmap, 0, PAGE, PROT_WRITE, MAP_SHARED, fd, 0),
		CALL(-EACCES, mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0),
		CALL(-EACCES, mmap, 0, PAGE, PROT_NONE, MAP_PRIVATE, fd, 0),
	};

	EXPECT_CALLS(t, rows);
}

static void mmap_of_what_has_no_pages(struct test *t)
{
	int fds[2], dir;

	REQUIRE(t, pipe(fds) == 0);
	dir = open("/", O_RDONLY | O_DIRECTORY);
	REQUIRE(t, dir >= 0);
	EXPECT_RET(t, kcall(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, fds[0], 0), -ENODEV);
	EXPECT_RET(t, kcall(SYS_mmap, 0, PAGE, PROT_WRITE, MAP_SHARED, fds[1], 0), -EACCES);
	EXPECT_RET(t, kcall(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, dir, 0), -ENODEV);
	dir = open("/", O_PATH);
	REQUIRE(t, dir >= 0);
	EXPECT_RET(t, kcall(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, dir, 0), -EBADF);
}

static void locked_memory_has_a_limit(struct test *t)
{
	const struct rlimit limit = { 4 * PAGE, 4 * PAGE };

	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
	EXPECT_TRUE(t, IS_ADDRESS(kcall(SYS_mmap, 0, 8 * PAGE, RW, ANON | MAP_LOCKED, -1, 0)));
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_mmap, 0, 8 * PAGE, RW, ANON | MAP_LOCKED, -1, 0), -EAGAIN);
}

static void nobody_locks_up_to_the_limit(struct test *t)
{
	const struct rlimit limit = { 4 * PAGE, 4 * PAGE }, none = { 0, 4 * PAGE };

	SKIP_UNLESS_ROOT(t);
	REQUIRE(t, setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
	become_nobody(t);
	EXPECT_TRUE(t, IS_ADDRESS(kcall(SYS_mmap, 0, 4 * PAGE, RW, ANON | MAP_LOCKED, -1, 0)));
	EXPECT_RET(t, kcall(SYS_mmap, 0, PAGE, RW, ANON | MAP_LOCKED, -1, 0), -EAGAIN);
	REQUIRE(t, setrlimit(RLIMIT_MEMLOCK, &none) == 0);
	EXPECT_RET(t, kcall(SYS_mmap, 0, PAGE, RW, ANON | MAP_LOCKED, -1, 0), -EPERM);
}

static void munmap_table(struct test *t)
{
	const unsigned long addr = (unsigned long)map_anon(t, 4 * PAGE, RW), top = user_space_end();
	const struct call_row rows[] = {
		CALL(-EINVAL, munmap, addr, 0),	    CALL(-EINVAL, munmap, addr + 1, PAGE),
		CALL(-EINVAL, munmap, addr, -1L),   CALL(-EINVAL, munmap, addr, BIG),
		CALL(-EINVAL, munmap, top, PAGE),   CALL(-EINVAL, munmap, top - PAGE, 2 * PAGE),
		CALL(-EINVAL, munmap, 0, top + 1),  CALL(-EINVAL, munmap, -PAGE * 1UL, PAGE),
		CALL(-EINVAL, munmap, 0, 0),	    CALL(0, munmap, addr + PAGE, 1),
		CALL(0, munmap, addr + PAGE, PAGE), CALL(0, munmap, 0, PAGE),
		CALL(0, munmap, addr, 4 * PAGE),
	};

	EXPECT_CALLS(t, rows);
}

static void mprotect_table(struct test *t)
{
	const unsigned long addr = (unsigned long)map_anon(t, 4 * PAGE, RW), top = user_space_end();
	const struct call_row rows[] = {
		CALL(-EINVAL, mprotect, addr + 1, PAGE, RW),
		CALL(-EINVAL, mprotect, addr + 1, 0, RW),
		CALL(0, mprotect, addr, 0, RW),
		CALL(0, mprotect, addr, 0, 0x10),
		CALL(-EINVAL, mprotect, addr, PAGE, 0x10),
		CALL(0, mprotect, addr, PAGE, RW | 8), /* PROT_SEM */
		CALL(-EINVAL, mprotect, addr, 0, PROT_GROWSDOWN | PROT_GROWSUP),
		CALL(-EINVAL, mprotect, addr, PAGE, PROT_GROWSUP | RW),
		CALL(-EINVAL, mprotect, addr, PAGE, PROT_GROWSDOWN | RW),
		CALL(0, mprotect, addr, 0, PROT_GROWSDOWN | RW),
		CALL(-ENOMEM, mprotect, addr, -1L, RW),
		CALL(-ENOMEM, mprotect, addr, -PAGE * 1UL, 0x10),
		CALL(-ENOMEM, mprotect, top, PAGE, RW),
		CALL(-EINVAL, mprotect, top, PAGE, 0x10),
		CALL(-ENOMEM, mprotect, 0, PAGE, RW),
		CALL(0, munmap, addr + 2 * PAGE, PAGE),
		CALL(-ENOMEM, mprotect, addr, 4 * PAGE, PROT_READ),
		CALL(-ENOMEM, mprotect, addr + 2 * PAGE, PAGE, PROT_GROWSDOWN | RW),
	};

	EXPECT_CALLS(t, rows);
	EXPECT_EQ(t, probe_write((char *)addr), SIGSEGV); /* what lay before the hole */
	EXPECT_EQ(t, probe_write((char *)addr + 3 * PAGE), 0);
}

static void madvise_table(struct test *t)
{
	const unsigned long addr = (unsigned long)map_anon(t, 4 * PAGE, RW);
	const unsigned long shared =
		kcall(SYS_mmap, 0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct call_row rows[] = {
		CALL(-EINVAL, madvise, addr, PAGE, 9999),
		CALL(-EINVAL, madvise, addr, PAGE, -1),
		CALL(-EINVAL, madvise, addr, 0, 9999),
		CALL(-EINVAL, madvise, addr + 1, PAGE, MADV_NORMAL),
		CALL(-EINVAL, madvise, addr + 1, 0, MADV_NORMAL),
		CALL(-EINVAL, madvise, addr, -1L, MADV_NORMAL),
		CALL(-EINVAL, madvise, addr, -PAGE * 1UL, MADV_NORMAL),
		CALL(0, madvise, addr, 0, MADV_DONTNEED),
		CALL(0, madvise, 0, 0, MADV_DONTNEED),
		CALL(0, madvise, addr, PAGE, MADV_NORMAL),
		CALL(0, madvise, addr, PAGE, MADV_RANDOM),
		CALL(0, madvise, addr, PAGE, MADV_SEQUENTIAL),
		CALL(0, madvise, addr, 1, MADV_DONTNEED),
		CALL(0, madvise, addr, PAGE, MADV_DONTFORK),
		CALL(0, madvise, addr, PAGE, MADV_DOFORK),
		CALL(0, madvise, addr, PAGE, MADV_DONTDUMP),
		CALL(0, madvise, addr, PAGE, MADV_DODUMP),
		CALL(0, madvise, addr, PAGE, MADV_WIPEONFORK),
		CALL(0, madvise, addr, PAGE, MADV_KEEPONFORK),
		CALL(-EINVAL, madvise, shared, PAGE, MADV_WIPEONFORK),
		CALL(0, madvise, shared, PAGE, MADV_KEEPONFORK),
		CALL(-ENOMEM, madvise, 0, PAGE, MADV_NORMAL),
		CALL(0, munmap, addr + PAGE, PAGE),
		CALL(-ENOMEM, madvise, addr, 4 * PAGE, MADV_DONTNEED),
		CALL(-ENOMEM, madvise, addr, 4 * PAGE, MADV_DONTFORK),
		CALL(-ENOMEM, madvise, user_space_end(), PAGE, MADV_NORMAL),
	};

	EXPECT_CALLS(t, rows);
}

static void brk_beyond_the_limits_changes_nothing(struct test *t)
{
	const long now = kcall(SYS_brk, 0);
	const struct call_row rows[] = {
		CALL(now, brk, -1L),
		CALL(now, brk, 1),
		CALL(now, brk, PAGE),
		CALL(now, brk, user_space_end()),
		CALL(now, brk, user_space_end() - PAGE),
		CALL(now, brk, BIG),
		CALL(now + 1, brk, now + 1),
		CALL(now + 2 * PAGE, brk, now + 2 * PAGE),
		CALL(now, brk, now),
	};

	EXPECT_CALLS(t, rows);
}

SELFTEST_NO_HELPER

static const struct test_case errors_cases[] = {
	TEST_CASE(mmap_of_anonymous_memory),
	TEST_CASE(mmap_ignores_what_it_does_not_know),
	TEST_CASE(mmap_32bit_is_below_2_gib),
	TEST_CASE(mmap_of_a_file_opened_for_reading),
	TEST_CASE(mmap_of_a_file_opened_for_writing),
	TEST_CASE(mmap_of_what_has_no_pages),
	TEST_CASE(locked_memory_has_a_limit),
	TEST_CASE(nobody_locks_up_to_the_limit),
	TEST_CASE(munmap_table),
	TEST_CASE(mprotect_table),
	TEST_CASE(madvise_table),
	TEST_CASE(brk_beyond_the_limits_changes_nothing),
};
TEST_SUITE(errors, errors_cases);
