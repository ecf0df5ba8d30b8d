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
	interval->max_last = interval->last;
	rb_add_augmented_cached(&interval->node, &tree->tree, starts_before, update_max_last);
}

void interval_tree_remove(struct interval_tree *tree, struct interval *interval)
{
	rb_erase_augmented_cached(&interval->node, &tree->tree, update_max_last);
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
	const struct rb_node *node = &interval->node;

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
