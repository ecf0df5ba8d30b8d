/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Red-black trees embedded in their entries: binary search trees whose height is at most
 * 2 * log2(n + 1).  The tree knows no keys: who inserts either gives a comparison to rb_add(), or
 * walks down itself and calls rb_link_node() and rb_insert_color().  The caller locks.
 *
 * An augmented tree keeps in each entry something about the whole subtree below it (the largest
 * end of an interval, the largest gap, a sum); the tree calls back where that may have changed.
 */
#ifndef OSHIT_RBTREE_H
#define OSHIT_RBTREE_H

#include <oshit/container_of.h>
#include <oshit/types.h>

struct rb_node {
	unsigned long parent_color; /* address of the parent; bit 0: black */
	union {
		struct {
			struct rb_node *left, *right;
		};
		struct rb_node *child[2];
	};
};

#define RB_BLACK 1UL /* in parent_color */

struct rb_root {
	struct rb_node *node;
};

/* A tree that is often asked for its first entry, as a queue by deadline is. */
struct rb_root_cached {
	struct rb_root root;
	struct rb_node *first; /* NULL: empty */
};

/* clang-format off */
#define RB_ROOT		{ .node = NULL }
#define RB_ROOT_CACHED	{ .root = RB_ROOT, .first = NULL }
/* clang-format on */

static inline bool rb_empty(const struct rb_root *root)
{
	return !READ_ONCE(root->node);
}

static inline struct rb_node *rb_parent(const struct rb_node *node)
{
	return (struct rb_node *)(node->parent_color & ~1UL);
}

/* Marks a node as being in no tree; rb_erase() does not. */
static inline void rb_clear_node(struct rb_node *node)
{
	node->parent_color = (unsigned long)node;
}

/* Whether a node, cleared before, is in no tree. */
static inline bool rb_node_is_clear(const struct rb_node *node)
{
	return node->parent_color == (unsigned long)node;
}

/* Neighbours in the order of the tree; NULL at the ends. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/* The order in which children come before their parent: to free a whole tree without erasing. */
struct rb_node *rb_first_postorder(const struct rb_root *root);
struct rb_node *rb_next_postorder(const struct rb_node *node);

/* Makes @node a leaf: the child of @parent (NULL: the root) whose pointer is at @link.  Then the
 * tree must be balanced by rb_insert_color(). */
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent, struct rb_node **link)
{
	node->parent_color = (unsigned long)parent;
	node->left = NULL;
	node->right = NULL;
	/* Who finds it finds it complete, and all that the caller wrote before. */
	__atomic_store_n(link, node, __ATOMIC_RELEASE);
}

void rb_insert_color(struct rb_node *node, struct rb_root *root);
void rb_erase(struct rb_node *node, struct rb_root *root);

/* @entry takes the place of @old in the tree; it must belong there in the order, too. */
void rb_replace_node(struct rb_node *old, struct rb_node *entry, struct rb_root *root);

/* Computes what @node says about its subtree anew, from itself and its two children alone; says
 * whether that has changed. */
typedef bool (*rb_update_fn)(struct rb_node *node);

/* The same for augmented trees.  Before the first, nothing needs to be computed. */
void rb_insert_augmented(struct rb_node *node, struct rb_root *root, rb_update_fn update);
void rb_erase_augmented(struct rb_node *node, struct rb_root *root, rb_update_fn update);
/* After the entry of @node has changed in a way that does not move it in the order. */
void rb_update_path(struct rb_node *node, rb_update_fn update);

#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_or_null(ptr, type, m)                     \
	({                                                 \
		struct rb_node *__node = (ptr);            \
		__node ? rb_entry(__node, type, m) : NULL; \
	})

#define rb_for_each_entry(pos, root, m)                                              \
	for ((pos) = rb_entry_or_null(rb_first(root), __typeof__(*(pos)), m); (pos); \
	     (pos) = rb_entry_or_null(rb_next(&(pos)->m), __typeof__(*(pos)), m))

/* The body may free @pos, and must not erase it; @n is the one after it. */
#define rb_for_each_entry_postorder(pos, n, root, m)                                              \
	for ((pos) = rb_entry_or_null(rb_first_postorder(root), __typeof__(*(pos)), m);           \
	     (pos) &&                                                                             \
	     ((n) = rb_entry_or_null(rb_next_postorder(&(pos)->m), __typeof__(*(pos)), m), true); \
	     (pos) = (n))

typedef bool (*rb_less_fn)(const struct rb_node *a, const struct rb_node *b);
/* Below 0, 0, above 0, as the key stands before, at or behind the node. */
typedef int (*rb_cmp_fn)(const void *key, const struct rb_node *node);

/* Walks down to where @node belongs, behind its equals; *@parent and the link are for
 * rb_link_node().  Tells in *@leftmost whether it is the first of all. */
static __always_inline struct rb_node **rb_find_link(const struct rb_node *node,
						     struct rb_root *root, rb_less_fn less,
						     struct rb_node **parent, bool *leftmost)
{
	struct rb_node **link = &root->node;

	*parent = NULL;
	*leftmost = true;
	while (*link) {
		*parent = *link;
		if (less(node, *parent)) {
			link = &(*parent)->left;
		} else {
			link = &(*parent)->right;
			*leftmost = false;
		}
	}
	return link;
}

/* Inserts @node behind its equals. */
static __always_inline void rb_add(struct rb_node *node, struct rb_root *root, rb_less_fn less)
{
	struct rb_node *parent;
	bool leftmost;
	struct rb_node **link = rb_find_link(node, root, less, &parent, &leftmost);

	rb_link_node(node, parent, link);
	rb_insert_color(node, root);
}

static __always_inline void rb_add_augmented(struct rb_node *node, struct rb_root *root,
					     rb_less_fn less, rb_update_fn update)
{
	struct rb_node *parent;
	bool leftmost;
	struct rb_node **link = rb_find_link(node, root, less, &parent, &leftmost);

	rb_link_node(node, parent, link);
	rb_insert_augmented(node, root, update);
}

/* Returns whether @node is now the first: then a timer, say, must be set anew. */
static __always_inline bool rb_add_cached(struct rb_node *node, struct rb_root_cached *tree,
					  rb_less_fn less)
{
	struct rb_node *parent;
	bool leftmost;
	struct rb_node **link = rb_find_link(node, &tree->root, less, &parent, &leftmost);

	rb_link_node(node, parent, link);
	rb_insert_color(node, &tree->root);
	if (leftmost)
		tree->first = node;
	return leftmost;
}

/* Returns whether @node was the first. */
static inline bool rb_erase_cached(struct rb_node *node, struct rb_root_cached *tree)
{
	bool was_first = tree->first == node;

	if (was_first)
		tree->first = rb_next(node);
	rb_erase(node, &tree->root);
	return was_first;
}

/* The same with the first entry kept at hand, and without a call for the only entry of a tree:
 * @update is not called for that, so the caller has computed what it says about itself. */
static __always_inline void rb_add_augmented_cached(struct rb_node *node,
						    struct rb_root_cached *tree, rb_less_fn less,
						    rb_update_fn update)
{
	struct rb_node *parent;
	bool leftmost;
	struct rb_node **link = rb_find_link(node, &tree->root, less, &parent, &leftmost);

	rb_link_node(node, parent, link);
	if (leftmost)
		tree->first = node;
	if (parent)
		rb_insert_augmented(node, &tree->root, update);
	else
		node->parent_color = RB_BLACK; /* the root is */
}

static __always_inline void
rb_erase_augmented_cached(struct rb_node *node, struct rb_root_cached *tree, rb_update_fn update)
{
	if (tree->root.node == node && !node->left && !node->right) {
		*tree = (struct rb_root_cached)RB_ROOT_CACHED;
		return;
	}
	if (tree->first == node)
		tree->first = rb_next(node);
	rb_erase_augmented(node, &tree->root, update);
}

/* A node that is equal to the key, or NULL. */
static __always_inline struct rb_node *rb_find(const void *key, const struct rb_root *root,
					       rb_cmp_fn cmp)
{
	struct rb_node *node = root->node;

	while (node) {
		int order = cmp(key, node);

		if (!order)
			return node;
		node = order < 0 ? node->left : node->right;
	}
	return NULL;
}

/* The first node that is not before the key, or NULL. */
static __always_inline struct rb_node *
rb_find_at_or_after(const void *key, const struct rb_root *root, rb_cmp_fn cmp)
{
	struct rb_node *node = root->node, *best = NULL;

	while (node) {
		if (cmp(key, node) <= 0) {
			best = node;
			node = node->left;
		} else {
			node = node->right;
		}
	}
	return best;
}

#endif
