/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages by index: a radix tree, sparse, for the pages of a file.  The caller locks: one changes it,
 * many look.  The tree holds no references.
 */
#ifndef OSHIT_PAGE_TREE_H
#define OSHIT_PAGE_TREE_H

#include <oshit/gfp.h>
#include <oshit/types.h>

struct page;
struct page_tree_node;

/* What a page of a tree may be marked with. */
enum page_tag {
	PAGE_TAG_DIRTY, /* its contents are not yet where they belong */
	NR_PAGE_TAGS,
};

struct page_tree {
	struct page_tree_node *root; /* NULL: empty */
	unsigned long nr_pages;
	unsigned long nr_tagged[NR_PAGE_TAGS]; /* pages */
};

/* The page at @index, or NULL. */
struct page *page_tree_find(const struct page_tree *tree, unsigned long index);

/* The first page at or behind *@index, which becomes its index; NULL: none. */
struct page *page_tree_find_next(const struct page_tree *tree, unsigned long *index);

/* The same, of pages that have the tag. */
struct page *page_tree_find_tagged(const struct page_tree *tree, unsigned long *index,
				   enum page_tag tag);

/* False where no page is. */
bool page_tree_has_tag(const struct page_tree *tree, unsigned long index, enum page_tag tag);
/* Of a page that is there. */
void page_tree_set_tag(struct page_tree *tree, unsigned long index, enum page_tag tag);
void page_tree_clear_tag(struct page_tree *tree, unsigned long index, enum page_tag tag);

/**
 * page_tree_insert() - put a page where none is
 * @spare: a node from page_tree_alloc_node(), or NULL; set to NULL when it was used
 *
 * Context: the caller's lock may be a spinlock; nothing is allocated here.
 * Return: 0; -EEXIST; -EAGAIN: one more node is needed, call again with one.
 */
int page_tree_insert(struct page_tree *tree, unsigned long index, struct page *page,
		     struct page_tree_node **spare);

/* For who gives up an insertion that asked for a node: those that were put in for it go, unless
 * somebody has put a page there since. */
void page_tree_give_up(struct page_tree *tree, unsigned long index);

/* Takes out and returns the page at @index; NULL: there was none. */
struct page *page_tree_remove(struct page_tree *tree, unsigned long index);

/* NULL: no memory. Context: as @gfp says. */
struct page_tree_node *page_tree_alloc_node(gfp_t gfp);
/* NULL is ignored. */
void page_tree_free_node(struct page_tree_node *node);

/* Boot: the cache of nodes. */
void page_tree_init(void);

#endif
