/* SPDX-License-Identifier: GPL-2.0-only */
/* The caches that address spaces need, after boot_slab.c. */
#include <oshit/dirty.h>
#include <oshit/mm.h>
#include <oshit/panic.h>
#include <oshit/page_tree.h>
#include <oshit/pagecache.h>
#include <oshit/rmap.h>
#include <oshit/thp.h>
#include <oshit/vma.h>
#include <oshit/workqueue.h>

#include "../../../mm/mm_internal.h"

static __attribute__((constructor(103))) void boot_user(void)
{
	vma_init();
	rmap_init();
	thp_init();
	page_tree_init();
	mm_struct_init();
	zero_page_init();
}

/* --- of kernel/workqueue.c: works are done at once --- */

struct workqueue_struct *system_wq;

void INIT_WORK(struct work_struct *work, work_fn fn)
{
	work->fn = fn;
}

bool queue_work(struct workqueue_struct *wq __maybe_unused, struct work_struct *work)
{
	work->fn(work);
	return true;
}

/* --- of mm/page_lock.c: one task, which never waits for a page --- */

void __lock_page(struct page *page __maybe_unused)
{
	panic("a page is locked twice");
}

void __unlock_page(struct page *page)
{
	__clear_bit(PG_locked, &page->flags);
}

void page_wait_writeback(struct page *page __maybe_unused)
{
}

#ifdef CONFIG_THP
/* --- of mm/khugepaged.c: there are no threads --- */

void khugepaged_enter(struct mm_struct *mm __maybe_unused)
{
}

void khugepaged_exit(struct mm_struct *mm __maybe_unused)
{
}
#endif

/* --- of mm/mm_caller.c: nobody calls here --- */

bool mm_locks_freely(void)
{
	return false;
}

bool mm_caller_is_admin(void)
{
	return false;
}

void mm_count_stored(unsigned long bytes)
{
}

bool mm_read_implies_exec(const struct mm_struct *mm __maybe_unused,
			  unsigned long prot __maybe_unused)
{
	return false;
}

/* --- of mm/dirty.c: nobody waits for what is dirty --- */

int balance_dirty_pages(struct address_space *mapping __maybe_unused)
{
	return 0;
}

void dirty_note_mapping(struct address_space *mapping __maybe_unused)
{
}

void dirty_leave_mapping(struct address_space *mapping __maybe_unused)
{
}

void writeback_progress(void)
{
}
