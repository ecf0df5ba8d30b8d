/* SPDX-License-Identifier: GPL-2.0-only */
/* Watching of files and directories: each event, names, numbers, the end of watches, errors. */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <utime.h>

#include "selftest.h"

#define BAD_PTR	   8L
#define NO_FD	   9999
#define MAX_EVENTS 64

static struct {
	int wd;
	unsigned int mask, cookie;
	char name[NAME_MAX + 1];
} events[MAX_EVENTS];

static int instance; /* not blocking */

static void begin(struct test *t)
{
	REQUIRE(t, !chdir(scratch_folder(t)));
	umask(0);
	instance = (int)kcall(SYS_inotify_init1, IN_NONBLOCK);
	REQUIRE(t, instance >= 0);
}

static int watch(struct test *t, const char *name, unsigned int mask)
{
	int wd = (int)kcall(SYS_inotify_add_watch, instance, name, mask);

	REQUIRE(t, wd > 0);
	return wd;
}

static void touch(const char *name)
{
	close(open(name, O_CREAT | O_WRONLY, 0644));
}

/* Reads all that is there. Their number. */
static int take(void)
{
	static char buf[65536] __attribute__((aligned(8)));
	long got = kcall(SYS_read, instance, buf, sizeof(buf));
	int nr = 0;

	for (long at = 0; at < got;) {
		const struct inotify_event *event = (const void *)(buf + at);

		events[nr].wd = event->wd;
		events[nr].mask = event->mask;
		events[nr].cookie = event->cookie;
		snprintf(events[nr].name, sizeof(events[nr].name), "%s",
			 event->len ? event->name : "");
		at += (long)(sizeof(*event) + event->len);
		nr += nr < MAX_EVENTS - 1;
	}
	return nr;
}

/* The next events are just these masks, with @name. */
static void expect_events(struct test *t, int line, const char *name, int nr,
			  const unsigned int *masks)
{
	int got = take();

	for (int i = 0; i < got || i < nr; i++) {
		unsigned int want = i < nr ? masks[i] : 0, have = i < got ? events[i].mask : 0;

		if (want != have || (i < got && strcmp(events[i].name, name)))
			test_fail(t, __FILE__, line, "event %d is %#x \"%s\", not %#x \"%s\"", i,
				  have, i < got ? events[i].name : "", want, name);
	}
}

#define EXPECT_EVENTS(t, name, ...)                                             \
	do {                                                                    \
		const unsigned int __masks[] = { __VA_ARGS__ };                 \
		expect_events(t, __LINE__, name, ARRAY_SIZE(__masks), __masks); \
	} while (0)

static void names_come_and_go(struct test *t)
{
	begin(t);
	watch(t, ".", IN_CREATE | IN_DELETE);
	touch("f");
	EXPECT_EVENTS(t, "f", IN_CREATE);
	mkdir("d", 0700);
	EXPECT_EVENTS(t, "d", IN_CREATE | IN_ISDIR);
	mkfifo("p", 0600);
	EXPECT_EVENTS(t, "p", IN_CREATE);
	EXPECT_FALSE(t, symlink("f", "l"));
	EXPECT_EVENTS(t, "l", IN_CREATE);
	EXPECT_FALSE(t, link("f", "hard"));
	EXPECT_EVENTS(t, "hard", IN_CREATE);
	unlink("f");
	EXPECT_EVENTS(t, "f", IN_DELETE);
	rmdir("d");
	EXPECT_EVENTS(t, "d", IN_DELETE | IN_ISDIR);
	rmdir("none");
	touch("hard"); /* is there */
	EXPECT_EQ(t, take(), 0);
}

static void files_are_used(struct test *t)
{
	char text[8];
	int fd;

	begin(t);
	touch("f");
	watch(t, ".", IN_ALL_EVENTS);
	fd = open("f", O_RDWR);
	EXPECT_EVENTS(t, "f", IN_OPEN);
	EXPECT_RET(t, kcall(SYS_write, fd, "hello", 5), 5);
	EXPECT_RET(t, kcall(SYS_pwrite64, fd, "j", 1, 0), 1);
	EXPECT_EVENTS(t, "f", IN_MODIFY); /* the same once more tells nothing */
	EXPECT_RET(t, kcall(SYS_pread64, fd, text, 5, 0), 5);
	EXPECT_EVENTS(t, "f", IN_ACCESS);
	EXPECT_FALSE(t, ftruncate(fd, 2));
	EXPECT_EVENTS(t, "f", IN_MODIFY);
	EXPECT_FALSE(t, fchmod(fd, 0600));
	EXPECT_EVENTS(t, "f", IN_ATTRIB);
	EXPECT_FALSE(t, utime("f", NULL));
	EXPECT_EVENTS(t, "f", IN_ATTRIB);
	EXPECT_RET(t, kcall(SYS_read, fd, text, 0), 0);
	EXPECT_EQ(t, take(), 0);
	close(fd);
	EXPECT_EVENTS(t, "f", IN_CLOSE_WRITE);
	fd = open("f", O_RDONLY);
	close(fd);
	EXPECT_EVENTS(t, "f", IN_OPEN, IN_CLOSE_NOWRITE);
	fd = open("f", O_WRONLY | O_TRUNC);
	close(fd);
	EXPECT_EVENTS(t, "f", IN_OPEN, IN_MODIFY, IN_CLOSE_WRITE);
	EXPECT_FALSE(t, truncate("f", 100));
	EXPECT_EVENTS(t, "f", IN_MODIFY);
	close(open("f", O_PATH));
	EXPECT_EQ(t, take(), 0);
}

/* A watch of the file itself, and one of its directory: each has its events. */
static void both_are_told(struct test *t)
{
	int of_file, of_folder;

	begin(t);
	touch("f");
	of_folder = watch(t, ".", IN_ATTRIB);
	of_file = watch(t, "f", IN_ATTRIB);
	EXPECT_FALSE(t, chmod("f", 0600));
	EXPECT_EQ(t, take(), 2);
	EXPECT_EQ(t, events[0].wd + events[1].wd, of_file + of_folder);
	for (int i = 0; i < 2; i++)
		EXPECT_STREQ(t, events[i].name, events[i].wd == of_folder ? "f" : "");
}

static void moves_have_cookies(struct test *t)
{
	begin(t);
	touch("f");
	mkdir("d", 0700);
	watch(t, ".", IN_MOVE);
	watch(t, "d", IN_MOVE | IN_MOVE_SELF);
	watch(t, "f", IN_MOVE_SELF);
	EXPECT_FALSE(t, rename("f", "g"));
	EXPECT_EQ(t, take(), 3);
	EXPECT_EQ(t, events[0].mask, (unsigned int)IN_MOVED_FROM);
	EXPECT_STREQ(t, events[0].name, "f");
	EXPECT_EQ(t, events[1].mask, (unsigned int)IN_MOVED_TO);
	EXPECT_STREQ(t, events[1].name, "g");
	EXPECT_EQ(t, events[0].cookie, events[1].cookie);
	EXPECT_NE(t, events[0].cookie, 0U);
	EXPECT_EQ(t, events[2].mask, (unsigned int)IN_MOVE_SELF);
	EXPECT_FALSE(t, rename("g", "d/h"));
	EXPECT_EQ(t, take(), 3);
	EXPECT_NE(t, events[0].wd, events[1].wd);
	EXPECT_FALSE(t, rename("d", "e"));
	EXPECT_EQ(t, take(), 3);
	EXPECT_EQ(t, events[0].mask, (unsigned int)(IN_MOVED_FROM | IN_ISDIR));
	EXPECT_EQ(t, events[2].mask & ~(unsigned int)IN_ISDIR, (unsigned int)IN_MOVE_SELF);
	EXPECT_FALSE(t, rename("e", "e"));
	EXPECT_EQ(t, take(), 0);
}

static bool was_told(int nr, unsigned int mask)
{
	for (int i = 0; i < nr; i++)
		if (events[i].mask == mask)
			return true;
	return false;
}

static void files_end(struct test *t)
{
	int fd, nr, wd;

	begin(t);
	touch("f");
	wd = watch(t, "f", IN_DELETE_SELF);
	unlink("f");
	EXPECT_EVENTS(t, "", IN_DELETE_SELF, IN_IGNORED);
	EXPECT_RET(t, kcall(SYS_inotify_rm_watch, instance, wd), -EINVAL);
	/* While it is open it is there. */
	touch("f");
	EXPECT_GT(t, watch(t, "f", IN_DELETE_SELF | IN_ATTRIB), wd);
	fd = open("f", O_RDONLY);
	unlink("f");
	EXPECT_EVENTS(t, "", IN_ATTRIB);
	close(fd);
	EXPECT_EVENTS(t, "", IN_DELETE_SELF, IN_IGNORED);
	/* One of two names. */
	touch("f");
	watch(t, "f", IN_DELETE_SELF);
	EXPECT_FALSE(t, link("f", "g"));
	unlink("f");
	EXPECT_EQ(t, take(), 0);
	touch("h");
	EXPECT_FALSE(t, rename("h", "g")); /* the other goes in passing */
	EXPECT_EVENTS(t, "", IN_DELETE_SELF, IN_IGNORED);
	mkdir("d", 0700);
	watch(t, "d", IN_DELETE_SELF);
	rmdir("d");
	nr = take();
	EXPECT_TRUE(t, was_told(nr, IN_DELETE_SELF) || was_told(nr, IN_DELETE_SELF | IN_ISDIR));
	EXPECT_TRUE(t, was_told(nr, IN_IGNORED));
}

static void watches_have_numbers(struct test *t)
{
	int wd, other;

	begin(t);
	touch("f");
	EXPECT_FALSE(t, link("f", "g") || symlink("f", "l"));
	wd = watch(t, "f", IN_OPEN);
	EXPECT_EQ(t, watch(t, "g", IN_ATTRIB), wd); /* of an inode, and replaced */
	EXPECT_EQ(t, watch(t, "l", IN_ATTRIB), wd);
	close(open("f", O_RDONLY));
	EXPECT_EQ(t, take(), 0);
	EXPECT_EQ(t, watch(t, "f", IN_OPEN | IN_MASK_ADD), wd);
	EXPECT_FALSE(t, chmod("f", 0600));
	close(open("f", O_RDONLY));
	EXPECT_EVENTS(t, "", IN_ATTRIB, IN_OPEN);
	other = watch(t, "l", IN_ATTRIB | IN_DONT_FOLLOW);
	EXPECT_NE(t, other, wd);
	EXPECT_RET(t, kcall(SYS_inotify_rm_watch, instance, wd), 0);
	EXPECT_EVENTS(t, "", IN_IGNORED);
	EXPECT_EQ(t, events[0].wd, wd);
	EXPECT_GT(t, watch(t, "f", IN_OPEN), other); /* a new number */
}

static void once_is_once(struct test *t)
{
	int wd;

	begin(t);
	touch("f");
	wd = watch(t, "f", IN_ATTRIB | IN_ONESHOT);
	EXPECT_FALSE(t, chmod("f", 0600) || chmod("f", 0644));
	EXPECT_EVENTS(t, "", IN_ATTRIB, IN_IGNORED);
	EXPECT_RET(t, kcall(SYS_inotify_rm_watch, instance, wd), -EINVAL);
}

static void unlinked_children_can_be_left_out(struct test *t)
{
	int fd;

	begin(t);
	touch("f");
	fd = open("f", O_RDWR);
	watch(t, ".", IN_MODIFY | IN_EXCL_UNLINK);
	EXPECT_RET(t, kcall(SYS_write, fd, "x", 1), 1);
	EXPECT_EVENTS(t, "f", IN_MODIFY);
	unlink("f");
	EXPECT_RET(t, kcall(SYS_write, fd, "x", 1), 1);
	EXPECT_EQ(t, take(), 0);
	/* But a change of the file itself is told. */
	EXPECT_FALSE(t, ftruncate(fd, 0));
	EXPECT_EVENTS(t, "f", IN_MODIFY);
	/* The same goes for who watches the file. */
	close(fd);
	touch("g");
	fd = open("g", O_RDWR);
	watch(t, "g", IN_MODIFY | IN_ATTRIB | IN_EXCL_UNLINK);
	unlink("g");
	EXPECT_EVENTS(t, "", IN_ATTRIB);
	EXPECT_RET(t, kcall(SYS_write, fd, "x", 1), 1);
	EXPECT_EQ(t, take(), 0);
	EXPECT_FALSE(t, fchmod(fd, 0600));
	EXPECT_EVENTS(t, "", IN_ATTRIB);
}

static void touch_later(void *arg __maybe_unused)
{
	sleep_ms(20);
	touch("f");
}

static void who_waits_is_woken(struct test *t)
{
	int epoll = epoll_create1(0), size = 0;
	struct epoll_event event = { .events = EPOLLIN };
	struct pollfd polled;
	char buf[300];
	pid_t pid;

	begin(t);
	watch(t, ".", IN_CREATE);
	REQUIRE(t, !epoll_ctl(epoll, EPOLL_CTL_ADD, instance, &event));
	polled = (struct pollfd){ .fd = instance, .events = POLLIN | POLLOUT };
	EXPECT_RET(t, poll(&polled, 1, 0), 0);
	EXPECT_RET(t, kcall(SYS_read, instance, buf, sizeof(buf)), -EAGAIN);
	pid = start_child(t, touch_later, NULL);
	EXPECT_RET(t, poll(&polled, 1, 5000), 1);
	EXPECT_EQ(t, polled.revents, POLLIN);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
	EXPECT_RET(t, epoll_wait(epoll, &event, 1, 0), 1);
	EXPECT_RET(t, ioctl(instance, FIONREAD, &size), 0);
	EXPECT_EQ(t, size, 32); /* the name has a multiple of 16 bytes */
	EXPECT_RET(t, kcall(SYS_read, instance, buf, 31), -EINVAL);
	EXPECT_RET(t, kcall(SYS_read, instance, buf, 32), 32);
	EXPECT_RET(t, kcall(SYS_fcntl, instance, F_SETFL, 0), 0);
	unlink("f");
	pid = start_child(t, touch_later, NULL);
	EXPECT_RET(t, kcall(SYS_read, instance, buf, sizeof(buf)), 32);
	EXPECT_EXIT(t, wait_for(t, pid), 0);
}

static void sendfile_counts(struct test *t)
{
	int from, to;

	begin(t);
	touch("f");
	touch("g");
	from = open("f", O_RDWR);
	to = open("g", O_WRONLY);
	EXPECT_RET(t, kcall(SYS_write, from, "hello", 5), 5);
	lseek(from, 0, SEEK_SET);
	watch(t, "f", IN_ACCESS);
	watch(t, "g", IN_MODIFY);
	SKIP_IF(t, kcall(SYS_sendfile, to, from, NULL, 5) == -ENOSYS, "no sendfile");
	EXPECT_TRUE(t, take() >= 2);
	EXPECT_TRUE(t, was_told(2, IN_ACCESS) && was_told(2, IN_MODIFY));
}

static void unmounting_ends_watches(struct test *t)
{
	int nr;

	SKIP_UNLESS_GUEST(t);
	begin(t);
	REQUIRE(t, !mkdir("m", 0700) && !mount("x", "m", "tmpfs", 0, NULL));
	touch("m/f");
	watch(t, "m/f", IN_ATTRIB);
	watch(t, "m", IN_ATTRIB);
	EXPECT_FALSE(t, umount("m"));
	nr = take();
	EXPECT_EQ(t, nr, 4);
	EXPECT_TRUE(t, was_told(nr, IN_UNMOUNT) && was_told(nr, IN_IGNORED));
	EXPECT_TRUE(t, was_told(nr, IN_UNMOUNT | IN_ISDIR));
}

/* What is told of, and in which words. */
static void it_is_told_as_in_linux(struct test *t)
{
	int folder, fd, nr;

	begin(t);
	touch("f");
	touch("g");
	mkdir("d", 0700);
	watch(t, ".", IN_ALL_EVENTS);
	folder = watch(t, "d", IN_MOVE_SELF);
	fd = open("f", O_WRONLY);
	EXPECT_EVENTS(t, "f", IN_OPEN);
	EXPECT_FALSE(t, chown("f", (uid_t)-1, (gid_t)-1));
	EXPECT_EQ(t, take(), 0);
	/* Replaced, it is told of by the name that it had. */
	EXPECT_FALSE(t, rename("g", "f"));
	take();
	EXPECT_EQ(t, write(fd, "x", 1), 1);
	EXPECT_EVENTS(t, "f", IN_MODIFY);
	EXPECT_FALSE(t, rename("d", "e"));
	nr = take();
	EXPECT_EQ(t, nr, 3);
	for (int i = 0; i < nr; i++)
		if (events[i].wd == folder)
			EXPECT_EQ(t, events[i].mask, (unsigned int)IN_MOVE_SELF);
}

static void the_queue_has_an_end(struct test *t)
{
	char buf[4096];
	const struct inotify_event *last = NULL;
	long got, nr = 0;

	SKIP_UNLESS_GUEST(t);
	begin(t);
	touch("f");
	touch("g");
	watch(t, ".", IN_ATTRIB);
	for (int i = 0; i < 10000; i++) {
		chmod("f", 0600);
		chmod("g", 0600);
	}
	while ((got = kcall(SYS_read, instance, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < got; at += (long)(sizeof(*last) + last->len)) {
			last = (const void *)(buf + at);
			nr++;
		}
	}
	EXPECT_EQ(t, nr, 16385);
	EXPECT_EQ(t, last->mask, (unsigned int)IN_Q_OVERFLOW);
	EXPECT_EQ(t, last->wd, -1);
}

static void make_and_remove(void *arg __maybe_unused)
{
	for (unsigned int i = 0; i < rounds(200, 2000); i++) {
		touch("x");
		rename("x", "y");
		unlink("y");
	}
}

/* Watches come and go while names do. */
static void files_and_watches_race(struct test *t)
{
	pid_t pids[2];
	long wd;

	begin(t);
	for (int i = 0; i < 2; i++)
		pids[i] = start_child(t, make_and_remove, NULL);
	for (unsigned int i = 0; i < rounds(500, 5000); i++) {
		wd = kcall(SYS_inotify_add_watch, instance, i % 2 ? "x" : ".", IN_ALL_EVENTS);
		if (wd > 0 && i % 3)
			kcall(SYS_inotify_rm_watch, instance, wd);
		take();
	}
	for (int i = 0; i < 2; i++)
		EXPECT_EXIT(t, wait_for(t, pids[i]), 0);
}

static void errors(struct test *t)
{
	int other = dup(0);
	long fd;

	begin(t);
	touch("f");

	const struct call_row rows[] = {
		CALL(-EINVAL, inotify_init1, 1),
		CALL(-EINVAL, inotify_init1, -1),
		CALL(-EINVAL, inotify_add_watch, NO_FD, BAD_PTR, 0),
		CALL(-EBADF, inotify_add_watch, NO_FD, BAD_PTR, IN_OPEN),
		CALL(-EINVAL, inotify_add_watch, other, PTR("f"), IN_OPEN),
		CALL(-EFAULT, inotify_add_watch, instance, BAD_PTR, IN_OPEN),
		CALL(-ENOENT, inotify_add_watch, instance, PTR("none"), IN_OPEN),
		CALL(-ENOENT, inotify_add_watch, instance, PTR(""), IN_OPEN),
		CALL(-ENOTDIR, inotify_add_watch, instance, PTR("f"), IN_OPEN | IN_ONLYDIR),
		CALL(-EINVAL, inotify_add_watch, instance, PTR("f"),
		     IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE),
		CALL(1, inotify_add_watch, instance, PTR("f"), IN_OPEN | IN_MASK_CREATE),
		CALL(-EEXIST, inotify_add_watch, instance, PTR("f"), IN_OPEN | IN_MASK_CREATE),
		CALL(-EBADF, inotify_rm_watch, NO_FD, 1),
		CALL(-EINVAL, inotify_rm_watch, other, 1),
		CALL(-EINVAL, inotify_rm_watch, instance, 77),
		CALL(-EINVAL, inotify_rm_watch, instance, -1),
		CALL(0, inotify_rm_watch, instance, 1),
		CALL(-EFAULT, read, instance, BAD_PTR, 100),
		CALL(-EBADF, write, instance, PTR("x"), 1),
	};

	EXPECT_CALLS(t, rows);
	fd = kcall(SYS_inotify_init1, IN_CLOEXEC);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	fd = kcall(SYS_inotify_init);
	EXPECT_RET(t, kcall(SYS_fcntl, fd, F_GETFD), 0);
}

static void nobody_watches_what_he_may_not_read(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	begin(t);
	touch("f");
	EXPECT_FALSE(t, chmod("f", 0200));
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_inotify_add_watch, instance, "f", IN_OPEN), -EACCES);
}

static void instances_are_few(struct test *t)
{
	long fd, nr = 0;

	SKIP_UNLESS_GUEST(t);
	while ((fd = kcall(SYS_inotify_init1, 0)) >= 0 && nr < 1000)
		nr++;
	EXPECT_RET(t, fd, -EMFILE);
	EXPECT_EQ(t, nr, 128);
}

SELFTEST_NO_HELPER

static const struct test_case cases[] = {
	TEST_CASE(names_come_and_go),
	TEST_CASE(files_are_used),
	TEST_CASE(both_are_told),
	TEST_CASE(moves_have_cookies),
	TEST_CASE(files_end),
	TEST_CASE(watches_have_numbers),
	TEST_CASE(once_is_once),
	TEST_CASE(unlinked_children_can_be_left_out),
	TEST_CASE(who_waits_is_woken),
	TEST_CASE(sendfile_counts),
	TEST_CASE(unmounting_ends_watches),
	TEST_CASE(it_is_told_as_in_linux),
	TEST_CASE(the_queue_has_an_end),
	TEST_CASE(files_and_watches_race),
	TEST_CASE(errors),
	TEST_CASE(nobody_watches_what_he_may_not_read),
	TEST_CASE(instances_are_few),
};
TEST_SUITE(inotify, cases);
