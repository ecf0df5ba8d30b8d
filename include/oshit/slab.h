/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory for objects: kmem_cache for many of one kind, kmalloc() for anything.  Context of all
 * functions, unless said otherwise: any but NMI; a task that may sleep if gfp says so.  There is no
 * __GFP_DMA32 here: a cache's memory comes from anywhere.
 */
#ifndef OSHIT_SLAB_H
#define OSHIT_SLAB_H

#include <oshit/gfp.h>
#include <oshit/types.h>

struct kmem_cache;

#define SLAB_HWCACHE_ALIGN 0x1u /* objects begin on cache lines, if they are not tiny */
#define SLAB_PANIC	   0x2u /* kmem_cache_create() panics instead of failing. Boot only */

/**
 * kmem_cache_create() - make a cache of objects
 * @name: for reports; kept, not copied
 * @size: bytes, 1 .. KMALLOC_MAX_CACHE_SIZE
 * @align: a power of two up to PAGE_SIZE; 0 for that of a pointer
 * @flags: SLAB_
 * @ctor: NULL, or called once for each object when its memory comes, not at each allocation: the
 *	object must be in that state again when it is freed. May not sleep or allocate.
 *
 * Context: task. Return: the cache, or NULL.
 */
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     unsigned int flags, void (*ctor)(void *object));

/*
 * All objects are free and no CPU uses the cache, now or later. Otherwise it says so and stays.
 * NULL is ignored. Context: task.
 */
void kmem_cache_destroy(struct kmem_cache *cache);

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);
/* The same for a user who needs only @size bytes of the object: kmalloc(). */
void *slab_alloc(struct kmem_cache *cache, gfp_t gfp, unsigned int size);
/* NULL is ignored. */
void kmem_cache_free(struct kmem_cache *cache, void *object);

static inline void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	return kmem_cache_alloc(cache, gfp | __GFP_ZERO);
}

/*
 * Returns what this CPU and the cache keep in reserve, and asks the other CPUs to return theirs
 * when they next use the cache. Return: pages freed.
 */
unsigned long kmem_cache_shrink(struct kmem_cache *cache);
/* The objects that a CPU, now off, kept for itself go back. */
void kmem_cache_cpu_dead(unsigned int cpu);

#define KMALLOC_MAX_CACHE_SIZE 8192UL /* above, whole pages */
#define KMALLOC_MAX_SIZE       (PAGE_SIZE << MAX_PAGE_ORDER)
#define KMALLOC_MIN_SIZE       32UL
#define NR_KMALLOC_CLASSES     11

/* What kmalloc(0) returns: no NULL, but a fault if it is used. */
#define ZERO_SIZE_PTR	       ((void *)16)
#define ZERO_OR_NULL(p)	       ((unsigned long)(p) <= (unsigned long)ZERO_SIZE_PTR)

extern struct kmem_cache *kmalloc_caches[NR_KMALLOC_CLASSES];

/* 32 64 96 128 192 256 512 1024 2048 4096 8192; folds to a constant if @size is one. */
static __always_inline unsigned int kmalloc_class(size_t size)
{
	if (size <= 128)
		return size <= 32 ? 0 : (size - 1) / 32;
	if (size <= 192)
		return 4;
	return fls64(size - 1) - 3;
}

/**
 * kmalloc() - allocate @size bytes
 *
 * A size that is a power of two gives an address that is a multiple of it, up to PAGE_SIZE; others
 * are aligned to 32 bytes.
 *
 * Return: the memory, NULL, or ZERO_SIZE_PTR if @size is 0.
 */
void *__kmalloc(size_t size, gfp_t gfp);

static __always_inline void *kmalloc(size_t size, gfp_t gfp)
{
	if (__builtin_constant_p(size) && size && size <= KMALLOC_MAX_CACHE_SIZE)
		return slab_alloc(kmalloc_caches[kmalloc_class(size)], gfp, size);
	return __kmalloc(size, gfp);
}

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

/* @n objects of @size bytes; NULL if the product does not fit. */
static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : __kmalloc(bytes, gfp);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc_array(n, size, gfp | __GFP_ZERO);
}

/**
 * krealloc() - resize, perhaps elsewhere; what both sizes hold is kept
 * @memory: from kmalloc(), or NULL
 * @size: 0 frees it; less than before always succeeds
 *
 * With __GFP_ZERO what is new is zero, if all calls for @memory so far had the flag.
 *
 * Return: the memory; NULL on failure, and then @memory is as it was.
 */
void *krealloc(void *memory, size_t size, gfp_t gfp);

/* NULL and ZERO_SIZE_PTR are ignored. Also for objects of any cache. */
void kfree(const void *memory);

/* Bytes usable at @memory: at least those asked for. */
size_t ksize(const void *memory);

char *kstrdup(const char *s, gfp_t gfp);
void *kmemdup(const void *src, size_t size, gfp_t gfp);

/* Boot, one CPU, after page_alloc_init(). */
void kmem_cache_init(void);

struct kmem_cache_info {
	const char *name;
	bool is_internal; /* of the allocator itself: grows with its CPUs and stays */
	unsigned int size; /* bytes of an object */
	unsigned int stride; /* bytes it takes */
	unsigned int per_slab; /* objects */
	unsigned int order; /* of a slab */
	unsigned long nr_slabs;
	unsigned long nr_pages; /* of these */
	unsigned long nr_objects; /* allocated by users */
	unsigned long nr_on_cpus; /* free, kept by CPUs */
	unsigned long nr_batches; /* times the lock was taken for a CPU's stock, since creation */
};

/* Calls @fn for each cache. For the monitor: takes no lock, so no cache may come or go then. */
void kmem_cache_for_each(void (*fn)(const struct kmem_cache_info *info, void *arg), void *arg);
void kmem_cache_info_get(struct kmem_cache *cache, struct kmem_cache_info *info);

#endif
