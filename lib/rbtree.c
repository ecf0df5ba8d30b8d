/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Red-black trees.  The rules: the root is black; a red node has black children; each way from a
 * node down to nothing meets equally many black nodes.  So no way is more than twice as long as
 * another.  The colour lies in the lowest bit of the parent's address.
 *
 * Insertion makes a red leaf and then removes two reds in a row.  Erasing takes out a node with
 * at most one child; if the one to go has two, its successor is taken out and put in its place.
 * If a black leaf went, the ways through that place (the "hole") are one black short, which is
 * mended or moved up.  Both sides are handled by one text: child[side] and child[!side].
 *
 * Augmented trees run the same code with a callback: each rotation computes the two nodes anew,
 * lower one first, and changes of the set below a node are carried up until nothing changes.
 * The plain functions are compiled without the callback.
 *
 * Links downwards are written by one store each, a new node's when it is complete, so somebody may
 * walk down meanwhile who can bear to miss nodes, or to go round in a circle for a moment.
 *
 * No lock, no memory, no state; any context.
 */
#include <oshit/rbtree.h>

enum { LEFT, RIGHT };

struct hole { /* where a node was taken out */
	struct rb_node *parent; /* NULL: it was the root */
	int side; /* of the parent */
	bool is_short; /* ways through it have one black node less */
};

static bool is_red(const struct rb_node *node)
{
	return node && !(node->parent_color & RB_BLACK);
}

static void set_red(struct rb_node *node)
{
	node->parent_color &= ~RB_BLACK;
}

static void set_black(struct rb_node *node)
{
	node->parent_color |= RB_BLACK;
}

static void copy_color(struct rb_node *node, const struct rb_node *from)
{
	node->parent_color = (node->parent_color & ~RB_BLACK) | (from->parent_color & RB_BLACK);
}

static void set_parent(struct rb_node *node, struct rb_node *parent)
{
	node->parent_color = (unsigned long)parent | (node->parent_color & RB_BLACK);
}

static int side_of(const struct rb_node *node, const struct rb_node *parent)
{
	return parent && parent->right == node ? RIGHT : LEFT;
}

/* What points down to @old, points to @node afterwards. */
static void change_link(struct rb_node *old, struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent = rb_parent(old);

	if (parent)
		WRITE_ONCE(parent->child[side_of(old, parent)], node);
	else
		WRITE_ONCE(root->node, node);
}

/* @node goes down to @side; its child of the other side comes up into its place. */
static __always_inline void rotate(struct rb_node *node, int side, struct rb_root *root,
				   rb_update_fn update)
{
	struct rb_node *up = node->child[!side];
	struct rb_node *inner = up->child[side];

	change_link(node, up, root);
	set_parent(up, rb_parent(node));
	WRITE_ONCE(up->child[side], node);
	set_parent(node, up);
	WRITE_ONCE(node->child[!side], inner);
	if (inner)
		set_parent(inner, node);
	if (update) {
		update(node);
		update(up);
	}
}

static __always_inline void insert_fixup(struct rb_node *node, struct rb_root *root,
					 rb_update_fn update)
{
	struct rb_node *parent = rb_parent(node);

	while (is_red(parent)) {
		struct rb_node *grand = rb_parent(parent); /* there is one: the root is black */
		int side = side_of(parent, grand);
		struct rb_node *uncle = grand->child[!side];

		if (is_red(uncle)) {
			set_black(parent);
			set_black(uncle);
			set_red(grand);
			node = grand;
			parent = rb_parent(node);
			continue;
		}
		if (node == parent->child[!side]) {
			rotate(parent, side, root, update);
			parent = node;
		}
		set_black(parent);
		set_red(grand);
		rotate(grand, !side, root, update);
		break;
	}
	set_black(root->node);
}

/* Takes out a node with at most one child. */
static struct hole splice_out(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *child = node->left ? node->left : node->right;
	struct rb_node *parent = rb_parent(node);
	struct hole hole = { .parent = parent, .side = side_of(node, parent) };

	change_link(node, child, root);
	if (child) { /* alone, so it is red, and @node is black */
		set_parent(child, parent);
		set_black(child);
	} else {
		hole.is_short = !is_red(node);
	}
	return hole;
}

static __always_inline void erase_fixup(struct hole hole, struct rb_root *root, rb_update_fn update)
{
	while (hole.parent) {
		struct rb_node *parent = hole.parent;
		int side = hole.side;
		struct rb_node *sibling = parent->child[!side]; /* there: its ways are longer */

		if (is_red(sibling)) {
			set_black(sibling);
			set_red(parent);
			rotate(parent, side, root, update);
			sibling = parent->child[!side];
		}
		if (!is_red(sibling->left) && !is_red(sibling->right)) {
			set_red(sibling);
			if (is_red(parent)) {
				set_black(parent);
				return;
			}
			hole.parent = rb_parent(parent);
			hole.side = side_of(parent, hole.parent);
			continue;
		}
		if (!is_red(sibling->child[!side])) {
			set_black(sibling->child[side]);
			set_red(sibling);
			rotate(sibling, !side, root, update);
			sibling = parent->child[!side];
		}
		copy_color(sibling, parent);
		set_black(parent);
		set_black(sibling->child[!side]);
		rotate(parent, side, root, update);
		return;
	}
}

void rb_update_path(struct rb_node *node, rb_update_fn update)
{
	while (node && update(node))
		node = rb_parent(node);
}

static __always_inline void erase(struct rb_node *node, struct rb_root *root, rb_update_fn update)
{
	struct rb_node *successor = NULL;
	struct hole hole;

	if (node->left && node->right) {
		successor = rb_next(node);
		hole = splice_out(successor, root);
		if (hole.parent == node)
			hole.parent = successor;
		rb_replace_node(node, successor, root);
	} else {
		hole = splice_out(node, root);
	}
	if (update) {
		rb_update_path(hole.parent, update);
		if (successor) { /* what it said was about its old place */
			update(successor);
			rb_update_path(rb_parent(successor), update);
		}
	}
	if (hole.is_short)
		erase_fixup(hole, root, update);
}

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	insert_fixup(node, root, NULL);
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	erase(node, root, NULL);
}

void rb_insert_augmented(struct rb_node *node, struct rb_root *root, rb_update_fn update)
{
	update(node);
	rb_update_path(rb_parent(node), update);
	insert_fixup(node, root, update);
}

void rb_erase_augmented(struct rb_node *node, struct rb_root *root, rb_update_fn update)
{
	erase(node, root, update);
}

void rb_replace_node(struct rb_node *old, struct rb_node *entry, struct rb_root *root)
{
	change_link(old, entry, root);
	*entry = *old;
	if (entry->left)
		set_parent(entry->left, entry);
	if (entry->right)
		set_parent(entry->right, entry);
}

/* As far to @side as it goes. */
static struct rb_node *outermost(struct rb_node *node, int side)
{
	while (node && node->child[side])
		node = node->child[side];
	return node;
}

/* The neighbour towards @side: in the subtree there, or the first ancestor to that side. */
static struct rb_node *neighbour(const struct rb_node *node, int side)
{
	struct rb_node *parent;

	if (node->child[side])
		return outermost(node->child[side], !side);
	while ((parent = rb_parent(node)) && node == parent->child[side])
		node = parent;
	return parent;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return outermost(root->node, LEFT);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return outermost(root->node, RIGHT);
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return neighbour(node, RIGHT);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return neighbour(node, LEFT);
}

/* The leaf that comes first when children come before their parent. */
static struct rb_node *deepest(struct rb_node *node)
{
	while (node && (node->left || node->right))
		node = node->left ? node->left : node->right;
	return node;
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return deepest(root->node);
}

struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent = rb_parent(node);

	if (parent && node == parent->left && parent->right)
		return deepest(parent->right);
	return parent;
}
