/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors: dup and its like, lseek, what open() makes of its flags, and which calls one without
 * contents refuses.
 */
#include <sys/stat.h>

#include "selftest.h"

#define UNUSED_FD 12345

static char folder[PATH_MAX];

/* From here on names are relative to a new folder with: file (10 bytes), dir, link -> file, loop ->
 * loop, dangling -> nowhere. */
static void enter_folder(struct test *t)
{
	int fd;

	snprintf(folder, sizeof(folder), "%s", scratch_folder(t));
	REQUIRE(t, chdir(folder) == 0);
	fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0600);
	REQUIRE(t, fd >= 0 && write(fd, "0123456789", 10) == 10);
	close(fd);
	REQUIRE(t, mkdir("dir", 0700) == 0 && symlink("file", "link") == 0);
	REQUIRE(t, symlink("loop", "loop") == 0 && symlink("nowhere", "dangling") == 0);
}

static void leave_folder(void)
{
	static const char *const names[] = { "file", "link", "loop", "dangling", "nowhere", "new" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlink(names[i]);
	rmdir("dir");
	if (!chdir("/"))
		rmdir(folder);
}

/* --- dup, dup2, dup3 */

static void dup_table(struct test *t)
{
	const int fd = open("/", O_RDONLY);
	const struct rlimit limit = { 30, 30 };
	const struct call_row rows[] = {
		CALL(-EBADF, dup, -1),
		CALL(-EBADF, dup, UNUSED_FD),
		CALL(-EBADF, dup2, -1, 20),
		CALL(-EBADF, dup2, UNUSED_FD, UNUSED_FD),
		CALL(-EBADF, dup2, fd, -1),
		CALL(-EBADF, dup2, fd, 30), /* at the limit */
		CALL(fd, dup2, fd, fd),
		CALL(29, dup2, fd, 29),
		CALL(-EINVAL, dup3, fd, fd, 0),
		CALL(-EINVAL, dup3, -1, -1, 0),
		CALL(-EINVAL, dup3, -1, 20, O_NONBLOCK),
		CALL(-EINVAL, dup3, fd, 20, O_CLOEXEC | O_APPEND),
		CALL(-EBADF, dup3, fd, 30, 0),
		CALL(-EBADF, dup3, -1, 20, O_CLOEXEC),
		CALL(20, dup3, fd, 20, O_CLOEXEC),
		CALL(FD_CLOEXEC, fcntl, 20, F_GETFD),
		CALL(20, dup2, fd, 20), /* which clears it */
		CALL(0, fcntl, 20, F_GETFD),
		CALL(-EINVAL, fcntl, fd, F_DUPFD, 30),
		CALL(-EINVAL, fcntl, fd, F_DUPFD, -1),
		CALL(-EMFILE, fcntl, fd, F_DUPFD, 29),
		CALL(21, fcntl, fd, F_DUPFD_CLOEXEC, 20),
		CALL(FD_CLOEXEC, fcntl, 21, F_GETFD),
		CALL(-EINVAL, fcntl, fd, 9999),
		CALL(-EBADF, fcntl, UNUSED_FD, 9999),
		CALL(-EBADF, close, UNUSED_FD),
		CALL(-EBADF, close, -1),
		CALL(0, close, 20),
		CALL(-EBADF, close, 20),
	};

	REQUIRE(t, fd >= 0 && fd < 20 && setrlimit(RLIMIT_NOFILE, &limit) == 0);
	EXPECT_CALLS(t, rows);
	while (dup(fd) >= 0)
		;
	EXPECT_RET(t, kcall(SYS_dup, fd), -EMFILE);
	EXPECT_RET(t, kcall(SYS_open, "/", O_RDONLY), -EMFILE);
	EXPECT_RET(t, kcall(SYS_dup2, fd, 29), 29);
}

static void close_range_table(struct test *t)
{
	const struct call_row rows[] = {
		CALL(-EINVAL, close_range, 5, 4, 0),
		CALL(-EINVAL, close_range, 20, 25, 1),
		CALL(0, close_range, 20, 25, 4), /* CLOSE_RANGE_CLOEXEC */
		CALL(FD_CLOEXEC, fcntl, 22, F_GETFD),
		CALL(0, close_range, 23, -1, 0),
		CALL(-EBADF, fcntl, 24, F_GETFD),
		CALL(0, close_range, 20, 22, 2), /* CLOSE_RANGE_UNSHARE */
		CALL(-EBADF, fcntl, 22, F_GETFD),
	};

	REQUIRE(t, dup2(1, 22) == 22 && dup2(1, 24) == 24);
	EXPECT_CALLS(t, rows);
}

/* --- lseek */

static void lseek_table(struct test *t)
{
	int fd, fds[2];

	enter_folder(t);
	fd = open("file", O_RDONLY);
	REQUIRE(t, fd >= 0 && pipe(fds) == 0);
	const struct call_row rows[] = {
		CALL(-EBADF, lseek, -1, 0, SEEK_SET),
		CALL(-EBADF, lseek, UNUSED_FD, 0, 99),
		CALL(-EINVAL, lseek, fd, 0, 5),
		CALL(-EINVAL, lseek, fd, 0, -1),
		CALL(-EINVAL, lseek, fd, -1, SEEK_SET),
		CALL(7, lseek, fd, 7, SEEK_SET),
		CALL(-EINVAL, lseek, fd, -8, SEEK_CUR),
		CALL(5, lseek, fd, -2, SEEK_CUR),
		CALL(12, lseek, fd, 2, SEEK_END),
		CALL(-EINVAL, lseek, fd, -11, SEEK_END),
		CALL(0, lseek, fd, -10, SEEK_END),
		CALL(-EINVAL, lseek, fd, LONG_MIN, SEEK_SET),
		CALL(3, lseek, fd, 3, SEEK_DATA),
		CALL(10, lseek, fd, 3, SEEK_HOLE),
		CALL(-ENXIO, lseek, fd, 10, SEEK_DATA),
		CALL(-ENXIO, lseek, fd, 10, SEEK_HOLE),
		CALL(-ENXIO, lseek, fd, -1, SEEK_DATA),
		CALL(10, lseek, fd, 0, SEEK_CUR), /* as SEEK_HOLE left it */
		CALL(-ESPIPE, lseek, fds[0], 0, SEEK_CUR),
		CALL(-ESPIPE, lseek, fds[1], 0, SEEK_END),
		CALL(-EINVAL, lseek, fds[0], 0, 99),
	};

	EXPECT_CALLS(t, rows);
	leave_folder();
}

/* --- open */

static void open_errors(struct test *t)
{
	static char too_long[300];
	const struct call_row rows[] = {
		CALL(-EFAULT, open, 8, O_RDONLY),
		CALL(-ENOENT, open, PTR(""), O_RDONLY),
		CALL(-ENOENT, open, PTR("nowhere"), O_RDONLY),
		CALL(-ENOENT, open, PTR("nowhere/x"), O_RDWR | O_CREAT, 0600),
		CALL(-ENOENT, open, PTR("dangling"), O_RDONLY),
		CALL(-ENOENT, open, PTR("dangling/"), O_RDONLY),
		CALL(-ENOTDIR, open, PTR("file/x"), O_RDONLY),
		CALL(-ENOTDIR, open, PTR("file/"), O_RDONLY),
		CALL(-ENOTDIR, open, PTR("file"), O_RDONLY | O_DIRECTORY),
		CALL(-ENOTDIR, open, PTR("link"), O_RDONLY | O_DIRECTORY),
		CALL(-ENOTDIR, open, PTR("link"), O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
		CALL(-ELOOP, open, PTR("link"), O_RDONLY | O_NOFOLLOW),
		CALL(-ELOOP, open, PTR("loop"), O_RDONLY),
		CALL(-ELOOP, open, PTR("loop/x"), O_RDONLY),
		CALL(-ENAMETOOLONG, open, PTR(too_long), O_RDONLY),
		CALL(-EISDIR, open, PTR("dir"), O_WRONLY),
		CALL(-EISDIR, open, PTR("dir"), O_RDWR),
		CALL(-EISDIR, open, PTR("dir"), O_RDONLY | O_TRUNC),
		CALL(-EISDIR, open, PTR("dir"), O_RDONLY | O_CREAT, 0600),
		CALL(-EEXIST, open, PTR("dir"), O_RDONLY | O_CREAT | O_EXCL, 0600),
		CALL(-EISDIR, open, PTR("new/"), O_RDWR | O_CREAT, 0600),
		CALL(-EEXIST, open, PTR("file"), O_RDWR | O_CREAT | O_EXCL, 0600),
		CALL(-EEXIST, open, PTR("link"), O_RDWR | O_CREAT | O_EXCL, 0600),
		CALL(-EEXIST, open, PTR("dangling"), O_RDWR | O_CREAT | O_EXCL, 0600),
		CALL(-EINVAL, open, PTR("dir"), O_TMPFILE | O_RDONLY, 0600),
		CALL(-EINVAL, open, PTR("new"), 020000000 | O_RDWR, 0600), /* half of O_TMPFILE */
		CALL(-EBADF, openat, UNUSED_FD, PTR("file"), O_RDONLY),
		CALL(-EBADF, openat, -1, PTR("file"), O_RDONLY),
		CALL(-ENOENT, openat, -1, PTR(""), O_RDONLY),
		CALL(-EISDIR, creat, PTR("dir"), 0600),
		CALL(-ENOTDIR, openat, 20, PTR("x"), O_RDONLY),
		CALL(-EBADF, read, 21, PTR(too_long), 1), /* O_WRONLY */
		CALL(-EBADF, write, 20, PTR(too_long), 1), /* O_RDONLY */
	};

	memset(too_long, 'x', sizeof(too_long) - 1);
	enter_folder(t);
	REQUIRE(t, dup2(open("file", O_RDONLY), 20) == 20);
	REQUIRE(t, dup2(open("file", O_WRONLY), 21) == 21);
	EXPECT_CALLS(t, rows);
	leave_folder();
}

/* An absolute name needs no folder to begin at, and a descriptor of one is a place to begin. */
static void openat_begins_at_a_folder(struct test *t)
{
	int dir;

	enter_folder(t);
	dir = open("dir", O_PATH | O_DIRECTORY);
	REQUIRE(t, dir >= 0);
	EXPECT_GE(t, kcall(SYS_openat, -1, "/", O_RDONLY), 0);
	EXPECT_GE(t, kcall(SYS_openat, dir, "../file", O_RDONLY), 0);
	EXPECT_GE(t, kcall(SYS_openat, AT_FDCWD, "file", O_RDONLY), 0);
	EXPECT_RET(t, kcall(SYS_openat, dir, "file", O_RDONLY), -ENOENT);
	leave_folder();
}

static void flags_are_told(struct test *t)
{
	static const struct {
		int flags, told;
	} rows[] = {
		{ O_RDONLY, O_RDONLY },
		{ O_RDWR | O_APPEND, O_RDWR | O_APPEND },
		{ O_WRONLY | O_TRUNC, O_WRONLY },
		{ O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, O_RDWR },
		{ O_RDWR | O_NONBLOCK, O_RDWR | O_NONBLOCK },
		{ O_RDONLY | O_NOFOLLOW, O_RDONLY | O_NOFOLLOW },
		{ O_RDONLY | O_NOATIME, O_RDONLY | O_NOATIME },
		{ O_RDWR | O_SYNC, O_RDWR | O_SYNC },
		{ O_RDWR | O_DSYNC, O_RDWR | O_DSYNC },
		{ O_RDWR | 0x40000000, O_RDWR }, /* unknown */
		{ O_PATH | O_RDWR | O_APPEND | O_NOFOLLOW, O_PATH | O_NOFOLLOW },
	};

	enter_folder(t);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int fd = (int)kcall(SYS_open, "file", rows[i].flags, 0600);

		REQUIRE(t, fd >= 0);
		/* O_LARGEFILE, which the C library does not show. */
		EXPECT_EQ(t, kcall(SYS_fcntl, fd, F_GETFL) & ~0100000, rows[i].told);
		EXPECT_EQ(t, kcall(SYS_fcntl, fd, F_GETFD),
			  rows[i].flags & O_CLOEXEC ? FD_CLOEXEC : 0);
		close(fd);
	}
	leave_folder();
}

static void path_descriptors_give_no_contents(struct test *t)
{
	static char byte;
	struct stat stat;

	enter_folder(t);
	REQUIRE(t, dup2(open("file", O_PATH), 20) == 20);
	const struct call_row rows[] = {
		CALL(-EBADF, read, 20, PTR(&byte), 1),
		CALL(-EBADF, write, 20, PTR(&byte), 1),
		CALL(-EBADF, lseek, 20, 0, SEEK_SET),
		CALL(-EBADF, ftruncate, 20, 0),
		CALL(-EBADF, fchmod, 20, 0600),
		CALL(-EBADF, fchown, 20, -1, -1),
		CALL(-EBADF, ioctl, 20, 0, 0),
		CALL(-EBADF, fsync, 20),
		CALL(-EBADF, getdents64, 20, PTR(&byte), 1),
		CALL(-EBADF, fcntl, 20, F_SETFL, 0),
		CALL(-ENOTDIR, fchdir, 20),
		CALL(0, fstat, 20, PTR(&stat)),
		CALL(22, dup2, 20, 22),
		CALL(0, close, 22),
	};

	EXPECT_CALLS(t, rows);
	leave_folder();
}

static void append_writes_at_the_end(struct test *t)
{
	int fd;

	enter_folder(t);
	fd = open("file", O_RDWR | O_APPEND);
	EXPECT_RET(t, kcall(SYS_lseek, fd, 3, SEEK_SET), 3);
	EXPECT_RET(t, kcall(SYS_write, fd, "ab", 2), 2);
	EXPECT_RET(t, kcall(SYS_lseek, fd, 0, SEEK_CUR), 12);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, "cd", 2, 0), 2); /* at the end, as Linux has it */
	EXPECT_RET(t, kcall(SYS_lseek, fd, 0, SEEK_END), 14);
	leave_folder();
}

/* --- umask */

static void umask_keeps_bits_from_new_files(struct test *t)
{
	const struct call_row rows[] = {
		CALL(077, umask, 0),
		CALL(0, umask, ~0L), /* only bits of rights */
		CALL(0777, umask, 027),
	};
	struct stat stat;

	umask(077);
	EXPECT_CALLS(t, rows);
	umask(0);
	enter_folder(t);
	umask(027);
	REQUIRE(t, close(open("new", O_RDWR | O_CREAT, 07666)) == 0 && !lstat("new", &stat));
	EXPECT_EQ(t, stat.st_mode, S_IFREG | 07640);
	umask(0);
	leave_folder();
}

SELFTEST_NO_HELPER

static const struct test_case descriptors_cases[] = {
	TEST_CASE(dup_table),
	TEST_CASE(close_range_table),
	TEST_CASE(lseek_table),
	TEST_CASE(open_errors),
	TEST_CASE(openat_begins_at_a_folder),
	TEST_CASE(flags_are_told),
	TEST_CASE(path_descriptors_give_no_contents),
	TEST_CASE(append_writes_at_the_end),
	TEST_CASE(umask_keeps_bits_from_new_files),
};
TEST_SUITE(descriptors, descriptors_cases);
