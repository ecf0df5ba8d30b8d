/* SPDX-License-Identifier: GPL-2.0-only */
/* The line discipline on a terminal whose device is a string: what is shown, what is read. */
#include <linux/errno.h>
#include <oshit/console.h>
#include <oshit/fs.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/tty_port.h>
#include <oshit/uio.h>

#include "tty.h"

#define SHOWN_BYTES 512

struct terminal {
	struct tty_struct tty;
	struct tty_file tty_file;
	struct file file;
	char shown[SHOWN_BYTES];
	size_t nr_shown, room;
	char read[SHOWN_BYTES];
};

static size_t shown_write(struct tty_struct *tty, const char *s, size_t len)
{
	struct terminal *terminal = tty->driver_data;
	size_t done = min(len, terminal->room - terminal->nr_shown);

	memcpy(terminal->shown + terminal->nr_shown, s, done);
	terminal->nr_shown += done;
	terminal->shown[terminal->nr_shown] = '\0';
	return done;
}

static size_t shown_room(struct tty_struct *tty)
{
	struct terminal *terminal = tty->driver_data;

	return terminal->room - terminal->nr_shown;
}

static size_t shown_unsent(struct tty_struct *tty __maybe_unused)
{
	return 0;
}

static const struct tty_operations shown_ops = {
	.write = shown_write,
	.write_room = shown_room,
	.nr_unsent = shown_unsent,
};

/* The tests run one after the other. */
static struct terminal terminal;

static struct tty_struct *begin(struct test *t)
{
	memset(&terminal, 0, sizeof(terminal));
	if (tty_init_struct(&terminal.tty, &shown_ops)) {
		test_fail(t, __FILE__, __LINE__, "no memory");
		return NULL;
	}
	terminal.tty.driver_data = &terminal;
	terminal.room = SHOWN_BYTES - 1;
	terminal.file.flags = O_NONBLOCK;
	terminal.tty_file.tty = &terminal.tty;
	terminal.tty_file.file = &terminal.file;
	return &terminal.tty;
}

static void end(void)
{
	tty_free_struct(&terminal.tty);
}

/* Types @text; what is shown for it. */
static const char *type(const char *text)
{
	size_t len = strlen(text);
	u16 item;

	terminal.nr_shown = 0;
	terminal.shown[0] = '\0';
	for (size_t i = 0; i < len; i++) {
		item = (u8)text[i];
		if (!n_tty_receive(&terminal.tty, &item, 1))
			break;
	}
	return terminal.shown;
}

/* What one read gets, of up to @len bytes; its error instead. */
static const char *read_some(size_t len)
{
	struct iov_iter iter;
	long got;

	iov_iter_kernel(&iter, terminal.read, len);
	got = n_tty_read(&terminal.tty_file, &iter);
	if (got < 0)
		return got == -EAGAIN ? "EAGAIN" : "error";
	terminal.read[got] = '\0';
	return terminal.read;
}

static const char *print(const char *text)
{
	struct iov_iter iter;

	terminal.nr_shown = 0;
	terminal.shown[0] = '\0';
	iov_iter_kernel(&iter, (void *)text, strlen(text));
	n_tty_write(&terminal.tty_file, &iter);
	return terminal.shown;
}

static void set_flags(tcflag_t iflag, tcflag_t oflag, tcflag_t lflag)
{
	struct ktermios termios = terminal.tty.termios;

	termios.c_iflag = iflag;
	termios.c_oflag = oflag;
	termios.c_lflag = lflag;
	tty_set_termios(&terminal.tty, &termios);
}

static void set_key(unsigned int which, u8 key)
{
	struct ktermios termios = terminal.tty.termios;

	termios.c_cc[which] = key;
	tty_set_termios(&terminal.tty, &termios);
}

static void line_is_read_when_complete(struct test *t)
{
	if (!begin(t))
		return;
	EXPECT_STREQ(t, type("ab"), "ab");
	EXPECT_STREQ(t, read_some(80), "EAGAIN");
	EXPECT_STREQ(t, type("c\rde\r"), "c\r\nde\r\n");
	EXPECT_EQ(t, n_tty_nr_readable(&terminal.tty), 7);
	EXPECT_STREQ(t, read_some(2), "ab");
	EXPECT_STREQ(t, read_some(80), "c\n");
	EXPECT_STREQ(t, read_some(80), "de\n");
	EXPECT_STREQ(t, read_some(80), "EAGAIN");
	end();
}

static void keys_edit_the_line(struct test *t)
{
	if (!begin(t))
		return;
	EXPECT_STREQ(t, type("ab\177"), "ab\b \b");
	EXPECT_STREQ(t, type("b cd  \027x\r"), "b cd  \b \b\b \b\b \b\b \bx\r\n");
	EXPECT_STREQ(t, read_some(80), "ab x\n");
	EXPECT_STREQ(t, type("a\001\025"), "a^A\b \b\b \b\b \b");
	EXPECT_STREQ(t, type("\177\026\003z\022"), "^\b^Cz^R\r\n^Cz");
	EXPECT_STREQ(t, type("\n"), "\r\n");
	EXPECT_STREQ(t, read_some(80), "\003z\n");
	end();
}

static void tab_is_erased_as_wide_as_it_was(struct test *t)
{
	if (!begin(t))
		return;
	EXPECT_STREQ(t, print("> "), "> ");
	EXPECT_STREQ(t, type("a\tb\177\177"), "a\tb\b \b\b\b\b\b\b");
	EXPECT_STREQ(t, type("\n"), "\r\n");
	EXPECT_STREQ(t, read_some(80), "a\n");
	end();
}

static void utf8_character_is_erased_whole(struct test *t)
{
	if (!begin(t))
		return;
	set_flags(ICRNL | IUTF8, OPOST | ONLCR, tty_std_termios.c_lflag);
	EXPECT_STREQ(t, type("x\303\244\342\202\254\177"), "x\303\244\342\202\254\b \b");
	EXPECT_STREQ(t, type("\n"), "\r\n");
	EXPECT_STREQ(t, read_some(80), "x\303\244\n");
	end();
}

static void end_of_file_ends_a_line_or_reads_as_none(struct test *t)
{
	if (!begin(t))
		return;
	EXPECT_STREQ(t, type("abc\004\004d\n"), "abcd\r\n");
	EXPECT_EQ(t, n_tty_nr_readable(&terminal.tty), 5);
	/* It goes with the bytes before it, though there was room for them alone. */
	EXPECT_STREQ(t, read_some(3), "abc");
	EXPECT_STREQ(t, read_some(80), "");
	EXPECT_STREQ(t, read_some(80), "d\n");
	end();
}

static void raw_bytes_are_as_they_came(struct test *t)
{
	if (!begin(t))
		return;
	set_flags(0, 0, 0);
	EXPECT_STREQ(t, type("a\003\r\177\004"), "");
	EXPECT_STREQ(t, read_some(80), "a\003\r\177\004");
	set_key(VMIN, 3);
	type("ab");
	EXPECT_FALSE(t, n_tty_readable(&terminal.tty));
	type("c");
	EXPECT_TRUE(t, n_tty_readable(&terminal.tty));
	EXPECT_STREQ(t, read_some(80), "abc");
	set_key(VMIN, 0);
	EXPECT_STREQ(t, read_some(80), "");
	EXPECT_STREQ(t, print("a\n\tb\r"), "a\n\tb\r");
	end();
}

static void input_is_mapped(struct test *t)
{
	if (!begin(t))
		return;
	set_flags(INLCR | IGNCR | ISTRIP, 0, 0);
	type("a\r\n\341");
	EXPECT_STREQ(t, read_some(80), "a\ra");
	set_flags(IUCLC | PARMRK, 0, IEXTEN);
	type("AbC\377");
	EXPECT_STREQ(t, read_some(80), "abc\377\377");
	end();
}

static void line_errors_are_marked(struct test *t)
{
	const u16 items[] = { 'a', 'b' | TTY_PARITY, TTY_BREAK, 'c' | TTY_FRAME };
	struct tty_struct *tty = begin(t);

	if (!tty)
		return;
	set_flags(INPCK | PARMRK, 0, 0);
	EXPECT_EQ(t, n_tty_receive(tty, items, ARRAY_SIZE(items)), 4);
	read_some(80);
	EXPECT_TRUE(t, !memcmp(terminal.read, "a\377\0b\377\0\0\377\0c", 10));
	set_flags(INPCK | IGNPAR | IGNBRK, 0, 0);
	EXPECT_EQ(t, n_tty_receive(tty, items, ARRAY_SIZE(items)), 4);
	EXPECT_STREQ(t, read_some(80), "a");
	set_flags(0, 0, 0);
	EXPECT_EQ(t, n_tty_receive(tty, items, 2), 2);
	EXPECT_STREQ(t, read_some(80), "ab");
	end();
}

static void signal_keys_throw_away_what_was_typed(struct test *t)
{
	if (!begin(t))
		return;
	EXPECT_STREQ(t, type("abc\003"), "abc^C");
	EXPECT_STREQ(t, type("d\n"), "d\r\n");
	EXPECT_STREQ(t, read_some(80), "d\n");
	set_flags(ICRNL, OPOST, tty_std_termios.c_lflag | NOFLSH);
	type("abc\032d\n");
	EXPECT_STREQ(t, read_some(80), "abcd\n");
	end();
}

static void stop_holds_output_and_echo(struct test *t)
{
	struct tty_struct *tty = begin(t);

	if (!tty)
		return;
	EXPECT_STREQ(t, type("a\023b"), "a");
	EXPECT_STREQ(t, print("text"), "");
	EXPECT_STREQ(t, type("\021"), "b");
	EXPECT_STREQ(t, print("text"), "text");
	/* TCOOFF is not undone by a key. */
	tty_set_tco(tty, true);
	type("\021");
	EXPECT_STREQ(t, print("text"), "");
	tty_set_tco(tty, false);
	EXPECT_STREQ(t, print("text"), "text");
	end();
}

static void output_is_mapped(struct test *t)
{
	if (!begin(t))
		return;
	EXPECT_STREQ(t, print("a\nb\tc"), "a\r\nb\tc");
	set_flags(0, OPOST | XTABS | ONLCR | OLCUC, 0);
	print("\r");
	EXPECT_STREQ(t, print("ab\tc\n\td\b\t"), "AB      C\r\n        D\b        ");
	set_flags(0, OPOST | OCRNL | ONOCR, 0);
	EXPECT_STREQ(t, print("\rx"), "\nx");
	end();
}

static void full_device_takes_the_rest_later(struct test *t)
{
	struct tty_struct *tty = begin(t);

	if (!tty)
		return;
	terminal.room = 10;
	EXPECT_STREQ(t, print("0123456789abc"), "0123456789");
	terminal.room = 4;
	EXPECT_STREQ(t, type("abcdef"), "abcd");
	terminal.room = SHOWN_BYTES - 1;
	EXPECT_STREQ(t, print("g"), "efg");
	end();
}

static void long_line_keeps_room_for_its_end(struct test *t)
{
	struct tty_struct *tty = begin(t);
	const u16 item = 'x', newline = '\n';
	unsigned int nr;

	if (!tty)
		return;
	set_flags(0, 0, ICANON);
	for (nr = 0; nr < 2 * N_TTY_BYTES; nr++)
		EXPECT_EQ(t, n_tty_receive(tty, &item, 1), 1);
	EXPECT_EQ(t, n_tty_receive(tty, &newline, 1), 1);
	EXPECT_EQ(t, n_tty_nr_readable(tty), N_TTY_BYTES);
	/* Now a line waits: what comes has to wait, too. */
	EXPECT_EQ(t, n_tty_receive(tty, &item, 1), 0);
	set_flags(0, 0, 0);
	EXPECT_EQ(t, n_tty_receive(tty, &item, 1), 0);
	read_some(100);
	EXPECT_EQ(t, n_tty_receive(tty, &item, 1), 1);
	end();
}

static void change_of_mode_keeps_what_was_typed(struct test *t)
{
	if (!begin(t))
		return;
	type("abc");
	set_flags(0, 0, 0);
	EXPECT_STREQ(t, read_some(2), "ab");
	set_flags(0, 0, ICANON);
	EXPECT_STREQ(t, read_some(80), "c");
	type("d\n");
	EXPECT_STREQ(t, read_some(80), "d\n");
	end();
}

static unsigned int nr_polls;

static int always_has_one(struct console *con __maybe_unused)
{
	nr_polls++;
	return 'x';
}

/* As a serial port that is gone, and reads as all ones; a console that is off drops what it has. */
static void input_without_end_is_left(struct test *t)
{
	struct console con = { .name = "endless", .poll = always_has_one };

	nr_polls = 0;
	console_take_input(&con);
	EXPECT_GE(t, nr_polls, 1U);
	EXPECT_TRUE(t, nr_polls < 10000);
}

static const struct test_case n_tty_cases[] = {
	TEST_CASE(line_is_read_when_complete),
	TEST_CASE(keys_edit_the_line),
	TEST_CASE(tab_is_erased_as_wide_as_it_was),
	TEST_CASE(utf8_character_is_erased_whole),
	TEST_CASE(end_of_file_ends_a_line_or_reads_as_none),
	TEST_CASE(raw_bytes_are_as_they_came),
	TEST_CASE(input_is_mapped),
	TEST_CASE(line_errors_are_marked),
	TEST_CASE(signal_keys_throw_away_what_was_typed),
	TEST_CASE(stop_holds_output_and_echo),
	TEST_CASE(output_is_mapped),
	TEST_CASE(full_device_takes_the_rest_later),
	TEST_CASE(long_line_keeps_room_for_its_end),
	TEST_CASE(change_of_mode_keeps_what_was_typed),
	TEST_CASE(input_without_end_is_left),
};
TEST_SUITE(n_tty, n_tty_cases);
