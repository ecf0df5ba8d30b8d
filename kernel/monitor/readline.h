/* SPDX-License-Identifier: GPL-2.0-only */
/* A line editor with history and completion; see readline.c. */
#ifndef READLINE_H
#define READLINE_H

#include "history.h"
#include "line_edit.h"

struct readline_ops {
	/* Next byte, or -1 if none came for some tenths of a second. */
	int (*read)(void);
	void (*write)(const char *s, size_t len);
	/* Candidate number @index for the word that begins at line[@start]; NULL past the last.
	 * It stays valid until the next call. */
	const char *(*candidate)(const char *line, size_t start, unsigned int index);
};

struct readline { /* private to the one who reads lines */
	struct line_edit edit;
	struct history history;
	const struct readline_ops *ops;
	const char *prompt;
};

/* Reads one line. Returns it, valid until the next call, or NULL after Ctrl-C. */
char *readline(struct readline *rl);

#endif
