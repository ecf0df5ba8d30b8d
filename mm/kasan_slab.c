/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KASAN in slabs: which bytes of a slab are open, and the quarantine.
 *
 * An object lies between red zones, as mm/slab_debug.c lays it out, which also keeps who allocated
 * and freed it.  Only what its user asked for is open.  A freed object is not given to the next
 * who asks, but waits in the quarantine, closed, so that a late use is found:
 *
 *	kfree() -> queue of the CPU -(when full)-> queue of all -(oldest, over the limit)-> slab
 *
 * The quarantine keeps up to 1/32 of memory.  When memory is short all of it goes; when a cache is
 * shrunk or destroyed, its objects go.
 *
 * An object's place in a queue is a link in its struct slab_meta.  cache->nr_waiting counts
 * objects from their entry until they are back in their slab.
 *
 * Locks: cpu_queue.lock -> quarantine.lock -> those of mm/slab.c and mm/page_alloc.c, interrupts
 * off.  Not instrumented: it reads what is closed.
 */
#include <arch/processor.h>
#include <oshit/cpumask.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/sizes.h>

#include "slab.h"
#include "slab_debug.h"

#define SHARE	      32 /* the quarantine takes 1/32 of memory */
#define CPU_SHARE     16 /* a CPU's queue 1/16 of that */
#define MAX_CPU_BYTES MIB(1)
#define BATCH	      64 /* objects that are released before others get the lock */

struct queue { /* first in, first out; locked by what contains it */
	void *first, *last;
	size_t bytes; /* of memory that its objects take */
};

struct cpu_queue { /* w: ->lock */
	raw_spinlock_t lock; /* other CPUs take it, too, to release a cache's objects */
	struct queue queue; /* w */
};

static DEFINE_PER_CPU(struct cpu_queue, cpu_queue) = { .lock = RAW_SPINLOCK_INIT };
static struct cpu_queue quarantine = { .lock = RAW_SPINLOCK_INIT }; /* of all CPUs */

static struct kmem_cache *cache_of(const void *object)
{
	return page_head(virt_to_page(object))->cache;
}

static struct slab_meta *meta_of(const void *object)
{
	return (struct slab_meta *)((u8 *)object + cache_of(object)->meta);
}

static void queue_add(struct queue *queue, void *object)
{
	meta_of(object)->next = NULL;
	if (queue->first)
		meta_of(queue->last)->next = object;
	else
		queue->first = object;
	queue->last = object;
	queue->bytes += cache_of(object)->stride;
}

static void *queue_pop(struct queue *queue)
{
	void *object = queue->first;

	queue->first = meta_of(object)->next;
	queue->bytes -= cache_of(object)->stride;
	return object;
}

/* All of @from goes behind @to. */
static void queue_join(struct queue *to, struct queue *from)
{
	if (!from->first)
		return;
	if (to->first)
		meta_of(to->last)->next = from->first;
	else
		to->first = from->first;
	to->last = from->last;
	to->bytes += from->bytes;
	*from = (struct queue){ 0 };
}

/* Moves the objects of @cache from one queue to another. */
static void queue_sort_out(struct queue *from, struct kmem_cache *cache, struct queue *found)
{
	struct queue others = { 0 };

	while (from->first) {
		void *object = queue_pop(from);

		queue_add(cache_of(object) == cache ? found : &others, object);
	}
	*from = others;
}

/* All memory counts, and is known only after boot; a read of two words. */
static size_t limit_bytes(void)
{
	unsigned long nr_pages = zones[ZONE_DMA32].nr_managed + zones[ZONE_NORMAL].nr_managed;

	return nr_pages * PAGE_SIZE / SHARE;
}

static void release(void *object)
{
	struct kmem_cache *cache = cache_of(object);

	slab_release(cache, object);
	atomic_dec(&cache->nr_waiting);
}

/* The oldest objects go until no more than @keep_bytes are left. Returns how many. */
static unsigned long release_oldest(size_t keep_bytes)
{
	unsigned long nr = 0, flags;
	bool more;

	do {
		raw_spin_lock_irqsave(&quarantine.lock, flags);
		for (unsigned int i = 0; i < BATCH && quarantine.queue.bytes > keep_bytes;
		     i++, nr++)
			release(queue_pop(&quarantine.queue));
		more = quarantine.queue.bytes > keep_bytes;
		raw_spin_unlock_irqrestore(&quarantine.lock, flags);
	} while (more);
	return nr;
}

void kasan_slab_free(struct kmem_cache *cache, void *object)
{
	size_t limit = limit_bytes();
	struct cpu_queue *mine;
	unsigned long flags;
	bool is_full;

	kasan_poison(object, ALIGN_UP(cache->size, 8U), KASAN_SLAB_FREE);
	atomic_inc(&cache->nr_waiting);
	local_irq_save(flags);
	mine = this_cpu_ptr(&cpu_queue);
	raw_spin_lock(&mine->lock);
	queue_add(&mine->queue, object);
	is_full = mine->queue.bytes > min(limit / CPU_SHARE, MAX_CPU_BYTES);
	if (is_full) {
		raw_spin_lock(&quarantine.lock);
		queue_join(&quarantine.queue, &mine->queue);
		raw_spin_unlock(&quarantine.lock);
	}
	raw_spin_unlock(&mine->lock);
	local_irq_restore(flags);
	if (is_full)
		release_oldest(limit);
}

static void sort_out(struct cpu_queue *from, struct kmem_cache *cache, struct queue *found)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&from->lock, flags);
	if (cache)
		queue_sort_out(&from->queue, cache, found);
	else
		queue_join(found, &from->queue);
	raw_spin_unlock_irqrestore(&from->lock, flags);
}

/* The CPUs' queues first: what leaves one meanwhile is found in that of all. */
unsigned long kasan_release_cache(struct kmem_cache *cache)
{
	struct queue found = { 0 };
	unsigned long nr = 0;
	unsigned int cpu;

	if (cache && !atomic_read(&cache->nr_waiting))
		return 0;
	for_each_possible_cpu(cpu)
		sort_out(per_cpu_ptr(&cpu_queue, cpu), cache, &found);
	sort_out(&quarantine, cache, &found);
	for (; found.first; nr++)
		release(queue_pop(&found));
	return nr;
}

unsigned long kasan_release_all(void)
{
	return kasan_release_cache(NULL);
}

void kasan_release_cache_sync(struct kmem_cache *cache)
{
	kasan_release_cache(cache);
	while (atomic_read(&cache->nr_waiting))
		cpu_relax();
}

/* After the constructors: nothing is open. */
void kasan_slab_new(struct kmem_cache *cache __maybe_unused, struct page *slab)
{
	kasan_poison(slab_base(slab), PAGE_SIZE << page_order(slab), KASAN_SLAB_RED);
}

/* Also when the size of an object changes; the rest of its room is closed. */
void kasan_slab_alloc(struct kmem_cache *cache, void *object, size_t size)
{
	size_t granules = ALIGN_UP(size, 8UL);

	kasan_unpoison(object, size);
	kasan_poison((u8 *)object + granules, ALIGN_UP(cache->size, 8U) - granules, KASAN_SLAB_RED);
}
