/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page allocator's interface.  What a caller allows is said by gfp flags ("get free pages");
 * use the GFP_ sets, the single bits serve to modify them.
 */
#ifndef OSHIT_GFP_H
#define OSHIT_GFP_H

#include <oshit/page.h>
#include <oshit/types.h>

typedef unsigned int gfp_t;

#define __GFP_DMA32	     0x001u /* below 4 GiB, for devices with 32-bit addresses */
#define __GFP_ZERO	     0x002u /* zeroed memory */
#define __GFP_HIGH	     0x004u /* urgent: may use half of the reserve below the min mark */
#define __GFP_MEMALLOC	     0x008u /* frees memory soon: may use all of it */
#define __GFP_DIRECT_RECLAIM 0x010u /* may reclaim and so sleep */
#define __GFP_IO	     0x020u /* reclaim may start I/O */
#define __GFP_FS	     0x040u /* reclaim may call into file systems */
#define __GFP_NORETRY	     0x080u /* one round of reclaim; no OOM killer */
#define __GFP_NOWARN	     0x100u /* a failure is expected, log nothing */
#define __GFP_NOKILL	     0x200u /* rather fails than lets somebody die; stays above low */

#define GFP_NOWAIT	     0u /* any context */
#define GFP_ATOMIC	     __GFP_HIGH /* any context, urgent */
#define GFP_NOIO	     __GFP_DIRECT_RECLAIM /* task: the block layer */
#define GFP_NOFS	     (__GFP_DIRECT_RECLAIM | __GFP_IO) /* task: file systems */
#define GFP_KERNEL	     (__GFP_DIRECT_RECLAIM | __GFP_IO | __GFP_FS) /* task */
#define GFP_USER	     GFP_KERNEL /* task: for user space */

/**
 * alloc_pages() - allocate 1 << @order pages, aligned to their size
 * @gfp: what is allowed meanwhile
 * @order: 0..MAX_PAGE_ORDER
 *
 * The pages hold anything, unless __GFP_ZERO. The head has one reference; with @order > 0 the
 * others are its tails.
 *
 * Context: any but NMI; a task that may sleep if __GFP_DIRECT_RECLAIM.
 * Return: the head, or NULL.
 */
struct page *alloc_pages(gfp_t gfp, unsigned int order);

/* Frees what alloc_pages() gave; the caller holds the only reference. Context: any but NMI. */
void __free_pages(struct page *page, unsigned int order);

/* The same for a single page that holds zeros: the next one who asks for such a page may get it as
 * it is, without CONFIG_PAGE_PREZERO it is like any other. */
void free_zeroed_page(struct page *page);

/* The same by address in the direct map; 0 if there is no memory, and 0 is ignored. */
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
void free_pages(unsigned long addr, unsigned int order);

/* References to the allocation of @page. The last put frees it. Context: any but NMI. */
void get_page(struct page *page);
void put_page(struct page *page);
/* put_page() of each of @nr pages, with fewer locks taken. */
void put_pages(struct page **pages, unsigned long nr);

/* Turns an allocation of several pages into single pages, each with a reference of its own. */
void split_page(struct page *page, unsigned int order);

/* And back: 1 << @order single pages in a row, aligned, each with one reference and no mapping. */
void join_pages(struct page *head, unsigned int order);

static inline struct page *alloc_page(gfp_t gfp)
{
	return alloc_pages(gfp, 0);
}

/* __free_pages() of a single page. */
void __free_page(struct page *page);

static inline unsigned long __get_free_page(gfp_t gfp)
{
	return __get_free_pages(gfp, 0);
}

static inline unsigned long get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

static inline void free_page(unsigned long addr)
{
	free_pages(addr, 0);
}

/* The least order whose block holds @size bytes; @size is not 0. */
static inline unsigned int get_order(unsigned long size)
{
	return size <= PAGE_SIZE ? 0 : fls64((size - 1) >> PAGE_SHIFT);
}

/* Takes memory from memblock, once. Boot, one CPU, after memblock_set_direct_map(). */
void page_alloc_init(void);

/* Gives the whole pages in [@start, @end), RAM reserved until now, away. Return: their number. */
unsigned long free_reserved_range(phys_addr_t start, phys_addr_t end);

/* Returns the pages that this CPU keeps for itself to their zones. */
void drain_local_pages(void);
/* The same, and asks all other CPUs to do it when they next allocate or free a page. */
void drain_all_pages(void);
/* The same for a CPU that is off. */
void drain_dead_cpu_pages(unsigned int cpu);

/*
 * What upper tiers hang in; NULL: nothing.  All are called with nothing of the allocator's locked.
 */
struct page_alloc_hooks {
	/* A zone fell below its low mark: wake kswapd. Any context, must not sleep. */
	void (*low)(gfp_t gfp, unsigned int order);
	/* Frees pages, and waits for that; shrink_caches() otherwise. Pages; 0: it got nowhere, and
	 * would not by another try. Task, may sleep. */
	unsigned long (*reclaim)(gfp_t gfp, unsigned int order);
	/* Reclaim got nowhere, for blocks up to order 3; true: try again. Task, may sleep. */
	bool (*out_of_memory)(gfp_t gfp, unsigned int order);
	/* An urgent request that cannot wait has got nothing. Any context, must not sleep. */
	void (*exhausted)(gfp_t gfp, unsigned int order);
};
/* Those that are not NULL take effect. Boot. */
void page_alloc_add_hooks(const struct page_alloc_hooks *hooks);

/* min_free_kbytes: what is kept for urgent requests. 0; -EINVAL: more than a quarter of memory. */
int page_alloc_set_min_free(unsigned long kib);

/* Whether a request would get something now, without taking from the reserve: a guess, without
 * locks. Any context. */
bool page_alloc_has_free(gfp_t gfp, unsigned int order);

#endif
