/* SPDX-License-Identifier: GPL-2.0-only */
/* What execve() needs of an address space: one that is being made, then the caller's own. */
#ifndef OSHIT_MM_EXEC_H
#define OSHIT_MM_EXEC_H

#include <oshit/types.h>

struct file;
struct mm_struct;
struct page;

/* The first area of a new address space, [@start, @end): a stack that grows. 0 or -ENOMEM. */
int mm_new_stack(struct mm_struct *mm, unsigned long start, unsigned long end);

/**
 * mm_new_stack_page() - a page of the stack of an address space that no program runs in yet
 * The stack grows down to it if need be.
 * Context: task; may sleep.
 * Return: the page with a reference for the caller, who calls mm_remote_written() if he has written
 * to it; NULL: no memory, or a limit.
 */
struct page *mm_new_stack_page(struct mm_struct *mm, unsigned long addr);

/* Where mappings go: below the stack, @random bytes further down. */
void mm_place_mappings(struct mm_struct *mm, unsigned long random);

/* Where mappings of the caller's new program go: below its stack, by so many random bits. */
void exec_place_mappings(unsigned int random_bits);

/* The following map in the caller's address space, in the place of what is there. Addresses are
 * multiples of PAGE_SIZE, lengths any. 0 or -errno. */
int exec_map_anonymous(unsigned long addr, unsigned long len, unsigned long prot);
int exec_map_file(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
		  unsigned long offset);
int exec_make_stack_executable(void);

/* Free room of the caller's address space for @size bytes; 0: none. */
unsigned long exec_find_place(unsigned long size, unsigned long align);

#endif
