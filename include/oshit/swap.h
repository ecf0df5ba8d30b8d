/* SPDX-License-Identifier: GPL-2.0-only */
/* Swap, for reclaim: there is none yet. */
#ifndef OSHIT_SWAP_H
#define OSHIT_SWAP_H

#include <linux/errno.h>
#include <oshit/types.h>

struct page;

static inline bool add_to_swap(struct page *page __maybe_unused)
{
	return false;
}

static inline bool page_in_swap_cache(const struct page *page __maybe_unused)
{
	return false;
}

static inline bool try_to_unmap(struct page *page __maybe_unused)
{
	return false;
}

static inline int swap_writepage(struct page *page __maybe_unused)
{
	return -EIO;
}

static inline bool swap_cache_free_page(struct page *page __maybe_unused)
{
	return false;
}

static inline unsigned long nr_free_swap_slots(void)
{
	return 0;
}

#endif
