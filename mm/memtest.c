/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Patterns for memory tests, in the manner of the march tests: what a fault needs to be seen is
 * that a cell is read in both states after its neighbours were written in both orders.
 *
 * Cells that are stuck, or do not change one way, fail with any pattern and its inverse.  Cells
 * that follow a neighbour fail with checkered and walking bits.  Address lines that do nothing make
 * two words one: then the word's own address, different in each, is not there any more.
 * Left out: refresh (waiting), rows and banks (the layout of chips is not known here).
 */
#include <oshit/math.h>

#include "memtest.h"

#ifndef memtest_read /* the host test has memory that is broken */
#define memtest_read(word) READ_ONCE(*(word))
#endif

static const char *const pattern_names[MEMTEST_NR_PATTERNS] = {
	"zeros",       "checkered 5",  "checkered 3", "checkered f",
	"walking one", "walking zero", "address",     "mixed",
};

const char *memtest_pattern_name(unsigned int pattern)
{
	return pattern < MEMTEST_NR_PATTERNS ? pattern_names[pattern] : "?";
}

/* What belongs into a word. */
static __always_inline __no_sanitize_address u64 value_of(unsigned int pattern, unsigned int round,
							  const u64 *word)
{
	u64 index = (unsigned long)word / sizeof(*word);

	switch (pattern) {
	case 0:
		return 0;
	case 1:
		return 0x5555555555555555;
	case 2:
		return 0x3333333333333333;
	case 3:
		return 0x0f0f0f0f0f0f0f0f;
	case 4:
		return 1UL << ((index + round) % 64);
	case 5:
		return ~(1UL << ((index + round) % 64));
	case 6:
		return (unsigned long)word;
	default:
		return (index + round) * 0x9e3779b97f4a7c15;
	}
}

static __always_inline __no_sanitize_address void expect(struct memtest *test, const u64 *word,
							 u64 expected)
{
	u64 found = memtest_read(word);

	if (unlikely(found != expected))
		test->bad(test, word, expected, found);
}

static __always_inline __no_sanitize_address void
do_step(struct memtest *test, enum memtest_step step, u64 *words, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		u64 *word = step == MEMTEST_DOWN ? &words[nr - 1 - i] : &words[i];
		u64 value = value_of(test->pattern, test->round, word);

		if (step == MEMTEST_UP || step == MEMTEST_CHECK)
			expect(test, word, value);
		if (step == MEMTEST_DOWN)
			expect(test, word, ~value);
		if (step != MEMTEST_CHECK)
			WRITE_ONCE(*word, step == MEMTEST_UP ? ~value : value);
	}
}

/* Free memory is none that the sanitizer lets us touch. */
__no_sanitize_address void memtest_step(struct memtest *test, enum memtest_step step, u64 *words,
					size_t nr)
{
	switch (step) {
	case MEMTEST_FILL:
		return do_step(test, MEMTEST_FILL, words, nr);
	case MEMTEST_UP:
		return do_step(test, MEMTEST_UP, words, nr);
	case MEMTEST_DOWN:
		return do_step(test, MEMTEST_DOWN, words, nr);
	default:
		return do_step(test, MEMTEST_CHECK, words, nr);
	}
}
