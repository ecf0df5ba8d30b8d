/* SPDX-License-Identifier: GPL-2.0-only */
/* Swap, for mm/ alone: entries, the cache, the way in. mm/swap.c has the theory. */
#ifndef MM_SWAP_H
#define MM_SWAP_H

#include <arch/pgtable.h>
#include <linux/errno.h>
#include <oshit/gfp.h>
#include <oshit/mm.h>
#include <oshit/page.h>
#include <oshit/swap.h>

/* A place in swap: the device and its slot, as in an entry of a table.  0: none. */
typedef struct {
	pte_t pte;
} swap_entry_t;

static inline swap_entry_t swap_entry_of(pte_t pte)
{
	return (swap_entry_t){ pte };
}

/* Of a page in the cache. */
static inline swap_entry_t page_swap_entry(const struct page *page)
{
	return (swap_entry_t){ READ_ONCE(page->private) };
}

/* More than half are in use: those that stand for pages which are in memory as well are given back
 * from here on. */
static inline bool swap_slots_are_scarce(void)
{
	return nr_free_swap_slots() < nr_swap_slots() / 2;
}

#ifdef CONFIG_SWAP
static inline bool pte_is_swapped(pte_t pte)
{
	return pte_is_swap(pte);
}

/* One more, one less entry of a table that names a slot, which is in use. The last one frees it,
 * and the page in the cache. Task; may hold the lock of a table. */
void swap_entry_get(swap_entry_t entry);
void swap_entry_put(swap_entry_t entry);
/* How many there are. The same. */
unsigned int swap_entry_count(swap_entry_t entry);

/* --- the cache. Of a locked page, unless said otherwise --- */

/* A page gets a slot, and is in the cache, dirty; page->private is the entry. False: there is none,
 * or no memory. */
bool swap_place(struct page *page, gfp_t gfp);

/* The page of @entry, with a reference; NULL: it is not in memory. The same. */
struct page *swap_cache_get(swap_entry_t entry);
/* Whether the slot is in use, and its page not in memory. A guess. The same. */
bool swap_is_only_on_disk(swap_entry_t entry);
/* A new page joins. 0; -EEXIST: there is one; -ENOENT: nobody names the slot any more; -ENOMEM. */
int swap_cache_add(struct page *page, swap_entry_t entry, gfp_t gfp);
/* Takes a page out of the cache, which is not being stored. */
void swap_cache_remove(struct page *page);
/* The same if no entry of a table names its slot; its contents are in memory alone then. Whether it
 * is out. */
bool swap_cache_leave(struct page *page);
/* An entry that named the page's slot maps it now. */
void swap_cache_mapped(struct page *page);
/* A page that an entry has mapped until now, or that was stored: if nobody maps it or names its
 * slot it leaves the cache, unless somebody has locked it, who calls this when he has unlocked it.
 * With a reference. The same. */
void __swap_drop_orphan(struct page *page);
static inline void swap_drop_orphan(struct page *page)
{
	if (unlikely(page_has_flag(page, PG_swapcache)))
		__swap_drop_orphan(page);
}
/* The pages of a device leave the cache, those that are mapped by all who named them. */
void swap_cache_shrink(unsigned int device);

/* --- the disk: mm/page_io.c --- */

void page_io_init(void); /* boot */
u64 swap_sector(swap_entry_t entry, struct disk **disk);
/* Waits until @nr more pages could be written at once, if nobody else did; or a fatal signal. */
void swap_wait_for_writes(unsigned int nr);
/* The page of @entry, with a reference, which is being read and locked as long. ERR_PTR: as of
 * swap_cache_add(). Its neighbours in swap come, too. */
struct page *swap_read(swap_entry_t entry, gfp_t gfp);
/* The slots around @slot that are worth reading with it: [first, first + nr). */
unsigned int swap_cluster(swap_entry_t entry, unsigned long *first);

/* --- address spaces: mm/swap_in.c, mm/swap_out.c --- */

/*
 * Maps the page that fault->entry says is in swap: for writing only if nobody else has it, else
 * read-only.  fault->entry is what was mapped; 0: somebody was faster.  VM_FAULT_ bits.
 */
int swap_fault(struct vm_fault *fault);
/* A page that is mapped read-only leaves the cache if nobody else has it. True: nothing is held any
 * more, as by fault_wait_unlocked(). */
bool swap_try_reuse(struct vm_fault *fault, struct page *page);
void swap_note_mm(struct mm_struct *mm);
/* Brings back what is on @device. 0 or -errno: swap_device_remove(). */
int swap_in_all(unsigned int device, gfp_t gfp);
/* madvise(): the pages of a range begin to come; those of another go. mmap_lock held. */
void swap_will_need(struct vm_area *area, unsigned long start, unsigned long end);
void swap_page_out(struct vm_area *area, unsigned long start, unsigned long end);
#else
static inline bool pte_is_swapped(pte_t pte __maybe_unused)
{
	return false;
}

static inline void swap_entry_get(swap_entry_t entry __maybe_unused)
{
}

static inline void swap_entry_put(swap_entry_t entry __maybe_unused)
{
}

static inline unsigned int swap_entry_count(swap_entry_t entry __maybe_unused)
{
	return 0;
}

static inline struct page *swap_cache_get(swap_entry_t entry __maybe_unused)
{
	return NULL;
}

static inline bool swap_cache_leave(struct page *page __maybe_unused)
{
	return false;
}

static inline void swap_drop_orphan(struct page *page __maybe_unused)
{
}

static inline int swap_fault(struct vm_fault *fault __maybe_unused)
{
	return VM_FAULT_SIGBUS;
}

static inline bool swap_try_reuse(struct vm_fault *fault __maybe_unused,
				  struct page *page __maybe_unused)
{
	return false;
}

static inline void swap_note_mm(struct mm_struct *mm __maybe_unused)
{
}

static inline void swap_will_need(struct vm_area *area __maybe_unused,
				  unsigned long start __maybe_unused,
				  unsigned long end __maybe_unused)
{
}

static inline void swap_page_out(struct vm_area *area __maybe_unused,
				 unsigned long start __maybe_unused,
				 unsigned long end __maybe_unused)
{
}
#endif

#endif
