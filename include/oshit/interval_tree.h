/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interval trees: sets of closed intervals [start, last] of whole numbers, embedded in their
 * owners, that are asked which of them overlap a given one.  Intervals may overlap each other and
 * be equal.  The caller locks.
 */
#ifndef OSHIT_INTERVAL_TREE_H
#define OSHIT_INTERVAL_TREE_H

#include <oshit/list.h>
#include <oshit/rbtree.h>
#include <oshit/types.h>

struct interval {
	struct rb_node node;
	unsigned long start, last; /* constant while it is in a tree; start <= last */
	unsigned long max_last; /* of the subtree below node */
	struct list_head equal; /* ring of those with the same range; one of them is in the tree */
};

struct interval_tree {
	struct rb_root_cached tree;
};

/* clang-format off */
#define INTERVAL_TREE	{ .tree = RB_ROOT_CACHED }
/* clang-format on */

static inline bool interval_tree_empty(const struct interval_tree *tree)
{
	return rb_empty(&tree->tree.root);
}

/* O(log n). @interval is in no tree, its start and last are set. */
void interval_tree_insert(struct interval_tree *tree, struct interval *interval);
/* O(1): @interval gets the range of @model, which is in a tree, and joins it there. */
void interval_tree_insert_equal(struct interval *model, struct interval *interval);
/* O(log n), or O(1) if there are equal ones. @interval is in @tree. */
void interval_tree_remove(struct interval_tree *tree, struct interval *interval);
/* The same as removing it and inserting it as [@start, @last]; cheap if the start stays. */
void interval_tree_change(struct interval_tree *tree, struct interval *interval,
			  unsigned long start, unsigned long last);

/* The first interval, by start, that has a part of [@start, @last]; NULL: none. O(log n). */
struct interval *interval_tree_first(const struct interval_tree *tree, unsigned long start,
				     unsigned long last);
/* The one after @interval, which came from either function, given the same range; NULL: none. */
struct interval *interval_tree_next(const struct interval *interval, unsigned long start,
				    unsigned long last);

/* The body may not change the tree. The range is evaluated again and again. */
#define for_each_interval(pos, tree, first, final)                           \
	for ((pos) = interval_tree_first(tree, first, final); (pos) != NULL; \
	     (pos) = interval_tree_next(pos, first, final))

#endif
