/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests of address spaces: a program that reads and writes its memory as a processor would, by
 * the tables, with a fault where they do not permit the access.
 */
#ifndef MM_TEST_USER_H
#define MM_TEST_USER_H

#include <linux/mman.h>
#include <oshit/err.h>
#include <oshit/mm.h>
#include <oshit/test.h>

#include "user_page.h"
#include "user_table.h"

#define USER_BASE 0x40000000UL
#define USER_RW	  (PROT_READ | PROT_WRITE)
#define USER_ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define USER_SEGV (-1) /* what a read that must not be returns */

static inline unsigned long user_page_addr(unsigned long page)
{
	return USER_BASE + page * PAGE_SIZE;
}

static inline bool user_fault(struct mm_struct *mm, unsigned long addr, unsigned int flags)
{
	struct vm_area *area;
	int result = VM_FAULT_SIGSEGV;

	down_read(&mm->mmap_lock);
	area = vma_lookup(&mm->areas, addr);
	if (area && vma_permits(area, flags))
		result = handle_mm_fault(area, addr, flags);
	up_read(&mm->mmap_lock);
	return !(result & VM_FAULT_ERROR);
}

static inline bool user_entry_permits(pte_t entry, unsigned int flags)
{
	return entry & PTE_PRESENT && (!(flags & FAULT_FLAG_WRITE) || entry & PTE_WRITE);
}

/* Where the byte of user memory lies in the direct map; NULL: the access is not permitted. */
static inline u8 *user_access(struct mm_struct *mm, unsigned long addr, unsigned int flags)
{
	pte_t entry = user_table_entry(mm, addr);

	for (unsigned int tries = 0; !user_entry_permits(entry, flags); tries++) {
		if (tries == 4 || !user_fault(mm, addr, flags))
			return NULL;
		entry = user_table_entry(mm, addr);
	}
	return (u8 *)phys_to_virt(pte_phys(entry)) + addr % PAGE_SIZE;
}

static inline int user_read(struct mm_struct *mm, unsigned long addr)
{
	const u8 *byte = user_access(mm, addr, FAULT_FLAG_USER);

	return byte ? *byte : USER_SEGV;
}

static inline bool user_write(struct mm_struct *mm, unsigned long addr, u8 value)
{
	u8 *byte = user_access(mm, addr, FAULT_FLAG_USER | FAULT_FLAG_WRITE);

	if (byte)
		*byte = value;
	return byte;
}

/* The page that is mapped at @addr, if it has accounts; else NULL. */
static inline struct page *user_page(struct mm_struct *mm, unsigned long addr)
{
	pte_t entry = user_table_entry(mm, addr);

	return entry ? pte_counted_page(entry) : NULL;
}

static inline unsigned long user_map(struct mm_struct *mm, unsigned long addr, unsigned long len,
				     unsigned long flags)
{
	struct mmap_request request = { .addr = addr, .len = len, .prot = USER_RW, .flags = flags };

	down_write(&mm->mmap_lock);
	addr = do_mmap(mm, &request);
	mmap_write_unlock(mm);
	return addr;
}

static inline int user_unmap(struct mm_struct *mm, unsigned long addr, unsigned long len)
{
	int err;

	down_write(&mm->mmap_lock);
	err = do_munmap(mm, addr, len);
	mmap_write_unlock(mm);
	return err;
}

static inline int user_protect(struct mm_struct *mm, unsigned long addr, unsigned long len,
			       unsigned long prot)
{
	int err;

	down_write(&mm->mmap_lock);
	err = do_mprotect(mm, addr, len, prot);
	mmap_write_unlock(mm);
	return err;
}

static inline int user_advise(struct mm_struct *mm, unsigned long addr, unsigned long len,
			      int advice)
{
	int err;

	down_write(&mm->mmap_lock);
	err = do_madvise(mm, addr, len, advice);
	mmap_write_unlock(mm);
	return err;
}

static inline struct mm_struct *user_new(struct test *t)
{
	struct mm_struct *mm = mm_alloc();

	if (!mm)
		test_skip(t, "no memory");
	else
		mm->mmap_base = USER_BASE;
	return mm;
}

/* The mm of a child; NULL and a failure if there is no memory. */
static inline struct mm_struct *user_fork(struct test *t, struct mm_struct *parent)
{
	struct mm_struct *child = mm_copy(parent);

	EXPECT_FALSE(t, IS_ERR(child));
	return IS_ERR(child) ? NULL : child;
}

#endif
