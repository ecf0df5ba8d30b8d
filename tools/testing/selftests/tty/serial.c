/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A serial port: its lines, and flow control in both directions.  The port is ttyS1, of a machine
 * that has one for this, and hears what it says itself (TIOCM_LOOP): RTS is CTS, DTR is DSR.
 */
#include "pair.h"

SELFTEST_NO_HELPER

/* -1: there is none. */
static int open_port(void)
{
	int port, lines;

	if (!in_guest())
		return -1;
	mkdir("/dev", 0755);
	mknod("/dev/ttyS1", S_IFCHR | 0600, makedev(4, 65));
	port = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (port < 0 || ioctl(port, TIOCMGET, &lines))
		return -1;
	fcntl(port, F_SETFL, 0);
	return port;
}

#define SKIP_WITHOUT(t, port) SKIP_IF(t, (port) < 0, "needs a machine with a second serial port")

static void set_raw(struct test *t, int port, tcflag_t iflag, tcflag_t cflag)
{
	struct termios termios;

	REQUIRE(t, !ioctl(port, TCGETS, &termios));
	termios.c_iflag = iflag;
	termios.c_oflag = 0;
	termios.c_lflag = 0;
	termios.c_cflag = CS8 | CREAD | CLOCAL | cflag;
	termios.c_cc[VMIN] = 1;
	termios.c_cc[VTIME] = 0;
	REQUIRE(t, !ioctl(port, TCSETS, &termios));
}

static int lines_of(struct test *t, int port)
{
	int lines = 0;

	REQUIRE(t, !ioctl(port, TIOCMGET, &lines));
	return lines;
}

static void change_lines(struct test *t, int port, unsigned int how, int lines)
{
	REQUIRE(t, !ioctl(port, how, &lines));
}

#define OURS (TIOCM_DTR | TIOCM_RTS)

/* --- lines */

static void settings_leave_lines_as_they_are(struct test *t)
{
	int port = open_port();

	SKIP_WITHOUT(t, port);
	change_lines(t, port, TIOCMBIS, OURS);
	change_lines(t, port, TIOCMBIC, TIOCM_DTR);
	EXPECT_EQ(t, lines_of(t, port) & OURS, TIOCM_RTS);
	set_raw(t, port, 0, B9600);
	EXPECT_EQ(t, lines_of(t, port) & OURS, TIOCM_RTS);
	/* But a rate of 0 hangs up, and another one takes off again. */
	set_raw(t, port, 0, B0);
	EXPECT_EQ(t, lines_of(t, port) & OURS, 0);
	set_raw(t, port, 0, B115200);
	EXPECT_EQ(t, lines_of(t, port) & OURS, OURS);
}

static void toggle_dtr(void *arg)
{
	int port = *(int *)arg, line = TIOCM_DTR;

	for (;;) {
		ioctl(port, TIOCMBIS, &line);
		ioctl(port, TIOCMBIC, &line);
	}
}

/* Who changes one line does not set back what another has done to a second one. */
static void lines_change_one_by_one(struct test *t)
{
	int port = open_port();
	unsigned int nr_lost = 0;
	pid_t child;

	SKIP_WITHOUT(t, port);
	child = start_child(t, toggle_dtr, &port);
	for (unsigned int i = 0; i < 20000; i++) {
		change_lines(t, port, i % 2 ? TIOCMBIS : TIOCMBIC, TIOCM_RTS);
		nr_lost += !!(lines_of(t, port) & TIOCM_RTS) != i % 2;
	}
	EXPECT_EQ(t, nr_lost, 0U);
	kill(child, SIGKILL);
	EXPECT_KILLED(t, wait_for(t, child), SIGKILL);
	change_lines(t, port, TIOCMBIS, OURS);
}

static const struct test_case serial_cases[] = {
	TEST_CASE(settings_leave_lines_as_they_are),
	TEST_CASE(lines_change_one_by_one),
};
TEST_SUITE(serial, serial_cases);
