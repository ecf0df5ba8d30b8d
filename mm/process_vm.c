/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process_vm_readv() and process_vm_writev(): bytes from one program's memory to another's, by a
 * third, which is usually one of the two.
 *
 * The caller's memory is reached as in each system call, the other's by mm_remote_page(), a page at
 * a time.  To read, a reference to the page is enough: what is read is what was there at some time.
 * To write it is not: if the other forked meanwhile, the page could be the child's alone when the
 * bytes arrive.  So they come into a page of the kernel first, and go from there to the other's
 * while its mmap_lock is held, which fork takes for writing.  No memory of the caller is touched
 * under that lock, which may be its own.
 *
 * What has been moved before something went wrong counts: an error is told only if that is nothing.
 *
 * Who may: who could trace the other (kernel/ptrace.c).
 */
#include <linux/errno.h>
#include <oshit/err.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/page.h>
#include <oshit/ptrace.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>
#include <oshit/uio.h>
#include <oshit/user_task.h>

#define MAX_PIECES	1024UL /* UIO_MAXIOV */
#define NR_STACK_PIECES 8 /* UIO_FASTIOV */

struct transfer {
	struct mm_struct *mm; /* the other's */
	struct iov_iter *local; /* in the caller's memory */
	void *buffer; /* a page, to write; NULL: to read */
	size_t nr_done; /* out  bytes */
};

/* With a reference; or ERR_PTR(-ESRCH or -EPERM). */
static struct mm_struct *find_memory(int pid)
{
	struct task_struct *task = pid > 0 ? task_find(pid) : NULL;
	struct mm_struct *mm;

	if (!task)
		return ERR_PTR(-ESRCH);
	mm = get_task_mm(task);
	if (mm && mm != current->user->mm && !ptrace_may_access(task, PTRACE_REALCREDS)) {
		mmput(mm);
		mm = ERR_PTR(-EPERM);
	}
	put_task_struct(task);
	return mm ?: ERR_PTR(-ESRCH);
}

/* --- moving bytes --- */

/* Both: within a page of the other's. 0; -EFAULT: fewer than @len bytes were moved. */
static int read_part(struct transfer *transfer, unsigned long addr, size_t len)
{
	struct page *page;
	size_t done;

	down_read(&transfer->mm->mmap_lock);
	page = mm_remote_page(transfer->mm, addr & PAGE_MASK, 0);
	up_read(&transfer->mm->mmap_lock);
	if (!page)
		return -EFAULT;
	done = copy_to_iter((char *)page_to_virt(page) + addr % PAGE_SIZE, len, transfer->local);
	put_page(page);
	transfer->nr_done += done;
	return done < len ? -EFAULT : 0;
}

static int write_part(struct transfer *transfer, unsigned long addr, size_t len)
{
	size_t got = copy_from_iter(transfer->buffer, len, transfer->local);
	struct page *page;

	if (!got)
		return -EFAULT;
	down_read(&transfer->mm->mmap_lock);
	page = mm_remote_page(transfer->mm, addr & PAGE_MASK, FAULT_FLAG_WRITE);
	if (page) {
		memcpy((char *)page_to_virt(page) + addr % PAGE_SIZE, transfer->buffer, got);
		mm_remote_written(page);
		put_page(page);
		transfer->nr_done += got;
	}
	up_read(&transfer->mm->mmap_lock);
	return !page || got < len ? -EFAULT : 0;
}

static int move_piece(struct transfer *transfer, unsigned long addr, size_t len)
{
	int err = 0;

	while (len && transfer->local->count && !err) {
		size_t part = min(len, PAGE_SIZE - addr % PAGE_SIZE);

		part = min(part, transfer->local->count);
		if (fatal_signal_pending(current))
			return -EINTR;
		err = transfer->buffer ? write_part(transfer, addr, part)
				       : read_part(transfer, addr, part);
		addr += part;
		len -= part;
		cond_resched();
	}
	return err;
}

static int move_pieces(struct transfer *transfer, const struct iovec *pieces, unsigned long nr)
{
	int err = 0;

	for (unsigned long i = 0; i < nr && !err; i++)
		err = move_piece(transfer, (unsigned long)pieces[i].iov_base, pieces[i].iov_len);
	return err;
}

/* --- the calls --- */

/* Nobody but a fault says whether the bytes are there. */
static int copy_remote(struct iovec *pieces, const struct iovec __user *user, unsigned long nr)
{
	if (copy_from_user(pieces, user, nr * sizeof(*pieces)))
		return -EFAULT;
	for (unsigned long i = 0; i < nr; i++)
		if ((long)pieces[i].iov_len < 0)
			return -EINVAL;
	return 0;
}

static bool has_bytes(const struct iovec *pieces, unsigned long nr)
{
	for (unsigned long i = 0; i < nr; i++)
		if (pieces[i].iov_len)
			return true;
	return false;
}

static long reach(int pid, struct transfer *transfer, const struct iovec *pieces, unsigned long nr)
{
	int err;

	if (!has_bytes(pieces, nr))
		return 0;
	transfer->mm = find_memory(pid);
	if (IS_ERR(transfer->mm))
		return PTR_ERR(transfer->mm);
	err = move_pieces(transfer, pieces, nr);
	mmput(transfer->mm);
	return transfer->nr_done ? (long)transfer->nr_done : err;
}

struct remote { /* what both calls have from the program */
	int pid;
	const struct iovec __user *pieces;
	unsigned long nr_pieces;
};

static long move_between(const struct remote *remote, struct transfer *transfer)
{
	struct iovec room[NR_STACK_PIECES], *pieces = room;
	unsigned long nr = remote->nr_pieces;
	long result;

	if (!transfer->local->count)
		return 0;
	if (nr > MAX_PIECES)
		return -EINVAL;
	if (nr > NR_STACK_PIECES)
		pieces = kmalloc_array(nr, sizeof(*pieces), GFP_KERNEL);
	if (!pieces)
		return -ENOMEM;
	result = copy_remote(pieces, remote->pieces, nr);
	if (!result)
		result = reach(remote->pid, transfer, pieces, nr);
	if (pieces != room)
		kfree(pieces);
	return result;
}

static long move_local(const struct iovec __user *pieces, unsigned long nr,
		       const struct remote *remote, void *buffer)
{
	struct iovec room[NR_STACK_PIECES], *allocated;
	struct iov_iter iter;
	struct transfer transfer = { .local = &iter, .buffer = buffer };
	long result;

	allocated = iov_iter_import(&iter, pieces, nr, room, NR_STACK_PIECES);
	if (IS_ERR(allocated))
		return PTR_ERR(allocated);
	result = move_between(remote, &transfer);
	kfree(allocated);
	return result;
}

long sys_process_vm_readv(int pid, const struct iovec __user *local, unsigned long nr_local,
			  const struct iovec __user *remote, unsigned long nr_remote,
			  unsigned long flags)
{
	const struct remote other = { pid, remote, nr_remote };

	return flags ? -EINVAL : move_local(local, nr_local, &other, NULL);
}

long sys_process_vm_writev(int pid, const struct iovec __user *local, unsigned long nr_local,
			   const struct iovec __user *remote, unsigned long nr_remote,
			   unsigned long flags)
{
	const struct remote other = { pid, remote, nr_remote };
	void *buffer;
	long result;

	if (flags)
		return -EINVAL;
	buffer = (void *)__get_free_page(GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	result = move_local(local, nr_local, &other, buffer);
	free_page((unsigned long)buffer);
	return result;
}
