/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The walker on tables that no CPU uses: against a model that holds one entry a page, and each
 * promise of its own.  The tables are counted, so a leak is a failure.
 */
#include <linux/errno.h>

#include <arch/page.h>
#include <oshit/container_of.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/pgwalk.h>
#include <oshit/sizes.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define BASE	 0x7f8000000000UL /* of the range that is used; 1 GiB aligned */
#define NR_PAGES 2048UL /* four large pages */
#define NR_STEPS (3000UL * TEST_SCALE)
#define FLAGS	 (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)

struct test_table {
	struct page_table pt;
	long nr_tables; /* without the root */
	long nr_left; /* allocations that succeed before all others fail; negative: all succeed */
	unsigned long nr_flushes, flush_start, flush_last; /* all, and the bounds of the last */
	unsigned long nr_unflushed; /* tables freed without a flush before */
};

static pte_t *test_alloc(struct page_table *pt)
{
	struct test_table *table = container_of(pt, struct test_table, pt);

	if (table->nr_left == 0)
		return NULL;
	if (table->nr_left > 0)
		table->nr_left--;
	table->nr_tables++;
	return (pte_t *)get_zeroed_page(GFP_KERNEL);
}

static void test_free(struct page_table *pt, pte_t *memory)
{
	struct test_table *table = container_of(pt, struct test_table, pt);

	table->nr_tables--;
	table->nr_unflushed += table->nr_flushes == 0;
	free_page((unsigned long)memory);
}

static void test_flush(struct page_table *pt, unsigned long start, unsigned long last)
{
	struct test_table *table = container_of(pt, struct test_table, pt);

	table->nr_flushes++;
	table->flush_start = start;
	table->flush_last = last;
}

static const struct page_table_ops test_ops = {
	.alloc_table = test_alloc,
	.free_table = test_free,
	.flush = test_flush,
};

static void table_new(struct test_table *table)
{
	table->pt = (struct page_table){
		.root = (pte_t *)get_zeroed_page(GFP_KERNEL),
		.max_leaf_level = 2,
		.ops = &test_ops,
	};
	table->nr_tables = 0;
	table->nr_left = -1;
	table->nr_flushes = table->nr_unflushed = 0;
}

static void table_end(struct test *t, struct test_table *table)
{
	EXPECT_OK(t, page_table_unmap(&table->pt, BASE, GIB(2)));
	EXPECT_EQ(t, table->nr_tables, 0);
	free_page((unsigned long)table->pt.root);
}

static void mapped_page_is_found_with_its_flags(struct test *t)
{
	struct test_table table;
	unsigned int level;

	table_new(&table);
	ASSERT_OK(t, page_table_map(&table.pt, BASE + PAGE_SIZE, 0x5000, PAGE_SIZE, FLAGS));
	EXPECT_EQ(t, page_table_query(&table.pt, BASE + PAGE_SIZE + 7, &level), 0x5000 | FLAGS);
	EXPECT_EQ(t, level, 0);
	EXPECT_EQ(t, page_table_query(&table.pt, BASE, &level), 0);
	EXPECT_EQ(t, page_table_query(&table.pt, BASE + 2 * PAGE_SIZE, &level), 0);
	EXPECT_EQ(t, table.nr_tables, 3);
	table_end(t, &table);
}

static void largest_page_that_fits_is_used(struct test *t)
{
	struct test_table table;
	unsigned int level;

	table_new(&table);
	ASSERT_OK(t, page_table_map(&table.pt, BASE, 0, GIB(1) + MIB(2) + PAGE_SIZE, FLAGS));
	EXPECT_NE(t, page_table_query(&table.pt, BASE, &level), 0);
	EXPECT_EQ(t, level, 2);
	EXPECT_NE(t, page_table_query(&table.pt, BASE + GIB(1), &level), 0);
	EXPECT_EQ(t, level, 1);
	EXPECT_NE(t, page_table_query(&table.pt, BASE + GIB(1) + MIB(2), &level), 0);
	EXPECT_EQ(t, level, 0);
	table_end(t, &table);
}

static void split_then_merge_restores_the_large_page(struct test *t)
{
	struct test_table table;
	unsigned int level;
	pte_t before;

	table_new(&table);
	ASSERT_OK(t, page_table_map(&table.pt, BASE, GIB(4), GIB(1), FLAGS));
	before = page_table_query(&table.pt, BASE, &level);
	ASSERT_EQ(t, level, 2);
	ASSERT_OK(t, page_table_protect(&table.pt, BASE + MIB(6) + PAGE_SIZE, PAGE_SIZE, 0,
					PTE_WRITE));
	EXPECT_EQ(t, page_table_query(&table.pt, BASE + MIB(6), &level), (GIB(4) + MIB(6)) | FLAGS);
	EXPECT_EQ(t, level, 0);
	EXPECT_EQ(t, page_table_query(&table.pt, BASE + MIB(6) + PAGE_SIZE, &level),
		  (GIB(4) + MIB(6) + PAGE_SIZE) | (FLAGS & ~PTE_WRITE));
	EXPECT_EQ(t, page_table_query(&table.pt, BASE + MIB(8), &level),
		  (GIB(4) + MIB(8)) | FLAGS | PTE_LARGE);
	EXPECT_EQ(t, table.nr_tables, 3);
	ASSERT_OK(t, page_table_protect(&table.pt, BASE, GIB(1), PTE_WRITE, 0));
	EXPECT_EQ(t, page_table_query(&table.pt, BASE + MIB(6), &level), before);
	EXPECT_EQ(t, level, 2);
	EXPECT_EQ(t, table.nr_tables, 1);
	table_end(t, &table);
}

static void mapping_twice_is_refused_and_changes_nothing(struct test *t)
{
	struct test_table table;
	unsigned int level;
	long nr;

	table_new(&table);
	ASSERT_OK(t, page_table_map(&table.pt, BASE + MIB(4), 0, PAGE_SIZE, FLAGS));
	nr = table.nr_tables;
	EXPECT_EQ(t, page_table_map(&table.pt, BASE, GIB(1), MIB(8), FLAGS), -EEXIST);
	EXPECT_EQ(t, page_table_query(&table.pt, BASE, &level), 0);
	EXPECT_EQ(t, table.nr_tables, nr);
	table_end(t, &table);
}

static void impossible_ranges_are_refused(struct test *t)
{
	struct test_table table;

	table_new(&table);
	EXPECT_EQ(t, page_table_map(&table.pt, BASE, 0, 0, FLAGS), -EINVAL);
	EXPECT_EQ(t, page_table_map(&table.pt, BASE + 1, 0, PAGE_SIZE, FLAGS), -EINVAL);
	EXPECT_EQ(t, page_table_map(&table.pt, BASE, 1, PAGE_SIZE, FLAGS), -EINVAL);
	EXPECT_EQ(t, page_table_map(&table.pt, 1UL << 47, 0, PAGE_SIZE, FLAGS), -EINVAL);
	EXPECT_EQ(t, page_table_map(&table.pt, (1UL << 47) - PAGE_SIZE, 0, 2 * PAGE_SIZE, FLAGS),
		  -EINVAL);
	EXPECT_EQ(t, page_table_map(&table.pt, PAGE_SIZE, 0, -PAGE_SIZE, FLAGS), -EINVAL);
	EXPECT_EQ(t, page_table_unmap(&table.pt, -PAGE_SIZE, 2 * PAGE_SIZE), -EINVAL);
	EXPECT_EQ(t, table.nr_tables, 0);
	table_end(t, &table);
}

static void last_page_of_the_address_space_can_be_mapped(struct test *t)
{
	struct test_table table;
	unsigned int level;

	table_new(&table);
	ASSERT_OK(t, page_table_map(&table.pt, -PAGE_SIZE, 0, PAGE_SIZE, FLAGS));
	EXPECT_EQ(t, page_table_query(&table.pt, -1UL, &level), FLAGS);
	EXPECT_OK(t, page_table_unmap(&table.pt, -PAGE_SIZE, PAGE_SIZE));
	table_end(t, &table);
}

/* In an empty table, and then beside pages that it could be merged with. */
static void fail_mapping(struct test *t, struct test_table *table, unsigned long virt, u64 size)
{
	long before = table->nr_tables, nr_left;
	unsigned int level;
	int err = -ENOMEM;

	for (nr_left = 0; err == -ENOMEM && nr_left < 16; nr_left++) {
		table->nr_left = nr_left;
		err = page_table_map(&table->pt, virt, virt - BASE, size, FLAGS);
		if (!err)
			break;
		EXPECT_EQ(t, table->nr_tables, before);
		for (u64 offset = 0; offset < size; offset += PAGE_SIZE)
			ASSERT_EQ(t, page_table_query(&table->pt, virt + offset, &level), 0);
	}
	EXPECT_OK(t, err);
	EXPECT_GT(t, nr_left, 0);
	table->nr_left = -1;
}

static void failed_mapping_leaves_nothing(struct test *t)
{
	struct test_table table;
	unsigned int level;

	table_new(&table);
	fail_mapping(t, &table, BASE + MIB(2) - PAGE_SIZE, MIB(2) + 2 * PAGE_SIZE);
	table_end(t, &table);
	table_new(&table);
	ASSERT_OK(t, page_table_map(&table.pt, BASE, 0, MIB(1), FLAGS));
	fail_mapping(t, &table, BASE + MIB(1), MIB(1) + PAGE_SIZE);
	EXPECT_NE(t, page_table_query(&table.pt, BASE, &level), 0);
	EXPECT_EQ(t, level, 1); /* both halves became one large page */
	table_end(t, &table);
}

/* --- flushes --- */

static void expect_flush(struct test *t, struct test_table *table, unsigned long start, u64 size)
{
	EXPECT_EQ(t, table->nr_flushes, size != 0);
	if (size && table->nr_flushes) {
		EXPECT_EQ(t, table->flush_start, start);
		EXPECT_EQ(t, table->flush_last, start + size - 1);
	}
	table->nr_flushes = 0;
}

static void only_what_was_cached_is_flushed(struct test *t)
{
	struct test_table table;

	table_new(&table);
	ASSERT_OK(t, page_table_map(&table.pt, BASE, 0, 8 * PAGE_SIZE, FLAGS));
	expect_flush(t, &table, 0, 0);
	ASSERT_OK(t, page_table_protect(&table.pt, BASE, 8 * PAGE_SIZE, PTE_WRITE, 0));
	expect_flush(t, &table, 0, 0);
	ASSERT_OK(t, page_table_protect(&table.pt, BASE, 4 * PAGE_SIZE, 0, PTE_WRITE));
	expect_flush(t, &table, BASE, 4 * PAGE_SIZE);
	ASSERT_OK(t, page_table_protect(&table.pt, BASE, 8 * PAGE_SIZE, 0, PTE_WRITE));
	expect_flush(t, &table, BASE + 4 * PAGE_SIZE, 4 * PAGE_SIZE);
	ASSERT_OK(t, page_table_unmap(&table.pt, BASE + PAGE_SIZE, PAGE_SIZE));
	expect_flush(t, &table, BASE + PAGE_SIZE, PAGE_SIZE);
	ASSERT_OK(t, page_table_unmap(&table.pt, BASE + PAGE_SIZE, PAGE_SIZE));
	expect_flush(t, &table, 0, 0);
	ASSERT_OK(t, page_table_unmap(&table.pt, BASE, MIB(4)));
	expect_flush(t, &table, BASE, 8 * PAGE_SIZE);
	table_end(t, &table);
}

static void split_and_merged_pages_are_flushed_whole(struct test *t)
{
	struct test_table table;

	table_new(&table);
	ASSERT_OK(t, page_table_map(&table.pt, BASE, 0, MIB(2), FLAGS));
	expect_flush(t, &table, 0, 0);
	ASSERT_OK(t, page_table_protect(&table.pt, BASE + MIB(1), PAGE_SIZE, 0, PTE_WRITE));
	expect_flush(t, &table, BASE, MIB(2));
	ASSERT_OK(t, page_table_protect(&table.pt, BASE + MIB(1), PAGE_SIZE, PTE_WRITE, 0));
	expect_flush(t, &table, BASE, MIB(2));
	table_end(t, &table);
}

/* More tables than wait for one flush. */
static void no_table_is_freed_before_a_flush(struct test *t)
{
	struct test_table table;
	unsigned long i;

	table_new(&table);
	for (i = 0; i < 3 * PGWALK_MAX_FREE; i++)
		ASSERT_OK(t, page_table_map(&table.pt, BASE + i * MIB(2), 0, PAGE_SIZE, FLAGS));
	ASSERT_OK(t, page_table_unmap(&table.pt, BASE, i * MIB(2)));
	EXPECT_EQ(t, table.nr_tables, 0);
	EXPECT_EQ(t, table.nr_unflushed, 0);
	EXPECT_GE(t, table.nr_flushes, 3);
	table_end(t, &table);
}

/* --- the hole --- */

struct seen_walk {
	struct page_walk walk;
	unsigned long first, last; /* addresses that the callback was shown */
};

static int see_entry(struct page_walk *walk, pte_t *pte, unsigned long addr,
		     unsigned int level __maybe_unused)
{
	struct seen_walk *seen = container_of(walk, struct seen_walk, walk);

	if (*pte) {
		seen->first = min(seen->first, addr);
		seen->last = max(seen->last, addr);
	}
	return 0;
}

static void see_half(struct test *t, struct test_table *table, unsigned long start,
		     unsigned long last, unsigned long page)
{
	struct seen_walk seen = {
		.walk = { .pt = &table->pt, .start = start, .last = last, .entry = see_entry },
		.first = ~0UL,
	};

	EXPECT_OK(t, page_walk_range(&seen.walk));
	EXPECT_EQ(t, seen.first, page);
	EXPECT_EQ(t, seen.last, page);
}

static void addresses_are_sign_extended_at_the_hole(struct test *t)
{
	const unsigned long low = (1UL << 47) - PAGE_SIZE, high = -(1UL << 47);
	struct test_table table;
	unsigned int level;

	table_new(&table);
	ASSERT_OK(t, page_table_map(&table.pt, low, 0x1000, PAGE_SIZE, FLAGS));
	ASSERT_OK(t, page_table_map(&table.pt, high, 0x2000, PAGE_SIZE, FLAGS));
	EXPECT_EQ(t, page_table_query(&table.pt, low, &level), 0x1000 | FLAGS);
	EXPECT_EQ(t, page_table_query(&table.pt, high, &level), 0x2000 | FLAGS);
	EXPECT_EQ(t, page_table_query(&table.pt, 1UL << 47, &level), 0);
	EXPECT_EQ(t, page_table_query(&table.pt, high - PAGE_SIZE, &level), 0);
	see_half(t, &table, 0, (1UL << 47) - 1, low);
	see_half(t, &table, high, ~0UL, high);
	EXPECT_OK(t, page_table_unmap(&table.pt, low, PAGE_SIZE));
	EXPECT_OK(t, page_table_unmap(&table.pt, high, PAGE_SIZE));
	table_end(t, &table);
}

/* --- against a model --- */

static pte_t model[NR_PAGES]; /* as a table of small pages would have it */

/* Whether one large page could map what the model has from @first on. */
static bool model_is_large(unsigned long first)
{
	const unsigned long phys_mask = PT_LEVEL_SIZE(1) - 1;

	if (!model[first] || model[first] & PTE_ADDR_MASK & phys_mask)
		return false;
	for (unsigned long i = 0; i < PT_ENTRIES; i++)
		if (model[first + i] != model[first] + i * PAGE_SIZE)
			return false;
	return true;
}

static bool page_is_as_modelled(struct test *t, struct test_table *table, unsigned long i)
{
	unsigned long addr = BASE + i * PAGE_SIZE;
	unsigned int level;
	pte_t pte = page_table_query(&table->pt, addr, &level);

	if (pte && level)
		pte = (pte & ~PTE_LARGE) + (addr & (PT_LEVEL_SIZE(level) - 1));
	if (pte != model[i])
		test_fail(t, __FILE__, __LINE__, "page %lu: %#lx, not %#lx", i, pte, model[i]);
	return pte == model[i];
}

/* All pages, and that each that can be large is. */
static void compare(struct test *t, struct test_table *table)
{
	unsigned int level;
	unsigned long i;

	for (i = 0; i < NR_PAGES; i++) {
		ASSERT_TRUE(t, page_is_as_modelled(t, table, i));
		if (i % PT_ENTRIES)
			continue;
		page_table_query(&table->pt, BASE + i * PAGE_SIZE, &level);
		ASSERT_EQ(t, model[i] && level > 0, model_is_large(i));
	}
}

/* The pages at both ends of what was changed, and their neighbours. */
static void compare_ends(struct test *t, struct test_table *table, unsigned long first,
			 unsigned long nr)
{
	unsigned long ends[] = { first - 1, first, first + nr - 1, first + nr };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends[i] < NR_PAGES)
			page_is_as_modelled(t, table, ends[i]);
}

static void model_map(struct test *t, struct test_table *table, unsigned long first,
		      unsigned long nr)
{
	int wanted = 0;
	unsigned long i;

	for (i = first; i < first + nr; i++)
		if (model[i])
			wanted = -EEXIST;
	EXPECT_EQ(t,
		  page_table_map(&table->pt, BASE + first * PAGE_SIZE, first * PAGE_SIZE,
				 nr * PAGE_SIZE, FLAGS),
		  wanted);
	for (i = first; !wanted && i < first + nr; i++)
		model[i] = i * PAGE_SIZE | FLAGS;
}

static void model_protect(struct test *t, struct test_table *table, unsigned long first,
			  unsigned long nr, pte_t set, pte_t clear)
{
	unsigned long i;

	EXPECT_OK(t, page_table_protect(&table->pt, BASE + first * PAGE_SIZE, nr * PAGE_SIZE, set,
					clear));
	for (i = first; i < first + nr; i++)
		if (model[i])
			model[i] = (model[i] & ~clear) | set;
}

static void model_unmap(struct test *t, struct test_table *table, unsigned long first,
			unsigned long nr)
{
	EXPECT_OK(t, page_table_unmap(&table->pt, BASE + first * PAGE_SIZE, nr * PAGE_SIZE));
	memset(&model[first], 0, nr * sizeof(model[0]));
}

static void random_operation(struct test *t, struct test_table *table, struct test_random *random,
			     unsigned long first, unsigned long nr)
{
	static const pte_t flags[] = { PTE_WRITE, PTE_NO_EXECUTE, PTE_USER };
	pte_t flag = flags[test_random_below(random, ARRAY_SIZE(flags))];

	switch (test_random_below(random, 4)) {
	case 0:
		model_map(t, table, first, nr);
		break;
	case 1:
		model_unmap(t, table, first, nr);
		break;
	case 2:
		model_protect(t, table, first, nr, flag, 0);
		break;
	case 3:
		model_protect(t, table, first, nr, 0, flag);
		break;
	}
}

/* Few bounds and few flags, so that pieces meet and large pages come back. */
static void random_operations_agree_with_model(struct test *t)
{
	struct test_random random = test_random_seeded(t, 20261123);
	struct test_table table;

	table_new(&table);
	memset(model, 0, sizeof(model));
	for (unsigned long step = 0; step < NR_STEPS && !t->nr_failures; step++) {
		unsigned long a = test_random_below(&random, NR_PAGES / 64 + 1) * 64;
		unsigned long b = test_random_below(&random, NR_PAGES / 64 + 1) * 64;

		if (a == b)
			continue;
		random_operation(t, &table, &random, min(a, b), max(a, b) - min(a, b));
		compare_ends(t, &table, min(a, b), max(a, b) - min(a, b));
		if (step % (8 * TEST_SCALE) == 0)
			compare(t, &table);
	}
	compare(t, &table);
	EXPECT_EQ(t, table.nr_unflushed, 0);
	table_end(t, &table);
	test_note(t, "%lu steps", NR_STEPS);
}

struct table_walk {
	struct page_walk walk;
	unsigned long nr_entries, nr_full, nr_calls;
};

static int count_table(struct page_walk *walk, pte_t *entries, unsigned long addr __maybe_unused,
		       unsigned int nr)
{
	struct table_walk *count = container_of(walk, struct table_walk, walk);

	for (unsigned int i = 0; i < nr; i++)
		count->nr_full += entries[i] != 0;
	count->nr_entries += nr;
	count->nr_calls++;
	return 0;
}

/* Three tables, the middle one whole; beside them a large page, which has none. */
static void lowest_tables_are_shown_each_at_once(struct test *t)
{
	struct table_walk count = { .walk = { .table = count_table } };
	struct test_table table;

	table_new(&table);
	table.pt.max_leaf_level = 1;
	ASSERT_OK(t, page_table_map(&table.pt, BASE + MIB(8), 0, MIB(2), FLAGS));
	for (unsigned long i = 0; i < 3; i++)
		ASSERT_OK(t,
			  page_table_map(&table.pt, BASE + i * MIB(2), 0x5000, PAGE_SIZE, FLAGS));
	count.walk.pt = &table.pt;
	count.walk.start = BASE + MIB(2) - PAGE_SIZE;
	count.walk.last = BASE + MIB(4) + 3 * PAGE_SIZE - 1;
	ASSERT_OK(t, page_walk_range(&count.walk));
	EXPECT_EQ(t, count.nr_calls, 3ul);
	EXPECT_EQ(t, count.nr_entries, 1 + PT_ENTRIES + 3);
	EXPECT_EQ(t, count.nr_full, 2ul);
	count.walk.last = BASE + MIB(16) - 1;
	ASSERT_OK(t, page_walk_range(&count.walk));
	EXPECT_EQ(t, count.nr_calls, 6ul);
	table_end(t, &table);
}

static const struct test_case pgwalk_cases[] = {
	TEST_CASE(lowest_tables_are_shown_each_at_once),
	TEST_CASE(mapped_page_is_found_with_its_flags),
	TEST_CASE(largest_page_that_fits_is_used),
	TEST_CASE(split_then_merge_restores_the_large_page),
	TEST_CASE(mapping_twice_is_refused_and_changes_nothing),
	TEST_CASE(impossible_ranges_are_refused),
	TEST_CASE(last_page_of_the_address_space_can_be_mapped),
	TEST_CASE(failed_mapping_leaves_nothing),
	TEST_CASE(only_what_was_cached_is_flushed),
	TEST_CASE(split_and_merged_pages_are_flushed_whole),
	TEST_CASE(no_table_is_freed_before_a_flush),
	TEST_CASE(addresses_are_sign_extended_at_the_hole),
	TEST_CASE(random_operations_agree_with_model),
};
TEST_SUITE(pgwalk, pgwalk_cases);
