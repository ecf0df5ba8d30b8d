/* SPDX-License-Identifier: GPL-2.0-only */
/* Mappings that execve() makes for its program, through the same door as mmap(). */
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/personality.h>
#include <oshit/file_mmap.h>
#include <oshit/mm.h>
#include <oshit/mm_exec.h>
#include <oshit/random.h>
#include <oshit/user_task.h>

static int map_at(struct mmap_request *request)
{
	struct mm_struct *mm = current->user->mm;
	unsigned long addr;

	request->flags |= MAP_PRIVATE | MAP_FIXED;
	down_write(&mm->mmap_lock);
	addr = do_mmap(mm, request);
	mmap_write_unlock(mm);
	if ((long)addr < 0)
		return (int)(long)addr;
	if (request->populate)
		mm_populate(mm, addr, request->len);
	return 0;
}

int exec_map_anonymous(unsigned long addr, unsigned long len, unsigned long prot)
{
	struct mmap_request request = {
		.addr = addr,
		.len = len,
		.prot = prot,
		.flags = MAP_ANONYMOUS,
	};

	return map_at(&request);
}

int exec_map_file(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
		  unsigned long offset)
{
	struct mmap_request request = {
		.addr = addr,
		.len = len,
		.prot = prot,
		.file = file,
		.file_ops = &file_mmap_ops,
		.pgoff = offset >> PAGE_SHIFT,
	};

	return map_at(&request);
}

int exec_make_stack_executable(void)
{
	struct mm_struct *mm = current->user->mm;
	struct vm_area *stack;
	int err = -EFAULT;

	down_write(&mm->mmap_lock);
	stack = vma_find(&mm->areas, mm->start_stack - 1);
	if (stack)
		err = do_mprotect(mm, stack->start, stack->end - stack->start,
				  PROT_READ | PROT_WRITE | PROT_EXEC);
	mmap_write_unlock(mm);
	return err;
}

void exec_place_mappings(unsigned int random_bits)
{
	unsigned long random = 0;

	if (!(current->user->personality & ADDR_NO_RANDOMIZE))
		random = (random_u64() & ((1UL << random_bits) - 1)) << PAGE_SHIFT;
	mm_place_mappings(current->user->mm, random);
}

unsigned long exec_find_place(unsigned long size, unsigned long align)
{
	struct mm_struct *mm = current->user->mm;
	struct vma_gap gap = { size, align, PAGE_SIZE * 16, mm->mmap_base };
	unsigned long place;

	down_read(&mm->mmap_lock);
	place = vma_find_gap(&mm->areas, &gap);
	up_read(&mm->mmap_lock);
	return place;
}
