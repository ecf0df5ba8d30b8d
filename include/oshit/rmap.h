/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reverse mapping of anonymous memory: from a page to all page table entries that map it.
 * mm/rmap.c tells how.  Lock order: mmap_lock, mm->anon_vma_mutex, the rwsem of an anon_vma's root,
 * then the locks of tables.
 */
#ifndef OSHIT_RMAP_H
#define OSHIT_RMAP_H

#include <linux/errno.h>
#include <oshit/interval_tree.h>
#include <oshit/mm.h>
#include <oshit/page.h>
#include <oshit/refcount.h>
#include <oshit/rwsem.h>

/* The areas that may map the anonymous pages which name it as their mapping. */
struct anon_vma { /* r: root->rwsem   i: set at creation, then constant   a: atomic */
	struct anon_vma *root; /* i  of the tree of forks; itself, or a reference is held to it */
	struct anon_vma *parent; /* i  has areas as long as this has; NULL: of a root */
	struct rw_semaphore rwsem; /* of the root: for the whole tree of forks */
	struct interval_tree areas; /* r  struct anon_vma_chain by page offset */
	unsigned int nr_active; /* r  areas whose new pages name it */
	unsigned int nr_children; /* r  anon_vmas with areas, whose parent it is */
	refcount_t refs; /* a  one while it has areas; walks; as a root, of its descendants */
};

/* One area in one anon_vma. */
struct anon_vma_chain { /* r: anon_vma->root->rwsem   c: as area->anon_chain */
	struct interval interval; /* r  page offsets of the area */
	struct anon_vma *anon_vma; /* i */
	struct vm_area *area; /* r */
	struct anon_vma_chain *next; /* c  in the chain of the area, oldest anon_vma first */
};

/* --- pages --- */

/* page->mapping of an anonymous page is its anon_vma (none without CONFIG_RMAP) with this bit. */
#define PAGE_MAPPING_ANON 1UL

static inline bool page_is_anon(const struct page *page)
{
	return (unsigned long)READ_ONCE(page->mapping) & PAGE_MAPPING_ANON;
}

/* Of an anonymous page; stays valid only for who knows that the page is mapped. */
static inline struct anon_vma *page_anon_vma(const struct page *page)
{
	return (struct anon_vma *)((unsigned long)READ_ONCE(page->mapping) & ~PAGE_MAPPING_ANON);
}

/**
 * page_set_anon() - make a page one of @area, at page offset @pgoff
 * Before it is mapped anywhere, or while its only mapping is there and its table locked; after
 * anon_vma_prepare().
 */
static inline void page_set_anon(struct page *page, const struct vm_area *area, unsigned long pgoff)
{
	unsigned long anon_vma = (unsigned long)area->anon_vma;

	WRITE_ONCE(page->mapping, (struct address_space *)(anon_vma | PAGE_MAPPING_ANON));
	page->index = pgoff;
}

/* The same of a page that other areas, which descend from the same one, may map as well: it belongs
 * to the root of all of them. */
void page_set_anon_root(struct page *page, const struct vm_area *area, unsigned long pgoff);

/* --- areas --- */

#ifdef CONFIG_RMAP
void rmap_init(void); /* boot */

int __anon_vma_prepare(struct vm_area *area);

/* Whether anon_vma_prepare() has been called, so that the area's lock suffices for its pages. */
static inline bool anon_vma_is_ready(const struct vm_area *area)
{
	return READ_ONCE(area->anon_vma);
}

/**
 * anon_vma_prepare() - before @area gets an anonymous page
 * Context: task; mmap_lock held at least for reading, or only the area, if it is ready; may sleep.
 * Return: 0 or -ENOMEM.
 */
static inline int anon_vma_prepare(struct vm_area *area)
{
	return likely(anon_vma_is_ready(area)) ? 0 : __anon_vma_prepare(area);
}

/**
 * anon_vma_clone() - let @to map what @from does, and more: after a split, or a move
 * @to: in no anon_vma; its bounds and pgoff are set; in a set of areas or not yet
 * Context: mmap_lock of both held for writing, or nobody knows @to; may sleep.
 * Return: 0; -ENOMEM, then nothing has changed.
 */
int anon_vma_clone(struct vm_area *to, struct vm_area *from);
/* The same for @to in a child: what is new in it later is no matter of @from's. */
int anon_vma_fork(struct vm_area *to, struct vm_area *from);

/* @area maps no page any more; afterwards no walk finds it. Context: task; may sleep. */
void anon_vma_unlink(struct vm_area *area);

/* Whether one area could stand for both. mmap_lock held. */
bool anon_vma_can_merge(const struct vm_area *a, const struct vm_area *b);

/*
 * Around a change of the bounds of @area, which walks see all at once. With @next: it goes, and
 * @area takes over what it maps; anon_vma_can_merge() them. The first may sleep, in between not.
 * Context: mmap_lock held for writing.
 */
void anon_vma_change_begin(struct vm_area *area, struct vm_area *next);
void anon_vma_change_end(struct vm_area *area, struct vm_area *next);

/* Everything about the links of @area holds. For tests. Return: violations. mmap_lock held. */
unsigned int anon_vma_verify(struct vm_area *area);
/* The same, the root locked, or all other CPUs stopped. */
unsigned int anon_vma_verify_locked(const struct vm_area *area);
#else
static inline void rmap_init(void)
{
}

static inline bool anon_vma_is_ready(const struct vm_area *area __maybe_unused)
{
	return true;
}

static inline int anon_vma_prepare(struct vm_area *area __maybe_unused)
{
	return 0;
}

static inline int anon_vma_clone(struct vm_area *to __maybe_unused,
				 struct vm_area *from __maybe_unused)
{
	return 0;
}

static inline int anon_vma_fork(struct vm_area *to __maybe_unused,
				struct vm_area *from __maybe_unused)
{
	return 0;
}

static inline void anon_vma_unlink(struct vm_area *area __maybe_unused)
{
}

static inline bool anon_vma_can_merge(const struct vm_area *a __maybe_unused,
				      const struct vm_area *b __maybe_unused)
{
	return true;
}

static inline void anon_vma_change_begin(struct vm_area *area __maybe_unused,
					 struct vm_area *next __maybe_unused)
{
}

static inline void anon_vma_change_end(struct vm_area *area __maybe_unused,
				       struct vm_area *next __maybe_unused)
{
}

static inline unsigned int anon_vma_verify(struct vm_area *area __maybe_unused)
{
	return 0;
}

static inline unsigned int anon_vma_verify_locked(const struct vm_area *area __maybe_unused)
{
	return 0;
}
#endif

/* --- walks --- */

struct rmap_walk {
	/* One area that may map a part of the pages, the first of which would be at @addr, which
	 * may lie outside of @area if there are several. Whether it does the tables say:
	 * user_pte_find_lock(). True: go on. The root's rwsem is held; sleeping is allowed. */
	bool (*visit)(struct rmap_walk *walk, struct vm_area *area, unsigned long addr);
};

/* Without CONFIG_RMAP there are only these declarations. */

/**
 * page_lock_anon_vma() - keep the mappings of an anonymous page from coming and going
 * The caller holds a reference to @page.
 * Context: task, no spinlock; may sleep.
 * Return: the anon_vma, its root's rwsem held for writing; NULL: no entry maps the page any more.
 */
struct anon_vma *page_lock_anon_vma(struct page *page);
void page_unlock_anon_vma(struct anon_vma *anon_vma);

/**
 * rmap_walk() - visit the areas that may map @nr pages from @page on
 * The caller holds a reference to @page, which is anonymous (others have no visitors).
 * Context: task, no spinlock; may sleep.
 */
void rmap_walk(struct page *page, unsigned long nr, struct rmap_walk *walk);
/* The same, but false, without a visit, if the root's rwsem is not free: for reclaim, whose caller
 * may hold it. */
bool rmap_walk_try(struct page *page, unsigned long nr, struct rmap_walk *walk);
/* The same between page_lock_anon_vma() and page_unlock_anon_vma(). */
void rmap_walk_locked(struct anon_vma *anon_vma, struct page *page, unsigned long nr,
		      struct rmap_walk *walk);

/* How many entries map @page, found by its reverse mapping. */
unsigned int rmap_count_entries(struct page *page);
#endif
