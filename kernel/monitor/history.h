/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines typed before; see history.c.  Without CONFIG_MONITOR_HISTORY there are none. */
#ifndef HISTORY_H
#define HISTORY_H

#include "line_edit.h"

#define HISTORY_LINES 32

struct history { /* private to the one who reads lines */
	char lines[HISTORY_LINES][LINE_SIZE]; /* oldest first, no two equal, none empty */
	unsigned int nr_lines;
	unsigned int position; /* line shown, nr_lines: the one being typed */
	char draft[LINE_SIZE]; /* the line being typed, while an older one is shown */
};

#ifdef CONFIG_MONITOR_HISTORY
/* Makes @line the newest; an equal one moves, an empty one is left out. Ends browsing. */
void history_add(struct history *h, const char *line);

/* The line before or after the one shown, or NULL at the end. @text is on the screen now. */
const char *history_older(struct history *h, const char *text);
const char *history_newer(struct history *h);
#else
static inline void history_add(struct history *h __maybe_unused, const char *line __maybe_unused)
{
}
static inline const char *history_older(struct history *h __maybe_unused,
					const char *text __maybe_unused)
{
	return NULL;
}
static inline const char *history_newer(struct history *h __maybe_unused)
{
	return NULL;
}
#endif

#endif
