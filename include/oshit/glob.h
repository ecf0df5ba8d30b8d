/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OSHIT_GLOB_H
#define OSHIT_GLOB_H

#include <oshit/types.h>

/**
 * glob_match() - does a whole string match a shell pattern?
 * @pattern: "*" is any text, "?" any byte, "[a-z_]" one of these, "[!a-z]" none of these, a
 *	backslash takes the next byte as it is; a "[" that no "]" ends stands for itself
 * @text: any bytes; "/" and a leading "." are nothing special
 *
 * Context: any. Time is at most the product of the two lengths.
 */
bool glob_match(const char *pattern, const char *text);

#endif
