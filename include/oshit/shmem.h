/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared memory: pages that begin as zeros and have no place of their own, of mappings without a
 * file (mm/shmem.c), and of files of tmpfs and memfd_create().  What nobody uses may be in swap
 * (mm/shmem_swap.c).
 */
#ifndef OSHIT_SHMEM_H
#define OSHIT_SHMEM_H

#include <oshit/list.h>
#include <oshit/page_tree.h>
#include <oshit/types.h>

struct address_space;
struct page;
struct vm_area;

/* What an address space of shared memory has besides, embedded in its owner. */
#ifdef CONFIG_SWAP
struct shmem_swap { /* l: mapping->lock   o: objects_lock in mm/shmem_swap.c   i: constant */
	struct address_space *mapping; /* i */
	struct page_tree swapped; /* l  by index: where a page is that is not in memory */
	unsigned int nr_punching; /* l  who makes holes, or ends all: no page goes to swap */
	bool is_ending; /* l */
	bool is_visited; /* o  by who brings all back from a device */
	struct list_head link; /* o  empty: nothing of it ever was in swap */
};

/* Once, before the first page. Pages of @mapping may go to swap from now on; evict_pagecache()
 * ends it. */
void shmem_swap_init(struct address_space *mapping, struct shmem_swap *swap);
#else
struct shmem_swap {
};

static inline void shmem_swap_init(struct address_space *mapping __maybe_unused,
				   struct shmem_swap *swap __maybe_unused)
{
}
#endif

/* Of a file, counted as shared memory, and as promised memory page by page. */
extern const struct address_space_operations shmem_file_aops;
/* Its operations, for who has limits of his own. */
int shmem_read_page(struct address_space *mapping, struct page *page);
int shmem_charge_page(struct address_space *mapping);
void shmem_uncharge_page(struct address_space *mapping);

/* Gives @area, shared, anonymous and in no set yet, an object of its size. 0 or -ENOMEM. */
int shmem_mmap(struct vm_area *area);

#endif
