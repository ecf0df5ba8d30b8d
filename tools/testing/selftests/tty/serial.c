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

/* --- flow control, in loopback */

/*
 * The emulated device hears all that it says at once, and has room for 16 bytes: one CPU alone is
 * sure to take them before it says more.
 */
#define SKIP_WITH_CPUS(t) SKIP_IF(t, nr_cpus() > 1, "bytes are lost if two CPUs use the loop")

static long nr_cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

static void begin_loop(struct test *t, int port, tcflag_t iflag, tcflag_t cflag)
{
	set_raw(t, port, iflag, B115200 | cflag);
	REQUIRE(t, !ioctl(port, TCFLSH, TCIOFLUSH));
	change_lines(t, port, TIOCMSET, OURS | TIOCM_LOOP);
}

static void end_loop(struct test *t, int port)
{
	change_lines(t, port, TIOCMSET, OURS);
	set_raw(t, port, 0, B115200);
	close(port);
}

static void port_hears_itself(struct test *t)
{
	int port = open_port();

	SKIP_WITHOUT(t, port);
	SKIP_WITH_CPUS(t);
	begin_loop(t, port, 0, 0);
	EXPECT_EQ(t, write(port, "hello", 5), 5);
	EXPECT_STREQ(t, read_all(port, "hello"), "hello");
	EXPECT_EQ(t, lines_of(t, port) & (TIOCM_CTS | TIOCM_DSR), TIOCM_CTS | TIOCM_DSR);
	end_loop(t, port);
}

/* Linux goes on at the interrupt for CTS, which the emulated device does not have in loopback. */
#define SKIP_UNLESS_CTS_COUNTS(t) SKIP_IF(t, !is_oshit(), "CTS of the loop comes without interrupt")

static void nothing_is_sent_without_cts(struct test *t)
{
	int port = open_port(), nr_unsent = 0;

	SKIP_WITHOUT(t, port);
	SKIP_WITH_CPUS(t);
	SKIP_UNLESS_CTS_COUNTS(t);
	begin_loop(t, port, 0, CRTSCTS);
	change_lines(t, port, TIOCMBIC, TIOCM_RTS);
	EXPECT_EQ(t, write(port, "wait", 4), 4);
	EXPECT_FALSE(t, wait_readable(port, NEVER_MS));
	EXPECT_RET(t, ioctl(port, TIOCOUTQ, &nr_unsent), 0);
	EXPECT_EQ(t, nr_unsent, 4);
	change_lines(t, port, TIOCMBIS, TIOCM_RTS);
	EXPECT_STREQ(t, read_all(port, "wait"), "wait");
	/* And nobody asks for CTS any more. */
	change_lines(t, port, TIOCMBIC, TIOCM_RTS);
	EXPECT_EQ(t, write(port, "go", 2), 2);
	EXPECT_FALSE(t, wait_readable(port, NEVER_MS));
	set_raw(t, port, 0, B115200);
	EXPECT_STREQ(t, read_all(port, "go"), "go");
	end_loop(t, port);
}

#define NR_BYTES 20000 /* more than all queues together have room for */

static void write_many(void *arg)
{
	static char bytes[NR_BYTES];
	size_t done = 0;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i % 251);
	while (done < sizeof(bytes)) {
		ssize_t now = write(*(int *)arg, bytes + done, sizeof(bytes) - done);

		if (now <= 0)
			_exit(STATUS_FAILED);
		done += (size_t)now;
	}
}

/* Who does not read has the other side stop by RTS, and nothing is lost. */
static void rts_holds_who_sends(struct test *t)
{
	int port = open_port();
	unsigned char bytes[512];
	size_t nr = 0, nr_wrong = 0;
	pid_t child;

	SKIP_WITHOUT(t, port);
	SKIP_WITH_CPUS(t);
	SKIP_UNLESS_CTS_COUNTS(t);
	begin_loop(t, port, 0, CRTSCTS);
	child = start_child(t, write_many, &port);
	for (unsigned int ms = 0; ms < SOON_MS && lines_of(t, port) & TIOCM_RTS; ms++)
		sleep_ms(1);
	EXPECT_EQ(t, lines_of(t, port) & TIOCM_RTS, 0);
	while (nr < NR_BYTES && wait_readable(port, SOON_MS)) {
		ssize_t got = read(port, bytes, sizeof(bytes));

		REQUIRE(t, got > 0);
		for (ssize_t i = 0; i < got; i++)
			nr_wrong += bytes[i] != nr++ % 251;
	}
	EXPECT_EQ(t, nr, (size_t)NR_BYTES);
	EXPECT_EQ(t, nr_wrong, 0UL);
	EXPECT_EXIT(t, wait_for(t, child), 0);
	EXPECT_EQ(t, lines_of(t, port) & TIOCM_RTS, TIOCM_RTS);
	end_loop(t, port);
}

#define PIECE_BYTES 15 /* leave room for STOP */
#define SOME_BYTES  (360 * PIECE_BYTES) /* more than is taken without STOP, less than the room */

/* STOP goes out when much waits, START when it has been read; here they come back as bytes. */
static void stop_and_start_are_sent(struct test *t)
{
	int port = open_port(), nr_stops = 0, nr_starts = 0;
	static char bytes[SOME_BYTES];
	size_t nr = 0;

	SKIP_WITHOUT(t, port);
	SKIP_WITH_CPUS(t);
	begin_loop(t, port, IXOFF, 0);
	memset(bytes, 'x', sizeof(bytes));
	/* At a pace at which the queues are emptied one into the other. */
	for (size_t done = 0; done < SOME_BYTES; done += PIECE_BYTES) {
		EXPECT_EQ(t, write(port, bytes, PIECE_BYTES), PIECE_BYTES);
		EXPECT_RET(t, ioctl(port, TCSBRK, 1), 0);
		sleep_ms(1);
	}
	while ((nr < SOME_BYTES || !nr_starts) && wait_readable(port, SOON_MS)) {
		ssize_t got = read(port, bytes, sizeof(bytes));

		REQUIRE(t, got > 0);
		for (ssize_t i = 0; i < got; i++) {
			nr += bytes[i] == 'x';
			nr_stops += bytes[i] == '\023';
			nr_starts += bytes[i] == '\021' && nr_stops;
		}
	}
	EXPECT_EQ(t, nr, (size_t)SOME_BYTES);
	EXPECT_EQ(t, nr_stops, 1);
	EXPECT_EQ(t, nr_starts, 1);
	end_loop(t, port);
}

static const struct test_case serial_cases[] = {
	TEST_CASE(settings_leave_lines_as_they_are),
	TEST_CASE(lines_change_one_by_one),
	TEST_CASE(port_hears_itself),
	TEST_CASE(nothing_is_sent_without_cts),
	TEST_CASE(rts_holds_who_sends),
	TEST_CASE(stop_and_start_are_sent),
};
TEST_SUITE(serial, serial_cases);
