/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of memory, page by page.  A pattern gives each word a value.  It marches over all pages in
 * four steps, each for every page before the next begins:
 *
 *	MEMTEST_FILL	upwards: write the value
 *	MEMTEST_UP	upwards: expect the value, write its inverse
 *	MEMTEST_DOWN	downwards, pages too: expect the inverse, write the value
 *	MEMTEST_CHECK	upwards: expect the value
 */
#ifndef MM_MEMTEST_H
#define MM_MEMTEST_H

#include <oshit/types.h>

enum memtest_step {
	MEMTEST_FILL,
	MEMTEST_UP,
	MEMTEST_DOWN,
	MEMTEST_CHECK,
	NR_MEMTEST_STEPS,
};

struct memtest {
	unsigned int pattern; /* in   0..MEMTEST_NR_PATTERNS - 1 */
	unsigned int round; /* in   64 rounds put each walking bit into each place */
	/* in   called for each word that is not as expected */
	void (*bad)(struct memtest *test, const u64 *word, u64 expected, u64 found);
};

#define MEMTEST_NR_PATTERNS 8
const char *memtest_pattern_name(unsigned int pattern);

/* One step on @nr words.  They are the caller's: nobody else may use them. Any context. */
void memtest_step(struct memtest *test, enum memtest_step step, u64 *words, size_t nr);

#endif
