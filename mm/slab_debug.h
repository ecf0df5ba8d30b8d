/* SPDX-License-Identifier: GPL-2.0-only */
/* Hooks of the slab allocator for finding misuse; each is empty if its option is off. */
#ifndef MM_SLAB_DEBUG_H
#define MM_SLAB_DEBUG_H

#include "slab.h"

/* KASAN needs red zones, and its reports tell whose an object is. */
#define SLAB_DOUBLE_FREE (IS_ENABLED(CONFIG_DEBUG_SLAB_DOUBLE_FREE) || SLAB_KASAN)
#define SLAB_POISON	 IS_ENABLED(CONFIG_DEBUG_SLAB_POISON)
#define SLAB_INVALID	 (IS_ENABLED(CONFIG_DEBUG_SLAB_INVALID_FREE) || SLAB_KASAN)
#define SLAB_OWNER	 (IS_ENABLED(CONFIG_SLAB_OWNER) || SLAB_KASAN)
#define SLAB_META	 (SLAB_REDZONE || SLAB_DOUBLE_FREE || SLAB_OWNER)
#define SLAB_DEBUG	 (SLAB_META || SLAB_POISON)
#define SLAB_RED_SIZE	 16 /* bytes on each side, at least */

struct slab_meta { /* behind the object and its red zone; owner of the object writes */
	u32 state; /* SLAB_STATE_ */
	u32 requested; /* bytes that the user asked for; the rest is red */
	u32 alloc_stack; /* handles of the stack depot */
	u32 free_stack;
#ifdef CONFIG_KASAN
	void *next; /* object behind this one in the quarantine; under its lock */
#endif
};

/* Offsets in a stride, from the size and alignment asked for. */
void slab_debug_layout(struct kmem_cache *cache, unsigned int align);
/* A new slab's memory. */
void slab_debug_init(struct kmem_cache *cache, struct page *slab);
/* An object goes to a user; or comes back: false if it must not be freed. */
void slab_debug_alloc(struct kmem_cache *cache, void *object, unsigned int requested);
bool slab_debug_free(struct kmem_cache *cache, void *object);
/* The user's size of a kmalloc() object changes in place. */
void slab_debug_resize(struct kmem_cache *cache, void *object, unsigned int requested);
/* What slab_debug_alloc() or slab_debug_resize() was told. Needs SLAB_META. */
unsigned int slab_debug_size(const struct kmem_cache *cache, const void *object);

/* Reports about what is no object of @cache (NULL: of any). */
void slab_report_invalid(struct kmem_cache *cache, const void *address);
void slab_report_wrong_cache(struct kmem_cache *cache, struct kmem_cache *of, void *object);
void slab_report_double_free(struct kmem_cache *cache, void *object);
void slab_report_leak(struct kmem_cache *cache, unsigned long nr);

#endif
