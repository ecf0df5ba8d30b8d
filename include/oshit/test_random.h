/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers for tests: the same in each run, and the seed is in the report. */
#ifndef OSHIT_TEST_RANDOM_H
#define OSHIT_TEST_RANDOM_H

#include <oshit/test.h>

/* Random loads take so many times more steps on the host, where a step costs nanoseconds. */
#ifndef TEST_SCALE
#define TEST_SCALE 1
#endif

struct test_random {
	u64 state; /* never 0 */
};

static inline struct test_random test_random_seeded(struct test *t, u64 seed)
{
	test_note(t, "seed 0x%lx", seed);
	return (struct test_random){ .state = seed };
}

/* Marsaglia's xorshift64. */
static inline u64 test_random_next(struct test_random *random)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 7;
	random->state ^= random->state << 17;
	return random->state;
}

/* A number below @limit; 0 if @limit is 0. */
static inline u64 test_random_below(struct test_random *random, u64 limit)
{
	return limit ? (test_random_next(random) >> 8) % limit : 0;
}

#endif
