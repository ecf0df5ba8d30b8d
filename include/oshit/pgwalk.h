/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables: one walker, and what is built on it.  Addresses and sizes are in bytes and multiples
 * of PAGE_SIZE.  A range lies in one half of the address space; one that touches the hole between
 * the halves, wraps or is empty is -EINVAL.
 *
 * Context: the caller keeps others from changing the same part of the table; nothing here sleeps
 * unless the table's own allocation does.
 */
#ifndef OSHIT_PGWALK_H
#define OSHIT_PGWALK_H

#include <arch/pgtable.h>
#include <oshit/types.h>

struct page_table;

struct page_table_ops {
	pte_t *(*alloc_table)(struct page_table *pt); /* a zeroed page in the direct map, or NULL */
	void (*free_table)(struct page_table *pt, pte_t *table);
	/* Forgets what any CPU has cached of [start, last], upper levels included. */
	void (*flush)(struct page_table *pt, unsigned long start, unsigned long last);
};

struct page_table {
	pte_t *root; /* i  of level PT_ROOT_LEVEL, never freed here */
	unsigned int max_leaf_level; /* i  largest pages allowed: 0, 1 (2 MiB) or 2 (1 GiB) */
	bool root_is_final; /* i  its entries never change: other roots have copies of them */
	const struct page_table_ops *ops; /* i */
};

#define PGWALK_DESCEND	1 /* a callback wants smaller pieces of the entry */
#define PGWALK_MAX_FREE 16 /* tables that wait for one flush */

struct page_walk {
	struct page_table *pt; /* in */
	unsigned long start, last; /* in   first and last byte */
	/* Called for each entry that covers part of the range and is empty or maps a page. Returns
	 * 0: done with it; PGWALK_DESCEND: an empty entry gets a table, a large page is split, and
	 * the callback sees the parts; or -errno, which ends the walk. */
	int (*entry)(struct page_walk *walk, pte_t *pte, unsigned long addr, unsigned int level);
	/* Or NULL. Instead of calls of @entry for level 0: one for each table there, with those of
	 * its entries that lie in the range, the first of which is for @addr. The same results,
	 * but PGWALK_DESCEND; what it changes, the caller flushes. Without @entry, empty and large
	 * entries above are passed over. */
	int (*table)(struct page_walk *walk, pte_t *entries, unsigned long addr, unsigned int nr);
	/* Or NULL. Instead of @entry for those above level 0 that are not empty. The same results;
	 * for PGWALK_DESCEND it may put a table there itself. What changes in such a walk, the
	 * caller flushes. */
	int (*large)(struct page_walk *walk, pte_t *pte, unsigned long addr, unsigned int level);
	bool changes; /* in   tables left empty are freed, 512 equal neighbours merged */
	bool keeps_parts; /* in   of these, nothing is merged */
	unsigned long flush_start, flush_last; /* private  what may be cached and is changed */
	pte_t *freed[PGWALK_MAX_FREE]; /* private */
	unsigned int nr_freed; /* private */
};

/* A walk of all of @pt that changes nothing and calls nobody yet. For who has so many of them that
 * clearing all of a struct counts. */
static inline void page_walk_init(struct page_walk *walk, struct page_table *pt)
{
	walk->pt = pt;
	walk->start = 0;
	walk->last = ~0UL;
	walk->entry = NULL;
	walk->table = NULL;
	walk->large = NULL;
	walk->changes = false;
	walk->keeps_parts = false;
}

/* 0, or what a callback returned, -ENOMEM for want of a table, -EINVAL. */
int page_walk_range(struct page_walk *walk);

/* Whether a walk's range has all of the entry's bytes. */
bool page_walk_covers(const struct page_walk *walk, unsigned long addr, unsigned int level);

/**
 * page_table_map() - map @size bytes at @virt to @phys with @flags
 * Uses the largest pages that fit. @flags are PTE_ bits without address and PTE_LARGE.
 * Return: 0; -EEXIST if a part is mapped; -ENOMEM; -EINVAL. On failure nothing stays mapped.
 */
int page_table_map(struct page_table *pt, unsigned long virt, phys_addr_t phys, u64 size,
		   pte_t flags);

#define PHYS_NONE (~0UL)

struct page_source { /* where the memory of a mapping comes from */
	/* The next @size bytes, a size of a page that the table allows; PHYS_NONE if they are not
	 * in a row, aligned to @size. PAGE_SIZE is never refused. What was given once is not asked
	 * for again; it stays the source's if the mapping fails. */
	phys_addr_t (*take)(struct page_source *source, u64 size);
};

/* page_table_map() of memory that need not be in a row. */
int page_table_map_source(struct page_table *pt, unsigned long virt, u64 size,
			  struct page_source *source, pte_t flags);

/* Unmaps; what is not mapped is no error. 0, -ENOMEM if a large page could not be split. */
int page_table_unmap(struct page_table *pt, unsigned long virt, u64 size);

struct page_sink { /* where the memory of a mapping goes to */
	/* [@phys, @phys + @size) is not mapped any more; it may be in use until the call that
	 * unmaps has returned. */
	void (*put)(struct page_sink *sink, phys_addr_t phys, u64 size);
};

/* page_table_unmap() that tells what was mapped, in order. */
int page_table_unmap_sink(struct page_table *pt, unsigned long virt, u64 size,
			  struct page_sink *sink);

/* Sets and clears flags of all pages in the range. 0, -ENOMEM if one could not be split. */
int page_table_protect(struct page_table *pt, unsigned long virt, u64 size, pte_t set, pte_t clear);

/* The entry that maps @virt, with its level in *@level; 0 if nothing does. */
pte_t page_table_query(struct page_table *pt, unsigned long virt, unsigned int *level);

/* Where that entry is, NULL if there is none; for who knows that no other changes the table. */
pte_t *page_table_entry(struct page_table *pt, unsigned long virt, unsigned int *level);

#endif
