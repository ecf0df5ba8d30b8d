/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmalloc(): memory of any size.  Up to KMALLOC_MAX_CACHE_SIZE from one of a few caches, by size
 * class; above that, whole pages whose head has PG_kmalloc.  What an address belongs to is read
 * from its struct page, so kfree() (mm/slab.c) needs no size and serves objects of every cache.
 * Context and locks: those of mm/slab.c and mm/page_alloc.c.
 */
#include <arch/mm.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/math.h>
#include <oshit/panic.h>
#include <oshit/string.h>

#include "slab.h"
#include "slab_debug.h"

static const struct {
	unsigned int size, align;
	const char *name;
} classes[NR_KMALLOC_CLASSES] = {
	{ 32, 32, "kmalloc-32" },     { 64, 64, "kmalloc-64" },	    { 96, 32, "kmalloc-96" },
	{ 128, 128, "kmalloc-128" },  { 192, 64, "kmalloc-192" },   { 256, 256, "kmalloc-256" },
	{ 512, 512, "kmalloc-512" },  { 1024, 1024, "kmalloc-1k" }, { 2048, 2048, "kmalloc-2k" },
	{ 4096, 4096, "kmalloc-4k" }, { 8192, 4096, "kmalloc-8k" },
};

struct kmem_cache *kmalloc_caches[NR_KMALLOC_CLASSES] __ro_after_init;

__init void kmalloc_init(void)
{
	for (size_t i = 0; i < NR_KMALLOC_CLASSES; i++)
		kmalloc_caches[i] = kmem_cache_create(classes[i].name, classes[i].size,
						      classes[i].align, SLAB_PANIC, NULL);
}

/* Under KASAN the head knows the size that the user asked for; what is behind it is closed. */
static void set_large_size(struct page *page, size_t size)
{
	u8 *memory = page_to_virt(page);
	size_t end = ALIGN_UP(size, 8UL);

	if (!SLAB_KASAN)
		return;
	page->private = size;
	kasan_unpoison(memory, size);
	kasan_poison(memory + end, (PAGE_SIZE << page_order(page)) - end, KASAN_PAGE_RED);
}

static void *alloc_large(size_t size, gfp_t gfp)
{
	struct page *page;

	if (size > KMALLOC_MAX_SIZE)
		return NULL;
	page = alloc_pages(gfp, get_order(size));
	if (!page)
		return NULL;
	__page_set_flag(page, PG_kmalloc);
	set_large_size(page, size);
	return page_to_virt(page);
}

void *__kmalloc(size_t size, gfp_t gfp)
{
	if (unlikely(size > KMALLOC_MAX_CACHE_SIZE))
		return alloc_large(size, gfp);
	if (unlikely(!size))
		return ZERO_SIZE_PTR;
	return slab_alloc(kmalloc_caches[kmalloc_class(size)], gfp, size);
}

/* Whole pages, a slab of several pages, or nothing that kmalloc() ever gave. */
void kfree_slowly(const void *memory)
{
	struct page *page = virt_to_page(memory);

	if (ZERO_OR_NULL(memory))
		return;
	if (SLAB_INVALID && !pfn_is_valid(page_to_pfn(page)))
		return slab_report_invalid(NULL, memory);
	page = page_head(page);
	if (page_has_flag(page, PG_slab))
		return slab_free(page->cache, (void *)memory);
	if (SLAB_INVALID &&
	    (!page_has_flag(page, PG_kmalloc) || page_to_virt(page) != (void *)memory))
		return slab_report_invalid(NULL, memory);
	__page_clear_flag(page, PG_kmalloc);
	__free_pages(page, page_order(page));
}

static size_t room_at(const struct page *page)
{
	return page_has_flag(page, PG_slab) ? page->cache->size : PAGE_SIZE << page_order(page);
}

size_t ksize(const void *memory)
{
	struct page *page;

	if (ZERO_OR_NULL(memory))
		return 0;
	page = page_head(virt_to_page(memory));
	if (SLAB_GAPS && page_has_flag(page, PG_slab)) /* the rest of its room is red */
		return slab_debug_size(page->cache, memory);
	if (SLAB_KASAN)
		return page->private;
	return room_at(page);
}

/* Whether @memory can stay where it is with @size bytes, without wasting more than half. */
static bool fits_in_place(const void *memory, size_t size)
{
	size_t room = room_at(page_head(virt_to_page(memory)));

	return size <= room && (size > room / 2 || room <= KMALLOC_MIN_SIZE);
}

/* With __GFP_ZERO the room above the size is always zero, or red where that is what it is for. */
static void resize_in_place(u8 *memory, size_t size, gfp_t gfp)
{
	struct page *page = page_head(virt_to_page(memory));
	size_t old = ksize(memory);
	bool has_red = SLAB_KASAN || (SLAB_REDZONE && page_has_flag(page, PG_slab));

	if (SLAB_META && page_has_flag(page, PG_slab))
		slab_debug_resize(page->cache, memory, size);
	else if (!page_has_flag(page, PG_slab))
		set_large_size(page, size);
	if (!(gfp & __GFP_ZERO))
		return;
	if (!has_red)
		memset(memory + size, 0, old - size);
	else if (size > old)
		memset(memory + old, 0, size - old);
}

void *krealloc(void *memory, size_t size, gfp_t gfp)
{
	void *moved;

	if (!size) {
		kfree(memory);
		return ZERO_SIZE_PTR;
	}
	if (!ZERO_OR_NULL(memory) && fits_in_place(memory, size)) {
		resize_in_place(memory, size, gfp);
		return memory;
	}
	moved = __kmalloc(size, gfp);
	if (ZERO_OR_NULL(memory))
		return moved;
	if (moved) {
		memcpy(moved, memory, min(size, ksize(memory)));
		kfree(memory);
		return moved;
	}
	if (size > ksize(memory))
		return NULL;
	resize_in_place(memory, size, gfp); /* wasteful, but who shrinks must not fail */
	return memory;
}

void *kmemdup(const void *src, size_t size, gfp_t gfp)
{
	void *copy = __kmalloc(size, gfp);

	return copy && size ? memcpy(copy, src, size) : copy;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return kmemdup(s, strlen(s) + 1, gfp);
}
