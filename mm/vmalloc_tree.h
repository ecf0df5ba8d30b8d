/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ranges of addresses handed out of one region: a red-black tree by address, in which each range
 * knows the free bytes right before it and the most of these in its subtree.  The last entry is a
 * marker at the end of the region, so every free byte lies before some entry.  The caller locks.
 */
#ifndef MM_VMALLOC_TREE_H
#define MM_VMALLOC_TREE_H

#include <oshit/rbtree.h>
#include <oshit/types.h>

struct vmalloc_range {
	struct rb_node node;
	unsigned long start, end; /* in use, [start, end) */
	unsigned long gap; /* free bytes between the range before and this one */
	unsigned long max_gap; /* the largest gap in the subtree of this node */
};

struct vmalloc_tree {
	struct rb_root root;
	struct vmalloc_range end; /* the marker: empty, where the region ends */
};

/* The region [@start, @end) is free as a whole. */
void vmalloc_tree_init(struct vmalloc_tree *tree, unsigned long start, unsigned long end);

/**
 * vmalloc_tree_insert() - take the lowest free range that fits
 * @range: filled in
 * @size: bytes, not 0; a multiple of PAGE_SIZE
 * @align: a power of two, of PAGE_SIZE at least
 * Return: 0, or -ENOSPC.
 */
int vmalloc_tree_insert(struct vmalloc_tree *tree, struct vmalloc_range *range, unsigned long size,
			unsigned long align);
void vmalloc_tree_remove(struct vmalloc_tree *tree, struct vmalloc_range *range);

/* The first range that ends above @addr, NULL if none. */
struct vmalloc_range *vmalloc_tree_find(struct vmalloc_tree *tree, unsigned long addr);

/*
 * The same for the monitor and for panics: takes no lock and trusts no pointer.  The range may be
 * on its way in or out; it must be read with kernel_read_nofault().
 */
const struct vmalloc_range *vmalloc_tree_peek(const struct vmalloc_tree *tree, unsigned long addr);

#endif
