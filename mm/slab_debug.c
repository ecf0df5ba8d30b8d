/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Misuse of objects: layout, checks and reports.  With any option that needs it an object is
 * followed by a red zone, its struct slab_meta, and a red zone that also guards the next object:
 *
 *	| object: `requested` bytes, red up to `size` | red | meta | red ... stride |
 *
 * The first object of a slab has a red zone in front.  A free object is filled with poison, unless
 * its constructor's work must stay.  Checks happen when a user takes or gives an object back; the
 * kernel goes on after each: a bad free frees nothing, damage is repaired.
 * Context: any but NMI; the object's owner.
 */

#define pr_fmt(fmt) "slab: " fmt

#include <oshit/kasan.h>
#include <oshit/math.h>
#include <oshit/mm_report.h>
#include <oshit/printk.h>
#include <oshit/stack_depot.h>
#include <oshit/string.h>

#include "slab_debug.h"

#define RED	    0xcc
#define POISON	    0x6b
#define STATE_FREE  0x66726565u
#define STATE_OWNED 0x6f776e64u

static struct slab_meta *meta_of(const struct kmem_cache *cache, const void *object)
{
	return (struct slab_meta *)((u8 *)object + cache->meta);
}

void slab_debug_layout(struct kmem_cache *cache, unsigned int align)
{
	unsigned int red = SLAB_GAPS ? SLAB_RED_SIZE : 0;

	cache->meta = ALIGN_UP(cache->size + red, (unsigned int)__alignof__(struct slab_meta));
	cache->stride = ALIGN_UP(cache->meta + (unsigned int)sizeof(struct slab_meta) + red, align);
	cache->first = SLAB_GAPS ? ALIGN_UP(red, align) : 0;
}

/* Line two and following of a report. */
static void show_object(const struct kmem_cache *cache, const void *object)
{
	const struct slab_meta *meta = meta_of(cache, object);

	pr_err("object of %s, %u bytes\n", cache->name, cache->size);
	if (!SLAB_OWNER)
		return;
	mm_report_stack("allocated by", meta->alloc_stack);
	mm_report_stack("last freed by", meta->free_stack);
}

static void report(enum mm_misuse kind, const struct kmem_cache *cache, const void *object)
{
	if (!mm_report_begin(kind, object))
		return;
	show_object(cache, object);
	mm_report_end();
}

/* [@from, @to) must hold @byte only; reports the first that does not, and repairs all. */
static void check_bytes(enum mm_misuse kind, const struct kmem_cache *cache, const void *object,
			u8 *from, u8 *to, u8 byte)
{
	u8 *bad = memchr_inv(from, byte, to - from);

	if (!bad)
		return;
	if (mm_report_begin(kind, object)) {
		pr_err("byte %ld is 0x%02x, should be 0x%02x\n", (long)(bad - (u8 *)object), *bad,
		       byte);
		show_object(cache, object);
		mm_report_end();
	}
	memset(from, byte, to - from);
}

static void check_red(const struct kmem_cache *cache, void *object, unsigned int requested)
{
	u8 *start = object, *meta = start + cache->meta;
	u8 *behind = meta + sizeof(struct slab_meta);

	check_bytes(MM_OUT_OF_BOUNDS, cache, object, start - SLAB_RED_SIZE, start, RED);
	check_bytes(MM_OUT_OF_BOUNDS, cache, object, start + requested, meta, RED);
	check_bytes(MM_OUT_OF_BOUNDS, cache, object, behind, start + cache->stride, RED);
}

static bool is_poisoned(const struct kmem_cache *cache)
{
	return SLAB_POISON && !cache->ctor;
}

/* All bytes of the slab are red first; then the objects' own. */
void slab_debug_init(struct kmem_cache *cache, struct page *slab)
{
	if (SLAB_REDZONE)
		memset(slab_base(slab), RED, PAGE_SIZE << page_order(slab));
	for (unsigned int i = 0; i < cache->per_slab; i++) {
		void *object = slab_object(cache, slab, i);

		if (!test_bit(i, slab->free_map))
			continue;
		if (SLAB_META)
			*meta_of(cache, object) =
				(struct slab_meta){ .state = STATE_FREE, .requested = cache->size };
		if (is_poisoned(cache))
			memset(object, POISON, cache->size);
	}
}

unsigned int slab_debug_size(const struct kmem_cache *cache, const void *object)
{
	return meta_of(cache, object)->requested;
}

void slab_debug_resize(struct kmem_cache *cache, void *object, unsigned int requested)
{
	struct slab_meta *meta = meta_of(cache, object);

	if (SLAB_REDZONE) {
		check_red(cache, object, meta->requested);
		memset((u8 *)object + requested, RED, cache->meta - requested);
	}
	meta->requested = requested;
	kasan_slab_alloc(cache, object, requested);
}

void slab_debug_alloc(struct kmem_cache *cache, void *object, unsigned int requested)
{
	struct slab_meta *meta = meta_of(cache, object);

	if (is_poisoned(cache))
		check_bytes(MM_USE_AFTER_FREE, cache, object, object, (u8 *)object + cache->size,
			    POISON);
	if (!SLAB_META)
		return;
	if (SLAB_REDZONE) {
		check_red(cache, object, cache->size);
		memset((u8 *)object + requested, RED, cache->size - requested);
	}
	WRITE_ONCE(meta->state, STATE_OWNED);
	meta->requested = requested;
	kasan_slab_alloc(cache, object, requested);
	if (SLAB_OWNER)
		meta->alloc_stack = stack_depot_save(1);
}

bool slab_debug_free(struct kmem_cache *cache, void *object)
{
	struct slab_meta *meta = meta_of(cache, object);

	/* Of two CPUs that free the same object at once only one may go on. */
	if (SLAB_DOUBLE_FREE &&
	    __atomic_exchange_n(&meta->state, STATE_FREE, __ATOMIC_RELAXED) == STATE_FREE) {
		report(MM_DOUBLE_FREE, cache, object);
		return false;
	}
	if (SLAB_REDZONE)
		check_red(cache, object, meta->requested);
	if (SLAB_META)
		WRITE_ONCE(meta->state, STATE_FREE);
	if (SLAB_OWNER)
		meta->free_stack = stack_depot_save(1);
	if (is_poisoned(cache))
		memset(object, POISON, cache->size);
	return true;
}

void slab_report_invalid(struct kmem_cache *cache, const void *address)
{
	if (!mm_report_begin(MM_INVALID_FREE, address))
		return;
	pr_err("freed to %s, but no object begins there\n", cache ? cache->name : "kmalloc");
	mm_report_end();
}

void slab_report_wrong_cache(struct kmem_cache *cache, struct kmem_cache *of, void *object)
{
	if (!mm_report_begin(MM_WRONG_CACHE, object))
		return;
	pr_err("freed to %s\n", cache->name);
	show_object(of, object);
	mm_report_end();
}

void slab_report_double_free(struct kmem_cache *cache, void *object)
{
	report(MM_DOUBLE_FREE, cache, object);
}

void slab_report_leak(struct kmem_cache *cache, unsigned long nr)
{
	if (!mm_report_begin(MM_LEAK, cache))
		return;
	pr_err("%s is destroyed with %lu objects in use\n", cache->name, nr);
	mm_report_end();
}
