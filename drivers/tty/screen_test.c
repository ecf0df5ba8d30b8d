/* SPDX-License-Identifier: GPL-2.0-only */
/* Text and control sequences on a small screen in memory. */
#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/test.h>

#include "screen.h"

#define COLUMNS 8
#define ROWS	3

static u16 cells[ROWS * COLUMNS];
static bool dirty[ROWS];
static struct screen screen;

static void write(const char *s)
{
	screen_write(&screen, s, strlen(s));
}

static void write_afresh(const char *s)
{
	screen =
		(struct screen){ .columns = COLUMNS, .rows = ROWS, .cells = cells, .dirty = dirty };
	screen_init(&screen);
	memset(dirty, 0, sizeof(dirty));
	write(s);
}

/* The characters of a row, without the spaces at its end. */
static const char *row(unsigned int y)
{
	static char text[COLUMNS + 1];
	size_t len = 0;

	for (unsigned int x = 0; x < COLUMNS; x++) {
		text[x] = (char)cells[y * COLUMNS + x];
		if (text[x] != ' ')
			len = x + 1;
	}
	text[len] = '\0';
	return text;
}

static void text_and_newlines_fill_rows(struct test *t)
{
	write_afresh("one\ntwo\nx\ry");
	EXPECT_STREQ(t, row(0), "one");
	EXPECT_STREQ(t, row(1), "two");
	EXPECT_STREQ(t, row(2), "y");
}

static void full_row_wraps_with_the_next_character(struct test *t)
{
	write_afresh("12345678");
	EXPECT_EQ(t, screen.y, 0U);
	write("\nab");
	EXPECT_STREQ(t, row(1), "ab");
	write_afresh("123456789");
	EXPECT_STREQ(t, row(1), "9");
}

static void newline_at_the_bottom_scrolls(struct test *t)
{
	write_afresh("1\n2\n3\n4\n5");
	EXPECT_STREQ(t, row(0), "3");
	EXPECT_STREQ(t, row(2), "5");
	EXPECT_EQ(t, screen.nr_scrolled, 2U);
}

static void only_changed_rows_are_dirty(struct test *t)
{
	write_afresh("\n\033[Bx");
	EXPECT_FALSE(t, dirty[0]);
	EXPECT_FALSE(t, dirty[1]);
	EXPECT_TRUE(t, dirty[2]);
	write("\n");
	EXPECT_TRUE(t, dirty[1]); /* the mark moves with its row */
	EXPECT_FALSE(t, dirty[0]);
}

static void cursor_moves_stay_on_the_screen(struct test *t)
{
	write_afresh("ab\033[2DX\033[99C.\033[99A^\033[99D<");
	EXPECT_STREQ(t, row(0), "<b     ^");
	write("\033[99B\033[99Cz");
	EXPECT_STREQ(t, row(2), "       z");
	write("\033[2;3H*\033[99;99H#\033[Ho");
	EXPECT_STREQ(t, row(1), "  *");
	EXPECT_STREQ(t, row(2), "       #");
	EXPECT_STREQ(t, row(0), "ob     ^");
}

static void erase_reaches_to_the_end(struct test *t)
{
	write_afresh("abcd\n1234\nxyz\033[2;3H\033[K");
	EXPECT_STREQ(t, row(1), "12");
	EXPECT_STREQ(t, row(2), "xyz");
	write("\033[1;2H\033[J");
	EXPECT_STREQ(t, row(0), "a");
	EXPECT_STREQ(t, row(1), "");
	EXPECT_STREQ(t, row(2), "");
}

static void colours_are_those_of_vga(struct test *t)
{
	write_afresh("a\033[31mb\033[1;44mc\033[0md\033[7me");
	EXPECT_EQ(t, cells[0] >> 8, 0x07);
	EXPECT_EQ(t, cells[1] >> 8, 0x04);
	EXPECT_EQ(t, cells[2] >> 8, 0x1c);
	EXPECT_EQ(t, cells[3] >> 8, 0x07);
	EXPECT_EQ(t, cells[4] >> 8, 0x70);
}

static void unknown_sequences_show_nothing(struct test *t)
{
	write_afresh("a\033[?25l\033[1;2;3;4;5;6;7m\033[99999999999999z\033=b\a");
	EXPECT_STREQ(t, row(0), "ab");
}

/* Any bytes at all leave the cursor on the screen; the sanitizers watch the rest. */
static void random_bytes_do_no_harm(struct test *t)
{
	static const char bytes[] = "\033\033[[;;0123456789ABCDHJKm\n\n\r\b\tabcxyz\xff";
	unsigned int seed = 1;

	write_afresh("");
	for (unsigned int i = 0; i < 100000; i++) {
		seed = seed * 1103515245 + 12345;
		screen_write(&screen, &bytes[(seed >> 16) % (sizeof(bytes) - 1)], 1);
		ASSERT_TRUE(t, screen.x <= COLUMNS && screen.y < ROWS);
	}
}

static const struct test_case screen_cases[] = {
	TEST_CASE(text_and_newlines_fill_rows),
	TEST_CASE(full_row_wraps_with_the_next_character),
	TEST_CASE(newline_at_the_bottom_scrolls),
	TEST_CASE(only_changed_rows_are_dirty),
	TEST_CASE(cursor_moves_stay_on_the_screen),
	TEST_CASE(erase_reaches_to_the_end),
	TEST_CASE(colours_are_those_of_vga),
	TEST_CASE(unknown_sequences_show_nothing),
	TEST_CASE(random_bytes_do_no_harm),
};
TEST_SUITE(screen, screen_cases);
