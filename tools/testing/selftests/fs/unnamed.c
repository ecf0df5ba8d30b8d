/* SPDX-License-Identifier: GPL-2.0-only */
/* Files without names (O_TMPFILE), holes (SEEK_DATA, SEEK_HOLE), and where a file is mounted. */
#include <linux/stat.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "selftest.h"

#ifndef SEEK_DATA
#define SEEK_DATA 3
#define SEEK_HOLE 4
#endif

static const char *folder;

static void begin(struct test *t)
{
	folder = scratch_folder(t);
	REQUIRE(t, !mount("play", folder, "tmpfs", 0, "nr_inodes=4") && !chdir(folder));
}

/* /proc shows which of those in the folder it is. */
static void is_called_by_number(struct test *t, int fd)
{
	char link[32], want[128], got[128] = "";
	struct stat st;

	REQUIRE(t, !fstat(fd, &st));
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	snprintf(want, sizeof(want), "%s/#%lu (deleted)", folder, (unsigned long)st.st_ino);
	EXPECT_RET(t, kcall(SYS_readlink, link, got, sizeof(got) - 1), strlen(want));
	EXPECT_STREQ(t, got, want);
}

static void files_need_no_name(struct test *t)
{
	struct stat st;
	char text[8];
	int fd, other;

	SKIP_UNLESS_GUEST(t);
	begin(t);
	umask(022);
	fd = (int)kcall(SYS_open, ".", O_TMPFILE | O_RDWR, 0666);
	REQUIRE(t, fd >= 0);
	REQUIRE(t, !fstat(fd, &st));
	EXPECT_EQ(t, st.st_nlink, 0);
	EXPECT_EQ(t, st.st_mode, S_IFREG | 0644);
	is_called_by_number(t, fd);
	EXPECT_RET(t, kcall(SYS_write, fd, "bytes", 5), 5);
	EXPECT_RET(t, kcall(SYS_pread64, fd, text, 8, 0), 5);
	/* It can get one, once it has one others, and none if it was not meant to. */
	EXPECT_RET(t, kcall(SYS_linkat, fd, "", AT_FDCWD, "named", AT_EMPTY_PATH), 0);
	REQUIRE(t, !stat("named", &st));
	EXPECT_EQ(t, st.st_nlink, 1);
	EXPECT_EQ(t, st.st_size, 5);
	EXPECT_RET(t, kcall(SYS_link, "named", "again"), 0);
	EXPECT_RET(t, unlink("named"), 0);
	EXPECT_RET(t, unlink("again"), 0);
	EXPECT_RET(t, kcall(SYS_linkat, fd, "", AT_FDCWD, "named", AT_EMPTY_PATH), -ENOENT);
	other = (int)kcall(SYS_open, ".", O_TMPFILE | O_WRONLY | O_EXCL, 0600);
	REQUIRE(t, other >= 0);
	EXPECT_RET(t, kcall(SYS_linkat, other, "", AT_FDCWD, "named", AT_EMPTY_PATH), -ENOENT);
	/* Each counts as a file: three and the root. */
	EXPECT_RET(t, kcall(SYS_open, ".", O_TMPFILE | O_RDWR, 0600), other + 1);
	EXPECT_RET(t, kcall(SYS_open, ".", O_TMPFILE | O_RDWR, 0600), -ENOSPC);
	close(other);
	EXPECT_RET(t, kcall(SYS_open, ".", O_TMPFILE | O_RDWR, 0600), other);
	close(fd);
	const struct call_row rows[] = {
		CALL(-EINVAL, open, PTR("."), O_TMPFILE | O_RDONLY, 0600),
		CALL(-ENOENT, open, PTR("gone"), O_TMPFILE | O_RDWR, 0600),
		CALL(-EINVAL, open, PTR("."), O_TMPFILE | O_RDWR | O_CREAT, 0600),
		CALL(fd, open, PTR("f"), O_CREAT | O_RDWR, 0600),
		CALL(-ENOTDIR, open, PTR("f"), O_TMPFILE | O_RDWR, 0600),
	};
	EXPECT_CALLS(t, rows);
	REQUIRE(t, !mount(NULL, ".", NULL, MS_REMOUNT | MS_BIND, NULL));
	REQUIRE(t, !chmod(".", 0700));
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_open, ".", O_TMPFILE | O_RDWR, 0600), -EACCES);
}

static void holes_are_found(struct test *t)
{
	int fd;

	SKIP_UNLESS_GUEST(t);
	begin(t);
	fd = open("f", O_RDWR | O_CREAT, 0600);
	REQUIRE(t, fd >= 0);
	const struct call_row empty[] = {
		CALL(-ENXIO, lseek, fd, 0, SEEK_DATA),
		CALL(-ENXIO, lseek, fd, 0, SEEK_HOLE),
	};
	EXPECT_CALLS(t, empty);
	REQUIRE(t, pwrite(fd, "x", 1, 3 * PAGE + 7) == 1 && !ftruncate(fd, 9 * PAGE + 1));
	REQUIRE(t, pwrite(fd, "x", 1, 4 * PAGE) == 1);
	/* Reserved, and never written: a hole. */
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 0, 6 * PAGE, PAGE), 0);
	const struct call_row rows[] = {
		CALL(0, lseek, fd, 0, SEEK_HOLE),
		CALL(100, lseek, fd, 100, SEEK_HOLE),
		CALL(3 * PAGE, lseek, fd, 0, SEEK_DATA),
		CALL(3 * PAGE, lseek, fd, 0, SEEK_CUR),
		CALL(3 * PAGE + 100, lseek, fd, 3 * PAGE + 100, SEEK_DATA),
		CALL(5 * PAGE, lseek, fd, 3 * PAGE + 100, SEEK_HOLE),
		CALL(5 * PAGE + 1, lseek, fd, 5 * PAGE + 1, SEEK_HOLE),
		CALL(-ENXIO, lseek, fd, 5 * PAGE, SEEK_DATA),
		CALL(9 * PAGE, lseek, fd, 9 * PAGE, SEEK_HOLE),
		CALL(-ENXIO, lseek, fd, 9 * PAGE + 1, SEEK_HOLE),
		CALL(-ENXIO, lseek, fd, -1, SEEK_DATA),
		CALL(1, pwrite64, fd, PTR("x"), 1, 9 * PAGE),
		CALL(9 * PAGE, lseek, fd, 5 * PAGE, SEEK_DATA),
		CALL(9 * PAGE + 1, lseek, fd, 9 * PAGE, SEEK_HOLE),
	};
	EXPECT_CALLS(t, rows);
}

static struct statx statx_of(struct test *t, const char *name)
{
	struct statx statx_ = { 0 };

	REQUIRE(t, !kcall(SYS_statx, AT_FDCWD, name, 0, STATX_BASIC_STATS | STATX_MNT_ID, &statx_));
	return statx_;
}

static void mounts_have_numbers(struct test *t)
{
	struct statx root, file, other;

	SKIP_UNLESS_GUEST(t);
	begin(t);
	REQUIRE(t, !mkdir("d", 0700) && !mkdir("e", 0700));
	REQUIRE(t, !mount("d", "e", NULL, MS_BIND, NULL));
	root = statx_of(t, ".");
	file = statx_of(t, "d");
	other = statx_of(t, "e");
	EXPECT_TRUE(t, root.stx_mask & STATX_MNT_ID);
	EXPECT_TRUE(t, root.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT);
	EXPECT_TRUE(t, root.stx_attributes & STATX_ATTR_MOUNT_ROOT);
	EXPECT_TRUE(t, !(file.stx_attributes & STATX_ATTR_MOUNT_ROOT));
	EXPECT_TRUE(t, other.stx_attributes & STATX_ATTR_MOUNT_ROOT);
	EXPECT_EQ(t, file.stx_mnt_id, root.stx_mnt_id);
	EXPECT_TRUE(t, other.stx_mnt_id != root.stx_mnt_id);
	EXPECT_EQ(t, other.stx_ino, file.stx_ino);
}

static const struct test_case unnamed_cases[] = {
	TEST_CASE(files_need_no_name),
	TEST_CASE(holes_are_found),
	TEST_CASE(mounts_have_numbers),
};
TEST_SUITE(unnamed, unnamed_cases);
SELFTEST_NO_HELPER
