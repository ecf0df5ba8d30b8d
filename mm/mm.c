/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of an address space, and its accounts.
 *
 * It begins empty and has a user; tasks that share it are users, too, and so is who looks at
 * another task's areas.  The last mmput() unmaps everything: pages first, then tables, then the
 * root.  No CPU may still run on the root then: switch_mm() leaves it for good before the last
 * user goes, or mm_context_unload() makes lazy CPUs leave.
 *
 * Accounts: pages of areas by kind under mmap_lock; resident pages in atomic counters.
 */
#include <arch/tlb.h>
#include <oshit/bug.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/rlimit.h>
#include <oshit/slab.h>

#include "mm_internal.h"
#include "user_table.h"

static struct kmem_cache *mm_cache __ro_after_init;

void __init mm_struct_init(void)
{
	mm_cache = kmem_cache_create("mm_struct", sizeof(struct mm_struct), 0, SLAB_PANIC, NULL);
}

struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = kmem_cache_zalloc(mm_cache, GFP_KERNEL);

	if (!mm)
		return NULL;
	if (user_tables_init(mm)) {
		kmem_cache_free(mm_cache, mm);
		return NULL;
	}
	spin_lock_init(&mm->page_table_lock);
	init_rwsem(&mm->mmap_lock);
	vm_areas_init(&mm->areas, MAX_MAP_COUNT);
	refcount_set(&mm->users, 1);
	return mm;
}

static bool is_stack(unsigned long flags)
{
	return flags & VM_GROWSDOWN;
}

static bool is_data(unsigned long flags)
{
	return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}

void mm_account_area(struct mm_struct *mm, unsigned long flags, long nr_pages)
{
	mm->total_pages += nr_pages;
	if (is_stack(flags))
		mm->stack_pages += nr_pages;
	else if (is_data(flags))
		mm->data_pages += nr_pages;
	else if ((flags & (VM_EXEC | VM_WRITE)) == VM_EXEC)
		mm->exec_pages += nr_pages;
	if (flags & VM_LOCKED)
		mm->locked_pages += nr_pages;
}

bool mm_data_may_grow(struct mm_struct *mm, unsigned long nr_pages)
{
	return mm->data_pages + nr_pages <= current_limit(RLIMIT_DATA) >> PAGE_SHIFT;
}

bool mm_may_grow(struct mm_struct *mm, unsigned long flags, unsigned long nr_pages)
{
	if (mm->total_pages + nr_pages > current_limit(RLIMIT_AS) >> PAGE_SHIFT)
		return false;
	return !is_data(flags) || mm_data_may_grow(mm, nr_pages);
}

void mm_free_area(struct vm_area *area)
{
	if (area->ops && area->ops->close)
		area->ops->close(area);
	vma_free(area);
}

/* Pages and tables of a range that lies between two other areas. */
static void unmap_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			const struct user_hole *hole)
{
	struct user_gather gather;

	user_gather_begin(&gather, mm);
	user_unmap_pages(&gather, start, end);
	user_tables_free(&gather, hole);
	user_gather_end(&gather);
}

void mm_remove_areas(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area *area = vma_find_in(&mm->areas, start, end);
	struct user_hole hole = { .start = start, .last = end - 1 };
	struct vm_area *prev, *next;

	if (!area)
		return;
	prev = vma_prev(&mm->areas, area);
	hole.floor = prev ? prev->end : 0;
	next = vma_find(&mm->areas, end);
	/* Above USER_END is nothing that could need the tables that cover it, too. */
	hole.ceiling = next ? next->start : ALIGN_UP(USER_END, PT_LEVEL_SIZE(PT_ROOT_LEVEL));
	unmap_range(mm, start, end, &hole);
	while ((area = vma_find_in(&mm->areas, start, end))) {
		vma_remove(&mm->areas, area);
		mm_account_area(mm, area->flags, -(long)vma_pages(area));
		mm_free_area(area);
	}
}

void mmput(struct mm_struct *mm)
{
	if (!refcount_dec_and_test(&mm->users))
		return;
	down_write(&mm->mmap_lock);
	mm_remove_areas(mm, 0, USER_END);
	up_write(&mm->mmap_lock);
	for (size_t i = 0; i < NR_MM_COUNTERS; i++)
		WARN_ON_ONCE(atomic64_read(&mm->counters[i]));
	mm_context_unload(&mm->context);
	user_tables_destroy(mm);
	kmem_cache_free(mm_cache, mm);
}
