/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interval trees.
 *
 * The intervals stand in a red-black tree by their start; each knows the largest last of its
 * subtree.  Two intervals overlap if each begins before the other ends, so for a range
 * [start, last] an interval is out for one of two reasons, and each rules out more than itself:
 *
 *	it ends too early	a subtree whose max_last is below start holds nothing at all
 *	it begins too late	so does all that stands behind it in the order
 *
 * Intervals that are known to be equal, as those of copies are, need not be compared: one of them
 * stands in the tree, the others in a ring with it, and that one's heir takes its place if it goes.
 *
 * The first overlapping interval is found on one way down: if the left subtree reaches up to start,
 * then the first interval that does so lies there, and if that one begins too late, all others
 * do; else the node itself, else the right subtree.  The next one is found the same way in what
 * comes after, a subtree at a time; each step up or down is paid for by an answer, or there are
 * O(log n) of them, so k answers cost O(k + log n) if k are near each other, O(k log n) at worst.
 *
 * Without a lock, memory, recursion.  Any context.
 */
#include <oshit/interval_tree.h>
#include <oshit/math.h>

static struct interval *interval_of(const struct rb_node *node)
{
	return rb_entry((struct rb_node *)node, struct interval, node);
}

static bool starts_before(const struct rb_node *a, const struct rb_node *b)
{
	return interval_of(a)->start < interval_of(b)->start;
}

static bool update_max_last(struct rb_node *node)
{
	struct interval *interval = interval_of(node);
	unsigned long old = interval->max_last, largest = interval->last;

	if (node->left)
		largest = max(largest, interval_of(node->left)->max_last);
	if (node->right)
		largest = max(largest, interval_of(node->right)->max_last);
	interval->max_last = largest;
	return largest != old;
}

void interval_tree_insert(struct interval_tree *tree, struct interval *interval)
{
	INIT_LIST_HEAD(&interval->equal);
	interval->max_last = interval->last;
	rb_add_augmented_cached(&interval->node, &tree->tree, starts_before, update_max_last);
}

void interval_tree_insert_equal(struct interval *model, struct interval *interval)
{
	interval->start = model->start;
	interval->last = model->last;
	rb_clear_node(&interval->node);
	list_add(&interval->equal, &model->equal);
}

static bool is_in_tree(const struct interval *interval)
{
	return !rb_node_is_clear(&interval->node);
}

static struct interval *next_equal(const struct interval *interval)
{
	return list_entry(interval->equal.next, struct interval, equal);
}

/* @heir, its equal, takes the place of @interval in the tree. */
static void replace(struct interval_tree *tree, struct interval *interval, struct interval *heir)
{
	heir->max_last = interval->max_last;
	rb_replace_node(&interval->node, &heir->node, &tree->tree.root);
	if (tree->tree.first == &interval->node)
		tree->tree.first = &heir->node;
}

void interval_tree_remove(struct interval_tree *tree, struct interval *interval)
{
	if (list_empty(&interval->equal)) {
		rb_erase_augmented_cached(&interval->node, &tree->tree, update_max_last);
		return;
	}
	if (is_in_tree(interval))
		replace(tree, interval, next_equal(interval));
	list_del(&interval->equal);
}

void interval_tree_change(struct interval_tree *tree, struct interval *interval,
			  unsigned long start, unsigned long last)
{
	if (start == interval->start && last == interval->last)
		return;
	if (start == interval->start && list_empty(&interval->equal)) {
		interval->last = last;
		rb_update_path(&interval->node, update_max_last);
		return;
	}
	interval_tree_remove(tree, interval);
	interval->start = start;
	interval->last = last;
	interval_tree_insert(tree, interval);
}

static bool reaches(const struct rb_node *node, unsigned long start)
{
	return node && interval_of(node)->max_last >= start;
}

/* The first of the subtree at @node that overlaps. */
static struct interval *first_below(const struct rb_node *node, unsigned long start,
				    unsigned long last)
{
	while (reaches(node, start)) {
		struct interval *interval = interval_of(node);

		if (reaches(node->left, start)) {
			node = node->left;
			continue;
		}
		if (interval->start > last)
			return NULL;
		if (interval->last >= start)
			return interval;
		node = node->right;
	}
	return NULL;
}

struct interval *interval_tree_first(const struct interval_tree *tree, unsigned long start,
				     unsigned long last)
{
	return first_below(tree->tree.root.node, start, last);
}

struct interval *interval_tree_next(const struct interval *interval, unsigned long start,
				    unsigned long last)
{
	const struct rb_node *node;

	interval = next_equal(interval);
	if (!is_in_tree(interval))
		return (struct interval *)interval;
	/* Round the ring of equals. */
	node = &interval->node;
	for (;;) {
		const struct rb_node *parent;

		if (reaches(node->right, start))
			return first_below(node->right, start, last);
		/* Up to the next that was not passed yet: all to its left was. */
		while ((parent = rb_parent(node)) && node == parent->right)
			node = parent;
		if (!parent || interval_of(parent)->start > last)
			return NULL;
		if (interval_of(parent)->last >= start)
			return interval_of(parent);
		node = parent;
	}
}
