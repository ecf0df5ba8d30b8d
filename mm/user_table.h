/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of user address spaces, their locks, and the gather through which pages leave them.  In
 * mm/ only.
 *
 * Locks.  With CONFIG_SPLIT_PTLOCKS a table of level 0 (entries of pages) or 1 (links to those, and
 * entries of large pages) has a lock of its own, in its struct page; links above are under
 * page_table_lock.  Without it page_table_lock is the lock of them all, so no two are held together
 * but those of a parent and, nested, of its child.  A link is written under the lock of the table
 * that it stands in, and emptied under that of the table that it leads to.
 *
 * Who may walk down to a table, and keep it:
 *
 *	mmap_lock held		all stay: user_table_find(), user_table_populate()
 *	an area held		the same for the addresses in it
 *	nothing held		user_pte_find_lock(): tables are freed after a grace period
 *
 * Who unlinks a table holds mmap_lock and the areas of its addresses for writing, empties the link
 * under the lock of the table, and hands it to the gather, which flushes what processors have
 * cached of it and frees it after a grace period.
 */
#ifndef MM_USER_TABLE_H
#define MM_USER_TABLE_H

#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/page.h>
#include <oshit/spinlock.h>

#define USER_TABLE_BITS (PTE_PRESENT | PTE_WRITE | PTE_USER)
#define GATHER_PAGES	48 /* on the stack */
#define MAX_BATCHES	20 /* of a page each: a flush for each 40 MiB, if there is memory */

struct gather_batch { /* a page */
	struct gather_batch *next; /* the one before, which is full */
	struct page *pages[PAGE_SIZE / sizeof(struct page *) - 1];
};

/*
 * Pages and tables that were taken out of an address space wait here until no CPU can reach them
 * any more. On the stack of who unmaps; mmap_lock held for writing.
 */
struct user_gather {
	struct mm_struct *mm; /* in */
	unsigned long start, last; /* range to flush; start > last: nothing */
	struct page **next, **end; /* where the next reference goes, and where there is no room */
	struct gather_batch *batches; /* the latest first; NULL: pages[] is in use */
	unsigned int nr_batches;
	struct page *tables; /* unlinked */
	struct page *pages[GATHER_PAGES]; /* a reference each */
};

void user_gather_begin(struct user_gather *gather, struct mm_struct *mm);
/* The translation of [start, last] is gone from the tables. */
static inline void user_gather_range(struct user_gather *gather, unsigned long start,
				     unsigned long last)
{
	gather->start = min(gather->start, start);
	gather->last = max(gather->last, last);
}
/* Makes room for more references; false: there is none before a flush. Any context. */
bool user_gather_more(struct user_gather *gather);
/* Whether a reference can be handed over: with a lock held, for who can flush without it. */
static inline bool user_gather_has_room(struct user_gather *gather)
{
	return likely(gather->next != gather->end) || user_gather_more(gather);
}
/* Takes over a reference, for which there is room. */
static inline void user_gather_page(struct user_gather *gather, struct page *page)
{
	*gather->next++ = page;
}
#define GATHER_HUGE 1UL /* in a pointer to a page: the reference is to a huge page */
/* The same for a huge page, whose reference is one of huge_page_get(). */
static inline void user_gather_huge(struct user_gather *gather, struct page *head)
{
	*gather->next++ = (struct page *)((unsigned long)head | GATHER_HUGE);
}
/* Takes over a table that was unlinked and holds zeros; the range that led to it is told by the
 * caller. */
void user_gather_table(struct user_gather *gather, struct page *table);
/* Flushes, and lets the pages go. */
void user_gather_end(struct user_gather *gather);

/* --- locks of tables --- */

/* What lockdep knows of these: a map for each level, and for a child's in its parent's. */
extern struct lockdep_map user_table_lock_maps[2][2];

/* The lock of the entries of a table of level 0 or 1, by one of them.  @nested: 1 for a child's. */
static __always_inline void __user_table_lock(struct mm_struct *mm, const pte_t *entry,
					      unsigned int level, unsigned int nested)
	__acquires(&mm->page_table_lock)
{
	if (!IS_ENABLED(CONFIG_SPLIT_PTLOCKS)) {
		spin_lock_nested(&mm->page_table_lock, nested);
		return;
	}
	__spin_acquire(&virt_to_page(entry)->table_lock, &user_table_lock_maps[level][nested], 0);
	__acquire(&mm->page_table_lock);
}

static __always_inline void __user_table_unlock(struct mm_struct *mm, const pte_t *entry,
						unsigned int level, unsigned int nested)
	__releases(&mm->page_table_lock)
{
	if (!IS_ENABLED(CONFIG_SPLIT_PTLOCKS)) {
		spin_unlock(&mm->page_table_lock);
		return;
	}
	__spin_release(&virt_to_page(entry)->table_lock, &user_table_lock_maps[level][nested]);
	preempt_enable();
	__release(&mm->page_table_lock);
}

/* Of level 0: entries of pages. */
#define user_pte_lock(mm, pte)		__user_table_lock(mm, pte, 0, 0)
#define user_pte_unlock(mm, pte)	__user_table_unlock(mm, pte, 0, 0)
/* Of level 1: entries of large pages, and links to tables of level 0. */
#define user_pmd_lock(mm, pmd)		__user_table_lock(mm, pmd, 1, 0)
#define user_pmd_unlock(mm, pmd)	__user_table_unlock(mm, pmd, 1, 0)
/* The same of a child's table, while the parent's is locked. */
#define user_pte_lock_nested(mm, pte)	__user_table_lock(mm, pte, 0, 1)
#define user_pte_unlock_nested(mm, pte) __user_table_unlock(mm, pte, 0, 1)
#define user_pmd_lock_nested(mm, pmd)	__user_table_lock(mm, pmd, 1, 1)
#define user_pmd_unlock_nested(mm, pmd) __user_table_unlock(mm, pmd, 1, 1)

/* --- tables --- */

/* 0 or -ENOMEM. */
int user_tables_init(struct mm_struct *mm);
/* All is unmapped and all tables freed; no CPU uses them. */
void user_tables_destroy(struct mm_struct *mm);

/* The entry of level 0 for @addr, its tables made; NULL: no memory, or there is a huge page.
 * mmap_lock, or the area, held; may sleep. */
pte_t *user_table_populate(struct mm_struct *mm, unsigned long addr);
/* The same in two steps: the entry of level 1, and with it that of level 0. */
pte_t *user_pmd_populate(struct mm_struct *mm, unsigned long addr);
pte_t *user_pte_populate(struct mm_struct *mm, pte_t *pmd, unsigned long addr);
/* The entry of level 1, if its table exists. */
pte_t *user_pmd_find(struct mm_struct *mm, unsigned long addr);
/* The entry of level 0, if its table exists. */
pte_t *user_table_find(struct mm_struct *mm, unsigned long addr);

/* What maps @addr, as an entry of level 0, be it a part of a huge page; 0: nothing. */
pte_t user_table_entry(struct mm_struct *mm, unsigned long addr);

/**
 * user_pte_find_lock() - the same, locked, for who holds neither mmap_lock nor an area
 * The table stays what it is as long as it is locked. @mm cannot be destroyed meanwhile.
 * Context: any but NMI. Return: the entry, for user_pte_unlock(); NULL without a lock: no table.
 */
#define user_pte_find_lock(mm, addr)                                       \
	({                                                                 \
		pte_t *__pte = __user_pte_find_lock(mm, addr);             \
		__cond_lock(&(mm)->page_table_lock, __pte) ? __pte : NULL; \
	})
pte_t *__user_pte_find_lock(struct mm_struct *mm, unsigned long addr);

/* What those hold for reading who look for all mappings of a page, be it a file's or anonymous.
 * NULL: nobody finds the area by such a page. */
struct rmap_locks {
	struct rw_semaphore *file, *anon;
};
void rmap_locks_take(const struct rmap_locks *rmap);
void rmap_locks_drop(const struct rmap_locks *rmap);

/**
 * user_table_move() - let the table of level 0 for @from be the one for @to
 * @rmap: taken as long as the table is at neither place
 * Both are multiples of what it covers. Old translations are flushed in between, with no spinlock
 * held.
 * Context: mmap_lock held for writing; may sleep. Return: false: there is none, or one at @to.
 */
bool user_table_move(struct mm_struct *mm, unsigned long from, unsigned long to,
		     const struct rmap_locks *rmap);

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
 * Context: mmap_lock held, or i_mmap_lock of the mapping that an area with the range is known to.
 */
void user_unmap_pages(struct user_gather *gather, unsigned long start, unsigned long end);

/* The same for pages of files alone: what private areas have made of them stays. */
void user_unmap_cached_pages(struct user_gather *gather, unsigned long start, unsigned long end);

/* Rights of a present entry for pages of @area, writable only if @area is, and no fault is needed
 * to know that a page gets dirty. */
pte_t user_pte_flags(const struct vm_area *area);

#endif
