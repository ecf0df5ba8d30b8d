/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making and removing mappings.
 *
 * mmap() checks everything before it changes anything: arguments, limits, what the file allows, and
 * where there is room.  Then what is in the way goes, and the range joins a neighbour or becomes an
 * area.  No page comes here: that is left to faults, or to mm_populate() after the lock is gone.
 *
 * The order of checks decides which errno wins; it follows Linux's.
 *
 *	0x10000           brk ->        <- mmap_base     stack        USER_END
 *	  | program | heap |              | mappings |  gap |
 *
 * Locks: the caller holds mmap_lock for writing.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/resource.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/overcommit.h>
#include <oshit/rlimit.h>
#include <oshit/shmem.h>
#include <oshit/sizes.h>
#include <oshit/thp.h>

#include "mm_internal.h"
#include "user_table.h"

#define MAX_FILE_BYTES (~0UL >> 1) /* what a loff_t can count */
/* Flags that old MAP_SHARED ignores and MAP_SHARED_VALIDATE refuses if unknown. */
#define MAP_KNOWN                                                                                \
	(MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_DENYWRITE |  \
	 MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | \
	 MAP_HUGETLB | MAP_32BIT | MAP_FIXED_NOREPLACE | (0x3fUL << MAP_HUGE_SHIFT))

/* --- where --- */

/* Whether nothing is in [addr, addr + len), nor too near below a stack. */
static bool is_free(const struct mm_struct *mm, unsigned long addr, unsigned long len)
{
	const struct vm_area *next = vma_find(&mm->areas, addr);

	return !next || addr + len <= vma_guarded_start(next);
}

/* @align is for where no @hint is given, and a wish. */
static unsigned long find_free(struct mm_struct *mm, unsigned long hint, unsigned long len,
			       unsigned long limit, unsigned long align)
{
	struct vma_gap gap = {
		.size = len,
		.align = align,
		.low = MMAP_MIN_ADDR,
		.high = min(mm->mmap_base, limit),
	};
	unsigned long addr;

	hint = ALIGN_UP(hint, PAGE_SIZE);
	if (hint >= MMAP_MIN_ADDR && hint <= limit - len && is_free(mm, hint, len))
		return hint;
	addr = vma_find_gap(&mm->areas, &gap);
	if (addr)
		return addr;
	if (align > PAGE_SIZE)
		return find_free(mm, 0, len, limit, PAGE_SIZE);
	/* The room above mmap_base, where the stack is, as the last resort. */
	gap.low = gap.high;
	gap.high = limit;
	return vma_find_gap(&mm->areas, &gap) ?: (unsigned long)-ENOMEM;
}

static bool is_private_anon(const struct mmap_request *request)
{
	return !request->file && (request->flags & MAP_TYPE) == MAP_PRIVATE;
}

unsigned long mm_find_free(struct mm_struct *mm, unsigned long hint, unsigned long len,
			   unsigned long limit)
{
	return find_free(mm, hint, len, limit, PAGE_SIZE);
}

static unsigned long choose_address(struct mm_struct *mm, const struct mmap_request *request,
				    unsigned long len)
{
	unsigned long limit = request->flags & MAP_32BIT ? MIB(2048) : USER_END;
	unsigned long addr = request->addr;

	if (len > limit)
		return -ENOMEM;
	if (!(request->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)))
		return find_free(mm, addr, len, limit,
				 is_private_anon(request) ? thp_mapping_align(len) : PAGE_SIZE);
	if (addr > USER_END - len)
		return -ENOMEM;
	if (!IS_ALIGNED(addr, PAGE_SIZE))
		return -EINVAL;
	if (request->flags & MAP_FIXED_NOREPLACE && vma_find_in(&mm->areas, addr, addr + len))
		return -EEXIST;
	if (addr < MMAP_MIN_ADDR)
		return -EPERM;
	return addr;
}

/* --- what --- */

static unsigned long flags_of(const struct mm_struct *mm, const struct mmap_request *request)
{
	unsigned long flags = request->prot & VM_ACCESS;

	flags |= VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | mm->default_flags;
	if (request->flags & MAP_GROWSDOWN)
		flags |= VM_GROWSDOWN;
	if (request->flags & MAP_LOCKED)
		flags |= VM_LOCKED;
	if (request->flags & MAP_NORESERVE && !overcommit_is_refused())
		flags |= VM_NORESERVE;
	return flags;
}

/* Checks the kind of the mapping; adds to *@flags what it implies. */
static int check_kind(const struct mmap_request *request, unsigned long *flags)
{
	switch (request->flags & MAP_TYPE) {
	case MAP_SHARED_VALIDATE:
		if (request->file && request->flags & ~(MAP_KNOWN | MAP_SHARED_VALIDATE))
			return -EOPNOTSUPP;
		if (!request->file)
			return -EINVAL;
		fallthrough;
	case MAP_SHARED:
		if (*flags & VM_GROWSDOWN)
			return -EINVAL;
		*flags |= VM_SHARED;
		return 0;
	case MAP_PRIVATE:
		if (*flags & VM_GROWSDOWN && request->file)
			return -EINVAL;
		return 0;
	default:
		return -EINVAL;
	}
}

static bool fits_in_file(unsigned long pgoff, unsigned long len)
{
	return len <= MAX_FILE_BYTES && pgoff <= (MAX_FILE_BYTES - len) >> PAGE_SHIFT;
}

/* A limit of 0 forbids it, any other only too much of it. */
bool mm_may_lock(void)
{
	return current_limit(RLIMIT_MEMLOCK) || mm_locks_freely();
}

int mm_check_locked(const struct mm_struct *mm, unsigned long flags, unsigned long nr_pages)
{
	unsigned long limit = current_limit(RLIMIT_MEMLOCK);

	if (!(flags & VM_LOCKED) || mm_locks_freely())
		return 0;
	return mm->locked_pages + nr_pages > limit >> PAGE_SHIFT ? -EAGAIN : 0;
}

/* Pages that the range covers already: they go, so they do not count. */
static unsigned long pages_in(const struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area *area;
	unsigned long nr = 0;

	for_each_vma_in(area, &mm->areas, start, end)
		nr += (min(area->end, end) - max(area->start, start)) >> PAGE_SHIFT;
	return nr;
}

/* --- the mapping itself --- */

/* An area of its own for what @wanted describes; the file may change its flags and ops. */
static int new_area(const struct mmap_request *request, const struct vm_area *wanted)
{
	struct vm_area *area = vma_alloc();
	struct mm_struct *mm = wanted->mm;
	int err = 0;

	if (!area)
		return -ENOMEM;
	*area = *wanted;
	if (area->file)
		err = request->file_ops->attach(area);
	else if (area->flags & VM_SHARED)
		err = shmem_mmap(area);
	if (err) {
		vma_free(area);
		return err;
	}
	err = vma_insert(&mm->areas, area);
	if (err) {
		mm_free_area(area);
		return err;
	}
	mm_account_area(mm, area->flags, vma_pages(area));
	vma_merge_in(&mm->areas, area->start, area->end);
	return 0;
}

/* An area has grown so large that there may be huge pages in it one day. */
static void tell_khugepaged(const struct vm_area *area)
{
	if (vma_pages(area) >= HUGE_PAGES)
		khugepaged_enter(area->mm);
}

/* @request may be NULL for private anonymous memory. */
static int map_area(const struct mmap_request *request, const struct vm_area *wanted)
{
	bool is_anon = !wanted->file && !(wanted->flags & VM_SHARED);
	const struct vm_area *area = NULL;

	if (is_anon) {
		area = vma_extend(&wanted->mm->areas, wanted);
		tell_khugepaged(area ?: wanted);
	}
	if (!area)
		return new_area(request, wanted);
	mm_account_area(wanted->mm, wanted->flags, vma_pages(wanted));
	return 0;
}

/* Private memory that may be written to is promised; shared memory promises for itself. */
static int promise_and_map(const struct mmap_request *request, struct vm_area *wanted)
{
	int err;

	if ((wanted->flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) != VM_WRITE)
		return map_area(request, wanted);
	err = vm_enough_memory(wanted->mm, vma_pages(wanted));
	if (err)
		return err;
	wanted->flags |= VM_ACCOUNT;
	err = map_area(request, wanted);
	if (err)
		vm_unacct_memory(vma_pages(wanted));
	return err;
}

/* Without demand paging, what has been promised room: not what may never be written to, or all of
 * which is not meant to be used. */
static bool is_filled_at_once(const struct vm_area *area)
{
	if (IS_ENABLED(CONFIG_DEMAND_PAGING) || area->flags & VM_NORESERVE)
		return false;
	return area->file || area->flags & (VM_WRITE | VM_SHARED);
}

static unsigned long map_checked(struct mm_struct *mm, struct mmap_request *request,
				 struct vm_area *wanted)
{
	unsigned long nr_pages = vma_pages(wanted);
	unsigned long nr_going = pages_in(mm, wanted->start, wanted->end);
	int err;

	if (!mm_may_grow(mm, wanted->flags, nr_pages - nr_going))
		return -ENOMEM;
	err = do_munmap(mm, wanted->start, wanted->end - wanted->start);
	if (err)
		return err;
	err = promise_and_map(request, wanted);
	if (err)
		return err;
	request->populate = is_filled_at_once(wanted) || wanted->flags & VM_LOCKED ||
			    (request->flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE;
	return wanted->start;
}

unsigned long do_mmap(struct mm_struct *mm, struct mmap_request *request)
{
	struct vm_area wanted = { .mm = mm, .file = request->file, .pgoff = request->pgoff };
	unsigned long len = ALIGN_UP(request->len, PAGE_SIZE);
	int err;

	lockdep_assert_held_write(&mm->mmap_lock);
	if (!request->len)
		return -EINVAL;
	if (!len)
		return -ENOMEM;
	if (request->file && !fits_in_file(request->pgoff, len))
		return -EOVERFLOW;
	if (mm->areas.nr > mm->areas.max_nr)
		return -ENOMEM;
	wanted.start = choose_address(mm, request, len);
	if ((long)wanted.start < 0)
		return wanted.start;
	wanted.end = wanted.start + len;
	wanted.flags = flags_of(mm, request);
	if (request->flags & MAP_LOCKED && !mm_may_lock())
		return -EPERM;
	err = mm_check_locked(mm, wanted.flags, len >> PAGE_SHIFT);
	err = err ?: check_kind(request, &wanted.flags);
	if (!err && request->file)
		err = request->file_ops->check(request->file, &wanted.flags);
	if (err)
		return err;
	if (mm_read_implies_exec(mm, request->prot) && wanted.flags & VM_MAYEXEC)
		wanted.flags |= VM_EXEC;
	if (!request->file)
		wanted.pgoff = wanted.flags & VM_SHARED ? 0 : wanted.start >> PAGE_SHIFT;
	return map_checked(mm, request, &wanted);
}

int do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	unsigned long end;
	int err;

	lockdep_assert_held_write(&mm->mmap_lock);
	if (!IS_ALIGNED(start, PAGE_SIZE) || start > USER_END || len > USER_END - start)
		return -EINVAL;
	len = ALIGN_UP(len, PAGE_SIZE);
	if (!len)
		return -EINVAL;
	end = start + len;
	err = vma_isolate(&mm->areas, start, end);
	if (err)
		return err;
	/* What was cut off stays as it is now: its faults need not wait for pages to go. */
	vma_end_write_all(&mm->areas);
	mm_remove_areas(mm, start, end);
	return 0;
}

/* --- heap and stack --- */

static bool grow_heap(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area wanted = {
		.mm = mm,
		.start = start,
		.end = end,
		.pgoff = start >> PAGE_SHIFT,
		.flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC |
			 mm->default_flags,
	};

	if (mm_read_implies_exec(mm, PROT_READ))
		wanted.flags |= VM_EXEC;
	if (end > USER_END || !is_free(mm, start, end + PAGE_SIZE - start))
		return false;
	return mm_may_grow(mm, wanted.flags, vma_pages(&wanted)) &&
	       !mm_check_locked(mm, wanted.flags, vma_pages(&wanted)) &&
	       !promise_and_map(NULL, &wanted);
}

unsigned long do_brk(struct mm_struct *mm, unsigned long brk)
{
	unsigned long old_end = ALIGN_UP(mm->brk, PAGE_SIZE), end = ALIGN_UP(brk, PAGE_SIZE);
	unsigned long data = mm->end_data - mm->start_data;

	lockdep_assert_held_write(&mm->mmap_lock);
	if (brk < mm->start_brk || end < brk)
		return mm->brk;
	if (data + (brk - mm->start_brk) > current_limit(RLIMIT_DATA))
		return mm->brk;
	if (end > old_end && !grow_heap(mm, old_end, end))
		return mm->brk;
	if (end < old_end && do_munmap(mm, end, old_end - end))
		return mm->brk;
	mm->brk = brk;
	return brk;
}

int expand_stack(struct vm_area *area, unsigned long addr)
{
	struct mm_struct *mm = area->mm;
	unsigned long start = addr & PAGE_MASK;
	unsigned long nr_pages = (area->start - start) >> PAGE_SHIFT;
	struct vm_area *prev = vma_prev(&mm->areas, area);

	lockdep_assert_held_write(&mm->mmap_lock);
	if (start >= area->start)
		return 0;
	if (!(area->flags & VM_GROWSDOWN) || start < MMAP_MIN_ADDR)
		return -ENOMEM;
	/* One that was moved up keeps its page offset, and there is none below 0. */
	if (nr_pages > area->pgoff)
		return -ENOMEM;
	if (prev && !(prev->flags & VM_GROWSDOWN) && prev->flags & VM_ACCESS &&
	    start < prev->end + STACK_GUARD_GAP)
		return -ENOMEM;
	if (prev && start < prev->end)
		return -ENOMEM;
	if (area->end - start > current_limit(RLIMIT_STACK) ||
	    !mm_may_grow(mm, area->flags, nr_pages) || mm_check_locked(mm, area->flags, nr_pages))
		return -ENOMEM;
	if (area->flags & VM_ACCOUNT && vm_enough_memory(mm, nr_pages))
		return -ENOMEM;
	vma_resize(&mm->areas, area, start, area->end);
	mm_account_area(mm, area->flags, nr_pages);
	vma_merge_in(&mm->areas, start, start);
	return 0;
}
