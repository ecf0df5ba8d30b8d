/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mappings of KASAN's shadow.
 *
 *	RAM		an eighth of it, for each 4 MiB with any RAM; its contents come with
 *			the page allocator, block by block (mm/kasan_init.c)
 *	image		zero: open
 *	other addresses of the direct map, page array
 *			one page of zeros, read-only, over and over: open
 *	vmalloc		with each area, by mm/vmalloc.c
 *	all others	nothing; <arch/kasan.h> reads it as open
 *
 * The new tables are built beside the early ones of boot/early.c, which the code that builds them
 * still uses for its stack, and take their place at once.  Not instrumented, lest it closes a frame
 * in one shadow and opens it in the other.
 * Context: boot, one CPU.  Tables and shadow come from memblock and are never freed.
 */
#include <arch/kasan.h>
#include <arch/mm.h>
#include <arch/msr.h>
#include <arch/page.h>
#include <arch/pgtable.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/memblock.h>
#include <oshit/page.h>
#include <oshit/panic.h>
#include <oshit/sizes.h>
#include <oshit/string.h>

#include "tables.h"

#define ROOT_ENTRIES (KASAN_SIZE >> PT_LEVEL_SHIFT(PT_ROOT_LEVEL))
#define LARGE_SHADOW (LARGE_PAGE_SIZE << KASAN_SHADOW_SHIFT) /* memory that a large page shadows */
#define SMALL_SHADOW (PAGE_SIZE << KASAN_SHADOW_SHIFT)
#define BLOCK_SIZE   (BLOCK_PAGES * PAGE_SIZE)

/* Of boot/early.c, at physical addresses; the page holds what frames left until it is cleared. */
u8 kasan_early_page[PAGE_SIZE] __section(".bss..page_aligned") __aligned(PAGE_SIZE);
u64 kasan_early_tables[3][PT_ENTRIES] __section(".bss..page_aligned") __aligned(PAGE_SIZE);

static pte_t root[ROOT_ENTRIES] __initdata; /* what will stand in the kernel's root table */
static pte_t zero_page __initdata; /* the entry that maps it */

static __init phys_addr_t alloc(u64 size)
{
	phys_addr_t phys =
		memblock_alloc_range(size, size, 0, MEMBLOCK_ANYWHERE, MEMBLOCK_TOP_DOWN);

	if (!phys)
		panic("kasan: no %lu KiB for the shadow of memory", size >> 10);
	return phys;
}

static __init pte_t *table_below(pte_t *entry)
{
	if (!*entry) {
		phys_addr_t phys = alloc(PAGE_SIZE);

		memset(phys_to_virt(phys), 0, PAGE_SIZE);
		*entry = phys | PTE_PRESENT | PTE_WRITE;
	}
	return phys_to_virt(*entry & PTE_ADDR_MASK);
}

/* Maps the shadow of the memory at @addr, a page of it of @level, unless something is there. */
static __init void map_one(unsigned long addr, pte_t leaf, unsigned int level)
{
	unsigned long shadow = (unsigned long)kasan_shadow_of(addr);
	pte_t *entry = &root[(shadow - KASAN_BASE) >> PT_LEVEL_SHIFT(PT_ROOT_LEVEL)];

	for (unsigned int l = PT_ROOT_LEVEL; l > level; l--)
		entry = &table_below(entry)[pt_index(shadow, l - 1)];
	if (!*entry)
		*entry = leaf;
}

static __init void map_pages(unsigned long addr, unsigned long end, phys_addr_t phys)
{
	for (; addr < end; addr += SMALL_SHADOW, phys += PAGE_SIZE)
		map_one(addr, phys | kernel_data_flags(), 0);
}

static __init void map_zeros(unsigned long addr, unsigned long end)
{
	for (addr = ALIGN_DOWN(addr, SMALL_SHADOW); addr < end; addr += SMALL_SHADOW)
		map_one(addr, zero_page, 0);
}

static __init bool has_memory(phys_addr_t start, u64 size)
{
	struct memblock_region range;

	return memblock_next_memory(start, &range) && range.start < start + size;
}

/* As much memory as a large page shadows; wholly present it gets one, if there is one. */
static __init void map_memory(phys_addr_t start)
{
	unsigned long addr = (unsigned long)phys_to_virt(start);
	unsigned int nr_present = 0;
	phys_addr_t phys;

	for (u64 i = 0; i < LARGE_SHADOW; i += BLOCK_SIZE)
		nr_present += has_memory(start + i, BLOCK_SIZE);
	if (nr_present == LARGE_SHADOW / BLOCK_SIZE) {
		phys = memblock_alloc_range(LARGE_PAGE_SIZE, LARGE_PAGE_SIZE, 0, MEMBLOCK_ANYWHERE,
					    MEMBLOCK_TOP_DOWN);
		if (phys)
			return map_one(addr, phys | kernel_data_flags() | PTE_LARGE, 1);
	}
	for (u64 i = 0; i < LARGE_SHADOW; i += SMALL_SHADOW) {
		if (has_memory(ALIGN_DOWN(start + i, BLOCK_SIZE), BLOCK_SIZE))
			map_one(addr + i, alloc(PAGE_SIZE) | kernel_data_flags(), 0);
		else
			map_one(addr + i, zero_page, 0);
	}
}

static __init void map_image(void)
{
	unsigned long start = ALIGN_DOWN((unsigned long)_text, SMALL_SHADOW);
	unsigned long end = ALIGN_UP((unsigned long)_end, SMALL_SHADOW);
	u64 size = (end - start) >> KASAN_SHADOW_SHIFT;
	void *shadow = memblock_alloc(size, PAGE_SIZE);

	if (!shadow)
		panic("kasan: no %lu KiB for the shadow of the image", size >> 10);
	map_pages(start, end, virt_to_phys(shadow));
}

__init void arch_kasan_map(void)
{
	u64 ram_end = ALIGN_UP(max_t(u64, memblock_end(), EARLY_MAP_SIZE), LARGE_SHADOW);
	u64 array_size = ALIGN_UP(memblock_end(), BLOCK_SIZE) / PAGE_SIZE * sizeof(struct page);
	pte_t *table = phys_to_virt(read_cr3() & PTE_ADDR_MASK);

	zero_page = symbol_to_phys(kasan_early_page) | (kernel_data_flags() & ~PTE_WRITE);
	map_image();
	for (phys_addr_t phys = 0; phys < ram_end; phys += LARGE_SHADOW)
		map_memory(phys);
	map_zeros(page_array_base, page_array_base + array_size);

	for (unsigned int i = 0; i < ROOT_ENTRIES; i++)
		table[pt_index(KASAN_BASE, PT_ROOT_LEVEL) + i] = root[i];
	write_cr3(read_cr3());
	memset(phys_to_virt(symbol_to_phys(kasan_early_page)), 0, PAGE_SIZE);
}
