/* SPDX-License-Identifier: GPL-2.0-only */
/* The patterns of the memory test on memory that is broken in known ways. */
#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/test.h>

static u64 read_broken(const u64 *word);
#define memtest_read(word) read_broken(word)
#include "../../../mm/memtest.c"

#define NR_WORDS 1024
#define BROKEN	 517 /* a word in the middle */
#define BIT_NR	 37

static u64 memory[NR_WORDS];

static enum fault {
	FAULT_NONE,
	FAULT_STUCK_AT_0,
	FAULT_STUCK_AT_1,
	FAULT_FOLLOWS_NEIGHBOUR_BIT, /* reads as the bit beside it */
	FAULT_FOLLOWS_NEIGHBOUR_WORD, /* a bit of the word before shows through */
	FAULT_ADDRESS_LINE, /* a line of the address is always 0 */
	NR_FAULTS,
} fault;

static u64 with_bit(u64 value, unsigned int nr, bool on)
{
	return on ? value | 1UL << nr : value & ~(1UL << nr);
}

static u64 read_broken(const u64 *word)
{
	size_t i = (size_t)(word - memory);
	u64 value = READ_ONCE(*word);

	if (fault == FAULT_ADDRESS_LINE)
		return READ_ONCE(memory[i & ~64UL]);
	if (i != BROKEN)
		return value;
	switch (fault) {
	case FAULT_STUCK_AT_0:
		return with_bit(value, BIT_NR, false);
	case FAULT_STUCK_AT_1:
		return with_bit(value, BIT_NR, true);
	case FAULT_FOLLOWS_NEIGHBOUR_BIT:
		return with_bit(value, BIT_NR, value >> (BIT_NR + 1) & 1);
	case FAULT_FOLLOWS_NEIGHBOUR_WORD:
		return with_bit(value, BIT_NR, memory[i - 1] >> BIT_NR & 1);
	default:
		return value;
	}
}

struct run {
	struct memtest test;
	size_t nr_bad;
	size_t nr_elsewhere; /* not in the broken word */
	u64 bits; /* that were wrong */
};

static void note_bad(struct memtest *test, const u64 *word, u64 expected, u64 found)
{
	struct run *run = (struct run *)test;

	run->nr_bad++;
	run->nr_elsewhere += word != &memory[BROKEN];
	run->bits |= expected ^ found;
}

/* Page by page, as the monitor does. */
static void march(struct run *run)
{
	size_t page = NR_WORDS / 4;

	for (int step = 0; step < NR_MEMTEST_STEPS; step++)
		for (size_t n = 0; n < 4; n++)
			memtest_step(&run->test, step,
				     memory + (step == MEMTEST_DOWN ? 3 - n : n) * page, page);
}

static struct run run_all(enum fault with)
{
	struct run run = { .test.bad = note_bad };

	fault = with;
	memset(memory, 0x99, sizeof(memory));
	for (run.test.pattern = 0; run.test.pattern < MEMTEST_NR_PATTERNS; run.test.pattern++)
		march(&run);
	return run;
}

static void good_memory_has_no_fault(struct test *t)
{
	EXPECT_EQ(t, run_all(FAULT_NONE).nr_bad, 0UL);
}

static void every_fault_is_found_and_none_beside_it(struct test *t)
{
	for (enum fault f = FAULT_NONE + 1; f < FAULT_ADDRESS_LINE; f++) {
		struct run run = run_all(f);

		EXPECT_GT(t, run.nr_bad, 0UL);
		EXPECT_EQ(t, run.nr_elsewhere, 0UL);
		EXPECT_EQ(t, run.bits, 1UL << BIT_NR);
	}
	EXPECT_GT(t, run_all(FAULT_ADDRESS_LINE).nr_bad, NR_WORDS / 2UL);
}

/* A stuck bit fails with every pattern: each is there in both states. */
static void each_pattern_reads_each_bit_in_both_states(struct test *t)
{
	for (unsigned int pattern = 0; pattern < MEMTEST_NR_PATTERNS; pattern++) {
		for (fault = FAULT_STUCK_AT_0; fault <= FAULT_STUCK_AT_1; fault++) {
			struct run run = { .test.bad = note_bad, .test.pattern = pattern };

			march(&run);
			EXPECT_GT(t, run.nr_bad, 0UL);
		}
	}
}

static void rounds_walk_through_all_bits(struct test *t)
{
	u64 seen = 0;

	fault = FAULT_NONE;
	for (unsigned int round = 0; round < 64; round++) {
		struct memtest test = { .pattern = 4, .round = round, .bad = note_bad };

		memtest_step(&test, MEMTEST_FILL, memory, NR_WORDS);
		EXPECT_EQ(t, memory[3] & (memory[3] - 1), 0UL);
		seen |= memory[3];
	}
	EXPECT_EQ(t, seen, ~0UL);
}

static const struct test_case memtest_cases[] = {
	TEST_CASE(good_memory_has_no_fault),
	TEST_CASE(every_fault_is_found_and_none_beside_it),
	TEST_CASE(each_pattern_reads_each_bit_in_both_states),
	TEST_CASE(rounds_walk_through_all_bits),
};
TEST_SUITE(memtest, memtest_cases);
