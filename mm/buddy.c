/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Buddy system: the free blocks of a zone.  A block of order n is 1 << n pages, aligned to its
 * size; its buddy is the block whose number differs in bit n, pfn ^ (1 << n).  A request takes the
 * smallest block that serves it and splits it; a block that comes back joins its buddy as long as
 * that is free and whole.
 *
 * Page array entries of 4 MiB ("a block" without an order: BLOCK_PAGES pages) are written when the
 * block is first used, so that a large machine boots as fast as a small one.  Until then a free
 * block is `fresh`: one bit, on no list.  A buddy always lies in the same 4 MiB, so whoever has one
 * entry in hand may look at its buddy's.
 *
 * Rules, checked by page_alloc_verify():
 *   - a page on a list has PG_buddy, the list's order, no reference, and its zone's number;
 *   - no two free buddies of one order below the largest exist, save while they are joined;
 *   - orders_in_use has the bits of exactly the lists that are not empty;
 *   - nr_free is the sum over lists and fresh blocks; a fresh block is not written.
 *
 * Locks: zone->lock for everything here.  Left out: grouping by mobility, compaction.
 */

#define pr_fmt(fmt) "buddy: " fmt

#include <oshit/bitmap.h>
#include <oshit/kasan.h>
#include <oshit/list.h>
#include <oshit/math.h>
#include <oshit/printk.h>

#include "page_alloc.h"

#define BUDDY_MASK (BIT(PG_buddy) | PAGE_ORDER_MASK | PAGE_ZONE_MASK)

static unsigned long zone_bits(const struct zone *zone)
{
	return (unsigned long)(zone - zones) << PAGE_ZONE_SHIFT;
}

static unsigned long buddy_bits(const struct zone *zone, unsigned int order)
{
	return zone_bits(zone) | BIT(PG_buddy) | (unsigned long)order << PAGE_ORDER_SHIFT;
}

static struct page *buddy_of(struct page *page, unsigned int order)
{
	return pfn_to_page(page_to_pfn(page) ^ (1UL << order));
}

static void list_block(struct zone *zone, struct page *page, unsigned int order)
{
	struct free_area *area = &zone->areas[order];

	page->flags = (page->flags & ~BUDDY_MASK) | buddy_bits(zone, order);
	list_add(&page->lru, &area->list);
	area->nr_free++;
	zone->orders_in_use |= 1U << order;
}

static void unlist_block(struct zone *zone, struct page *page, unsigned int order)
{
	struct free_area *area = &zone->areas[order];

	list_del(&page->lru);
	page->flags &= ~(BIT(PG_buddy) | PAGE_ORDER_MASK);
	if (--area->nr_free == 0)
		zone->orders_in_use &= ~(1U << order);
}

/* Zones share no word of the bitmap, so zone->lock protects it. */
void buddy_write_block(unsigned long block)
{
	unsigned long *word = &page_blocks_written[block / BITS_PER_LONG];
	struct page *page = pfn_to_page(block * BLOCK_PAGES);
	enum zone_id id =
		block * BLOCK_PAGES < zones[ZONE_NORMAL].start_pfn ? ZONE_DMA32 : ZONE_NORMAL;
	struct page entry = {
		.flags = (unsigned long)id << PAGE_ZONE_SHIFT | BIT(PG_reserved),
	};

	kasan_unpoison(page_to_virt(page), PAGE_SIZE * BLOCK_PAGES);
	for (size_t i = 0; i < BLOCK_PAGES; i++)
		page[i] = entry;
	/* Pairs with pfn_is_valid(): who sees the bit sees the entries. */
	smp_store_release(word, *word | BIT(block % BITS_PER_LONG));
}

void buddy_add_fresh(unsigned long block)
{
	struct zone *zone =
		&zones[block * BLOCK_PAGES < zones[ZONE_NORMAL].start_pfn ? ZONE_DMA32
									  : ZONE_NORMAL];

	__set_bit(block, page_blocks_fresh);
	zone->next_fresh = min(zone->next_fresh, block);
	zone->nr_fresh++;
	zone->nr_free += BLOCK_PAGES;
	zone->nr_managed += BLOCK_PAGES;
}

/* A fresh block becomes an ordinary free block of the largest order. */
static void list_fresh_block(struct zone *zone)
{
	size_t nr_blocks = DIV_ROUND_UP(zone->end_pfn, BLOCK_PAGES);
	unsigned long block = find_next_bit(page_blocks_fresh, nr_blocks, zone->next_fresh);
	struct page *page = pfn_to_page(block * BLOCK_PAGES);

	__clear_bit(block, page_blocks_fresh);
	zone->next_fresh = block + 1;
	zone->nr_fresh--;
	buddy_write_block(block);
	for (size_t i = 0; i < BLOCK_PAGES; i++)
		__page_clear_flag(&page[i], PG_reserved);
	kasan_poison(page_to_virt(page), PAGE_SIZE * BLOCK_PAGES, KASAN_PAGE_FREE);
	list_block(zone, page, MAX_PAGE_ORDER);
}

/* Gives back the upper halves of a block of @order until a block of @wanted is left. */
static void split_block(struct zone *zone, struct page *page, unsigned int order,
			unsigned int wanted)
{
	while (order > wanted) {
		order--;
		list_block(zone, page + (1UL << order), order);
	}
}

/* A block of @order, its head without PG_buddy, or NULL.  The caller sets the other flags. */
struct page *buddy_take(struct zone *zone, unsigned int order)
{
	unsigned int candidates = zone->orders_in_use >> order << order, found;
	struct page *page;

	if (!candidates) {
		if (!zone->nr_fresh)
			return NULL;
		list_fresh_block(zone);
		candidates = 1U << MAX_PAGE_ORDER;
	}
	found = __ffs(candidates);
	page = list_first_entry(&zone->areas[found].list, struct page, lru);
	unlist_block(zone, page, found);
	split_block(zone, page, found, order);
	zone->nr_free -= 1UL << order;
	return page;
}

/* Takes back a block; none of its pages has a reference or PG_tail. */
void buddy_give(struct zone *zone, struct page *page, unsigned int order)
{
	zone->nr_free += 1UL << order;
	while (order < MAX_PAGE_ORDER) {
		struct page *buddy = buddy_of(page, order);

		if ((buddy->flags & BUDDY_MASK) != buddy_bits(zone, order))
			break;
		unlist_block(zone, buddy, order);
		page = min(page, buddy);
		order++;
	}
	list_block(zone, page, order);
}

/* Single pages, the smallest blocks first, so that the large ones stay; returns how many. */
unsigned int buddy_take_pages(struct zone *zone, struct page **pages, unsigned int nr)
{
	unsigned int done = 0;

	while (done < nr) {
		unsigned int order = ilog2(nr - done), size;
		struct page *page;

		if (zone->orders_in_use)
			order = min(order, (unsigned int)__ffs(zone->orders_in_use));
		page = buddy_take(zone, order);
		if (!page)
			break;
		/* Who takes the last one first gets them upwards. */
		for (size = 1U << order; size; size--)
			pages[done++] = page + (size - 1);
	}
	return done;
}

/* Takes back @nr pages from @first on: in as few blocks as there are, each of them as above. */
static void give_row(struct zone *zone, struct page *first, unsigned int nr)
{
	while (nr) {
		unsigned int order = min(__ffs(page_to_pfn(first) | BLOCK_PAGES), ilog2(nr));

		buddy_give(zone, first, order);
		first += 1U << order;
		nr -= 1U << order;
	}
}

/* How many of @pages, from the first on, are of one zone and side by side in it: each is @step
 * behind the one before. */
static unsigned int row_length(struct page **pages, unsigned int nr, long step)
{
	unsigned int i = 1;

	while (i < nr && pages[i] == pages[i - 1] + step &&
	       page_zone_id(pages[i]) == page_zone_id(pages[0]))
		i++;
	return i;
}

/* Gives back the first of @pages and those after it that are of the same zone; returns how many.
 * Pages that came one after the other go as one: each need not look for its buddy. */
static unsigned int give_run(struct page **pages, unsigned int nr)
{
	struct zone *zone = page_zone(pages[0]);
	unsigned long flags;
	unsigned int i = 0;

	raw_spin_lock_irqsave(&zone->lock, flags);
	zone->nr_batches++;
	while (i < nr && page_zone(pages[i]) == zone) {
		long step = i + 1 < nr && pages[i + 1] < pages[i] ? -1 : 1;
		unsigned int length = row_length(pages + i, nr - i, step);

		give_row(zone, min(pages[i], pages[i + length - 1]), length);
		i += length;
	}
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return i;
}

void buddy_give_pages(struct page **pages, unsigned int nr)
{
	for (unsigned int done = 0; done < nr;)
		done += give_run(pages + done, nr - done);
}

void buddy_init(struct zone *zone)
{
	raw_spin_lock_init(&zone->lock);
	zone->next_fresh = zone->end_pfn / BLOCK_PAGES + 1;
	for (size_t order = 0; order < NR_PAGE_ORDERS; order++)
		INIT_LIST_HEAD(&zone->areas[order].list);
	INIT_LIST_HEAD(&zone->zeroed);
	INIT_LIST_HEAD(&zone->zeroed_blocks);
}

/* The rules of the file's head for one listed block; returns how many it breaks. */
static unsigned int verify_block(const struct zone *zone, struct page *page, unsigned int order)
{
	unsigned long pfn = page_to_pfn(page);
	struct page *buddy;

	if (!pfn_is_valid(pfn) || !IS_ALIGNED(pfn, 1UL << order)) {
		pr_err("order %u list holds pfn 0x%lx\n", order, pfn);
		return 1;
	}
	buddy = buddy_of(page, order);
	if ((page->flags & BUDDY_MASK) != buddy_bits(zone, order) || page_ref_count(page)) {
		pr_err("pfn 0x%lx on order %u list: flags 0x%lx\n", pfn, order, page->flags);
		return 1;
	}
	if (order < MAX_PAGE_ORDER && (buddy->flags & BUDDY_MASK) == buddy_bits(zone, order)) {
		pr_err("pfn 0x%lx order %u and its buddy are both free\n", pfn, order);
		return 1;
	}
	return 0;
}

static unsigned int verify_area(const struct zone *zone, unsigned int order)
{
	const struct free_area *area = &zone->areas[order];
	unsigned int nr_bad = 0;
	unsigned long nr = 0;
	struct page *page;

	list_for_each_entry(page, &area->list, lru) {
		nr_bad += verify_block(zone, page, order);
		if (++nr > area->nr_free)
			break;
	}
	if (nr != area->nr_free || (nr != 0) != (zone->orders_in_use >> order & 1)) {
		pr_err("%s order %u: %lu blocks listed, %lu counted\n", zone->name, order, nr,
		       area->nr_free);
		nr_bad++;
	}
	return nr_bad;
}

static unsigned long count_fresh(const struct zone *zone, unsigned int *nr_bad)
{
	size_t end = DIV_ROUND_UP(zone->end_pfn, BLOCK_PAGES);
	size_t block = find_next_bit(page_blocks_fresh, end, zone->start_pfn / BLOCK_PAGES);
	unsigned long nr = 0;

	while (block < end) {
		if (test_bit(block, page_blocks_written) || block < zone->next_fresh)
			(*nr_bad)++;
		nr++;
		block = find_next_bit(page_blocks_fresh, end, block + 1);
	}
	return nr;
}

static unsigned int verify_zone(struct zone *zone)
{
	unsigned long nr_fresh, nr_pages, flags;
	unsigned int nr_bad = 0;

	raw_spin_lock_irqsave(&zone->lock, flags);
	nr_fresh = count_fresh(zone, &nr_bad);
	nr_pages = nr_fresh * BLOCK_PAGES;
	for (unsigned int order = 0; order < NR_PAGE_ORDERS; order++) {
		nr_bad += verify_area(zone, order);
		nr_pages += zone->areas[order].nr_free << order;
	}
	if (nr_fresh != zone->nr_fresh || nr_pages != zone->nr_free) {
		pr_err("%s: %lu pages in %lu fresh blocks and lists, %lu and %lu counted\n",
		       zone->name, nr_pages, nr_fresh, zone->nr_free, zone->nr_fresh);
		nr_bad++;
	}
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return nr_bad;
}

unsigned int page_alloc_verify(void)
{
	unsigned int nr_bad = 0;
	struct zone *zone;

	for_each_zone(zone) nr_bad += verify_zone(zone);
	return nr_bad;
}
