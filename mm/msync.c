/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system calls msync() and mincore(): what becomes of pages of files, and where they are.
 *
 * msync(MS_SYNC) stores the files of the shared areas of the range, whole: each by its own fsync(),
 * with mmap_lock dropped.  MS_ASYNC has nothing to begin: what is dirty is known by the page, and
 * stored when somebody asks.
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <oshit/file_mmap.h>
#include <oshit/fs.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/slab.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

struct sync_range { /* what is left of it */
	unsigned long start, end;
	unsigned int flags; /* MS_ */
	bool hole; /* out  some of it is not mapped */
};

/*
 * Goes on to the next file that must be stored.
 * Return: 1, with a reference to *@file; 0: the end; -errno.
 */
static int next_file(struct mm_struct *mm, struct sync_range *range, struct file **file)
{
	struct vm_area *area;

	while (range->start < range->end) {
		area = vma_find(&mm->areas, range->start);
		if (!area)
			return -ENOMEM;
		if (area->start > range->start) {
			if (range->flags == MS_ASYNC)
				return -ENOMEM;
			range->hole = true;
			if (area->start >= range->end)
				return 0;
		}
		if (range->flags & MS_INVALIDATE && area->flags & VM_LOCKED)
			return -EBUSY;
		range->start = area->end;
		if (range->flags & MS_SYNC && area->file && area->flags & VM_SHARED) {
			*file = get_file(area->file);
			return 1;
		}
	}
	return 0;
}

static int sync_range(struct mm_struct *mm, struct sync_range *range)
{
	struct file *file;
	int found, err = 0;

	do {
		down_read(&mm->mmap_lock);
		found = next_file(mm, range, &file);
		up_read(&mm->mmap_lock);
		if (found <= 0)
			return found;
		err = file->ops->fsync ? file->ops->fsync(file, 1) : -EINVAL;
		fput(file);
	} while (!err);
	return err;
}

long sys_msync(unsigned long start, size_t len, int flags)
{
	struct sync_range range = { .start = start, .flags = (unsigned int)flags };
	int err;

	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || start % PAGE_SIZE ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	range.end = start + ALIGN_UP(len, PAGE_SIZE);
	if (range.end < start)
		return -ENOMEM;
	err = sync_range(current->user->mm, &range);
	return err ?: range.hole ? -ENOMEM : 0;
}

static long mincore_part(struct mm_struct *mm, unsigned long addr, unsigned long nr, u8 *to)
{
	long done;

	down_read(&mm->mmap_lock);
	done = mm_mincore(mm, addr, min(nr, PAGE_SIZE), to, file_may_mincore);
	up_read(&mm->mmap_lock);
	return done;
}

long sys_mincore(unsigned long start, size_t len, u8 __user *vec)
{
	unsigned long nr = DIV_ROUND_UP(len, PAGE_SIZE);
	long done = 0;
	u8 *buf;

	if (start % PAGE_SIZE)
		return -EINVAL;
	if (!access_ok((void __user *)start, len))
		return -ENOMEM;
	if (!access_ok(vec, nr))
		return -EFAULT;
	buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!buf)
		return -EAGAIN;
	for (; nr; nr -= done, vec += done, start += done * PAGE_SIZE) {
		done = mincore_part(current->user->mm, start, nr, buf);
		if (done > 0 && copy_to_user(vec, buf, done))
			done = -EFAULT;
		if (done < 0)
			break;
	}
	kfree(buf);
	return min(done, 0L);
}
