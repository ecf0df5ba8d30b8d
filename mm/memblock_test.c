/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memblock against a model: a small address space as an array of units, each with its state.  The
 * live lists are set aside for the time of a test, so it may run in a kernel that has booted.
 */

#include <linux/errno.h>
#include <arch/page.h>
#include <oshit/math.h>
#include <oshit/memblock.h>
#include <oshit/sizes.h>
#include <oshit/string.h>
#include <oshit/test.h>

#include <oshit/test_random.h>

#define NR_UNITS 512
#define UNIT	 (PAGE_SIZE / 4) /* ranges that begin and end inside a page, too */
#define NR_STEPS (20000UL * TEST_SCALE)

static struct {
	bool memory[NR_UNITS];
	u8 owner[NR_UNITS]; /* 0: not reserved, else enum memblock_owner + 1 */
} model;

static struct memblock saved;

static void begin(void)
{
	saved = memblock;
	memblock_reset();
	memset(&model, 0, sizeof(model));
}

static void end(void)
{
	memblock = saved;
}

static bool model_free(size_t unit)
{
	return model.memory[unit] && !model.owner[unit];
}

/* Length of the run of units, from @unit up, that are all free or all not. */
static size_t model_run(size_t unit)
{
	size_t i = unit;

	while (i < NR_UNITS && model_free(i) == model_free(unit))
		i++;
	return i - unit;
}

static void check_list(struct test *t, const struct memblock_list *list)
{
	for (size_t i = 0; i < list->nr; i++) {
		const struct memblock_region *region = &list->regions[i];

		ASSERT_LT(t, region->start, region->end);
		if (i == 0)
			continue;
		ASSERT_LE(t, region[-1].end, region->start);
		ASSERT_TRUE(t, region[-1].end < region->start || region[-1].owner != region->owner);
	}
}

static void check_against_model(struct test *t)
{
	u64 memory = 0, reserved = 0;

	check_list(t, &memblock.memory);
	check_list(t, &memblock.reserved);
	for (size_t i = 0; i < NR_UNITS; i++) {
		ASSERT_EQ(t, memblock_is_memory(i * UNIT), model.memory[i]);
		ASSERT_EQ(t, memblock_is_reserved(i * UNIT), model.owner[i] != 0);
		memory += model.memory[i] ? UNIT : 0;
		reserved += model.owner[i] ? UNIT : 0;
	}
	EXPECT_EQ(t, memblock_memory_size(), memory);
	EXPECT_EQ(t, memblock_reserved_size(), reserved);
}

static void check_owners(struct test *t)
{
	const struct memblock_list *list = &memblock.reserved;

	for (size_t i = 0; i < list->nr; i++)
		for (u64 pos = list->regions[i].start; pos < list->regions[i].end; pos += UNIT)
			ASSERT_EQ(t, model.owner[pos / UNIT], list->regions[i].owner + 1);
}

/* Walking up and down both name exactly the model's free runs. */
static void check_free_walks(struct test *t)
{
	struct memblock_region range;
	size_t nr_up = 0, nr_down = 0;
	u64 pos = 0;

	for (size_t i = 0; i < NR_UNITS; i += model_run(i)) {
		if (!model_free(i))
			continue;
		ASSERT_TRUE(t, memblock_next_free(pos, &range));
		EXPECT_EQ(t, range.start, i * UNIT);
		EXPECT_EQ(t, range.end, (i + model_run(i)) * UNIT);
		pos = range.end;
		nr_up++;
	}
	EXPECT_FALSE(t, memblock_next_free(pos, &range));
	for (pos = MEMBLOCK_ANYWHERE; memblock_prev_free(pos, &range); pos = range.start) {
		ASSERT_TRUE(t, model_free(range.start / UNIT));
		EXPECT_EQ(t, model_run(range.start / UNIT) * UNIT, range.end - range.start);
		nr_down++;
	}
	EXPECT_EQ(t, nr_up, nr_down);
}

static bool model_fits(size_t unit, size_t nr_units)
{
	return model_free(unit) && model_run(unit) >= nr_units;
}

/* Where the model would allocate @nr units at @align units between @min and @max; 0 if nowhere. */
static size_t model_alloc(size_t nr, size_t align, size_t min, size_t max,
			  enum memblock_direction direction)
{
	size_t best = 0;

	for (size_t i = ALIGN_UP(max_t(size_t, min, PAGE_SIZE / UNIT), align); i + nr <= max;
	     i += align) {
		if (!model_fits(i, nr))
			continue;
		if (direction == MEMBLOCK_BOTTOM_UP)
			return i;
		best = i;
	}
	return best;
}

static void random_alloc(struct test *t, struct test_random *random)
{
	enum memblock_direction direction = test_random_below(random, 2);
	size_t nr = 1 + test_random_below(random, 16), align = 1UL << test_random_below(random, 5);
	size_t min = test_random_below(random, NR_UNITS), max = test_random_below(random, NR_UNITS);
	size_t expected = model_alloc(nr, align, min, max, direction);
	u64 got;

	got = memblock_alloc_range(nr * UNIT, align * UNIT, min * UNIT, max * UNIT, direction);
	ASSERT_EQ(t, got, expected * UNIT);
	if (got)
		memset(&model.owner[expected], MEMBLOCK_ALLOCATED + 1, nr);
}

static void random_change(struct test *t, struct test_random *random)
{
	size_t start = test_random_below(random, NR_UNITS);
	size_t nr = test_random_below(random, min_t(size_t, 24, NR_UNITS - start) + 1);
	enum memblock_owner owner = test_random_below(random, MEMBLOCK_NR_OWNERS);

	switch (test_random_below(random, 4)) {
	case 0:
		ASSERT_OK(t, memblock_add(start * UNIT, nr * UNIT));
		memset(&model.memory[start], true, nr);
		break;
	case 1:
		ASSERT_OK(t, memblock_remove(start * UNIT, nr * UNIT));
		memset(&model.memory[start], false, nr);
		break;
	case 2:
		ASSERT_OK(t, memblock_reserve(start * UNIT, nr * UNIT, owner));
		memset(&model.owner[start], owner + 1, nr);
		break;
	default:
		ASSERT_OK(t, memblock_free(start * UNIT, nr * UNIT));
		memset(&model.owner[start], 0, nr);
		break;
	}
}

static void random_operations_agree_with_model(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x6d656d626c6f636bUL);

	begin();
	for (size_t step = 0; step < NR_STEPS && !t->nr_failures; step++) {
		if (test_random_below(&random, 4) == 0)
			random_alloc(t, &random);
		else
			random_change(t, &random);
		if (step % (16 * TEST_SCALE) == 0 || step + 1 == NR_STEPS) {
			check_against_model(t);
			check_owners(t);
			check_free_walks(t);
		}
	}
	end();
	test_note(t, "%lu steps", NR_STEPS);
}

static void wrapping_and_empty_ranges_are_harmless(struct test *t)
{
	begin();
	EXPECT_OK(t, memblock_add(MIB(1), 0));
	EXPECT_EQ(t, memblock_memory_size(), 0UL);
	EXPECT_OK(t, memblock_add(~0UL - 5, 100));
	EXPECT_EQ(t, memblock_memory_size(), 0UL);
	EXPECT_OK(t, memblock_add(MEMBLOCK_ANYWHERE - PAGE_SIZE, ~0UL));
	EXPECT_EQ(t, memblock_memory_size(), PAGE_SIZE);
	EXPECT_OK(t, memblock_reserve(0, ~0UL, MEMBLOCK_FIRMWARE));
	EXPECT_EQ(t, memblock_alloc_range(1, 1, 0, MEMBLOCK_ANYWHERE, MEMBLOCK_TOP_DOWN), 0UL);
	end();
}

static void impossible_requests_fail(struct test *t)
{
	begin();
	EXPECT_OK(t, memblock_add(0, MIB(1)));
	EXPECT_EQ(t, memblock_alloc_range(0, 1, 0, MIB(1), MEMBLOCK_TOP_DOWN), 0UL);
	EXPECT_EQ(t, memblock_alloc_range(1, 3, 0, MIB(1), MEMBLOCK_TOP_DOWN), 0UL);
	EXPECT_EQ(t, memblock_alloc_range(~0UL, 1, 0, MIB(1), MEMBLOCK_TOP_DOWN), 0UL);
	EXPECT_EQ(t, memblock_alloc_range(1, 1UL << 63, 0, MIB(1), MEMBLOCK_BOTTOM_UP), 0UL);
	EXPECT_EQ(t, memblock_alloc_range(16, 1, MIB(1), 16, MEMBLOCK_BOTTOM_UP), 0UL);
	EXPECT_TRUE(t, memblock_alloc(16, 16) == NULL);
	EXPECT_EQ(t, memblock_reserved_size(), 0UL);
	end();
}

static const struct boot_info odd_map = {
	.ranges =
		{
			{MIB(4), MIB(4), BOOT_RANGE_RAM},
			{MIB(5) + 1, 1, BOOT_RANGE_RESERVED}, /* spoils one page */
			{MIB(1), MIB(4), BOOT_RANGE_RAM}, /* unsorted, overlaps the first */
			{MIB(9), 100, BOOT_RANGE_RAM}, /* no whole page */
			{MIB(10), 1000, BOOT_RANGE_RAM}, /* a page in two halves */
			{MIB(10) + 1000, PAGE_SIZE - 1000, BOOT_RANGE_RAM},
			{0, 0, BOOT_RANGE_NVS},
			{~0UL - 1, 77, BOOT_RANGE_RESERVED},
		},
	.nr_ranges = 8,
	.initrd_start = MIB(2) + 5,
	.initrd_size = 10,
};

static unsigned long nr_given, last_given_end;
static bool given_in_order;

static void count_given(unsigned long start_pfn, unsigned long nr_pages)
{
	given_in_order &= start_pfn >= last_given_end;
	last_given_end = start_pfn + nr_pages;
	nr_given += nr_pages;
}

static void boot_info_is_taken_and_handed_over_once(struct test *t)
{
	unsigned long nr_whole = MIB(7) / PAGE_SIZE + 1 - 1 - 1; /* halves, spoilt page, initrd */

	begin();
	nr_given = last_given_end = 0;
	given_in_order = true;
	ASSERT_OK(t, memblock_take_boot_info(&odd_map));
	EXPECT_EQ(t, memblock_memory_size(), MIB(7) - PAGE_SIZE + 100 + PAGE_SIZE);
	EXPECT_FALSE(t, memblock_is_memory(MIB(5)));
	EXPECT_EQ(t, memblock_end(), MIB(10) + PAGE_SIZE);
	EXPECT_EQ(t, memblock_hand_over(count_given), nr_whole);
	EXPECT_EQ(t, nr_given, nr_whole);
	EXPECT_TRUE(t, given_in_order);
	EXPECT_EQ(t, memblock_hand_over(count_given), 0UL);
	EXPECT_EQ(t, memblock_reserve(MIB(1), 1, MEMBLOCK_KERNEL), -ENOMEM);
	end();
}

static void limit_cuts_memory(struct test *t)
{
	begin();
	EXPECT_OK(t, memblock_add(0, MIB(4)));
	EXPECT_OK(t, memblock_add(MIB(16), MIB(4)));
	EXPECT_OK(t, memblock_limit(MIB(17)));
	EXPECT_EQ(t, memblock_end(), MIB(17));
	EXPECT_EQ(t, memblock_memory_size(), MIB(5));
	end();
}

static void full_list_refuses_and_stays_sound(struct test *t)
{
	size_t nr = 0;

	begin();
	while (nr < 1000 && !memblock_reserve(nr * 2 * UNIT, UNIT, MEMBLOCK_KERNEL))
		nr++;
	EXPECT_GT(t, nr, (size_t)MEMBLOCK_NR_STATIC - 2);
	EXPECT_LE(t, nr, (size_t)MEMBLOCK_NR_STATIC);
	EXPECT_EQ(t, memblock_reserved_size(), nr * UNIT);
	check_list(t, &memblock.reserved);
	end();
}

static u8 arena[KIB(64)] __aligned(PAGE_SIZE);

/* Physical 0 is @arena: both lists outgrow their arrays, and what they grow into is reserved. */
static void lists_grow_into_direct_map(struct test *t)
{
	u64 own;

	begin();
	ASSERT_OK(t, memblock_add(0, sizeof(arena)));
	memblock_set_direct_map((unsigned long)arena, sizeof(arena));
	for (size_t i = 0; i < 300; i++) {
		ASSERT_OK(t, memblock_add(MIB(1) + i * 2 * UNIT, UNIT));
		ASSERT_OK(t, memblock_reserve(MIB(1) + i * 2 * UNIT, UNIT / 2, MEMBLOCK_KERNEL));
	}
	EXPECT_TRUE(t, memblock.memory.regions != memblock.memory.first_regions);
	EXPECT_TRUE(t, memblock.reserved.regions != memblock.reserved.first_regions);
	own = (memblock.memory.capacity + memblock.reserved.capacity) *
	      sizeof(struct memblock_region);
	EXPECT_EQ(t, memblock_reserved_size(), 300 * UNIT / 2 + own);
	EXPECT_TRUE(t, memblock_is_reserved((u8 *)memblock.memory.regions - arena));
	check_list(t, &memblock.memory);
	check_list(t, &memblock.reserved);
	end();
}

static void memory_from_direct_map_is_zero_and_inside(struct test *t)
{
	u8 *got;

	begin();
	memset(arena, 0x5a, sizeof(arena));
	ASSERT_OK(t, memblock_add(0, MIB(1)));
	memblock_set_direct_map((unsigned long)arena, sizeof(arena));
	got = memblock_alloc(100, 64);
	ASSERT_TRUE(t, got >= arena && got + 100 <= arena + sizeof(arena));
	EXPECT_TRUE(t, IS_ALIGNED((unsigned long)got, 64));
	for (size_t i = 0; i < 100; i++)
		EXPECT_EQ(t, got[i], 0);
	EXPECT_TRUE(t, memblock_alloc(sizeof(arena), 1) == NULL);
	end();
}

static const struct test_case memblock_cases[] = {
	TEST_CASE(random_operations_agree_with_model),
	TEST_CASE(wrapping_and_empty_ranges_are_harmless),
	TEST_CASE(impossible_requests_fail),
	TEST_CASE(boot_info_is_taken_and_handed_over_once),
	TEST_CASE(limit_cuts_memory),
	TEST_CASE(full_list_refuses_and_stays_sound),
	TEST_CASE(lists_grow_into_direct_map),
	TEST_CASE(memory_from_direct_map_is_zero_and_inside),
};
TEST_SUITE(memblock, memblock_cases);
