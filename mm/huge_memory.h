/* SPDX-License-Identifier: GPL-2.0-only */
/* Huge pages of programs: what faults, fork, unmapping and the like ask. In mm/ only. */
#ifndef MM_HUGE_MEMORY_H
#define MM_HUGE_MEMORY_H

#include <oshit/gfp.h>
#include <oshit/mm.h>
#include <oshit/page.h>
#include <oshit/thp.h>

#include "user_table.h"

/* Whether an entry of level 1 maps a huge page, visible or hidden, and leads to no table. */
static inline bool pmd_is_huge(pte_t entry)
{
	return IS_ENABLED(CONFIG_THP) && entry && !pte_is_table(entry);
}

/* The entry of level 0 that maps page @i of what @entry of level 1 does. */
static inline pte_t pmd_part(pte_t entry, unsigned long i)
{
	phys_addr_t phys = pte_phys(entry) + i * PAGE_SIZE;
	pte_t flags = entry & ~(PTE_ADDR_MASK | PTE_LARGE);

	return entry & PTE_PRESENT ? phys | flags : pte_hide(phys | flags);
}

#ifdef CONFIG_THP
extern struct page *huge_zero_page; /* NULL: none now */

/* Of an entry that maps a huge page: the first of its pages; NULL: zeros. */
static inline struct page *pmd_counted_page(pte_t entry)
{
	struct page *page = phys_to_page(pte_phys(entry));

	return page == READ_ONCE(huge_zero_page) ? NULL : page;
}

/* The first of the 512 pages that @page is one of, if some entry maps them all; else NULL. */
static inline struct page *page_huge_head(struct page *page)
{
	struct page *head = page - (page_to_pfn(page) & (HUGE_PAGES - 1));

	return page_has_flag(head, PG_huge) ? head : NULL;
}

/* Whether the area may have a huge page at @start, which is aligned. */
bool huge_page_fits(const struct vm_area *area, unsigned long start);

#define VM_FAULT_FALLBACK 0x10000 /* no huge page here: go on with small ones */

/* A fault where entry *@pmd does not lead to a table: VM_FAULT_ bits. Locks as the fault. */
int huge_fault(struct vm_fault *fault, pte_t *pmd);

/* Whether the above is to be asked. */
static inline bool huge_fault_is_wanted(const struct vm_fault *fault, const pte_t *pmd)
{
	pte_t entry = READ_ONCE(*pmd);

	if (pte_is_table(entry))
		return false;
	return entry || huge_page_fits(fault->area, fault->addr & -HUGE_SIZE);
}

/* No entry maps more than a page at @addr any more, so that parts may change on their own.  It
 * cannot fail. mmap_lock or the area held, or the reverse mapping. */
void huge_split_entry(struct mm_struct *mm, pte_t *pmd, unsigned long addr);
/* The same by the address. */
void huge_split_around(struct mm_struct *mm, unsigned long addr);
/* The same where an area begins or ends, and perhaps in the middle of a huge page. */
void huge_split_at(struct mm_struct *mm, unsigned long addr);

/* For the walks of unmap, fork and mprotect: 0, or PGWALK_DESCEND if the entry is a table now. */
struct user_gather;
int huge_unmap(struct user_gather *gather, pte_t *pmd, unsigned long addr);
struct tlb_pages;
int huge_copy(struct mm_struct *child, const struct vm_area *area, pte_t *pmd, unsigned long addr,
	      struct tlb_pages *protected);
/* @change gives the new entry for an old one. */
int huge_protect(const struct vm_area *area, pte_t *pmd,
		 pte_t (*change)(const void *arg, pte_t entry), const void *arg, bool *lost);

/* References to all of the 512. The last put frees those that no small entry maps. */
void huge_page_get(struct page *head);
void huge_page_put(struct page *head);

/**
 * huge_page_try_split() - make 512 single pages of a huge one
 * All entries that map it whole become tables, found by the reverse mapping, whose lock is not
 * waited for.
 * @head: with a reference by huge_page_get()
 * Context: task, no spinlock.
 * Return: true: the caller's reference is the last, and the pages are single when he has put it;
 * false: the lock is not free, or somebody else has all of it still.
 */
bool huge_page_try_split(struct page *head);

/* For mm/khugepaged.c. The table that waits for the split of a huge page. */
struct page *huge_table_alloc(gfp_t gfp);
void huge_table_free(struct page *table);
/* A huge page with one reference, nobody's yet; NULL: no block. */
struct page *huge_page_alloc(gfp_t gfp);
/* It becomes one of @area at @start. After anon_vma_prepare(), not mapped yet. */
void huge_page_name(struct page *head, const struct vm_area *area, unsigned long start);
/* 512 pages in a row and aligned, each with one mapping and no other reference, become one huge
 * page that is not mapped; its reference is the caller's. Nobody else finds them meanwhile. */
void huge_page_join(struct page *head);
/* Puts @head, whose reference it takes over, into *@pmd, which is locked and empty. */
void huge_page_map(struct vm_area *area, pte_t *pmd, struct page *head, struct page *table,
		   pte_t flags);
#else
static inline struct page *page_huge_head(struct page *page __maybe_unused)
{
	return NULL;
}

static inline struct page *pmd_counted_page(pte_t entry __maybe_unused)
{
	return NULL;
}

static inline bool huge_page_fits(const struct vm_area *area __maybe_unused,
				  unsigned long start __maybe_unused)
{
	return false;
}

#define VM_FAULT_FALLBACK 0x10000

static inline bool huge_fault_is_wanted(const struct vm_fault *fault __maybe_unused,
					const pte_t *pmd __maybe_unused)
{
	return false;
}

static inline int huge_fault(struct vm_fault *fault __maybe_unused, pte_t *pmd __maybe_unused)
{
	return VM_FAULT_FALLBACK;
}

static inline void huge_split_around(struct mm_struct *mm __maybe_unused,
				     unsigned long addr __maybe_unused)
{
}

static inline void huge_split_at(struct mm_struct *mm __maybe_unused,
				 unsigned long addr __maybe_unused)
{
}

static inline void huge_page_put(struct page *head __maybe_unused)
{
}
#endif

#endif
