/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Refaults: pages that come back.
 *
 * A page that is used again and again, but more seldom than the inactive list is long, is read,
 * evicted and read again for ever, although there is room: the active list holds it.  Nothing on
 * the lists tells.  So a trace of each evicted page stays, and when a page comes back its refault
 * distance is known: how many pages were evicted or activated since it went, which is how much
 * longer the inactive list should have been.  If the active pages are as many as that, they are
 * worth no more than this one: it comes back as an active page, and ages beside them.
 *
 * A trace is 32 bits: 16 of a hash of owner and index, 16 of the age at which the page went, in
 * steps that make the table's lifetime fit.  Traces stand in buckets of a cache line, where the
 * oldest is overwritten, so nothing is ever freed, nor found in the wrong place for long; one hash
 * in 4000 looks like another, which costs a place on the wrong list.  The table has a trace for
 * each second to fourth page of memory, and is made when memory first is short: a machine that has
 * enough pays nothing.
 *
 * Locks: none.  Two who write one bucket at once lose a trace.
 *
 * Source of the idea: refault distance as in Linux's mm/workingset.c; buckets of traces as in Clock
 * Pro's "non-resident" lists.
 */
#include <oshit/atomic.h>
#include <oshit/bitops.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/vmalloc.h>
#include <oshit/vmstat.h>
#include <oshit/workingset.h>

#define TRACES_PER_BUCKET 15u
#define PAGES_PER_TRACE	  2u
#define AGE_BITS	  16u
#define AGE_MASK	  ((1u << AGE_BITS) - 1)

struct trace_bucket { /* a: all */
	u32 traces[TRACES_PER_BUCKET]; /* 0: none */
	u32 next; /* is overwritten next */
};
static_assert(sizeof(struct trace_bucket) == 64, "a cache line");

static struct trace_bucket *table; /* NULL: nothing was evicted yet, or there was no memory */
static unsigned long nr_buckets; /* a power of two */
static unsigned int age_shift; /* an age is told in steps of 1 << age_shift */
static atomic64_t age;
static atomic_t was_tried;

void workingset_enable(void)
{
	unsigned long nr_pages = zones[ZONE_DMA32].nr_managed + zones[ZONE_NORMAL].nr_managed;
	unsigned long nr_wanted = nr_pages / PAGES_PER_TRACE / (TRACES_PER_BUCKET + 1);
	struct trace_bucket *buckets;

	if (READ_ONCE(table) || atomic_xchg(&was_tried, 1))
		return;
	nr_buckets = 1UL << (fls64(max(nr_wanted, 1UL)) - 1);
	age_shift = (unsigned int)max(fls64(nr_pages), AGE_BITS - 2) - (AGE_BITS - 2);
	buckets = vzalloc(nr_buckets * sizeof(*buckets));
	if (!buckets)
		return;
	/* Pairs with the dependency in bucket_of(). */
	smp_store_release(&table, buckets);
}

static u64 hash_of(const void *owner, unsigned long index)
{
	u64 hash = ((u64)(unsigned long)owner >> 4) * 0x9e3779b97f4a7c15UL;

	hash = (hash ^ index) * 0xff51afd7ed558ccdUL;
	return hash ^ hash >> 32;
}

static struct trace_bucket *bucket_of(u64 hash)
{
	struct trace_bucket *buckets = READ_ONCE(table);

	return buckets ? &buckets[hash & (nr_buckets - 1)] : NULL;
}

static u32 key_of(u64 hash)
{
	return (u32)(hash >> 40 & AGE_MASK) ?: 1;
}

static u32 current_age(void)
{
	return (u32)((u64)atomic64_read(&age) >> age_shift) & AGE_MASK;
}

void workingset_age(unsigned long nr)
{
	if (READ_ONCE(table))
		atomic64_add((s64)nr, &age);
}

void workingset_evict(const void *owner, unsigned long index)
{
	u64 hash = hash_of(owner, index);
	struct trace_bucket *bucket = bucket_of(hash);
	u32 next;

	if (!bucket)
		return;
	next = READ_ONCE(bucket->next) % TRACES_PER_BUCKET;
	WRITE_ONCE(bucket->traces[next], key_of(hash) << AGE_BITS | current_age());
	WRITE_ONCE(bucket->next, next + 1);
	workingset_age(1);
}

/* Takes the trace out. False: there is none. */
static bool take_trace(u64 hash, unsigned long *distance)
{
	struct trace_bucket *bucket = bucket_of(hash);

	for (unsigned int i = 0; bucket && i < TRACES_PER_BUCKET; i++) {
		u32 trace = READ_ONCE(bucket->traces[i]);

		if (trace >> AGE_BITS != key_of(hash))
			continue;
		WRITE_ONCE(bucket->traces[i], 0);
		*distance = (unsigned long)((current_age() - trace) & AGE_MASK) << age_shift;
		return true;
	}
	return false;
}

/* What a page that comes back competes with. */
static unsigned long competitors(bool is_file)
{
	unsigned long nr = lru_nr_pages(LRU_ACTIVE_FILE) + lru_nr_pages(LRU_ACTIVE_ANON);

	return nr + lru_nr_pages(is_file ? LRU_INACTIVE_ANON : LRU_INACTIVE_FILE);
}

void workingset_refault(struct page *page, const void *owner, unsigned long index)
{
	bool is_file;
	unsigned long distance;

	if (likely(!READ_ONCE(table)) || !take_trace(hash_of(owner, index), &distance))
		return;
	is_file = lru_page_is_file(page);
	vm_stat_add(is_file ? WORKINGSET_REFAULT_FILE : WORKINGSET_REFAULT_ANON, 1);
	lru_note_cost(is_file, 1);
	if (distance > competitors(is_file))
		return;
	set_bit(PG_active, &page->flags);
	workingset_age(1);
	vm_stat_add(is_file ? WORKINGSET_ACTIVATE_FILE : WORKINGSET_ACTIVATE_ANON, 1);
}
