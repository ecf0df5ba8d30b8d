/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Boot allocator.  Two lists of regions: `memory` is the RAM the kernel may use, `reserved` is what
 * somebody took.  Free is what lies in the first and not in the second; it is never stored, only
 * walked.  An allocation finds a free range and reserves it.  At the end memblock_hand_over() gives
 * all free whole pages to the page allocator, once, and the lists stay as a record for queries.
 *
 * A list is sorted and disjoint, and neighbours that touch and have one owner are one region.  A
 * change is "cut [start, end) out, then perhaps put one region there", so it adds at most two
 * regions (one region split, one put in the middle).  A list therefore grows as soon as fewer than
 * 2 * 2 slots are free: at the next change two are left even if growing has to reserve the new
 * array in this very list.  Growing needs the direct map; before that, a full list refuses.
 *
 * Firmware maps are not to be trusted: ranges come unsorted, overlapping, empty, wrapping and
 * smaller than a page.  RAM is kept to the byte, so that two halves of a page make a page; what is
 * no RAM is rounded outwards to pages, and wins.
 *
 * Context: boot, one CPU, no locks.  Left out: NUMA, hotplug, mirrored memory.
 */

#include <linux/errno.h>
#include <arch/page.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/memblock.h>
#include <oshit/string.h>

/* The tests call the changing half too, long after boot. */
#ifdef CONFIG_TEST_MEMBLOCK
#define __init_memblock
#else
#define __init_memblock __init
#endif

#define NEW_PER_CHANGE 2 /* see above */
#define SLACK	       (2 * NEW_PER_CHANGE)

struct memblock memblock = {
	.memory = { .regions = memblock.memory.first_regions, .capacity = MEMBLOCK_NR_STATIC },
	.reserved = { .regions = memblock.reserved.first_regions, .capacity = MEMBLOCK_NR_STATIC },
};

/* Index of the first region that ends after @pos; list->nr if none. */
static size_t list_find(const struct memblock_list *list, phys_addr_t pos)
{
	size_t low = 0, high = list->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->regions[middle].end > pos)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static bool list_covers(const struct memblock_list *list, phys_addr_t addr)
{
	size_t i = list_find(list, addr);

	return i < list->nr && list->regions[i].start <= addr;
}

static u64 list_size(const struct memblock_list *list)
{
	u64 size = 0;

	for (size_t i = 0; i < list->nr; i++)
		size += list->regions[i].end - list->regions[i].start;
	return size;
}

static void __init_memblock list_insert(struct memblock_list *list, size_t at,
					struct memblock_region region)
{
	for (size_t i = list->nr; i > at; i--)
		list->regions[i] = list->regions[i - 1];
	list->regions[at] = region;
	list->nr++;
}

static void __init_memblock list_delete(struct memblock_list *list, size_t at, size_t count)
{
	for (size_t i = at + count; i < list->nr; i++)
		list->regions[i - count] = list->regions[i];
	list->nr -= count;
}

/* Cuts [start, end) out; returns the index where a region that starts at @start belongs. */
static size_t __init_memblock list_cut(struct memblock_list *list, phys_addr_t start,
				       phys_addr_t end)
{
	size_t first = list_find(list, start), last;
	struct memblock_region *region = &list->regions[first];

	if (first < list->nr && region->start < start) {
		first++;
		if (region->end > end)
			list_insert(list, first,
				    (struct memblock_region){ end, region->end, region->owner });
		region->end = start;
	}
	last = list_find(list, end);
	if (last < list->nr && list->regions[last].start < end)
		list->regions[last].start = end;
	list_delete(list, first, last - first);
	return first;
}

/* Joins region @at with the one before it if they touch and agree. */
static void __init_memblock list_join(struct memblock_list *list, size_t at)
{
	struct memblock_region *region = &list->regions[at];

	if (at == 0 || at >= list->nr)
		return;
	if (region[-1].end != region->start || region[-1].owner != region->owner)
		return;
	region[-1].end = region->end;
	list_delete(list, at, 1);
}

static void __init_memblock list_put(struct memblock_list *list, struct memblock_region region)
{
	size_t at = list_cut(list, region.start, region.end);

	list_insert(list, at, region);
	list_join(list, at + 1);
	list_join(list, at);
}

/* End of a range, cut where addresses end: @start itself if nothing is left. */
static phys_addr_t __init_memblock range_end(phys_addr_t start, u64 size)
{
	if (start >= MEMBLOCK_ANYWHERE)
		return start;
	return start + min(size, MEMBLOCK_ANYWHERE - start);
}

/*
 * The lowest free range that ends after @pos.  Each turn either finds one or moves @pos over a
 * region, so it ends.
 */
bool memblock_next_free(phys_addr_t pos, struct memblock_region *range)
{
	const struct memblock_list *memory = &memblock.memory, *reserved = &memblock.reserved;
	size_t m = list_find(memory, pos);

	while (m < memory->nr) {
		phys_addr_t start = max(pos, memory->regions[m].start);
		size_t r = list_find(reserved, start);
		phys_addr_t next =
			r < reserved->nr ? reserved->regions[r].start : MEMBLOCK_ANYWHERE;

		if (next > start) {
			range->start = start;
			range->end = min(next, memory->regions[m].end);
			range->owner = MEMBLOCK_RAM;
			return true;
		}
		pos = reserved->regions[r].end;
		m = list_find(memory, pos);
	}
	return false;
}

/* Number of regions that start before @pos. */
static size_t list_count_before(const struct memblock_list *list, phys_addr_t pos)
{
	size_t i = list_find(list, pos);

	return i < list->nr && list->regions[i].start < pos ? i + 1 : i;
}

bool memblock_prev_free(phys_addr_t pos, struct memblock_region *range)
{
	const struct memblock_list *memory = &memblock.memory, *reserved = &memblock.reserved;
	size_t m = list_count_before(memory, pos);

	while (m > 0) {
		phys_addr_t end = min(pos, memory->regions[m - 1].end);
		size_t r = list_count_before(reserved, end);
		phys_addr_t prev = r > 0 ? reserved->regions[r - 1].end : 0;

		if (prev < end) {
			range->start = max(prev, memory->regions[m - 1].start);
			range->end = end;
			range->owner = MEMBLOCK_RAM;
			return true;
		}
		pos = reserved->regions[r - 1].start;
		m = list_count_before(memory, pos);
	}
	return false;
}

bool memblock_next_memory(phys_addr_t pos, struct memblock_region *range)
{
	size_t i = list_find(&memblock.memory, pos);

	if (i == memblock.memory.nr)
		return false;
	*range = memblock.memory.regions[i];
	return true;
}

/* Does @range, cut to [@min, @max), hold @size bytes at @align?  If so, where. */
static bool __init_memblock range_fits(struct memblock_region range, u64 size, u64 align,
				       enum memblock_direction direction, phys_addr_t *where)
{
	phys_addr_t low = ALIGN_UP(range.start, align);

	if (range.end - range.start < size || low < range.start || low > range.end - size)
		return false;
	*where = direction == MEMBLOCK_BOTTOM_UP ? low : ALIGN_DOWN(range.end - size, align);
	return true;
}

static phys_addr_t __init_memblock find_bottom_up(u64 size, u64 align, phys_addr_t min,
						  phys_addr_t max)
{
	struct memblock_region range;
	phys_addr_t where;

	for (phys_addr_t pos = min; memblock_next_free(pos, &range); pos = range.end) {
		if (range.start >= max)
			break;
		range.end = min(range.end, max);
		if (range_fits(range, size, align, MEMBLOCK_BOTTOM_UP, &where))
			return where;
	}
	return 0;
}

static phys_addr_t __init_memblock find_top_down(u64 size, u64 align, phys_addr_t min,
						 phys_addr_t max)
{
	struct memblock_region range;
	phys_addr_t where;

	for (phys_addr_t pos = max; memblock_prev_free(pos, &range); pos = range.start) {
		if (range.end <= min)
			break;
		range.start = max(range.start, min);
		if (range_fits(range, size, align, MEMBLOCK_TOP_DOWN, &where))
			return where;
	}
	return 0;
}

static phys_addr_t __init_memblock find_free(u64 size, u64 align, phys_addr_t min, phys_addr_t max,
					     enum memblock_direction direction)
{
	if (size == 0 || !IS_POWER_OF_2(align))
		return 0;
	min = max_t(phys_addr_t, min, PAGE_SIZE);
	if (direction == MEMBLOCK_BOTTOM_UP)
		return find_bottom_up(size, align, min, max);
	return find_top_down(size, align, min, max);
}

static void *__init_memblock direct_map(phys_addr_t addr)
{
	return (void *)(memblock.direct_map + addr);
}

/*
 * Doubles a list that is nearly full, if it can: a failure shows when the list is really full.
 * Calls itself once at most, for the reserved list when the memory list grew.
 */
static void __init_memblock list_grow(struct memblock_list *list)
{
	u64 old_size = list->capacity * sizeof(*list->regions);
	struct memblock_region *old = list->regions;
	phys_addr_t where;

	if (list->nr + SLACK <= list->capacity || !memblock.direct_map)
		return;
	where = find_free(2 * old_size, PAGE_SIZE, 0, memblock.mapped_end, MEMBLOCK_TOP_DOWN);
	if (!where)
		return;
	list->regions = direct_map(where);
	list->capacity *= 2;
	memcpy(list->regions, old, old_size);
	memblock_reserve(where, 2 * old_size, MEMBLOCK_ALLOCATED);
	if (old != list->first_regions)
		memblock_free((unsigned long)old - memblock.direct_map, old_size);
}

static bool __init_memblock list_may_change(const struct memblock_list *list)
{
	return !memblock.handed_over && list->nr + NEW_PER_CHANGE <= list->capacity;
}

static int __init_memblock put_range(struct memblock_list *list, phys_addr_t start, u64 size,
				     enum memblock_owner owner)
{
	phys_addr_t end = range_end(start, size);

	if (start == end)
		return 0;
	if (!list_may_change(list))
		return -ENOMEM;
	list_put(list, (struct memblock_region){ start, end, owner });
	list_grow(list);
	return 0;
}

static int __init_memblock cut_range(struct memblock_list *list, phys_addr_t start, u64 size)
{
	phys_addr_t end = range_end(start, size);

	if (start == end)
		return 0;
	if (!list_may_change(list))
		return -ENOMEM;
	list_cut(list, start, end);
	list_grow(list);
	return 0;
}

int __init_memblock memblock_add(phys_addr_t start, u64 size)
{
	return put_range(&memblock.memory, start, size, MEMBLOCK_RAM);
}

int __init_memblock memblock_remove(phys_addr_t start, u64 size)
{
	return cut_range(&memblock.memory, start, size);
}

int __init_memblock memblock_limit(phys_addr_t limit)
{
	return memblock_remove(limit, MEMBLOCK_ANYWHERE);
}

int __init_memblock memblock_reserve(phys_addr_t start, u64 size, enum memblock_owner owner)
{
	return put_range(&memblock.reserved, start, size, owner);
}

int __init_memblock memblock_free(phys_addr_t start, u64 size)
{
	return cut_range(&memblock.reserved, start, size);
}

void __init_memblock memblock_reset(void)
{
	memblock.memory.regions = memblock.memory.first_regions;
	memblock.memory.capacity = MEMBLOCK_NR_STATIC;
	memblock.memory.nr = 0;
	memblock.reserved.regions = memblock.reserved.first_regions;
	memblock.reserved.capacity = MEMBLOCK_NR_STATIC;
	memblock.reserved.nr = 0;
	memblock.direct_map = 0;
	memblock.mapped_end = 0;
	memblock.handed_over = false;
}

/* Everything that touches a page with something other than RAM in it goes. */
static int __init_memblock remove_outwards(phys_addr_t start, u64 size)
{
	phys_addr_t end = range_end(start, size);

	if (start == end)
		return 0;
	start = ALIGN_DOWN(start, PAGE_SIZE);
	return memblock_remove(start, ALIGN_UP(end, PAGE_SIZE) - start);
}

int __init_memblock memblock_take_boot_info(const struct boot_info *info)
{
	const struct boot_range *range;
	int err = 0;

	for (range = info->ranges; range < info->ranges + info->nr_ranges; range++)
		if (range->type == BOOT_RANGE_RAM)
			err = memblock_add(range->start, range->size) ?: err;
	for (range = info->ranges; range < info->ranges + info->nr_ranges; range++)
		if (range->type != BOOT_RANGE_RAM)
			err = remove_outwards(range->start, range->size) ?: err;
	return memblock_reserve(info->initrd_start, info->initrd_size, MEMBLOCK_INITRD) ?: err;
}

void __init_memblock memblock_set_direct_map(unsigned long base, phys_addr_t end)
{
	memblock.direct_map = base;
	memblock.mapped_end = end;
	list_grow(&memblock.memory);
	list_grow(&memblock.reserved);
}

phys_addr_t __init_memblock memblock_alloc_range(u64 size, u64 align, phys_addr_t min,
						 phys_addr_t max, enum memblock_direction direction)
{
	phys_addr_t where = find_free(size, align, min, max, direction);

	if (where && memblock_reserve(where, size, MEMBLOCK_ALLOCATED))
		return 0;
	return where;
}

void *__init_memblock memblock_alloc(u64 size, u64 align)
{
	phys_addr_t where;

	where = memblock_alloc_range(size, align, 0, memblock.mapped_end, MEMBLOCK_TOP_DOWN);
	if (!where)
		return NULL;
	return memset(direct_map(where), 0, size);
}

unsigned long __init_memblock memblock_hand_over(void (*give)(unsigned long start_pfn,
							      unsigned long nr_pages))
{
	struct memblock_region range;
	unsigned long nr_given = 0;

	if (memblock.handed_over)
		return 0;
	memblock.handed_over = true;
	for (phys_addr_t pos = PAGE_SIZE; memblock_next_free(pos, &range); pos = range.end) {
		unsigned long first = DIV_ROUND_UP(range.start, PAGE_SIZE);
		unsigned long end = range.end / PAGE_SIZE;

		if (first < end) {
			give(first, end - first);
			nr_given += end - first;
		}
	}
	return nr_given;
}

bool memblock_is_memory(phys_addr_t addr)
{
	return list_covers(&memblock.memory, addr);
}

bool memblock_is_reserved(phys_addr_t addr)
{
	return list_covers(&memblock.reserved, addr);
}

u64 memblock_memory_size(void)
{
	return list_size(&memblock.memory);
}

u64 memblock_reserved_size(void)
{
	return list_size(&memblock.reserved);
}

phys_addr_t memblock_end(void)
{
	const struct memblock_list *memory = &memblock.memory;

	return memory->nr ? memory->regions[memory->nr - 1].end : 0;
}
