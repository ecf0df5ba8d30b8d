/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Terminals that are used, changed and ended by several processes and threads at the same time.
 * What is asked for: no crash, no call that never returns, no other error than those that an end
 * explains.
 */
#include <pthread.h>

#include "pair.h"

SELFTEST_NO_HELPER

static bool is_end(long result)
{
	return result >= 0 || errno == EIO || errno == EAGAIN || errno == ENOTTY ||
	       errno == EINTR || errno == ENXIO;
}

/* A login that writes, reads and sets until it is hung up. */
static void be_login(const struct pair *pair, unsigned int seed)
{
	struct termios termios;
	char bytes[256];
	int slave, on = 0;

	setsid();
	close(pair->master);
	close(pair->slave);
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	slave = open_slave(pair->number, O_RDWR | O_NONBLOCK);
	if (slave < 0)
		_exit(errno == EIO || errno == ENOENT ? 0 : 1);
	for (;;) {
		long result = 0;

		switch (next_random(&seed) % 8) {
		case 0:
		case 1:
			result = write(slave, "some text\tand more\n", 19);
			break;
		case 2:
		case 3:
			result = read(slave, bytes, sizeof(bytes));
			if (!result)
				_exit(0); /* hung up, or an end of file was typed */
			break;
		case 4:
			result = ioctl(slave, TCGETS, &termios);
			termios.c_lflag ^= next_random(&seed) & (ECHO | ICANON | NOFLSH);
			if (!result)
				result = ioctl(slave, TCSETS, &termios);
			break;
		case 5:
			result = ioctl(slave, TCFLSH, TCIOFLUSH);
			break;
		case 6:
			result = ioctl(slave, FIONREAD, &on);
			break;
		default:
			result = ioctl(slave, TIOCGPGRP, &on);
			break;
		}
		if (!is_end(result))
			_exit(2);
		if (result < 0 && errno == EIO)
			_exit(0);
	}
}

static void type_at_random(int master, unsigned int seed, unsigned int nr)
{
	static const char keys[] = "abc \t\n\r\003\004\177\025\027\022\026\023\021\034";
	char bytes[512];

	fcntl(master, F_SETFL, O_NONBLOCK);
	while (nr--) {
		char text[8];
		unsigned int len = 1 + next_random(&seed) % sizeof(text);

		for (unsigned int i = 0; i < len; i++)
			text[i] = keys[next_random(&seed) % (sizeof(keys) - 1)];
		(void)!write(master, text, len);
		(void)!read(master, bytes, sizeof(bytes));
	}
}

static void logins_are_cut_off_while_they_work(struct test *t)
{
	unsigned int seed = 12345;

	for (unsigned int round = 0; round < rounds(20, 60); round++) {
		struct pair pair = open_pair(t);
		pid_t child = fork();
		int status;

		REQUIRE(t, child >= 0);
		if (!child)
			be_login(&pair, next_random(&seed));
		close(pair.slave);
		type_at_random(pair.master, next_random(&seed), next_random(&seed) % 200);
		close(pair.master);
		status = wait_for(t, child);
		EXPECT_TRUE(t, (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
				       (WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP));
	}
}

static unsigned int shared_number;
static volatile int is_over;

static void *open_and_close(void *arg)
{
	struct test *t = arg;

	while (!is_over) {
		int slave = open_slave(shared_number, O_RDWR | O_NOCTTY | O_NONBLOCK);
		char c;

		if (slave < 0) {
			EXPECT_TRUE(t, errno == EIO || errno == ENOENT);
			continue;
		}
		(void)!write(slave, "x", 1);
		(void)!read(slave, &c, 1);
		close(slave);
	}
	return NULL;
}

static void slaves_are_opened_while_the_master_goes(struct test *t)
{
	pthread_t threads[3];
	unsigned int nr = rounds(50, 300);

	REQUIRE(t, !close(open_master(t, &shared_number)));
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		REQUIRE(t, !pthread_create(&threads[i], NULL, open_and_close, t));
	while (nr--) {
		char bytes[64];
		int master = open_master(t, &shared_number);

		fcntl(master, F_SETFL, O_NONBLOCK);
		(void)!write(master, "y\n", 2);
		(void)!read(master, bytes, sizeof(bytes));
		close(master);
	}
	is_over = true;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
}

static long nr_read;

static void *read_until_the_end(void *arg)
{
	const struct pair *pair = arg;
	char bytes[64];
	long got;

	while ((got = read(pair->slave, bytes, sizeof(bytes))) > 0)
		__atomic_add_fetch(&nr_read, got, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Readers share what comes: each byte is read by one of them. */
static void readers_share_and_all_end(struct test *t)
{
	const long nr = 5000;
	struct pair pair = open_pair(t);
	pthread_t threads[3];

	set_flags(t, pair.slave, 0, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		REQUIRE(t, !pthread_create(&threads[i], NULL, read_until_the_end, &pair));
	for (long i = 0; i < nr; i++)
		REQUIRE(t, write(pair.master, "z", 1) == 1);
	for (unsigned int ms = 0; __atomic_load_n(&nr_read, __ATOMIC_SEQ_CST) < nr; ms++) {
		REQUIRE(t, ms < 10 * SOON_MS);
		sleep_ms(1);
	}
	close(pair.master);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(t, nr_read, nr);
	close(pair.slave);
}

static void *type_lines(void *arg)
{
	const struct pair *pair = arg;

	for (int i = 0; i < 500; i++)
		(void)!write(pair->master, "a line\n", 7);
	return NULL;
}

/* While the mode changes no byte is lost or doubled, as long as nothing is flushed. */
static void mode_changes_while_lines_come(struct test *t)
{
	struct pair pair = open_pair(t);
	pthread_t thread;
	long total = 0;
	bool is_raw = false;

	set_flags(t, pair.slave, 0, 0, ICANON);
	REQUIRE(t, !pthread_create(&thread, NULL, type_lines, &pair));
	while (total < 500 * 7) {
		char bytes[128];
		long got = read(pair.slave, bytes, sizeof(bytes));

		REQUIRE(t, got > 0);
		total += got;
		is_raw = !is_raw;
		set_flags(t, pair.slave, 0, 0, is_raw ? 0 : ICANON);
	}
	pthread_join(thread, NULL);
	EXPECT_EQ(t, total, 500 * 7);
	close_pair(&pair);
}

/* A hung-up reader ends: what is typed then is for who has opened the terminal anew. */
static void read_to_the_end(void *arg)
{
	char byte;

	if (read(*(int *)arg, &byte, 1) > 0)
		_exit(STATUS_FAILED);
}

static void hung_up_readers_get_nothing(struct test *t)
{
	struct pair pair = open_pair(t);
	pid_t reader;

	SKIP_UNLESS_GUEST(t);
	for (int round = 0; round < 20; round++) {
		reader = start_child(t, read_to_the_end, &pair.slave);
		sleep_ms(20); /* it waits by then, or else it is no test of this */
		EXPECT_RET(t, ioctl(pair.slave, TIOCVHANGUP, 0), 0);
		close(pair.slave);
		pair.slave = open_slave(pair.number, O_RDWR | O_NOCTTY);
		REQUIRE(t, pair.slave >= 0);
		type(t, &pair, "x\n");
		EXPECT_STREQ(t, read_once(pair.slave, 8, SOON_MS), "x\n");
		EXPECT_EXIT(t, wait_for(t, reader), 0);
	}
	close_pair(&pair);
}

/*
 * Records that are written while others flush.  Each byte tells its place in the record, so one
 * that a flush has torn is found, and the number comes twice, so one of two halves is.
 */
#define RECORD_BYTES 8
#define HALF_BITS    20

static void make_record(unsigned char *record, unsigned long number)
{
	unsigned long bits = number << HALF_BITS | (~number & ((1UL << HALF_BITS) - 1));

	for (unsigned int i = 0; i < RECORD_BYTES; i++)
		record[i] = (unsigned char)(i << 5 | (bits >> 5 * i & 31));
}

/* -1: it is torn. */
static long number_of(const unsigned char *record)
{
	unsigned long bits = 0, number;

	for (unsigned int i = 0; i < RECORD_BYTES; i++) {
		if (record[i] >> 5 != i)
			return -1;
		bits |= (record[i] & 31UL) << 5 * i;
	}
	number = bits >> HALF_BITS;
	return (~number & ((1UL << HALF_BITS) - 1)) == (bits & ((1UL << HALF_BITS) - 1))
		       ? (long)number
		       : -1;
}

static void write_records(void *arg)
{
	const struct pair *pair = arg;
	unsigned char records[64][RECORD_BYTES];
	unsigned long number = 1;

	close(pair->master);
	for (;;) {
		for (unsigned int i = 0; i < ARRAY_SIZE(records); i++)
			make_record(records[i], number++ % (1UL << HALF_BITS));
		if (write(pair->slave, records, sizeof(records)) < 0)
			_exit(0);
	}
}

static void flush_again(void *arg)
{
	const struct pair *pair = arg;

	close(pair->master);
	while (!ioctl(pair->slave, TCFLSH, TCOFLUSH))
		usleep(50);
}

/* How many records of @bytes are not behind the one before, *@last. */
static unsigned int nr_wrong(const unsigned char *bytes, long len, long *last)
{
	unsigned int nr = 0;

	for (long at = 0; at + RECORD_BYTES <= len; at++) {
		long number = number_of(bytes + at);

		if (number < 0)
			continue;
		nr += number <= *last && *last - number < 1L << (HALF_BITS - 1);
		*last = number;
	}
	return nr;
}

static void what_is_flushed_does_not_come_back(struct test *t)
{
	struct pair pair = open_pair(t);
	unsigned char *bytes = (unsigned char *)map_anon(t, 2 * PAGE, PROT_READ | PROT_WRITE);
	unsigned int nr = 0;
	int on = 1;
	pid_t children[2];
	long last = 0, got;
	long long end_ns = now_ns(CLOCK_MONOTONIC) + 1500 * 1000000LL;

	set_flags(t, pair.slave, 0, 0, 0);
	REQUIRE(t, !ioctl(pair.master, FIONBIO, &on));
	children[0] = start_child(t, write_records, &pair);
	children[1] = start_child(t, flush_again, &pair);
	while (now_ns(CLOCK_MONOTONIC) < end_ns) {
		/* Memory that is not there makes a read take its time. */
		madvise(bytes, 2 * PAGE, MADV_DONTNEED);
		/* On Linux a writer that was flushed may sleep on. */
		if (!wait_readable(pair.master, NEVER_MS))
			continue;
		got = read(pair.master, bytes, 2 * PAGE);
		REQUIRE(t, got > 0 || errno == EAGAIN);
		nr += nr_wrong(bytes, got, &last);
	}
	EXPECT_EQ(t, nr, 0U);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		kill(children[i], SIGKILL);
		wait_for(t, children[i]);
	}
	close_pair(&pair);
}

static const struct test_case races_cases[] = {
	TEST_CASE(logins_are_cut_off_while_they_work),
	TEST_CASE(slaves_are_opened_while_the_master_goes),
	TEST_CASE(readers_share_and_all_end),
	TEST_CASE(mode_changes_while_lines_come),
	TEST_CASE(hung_up_readers_get_nothing),
	TEST_CASE(what_is_flushed_does_not_come_back),
};
TEST_SUITE(races, races_cases);
