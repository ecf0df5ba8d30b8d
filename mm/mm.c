/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of an address space, and its accounts.
 *
 * It begins empty and has a user; tasks that share it are users, too, and so is who looks at
 * another task's areas, but for khugepaged, for which the last mmput() waits.  That unmaps
 * everything: pages first, then tables, then the root.  No CPU may still run on the root then:
 * switch_mm() leaves it for good before the last user goes, or mm_context_unload() makes lazy CPUs
 * leave, before anything is unmapped, so that there is no translation to be flushed.
 *
 * Accounts: pages of areas by kind under mmap_lock; resident pages in atomic counters.
 */
#include <arch/tlb.h>
#include <oshit/bug.h>
#include <oshit/check_l1tf.h>
#include <oshit/check_mm.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/overcommit.h>
#include <oshit/rlimit.h>
#include <oshit/rmap.h>
#include <oshit/slab.h>
#include <oshit/swap.h>
#include <oshit/thp.h>
#include <oshit/workqueue.h>

#include "mm_internal.h"
#include "user_table.h"

static struct kmem_cache *mm_cache __ro_after_init;
static atomic64_t last_serial;
void (*mm_exit_hook)(struct mm_struct *mm);

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
	mm->serial = (u64)atomic64_inc_return(&last_serial);
	vdso_mm_init(mm);
	init_rwsem(&mm->mmap_lock);
	mutex_init(&mm->anon_vma_mutex);
	spin_lock_init(&mm->deposit_lock);
	INIT_LIST_HEAD(&mm->khugepaged);
	INIT_LIST_HEAD(&mm->swapped);
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
	mm->peak_total_pages = max(mm->peak_total_pages, mm->total_pages);
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

/*
 * Whether nobody can be looking for areas but the caller: those who look are tasks that use the
 * address space.  One that begins to use it later does not find what has left the set by now: he
 * counts himself before he looks, and the barrier stands between.
 */
static bool is_only_user(const struct mm_struct *mm)
{
	smp_mb();
	return refcount_read(&mm->users) <= 1;
}

void mm_free_area(struct vm_area *area)
{
	anon_vma_unlink(area);
	if (area->ops && area->ops->close)
		area->ops->close(area);
	if (!area->mm || is_only_user(area->mm)) /* of no address space in tests of areas */
		vma_free_now(area);
	else
		vma_free(area);
}

/*
 * Pages and tables of the areas from @first on that begin below @end; the hole is what will be free
 * around them.  What lies between areas has neither, so it is not looked at.  A table that several
 * areas need is freed with the last: below each area all is gone already, above it is the next.
 * No table goes while a walk from a page, or from a file (mm/mapping.c), may find the area: it
 * leaves both reverse mappings before.
 */
static void unmap_areas(struct mm_struct *mm, struct vm_area *first, unsigned long end,
			const struct user_hole *hole)
{
	struct user_hole part = *hole;
	struct user_gather gather;
	struct vm_area *area, *next;

	user_gather_begin(&gather, mm);
	for_each_vma_in(area, &mm->areas, first->start, end) {
		vma_start_write(&mm->areas, area);
		mm_unlock_pages(area, area->start, area->end);
	}
	for_each_vma_in(area, &mm->areas, first->start, end)
		user_unmap_pages(&gather, area->start, area->end);
	for_each_vma_in(area, &mm->areas, first->start, end)
		vma_hide_from_mapping(area);
	for (area = first; area && area->start < end; area = next) {
		next = vma_next(&mm->areas, area);
		part.start = area->start;
		part.last = area->end - 1;
		part.ceiling = next && next->start < end ? next->start : hole->ceiling;
		anon_vma_unlink(area);
		user_tables_free(&gather, &part);
	}
	user_gather_end(&gather);
}

void mm_remove_areas(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area *area = vma_find_in(&mm->areas, start, end);
	struct user_hole hole = { 0 };
	struct vm_area *prev, *next;

	if (!area)
		return;
	prev = vma_prev(&mm->areas, area);
	hole.floor = prev ? prev->end : 0;
	next = vma_find(&mm->areas, end);
	/* Above USER_END is nothing that could need the tables that cover it, too. */
	hole.ceiling = next ? next->start : ALIGN_UP(USER_END, PT_LEVEL_SIZE(PT_ROOT_LEVEL));
	unmap_areas(mm, area, end, &hole);
	while ((area = vma_find_in(&mm->areas, start, end))) {
		vma_remove(&mm->areas, area);
		mm_account_area(mm, area->flags, -(long)vma_pages(area));
		if (area->flags & VM_ACCOUNT)
			vm_unacct_memory(vma_pages(area));
		mm_free_area(area);
	}
}

void (*mm_victim_freed_hook)(struct mm_struct *mm);

/* The last user has gone. */
static void mm_free(struct mm_struct *mm)
{
	khugepaged_exit(mm);
	/* First: then nothing has to be flushed. */
	mm_context_unload(&mm->context);
	WARN_ON_ONCE(l1tf_check_user(mm->context.root, NULL));
	down_write(&mm->mmap_lock);
	mm_check(mm); /* says itself what is wrong */
	mm_remove_areas(mm, 0, USER_END);
	mmap_write_unlock(mm);
	swap_forget_mm(mm);
	for (size_t i = 0; i < NR_MM_COUNTERS; i++)
		WARN_ON_ONCE(atomic64_read(&mm->counters[i]));
	WARN_ON_ONCE(atomic64_read(&mm->nr_tables) || mm->nr_deposited);
	if (mm_exit_hook)
		mm_exit_hook(mm);
	user_tables_destroy(mm);
	vdso_mm_free(mm);
	if (READ_ONCE(mm->is_oom_pending))
		mm_victim_freed_hook(mm);
	kmem_cache_free(mm_cache, mm);
}

void mmput(struct mm_struct *mm)
{
	if (refcount_dec_and_test(&mm->users))
		mm_free(mm);
}

static void free_by_worker(struct work_struct *work)
{
	mm_free(container_of(work, struct mm_struct, free_work));
}

void mmput_async(struct mm_struct *mm)
{
	if (!refcount_dec_and_test(&mm->users))
		return;
	INIT_WORK(&mm->free_work, free_by_worker);
	queue_work(system_wq, &mm->free_work);
}
