/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arrays of bits, a word at a time.  A search masks off the bits below its start in the first
 * word and stops at the first word that is not 0; a hit above @nbits, in the unused bits of the
 * last word, counts as none.  The caller locks; no state.
 */
#include <oshit/bitmap.h>
#include <oshit/math.h>
#include <oshit/string.h>

/* The bits of the last word that belong to the array; @nbits is not 0. */
static unsigned long last_word_mask(size_t nbits)
{
	return ~0UL >> (-nbits % BITS_PER_LONG);
}

/* The bits of a word from @start on. */
static unsigned long first_word_mask(size_t start)
{
	return ~0UL << (start % BITS_PER_LONG);
}

size_t find_next_bit(const unsigned long *map, size_t nbits, size_t start)
{
	size_t i = BIT_WORD(start);
	unsigned long word;

	if (start >= nbits)
		return nbits;
	word = map[i] & first_word_mask(start);
	while (!word) {
		if (++i >= BITS_TO_LONGS(nbits))
			return nbits;
		word = map[i];
	}
	return min(i * BITS_PER_LONG + __ffs(word), nbits);
}

size_t find_next_zero_bit(const unsigned long *map, size_t nbits, size_t start)
{
	size_t i = BIT_WORD(start);
	unsigned long word;

	if (start >= nbits)
		return nbits;
	word = ~map[i] & first_word_mask(start);
	while (!word) {
		if (++i >= BITS_TO_LONGS(nbits))
			return nbits;
		word = ~map[i];
	}
	return min(i * BITS_PER_LONG + __ffs(word), nbits);
}

size_t find_next_and_bit(const unsigned long *a, const unsigned long *b, size_t nbits, size_t start)
{
	size_t i = BIT_WORD(start);
	unsigned long word;

	if (start >= nbits)
		return nbits;
	word = a[i] & b[i] & first_word_mask(start);
	while (!word) {
		if (++i >= BITS_TO_LONGS(nbits))
			return nbits;
		word = a[i] & b[i];
	}
	return min(i * BITS_PER_LONG + __ffs(word), nbits);
}

size_t find_last_bit(const unsigned long *map, size_t nbits)
{
	size_t i = BITS_TO_LONGS(nbits);
	unsigned long mask = last_word_mask(nbits);

	while (i--) {
		unsigned long word = map[i] & mask;

		if (word)
			return i * BITS_PER_LONG + __fls(word);
		mask = ~0UL;
	}
	return nbits;
}

void bitmap_zero(unsigned long *map, size_t nbits)
{
	memset(map, 0, BITS_TO_LONGS(nbits) * sizeof(*map));
}

void bitmap_fill(unsigned long *map, size_t nbits)
{
	memset(map, 0xff, BITS_TO_LONGS(nbits) * sizeof(*map));
}

void bitmap_copy(unsigned long *dst, const unsigned long *src, size_t nbits)
{
	memmove(dst, src, BITS_TO_LONGS(nbits) * sizeof(*dst));
}

void bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t nbits)
{
	for (size_t i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] & b[i];
}

void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t nbits)
{
	for (size_t i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] | b[i];
}

void bitmap_andnot(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t nbits)
{
	for (size_t i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] & ~b[i];
}

bool bitmap_equal(const unsigned long *a, const unsigned long *b, size_t nbits)
{
	for (size_t i = 0; i < nbits / BITS_PER_LONG; i++) {
		if (a[i] != b[i])
			return false;
	}
	if (nbits % BITS_PER_LONG == 0)
		return true;
	return !((a[BIT_WORD(nbits)] ^ b[BIT_WORD(nbits)]) & last_word_mask(nbits));
}

bool bitmap_intersects(const unsigned long *a, const unsigned long *b, size_t nbits)
{
	return find_next_and_bit(a, b, nbits, 0) < nbits;
}

bool bitmap_subset(const unsigned long *a, const unsigned long *b, size_t nbits)
{
	for (size_t i = 0; i < nbits / BITS_PER_LONG; i++) {
		if (a[i] & ~b[i])
			return false;
	}
	if (nbits % BITS_PER_LONG == 0)
		return true;
	return !(a[BIT_WORD(nbits)] & ~b[BIT_WORD(nbits)] & last_word_mask(nbits));
}

size_t bitmap_weight(const unsigned long *map, size_t nbits)
{
	size_t weight = 0;

	for (size_t i = 0; i < nbits / BITS_PER_LONG; i++)
		weight += hweight64(map[i]);
	if (nbits % BITS_PER_LONG)
		weight += hweight64(map[BIT_WORD(nbits)] & last_word_mask(nbits));
	return weight;
}

void bitmap_set(unsigned long *map, size_t start, size_t nr)
{
	size_t end = start + nr;

	while (start < end) {
		size_t next = min(ALIGN_DOWN(start, (size_t)BITS_PER_LONG) + BITS_PER_LONG, end);

		map[BIT_WORD(start)] |= first_word_mask(start) & last_word_mask(next);
		start = next;
	}
}

void bitmap_clear(unsigned long *map, size_t start, size_t nr)
{
	size_t end = start + nr;

	while (start < end) {
		size_t next = min(ALIGN_DOWN(start, (size_t)BITS_PER_LONG) + BITS_PER_LONG, end);

		map[BIT_WORD(start)] &= ~(first_word_mask(start) & last_word_mask(next));
		start = next;
	}
}

size_t bitmap_find_zero_area(const unsigned long *map, size_t nbits, size_t start, size_t nr,
			     size_t align)
{
	while (start < nbits) {
		size_t first = ALIGN_UP(find_next_zero_bit(map, nbits, start), align);
		size_t used;

		if (first >= nbits || nr > nbits - first)
			break;
		used = find_next_bit(map, first + nr, first);
		if (used == first + nr)
			return first;
		start = used + 1;
	}
	return nbits;
}
