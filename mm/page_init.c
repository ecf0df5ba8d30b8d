/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page allocator's start: page array, zones, and the hand-over from memblock.
 *
 * All is done in blocks of BLOCK_PAGES pages (4 MiB).  A block with any RAM gets its part of the
 * page array, 64 KiB, mapped at its place; where 32 blocks in a row have RAM that is one large
 * page.  A block that is free as a whole becomes fresh (mm/buddy.c), which costs one bit; only the
 * entries of blocks with both free and reserved pages are written now.  So booting costs a few
 * instructions for each 4 MiB, and a map of the large page for each 128 MiB, of RAM.
 *
 * Context: boot, one CPU.  free_reserved_range() also later.
 */

#define pr_fmt(fmt) "page_alloc: " fmt

#include <linux/errno.h>
#include <arch/mm.h>
#include <oshit/bitmap.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/math.h>
#include <oshit/memblock.h>
#include <oshit/panic.h>
#include <oshit/printk.h>
#include <oshit/sizes.h>

#include "page_alloc.h"
#include "page_debug.h"

#define BLOCK_SIZE	 (BLOCK_PAGES * PAGE_SIZE)
#define BLOCK_ENTRIES	 (BLOCK_PAGES * sizeof(struct page)) /* bytes of page array: 64 KiB */
#define BLOCKS_PER_LARGE (LARGE_PAGE_SIZE / BLOCK_ENTRIES)
#define DMA32_END_PFN	 (GIB(4) / PAGE_SIZE)
static_assert(DMA32_END_PFN % (BLOCK_PAGES * BITS_PER_LONG) == 0, "zones share no bitmap word");

struct page *page_array;
unsigned long max_pfn;
unsigned long *page_blocks_written, *page_blocks_fresh;

static unsigned long nr_blocks __initdata;

static void *__init boot_alloc(u64 size)
{
	void *memory = memblock_alloc(size, PAGE_SIZE);

	if (!memory)
		panic("page_alloc: no %lu bytes for the boot tables", size);
	return memory;
}

static bool __init block_has_memory(unsigned long block)
{
	struct memblock_region range;

	return memblock_next_memory(block * BLOCK_SIZE, &range) &&
	       range.start < (block + 1) * BLOCK_SIZE;
}

static bool __init blocks_have_memory(unsigned long block, unsigned long nr)
{
	while (nr > 0 && block < nr_blocks && block_has_memory(block)) {
		block++;
		nr--;
	}
	return nr == 0;
}

/* Memory for the entries of some blocks, mapped at their place in the array. */
static void __init map_entries(unsigned long block, unsigned long nr)
{
	unsigned long virt = (unsigned long)pfn_to_page(block * BLOCK_PAGES);
	u64 size = nr * BLOCK_ENTRIES;
	phys_addr_t phys =
		memblock_alloc_range(size, size, 0, MEMBLOCK_ANYWHERE, MEMBLOCK_TOP_DOWN);

	if (!phys && nr > 1) {
		map_entries(block, nr / 2);
		map_entries(block + nr / 2, nr / 2);
		return;
	}
	if (!phys || arch_map_kernel(virt, phys, size))
		panic("page_alloc: no memory for the page array");
}

static void __init map_page_array(void)
{
	unsigned long block = 0;

	while (block < nr_blocks) {
		if (IS_ALIGNED(block, BLOCKS_PER_LARGE) &&
		    blocks_have_memory(block, BLOCKS_PER_LARGE)) {
			map_entries(block, BLOCKS_PER_LARGE);
			block += BLOCKS_PER_LARGE;
			continue;
		}
		if (block_has_memory(block))
			map_entries(block, 1);
		block++;
	}
}

static void __init init_zones(void)
{
	zones[ZONE_DMA32].end_pfn = min(max_pfn, DMA32_END_PFN);
	zones[ZONE_NORMAL].start_pfn = DMA32_END_PFN;
	zones[ZONE_NORMAL].end_pfn = max(max_pfn, DMA32_END_PFN);
	buddy_init(&zones[ZONE_DMA32]);
	buddy_init(&zones[ZONE_NORMAL]);
}

/* Frees reserved pages [@start, @end), which lie in one block. */
static void free_reserved_pages(unsigned long start, unsigned long end)
{
	struct zone *zone = &zones[start < DMA32_END_PFN ? ZONE_DMA32 : ZONE_NORMAL];
	unsigned long block = start / BLOCK_PAGES, flags;

	raw_spin_lock_irqsave(&zone->lock, flags);
	if (!test_bit(block, page_blocks_written))
		buddy_write_block(block);
	for (unsigned long pfn = start; pfn < end; pfn++) {
		__page_clear_flag(pfn_to_page(pfn), PG_reserved);
		kasan_poison(page_to_virt(pfn_to_page(pfn)), PAGE_SIZE, KASAN_PAGE_FREE);
		buddy_give(zone, pfn_to_page(pfn), 0);
	}
	zone->nr_managed += end - start;
	raw_spin_unlock_irqrestore(&zone->lock, flags);
}

/* For memblock_hand_over(): a run of free pages. */
static void __init take_run(unsigned long start, unsigned long nr)
{
	unsigned long end = min(start + nr, max_pfn), next;

	for (; start < end; start = next) {
		next = min(ALIGN_UP(start + 1, BLOCK_PAGES), end);
		if (next - start == BLOCK_PAGES)
			buddy_add_fresh(start / BLOCK_PAGES);
		else
			free_reserved_pages(start, next);
	}
}

bool pfn_is_managed(unsigned long pfn)
{
	if (pfn >= max_pfn)
		return false;
	if (test_bit(pfn / BLOCK_PAGES, page_blocks_fresh))
		return true;
	return pfn_is_valid(pfn) && !page_has_flag(pfn_to_page(pfn), PG_reserved);
}

unsigned long free_reserved_range(phys_addr_t start, phys_addr_t end)
{
	unsigned long pfn = DIV_ROUND_UP(start, PAGE_SIZE), end_pfn = min(end / PAGE_SIZE, max_pfn);
	unsigned long nr = pfn < end_pfn ? end_pfn - pfn : 0, next;

	for (; pfn < end_pfn; pfn = next) {
		next = min(ALIGN_UP(pfn + 1, BLOCK_PAGES), end_pfn);
		free_reserved_pages(pfn, next);
	}
	return nr;
}

/* Largest integer whose square is at most @n. */
static unsigned long __init integer_sqrt(unsigned long n)
{
	unsigned long root = 0;

	for (unsigned long bit = 1UL << 31; bit; bit >>= 1)
		if ((root + bit) * (root + bit) <= n)
			root += bit;
	return root;
}

static unsigned long nr_managed_pages(void)
{
	return zones[ZONE_DMA32].nr_managed + zones[ZONE_NORMAL].nr_managed;
}

static void set_watermarks(unsigned long nr_min)
{
	struct zone *zone;

	for_each_zone(zone)
	{
		unsigned long share = nr_min * zone->nr_managed / max(nr_managed_pages(), 1UL);

		WRITE_ONCE(zone->watermarks[WMARK_MIN], share);
		WRITE_ONCE(zone->watermarks[WMARK_LOW], share + share / 4);
		WRITE_ONCE(zone->watermarks[WMARK_HIGH], share + share / 2);
	}
}

int page_alloc_set_min_free(unsigned long kib)
{
	unsigned long nr_min = kib / (PAGE_SIZE / KIB(1));

	if (nr_min > nr_managed_pages() / 4)
		return -EINVAL;
	set_watermarks(nr_min);
	return 0;
}

/*
 * Marks as Linux sets them: min is 4 * sqrt(KiB of memory) KiB, between 128 KiB and 256 MiB, shared
 * among the zones by size; low is a quarter above it, high a half.  A request that could be served
 * from a higher zone leaves 1/256 of that zone's size here for those that cannot.
 */
static void __init choose_watermarks(void)
{
	unsigned long min_kib = 4 * integer_sqrt(nr_managed_pages() * (PAGE_SIZE / KIB(1)));

	set_watermarks(clamp(min_kib, 128UL, 262144UL) / (PAGE_SIZE / KIB(1)));
	zones[ZONE_DMA32].nr_spared = zones[ZONE_NORMAL].nr_managed / 256;
}

/* KASAN: in blocks whose entries were written only what is free is closed; these have nothing. */
static void __init open_reserved_blocks(void)
{
	for (unsigned long block = 0; block < nr_blocks; block++)
		if (block_has_memory(block) && !test_bit(block, page_blocks_written) &&
		    !test_bit(block, page_blocks_fresh))
			kasan_unpoison(phys_to_virt(block * BLOCK_SIZE), BLOCK_SIZE);
}

void __init page_alloc_init(void)
{
	struct page_counts counts;

	max_pfn = memblock_end() / PAGE_SIZE;
	nr_blocks = DIV_ROUND_UP(max_pfn, BLOCK_PAGES);
	page_blocks_written = boot_alloc(BITS_TO_LONGS(nr_blocks) * sizeof(long));
	page_blocks_fresh = boot_alloc(BITS_TO_LONGS(nr_blocks) * sizeof(long));
	page_array = (struct page *)arch_page_array_base();
	map_page_array();
	init_zones();
	memblock_hand_over(take_run);
	if (IS_ENABLED(CONFIG_KASAN))
		open_reserved_blocks();
	kasan_enable();
	choose_watermarks();
	page_alloc_set_cpu_limits();
	page_counts_get(&counts);
	pr_info("%lu of %lu MiB free\n", counts.nr_free / (MIB(1) / PAGE_SIZE),
		(unsigned long)(memblock_memory_size() / MIB(1)));
}
