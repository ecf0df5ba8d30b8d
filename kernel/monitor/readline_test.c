/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor's line editor, tested against a terminal.  The terminal here is one screen line and
 * a cursor that understand what the editor writes; after any keys it must show the prompt and the
 * text around the cursor, whatever way the editor took to get there.
 */
#include <linux/errno.h>

#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/test.h>

#include "parse.h"
#include "readline.h"

#define COLUMNS 80
#define PROMPT	"OShit> "

static struct terminal {
	char line[COLUMNS + 1]; /* of the cursor */
	char above[COLUMNS + 1]; /* the line left last */
	unsigned int column;
	unsigned int nr_lines; /* newlines so far */
	unsigned int nr_bytes; /* written so far */
	bool overrun; /* something was written or moved beyond the edge */
} terminal;

static struct keyboard {
	const char *keys;
	size_t len, next;
} keyboard;

static struct readline reader;

static void terminal_newline(void)
{
	memcpy(terminal.above, terminal.line, sizeof(terminal.line));
	memset(terminal.line, ' ', COLUMNS);
	terminal.column = 0;
	terminal.nr_lines++;
}

static void terminal_put(char c)
{
	if (c == '\n') {
		terminal_newline();
	} else if (terminal.column >= COLUMNS) {
		terminal.overrun = true;
	} else {
		terminal.line[terminal.column++] = c;
	}
}

/* Acts on ESC [ @n @letter. */
static void terminal_control(unsigned int n, char letter)
{
	switch (letter) {
	case 'C':
		terminal.column += n;
		break;
	case 'D':
		terminal.overrun |= n > terminal.column;
		terminal.column -= min(n, terminal.column);
		break;
	case 'H':
		terminal.column = 0;
		break;
	case 'J':
	case 'K':
		memset(terminal.line + terminal.column, ' ', COLUMNS - terminal.column);
		break;
	}
	terminal.overrun |= terminal.column >= COLUMNS;
}

static void terminal_write(const char *s, size_t len)
{
	const char *end = s + len;
	unsigned int n;

	terminal.nr_bytes += len;
	while (s < end) {
		if (*s != '\033') {
			terminal_put(*s++);
			continue;
		}
		n = 0;
		for (s += 2; *s >= '0' && *s <= '9'; s++)
			n = n * 10 + (unsigned int)(*s - '0');
		terminal_control(n, *s++);
	}
}

/* A byte 0 among the keys stands for a pause; when the keys are used up comes Enter. */
static int keyboard_read(void)
{
	char c = keyboard.next < keyboard.len ? keyboard.keys[keyboard.next++] : '\r';

	return c ? (unsigned char)c : -1;
}

static const char *test_candidate(const char *line __maybe_unused, size_t start, unsigned int index)
{
	static const char *const commands[] = { "help", "hexdump", "log", "regs" };
	static const char *const symbols[] = { "start_kernel", "start_secondary", "panic" };

	if (start)
		return index < ARRAY_SIZE(symbols) ? symbols[index] : NULL;
	return index < ARRAY_SIZE(commands) ? commands[index] : NULL;
}

static const struct readline_ops test_ops = {
	.read = keyboard_read,
	.write = terminal_write,
	.candidate = test_candidate,
};

static void reset(void)
{
	memset(&reader, 0, sizeof(reader));
	reader.ops = &test_ops;
	reader.prompt = PROMPT;
	memset(&terminal, 0, sizeof(terminal));
	memset(terminal.line, ' ', COLUMNS);
}

/* The line that typing @keys and Enter gives; "^C" if it was cancelled. */
static const char *type_bytes(const char *keys, size_t len)
{
	const char *line;

	keyboard = (struct keyboard){ .keys = keys, .len = len };
	line = readline(&reader);
	return line ?: "^C";
}

static const char *type(const char *keys)
{
	return type_bytes(keys, strlen(keys));
}

static const char *type_afresh(const char *keys)
{
	reset();
	return type(keys);
}

/* True if the line above the cursor shows the prompt, @text and nothing more. */
static bool screen_showed(const char *text)
{
	size_t prompt = strlen(PROMPT), len = strlen(text);

	for (size_t i = prompt + len; i < COLUMNS; i++)
		if (terminal.above[i] != ' ')
			return false;
	return !terminal.overrun && !strncmp(terminal.above, PROMPT, prompt) &&
	       !strncmp(terminal.above + prompt, text, len);
}

static void typed_text_is_returned(struct test *t)
{
	EXPECT_STREQ(t, type_afresh("log 5"), "log 5");
	EXPECT_TRUE(t, screen_showed("log 5"));
	EXPECT_STREQ(t, type(""), "");
}

static void byte_at_end_is_only_echoed(struct test *t)
{
	type_afresh("regs");
	EXPECT_EQ(t, terminal.nr_bytes, (unsigned int)strlen(PROMPT "regs\n"));
}

static void crlf_is_one_enter(struct test *t)
{
	reset();
	EXPECT_STREQ(t, type("a\r\nb"), "a");
	keyboard.next = 2;
	EXPECT_STREQ(t, readline(&reader) ?: "^C", "b");
	EXPECT_EQ(t, terminal.nr_lines, 2U);
}

static void control_keys_edit(struct test *t)
{
	EXPECT_STREQ(t, type_afresh("bc\001a\005d"), "abcd"); /* A, E */
	EXPECT_TRUE(t, screen_showed("abcd"));
	EXPECT_STREQ(t, type_afresh("abcd\002\002\013"), "ab"); /* B, B, K */
	EXPECT_TRUE(t, screen_showed("ab"));
	EXPECT_STREQ(t, type_afresh("abcd\002\025"), "d"); /* U */
	EXPECT_STREQ(t, type_afresh("one two  \027x"), "one x"); /* W */
	EXPECT_STREQ(t, type_afresh("abc\001\004\004"), "c"); /* D */
	EXPECT_STREQ(t, type_afresh("abc\177\010"), "a"); /* both backspaces */
	EXPECT_STREQ(t, type_afresh("\177\004\002\006\027\025\013"), ""); /* nothing to edit */
	EXPECT_TRUE(t, screen_showed(""));
}

static void escape_sequences_edit(struct test *t)
{
	EXPECT_STREQ(t, type_afresh("ac\033[Db"), "abc");
	EXPECT_TRUE(t, screen_showed("abc"));
	EXPECT_STREQ(t, type_afresh("bc\033[Ha\033[Fd"), "abcd");
	EXPECT_STREQ(t, type_afresh("bc\033[1~a\033[4~d"), "abcd");
	EXPECT_STREQ(t, type_afresh("bc\033OHa\033OFd"), "abcd");
	EXPECT_STREQ(t, type_afresh("abc\033[D\033[D\033[3~"), "ac");
}

static void unknown_sequence_is_swallowed(struct test *t)
{
	EXPECT_STREQ(t, type_afresh("a\033[15~\033[1;5C\033[Zb"), "ab");
	EXPECT_STREQ(t, type_afresh("a\033[99999999999999999999~b"), "ab");
	EXPECT_STREQ(t, type_afresh("a\200\377b"), "ab");
}

static void lone_escape_does_not_hang(struct test *t)
{
	EXPECT_STREQ(t, type_afresh("a\033b"), "ab");
	EXPECT_STREQ(t, type_afresh("a\033\033[Db"), "ba");
	EXPECT_STREQ(t, type_afresh("a\033\r"), "a");
	reset();
	EXPECT_STREQ(t, type_bytes("a\033\000[b", 5), "a[b");
}

static void cancel_gives_no_line(struct test *t)
{
	EXPECT_STREQ(t, type_afresh("abc\003"), "^C");
	EXPECT_TRUE(t, screen_showed("abc^C"));
}

static void clear_screen_keeps_line(struct test *t)
{
	EXPECT_STREQ(t, type_afresh("abc\033[D\014x"), "abxc");
	EXPECT_TRUE(t, screen_showed("abxc"));
}

static void long_line_scrolls_and_is_cut_at_its_size(struct test *t)
{
	static char keys[2 * LINE_SIZE];
	const char *line;

	reset();
	for (size_t i = 0; i < sizeof(keys); i++)
		keys[i] = 'a' + i % 26;
	line = type_bytes(keys, sizeof(keys));
	EXPECT_EQ(t, strlen(line), (size_t)(LINE_SIZE - 1));
	EXPECT_TRUE(t, !strncmp(line, keys, LINE_SIZE - 1));
	EXPECT_FALSE(t, terminal.overrun);
}

/* The tests of the history begin so. */
static bool history_is_off(struct test *t)
{
	if (IS_ENABLED(CONFIG_MONITOR_HISTORY))
		return false;
	test_skip(t, "no history");
	return true;
}

static void history_goes_up_and_down(struct test *t)
{
	if (history_is_off(t))
		return;
	reset();
	type("one");
	type("two");
	EXPECT_STREQ(t, type("\033[A"), "two");
	EXPECT_STREQ(t, type("\020\020"), "one");
	EXPECT_STREQ(t, type("draft\033[A\033[A\033[A\033[A\033[B\033[B\033[B"), "draft");
	EXPECT_TRUE(t, screen_showed("draft"));
}

static void history_holds_no_line_twice(struct test *t)
{
	if (history_is_off(t))
		return;
	reset();
	type("one");
	type("two");
	type("one");
	type("");
	EXPECT_EQ(t, reader.history.nr_lines, 2U);
	EXPECT_STREQ(t, type("\033[A\033[A"), "two");
}

static void full_history_forgets_oldest(struct test *t)
{
	char line[3] = { 0 };

	if (history_is_off(t))
		return;
	reset();
	for (int i = 0; i < HISTORY_LINES + 3; i++) {
		line[0] = 'a' + i / 26;
		line[1] = 'a' + i % 26;
		type(line);
	}
	EXPECT_EQ(t, reader.history.nr_lines, (unsigned int)HISTORY_LINES);
	EXPECT_STREQ(t, reader.history.lines[0], "ad");
	EXPECT_STREQ(t, reader.history.lines[HISTORY_LINES - 1], line);
}

static void completion_inserts_common_part(struct test *t)
{
	EXPECT_STREQ(t, type_afresh("r\t5"), "regs 5");
	EXPECT_STREQ(t, type_afresh("h\t"), "he");
	EXPECT_STREQ(t, type_afresh("x st\t"), "x start_");
	EXPECT_STREQ(t, type_afresh("x start_k\t."), "x start_kernel .");
	EXPECT_STREQ(t, type_afresh("nothing\t"), "nothing");
	EXPECT_STREQ(t, type_afresh("x p y\033[D\033[D\t"), "x panic  y");
}

static void ambiguous_completion_lists(struct test *t)
{
	EXPECT_STREQ(t, type_afresh("he\tx"), "hex");
	EXPECT_EQ(t, terminal.nr_lines, 3U);
	EXPECT_STREQ(t, type_afresh("he\t\tx"), "hex");
	EXPECT_EQ(t, terminal.nr_lines, 5U);
	EXPECT_TRUE(t, screen_showed("hex"));
}

/* A generator with a fixed seed: the failing step is the same on every run. */
static unsigned int next_random(unsigned int *state)
{
	*state = *state * 1103515245 + 12345;
	return *state >> 16;
}

static void check_screen(struct test *t, const struct line_edit *edit, unsigned int step)
{
	unsigned int prompt = strlen(PROMPT);
	unsigned int shown = min(edit->len - edit->scroll, edit->width);

	if (terminal.overrun || edit->text[edit->len] || edit->cursor > edit->len ||
	    edit->scroll + edit->column != edit->cursor || edit->shown != shown ||
	    terminal.column != prompt + edit->column || strncmp(terminal.line, PROMPT, prompt) ||
	    strncmp(terminal.line + prompt, edit->text + edit->scroll, shown) ||
	    (prompt + shown < COLUMNS && terminal.line[prompt + shown] != ' '))
		test_fail(t, __FILE__, __LINE__, "screen is not the text at step %u", step);
}

static void screen_follows_random_keys(struct test *t)
{
	static const char *const keys[] = { "a",      "b",    "c ",	  "\001",   "\002",
					    "\004",   "\005", "\006",	  "\013",   "\014",
					    "\025",   "\027", "\033[D",	  "\033[C", "\033[H",
					    "\033[F", "\177", "word word" };
	unsigned int seed = 1, nr_before = t->nr_failures;
	const char *key;

	reset();
	terminal_write(PROMPT, strlen(PROMPT));
	line_edit_start(&reader.edit, COLUMNS - 1 - strlen(PROMPT), terminal_write);
	for (unsigned int step = 0; step < 20000 && t->nr_failures == nr_before; step++) {
		key = keys[next_random(&seed) % (step % 200 < 100 ? 3 : ARRAY_SIZE(keys))];
		for (; *key; key++) {
			if (line_edit_input(&reader.edit, *key) != LINE_CLEAR)
				continue;
			terminal_write(PROMPT, strlen(PROMPT));
			line_edit_redraw(&reader.edit);
		}
		check_screen(t, &reader.edit, step);
	}
}

static const struct test_case readline_cases[] = {
	TEST_CASE(typed_text_is_returned),	TEST_CASE(byte_at_end_is_only_echoed),
	TEST_CASE(crlf_is_one_enter),		TEST_CASE(control_keys_edit),
	TEST_CASE(escape_sequences_edit),	TEST_CASE(unknown_sequence_is_swallowed),
	TEST_CASE(lone_escape_does_not_hang),	TEST_CASE(cancel_gives_no_line),
	TEST_CASE(clear_screen_keeps_line),	TEST_CASE(long_line_scrolls_and_is_cut_at_its_size),
	TEST_CASE(history_goes_up_and_down),	TEST_CASE(history_holds_no_line_twice),
	TEST_CASE(full_history_forgets_oldest), TEST_CASE(completion_inserts_common_part),
	TEST_CASE(ambiguous_completion_lists),	TEST_CASE(screen_follows_random_keys),
};
TEST_SUITE(monitor_readline, readline_cases);
