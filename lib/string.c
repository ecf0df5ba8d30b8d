/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Strings and memory.  The memory functions move 8 bytes at a time, four words a round, through a
 * type that the compiler may neither assume aligned nor of another type than the object; a short
 * end goes byte by byte.  memcpy() goes upwards and loads a round before it stores it, so that it
 * also serves memmove() to lower addresses.
 *
 * The compiler knows such loops and would put a call of memcpy() or memset() in their place, that
 * is, of themselves: barrier() in each loop prevents that and costs no instruction.
 *
 * Left out: an arch with better instructions (REP MOVSB) may put its own in the place of these.
 * Any context; no state.
 */
#include <linux/errno.h>

#include <oshit/ctype.h>
#include <oshit/string.h>

struct word {
	u64 bits;
} __packed __attribute__((may_alias));

#define WORD  sizeof(struct word)
#define ROUND (4 * WORD)

static inline void copy_round(u8 *dst, const u8 *src)
{
	const struct word *from = (const struct word *)src;
	struct word *to = (struct word *)dst;
	u64 a = from[0].bits, b = from[1].bits, c = from[2].bits, d = from[3].bits;

	to[0].bits = a;
	to[1].bits = b;
	to[2].bits = c;
	to[3].bits = d;
}

static inline void copy_word(u8 *dst, const u8 *src)
{
	*(struct word *)dst = *(const struct word *)src;
}

static inline void copy_up(u8 *dst, const u8 *src, size_t len)
{
	for (; len >= ROUND; len -= ROUND, dst += ROUND, src += ROUND) {
		copy_round(dst, src);
		barrier();
	}
	for (; len >= WORD; len -= WORD, dst += WORD, src += WORD) {
		copy_word(dst, src);
		barrier();
	}
	for (; len; len--) {
		*dst++ = *src++;
		barrier();
	}
}

static void copy_down(u8 *dst, const u8 *src, size_t len)
{
	for (; len >= ROUND; len -= ROUND) {
		copy_round(dst + len - ROUND, src + len - ROUND);
		barrier();
	}
	for (; len >= WORD; len -= WORD) {
		copy_word(dst + len - WORD, src + len - WORD);
		barrier();
	}
	while (len--) {
		dst[len] = src[len];
		barrier();
	}
}

void *memcpy(void *dst, const void *src, size_t len)
{
	copy_up(dst, src, len);
	return dst;
}

void *memmove(void *dst, const void *src, size_t len)
{
	if ((unsigned long)dst - (unsigned long)src >= len)
		copy_up(dst, src, len);
	else
		copy_down(dst, src, len);
	return dst;
}

void *memset(void *dst, int c, size_t len)
{
	u64 bits = (u8)c * 0x0101010101010101UL;
	u8 *p = dst;

	for (; len >= ROUND; len -= ROUND, p += ROUND) {
		struct word *to = (struct word *)p;

		to[0].bits = bits;
		to[1].bits = bits;
		to[2].bits = bits;
		to[3].bits = bits;
		barrier();
	}
	for (; len >= WORD; len -= WORD, p += WORD) {
		((struct word *)p)->bits = bits;
		barrier();
	}
	for (; len; len--) {
		*p++ = (u8)c;
		barrier();
	}
	return dst;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const u8 *p = a, *q = b;

	for (; len >= WORD; len -= WORD, p += WORD, q += WORD) {
		if (((const struct word *)p)->bits != ((const struct word *)q)->bits)
			break;
	}
	for (; len; len--, p++, q++) {
		if (*p != *q)
			return *p - *q;
	}
	return 0;
}

void *memchr(const void *mem, int c, size_t len)
{
	const u8 *p = mem;

	for (; len; len--, p++) {
		if (*p == (u8)c)
			return (void *)p;
	}
	return NULL;
}

void *memchr_inv(const void *mem, int c, size_t len)
{
	u64 bits = (u8)c * 0x0101010101010101UL;
	const u8 *p = mem;

	for (; len >= WORD; len -= WORD, p += WORD) {
		if (((const struct word *)p)->bits != bits)
			break;
	}
	for (; len; len--, p++) {
		if (*p != (u8)c)
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
