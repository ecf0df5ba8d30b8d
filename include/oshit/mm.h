/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces of user programs.  struct mm_struct holds the areas (<oshit/vma.h>), the page
 * tables behind them and the accounts.  Addresses and lengths are in bytes.
 *
 * Locks: mmap_lock orders changes of the areas (writers) against those who look at them (readers);
 * faults hold their area alone, if they can (<oshit/vma_lock.h>).  mmap_lock is released by
 * mmap_write_unlock() or mmap_write_downgrade(), which let faults into areas again.  Tables are
 * linked and entries changed under the lock of the table, or page_table_lock: mm/user_table.h.
 * Tables are unlinked only with mmap_lock and the areas held for writing, and after the areas have
 * left the reverse mapping: whoever holds either for reading, or walks that (<oshit/rmap.h>), may
 * keep a pointer into a table.
 */
#ifndef OSHIT_MM_H
#define OSHIT_MM_H

#include <arch/page.h>
#include <arch/pgtable.h>
#include <oshit/atomic.h>
#include <oshit/mm_context.h>
#include <oshit/mutex.h>
#include <oshit/pgwalk.h>
#include <oshit/refcount.h>
#include <oshit/rwsem.h>
#include <oshit/spinlock.h>
#include <oshit/vdso.h>
#include <oshit/vma_lock.h>
#include <oshit/workqueue.h>

struct file;
struct page;

#define MMAP_MIN_ADDR 0x10000UL /* Linux's vm.mmap_min_addr: a null pointer faults */
#define MAX_MAP_COUNT 65530 /* areas of one address space; Linux's vm.max_map_count */

enum mm_counter {
	MM_FILE_PAGES, /* resident, of the page cache */
	MM_ANON_PAGES,
	MM_SHMEM_PAGES,
	MM_SWAP_ENTRIES,
	MM_HUGE_ENTRIES, /* entries that map huge pages, which count as anonymous ones, too */
	NR_MM_COUNTERS,
};

#define MAX_AUX 24 /* pairs of an auxiliary vector */

struct mm_struct { /* m: mmap_lock   i: set at creation, then constant   a: atomic */
	struct mm_context context; /* the scheduler's part, and the TLB's */
	struct page_table pt;
	spinlock_t page_table_lock; /* of tables that have no lock of their own */
	struct rw_semaphore mmap_lock;
	struct vm_areas areas; /* m */
	struct page *deposited; /* tables that wait for the split of a huge page; deposit_lock */
	unsigned long nr_deposited; /* deposit_lock */
	spinlock_t deposit_lock;
	struct list_head khugepaged; /* empty: khugepaged does not know it; its lock */
	unsigned long khugepaged_next; /* of khugepaged: where it goes on */
	struct list_head swapped; /* empty: never had a swap entry; lock in mm/swap_in.c */
	struct mutex anon_vma_mutex; /* changes of chains with mmap_lock for reading: mm/rmap.c */
	refcount_t users; /* a  tasks, and who looks at the areas */
	atomic64_t counters[NR_MM_COUNTERS]; /* a  pages */
#ifdef CONFIG_RECLAIM
	atomic_t nr_deferred; /* a  entries that reclaim has emptied, and not flushed at once ... */
	int nr_flushed; /* a  ... of which so many are known to be flushed; both wrap */
#endif
	unsigned long peak_pages; /* resident ones, before some went; about right in a race */
	atomic64_t nr_tables; /* a  pages without the root */
	unsigned long total_pages; /* m  of all areas; against RLIMIT_AS */
	unsigned long peak_total_pages; /* m  the most that there have been */
	unsigned long data_pages; /* m  private, writable, no stack; against RLIMIT_DATA */
	unsigned long stack_pages, exec_pages, locked_pages; /* m */
	unsigned long default_flags; /* m  VM_ that each new area gets: mlockall() */
	unsigned long mmap_base; /* m  mmap() places areas below */
	unsigned long start_code, end_code, start_data, end_data; /* m */
	unsigned long start_brk, brk; /* m */
	unsigned long start_stack, arg_start, arg_end, env_start, env_end; /* m */
	unsigned long auxv[MAX_AUX][2]; /* written by execve(), before anybody may look */
	struct mm_vdso vdso; /* of mm/vdso.c */
	atomic_t membarrier; /* a  commands that were registered for */
	struct work_struct free_work; /* of mmput_async() */
	bool is_oom_pending; /* a  the OOM killer waits for what comes back */
	bool is_reaped; /* the OOM killer has taken pages away: what is not there stays away */
	u64 serial; /* i  no other address space ever has it */
	struct file *exe_file; /* i  the program, once it runs: mm_exit_hook lets it go */
};

/* Boot: caches, and the shared page of zeros. */
void mm_struct_init(void);
void zero_page_init(void);

/* An address space with nothing in it but the kernel's half; NULL: no memory. May sleep. */
struct mm_struct *mm_alloc(void);

static inline void mmget(struct mm_struct *mm)
{
	refcount_inc(&mm->users);
}

/* Its last user has gone: what it maps goes next, and reclaim leaves it alone. */
static inline bool mm_is_going(const struct mm_struct *mm)
{
	return !refcount_read(&mm->users);
}

/* The end of down_write(&mm->mmap_lock). */
static inline void mmap_write_unlock(struct mm_struct *mm)
{
	vma_end_write_all(&mm->areas);
	up_write(&mm->mmap_lock);
}

/* The same; the caller goes on holding it for reading. */
static inline void mmap_write_downgrade(struct mm_struct *mm)
{
	vma_end_write_all(&mm->areas);
	downgrade_write(&mm->mmap_lock);
}

/* Of an address space that goes: lets go what upper tiers hung on it. May sleep. Set at boot. */
extern void (*mm_exit_hook)(struct mm_struct *mm);

/* The last user takes everything with it. Context: task, no lock; may sleep. */
void mmput(struct mm_struct *mm);
/* The same for who must not wait: if it is the last, a worker does the rest. */
void mmput_async(struct mm_struct *mm);
/* An address space with is_oom_pending has given all back. Set at boot; task. */
extern void (*mm_victim_freed_hook)(struct mm_struct *mm);

/**
 * mm_copy() - the address space of a child
 * Private pages are shared until one side writes (or copied at once, without CONFIG_COW).
 * Context: task; takes @old's mmap_lock for writing.
 * Return: the copy, or ERR_PTR(-ENOMEM).
 */
struct mm_struct *mm_copy(struct mm_struct *old);

/* Resident pages of all kinds. */
static inline unsigned long mm_resident_pages(struct mm_struct *mm)
{
	return atomic64_read(&mm->counters[MM_FILE_PAGES]) +
	       atomic64_read(&mm->counters[MM_ANON_PAGES]) +
	       atomic64_read(&mm->counters[MM_SHMEM_PAGES]);
}

/* The most that there have ever been: pages that go tell before they do. */
static inline unsigned long mm_peak_pages(struct mm_struct *mm)
{
	unsigned long peak = READ_ONCE(mm->peak_pages);
	/* Below 0 if a truncation has taken pages that fork has copied and not yet counted. */
	long now = (long)mm_resident_pages(mm);

	return now > (long)peak ? (unsigned long)now : peak;
}

/* --- faults: mm/fault.c --- */

#define FAULT_FLAG_WRITE    0x1u
#define FAULT_FLAG_EXEC	    0x2u
#define FAULT_FLAG_USER	    0x4u
#define FAULT_FLAG_VMA_LOCK 0x8u /* the area is held, and not mmap_lock */
#define FAULT_FLAG_MAY_UNLOCK 0x10u /* what is held may be let go, to wait for a disk */

#define VM_FAULT_OOM	    0x1
#define VM_FAULT_SIGBUS	    0x2
#define VM_FAULT_SIGSEGV    0x4
#define VM_FAULT_MAJOR	    0x8 /* a device was read */
#define VM_FAULT_RETRY	    0x10 /* with FAULT_FLAG_VMA_LOCK: it needs mmap_lock */
#define VM_FAULT_LOCKED	    0x20 /* of ops->fault: the page is locked */
#define VM_FAULT_UNLOCKED   0x40 /* with FAULT_FLAG_MAY_UNLOCK: a disk was waited for */
#define VM_FAULT_ERROR	    (VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV)

struct vm_fault {
	struct vm_area *area; /* in */
	unsigned long addr; /* in   of the page */
	unsigned long pgoff; /* in   of the page, in the file */
	unsigned int flags; /* in   FAULT_FLAG_ */
	struct page *page; /* out  of ops->fault: with a reference for the caller, but VM_PFNMAP */
	pte_t *pte; /* of mm/fault.c */
	pte_t entry; /* of mm/fault.c: what the entry was */
};

/**
 * handle_mm_fault() - make an access possible that has just faulted
 * @area: that @addr lies in, and that allows the access
 * Context: task; mmap_lock held for reading, or with FAULT_FLAG_VMA_LOCK the area; may sleep.
 * Return: VM_FAULT_ bits; without one of VM_FAULT_ERROR the access may be tried again.
 * VM_FAULT_RETRY alone: nothing was done, and the caller must come back with mmap_lock.
 * VM_FAULT_UNLOCKED: neither the area nor mmap_lock is held any more, and @area may be gone; the
 * caller comes again from the start, without FAULT_FLAG_MAY_UNLOCK, so that it ends.
 */
int handle_mm_fault(struct vm_area *area, unsigned long addr, unsigned int flags);

/* Whether the rights of @area permit an access of FAULT_FLAG_ @flags. */
bool vma_permits(const struct vm_area *area, unsigned int flags);

/* --- mapping: mm/mmap.c. mmap_lock is held for writing. --- */

/* What the file system's side of a file mapping does, given by who calls do_mmap(). May sleep. */
struct mmap_file_ops {
	/* Whether @file can be mapped with *@flags; takes VM_MAY bits away. 0 or -errno. */
	int (*check)(struct file *file, unsigned long *flags);
	/* Takes a reference to area->file; sets ops and private. 0 or -errno, nothing held then. */
	int (*attach)(struct vm_area *area);
};

struct mmap_request {
	unsigned long addr; /* in   hint, or the place with MAP_FIXED */
	unsigned long len; /* in   bytes, any */
	unsigned long prot; /* in   PROT_ */
	unsigned long flags; /* in   MAP_ */
	struct file *file; /* in   NULL: anonymous */
	const struct mmap_file_ops *file_ops; /* in   with @file */
	unsigned long pgoff; /* in   pages */
	bool populate; /* out  the caller should mm_populate() the range afterwards */
};

/* The address, or a negative errno: those of mmap(2). */
unsigned long do_mmap(struct mm_struct *mm, struct mmap_request *request);
/* 0; -EINVAL for a bad range; -ENOMEM. */
int do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len);
int do_mprotect(struct mm_struct *mm, unsigned long start, unsigned long len, unsigned long prot);

struct mremap_request {
	unsigned long addr, old_len, new_len; /* in   bytes, any */
	unsigned long flags; /* in   MREMAP_ */
	unsigned long new_addr; /* in   the place with MREMAP_FIXED, or a hint */
	unsigned long populate_start, populate_len; /* out  to mm_populate() then; 0: nothing */
};

/* mm/mremap.c. The address, or a negative errno: those of mremap(2). */
unsigned long do_mremap(struct mm_struct *mm, struct mremap_request *request);

/* The new end of the heap, or the old one if it cannot move. */
unsigned long do_brk(struct mm_struct *mm, unsigned long brk);
/* Whether each of @nr pages from @addr on, which is aligned, is in memory: a byte of 0 or 1. Only
 * of one area, of which may_know() says whether its file may be looked at. mmap_lock is held for
 * reading. Return: how many bytes, -ENOMEM: no area there. */
long mm_mincore(struct mm_struct *mm, unsigned long addr, unsigned long nr, u8 *to,
		bool (*may_know)(const struct vm_area *area));
/* 0 or -errno of madvise(2). mmap_lock held for reading, or writing if areas change. */
bool madvise_changes_areas(int advice);
int do_madvise(struct mm_struct *mm, unsigned long start, unsigned long len, int advice);
/* The same for MADV_POPULATE_READ and _WRITE. Takes mmap_lock for reading. */
int mm_advise_populate(struct mm_struct *mm, unsigned long start, unsigned long len, int advice);
/* The same for MADV_REMOVE. */
int mm_advise_remove(struct mm_struct *mm, unsigned long start, unsigned long len);
/* Moves the lower end of a stack down to @addr. @area may have become a part of another stack, so
 * look for it again. 0, -ENOMEM: a limit, or another area is near. */
int expand_stack(struct vm_area *area, unsigned long addr);

/* --- mm/populate.c --- */

/**
 * mm_populate() - fault in the pages of a range, as far as it is mapped and permitted
 * Context: task; takes mmap_lock for reading. Errors are passed over, SIGKILL ends it.
 */
void mm_populate(struct mm_struct *mm, unsigned long start, unsigned long len);
/* Of these pages those of private areas that are locked. */
void mm_populate_locked(struct mm_struct *mm, unsigned long start, unsigned long len);
/* All of them, but the first page that cannot come is an error: 0, -EFAULT, -ENOMEM, -EINTR. */
int mm_populate_all(struct mm_struct *mm, unsigned long start, unsigned long len);

/**
 * mm_remote_page() - a page of a program's memory, for who is not that program
 * @flags: FAULT_FLAG_WRITE: it will be written to, before mmap_lock is dropped
 *
 * Context: task; mmap_lock held for reading; may sleep.
 * Return: the page with a reference for the caller; NULL: the program itself might not, or there
 * is none.
 */
struct page *mm_remote_page(struct mm_struct *mm, unsigned long addr, unsigned int flags);
/* After writing to it, under the same mmap_lock, or nobody runs there: the page is dirty, whoever
 * has stored it meanwhile. May sleep. */
void mm_remote_written(struct page *page);

/* --- mm/mlock.c; all take mmap_lock for writing. 0 or -errno of mlock(2) --- */

int do_mlock(struct mm_struct *mm, unsigned long start, unsigned long len, unsigned long bits);
int do_munlock(struct mm_struct *mm, unsigned long start, unsigned long len);
int do_mlockall(struct mm_struct *mm, unsigned int flags);
void do_munlockall(struct mm_struct *mm);

#endif
