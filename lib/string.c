/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Strings, a byte at a time but for a search, which takes words.  Memory in bulk is lib/memory.c.
 * Any context; no state.
 */
#include <linux/errno.h>

#include <oshit/ctype.h>
#include <oshit/string.h>

struct some_word { /* anywhere, of any object */
	u64 bits;
} __packed __attribute__((may_alias));

#define EVERY_BYTE(c) ((c)*0x0101010101010101UL)

/* Subtracting 1 sets the top bit of a byte that had it clear only if that, or one below, was 0. */
static bool has_zero_byte(u64 word)
{
	return (word - EVERY_BYTE(1UL)) & ~word & EVERY_BYTE(0x80UL);
}

void *memchr(const void *mem, int c, size_t len)
{
	const u64 same = EVERY_BYTE((u64)(u8)c);
	const u8 *p = mem;

	for (; len >= sizeof(u64); len -= sizeof(u64), p += sizeof(u64)) {
		if (has_zero_byte(((const struct some_word *)p)->bits ^ same))
			break;
	}
	for (; len; len--, p++) {
		if (*p == (u8)c)
			return (void *)p;
	}
	return NULL;
}

void memzero_explicit(void *mem, size_t len)
{
	memset(mem, 0, len);
	barrier();
}

size_t strlen(const char *s)
{
	const char *end = s;

	while (*end) {
		end++;
		barrier();
	}
	return end - s;
}

size_t strnlen(const char *s, size_t max)
{
	size_t len = 0;

	while (len < max && s[len])
		len++;
	return len;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t max)
{
	for (; max; max--, a++, b++) {
		if (*a != *b)
			return (u8)*a - (u8)*b;
		if (!*a)
			break;
	}
	return 0;
}

int strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, (size_t)-1);
}

int strncasecmp(const char *a, const char *b, size_t max)
{
	for (; max; max--, a++, b++) {
		int diff = tolower((u8)*a) - tolower((u8)*b);

		if (diff)
			return diff;
		if (!*a)
			break;
	}
	return 0;
}

char *strchrnul(const char *s, int c)
{
	while (*s && *s != (char)c)
		s++;
	return (char *)s;
}

char *strchr(const char *s, int c)
{
	s = strchrnul(s, c);
	return *s == (char)c ? (char *)s : NULL;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)last;
}

char *strstr(const char *s, const char *what)
{
	size_t len = strlen(what);

	if (!len)
		return (char *)s;
	for (s = strchrnul(s, *what); *s; s = strchrnul(s + 1, *what)) {
		if (!strncmp(s, what, len))
			return (char *)s;
	}
	return NULL;
}

size_t strspn(const char *s, const char *accept)
{
	size_t len = 0;

	while (s[len] && strchr(accept, s[len]))
		len++;
	return len;
}

size_t strcspn(const char *s, const char *reject)
{
	size_t len = 0;

	while (s[len] && !strchr(reject, s[len]))
		len++;
	return len;
}

char *strpbrk(const char *s, const char *accept)
{
	s += strcspn(s, accept);
	return *s ? (char *)s : NULL;
}

char *strsep(char **s, const char *delimiters)
{
	char *token = *s;
	char *end;

	if (!token)
		return NULL;
	end = strpbrk(token, delimiters);
	if (end)
		*end++ = '\0';
	*s = end;
	return token;
}

long strscpy(char *dst, const char *src, size_t size)
{
	size_t len;

	if (!size)
		return -E2BIG;
	len = strnlen(src, size);
	if (len < size) {
		memcpy(dst, src, len + 1);
		return (long)len;
	}
	memcpy(dst, src, size - 1);
	dst[size - 1] = '\0';
	return -E2BIG;
}

bool strstarts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

char *skip_spaces(const char *s)
{
	while (isspace((u8)*s))
		s++;
	return (char *)s;
}

char *strim(char *s)
{
	size_t len = strlen(s);

	while (len && isspace((u8)s[len - 1]))
		s[--len] = '\0';
	return skip_spaces(s);
}
