/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole pages, cleared and copied in the way that suits this processor. Any context. */
#ifndef ARCH_PAGE_OPS_H
#define ARCH_PAGE_OPS_H

#include <arch/page.h>
#include <oshit/string.h>

#ifdef CONFIG_PAGE_OPS
struct page_ops {
	const char *clear_name, *copy_name; /* for the log */
	void (*clear)(void *page);
	void (*copy)(void *to, const void *from);
};

extern struct page_ops page_ops;

/* Boot, with the page allocator at work: measures the ways and takes the fastest. */
void page_ops_init(void);

/* The ways, in arch/x86_64/lib/page.S. */
void clear_page_by_stores(void *page);
void clear_page_by_words(void *page);
void clear_page_by_bytes(void *page);
void copy_page_by_moves(void *to, const void *from);
void copy_page_by_words(void *to, const void *from);
void copy_page_by_bytes(void *to, const void *from);

/* @page is the first byte of a page. */
static inline void clear_page(void *page)
{
	page_ops.clear(page);
}

static inline void copy_page(void *to, const void *from)
{
	page_ops.copy(to, from);
}
#else
static inline void page_ops_init(void)
{
}

static inline void clear_page(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

static inline void copy_page(void *to, const void *from)
{
	memcpy(to, from, PAGE_SIZE);
}
#endif

#endif
