/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a typed line to words and numbers.  Pure functions of their arguments, so that they are
 * tested on the host.
 *
 * Words are separated by spaces.  A word that begins with a double quote ends at the next one and
 * may hold spaces; there is no other quoting.  Numbers are decimal, or hexadecimal with 0x, as in
 * C; octal is left out, nobody means it.
 */
#include <linux/errno.h>

#include <oshit/ctype.h>
#include <oshit/string.h>

#include "parse.h"

#define COUNT_MAX 65536UL /* items of one dump: more is a typing error */
#define NAME_SIZE 128 /* as KSYM_NAME_LEN */

/* Ends the word at @word with a 0. Returns what follows it, NULL if a quote is not closed. */
static char *end_word(char *word, char end)
{
	char *s = strchr(word, end);

	if (!s)
		return end == '"' ? NULL : word + strlen(word);
	*s = '\0';
	return s + 1;
}

int split_words(char *line, char *argv[MAX_WORDS + 1])
{
	int argc = 0;

	for (;;) {
		while (*line == ' ')
			line++;
		if (!*line)
			break;
		if (argc == MAX_WORDS)
			return -E2BIG;
		argv[argc++] = *line == '"' ? line + 1 : line;
		line = *line == '"' ? end_word(line + 1, '"') : end_word(line, ' ');
		if (!line)
			return -EINVAL;
	}
	argv[argc] = NULL;
	return argc;
}

/* Reads digits up to a byte that is none. Returns where, or NULL: no digit, or too large. */
static const char *read_number(const char *s, unsigned long *value)
{
	unsigned int base = s[0] == '0' && (s[1] == 'x' || s[1] == 'X') ? 16 : 10;
	const char *start;
	unsigned int digit;

	if (base == 16)
		s += 2;
	*value = 0;
	for (start = s; (digit = digit_value(*s)) < base; s++) {
		if (__builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, digit, value))
			return NULL;
	}
	return s == start ? NULL : s;
}

int parse_number(const char *text, unsigned long *value)
{
	const char *end = read_number(text, value);

	return end && !*end ? 0 : -EINVAL;
}

/* Sets the field that @c stands for; false if it is no letter of a format. */
static bool apply_letter(struct dump_format *format, char c)
{
	switch (c) {
	case 'b':
		format->size = 1;
		return true;
	case 'h':
		format->size = 2;
		return true;
	case 'w':
		format->size = 4;
		return true;
	case 'g':
		format->size = 8;
		return true;
	case 'a':
		format->size = 8;
		format->letter = c;
		return true;
	}
	if (!strchr("xduocs", c))
		return false;
	format->letter = c;
	return true;
}

int parse_dump_format(const char *text, struct dump_format *format)
{
	struct dump_format new = *format;
	unsigned long count;

	new.count = 1;
	if (isdigit((unsigned char)*text)) {
		text = read_number(text, &count);
		if (!text || count == 0 || count > COUNT_MAX)
			return -EINVAL;
		new.count = count;
	}
	for (; *text; text++)
		if (!apply_letter(&new, *text))
			return -EINVAL;
	*format = new;
	return 0;
}

/* A name ends at a '+'; kernel symbols hold none. */
static const char *read_symbol(const char *s, unsigned long (*lookup)(const char *name),
			       unsigned long *addr)
{
	char name[NAME_SIZE];
	size_t len = strcspn(s, "+");

	if (len == 0 || len >= sizeof(name))
		return NULL;
	memcpy(name, s, len);
	name[len] = '\0';
	*addr = lookup(name);
	return *addr ? s + len : NULL;
}

int parse_address(const char *text, unsigned long (*lookup)(const char *name), unsigned long *addr)
{
	const char *end = isdigit((unsigned char)*text) ? read_number(text, addr)
							: read_symbol(text, lookup, addr);
	unsigned long offset = 0;

	if (!end || (*end && *end != '+'))
		return -EINVAL;
	if (*end == '+' && parse_number(end + 1, &offset))
		return -EINVAL;
	*addr += offset;
	return 0;
}
