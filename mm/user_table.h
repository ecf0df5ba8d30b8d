/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables of user address spaces, and the gather through which pages leave them. In mm/ only. */
#ifndef MM_USER_TABLE_H
#define MM_USER_TABLE_H

#include <oshit/mm.h>

#define USER_TABLE_BITS (PTE_PRESENT | PTE_WRITE | PTE_USER)
#define GATHER_PAGES	64 /* references that wait for one flush */

/*
 * Pages and tables that were taken out of an address space wait here until no CPU can reach them
 * any more. On the stack of who unmaps; mmap_lock held for writing.
 */
struct user_gather {
	struct mm_struct *mm; /* in */
	unsigned long start, last; /* range to flush; start > last: nothing */
	unsigned int nr;
	struct page *pages[GATHER_PAGES]; /* a reference each */
};

void user_gather_begin(struct user_gather *gather, struct mm_struct *mm);
/* The translation of [start, last] is gone from the tables. */
void user_gather_range(struct user_gather *gather, unsigned long start, unsigned long last);
/* Takes over a reference. May flush, so no spinlock is held. */
void user_gather_page(struct user_gather *gather, struct page *page);
/* Flushes, and lets the pages go. */
void user_gather_end(struct user_gather *gather);

/* 0 or -ENOMEM. */
int user_tables_init(struct mm_struct *mm);
/* All is unmapped and all tables freed; no CPU uses them. */
void user_tables_destroy(struct mm_struct *mm);

/* The entry of level 0 for @addr, its tables made; NULL: no memory. mmap_lock held; may sleep. */
pte_t *user_table_populate(struct mm_struct *mm, unsigned long addr);
/* The same, if it exists. */
pte_t *user_table_find(struct mm_struct *mm, unsigned long addr);

/**
 * user_tables_free() - unlink the tables that nobody needs any more
 * @start: of what was unmapped
 * @last: its last byte
 * @floor: nothing is mapped from here ...
 * @ceiling: ... up to here, the first byte of the next area
 *
 * Frees each table that covers a part of [@start, @last] and nothing outside of [@floor, @ceiling).
 * Context: mmap_lock held for writing.
 */
struct user_hole {
	unsigned long start, last;
	unsigned long floor, ceiling;
};
void user_tables_free(struct user_gather *gather, const struct user_hole *hole);

/**
 * user_unmap_pages() - take the pages of a range out of the tables
 * The entries are emptied, accounts kept, pages and flush left to @gather.
 * Context: mmap_lock held.
 */
void user_unmap_pages(struct user_gather *gather, unsigned long start, unsigned long end);

/* Rights of a present entry for pages of @area, writable only if @area is. */
pte_t user_pte_flags(const struct vm_area *area);

#endif
