/* SPDX-License-Identifier: GPL-2.0-only */
/* What mm/slab.c, mm/kmalloc.c and mm/slab_debug.c share; nobody else includes this. */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include <oshit/atomic.h>
#include <oshit/list.h>
#include <oshit/percpu.h>
#include <oshit/slab.h>
#include <oshit/spinlock.h>

#include "cpu_claim.h"

#define SLAB_REDZONE	  IS_ENABLED(CONFIG_DEBUG_SLAB_REDZONE)
#define SLAB_KASAN	  IS_ENABLED(CONFIG_KASAN)
#define SLAB_GAPS	  (SLAB_REDZONE || SLAB_KASAN) /* red zones between objects */

#define MAGAZINE_SIZE	  31 /* objects; makes a magazine 256 bytes */
#define SLAB_MAX_OBJECTS  128 /* bits of page->free_map */
#define SLAB_MIN_STRIDE	  32 /* PAGE_SIZE / SLAB_MAX_OBJECTS */
#define SLAB_NO_MAGAZINES 0x100u /* flag: the cache that magazines come from */

struct magazine { /* c: its CPU, between magazine_enter() and magazine_leave() */
	cpu_claim_t claim;
	unsigned int nr; /* c */
	void *objects[MAGAZINE_SIZE]; /* c  the last is the warmest */
};
static_assert(sizeof(struct magazine) == 256, "four cache lines");

struct kmem_cache { /* l: ->lock   i: set at creation, then constant   a: cache list lock */
	unsigned int size; /* i  bytes of an object, as asked for */
	unsigned int stride; /* i  bytes from an object to the next */
	unsigned int first; /* i  offset of the first object */
	unsigned int reciprocal; /* i  2^32 / stride, rounded up */
	unsigned int last; /* i  offset of the last object from the first */
	unsigned long divisor; /* i  2^64 / stride, rounded up: see is_object() */
	unsigned int slab_mask; /* i  bytes of a slab, less one */
	unsigned int per_slab; /* i  objects */
	unsigned int order; /* i  of a slab */
	unsigned int least_order; /* i  of one where memory is in pieces */
	unsigned int magazine_limit; /* i  objects that a CPU keeps at most */
	unsigned int meta; /* i  offset of struct slab_meta in an object's stride; 0: none */
	unsigned int flags; /* i  SLAB_ */
	void (*ctor)(void *object); /* i */
	const char *name; /* i */
	struct list_head list; /* a  of all caches */
	struct magazine *magazines[NR_CPUS]; /* the CPU's entry is its own */
	raw_spinlock_t lock;
	struct list_head partial; /* l  slabs with free objects, the empty ones last */
	unsigned long nr_slabs; /* l */
	unsigned long nr_pages; /* l  of these */
	unsigned long nr_empty; /* l */
	unsigned long nr_out; /* l  objects with users, in magazines or in quarantine */
	unsigned long nr_batches; /* l  times objects went to or from CPUs; since creation */
	atomic_t nr_waiting; /* objects in quarantine: mm/kasan_slab.c */
};

static inline void *slab_base(const struct page *slab)
{
	return page_to_virt(slab);
}

/* Where a slab of the usual order begins, of which this one is all, or a part. */
static inline void *slab_frame(const struct kmem_cache *cache, const struct page *slab)
{
	return (void *)((unsigned long)slab_base(slab) & ~(unsigned long)cache->slab_mask);
}

static inline bool slab_is_full(const struct page *slab)
{
	return !(slab->free_map[0] | slab->free_map[1]);
}

/* Bytes from the first object of the frame to @address.  Slabs are aligned to their size, in the
 * direct map too: kmem_cache_init() makes sure of its base. */
static inline u32 slab_offset(const struct kmem_cache *cache, const void *address)
{
	return ((u32)(unsigned long)address & cache->slab_mask) - (SLAB_GAPS ? cache->first : 0);
}

/* Number of the object at or around @address in its frame. */
static inline u32 slab_index(const struct kmem_cache *cache, const void *address)
{
	return (u64)slab_offset(cache, address) * cache->reciprocal >> 32;
}

static inline void *slab_object(const struct kmem_cache *cache, const struct page *slab,
				unsigned int index)
{
	return (u8 *)slab_frame(cache, slab) + cache->first + index * cache->stride;
}

/* mm/slab.c */
/* 0, or -1 if size or alignment are out of range. Links nothing. */
int kmem_cache_setup(struct kmem_cache *cache, const char *name, unsigned int size,
		     unsigned int align);
void slab_free(struct kmem_cache *cache, void *object);
/* The last step of a free, perhaps after a time in quarantine: the object can be taken again. */
void slab_release(struct kmem_cache *cache, void *object);

/* mm/kmalloc.c */
void kmalloc_init(void);
/* kfree() of whole pages, of an address in a slab's tail, and of what kmalloc() never gave. */
void kfree_slowly(const void *memory);

#endif
