/* SPDX-License-Identifier: GPL-2.0-only */
/* tmpfs: its options, what it counts, and what happens at the limits. */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <linux/magic.h>

#include "selftest.h"

static const char *folder;

/* A tmpfs of the case's own, where it then is. */
static void mount_tmpfs(struct test *t, const char *options)
{
	folder = scratch_folder(t);
	REQUIRE(t, !mount("tmpfs", folder, "tmpfs", 0, options) && !chdir(folder));
}

static void unmount(struct test *t)
{
	EXPECT_RET(t, chdir("/"), 0);
	EXPECT_RET(t, kcall(SYS_umount2, folder, 0), 0);
	EXPECT_RET(t, rmdir(folder), 0);
}

static struct statfs counts(struct test *t)
{
	struct statfs statfs_;

	REQUIRE(t, !statfs(".", &statfs_));
	return statfs_;
}

static int new_file(struct test *t, const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);

	REQUIRE(t, fd >= 0);
	return fd;
}

static void options_are_checked(struct test *t)
{
	static const struct {
		const char *options;
		long want;
	} rows[] = {
		{ "", 0 },
		{ "size=1m", 0 },
		{ "size=10%", 0 },
		{ "size=150%", 0 },
		{ "size=10%x", -EINVAL },
		{ "size=4096,nr_inodes=10", 0 },
		{ "nr_blocks=1k,mode=0700,uid=1,gid=2", 0 },
		{ ",size=1m,,", 0 },
		{ "size", -EINVAL },
		{ "size=", -EINVAL },
		{ "size=1x", -EINVAL },
		{ "size=-1", -EINVAL },
		{ "nr_inodes=5z", -EINVAL },
		{ "mode=8", -EINVAL },
		{ "nonsense", -EINVAL },
		{ "nonsense=1", -EINVAL },
	};
	size_t i;

	SKIP_UNLESS_GUEST(t);
	folder = scratch_folder(t);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_RET_ROW(t, rows[i].options,
			       kcall(SYS_mount, "none", folder, "tmpfs", 0, rows[i].options),
			       rows[i].want);
		if (!rows[i].want)
			EXPECT_RET(t, kcall(SYS_umount2, folder, 0), 0);
	}
}

static void root_is_as_asked_for(struct test *t)
{
	struct statfs got;
	struct stat st;

	SKIP_UNLESS_GUEST(t);
	mount_tmpfs(t, NULL);
	REQUIRE(t, !stat(".", &st));
	EXPECT_EQ(t, st.st_mode, S_IFDIR | 01777);
	got = counts(t);
	EXPECT_EQ(t, got.f_type, TMPFS_MAGIC);
	EXPECT_EQ(t, got.f_bsize, PAGE);
	EXPECT_EQ(t, got.f_namelen, 255);
	EXPECT_TRUE(t, got.f_blocks > 0 && got.f_bfree == got.f_blocks);
	EXPECT_TRUE(t, got.f_files > 0 && got.f_ffree == got.f_files - 1);
	unmount(t);
	mount_tmpfs(t, "mode=751,uid=5,gid=6,size=10000,nr_inodes=7");
	REQUIRE(t, !stat(".", &st));
	EXPECT_EQ(t, st.st_mode, S_IFDIR | 0751);
	EXPECT_EQ(t, st.st_uid, 5);
	EXPECT_EQ(t, st.st_gid, 6);
	got = counts(t);
	EXPECT_EQ(t, got.f_blocks, 3);
	EXPECT_EQ(t, got.f_bavail, 3);
	EXPECT_EQ(t, got.f_files, 7);
	unmount(t);
	mount_tmpfs(t, "size=0,nr_inodes=0");
	got = counts(t);
	EXPECT_EQ(t, got.f_blocks, 0);
	EXPECT_EQ(t, got.f_files, 0);
	REQUIRE(t, write(new_file(t, "f"), "x", 1) == 1);
}

static void bytes_are_limited(struct test *t)
{
	static char buf[20 * PAGE];
	struct stat st;
	int fd;

	SKIP_UNLESS_GUEST(t);
	mount_tmpfs(t, "nr_blocks=10");
	fd = new_file(t, "f");
	EXPECT_RET(t, kcall(SYS_write, fd, buf, sizeof(buf)), 10 * PAGE);
	EXPECT_RET(t, kcall(SYS_write, fd, buf, 1), -ENOSPC);
	EXPECT_EQ(t, counts(t).f_bfree, 0);
	REQUIRE(t, !fstat(fd, &st));
	EXPECT_EQ(t, st.st_blocks, 80);
	/* Written again needs no room; a hole gives some back. */
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, buf, PAGE, 0), PAGE);
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 3, PAGE, 2 * PAGE), 0);
	EXPECT_EQ(t, counts(t).f_bfree, 2);
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 0, 0, 10 * PAGE), 0);
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 0, 0, 11 * PAGE), -ENOSPC);
	EXPECT_RET(t, kcall(SYS_ftruncate, fd, PAGE + 1), 0);
	EXPECT_EQ(t, counts(t).f_bfree, 8);
	/* Size alone takes nothing. */
	EXPECT_RET(t, kcall(SYS_ftruncate, fd, 1UL << 40), 0);
	EXPECT_EQ(t, counts(t).f_bfree, 8);
	/* What is open is still there. */
	EXPECT_RET(t, unlink("f"), 0);
	EXPECT_EQ(t, counts(t).f_bfree, 8);
	close(fd);
	EXPECT_EQ(t, counts(t).f_bfree, 10);
	unmount(t);
}

static void mapping_is_limited(struct test *t)
{
	char *map;
	int fd;

	SKIP_UNLESS_GUEST(t);
	mount_tmpfs(t, "nr_blocks=2");
	fd = new_file(t, "f");
	REQUIRE(t, !ftruncate(fd, 4 * PAGE));
	map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REQUIRE(t, map != MAP_FAILED);
	SKIP_IF(t, maps_at_once(), "pages are there when they are mapped");
	EXPECT_EQ(t, probe_write(map), 0);
	EXPECT_EQ(t, probe_write(map + PAGE), 0);
	EXPECT_EQ(t, probe_write(map + 2 * PAGE), SIGBUS);
	EXPECT_EQ(t, counts(t).f_bfree, 0);
	munmap(map, 4 * PAGE);
	close(fd);
	EXPECT_RET(t, unlink("f"), 0);
	EXPECT_EQ(t, counts(t).f_bfree, 2);
	unmount(t);
}

static void names_are_limited(struct test *t)
{
	SKIP_UNLESS_GUEST(t);
	mount_tmpfs(t, "nr_inodes=4");
	close(new_file(t, "a"));
	EXPECT_RET(t, mkdir("d", 0700), 0);
	EXPECT_RET(t, kcall(SYS_symlink, "x", "s"), 0);
	EXPECT_EQ(t, counts(t).f_ffree, 0);
	EXPECT_RET(t, kcall(SYS_open, "b", O_CREAT | O_RDWR, 0600), -ENOSPC);
	EXPECT_RET(t, kcall(SYS_mkdir, "e", 0700), -ENOSPC);
	EXPECT_RET(t, kcall(SYS_symlink, "x", "y"), -ENOSPC);
	EXPECT_RET(t, kcall(SYS_mknod, "n", S_IFIFO | 0600, 0), -ENOSPC);
	EXPECT_RET(t, kcall(SYS_link, "a", "b"), -ENOSPC);
	EXPECT_RET(t, unlink("s"), 0);
	/* A second name counts, whichever of them goes. */
	EXPECT_RET(t, kcall(SYS_link, "a", "b"), 0);
	EXPECT_EQ(t, counts(t).f_ffree, 0);
	EXPECT_RET(t, unlink("a"), 0);
	EXPECT_EQ(t, counts(t).f_ffree, 1);
	/* One that another takes the place of goes, too. */
	close(new_file(t, "c"));
	EXPECT_RET(t, rename("c", "b"), 0);
	EXPECT_EQ(t, counts(t).f_ffree, 1);
	EXPECT_RET(t, rmdir("d"), 0);
	EXPECT_RET(t, unlink("b"), 0);
	EXPECT_EQ(t, counts(t).f_ffree, 3);
	unmount(t);
}

static void write_all(void *arg)
{
	char name[16], buf[3 * PAGE] = { 0 };
	unsigned int i;
	int fd;

	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "%d-%u", *(int *)arg, i % 5);
		fd = open(name, O_RDWR | O_CREAT, 0600);
		if (fd < 0 && errno == ENOSPC)
			continue;
		if (fd < 0 || (write(fd, buf, sizeof(buf)) < 0 && errno != ENOSPC))
			_exit(1);
		close(fd);
		if (i % 3)
			unlink(name);
	}
	for (i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "%d-%u", *(int *)arg, i);
		unlink(name);
	}
}

static void counts_come_back(struct test *t)
{
	int numbers[4], status, i;
	pid_t pids[4];

	SKIP_UNLESS_GUEST(t);
	mount_tmpfs(t, "nr_blocks=8,nr_inodes=6");
	for (i = 0; i < 4; i++) {
		numbers[i] = i;
		pids[i] = start_child(t, write_all, &numbers[i]);
	}
	for (i = 0; i < 4; i++) {
		status = wait_for(t, pids[i]);
		EXPECT_EXIT(t, status, 0);
	}
	EXPECT_EQ(t, counts(t).f_bfree, 8);
	EXPECT_EQ(t, counts(t).f_ffree, 5);
	unmount(t);
}

static const struct test_case tmpfs_cases[] = {
	TEST_CASE(options_are_checked), TEST_CASE(root_is_as_asked_for),
	TEST_CASE(bytes_are_limited),	TEST_CASE(mapping_is_limited),
	TEST_CASE(names_are_limited),	TEST_CASE(counts_come_back),
};
TEST_SUITE(tmpfs, tmpfs_cases);
SELFTEST_NO_HELPER
