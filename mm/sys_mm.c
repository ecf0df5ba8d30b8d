/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system calls about memory: arguments from the program, mmap_lock, and pages that should be
 * there at once brought in when the lock is gone.
 */
#include <linux/errno.h>
#include <linux/mman.h>
#include <oshit/file_mmap.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/mm.h>
#include <oshit/syscalls.h>
#include <oshit/user_task.h>

static long map(struct mmap_request *request)
{
	struct mm_struct *mm = current->user->mm;
	unsigned long addr;

	down_write(&mm->mmap_lock);
	addr = do_mmap(mm, request);
	mmap_write_unlock(mm);
	if ((long)addr > 0 && request->populate)
		mm_populate(mm, addr, request->len);
	return addr;
}

long sys_mmap(unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags,
	      int fd, unsigned long offset)
{
	struct mmap_request request = {
		.addr = addr,
		.len = len,
		.prot = prot,
		.flags = flags,
		.pgoff = offset >> PAGE_SHIFT,
	};
	long result;

	if (offset % PAGE_SIZE)
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS)) {
		request.file = fget(fd);
		request.file_ops = &file_mmap_ops;
		if (!request.file)
			return -EBADF;
	}
	result = map(&request);
	if (request.file)
		fput(request.file);
	return result;
}

long sys_munmap(unsigned long addr, unsigned long len)
{
	struct mm_struct *mm = current->user->mm;
	int err;

	down_write(&mm->mmap_lock);
	err = do_munmap(mm, addr, len);
	mmap_write_unlock(mm);
	return err;
}

long sys_mremap(unsigned long addr, unsigned long old_len, unsigned long new_len,
		unsigned long flags, unsigned long new_addr)
{
	struct mm_struct *mm = current->user->mm;
	struct mremap_request request = {
		.addr = addr,
		.old_len = old_len,
		.new_len = new_len,
		.flags = flags,
		.new_addr = new_addr,
	};
	unsigned long result;

	down_write(&mm->mmap_lock);
	result = do_mremap(mm, &request);
	mmap_write_unlock(mm);
	if ((long)result > 0 && request.populate_len)
		mm_populate(mm, request.populate_start, request.populate_len);
	return result;
}

long sys_mprotect(unsigned long addr, unsigned long len, unsigned long prot)
{
	struct mm_struct *mm = current->user->mm;
	bool may_be_locked;
	int err;

	down_write(&mm->mmap_lock);
	err = do_mprotect(mm, addr, len, prot);
	may_be_locked = mm->locked_pages;
	mmap_write_unlock(mm);
	/* What is locked has its own copies as soon as it may be written: no fault comes later. */
	if (!err && prot & PROT_WRITE && may_be_locked)
		mm_populate_locked(mm, addr, len);
	return err;
}

long sys_madvise(unsigned long addr, unsigned long len, int advice)
{
	struct mm_struct *mm = current->user->mm;
	int err;

	if (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE)
		return mm_advise_populate(mm, addr, len, advice);
	if (advice == MADV_REMOVE)
		return mm_advise_remove(mm, addr, len);
	if (madvise_changes_areas(advice)) {
		down_write(&mm->mmap_lock);
		err = do_madvise(mm, addr, len, advice);
		mmap_write_unlock(mm);
	} else {
		down_read(&mm->mmap_lock);
		err = do_madvise(mm, addr, len, advice);
		up_read(&mm->mmap_lock);
	}
	return err;
}

long sys_mlock(unsigned long addr, unsigned long len)
{
	return do_mlock(current->user->mm, addr, len, VM_LOCKED);
}

long sys_mlock2(unsigned long addr, unsigned long len, int flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(current->user->mm, addr, len,
			VM_LOCKED | (flags & MLOCK_ONFAULT ? VM_LOCKONFAULT : 0));
}

long sys_munlock(unsigned long addr, unsigned long len)
{
	return do_munlock(current->user->mm, addr, len);
}

long sys_mlockall(int flags)
{
	return do_mlockall(current->user->mm, (unsigned int)flags);
}

long sys_munlockall(void)
{
	do_munlockall(current->user->mm);
	return 0;
}

long sys_brk(unsigned long brk)
{
	struct mm_struct *mm = current->user->mm;
	unsigned long old, end;
	bool is_locked;

	down_write(&mm->mmap_lock);
	old = mm->brk;
	end = do_brk(mm, brk);
	is_locked = mm->default_flags & VM_LOCKED;
	mmap_write_unlock(mm);
	if (end > old && (is_locked || !IS_ENABLED(CONFIG_DEMAND_PAGING)))
		mm_populate(mm, old & PAGE_MASK, end - (old & PAGE_MASK));
	return end;
}
