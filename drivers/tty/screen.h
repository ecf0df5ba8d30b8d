/* SPDX-License-Identifier: GPL-2.0-only */
/* A screen of characters that understands some ANSI sequences; see screen.c. */
#ifndef SCREEN_H
#define SCREEN_H

#include <oshit/types.h>

#define SCREEN_PARAMS		  4 /* numbers of one sequence that are kept */
#define SCREEN_ATTRIBUTE	  0x07 /* light grey on black */

/* A cell is a character and its colours as VGA has them: 4 bits of background, 4 of foreground. */
#define SCREEN_CELL(c, attribute) ((u16)((u8)(c) | (u16)(attribute) << 8))

struct screen { /* the console owner only */
	unsigned int columns, rows; /* set by the owner, as are ->cells and ->dirty */
	u16 *cells; /* rows * columns, row by row */
	bool *dirty; /* for each row: its cells differ from what the owner has shown */
	unsigned int nr_scrolled; /* lines since the owner set it to 0 */

	unsigned int x, y; /* cursor; x == columns: the next character wraps */
	u8 attribute; /* colours of the next character */
	bool reversed;
	bool keeps_column; /* a newline moves down alone; set by the owner, for each write */
	u8 escape; /* 0, or the state of a sequence begun: ESC or [ */
	unsigned int params[SCREEN_PARAMS];
	unsigned int nr_params;
};

/* Clears the screen; ->columns, ->rows, ->cells and ->dirty are set. */
void screen_init(struct screen *screen);

/* Shows text: changes cells, marks their rows, moves the cursor. */
void screen_write(struct screen *screen, const char *s, size_t len);

#endif
