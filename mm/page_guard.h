/* SPDX-License-Identifier: GPL-2.0-only */
/* Between mm/page_alloc.c and mm/page_guard.c. */
#ifndef MM_PAGE_GUARD_H
#define MM_PAGE_GUARD_H

#include <oshit/page.h>
#include <oshit/page_guard.h>
#include <oshit/percpu.h>

#define PAGE_GUARD_MAX_ORDER 2

#ifdef CONFIG_DEBUG_PAGE_GUARD
#define PAGE_GUARD_POOL_ORDER 9

DECLARE_PER_CPU(int, page_guard_countdown);
extern struct page *page_guard_pool; /* NULL: there is none */

/* Counts an allocation; whether it is one to be guarded. An interrupt may make it miss one. */
static inline bool page_guard_is_due(void)
{
	return this_cpu_add_return(page_guard_countdown, -1) < 0;
}

static inline bool page_is_guarded(const struct page *page)
{
	return (unsigned long)(page - page_guard_pool) < 1UL << PAGE_GUARD_POOL_ORDER &&
	       page_guard_pool;
}

/* A free block between unmapped pages, or NULL; as from buddy_take(). Any context but NMI. */
struct page *page_guard_take(unsigned int order);
/* Takes back all or part of it; as buddy_give(). */
void page_guard_give(struct page *page, unsigned int order);
/* Pages taken and not given back. */
unsigned long page_guard_nr_used(void);
#else
static inline bool page_guard_is_due(void)
{
	return false;
}
static inline bool page_is_guarded(const struct page *page __maybe_unused)
{
	return false;
}
static inline struct page *page_guard_take(unsigned int order __maybe_unused)
{
	return NULL;
}
static inline void page_guard_give(struct page *page __maybe_unused,
				   unsigned int order __maybe_unused)
{
}
static inline unsigned long page_guard_nr_used(void)
{
	return 0;
}
#endif

#endif
