/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vDSO: a shared library that the kernel brings along.
 *
 *	[vvar]  clock page, process page    read-only
 *	[vdso]  ELF image                   read and execute; AT_SYSINFO_EHDR tells where
 *
 * Its code (arch/x86_64/entry/vdso) does in user mode what a system call would do, from data that
 * the kernel keeps right.  Both areas are special: their pages are the kernel's own, come by
 * faults, and have no accounts; a child's come by faults of its own, nothing is copied for it.
 * They lie above the stack where there is room, in the part of the page tables that the stack needs
 * anyway.
 *
 * The clock page is the kernel's own, one for all: see kernel/time/clock.c.
 *
 * The process page tells the process id, and there is one page for each address space, made when
 * somebody first looks.  One number for all who look is right only if all tasks in the address
 * space belong to one process, so that is the rule:
 *
 *	tgid = that of the owner	no task of another process runs here
 *	tgid = 0			there may be one: who reads this makes the call
 *
 *	made by				owner				others
 *	fork()				the child			none
 *	execve()			the process that executes	none
 *	a thread			unchanged			unchanged
 *	vfork(), clone(CLONE_VM)	unchanged			one more
 *
 * Only tasks whose process is not the owner's are counted: one before it runs for the first time
 * (vdso_enter()), until it has run here for the last time (vdso_leave()).
 *
 *	parent				child of vfork()
 *	nr_others = 1, tgid = 0
 *	wake up the child  ------------> read tgid: 0, so the call tells
 *					execve() or exit(): nr_others = 0, tgid = owner's
 *	read tgid: own <---------------  (whoever reads it now is of the owner's process)
 *
 * A task of the owner that reads its own number just before it becomes 0 has read the truth.  So
 * the number is never wrong for who reads it; the owner's process need not be alive, nor be the
 * same that it was: equal ids are what the rule is about.
 *
 * Locks: the address space's vdso.lock, inside all others; mmap_lock for the areas.
 * Left out: the signal trampoline, which the C library brings; VM_MAYWRITE for breakpoints of a
 * debugger.
 */
#include <linux/errno.h>
#include <oshit/clock_page.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/page.h>
#include <oshit/sizes.h>
#include <oshit/vdso.h>
#include <oshit/vdso_data.h>

#include "mm_internal.h"

#define DATA_SIZE (VDSO_DATA_PAGES * PAGE_SIZE)

/* The ELF image, in whole pages: arch/x86_64/entry/vdso/image.S. */
extern const char vdso_image_start[], vdso_image_end[];

/* --- whose address space it is --- */

void vdso_mm_init(struct mm_struct *mm)
{
	spin_lock_init(&mm->vdso.lock);
}

void vdso_mm_free(struct mm_struct *mm)
{
	if (mm->vdso.page)
		__free_page(mm->vdso.page);
}

void vdso_set_owner(struct mm_struct *mm, int tgid)
{
	mm->vdso.tgid = tgid;
}

/* Under the lock. */
static void update_page(const struct mm_vdso *vdso)
{
	struct vdso_process *process;

	if (!vdso->page)
		return;
	process = page_to_virt(vdso->page);
	WRITE_ONCE(process->tgid, vdso->nr_others ? 0 : vdso->tgid);
}

void vdso_enter(struct mm_struct *mm, int tgid)
{
	struct mm_vdso *vdso = &mm->vdso;

	if (tgid == vdso->tgid)
		return;
	spin_lock(&vdso->lock);
	vdso->nr_others++;
	update_page(vdso);
	spin_unlock(&vdso->lock);
}

void vdso_leave(struct mm_struct *mm, int tgid)
{
	struct mm_vdso *vdso = &mm->vdso;

	if (tgid == vdso->tgid)
		return;
	spin_lock(&vdso->lock);
	vdso->nr_others--;
	update_page(vdso);
	spin_unlock(&vdso->lock);
}

/* NULL: no memory. */
static struct page *process_page(struct mm_vdso *vdso)
{
	struct page *page, *unused = NULL;

	/* Pairs with the release below: it holds zeros, which are right, or more. */
	page = smp_load_acquire(&vdso->page);
	if (page)
		return page;
	page = alloc_page(GFP_USER | __GFP_ZERO);
	if (!page)
		return NULL;
	spin_lock(&vdso->lock);
	if (vdso->page)
		unused = page;
	else
		smp_store_release(&vdso->page, page);
	update_page(vdso);
	spin_unlock(&vdso->lock);
	if (unused)
		__free_page(unused);
	return vdso->page;
}

/* --- the areas --- */

static int vvar_fault(struct vm_fault *fault)
{
	if (fault->pgoff == VDSO_PROCESS_PAGE)
		fault->page = process_page(&fault->area->mm->vdso);
	else
		fault->page = phys_to_page(symbol_to_phys(&clock_page));
	return fault->page ? 0 : VM_FAULT_OOM;
}

static const char *vvar_name(struct vm_area *area __maybe_unused)
{
	return "[vvar]";
}

/* Code and data find each other by their distance, and whole. */
static int refuse_split(struct vm_area *area __maybe_unused, unsigned long addr __maybe_unused)
{
	return -EINVAL;
}

static const struct vm_operations vvar_ops = {
	.may_split = refuse_split,
	.fault = vvar_fault,
	.name = vvar_name,
};

static int vdso_fault(struct vm_fault *fault)
{
	fault->page = phys_to_page(symbol_to_phys(vdso_image_start + fault->pgoff * PAGE_SIZE));
	return 0;
}

static const char *vdso_name(struct vm_area *area __maybe_unused)
{
	return "[vdso]";
}

static int vdso_moved(struct vm_area *area)
{
	area->mm->vdso.address = area->start;
	return 0;
}

static const struct vm_operations vdso_ops = {
	.may_split = refuse_split,
	.mremap = vdso_moved,
	.fault = vdso_fault,
	.name = vdso_name,
};

static int add_area(const struct vm_area *wanted)
{
	struct vm_area *area = vma_alloc();
	int err;

	if (!area)
		return -ENOMEM;
	*area = *wanted;
	area->flags |= VM_READ | VM_MAYREAD | VM_DONTEXPAND | VM_PFNMAP;
	err = vma_insert(&area->mm->areas, area);
	if (err) {
		vma_free(area);
		return err;
	}
	mm_account_area(area->mm, area->flags, vma_pages(area));
	return 0;
}

/* Above the stack, else among the mappings; 0: nowhere. */
static unsigned long choose_place(struct mm_struct *mm, unsigned long size, u64 random)
{
	unsigned long start = mm->start_stack;
	unsigned long end = min(ALIGN_UP(start, LARGE_PAGE_SIZE), USER_END), place = 0;
	struct vma_gap gap = { .size = size, .align = PAGE_SIZE };

	if (end - start >= size) {
		gap.low = start + random % ((end - start - size) / PAGE_SIZE + 1) * PAGE_SIZE;
		gap.high = gap.low + size;
		place = vma_find_gap(&mm->areas, &gap);
	}
	if (place)
		return place;
	gap.low = PAGE_SIZE * 16;
	gap.high = mm->mmap_base;
	return vma_find_gap(&mm->areas, &gap);
}

static int map_areas(struct mm_struct *mm, u64 random)
{
	unsigned long image_size = vdso_image_end - vdso_image_start;
	struct vm_area data = { .mm = mm, .ops = &vvar_ops };
	struct vm_area image = { .mm = mm, .ops = &vdso_ops, .flags = VM_EXEC | VM_MAYEXEC };
	int err;

	if (!mm_may_grow(mm, VM_READ, (DATA_SIZE + image_size) >> PAGE_SHIFT))
		return -ENOMEM;
	data.start = choose_place(mm, DATA_SIZE + image_size, random);
	if (!data.start)
		return -ENOMEM;
	data.end = image.start = data.start + DATA_SIZE;
	image.end = image.start + image_size;
	err = add_area(&data) ?: add_area(&image);
	if (!err)
		mm->vdso.address = image.start;
	return err;
}

int vdso_map(struct mm_struct *mm, u64 random)
{
	int err;

	down_write(&mm->mmap_lock);
	err = map_areas(mm, random);
	mmap_write_unlock(mm);
	return err;
}

unsigned long vdso_address(const struct mm_struct *mm)
{
	return mm->vdso.address;
}
