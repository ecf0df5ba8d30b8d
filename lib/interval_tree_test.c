/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random intervals, put in and taken out, against an array of them: each query must give exactly
 * those of the array that overlap, in the order of their start.
 */
#include <oshit/interval_tree.h>
#include <oshit/math.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define NR_ITEMS 128

struct item {
	struct interval interval;
	bool present; /* the model */
	bool seen; /* by a query */
};

static struct item items[NR_ITEMS]; /* too large for a kernel stack; tests run one by one */

static struct item *item_of(struct interval *interval)
{
	return container_of(interval, struct item, interval);
}

static bool overlaps(const struct interval *interval, unsigned long start, unsigned long last)
{
	return interval->start <= last && interval->last >= start;
}

static void reset_items(void)
{
	for (size_t i = 0; i < NR_ITEMS; i++)
		items[i] = (struct item){ .present = false };
}

static void add(struct interval_tree *tree, struct item *item, unsigned long start,
		unsigned long last)
{
	item->interval.start = start;
	item->interval.last = last;
	item->present = true;
	interval_tree_insert(tree, &item->interval);
}

/* A query gives what the model has, each once, sorted. */
static bool query_agrees(const struct interval_tree *tree, unsigned long start, unsigned long last)
{
	struct interval *found;
	unsigned long before = 0;

	for (size_t i = 0; i < NR_ITEMS; i++)
		items[i].seen = false;
	for_each_interval(found, tree, start, last)
	{
		if (!item_of(found)->present || item_of(found)->seen || found->start < before)
			return false;
		item_of(found)->seen = true;
		before = found->start;
	}
	for (size_t i = 0; i < NR_ITEMS; i++)
		if (items[i].seen !=
		    (items[i].present && overlaps(&items[i].interval, start, last)))
			return false;
	return true;
}

/* The largest end of each subtree is what its entries say. */
static bool max_last_holds(const struct interval_tree *tree)
{
	struct interval *interval;

	rb_for_each_entry(interval, &tree->tree.root, node) {
		unsigned long largest = interval->last;

		for (int side = 0; side < 2; side++)
			if (interval->node.child[side])
				largest = max(largest, rb_entry(interval->node.child[side],
								struct interval, node)
							       ->max_last);
		if (interval->max_last != largest)
			return false;
	}
	return true;
}

static void empty_tree_has_no_interval(struct test *t)
{
	struct interval_tree tree = INTERVAL_TREE;

	EXPECT_TRUE(t, interval_tree_empty(&tree));
	EXPECT_TRUE(t, !interval_tree_first(&tree, 0, ~0UL));
}

static void edges_belong_to_an_interval(struct test *t)
{
	struct interval_tree tree = INTERVAL_TREE;
	struct interval *only = &items[0].interval;

	reset_items();
	add(&tree, &items[0], 10, 20);
	EXPECT_TRUE(t, interval_tree_first(&tree, 20, 30) == only);
	EXPECT_TRUE(t, interval_tree_first(&tree, 0, 10) == only);
	EXPECT_TRUE(t, interval_tree_first(&tree, 15, 15) == only);
	EXPECT_TRUE(t, interval_tree_first(&tree, 0, ~0UL) == only);
	EXPECT_TRUE(t, !interval_tree_first(&tree, 0, 9));
	EXPECT_TRUE(t, !interval_tree_first(&tree, 21, ~0UL));
	EXPECT_TRUE(t, !interval_tree_next(only, 0, ~0UL));
	interval_tree_remove(&tree, only);
	EXPECT_TRUE(t, interval_tree_empty(&tree));
}

static void the_whole_range_of_numbers_is_usable(struct test *t)
{
	struct interval_tree tree = INTERVAL_TREE;

	reset_items();
	add(&tree, &items[0], 0, ~0UL);
	add(&tree, &items[1], ~0UL, ~0UL);
	add(&tree, &items[2], 0, 0);
	EXPECT_TRUE(t, query_agrees(&tree, 0, 0));
	EXPECT_TRUE(t, query_agrees(&tree, ~0UL, ~0UL));
	EXPECT_TRUE(t, query_agrees(&tree, 1, ~0UL - 1));
}

/* As the areas of a fork tree are: many that are equal. */
static void equal_intervals_are_all_found(struct test *t)
{
	struct interval_tree tree = INTERVAL_TREE;

	reset_items();
	for (size_t i = 0; i < NR_ITEMS; i++)
		add(&tree, &items[i], 5, 7);
	EXPECT_TRUE(t, query_agrees(&tree, 6, 6));
	EXPECT_TRUE(t, query_agrees(&tree, 8, 9));
	for (size_t i = 0; i < NR_ITEMS; i += 2) {
		interval_tree_remove(&tree, &items[i].interval);
		items[i].present = false;
		ASSERT_TRUE(t, query_agrees(&tree, 7, 100));
	}
}

/* As the areas of one address space are. */
static void disjoint_neighbours_are_found_one_by_one(struct test *t)
{
	struct interval_tree tree = INTERVAL_TREE;

	reset_items();
	for (unsigned long i = 0; i < NR_ITEMS; i++)
		add(&tree, &items[i], 10 * i, 10 * i + 9);
	for (unsigned long i = 0; i < NR_ITEMS; i++) {
		struct interval *found = interval_tree_first(&tree, 10 * i + 3, 10 * i + 3);

		ASSERT_TRUE(t, found == &items[i].interval);
		ASSERT_TRUE(t, !interval_tree_next(found, 10 * i + 3, 10 * i + 3));
	}
}

/* For some items: one that is present, to be copied. */
static struct item *model_of(const struct item *item)
{
	struct item *model = &items[(item - items) / 2];

	return (item - items) % 2 && model->present ? model : NULL;
}

static void random_steps_follow_the_model(struct test *t, u64 seed, unsigned int nr_items,
					  unsigned long range, unsigned long max_len)
{
	struct test_random random = test_random_seeded(t, seed);
	struct interval_tree tree = INTERVAL_TREE;

	reset_items();
	for (unsigned int step = 0; step < 30000; step++) {
		struct item *item = &items[test_random_below(&random, nr_items)];
		unsigned long start = test_random_below(&random, range);
		unsigned long last = start + test_random_below(&random, max_len);

		if (item->present && step % 3 == 0) {
			start = step % 2 ? item->interval.start : start;
			last = max(start, last);
			interval_tree_change(&tree, &item->interval, start, last);
		} else if (item->present) {
			interval_tree_remove(&tree, &item->interval);
			item->present = false;
		} else if (model_of(item)) {
			interval_tree_insert_equal(&model_of(item)->interval, &item->interval);
			item->present = true;
		} else {
			add(&tree, item, start, last);
		}
		start = test_random_below(&random, range);
		last = start + test_random_below(&random, max_len);
		ASSERT_TRUE(t, query_agrees(&tree, start, last));
		if (step % 64 == 0) {
			ASSERT_TRUE(t, query_agrees(&tree, 0, ~0UL));
			ASSERT_TRUE(t, max_last_holds(&tree));
		}
	}
}

static void short_intervals_follow_the_model(struct test *t)
{
	random_steps_follow_the_model(t, 0x1e4a1, NR_ITEMS, 1000, 10);
}

static void long_intervals_follow_the_model(struct test *t)
{
	random_steps_follow_the_model(t, 0x1e4a2, NR_ITEMS, 100, 100);
}

static void few_intervals_follow_the_model(struct test *t)
{
	random_steps_follow_the_model(t, 0x1e4a3, 6, 20, 8);
}

static const struct test_case interval_tree_cases[] = {
	TEST_CASE(empty_tree_has_no_interval),
	TEST_CASE(edges_belong_to_an_interval),
	TEST_CASE(the_whole_range_of_numbers_is_usable),
	TEST_CASE(equal_intervals_are_all_found),
	TEST_CASE(disjoint_neighbours_are_found_one_by_one),
	TEST_CASE(short_intervals_follow_the_model),
	TEST_CASE(long_intervals_follow_the_model),
	TEST_CASE(few_intervals_follow_the_model),
};
TEST_SUITE(interval_tree, interval_tree_cases);
