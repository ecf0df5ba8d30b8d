/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lists of pages by how lately they were used, from which reclaim takes what is to go: mm/lru.c has
 * the lists, mm/vmscan.c the choice.  On them are the pages of programs and of page caches:
 *
 *	anon	private memory, and files that have no other place (tmpfs, shared memory): such a
 *		page goes to swap, or stays
 *	file	pages that are stored elsewhere: clean ones are forgotten, dirty ones stored first
 *
 * each with an inactive list, from whose end pages go, and an active one; those that mlock() holds
 * are on a list of their own, that nobody looks through.  A huge page is there as one, by its head.
 * A list holds no references: the last put_page() takes the page off.
 *
 * Flags, changed by atomic operations as all flags of a page that others know:
 *
 *	PG_lru		on a list, or on its way there (a batch of some CPU); under lru lock
 *	PG_active, PG_file, PG_unevictable	which list; under lru lock, or of one taken off
 *	PG_referenced	used once since it was last looked at
 *	PG_reclaim	in writeback, and to go when that is done
 */
#ifndef OSHIT_LRU_H
#define OSHIT_LRU_H

#include <linux/errno.h>
#include <oshit/bitops.h>
#include <oshit/mmzone.h>
#include <oshit/page.h>
#include <oshit/types.h>

enum lru_list {
	LRU_INACTIVE_ANON,
	LRU_ACTIVE_ANON, /* an active list follows its inactive one */
	LRU_INACTIVE_FILE,
	LRU_ACTIVE_FILE,
	LRU_UNEVICTABLE,
	NR_LRU_LISTS,
};

/* The flags that say something of lists; none is left on a page that is freed. */
#define LRU_FLAGS                                                              \
	(BIT(PG_lru) | BIT(PG_active) | BIT(PG_referenced) | BIT(PG_reclaim) | \
	 BIT(PG_unevictable) | BIT(PG_file))

#define LRU_BATCH 32u /* pages that a lock is taken for */

static inline bool lru_is_file(enum lru_list list)
{
	return list == LRU_INACTIVE_FILE || list == LRU_ACTIVE_FILE;
}

static inline bool lru_is_active(enum lru_list list)
{
	return list == LRU_ACTIVE_ANON || list == LRU_ACTIVE_FILE;
}

#ifdef CONFIG_RECLAIM
/**
 * lru_add() - put a page on the inactive list of its kind
 * @page: on no list; page->mapping is set, and the caller has a reference
 * Once for each page that a program or a page cache holds, when it is new, before it is mapped.
 * Context: task; may hold spinlocks.
 */
void lru_add(struct page *page);
/* The same of one that nobody else knows yet: no atomic operation. */
void lru_add_new(struct page *page);

/* Takes off what is freed: by the last put_page() of a page with one of LRU_FLAGS. */
void lru_del(struct page *page);
/* The same of many at once, up to LRU_BATCH. */
void lru_del_pages(struct page **pages, unsigned int nr);

/* The page was used through the kernel: read() and the like. Any context but NMI. */
void mark_page_accessed(struct page *page);

/**
 * isolate_lru_page() - take a page off its list, for who moves it or looks for memory
 * @page: with a reference of the caller's; he gets another, until putback_lru_page()
 * Return: 0; -EBUSY: it is on none, or a huge page.
 */
int isolate_lru_page(struct page *page);
/* Puts it back, to the list that its flags name, and drops the reference. */
void putback_lru_page(struct page *page);

/* The writeback of @page has ended, and PG_writeback is cleared: one that was to go (PG_reclaim) is
 * put where it is looked at next. Any context but NMI. */
void lru_writeback_end(struct page *page);

/* The page goes before others of its kind: MADV_COLD. Any context but NMI. */
void lru_deactivate(struct page *page);
/* The same of a private page whose contents nobody wants, unless he writes to it again: it is among
 * the pages of files from now on, which need no swap. */
void lru_make_discardable(struct page *page);
/* The page is among those that nobody looks through, or not any more. Any context but NMI. */
void lru_mlock(struct page *page);
void lru_munlock(struct page *page);

/* --- for mm/vmscan.c --- */

struct lru_isolation {
	enum lru_list list; /* in */
	enum zone_id highest; /* in   pages of higher zones are of no use */
	unsigned long nr_scanned; /* out  adds: in pages, those of huge ones counted */
	struct page *pages[LRU_BATCH]; /* out  each with a reference: huge ones to all */
};

/* Takes up to @nr entries, LRU_BATCH at most, off the end of a list. Return: how many. */
unsigned int lru_isolate(struct lru_isolation *isolation, unsigned int nr);
/* Puts pages back, to the lists that their flags name; references stay the caller's. */
void lru_putback_pages(struct page **pages, unsigned int nr);

/* A huge page is one no more, or the 512 pages in a row become one: mm/huge_memory.c. */
void lru_forget_huge(struct page *head);
bool lru_take_row(struct page *first, unsigned int nr);
void lru_give_row(struct page *first, unsigned int nr);

/* In pages; those in batches are not counted. Any context. */
unsigned long lru_nr_pages(enum lru_list list);
/* Pages that are isolated now; @nr of them are gone. */
unsigned long lru_nr_isolated(void);
void lru_isolated_freed(unsigned long nr);
/* What scans of a kind have cost lately, and came to nothing: more is spared. Any context. */
void lru_note_cost(bool is_file, unsigned long nr);
void lru_costs(unsigned long *anon, unsigned long *file);
/* Whether what is behind @page is stored elsewhere, so that it belongs to the lists of files. */
bool lru_page_is_file(const struct page *page);
/* Puts what is in the batches of all CPUs on the lists. Any context but NMI. */
void lru_drain_all(void);
/* Walks the lists and compares counts and flags. For tests. Return: violations. */
unsigned int lru_verify(void);
/* The same without the lock, all other CPUs stopped. */
unsigned int lru_verify_stopped(void);
#else
static inline void lru_add(struct page *page __maybe_unused)
{
}

static inline void lru_add_new(struct page *page __maybe_unused)
{
}

static inline void lru_del(struct page *page __maybe_unused)
{
}

static inline void lru_del_pages(struct page **pages __maybe_unused,
				 unsigned int nr __maybe_unused)
{
}

static inline void mark_page_accessed(struct page *page __maybe_unused)
{
}

static inline int isolate_lru_page(struct page *page __maybe_unused)
{
	return -EBUSY;
}

static inline void putback_lru_page(struct page *page __maybe_unused)
{
}

static inline void lru_writeback_end(struct page *page __maybe_unused)
{
}

static inline void lru_deactivate(struct page *page __maybe_unused)
{
}

static inline void lru_make_discardable(struct page *page __maybe_unused)
{
}

static inline void lru_mlock(struct page *page __maybe_unused)
{
}

static inline void lru_munlock(struct page *page __maybe_unused)
{
}

static inline void lru_forget_huge(struct page *head __maybe_unused)
{
}

static inline bool lru_take_row(struct page *first __maybe_unused, unsigned int nr __maybe_unused)
{
	return true;
}

static inline void lru_give_row(struct page *first __maybe_unused, unsigned int nr __maybe_unused)
{
}

static inline unsigned long lru_nr_pages(enum lru_list list __maybe_unused)
{
	return 0;
}

static inline void lru_drain_all(void)
{
}
#endif

#endif
