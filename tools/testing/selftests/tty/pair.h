/* SPDX-License-Identifier: GPL-2.0-only */
/* A pseudo-terminal for a test: what is written to the master was typed at the slave. */
#ifndef SELFTEST_TTY_PAIR_H
#define SELFTEST_TTY_PAIR_H

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "../selftest.h"

struct pair {
	int master, slave;
	unsigned int number;
};

/* A machine of its own may have nothing in /dev yet. */
static inline void prepare_devices(void)
{
	struct stat st;

	if (!in_guest() || !stat("/dev/pts/ptmx", &st))
		return;
	mkdir("/dev", 0755);
	mkdir("/dev/pts", 0755);
	mknod("/dev/ptmx", S_IFCHR | 0666, makedev(5, 2));
	mknod("/dev/tty", S_IFCHR | 0666, makedev(5, 0));
	mount("devpts", "/dev/pts", "devpts", 0, "gid=5,mode=620,ptmxmode=666");
}

static inline int open_master(struct test *t, unsigned int *number)
{
	int master, unlock = 0;

	prepare_devices();
	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	REQUIRE(t, master >= 0);
	REQUIRE(t, !ioctl(master, TIOCGPTN, number));
	REQUIRE(t, !ioctl(master, TIOCSPTLCK, &unlock));
	return master;
}

static inline int open_slave(unsigned int number, int flags)
{
	char name[32];

	snprintf(name, sizeof(name), "/dev/pts/%u", number);
	return open(name, flags);
}

static inline struct pair open_pair(struct test *t)
{
	struct pair pair;

	pair.master = open_master(t, &pair.number);
	pair.slave = open_slave(pair.number, O_RDWR | O_NOCTTY);
	REQUIRE(t, pair.slave >= 0);
	return pair;
}

static inline void close_pair(const struct pair *pair)
{
	close(pair->slave);
	close(pair->master);
}

/* On Linux bytes cross from one end to the other a little later. */
static inline bool wait_readable(int fd, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, timeout_ms) > 0 && poll_fd.revents & POLLIN;
}

#define SOON_MS	 20000 /* for what happens */
#define NEVER_MS 30 /* for what does not */

static inline void type(struct test *t, const struct pair *pair, const char *text)
{
	EXPECT_EQ(t, write(pair->master, text, strlen(text)), (long)strlen(text));
}

/* One read() of @fd as text; "TIMEOUT" if nothing came, the name of an error. */
static inline const char *read_once(int fd, size_t size, int timeout_ms)
{
	static char text[8192];
	ssize_t got;

	if (!wait_readable(fd, timeout_ms))
		return "TIMEOUT";
	got = read(fd, text, size < sizeof(text) ? size : sizeof(text) - 1);
	if (got < 0)
		return strerror(errno);
	text[got] = '\0';
	return text;
}

/* All that comes from @fd until it has been as much as @wanted, or too late. */
static inline const char *read_all(int fd, const char *wanted)
{
	static char text[8192];
	size_t have = 0, len = strlen(wanted);

	while (have < len && wait_readable(fd, SOON_MS)) {
		ssize_t got = read(fd, text + have, sizeof(text) - 1 - have);

		if (got <= 0)
			break;
		have += (size_t)got;
	}
	text[have] = '\0';
	return text;
}

#define EXPECT_READ(t, fd, text)  EXPECT_STREQ(t, read_once(fd, 4096, SOON_MS), text)
#define EXPECT_SHOWN(t, pair, text) EXPECT_STREQ(t, read_all((pair)->master, text), text)

static inline void set_flags(struct test *t, int fd, tcflag_t iflag, tcflag_t oflag, tcflag_t lflag)
{
	struct termios termios;

	REQUIRE(t, !ioctl(fd, TCGETS, &termios));
	termios.c_iflag = iflag;
	termios.c_oflag = oflag;
	termios.c_lflag = lflag;
	REQUIRE(t, !ioctl(fd, TCSETS, &termios));
}

static inline void set_key(struct test *t, int fd, unsigned int which, unsigned char key)
{
	struct termios termios;

	REQUIRE(t, !ioctl(fd, TCGETS, &termios));
	termios.c_cc[which] = key;
	REQUIRE(t, !ioctl(fd, TCSETS, &termios));
}

#define COOKED_LOCAL (ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN)

#endif
