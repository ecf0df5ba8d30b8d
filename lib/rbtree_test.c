/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random insertions and removals against an array of flags by key, with the rules of red-black
 * trees and the augmented values checked over the whole tree: after each step while it is small,
 * now and then when it is big.
 */
#include <oshit/math.h>
#include <oshit/rbtree.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define NR_ITEMS 256

struct item {
	struct rb_node node;
	unsigned int key;
	unsigned int nr_below; /* augmented: entries of its subtree */
	unsigned int max_key; /* augmented: largest key of its subtree */
	unsigned int value; /* of no meaning to the order */
	unsigned int max_value; /* augmented, in a test of its own */
	bool present; /* the model */
};

static struct item items[NR_ITEMS]; /* too large for a kernel stack; tests run one by one */

static struct item *item_of(const struct rb_node *node)
{
	return rb_entry((struct rb_node *)node, struct item, node);
}

static bool item_less(const struct rb_node *a, const struct rb_node *b)
{
	return item_of(a)->key < item_of(b)->key;
}

static int item_cmp(const void *key, const struct rb_node *node)
{
	unsigned int wanted = *(const unsigned int *)key, found = item_of(node)->key;

	return wanted < found ? -1 : wanted > found;
}

static bool item_update(struct rb_node *node)
{
	struct item *item = item_of(node);
	unsigned int nr = 1, max_key = item->key;
	bool changed;

	for (int side = 0; side < 2; side++) {
		if (!node->child[side])
			continue;
		nr += item_of(node->child[side])->nr_below;
		max_key = max(max_key, item_of(node->child[side])->max_key);
	}
	changed = nr != item->nr_below || max_key != item->max_key;
	item->nr_below = nr;
	item->max_key = max_key;
	return changed;
}

static void reset_items(unsigned int key_step)
{
	for (unsigned int i = 0; i < NR_ITEMS; i++) {
		items[i] = (struct item){ .key = i * key_step };
		rb_clear_node(&items[i].node);
	}
}

static bool node_is_red(const struct rb_node *node)
{
	return node && !(node->parent_color & 1);
}

/* Black nodes from @node up to the root. */
static unsigned int black_depth(const struct rb_node *node)
{
	unsigned int depth = 0;

	for (; node; node = rb_parent(node))
		depth += !node_is_red(node);
	return depth;
}

static bool node_is_sound(const struct rb_node *node, const struct rb_root *root)
{
	const struct rb_node *parent = rb_parent(node);

	if (node_is_red(node) && (node_is_red(node->left) || node_is_red(node->right)))
		return false;
	if (!parent)
		return root->node == node && !node_is_red(node);
	return parent->left == node || parent->right == node;
}

/* Number of nodes, or -1 if a rule is broken.  Goes through the tree without recursion. */
static long check_tree(const struct rb_root *root)
{
	unsigned int depth = 0;
	long nr = 0;

	for (struct rb_node *node = rb_first(root); node; node = rb_next(node), nr++) {
		if (!node_is_sound(node, root))
			return -1;
		if (node->left && node->right)
			continue;
		if (!depth)
			depth = black_depth(node);
		if (depth != black_depth(node))
			return -1;
	}
	return nr;
}

/* The tree holds exactly what the model does, in order, both ways. */
static bool follows_model(const struct rb_root *root)
{
	const struct rb_node *node = rb_first(root);
	unsigned int i;

	for (i = 0; i < NR_ITEMS; i++) {
		if (!items[i].present)
			continue;
		if (!node || item_of(node) != &items[i])
			return false;
		node = rb_next(node);
	}
	if (node)
		return false;
	node = rb_last(root);
	for (i = NR_ITEMS; i--;) {
		if (!items[i].present)
			continue;
		if (item_of(node) != &items[i])
			return false;
		node = rb_prev(node);
	}
	return !node;
}

static void empty_tree_has_nothing(struct test *t)
{
	struct rb_root root = RB_ROOT;
	unsigned int key = 1;

	EXPECT_TRUE(t, rb_empty(&root));
	EXPECT_TRUE(t, !rb_first(&root) && !rb_last(&root) && !rb_first_postorder(&root));
	EXPECT_TRUE(t, !rb_find(&key, &root, item_cmp));
	EXPECT_TRUE(t, !rb_find_at_or_after(&key, &root, item_cmp));
}

static void sorted_insertion_stays_balanced(struct test *t)
{
	struct rb_root root = RB_ROOT;

	reset_items(1);
	for (int i = 0; i < NR_ITEMS; i++) {
		rb_add(&items[i].node, &root, item_less);
		items[i].present = true;
		ASSERT_EQ(t, check_tree(&root), i + 1);
	}
	EXPECT_TRUE(t, follows_model(&root));
	for (int i = 0; i < NR_ITEMS; i++) {
		rb_erase(&items[i].node, &root);
		items[i].present = false;
		ASSERT_EQ(t, check_tree(&root), NR_ITEMS - 1 - i);
	}
	EXPECT_TRUE(t, rb_empty(&root));
}

/* Every order of 7 insertions, and one removal after each. */
static void all_small_trees_are_sound(struct test *t)
{
	for (unsigned int code = 0; code < 7 * 6 * 5 * 4 * 3 * 2; code++) {
		struct rb_root root = RB_ROOT;
		unsigned int left = code;

		reset_items(1);
		for (unsigned int nr = 7; nr; nr--) {
			unsigned int skip = left % nr, i = 0;

			for (left /= nr; items[i].present || skip; i++)
				skip -= !items[i].present;
			items[i].present = true;
			rb_add(&items[i].node, &root, item_less);
		}
		ASSERT_EQ(t, check_tree(&root), 7);
		rb_erase(&items[code % 7].node, &root);
		items[code % 7].present = false;
		ASSERT_EQ(t, check_tree(&root), 6);
		ASSERT_TRUE(t, follows_model(&root));
	}
}

static void toggle(struct item *item, struct rb_root *root)
{
	if (item->present)
		rb_erase(&item->node, root);
	else
		rb_add(&item->node, root, item_less);
	item->present = !item->present;
}

static void random_steps_follow_the_model(struct test *t, u64 seed, unsigned int nr_items,
					  long nr_steps, long check_every)
{
	struct test_random random = test_random_seeded(t, seed);
	struct rb_root root = RB_ROOT;
	long nr = 0;

	reset_items(1);
	for (long step = 0; step < nr_steps; step++) {
		struct item *item = &items[test_random_below(&random, nr_items)];

		nr += item->present ? -1 : 1;
		toggle(item, &root);
		if (step % check_every)
			continue;
		ASSERT_EQ(t, check_tree(&root), nr);
		ASSERT_TRUE(t, follows_model(&root));
	}
}

static void small_tree_follows_the_model(struct test *t)
{
	random_steps_follow_the_model(t, 0x5eed1, 16, 100000, 1);
}

static void large_tree_follows_the_model(struct test *t)
{
	random_steps_follow_the_model(t, 0x5eed2, NR_ITEMS, 2000000, 200);
}

static bool augmented_values_hold(const struct rb_root *root)
{
	for (struct rb_node *node = rb_first(root); node; node = rb_next(node)) {
		if (item_update(node)) /* says whether the value was wrong */
			return false;
	}
	return true;
}

static void augmented_values_are_kept(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x5eed3);
	struct rb_root root = RB_ROOT;
	unsigned int nr = 0;

	reset_items(1);
	for (int step = 0; step < 100000; step++) {
		unsigned int i = (unsigned int)test_random_below(&random, step % 3 ? 40 : NR_ITEMS);
		struct item *item = &items[i];

		if (item->present)
			rb_erase_augmented(&item->node, &root, item_update);
		else
			rb_add_augmented(&item->node, &root, item_less, item_update);
		nr += item->present ? -1 : 1;
		item->present = !item->present;
		ASSERT_TRUE(t, root.node ? item_of(root.node)->nr_below == nr : nr == 0);
		if (step % 16 == 0) {
			ASSERT_TRUE(t, augmented_values_hold(&root));
			ASSERT_EQ(t, check_tree(&root), nr);
		}
	}
}

/* The same with the first entry at hand; the tree is often empty, and often has one entry. */
static void augmented_values_are_kept_beside_the_first(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x5eed6);
	struct rb_root_cached tree = RB_ROOT_CACHED;
	unsigned int nr = 0;

	reset_items(1);
	for (int step = 0; step < 50000; step++) {
		unsigned int few = 1 + (unsigned int)step / 100 % 8;
		struct item *item = &items[test_random_below(&random, few)];

		if (item->present) {
			rb_erase_augmented_cached(&item->node, &tree, item_update);
		} else {
			item->nr_below = 1;
			item->max_key = item->key;
			rb_add_augmented_cached(&item->node, &tree, item_less, item_update);
		}
		nr += item->present ? -1 : 1;
		item->present = !item->present;
		ASSERT_TRUE(t, tree.first == rb_first(&tree.root));
		ASSERT_TRUE(t, augmented_values_hold(&tree.root));
		ASSERT_EQ(t, check_tree(&tree.root), nr);
	}
}

/* A maximum often stays what it was: then the way up is left early. */
static bool value_update(struct rb_node *node)
{
	struct item *item = item_of(node);
	unsigned int old = item->max_value;

	item->max_value = item->value;
	for (int side = 0; side < 2; side++) {
		if (node->child[side])
			item->max_value =
				max(item->max_value, item_of(node->child[side])->max_value);
	}
	return item->max_value != old;
}

static void maximum_is_kept(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x5eed5);
	struct rb_root root = RB_ROOT;

	reset_items(1);
	for (int step = 0; step < 50000; step++) {
		struct item *item = &items[test_random_below(&random, 40)];

		if (item->present) {
			rb_erase_augmented(&item->node, &root, value_update);
		} else {
			item->value = (unsigned int)test_random_below(&random, 100);
			rb_add_augmented(&item->node, &root, item_less, value_update);
		}
		item->present = !item->present;
		for (struct rb_node *node = rb_first(&root); node; node = rb_next(node))
			ASSERT_FALSE(t, value_update(node));
	}
}

static void changed_entry_is_carried_up(struct test *t)
{
	struct rb_root root = RB_ROOT;

	reset_items(2);
	for (int i = 0; i < 50; i++)
		rb_add_augmented(&items[i].node, &root, item_less, item_update);
	items[49].key = 1000;
	rb_update_path(&items[49].node, item_update);
	EXPECT_EQ(t, item_of(root.node)->max_key, 1000);
	EXPECT_TRUE(t, augmented_values_hold(&root));
}

static void look_ups_find_the_right_one(struct test *t)
{
	struct rb_root root = RB_ROOT;

	reset_items(2);
	for (int i = 0; i < 100; i++)
		rb_add(&items[i * 37 % 100].node, &root, item_less);
	for (unsigned int key = 0; key < 199; key++) {
		struct rb_node *exact = rb_find(&key, &root, item_cmp);
		struct rb_node *after = rb_find_at_or_after(&key, &root, item_cmp);

		ASSERT_TRUE(t, exact == (key % 2 ? NULL : &items[key / 2].node));
		ASSERT_TRUE(t, after == ((key + 1) / 2 < 100 ? &items[(key + 1) / 2].node : NULL));
	}
}

static void equals_stay_in_order_of_insertion(struct test *t)
{
	struct rb_root root = RB_ROOT;
	struct item *item;
	int i = 0;

	reset_items(0);
	for (int n = 0; n < 50; n++)
		rb_add(&items[n].node, &root, item_less);
	rb_for_each_entry(item, &root, node)
		ASSERT_TRUE(t, item == &items[i++]);
	EXPECT_EQ(t, i, 50);
}

static void replaced_node_has_the_same_place(struct test *t)
{
	struct item other = { .key = 10 };
	struct rb_root root = RB_ROOT;

	reset_items(1);
	for (int i = 0; i < 20; i++)
		rb_add(&items[i].node, &root, item_less);
	rb_replace_node(&items[10].node, &other.node, &root);
	EXPECT_EQ(t, check_tree(&root), 20);
	EXPECT_TRUE(t, rb_next(&items[9].node) == &other.node);
	EXPECT_TRUE(t, rb_prev(&items[11].node) == &other.node);
}

static void cached_first_is_the_first(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x5eed4);
	struct rb_root_cached tree = RB_ROOT_CACHED;

	reset_items(1);
	for (int step = 0; step < 20000; step++) {
		struct item *item = &items[test_random_below(&random, 32)];
		bool was_first = item->present && !rb_prev(&item->node);

		if (item->present)
			ASSERT_EQ(t, rb_erase_cached(&item->node, &tree), was_first);
		else
			ASSERT_EQ(t, rb_add_cached(&item->node, &tree, item_less),
				  !rb_prev(&item->node));
		item->present = !item->present;
		ASSERT_TRUE(t, tree.first == rb_first(&tree.root));
	}
}

static void postorder_has_children_before_parents(struct test *t)
{
	struct rb_root root = RB_ROOT;
	struct item *item, *next;
	int nr = 0;

	reset_items(1);
	for (int i = 0; i < 100; i++)
		rb_add(&items[i].node, &root, item_less);
	rb_for_each_entry_postorder(item, next, &root, node)
	{
		ASSERT_TRUE(t, !item->node.left || item_of(item->node.left)->present);
		ASSERT_TRUE(t, !item->node.right || item_of(item->node.right)->present);
		item->present = true;
		nr++;
	}
	EXPECT_EQ(t, nr, 100);
}

static const struct test_case rbtree_cases[] = {
	TEST_CASE(empty_tree_has_nothing),
	TEST_CASE(sorted_insertion_stays_balanced),
	TEST_CASE(all_small_trees_are_sound),
	TEST_CASE(small_tree_follows_the_model),
	TEST_CASE(large_tree_follows_the_model),
	TEST_CASE(augmented_values_are_kept),
	TEST_CASE(augmented_values_are_kept_beside_the_first),
	TEST_CASE(maximum_is_kept),
	TEST_CASE(changed_entry_is_carried_up),
	TEST_CASE(look_ups_find_the_right_one),
	TEST_CASE(equals_stay_in_order_of_insertion),
	TEST_CASE(replaced_node_has_the_same_place),
	TEST_CASE(cached_first_is_the_first),
	TEST_CASE(postorder_has_children_before_parents),
};
TEST_SUITE(rbtree, rbtree_cases);
