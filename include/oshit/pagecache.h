/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page cache: the pages of a file, or of shared anonymous memory, that are in memory.  A
 * struct address_space is embedded in what owns the data; the page cache knows no inode.
 */
#ifndef OSHIT_PAGECACHE_H
#define OSHIT_PAGECACHE_H

#include <oshit/page.h>
#include <oshit/page_tree.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>

struct address_space;
struct vm_area;
struct vm_fault;
struct vm_operations;

struct address_space_operations {
	/* Fills @page, new and in no file yet, with what belongs at page->index. May sleep.
	 * 0 or -errno. */
	int (*read_page)(struct address_space *mapping, struct page *page);
};

struct address_space { /* l: ->lock   i: constant   a: atomic */
	spinlock_t lock;
	struct page_tree pages; /* l  a reference to each page */
	const struct address_space_operations *ops; /* i */
	u64 size; /* a  bytes, by the owner; accesses through mappings behind it: SIGBUS */
	void *host; /* i  of the owner */
	u64 number; /* a  address_space_number(); 0: nobody has asked */
};

/* page->private of the pages of shared anonymous memory, which are counted apart; else it is 0. */
#define PAGE_PRIVATE_SHMEM 1

void address_space_init(struct address_space *mapping, const struct address_space_operations *ops,
			void *host);

/* A number that no other mapping has or ever had. Any context. */
u64 address_space_number(struct address_space *mapping);

/* The page at @index with a reference for the caller, if it is there; else NULL. Any task. */
struct page *find_get_page(struct address_space *mapping, unsigned long index);

/**
 * read_cache_page() - the page at @index, brought in if need be
 *
 * Two who bring in the same page both read it; one of the two is kept.
 *
 * Context: task; may sleep.
 * Return: the page with a reference for the caller; ERR_PTR(-ENOMEM), or the error of
 * ops->read_page().
 */
struct page *read_cache_page(struct address_space *mapping, unsigned long index);

/* Drops all pages from @index on. Mappings of them are the caller's to remove. Context: task. */
void truncate_pages(struct address_space *mapping, unsigned long index);

/* The ->fault() of areas whose ->private is a struct address_space. */
int filemap_fault(struct vm_fault *fault);
/* And their ->fault_around(). */
void filemap_fault_around(struct vm_area *area, unsigned long pgoff, struct page **pages,
			  unsigned int nr);

#endif
