/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/PID/fd, fdinfo, cwd, root and exe: links that lead to places. */
#include <dirent.h>
#include <sys/stat.h>

#include "proc.h"

static int new_file(struct test *t, const char *path, int flags)
{
	int fd = open(path, flags | O_CREAT, 0600);

	REQUIRE(t, fd >= 0);
	return fd;
}

static void links_say_what_is_open(struct test *t)
{
	const char *folder = scratch_folder(t), *path = path_of("%s/file", folder);
	struct stat link, file;
	int fd;

	SKIP_WITHOUT_PROC(t);
	fd = new_file(t, path, O_RDONLY);
	EXPECT_STREQ(t, link_text(path_of("/proc/self/fd/%d", fd)), path);
	REQUIRE(t, lstat(path_of("/proc/self/fd/%d", fd), &link) == 0);
	EXPECT_EQ(t, link.st_mode, S_IFLNK | 0500U);
	EXPECT_EQ(t, link.st_uid, geteuid());
	close(fd);
	fd = new_file(t, path, O_RDWR);
	REQUIRE(t, lstat(path_of("/proc/self/fd/%d", fd), &link) == 0);
	EXPECT_EQ(t, link.st_mode, S_IFLNK | 0700U);
	REQUIRE(t, stat(path_of("/proc/self/fd/%d", fd), &link) == 0);
	fstat(fd, &file);
	EXPECT_EQ(t, link.st_ino, file.st_ino);
	EXPECT_EQ(t, link.st_dev, file.st_dev);
	close(fd);
	EXPECT_RET(t, kcall(SYS_lstat, path_of("/proc/self/fd/%d", fd), &link), -ENOENT);
	EXPECT_RET(t, kcall(SYS_lstat, "/proc/self/fd/01", &link), -ENOENT);
	EXPECT_RET(t, kcall(SYS_lstat, "/proc/self/fd/x", &link), -ENOENT);
}

static void opening_a_link_opens_the_file_anew(struct test *t)
{
	const char *path = path_of("%s/file", scratch_folder(t));
	int fd, again;
	char byte;

	SKIP_WITHOUT_PROC(t);
	fd = new_file(t, path, O_RDWR);
	REQUIRE(t, write(fd, "abc", 3) == 3);
	again = open(path_of("/proc/self/fd/%d", fd), O_RDONLY);
	REQUIRE(t, again >= 0);
	EXPECT_EQ(t, read(again, &byte, 1), 1); /* a position of its own */
	EXPECT_EQ(t, byte, 'a');
	EXPECT_RET(t, kcall(SYS_write, again, "x", 1), -EBADF);
	close(again);
	/* Removed, it is still there; and O_CREAT makes nothing new. */
	unlink(path);
	EXPECT_STREQ(t, link_text(path_of("/proc/self/fd/%d", fd)), path_of("%s (deleted)", path));
	again = open(path_of("/proc/self/fd/%d", fd), O_RDWR | O_CREAT, 0600);
	REQUIRE(t, again >= 0);
	EXPECT_EQ(t, pread(again, &byte, 1, 2), 1);
	EXPECT_EQ(t, byte, 'c');
	EXPECT_RET(t, kcall(SYS_open, path_of("/proc/self/fd/%d", fd), O_RDONLY | O_NOFOLLOW),
		   -ELOOP);
	EXPECT_RET(t, kcall(SYS_open, path_of("/proc/self/fd/%d/x", fd), O_RDONLY), -ENOTDIR);
}

static void nameless_files_have_names(struct test *t)
{
	struct stat stat;
	int ends[2], fd;
	char byte = 0;

	SKIP_WITHOUT_PROC(t);
	REQUIRE(t, pipe(ends) == 0);
	fstat(ends[0], &stat);
	EXPECT_STREQ(t, link_text(path_of("/proc/self/fd/%d", ends[0])),
		     path_of("pipe:[%lu]", (unsigned long)stat.st_ino));
	/* A writer more: the pipe has not ended when the first goes. */
	fd = open(path_of("/proc/self/fd/%d", ends[0]), O_WRONLY);
	REQUIRE(t, fd >= 0);
	close(ends[1]);
	EXPECT_EQ(t, write(fd, "z", 1), 1);
	EXPECT_EQ(t, read(ends[0], &byte, 1), 1);
	EXPECT_EQ(t, byte, 'z');
	close(fd);
	EXPECT_EQ(t, read(ends[0], &byte, 1), 0);
	/* And a reader when no writer is left: it does not wait. */
	fd = open(path_of("/proc/self/fd/%d", ends[0]), O_RDONLY);
	REQUIRE(t, fd >= 0);
	EXPECT_EQ(t, read(fd, &byte, 1), 0);
	fd = (int)kcall(SYS_memfd_create, "some name", 0);
	if (fd >= 0)
		EXPECT_STREQ(t, link_text(path_of("/proc/self/fd/%d", fd)),
			     "/memfd:some name (deleted)");
	fd = (int)kcall(SYS_eventfd2, 0, 0);
	if (fd >= 0) {
		EXPECT_STREQ(t, link_text(path_of("/proc/self/fd/%d", fd)), "anon_inode:[eventfd]");
		EXPECT_RET(t, kcall(SYS_open, path_of("/proc/self/fd/%d", fd), O_RDWR), -ENXIO);
		EXPECT_EQ(t, write(fd, "\x15\0\0\0\0\0\0\0", 8), 8L);
		EXPECT_EQ(t,
			  number_of(t, proc_text(t, path_of("/proc/self/fdinfo/%d", fd)),
				    "eventfd-count:", 16),
			  0x15);
	}
}

/* Descriptors that a listing has, as bits. */
static unsigned long listed(struct test *t, const char *path)
{
	DIR *dir = opendir(path);
	unsigned long bits = 0;
	struct dirent *entry;

	REQUIRE(t, dir);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && atoi(entry->d_name) < 64 &&
		    atoi(entry->d_name) != dirfd(dir)) {
			struct stat stat;

			EXPECT_EQ(t, fstatat(dirfd(dir), entry->d_name, &stat, AT_SYMLINK_NOFOLLOW),
				  0);
			EXPECT_EQ(t, stat.st_ino, entry->d_ino);
			EXPECT_EQ(t, stat.st_mode >> 12, entry->d_type);
			bits |= 1UL << atoi(entry->d_name);
		}
	closedir(dir);
	return bits;
}

static void the_listing_is_the_table(struct test *t)
{
	unsigned long open_bits = 0;

	SKIP_WITHOUT_PROC(t);
	dup2(0, 30);
	dup2(0, 33);
	for (int fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			open_bits |= 1UL << fd;
	EXPECT_EQ(t, listed(t, "/proc/self/fd"), open_bits);
	EXPECT_EQ(t, listed(t, "/proc/self/fdinfo"), open_bits);
}

static void fdinfo_tells_position_and_flags(struct test *t)
{
	const char *path = path_of("%s/file", scratch_folder(t)), *text;
	int fd;

	SKIP_WITHOUT_PROC(t);
	fd = new_file(t, path, O_RDWR | O_APPEND | O_CLOEXEC);
	REQUIRE(t, write(fd, "0123456789", 10) == 10);
	lseek(fd, 7, SEEK_SET);
	text = proc_text(t, path_of("/proc/self/fdinfo/%d", fd));
	EXPECT_EQ(t, number_of(t, text, "pos:", 10), 7);
	EXPECT_EQ(t, number_of(t, text, "flags:", 8), fcntl(fd, F_GETFL) | O_CLOEXEC);
	EXPECT_GT(t, number_of(t, text, "mnt_id:", 10), 0);
}

static void places_are_shown(struct test *t)
{
	const char *folder = scratch_folder(t), *below = path_of("%s/below", folder);
	char program[PATH_MAX];
	struct stat here, there;

	SKIP_WITHOUT_PROC(t);
	REQUIRE(t, realpath(self_path(), program));
	EXPECT_STREQ(t, link_text("/proc/self/exe"), program);
	EXPECT_STREQ(t, link_text("/proc/self/root"), "/");
	REQUIRE(t, mkdir(below, 0700) == 0 && chdir(below) == 0);
	EXPECT_STREQ(t, link_text("/proc/self/cwd"), below);
	rmdir(below);
	EXPECT_STREQ(t, link_text("/proc/self/cwd"), path_of("%s (deleted)", below));
	/* It can still be entered. */
	REQUIRE(t, stat(".", &here) == 0 && stat("/proc/self/cwd/.", &there) == 0);
	EXPECT_EQ(t, here.st_ino, there.st_ino);
	REQUIRE(t, chdir("/") == 0);
	REQUIRE(t, stat("/proc/self/root/proc/self/cwd", &there) == 0 && stat("/", &here) == 0);
	EXPECT_EQ(t, here.st_ino, there.st_ino);
}

/* A file that another one has replaced goes by the name that it had, short or long. */
static void replaced_file_keeps_its_name(struct test *t)
{
	static const char *const names[] = { "short",
					     "a name that does not fit into the entry itself" };
	const char *folder = scratch_folder(t);
	char old[PATH_MAX], new[PATH_MAX];

	SKIP_WITHOUT_PROC(t);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int fd, other;

		snprintf(old, sizeof(old), "%s/%s", folder, names[i]);
		snprintf(new, sizeof(new), "%s/%s", folder, names[!i]);
		fd = open(old, O_CREAT | O_RDWR, 0600);
		other = open(new, O_CREAT | O_RDWR, 0600);
		REQUIRE(t, fd >= 0 && other >= 0);
		EXPECT_FALSE(t, rename(new, old));
		EXPECT_STREQ(t, link_text(path_of("/proc/self/fd/%d", fd)),
			     path_of("%s (deleted)", old));
		EXPECT_STREQ(t, link_text(path_of("/proc/self/fd/%d", other)), old);
		close(fd);
		close(other);
		EXPECT_FALSE(t, unlink(old));
	}
}

static const struct test_case cases[] = {
	TEST_CASE(links_say_what_is_open),	    TEST_CASE(opening_a_link_opens_the_file_anew),
	TEST_CASE(nameless_files_have_names),	    TEST_CASE(the_listing_is_the_table),
	TEST_CASE(fdinfo_tells_position_and_flags), TEST_CASE(places_are_shown),
	TEST_CASE(replaced_file_keeps_its_name),
};
TEST_SUITE(fd, cases);
SELFTEST_NO_HELPER
