/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lines typed before, newest last, each once: a line typed again moves to the end, so that Up
 * reaches every different line in the fewest steps.  Browsing keeps a position; the line that was
 * being typed waits in a draft and comes back when Down passes the newest.
 *
 * The lines are an array of fixed size that is moved on each addition: 8 KiB a typed line is
 * nothing, and there is no state that could become inconsistent.
 */
#include <oshit/string.h>

#include "history.h"

static void remove_line(struct history *h, unsigned int index)
{
	h->nr_lines--;
	memmove(h->lines[index], h->lines[index + 1], (h->nr_lines - index) * sizeof(h->lines[0]));
}

static void remove_equal(struct history *h, const char *line)
{
	for (unsigned int i = 0; i < h->nr_lines; i++) {
		if (!strcmp(h->lines[i], line)) {
			remove_line(h, i);
			return;
		}
	}
}

void history_add(struct history *h, const char *line)
{
	if (*line) {
		remove_equal(h, line);
		if (h->nr_lines == HISTORY_LINES)
			remove_line(h, 0);
		strscpy(h->lines[h->nr_lines++], line, LINE_SIZE);
	}
	h->position = h->nr_lines;
}

const char *history_older(struct history *h, const char *text)
{
	if (h->position == 0)
		return NULL;
	if (h->position == h->nr_lines)
		strscpy(h->draft, text, sizeof(h->draft));
	return h->lines[--h->position];
}

const char *history_newer(struct history *h)
{
	if (h->position == h->nr_lines)
		return NULL;
	return ++h->position == h->nr_lines ? h->draft : h->lines[h->position];
}
