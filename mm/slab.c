/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slab allocator.  A cache serves objects of one size.  Its memory comes in slabs, blocks of pages
 * cut into objects; the head's struct page names the cache and has a bit for each free object, so
 * a free object holds nothing of ours and keeps what its constructor made.  For each CPU a cache
 * has a magazine, a small stack of free objects; nearly all calls only push or pop there.
 *
 *	user <-> magazine of the CPU <-(half a magazine at once)-> slabs <-> page allocator
 *
 * Where memory is in pieces a slab may be smaller than usual.  It is a part of the larger one that
 * would lie there, its objects have the numbers that they would have in that, and those that are
 * not whole inside of it do not exist.  So an address leads to a number as ever.
 *
 * A slab with free objects is on the cache's partial list; a full one is on none and is found
 * again by its objects' addresses.  One empty slab is kept, further ones go back at once, and that
 * one too when memory is short.
 *
 * Who may touch a magazine: code on its CPU between magazine_enter() and magazine_leave(), as told
 * in mm/cpu_claim.h; who finds it taken goes to the slabs.  A CPU's magazine is made when it first
 * needs one; until then it has no_magazine, which is always taken.
 *
 * Locks: cache->lock, interrupts off, for slabs; outside it caches_lock for the list of caches.
 * Neither is held while pages are allocated, nor cache->lock while they are freed.
 * Left out: NUMA, merging of caches, RCU.
 */

#define pr_fmt(fmt) "slab: " fmt

#include <arch/mm.h>
#include <oshit/bug.h>
#include <oshit/fail_alloc.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/lockdep.h>
#include <oshit/math.h>
#include <oshit/panic.h>
#include <oshit/preempt.h>
#include <oshit/shrinker.h>
#include <oshit/string.h>

#include "slab.h"
#include "slab_debug.h"

#define BATCH		(MAGAZINE_SIZE / 2)
#define MAX_SLAB_ORDER	3
#define MIN_PER_SLAB	8 /* objects, if MAX_SLAB_ORDER permits */
#define MAX_EMPTY_SLABS 1
#define MAGAZINE_BYTES	8192 /* of objects, that a CPU keeps of one kind at most */
#define CACHE_LINE	64

static LIST_HEAD(caches);
static DEFINE_RAW_SPINLOCK(caches_lock);

static struct kmem_cache cache_cache; /* of struct kmem_cache */
static struct kmem_cache magazine_cache; /* of struct magazine */
static struct magazine no_magazine = { .claim = CLAIM_TAKEN };

/* *@magazine is this CPU's, for the caller alone; false if there is none, or it is in use. */
static __always_inline bool magazine_enter(struct kmem_cache *cache, struct magazine **magazine)
{
	preempt_disable();
	*magazine = cache->magazines[this_cpu_read(cpu_number)];
	if (unlikely(!claim_enter(&(*magazine)->claim))) {
		preempt_enable();
		return false;
	}
	return true;
}

static __always_inline void magazine_leave(struct magazine *magazine)
{
	claim_leave(&magazine->claim);
	preempt_enable();
}

/* Takes up to @nr objects off a slab; the caller holds the lock. */
static unsigned int take_from_slab(struct kmem_cache *cache, struct page *slab, void **objects,
				   unsigned int nr)
{
	unsigned int taken = 0;

	for (size_t word = 0; word < ARRAY_SIZE(slab->free_map); word++) {
		while (taken < nr && slab->free_map[word]) {
			unsigned int bit = __ffs(slab->free_map[word]);

			slab->free_map[word] &= ~BIT(bit);
			objects[taken++] = slab_object(cache, slab, word * BITS_PER_LONG + bit);
		}
	}
	if (slab->nr_in_use == 0)
		cache->nr_empty--;
	slab->nr_in_use += taken;
	cache->nr_out += taken;
	if (slab_is_full(slab))
		list_del(&slab->lru);
	return taken;
}

/* Up to @nr free objects from the slabs that there are; returns how many. */
static unsigned int take_from_slabs(struct kmem_cache *cache, void **objects, unsigned int nr)
{
	unsigned int taken = 0;
	unsigned long flags;

	raw_spin_lock_irqsave(&cache->lock, flags);
	cache->nr_batches++;
	while (taken < nr && !list_empty(&cache->partial)) {
		struct page *slab = list_first_entry(&cache->partial, struct page, lru);

		taken += take_from_slab(cache, slab, objects + taken, nr - taken);
	}
	raw_spin_unlock_irqrestore(&cache->lock, flags);
	return taken;
}

static void construct_objects(struct kmem_cache *cache, struct page *slab)
{
	if (SLAB_DEBUG)
		slab_debug_init(cache, slab);
	for (unsigned int i = 0; cache->ctor && i < cache->per_slab; i++)
		if (test_bit(i, slab->free_map))
			cache->ctor(slab_object(cache, slab, i));
	kasan_slab_new(cache, slab);
}

/* Of the usual order if there is a block, else a smaller one, and only the least is waited for. */
static struct page *alloc_slab(const struct kmem_cache *cache, gfp_t gfp)
{
	gfp_t easily = (gfp & ~(__GFP_DIRECT_RECLAIM | __GFP_HIGH)) | __GFP_NOWARN;
	struct page *slab = NULL;

	for (unsigned int order = cache->order; order > cache->least_order && !slab; order--)
		slab = alloc_pages(easily, order);
	return slab ?: alloc_pages(gfp, cache->least_order);
}

/* All objects that lie whole in the slab, with the red zone in front of them, are free. */
static void init_free_map(const struct kmem_cache *cache, struct page *slab)
{
	unsigned long start = (unsigned long)slab_base(slab) & cache->slab_mask;
	unsigned long end = start + (PAGE_SIZE << page_order(slab));
	unsigned long first = cache->first;

	slab->free_map[0] = 0;
	slab->free_map[1] = 0;
	for (unsigned int i = 0; i < cache->per_slab; i++, first += cache->stride)
		if (first >= start + cache->first && first + cache->stride <= end)
			__set_bit(i, slab->free_map);
}

/* A new slab, all free, joins the cache. False: no memory. */
static bool add_slab(struct kmem_cache *cache, gfp_t gfp)
{
	struct page *slab = alloc_slab(cache, gfp & ~__GFP_ZERO);
	unsigned long flags;

	if (!slab)
		return false;
	slab->cache = cache;
	slab->nr_in_use = 0;
	init_free_map(cache, slab);
	construct_objects(cache, slab);
	__page_set_flag(slab, PG_slab);
	raw_spin_lock_irqsave(&cache->lock, flags);
	list_add_tail(&slab->lru, &cache->partial);
	cache->nr_slabs++;
	cache->nr_pages += 1UL << page_order(slab);
	cache->nr_empty++;
	raw_spin_unlock_irqrestore(&cache->lock, flags);
	return true;
}

static void free_slab(struct page *slab)
{
	__page_clear_flag(slab, PG_slab);
	slab->cache = NULL;
	__free_pages(slab, page_order(slab));
}

static unsigned long free_slabs(struct list_head *slabs)
{
	unsigned long nr_pages = 0;

	while (!list_empty(slabs)) {
		struct page *slab = list_first_entry(slabs, struct page, lru);

		list_del(&slab->lru);
		nr_pages += 1UL << page_order(slab);
		free_slab(slab);
	}
	return nr_pages;
}

/* Moves empty slabs beyond @keep to @slabs, for free_slabs(); the caller holds the lock. */
static void collect_empty(struct kmem_cache *cache, struct list_head *slabs, unsigned long keep)
{
	while (cache->nr_empty > keep) {
		struct page *slab = list_last_entry(&cache->partial, struct page, lru);

		list_move(&slab->lru, slabs);
		cache->nr_empty--;
		cache->nr_slabs--;
		cache->nr_pages -= 1UL << page_order(slab);
	}
}

/* The object's bit is set again; the slab moves where it belongs.  The caller holds the lock. */
static void give_to_slab(struct kmem_cache *cache, void *object)
{
	struct page *slab = page_head(virt_to_page(object));
	unsigned int index = slab_index(cache, object);
	bool was_full = slab_is_full(slab);

	if (__test_and_set_bit(index, slab->free_map)) {
		slab_report_double_free(cache, object);
		return;
	}
	if (was_full)
		list_add(&slab->lru, &cache->partial);
	cache->nr_out--;
	if (--slab->nr_in_use == 0) {
		list_move_tail(&slab->lru, &cache->partial);
		cache->nr_empty++;
	}
}

static void give_to_slabs(struct kmem_cache *cache, void **objects, unsigned int nr)
{
	LIST_HEAD(empty);
	unsigned long flags;

	raw_spin_lock_irqsave(&cache->lock, flags);
	cache->nr_batches++;
	for (unsigned int i = 0; i < nr; i++)
		give_to_slab(cache, objects[i]);
	collect_empty(cache, &empty, MAX_EMPTY_SLABS);
	raw_spin_unlock_irqrestore(&cache->lock, flags);
	free_slabs(&empty);
}

/* Takes everything out of a CPU's magazine.  Nobody else may be using it. */
static void empty_magazine(struct kmem_cache *cache, struct magazine *magazine)
{
	unsigned int nr = magazine->nr;

	magazine->nr = 0;
	give_to_slabs(cache, magazine->objects, nr);
}

/* First on each way that a closed magazine leads to: another CPU may have asked. */
static void drain_if_asked(struct kmem_cache *cache)
{
	struct magazine *magazine;

	preempt_disable();
	magazine = cache->magazines[smp_processor_id()];
	if (claim_enter_to_drain(&magazine->claim)) {
		empty_magazine(cache, magazine);
		claim_leave(&magazine->claim);
	}
	preempt_enable();
}

/* This CPU's first magazine for @cache, if there is memory; it does without otherwise. */
static void make_magazine(struct kmem_cache *cache)
{
	struct magazine *magazine;
	unsigned long flags;

	if (cache->flags & SLAB_NO_MAGAZINES)
		return;
	magazine = kmem_cache_zalloc(&magazine_cache, GFP_NOWAIT | __GFP_NOWARN);
	if (!magazine)
		return;
	local_irq_save(flags);
	if (cache->magazines[smp_processor_id()] == &no_magazine) {
		/* Pairs with ask_other_cpus(), which looks at what is in it. */
		smp_store_release(&cache->magazines[smp_processor_id()], magazine);
		magazine = NULL;
	}
	local_irq_restore(flags);
	kmem_cache_free(&magazine_cache, magazine);
}

/* Puts @nr objects on the CPU's magazine as far as they fit; returns how many did not. */
static unsigned int stock_magazine(struct kmem_cache *cache, void **objects, unsigned int nr)
{
	struct magazine *magazine;

	if (!magazine_enter(cache, &magazine))
		return nr;
	while (nr && magazine->nr < cache->magazine_limit)
		magazine->objects[magazine->nr++] = objects[--nr];
	magazine_leave(magazine);
	return nr;
}

/* An object from the slabs, and some more for the magazine. */
static void *take_with_effort(struct kmem_cache *cache, gfp_t gfp)
{
	unsigned int wanted = 1, nr;
	void *objects[BATCH];

	if (cache->magazines[smp_processor_id()] == &no_magazine)
		make_magazine(cache);
	else
		wanted = clamp(cache->magazine_limit / 2, 1U, (unsigned int)BATCH);
	nr = take_from_slabs(cache, objects, wanted);
	while (!nr) {
		if (!add_slab(cache, gfp))
			return NULL;
		nr = take_from_slabs(cache, objects, wanted);
	}
	nr--;
	if (nr) {
		unsigned int nr_left = stock_magazine(cache, objects, nr);

		if (nr_left)
			give_to_slabs(cache, objects, nr_left);
	}
	return objects[nr];
}

static __always_inline bool take_from_magazine(struct kmem_cache *cache, void **object)
{
	struct magazine *magazine;
	unsigned long nr;

	if (unlikely(!magazine_enter(cache, &magazine)))
		return false;
	nr = magazine->nr;
	if (unlikely(!nr)) {
		magazine_leave(magazine);
		return false;
	}
	*object = magazine->objects[nr - 1];
	barrier(); /* gcc counts in memory, an instruction less */
	magazine->nr--;
	magazine_leave(magazine);
	return true;
}

static noinline void *alloc_slowly(struct kmem_cache *cache, gfp_t gfp, unsigned int requested)
{
	void *object;

	drain_if_asked(cache);
	if (!take_from_magazine(cache, &object))
		object = take_with_effort(cache, gfp);
	if (!object)
		return NULL;
	if (SLAB_DEBUG)
		slab_debug_alloc(cache, object, requested);
	if (gfp & __GFP_ZERO) /* all that krealloc() may grow into */
		memset(object, 0, SLAB_GAPS ? requested : cache->size);
	return object;
}

/* @requested: bytes that the user asked for, at most cache->size. */
void *slab_alloc(struct kmem_cache *cache, gfp_t gfp, unsigned int requested)
{
	void *object;

	if (should_fail_alloc(gfp))
		return NULL;
	if (SLAB_DEBUG || unlikely(gfp & __GFP_ZERO))
		return alloc_slowly(cache, gfp, requested);
	if (unlikely(!take_from_magazine(cache, &object)))
		return alloc_slowly(cache, gfp, requested);
	return object;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	return slab_alloc(cache, gfp, cache->size);
}

/* The magazine is full or in use: its older half makes room, or the object goes to its slab. */
static noinline void free_slowly(struct kmem_cache *cache, void *object)
{
	struct magazine *magazine;
	void *objects[MAGAZINE_SIZE];
	unsigned int nr = 0;

	drain_if_asked(cache);
	if (magazine_enter(cache, &magazine)) {
		nr = DIV_ROUND_UP(magazine->nr, 2);
		memcpy(objects, magazine->objects, nr * sizeof(objects[0]));
		magazine->nr -= nr;
		memmove(magazine->objects, magazine->objects + nr,
			magazine->nr * sizeof(objects[0]));
		magazine->objects[magazine->nr++] = object;
		magazine_leave(magazine);
	} else {
		objects[nr++] = object;
	}
	give_to_slabs(cache, objects, nr);
}

/*
 * Whether an object of @cache begins at @object, which lies in one of its slabs.  A number n below
 * 2^32 is a multiple of the stride d if and only if n * ceil(2^64 / d) mod 2^64 < ceil(2^64 / d).
 */
static __always_inline bool is_object(const struct kmem_cache *cache, const void *object)
{
	u64 offset = slab_offset(cache, object);

	return offset <= cache->last && offset * cache->divisor < cache->divisor;
}

static __always_inline void release(struct kmem_cache *cache, void *object)
{
	struct magazine *magazine;

	if (unlikely(!magazine_enter(cache, &magazine)))
		return free_slowly(cache, object);
	if (unlikely(magazine->nr >= cache->magazine_limit)) {
		magazine_leave(magazine);
		return free_slowly(cache, object);
	}
	magazine->objects[magazine->nr] = object;
	barrier(); /* as in take_from_magazine() */
	magazine->nr++;
	magazine_leave(magazine);
}

void slab_release(struct kmem_cache *cache, void *object)
{
	release(cache, object);
}

static __always_inline void free_object(struct kmem_cache *cache, void *object)
{
	if (SLAB_INVALID && unlikely(!is_object(cache, object)))
		return slab_report_invalid(cache, object);
	lockdep_check_freed(object, cache->size);
	if (SLAB_DEBUG && unlikely(!slab_debug_free(cache, object)))
		return;
	if (SLAB_KASAN)
		return kasan_slab_free(cache, object);
	release(cache, object);
}

void slab_free(struct kmem_cache *cache, void *object)
{
	free_object(cache, object);
}

/* In a hole of the physical memory there may be no page array either. */
static unsigned long flags_of(const struct page *page)
{
	return SLAB_INVALID ? arch_load_or_zero(&page->flags) : page->flags;
}

/* Addresses outside of memory, NULL and ZERO_SIZE_PTR among them, have a pfn beyond max_pfn. */
void kfree(const void *memory)
{
	unsigned long pfn = virt_to_phys(memory) >> PAGE_SHIFT;
	struct page *page = pfn_to_page(pfn);

	if (unlikely(pfn >= max_pfn) ||
	    unlikely(!(flags_of(page) & BIT(PG_slab)))) /* the tails of a slab have no such flag */
		return kfree_slowly(memory);
	free_object(page->cache, (void *)memory);
}

/* The slab that @object lies in; NULL if in none. */
static struct page *slab_of(const void *object)
{
	unsigned long pfn = virt_to_phys(object) >> PAGE_SHIFT;
	struct page *page;

	if (unlikely(pfn >= max_pfn))
		return NULL;
	page = page_head(pfn_to_page(pfn));
	return likely(page_has_flag(page, PG_slab)) ? page : NULL;
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	if (unlikely(!object))
		return;
	if (SLAB_INVALID) {
		struct page *slab = slab_of(object);

		if (unlikely(!slab))
			return slab_report_invalid(cache, object);
		if (unlikely(slab->cache != cache))
			return slab_report_wrong_cache(cache, slab->cache, object);
	}
	slab_free(cache, object);
}

static void ask_other_cpus(struct kmem_cache *cache)
{
	unsigned int me;

	preempt_disable();
	me = smp_processor_id();
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct magazine *magazine = smp_load_acquire(&cache->magazines[cpu]);

		if (cpu != me && magazine != &no_magazine)
			claim_ask_drain(&magazine->claim);
	}
	preempt_enable();
}

static unsigned long shrink(struct kmem_cache *cache)
{
	struct magazine *magazine;
	LIST_HEAD(empty);
	unsigned long flags;

	ask_other_cpus(cache);
	drain_if_asked(cache);
	if (magazine_enter(cache, &magazine)) {
		empty_magazine(cache, magazine);
		magazine_leave(magazine);
	}
	raw_spin_lock_irqsave(&cache->lock, flags);
	collect_empty(cache, &empty, 0);
	raw_spin_unlock_irqrestore(&cache->lock, flags);
	return free_slabs(&empty);
}

unsigned long kmem_cache_shrink(struct kmem_cache *cache)
{
	kasan_release_cache(cache);
	return shrink(cache);
}

/* The slab order that gives enough objects a slab and wastes at most an eighth. */
static unsigned int best_order(unsigned int stride, unsigned int first)
{
	unsigned int order;

	for (order = 0; order < MAX_SLAB_ORDER; order++) {
		unsigned long room = (PAGE_SIZE << order) - first;

		if (room / stride >= MIN_PER_SLAB && room % stride <= room / 8)
			break;
	}
	return order;
}

/* The least order whose blocks hold an object wherever they lie in a slab of the usual one. */
static unsigned int least_order(const struct kmem_cache *cache)
{
	unsigned int order;

	for (order = 0; order < cache->order; order++) {
		unsigned long size = PAGE_SIZE << order;

		if (size >= cache->first + 2UL * cache->stride ||
		    (!cache->first && size % cache->stride == 0))
			break;
	}
	return order;
}

/* Fills in all that follows from size and alignment; links nothing. */
int kmem_cache_setup(struct kmem_cache *cache, const char *name, unsigned int size,
		     unsigned int align)
{
	unsigned long room;

	if (!size || size > KMALLOC_MAX_CACHE_SIZE || (align & (align - 1)) || align > PAGE_SIZE)
		return -1;
	align = max(align, (unsigned int)sizeof(void *));
	cache->name = name;
	cache->size = size;
	cache->stride = ALIGN_UP(size, align);
	if (SLAB_META)
		slab_debug_layout(cache, align);
	cache->stride = ALIGN_UP(max(cache->stride, (unsigned int)SLAB_MIN_STRIDE), align);
	cache->reciprocal = DIV_ROUND_UP(1UL << 32, cache->stride);
	cache->divisor = ~0UL / cache->stride + 1;
	cache->order = best_order(cache->stride, cache->first);
	cache->least_order = least_order(cache);
	cache->slab_mask = (PAGE_SIZE << cache->order) - 1;
	room = (PAGE_SIZE << cache->order) - cache->first;
	cache->per_slab = min(room / cache->stride, (unsigned long)SLAB_MAX_OBJECTS);
	cache->last = (cache->per_slab - 1) * cache->stride;
	cache->magazine_limit =
		clamp(MAGAZINE_BYTES / cache->stride, 2U, (unsigned int)MAGAZINE_SIZE);
	raw_spin_lock_init(&cache->lock);
	INIT_LIST_HEAD(&cache->partial);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		cache->magazines[cpu] = &no_magazine;
	return 0;
}

static void publish(struct kmem_cache *cache)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&caches_lock, flags);
	list_add_tail(&cache->list, &caches);
	raw_spin_unlock_irqrestore(&caches_lock, flags);
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     unsigned int flags, void (*ctor)(void *object))
{
	struct kmem_cache *cache = kmem_cache_zalloc(&cache_cache, GFP_KERNEL);

	if (flags & SLAB_HWCACHE_ALIGN && size >= CACHE_LINE / 2)
		align = max(align, (unsigned int)CACHE_LINE);
	if (!cache || kmem_cache_setup(cache, name, size, align)) {
		if (flags & SLAB_PANIC)
			panic("cannot create the cache of %s", name);
		kmem_cache_free(&cache_cache, cache);
		return NULL;
	}
	cache->flags = flags;
	cache->ctor = ctor;
	publish(cache);
	return cache;
}

static void take_magazines(struct kmem_cache *cache)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct magazine *magazine = cache->magazines[cpu];

		if (magazine == &no_magazine)
			continue;
		cache->magazines[cpu] = &no_magazine;
		empty_magazine(cache, magazine);
		kmem_cache_free(&magazine_cache, magazine);
	}
}

/*
 * Off the list first: who walks it, to free memory or because a CPU went off, would use magazines
 * that are taken apart here.
 */
void kmem_cache_destroy(struct kmem_cache *cache)
{
	unsigned long flags;

	if (!cache)
		return;
	kasan_release_cache_sync(cache);
	raw_spin_lock_irqsave(&caches_lock, flags);
	list_del(&cache->list);
	raw_spin_unlock_irqrestore(&caches_lock, flags);
	take_magazines(cache);
	kmem_cache_shrink(cache);
	if (cache->nr_slabs) {
		slab_report_leak(cache, cache->nr_out);
		return publish(cache);
	}
	kmem_cache_free(&cache_cache, cache);
}

void kmem_cache_cpu_dead(unsigned int cpu)
{
	struct kmem_cache *cache;
	unsigned long flags;

	raw_spin_lock_irqsave(&caches_lock, flags);
	list_for_each_entry(cache, &caches, list)
		if (cache->magazines[cpu] != &no_magazine)
			empty_magazine(cache, cache->magazines[cpu]);
	raw_spin_unlock_irqrestore(&caches_lock, flags);
}

static unsigned long shrink_all(struct shrinker *shrinker __maybe_unused, gfp_t gfp __maybe_unused,
				unsigned long nr __maybe_unused)
{
	unsigned long nr_freed = 0, flags;
	struct kmem_cache *cache;

	kasan_release_all();
	raw_spin_lock_irqsave(&caches_lock, flags);
	list_for_each_entry(cache, &caches, list)
		nr_freed += shrink(cache);
	raw_spin_unlock_irqrestore(&caches_lock, flags);
	return nr_freed;
}

static struct shrinker slab_shrinker = { .name = "slab", .shrink = shrink_all };

void kmem_cache_info_get(struct kmem_cache *cache, struct kmem_cache_info *info)
{
	*info = (struct kmem_cache_info){
		.name = cache->name,
		.is_internal = cache->flags & SLAB_NO_MAGAZINES,
		.size = cache->size,
		.stride = cache->stride,
		.per_slab = cache->per_slab,
		.order = cache->order,
		.nr_slabs = READ_ONCE(cache->nr_slabs),
		.nr_pages = READ_ONCE(cache->nr_pages),
		.nr_batches = READ_ONCE(cache->nr_batches),
	};
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		info->nr_on_cpus += READ_ONCE(cache->magazines[cpu]->nr);
	info->nr_objects = READ_ONCE(cache->nr_out) - info->nr_on_cpus -
			   (unsigned long)atomic_read(&cache->nr_waiting);
}

void kmem_cache_for_each(void (*fn)(const struct kmem_cache_info *info, void *arg), void *arg)
{
	struct kmem_cache_info info;
	struct kmem_cache *cache;

	list_for_each_entry(cache, &caches, list) {
		kmem_cache_info_get(cache, &info);
		fn(&info, arg);
	}
}

/* kmalloc()'s caches are set up by kmalloc_init(), which comes next. */
__init void kmem_cache_init(void)
{
	if (direct_map_base % (PAGE_SIZE << MAX_SLAB_ORDER))
		panic("slab: the direct map begins at %#lx, inside a slab", direct_map_base);
	kmem_cache_setup(&magazine_cache, "magazine", sizeof(struct magazine), CACHE_LINE);
	magazine_cache.flags = SLAB_NO_MAGAZINES;
	publish(&magazine_cache);
	kmem_cache_setup(&cache_cache, "kmem_cache", sizeof(struct kmem_cache), CACHE_LINE);
	publish(&cache_cache);
	kmalloc_init();
	register_shrinker(&slab_shrinker);
}
