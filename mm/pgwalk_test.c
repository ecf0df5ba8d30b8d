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
#define NR_STEPS 3000
#define FLAGS	 (PTE_PRESENT | PTE_WRITE)

struct test_table {
	struct page_table pt;
	long nr_tables; /* without the root */
	long fail_at; /* allocation that fails, counted down; negative: none */
};

static pte_t *test_alloc(struct page_table *pt)
{
	struct test_table *table = container_of(pt, struct test_table, pt);

	if (table->fail_at >= 0 && table->fail_at-- == 0)
		return NULL;
	table->nr_tables++;
	return (pte_t *)get_zeroed_page(GFP_KERNEL);
}

static void test_free(struct page_table *pt, pte_t *memory)
{
	container_of(pt, struct test_table, pt)->nr_tables--;
	free_page((unsigned long)memory);
}

static void test_flush(struct page_table *pt __maybe_unused, unsigned long start __maybe_unused,
		       unsigned long last __maybe_unused)
{
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
	table->fail_at = -1;
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
		  (GIB(4) + MIB(6) + PAGE_SIZE) | PTE_PRESENT);
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

/* Every allocation of a mapping fails once. */
static void failed_mapping_leaves_nothing(struct test *t)
{
	struct test_table table;
	unsigned int level;
	long i;
	int err = -ENOMEM;

	table_new(&table);
	for (i = 0; err == -ENOMEM && i < 16; i++) {
		table.fail_at = i;
		err = page_table_map(&table.pt, BASE + MIB(2) - PAGE_SIZE, MIB(2) - PAGE_SIZE,
				     MIB(2) + 2 * PAGE_SIZE, FLAGS);
		if (!err)
			break;
		EXPECT_EQ(t, table.nr_tables, 0);
		EXPECT_EQ(t, page_table_query(&table.pt, BASE + MIB(2), &level), 0);
	}
	EXPECT_OK(t, err);
	EXPECT_GT(t, i, 2);
	table.fail_at = -1;
	table_end(t, &table);
}

/* --- against a model --- */

static pte_t model[NR_PAGES]; /* as a table of small pages would have it */

static void compare(struct test *t, struct test_table *table, int step)
{
	unsigned int level;
	unsigned long i;

	for (i = 0; i < NR_PAGES; i++) {
		unsigned long addr = BASE + i * PAGE_SIZE;
		pte_t pte = page_table_query(&table->pt, addr, &level);

		if (pte && level)
			pte = (pte & ~PTE_LARGE) + (addr & (PT_LEVEL_SIZE(level) - 1));
		if (pte != model[i]) {
			test_fail(t, __FILE__, __LINE__, "step %d, page %lu: %#lx, not %#lx", step,
				  i, pte, model[i]);
			return;
		}
	}
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

/* Few bounds and few flags, so that pieces meet and large pages come back. */
static void random_operations_agree_with_model(struct test *t)
{
	static const pte_t flags[] = { PTE_WRITE, PTE_NO_EXECUTE, PTE_USER };
	struct test_random random = test_random_seeded(t, 20261123);
	struct test_table table;
	int step;

	table_new(&table);
	memset(model, 0, sizeof(model));
	for (step = 0; step < NR_STEPS && !t->nr_failures; step++) {
		unsigned long a = test_random_below(&random, NR_PAGES / 64 + 1) * 64;
		unsigned long b = test_random_below(&random, NR_PAGES / 64 + 1) * 64;
		unsigned long first = min(a, b), nr = max(a, b) - first;
		pte_t flag = flags[test_random_below(&random, ARRAY_SIZE(flags))];

		if (!nr)
			continue;
		switch (test_random_below(&random, 4)) {
		case 0:
			model_map(t, &table, first, nr);
			break;
		case 1:
			model_unmap(t, &table, first, nr);
			break;
		case 2:
			model_protect(t, &table, first, nr, flag, 0);
			break;
		case 3:
			model_protect(t, &table, first, nr, 0, flag);
			break;
		}
		if (step % 8 == 0)
			compare(t, &table, step);
	}
	compare(t, &table, step);
	table_end(t, &table);
}

static const struct test_case pgwalk_cases[] = {
	TEST_CASE(mapped_page_is_found_with_its_flags),
	TEST_CASE(largest_page_that_fits_is_used),
	TEST_CASE(split_then_merge_restores_the_large_page),
	TEST_CASE(mapping_twice_is_refused_and_changes_nothing),
	TEST_CASE(impossible_ranges_are_refused),
	TEST_CASE(last_page_of_the_address_space_can_be_mapped),
	TEST_CASE(failed_mapping_leaves_nothing),
	TEST_CASE(random_operations_agree_with_model),
};
TEST_SUITE(pgwalk, pgwalk_cases);
