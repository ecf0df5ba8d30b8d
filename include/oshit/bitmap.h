/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arrays of bits.  Bit n is bit n % 64 of word n / 64.  @nbits is the length of the array in bits;
 * the bits of the last word above it are never looked at, and may change.  The caller locks.
 */
#ifndef OSHIT_BITMAP_H
#define OSHIT_BITMAP_H

#include <oshit/bitops.h>

#define DECLARE_BITMAP(name, nbits) unsigned long name[BITS_TO_LONGS(nbits)]

/* First set (clear) bit at or above @start, or @nbits if there is none. */
size_t find_next_bit(const unsigned long *map, size_t nbits, size_t start);
size_t find_next_zero_bit(const unsigned long *map, size_t nbits, size_t start);
/* First bit at or above @start that is set in both, or @nbits. */
size_t find_next_and_bit(const unsigned long *a, const unsigned long *b, size_t nbits,
			 size_t start);
/* Highest set bit, or @nbits if there is none. */
size_t find_last_bit(const unsigned long *map, size_t nbits);

static inline size_t find_first_bit(const unsigned long *map, size_t nbits)
{
	return find_next_bit(map, nbits, 0);
}

static inline size_t find_first_zero_bit(const unsigned long *map, size_t nbits)
{
	return find_next_zero_bit(map, nbits, 0);
}

#define for_each_set_bit(bit, map, nbits)                         \
	for ((bit) = find_first_bit(map, nbits); (bit) < (nbits); \
	     (bit) = find_next_bit(map, nbits, (bit) + 1))

/* Whole arrays. */
void bitmap_zero(unsigned long *map, size_t nbits);
void bitmap_fill(unsigned long *map, size_t nbits);
void bitmap_copy(unsigned long *dst, const unsigned long *src, size_t nbits);
void bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t nbits);
void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b, size_t nbits);
void bitmap_andnot(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		   size_t nbits);
bool bitmap_equal(const unsigned long *a, const unsigned long *b, size_t nbits);
/* Whether any bit is set in both. */
bool bitmap_intersects(const unsigned long *a, const unsigned long *b, size_t nbits);
/* Whether each bit of @a is set in @b. */
bool bitmap_subset(const unsigned long *a, const unsigned long *b, size_t nbits);
/* How many bits are set. */
size_t bitmap_weight(const unsigned long *map, size_t nbits);

/* Others may set bits meanwhile, so each call looks. */
static __always_inline bool bitmap_empty(const unsigned long *map, size_t nbits)
{
	if (__builtin_constant_p(nbits) && nbits <= BITS_PER_LONG)
		return !(READ_ONCE(*map) & GENMASK(nbits - 1, 0));
	return find_first_bit(map, nbits) == nbits;
}

static inline bool bitmap_full(const unsigned long *map, size_t nbits)
{
	return find_first_zero_bit(map, nbits) == nbits;
}

/* Sets (clears) @nr bits from @start on. */
void bitmap_set(unsigned long *map, size_t start, size_t nr);
void bitmap_clear(unsigned long *map, size_t start, size_t nr);

/**
 * bitmap_find_zero_area() - first run of clear bits
 * @map: the array
 * @nbits: its length
 * @start: where to begin
 * @nr: length of the run wanted, at least 1
 * @align: the run begins at a multiple of this power of two
 *
 * Return: its first bit, or @nbits if there is no such run.
 */
size_t bitmap_find_zero_area(const unsigned long *map, size_t nbits, size_t start, size_t nr,
			     size_t align);

#endif
