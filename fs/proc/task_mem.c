/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is read out of the memory of a program: its command line and environment; and what it was
 * told at its start.
 *
 * A file that was opened for the memory of a program shows that memory and no other: it remembers
 * the address space's number, and whoever opened it had the right to look.  After execve() the
 * number is another one, and nothing is shown.  The address space itself is only held while it is
 * read.  The command line is shown to all, and is always that of the present program.
 */
#include <linux/auxvec.h>
#include <linux/errno.h>
#include <oshit/err.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/page.h>
#include <oshit/ptrace.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/uio.h>

#include "internal.h"

int proc_mem_open(struct proc_mem *mem, const struct inode *inode)
{
	struct task_struct *task = proc_task(inode);
	struct mm_struct *mm;
	int err = 0;

	if (!task)
		return -ESRCH;
	mm = get_task_mm(task);
	if (mm && mm != current_mm() && !ptrace_may_access(task, PTRACE_FSCREDS))
		err = -EACCES;
	*mem = (struct proc_mem){ proc_inode_of(inode)->task, mm ? mm->serial : 0 };
	if (mm)
		mmput(mm);
	put_task_struct(task);
	return err;
}

struct mm_struct *proc_mem_get(const struct proc_mem *mem)
{
	struct task_struct *task = proc_find_task(mem->task);
	struct mm_struct *mm;

	if (!task)
		return ERR_PTR(-ESRCH);
	mm = get_task_mm(task);
	put_task_struct(task);
	if (mm && mm->serial != mem->serial) {
		mmput(mm);
		mm = NULL;
	}
	return mm;
}

size_t proc_mem_read(struct mm_struct *mm, unsigned long addr, char *to, size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t part = min(len - done, PAGE_SIZE - (addr + done) % PAGE_SIZE);
		struct page *page;

		down_read(&mm->mmap_lock);
		page = mm_remote_page(mm, (addr + done) & PAGE_MASK, 0);
		up_read(&mm->mmap_lock);
		if (!page)
			break;
		memcpy(to + done, (char *)page_to_virt(page) + (addr + done) % PAGE_SIZE, part);
		put_page(page);
		done += part;
	}
	return done;
}

/* Bytes [*@pos, ...) of [@start, @end) in @mm go to @to. Bytes or -errno; *@pos moves. */
static long copy_range(struct mm_struct *mm, unsigned long start, unsigned long end,
		       struct iov_iter *to, loff_t *pos)
{
	char *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	long total = 0;

	if (!page)
		return -ENOMEM;
	while (to->count && (unsigned long)*pos < end - start) {
		size_t left = min(to->count, end - start - (size_t)*pos);
		size_t wanted = min(left, PAGE_SIZE);
		size_t got = proc_mem_read(mm, start + (unsigned long)*pos, page, wanted);
		size_t done = copy_to_iter(page, got, to);

		total += done;
		*pos += done;
		if (done < got)
			total = total ?: -EFAULT;
		if (done < wanted)
			break;
	}
	kfree(page);
	return total;
}

/* --- cmdline --- */

/* What setproctitle() leaves: a title that has overwritten the last 0 goes on into the
 * environment, up to the next 0. */
static unsigned long title_end(struct mm_struct *mm, unsigned long start, unsigned long env_end)
{
	char part[128];
	unsigned long addr = start;

	while (addr < env_end) {
		size_t got = proc_mem_read(mm, addr, part, min(sizeof(part), env_end - addr));
		size_t len = strnlen(part, got);

		addr += len;
		if (!got || len < got)
			break;
	}
	return addr;
}

static long read_cmdline(struct mm_struct *mm, struct iov_iter *to, loff_t *pos)
{
	unsigned long start, end, env_start, env_end;
	char last = '\0';

	down_read(&mm->mmap_lock);
	start = mm->arg_start;
	end = mm->arg_end;
	env_start = mm->env_start;
	env_end = mm->env_end;
	up_read(&mm->mmap_lock);
	if (start >= end)
		return 0;
	if (proc_mem_read(mm, end - 1, &last, 1) && last && env_start == end && env_end > end)
		end = title_end(mm, start, env_end);
	return copy_range(mm, start, end, to, pos);
}

static long cmdline_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct task_struct *task = proc_task(file_inode(file));
	struct mm_struct *mm;
	long ret = 0;

	if (!task)
		return -ESRCH;
	mm = get_task_mm(task);
	put_task_struct(task);
	if (!mm)
		return 0;
	if (*pos >= 0)
		ret = read_cmdline(mm, to, pos);
	mmput(mm);
	return ret;
}

const struct file_operations proc_cmdline_fops = {
	.llseek = noop_llseek,
	.read = cmdline_read,
};

/* --- auxv --- */

static size_t auxv_size(const struct mm_struct *mm)
{
	size_t nr = 0;

	while (nr < MAX_AUX && mm->auxv[nr][0] != AT_NULL)
		nr++;
	return min(nr + 1, (size_t)MAX_AUX) * sizeof(mm->auxv[0]);
}

static long auxv_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct mm_struct *mm = proc_mem_get(file->private);
	size_t size, done = 0;

	if (IS_ERR_OR_NULL(mm))
		return 0;
	size = auxv_size(mm);
	if (*pos >= 0 && (size_t)*pos < size)
		done = copy_to_iter((const char *)mm->auxv + *pos,
				    min(to->count, size - (size_t)*pos), to);
	mmput(mm);
	if (!done && to->count && *pos >= 0 && (size_t)*pos < size)
		return -EFAULT;
	*pos += (loff_t)done;
	return (long)done;
}

/* --- environ --- */

static int environ_open(struct inode *inode, struct file *file)
{
	struct proc_mem *mem = kmalloc(sizeof(*mem), GFP_KERNEL);
	int err;

	if (!mem)
		return -ENOMEM;
	err = proc_mem_open(mem, inode);
	if (err)
		kfree(mem);
	else
		file->private = mem;
	return err;
}

static int environ_release(struct inode *inode __maybe_unused, struct file *file)
{
	kfree(file->private);
	return 0;
}

static long environ_read(struct file *file, struct iov_iter *to, loff_t *pos)
{
	struct mm_struct *mm = proc_mem_get(file->private);
	unsigned long start, end;
	long ret = 0;

	if (IS_ERR_OR_NULL(mm))
		return 0;
	down_read(&mm->mmap_lock);
	start = mm->env_start;
	end = mm->env_end;
	up_read(&mm->mmap_lock);
	if (start < end && *pos >= 0)
		ret = copy_range(mm, start, end, to, pos);
	mmput(mm);
	return ret;
}

const struct file_operations proc_environ_fops = {
	.llseek = noop_llseek,
	.read = environ_read,
	.open = environ_open,
	.release = environ_release,
};

const struct file_operations proc_auxv_fops = {
	.llseek = noop_llseek,
	.read = auxv_read,
	.open = environ_open,
	.release = environ_release,
};
