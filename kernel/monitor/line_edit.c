/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The line editor.  It takes the bytes a VT100 sends, keeps one line of text and a cursor in it,
 * and keeps the screen equal to them; it knows nothing of commands, history or completion, which
 * its caller adds (readline.c).
 *
 * Invariant between two calls: the screen shows, after the prompt, text[scroll .. scroll + shown)
 * and the terminal's cursor stands on text[cursor], so scroll + column == cursor.  A text wider
 * than the screen scrolls sideways, so a line never wraps and only relative moves are needed.
 * The commonest change, a byte typed at the end, writes that byte and nothing else.
 *
 * Escape sequences are collected a byte at a time; nothing ever waits for the rest of one.  A byte
 * that cannot belong to the sequence ends it and counts for itself, and line_edit_timeout() forgets
 * one that was begun.  Left out: UTF-8, a kill ring, undo.
 */
#include <oshit/ctype.h>
#include <oshit/math.h>
#include <oshit/printf.h>
#include <oshit/string.h>

#include "line_edit.h"

#define CTRL(letter)  ((letter)&0x1f)
#define KEY_ESCAPE    0x1b
#define KEY_BACKSPACE 0x7f
#define PARAM_MAX     999 /* beyond any sequence we know; keeps the number from overflowing */

static void write_text(struct line_edit *ed, const char *s)
{
	ed->write(s, strlen(s));
}

static void move_column(struct line_edit *ed, unsigned int column)
{
	char seq[16];

	if (column == ed->column)
		return;
	if (column < ed->column)
		snprintf(seq, sizeof(seq), "\033[%uD", ed->column - column);
	else
		snprintf(seq, sizeof(seq), "\033[%uC", column - ed->column);
	write_text(ed, seq);
	ed->column = column;
}

static bool cursor_is_visible(const struct line_edit *ed)
{
	return ed->cursor >= ed->scroll && ed->cursor <= ed->scroll + ed->width;
}

/* Writes text[from ..] where it belongs, erases what was behind it, puts the cursor right. */
static void draw_from(struct line_edit *ed, unsigned int from)
{
	unsigned int end = min(ed->len, ed->scroll + ed->width);
	unsigned int was_shown = ed->shown;

	move_column(ed, from - ed->scroll);
	ed->write(ed->text + from, end - from);
	ed->shown = end - ed->scroll;
	ed->column = ed->shown;
	if (was_shown > ed->shown)
		write_text(ed, "\033[K");
	move_column(ed, ed->cursor - ed->scroll);
}

/* Scrolls so that the cursor is in the middle third of the screen. */
static void scroll_to_cursor(struct line_edit *ed)
{
	unsigned int margin = ed->width / 3;

	ed->scroll = ed->cursor > 2 * margin ? ed->cursor - 2 * margin : 0;
	draw_from(ed, ed->scroll);
}

/* The text from @from on or the cursor changed: makes the screen follow. */
static void update(struct line_edit *ed, unsigned int from)
{
	if (!cursor_is_visible(ed))
		scroll_to_cursor(ed);
	else
		draw_from(ed, max(from, ed->scroll));
}

static void move_cursor(struct line_edit *ed, unsigned int cursor)
{
	ed->cursor = cursor;
	if (cursor_is_visible(ed))
		move_column(ed, cursor - ed->scroll);
	else
		scroll_to_cursor(ed);
}

/* Removes text[from .. to); the cursor goes to @from. */
static void delete_range(struct line_edit *ed, unsigned int from, unsigned int to)
{
	if (from == to)
		return;
	memmove(ed->text + from, ed->text + to, ed->len - to + 1);
	ed->len -= to - from;
	ed->cursor = from;
	update(ed, from);
}

static unsigned int word_start(const struct line_edit *ed)
{
	unsigned int i = ed->cursor;

	while (i > 0 && ed->text[i - 1] == ' ')
		i--;
	while (i > 0 && ed->text[i - 1] != ' ')
		i--;
	return i;
}

static void delete_at_cursor(struct line_edit *ed)
{
	if (ed->cursor < ed->len)
		delete_range(ed, ed->cursor, ed->cursor + 1);
}

static void move_right(struct line_edit *ed)
{
	if (ed->cursor < ed->len)
		move_cursor(ed, ed->cursor + 1);
}

static void move_left(struct line_edit *ed)
{
	if (ed->cursor > 0)
		move_cursor(ed, ed->cursor - 1);
}

static void clear_screen(struct line_edit *ed)
{
	write_text(ed, "\033[H\033[J");
	ed->column = 0;
	ed->shown = 0;
}

/* Leaves the line: the cursor goes behind the text first, so that nothing is overwritten. */
static enum line_event finish(struct line_edit *ed, enum line_event event)
{
	move_column(ed, ed->shown);
	write_text(ed, event == LINE_CANCEL ? "^C\n" : "\n");
	return event;
}

static enum line_event control_key(struct line_edit *ed, char c)
{
	switch (c) {
	case CTRL('A'):
		move_cursor(ed, 0);
		break;
	case CTRL('B'):
		move_left(ed);
		break;
	case CTRL('C'):
		return finish(ed, LINE_CANCEL);
	case CTRL('D'):
		delete_at_cursor(ed);
		break;
	case CTRL('E'):
		move_cursor(ed, ed->len);
		break;
	case CTRL('F'):
		move_right(ed);
		break;
	case KEY_BACKSPACE:
	case '\b':
		delete_range(ed, ed->cursor ? ed->cursor - 1 : 0, ed->cursor);
		break;
	case '\t':
		return LINE_COMPLETE;
	case CTRL('K'):
		delete_range(ed, ed->cursor, ed->len);
		break;
	case CTRL('L'):
		clear_screen(ed);
		return LINE_CLEAR;
	case '\r':
	case '\n':
		return finish(ed, LINE_DONE);
	case CTRL('N'):
		return LINE_NEWER;
	case CTRL('P'):
		return LINE_OLDER;
	case CTRL('U'):
		delete_range(ed, 0, ed->cursor);
		break;
	case CTRL('W'):
		delete_range(ed, word_start(ed), ed->cursor);
		break;
	case KEY_ESCAPE:
		ed->escape = ESCAPE_BEGUN;
		break;
	}
	return LINE_MORE;
}

/* ESC [ @param ~ */
static void tilde_key(struct line_edit *ed)
{
	switch (ed->param) {
	case 1:
	case 7:
		move_cursor(ed, 0);
		break;
	case 3:
		delete_at_cursor(ed);
		break;
	case 4:
	case 8:
		move_cursor(ed, ed->len);
		break;
	}
}

/* The last byte of a sequence after ESC [ or ESC O. An unknown one does nothing. */
static enum line_event escape_key(struct line_edit *ed, char c)
{
	ed->escape = ESCAPE_NONE;
	switch (c) {
	case 'A':
		return LINE_OLDER;
	case 'B':
		return LINE_NEWER;
	case 'C':
		move_right(ed);
		break;
	case 'D':
		move_left(ed);
		break;
	case 'F':
		move_cursor(ed, ed->len);
		break;
	case 'H':
		move_cursor(ed, 0);
		break;
	case '~':
		tilde_key(ed);
		break;
	}
	return LINE_MORE;
}

static enum line_event plain_input(struct line_edit *ed, char c)
{
	if (!isprint((unsigned char)c))
		return control_key(ed, c);
	line_edit_insert(ed, &c, 1);
	return LINE_MORE;
}

static enum line_event escape_input(struct line_edit *ed, char c)
{
	if (ed->escape == ESCAPE_BEGUN && (c == '[' || c == 'O')) {
		ed->escape = c == '[' ? ESCAPE_CSI : ESCAPE_SS3;
		ed->param = 0;
		return LINE_MORE;
	}
	if (ed->escape == ESCAPE_CSI && isdigit((unsigned char)c)) {
		ed->param = min(ed->param * 10 + (unsigned int)(c - '0'), (unsigned int)PARAM_MAX);
		return LINE_MORE;
	}
	if (ed->escape == ESCAPE_CSI && c >= 0x20 &&
	    c < 0x40) /* more parameters: Ctrl-Left and such */
		return LINE_MORE;
	if (ed->escape != ESCAPE_BEGUN && c >= 0x40 && c < 0x7f)
		return escape_key(ed, c);
	ed->escape = ESCAPE_NONE;
	return plain_input(ed, c);
}

void line_edit_start(struct line_edit *ed, unsigned int width,
		     void (*write)(const char *s, size_t len))
{
	bool after_cr = ed->after_cr;

	memset(ed, 0, sizeof(*ed));
	ed->width = width;
	ed->write = write;
	ed->after_cr = after_cr;
}

enum line_event line_edit_input(struct line_edit *ed, char c)
{
	bool after_cr = ed->after_cr;

	ed->after_cr = c == '\r';
	if (c == '\n' && after_cr)
		return LINE_MORE;
	return ed->escape == ESCAPE_NONE ? plain_input(ed, c) : escape_input(ed, c);
}

void line_edit_timeout(struct line_edit *ed)
{
	ed->escape = ESCAPE_NONE;
}

void line_edit_set(struct line_edit *ed, const char *text)
{
	strscpy(ed->text, text, sizeof(ed->text));
	ed->len = strlen(ed->text);
	ed->cursor = ed->len;
	ed->scroll = 0;
	update(ed, 0);
}

void line_edit_insert(struct line_edit *ed, const char *s, size_t len)
{
	unsigned int from = ed->cursor;

	len = min(len, (size_t)(LINE_SIZE - 1 - ed->len));
	memmove(ed->text + from + len, ed->text + from, ed->len - from + 1);
	memcpy(ed->text + from, s, len);
	ed->len += len;
	ed->cursor += len;
	update(ed, from);
}

void line_edit_redraw(struct line_edit *ed)
{
	ed->column = 0;
	ed->shown = 0;
	update(ed, ed->scroll);
}
