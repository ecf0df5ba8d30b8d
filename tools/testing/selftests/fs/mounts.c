/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mounts: bind, move, remount, flags, umount2(), pivot_root().  Each case has a tmpfs of its own to
 * play in, in a machine, or in a namespace of mounts that belongs to the tests.
 */
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <utime.h>

#include "selftest.h"

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

static const char *folder;

static void begin(struct test *t)
{
	folder = scratch_folder(t);
	REQUIRE(t, !mount("play", folder, "tmpfs", 0, NULL) && !chdir(folder));
	/* Nothing of what follows goes to other places. */
	REQUIRE(t, !mount(NULL, folder, NULL, MS_PRIVATE, NULL));
}

static void end(struct test *t)
{
	EXPECT_RET(t, chdir("/"), 0);
	EXPECT_RET(t, kcall(SYS_umount2, folder, MNT_DETACH), 0);
	EXPECT_RET(t, rmdir(folder), 0);
}

static void make(struct test *t, const char *name)
{
	REQUIRE(t, !mkdir(name, 0755));
}

static void make_file(struct test *t, const char *name)
{
	int fd = open(name, O_CREAT | O_EXCL | O_RDWR, 0755);

	REQUIRE(t, fd >= 0 && write(fd, name, 1) == 1);
	close(fd);
}

static long do_mount(const char *what, const char *where, unsigned long flags)
{
	return kcall(SYS_mount, what, where, "tmpfs", flags, NULL);
}

static bool exists(const char *name)
{
	return !access(name, F_OK);
}

static void arguments_are_checked(struct test *t)
{
	SKIP_UNLESS_GUEST(t);
	begin(t);
	make(t, "d");
	make_file(t, "f");
	const struct call_row rows[] = {
		CALL(-ENODEV, mount, PTR("x"), PTR("d"), PTR("nothing"), 0, 0),
		CALL(-EINVAL, mount, PTR("x"), PTR("d"), 0, 0, 0),
		CALL(-EFAULT, mount, PTR("x"), PTR("d"), 8, 0, 0),
		CALL(-ENOENT, mount, PTR("x"), PTR("gone"), PTR("tmpfs"), 0, 0),
		CALL(-ENOTDIR, mount, PTR("x"), PTR("f"), PTR("tmpfs"), 0, 0),
		CALL(-EINVAL, mount, 0, PTR("d"), 0, MS_BIND, 0),
		CALL(-EINVAL, mount, PTR(""), PTR("d"), 0, MS_BIND, 0),
		CALL(-ENOENT, mount, PTR("gone"), PTR("d"), 0, MS_BIND, 0),
		CALL(-ENOTDIR, mount, PTR("f"), PTR("d"), 0, MS_BIND, 0),
		CALL(-ENOTDIR, mount, PTR("d"), PTR("f"), 0, MS_BIND, 0),
		CALL(-EINVAL, mount, PTR("d"), PTR("d"), 0, MS_MOVE, 0),
		CALL(-EINVAL, mount, 0, PTR("d"), 0, MS_REMOUNT, 0),
		CALL(-EINVAL, mount, 0, PTR("d"), 0, MS_PRIVATE, 0),
		CALL(-EINVAL, mount, 0, PTR("."), 0, MS_PRIVATE | MS_SLAVE, 0),
		CALL(-EINVAL, umount2, PTR("d"), 0),
		CALL(-EINVAL, umount2, PTR("d"), 0x10),
		CALL(-ENOENT, umount2, PTR("gone"), 0),
	};
	EXPECT_CALLS(t, rows);
	become_nobody(t);
	EXPECT_RET(t, do_mount("x", "d", 0), -EPERM);
	EXPECT_RET(t, do_mount("d", "d", MS_BIND), -EPERM);
	EXPECT_RET(t, kcall(SYS_umount2, "d", 0), -EPERM);
	EXPECT_RET(t, kcall(SYS_pivot_root, ".", "."), -EPERM);
}

static void bind_shows_the_same(struct test *t)
{
	struct stat a, b;

	SKIP_UNLESS_GUEST(t);
	begin(t);
	make(t, "a");
	make(t, "a/sub");
	make(t, "b");
	make_file(t, "a/f");
	EXPECT_RET(t, do_mount("a", "b", MS_BIND), 0);
	REQUIRE(t, !stat("a/f", &a) && !stat("b/f", &b));
	EXPECT_TRUE(t, a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	make_file(t, "b/new");
	EXPECT_TRUE(t, exists("a/new"));
	/* They are two mounts all the same. */
	EXPECT_RET(t, kcall(SYS_rename, "a/new", "b/other"), -EXDEV);
	EXPECT_RET(t, kcall(SYS_link, "a/new", "b/other"), -EXDEV);
	EXPECT_RET(t, kcall(SYS_rmdir, "b"), -EBUSY);
	/* ".." leads out of the place where it is mounted. */
	EXPECT_TRUE(t, exists("b/../a"));
	EXPECT_TRUE(t, exists("b/sub/../f"));
	/* A part, and a file. */
	make(t, "c");
	make_file(t, "g");
	EXPECT_RET(t, do_mount("a/sub", "c", MS_BIND), 0);
	EXPECT_RET(t, do_mount("a/f", "g", MS_BIND), 0);
	EXPECT_TRUE(t, !exists("c/f"));
	REQUIRE(t, !stat("g", &b));
	EXPECT_EQ(t, b.st_ino, a.st_ino);
	EXPECT_RET(t, kcall(SYS_unlink, "g"), -EBUSY);
	EXPECT_RET(t, kcall(SYS_umount2, "g", 0), 0);
	EXPECT_RET(t, kcall(SYS_umount2, "c", 0), 0);
	EXPECT_RET(t, kcall(SYS_umount2, "b", 0), 0);
	EXPECT_TRUE(t, !exists("b/f") && exists("a/f"));
	end(t);
}

static void trees_are_bound(struct test *t)
{
	SKIP_UNLESS_GUEST(t);
	begin(t);
	make(t, "a");
	make(t, "a/m");
	make(t, "a/u");
	make(t, "b");
	make(t, "c");
	make(t, "d");
	EXPECT_RET(t, do_mount("inner", "a/m", 0), 0);
	make(t, "a/m/deep");
	EXPECT_RET(t, do_mount("deep", "a/m/deep", 0), 0);
	make_file(t, "a/m/deep/f");
	EXPECT_RET(t, do_mount("no", "a/u", 0), 0);
	make_file(t, "a/u/f");
	EXPECT_RET(t, do_mount(NULL, "a/u", MS_UNBINDABLE), 0);
	EXPECT_RET(t, do_mount("a/u", "c", MS_BIND), -EINVAL);
	EXPECT_RET(t, do_mount("a", "b", MS_BIND), 0);
	EXPECT_TRUE(t, exists("b/m") && !exists("b/m/deep"));
	EXPECT_RET(t, do_mount("a", "c", MS_BIND | MS_REC), 0);
	EXPECT_TRUE(t, exists("c/m/deep/f") && !exists("c/u/f"));
	EXPECT_RET(t, do_mount("a/m", "d", MS_BIND | MS_REC), 0);
	EXPECT_TRUE(t, exists("d/deep/f"));
	/* The copies live by themselves. */
	EXPECT_RET(t, kcall(SYS_umount2, "a/m", 0), -EBUSY);
	EXPECT_RET(t, kcall(SYS_umount2, "a/m/deep", 0), 0);
	EXPECT_RET(t, kcall(SYS_umount2, "a/m", 0), 0);
	EXPECT_TRUE(t, !exists("a/m/deep") && exists("c/m/deep/f") && exists("d/deep/f"));
	EXPECT_RET(t, kcall(SYS_umount2, "c", MNT_DETACH), 0);
	EXPECT_TRUE(t, !exists("c/m") && exists("d/deep/f"));
	end(t);
}

static void mounts_move(struct test *t)
{
	SKIP_UNLESS_GUEST(t);
	begin(t);
	make(t, "a");
	make(t, "b");
	make_file(t, "file");
	EXPECT_RET(t, do_mount("x", "a", 0), 0);
	make(t, "a/in");
	make_file(t, "a/f");
	EXPECT_RET(t, do_mount("y", "a/in", 0), 0);
	make_file(t, "a/in/g");
	make(t, "a/in/d");
	EXPECT_RET(t, do_mount("a", "a/in/d", MS_MOVE), -ELOOP);
	EXPECT_RET(t, do_mount("a", "file", MS_MOVE), -EINVAL);
	EXPECT_RET(t, do_mount("a", "b", MS_MOVE), 0);
	EXPECT_TRUE(t, !exists("a/f") && exists("b/f") && exists("b/in/g"));
	EXPECT_RET(t, rmdir("a"), 0);
	EXPECT_RET(t, kcall(SYS_umount2, "a", 0), -ENOENT);
	/* On top of another, which is seen again later. */
	make(t, "c");
	EXPECT_RET(t, do_mount("z", "c", 0), 0);
	make_file(t, "c/z");
	EXPECT_RET(t, do_mount("b", "c", MS_MOVE), 0);
	EXPECT_TRUE(t, exists("c/f") && !exists("c/z"));
	EXPECT_RET(t, kcall(SYS_umount2, "c/in", 0), 0);
	EXPECT_RET(t, kcall(SYS_umount2, "c", 0), 0);
	EXPECT_TRUE(t, exists("c/z"));
	end(t);
}

static long flags_of(const char *name)
{
	struct statfs statfs_;

	return statfs(name, &statfs_) ? -1 : (long)statfs_.f_flags;
}

static void flags_act(struct test *t)
{
	int fd;

	SKIP_UNLESS_GUEST(t);
	begin(t);
	make(t, "d");
	EXPECT_RET(t, do_mount("x", "d", 0), 0);
	make_file(t, "d/f");
	REQUIRE(t, !symlink("f", "d/link") && !mknod("d/null", S_IFCHR | 0666, makedev(1, 3)));
	EXPECT_EQ(t, flags_of("d") & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC), 0);
	EXPECT_RET(t, do_mount(NULL, "d", MS_REMOUNT | MS_BIND | MS_NODEV | MS_NOEXEC | MS_NOSUID),
		   0);
	EXPECT_EQ(t, flags_of("d") & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC),
		  ST_NOSUID | ST_NODEV | ST_NOEXEC);
	EXPECT_RET(t, kcall(SYS_open, "d/null", O_RDWR, 0), -EACCES);
	EXPECT_RET(t, kcall(SYS_access, "d/f", X_OK), -EACCES);
	EXPECT_RET(t, kcall(SYS_execve, "d/f", NULL, NULL), -EACCES);
	fd = open("d/f", O_RDONLY);
	EXPECT_RET(t, kcall(SYS_mmap, NULL, PAGE, PROT_EXEC, MAP_PRIVATE, fd, 0), -EPERM);
	close(fd);
	EXPECT_TRUE(t, exists("d/link"));
	EXPECT_RET(t, do_mount(NULL, "d", MS_REMOUNT | MS_BIND | MS_NOSYMFOLLOW), 0);
	EXPECT_RET(t, kcall(SYS_access, "d/link", F_OK), -ELOOP);
	EXPECT_RET(t, kcall(SYS_open, "d/null", O_RDWR, 0), 3);
	close(3);
	EXPECT_RET(t, do_mount(NULL, "d", MS_REMOUNT | MS_BIND), 0);
	EXPECT_TRUE(t, exists("d/link"));
	end(t);
}

static void read_only_mounts_are(struct test *t)
{
	struct stat before;
	int fd;

	SKIP_UNLESS_GUEST(t);
	begin(t);
	make(t, "d");
	make(t, "e");
	EXPECT_RET(t, do_mount("x", "d", 0), 0);
	make_file(t, "d/f");
	make(t, "d/sub");
	EXPECT_RET(t, do_mount("d", "e", MS_BIND), 0);
	REQUIRE(t, !stat("d/f", &before));
	/* One mount of the two, and not while somebody writes through it. */
	fd = open("e/f", O_WRONLY);
	REQUIRE(t, fd >= 0);
	EXPECT_RET(t, do_mount(NULL, "e", MS_REMOUNT | MS_BIND | MS_RDONLY), -EBUSY);
	close(fd);
	fd = open("d/f", O_WRONLY);
	EXPECT_RET(t, do_mount(NULL, "e", MS_REMOUNT | MS_BIND | MS_RDONLY), 0);
	const struct call_row rows[] = {
		CALL(-EROFS, open, PTR("e/f"), O_WRONLY, 0),
		CALL(-EROFS, open, PTR("e/f"), O_RDONLY | O_TRUNC, 0),
		CALL(-EROFS, open, PTR("e/g"), O_RDWR | O_CREAT, 0600),
		CALL(-EEXIST, open, PTR("e/f"), O_RDONLY | O_CREAT | O_EXCL, 0600),
		CALL(-EROFS, mkdir, PTR("e/g"), 0700),
		CALL(-EEXIST, mkdir, PTR("e/sub"), 0700),
		CALL(-EROFS, mknod, PTR("e/g"), S_IFIFO | 0600, 0),
		CALL(-EROFS, symlink, PTR("x"), PTR("e/g")),
		CALL(-EROFS, link, PTR("e/f"), PTR("e/g")),
		CALL(-EROFS, unlink, PTR("e/f")),
		CALL(-EROFS, unlink, PTR("e/gone")),
		CALL(-EROFS, rmdir, PTR("e/sub")),
		CALL(-EROFS, rename, PTR("e/f"), PTR("e/g")),
		CALL(-EROFS, truncate, PTR("e/f"), 0),
		CALL(-EROFS, chmod, PTR("e/f"), 0700),
		CALL(-EROFS, chown, PTR("e/f"), 1, 1),
		CALL(-EROFS, utimensat, AT_FDCWD, PTR("e/f"), 0, 0),
		CALL(-EROFS, access, PTR("e/f"), W_OK),
		CALL(0, access, PTR("e/f"), R_OK),
		CALL(0, chmod, PTR("d/f"), 0711),
	};
	EXPECT_CALLS(t, rows);
	EXPECT_TRUE(t, flags_of("e") & ST_RDONLY && !(flags_of("d") & ST_RDONLY));
	/* The file system as a whole. */
	EXPECT_RET(t, do_mount(NULL, "d", MS_REMOUNT | MS_RDONLY), -EBUSY);
	close(fd);
	EXPECT_RET(t, do_mount(NULL, "d", MS_REMOUNT | MS_RDONLY), 0);
	EXPECT_RET(t, do_mount(NULL, "e", MS_REMOUNT | MS_BIND), 0);
	EXPECT_RET(t, kcall(SYS_mkdir, "e/g", 0700), -EROFS);
	EXPECT_RET(t, kcall(SYS_open, "e/f", O_WRONLY, 0), -EROFS);
	EXPECT_RET(t, do_mount(NULL, "d", MS_REMOUNT), 0);
	EXPECT_RET(t, kcall(SYS_mkdir, "e/g", 0700), 0);
	end(t);
}

static void remount_has_options(struct test *t)
{
	struct statfs got;

	SKIP_UNLESS_GUEST(t);
	begin(t);
	make(t, "d");
	EXPECT_RET(t, kcall(SYS_mount, "x", "d", "tmpfs", 0, "nr_blocks=4,nr_inodes=0"), 0);
	EXPECT_RET(t, kcall(SYS_mount, 0, "d", 0, MS_REMOUNT, "size=64k"), 0);
	REQUIRE(t, !statfs("d", &got));
	EXPECT_EQ(t, got.f_blocks, 16);
	int fd = open("d/f", O_RDWR | O_CREAT, 0600);
	EXPECT_RET(t, kcall(SYS_fallocate, fd, 0, 0, 8 * PAGE), 0);
	EXPECT_RET(t, kcall(SYS_mount, 0, "d", 0, MS_REMOUNT, "nr_blocks=7"), -EINVAL);
	EXPECT_RET(t, kcall(SYS_mount, 0, "d", 0, MS_REMOUNT, "nr_blocks=8"), 0);
	EXPECT_RET(t, kcall(SYS_mount, 0, "d", 0, MS_REMOUNT, "nr_inodes=8"), -EINVAL);
	EXPECT_RET(t, kcall(SYS_mount, 0, "d", 0, MS_REMOUNT, "nonsense=8"), -EINVAL);
	EXPECT_RET(t, kcall(SYS_write, fd, "x", 1), 1);
	close(fd);
	end(t);
}

static void write_again(void *arg)
{
	(void)arg;
	for (;;)
		chmod("d/f", 0600);
}

/* Who wants to write, and may not, is no writer. */
static void refused_writers_do_not_count_races(struct test *t)
{
	int i, nr_failed = 0;
	pid_t pid;

	SKIP_UNLESS_GUEST(t);
	begin(t);
	make(t, "d");
	EXPECT_RET(t, do_mount("x", "d", 0), 0);
	make_file(t, "d/f");
	EXPECT_RET(t, do_mount(NULL, "d", MS_REMOUNT | MS_RDONLY), 0);
	pid = start_child(t, write_again, NULL);
	for (i = 0; i < 20000; i++) {
		nr_failed += do_mount(NULL, "d", MS_REMOUNT | MS_BIND) != 0;
		nr_failed += do_mount(NULL, "d", MS_REMOUNT | MS_RDONLY) != 0;
	}
	EXPECT_EQ(t, nr_failed, 0);
	kill(pid, SIGKILL);
	wait_for(t, pid);
	end(t);
}

static void unmounting_has_kinds(struct test *t)
{
	int fd;

	SKIP_UNLESS_GUEST(t);
	begin(t);
	make(t, "d");
	REQUIRE(t, !symlink("d", "link"));
	EXPECT_RET(t, do_mount("x", "d", 0), 0);
	make_file(t, "d/f");
	fd = open("d/f", O_RDONLY);
	EXPECT_RET(t, kcall(SYS_umount2, "d", 0), -EBUSY);
	EXPECT_RET(t, kcall(SYS_umount2, "d", MNT_EXPIRE), -EBUSY);
	/* Out of the tree at once, and in use as long as it is open. */
	EXPECT_RET(t, kcall(SYS_umount2, "d", MNT_DETACH), 0);
	EXPECT_TRUE(t, !exists("d/f"));
	char byte;
	EXPECT_RET(t, kcall(SYS_read, fd, &byte, 1), 1);
	EXPECT_RET(t, kcall(SYS_umount2, "d", 0), -EINVAL);
	close(fd);
	/* Twice, and nobody in between. */
	EXPECT_RET(t, do_mount("x", "d", 0), 0);
	EXPECT_RET(t, kcall(SYS_umount2, "d", MNT_EXPIRE | MNT_DETACH), -EINVAL);
	EXPECT_RET(t, kcall(SYS_umount2, "d", MNT_EXPIRE), -EAGAIN);
	EXPECT_TRUE(t, exists("d/."));
	EXPECT_RET(t, kcall(SYS_umount2, "d", MNT_EXPIRE), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_umount2, "d", MNT_EXPIRE), 0);
	EXPECT_RET(t, kcall(SYS_umount2, "d", 0), -EINVAL);
	/* By a link, or not. */
	EXPECT_RET(t, do_mount("x", "d", 0), 0);
	EXPECT_RET(t, kcall(SYS_umount2, "link", UMOUNT_NOFOLLOW), -EINVAL);
	EXPECT_RET(t, kcall(SYS_umount2, "link", 0), 0);
	end(t);
}

/* In a folder that is moved out of a bind mount while one stands in it. */
static void no_way_out_of_a_bind_mount(struct test *t)
{
	SKIP_UNLESS_GUEST(t);
	begin(t);
	make(t, "a");
	make(t, "a/sub");
	make(t, "a/sub/deep");
	make(t, "b");
	make(t, "out");
	EXPECT_RET(t, do_mount("a/sub", "b", MS_BIND), 0);
	REQUIRE(t, !chdir("b/deep"));
	char deep[PATH_MAX], out[PATH_MAX];
	snprintf(deep, sizeof(deep), "%s/a/sub/deep", folder);
	snprintf(out, sizeof(out), "%s/out/deep", folder);
	EXPECT_RET(t, rename(deep, out), 0);
	EXPECT_RET(t, kcall(SYS_access, "..", F_OK), -ENOENT);
	EXPECT_RET(t, kcall(SYS_access, "../..", F_OK), -ENOENT);
	EXPECT_RET(t, kcall(SYS_access, ".", F_OK), 0);
	end(t);
}

struct pivot {
	struct test *t;
	bool done;
};

/* In a child: its root is a mount of its own. */
static void pivot(void *arg)
{
	struct test *t = ((struct pivot *)arg)->t;

	make(t, "root");
	EXPECT_RET(t, kcall(SYS_pivot_root, "root", "root"), -EINVAL);
	EXPECT_RET(t, do_mount("new", "root", 0), 0);
	make(t, "root/old");
	make(t, "beside");
	make_file(t, "root/new");
	make_file(t, "here");
	REQUIRE(t, !chroot("."));
	EXPECT_RET(t, kcall(SYS_pivot_root, "/", "/root/old"), -EBUSY);
	EXPECT_RET(t, kcall(SYS_pivot_root, "/root", "/beside"), -EBUSY);
	EXPECT_RET(t, kcall(SYS_pivot_root, "/root/old", "/root/old"), -EINVAL);
	EXPECT_RET(t, kcall(SYS_pivot_root, "/root", "/gone"), -ENOENT);
	EXPECT_RET(t, kcall(SYS_pivot_root, "/root/new", "/root/old"), -ENOTDIR);
	EXPECT_RET(t, kcall(SYS_pivot_root, "/root", "/root/old"), 0);
	EXPECT_TRUE(t, exists("/new") && exists("/old/here") && !exists("/here"));
	/* The working directory was the old root, so it has moved along. */
	EXPECT_TRUE(t, exists("new"));
	EXPECT_RET(t, kcall(SYS_umount2, "/old", MNT_DETACH), 0);
	EXPECT_TRUE(t, !exists("/old/here"));
	((struct pivot *)arg)->done = true;
}

static void roots_are_exchanged(struct test *t)
{
	struct pivot pivot_arg = { .t = t };

	SKIP_UNLESS_GUEST(t);
	begin(t);
	pivot(&pivot_arg);
	EXPECT_TRUE(t, pivot_arg.done);
}

#define NR_ROUNDS 40
#define NR_FORKS  8

struct pipes { /* each has two ends: to read, to write */
	int go[2], done[2], look[2];
};

/* Each byte that comes makes the other mount the root. */
static void exchange_roots(void *arg)
{
	struct pipes *pipes = arg;
	char byte;

	close(pipes->go[1]);
	while (read(pipes->go[0], &byte, 1) == 1)
		if (kcall(SYS_pivot_root, "/other", "/other/other") ||
		    write(pipes->done[1], &byte, 1) != 1)
			_exit(STATUS_FAILED);
}

/* A byte tells whether it should be at the first root; 0: it is. */
static void look_for_root(void *arg)
{
	char is_first;

	if (read(((struct pipes *)arg)->look[0], &is_first, 1) != 1 || exists("/first") != is_first)
		_exit(STATUS_FAILED);
}

/* In a child: its root is a mount of its own. Who starts meanwhile is not left behind. */
static void fork_beside_pivot(void *arg)
{
	struct test *t = ((struct pivot *)arg)->t;
	struct pipes pipes;
	int round, i, nr_lost = 0;
	pid_t pids[NR_FORKS], pivoter;
	char is_first = true, byte;

	make(t, "other");
	EXPECT_RET(t, do_mount("new", "other", 0), 0);
	make(t, "other/other");
	make_file(t, "first");
	REQUIRE(t, !chroot(".") && !pipe(pipes.go) && !pipe(pipes.done) && !pipe(pipes.look));
	pivoter = start_child(t, exchange_roots, &pipes);
	for (round = 0; round < NR_ROUNDS; round++) {
		REQUIRE(t, write(pipes.go[1], "", 1) == 1);
		for (i = 0; i < NR_FORKS; i++)
			pids[i] = start_child(t, look_for_root, &pipes);
		REQUIRE(t, read(pipes.done[0], &byte, 1) == 1);
		is_first = !is_first;
		for (i = 0; i < NR_FORKS; i++)
			REQUIRE(t, write(pipes.look[1], &is_first, 1) == 1);
		for (i = 0; i < NR_FORKS; i++)
			nr_lost += wait_for(t, pids[i]) != 0;
	}
	EXPECT_EQ(t, nr_lost, 0);
	close(pipes.go[1]);
	EXPECT_EXIT(t, wait_for(t, pivoter), 0);
	((struct pivot *)arg)->done = true;
}

static void roots_are_exchanged_beside_forks(struct test *t)
{
	struct pivot pivot_arg = { .t = t };

	SKIP_UNLESS_GUEST(t);
	SKIP_IF(t, !is_oshit(), "Linux passes over a child that is not known yet");
	begin(t);
	fork_beside_pivot(&pivot_arg);
	EXPECT_TRUE(t, pivot_arg.done);
}

static struct timespec atime_of(const char *name)
{
	struct stat st;

	return stat(name, &st) ? (struct timespec){ 0, 0 } : st.st_atim;
}

/* Sets the times of @name to an hour ago, the change of the inode to now; reads a byte. */
static bool read_moves_atime(struct test *t, const char *name, int flags, int hours_ago)
{
	struct timespec now, times[2];
	char byte;
	int fd;

	clock_gettime(CLOCK_REALTIME, &now);
	times[0] = times[1] = now;
	times[0].tv_sec -= hours_ago * 3600;
	times[1].tv_sec -= 48 * 3600;
	REQUIRE(t, !utimensat(AT_FDCWD, name, times, 0));
	fd = open(name, O_RDONLY | flags);
	REQUIRE(t, fd >= 0 && read(fd, &byte, 1) == 1);
	close(fd);
	return atime_of(name).tv_sec != times[0].tv_sec;
}

static void reading_leaves_times(struct test *t)
{
	SKIP_UNLESS_GUEST(t);
	begin(t);
	make(t, "d");
	EXPECT_RET(t, do_mount("x", "d", 0), 0);
	make_file(t, "d/f");
	/* relatime: what was changed since it was read, and what was read a day ago. */
	EXPECT_TRUE(t, read_moves_atime(t, "d/f", 0, 1));
	EXPECT_TRUE(t, read_moves_atime(t, "d/f", 0, 25));
	EXPECT_TRUE(t, !read_moves_atime(t, "d/f", O_NOATIME, 25));
	/* The change that utimensat() makes is later than an hour in the future is not. */
	EXPECT_TRUE(t, !read_moves_atime(t, "d/f", 0, -1));
	EXPECT_RET(t, do_mount(NULL, "d", MS_REMOUNT | MS_BIND | MS_STRICTATIME), 0);
	EXPECT_TRUE(t, read_moves_atime(t, "d/f", 0, -1));
	EXPECT_RET(t, do_mount(NULL, "d", MS_REMOUNT | MS_BIND | MS_NOATIME), 0);
	EXPECT_TRUE(t, !read_moves_atime(t, "d/f", 0, 25));
	EXPECT_EQ(t, flags_of("d") & (ST_NOATIME | ST_RELATIME), ST_NOATIME);
	/* Said nothing about times: they stay as they are. */
	EXPECT_RET(t, do_mount(NULL, "d", MS_REMOUNT | MS_BIND | MS_NODEV), 0);
	EXPECT_EQ(t, flags_of("d") & (ST_NOATIME | ST_RELATIME), ST_NOATIME);
	EXPECT_RET(t, do_mount(NULL, "d", MS_REMOUNT | MS_BIND | MS_RELATIME), 0);
	EXPECT_EQ(t, flags_of("d") & (ST_NOATIME | ST_RELATIME), ST_RELATIME);
	end(t);
}

/* Walks through a tree of mounts that come, move and go. */
struct racer {
	unsigned int seed, nr;
};

static void change_mounts(void *arg)
{
	struct racer *racer = arg;
	char a[16], b[32];
	unsigned int i;

	for (i = 0; i < racer->nr; i++) {
		snprintf(a, sizeof(a), "d%u/m", next_random(&racer->seed) % 3);
		snprintf(b, sizeof(b), "d%u/m", next_random(&racer->seed) % 3);
		switch (next_random(&racer->seed) % 5) {
		case 0:
			do_mount("x", a, 0);
			mkdir("d0/m/s", 0700);
			break;
		case 1:
			do_mount(a, b, MS_BIND | MS_REC);
			break;
		case 2:
			do_mount(a, b, MS_MOVE);
			break;
		case 3:
			do_mount(NULL, a, MS_REMOUNT | MS_BIND | MS_RDONLY);
			break;
		default:
			kcall(SYS_umount2, a, MNT_DETACH);
			break;
		}
		snprintf(b, sizeof(b), "%s/f%u", a, racer->seed % 4);
		close(open(b, O_CREAT | O_RDWR, 0600));
		unlink(b);
	}
}

static void tree_stands_races(struct test *t)
{
	struct racer racers[4];
	int i, status;
	pid_t pids[4];
	char name[16];

	SKIP_UNLESS_GUEST(t);
	begin(t);
	for (i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		make(t, name);
		strcat(name, "/m");
		make(t, name);
	}
	for (i = 0; i < 4; i++) {
		racers[i] = (struct racer){ 77U + (unsigned int)i, 150 };
		pids[i] = start_child(t, change_mounts, &racers[i]);
	}
	for (i = 0; i < 4; i++) {
		status = wait_for(t, pids[i]);
		EXPECT_EXIT(t, status, 0);
	}
	end(t);
}

static const struct test_case mounts_cases[] = {
	TEST_CASE(arguments_are_checked),
	TEST_CASE(bind_shows_the_same),
	TEST_CASE(trees_are_bound),
	TEST_CASE(mounts_move),
	TEST_CASE(flags_act),
	TEST_CASE(read_only_mounts_are),
	TEST_CASE(remount_has_options),
	TEST_CASE(refused_writers_do_not_count_races),
	TEST_CASE(unmounting_has_kinds),
	TEST_CASE(no_way_out_of_a_bind_mount),
	TEST_CASE(roots_are_exchanged),
	TEST_CASE(roots_are_exchanged_beside_forks),
	TEST_CASE(reading_leaves_times),
	TEST_CASE(tree_stands_races),
};
TEST_SUITE(mounts, mounts_cases);
SELFTEST_NO_HELPER
