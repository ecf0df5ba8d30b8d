/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory in bulk: moved, set and compared 8 bytes at a time, four words a round, through a type
 * that the compiler may neither assume aligned nor of another type than the object; a short end
 * goes byte by byte.  memcpy() goes upwards and loads a round before it stores it, so that it also
 * serves memmove() to lower addresses.
 *
 * The compiler knows such loops and would put a call of memcpy() or memset() in their place, that
 * is, of themselves: barrier() in each loop prevents that and costs no instruction.
 *
 * With CONFIG_KASAN this file defines __memcpy() and so on (<oshit/string.h>), which check nothing;
 * mm/kasan_string.c checks a whole range at once and calls them.
 *
 * Left out: an arch with better instructions (REP MOVSB) may put its own in the place of these.
 * Any context; no state.
 */
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
