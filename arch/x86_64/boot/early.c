/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Before the image is mapped: C that runs at physical addresses, called once by head.S.
 *
 * The image is linked at IMAGE_LINK_BASE and loaded at any 2 MiB step below 4 GiB.  early_start()
 * picks the virtual address (the link address plus a slide), adds the slide to every pointer that
 * the linker left in .rela.dyn and .relr.dyn, and maps, in the boot page tables, the image there
 * and the first 4 GiB of memory at the base of the direct map.
 *
 * This file refers to symbols only relative to the instruction pointer (the compiler does so for
 * hidden symbols) and keeps no pointer tables, because no relocation has been applied yet.  No
 * sanitizer may instrument it.  Nothing calls it later.
 */
#include "boot.h"

#include <arch/kasan.h>
#include <arch/page.h>
#include <linux/elf.h>
#include <oshit/init.h>
#include <oshit/math.h>

#define R_X86_64_RELATIVE 8 /* System V ABI for AMD64, table 4.9 */
#define TABLE_FLAGS	  0x03 /* present, writable */
#define PDE_FLAGS	  0x83 /* present, writable, 2 MiB; the final tables are strict */

extern const Elf64_Rela __start_rela[], __stop_rela[];
extern const u64 __start_relr[], __stop_relr[];
extern u64 early_pml4[512];
extern u64 early_pd[4 * 512]; /* the first 4 GiB */
extern u64 early_direct_pdpt[2 * 512];
extern u64 early_image_pd[2 * 512];

/* Where the word at a link address lies now. */
static __init u64 *loaded(char *base, u64 link_addr)
{
	return (u64 *)(base + (link_addr - IMAGE_LINK_BASE));
}

/* Each entry names a word and the link address that belongs there. */
static __init void apply_rela(char *base, unsigned long slide)
{
	const Elf64_Rela *rela;

	for (rela = __start_rela; rela < __stop_rela; rela++)
		if (ELF64_R_TYPE(rela->r_info) == R_X86_64_RELATIVE)
			*loaded(base, rela->r_offset) = (u64)rela->r_addend + slide;
}

/*
 * The packed form (ELF gABI, SHT_RELR): an even entry names one word; an odd one is a bitmap of
 * which of the next 63 words are pointers, too.  The words hold link addresses.
 */
static __init void apply_relr(char *base, unsigned long slide)
{
	u64 *where = NULL;
	const u64 *relr;
	u64 bits;
	int i;

	for (relr = __start_relr; relr < __stop_relr; relr++) {
		if (!(*relr & 1)) {
			where = loaded(base, *relr);
			*where++ += slide;
			continue;
		}
		for (bits = *relr >> 1, i = 0; bits; bits >>= 1, i++)
			if (bits & 1)
				where[i] += slide;
		where += 63;
	}
}

/* The first 4 GiB, by the page directories of the one-to-one map; the base is one of 1 GiB. */
static __init void map_direct(void)
{
	unsigned long index = direct_map_base >> 39 & 511;
	unsigned long first = direct_map_base >> 30 & 511;
	unsigned long i;

	for (i = 0; i < ARRAY_SIZE(early_direct_pdpt) / 512; i++)
		early_pml4[index + i] = (u64)&early_direct_pdpt[i * 512] | TABLE_FLAGS;
	for (i = 0; i < EARLY_MAP_SIZE >> 30; i++)
		early_direct_pdpt[first + i] = (u64)&early_pd[i * 512] | TABLE_FLAGS;
}

#ifdef CONFIG_KASAN
/*
 * One page serves as all of the shadow until arch_kasan_map(): the tables of each level have one
 * entry, 512 times.  Frames may be closed and opened in it; nobody reads it.
 */
static __init void map_early_shadow(void)
{
	u64 below = (u64)kasan_early_page;

	for (unsigned int level = 0; level < ARRAY_SIZE(kasan_early_tables); level++) {
		for (unsigned int i = 0; i < 512; i++)
			kasan_early_tables[level][i] = below | TABLE_FLAGS;
		below = (u64)kasan_early_tables[level];
	}
	for (u64 addr = KASAN_BASE; addr < KASAN_BASE + KASAN_SIZE; addr += 1UL << 39)
		early_pml4[addr >> 39 & 511] = below | TABLE_FLAGS;
}
#else
static __init void map_early_shadow(void)
{
}
#endif

static __init void map_image(phys_addr_t base, unsigned long virt)
{
	unsigned long index = (virt - IMAGE_WINDOW_BASE) >> LARGE_PAGE_SHIFT;
	unsigned long nr = DIV_ROUND_UP((unsigned long)(_end - _text), LARGE_PAGE_SIZE);
	unsigned long i;

	for (i = 0; i < nr; i++)
		early_image_pd[index + i] = (base + (i << LARGE_PAGE_SHIFT)) | PDE_FLAGS;
}

/**
 * early_start() - put the image where it will run
 * @base: physical address that it was loaded at
 * Context: head.S, at physical addresses, interrupts off.
 * Return: what to add to a physical address of the image to get the virtual one.
 */
__init unsigned long early_start(char *base)
{
	struct kaslr_slides slides = { 0, 0, 0, 0 };
	unsigned long virt;

	kaslr_choose(&slides);
	virt = IMAGE_LINK_BASE + slides.image;
	apply_rela(base, slides.image);
	apply_relr(base, slides.image);
	direct_map_base = DIRECT_MAP_BASE + slides.direct_map;
	vmalloc_base = VMALLOC_BASE + slides.vmalloc;
	page_array_base = PAGE_ARRAY_BASE + slides.page_array;
	map_direct();
	map_early_shadow();
	map_image((phys_addr_t)base, virt);
	image_offset = virt - (unsigned long)base;
	return image_offset;
}
