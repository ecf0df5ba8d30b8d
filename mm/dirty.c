/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dirty pages of files, of all of the machine: how many there may be, and who stores them.
 *
 * A page that is dirty cannot be reclaimed, and storing it takes as long as the disk does.  So
 * there are two marks, in parts of the memory that pages of files could have.  Above the lower one
 * the thread "flusher" stores pages until the number is below again.  Above the upper one who has
 * many of them stores some himself before he goes on: writing is no faster than the disk in the
 * end. Only he waits, for others have little to do with it: a mapping that has less than HOG_SHARE
 * of what is permitted is left alone.  It counts the same whether pages get dirty by write(2) or
 * through a mapping.
 *
 * Reclaim never stores pages of files itself, for it may be called from anywhere, also by a task
 * that holds the lock of such a page: it wakes the flusher, and marks the pages, which are then the
 * next to go (PG_reclaim).  What is dirty for long is stored by the timers of block devices.
 *
 * Mappings with dirty pages stand in a list.  The flusher goes round, a number of pages of each at
 * a time.  A mapping with an error waits for who asks for it (fsync()) before anything is tried
 * again.
 *
 * Who frees a mapping takes it off the list with its last page, and then waits for the flusher to
 * be done with it.
 *
 * Locks: dirty.lock, inside of mapping->lock.
 */
#define pr_fmt(fmt) "flusher: " fmt

#include <oshit/dirty.h>
#include <oshit/err.h>
#include <oshit/kthread.h>
#include <oshit/lru.h>
#include <oshit/math.h>
#include <oshit/mmzone.h>
#include <oshit/pagecache.h>
#include <oshit/printk.h>
#include <oshit/vmstat.h>
#include <oshit/wait.h>

#define HOG_SHARE   16 /* of the upper mark */
#define STORE_PAGES 256 /* of a mapping at a time: 1 MiB */
#define WAIT_NS	    (100 * NSEC_PER_MSEC)

unsigned long dirty_ratio = 20, dirty_bytes;
unsigned long dirty_background_ratio = 10, dirty_background_bytes;
unsigned long dirty_writeback_centisecs = 500;

static struct { /* l: ->lock   a: atomic */
	spinlock_t lock;
	struct list_head mappings; /* l  with dirty pages */
	struct address_space *mapping; /* l  in which the flusher is just now; NULL: in none */
	atomic_t is_wanted; /* reclaim wants clean pages */
	struct task_struct *thread; /* set once; NULL: none */
	struct wait_queue_head left; /* the flusher is done with a mapping */
	struct wait_queue_head progress; /* a page has been stored */
} dirty = {
	.lock = SPINLOCK_INIT,
	.mappings = LIST_HEAD_INIT(dirty.mappings),
	.left = WAIT_QUEUE_HEAD_INIT(dirty.left),
	.progress = WAIT_QUEUE_HEAD_INIT(dirty.progress),
};

/* --- marks --- */

/* What pages of files have, or could have. */
static unsigned long dirtyable_pages(void)
{
	unsigned long nr = 0;
	const struct zone *zone;

	for_each_zone(zone) nr += READ_ONCE(zone->nr_free);
	if (IS_ENABLED(CONFIG_RECLAIM))
		return nr + lru_nr_pages(LRU_INACTIVE_FILE) + lru_nr_pages(LRU_ACTIVE_FILE);
	return nr + vm_stat_read(NR_FILE_PAGES) - min(vm_stat_read(NR_SHMEM), nr);
}

static unsigned long mark(unsigned long bytes, unsigned long ratio, unsigned long nr_pages)
{
	return bytes ? DIV_ROUND_UP(bytes, PAGE_SIZE) : nr_pages * ratio / 100;
}

void dirty_limits_get(struct dirty_limits *limits)
{
	unsigned long nr_pages = dirtyable_pages();

	limits->hard = mark(READ_ONCE(dirty_bytes), READ_ONCE(dirty_ratio), nr_pages);
	limits->background = mark(READ_ONCE(dirty_background_bytes),
				  READ_ONCE(dirty_background_ratio), nr_pages);
	if (limits->background >= limits->hard)
		limits->background = limits->hard / 2;
}

static bool is_above_background(void)
{
	struct dirty_limits limits;

	dirty_limits_get(&limits);
	return vm_stat_read(NR_FILE_DIRTY) > limits.background;
}

int balance_dirty_pages(struct address_space *mapping)
{
	unsigned long nr = vm_stat_read(NR_FILE_DIRTY), mine;
	struct dirty_limits limits;

	if (!mapping_tracks_dirty(mapping))
		return 0;
	dirty_limits_get(&limits);
	if (nr > limits.background)
		flusher_wake();
	mine = READ_ONCE(mapping->pages.nr_tagged[PAGE_TAG_DIRTY]);
	if (nr + vm_stat_read(NR_WRITEBACK) <= limits.hard || mine <= limits.hard / HOG_SHARE)
		return 0;
	filemap_write_some(mapping, STORE_PAGES);
	return READ_ONCE(mapping->error);
}

/* --- waiting --- */

void writeback_wait(u64 timeout_ns)
{
	unsigned long before = vm_stat_read(NR_WRITTEN);

	wait_event_timeout_ns(dirty.progress, vm_stat_read(NR_WRITTEN) != before, timeout_ns);
}

void writeback_progress(void)
{
	smp_mb(); /* what has been counted is seen by who is waiting by now */
	if (waitqueue_active(&dirty.progress))
		wake_up_all(&dirty.progress);
}

/* --- the list --- */

void dirty_note_mapping(struct address_space *mapping)
{
	bool has_dirty = mapping->pages.nr_tagged[PAGE_TAG_DIRTY];

	if (!mapping_tracks_dirty(mapping) || has_dirty != list_empty(&mapping->dirty))
		return;
	spin_lock(&dirty.lock);
	if (has_dirty)
		list_add_tail(&mapping->dirty, &dirty.mappings);
	else
		list_del_init(&mapping->dirty);
	spin_unlock(&dirty.lock);
}

static bool is_left(const struct address_space *mapping)
{
	bool left;

	spin_lock(&dirty.lock);
	left = dirty.mapping != mapping;
	spin_unlock(&dirty.lock);
	return left;
}

void dirty_leave_mapping(struct address_space *mapping)
{
	if (mapping_tracks_dirty(mapping))
		wait_event(dirty.left, is_left(mapping));
}

/* --- the thread --- */

void flusher_wake(void)
{
	if (!dirty.thread || atomic_xchg(&dirty.is_wanted, 1))
		return;
	wake_up_process(dirty.thread);
}

/* The next mapping, which stays until leave_mapping(). NULL: none has dirty pages. */
static struct address_space *enter_mapping(void)
{
	struct address_space *mapping = NULL;

	spin_lock(&dirty.lock);
	if (!list_empty(&dirty.mappings)) {
		mapping = list_first_entry(&dirty.mappings, struct address_space, dirty);
		list_move_tail(&mapping->dirty, &dirty.mappings);
	}
	dirty.mapping = mapping;
	spin_unlock(&dirty.lock);
	return mapping;
}

static void leave_mapping(void)
{
	spin_lock(&dirty.lock);
	dirty.mapping = NULL;
	spin_unlock(&dirty.lock);
	wake_up_all(&dirty.left);
}

static unsigned int nr_mappings(void)
{
	const struct list_head *link;
	unsigned int nr = 0;

	spin_lock(&dirty.lock);
	list_for_each(link, &dirty.mappings)
		nr++;
	spin_unlock(&dirty.lock);
	return nr;
}

/* Once round all mappings. Return: how many pages were stored. */
static unsigned long store_round(void)
{
	unsigned long nr_stored = 0;

	for (unsigned int nr = nr_mappings(); nr; nr--) {
		struct address_space *mapping = enter_mapping();

		if (mapping && !READ_ONCE(mapping->error))
			nr_stored += filemap_write_some(mapping, STORE_PAGES);
		leave_mapping();
		cond_resched();
	}
	return nr_stored;
}

static int flusher(void *data __maybe_unused)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		if (!atomic_xchg(&dirty.is_wanted, 0))
			schedule();
		__set_current_state(TASK_RUNNING);
		/* Where nothing can be stored, it is not tried without an end. */
		while (store_round() && is_above_background())
			cond_resched();
	}
	return 0;
}

void flusher_init(void)
{
	struct task_struct *task;

	if (!IS_ENABLED(CONFIG_FLUSHER))
		return;
	task = kthread_create(flusher, NULL, "flusher");
	if (IS_ERR(task)) {
		pr_warn("no memory for its thread\n");
		return;
	}
	WRITE_ONCE(dirty.thread, task);
	wake_up_process(task);
}
