/* SPDX-License-Identifier: GPL-2.0-only */
/* What of shared memory is in swap: mm/shmem_swap.c. In mm/ only. */
#ifndef MM_SHMEM_H
#define MM_SHMEM_H

#include <linux/errno.h>
#include <oshit/gfp.h>
#include <oshit/pagecache.h>
#include <oshit/shmem.h>

struct deferred_flush;
struct vm_fault;

#ifdef CONFIG_SWAP
/* --- of an index that is not in memory; mapping->lock is held --- */

/* Whether its page is in swap; or there is room for one that nobody has filled. */
bool shmem_is_swapped(const struct address_space *mapping, unsigned long index);
/* Whether either is so: it counts as one that the file has. */
bool shmem_is_held(const struct address_space *mapping, unsigned long index);
/* The first page in swap from *@index on, which is moved there. False: none. */
bool shmem_next_swapped(const struct address_space *mapping, unsigned long *index);

/* --- in --- */

/* Fills a page that has joined, and is locked, with what is in swap. 0; -ENOENT: nothing is there;
 * -ENOMEM; -EIO: it could not be read. */
int shmem_swap_in(struct address_space *mapping, struct page *page);

/* Before a fault looks for the page in its mapping: true as of fault_wait_unlocked(): its disk was
 * waited for. */
bool shmem_fault_wait(const struct vm_fault *fault);

/* The page of an index that is in swap, if the swap cache has it, with a reference; NULL. */
struct page *shmem_swap_cached(struct address_space *mapping, unsigned long index);
/* How many of [@first, @last] are in swap. */
unsigned long shmem_nr_swapped(struct address_space *mapping, unsigned long first,
			       unsigned long last);
/* Those that are begin to come. */
void shmem_will_need(struct address_space *mapping, unsigned long first, unsigned long last);

/* --- going --- */

/* Pages [@first, @last] are to be zeros. Between the two none goes to swap; those that are there
 * are forgotten. */
void shmem_punch_begin(struct address_space *mapping, unsigned long first, unsigned long last);
void shmem_punch_end(struct address_space *mapping);
/* Room in [@first, @last] that nobody has filled is given back. */
void shmem_unreserve(struct address_space *mapping, unsigned long first, unsigned long last);
/* The end: from the first on no page goes to swap, and nobody brings any back; the second, when all
 * pages have gone, forgets what is there. */
void shmem_swap_stop(struct address_space *mapping);
void shmem_swap_destroy(struct address_space *mapping);

/* --- for reclaim: a page, locked, with a reference of the caller's --- */

/* Whether it is of a mapping whose pages may be in swap. */
bool shmem_may_go(const struct page *page);
/* It leaves its mapping for the swap cache; the caller flushes in either case. False: it stays. */
bool shmem_add_to_swap(struct page *page, gfp_t gfp, struct deferred_flush *flush);
/* One that nobody has filled leaves its mapping, which keeps the room. False: it stays. */
bool shmem_drop_unfilled(struct page *page, gfp_t gfp);

/* All that is on @device comes back. 0 or -errno. */
int shmem_swap_in_all(unsigned int device);
#else
static inline bool shmem_is_swapped(const struct address_space *mapping __maybe_unused,
				    unsigned long index __maybe_unused)
{
	return false;
}

static inline bool shmem_is_held(const struct address_space *mapping __maybe_unused,
			       unsigned long index __maybe_unused)
{
	return false;
}

static inline bool shmem_next_swapped(const struct address_space *mapping __maybe_unused,
				      unsigned long *index __maybe_unused)
{
	return false;
}

static inline int shmem_swap_in(struct address_space *mapping __maybe_unused,
				struct page *page __maybe_unused)
{
	return -ENOENT;
}

static inline bool shmem_fault_wait(const struct vm_fault *fault __maybe_unused)
{
	return false;
}

static inline struct page *shmem_swap_cached(struct address_space *mapping __maybe_unused,
					     unsigned long index __maybe_unused)
{
	return NULL;
}

static inline unsigned long shmem_nr_swapped(struct address_space *mapping __maybe_unused,
					     unsigned long first __maybe_unused,
					     unsigned long last __maybe_unused)
{
	return 0;
}

static inline void shmem_will_need(struct address_space *mapping __maybe_unused,
				   unsigned long first __maybe_unused,
				   unsigned long last __maybe_unused)
{
}

static inline void shmem_punch_begin(struct address_space *mapping __maybe_unused,
				     unsigned long first __maybe_unused,
				     unsigned long last __maybe_unused)
{
}

static inline void shmem_punch_end(struct address_space *mapping __maybe_unused)
{
}

static inline void shmem_unreserve(struct address_space *mapping __maybe_unused,
				   unsigned long first __maybe_unused,
				   unsigned long last __maybe_unused)
{
}

static inline void shmem_swap_stop(struct address_space *mapping __maybe_unused)
{
}

static inline void shmem_swap_destroy(struct address_space *mapping __maybe_unused)
{
}

static inline bool shmem_may_go(const struct page *page __maybe_unused)
{
	return false;
}

static inline bool shmem_add_to_swap(struct page *page __maybe_unused, gfp_t gfp __maybe_unused,
				     struct deferred_flush *flush __maybe_unused)
{
	return false;
}

static inline bool shmem_drop_unfilled(struct page *page __maybe_unused, gfp_t gfp __maybe_unused)
{
	return false;
}
#endif

#endif
