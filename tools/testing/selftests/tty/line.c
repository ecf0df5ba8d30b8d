/* SPDX-License-Identifier: GPL-2.0-only */
/* The line discipline: what is typed, what is shown, what is read. */
#include "pair.h"

SELFTEST_NO_HELPER

static void new_terminal_has_the_usual_settings(struct test *t)
{
	static const struct {
		unsigned int which;
		unsigned char key;
	} keys[] = {
		{ VINTR, 3 },	  { VQUIT, 28 },   { VERASE, 127 }, { VKILL, 21 }, { VEOF, 4 },
		{ VMIN, 1 },	  { VTIME, 0 },	   { VSTART, 17 },  { VSTOP, 19 }, { VSUSP, 26 },
		{ VREPRINT, 18 }, { VWERASE, 23 }, { VLNEXT, 22 },  { VEOL, 0 },   { VEOL2, 0 },
	};
	struct pair pair = open_pair(t);
	struct termios termios;
	struct winsize size;
	int discipline = -1;

	EXPECT_RET(t, ioctl(pair.slave, TCGETS, &termios), 0);
	EXPECT_EQ(t, termios.c_iflag, ICRNL | IXON);
	EXPECT_EQ(t, termios.c_oflag, OPOST | ONLCR);
	EXPECT_EQ(t, termios.c_cflag, B38400 | CS8 | CREAD);
	EXPECT_EQ(t, termios.c_lflag, COOKED_LOCAL);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		EXPECT_EQ(t, termios.c_cc[keys[i].which], keys[i].key);
	EXPECT_RET(t, ioctl(pair.slave, TIOCGWINSZ, &size), 0);
	EXPECT_EQ(t, size.ws_row, 0);
	EXPECT_EQ(t, size.ws_col, 0);
	EXPECT_RET(t, ioctl(pair.slave, TIOCGETD, &discipline), 0);
	EXPECT_EQ(t, discipline, 0);
	close_pair(&pair);
}

static void line_is_edited_and_read_whole(struct test *t)
{
	struct pair pair = open_pair(t);
	int nr = -1;

	type(t, &pair, "abx\177c");
	EXPECT_SHOWN(t, &pair, "abx\b \bc");
	EXPECT_FALSE(t, wait_readable(pair.slave, NEVER_MS));
	type(t, &pair, "\rnext\n");
	EXPECT_SHOWN(t, &pair, "\r\nnext\r\n");
	EXPECT_TRUE(t, wait_readable(pair.slave, SOON_MS));
	EXPECT_RET(t, ioctl(pair.slave, FIONREAD, &nr), 0);
	EXPECT_EQ(t, nr, 9);
	EXPECT_STREQ(t, read_once(pair.slave, 2, SOON_MS), "ab");
	EXPECT_READ(t, pair.slave, "c\n");
	EXPECT_READ(t, pair.slave, "next\n");
	close_pair(&pair);
}

static void words_lines_and_literals(struct test *t)
{
	struct pair pair = open_pair(t);

	type(t, &pair, "one two  \027x");
	EXPECT_SHOWN(t, &pair, "one two  \b \b\b \b\b \b\b \b\b \bx");
	type(t, &pair, "\025");
	EXPECT_SHOWN(t, &pair, "\b \b\b \b\b \b\b \b\b \b");
	type(t, &pair, "\026\003\022\n");
	EXPECT_SHOWN(t, &pair, "^\b^C^R\r\n^C\r\n");
	EXPECT_READ(t, pair.slave, "\003\n");
	type(t, &pair, "\ta\tb\177\177\177\177\n");
	EXPECT_SHOWN(t, &pair, "\ta\tb\b \b\b\b\b\b\b\b\b\b \b\b\b\b\b\b\b\b\b\r\n");
	EXPECT_READ(t, pair.slave, "\n");
	close_pair(&pair);
}

static void utf8_is_erased_by_character(struct test *t)
{
	struct pair pair = open_pair(t);

	set_flags(t, pair.slave, ICRNL | IUTF8, OPOST | ONLCR, COOKED_LOCAL);
	type(t, &pair, "x\303\244\342\202\254\177\n");
	EXPECT_SHOWN(t, &pair, "x\303\244\342\202\254\b \b\r\n");
	EXPECT_READ(t, pair.slave, "x\303\244\n");
	set_flags(t, pair.slave, ICRNL, OPOST | ONLCR, COOKED_LOCAL);
	type(t, &pair, "\303\244\177\n");
	EXPECT_SHOWN(t, &pair, "\303\244\b \b\r\n");
	EXPECT_READ(t, pair.slave, "\303\n");
	close_pair(&pair);
}

static void end_of_file_is_read_once(struct test *t)
{
	struct pair pair = open_pair(t);

	type(t, &pair, "\004");
	EXPECT_READ(t, pair.slave, "");
	type(t, &pair, "abc\004de\n");
	EXPECT_STREQ(t, read_once(pair.slave, 3, SOON_MS), "abc");
	EXPECT_READ(t, pair.slave, "de\n");
	close_pair(&pair);
}

static void other_keys_can_end_a_line(struct test *t)
{
	struct pair pair = open_pair(t);

	set_key(t, pair.slave, VEOL, ';');
	set_key(t, pair.slave, VEOL2, '!');
	set_key(t, pair.slave, VEOF, 'E');
	type(t, &pair, "a;b!cE\004\n");
	EXPECT_SHOWN(t, &pair, "a;b!c^D\r\n");
	EXPECT_READ(t, pair.slave, "a;");
	EXPECT_READ(t, pair.slave, "b!");
	EXPECT_READ(t, pair.slave, "c");
	EXPECT_READ(t, pair.slave, "\004\n");
	close_pair(&pair);
}

static void echo_has_many_forms(struct test *t)
{
	struct pair pair = open_pair(t);

	set_flags(t, pair.slave, ICRNL, OPOST | ONLCR, ICANON | ECHONL);
	type(t, &pair, "secret\n");
	EXPECT_SHOWN(t, &pair, "\r\n");
	EXPECT_READ(t, pair.slave, "secret\n");
	set_flags(t, pair.slave, ICRNL, 0, ICANON | ECHO);
	type(t, &pair, "a\001\177\n");
	EXPECT_SHOWN(t, &pair, "a\001\177\n");
	EXPECT_READ(t, pair.slave, "a\n");
	set_flags(t, pair.slave, ICRNL, 0, ICANON | ECHO | ECHOK);
	type(t, &pair, "a\025b\n");
	EXPECT_SHOWN(t, &pair, "a\025\nb\n");
	EXPECT_READ(t, pair.slave, "b\n");
	set_flags(t, pair.slave, ICRNL, 0, ICANON | ECHO | ECHOE | ECHOPRT);
	type(t, &pair, "abc\177\177d\n");
	EXPECT_SHOWN(t, &pair, "abc\\cb/d\n");
	EXPECT_READ(t, pair.slave, "ad\n");
	close_pair(&pair);
}

static void input_is_mapped(struct test *t)
{
	struct pair pair = open_pair(t);

	set_flags(t, pair.slave, INLCR | IGNCR | ISTRIP, 0, 0);
	type(t, &pair, "a\r\n\341");
	EXPECT_STREQ(t, read_all(pair.slave, "a\ra"), "a\ra");
	set_flags(t, pair.slave, IUCLC | PARMRK, 0, IEXTEN);
	type(t, &pair, "AbC\377");
	EXPECT_STREQ(t, read_all(pair.slave, "abc\377\377"), "abc\377\377");
	close_pair(&pair);
}

static void output_is_mapped(struct test *t)
{
	struct pair pair = open_pair(t);

	EXPECT_EQ(t, write(pair.slave, "a\nb\tc", 5), 5);
	EXPECT_SHOWN(t, &pair, "a\r\nb\tc");
	set_flags(t, pair.slave, 0, OPOST | XTABS | ONLCR | OLCUC, 0);
	EXPECT_EQ(t, write(pair.slave, "\rab\tc\n\td\b\t", 10), 10);
	EXPECT_SHOWN(t, &pair, "\rAB      C\r\n        D\b        ");
	set_flags(t, pair.slave, 0, OPOST | OCRNL | ONOCR, 0);
	EXPECT_EQ(t, write(pair.slave, "\r\rx", 3), 3);
	EXPECT_SHOWN(t, &pair, "\n\nx");
	set_flags(t, pair.slave, 0, ONLCR | XTABS, 0);
	EXPECT_EQ(t, write(pair.slave, "\n\t", 2), 2);
	EXPECT_SHOWN(t, &pair, "\n\t");
	close_pair(&pair);
}

static long long timed_read(int fd, size_t size, long *got)
{
	char bytes[64];
	long long start = now_ns(CLOCK_MONOTONIC);

	*got = read(fd, bytes, size);
	return now_ns(CLOCK_MONOTONIC) - start;
}

static void minimum_and_time_end_raw_reads(struct test *t)
{
	struct pair pair = open_pair(t);
	long long took;
	long got;
	int nr;

	set_flags(t, pair.slave, 0, 0, 0);
	set_key(t, pair.slave, VMIN, 0);
	EXPECT_RET(t, kcall(SYS_read, pair.slave, &got, 1), 0);
	set_key(t, pair.slave, VTIME, 2);
	took = timed_read(pair.slave, 10, &got);
	EXPECT_EQ(t, got, 0);
	EXPECT_GE(t, took, 190 * 1000000LL);
	type(t, &pair, "ab");
	timed_read(pair.slave, 10, &got);
	EXPECT_GE(t, got, 1);
	if (got == 1)
		timed_read(pair.slave, 10, &got);
	set_key(t, pair.slave, VMIN, 5);
	type(t, &pair, "abc");
	EXPECT_SOON(t, !ioctl(pair.slave, FIONREAD, &nr) && nr == 3);
	took = timed_read(pair.slave, 10, &got);
	EXPECT_EQ(t, got, 3);
	EXPECT_GE(t, took, 150 * 1000000LL);
	type(t, &pair, "abcdefg");
	EXPECT_SOON(t, !ioctl(pair.slave, FIONREAD, &nr) && nr == 7);
	timed_read(pair.slave, 10, &got);
	EXPECT_EQ(t, got, 7);
	close_pair(&pair);
}

static void poll_waits_for_the_minimum(struct test *t)
{
	struct pair pair = open_pair(t);

	set_flags(t, pair.slave, 0, 0, 0);
	set_key(t, pair.slave, VMIN, 3);
	type(t, &pair, "ab");
	EXPECT_FALSE(t, wait_readable(pair.slave, NEVER_MS));
	type(t, &pair, "c");
	EXPECT_READ(t, pair.slave, "abc");
	close_pair(&pair);
}

static void change_of_mode_keeps_what_was_typed(struct test *t)
{
	struct pair pair = open_pair(t);

	type(t, &pair, "abc");
	EXPECT_SHOWN(t, &pair, "abc");
	set_flags(t, pair.slave, 0, 0, 0);
	EXPECT_STREQ(t, read_once(pair.slave, 2, SOON_MS), "ab");
	set_flags(t, pair.slave, 0, 0, ICANON);
	EXPECT_READ(t, pair.slave, "c");
	close_pair(&pair);
}

static void flushing_set_forgets_input(struct test *t)
{
	struct pair pair = open_pair(t);
	struct termios termios;

	type(t, &pair, "old\n");
	EXPECT_TRUE(t, wait_readable(pair.slave, SOON_MS));
	REQUIRE(t, !ioctl(pair.slave, TCGETS, &termios));
	EXPECT_RET(t, ioctl(pair.slave, TCSETSF, &termios), 0);
	EXPECT_FALSE(t, wait_readable(pair.slave, NEVER_MS));
	type(t, &pair, "new\n");
	EXPECT_READ(t, pair.slave, "new\n");
	type(t, &pair, "old\n");
	EXPECT_TRUE(t, wait_readable(pair.slave, SOON_MS));
	EXPECT_RET(t, ioctl(pair.slave, TCFLSH, TCIFLUSH), 0);
	EXPECT_FALSE(t, wait_readable(pair.slave, NEVER_MS));
	EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, TCFLSH, 3), -EINVAL);
	close_pair(&pair);
}

static void stop_and_start_hold_output(struct test *t)
{
	struct pair pair = open_pair(t);
	struct pollfd out = { .fd = pair.slave, .events = POLLOUT };

	type(t, &pair, "\023");
	EXPECT_SOON(t, poll(&out, 1, 0) == 0);
	fcntl(pair.slave, F_SETFL, O_NONBLOCK);
	EXPECT_RET(t, kcall(SYS_write, pair.slave, "x", 1), -EAGAIN);
	type(t, &pair, "\021");
	EXPECT_EQ(t, poll(&out, 1, SOON_MS), 1);
	EXPECT_RET(t, kcall(SYS_write, pair.slave, "y", 1), 1);
	EXPECT_SHOWN(t, &pair, "y");
	EXPECT_RET(t, ioctl(pair.slave, TCXONC, TCOOFF), 0);
	EXPECT_RET(t, kcall(SYS_write, pair.slave, "x", 1), -EAGAIN);
	EXPECT_RET(t, ioctl(pair.slave, TCXONC, TCOON), 0);
	EXPECT_RET(t, kcall(SYS_write, pair.slave, "z", 1), 1);
	EXPECT_SHOWN(t, &pair, "z");
	EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, TCXONC, 9), -EINVAL);
	/* The other way the line itself is asked to. */
	EXPECT_RET(t, ioctl(pair.slave, TCXONC, TCIOFF), 0);
	EXPECT_SHOWN(t, &pair, "\023");
	EXPECT_RET(t, ioctl(pair.slave, TCXONC, TCION), 0);
	EXPECT_SHOWN(t, &pair, "\021");
	close_pair(&pair);
}

/* The echo of what was typed behind STOP waits for START, or for the end of IXON. */
static void echo_is_held_and_shown(struct test *t)
{
	struct pair pair = open_pair(t);

	set_flags(t, pair.slave, IXON, 0, ICANON | ECHO);
	type(t, &pair, "\023a");
	EXPECT_FALSE(t, wait_readable(pair.master, NEVER_MS));
	type(t, &pair, "\021");
	EXPECT_SHOWN(t, &pair, "a");
	type(t, &pair, "\023b");
	EXPECT_FALSE(t, wait_readable(pair.master, NEVER_MS));
	set_flags(t, pair.slave, 0, 0, ICANON | ECHO);
	EXPECT_SHOWN(t, &pair, "b");
	/* Also if STOP follows at once; and it is no output that could be thrown away. */
	set_flags(t, pair.slave, IXON, 0, ICANON | ECHO);
	type(t, &pair, "\023c\021\023d");
	EXPECT_SHOWN(t, &pair, "c");
	EXPECT_RET(t, ioctl(pair.slave, TCFLSH, TCOFLUSH), 0);
	type(t, &pair, "\021");
	EXPECT_SHOWN(t, &pair, "d");
	close_pair(&pair);
}

/* An echo that cannot be shown is waited for by nobody. */
static void held_echo_holds_nobody(struct test *t)
{
	struct pair pair = open_pair(t);
	struct termios termios;

	set_flags(t, pair.slave, IXON, 0, ICANON | ECHO);
	type(t, &pair, "\023a");
	EXPECT_FALSE(t, wait_readable(pair.master, NEVER_MS));
	alarm(SOON_MS / 1000);
	EXPECT_RET(t, ioctl(pair.slave, TCSBRK, 1), 0);
	EXPECT_RET(t, ioctl(pair.slave, TCGETS, &termios), 0);
	EXPECT_RET(t, ioctl(pair.slave, TCSETSF, &termios), 0);
	alarm(0);
	close_pair(&pair);
}

static void nothing_to_erase_shows_nothing(struct test *t)
{
	struct pair pair = open_pair(t);

	set_flags(t, pair.slave, 0, 0, COOKED_LOCAL & ~(tcflag_t)ECHOKE);
	type(t, &pair, "\025\177\027");
	EXPECT_FALSE(t, wait_readable(pair.master, NEVER_MS));
	type(t, &pair, "a\025");
	EXPECT_SHOWN(t, &pair, "a^U\n");
	close_pair(&pair);
}

/* As what it is, unless it was made of a return. */
static void newline_without_lines_is_a_control_character(struct test *t)
{
	struct pair pair = open_pair(t);

	set_flags(t, pair.slave, ICRNL, 0, ECHO | ECHOCTL);
	type(t, &pair, "\n");
	EXPECT_SHOWN(t, &pair, "^J");
	type(t, &pair, "\r");
	EXPECT_SHOWN(t, &pair, "\n");
	close_pair(&pair);
}

static void what_was_typed_without_lines_is_one(struct test *t)
{
	struct pair pair = open_pair(t);

	set_flags(t, pair.slave, 0, 0, 0);
	type(t, &pair, "ab");
	EXPECT_TRUE(t, wait_readable(pair.slave, SOON_MS));
	set_flags(t, pair.slave, 0, 0, ICANON);
	type(t, &pair, "c\n");
	sleep_ms(NEVER_MS);
	EXPECT_READ(t, pair.slave, "ab");
	EXPECT_READ(t, pair.slave, "c\n");
	close_pair(&pair);
}

/* The table of Latin 1 says what is a letter, and which is its capital. */
static void letters_are_those_of_latin_1(struct test *t)
{
	struct pair pair = open_pair(t);

	set_flags(t, pair.slave, IUCLC, OPOST | OLCUC, ICANON | IEXTEN);
	type(t, &pair, "\304\327\n");
	EXPECT_READ(t, pair.slave, "\344\327\n");
	type(t, &pair, "\026A\n"); /* LNEXT saves nothing from that */
	EXPECT_READ(t, pair.slave, "a\n");
	EXPECT_EQ(t, write(pair.slave, "\344\367", 2), 2);
	EXPECT_SHOWN(t, &pair, "\304\367");
	set_flags(t, pair.slave, 0, 0, ICANON | IEXTEN);
	type(t, &pair, "ab \241\027c\n");
	EXPECT_READ(t, pair.slave, "c\n");
	close_pair(&pair);
}

static void half_a_character_is_not_erased(struct test *t)
{
	struct pair pair = open_pair(t);

	set_flags(t, pair.slave, IUTF8, 0, ICANON | ECHO | ECHOE);
	type(t, &pair, "\244\177\n");
	EXPECT_SHOWN(t, &pair, "\244\n");
	EXPECT_READ(t, pair.slave, "\244\n");
	close_pair(&pair);
}

static void column_is_followed_while_output_is_processed(struct test *t)
{
	struct pair pair = open_pair(t);

	set_flags(t, pair.slave, 0, 0, ICANON);
	EXPECT_EQ(t, write(pair.slave, "abc", 3), 3);
	EXPECT_SHOWN(t, &pair, "abc");
	set_flags(t, pair.slave, 0, OPOST | XTABS, ICANON);
	EXPECT_EQ(t, write(pair.slave, "\tde\tf", 5), 5);
	EXPECT_SHOWN(t, &pair, "        de      f");
	close_pair(&pair);
}

static void input_can_be_simulated(struct test *t)
{
	struct pair pair = open_pair(t);
	char c = 'x';

	SKIP_UNLESS_GUEST(t); /* Linux 6.2 and later can be told to refuse */
	EXPECT_RET(t, ioctl(pair.slave, TIOCSTI, &c), 0);
	c = '\n';
	EXPECT_RET(t, ioctl(pair.slave, TIOCSTI, &c), 0);
	EXPECT_SHOWN(t, &pair, "x\r\n");
	EXPECT_READ(t, pair.slave, "x\n");
	become_nobody(t);
	EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, TIOCSTI, &c), -EPERM);
	close_pair(&pair);
}

static void settings_have_three_forms(struct test *t)
{
	struct pair pair = open_pair(t);
	struct termios termios;
	struct termios2 termios2;

	REQUIRE(t, !ioctl(pair.slave, TCGETS2, &termios2));
	EXPECT_EQ(t, termios2.c_ospeed, 38400);
	termios2.c_cflag = (termios2.c_cflag & ~(tcflag_t)CBAUD) | BOTHER;
	termios2.c_ospeed = termios2.c_ispeed = 31250;
	EXPECT_RET(t, ioctl(pair.slave, TCSETS2, &termios2), 0);
	memset(&termios2, 0, sizeof(termios2));
	EXPECT_RET(t, ioctl(pair.master, TCGETS2, &termios2), 0);
	EXPECT_EQ(t, termios2.c_ospeed, 31250);
	EXPECT_RET(t, ioctl(pair.slave, TCGETS, &termios), 0);
	EXPECT_EQ(t, termios.c_cflag & CBAUD, BOTHER);
	termios.c_cflag = (termios.c_cflag & ~(tcflag_t)(CBAUD | CSIZE)) | B9600 | CS7 | PARENB;
	EXPECT_RET(t, ioctl(pair.slave, TCSETSW, &termios), 0);
	EXPECT_RET(t, ioctl(pair.slave, TCGETS2, &termios2), 0);
	EXPECT_EQ(t, termios2.c_ospeed, 9600);
	/* A program has no wires. */
	EXPECT_EQ(t, termios2.c_cflag & (CSIZE | PARENB), CS8);
	close_pair(&pair);
}

static void bad_calls_fail(struct test *t)
{
	struct pair pair = open_pair(t);
	const struct bad_pointer *bad = bad_pointers(t, sizeof(struct termios));
	int five = 5;

	for (int i = 0; i < NR_BAD_POINTERS; i++) {
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_ioctl, pair.slave, TCGETS, bad[i].addr),
			       -EFAULT);
		EXPECT_RET_ROW(t, bad[i].name, kcall(SYS_ioctl, pair.slave, TCSETS, bad[i].addr),
			       -EFAULT);
	}
	EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, 0x54ff, 0), -ENOTTY);
	EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, TIOCSETD, &five), -EINVAL);
	EXPECT_RET(t, kcall(SYS_ioctl, pair.slave, TIOCGPTN, &five), -ENOTTY);
	EXPECT_RET(t, kcall(SYS_lseek, pair.slave, 0, SEEK_CUR), -ESPIPE);
	EXPECT_RET(t, kcall(SYS_pread64, pair.slave, &five, 4, 0), -ESPIPE);
	close_pair(&pair);
}

static void many_bytes_cross_unchanged(struct test *t)
{
	const size_t total = 200000;
	struct pair pair = open_pair(t);
	static unsigned char bytes[4096];
	size_t nr = 0;
	pid_t child;

	set_flags(t, pair.slave, 0, 0, 0);
	child = fork();
	REQUIRE(t, child >= 0);
	if (!child) {
		for (; nr < total; nr++)
			bytes[nr % 1000] = (unsigned char)(nr * 7);
		for (size_t at = 0; at < total; at += 1000) {
			for (size_t i = 0; i < 1000; i++)
				bytes[i] = (unsigned char)((at + i) * 7);
			for (size_t i = 0; i < 1000;) {
				ssize_t done = write(pair.master, bytes + i, 1000 - i);

				if (done < 0)
					_exit(1);
				i += (size_t)done;
			}
		}
		_exit(0);
	}
	while (nr < total) {
		ssize_t got = read(pair.slave, bytes, sizeof(bytes));

		REQUIRE(t, got > 0);
		for (ssize_t i = 0; i < got; i++)
			REQUIRE(t, bytes[i] == (unsigned char)(nr++ * 7));
	}
	EXPECT_EXIT(t, wait_for(t, child), 0);
	close_pair(&pair);
}

static void writer_waits_for_the_reader(struct test *t)
{
	struct pair pair = open_pair(t);
	static char lines[30000], back[30000];
	size_t nr = 0;
	pid_t child;

	set_flags(t, pair.slave, 0, 0, 0);
	memset(lines, 'x', sizeof(lines));
	child = fork();
	REQUIRE(t, child >= 0);
	if (!child)
		_exit(write(pair.slave, lines, sizeof(lines)) != sizeof(lines));
	while (nr < sizeof(lines)) {
		ssize_t got = read(pair.master, back + nr, sizeof(back) - nr);

		REQUIRE(t, got > 0);
		nr += (size_t)got;
	}
	EXPECT_EXIT(t, wait_for(t, child), 0);
	EXPECT_TRUE(t, !memcmp(lines, back, sizeof(lines)));
	close_pair(&pair);
}

static const struct test_case line_cases[] = {
	TEST_CASE(new_terminal_has_the_usual_settings),
	TEST_CASE(line_is_edited_and_read_whole),
	TEST_CASE(words_lines_and_literals),
	TEST_CASE(utf8_is_erased_by_character),
	TEST_CASE(end_of_file_is_read_once),
	TEST_CASE(other_keys_can_end_a_line),
	TEST_CASE(echo_has_many_forms),
	TEST_CASE(input_is_mapped),
	TEST_CASE(output_is_mapped),
	TEST_CASE(minimum_and_time_end_raw_reads),
	TEST_CASE(poll_waits_for_the_minimum),
	TEST_CASE(change_of_mode_keeps_what_was_typed),
	TEST_CASE(flushing_set_forgets_input),
	TEST_CASE(stop_and_start_hold_output),
	TEST_CASE(echo_is_held_and_shown),
	TEST_CASE(held_echo_holds_nobody),
	TEST_CASE(nothing_to_erase_shows_nothing),
	TEST_CASE(newline_without_lines_is_a_control_character),
	TEST_CASE(what_was_typed_without_lines_is_one),
	TEST_CASE(letters_are_those_of_latin_1),
	TEST_CASE(half_a_character_is_not_erased),
	TEST_CASE(column_is_followed_while_output_is_processed),
	TEST_CASE(input_can_be_simulated),
	TEST_CASE(settings_have_three_forms),
	TEST_CASE(bad_calls_fail),
	TEST_CASE(many_bytes_cross_unchanged),
	TEST_CASE(writer_waits_for_the_reader),
};
TEST_SUITE(line, line_cases);
