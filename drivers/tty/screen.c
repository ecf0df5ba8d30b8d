/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A screen of characters, for the consoles that draw one.  Text and control sequences go in; what
 * comes out are cells in memory and, for each row, whether it changed.  The console then brings its
 * device up to date, once for each write, so that the slow device is never read and written least.
 * A scroll moves the marks with the rows and is counted apart, for devices that can scroll.
 *
 * The sequences are those of <oshit/console.h>; others are swallowed.  The last column wraps when
 * the next character comes, as on a VT100, so that a full line leaves no empty one.
 */
#include <oshit/math.h>
#include <oshit/string.h>

#include "screen.h"

#define ESC	  '\033'
#define TAB_STOP  8
#define PARAM_MAX 9999

static u16 *cell_at(struct screen *screen, unsigned int x, unsigned int y)
{
	return &screen->cells[y * screen->columns + x];
}

static u8 colours(const struct screen *screen)
{
	u8 attribute = screen->attribute;

	return screen->reversed ? (u8)(attribute << 4 | attribute >> 4) : attribute;
}

/* Blanks cells from (x, y) to before (@end, y). */
static void blank(struct screen *screen, unsigned int x, unsigned int y, unsigned int end)
{
	for (; x < end; x++)
		*cell_at(screen, x, y) = SCREEN_CELL(' ', colours(screen));
	screen->dirty[y] = true;
}

static void scroll(struct screen *screen)
{
	size_t last = screen->rows - 1;

	memmove(screen->cells, screen->cells + screen->columns,
		last * screen->columns * sizeof(*screen->cells));
	memmove(screen->dirty, screen->dirty + 1, last * sizeof(*screen->dirty));
	blank(screen, 0, last, screen->columns);
	screen->nr_scrolled++;
}

static void newline(struct screen *screen)
{
	if (!screen->keeps_column)
		screen->x = 0;
	if (screen->y + 1 < screen->rows)
		screen->y++;
	else
		scroll(screen);
}

static void put(struct screen *screen, char c)
{
	if (screen->x == screen->columns)
		newline(screen);
	*cell_at(screen, screen->x, screen->y) = SCREEN_CELL(c, colours(screen));
	screen->dirty[screen->y] = true;
	screen->x++;
}

static void control_character(struct screen *screen, char c)
{
	switch (c) {
	case '\n':
		newline(screen);
		break;
	case '\r':
		screen->x = 0;
		break;
	case '\b':
		screen->x -= screen->x > 0;
		break;
	case '\t':
		screen->x =
			min(ALIGN_UP(screen->x + 1, (unsigned int)TAB_STOP), screen->columns - 1);
		break;
	case ESC:
		screen->escape = ESC;
		break;
	}
}

/* Erases from the cursor to the end, or everything. */
static void erase_screen(struct screen *screen, bool all)
{
	unsigned int first = all ? 0 : screen->y + 1;

	if (!all)
		blank(screen, screen->x, screen->y, screen->columns);
	for (unsigned int y = first; y < screen->rows; y++)
		blank(screen, 0, y, screen->columns);
}

/* ANSI numbers colours red, green, blue from bit 0 up; VGA the other way round. */
static u8 vga_colour(unsigned int ansi)
{
	return (ansi & 1) << 2 | (ansi & 2) | (ansi & 4) >> 2;
}

static void set_colour(struct screen *screen, unsigned int param)
{
	u8 *attribute = &screen->attribute;

	if (param == 0) {
		*attribute = SCREEN_ATTRIBUTE;
		screen->reversed = false;
	} else if (param == 1) {
		*attribute |= 0x08;
	} else if (param == 7) {
		screen->reversed = true;
	} else if (param >= 30 && param <= 37) {
		*attribute = (*attribute & 0xf8) | vga_colour(param - 30);
	} else if (param >= 40 && param <= 47) {
		*attribute = (*attribute & 0x0f) | vga_colour(param - 40) << 4;
	} else if (param >= 90 && param <= 97) {
		*attribute = (*attribute & 0xf0) | 0x08 | vga_colour(param - 90);
	} else if (param == 39) {
		*attribute = (*attribute & 0xf0) | (SCREEN_ATTRIBUTE & 0x0f);
	} else if (param == 49) {
		*attribute = (*attribute & 0x0f) | (SCREEN_ATTRIBUTE & 0xf0);
	}
}

/* Number @index of the sequence, or 1 if it is 0 or left out: what moves counts from 1. */
static unsigned int count_param(const struct screen *screen, unsigned int index)
{
	return max(screen->params[index], 1U);
}

static void move_cursor(struct screen *screen, char letter)
{
	unsigned int n = count_param(screen, 0);

	/* A move ends the wait behind the last column. */
	screen->x = min(screen->x, screen->columns - 1);
	switch (letter) {
	case 'A':
		screen->y -= min(n, screen->y);
		break;
	case 'B':
		screen->y = min(screen->y + n, screen->rows - 1);
		break;
	case 'C':
		screen->x = min(screen->x + n, screen->columns - 1);
		break;
	case 'D':
		screen->x -= min(n, screen->x);
		break;
	case 'H':
		screen->y = min(n, screen->rows) - 1;
		screen->x = min(count_param(screen, 1), screen->columns) - 1;
		break;
	}
}

static void end_sequence(struct screen *screen, char letter)
{
	switch (letter) {
	case 'J':
		erase_screen(screen, screen->params[0] == 2);
		break;
	case 'K':
		blank(screen, screen->x, screen->y, screen->columns);
		break;
	case 'm':
		for (unsigned int i = 0; i <= screen->nr_params; i++)
			set_colour(screen, screen->params[i]);
		break;
	default:
		move_cursor(screen, letter);
	}
}

static void sequence_character(struct screen *screen, char c)
{
	unsigned int *param = &screen->params[screen->nr_params];

	if (c >= '0' && c <= '9') {
		*param = min(*param * 10 + (unsigned int)(c - '0'), (unsigned int)PARAM_MAX);
	} else if (c == ';') {
		if (screen->nr_params < SCREEN_PARAMS - 1)
			screen->nr_params++;
	} else if (c >= 0x40) {
		screen->escape = 0;
		end_sequence(screen, c);
	}
}

/* The character after ESC: only [ opens something that we know. */
static void escape_character(struct screen *screen, char c)
{
	screen->escape = c == '[' ? '[' : 0;
	memset(screen->params, 0, sizeof(screen->params));
	screen->nr_params = 0;
}

static void screen_put(struct screen *screen, char c)
{
	if (screen->escape == '[')
		sequence_character(screen, c);
	else if (screen->escape)
		escape_character(screen, c);
	else if ((u8)c < ' ')
		control_character(screen, c);
	else
		put(screen, c);
}

void screen_write(struct screen *screen, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		screen_put(screen, s[i]);
}

void screen_init(struct screen *screen)
{
	screen->attribute = SCREEN_ATTRIBUTE;
	erase_screen(screen, true);
}
