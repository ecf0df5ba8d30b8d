/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of mm/ that keep areas and accounts of address spaces. */
#ifndef MM_MM_INTERNAL_H
#define MM_MM_INTERNAL_H

#include <oshit/mm.h>

/* Adds @nr_pages (below 0: takes away) of an area with @flags to the accounts.
 * mmap_lock held for writing. */
void mm_account_area(struct mm_struct *mm, unsigned long flags, long nr_pages);

/* Whether the limits of the present task allow so many more pages of an area with @flags. */
bool mm_may_grow(struct mm_struct *mm, unsigned long flags, unsigned long nr_pages);

/* The same for pages that only become data: RLIMIT_DATA. */
bool mm_data_may_grow(struct mm_struct *mm, unsigned long nr_pages);

/* Whether the caller may lock any amount of memory. */
bool mm_locks_freely(void);

/* Whether the caller may use what is kept for root. */
bool mm_caller_is_admin(void);
/* The caller has made bytes dirty that will be stored. Any task. */
void mm_count_stored(unsigned long bytes);


/* A place for @len bytes below @limit: at @hint if there is room, else the highest below mmap_base;
 * or -ENOMEM. mmap_lock held for writing. */
unsigned long mm_find_free(struct mm_struct *mm, unsigned long hint, unsigned long len,
			   unsigned long limit);

/* Whether so many more pages of an area with @flags may be locked: 0 or -EAGAIN. */
int mm_check_locked(const struct mm_struct *mm, unsigned long flags, unsigned long nr_pages);

/* The pages of [@start, @end), all in @area, are about to leave it: if it has locked them reclaim
 * looks at them again, for others may have them, too. mmap_lock held. */
void mm_unlock_pages(struct vm_area *area, unsigned long start, unsigned long end);

/* Whether the caller may lock memory at all. */
bool mm_may_lock(void);

/**
 * fault_wait_unlocked() - wait for a disk without what the fault holds
 * @page: is being read, or stored, and the fault must wait for that; a reference, which is put
 * Return: true: VM_FAULT_UNLOCKED is to be returned, and fault->area not looked at again; false:
 * the fault may not let go, nothing was done.
 */
bool fault_wait_unlocked(const struct vm_fault *fault, struct page *page);

/* The pages from *@addr on come, up to @end or the end of @area, unless they are there and permit
 * an access of FAULT_FLAG_ @flags, which the area does; as many as writers of mmap_lock may wait
 * for. It is held for reading. 0; -ENOMEM; -EFAULT: there is none. *@addr is where it stopped. */
int mm_fault_in_batch(struct vm_area *area, unsigned long *addr, unsigned long end,
		      unsigned int flags);

/* Whether the caller's memory @mm with the rights PROT_ @prot is to be executable, too. That of a
 * program that execve() is making is not the caller's yet. */
bool mm_read_implies_exec(const struct mm_struct *mm, unsigned long prot);

/* Lets go of file and mapping of an area that is in no set any more, and frees it. */
void mm_free_area(struct vm_area *area);

/* Unmaps [@start, @end), made of whole areas: pages, tables, accounts and the areas themselves. */
void mm_remove_areas(struct mm_struct *mm, unsigned long start, unsigned long end);

#endif
