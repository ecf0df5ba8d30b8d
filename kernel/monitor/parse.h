/* SPDX-License-Identifier: GPL-2.0-only */
/* From a typed line to words and numbers; see parse.c. */
#ifndef PARSE_H
#define PARSE_H

#include <oshit/types.h>

#define MAX_WORDS 16 /* of a command line: the name and its arguments */

/* Cuts @line into words in place, see the head of parse.c. The number of words, -EINVAL if a quote
 * is not closed, -E2BIG if there are more than MAX_WORDS; argv[words] is NULL. */
int split_words(char *line, char *argv[MAX_WORDS + 1]);

/* How `x` shows memory. */
struct dump_format {
	unsigned int count; /* items, at least 1 */
	unsigned int size; /* bytes an item: 1, 2, 4, 8; not used with 's' */
	char letter; /* x d u o c a (address) s (string) */
};

/* Reads "16xb", "8g", "s", "" and the like into @format, whose values are the defaults.
 * 0, or -EINVAL and @format is unchanged. */
int parse_dump_format(const char *text, struct dump_format *format);

/* Reads "NAME", "NAME+OFFSET", "NUMBER" or "NUMBER+OFFSET"; @lookup finds the address of a name or
 * gives 0. 0 or -EINVAL. */
int parse_address(const char *text, unsigned long (*lookup)(const char *name), unsigned long *addr);

/* A decimal or 0x number that fills @text. 0 or -EINVAL. */
int parse_number(const char *text, unsigned long *value);

#endif
