/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Search for free addresses.  The lowest gap of at least size + align - PAGE_SIZE bytes has room at
 * any alignment; max_gap leads there in O(log n).  Only if there is none, smaller gaps are looked
 * at one by one: one of them may happen to be aligned.
 *
 * Rules: ranges are disjoint, in the order of the tree; gap is the distance to the range before, or
 * to the start of the region; max_gap is the largest gap below.
 */
#include <linux/errno.h>

#include <arch/page.h>
#include <oshit/math.h>
#include <oshit/nofault.h>

#include "vmalloc_tree.h"

#define MAX_DEPTH 128 /* 2 * log2(2^64): more is a ruined tree */

static struct vmalloc_range *range_of(struct rb_node *node)
{
	return rb_entry_or_null(node, struct vmalloc_range, node);
}

static unsigned long max_gap_of(struct rb_node *node)
{
	return node ? range_of(node)->max_gap : 0;
}

static bool update_max_gap(struct rb_node *node)
{
	struct vmalloc_range *range = range_of(node);
	unsigned long below = max(max_gap_of(node->left), max_gap_of(node->right));
	unsigned long most = max(range->gap, below);
	bool changed = most != range->max_gap;

	range->max_gap = most;
	return changed;
}

static void set_gap(struct vmalloc_range *range, unsigned long gap)
{
	range->gap = gap;
	rb_update_path(&range->node, update_max_gap);
}

static bool starts_before(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct vmalloc_range, node)->start <
	       rb_entry(b, struct vmalloc_range, node)->start;
}

void vmalloc_tree_init(struct vmalloc_tree *tree, unsigned long start, unsigned long end)
{
	tree->root = (struct rb_root)RB_ROOT;
	tree->end = (struct vmalloc_range){ .start = end, .end = end, .gap = end - start };
	rb_add_augmented(&tree->end.node, &tree->root, starts_before, update_max_gap);
}

/* The first range in the tree with a gap of at least @size before it. */
static struct vmalloc_range *first_gap(const struct vmalloc_tree *tree, unsigned long size)
{
	struct rb_node *node = tree->root.node;

	if (max_gap_of(node) < size)
		return NULL;
	for (;;) {
		if (max_gap_of(node->left) >= size)
			node = node->left;
		else if (range_of(node)->gap >= size)
			return range_of(node);
		else
			node = node->right;
	}
}

/* Where @size bytes fit into the gap before @next; 0: nowhere. */
static unsigned long place_in_gap(const struct vmalloc_range *next, unsigned long size,
				  unsigned long align)
{
	unsigned long start = ALIGN_UP(next->start - next->gap, align);

	return next->gap && start <= next->start && next->start - start >= size ? start : 0;
}

static struct vmalloc_range *any_aligned_gap(const struct vmalloc_tree *tree, unsigned long size,
					     unsigned long align)
{
	struct vmalloc_range *range;

	rb_for_each_entry(range, &tree->root, node)
		if (place_in_gap(range, size, align))
			return range;
	return NULL;
}

int vmalloc_tree_insert(struct vmalloc_tree *tree, struct vmalloc_range *range, unsigned long size,
			unsigned long align)
{
	struct vmalloc_range *next;
	unsigned long surely;

	if (__builtin_add_overflow(size, align - PAGE_SIZE, &surely))
		return -ENOSPC;
	next = first_gap(tree, surely);
	if (!next && align > PAGE_SIZE)
		next = any_aligned_gap(tree, size, align);
	if (!next)
		return -ENOSPC;
	range->start = place_in_gap(next, size, align);
	range->end = range->start + size;
	range->gap = range->start - (next->start - next->gap);
	range->max_gap = 0;
	set_gap(next, next->start - range->end);
	rb_add_augmented(&range->node, &tree->root, starts_before, update_max_gap);
	return 0;
}

void vmalloc_tree_remove(struct vmalloc_tree *tree, struct vmalloc_range *range)
{
	struct vmalloc_range *next = range_of(rb_next(&range->node)); /* the marker at least */
	unsigned long freed = range->gap + (range->end - range->start);

	rb_erase_augmented(&range->node, &tree->root, update_max_gap);
	set_gap(next, next->gap + freed);
}

static int compare_end(const void *key, const struct rb_node *node)
{
	unsigned long addr = *(const unsigned long *)key;

	return addr < rb_entry(node, struct vmalloc_range, node)->end ? -1 : 1;
}

struct vmalloc_range *vmalloc_tree_find(struct vmalloc_tree *tree, unsigned long addr)
{
	struct vmalloc_range *range =
		range_of(rb_find_at_or_after(&addr, &tree->root, compare_end));

	return range == &tree->end ? NULL : range;
}

const struct vmalloc_range *vmalloc_tree_peek(const struct vmalloc_tree *tree, unsigned long addr)
{
	const struct vmalloc_range *at = range_of(READ_ONCE(tree->root.node)), *best = NULL;
	struct vmalloc_range copy;

	for (unsigned int depth = 0; at && depth < MAX_DEPTH; depth++) {
		if (kernel_read_nofault(&copy, at, sizeof(copy)))
			return NULL;
		if (addr < copy.end) {
			best = at;
			at = range_of(copy.node.left);
		} else {
			at = range_of(copy.node.right);
		}
	}
	return best == &tree->end ? NULL : best;
}
