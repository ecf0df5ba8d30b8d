/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of pages by how lately they were used: <oshit/lru.h>. */
#include <oshit/lru.h>

void lru_add(struct page *page __maybe_unused)
{
}

void lru_del(struct page *page __maybe_unused)
{
}

void mark_page_accessed(struct page *page __maybe_unused)
{
}

int page_referenced(struct page *page __maybe_unused)
{
	return 1;
}

int isolate_lru_page(struct page *page __maybe_unused)
{
	return -EBUSY;
}

void putback_lru_page(struct page *page __maybe_unused)
{
}

void lru_writeback_end(struct page *page __maybe_unused)
{
}
