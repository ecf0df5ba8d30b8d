/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line's grammar, as Linux has it: parameters with white space between them, `name` or
 * `name=value`; double quotes keep white space, around the value or the whole parameter; `-` and
 * `_` in a name are the same; after `--` the rest is for init.
 */
#ifndef OSHIT_CMDLINE_H
#define OSHIT_CMDLINE_H

#include <oshit/types.h>

struct cmdline_param {
	char *name;
	char *value; /* NULL if there is no `=`; "" if there is nothing after it */
};

/**
 * cmdline_next() - take the next parameter off a command line
 * @line: what is left of it; moved on. The text is cut into strings in place.
 * @param: the parameter, strings inside the text
 *
 * Return: false at the end.  Any context.
 */
bool cmdline_next(char **line, struct cmdline_param *param);

/* Whether it is the `--` after which the rest is for init. */
bool cmdline_is_separator(const struct cmdline_param *param);

/* Whether two names are the same but for `-` and `_`. */
bool cmdline_name_equal(const char *a, const char *b);

#endif
