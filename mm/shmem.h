/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared anonymous memory, and what of it is in swap: mm/shmem_swap.c. In mm/ only. */
#ifndef MM_SHMEM_H
#define MM_SHMEM_H

#include <linux/errno.h>
#include <oshit/gfp.h>
#include <oshit/list.h>
#include <oshit/pagecache.h>
#include <oshit/refcount.h>

struct deferred_flush;
struct vm_fault;

struct shmem_object { /* l: ->pages.lock */
	struct address_space pages;
	refcount_t users; /* areas, and who works on the pages */
	unsigned long nr_promised; /* pages; constant */
#ifdef CONFIG_SWAP
	struct page_tree swapped; /* l  by the same index: where a page is that is not in pages */
	unsigned int nr_punching; /* l  tasks that make holes: no page goes to swap */
	struct list_head link; /* empty: nothing of it ever was in swap; lock in shmem_swap.c */
#endif
};

/* Lets one user go; the last takes it all with him. Task; may sleep. */
void shmem_put(struct shmem_object *object);

#ifdef CONFIG_SWAP
static inline void shmem_swap_init(struct shmem_object *object)
{
	INIT_LIST_HEAD(&object->link);
}

/* The last user has gone, and all pages. */
void shmem_swap_destroy(struct shmem_object *object);

/* Fills a page that has joined, and is locked, with what is in swap. 0; -ENOENT: nothing is there;
 * -ENOMEM; -EIO: it could not be read. */
int shmem_swap_in(struct shmem_object *object, struct page *page);

/* Before a fault looks for the page in its mapping: true as of fault_wait_unlocked(): its disk was
 * waited for. */
bool shmem_fault_wait(const struct vm_fault *fault);

/* Pages [@first, @last] are to be zeros. Between the two none goes to swap; those that are there
 * are forgotten. */
void shmem_punch_begin(struct shmem_object *object, unsigned long first, unsigned long last);
void shmem_punch_end(struct shmem_object *object);

/* For reclaim: a page of shared anonymous memory, locked, leaves its object for the swap cache; the
 * caller flushes in either case. False: it stays. */
bool shmem_add_to_swap(struct page *page, gfp_t gfp, struct deferred_flush *flush);
/* All that is on @device comes back. 0 or -errno. */
int shmem_swap_in_all(unsigned int device);
#else
static inline void shmem_swap_init(struct shmem_object *object __maybe_unused)
{
}

static inline void shmem_swap_destroy(struct shmem_object *object __maybe_unused)
{
}

static inline int shmem_swap_in(struct shmem_object *object __maybe_unused,
				struct page *page __maybe_unused)
{
	return -ENOENT;
}

static inline bool shmem_fault_wait(const struct vm_fault *fault __maybe_unused)
{
	return false;
}

static inline void shmem_punch_begin(struct shmem_object *object __maybe_unused,
				     unsigned long first __maybe_unused,
				     unsigned long last __maybe_unused)
{
}

static inline void shmem_punch_end(struct shmem_object *object __maybe_unused)
{
}

static inline bool shmem_add_to_swap(struct page *page __maybe_unused, gfp_t gfp __maybe_unused,
				     struct deferred_flush *flush __maybe_unused)
{
	return false;
}
#endif

#endif
