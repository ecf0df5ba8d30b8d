/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks that programs put on files: record locks (fcntl() with F_SETLK: a range of bytes, owned by
 * a process, or with F_OFD_SETLK by an open file) and those of flock().  They bind only who asks.
 *
 * An inode has two lists of locks, ordered by where they begin: records of both kinds, which see
 * each other, and those of flock().  An owner's records never overlap, and those that touch differ
 * in type: what is set absorbs its neighbours of the same type, and cuts pieces off the others,
 *
 *	had	rrrrrrrrrr	set	   wwww		has	rrrwwwwrrr
 *
 * so that one lock may become two.  The memory for that is there before the list is looked at: a
 * request is fulfilled or not, never half.
 *
 * Who has to wait hangs at the lock that is in the way, and is woken when that lock goes or
 * changes; then he looks again.  He has been told when ->blocker is NULL, and may not trust his
 * stack to be his own before he has had the lock of the lists: the waker is done then.
 *
 * Deadlocks: who is to wait first follows the owners that wait for each other: the owner of the
 * lock in the way may be waiting for another lock, and its owner, and so on.  If that comes back to
 * him he gets EDEADLK.  Only processes count, since an open file does not wait.  As a process is
 * not stuck while another thread of it runs, and only the first wait of an owner is followed, the
 * way is cut off after MAX_CHAIN steps instead of going round in a circle of others; as Linux does.
 *
 * Locks: file_locks->lock for lists and waiters of an inode, around waits_lock for who waits for
 * whom; all_lock around it, for the list of all that have any.  Nothing sleeps inside.
 *
 * Left out: leases, mandatory locks, RLIMIT_LOCKS.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <oshit/bug.h>
#include <oshit/entry.h>
#include <oshit/file_lock.h>
#include <oshit/files.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/slab.h>
#include <oshit/wait.h>

#include "locks.h"

#define MAX_CHAIN    10 /* owners that are followed; as Linux */
#define NR_WAIT_BITS 6
#define OFFSET_MAX   MAX_FILESIZE

struct file_lock { /* l: file_locks->lock */
	struct list_head node; /* l */
	struct list_head waiters; /* l  struct lock_waiter: who would like to have part of it */
	struct lock_request held; /* l  what was asked for; never F_UNLCK */
};

struct file_locks { /* l: ->lock   a: all_lock   i: constant */
	spinlock_t lock;
	struct list_head all; /* a */
	const struct inode *inode; /* i */
	struct list_head records; /* l  struct file_lock, ->start ascending */
	struct list_head flocks; /* l */
};

struct lock_waiter { /* on the stack of who waits; l: file_locks->lock   w: waits_lock */
	struct wait_queue_head queue;
	struct list_head node; /* l  in blocker->waiters */
	struct file_lock *blocker; /* l  NULL: look again */
	struct hlist_node wait_node; /* w  by @owner; of record locks of processes only */
	const void *owner; /* w */
	const void *waits_for; /* w  owner of the lock in the way */
	const struct lock_request *request; /* l */
};

static struct kmem_cache *lock_cache;
static DEFINE_SPINLOCK(all_lock);
static LIST_HEAD(all_locks); /* all_lock  struct file_locks, for /proc/locks */
static DEFINE_SPINLOCK(waits_lock);
static struct hlist_head waits[1 << NR_WAIT_BITS]; /* waits_lock  struct lock_waiter, by owner */

/* --- the lists --- */

/* Those of @inode, made if need be. NULL: no memory. */
static struct file_locks *locks_of(struct inode *inode)
{
	/* Pairs with the cmpxchg of who made them. */
	struct file_locks *locks = smp_load_acquire(&inode->locks), *old = NULL;

	if (locks)
		return locks;
	locks = kmalloc(sizeof(*locks), GFP_KERNEL);
	if (!locks)
		return NULL;
	spin_lock_init(&locks->lock);
	INIT_LIST_HEAD(&locks->records);
	INIT_LIST_HEAD(&locks->flocks);
	locks->inode = inode;
	if (__atomic_compare_exchange_n(&inode->locks, &old, locks, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE)) {
		spin_lock(&all_lock);
		list_add_tail(&locks->all, &all_locks);
		spin_unlock(&all_lock);
		return locks;
	}
	kfree(locks);
	return old;
}

void locks_free_inode(struct inode *inode)
{
	struct file_locks *locks = inode->locks;

	if (!locks)
		return;
	WARN_ON_ONCE(!list_empty(&locks->records) || !list_empty(&locks->flocks));
	spin_lock(&all_lock);
	list_del(&locks->all);
	spin_unlock(&all_lock);
	kfree(locks);
}

static struct list_head *list_of(struct file_locks *locks, enum lock_kind kind)
{
	return kind == LOCK_FLOCK ? &locks->flocks : &locks->records;
}

static bool overlaps(const struct lock_request *a, const struct lock_request *b)
{
	return a->start <= b->end && b->start <= a->end;
}

/* The first lock that forbids @request; NULL: none. Under the lock. */
static struct file_lock *find_conflict(struct file_locks *locks, const struct lock_request *request)
{
	struct file_lock *lock;

	list_for_each_entry(lock, list_of(locks, request->kind), node)
		if (lock->held.owner != request->owner && overlaps(&lock->held, request) &&
		    (lock->held.type == F_WRLCK || request->type == F_WRLCK))
			return lock;
	return NULL;
}

static void insert(struct file_locks *locks, struct file_lock *new)
{
	struct list_head *list = list_of(locks, new->held.kind), *at;

	list_for_each(at, list)
		if (list_entry(at, struct file_lock, node)->held.start > new->held.start)
			break;
	list_add_tail(&new->node, at);
}

/* --- waiting --- */

static struct hlist_head *waits_of(const void *owner)
{
	u64 mix = (unsigned long)owner * 0x9e3779b97f4a7c15UL;

	return &waits[mix >> (64 - NR_WAIT_BITS)];
}

/* Whom @owner waits for; NULL: nobody. Under waits_lock. */
static const void *waits_for(const void *owner)
{
	struct lock_waiter *waiter;

	hlist_for_each_entry(waiter, waits_of(owner), wait_node)
		if (waiter->owner == owner)
			return waiter->waits_for;
	return NULL;
}

static bool comes_back_to(const void *owner, const void *at)
{
	unsigned int i;

	for (i = 0; at && i < MAX_CHAIN; i++) {
		if (at == owner)
			return true;
		at = waits_for(at);
	}
	return false;
}

/* Notes that @waiter waits for a process; -EDEADLK if that waits for him. Under the lock. */
static int note_wait(struct lock_waiter *waiter, const struct lock_request *request,
		     const struct file_lock *blocker)
{
	int err = 0;

	if (request->kind != LOCK_RECORD || blocker->held.kind != LOCK_RECORD)
		return 0;
	spin_lock(&waits_lock);
	if (comes_back_to(request->owner, blocker->held.owner)) {
		err = -EDEADLK;
	} else {
		waiter->owner = request->owner;
		waiter->waits_for = blocker->held.owner;
		hlist_add_head(&waiter->wait_node, waits_of(waiter->owner));
	}
	spin_unlock(&waits_lock);
	return err;
}

/* Under the lock. */
static int begin_wait(struct lock_waiter *waiter, const struct lock_request *request,
		      struct file_lock *blocker)
{
	int err = note_wait(waiter, request, blocker);

	if (err)
		return err;
	waiter->blocker = blocker;
	waiter->request = request;
	list_add_tail(&waiter->node, &blocker->waiters);
	return 0;
}

/* Does nothing if it has ended. Under the lock. */
static void end_wait(struct lock_waiter *waiter)
{
	if (!waiter->blocker)
		return;
	list_del(&waiter->node);
	if (waiter->owner) {
		spin_lock(&waits_lock);
		hlist_del(&waiter->wait_node);
		spin_unlock(&waits_lock);
		waiter->owner = NULL;
	}
	WRITE_ONCE(waiter->blocker, NULL);
}

/* Under the lock. */
static void wake_waiters(struct file_lock *lock)
{
	struct lock_waiter *waiter, *next;

	list_for_each_entry_safe(waiter, next, &lock->waiters, node) {
		end_wait(waiter);
		wake_up(&waiter->queue);
	}
}

/* --- setting --- */

/* What a request may need; what is left is freed. */
struct lock_memory {
	struct file_lock *new, *rest;
};

static struct file_lock *alloc_lock(void)
{
	struct file_lock *lock = kmem_cache_alloc(lock_cache, GFP_KERNEL);

	if (lock)
		INIT_LIST_HEAD(&lock->waiters);
	return lock;
}

static void free_lock(struct file_lock *lock)
{
	if (lock)
		kmem_cache_free(lock_cache, lock);
}

static void remove_lock(struct file_lock *lock)
{
	list_del(&lock->node);
	wake_waiters(lock);
	kmem_cache_free(lock_cache, lock);
}

/* Takes the range of @request out of @lock, which overlaps it. */
static void cut(struct file_locks *locks, struct file_lock *lock,
		const struct lock_request *request, struct lock_memory *memory)
{
	bool has_left = lock->held.start < request->start;
	bool has_right = lock->held.end > request->end;
	struct file_lock *right;

	if (!has_left && !has_right) {
		remove_lock(lock);
		return;
	}
	if (has_left && has_right) {
		right = memory->rest;
		memory->rest = NULL;
		right->held = lock->held;
		right->held.start = request->end + 1;
		lock->held.end = request->start - 1;
		insert(locks, right);
	} else if (has_left) {
		lock->held.end = request->start - 1;
	} else {
		lock->held.start = request->end + 1;
		list_del(&lock->node);
		insert(locks, lock);
	}
	wake_waiters(lock);
}

static bool touches(const struct lock_request *a, const struct lock_request *b)
{
	return overlaps(a, b) || (a->start && a->start - 1 == b->end) ||
	       (b->start && b->start - 1 == a->end);
}

/* Makes the owner's records agree with @request, which nothing forbids. Under the lock. */
static void apply_record(struct file_locks *locks, const struct lock_request *request,
			 struct lock_memory *memory)
{
	struct lock_request merged = *request;
	struct file_lock *lock, *next;

	list_for_each_entry_safe(lock, next, &locks->records, node) {
		if (lock->held.owner != request->owner)
			continue;
		if (lock->held.type == request->type && touches(&lock->held, request)) {
			merged.start = min(merged.start, lock->held.start);
			merged.end = max(merged.end, lock->held.end);
			remove_lock(lock);
		} else if (overlaps(&lock->held, request)) {
			cut(locks, lock, request, memory);
		}
	}
	if (request->type == F_UNLCK)
		return;
	memory->new->held = merged;
	insert(locks, memory->new);
	memory->new = NULL;
}

/* The owner has one at most, and what he had goes even if he cannot have what he wants. */
static void drop_flock(struct file_locks *locks, const struct lock_request *request)
{
	struct file_lock *lock, *next;

	list_for_each_entry_safe(lock, next, &locks->flocks, node)
		if (lock->held.owner == request->owner && lock->held.type != request->type)
			remove_lock(lock);
}

static void apply_flock(struct file_locks *locks, const struct lock_request *request,
			struct lock_memory *memory)
{
	struct file_lock *lock;

	if (request->type == F_UNLCK)
		return;
	list_for_each_entry(lock, &locks->flocks, node)
		if (lock->held.owner == request->owner)
			return;
	memory->new->held = *request;
	insert(locks, memory->new);
	memory->new = NULL;
}

/* 0; 1: @waiter waits; -errno. Under the lock. */
static int try_lock(struct file_locks *locks, const struct lock_request *request,
		    struct lock_memory *memory, struct lock_waiter *waiter)
{
	struct file_lock *blocker;

	if (request->kind == LOCK_FLOCK)
		drop_flock(locks, request);
	blocker = request->type == F_UNLCK ? NULL : find_conflict(locks, request);
	if (blocker)
		return waiter ? begin_wait(waiter, request, blocker) ?: 1 : -EAGAIN;
	if (request->kind == LOCK_FLOCK)
		apply_flock(locks, request, memory);
	else
		apply_record(locks, request, memory);
	return 0;
}

static int wait_and_lock(struct file_locks *locks, const struct lock_request *request,
			 struct lock_memory *memory, struct lock_waiter *waiter)
{
	int ret;

	spin_lock(&locks->lock);
	while ((ret = try_lock(locks, request, memory, waiter)) > 0) {
		spin_unlock(&locks->lock);
		ret = wait_event_interruptible(waiter->queue, !READ_ONCE(waiter->blocker));
		spin_lock(&locks->lock);
		end_wait(waiter);
		if (ret) {
			ret = -ERESTARTSYS;
			break;
		}
	}
	spin_unlock(&locks->lock);
	return ret;
}

/* To unlock everything takes nothing. */
static int alloc_memory(const struct lock_request *request, struct lock_memory *memory)
{
	if (request->type != F_UNLCK) {
		memory->new = alloc_lock();
		if (!memory->new)
			return -ENOLCK;
	}
	if (request->kind != LOCK_FLOCK && (request->start || request->end != OFFSET_MAX)) {
		memory->rest = alloc_lock();
		if (!memory->rest)
			return -ENOLCK;
	}
	return 0;
}

static int set_lock(struct inode *inode, const struct lock_request *request,
		    struct lock_waiter *waiter)
{
	struct lock_memory memory = { NULL, NULL };
	struct file_locks *locks;
	int ret;

	if (request->type == F_UNLCK && !READ_ONCE(inode->locks))
		return 0;
	locks = locks_of(inode);
	ret = locks ? alloc_memory(request, &memory) : -ENOLCK;
	if (!ret)
		ret = wait_and_lock(locks, request, &memory, waiter);
	free_lock(memory.new);
	free_lock(memory.rest);
	return ret;
}

int lock_file(struct inode *inode, const struct lock_request *request)
{
	return set_lock(inode, request, NULL);
}

int lock_file_wait(struct inode *inode, const struct lock_request *request)
{
	struct lock_waiter waiter = { .blocker = NULL };

	init_waitqueue_head(&waiter.queue);
	return set_lock(inode, request, &waiter);
}

void lock_test(struct inode *inode, struct lock_request *request)
{
	/* Pairs with locks_of(). */
	struct file_locks *locks = smp_load_acquire(&inode->locks);
	struct file_lock *lock = NULL;

	if (locks) {
		spin_lock(&locks->lock);
		lock = find_conflict(locks, request);
		if (lock)
			*request = lock->held;
		spin_unlock(&locks->lock);
	}
	if (!lock)
		request->type = F_UNLCK;
}

/* --- for /proc --- */

struct lock_teller {
	void (*tell)(void *arg, const struct lock_info *info);
	void *arg;
	unsigned int nr;
};

static void tell_of(const struct lock_teller *teller, const struct file_locks *locks,
		    const struct lock_request *request, bool is_waiting)
{
	const struct lock_info info = {
		.nr = teller->nr,
		.waits = is_waiting,
		.is_flock = request->kind == LOCK_FLOCK,
		.is_ofd = request->kind == LOCK_OFD,
		.is_write = request->type == F_WRLCK,
		.pid = request->pid,
		.dev = locks->inode->sb->dev,
		.ino = locks->inode->ino,
		.start = request->start,
		.end = request->kind == LOCK_FLOCK ? OFFSET_MAX : request->end,
	};

	teller->tell(teller->arg, &info);
}

/* Under the lock. */
static void tell_of_list(struct lock_teller *teller, const struct file_locks *locks,
			 const struct list_head *list)
{
	struct lock_waiter *waiter;
	struct file_lock *lock;

	list_for_each_entry(lock, list, node) {
		teller->nr++;
		tell_of(teller, locks, &lock->held, false);
		list_for_each_entry(waiter, &lock->waiters, node)
			tell_of(teller, locks, waiter->request, true);
	}
}

void locks_for_each(void (*tell)(void *arg, const struct lock_info *info), void *arg)
{
	struct lock_teller teller = { .tell = tell, .arg = arg };
	struct file_locks *locks;

	spin_lock(&all_lock);
	list_for_each_entry(locks, &all_locks, all) {
		spin_lock(&locks->lock);
		tell_of_list(&teller, locks, &locks->records);
		tell_of_list(&teller, locks, &locks->flocks);
		spin_unlock(&locks->lock);
	}
	spin_unlock(&all_lock);
}

/* --- the end --- */

static void remove_all(struct inode *inode, enum lock_kind kind, const void *owner)
{
	const struct lock_request request = {
		.kind = kind,
		.owner = owner,
		.type = F_UNLCK,
		.end = OFFSET_MAX,
	};

	lock_file(inode, &request);
}

void locks_remove_posix(struct file *file, const struct files_struct *files)
{
	if (READ_ONCE(file->inode->locks) && !(file->mode & FMODE_PATH))
		remove_all(file->inode, LOCK_RECORD, files);
}

void locks_remove_file(struct file *file)
{
	if (!file->inode || !READ_ONCE(file->inode->locks))
		return;
	remove_all(file->inode, LOCK_OFD, file);
	remove_all(file->inode, LOCK_FLOCK, file);
}

__init void locks_init(void)
{
	lock_cache = kmem_cache_create("file_lock", sizeof(struct file_lock), 0, SLAB_PANIC, NULL);
}
