/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bits of one word, and operations on bit arrays: non-atomic ones (`__` in front: the caller locks)
 * and atomic ones.  As in <oshit/atomic.h>, an atomic one that returns a value is a full barrier,
 * one that returns nothing orders nothing; _lock is an acquire, _unlock a release.
 */
#ifndef OSHIT_BITOPS_H
#define OSHIT_BITOPS_H

#include <oshit/types.h>

#define BITS_PER_BYTE	   8
#define BITS_PER_LONG	   64
#define BIT(n)		   (1UL << (n))
#define BIT_WORD(n)	   ((n) / BITS_PER_LONG)
#define BIT_MASK(n)	   (1UL << ((n) % BITS_PER_LONG))
#define BITS_TO_LONGS(n)   (((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)

/* Bits @high down to @low, both included. */
#define GENMASK(high, low) ((~0UL << (low)) & (~0UL >> (BITS_PER_LONG - 1 - (high))))

static_assert(sizeof(long) * BITS_PER_BYTE == BITS_PER_LONG, "LP64");

/* Number of the lowest set bit; @word is not 0. */
static inline unsigned int __ffs(unsigned long word)
{
	return __builtin_ctzl(word);
}

/* Number of the highest set bit; @word is not 0. */
static inline unsigned int __fls(unsigned long word)
{
	return BITS_PER_LONG - 1 - __builtin_clzl(word);
}

/* Number of the lowest clear bit; @word is not ~0UL. */
static inline unsigned int ffz(unsigned long word)
{
	return __ffs(~word);
}

/* As ffs(3): 1 for bit 0, 0 if none is set. */
static inline unsigned int ffs64(u64 word)
{
	return word ? __ffs(word) + 1 : 0;
}

/* Position of the highest set bit counted from 1, 0 if none is set: the bits that @word needs. */
static inline unsigned int fls64(u64 word)
{
	return word ? __fls(word) + 1 : 0;
}

/* Rounded down; @n is not 0. */
static inline unsigned int ilog2(u64 n)
{
	return __fls(n);
}

/* The least order with (1 << order) >= @n; @n is not 0. */
static inline unsigned int order_base_2(u64 n)
{
	return fls64(n - 1);
}

/* @n is neither 0 nor above 1 << 63. */
static inline u64 roundup_pow_of_two(u64 n)
{
	return 1UL << order_base_2(n);
}

static inline u64 rounddown_pow_of_two(u64 n)
{
	return 1UL << ilog2(n);
}

/* Set bits in @word.  By hand: the compiler would call a library without POPCNT. */
static inline unsigned int hweight64(u64 word)
{
	word -= (word >> 1) & 0x5555555555555555UL;
	word = (word & 0x3333333333333333UL) + ((word >> 2) & 0x3333333333333333UL);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
	return (word * 0x0101010101010101UL) >> 56;
}

static inline u32 rol32(u32 word, unsigned int shift)
{
	return (word << (shift & 31)) | (word >> (-shift & 31));
}

static inline u64 rol64(u64 word, unsigned int shift)
{
	return (word << (shift & 63)) | (word >> (-shift & 63));
}

static inline bool test_bit(size_t nr, const unsigned long *map)
{
	return READ_ONCE(map[BIT_WORD(nr)]) & BIT_MASK(nr);
}

static inline void __set_bit(size_t nr, unsigned long *map)
{
	map[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static inline void __clear_bit(size_t nr, unsigned long *map)
{
	map[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

static inline void __change_bit(size_t nr, unsigned long *map)
{
	map[BIT_WORD(nr)] ^= BIT_MASK(nr);
}

/* These return what the bit was before. */
static inline bool __test_and_set_bit(size_t nr, unsigned long *map)
{
	bool old = test_bit(nr, map);

	__set_bit(nr, map);
	return old;
}

static inline bool __test_and_clear_bit(size_t nr, unsigned long *map)
{
	bool old = test_bit(nr, map);

	__clear_bit(nr, map);
	return old;
}

static inline void set_bit(size_t nr, unsigned long *map)
{
	__atomic_fetch_or(&map[BIT_WORD(nr)], BIT_MASK(nr), __ATOMIC_RELAXED);
}

static inline void clear_bit(size_t nr, unsigned long *map)
{
	__atomic_fetch_and(&map[BIT_WORD(nr)], ~BIT_MASK(nr), __ATOMIC_RELAXED);
}

static inline void change_bit(size_t nr, unsigned long *map)
{
	__atomic_fetch_xor(&map[BIT_WORD(nr)], BIT_MASK(nr), __ATOMIC_RELAXED);
}

/* These return what the bit was before. */
static inline bool test_and_set_bit(size_t nr, unsigned long *map)
{
	return __atomic_fetch_or(&map[BIT_WORD(nr)], BIT_MASK(nr), __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}

static inline bool test_and_clear_bit(size_t nr, unsigned long *map)
{
	return __atomic_fetch_and(&map[BIT_WORD(nr)], ~BIT_MASK(nr), __ATOMIC_SEQ_CST) &
	       BIT_MASK(nr);
}

static inline bool test_and_change_bit(size_t nr, unsigned long *map)
{
	return __atomic_fetch_xor(&map[BIT_WORD(nr)], BIT_MASK(nr), __ATOMIC_SEQ_CST) &
	       BIT_MASK(nr);
}

/* A bit as a lock: whoever found it clear has it. */
static inline bool test_and_set_bit_lock(size_t nr, unsigned long *map)
{
	return __atomic_fetch_or(&map[BIT_WORD(nr)], BIT_MASK(nr), __ATOMIC_ACQUIRE) & BIT_MASK(nr);
}

static inline void clear_bit_unlock(size_t nr, unsigned long *map)
{
	__atomic_fetch_and(&map[BIT_WORD(nr)], ~BIT_MASK(nr), __ATOMIC_RELEASE);
}

#endif
