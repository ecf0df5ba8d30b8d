/* SPDX-License-Identifier: GPL-2.0-only */
/* memfd_create, its seals, and fallocate. */
#include <linux/falloc.h>
#include <sys/stat.h>

#include "selftest.h"

#define RW	 (PROT_READ | PROT_WRITE)
#define MFD_HUGE 4 /* MFD_HUGETLB */
#define SEALED	 MFD_ALLOW_SEALING

#ifndef F_SEAL_FUTURE_WRITE /* newer than the C library */
#define F_SEAL_FUTURE_WRITE 0x10
#endif

static int new_memfd(struct test *t, unsigned int flags, size_t size)
{
	int fd = (int)kcall(SYS_memfd_create, "test", flags);

	if (fd == -ENOSYS) {
		test_skip(t, "no memfd_create");
		_exit(STATUS_SKIPPED);
	}
	REQUIRE(t, fd >= 0 && ftruncate(fd, size) == 0);
	return fd;
}

static void memfd_is_a_file_without_name(struct test *t)
{
	int fd = new_memfd(t, MFD_CLOEXEC, 0);
	struct stat st;
	char buf[4] = "";

	REQUIRE(t, fstat(fd, &st) == 0);
	EXPECT_EQ(t, st.st_mode, (mode_t)(S_IFREG | 0777));
	EXPECT_EQ(t, st.st_nlink, 0);
	EXPECT_EQ(t, st.st_size, 0);
	EXPECT_EQ(t, fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(t, fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	EXPECT_EQ(t, write(fd, "abc", 3), 3);
	EXPECT_EQ(t, lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQ(t, read(fd, buf, 3), 3);
	EXPECT_STREQ(t, buf, "abc");
	EXPECT_EQ(t, fcntl(new_memfd(t, 0, 0), F_GETFD), 0);
}

static void bad_names_and_flags_are_refused(struct test *t)
{
	char name[251];
	const struct call_row rows[] = {
		CALL(-EINVAL, memfd_create, PTR("x"), 0x100),
		CALL(-EINVAL, memfd_create, PTR("x"), -1),
		CALL(-EINVAL, memfd_create, 0, 0x40),
		CALL(-EFAULT, memfd_create, 0, 0),
		CALL(-EFAULT, memfd_create, -PAGE, MFD_CLOEXEC),
		CALL(-EINVAL, memfd_create, PTR(name), 0),
	};
	int fd;

	close(new_memfd(t, 0, 0));
	memset(name, 'n', 250);
	name[250] = 0;
	EXPECT_CALLS(t, rows);
	name[249] = 0;
	fd = (int)kcall(SYS_memfd_create, name, 0);
	EXPECT_GE(t, fd, 0);
	if (is_oshit())
		EXPECT_RET(t, kcall(SYS_memfd_create, "x", MFD_HUGE), -ENOSYS);
	EXPECT_GE(t, kcall(SYS_memfd_create, "", 0), 0);
}

static void seals_must_be_allowed(struct test *t)
{
	int closed = new_memfd(t, 0, 0), fd = new_memfd(t, SEALED, 0), pipes[2];

	REQUIRE(t, pipe(pipes) == 0);
	EXPECT_RET(t, kcall(SYS_fcntl, closed, F_GET_SEALS, 0), F_SEAL_SEAL);
	EXPECT_RET(t, kcall(SYS_fcntl, closed, F_ADD_SEALS, F_SEAL_SHRINK), -EPERM);
	EXPECT_RET(t, kcall(SYS_fcntl, pipes[1], F_GET_SEALS, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_fcntl, pipes[1], F_ADD_SEALS, F_SEAL_SHRINK), -EINVAL);
	EXPECT_RET(t, kcall(SYS_fcntl, pipes[0], F_ADD_SEALS, F_SEAL_SHRINK), -EPERM);
	EXPECT_RET(t, kcall(SYS_fcntl, 9999, F_GET_SEALS, 0), -EBADF);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GET_SEALS, 0), 0);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_ADD_SEALS, 0x10000), -EINVAL);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SEAL), 0);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GET_SEALS, 0),
		   F_SEAL_SEAL | F_SEAL_GROW | F_SEAL_SHRINK);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_WRITE), -EPERM);
}

static void sealed_size_stays(struct test *t)
{
	int fd = new_memfd(t, SEALED, 2 * PAGE);
	char page[PAGE] = { 0 };

	REQUIRE(t, fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0);
	EXPECT_RET(t, kcall(SYS_ftruncate, fd, PAGE), -EPERM);
	EXPECT_RET(t, kcall(SYS_ftruncate, fd, 2 * PAGE), 0);
	EXPECT_RET(t, kcall(SYS_ftruncate, fd, 3 * PAGE), 0);
	REQUIRE(t, fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) == 0);
	EXPECT_RET(t, kcall(SYS_ftruncate, fd, 4 * PAGE), -EPERM);
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 0, 0, 4 * PAGE), -EPERM);
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 0, 0, 3 * PAGE), 0);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, page, PAGE, 3 * PAGE), -EPERM);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, page, PAGE, 2 * PAGE), PAGE);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, page, PAGE, 3 * PAGE - 100), 100);
}

static void sealed_bytes_stay(struct test *t)
{
	int fd = new_memfd(t, SEALED, 3 * PAGE);
	char *addr = mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0);

	REQUIRE(t, addr != MAP_FAILED);
	addr[0] = 'k';
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_WRITE), -EBUSY);
	/* Neither a part of it, nor the right to write taken away for a time, is none. */
	REQUIRE(t, munmap(addr + PAGE, PAGE) == 0);
	REQUIRE(t, mprotect(addr, PAGE, PROT_READ) == 0);
	REQUIRE(t, munmap(addr + 2 * PAGE, PAGE) == 0);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_WRITE), -EBUSY);
	REQUIRE(t, munmap(addr, PAGE) == 0);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, "x", 1, 0), -EPERM);
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 3, 0, PAGE), -EPERM);
	EXPECT_RET(t, kcall(SYS_mmap, 0, PAGE, RW, MAP_SHARED, fd, 0), -EPERM);
	addr = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	REQUIRE(t, addr != MAP_FAILED);
	EXPECT_EQ(t, addr[0], 'k');
	addr[0] = 'p';
	EXPECT_EQ(t, pread(fd, addr + 1, 1, 0), 1);
	EXPECT_EQ(t, addr[1], 'k');
}

static void a_childs_mapping_counts_too(struct test *t)
{
	int fd = new_memfd(t, SEALED, PAGE), go[2], status;
	char *addr = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0), byte;
	pid_t pid;

	REQUIRE(t, addr != MAP_FAILED && pipe(go) == 0);
	pid = fork();
	if (!pid)
		_exit(read(go[0], &byte, 1) != 1);
	REQUIRE(t, munmap(addr, PAGE) == 0);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_WRITE), -EBUSY);
	REQUIRE(t, write(go[1], "g", 1) == 1);
	waitpid(pid, &status, 0);
	EXPECT_EXIT(t, status, 0);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
}

static void mappings_outlive_a_seal_of_future_writes(struct test *t)
{
	int fd = new_memfd(t, SEALED, 2 * PAGE);
	char *addr = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0), *reader;

	REQUIRE(t, addr != MAP_FAILED);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0);
	addr[0] = 'f';
	addr[PAGE] = 'g';
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, "x", 1, 0), -EPERM);
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 3, 0, PAGE), -EPERM);
	EXPECT_RET(t, kcall(SYS_mmap, 0, PAGE, RW, MAP_SHARED, fd, 0), -EPERM);
	reader = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	REQUIRE(t, reader != MAP_FAILED);
	EXPECT_EQ(t, reader[0], 'f');
	EXPECT_RET(t, kcall(SYS_mprotect, reader, PAGE, RW), -EACCES);
}

static void fallocate_makes_room(struct test *t)
{
	int fd = new_memfd(t, 0, 10);
	struct stat st;
	char byte = 1;

	EXPECT_RET(t, kcall(SYS_fallocate, fd, FALLOC_FL_KEEP_SIZE, PAGE, 2 * PAGE), 0);
	REQUIRE(t, fstat(fd, &st) == 0);
	EXPECT_EQ(t, st.st_size, 10);
	EXPECT_EQ(t, st.st_blocks, (blkcnt_t)(2 * PAGE / 512));
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 0, 0, 3 * PAGE + 1), 0);
	REQUIRE(t, fstat(fd, &st) == 0);
	EXPECT_EQ(t, st.st_size, (off_t)(3 * PAGE + 1));
	EXPECT_EQ(t, st.st_blocks, (blkcnt_t)(4 * PAGE / 512));
	EXPECT_EQ(t, pread(fd, &byte, 1, PAGE), 1);
	EXPECT_EQ(t, byte, 0);
}

static void fallocate_refuses_what_linux_refuses(struct test *t)
{
	int fd = new_memfd(t, 0, PAGE), pipes[2], dir = open("/", O_RDONLY);
	const long max = 0x7fffffffffffffffL;
	const struct call_row rows[] = {
		CALL(-EINVAL, fallocate, fd, 0, -1, PAGE),
		CALL(-EINVAL, fallocate, fd, 0, 0, 0),
		CALL(-EINVAL, fallocate, fd, 0, 0, -1),
		CALL(-EOPNOTSUPP, fallocate, fd, 0x1000, 0, PAGE),
		CALL(-EOPNOTSUPP, fallocate, fd, FALLOC_FL_PUNCH_HOLE, 0, PAGE),
		CALL(-EOPNOTSUPP, fallocate, fd, FALLOC_FL_COLLAPSE_RANGE, 0, PAGE),
		CALL(-EOPNOTSUPP, fallocate, fd, FALLOC_FL_ZERO_RANGE, 0, PAGE),
		CALL(-EFBIG, fallocate, fd, 0, max, PAGE),
		CALL(-EBADF, fallocate, 9999, 0, 0, PAGE),
		CALL(-EBADF, fallocate, dir, 0, 0, PAGE),
	};

	REQUIRE(t, pipe(pipes) == 0);
	EXPECT_CALLS(t, rows);
	EXPECT_RET(t, kcall(SYS_fallocate, pipes[1], 0, 0, PAGE), -ESPIPE);
	EXPECT_RET(t, kcall(SYS_fallocate, open("/dev/null", O_RDWR), 0, 0, PAGE), -ENODEV);
}

static void fallocate_heeds_the_limit_of_size(struct test *t)
{
	struct rlimit limit = { PAGE, PAGE };
	int fd = new_memfd(t, 0, 0);

	signal(SIGXFSZ, SIG_IGN);
	REQUIRE(t, setrlimit(RLIMIT_FSIZE, &limit) == 0);
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 0, 0, 2 * PAGE), -EFBIG);
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 0, 0, PAGE), 0);
}

static void advice_about_files_is_checked(struct test *t)
{
	int fd = new_memfd(t, 0, PAGE), pipes[2];
	const struct call_row rows[] = {
		CALL(0, fadvise64, fd, 0, 0, POSIX_FADV_WILLNEED),
		CALL(0, fadvise64, fd, 0, PAGE, POSIX_FADV_DONTNEED),
		CALL(0, fadvise64, fd, -5, PAGE, POSIX_FADV_SEQUENTIAL),
		CALL(-EINVAL, fadvise64, fd, 0, -1, POSIX_FADV_NORMAL),
		CALL(-EINVAL, fadvise64, fd, 0, 0, 99),
		CALL(-EBADF, fadvise64, 9999, 0, 0, 99),
		CALL(-EBADF, readahead, 9999, 0, 0),
	};

	REQUIRE(t, pipe(pipes) == 0);
	EXPECT_CALLS(t, rows);
	EXPECT_RET(t, kcall(SYS_fadvise64, pipes[0], 0, 0, POSIX_FADV_NORMAL), -ESPIPE);
	EXPECT_RET(t, kcall(SYS_readahead, pipes[0], 0, PAGE), -EINVAL);
	EXPECT_RET(t, kcall(SYS_readahead, pipes[1], 0, PAGE), -EBADF);
	EXPECT_EQ(t, pwrite(fd, "zz", 2, 0), 2);
	EXPECT_EQ(t, posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	EXPECT_EQ(t, pread(fd, (char[2]){ 0 }, 2, 0), 2);
}

static const struct test_case memfd_cases[] = {
	TEST_CASE(memfd_is_a_file_without_name),
	TEST_CASE(bad_names_and_flags_are_refused),
	TEST_CASE(seals_must_be_allowed),
	TEST_CASE(sealed_size_stays),
	TEST_CASE(sealed_bytes_stay),
	TEST_CASE(a_childs_mapping_counts_too),
	TEST_CASE(mappings_outlive_a_seal_of_future_writes),
	TEST_CASE(fallocate_makes_room),
	TEST_CASE(fallocate_refuses_what_linux_refuses),
	TEST_CASE(fallocate_heeds_the_limit_of_size),
	TEST_CASE(advice_about_files_is_checked),
};
TEST_SUITE(memfd, memfd_cases);

SELFTEST_NO_HELPER
