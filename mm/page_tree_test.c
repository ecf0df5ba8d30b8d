/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tree of pages against an array of what each index holds.  The pages are only addresses here:
 * the tree never looks at them.  The slab counts of the node cache say whether nodes leak.
 */
#include <linux/errno.h>
#include <oshit/math.h>
#include <oshit/page_tree.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#ifdef PAGE_TREE_TEST_STEPS
#define NR_STEPS PAGE_TREE_TEST_STEPS
#else
#define NR_STEPS 20000
#endif
#define NR_INDEXES 96

static struct page *fake_page(unsigned long nr)
{
	return (struct page *)((nr + 1) << 6);
}

/* Returns what page_tree_insert() does, with all the nodes that it wants; *@nr_nodes: how many. */
static int insert(struct page_tree *tree, unsigned long index, struct page *page, long *nr_nodes)
{
	struct page_tree_node *spare = NULL;
	int err;

	while ((err = page_tree_insert(tree, index, page, &spare)) == -EAGAIN) {
		spare = page_tree_alloc_node(GFP_KERNEL);
		++*nr_nodes;
	}
	if (spare) {
		page_tree_free_node(spare);
		--*nr_nodes;
	}
	return err;
}

static void inserted_page_is_found_and_no_other(struct test *t)
{
	static const unsigned long indexes[] = { 0, 1, 63, 64, 4095, 4096, 1UL << 40, ~0UL };
	struct page_tree tree = { 0 };
	long nr_nodes = 0;

	for (size_t i = 0; i < ARRAY_SIZE(indexes); i++) {
		EXPECT_EQ(t, (void *)page_tree_find(&tree, indexes[i]), NULL);
		ASSERT_OK(t, insert(&tree, indexes[i], fake_page(i), &nr_nodes));
		EXPECT_EQ(t, insert(&tree, indexes[i], fake_page(99), &nr_nodes), -EEXIST);
	}
	for (size_t i = 0; i < ARRAY_SIZE(indexes); i++)
		EXPECT_EQ(t, (void *)page_tree_find(&tree, indexes[i]), (void *)fake_page(i));
	EXPECT_EQ(t, (void *)page_tree_find(&tree, 2), NULL);
	EXPECT_EQ(t, (void *)page_tree_find(&tree, ~0UL - 1), NULL);
	for (size_t i = 0; i < ARRAY_SIZE(indexes); i++)
		EXPECT_EQ(t, (void *)page_tree_remove(&tree, indexes[i]), (void *)fake_page(i));
	EXPECT_EQ(t, (void *)tree.root, NULL);
	EXPECT_EQ(t, tree.nr_pages, 0ul);
}

static void walk_visits_each_page_in_order(struct test *t)
{
	static const unsigned long indexes[] = { 3, 64, 65, 5000, 1UL << 30 };
	struct page_tree tree = { 0 };
	unsigned long index = 0;
	long nr_nodes = 0;

	for (size_t i = 0; i < ARRAY_SIZE(indexes); i++)
		ASSERT_OK(t, insert(&tree, indexes[i], fake_page(i), &nr_nodes));
	for (size_t i = 0; i < ARRAY_SIZE(indexes); i++, index++) {
		EXPECT_EQ(t, (void *)page_tree_find_next(&tree, &index), (void *)fake_page(i));
		EXPECT_EQ(t, index, indexes[i]);
	}
	EXPECT_EQ(t, (void *)page_tree_find_next(&tree, &index), NULL);
	for (size_t i = 0; i < ARRAY_SIZE(indexes); i++)
		page_tree_remove(&tree, indexes[i]);
	EXPECT_EQ(t, (void *)tree.root, NULL);
}

/* Gives up after the first node: the tree must not keep what it has got. */
static void insertion_given_up_leaves_nothing(struct test *t)
{
	struct page_tree tree = { 0 };
	struct page_tree_node *spare = NULL;
	long nr_nodes = 0;

	ASSERT_OK(t, insert(&tree, 0, fake_page(0), &nr_nodes));
	ASSERT_EQ(t, page_tree_insert(&tree, 1UL << 30, fake_page(1), &spare), -EAGAIN);
	spare = page_tree_alloc_node(GFP_KERNEL);
	ASSERT_EQ(t, page_tree_insert(&tree, 1UL << 30, fake_page(1), &spare), -EAGAIN);
	EXPECT_EQ(t, (void *)spare, NULL);
	EXPECT_EQ(t, (void *)page_tree_remove(&tree, 1UL << 30), NULL);
	EXPECT_EQ(t, (void *)page_tree_find(&tree, 0), (void *)fake_page(0));
	page_tree_remove(&tree, 0);
	EXPECT_EQ(t, (void *)tree.root, NULL);
}

struct tree_model {
	struct page_tree tree;
	struct page *pages[NR_INDEXES];
	bool dirty[NR_INDEXES];
};

/* Indexes of all magnitudes, few enough to be met again, in rising order. */
static unsigned long index_of(unsigned long nr)
{
	return nr < 64 ? nr * 3 : 1UL << (nr - 56);
}

static void compare(struct test *t, const struct tree_model *m)
{
	unsigned long index = 0, nr = 0;

	for (unsigned long i = 0; i < NR_INDEXES; i++) {
		EXPECT_EQ(t, (void *)page_tree_find(&m->tree, index_of(i)), (void *)m->pages[i]);
		if (!m->pages[i])
			continue;
		nr++;
		EXPECT_EQ(t, (void *)page_tree_find_next(&m->tree, &index), (void *)m->pages[i]);
		index++;
	}
	EXPECT_EQ(t, m->tree.nr_pages, nr);
}

static void compare_tags(struct test *t, const struct tree_model *m)
{
	unsigned long index = 0, nr = 0;

	for (unsigned long i = 0; i < NR_INDEXES; i++) {
		EXPECT_EQ(t, page_tree_has_tag(&m->tree, index_of(i), PAGE_TAG_DIRTY), m->dirty[i]);
		if (!m->dirty[i])
			continue;
		nr++;
		EXPECT_EQ(t, (void *)page_tree_find_tagged(&m->tree, &index, PAGE_TAG_DIRTY),
			  (void *)m->pages[i]);
		EXPECT_EQ(t, index, index_of(i));
		index++;
	}
	EXPECT_EQ(t, (void *)page_tree_find_tagged(&m->tree, &index, PAGE_TAG_DIRTY), NULL);
	EXPECT_EQ(t, m->tree.nr_tagged[PAGE_TAG_DIRTY], nr);
}

static void change_tag(struct tree_model *m, unsigned long i)
{
	m->dirty[i] = !m->dirty[i];
	if (m->dirty[i])
		page_tree_set_tag(&m->tree, index_of(i), PAGE_TAG_DIRTY);
	else
		page_tree_clear_tag(&m->tree, index_of(i), PAGE_TAG_DIRTY);
}

static void random_changes_agree_with_array(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x7ee5);
	static struct tree_model m;
	long nr_nodes = 0;

	for (unsigned long step = 0; step < NR_STEPS && !t->nr_failures; step++) {
		unsigned long i = test_random_below(&random, NR_INDEXES);

		if (m.pages[i] && test_random_below(&random, 2)) {
			change_tag(&m, i);
		} else if (m.pages[i]) {
			EXPECT_EQ(t, (void *)page_tree_remove(&m.tree, index_of(i)),
				  (void *)m.pages[i]);
			m.pages[i] = NULL;
			m.dirty[i] = false;
		} else {
			m.pages[i] = fake_page(step);
			EXPECT_OK(t, insert(&m.tree, index_of(i), m.pages[i], &nr_nodes));
		}
		if (step % 32 == 0) {
			compare(t, &m);
			compare_tags(t, &m);
		}
	}
	for (unsigned long i = 0; i < NR_INDEXES; i++)
		page_tree_remove(&m.tree, index_of(i));
	EXPECT_EQ(t, (void *)m.tree.root, NULL);
	EXPECT_EQ(t, m.tree.nr_tagged[PAGE_TAG_DIRTY], 0ul);
}

static const struct test_case page_tree_cases[] = {
	TEST_CASE(inserted_page_is_found_and_no_other),
	TEST_CASE(walk_visits_each_page_in_order),
	TEST_CASE(insertion_given_up_leaves_nothing),
	TEST_CASE(random_changes_agree_with_array),
};
TEST_SUITE(page_tree, page_tree_cases);
