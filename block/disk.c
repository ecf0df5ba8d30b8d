/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks and the threads that serve them.
 *
 *	submit_io()		the disk's thread				the driver
 *
 *	into the queue  ----->  takes the command whose turn it is  ------>	->issue()
 *	(queue.c), wake		   as long as the disk takes more
 *									interrupt
 *				->reap(), disk_command_done()  <--------  disk_attention()
 *	->done()  <-----------	   well, or for good
 *				   else: tries again
 *
 * One thread a disk does all that, so a driver needs no lock against itself, everything may sleep,
 * and callbacks run where a task runs.  The interrupt handler only says that there is something.
 *
 * Errors.  A command that fails is tried again, up to MAX_TRIES times in all.  One that was put
 * together of several requests is taken apart first, for only one of them may be at fault.  While
 * there are commands to be tried again nothing else goes to the disk, and one goes at a time: then
 * it is clear whose an error is, even if the disk cannot tell.  A command that was only a victim
 * (-EAGAIN) is tried again, alone, and it does not count.  A command that takes longer than
 * disk_timeout_ms has the driver recover the disk; where that fails, the disk is dead, and all
 * requests fail from then on.  Nobody waits for ever: each request is called back.
 *
 * A flush goes to the disk alone: queued and unqueued commands of a SATA disk do not mix (ATA8-ACS,
 * 4.15).  From when it is its turn nothing else is issued, so it waits for what is at the disk and
 * no longer.
 *
 * Locks: queue->lock for what waits and for the numbers; the rest is the thread's.  No lock is held
 * in a callback or in a call of the driver.
 */
#define pr_fmt(fmt) "disk: " fmt

#include <arch/page.h>
#include <linux/errno.h>
#include <oshit/boot_param.h>
#include <oshit/bug.h>
#include <oshit/clock.h>
#include <oshit/completion.h>
#include <oshit/fail_io.h>
#include <oshit/hrtimer.h>
#include <oshit/init.h>
#include <oshit/kthread.h>
#include <oshit/math.h>
#include <oshit/page.h>
#include <oshit/printf.h>
#include <oshit/printk.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/user_task.h>

#include "disk.h"

#define MAX_DISKS  16 /* whose numbers Linux keeps together: 8:0 to 8:255 */
#define MAX_TRIES  3
#define TIMEOUT_MS 30000 /* as Linux: a disk may have to spin up, or look for a spare sector */

static unsigned long timeout_ms = TIMEOUT_MS;
BOOT_PARAM_NUMBER("disk_timeout_ms", timeout_ms);

static struct disk *first_disk; /* grows while booting */
static unsigned int nr_disks;

struct disk *disk_first(void)
{
	return first_disk;
}

struct disk *disk_find(const char *name)
{
	struct disk *disk = first_disk;

	while (disk && strcmp(disk->name, name))
		disk = disk->next;
	return disk;
}

/* --- submission --- */

/* No stack, no vmalloc area, nothing of the image: the device gets its physical address. */
static bool is_in_direct_map(const void *buffer, u32 size)
{
	u64 limit = max_pfn * PAGE_SIZE, start = virt_to_phys(buffer);

	return start < limit && size <= limit - start;
}

static int check_request(const struct disk *disk, const struct io_request *req)
{
	u64 nr = req->size >> SECTOR_SHIFT;

	if (req->op == IO_FLUSH)
		return req->size ? -EINVAL : 0;
	if (WARN_ON_ONCE(!is_in_direct_map(req->buffer, req->size)))
		return -EINVAL;
	if (req->op > IO_FLUSH || !nr || req->size % SECTOR_SIZE || req->size > DISK_MAX_REQUEST ||
	    nr > disk->max_sectors || (unsigned long)req->buffer % 2)
		return -EINVAL;
	return req->sector >= disk->nr_sectors || nr > disk->nr_sectors - req->sector ? -EIO : 0;
}

static void prepare_request(struct io_request *req, u64 now)
{
	req->flow = (u32)current->pid;
	req->status = 0;
	req->nr_tries = 0;
	req->must_fail = should_fail_io();
	req->submitted_ns = now;
	if (req->op == IO_READ)
		count_io_stored(false, req->size);
}

/* The lock is held. */
static void enqueue(struct disk_queue *queue, struct io_request *req)
{
	struct disk_stats *stats = &queue->stats;

	if (!stats->nr_pending++)
		stats->busy_since_ns = req->submitted_ns;
	if (io_queue_add(&queue->waiting, req))
		stats->nr_merged[req->op]++;
}

int submit_io(struct disk *disk, struct io_request *req)
{
	struct disk_queue *queue = disk->queue;
	int err = check_request(disk, req);

	if (err)
		return err;
	prepare_request(req, clock_ns());
	spin_lock(&queue->lock);
	enqueue(queue, req);
	spin_unlock(&queue->lock);
	wake_up(&queue->wait);
	return 0;
}

int submit_io_list(struct disk *disk, struct list_head *requests)
{
	struct disk_queue *queue = disk->queue;
	struct io_request *req, *next;
	u64 now = clock_ns();
	int err;

	list_for_each_entry(req, requests, link) {
		err = check_request(disk, req);
		if (err)
			return err;
		prepare_request(req, now);
	}
	spin_lock(&queue->lock);
	list_for_each_entry_safe(req, next, requests, link) {
		list_del(&req->link);
		enqueue(queue, req);
	}
	spin_unlock(&queue->lock);
	wake_up(&queue->wait);
	return 0;
}

static void complete_request(struct io_request *req)
{
	complete(req->private);
}

int disk_rw(struct disk *disk, enum io_op op, u64 sector, void *buffer, u32 size)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct io_request req = {
		.op = op,
		.sector = sector,
		.buffer = buffer,
		.size = size,
		.done = complete_request,
		.private = &done,
	};
	int err = submit_io(disk, &req);

	if (err)
		return err;
	wait_for_completion(&done);
	return req.status;
}

/* --- the end of commands --- */

static void account_end(struct disk_queue *queue, const struct io_request *req, u64 now)
{
	struct disk_stats *stats = &queue->stats;

	if (!--stats->nr_pending)
		stats->busy_ns += now - stats->busy_since_ns;
	if (req->status) {
		stats->nr_errors++;
		return;
	}
	stats->nr_requests[req->op]++;
	stats->nr_sectors[req->op] += req->size >> SECTOR_SHIFT;
	stats->time_ns[req->op] += now - req->submitted_ns;
}

static void call_back(struct disk_queue *queue, struct io_request *head, int status)
{
	struct io_request *req, *next;
	u64 now = clock_ns();

	spin_lock(&queue->lock);
	for (req = head; req; req = req->next) {
		req->status = status;
		account_end(queue, req, now);
	}
	spin_unlock(&queue->lock);
	for (req = head; req; req = next) {
		next = req->next;
		req->done(req);
	}
}

static void fail_for_good(struct disk *disk, struct io_request *head, int status)
{
	static const char *const names[] = { "read", "write", "flush" };

	if (!disk->queue->is_dead)
		pr_err("%s: %s of %u sectors at %lu failed, error %d", disk->name, names[head->op],
		       head->nr_sectors, head->sector, -status);
	call_back(disk->queue, head, status);
}

static void try_again(struct disk_queue *queue, struct io_request *head)
{
	list_add_tail(&head->link, &queue->retries);
	queue->nr_retries++;
	spin_lock(&queue->lock);
	queue->stats.nr_retries++;
	spin_unlock(&queue->lock);
}

/* Each request of a command becomes one of its own. */
static void take_apart(struct disk_queue *queue, struct io_request *head)
{
	struct io_request *next;

	for (; head; head = next) {
		next = head->next;
		io_request_make_head(head);
		try_again(queue, head);
	}
}

/* Of a command that is at the disk no more. */
static void command_failed(struct disk *disk, struct io_request *head, int status)
{
	struct disk_queue *queue = disk->queue;

	if (queue->is_dead) {
		fail_for_good(disk, head, -EIO);
	} else if (status == -EAGAIN && !head->is_late) {
		try_again(queue, head);
	} else if (head->next) {
		take_apart(queue, head);
	} else if (++head->nr_tries < MAX_TRIES) {
		try_again(queue, head);
	} else {
		fail_for_good(disk, head, head->is_late ? -ETIMEDOUT : status);
	}
}

void disk_command_done(struct disk *disk, struct io_request *head, int status)
{
	struct disk_queue *queue = disk->queue;

	list_del(&head->link);
	WRITE_ONCE(queue->nr_in_flight, queue->nr_in_flight - 1);
	if (!queue->nr_in_flight)
		queue->is_alone = false;
	if (status)
		command_failed(disk, head, status);
	else
		call_back(queue, head, 0);
}

/* --- the thread --- */

void disk_attention(struct disk *disk)
{
	struct disk_queue *queue = disk->queue;

	/* Pairs with the one in disk_thread(): the driver's notes come before it. */
	smp_store_release(&queue->attention, true);
	wake_up(&queue->wait);
}

/* How many commands may be at the disk now. */
static unsigned int depth_now(const struct disk *disk)
{
	const struct disk_queue *queue = disk->queue;

	if (queue->nr_retries || queue->held || queue->is_alone)
		return 1;
	return disk->depth;
}

static bool can_issue(const struct disk *disk)
{
	const struct disk_queue *queue = disk->queue;

	if (queue->nr_in_flight >= depth_now(disk))
		return false;
	return queue->nr_retries || queue->held || READ_ONCE(queue->waiting.nr_commands);
}

static bool has_work(const struct disk *disk)
{
	return READ_ONCE(disk->queue->attention) || can_issue(disk);
}

/* The command to issue next; NULL: none, or a flush that must wait. */
static struct io_request *next_command(struct disk *disk)
{
	struct disk_queue *queue = disk->queue;
	struct io_request *head;

	if (queue->nr_retries) {
		head = list_first_entry(&queue->retries, struct io_request, link);
		list_del(&head->link);
		queue->nr_retries--;
		queue->is_alone = true;
		return head;
	}
	head = queue->held;
	queue->held = NULL;
	if (!head) {
		spin_lock(&queue->lock);
		head = io_queue_next(&queue->waiting);
		spin_unlock(&queue->lock);
	}
	if (head && head->op == IO_FLUSH && queue->nr_in_flight) {
		queue->held = head;
		return NULL;
	}
	queue->is_alone = head && head->op == IO_FLUSH;
	return head;
}

static bool must_fail(const struct io_request *head)
{
	if (!IS_ENABLED(CONFIG_FAIL_IO))
		return false;
	for (; head; head = head->next)
		if (head->must_fail)
			return true;
	return false;
}

static void issue(struct disk *disk, struct io_request *head)
{
	struct disk_queue *queue = disk->queue;
	int err = -EIO;

	if (head->op == IO_FLUSH && !disk->has_cache) {
		queue->is_alone = false;
		call_back(queue, head, 0);
		return;
	}
	head->issued_ns = clock_ns();
	head->is_late = false;
	list_add_tail(&head->link, &queue->in_flight);
	WRITE_ONCE(queue->nr_in_flight, queue->nr_in_flight + 1);
	if (!queue->is_dead && !must_fail(head))
		err = disk->ops->issue(disk, head);
	if (err)
		disk_command_done(disk, head, err);
}

static void issue_all(struct disk *disk)
{
	struct io_request *head;

	while (can_issue(disk) && (head = next_command(disk)))
		issue(disk, head);
}

static void fail_all_retries(struct disk *disk)
{
	struct disk_queue *queue = disk->queue;
	struct io_request *head, *next;
	LIST_HEAD(heads);

	list_splice_init(&queue->retries, &heads);
	queue->nr_retries = 0;
	list_for_each_entry_safe(head, next, &heads, link)
		fail_for_good(disk, head, -EIO);
}

static unsigned long timeout_of(const struct disk *disk)
{
	return disk->timeout_ms ?: timeout_ms;
}

/* When the driver is to do something about the oldest command; 0: there is none. */
static u64 deadline_of(const struct disk *disk)
{
	const struct disk_queue *queue = disk->queue;
	const struct io_request *oldest;

	if (list_empty(&queue->in_flight))
		return 0;
	oldest = list_first_entry(&queue->in_flight, struct io_request, link);
	return oldest->issued_ns + timeout_of(disk) * NSEC_PER_MSEC;
}

static void mark_late(struct disk *disk, u64 now)
{
	struct io_request *head;

	list_for_each_entry(head, &disk->queue->in_flight, link)
		head->is_late = now - head->issued_ns >= timeout_of(disk) * NSEC_PER_MSEC;
}

/* The driver does not get it going again. */
static void disk_died(struct disk *disk, int err)
{
	pr_err("%s: does not come back (error %d): everything fails from now on", disk->name, -err);
	WRITE_ONCE(disk->queue->is_dead, true);
	fail_all_retries(disk);
}

static void recover_if_late(struct disk *disk)
{
	struct disk_queue *queue = disk->queue;
	u64 deadline = deadline_of(disk), now = clock_ns();
	int err;

	if (!deadline || now < deadline)
		return;
	mark_late(disk, now);
	pr_err("%s: no answer after %lu ms, %u commands are out", disk->name, timeout_of(disk),
	       queue->nr_in_flight);
	spin_lock(&queue->lock);
	queue->stats.nr_timeouts++;
	queue->stats.nr_recoveries++;
	spin_unlock(&queue->lock);
	err = disk->ops->recover(disk);
	if (err)
		disk_died(disk, err);
}

/* Until something is to be done, or a command is late. It may wait for ever, and that is no
 * fault: TASK_IDLE. */
static void wait_for_work(struct disk *disk)
{
	struct wait_queue_head *wait = &disk->queue->wait;
	u64 deadline = deadline_of(disk) ?: HRTIMER_NO_DEADLINE;
	bool is_late = false;
	DEFINE_WAIT(entry);

	while (!is_late) {
		prepare_to_wait(wait, &entry, TASK_IDLE);
		if (has_work(disk) || kthread_should_stop())
			break;
		is_late = schedule_until_ns(deadline);
	}
	finish_wait(wait, &entry);
}

static void reap(struct disk *disk)
{
	int err = disk->ops->reap(disk);

	if (err)
		disk_died(disk, err);
}

static int disk_thread(void *data)
{
	struct disk *disk = data;
	struct disk_queue *queue = disk->queue;

	while (!kthread_should_stop()) {
		wait_for_work(disk);
		/* Pairs with the one in disk_attention(): what comes later sets it again. */
		if (__atomic_exchange_n(&queue->attention, false, __ATOMIC_ACQUIRE))
			reap(disk);
		recover_if_late(disk);
		issue_all(disk);
		cond_resched();
	}
	return 0;
}

/* --- registration --- */

static struct disk_queue *new_queue(const struct disk *disk)
{
	struct disk_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL);
	struct io_limits limits = { disk->max_sectors, disk->max_segments };

	if (!queue)
		return NULL;
	spin_lock_init(&queue->lock);
	io_queue_init(&queue->waiting, &limits);
	INIT_LIST_HEAD(&queue->in_flight);
	INIT_LIST_HEAD(&queue->retries);
	init_waitqueue_head(&queue->wait);
	return queue;
}

static void add_to_list(struct disk *disk)
{
	struct disk **link = &first_disk;

	while (*link)
		link = &(*link)->next;
	/* Pairs with the dependency of who follows the list. */
	smp_store_release(link, disk);
	nr_disks++;
}

int disk_start(struct disk *disk)
{
	struct task_struct *thread;

	if (!disk->nr_sectors || !disk->depth || !disk->max_segments || !disk->max_sectors)
		return -EINVAL;
	disk->queue = new_queue(disk);
	if (!disk->queue)
		return -ENOMEM;
	thread = kthread_run(disk_thread, disk, "%s", disk->name);
	if (IS_ERR(thread)) {
		kfree(disk->queue);
		return PTR_ERR(thread);
	}
	disk->queue->thread = thread;
	return 0;
}

void disk_stop(struct disk *disk)
{
	kthread_stop(disk->queue->thread);
	kfree(disk->queue);
	disk->queue = NULL;
}

int disk_register(struct disk *disk)
{
	int err;

	if (nr_disks == MAX_DISKS)
		return -ENOSPC;
	disk->index = nr_disks;
	snprintf(disk->name, sizeof(disk->name), "sd%c", 'a' + (int)nr_disks);
	err = disk_start(disk);
	if (err)
		return err;
	add_to_list(disk);
	pr_info("%s: %s, %lu MiB, %u commands at a time", disk->name, disk->model,
		disk->nr_sectors >> (20 - SECTOR_SHIFT), disk->depth);
	return 0;
}

/* --- numbers --- */

void disk_stats_get(struct disk *disk, struct disk_stats *stats)
{
	spin_lock(&disk->queue->lock);
	*stats = disk->queue->stats;
	if (stats->nr_pending)
		stats->busy_ns += clock_ns() - stats->busy_since_ns;
	spin_unlock(&disk->queue->lock);
}

void disk_peek(const struct disk *disk, struct disk_state *state, struct disk_stats *stats)
{
	const struct disk_queue *queue = disk->queue;
	u64 deadline = queue->nr_in_flight ? deadline_of(disk) : 0;

	*state = (struct disk_state){
		.nr_waiting = queue->waiting.nr_requests,
		.nr_commands = queue->waiting.nr_commands,
		.nr_in_flight = queue->nr_in_flight,
		.nr_retries = queue->nr_retries,
		.is_dead = queue->is_dead,
		.oldest_ns = deadline ? deadline - timeout_of(disk) * NSEC_PER_MSEC : 0,
	};
	*stats = queue->stats;
}
