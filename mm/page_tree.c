/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A radix tree of pages.  A node has 64 slots and stands for six bits of the index; in a node of
 * shift 0 the slots are pages, else nodes.  The tree is as high as its largest index needs: it gets
 * a new root on top when an index does not fit, and loses it when only slot 0 of it is in use.
 * Nodes without entries go at once.
 *
 *	index 0x1042, in digits of six bits 1 1 2:	root (shift 12) [1] -> [1] -> [2] page
 *
 * A page may have tags, such as "dirty".  A node has a bitmap for each tag, in which a bit says
 * that something below the slot has it, so a search for tagged pages enters only subtrees that have
 * some.  A tag goes with its page.
 *
 * Nodes are allocated by the caller, outside of its lock, one at a time: an insertion that needs a
 * node puts the spare one in and asks for another, and what it has put in already stays right.
 *
 * Locks: the caller's.
 */
#include <linux/errno.h>
#include <oshit/bitops.h>
#include <oshit/bug.h>
#include <oshit/init.h>
#include <oshit/page_tree.h>
#include <oshit/slab.h>

#define DIGIT_BITS 6
#define NR_SLOTS   (1UL << DIGIT_BITS)
#define TOP_SHIFT  60 /* of a root that has all of an unsigned long; it uses 16 slots */

struct page_tree_node {
	unsigned char shift; /* the node's digit of an index: index >> shift & 63 */
	unsigned char nr_used; /* slots */
	u64 tags[NR_PAGE_TAGS]; /* a bit for each slot */
	void *slots[NR_SLOTS];
};

static struct kmem_cache *node_cache __ro_after_init;

void __init page_tree_init(void)
{
	node_cache = kmem_cache_create("page_tree_node", sizeof(struct page_tree_node), 0,
				       SLAB_PANIC, NULL);
}

struct page_tree_node *page_tree_alloc_node(gfp_t gfp)
{
	return kmem_cache_zalloc(node_cache, gfp);
}

void page_tree_free_node(struct page_tree_node *node)
{
	kmem_cache_free(node_cache, node);
}

static unsigned int slot_of(const struct page_tree_node *node, unsigned long index)
{
	return index >> node->shift & (NR_SLOTS - 1);
}

/* Whether @index has a place below a root of @shift. */
static bool fits(unsigned int shift, unsigned long index)
{
	return shift >= TOP_SHIFT || index >> shift < NR_SLOTS;
}

struct page *page_tree_find(const struct page_tree *tree, unsigned long index)
{
	const struct page_tree_node *node = tree->root;

	if (!node || !fits(node->shift, index))
		return NULL;
	while (node && node->shift)
		node = node->slots[slot_of(node, index)];
	return node ? node->slots[slot_of(node, index)] : NULL;
}

/* The first index that lies behind all that are below the slot of @index. */
static unsigned long after_slot(const struct page_tree_node *node, unsigned long index)
{
	return ((index >> node->shift) + 1) << node->shift;
}

struct page *page_tree_find_next(const struct page_tree *tree, unsigned long *index)
{
	unsigned long pos = *index, next;

	while (tree->root && fits(tree->root->shift, pos)) {
		const struct page_tree_node *node = tree->root;
		void *entry = node->slots[slot_of(node, pos)];

		while (entry && node->shift) {
			node = entry;
			entry = node->slots[slot_of(node, pos)];
		}
		if (entry) {
			*index = pos;
			return entry;
		}
		next = after_slot(node, pos);
		if (next <= pos)
			break;
		pos = next;
	}
	return NULL;
}

static bool slot_has_tag(const struct page_tree_node *node, unsigned int slot, enum page_tag tag)
{
	return node->tags[tag] >> slot & 1;
}

bool page_tree_has_tag(const struct page_tree *tree, unsigned long index, enum page_tag tag)
{
	const struct page_tree_node *node = tree->root;

	if (!node || !fits(node->shift, index))
		return false;
	while (node->shift && slot_has_tag(node, slot_of(node, index), tag))
		node = node->slots[slot_of(node, index)];
	return !node->shift && slot_has_tag(node, slot_of(node, index), tag);
}

/* The first slot from that of *@index on that has the tag; *@index goes there. False: none. */
static bool tagged_slot(const struct page_tree_node *node, unsigned long *index, enum page_tag tag)
{
	unsigned int slot = slot_of(node, *index);
	u64 tagged = node->tags[tag] >> slot;

	if (!tagged)
		return false;
	if (!(tagged & 1))
		*index = ((*index >> node->shift) + __ffs(tagged)) << node->shift;
	return true;
}

struct page *page_tree_find_tagged(const struct page_tree *tree, unsigned long *index,
				   enum page_tag tag)
{
	unsigned long pos = *index, next;

	while (tree->root && fits(tree->root->shift, pos)) {
		const struct page_tree_node *node = tree->root;
		bool found = tagged_slot(node, &pos, tag);

		while (found && node->shift) {
			node = node->slots[slot_of(node, pos)];
			found = tagged_slot(node, &pos, tag);
		}
		if (found) {
			*index = pos;
			return node->slots[slot_of(node, pos)];
		}
		if (node == tree->root)
			break;
		/* Behind all that are below @node, which has none from @pos on. */
		next = ((pos >> node->shift | (NR_SLOTS - 1)) + 1) << node->shift;
		if (next <= pos)
			break;
		pos = next;
	}
	return NULL;
}

/* --- changing --- */

static void set_slot(struct page_tree_node *node, unsigned long index, void *entry)
{
	node->slots[slot_of(node, index)] = entry;
	node->nr_used++;
}

static struct page_tree_node *take_spare(struct page_tree_node **spare, unsigned int shift)
{
	struct page_tree_node *node = *spare;

	*spare = NULL;
	if (node)
		node->shift = shift;
	return node;
}

/* Makes the tree high enough for @index. */
static int grow(struct page_tree *tree, unsigned long index, struct page_tree_node **spare)
{
	while (!tree->root || !fits(tree->root->shift, index)) {
		unsigned int shift = tree->root ? tree->root->shift + DIGIT_BITS : 0;
		struct page_tree_node *node;

		while (!tree->root && !fits(shift, index))
			shift += DIGIT_BITS;
		node = take_spare(spare, shift);
		if (!node)
			return -EAGAIN;
		if (tree->root) {
			set_slot(node, 0, tree->root);
			for (unsigned int tag = 0; tag < NR_PAGE_TAGS; tag++)
				node->tags[tag] = tree->root->tags[tag] != 0;
		}
		tree->root = node;
	}
	return 0;
}

int page_tree_insert(struct page_tree *tree, unsigned long index, struct page *page,
		     struct page_tree_node **spare)
{
	struct page_tree_node *node;
	int err = grow(tree, index, spare);

	if (err)
		return err;
	for (node = tree->root; node->shift; node = node->slots[slot_of(node, index)]) {
		struct page_tree_node *below;

		if (node->slots[slot_of(node, index)])
			continue;
		below = take_spare(spare, node->shift - DIGIT_BITS);
		if (!below)
			return -EAGAIN;
		set_slot(node, index, below);
	}
	if (node->slots[slot_of(node, index)])
		return -EEXIST;
	set_slot(node, index, page);
	tree->nr_pages++;
	return 0;
}

/* Roots of which only slot 0 is in use are not needed. */
static void shrink(struct page_tree *tree)
{
	struct page_tree_node *root = tree->root;

	while (root && (!root->nr_used || (root->shift && root->nr_used == 1 && root->slots[0]))) {
		tree->root = root->nr_used ? root->slots[0] : NULL;
		page_tree_free_node(root);
		root = tree->root;
	}
}

static void clear_slot_tag(struct page_tree_node *node, unsigned long index, unsigned int tag)
{
	node->tags[tag] &= ~(1UL << slot_of(node, index));
}

/* After a change below the slot of @index. */
static void update_tags(struct page_tree_node *node, unsigned long index)
{
	const struct page_tree_node *below = node->slots[slot_of(node, index)];

	for (unsigned int tag = 0; tag < NR_PAGE_TAGS; tag++)
		if (!below->tags[tag])
			clear_slot_tag(node, index, tag);
}

/* Takes the entry of @index out below @node, and the nodes that have become empty. */
static struct page *remove_below(struct page_tree_node *node, unsigned long index)
{
	void **slot = &node->slots[slot_of(node, index)];
	struct page *page = *slot;

	if (node->shift && *slot) {
		struct page_tree_node *below = *slot;

		page = remove_below(below, index);
		if (below->nr_used) {
			update_tags(node, index);
			return page;
		}
		page_tree_free_node(below);
	} else if (!page) {
		return NULL;
	}
	*slot = NULL;
	node->nr_used--;
	for (unsigned int tag = 0; tag < NR_PAGE_TAGS; tag++)
		clear_slot_tag(node, index, tag);
	return page;
}

struct page *page_tree_remove(struct page_tree *tree, unsigned long index)
{
	struct page *page;

	if (!tree->root || !fits(tree->root->shift, index))
		return NULL;
	for (unsigned int tag = 0; tag < NR_PAGE_TAGS; tag++)
		tree->nr_tagged[tag] -= page_tree_has_tag(tree, index, tag);
	page = remove_below(tree->root, index);
	if (page)
		tree->nr_pages--;
	shrink(tree);
	return page;
}

void page_tree_give_up(struct page_tree *tree, unsigned long index)
{
	if (!page_tree_find(tree, index))
		page_tree_remove(tree, index);
}

void page_tree_set_tag(struct page_tree *tree, unsigned long index, enum page_tag tag)
{
	struct page_tree_node *node = tree->root;

	if (page_tree_has_tag(tree, index, tag) || WARN_ON_ONCE(!page_tree_find(tree, index)))
		return;
	tree->nr_tagged[tag]++;
	for (;; node = node->slots[slot_of(node, index)]) {
		node->tags[tag] |= 1UL << slot_of(node, index);
		if (!node->shift)
			return;
	}
}

static void clear_tag_below(struct page_tree_node *node, unsigned long index, enum page_tag tag)
{
	struct page_tree_node *below = node->slots[slot_of(node, index)];

	if (node->shift) {
		clear_tag_below(below, index, tag);
		if (below->tags[tag])
			return;
	}
	clear_slot_tag(node, index, tag);
}

void page_tree_clear_tag(struct page_tree *tree, unsigned long index, enum page_tag tag)
{
	if (!page_tree_has_tag(tree, index, tag))
		return;
	tree->nr_tagged[tag]--;
	clear_tag_below(tree->root, index, tag);
}
