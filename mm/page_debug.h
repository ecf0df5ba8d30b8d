/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hooks of the page allocator for finding misuse.  Each kind is an option of its own; with all of
 * them off these are empty, and a bad free corrupts the free lists in silence.
 */
#ifndef MM_PAGE_DEBUG_H
#define MM_PAGE_DEBUG_H

#include <oshit/gfp.h>
#include <oshit/page.h>

#define PAGE_POISON 0xaa /* every byte of a free page */

#define DEBUG_PAGE_FREE \
	(IS_ENABLED(CONFIG_DEBUG_PAGE_DOUBLE_FREE) || IS_ENABLED(CONFIG_DEBUG_PAGE_INVALID_FREE))

/*
 * Whether @page is what alloc_pages(@order) returned, with its one reference, mapped nowhere.  Both
 * counts are read in one load.
 */
static inline bool page_can_be_freed(const struct page *page, unsigned int order)
{
	return (page->flags & ~(PAGE_ZONE_MASK)) == (unsigned long)order << PAGE_ORDER_SHIFT &&
	       READ_ONCE(page->counts) == PAGE_COUNTS_UNSHARED;
}

/* Reports a free for which the above is false. Return: true if it must not go on. */
bool page_report_bad_free(struct page *page, unsigned int order);

#ifdef CONFIG_DEBUG_PAGE_POISON
/* Fills free pages; the check before the next use reports who wrote to them. */
void page_poison(struct page *page, unsigned int order);
void page_check_poison(struct page *page, unsigned int order);
/* The same for a free page that holds zeros. */
void page_check_zeroed(struct page *page);
#else
static inline void page_poison(struct page *page __maybe_unused, unsigned int order __maybe_unused)
{
}
static inline void page_check_zeroed(struct page *page __maybe_unused)
{
}
static inline void page_check_poison(struct page *page __maybe_unused,
				     unsigned int order __maybe_unused)
{
}
#endif

#ifdef CONFIG_PAGE_OWNER
/* Note in the head who allocates or frees it. */
void page_note_alloc(struct page *page);
void page_note_free(struct page *page);
#else
static inline void page_note_alloc(struct page *page __maybe_unused)
{
}
static inline void page_note_free(struct page *page __maybe_unused)
{
}
#endif

#endif
