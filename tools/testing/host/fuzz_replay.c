/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a fuzz target without libFuzzer: over each seed file named in REPLAY_SEEDS (a folder), over
 * each seed cut at each length, and over seeds with random damage.  The same each time.  The input
 * is a block of exactly its size from malloc(), so that the sanitizer sees a byte too far.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <oshit/test_random.h>

#include "fuzz.h"

#define SEED_MAX    16384
#define NR_DAMAGED  20000
#define NR_TO_BREAK 8

struct seeds {
	struct {
		u8 *bytes;
		size_t len;
	} seed[64];
	size_t nr;
};

static void feed(const u8 *bytes, size_t len)
{
	u8 *copy = malloc(len ? len : 1);

	memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(len ? copy : copy + 1, len);
	free(copy);
}

static void read_seed(struct seeds *seeds, const char *dir, const char *name)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "rb");
	if (!file || seeds->nr == sizeof(seeds->seed) / sizeof(seeds->seed[0]))
		exit(EXIT_FAILURE);
	seeds->seed[seeds->nr].bytes = malloc(SEED_MAX);
	seeds->seed[seeds->nr].len = fread(seeds->seed[seeds->nr].bytes, 1, SEED_MAX, file);
	seeds->nr++;
	fclose(file);
}

static void read_seeds(struct test *t, struct seeds *seeds)
{
	const char *dir = getenv("REPLAY_SEEDS");
	struct dirent **entries;
	int nr = dir ? scandir(dir, &entries, NULL, alphasort) : -1;

	ASSERT_GT(t, nr, 0);
	for (int i = 0; i < nr; i++) {
		if (entries[i]->d_name[0] != '.')
			read_seed(seeds, dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	ASSERT_GT(t, seeds->nr, 0);
}

static void free_seeds(struct seeds *seeds)
{
	while (seeds->nr)
		free(seeds->seed[--seeds->nr].bytes);
}

static void seeds_whole_and_cut(struct test *t)
{
	struct seeds seeds = { .nr = 0 };

	read_seeds(t, &seeds);
	for (size_t i = 0; i < seeds.nr; i++) {
		for (size_t len = 0; len <= seeds.seed[i].len; len++)
			feed(seeds.seed[i].bytes, len);
	}
	free_seeds(&seeds);
}

static void damaged_seeds(struct test *t)
{
	static const u8 values[] = { 0, 1, '0', ' ', '"', '%', 'f', 0x7f, 0x80, 0xff };
	struct test_random random = test_random_seeded(t, 0xf022);
	struct seeds seeds = { .nr = 0 };
	u8 bytes[SEED_MAX];

	read_seeds(t, &seeds);
	for (int step = 0; step < NR_DAMAGED && seeds.nr; step++) {
		size_t i = test_random_below(&random, seeds.nr);
		size_t len = seeds.seed[i].len;
		size_t nr = 1 + test_random_below(&random, NR_TO_BREAK);

		memcpy(bytes, seeds.seed[i].bytes, len);
		while (nr-- && len)
			bytes[test_random_below(&random, len)] =
				values[test_random_below(&random, sizeof(values))];
		feed(bytes, len);
	}
	free_seeds(&seeds);
}

static const struct test_case fuzz_cases[] = {
	TEST_CASE(seeds_whole_and_cut),
	TEST_CASE(damaged_seeds),
};
TEST_SUITE(fuzz, fuzz_cases);
