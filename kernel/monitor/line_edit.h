/* SPDX-License-Identifier: GPL-2.0-only */
/* One line of text under the cursor of a VT100; see line_edit.c. */
#ifndef LINE_EDIT_H
#define LINE_EDIT_H

#include <oshit/types.h>

#define LINE_SIZE 256 /* bytes of a line, with the terminating 0 */

/* What a byte asks of the editor's caller; the rest the editor does itself. */
enum line_event {
	LINE_MORE, /* nothing: give the next byte */
	LINE_DONE, /* Enter: the line is in ->text, the cursor on the next screen line */
	LINE_CANCEL, /* Ctrl-C: likewise, but the line shall not run */
	LINE_OLDER, /* Up, Ctrl-P */
	LINE_NEWER, /* Down, Ctrl-N */
	LINE_COMPLETE, /* Tab */
	LINE_CLEAR, /* Ctrl-L: the screen is empty, the prompt is to be written again */
};

/* How far into an escape sequence the input is. */
enum line_escape {
	ESCAPE_NONE,
	ESCAPE_BEGUN, /* after ESC */
	ESCAPE_CSI, /* after ESC [ and digits */
	ESCAPE_SS3, /* after ESC O */
};

struct line_edit { /* private to the one who reads the line */
	char text[LINE_SIZE];
	unsigned int len; /* bytes in ->text, below LINE_SIZE */
	unsigned int cursor; /* 0 .. len */
	unsigned int scroll; /* first byte on the screen */
	unsigned int width; /* columns for the text, after the prompt */
	unsigned int column; /* of the terminal's cursor, 0 is the first after the prompt */
	unsigned int shown; /* columns written */
	enum line_escape escape;
	unsigned int param; /* number inside the escape sequence */
	bool after_cr; /* a newline now belongs to the carriage return before it */
	void (*write)(const char *s, size_t len); /* to the terminal */
};

/* Starts an empty line. The caller has written a prompt that leaves @width columns. */
void line_edit_start(struct line_edit *ed, unsigned int width,
		     void (*write)(const char *s, size_t len));

/* Takes one byte from the terminal. */
enum line_event line_edit_input(struct line_edit *ed, char c);

/* No byte came for so long that an escape sequence begun has no rest: it was the ESC key. */
void line_edit_timeout(struct line_edit *ed);

/* Replaces the whole text; what does not fit is cut. */
void line_edit_set(struct line_edit *ed, const char *text);

/* Inserts at the cursor; what does not fit is left out. */
void line_edit_insert(struct line_edit *ed, const char *s, size_t len);

/* Writes the text again, after the caller wrote the prompt on a fresh line. */
void line_edit_redraw(struct line_edit *ed);

#endif
