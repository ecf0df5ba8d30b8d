/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shell patterns.  Only the last "*" seen needs to be remembered: if what follows it does not fit,
 * it takes one byte more; an earlier "*" taking more could not help, since the later one takes any
 * text.  So there is no recursion, and the time is bounded by the product of the lengths.
 */
#include <oshit/glob.h>

/* The "]" that ends the class at "[", or NULL. One that stands first is a member. */
static const char *class_end(const char *class)
{
	const char *p = class + 1;

	if (*p == '!' || *p == '^')
		p++;
	if (*p == ']')
		p++;
	while (*p && *p != ']')
		p++;
	return *p ? p : NULL;
}

static bool class_has(const char *class, const char *end, unsigned char c)
{
	bool inverted = class[1] == '!' || class[1] == '^';
	const char *p = class + 1 + inverted;

	while (p < end) {
		unsigned char low = *p, high = low;

		if (p[1] == '-' && p + 2 < end) {
			high = p[2];
			p += 2;
		}
		if (low <= c && c <= high)
			return !inverted;
		p++;
	}
	return inverted;
}

/* Matches one byte that is not the end; gives the place after the pattern's element, or NULL. */
static const char *match_one(const char *pattern, char c)
{
	const char *end;

	switch (*pattern) {
	case '\0':
		return NULL;
	case '?':
		return pattern + 1;
	case '[':
		end = class_end(pattern);
		if (end)
			return class_has(pattern, end, c) ? end + 1 : NULL;
		break;
	case '\\':
		if (pattern[1])
			pattern++;
		break;
	}
	return *pattern == c ? pattern + 1 : NULL;
}

bool glob_match(const char *pattern, const char *text)
{
	const char *after_star = NULL; /* the pattern after the last "*" */
	const char *star_text = NULL; /* the text after what that "*" has taken */

	while (*text) {
		const char *next;

		if (*pattern == '*') {
			after_star = ++pattern;
			star_text = text;
			continue;
		}
		next = match_one(pattern, *text);
		if (next) {
			pattern = next;
			text++;
			continue;
		}
		if (!after_star)
			return false;
		pattern = after_star;
		text = ++star_text;
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
