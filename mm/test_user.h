/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests of address spaces: a program that reads and writes its memory as a processor would, by
 * the tables, with a fault where they do not permit the access; and programs that do so at random,
 * beside a model of what they must find.
 */
#ifndef MM_TEST_USER_H
#define MM_TEST_USER_H

#include <linux/mman.h>
#include <oshit/check_mm.h>
#include <oshit/err.h>
#include <oshit/mm.h>
#include <oshit/rmap.h>
#include <oshit/sizes.h>
#include <oshit/test.h>
#include <oshit/test_random.h>
#include <oshit/thp.h>

#include "user_page.h"
#include "user_table.h"

#define USER_BASE	   0x40000000UL
#define USER_RW		   (PROT_READ | PROT_WRITE)
#define USER_ANON	   (MAP_PRIVATE | MAP_ANONYMOUS)
#define USER_SEGV	   (-1) /* what a read that must not be returns */

#define USER_PROGRAM_PAGES (3 * HUGE_PAGES) /* of the model of a random program, from USER_BASE */

static inline unsigned long user_page_addr(unsigned long page)
{
	return USER_BASE + page * PAGE_SIZE;
}

static inline int user_fault_once(struct mm_struct *mm, unsigned long addr, unsigned int flags)
{
	struct vm_area *area;
	int result = VM_FAULT_SIGSEGV;

	down_read(&mm->mmap_lock);
	area = vma_lookup(&mm->areas, addr);
	if (area && vma_permits(area, flags))
		result = handle_mm_fault(area, addr, flags);
	if (!(result & VM_FAULT_UNLOCKED))
		up_read(&mm->mmap_lock);
	return result;
}

static inline bool user_fault(struct mm_struct *mm, unsigned long addr, unsigned int flags)
{
	int result = user_fault_once(mm, addr, flags | FAULT_FLAG_MAY_UNLOCK);

	if (result & VM_FAULT_UNLOCKED)
		result = user_fault_once(mm, addr, flags);
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

/* --- system calls --- */

static inline unsigned long user_map_as(struct mm_struct *mm, struct mmap_request *request)
{
	unsigned long addr;

	down_write(&mm->mmap_lock);
	addr = do_mmap(mm, request);
	mmap_write_unlock(mm);
	return addr;
}

static inline unsigned long user_map(struct mm_struct *mm, unsigned long addr, unsigned long len,
				     unsigned long flags)
{
	struct mmap_request request = { .addr = addr, .len = len, .prot = USER_RW, .flags = flags };

	return user_map_as(mm, &request);
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

static inline unsigned long user_move(struct mm_struct *mm, unsigned long from, unsigned long len,
				      unsigned long to)
{
	struct mremap_request request = {
		.addr = from,
		.old_len = len,
		.new_len = len,
		.flags = MREMAP_MAYMOVE | MREMAP_FIXED,
		.new_addr = to,
	};

	down_write(&mm->mmap_lock);
	to = do_mremap(mm, &request);
	mmap_write_unlock(mm);
	return to;
}

static inline struct mm_struct *user_new(struct test *t)
{
	struct mm_struct *mm = mm_alloc();

	if (!mm)
		test_skip(t, "no memory");
	else
		mm->mmap_base = GIB(64);
	return mm;
}

/* With private memory of @len bytes at USER_BASE; @flags: more than USER_ANON. */
static inline struct mm_struct *user_new_mapped(struct test *t, unsigned long len,
						unsigned long flags)
{
	struct mm_struct *mm = user_new(t);

	if (mm)
		EXPECT_EQ(t, user_map(mm, USER_BASE, len, USER_ANON | MAP_FIXED | flags),
			  USER_BASE);
	return mm;
}

/* The mm of a child; NULL and a failure if there is no memory. */
static inline struct mm_struct *user_fork(struct test *t, struct mm_struct *parent)
{
	struct mm_struct *child = mm_copy(parent);

	EXPECT_FALSE(t, IS_ERR(child));
	return IS_ERR(child) ? NULL : child;
}

/* --- what must hold --- */

static inline void user_expect_sound(struct test *t, struct mm_struct *mm)
{
	struct vm_area *area;

	down_write(&mm->mmap_lock);
	EXPECT_EQ(t, mm_check(mm), 0u);
	EXPECT_EQ(t, vma_verify(&mm->areas), 0u);
	for_each_vma(area, &mm->areas)
		EXPECT_EQ(t, anon_vma_verify(area), 0u);
	mmap_write_unlock(mm);
}

/* The reverse mapping finds all entries that the page at @addr counts, and no other. */
static inline void user_expect_mappings(struct test *t, struct mm_struct *mm, unsigned long addr)
{
	struct page *page = user_page(mm, addr);

	if (page && IS_ENABLED(CONFIG_RMAP))
		EXPECT_EQ(t, (int)rmap_count_entries(page), page_all_maps(page));
}

/* --- random programs --- */

struct user_program {
	struct mm_struct *mm; /* NULL: not running */
	s16 value[USER_PROGRAM_PAGES]; /* of the first byte of each page; USER_SEGV: not mapped */
	u8 prot[USER_PROGRAM_PAGES];
};

static inline void user_program_set(struct user_program *program, unsigned long first,
				    unsigned long end, s16 value, u8 prot)
{
	for (unsigned long page = first; page < end; page++) {
		program->value[page] = value;
		program->prot[page] = prot;
	}
}

static inline void user_program_end(struct user_program *program)
{
	if (program->mm)
		mmput(program->mm);
	program->mm = NULL;
}

static inline void user_program_fork(struct test *t, const struct user_program *parent,
				     struct user_program *child)
{
	if (child == parent)
		return;
	user_program_end(child);
	*child = *parent;
	child->mm = user_fork(t, parent->mm);
}

/* Advice: the pages are empty again. */
static inline void user_program_drop(struct user_program *program, unsigned long first,
				     unsigned long end)
{
	user_advise(program->mm, user_page_addr(first), (end - first) * PAGE_SIZE, MADV_DONTNEED);
	for (unsigned long page = first; page < end; page++)
		if (program->value[page] != USER_SEGV)
			program->value[page] = 0;
}

/* Writes to @page, or compares what it reads with the model. */
static inline void user_program_access(struct test *t, struct test_random *random,
				       struct user_program *program, unsigned long page)
{
	bool mapped = program->value[page] != USER_SEGV;
	u8 value = test_random_next(random);

	if (test_random_below(random, 2)) {
		bool may = mapped && program->prot[page] & PROT_WRITE;

		EXPECT_EQ(t, user_write(program->mm, user_page_addr(page), value), may);
		if (may)
			program->value[page] = value;
	} else {
		EXPECT_EQ(t, user_read(program->mm, user_page_addr(page)),
			  mapped && program->prot[page] ? program->value[page] : USER_SEGV);
	}
}

#endif
