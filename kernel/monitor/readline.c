/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a line with editing (line_edit.c), history (history.c) and completion.
 *
 * Completion: the word under completion reaches from the last space to the cursor.  Its caller
 * names the candidates one after the other; those that begin with the word are matches.  The bytes
 * that all matches have in common are inserted, with a space if there is only one match; if there
 * are none to insert, the matches are listed.  Nothing is stored but one name, so the candidates
 * may be a hundred thousand symbols.
 */
#include <oshit/math.h>
#include <oshit/printf.h>
#include <oshit/string.h>

#include "readline.h"

#define SCREEN_COLUMNS 80
#define LIST_MAX       60 /* matches shown; about ten lines */
#define LIST_COLUMN    20 /* a column of the list is a multiple of this */

/* One completion under way. */
struct completion {
	const char *word; /* in   not terminated */
	size_t len; /* in   bytes of it */
	size_t start; /* in   of the word in the line */
	unsigned int nr_matches; /* out */
	char common[LINE_SIZE]; /* out  what all matches begin with, the word included */
};

static void write_text(const struct readline *rl, const char *s)
{
	rl->ops->write(s, strlen(s));
}

static void redraw(struct readline *rl)
{
	write_text(rl, rl->prompt);
	line_edit_redraw(&rl->edit);
}

static bool is_match(const struct completion *comp, const char *name)
{
	return !strncmp(name, comp->word, comp->len);
}

static void add_match(struct completion *comp, const char *name)
{
	size_t i = 0;

	if (comp->nr_matches++ == 0) {
		strscpy(comp->common, name, sizeof(comp->common));
		return;
	}
	while (comp->common[i] && comp->common[i] == name[i])
		i++;
	comp->common[i] = '\0';
}

static void find_matches(const struct readline *rl, struct completion *comp)
{
	const char *name;

	for (unsigned int i = 0; (name = rl->ops->candidate(rl->edit.text, comp->start, i)); i++)
		if (is_match(comp, name))
			add_match(comp, name);
}

/* Writes @name and spaces up to the next column of the list. Returns the new column. */
static size_t list_name(const struct readline *rl, const char *name, size_t column)
{
	static const char spaces[LIST_COLUMN + 1] = "                    ";
	size_t len = strlen(name);
	size_t pad = LIST_COLUMN - len % LIST_COLUMN;

	if (column && column + len >= SCREEN_COLUMNS) {
		write_text(rl, "\n");
		column = 0;
	}
	rl->ops->write(name, len);
	rl->ops->write(spaces, pad);
	return column + len + pad;
}

static void list_matches(struct readline *rl, const struct completion *comp)
{
	unsigned int nr_listed = 0;
	size_t column = 0;
	const char *name;
	char more[32];

	write_text(rl, "\n");
	for (unsigned int i = 0; nr_listed < LIST_MAX; i++) {
		name = rl->ops->candidate(rl->edit.text, comp->start, i);
		if (!name)
			break;
		if (is_match(comp, name)) {
			column = list_name(rl, name, column);
			nr_listed++;
		}
	}
	if (comp->nr_matches > nr_listed) {
		snprintf(more, sizeof(more), "... and %u more", comp->nr_matches - nr_listed);
		list_name(rl, more, column);
	}
	write_text(rl, "\n");
	redraw(rl);
}

static size_t word_start(const struct line_edit *edit)
{
	size_t start = edit->cursor;

	while (start > 0 && edit->text[start - 1] != ' ')
		start--;
	return start;
}

static void complete(struct readline *rl)
{
	struct line_edit *edit = &rl->edit;
	struct completion comp = { .start = word_start(edit) };
	size_t common;

	comp.word = edit->text + comp.start;
	comp.len = edit->cursor - comp.start;
	find_matches(rl, &comp);
	if (!comp.nr_matches)
		return;
	common = strlen(comp.common);
	if (common > comp.len)
		line_edit_insert(edit, comp.common + comp.len, common - comp.len);
	else if (comp.nr_matches > 1)
		list_matches(rl, &comp);
	if (comp.nr_matches == 1)
		line_edit_insert(edit, " ", 1);
}

static void show_line(struct readline *rl, const char *line)
{
	if (line)
		line_edit_set(&rl->edit, line);
}

static enum line_event next_event(struct readline *rl)
{
	int c = rl->ops->read();

	if (c >= 0)
		return line_edit_input(&rl->edit, (char)c);
	line_edit_timeout(&rl->edit);
	return LINE_MORE;
}

char *readline(struct readline *rl)
{
	struct line_edit *edit = &rl->edit;

	write_text(rl, rl->prompt);
	line_edit_start(edit, SCREEN_COLUMNS - 1 - strlen(rl->prompt), rl->ops->write);
	for (;;) {
		switch (next_event(rl)) {
		case LINE_MORE:
			break;
		case LINE_DONE:
			history_add(&rl->history, edit->text);
			return edit->text;
		case LINE_CANCEL:
			history_add(&rl->history, "");
			return NULL;
		case LINE_OLDER:
			show_line(rl, history_older(&rl->history, edit->text));
			break;
		case LINE_NEWER:
			show_line(rl, history_newer(&rl->history));
			break;
		case LINE_COMPLETE:
			complete(rl);
			break;
		case LINE_CLEAR:
			redraw(rl);
			break;
		}
	}
}
