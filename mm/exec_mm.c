/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces for execve(): the stack of the new one, written before anything runs there, and
 * the place of its mappings.
 *
 *	USER_END   stack top   ...   stack   gap   mmap_base   mappings downwards
 *
 * The gap leaves the stack all that RLIMIT_STACK may ever let it have, between 128 MiB and five
 * sixths of the address space, as Linux does.
 *
 * Nobody runs in it, but reclaim knows its pages, and may take them away at any time: so who writes
 * to one has a reference, and says afterwards that it is not what it was.
 *
 * Context: task; takes mmap_lock, which nobody else wants yet.
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/personality.h>
#include <linux/resource.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/mm_exec.h>
#include <oshit/overcommit.h>
#include <oshit/rlimit.h>
#include <oshit/sizes.h>

#include "mm_internal.h"

#define STACK_MAX_RANDOM GIB(16) /* as the stack's place is random by so much */

int mm_new_stack(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area *area = vma_alloc();
	int err;

	if (!area)
		return -ENOMEM;
	area->mm = mm;
	area->start = start;
	area->end = end;
	area->pgoff = start >> PAGE_SHIFT;
	area->flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_GROWSDOWN |
		      VM_ACCOUNT;
	err = vm_enough_memory(mm, vma_pages(area));
	if (err)
		goto free;
	down_write(&mm->mmap_lock);
	err = vma_insert(&mm->areas, area);
	if (!err)
		mm_account_area(mm, area->flags, vma_pages(area));
	mmap_write_unlock(mm);
	if (!err)
		return 0;
	vm_unacct_memory(vma_pages(area));
free:
	vma_free(area);
	return err;
}

struct page *mm_new_stack_page(struct mm_struct *mm, unsigned long addr)
{
	struct page *page = NULL;
	struct vm_area *area;

	down_write(&mm->mmap_lock);
	area = vma_find(&mm->areas, addr);
	if (area && !expand_stack(area, addr))
		page = mm_remote_page(mm, addr & PAGE_MASK, FAULT_FLAG_WRITE);
	mmap_write_unlock(mm);
	return page;
}

void mm_place_mappings(struct mm_struct *mm, unsigned long random)
{
	unsigned long gap = current_limit(RLIMIT_STACK);

	gap = min(gap, USER_END / 6 * 5) + STACK_GUARD_GAP + STACK_MAX_RANDOM;
	gap = clamp(gap, MIB(128), USER_END / 6 * 5);
	mm->mmap_base = (USER_END - gap - random) & PAGE_MASK;
}
