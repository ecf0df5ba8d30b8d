/* SPDX-License-Identifier: GPL-2.0-only */
/* Extended attributes where there are none, times by calls of old, transfers with flags. */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <utime.h>

#include "selftest.h"

#ifndef RWF_DSYNC
#define RWF_DSYNC 2
#endif

static char file[PATH_MAX], link_[PATH_MAX];

static int new_file(struct test *t)
{
	const char *folder = scratch_folder(t);
	int fd;

	/* A file system that keeps none, on Linux, too. */
	if (in_guest())
		REQUIRE(t, !mount("none", folder, "ramfs", 0, NULL));
	snprintf(file, sizeof(file), "%s/f", folder);
	snprintf(link_, sizeof(link_), "%s/link", folder);
	fd = open(file, O_RDWR | O_CREAT | O_EXCL, 0600);
	REQUIRE(t, fd >= 0 && !symlink("f", link_));
	return fd;
}

static void nobody_keeps_attributes(struct test *t)
{
	char buf[64], long_name[300];
	int fd;

	SKIP_UNLESS_GUEST(t);
	fd = new_file(t);
	memset(long_name, 'x', sizeof(long_name) - 1);
	memcpy(long_name, "user.", 5);
	long_name[299] = '\0';
	const struct call_row rows[] = {
		CALL(-EOPNOTSUPP, getxattr, PTR(file), PTR("user.x"), PTR(buf), 64),
		CALL(-EOPNOTSUPP, lgetxattr, PTR(file), PTR("user.x"), PTR(buf), 64),
		CALL(-EOPNOTSUPP, fgetxattr, fd, PTR("user.x"), 0, 0),
		CALL(-EOPNOTSUPP, getxattr, PTR(file), PTR("security.capability"), PTR(buf), 64),
		CALL(-EOPNOTSUPP, setxattr, PTR(file), PTR("user.x"), PTR(buf), 4, 0),
		CALL(-EOPNOTSUPP, lsetxattr, PTR(file), PTR("user.x"), PTR(buf), 4, XATTR_CREATE),
		CALL(-EOPNOTSUPP, fsetxattr, fd, PTR("trusted.x"), PTR(buf), 4, XATTR_REPLACE),
		CALL(-EOPNOTSUPP, removexattr, PTR(file), PTR("user.x")),
		CALL(-EOPNOTSUPP, fremovexattr, fd, PTR("user.x")),
		CALL(0, listxattr, PTR(file), PTR(buf), 64),
		CALL(0, llistxattr, PTR(link_), 0, 0),
		CALL(0, flistxattr, fd, PTR(buf), 1),
		/* Links have none of users: others see that there is none. */
		CALL(-ENODATA, lgetxattr, PTR(link_), PTR("user.x"), PTR(buf), 64),
		CALL(-EPERM, lsetxattr, PTR(link_), PTR("user.x"), PTR(buf), 4, 0),
		CALL(-EPERM, lremovexattr, PTR(link_), PTR("user.x")),
		CALL(-EINVAL, setxattr, PTR(file), PTR("user.x"), PTR(buf), 4, 4),
		CALL(-E2BIG, setxattr, PTR(file), PTR("user.x"), PTR(buf), 65537, 0),
		CALL(-ERANGE, getxattr, PTR(file), PTR(""), PTR(buf), 64),
		CALL(-ERANGE, getxattr, PTR(file), PTR(long_name), PTR(buf), 64),
		CALL(-EFAULT, getxattr, PTR(file), 8, PTR(buf), 64),
		CALL(-EFAULT, getxattr, 8, PTR("user.x"), PTR(buf), 64),
		CALL(-ENOENT, getxattr, PTR("/nowhere"), PTR("user.x"), PTR(buf), 64),
		CALL(-ENOENT, listxattr, PTR("/nowhere"), PTR(buf), 64),
		CALL(-EBADF, fgetxattr, 999, PTR("user.x"), PTR(buf), 64),
		CALL(-EBADF, flistxattr, 999, PTR(buf), 64),
		CALL(-EBADF, fsetxattr, 999, PTR("user.x"), PTR(buf), 4, 0),
	};
	EXPECT_CALLS(t, rows);
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_fgetxattr, fd, "trusted.x", buf, 64), -ENODATA);
	EXPECT_RET(t, kcall(SYS_fsetxattr, fd, "trusted.x", buf, 4, 0), -EPERM);
	EXPECT_RET(t, kcall(SYS_fgetxattr, fd, "user.x", buf, 64), -EACCES);
}

static void times_are_set(struct test *t)
{
	struct timeval times[2] = { { 1000, 5 }, { 2000, 999999 } }, bad = { 0, 1000000 };
	struct utimbuf old = { 77, 88 };
	struct stat st;
	int fd = new_file(t);

	EXPECT_RET(t, kcall(SYS_utimes, file, times), 0);
	REQUIRE(t, !fstat(fd, &st));
	EXPECT_TRUE(t, st.st_atim.tv_sec == 1000 && st.st_atim.tv_nsec == 5000);
	EXPECT_TRUE(t, st.st_mtim.tv_sec == 2000 && st.st_mtim.tv_nsec == 999999000);
	EXPECT_RET(t, kcall(SYS_utime, link_, &old), 0);
	REQUIRE(t, !fstat(fd, &st));
	EXPECT_TRUE(t, st.st_atim.tv_sec == 77 && st.st_mtim.tv_sec == 88);
	EXPECT_RET(t, kcall(SYS_utime, file, NULL), 0);
	REQUIRE(t, !fstat(fd, &st));
	EXPECT_TRUE(t, st.st_atim.tv_sec > 1000000 && st.st_mtim.tv_sec > 1000000);
	EXPECT_RET(t, kcall(SYS_futimesat, fd, NULL, times), 0);
	REQUIRE(t, !fstat(fd, &st));
	EXPECT_EQ(t, st.st_atim.tv_sec, 1000);
	times[1] = bad;
	EXPECT_RET(t, kcall(SYS_utimes, file, times), -EINVAL);
	EXPECT_RET(t, kcall(SYS_utimes, file, 8), -EFAULT);
	EXPECT_RET(t, kcall(SYS_utime, file, 8), -EFAULT);
	EXPECT_RET(t, kcall(SYS_utime, "/nowhere", NULL), -ENOENT);
	EXPECT_RET(t, kcall(SYS_futimesat, 999, "x", NULL), -EBADF);
	unlink(link_);
	unlink(file);
}

static void transfers_take_flags(struct test *t)
{
	char text[] = "hello", got[8] = "";
	struct iovec out = { text, 5 }, in = { got, 5 };
	int fd = new_file(t);

	EXPECT_RET(t, kcall(SYS_pwritev2, fd, &out, 1, -1, -1, 0), 5);
	EXPECT_RET(t, kcall(SYS_pwritev2, fd, &out, 1, -1, -1, RWF_DSYNC), 5);
	EXPECT_RET(t, kcall(SYS_preadv2, fd, &in, 1, 3, 0, 0), 5);
	EXPECT_TRUE(t, !memcmp(got, "lohel", 5));
	EXPECT_RET(t, kcall(SYS_preadv2, fd, &in, 1, -1, -1, 0), 0);
	EXPECT_RET(t, kcall(SYS_preadv2, fd, &in, 1, 0, 0, 0x40000000), -EOPNOTSUPP);
	EXPECT_RET(t, kcall(SYS_preadv2, fd, &in, 1, -2, -1, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_preadv2, 999, &in, 1, 0, 0, 0), -EBADF);
	unlink(link_);
	unlink(file);
}

static const struct test_case attributes_cases[] = {
	TEST_CASE(nobody_keeps_attributes),
	TEST_CASE(times_are_set),
	TEST_CASE(transfers_take_flags),
};
TEST_SUITE(attributes, attributes_cases);
SELFTEST_NO_HELPER
