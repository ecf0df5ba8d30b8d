/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmalloc, vmap and ioremap.  An area is a range of addresses in [vmalloc_base, + VMALLOC_SIZE)
 * with something mapped in it and a page behind it in which nothing ever is; the first page of the
 * region is left free too, so each area has such a guard on both sides.
 *
 * The page table is the only record of which pages an area has: unmapping collects them.  A 2 MiB
 * page in the table is one block of the page allocator, or 512 single pages that happened to lie in
 * a row and were merged by the walker; the page array tells which.
 *
 * Life of an area: addresses are taken (area_new), pages are mapped, the caller has it; freeing
 * marks it dying, which makes a second free find nothing, unmaps it, waits until no CPU remembers
 * the mapping, and only then gives addresses and pages back (area_end).  Nothing is put off: a
 * dangling pointer faults from the moment vfree() has returned.  Who frees often keeps a cache and
 * frees in batches, as mm/kernel_stack.c does: one flush then serves many areas.
 *
 * With KASAN an area has pages of shadow for itself, so its addresses begin and end where a page of
 * shadow does: at multiples of 32 KiB.  The guard grows accordingly.
 *
 * Locks: vmalloc_lock for the tree and the kinds; taken in tasks only, interrupts on; nothing nests
 * inside.  Left out: write-combining, lazy flushes, executable memory.
 */
#define pr_fmt(fmt) "vmalloc: " fmt

#include <linux/errno.h>

#include <arch/kasan.h>
#include <arch/page.h>
#include <oshit/bug.h>
#include <oshit/container_of.h>
#include <oshit/init.h>
#include <oshit/kasan.h>
#include <oshit/kernel_map.h>
#include <oshit/list.h>
#include <oshit/math.h>
#include <oshit/mm_report.h>
#include <oshit/mmzone.h>
#include <oshit/nofault.h>
#include <oshit/preempt.h>
#include <oshit/printk.h>
#include <oshit/slab.h>
#include <oshit/spinlock.h>

#include "vmalloc.h"
#include "vmalloc_tree.h"

#define GUARD_SIZE  PAGE_SIZE
#define AREA_UNIT   (IS_ENABLED(CONFIG_KASAN) ? PAGE_SIZE << KASAN_SHADOW_SHIFT : PAGE_SIZE)
#define LARGE_ORDER (LARGE_PAGE_SHIFT - PAGE_SHIFT)
#define MAX_PHYS    (1UL << 52) /* what a page table entry can say */

struct vmalloc_area { /* v: vmalloc_lock   i: constant in the tree */
	struct vmalloc_range range; /* v  with the guard behind */
	unsigned long size; /* i  bytes mapped */
	enum vmalloc_kind kind; /* v */
	phys_addr_t phys; /* i  of VMALLOC_IO */
	const void *caller; /* i */
};

static DEFINE_SPINLOCK(vmalloc_lock); /* v */
static struct vmalloc_tree areas; /* v */
static struct vmalloc_counts counts; /* v */
static struct kmem_cache *area_cache __ro_after_init;

static const char *const kind_names[NR_VMALLOC_KINDS] = {
	[VMALLOC_DYING] = "dying", [VMALLOC_PAGES] = "vmalloc", [VMALLOC_MAP] = "vmap",
	[VMALLOC_IO] = "ioremap",  [VMALLOC_STACK] = "stack",
};

const char *vmalloc_kind_name(enum vmalloc_kind kind)
{
	return kind < NR_VMALLOC_KINDS ? kind_names[kind] : "?";
}

static struct vmalloc_area *area_of(const struct vmalloc_range *range)
{
	return container_of(range, struct vmalloc_area, range);
}

/* --- pages --- */

struct page_list { /* heads of blocks of LARGE_ORDER and single pages, linked by page->lru */
	struct page_source source;
	struct page_sink sink;
	struct list_head pages; /* to be mapped, or unmapped */
	struct list_head mapped; /* in the order of addresses */
};

static phys_addr_t take_from_list(struct page_source *source, u64 size)
{
	struct page_list *list = container_of(source, struct page_list, source);
	struct page *page = list_first_entry(&list->pages, struct page, lru);

	if (PAGE_SIZE << page_order(page) != size)
		return PHYS_NONE;
	list_move_tail(&page->lru, &list->mapped);
	return page_to_phys(page);
}

static void put_to_list(struct page_sink *sink, phys_addr_t phys, u64 size)
{
	struct page_list *list = container_of(sink, struct page_list, sink);
	struct page *page = phys_to_page(phys), *end = page + size / PAGE_SIZE;

	for (; page < end; page += 1UL << page_order(page))
		list_add_tail(&page->lru, &list->pages);
}

static void page_list_init(struct page_list *list)
{
	list->source.take = take_from_list;
	list->sink.put = put_to_list;
	INIT_LIST_HEAD(&list->pages);
	INIT_LIST_HEAD(&list->mapped);
}

static void page_list_free(struct page_list *list)
{
	struct page *page, *next;

	list_splice_init(&list->mapped, &list->pages);
	list_for_each_entry_safe(page, next, &list->pages, lru)
		__free_pages(page, page_order(page));
}

/* A large page where one fits in, or what there is. */
static struct page *alloc_piece(unsigned long left, gfp_t gfp)
{
	struct page *page = NULL;

	if (left >= LARGE_PAGE_SIZE)
		page = alloc_pages((gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_NOWARN, LARGE_ORDER);
	return page ?: alloc_page(gfp);
}

/* For @size bytes at @virt; once a large page was not to be had only single ones are taken.
 * 0 or -ENOMEM. */
static int page_list_fill(struct page_list *list, unsigned long virt, unsigned long size, gfp_t gfp)
{
	unsigned long left_for_large = IS_ALIGNED(virt, LARGE_PAGE_SIZE) ? size : 0;

	while (size) {
		struct page *page = alloc_piece(left_for_large, gfp);

		if (!page)
			return -ENOMEM;
		list_add_tail(&page->lru, &list->pages);
		size -= PAGE_SIZE << page_order(page);
		left_for_large = page_order(page) ? size : 0;
	}
	return 0;
}

/* Allocates pages and maps them at @virt. 0 or -ENOMEM. */
static int map_new_pages(unsigned long virt, unsigned long size, gfp_t gfp)
{
	struct page_list list;
	int err;

	page_list_init(&list);
	err = page_list_fill(&list, virt, size, gfp)
		      ?: kernel_map(virt, size, &list.source, KERNEL_RW);
	if (err)
		page_list_free(&list);
	return err;
}

static void unmap_and_collect(struct page_list *list, unsigned long virt, unsigned long size)
{
	page_list_init(list);
	kernel_unmap(virt, size, &list->sink);
}

/* --- KASAN's shadow of an area --- */

static unsigned long shadow_of(const struct vmalloc_area *area)
{
	return (unsigned long)kasan_shadow_of(area->range.start);
}

static unsigned long shadow_size(const struct vmalloc_area *area)
{
	return (area->range.end - area->range.start) >> KASAN_SHADOW_SHIFT;
}

/* The area's shadow, all closed. 0 or -ENOMEM. */
static int shadow_map(struct vmalloc_area *area, gfp_t gfp)
{
	int err;

	if (!IS_ENABLED(CONFIG_KASAN))
		return 0;
	err = map_new_pages(shadow_of(area), shadow_size(area), gfp & ~__GFP_ZERO);
	if (!err)
		kasan_poison((void *)area->range.start, area->range.end - area->range.start,
			     KASAN_VMALLOC);
	return err;
}

static void shadow_unmap(struct vmalloc_area *area)
{
	struct page_list list;

	if (!IS_ENABLED(CONFIG_KASAN))
		return;
	unmap_and_collect(&list, shadow_of(area), shadow_size(area));
	page_list_free(&list);
}

/* --- areas --- */

/* Gives the addresses back; nothing is mapped there, nor in the shadow. */
static void area_forget(struct vmalloc_area *area)
{
	spin_lock(&vmalloc_lock);
	vmalloc_tree_remove(&areas, &area->range);
	counts.nr_areas--;
	counts.nr_pages -= area->size / PAGE_SIZE;
	spin_unlock(&vmalloc_lock);
	kmem_cache_free(area_cache, area);
}

/* Takes addresses for @size bytes, a multiple of PAGE_SIZE. NULL: no memory, no addresses. */
static struct vmalloc_area *area_new(unsigned long size, enum vmalloc_kind kind, gfp_t gfp,
				     const void *caller)
{
	unsigned long align = size >= LARGE_PAGE_SIZE ? LARGE_PAGE_SIZE : AREA_UNIT;
	struct vmalloc_area *area;
	int err;

	if (WARN_ON_ONCE(in_interrupt()) || !size || size > VMALLOC_SIZE - 2 * GUARD_SIZE)
		return NULL;
	area = kmem_cache_alloc(area_cache, gfp & ~__GFP_ZERO);
	if (!area)
		return NULL;
	area->size = size;
	area->kind = kind;
	area->phys = 0;
	area->caller = caller;
	spin_lock(&vmalloc_lock);
	err = vmalloc_tree_insert(&areas, &area->range, ALIGN_UP(size + GUARD_SIZE, AREA_UNIT),
				  align);
	if (!err) {
		counts.nr_areas++;
		counts.nr_pages += size / PAGE_SIZE;
	}
	spin_unlock(&vmalloc_lock);
	if (err) {
		kmem_cache_free(area_cache, area);
		return NULL;
	}
	if (shadow_map(area, gfp)) {
		area_forget(area);
		return NULL;
	}
	return area;
}

/* Ends an area in which nothing is mapped any more. */
static void area_end(struct vmalloc_area *area)
{
	shadow_unmap(area);
	area_forget(area);
}

/* The area becomes the caller's, who may use @size bytes. */
static void *area_give(struct vmalloc_area *area, size_t size)
{
	kasan_unpoison((void *)area->range.start, size);
	return (void *)area->range.start;
}

/* Takes the area back: from now on nobody else can. NULL, and a report, if it is none. */
static struct vmalloc_area *area_take_back(unsigned long addr, enum vmalloc_kind kind)
{
	struct vmalloc_area *area = NULL;
	struct vmalloc_range *range;

	if (WARN_ON_ONCE(in_interrupt()))
		return NULL;
	spin_lock(&vmalloc_lock);
	range = vmalloc_tree_find(&areas, addr);
	if (range && range->start == addr && area_of(range)->kind == kind) {
		area = area_of(range);
		area->kind = VMALLOC_DYING;
	}
	spin_unlock(&vmalloc_lock);
	if (!area && mm_report_begin(MM_INVALID_FREE, (void *)addr)) {
		pr_err("no %s area begins there\n", vmalloc_kind_name(kind));
		mm_report_end();
	}
	return area;
}

/* --- vmalloc --- */

/* More than there is: not worth trying, since it would first take all that others need. */
static bool is_absurd(size_t size)
{
	struct page_counts pages;

	page_counts_get(&pages);
	return size > pages.nr_managed * PAGE_SIZE;
}

void *vmalloc_area(size_t size, gfp_t gfp, enum vmalloc_kind kind, const void *caller)
{
	struct vmalloc_area *area = NULL;

	if (!is_absurd(size))
		area = area_new(ALIGN_UP(size, PAGE_SIZE), kind, gfp, caller);
	if (area && map_new_pages(area->range.start, area->size, gfp)) {
		area_end(area);
		area = NULL;
	}
	if (area)
		return area_give(area, size);
	if (!(gfp & __GFP_NOWARN))
		pr_warn("no %zu bytes for %pS\n", size, caller);
	return NULL;
}

void *__vmalloc(size_t size, gfp_t gfp)
{
	return vmalloc_area(size, gfp, VMALLOC_PAGES, __builtin_return_address(0));
}

void *vmalloc(size_t size)
{
	return vmalloc_area(size, GFP_KERNEL, VMALLOC_PAGES, __builtin_return_address(0));
}

void *vzalloc(size_t size)
{
	return vmalloc_area(size, GFP_KERNEL | __GFP_ZERO, VMALLOC_PAGES,
			    __builtin_return_address(0));
}

void vfree_area(const void *addr, enum vmalloc_kind kind)
{
	struct vmalloc_area *area = area_take_back((unsigned long)addr, kind);
	struct page_list list;

	if (!area)
		return;
	unmap_and_collect(&list, area->range.start, area->size);
	area_end(area);
	page_list_free(&list);
}

/* The areas that begin at @addrs, dying from now on. Return: how many. */
static unsigned int take_back_all(struct vmalloc_area **batch, void *const *addrs, unsigned int nr,
				  enum vmalloc_kind kind)
{
	unsigned int nr_taken = 0;

	for (unsigned int i = 0; i < nr; i++) {
		batch[nr_taken] = area_take_back((unsigned long)addrs[i], kind);
		nr_taken += batch[nr_taken] != NULL;
	}
	return nr_taken;
}

void vfree_areas(void *const *addrs, unsigned int nr, enum vmalloc_kind kind)
{
	struct kernel_range ranges[VFREE_BATCH];
	struct vmalloc_area *batch[VFREE_BATCH];
	struct page_list list;

	nr = take_back_all(batch, addrs, nr, kind);
	if (!nr)
		return;
	page_list_init(&list);
	for (unsigned int i = 0; i < nr; i++)
		ranges[i] = (struct kernel_range){ batch[i]->range.start, batch[i]->size };
	kernel_unmap_ranges(ranges, nr, &list.sink);
	for (unsigned int i = 0; IS_ENABLED(CONFIG_KASAN) && i < nr; i++)
		ranges[i] = (struct kernel_range){ shadow_of(batch[i]), shadow_size(batch[i]) };
	if (IS_ENABLED(CONFIG_KASAN))
		kernel_unmap_ranges(ranges, nr, &list.sink);
	for (unsigned int i = 0; i < nr; i++)
		area_forget(batch[i]);
	page_list_free(&list);
}

void vfree(const void *addr)
{
	if (addr)
		vfree_area(addr, VMALLOC_PAGES);
}

/* --- vmap --- */

struct page_array_source {
	struct page_source source;
	struct page *const *next, *const *end;
};

/* Whether the next @nr pages are neighbours, the first one aligned to the whole. */
static bool are_neighbours(const struct page_array_source *array, unsigned long nr)
{
	unsigned long first = page_to_pfn(array->next[0]);

	if ((unsigned long)(array->end - array->next) < nr || !IS_ALIGNED(first, nr))
		return false;
	for (unsigned long i = 1; i < nr; i++)
		if (page_to_pfn(array->next[i]) != first + i)
			return false;
	return true;
}

static phys_addr_t take_from_array(struct page_source *source, u64 size)
{
	struct page_array_source *array = container_of(source, struct page_array_source, source);
	phys_addr_t phys = page_to_phys(array->next[0]);

	if (!are_neighbours(array, size / PAGE_SIZE))
		return PHYS_NONE;
	array->next += size / PAGE_SIZE;
	return phys;
}

void *vmap(struct page *const *pages, unsigned int nr_pages)
{
	struct page_array_source array = {
		.source.take = take_from_array,
		.next = pages,
		.end = pages + nr_pages,
	};
	struct vmalloc_area *area = area_new((unsigned long)nr_pages * PAGE_SIZE, VMALLOC_MAP,
					     GFP_KERNEL, __builtin_return_address(0));

	if (!area)
		return NULL;
	if (kernel_map(area->range.start, area->size, &array.source, KERNEL_RW)) {
		area_end(area);
		return NULL;
	}
	return area_give(area, area->size);
}

static void unmap_area(unsigned long addr, enum vmalloc_kind kind)
{
	struct vmalloc_area *area = area_take_back(addr, kind);

	if (!area)
		return;
	kernel_unmap(area->range.start, area->size, NULL);
	area_end(area);
}

void vunmap(const void *addr)
{
	if (addr)
		unmap_area((unsigned long)addr, VMALLOC_MAP);
}

/* --- ioremap --- */

static bool is_kernel_memory(phys_addr_t phys, u64 size)
{
	unsigned long pfn, end = min((phys + size) / PAGE_SIZE, max_pfn);

	for (pfn = phys / PAGE_SIZE; pfn < end; pfn++)
		if (pfn_is_managed(pfn))
			return true;
	return false;
}

void __iomem *ioremap(phys_addr_t phys, size_t size)
{
	unsigned long offset = phys % PAGE_SIZE;
	phys_addr_t first = phys - offset, end;
	struct vmalloc_area *area;
	u64 mapped;

	if (!size || __builtin_add_overflow(phys, size, &end) || end > MAX_PHYS)
		return NULL;
	mapped = ALIGN_UP(end, PAGE_SIZE) - first;
	if (WARN_ON_ONCE(is_kernel_memory(first, mapped)))
		return NULL;
	area = area_new(mapped, VMALLOC_IO, GFP_KERNEL, __builtin_return_address(0));
	if (!area)
		return NULL;
	area->phys = first;
	if (kernel_map_range(area->range.start, mapped, first, KERNEL_IO)) {
		area_end(area);
		return NULL;
	}
	return (void __iomem __force *)((u8 *)area_give(area, mapped) + offset);
}

void iounmap(volatile void __iomem *addr)
{
	if (addr)
		unmap_area((__force unsigned long)addr & PAGE_MASK, VMALLOC_IO);
}

/* --- queries --- */

bool is_vmalloc_addr(const void *addr)
{
	return (unsigned long)addr - vmalloc_base < VMALLOC_SIZE;
}

struct page *vmalloc_to_page(const void *addr)
{
	unsigned int level;
	pte_t pte = is_vmalloc_addr(addr) ? kernel_query((unsigned long)addr, &level) : 0;
	unsigned long offset;

	if (!pte)
		return NULL;
	offset = (unsigned long)addr & (PT_LEVEL_SIZE(level) - 1);
	pte = (pte & PTE_ADDR_MASK & -PT_LEVEL_SIZE(level)) + offset;
	return pfn_is_managed(pte >> PAGE_SHIFT) ? phys_to_page(pte) : NULL;
}

bool vmalloc_peek(unsigned long addr, struct vmalloc_info *info)
{
	const struct vmalloc_range *range = vmalloc_tree_peek(&areas, addr);
	struct vmalloc_area copy;

	if (!range || kernel_read_nofault(&copy, area_of(range), sizeof(copy)))
		return false;
	info->start = copy.range.start;
	info->size = copy.size;
	info->kind = copy.kind;
	info->phys = copy.phys;
	info->caller = copy.caller;
	return true;
}

void vmalloc_counts_get(struct vmalloc_counts *result)
{
	spin_lock(&vmalloc_lock);
	*result = counts;
	spin_unlock(&vmalloc_lock);
}

__init void vmalloc_init(void)
{
	area_cache =
		kmem_cache_create("vmalloc_area", sizeof(struct vmalloc_area), 0, SLAB_PANIC, NULL);
	vmalloc_tree_init(&areas, vmalloc_base + GUARD_SIZE, vmalloc_base + VMALLOC_SIZE);
}
