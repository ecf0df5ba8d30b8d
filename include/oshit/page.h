/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * struct page: one for each page of RAM, in an array indexed by page frame number (pfn).
 *
 * An allocation of several pages is one object: its first page, the head, carries order, reference
 * and map counts; the others are tails and know their head.  The array is mapped only where there
 * is RAM, and its entries are written block by block when the block is first used, so only entries
 * with pfn_is_valid() may be looked at.  The life of a page is told in Documentation/mm.rst.
 */
#ifndef OSHIT_PAGE_H
#define OSHIT_PAGE_H

#include <arch/page.h>
#include <oshit/atomic.h>
#include <oshit/bitops.h>
#include <oshit/qspinlock.h>
#include <oshit/rcu_types.h>
#include <oshit/types.h>

struct address_space;
struct kmem_cache;

#define MAX_PAGE_ORDER 10 /* the largest block: 4 MiB */
#define NR_PAGE_ORDERS (MAX_PAGE_ORDER + 1)
#define BLOCK_PAGES    (1UL << MAX_PAGE_ORDER)

enum page_flag {
	PG_reserved, /* never allocated: the kernel image, the page array, holes */
	PG_buddy, /* head of a block on a zone's free list */
	PG_tail, /* of an allocation of several pages */
	PG_slab, /* head of a slab, see mm/slab.c */
	PG_kmalloc, /* head of a kmalloc() too large for a slab */
	PG_poisoned, /* free, and filled with PAGE_POISON */
	PG_locked, /* these four of a page of a file: <oshit/pagecache.h> */
	PG_waiters, /* somebody waits for the lock */
	PG_uptodate,
	PG_dirty,
	PG_huge, /* first of 512 that some entry maps whole, see mm/huge_memory.c */
	PG_huge_open, /* and these are single pages already */
	PG_lru, /* these six: <oshit/lru.h> */
	PG_referenced,
	PG_reclaim,
	PG_active, /* this and the next two, in this order, are the number of a list */
	PG_file,
	PG_unevictable,
	PG_swapcache, /* in the swap cache: <oshit/swap.h> */
	PG_writeback, /* being stored, or swapped out */
};

/* Beside the flag bits, `flags` holds the order of the block of which the page is the head... */
#define PAGE_ORDER_SHIFT 48
#define PAGE_ORDER_MASK	 (0xfUL << PAGE_ORDER_SHIFT)
/* ... and the zone, which never changes. */
#define PAGE_ZONE_SHIFT	 56
#define PAGE_ZONE_MASK	 (0xfUL << PAGE_ZONE_SHIFT)

struct page { /* z: zone->lock or owner   a: atomic   o: owner of the page */
	unsigned long flags; /* z while free, then a */
	union {
		struct list_head lru; /* z  free list; then o: any list of its owner */
		struct page *head; /* o  of a tail */
		struct rcu_head rcu; /* o  of one that is freed after a grace period */
	};
	union {
		struct {
			struct address_space *mapping; /* o */
			unsigned long index; /* o  place in the mapping, in pages */
			union {
				unsigned long private; /* o */
				struct { /* of one with PG_huge */
					atomic_t whole_refs; /* a  to all of the 512 */
					atomic_t whole_maps; /* a  entries that map them all */
				};
			};
		};
		struct { /* of a user page table: mm/user_table.c */
			struct page *next_table; /* o  is freed with this one */
			struct qspinlock table_lock; /* of its entries; see mm/user_table.h */
		};
		struct { /* of a slab, under the rules of mm/slab.c */
			struct kmem_cache *cache;
			unsigned long free_map[2]; /* a bit for each free object */
		};
	};
	union {
		struct {
			atomic_t refcount; /* a  0: free */
			union {
				atomic_t mapcount; /* a  page table entries that map the page */
				unsigned int
					nr_in_use; /* of a slab: its objects that are not free */
			};
		};
		unsigned long counts; /* both: the first in the lower half */
	};
	u32 alloc_stack; /* o  handles of the stack depot, 0: none; of the last allocation */
	u32 free_stack; /* o  and the last free */
};
#define PAGE_COUNTS_UNSHARED 1UL /* one reference, no mapping */
#define PAGE_COUNTS_MAPPED   (1UL << 32 | 1UL) /* one of each */
static_assert(sizeof(struct page) == 64, "one cache line a page");

/* Constant once page_alloc_init() has run. */
extern struct page *page_array; /* entry of pfn 0, which may not exist */
extern unsigned long max_pfn; /* above all RAM */
extern unsigned long *page_blocks_written; /* a bit a block: its entries may be read */

static inline struct page *pfn_to_page(unsigned long pfn)
{
	return page_array + pfn;
}

static inline unsigned long page_to_pfn(const struct page *page)
{
	return page - page_array;
}

/* Whether the entry of @pfn exists and was written. */
static inline bool pfn_is_valid(unsigned long pfn)
{
	unsigned long block = pfn / BLOCK_PAGES;

	/* Pairs with the release in buddy_write_block(). */
	return pfn < max_pfn && smp_load_acquire(&page_blocks_written[block / BITS_PER_LONG]) >>
						(block % BITS_PER_LONG) &
					1;
}

static inline phys_addr_t page_to_phys(const struct page *page)
{
	return page_to_pfn(page) << PAGE_SHIFT;
}

static inline struct page *phys_to_page(phys_addr_t phys)
{
	return pfn_to_page(phys >> PAGE_SHIFT);
}

/* Addresses in the direct map. */
static inline void *page_to_virt(const struct page *page)
{
	return phys_to_virt(page_to_phys(page));
}

static inline struct page *virt_to_page(const void *addr)
{
	return phys_to_page(virt_to_phys(addr));
}

static inline bool page_has_flag(const struct page *page, enum page_flag flag)
{
	return READ_ONCE(page->flags) & BIT(flag);
}

/* For the owner of a page that nobody else can reach. */
static inline void __page_set_flag(struct page *page, enum page_flag flag)
{
	page->flags |= BIT(flag);
}

static inline void __page_clear_flag(struct page *page, enum page_flag flag)
{
	page->flags &= ~BIT(flag);
}

/* Of a head. */
static inline unsigned int page_order(const struct page *page)
{
	return (page->flags & PAGE_ORDER_MASK) >> PAGE_ORDER_SHIFT;
}

static inline unsigned int page_zone_id(const struct page *page)
{
	return (page->flags & PAGE_ZONE_MASK) >> PAGE_ZONE_SHIFT;
}

/* The page that carries the counts for @page: itself, or the head of its allocation. */
static inline struct page *page_head(struct page *page)
{
	return page_has_flag(page, PG_tail) ? page->head : page;
}

static inline int page_ref_count(const struct page *page)
{
	return atomic_read(&page->refcount);
}

static inline int page_map_count(const struct page *page)
{
	return atomic_read(&page->mapcount);
}

#endif
