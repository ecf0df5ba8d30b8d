/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory while booting: which ranges are RAM, which are taken, and allocation among the rest until
 * the page allocator takes over.  All addresses are physical and in bytes, all ranges are
 * [start, end).  Context of everything here: boot, one CPU; not for use after memblock_hand_over(),
 * save for the queries.
 */
#ifndef OSHIT_MEMBLOCK_H
#define OSHIT_MEMBLOCK_H

#include <oshit/boot_info.h>
#include <oshit/types.h>

#define MEMBLOCK_NR_STATIC 128 /* regions a list holds before it must grow: BOOT_MAX_RANGES */
#define MEMBLOCK_ANYWHERE  ((phys_addr_t)1 << 52) /* as a limit: none; x86 has 52 address bits */

enum memblock_owner {
	MEMBLOCK_RAM, /* of the memory list: all regions */
	MEMBLOCK_FIRMWARE, /* keep out for ever */
	MEMBLOCK_KERNEL, /* the image */
	MEMBLOCK_INITRD, /* the loader's initramfs, freed once unpacked */
	MEMBLOCK_ALLOCATED, /* by memblock_alloc*() */
	MEMBLOCK_NR_OWNERS,
};

enum memblock_direction {
	MEMBLOCK_TOP_DOWN, /* the usual: spares memory that old devices can reach */
	MEMBLOCK_BOTTOM_UP,
};

struct memblock_region {
	phys_addr_t start, end;
	enum memblock_owner owner;
};

struct memblock_list { /* sorted and disjoint; neighbours of one owner are merged */
	struct memblock_region *regions;
	size_t nr;
	size_t capacity;
	struct memblock_region first_regions[MEMBLOCK_NR_STATIC];
};

struct memblock { /* boot only: written by one CPU, constant after the hand-over */
	struct memblock_list memory; /* RAM that the kernel may use */
	struct memblock_list reserved; /* taken; may cover addresses that are no RAM */
	unsigned long direct_map; /* virtual address of physical 0, or 0: not mapped yet */
	phys_addr_t mapped_end; /* the direct map ends here so far */
	bool handed_over;
};

extern struct memblock memblock;

/* Empties all, as if booting anew. For the first call and for tests. */
void memblock_reset(void);

/**
 * memblock_take_boot_info() - add the loader's RAM, keep out of the rest, reserve the initramfs
 *
 * Ranges may be unsorted, overlap, wrap or be empty; where RAM overlaps another type it loses.
 *
 * Return: 0, or -ENOMEM when some range was lost for want of space (the others were taken).
 */
int memblock_take_boot_info(const struct boot_info *info);

/*
 * Add RAM, or take RAM away. A range that wraps is cut at the end of the address space, an empty
 * one does nothing. Return: 0, or -ENOMEM when the list is full and cannot grow.
 */
int memblock_add(phys_addr_t start, u64 size);
int memblock_remove(phys_addr_t start, u64 size);

/* Takes away all RAM from @limit up: `mem=`. */
int memblock_limit(phys_addr_t limit);

/* Reserves a range, or gives it back. Reserving again is allowed: the last owner stands. */
int memblock_reserve(phys_addr_t start, u64 size, enum memblock_owner owner);
int memblock_free(phys_addr_t start, u64 size);

/* From now on the direct map at @base reaches @end: lists can grow, memblock_alloc() works. */
void memblock_set_direct_map(unsigned long base, phys_addr_t end);

/**
 * memblock_alloc_range() - reserve a free range between @min and @max
 * @size: bytes, not 0
 * @align: a power of two
 * @max: the range ends at or below it; MEMBLOCK_ANYWHERE for no limit
 *
 * The memory keeps what it held. Page 0 is never given out.
 *
 * Return: physical address, or 0 if there is no such range.
 */
phys_addr_t memblock_alloc_range(u64 size, u64 align, phys_addr_t min, phys_addr_t max,
				 enum memblock_direction direction);

/* Zeroed memory inside the direct map, top down; NULL if there is none. */
void *memblock_alloc(u64 size, u64 align);

/* The lowest free range that ends after @pos, cut to begin at @pos; false if none. */
bool memblock_next_free(phys_addr_t pos, struct memblock_region *range);
/* The highest free range that starts before @pos, cut to end at @pos; false if none. */
bool memblock_prev_free(phys_addr_t pos, struct memblock_region *range);

/* The lowest range of RAM, free or not, that ends after @pos; false if none. Any time. */
bool memblock_next_memory(phys_addr_t pos, struct memblock_region *range);

/**
 * memblock_hand_over() - give every free whole page away, once
 * @give: called for each run of free pages, lowest first
 *
 * Return: number of pages given.
 */
unsigned long memblock_hand_over(void (*give)(unsigned long start_pfn, unsigned long nr_pages));

/* Queries: any time. */
bool memblock_is_memory(phys_addr_t addr);
bool memblock_is_reserved(phys_addr_t addr);
u64 memblock_memory_size(void); /* bytes of RAM, reserved or not */
u64 memblock_reserved_size(void); /* bytes reserved, RAM or not */
phys_addr_t memblock_end(void); /* first address after all RAM */

#endif
