/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls about names and files, argument by argument.  What is wrong with a path is asked of every
 * call that takes one; then each call's own errors.
 */
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>

#include "selftest.h"

#define BAD_PTR	    8L
#define NO_FD	    9999
#define CWD	    AT_FDCWD
#define NO_ARG	    -1
#define STATX_WORDS 64

static char long_name[NAME_MAX + 2], long_path[PATH_MAX + 1], buf[PATH_MAX];
static long statx_buf[STATX_WORDS];
static struct statfs statfs_buf;
static struct stat stat_buf;
static int file_fd, dir_fd, path_fd, read_fd, write_fd, pipe_fds[2];

static void touch(const char *name, const char *text)
{
	int fd = open(name, O_CREAT | O_WRONLY, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(STATUS_FAILED);
	close(fd);
}

/*
 * f	a file		l	leads to f	d/sub	folders		secret/x of root alone
 * p	a FIFO		loop	leads to itself	dl	leads to d	dangling leads nowhere
 */
static void make_tree(struct test *t)
{
	REQUIRE(t, !chdir(scratch_folder(t)));
	umask(0);
	touch("f", "hello");
	REQUIRE(t, !mkdir("d", 0755) && !mkdir("d/sub", 0755) && !mkdir("secret", 0700));
	touch("secret/x", "");
	REQUIRE(t, !symlink("f", "l") && !symlink("loop", "loop") && !symlink("d", "dl"));
	REQUIRE(t, !symlink("nowhere", "dangling") && !mkfifo("p", 0644) && !pipe(pipe_fds));
	memset(long_name, 'n', sizeof(long_name) - 1);
	memset(long_path, '/', sizeof(long_path) - 1);
	file_fd = open("f", O_RDWR);
	read_fd = open("f", O_RDONLY);
	write_fd = open("f", O_WRONLY);
	dir_fd = open("d", O_RDONLY | O_DIRECTORY);
	path_fd = open("f", O_PATH);
	REQUIRE(t, file_fd >= 0 && read_fd >= 0 && write_fd >= 0 && dir_fd >= 0 && path_fd >= 0);
}

/* --- paths */

struct path_call {
	const char *text;
	int path, dirfd; /* which arguments they are; NO_ARG */
	bool creates; /* what is not there is no error */
	long nr, args[6];
};

/* clang-format off */
#define PATH_CALL(name, path, dirfd, creates, ...) \
	{ #name " argument " #path, path, dirfd, creates, SYS_##name, { __VA_ARGS__ } }

static const struct path_call path_calls[] = {
	PATH_CALL(open, 0, NO_ARG, false, 0, O_RDONLY),
	PATH_CALL(creat, 0, NO_ARG, true, 0, 0600),
	PATH_CALL(openat, 1, 0, false, CWD, 0, O_RDONLY),
	PATH_CALL(stat, 0, NO_ARG, false, 0, PTR(&stat_buf)),
	PATH_CALL(lstat, 0, NO_ARG, false, 0, PTR(&stat_buf)),
	PATH_CALL(newfstatat, 1, 0, false, CWD, 0, PTR(&stat_buf), 0),
	PATH_CALL(statx, 1, 0, false, CWD, 0, 0, 0x7ff, PTR(statx_buf)),
	PATH_CALL(access, 0, NO_ARG, false, 0, F_OK),
	PATH_CALL(faccessat, 1, 0, false, CWD, 0, F_OK),
	PATH_CALL(faccessat2, 1, 0, false, CWD, 0, F_OK, 0),
	PATH_CALL(chdir, 0, NO_ARG, false, 0),
	PATH_CALL(chroot, 0, NO_ARG, false, 0),
	PATH_CALL(mkdir, 0, NO_ARG, true, 0, 0700),
	PATH_CALL(mkdirat, 1, 0, true, CWD, 0, 0700),
	PATH_CALL(rmdir, 0, NO_ARG, false, 0),
	PATH_CALL(mknod, 0, NO_ARG, true, 0, S_IFREG | 0600, 0),
	PATH_CALL(mknodat, 1, 0, true, CWD, 0, S_IFREG | 0600, 0),
	PATH_CALL(unlink, 0, NO_ARG, false, 0),
	PATH_CALL(unlinkat, 1, 0, false, CWD, 0, 0),
	PATH_CALL(rename, 0, NO_ARG, false, 0, PTR("to")),
	PATH_CALL(rename, 1, NO_ARG, true, PTR("f"), 0),
	PATH_CALL(renameat, 1, 0, false, CWD, 0, CWD, PTR("to")),
	PATH_CALL(renameat, 3, 2, true, CWD, PTR("f"), CWD, 0),
	PATH_CALL(renameat2, 1, 0, false, CWD, 0, CWD, PTR("to"), 0),
	PATH_CALL(renameat2, 3, 2, true, CWD, PTR("f"), CWD, 0, 0),
	PATH_CALL(link, 0, NO_ARG, false, 0, PTR("to")),
	PATH_CALL(link, 1, NO_ARG, true, PTR("f"), 0),
	PATH_CALL(linkat, 1, 0, false, CWD, 0, CWD, PTR("to"), 0),
	PATH_CALL(linkat, 3, 2, true, CWD, PTR("f"), CWD, 0, 0),
	PATH_CALL(symlink, 1, NO_ARG, true, PTR("f"), 0),
	PATH_CALL(symlinkat, 2, 1, true, PTR("f"), CWD, 0),
	PATH_CALL(readlink, 0, NO_ARG, false, 0, PTR(buf), 100),
	PATH_CALL(readlinkat, 1, 0, false, CWD, 0, PTR(buf), 100),
	PATH_CALL(chmod, 0, NO_ARG, false, 0, 0644),
	PATH_CALL(fchmodat, 1, 0, false, CWD, 0, 0644),
	PATH_CALL(chown, 0, NO_ARG, false, 0, -1, -1),
	PATH_CALL(lchown, 0, NO_ARG, false, 0, -1, -1),
	PATH_CALL(fchownat, 1, 0, false, CWD, 0, -1, -1, 0),
	PATH_CALL(utime, 0, NO_ARG, false, 0, 0),
	PATH_CALL(utimes, 0, NO_ARG, false, 0, 0),
	PATH_CALL(futimesat, 1, 0, false, CWD, 0, 0),
	PATH_CALL(utimensat, 1, 0, false, CWD, 0, 0, 0),
	PATH_CALL(truncate, 0, NO_ARG, false, 0, 5),
	PATH_CALL(statfs, 0, NO_ARG, false, 0, PTR(&statfs_buf)),
	PATH_CALL(mount, 1, NO_ARG, false, 0, 0, PTR("tmpfs"), 0, 0),
	PATH_CALL(umount2, 0, NO_ARG, false, 0, 0),
};
/* clang-format on */

/* The call with @path for its path, and @dirfd if that is another one. */
static void expect_path(struct test *t, const struct path_call *call, long dirfd, const void *path,
			const char *what, long want)
{
	char text[200];
	long args[6];

	memcpy(args, call->args, sizeof(args));
	args[call->path] = PTR(path);
	if (call->dirfd != NO_ARG)
		args[call->dirfd] = dirfd;
	snprintf(text, sizeof(text), "%s: %s", call->text, what);
	EXPECT_RET_ROW(t, text,
		       kcall6(call->nr, args[0], args[1], args[2], args[3], args[4], args[5]),
		       want);
}

/* "f/": what would be made is there; rename() puts another in its place. */
static long of_file_as_folder(const struct path_call *call)
{
	if (call->nr == SYS_creat)
		return -EISDIR;
	if (!call->creates || call->nr == SYS_rename || call->nr == SYS_renameat ||
	    call->nr == SYS_renameat2)
		return -ENOTDIR;
	return -EEXIST;
}

static void every_path_is_walked(struct test *t)
{
	make_tree(t);
	for (size_t i = 0; i < ARRAY_SIZE(path_calls); i++) {
		const struct path_call *call = &path_calls[i];

		expect_path(t, call, CWD, (void *)BAD_PTR, "no memory", -EFAULT);
		expect_path(t, call, CWD, "", "empty", -ENOENT);
		expect_path(t, call, CWD, "none/x", "in nothing", -ENOENT);
		expect_path(t, call, CWD, "dangling/x", "in nothing by a link", -ENOENT);
		expect_path(t, call, CWD, "f/x", "in a file", -ENOTDIR);
		expect_path(t, call, CWD, "l/x", "in a file by a link", -ENOTDIR);
		expect_path(t, call, CWD, "f/", "a file as a folder", of_file_as_folder(call));
		expect_path(t, call, CWD, "loop/x", "round and round", -ELOOP);
		expect_path(t, call, CWD, long_name, "a long name", -ENAMETOOLONG);
		expect_path(t, call, CWD, long_path, "a long path", -ENAMETOOLONG);
		if (!call->creates)
			expect_path(t, call, CWD, "none", "nothing", -ENOENT);
	}
}

static void every_descriptor_is_checked(struct test *t)
{
	make_tree(t);
	for (size_t i = 0; i < ARRAY_SIZE(path_calls); i++) {
		const struct path_call *call = &path_calls[i];

		if (call->dirfd == NO_ARG)
			continue;
		expect_path(t, call, NO_FD, "x", "no descriptor", -EBADF);
		expect_path(t, call, -1, "x", "descriptor -1", -EBADF);
		expect_path(t, call, file_fd, "x", "that of a file", -ENOTDIR);
		expect_path(t, call, pipe_fds[0], "x", "that of a pipe", -ENOTDIR);
		expect_path(t, call, NO_FD, "/none/x", "not needed", -ENOENT);
		expect_path(t, call, dir_fd, "none/x", "of a folder", -ENOENT);
	}
}

static void nobody_walks_where_he_may_not(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	make_tree(t);
	become_nobody(t);
	for (size_t i = 0; i < ARRAY_SIZE(path_calls); i++)
		expect_path(t, &path_calls[i], CWD, "secret/x", "in a closed folder", -EACCES);
}

static void links_lead_forty_times(struct test *t)
{
	char from[16], to[16] = "f";

	make_tree(t);
	for (int i = 1; i <= 41; i++) {
		snprintf(from, sizeof(from), "chain%d", i);
		REQUIRE(t, !symlink(to, from));
		EXPECT_RET(t, kcall(SYS_stat, from, &stat_buf), i <= 40 ? 0 : -ELOOP);
		EXPECT_RET(t, kcall(SYS_lstat, from, &stat_buf), 0);
		memcpy(to, from, sizeof(to));
	}
}

/* --- names */

static void opening(struct test *t)
{
	make_tree(t);

	const struct call_row rows[] = {
		CALL(-EEXIST, open, PTR("f"), O_CREAT | O_EXCL, 0600),
		CALL(-EEXIST, open, PTR("dangling"), O_CREAT | O_EXCL, 0600),
		CALL(-EEXIST, open, PTR("d"), O_CREAT | O_EXCL, 0600),
		CALL(-ENOTDIR, open, PTR("f"), O_DIRECTORY),
		CALL(-ENOTDIR, open, PTR("l"), O_DIRECTORY | O_NOFOLLOW),
		CALL(-ELOOP, open, PTR("l"), O_NOFOLLOW),
		CALL(-ELOOP, open, PTR("loop"), O_RDONLY),
		CALL(-ELOOP, open, PTR("loop"), O_CREAT, 0600),
		CALL(-EISDIR, open, PTR("d"), O_WRONLY),
		CALL(-EISDIR, open, PTR("d"), O_RDWR),
		CALL(-EISDIR, open, PTR("d"), O_CREAT, 0600),
		CALL(-EISDIR, open, PTR("d"), O_RDONLY | O_TRUNC),
		CALL(-EISDIR, open, PTR("new/"), O_CREAT, 0600),
		CALL(-EISDIR, open, PTR("d/."), O_CREAT, 0600),
		CALL(-EISDIR, creat, PTR("d"), 0600),
		CALL(-ENOENT, open, PTR("new/"), O_RDONLY),
		CALL(-EINVAL, open, PTR("d"), O_TMPFILE | O_RDONLY, 0600),
		CALL(-ENOTDIR, open, PTR("f"), O_TMPFILE | O_RDWR, 0600),
		CALL(-ENXIO, open, PTR("p"), O_WRONLY | O_NONBLOCK),
		CALL(-ENOENT, openat, dir_fd, PTR("f"), O_RDONLY),
		CALL(-EBADF, close, NO_FD),
		CALL(-EBADF, close, -1),
		CALL(-EINVAL, close_range, 9, 8, 0),
		CALL(-EINVAL, close_range, 1000, 2000, 1),
		CALL(0, close_range, 1000, 2000, 0),
	};

	EXPECT_CALLS(t, rows);
}

static void making(struct test *t)
{
	make_tree(t);

	const struct call_row rows[] = {
		CALL(-EEXIST, mkdir, PTR("f"), 0700),
		CALL(-EEXIST, mkdir, PTR("d"), 0700),
		CALL(-EEXIST, mkdir, PTR("d/"), 0700),
		CALL(-EEXIST, mkdir, PTR("dangling"), 0700),
		CALL(-EEXIST, mkdir, PTR("."), 0700),
		CALL(-EEXIST, mkdir, PTR("d/.."), 0700),
		CALL(-EEXIST, mkdir, PTR("/"), 0700),
		CALL(-EEXIST, mkdirat, CWD, PTR("l"), 0700),
		CALL(0, mkdirat, dir_fd, PTR("new/"), 0700),
		CALL(-EEXIST, mknod, PTR("f"), S_IFREG | 0600, 0),
		CALL(-EEXIST, mknod, PTR("dangling"), S_IFREG | 0600, 0),
		CALL(-EPERM, mknod, PTR("new"), S_IFDIR | 0700, 0),
		CALL(-EINVAL, mknod, PTR("new"), S_IFLNK | 0700, 0),
		CALL(-ENOENT, mknod, PTR("new/"), S_IFREG | 0700, 0),
		CALL(-EINVAL, mknodat, CWD, PTR("new"), 0170000, 0),
		CALL(0, mknodat, dir_fd, PTR("fifo"), S_IFIFO | 0600, 0),
		CALL(0, mknodat, dir_fd, PTR("no type"), 0600, 0),
		CALL(-EEXIST, symlink, PTR("x"), PTR("f")),
		CALL(-EEXIST, symlink, PTR("x"), PTR("dangling")),
		CALL(-ENOENT, symlink, PTR(""), PTR("new")),
		CALL(-EFAULT, symlink, BAD_PTR, PTR("new")),
		CALL(-ENAMETOOLONG, symlink, PTR(long_path), PTR("new")),
		CALL(-ENOENT, symlink, PTR("x"), PTR("new/")),
		CALL(-EEXIST, symlinkat, PTR("x"), CWD, PTR("d")),
		CALL(0, symlinkat, PTR("x"), dir_fd, PTR("link")),
		CALL(-EPERM, link, PTR("d"), PTR("new")),
		CALL(-EEXIST, link, PTR("f"), PTR("d")),
		CALL(-EEXIST, link, PTR("f"), PTR("f")),
		CALL(-ENOENT, link, PTR("f"), PTR("new/")),
		CALL(-EINVAL, linkat, CWD, PTR("f"), CWD, PTR("new"), 1),
		CALL(-ENOENT, linkat, CWD, PTR("dangling"), CWD, PTR("new"), AT_SYMLINK_FOLLOW),
		CALL(-ENOENT, linkat, file_fd, PTR(""), CWD, PTR("new"), 0),
		CALL(0, linkat, CWD, PTR("dangling"), dir_fd, PTR("hard"), 0),
	};

	EXPECT_CALLS(t, rows);
}

static void nobody_makes_no_devices(struct test *t)
{
	static struct timespec date[2];

	SKIP_UNLESS_ROOT(t);
	make_tree(t);
	EXPECT_FALSE(t, chmod(".", 0777));
	become_nobody(t);

	const struct call_row rows[] = {
		CALL(-EPERM, mknod, PTR("new"), S_IFCHR | 0600, 0x103),
		CALL(-EPERM, mknodat, CWD, PTR("new"), S_IFBLK | 0600, 0x103),
		CALL(-EPERM, chmod, PTR("f"), 0777),
		CALL(-EPERM, fchmod, read_fd, 0777),
		CALL(-EPERM, fchmodat, CWD, PTR("d"), 0777),
		CALL(-EPERM, chown, PTR("f"), NOBODY, NOBODY),
		CALL(-EPERM, lchown, PTR("l"), NOBODY, -1),
		CALL(-EPERM, fchown, read_fd, 0, -1),
		CALL(-EPERM, fchownat, CWD, PTR("f"), NOBODY, -1, 0),
		CALL(-EPERM, chroot, PTR("d")),
		CALL(-EPERM, mount, PTR("x"), PTR("d"), PTR("tmpfs"), 0, 0),
		CALL(-EPERM, umount2, PTR("d"), 0),
		CALL(-EACCES, open, PTR("f"), O_WRONLY),
		CALL(-EACCES, open, PTR("secret"), O_RDONLY),
		CALL(-EACCES, chdir, PTR("secret")),
		CALL(-EACCES, truncate, PTR("f"), 0),
		CALL(-EACCES, access, PTR("f"), W_OK),
		CALL(-EACCES, faccessat, CWD, PTR("f"), X_OK),
		CALL(-EACCES, faccessat2, CWD, PTR("f"), W_OK, AT_EACCESS),
		CALL(-EACCES, mkdir, PTR("d/new"), 0700),
		CALL(-EACCES, rmdir, PTR("d/sub")),
		CALL(-EACCES, unlink, PTR("secret/x")),
		CALL(-EACCES, rename, PTR("d/sub"), PTR("new")),
		CALL(-EACCES, utime, PTR("f"), 0),
		CALL(-EACCES, utimensat, CWD, PTR("f"), 0, 0),
		CALL(-EPERM, utimensat, CWD, PTR("f"), PTR(date), 0),
	};

	EXPECT_CALLS(t, rows);
}

static void removing(struct test *t)
{
	make_tree(t);

	const struct call_row rows[] = {
		CALL(-ENOTDIR, rmdir, PTR("f")),
		CALL(-ENOTDIR, rmdir, PTR("dl")),
		CALL(-ENOTDIR, rmdir, PTR("dl/")),
		CALL(-ENOTEMPTY, rmdir, PTR("d")),
		CALL(-EINVAL, rmdir, PTR("d/sub/.")),
		CALL(-ENOTEMPTY, rmdir, PTR("d/sub/..")),
		CALL(-EBUSY, rmdir, PTR("/")),
		CALL(-EISDIR, unlink, PTR("d")),
		CALL(-EISDIR, unlink, PTR("d/.")),
		CALL(-EISDIR, unlink, PTR("/")),
		CALL(-ENOTDIR, unlink, PTR("l/")),
		CALL(-EINVAL, unlinkat, CWD, PTR("f"), 1),
		CALL(-ENOTDIR, unlinkat, CWD, PTR("f"), AT_REMOVEDIR),
		CALL(-EISDIR, unlinkat, dir_fd, PTR("sub"), 0),
		CALL(0, unlinkat, dir_fd, PTR("sub"), AT_REMOVEDIR),
		CALL(0, unlink, PTR("dangling")),
		CALL(-ENOENT, unlink, PTR("dangling")),
	};

	EXPECT_CALLS(t, rows);
}

static void renaming(struct test *t)
{
	make_tree(t);
	REQUIRE(t, !mkdir("e", 0700) && !link("f", "same"));

	const struct call_row rows[] = {
		CALL(-ENOTDIR, rename, PTR("d"), PTR("f")),
		CALL(-EISDIR, rename, PTR("f"), PTR("d")),
		CALL(-ENOTEMPTY, rename, PTR("e"), PTR("d")),
		CALL(-EINVAL, rename, PTR("d"), PTR("d/sub/new")),
		CALL(-EINVAL, rename, PTR("d"), PTR("d/sub")),
		CALL(-ENOTEMPTY, rename, PTR("d/sub"), PTR("d")),
		CALL(-EBUSY, rename, PTR("."), PTR("new")),
		CALL(-EBUSY, rename, PTR("e"), PTR("..")),
		CALL(-EBUSY, rename, PTR("/"), PTR("new")),
		CALL(-ENOTDIR, rename, PTR("f"), PTR("new/")),
		CALL(-ENOTDIR, rename, PTR("d/"), PTR("f")),
		CALL(0, rename, PTR("f"), PTR("f")),
		CALL(0, rename, PTR("f"), PTR("same")),
		CALL(0, access, PTR("f"), F_OK), /* two names of one file: nothing happens */
		CALL(-EINVAL, renameat2, CWD, PTR("f"), CWD, PTR("new"), 8),
		CALL(-EINVAL, renameat2, CWD, PTR("f"), CWD, PTR("d"), 3),
		CALL(-EEXIST, renameat2, CWD, PTR("f"), CWD, PTR("d"), 1),
		CALL(-EEXIST, renameat2, CWD, PTR("f"), CWD, PTR("f"), 1),
		CALL(-ENOENT, renameat2, CWD, PTR("f"), CWD, PTR("new"), 2),
		CALL(-EINVAL, renameat2, CWD, PTR("d"), CWD, PTR("d/sub"), 2),
		CALL(0, renameat2, CWD, PTR("f"), CWD, PTR("e"), 2),
		CALL(0, rmdir, PTR("f")),
		CALL(0, renameat, CWD, PTR("e"), dir_fd, PTR("file")),
		CALL(0, renameat2, dir_fd, PTR("file"), CWD, PTR("f"), 1),
	};

	EXPECT_CALLS(t, rows);
}

/* --- what is known of files */

static void looking(struct test *t)
{
	make_tree(t);

	const struct call_row rows[] = {
		CALL(-EFAULT, stat, PTR("f"), BAD_PTR),
		CALL(-EFAULT, lstat, PTR("f"), 0),
		CALL(-EBADF, fstat, NO_FD, PTR(&stat_buf)),
		CALL(-EFAULT, fstat, file_fd, BAD_PTR),
		CALL(0, fstat, path_fd, PTR(&stat_buf)),
		CALL(-EINVAL, newfstatat, CWD, PTR("f"), PTR(&stat_buf), 1),
		CALL(-EFAULT, newfstatat, CWD, PTR("f"), BAD_PTR, 0),
		CALL(0, newfstatat, path_fd, PTR(""), PTR(&stat_buf), AT_EMPTY_PATH),
		CALL(0, newfstatat, CWD, PTR("loop"), PTR(&stat_buf), AT_SYMLINK_NOFOLLOW),
		CALL(-EINVAL, statx, CWD, PTR("f"), 1, 0x7ff, PTR(statx_buf)),
		CALL(-EINVAL, statx, CWD, PTR("f"), 0x6000, 0x7ff, PTR(statx_buf)),
		CALL(-EINVAL, statx, CWD, PTR("f"), 0, 0x80000000L, PTR(statx_buf)),
		CALL(-EFAULT, statx, CWD, PTR("f"), 0, 0x7ff, BAD_PTR),
		CALL(0, statx, path_fd, PTR(""), AT_EMPTY_PATH, 0x7ff, PTR(statx_buf)),
		CALL(-EINVAL, access, PTR("f"), 8),
		CALL(-EINVAL, faccessat, CWD, PTR("f"), -1),
		CALL(-EINVAL, faccessat2, CWD, PTR("f"), F_OK, 1),
		CALL(0, faccessat2, CWD, PTR("loop"), F_OK, AT_SYMLINK_NOFOLLOW),
		CALL(0, faccessat2, path_fd, PTR(""), F_OK, AT_EMPTY_PATH),
		CALL(-EINVAL, readlink, PTR("f"), PTR(buf), 100),
		CALL(-EINVAL, readlink, PTR("l"), PTR(buf), 0),
		CALL(-EINVAL, readlink, PTR("l"), PTR(buf), -1),
		CALL(-EFAULT, readlink, PTR("l"), BAD_PTR, 100),
		CALL(7, readlink, PTR("dangling"), PTR(buf), 100),
		CALL(3, readlink, PTR("dangling"), PTR(buf), 3), /* cut without a word */
		CALL(-EINVAL, readlinkat, CWD, PTR("d"), PTR(buf), 100),
		CALL(-ENOENT, readlinkat, file_fd, PTR(""), PTR(buf), 100),
		CALL(-EFAULT, statfs, PTR("f"), BAD_PTR),
		CALL(-EBADF, fstatfs, NO_FD, PTR(&statfs_buf)),
		CALL(-EFAULT, fstatfs, file_fd, BAD_PTR),
		CALL(0, fstatfs, path_fd, PTR(&statfs_buf)),
		CALL(-EBADF, getdents64, NO_FD, PTR(buf), sizeof(buf)),
		CALL(-EBADF, getdents64, path_fd, PTR(buf), sizeof(buf)),
		CALL(-ENOTDIR, getdents64, file_fd, PTR(buf), sizeof(buf)),
		CALL(-EINVAL, getdents64, dir_fd, PTR(buf), 10),
		CALL(-EFAULT, getdents64, dir_fd, BAD_PTR, 4096),
		CALL(-EBADF, getdents, NO_FD, PTR(buf), sizeof(buf)),
		CALL(-ENOTDIR, getdents, file_fd, PTR(buf), sizeof(buf)),
		CALL(-EINVAL, getdents, dir_fd, PTR(buf), 10),
	};

	EXPECT_CALLS(t, rows);
}

static void places(struct test *t)
{
	make_tree(t);

	const struct call_row rows[] = {
		CALL(-ENOTDIR, chdir, PTR("f")),
		CALL(-EBADF, fchdir, NO_FD),
		CALL(-ENOTDIR, fchdir, file_fd),
		CALL(-ENOTDIR, fchdir, pipe_fds[0]),
		CALL(-ERANGE, getcwd, PTR(buf), 0),
		CALL(-ERANGE, getcwd, PTR(buf), 1),
		CALL(-EFAULT, getcwd, BAD_PTR, sizeof(buf)),
		CALL(0, fchdir, dir_fd),
		CALL(0, access, PTR("sub"), F_OK),
		CALL(0, chdir, PTR("sub")),
		CALL(0, rmdir, PTR("../sub")),
		CALL(-ENOENT, getcwd, PTR(buf), sizeof(buf)),
		CALL(-ENOENT, mkdir, PTR("new"), 0700),
		CALL(0, access, PTR("."), F_OK),
		CALL(0, chdir, PTR("..")),
		CALL(-ENOENT, access, PTR("sub"), F_OK),
	};

	EXPECT_CALLS(t, rows);
	EXPECT_GT(t, kcall(SYS_getcwd, buf, sizeof(buf)), 1);
	EXPECT_EQ(t, buf[0], '/');
}

static void attributes(struct test *t)
{
	static struct timespec now[2] = { { 0, UTIME_NOW }, { 0, UTIME_OMIT } };
	static struct timespec bad[2] = { { 0, 1000000000 }, { 0, 0 } };
	static struct timespec omit[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } };
	static struct timeval bad_tv[2] = { { 0, 1000000 }, { 0, 0 } };

	make_tree(t);

	const struct call_row rows[] = {
		CALL(-EBADF, fchmod, NO_FD, 0644),
		CALL(-EBADF, fchmod, path_fd, 0644),
		CALL(-EBADF, fchown, NO_FD, -1, -1),
		CALL(-EBADF, fchown, path_fd, -1, -1),
		CALL(-EINVAL, fchownat, CWD, PTR("f"), -1, -1, 1),
		CALL(0, fchownat, CWD, PTR("dangling"), -1, -1, AT_SYMLINK_NOFOLLOW),
		CALL(-ENOENT, chown, PTR("dangling"), -1, -1),
		CALL(0, lchown, PTR("dangling"), -1, -1),
		CALL(-ENOENT, chmod, PTR("dangling"), 0644),
		CALL(-EFAULT, utime, PTR("f"), BAD_PTR),
		CALL(-EFAULT, utimes, PTR("f"), BAD_PTR),
		CALL(-EINVAL, utimes, PTR("f"), PTR(bad_tv)),
		CALL(-EINVAL, futimesat, CWD, PTR("f"), PTR(bad_tv)),
		CALL(-EFAULT, futimesat, CWD, PTR("f"), BAD_PTR),
		CALL(-EINVAL, utimensat, CWD, PTR("f"), PTR(bad), 0),
		CALL(-EFAULT, utimensat, CWD, PTR("f"), BAD_PTR, 0),
		CALL(-EINVAL, utimensat, CWD, PTR("f"), PTR(now), 1),
		CALL(-EBADF, utimensat, NO_FD, 0, PTR(now), 0),
		CALL(0, utimensat, file_fd, 0, PTR(now), 0),
		CALL(0, utimensat, CWD, PTR("none"), PTR(omit), 0), /* nothing to do is no error */
		CALL(0, umask, 077777),
		CALL(0777, umask, 022),
		CALL(022, umask, 0),
	};

	EXPECT_CALLS(t, rows);
}

/* --- what is in files */

static void sizes(struct test *t)
{
	make_tree(t);

	const struct call_row rows[] = {
		CALL(-EINVAL, truncate, PTR("f"), -1),
		CALL(-EISDIR, truncate, PTR("d"), 0),
		CALL(-EINVAL, truncate, PTR("p"), 0),
		CALL(-EBADF, ftruncate, NO_FD, 0),
		CALL(-EBADF, ftruncate, path_fd, 0),
		CALL(-EINVAL, ftruncate, file_fd, -1),
		CALL(-EINVAL, ftruncate, read_fd, 0),
		CALL(-EINVAL, ftruncate, dir_fd, 0),
		CALL(-EINVAL, ftruncate, pipe_fds[1], 0),
		CALL(-EBADF, fallocate, NO_FD, 0, 0, 1),
		CALL(-EBADF, fallocate, read_fd, 0, 0, 1),
		CALL(-EINVAL, fallocate, file_fd, 0, -1, 1),
		CALL(-EINVAL, fallocate, file_fd, 0, 0, 0),
		CALL(-EINVAL, fallocate, file_fd, 0, 0, -1),
		CALL(-EFBIG, fallocate, file_fd, 0, LONG_MAX, LONG_MAX),
		CALL(-EOPNOTSUPP, fallocate, file_fd, 0x1000, 0, 1),
		CALL(-EOPNOTSUPP, fallocate, file_fd, 2, 0, 1), /* a hole changes no size */
		CALL(-ESPIPE, fallocate, pipe_fds[1], 0, 0, 1),
		CALL(-EBADF, fsync, NO_FD),
		CALL(-EBADF, fsync, path_fd),
		CALL(-EINVAL, fsync, pipe_fds[0]),
		CALL(-EBADF, fdatasync, NO_FD),
		CALL(-EINVAL, fdatasync, pipe_fds[0]),
		CALL(0, fdatasync, file_fd),
		CALL(-EBADF, syncfs, NO_FD),
		CALL(-EBADF, syncfs, path_fd),
	};

	EXPECT_CALLS(t, rows);
}

static void moving_in_files(struct test *t)
{
	make_tree(t);

	const struct call_row rows[] = {
		CALL(-EBADF, lseek, NO_FD, 0, SEEK_SET),
		CALL(-EBADF, lseek, path_fd, 0, SEEK_SET),
		CALL(-EINVAL, lseek, file_fd, 0, 5),
		CALL(-EINVAL, lseek, file_fd, 0, -1),
		CALL(-EINVAL, lseek, file_fd, -1, SEEK_SET),
		CALL(-EINVAL, lseek, file_fd, -6, SEEK_END),
		CALL(-EINVAL, lseek, file_fd, LONG_MIN, SEEK_CUR),
		CALL(-ESPIPE, lseek, pipe_fds[0], 0, SEEK_CUR),
		CALL(-ENXIO, lseek, file_fd, 5, SEEK_DATA),
		CALL(-ENXIO, lseek, file_fd, 6, SEEK_HOLE),
		CALL(-ENXIO, lseek, file_fd, -1, SEEK_HOLE),
		CALL(5, lseek, file_fd, 0, SEEK_END),
		CALL(4, lseek, file_fd, -1, SEEK_CUR),
		CALL(1L << 40, lseek, file_fd, 1L << 40, SEEK_SET),
		CALL(0, read, file_fd, PTR(buf), 10),
	};

	EXPECT_CALLS(t, rows);
}

#define NR_IOV_MAX 1024

static void transfers(struct test *t)
{
	static struct iovec one = { buf, 1 }, bad = { (void *)BAD_PTR, 1 };
	static struct iovec huge[2] = { { buf, LONG_MAX }, { buf, LONG_MAX } };
	static struct iovec negative = { buf, (size_t)-1 };
	static struct iovec two[2] = { { buf, 2 }, { (void *)BAD_PTR, 1 } };

	make_tree(t);

	const struct call_row rows[] = {
		CALL(-EBADF, read, NO_FD, PTR(buf), 1),
		CALL(-EBADF, read, write_fd, PTR(buf), 1),
		CALL(-EBADF, read, path_fd, PTR(buf), 1),
		CALL(-EISDIR, read, dir_fd, PTR(buf), 1),
		CALL(-EFAULT, read, file_fd, BAD_PTR, 1),
		CALL(-EBADF, write, NO_FD, PTR(buf), 1),
		CALL(-EBADF, write, read_fd, PTR(buf), 1),
		CALL(-EBADF, write, dir_fd, PTR(buf), 1),
		CALL(-EFAULT, write, file_fd, BAD_PTR, 1),
		CALL(0, write, file_fd, BAD_PTR, 0),
		CALL(-EBADF, pread64, NO_FD, PTR(buf), 1, 0),
		CALL(-EINVAL, pread64, file_fd, PTR(buf), 1, -1),
		CALL(-ESPIPE, pread64, pipe_fds[0], PTR(buf), 1, 0),
		CALL(-EISDIR, pread64, dir_fd, PTR(buf), 1, 0),
		CALL(4, pread64, file_fd, PTR(buf), 10, 1),
		CALL(0, pread64, file_fd, PTR(buf), 10, 1L << 40),
		CALL(-EBADF, pwrite64, read_fd, PTR(buf), 1, 0),
		CALL(-EINVAL, pwrite64, file_fd, PTR(buf), 1, -1),
		CALL(-ESPIPE, pwrite64, pipe_fds[1], PTR(buf), 1, 0),
		CALL(-EBADF, readv, NO_FD, PTR(&one), 1),
		CALL(-EBADF, readv, write_fd, PTR(&one), 1),
		CALL(-EINVAL, readv, file_fd, PTR(&one), -1),
		CALL(-EINVAL, readv, file_fd, PTR(&one), NR_IOV_MAX + 1),
		CALL(-EFAULT, readv, file_fd, BAD_PTR, 1),
		CALL(-EFAULT, readv, file_fd, PTR(&bad), 1),
		CALL(-EINVAL, readv, file_fd, PTR(&negative), 1),
		CALL(0, readv, file_fd, PTR(&one), 0),
		CALL(2, readv, file_fd, PTR(two), 2), /* what could be done counts */
		CALL(-EBADF, writev, read_fd, PTR(&one), 1),
		CALL(-EINVAL, writev, file_fd, PTR(&negative), 1),
		CALL(-EINVAL, writev, file_fd, PTR(&one), -1),
		CALL(-EFAULT, writev, file_fd, PTR(&bad), 1),
		CALL(-EFAULT, writev, file_fd, BAD_PTR, 1),
		CALL(1, writev, file_fd, PTR(&one), 1),
		CALL(-EINVAL, preadv, file_fd, PTR(&one), 1, -1, 0),
		CALL(-ESPIPE, preadv, pipe_fds[0], PTR(&one), 1, 0, 0),
		CALL(-EBADF, preadv, NO_FD, PTR(&one), 1, 0, 0),
		CALL(-EFAULT, preadv, file_fd, PTR(&bad), 1, 0, 0),
		CALL(1, preadv, file_fd, PTR(&one), 1, 4, 0),
		CALL(-EINVAL, pwritev, file_fd, PTR(&one), 1, -1, 0),
		CALL(-ESPIPE, pwritev, pipe_fds[1], PTR(&one), 1, 0, 0),
		CALL(-EBADF, pwritev, read_fd, PTR(&one), 1, 0, 0),
		CALL(1, pwritev, file_fd, PTR(&one), 1, 4, 0),
		CALL(-EOPNOTSUPP, preadv2, file_fd, PTR(&one), 1, 0, 0, 0x40000000),
		CALL(-EINVAL, preadv2, file_fd, PTR(&one), 1, -2, 0, 0),
		CALL(1, preadv2, file_fd, PTR(&one), 1, -1, 0, 0), /* at the position */
		CALL(-EOPNOTSUPP, pwritev2, file_fd, PTR(&one), 1, 0, 0, 0x40000000),
		CALL(1, pwritev2, file_fd, PTR(&one), 1, -1, 0, 0),
	};

	EXPECT_CALLS(t, rows);
	EXPECT_TRUE(t, kcall(SYS_readv, file_fd, huge, 2) >= -EFAULT); /* the sum is cut */
}

static void descriptors(struct test *t)
{
	static int pair[2];

	make_tree(t);

	const struct call_row rows[] = {
		CALL(-EBADF, dup, NO_FD),
		CALL(-EBADF, dup2, NO_FD, 3),
		CALL(-EBADF, dup2, file_fd, -1),
		CALL(-EBADF, dup2, file_fd, INT_MAX),
		CALL(-EBADF, dup2, NO_FD, NO_FD),
		CALL(file_fd, dup2, file_fd, file_fd),
		CALL(-EINVAL, dup3, file_fd, file_fd, 0),
		CALL(-EINVAL, dup3, file_fd, 100, 1),
		CALL(-EBADF, dup3, NO_FD, 100, 0),
		CALL(-EBADF, dup3, file_fd, -1, 0),
		CALL(-EBADF, fcntl, NO_FD, F_GETFD),
		CALL(-EINVAL, fcntl, file_fd, 999),
		CALL(-EINVAL, fcntl, file_fd, F_DUPFD, -1),
		CALL(-EINVAL, fcntl, file_fd, F_DUPFD, INT_MAX),
		CALL(-EBADF, fcntl, path_fd, F_SETFL, 0),
		CALL(-EBADF, ioctl, NO_FD, 0x5401, PTR(buf)),
		CALL(-EBADF, ioctl, path_fd, 0x5401, PTR(buf)),
		CALL(-ENOTTY, ioctl, file_fd, 0x5401, PTR(buf)),
		CALL(-ENOTTY, ioctl, file_fd, 0x12345678, PTR(buf)),
		CALL(-EFAULT, pipe, BAD_PTR),
		CALL(-EINVAL, pipe2, PTR(pair), 1),
		CALL(-EFAULT, pipe2, BAD_PTR, O_CLOEXEC),
		CALL(0, pipe2, PTR(pair), O_CLOEXEC | O_NONBLOCK),
		CALL(0, sync),
	};

	EXPECT_CALLS(t, rows);
	EXPECT_RET(t, kcall(SYS_read, pair[0], buf, 1), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_fcntl, pair[1], F_GETFD), FD_CLOEXEC);
}

SELFTEST_NO_HELPER

static const struct test_case cases[] = {
	TEST_CASE(every_path_is_walked),
	TEST_CASE(every_descriptor_is_checked),
	TEST_CASE(nobody_walks_where_he_may_not),
	TEST_CASE(links_lead_forty_times),
	TEST_CASE(opening),
	TEST_CASE(making),
	TEST_CASE(nobody_makes_no_devices),
	TEST_CASE(removing),
	TEST_CASE(renaming),
	TEST_CASE(looking),
	TEST_CASE(places),
	TEST_CASE(attributes),
	TEST_CASE(sizes),
	TEST_CASE(moving_in_files),
	TEST_CASE(transfers),
	TEST_CASE(descriptors),
};
TEST_SUITE(errors, cases);
