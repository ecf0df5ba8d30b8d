/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Misuse of pages: what is reported, and how the kernel goes on.
 *   double free	the page is free already: the second free does nothing
 *   invalid free	no page, a tail, another order, reserved, of a slab, still used or mapped:
 *			nothing is freed
 *   use after free	a free page was written to (poison): reported when it is next allocated
 * A report names the page, who allocated it and who freed it last (CONFIG_PAGE_OWNER), and who
 * calls now.  Any context but NMI.
 */

#define pr_fmt(fmt) "page: " fmt

#include <oshit/mm_report.h>
#include <oshit/printk.h>
#include <oshit/stack_depot.h>
#include <oshit/stacktrace.h>
#include <oshit/string.h>

#include "page_alloc.h"
#include "page_debug.h"

static const char *what_is_wrong(const struct page *page, unsigned int order)
{
	if (!pfn_is_valid(page_to_pfn(page)))
		return "no page of RAM";
	if (page_has_flag(page, PG_tail))
		return "in the middle of an allocation";
	if (page_has_flag(page, PG_reserved))
		return "reserved";
	if (page_has_flag(page, PG_slab))
		return "of a slab";
	if (page_order(page) != order)
		return "of another order";
	if (page_map_count(page))
		return "still mapped";
	if (page_ref_count(page) != 1)
		return "still used by others";
	return "with unexpected flags";
}

/* What the page array knows; @page has an entry. */
static void show_page(const struct page *page)
{
	pr_err("pfn 0x%lx order %u refs %d maps %d flags 0x%lx\n", page_to_pfn(page),
	       page_order(page), page_ref_count(page), page_map_count(page), page->flags);
	mm_report_stack("allocated by", page->alloc_stack);
	mm_report_stack("last freed by", page->free_stack);
}

static bool page_is_free(const struct page *page)
{
	return pfn_is_valid(page_to_pfn(page)) && page_ref_count(page) == 0 &&
	       !(page->flags & (BIT(PG_tail) | BIT(PG_reserved)));
}

bool page_report_bad_free(struct page *page, unsigned int order)
{
	bool again = page_is_free(page);

	if (again && !IS_ENABLED(CONFIG_DEBUG_PAGE_DOUBLE_FREE))
		return false;
	if (!again && !IS_ENABLED(CONFIG_DEBUG_PAGE_INVALID_FREE))
		return false;
	if (mm_report_begin(again ? MM_DOUBLE_FREE : MM_INVALID_FREE, page)) {
		pr_err("freed as order %u, but it is %s\n", order,
		       again ? "free already" : what_is_wrong(page, order));
		if (pfn_is_valid(page_to_pfn(page)))
			show_page(page);
		mm_report_end();
	}
	return true;
}

#ifdef CONFIG_DEBUG_PAGE_POISON
void page_poison(struct page *page, unsigned int order)
{
	memset(page_to_virt(page), PAGE_POISON, PAGE_SIZE << order);
	for (size_t i = 0; i < 1UL << order; i++)
		__page_set_flag(&page[i], PG_poisoned);
}

static void check_one(const struct page *page, u8 pattern)
{
	const u8 *bytes = page_to_virt(page);
	const u8 *bad = memchr_inv(bytes, pattern, PAGE_SIZE);

	if (!bad || !mm_report_begin(MM_USE_AFTER_FREE, page))
		return;
	pr_err("written to while free: byte 0x%lx is 0x%02x\n", (unsigned long)(bad - bytes), *bad);
	show_page(page);
	mm_report_end();
}

void page_check_poison(struct page *page, unsigned int order)
{
	for (size_t i = 0; i < 1UL << order; i++) {
		if (page_has_flag(&page[i], PG_poisoned)) {
			check_one(&page[i], PAGE_POISON);
			__page_clear_flag(&page[i], PG_poisoned);
		}
	}
}

void page_check_zeroed(struct page *page)
{
	check_one(page, 0);
}
#endif

#ifdef CONFIG_PAGE_OWNER
void page_note_alloc(struct page *page)
{
	page->alloc_stack = stack_depot_save(1);
}

void page_note_free(struct page *page)
{
	page->free_stack = stack_depot_save(1);
}
#endif
