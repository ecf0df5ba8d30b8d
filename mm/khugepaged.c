/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * khugepaged: a thread that looks for small pages that could be huge ones, because no block was
 * free at their first fault, or the area came to have all of 2 MiB only later, or a huge page was
 * split and the reason is gone.  mm/collapse.c does the work on a range; this file chooses ranges.
 *
 * Address spaces that have got an area of 2 MiB or more, or advice, or a fault that found no block,
 * are in a list; a child is not by what it inherits.  The thread takes the first, looks at its
 * areas from where it ended the last time, and moves it to the end.  After a number of pages
 * (khugepaged_pages_to_scan) it sleeps for long, so it costs a part of a percent of a CPU.
 * While the list is empty it does not wake up.
 *
 * It runs at the lowest nice value, but not in the idle class: others wait for the mmap_lock that
 * it holds.
 *
 * The thread is no user of the address space that it works on: at its priority it may not run for
 * long, and the memory of a program, and the file that it executed, would stay as long.  Who takes
 * an address space down waits until the thread has left it, which it does at the next range once it
 * sees that there is no user.
 *
 * Locks: khugepaged_lock for the list, and for whether the thread is in one of the address spaces.
 */
#define pr_fmt(fmt) "khugepaged: " fmt

#include <linux/errno.h>
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/kthread.h>
#include <oshit/list.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/printk.h>
#include <oshit/sched.h>
#include <oshit/spinlock.h>
#include <oshit/thp.h>
#include <oshit/wait.h>

#include "huge_memory.h"

unsigned long khugepaged_pages_to_scan = 4096;
unsigned long khugepaged_scan_sleep_millisecs = 10000;
unsigned long khugepaged_alloc_sleep_millisecs = 60000;
BOOT_PARAM_NUMBER("khugepaged_scan_sleep_millisecs", khugepaged_scan_sleep_millisecs);

static DEFINE_SPINLOCK(khugepaged_lock);
static LIST_HEAD(khugepaged_mms);
static struct task_struct *khugepaged_task; /* set once */
static struct mm_struct *scanned_mm; /* the one that the thread works on, or NULL */
static DECLARE_WAIT_QUEUE_HEAD(scan_left); /* for who wants scanned_mm to be another */

void khugepaged_enter(struct mm_struct *mm)
{
	bool is_first = false;

	if (!list_empty(&mm->khugepaged) || READ_ONCE(thp_mode) == THP_NEVER)
		return;
	spin_lock(&khugepaged_lock);
	if (list_empty(&mm->khugepaged)) {
		is_first = list_empty(&khugepaged_mms);
		list_add_tail(&mm->khugepaged, &khugepaged_mms);
	}
	spin_unlock(&khugepaged_lock);
	if (is_first && READ_ONCE(khugepaged_task))
		wake_up_process(khugepaged_task);
}

void khugepaged_exit(struct mm_struct *mm)
{
	/* Who enters is a user, so nobody does any more. */
	if (list_empty(&mm->khugepaged))
		return;
	spin_lock(&khugepaged_lock);
	list_del(&mm->khugepaged);
	spin_unlock(&khugepaged_lock);
	/* Not in the list, so not entered again. Pairs with the release in leave_mm(). */
	wait_event(scan_left, smp_load_acquire(&scanned_mm) != mm);
}

/* The next range of an address space to look at, from *@addr on; false: there is none. */
static bool next_range(struct mm_struct *mm, unsigned long *addr)
{
	struct vm_area *area;
	bool found = false;

	down_read(&mm->mmap_lock);
	for (area = vma_find(&mm->areas, *addr); area && !found;
	     area = vma_next(&mm->areas, area)) {
		unsigned long start = ALIGN_UP(max(*addr, area->start), HUGE_SIZE);

		found = huge_page_fits(area, start);
		if (found)
			*addr = start;
	}
	up_read(&mm->mmap_lock);
	return found;
}

/* Up to *@budget pages of @mm; false: no memory. */
static bool scan_mm(struct mm_struct *mm, unsigned int *budget)
{
	unsigned long addr = mm->khugepaged_next;
	int err = 0;

	while (*budget && err != -ENOMEM && refcount_read(&mm->users)) {
		if (!next_range(mm, &addr)) {
			addr = 0;
			break;
		}
		err = khugepaged_collapse(mm, addr);
		*budget -= min(*budget, (unsigned int)HUGE_PAGES);
		addr += HUGE_SIZE;
		cond_resched();
	}
	mm->khugepaged_next = addr;
	return err != -ENOMEM;
}

/* The first of the list, which goes to its end, if it has a user; NULL. */
static struct mm_struct *enter_mm(void)
{
	struct mm_struct *mm = NULL;

	spin_lock(&khugepaged_lock);
	if (!list_empty(&khugepaged_mms)) {
		mm = list_first_entry(&khugepaged_mms, struct mm_struct, khugepaged);
		list_move_tail(&mm->khugepaged, &khugepaged_mms);
		if (!refcount_read(&mm->users))
			mm = NULL;
		WRITE_ONCE(scanned_mm, mm);
	}
	spin_unlock(&khugepaged_lock);
	return mm;
}

static void leave_mm(void)
{
	/* Pairs with khugepaged_exit(): after this the address space may be gone. */
	smp_store_release(&scanned_mm, NULL);
	wake_up_all(&scan_left);
}

static unsigned int nr_mms(void)
{
	struct list_head *link;
	unsigned int nr = 0;

	spin_lock(&khugepaged_lock);
	list_for_each(link, &khugepaged_mms)
		nr++;
	spin_unlock(&khugepaged_lock);
	return nr;
}

/* A round; how long to sleep after it. */
static unsigned long scan(void)
{
	unsigned int budget = khugepaged_pages_to_scan;
	bool has_memory = true;

	for (unsigned int nr = nr_mms(); nr && budget && has_memory; nr--) {
		struct mm_struct *mm = enter_mm();

		if (!mm)
			continue;
		has_memory = scan_mm(mm, &budget);
		leave_mm();
	}
	return has_memory ? khugepaged_scan_sleep_millisecs : khugepaged_alloc_sleep_millisecs;
}

static int khugepaged(void *data __maybe_unused)
{
	while (!kthread_should_stop()) {
		unsigned long sleep_ms = scan();

		/* Who comes into the empty list after the look finds us going to sleep. */
		set_current_state(TASK_IDLE);
		if (nr_mms())
			schedule_timeout_ns(sleep_ms * NSEC_PER_MSEC);
		else
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

void khugepaged_init(void)
{
	struct task_struct *task;

	if (thp_mode == THP_NEVER)
		return;
	task = kthread_create(khugepaged, NULL, "khugepaged");
	if (IS_ERR(task)) {
		pr_warn("no memory for its thread\n");
		return;
	}
	set_nice(task, NICE_MAX);
	WRITE_ONCE(khugepaged_task, task);
	wake_up_process(task);
}
