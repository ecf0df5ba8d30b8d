/* SPDX-License-Identifier: GPL-2.0-only */
/* Pseudo-terminals: the ends, their names, locks, packets, and what is left when one goes. */
#include <sys/prctl.h>

#include "pair.h"

SELFTEST_NO_HELPER

#define PACKET_FLUSHREAD  1
#define PACKET_FLUSHWRITE 2
#define PACKET_STOP	  4
#define PACKET_START	  8

static void slave_is_locked_until_it_is_unlocked(struct test *t)
{
	int on = 1, state = -1;
	unsigned int number;
	int master = open_master(t, &number), slave;

	EXPECT_RET(t, ioctl(master, TIOCSPTLCK, &on), 0);
	EXPECT_RET(t, ioctl(master, TIOCGPTLCK, &state), 0);
	EXPECT_EQ(t, state, 1);
	slave = open_slave(number, O_RDWR | O_NOCTTY);
	EXPECT_EQ(t, slave, -1);
	EXPECT_EQ(t, errno, EIO);
	on = 0;
	EXPECT_RET(t, ioctl(master, TIOCSPTLCK, &on), 0);
	slave = open_slave(number, O_RDWR | O_NOCTTY);
	EXPECT_GE(t, slave, 0);
	/* Once more, while it is open. */
	on = 1;
	EXPECT_RET(t, ioctl(master, TIOCSPTLCK, &on), 0);
	EXPECT_EQ(t, open_slave(number, O_RDWR | O_NOCTTY), -1);
	EXPECT_EQ(t, errno, EIO);
	EXPECT_RET(t, kcall(SYS_ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY), -EIO);
	close(slave);
	close(master);
}

static void node_comes_and_goes_with_the_master(struct test *t)
{
	struct pair pair = open_pair(t), other = open_pair(t);
	struct stat st, by_file;
	char name[32];

	EXPECT_NE(t, pair.number, other.number);
	snprintf(name, sizeof(name), "/dev/pts/%u", pair.number);
	REQUIRE(t, !stat(name, &st));
	EXPECT_TRUE(t, S_ISCHR(st.st_mode));
	EXPECT_EQ(t, st.st_uid, geteuid());
	EXPECT_EQ(t, major(st.st_rdev), 136);
	EXPECT_EQ(t, minor(st.st_rdev), pair.number);
	REQUIRE(t, !fstat(pair.slave, &by_file));
	EXPECT_EQ(t, by_file.st_ino, st.st_ino);
	/* As a login gives it to who logs in. */
	EXPECT_RET(t, kcall(SYS_fchmod, pair.slave, 0640), 0);
	EXPECT_RET(t, kcall(SYS_chown, name, geteuid(), getegid()), 0);
	REQUIRE(t, !stat(name, &st));
	EXPECT_EQ(t, st.st_mode & 07777, 0640);
	EXPECT_EQ(t, st.st_gid, getegid());
	close(pair.master);
	EXPECT_EQ(t, stat(name, &st), -1);
	EXPECT_EQ(t, errno, ENOENT);
	close(pair.slave);
	close_pair(&other);
}

static void nodes_are_made_by_nobody_else(struct test *t)
{
	SKIP_UNLESS_ROOT(t);
	prepare_devices();
	EXPECT_RET(t, kcall(SYS_mknod, "/dev/pts/x", S_IFCHR | 0600, makedev(1, 3)), -EPERM);
	EXPECT_RET(t, kcall(SYS_mkdir, "/dev/pts/x", 0700), -EPERM);
	EXPECT_RET(t, kcall(SYS_unlink, "/dev/pts/ptmx"), -EPERM);
	EXPECT_RET(t, kcall(SYS_open, "/dev/pts/x", O_CREAT | O_RDWR, 0600), -EACCES);
	EXPECT_RET(t, kcall(SYS_open, "/dev/pts/00", O_RDWR), -ENOENT);
}

static void closed_master_hangs_the_slave_up(struct test *t)
{
	struct pair pair = open_pair(t);
	struct pollfd poll_fd = { .fd = pair.slave, .events = POLLIN | POLLOUT };
	struct termios termios;
	char c;

	type(t, &pair, "unread\n");
	close(pair.master);
	EXPECT_RET(t, kcall(SYS_read, pair.slave, &c, 1), 0);
	EXPECT_RET(t, kcall(SYS_write, pair.slave, "x", 1), -EIO);
	EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, TCGETS, &termios), -EIO);
	EXPECT_EQ(t, poll(&poll_fd, 1, 0), 1);
	EXPECT_EQ(t, poll_fd.revents, POLLIN | POLLOUT | POLLERR | POLLHUP);
	close(pair.slave);
}

/* What a child, who began to read @ms before, got at the end of the master: 0 or an error. */
static int end_of_read_at_close(struct test *t, unsigned int ms)
{
	struct pair pair = open_pair(t);
	pid_t child = fork();
	int status;
	char c;

	REQUIRE(t, child >= 0);
	if (!child) {
		close(pair.master);
		_exit(read(pair.slave, &c, 1) < 0 ? errno : 0);
	}
	sleep_ms(ms);
	close_pair(&pair);
	status = wait_for(t, child);
	EXPECT_TRUE(t, WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Who comes too late for that, as he had no processor, finds the end of the file. */
static void closed_master_ends_a_read_that_waits(struct test *t)
{
	int end = 0;

	for (unsigned int ms = 30; ms < 5000 && end == 0; ms *= 2)
		end = end_of_read_at_close(t, ms);
	EXPECT_EQ(t, end, EIO);
}

static void closed_slave_is_an_error_until_it_is_opened(struct test *t)
{
	struct pair pair = open_pair(t);
	struct pollfd poll_fd = { .fd = pair.master, .events = POLLIN };
	char bytes[8];

	set_flags(t, pair.slave, ICRNL, OPOST, ICANON);
	EXPECT_RET(t, kcall(SYS_write, pair.slave, "last", 4), 4);
	close(pair.slave);
	EXPECT_STREQ(t, read_all(pair.master, "last"), "last");
	EXPECT_RET(t, kcall(SYS_read, pair.master, bytes, 8), -EIO);
	EXPECT_EQ(t, poll(&poll_fd, 1, 0), 1);
	EXPECT_TRUE(t, poll_fd.revents & POLLHUP);
	/* What is typed waits for who opens it next. */
	EXPECT_RET(t, kcall(SYS_write, pair.master, "x", 1), 1);
	pair.slave = open_slave(pair.number, O_RDWR | O_NOCTTY);
	REQUIRE(t, pair.slave >= 0);
	fcntl(pair.master, F_SETFL, O_NONBLOCK);
	EXPECT_RET(t, kcall(SYS_read, pair.master, bytes, 8), -EAGAIN);
	EXPECT_RET(t, kcall(SYS_write, pair.slave, "again", 5), 5);
	EXPECT_SHOWN(t, &pair, "again");
	type(t, &pair, "y\n");
	EXPECT_READ(t, pair.slave, "xy\n");
	close_pair(&pair);
}

static bool is_writable(int fd, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };

	return poll(&poll_fd, 1, timeout_ms) > 0 && poll_fd.revents & POLLOUT;
}

/* What takes a place and is no byte makes room, too, for who waits to type. */
static void ends_of_file_make_room(struct test *t)
{
	struct pair pair = open_pair(t);
	unsigned int nr = 0, nr_read = 0;
	char c;

	set_flags(t, pair.slave, 0, 0, ICANON);
	fcntl(pair.master, F_SETFL, O_NONBLOCK);
	while (nr < 1000000 && write(pair.master, "\004", 1) == 1)
		nr++;
	EXPECT_TRUE(t, nr >= 1000 && nr < 1000000);
	while (nr_read < nr && wait_readable(pair.slave, SOON_MS) && !read(pair.slave, &c, 1))
		nr_read++;
	EXPECT_EQ(t, nr_read, nr);
	EXPECT_TRUE(t, is_writable(pair.master, SOON_MS));
	close_pair(&pair);
}

static void type_for_ever(void *arg)
{
	static const char bytes[65536];
	const struct pair *pair = arg;

	while (write(pair->master, bytes, sizeof(bytes)) > 0)
		;
}

static void ring(int sig __maybe_unused)
{
}

/* Not even for the end of another write(), which waits for a reader. */
static void write_does_not_wait_that_is_not_to(struct test *t)
{
	struct pair pair = open_pair(t);
	struct sigaction action = { .sa_handler = ring };
	pid_t child;

	set_flags(t, pair.slave, 0, 0, 0);
	child = start_child(t, type_for_ever, &pair);
	for (unsigned int ms = 0; ms < SOON_MS && is_writable(pair.master, 0); ms++)
		sleep_ms(1);
	EXPECT_TRUE(t, !is_writable(pair.master, 100));
	fcntl(pair.master, F_SETFL, O_NONBLOCK);
	sigaction(SIGALRM, &action, NULL);
	alarm(SOON_MS / 1000);
	EXPECT_RET(t, kcall(SYS_write, pair.master, "x", 1), -EAGAIN);
	alarm(0);
	kill(child, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, child), SIGKILL);
	close_pair(&pair);
}

static void read_the_end(void *master)
{
	char c;

	if (read(*(int *)master, &c, 1))
		_exit(STATUS_FAILED);
}

/* It is of no use any more, but there, and so is the slave. */
static void master_can_be_hung_up(struct test *t)
{
	short all = POLLIN | POLLOUT | POLLERR | POLLHUP;
	struct pair pair = open_pair(t);
	struct pollfd polled = { .fd = pair.master, .events = POLLIN | POLLOUT };
	int value = -1;
	pid_t reader;
	char c;

	SKIP_UNLESS_ROOT(t);
	reader = start_child(t, read_the_end, &pair.master);
	sleep_ms(20); /* it waits by then, or finds the end at once */
	EXPECT_RET(t, kcall(SYS_ioctl, pair.master, TIOCVHANGUP, 0), 0);
	EXPECT_EXIT(t, wait_for(t, reader), 0);
	EXPECT_RET(t, kcall(SYS_read, pair.master, &c, 1), 0);
	EXPECT_RET(t, kcall(SYS_write, pair.master, "x", 1), -EIO);
	EXPECT_RET(t, kcall(SYS_ioctl, pair.master, TIOCGPTN, &value), -EIO);
	EXPECT_RET(t, kcall(SYS_poll, &polled, 1, 0), 1);
	EXPECT_EQ(t, polled.revents, all);
	EXPECT_RET(t, kcall(SYS_write, pair.slave, "x", 1), 1);
	value = open_slave(pair.number, O_RDWR | O_NOCTTY);
	EXPECT_GE(t, value, 0);
	close(value);
	close(pair.master);
	EXPECT_RET(t, kcall(SYS_write, pair.slave, "x", 1), -EIO);
	EXPECT_EQ(t, open_slave(pair.number, O_RDWR | O_NOCTTY), -1);
	close(pair.slave);
}

static void settings_live_as_long_as_the_pair(struct test *t)
{
	struct pair pair = open_pair(t);
	struct termios termios;

	set_key(t, pair.slave, VINTR, 'i');
	close(pair.slave);
	pair.slave = open_slave(pair.number, O_RDWR | O_NOCTTY);
	REQUIRE(t, pair.slave >= 0);
	EXPECT_RET(t, ioctl(pair.master, TCGETS, &termios), 0);
	EXPECT_EQ(t, termios.c_cc[VINTR], 'i');
	close_pair(&pair);
}

static void packets_tell_what_happens(struct test *t)
{
	struct pair pair = open_pair(t);
	struct pollfd poll_fd = { .fd = pair.master, .events = POLLIN | POLLPRI };
	char bytes[16];
	int on = 1;

	EXPECT_RET(t, ioctl(pair.master, TIOCPKT, &on), 0);
	on = 0;
	EXPECT_RET(t, ioctl(pair.master, TIOCGPKT, &on), 0);
	EXPECT_EQ(t, on, 1);
	EXPECT_EQ(t, write(pair.slave, "data", 4), 4);
	EXPECT_TRUE(t, wait_readable(pair.master, SOON_MS));
	EXPECT_RET(t, kcall(SYS_read, pair.master, bytes, sizeof(bytes)), 5);
	EXPECT_TRUE(t, !memcmp(bytes, "\0data", 5));
	EXPECT_RET(t, ioctl(pair.slave, TCXONC, TCOOFF), 0);
	EXPECT_EQ(t, poll(&poll_fd, 1, 0), 1);
	EXPECT_TRUE(t, poll_fd.revents & POLLPRI);
	EXPECT_RET(t, kcall(SYS_read, pair.master, bytes, sizeof(bytes)), 1);
	EXPECT_EQ(t, bytes[0], PACKET_STOP);
	EXPECT_RET(t, ioctl(pair.slave, TCXONC, TCOON), 0);
	EXPECT_RET(t, kcall(SYS_read, pair.master, bytes, sizeof(bytes)), 1);
	EXPECT_EQ(t, bytes[0], PACKET_START);
	EXPECT_RET(t, ioctl(pair.slave, TCFLSH, TCIOFLUSH), 0);
	EXPECT_RET(t, kcall(SYS_read, pair.master, bytes, sizeof(bytes)), 1);
	EXPECT_EQ(t, bytes[0], PACKET_FLUSHREAD | PACKET_FLUSHWRITE);
	close_pair(&pair);
}

static void window_has_one_size_at_both_ends(struct test *t)
{
	struct pair pair = open_pair(t);
	struct winsize size = { .ws_row = 24, .ws_col = 80 }, back = { 0 };

	EXPECT_RET(t, ioctl(pair.master, TIOCSWINSZ, &size), 0);
	EXPECT_RET(t, ioctl(pair.slave, TIOCGWINSZ, &back), 0);
	EXPECT_EQ(t, back.ws_row, 24);
	EXPECT_EQ(t, back.ws_col, 80);
	close_pair(&pair);
}

static void peer_is_opened_without_its_name(struct test *t)
{
	unsigned int number;
	int master = open_master(t, &number);
	int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);

	EXPECT_GE(t, slave, 0);
	EXPECT_EQ(t, fcntl(slave, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(t, write(slave, "peer", 4), 4);
	EXPECT_STREQ(t, read_all(master, "peer"), "peer");
	close(slave);
	close(master);
}

static void exclusive_use_is_for_others(struct test *t)
{
	struct pair pair = open_pair(t);
	int is_exclusive = -1, other;

	EXPECT_RET(t, ioctl(pair.slave, TIOCEXCL, 0), 0);
	EXPECT_RET(t, ioctl(pair.slave, TIOCGEXCL, &is_exclusive), 0);
	EXPECT_EQ(t, is_exclusive, 1);
	/* Root is none of the others. */
	other = open_slave(pair.number, O_RDWR | O_NOCTTY);
	if (is_root()) {
		EXPECT_GE(t, other, 0);
	} else {
		EXPECT_EQ(t, other, -1);
		EXPECT_EQ(t, errno, EBUSY);
	}
	EXPECT_RET(t, ioctl(pair.slave, TIOCNXCL, 0), 0);
	close_pair(&pair);
}

/* Whether /proc/mounts shows @folder with @options. */
static bool shows_options(const char *folder, const char *options)
{
	FILE *mounts = fopen("/proc/self/mounts", "r");
	char line[512], end[128];
	bool shows = false;

	snprintf(end, sizeof(end), ",%s 0 0\n", options);
	while (mounts && fgets(line, sizeof(line), mounts))
		if (strstr(line, folder) && strlen(line) > strlen(end))
			shows = !strcmp(line + strlen(line) - strlen(end), end);
	if (mounts)
		fclose(mounts);
	return shows;
}

static void devpts_is_remounted(struct test *t)
{
	char folder[] = "/tmp/selftest-remount";
	char ptmx[64], name[64];
	struct stat st;
	int master, other;

	SKIP_UNLESS_GUEST(t);
	prepare_devices();
	mkdir("/tmp", 0777);
	REQUIRE(t, !mkdir(folder, 0700));
	snprintf(ptmx, sizeof(ptmx), "%s/ptmx", folder);
	REQUIRE(t, !mount("x", folder, "devpts", 0, "max=1,gid=7,mode=640"));
	EXPECT_TRUE(t, shows_options(folder, "gid=7,mode=640,ptmxmode=000,max=1"));
	master = open(ptmx, O_RDWR | O_NOCTTY);
	REQUIRE(t, master >= 0);
	EXPECT_RET(t, kcall(SYS_mount, 0, folder, 0, MS_REMOUNT, "max=-1"), -EINVAL);
	EXPECT_RET(t, kcall(SYS_mount, 0, folder, 0, MS_REMOUNT, "max=2000000"), -EINVAL);
	EXPECT_RET(t, kcall(SYS_mount, 0, folder, 0, MS_REMOUNT, "uid=3,ptmxmode=666,max=9999"), 0);
	EXPECT_TRUE(t, shows_options(folder, "uid=3,mode=600,ptmxmode=666,max=9999"));
	REQUIRE(t, !stat(ptmx, &st));
	EXPECT_EQ(t, st.st_mode, S_IFCHR | 0666);
	other = open(ptmx, O_RDWR | O_NOCTTY);
	REQUIRE(t, other >= 0);
	snprintf(name, sizeof(name), "%s/1", folder);
	REQUIRE(t, !stat(name, &st));
	EXPECT_EQ(t, st.st_uid, 3);
	EXPECT_EQ(t, st.st_gid, 0);
	EXPECT_EQ(t, st.st_mode, S_IFCHR | 0600);
	snprintf(name, sizeof(name), "%s/0", folder);
	REQUIRE(t, !stat(name, &st));
	EXPECT_EQ(t, st.st_gid, 7);
	close(master);
	close(other);
	EXPECT_EQ(t, umount(folder), 0);
	rmdir(folder);
}

static void devpts_mounts_are_separate(struct test *t)
{
	char folder[] = "/tmp/selftest-devpts";
	char name[64];
	struct stat st;
	int master;
	unsigned int number = 99;

	SKIP_UNLESS_GUEST(t);
	prepare_devices();
	mkdir("/tmp", 0777);
	REQUIRE(t, !mkdir(folder, 0700));
	EXPECT_RET(t, kcall(SYS_mount, "x", folder, "devpts", 0, "mode=banana"), -EINVAL);
	EXPECT_RET(t, kcall(SYS_mount, "x", folder, "devpts", 0, "what=1"), -EINVAL);
	REQUIRE(t, !mount("x", folder, "devpts", 0, "mode=640,gid=7,ptmxmode=600,max=1"));
	snprintf(name, sizeof(name), "%s/ptmx", folder);
	REQUIRE(t, !stat(name, &st));
	EXPECT_EQ(t, st.st_mode, S_IFCHR | 0600);
	EXPECT_EQ(t, st.st_rdev, makedev(5, 2));
	master = open(name, O_RDWR | O_NOCTTY);
	REQUIRE(t, master >= 0);
	EXPECT_RET(t, ioctl(master, TIOCGPTN, &number), 0);
	EXPECT_EQ(t, number, 0);
	EXPECT_EQ(t, open(name, O_RDWR | O_NOCTTY), -1);
	EXPECT_EQ(t, errno, ENOSPC);
	snprintf(name, sizeof(name), "%s/0", folder);
	REQUIRE(t, !stat(name, &st));
	EXPECT_EQ(t, st.st_mode, S_IFCHR | 0640);
	EXPECT_EQ(t, st.st_gid, 7);
	close(master);
	EXPECT_EQ(t, stat(name, &st), -1);
	EXPECT_EQ(t, umount(folder), 0);
	rmdir(folder);
}

static void numbers_are_used_again(struct test *t)
{
	struct pair a = open_pair(t), b = open_pair(t), again;

	SKIP_UNLESS_GUEST(t);
	close_pair(&a);
	again = open_pair(t);
	EXPECT_EQ(t, again.number, a.number);
	close_pair(&again);
	close_pair(&b);
}

static bool is_no_memory(long result)
{
	return result == -ENOMEM || result == -ENFILE;
}

/* As process/no_memory: what cannot be had says so, and nothing is lost. */
static void pairs_are_made_without_memory(struct test *t)
{
	struct pair warm = open_pair(t);
	int unlock = 0, number;
	char name[32];

	REQUIRE(t, !prctl(PR_SET_NAME, "fail_alloc"));
	for (int i = 0; i < 300; i++) {
		long master = kcall(SYS_open, "/dev/ptmx", O_RDWR | O_NOCTTY), slave;

		if (master < 0) {
			EXPECT_TRUE(t, is_no_memory(master));
			continue;
		}
		EXPECT_RET(t, kcall(SYS_ioctl, master, TIOCSPTLCK, &unlock), 0);
		EXPECT_RET(t, kcall(SYS_ioctl, master, TIOCGPTN, &number), 0);
		snprintf(name, sizeof(name), "/dev/pts/%d", number);
		slave = kcall(SYS_open, name, O_RDWR | O_NOCTTY);
		EXPECT_TRUE(t, slave >= 0 || is_no_memory(slave));
		if (slave >= 0)
			EXPECT_RET(t, kcall(SYS_write, slave, "x", 1), 1);
		kcall(SYS_close, slave);
		EXPECT_RET(t, kcall(SYS_close, master), 0);
	}
	prctl(PR_SET_NAME, "pty");
	type(t, &warm, "still here\n");
	EXPECT_READ(t, warm.slave, "still here\n");
	close_pair(&warm);
}

static const struct test_case pty_cases[] = {
	TEST_CASE(slave_is_locked_until_it_is_unlocked),
	TEST_CASE(node_comes_and_goes_with_the_master),
	TEST_CASE(nodes_are_made_by_nobody_else),
	TEST_CASE(closed_master_hangs_the_slave_up),
	TEST_CASE(closed_master_ends_a_read_that_waits),
	TEST_CASE(closed_slave_is_an_error_until_it_is_opened),
	TEST_CASE(ends_of_file_make_room),
	TEST_CASE(write_does_not_wait_that_is_not_to),
	TEST_CASE(master_can_be_hung_up),
	TEST_CASE(settings_live_as_long_as_the_pair),
	TEST_CASE(packets_tell_what_happens),
	TEST_CASE(window_has_one_size_at_both_ends),
	TEST_CASE(peer_is_opened_without_its_name),
	TEST_CASE(exclusive_use_is_for_others),
	TEST_CASE(devpts_mounts_are_separate),
	TEST_CASE(devpts_is_remounted),
	TEST_CASE(numbers_are_used_again),
	TEST_CASE(pairs_are_made_without_memory),
};
TEST_SUITE(pty, pty_cases);
