/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Futexes: sleeping until a word in user memory changes.
 *
 * The word is the program's own; the kernel knows only who waits for it.  A waiter stands in a
 * queue that is found by the hash of its key:
 *
 *	private		the address space, and the address
 *	shared		what is mapped there, and the offset in it: the same word in two address
 *			spaces, or at two addresses, has one key
 *
 * The object of a key is never looked into, so it may be gone: a new one at the same place finds
 * waiters that it should not, which is a wake-up too many, and those are always allowed.
 *
 * Waiting must not miss a wake-up between the look at the word and the sleep:
 *
 *	waiter					waker
 *	stand in the queue			write the word
 *	full barrier		(A)		full barrier		(B)
 *	read the word: as expected? sleep	wake who stands in the queue
 *
 * By (A) and (B) at least one sees the other.  The word is read when the waiter is in the queue
 * already, without a lock, since reading it may sleep.  If it differs the waiter leaves; if a
 * wake-up has hit it meanwhile, which was meant for somebody who really waits, it is passed on.
 *
 * Requeueing moves waiters to another key, and so to another bucket: who wants to take a waiter out
 * looks after locking whether it still is where it was.
 *
 * Locks: one bucket's, interrupts on; two of them in the order of their addresses.
 *
 * Left out: FUTEX_WAKE_OP, priority inheritance, robust lists (they are kept, and not walked).
 */
#include <linux/errno.h>
#include <linux/futex.h>
#include <oshit/clock.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/futex.h>
#include <oshit/init.h>
#include <oshit/list.h>
#include <oshit/math.h>
#include <oshit/spinlock.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/timespec.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#define FUTEX_HASH_BITS 8 /* 256 queues, each with a lock: 8 KiB */
#define NR_BUCKETS	(1U << FUTEX_HASH_BITS)

struct futex_key {
	const void *object; /* the address space, or what is mapped */
	u64 offset; /* the address, or the offset in bytes */
};

struct futex_bucket { /* b: ->lock */
	spinlock_t lock;
	struct list_head waiters; /* b  first come, first served */
} __aligned(64);

struct futex_waiter { /* on the waiter's stack;  b: lock of ->bucket */
	struct list_head node; /* b */
	struct futex_key key; /* b */
	struct futex_bucket *bucket; /* a  NULL: has been woken, and is nobody's any more */
	struct task_struct *task;
	u32 bitset;
};

static struct futex_bucket buckets[NR_BUCKETS] = {
	[0 ... NR_BUCKETS - 1] = { .lock = SPINLOCK_INIT },
};

void __init futex_init(void)
{
	for (unsigned int i = 0; i < NR_BUCKETS; i++)
		INIT_LIST_HEAD(&buckets[i].waiters);
}

/* --- keys --- */

/* Multiplicative hashing (Knuth 6.4): the high bits depend on all bits. */
static struct futex_bucket *bucket_of(const struct futex_key *key)
{
	u64 hash = ((u64)key->object / 64 + key->offset / 4) * 0x9e3779b97f4a7c15UL;

	return &buckets[hash >> (64 - FUTEX_HASH_BITS)];
}

static bool is_same(const struct futex_key *a, const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

/* What is mapped at @addr if others may see it, too; else the key stays private. */
static int find_shared(struct mm_struct *mm, unsigned long addr, struct futex_key *key)
{
	const struct vm_area *area;
	int err = 0;

	down_read(&mm->mmap_lock);
	area = vma_lookup(&mm->areas, addr);
	if (!area) {
		err = -EFAULT;
	} else if (area->flags & VM_SHARED) {
		key->object = area->private ?: area->file;
		key->offset = vma_pgoff_at(area, addr) * PAGE_SIZE + addr % PAGE_SIZE;
	}
	up_read(&mm->mmap_lock);
	return err;
}

static int get_key(u32 __user *uaddr, unsigned int flags, struct futex_key *key)
{
	unsigned long addr = (__force unsigned long)uaddr;
	struct mm_struct *mm = current->user->mm;

	if (addr % sizeof(u32))
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(u32)))
		return -EFAULT;
	*key = (struct futex_key){ .object = mm, .offset = addr };
	return flags & FUTEX_PRIVATE_FLAG ? 0 : find_shared(mm, addr, key);
}

/* --- queues --- */

static void stand_in_queue(struct futex_waiter *waiter)
{
	struct futex_bucket *bucket = bucket_of(&waiter->key);

	spin_lock(&bucket->lock);
	waiter->bucket = bucket;
	list_add_tail(&waiter->node, &bucket->waiters);
	spin_unlock(&bucket->lock);
	smp_mb(); /* A */
}

/* True if the waiter was still in a queue: nobody has woken it. */
static bool leave_queue(struct futex_waiter *waiter)
{
	struct futex_bucket *bucket;

	/* Pairs with the release in wake_waiter(): who sees NULL may let the waiter go. */
	while ((bucket = smp_load_acquire(&waiter->bucket))) {
		spin_lock(&bucket->lock);
		if (READ_ONCE(waiter->bucket) == bucket) {
			list_del(&waiter->node);
			spin_unlock(&bucket->lock);
			return true;
		}
		spin_unlock(&bucket->lock); /* it has been requeued, or woken */
	}
	return false;
}

/* Under the bucket's lock. After the release the waiter's stack may be gone, but not its task. */
static void wake_waiter(struct futex_waiter *waiter)
{
	struct task_struct *task = get_task_struct(waiter->task);

	list_del(&waiter->node);
	smp_store_release(&waiter->bucket, NULL);
	wake_up_state(task, TASK_NORMAL);
	put_task_struct(task);
}

/* Under the bucket's lock. */
static int wake_some(struct futex_bucket *bucket, const struct futex_key *key, int nr, u32 bitset)
{
	struct futex_waiter *waiter, *next;
	int nr_woken = 0;

	list_for_each_entry_safe(waiter, next, &bucket->waiters, node) {
		if (nr_woken >= nr)
			break;
		if (!is_same(&waiter->key, key) || !(waiter->bitset & bitset))
			continue;
		wake_waiter(waiter);
		nr_woken++;
	}
	return nr_woken;
}

static int wake_by_key(const struct futex_key *key, int nr, u32 bitset)
{
	struct futex_bucket *bucket = bucket_of(key);
	int nr_woken;

	smp_mb(); /* B */
	spin_lock(&bucket->lock);
	nr_woken = wake_some(bucket, key, nr, bitset);
	spin_unlock(&bucket->lock);
	return nr_woken;
}

static long futex_wake(u32 __user *addr, unsigned int flags, int nr, u32 bitset)
{
	struct futex_key key;
	int err;

	if (!bitset)
		return -EINVAL;
	err = get_key(addr, flags, &key);
	/* Linux wakes one when asked for none. */
	return err ?: wake_by_key(&key, nr > 0 ? nr : 1, bitset);
}

void futex_wake_address(int __user *addr)
{
	futex_wake((u32 __user *)addr, 0, 1, FUTEX_BITSET_MATCH_ANY);
}

/* --- waiting --- */

struct futex_wait { /* what is waited for */
	u32 __user *addr;
	u32 val;
	u32 bitset;
	unsigned int flags; /* FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME */
	u64 deadline_ns; /* TIME_MAX_NS: for ever */
};

static u64 now_ns(unsigned int flags)
{
	return flags & FUTEX_CLOCK_REALTIME ? clock_real_ns() : clock_ns();
}

/* Until somebody takes the waiter out of its queue. 0; -ETIMEDOUT; -EINTR. */
static int sleep_in_queue(const struct futex_wait *wait, const struct futex_waiter *waiter)
{
	int result = 0;

	for (;;) {
		u64 now, left_ns = TIME_MAX_NS;

		set_current_state(TASK_INTERRUPTIBLE);
		if (!smp_load_acquire(&waiter->bucket))
			break;
		now = now_ns(wait->flags);
		if (now >= wait->deadline_ns) {
			result = -ETIMEDOUT;
			break;
		}
		if (signal_pending(current)) {
			result = -EINTR;
			break;
		}
		if (wait->deadline_ns < TIME_MAX_NS)
			left_ns = wait->deadline_ns - now;
		sleep_until(time_add_ns(clock_ns(), left_ns));
	}
	__set_current_state(TASK_RUNNING);
	return result;
}

/* 0: woken; -EAGAIN: the word differs; -EFAULT; -ETIMEDOUT; -EINTR. */
static int wait_once(const struct futex_wait *wait)
{
	struct futex_waiter waiter = { .task = current, .bitset = wait->bitset };
	struct futex_key key;
	int err = get_key(wait->addr, wait->flags, &key);
	u32 val;

	if (err)
		return err;
	waiter.key = key;
	stand_in_queue(&waiter);
	err = get_user(val, wait->addr);
	if (!err && val != wait->val)
		err = -EAGAIN;
	if (err) {
		if (!leave_queue(&waiter))
			wake_by_key(&key, 1, wait->bitset);
		return err;
	}
	err = sleep_in_queue(wait, &waiter);
	return leave_queue(&waiter) ? err : 0;
}

static long wait_again(struct restart_block *restart)
{
	const struct futex_wait wait = {
		.addr = restart->futex.addr,
		.val = restart->futex.val,
		.bitset = restart->futex.bitset,
		.flags = restart->futex.flags,
		.deadline_ns = restart->deadline_ns,
	};
	int err = wait_once(&wait);

	return err == -EINTR ? -ERESTART_RESTARTBLOCK : err;
}

/* The deadline is by the clock of its flags, which is monotonic for FUTEX_WAIT. */
static long futex_wait(const struct futex_wait *wait)
{
	struct restart_block *restart = &current->user->restart;
	int err;

	if (!wait->bitset)
		return -EINVAL;
	err = wait_once(wait);
	if (err != -EINTR)
		return err;
	if (wait->deadline_ns == TIME_MAX_NS)
		return -ERESTARTSYS;
	restart->fn = wait_again;
	restart->deadline_ns = wait->deadline_ns;
	restart->futex.addr = wait->addr;
	restart->futex.val = wait->val;
	restart->futex.bitset = wait->bitset;
	restart->futex.flags = wait->flags;
	return -ERESTART_RESTARTBLOCK;
}

/* --- requeueing --- */

/* Under both locks. */
static int move_some(const struct futex_key *from, const struct futex_key *to, int nr)
{
	struct futex_bucket *source = bucket_of(from), *target = bucket_of(to);
	struct futex_waiter *waiter, *next;
	int nr_moved = 0;

	list_for_each_entry_safe(waiter, next, &source->waiters, node) {
		if (nr_moved >= nr)
			break;
		if (!is_same(&waiter->key, from))
			continue;
		waiter->key = *to;
		if (source != target) {
			list_del(&waiter->node);
			list_add_tail(&waiter->node, &target->waiters);
			WRITE_ONCE(waiter->bucket, target);
		}
		nr_moved++;
	}
	return nr_moved;
}

struct futex_requeue {
	u32 __user *from_addr, *to_addr; /* in */
	unsigned int flags; /* in */
	int nr_wake, nr_requeue; /* in */
	const u32 *expected; /* in   FUTEX_CMP_REQUEUE; NULL: whatever the word is */
	struct futex_key from, to;
	int nr_woken, nr_moved; /* out */
};

/* Under the locks of both keys' buckets. */
static void wake_and_move(struct futex_requeue *requeue)
{
	const struct futex_key *from = &requeue->from;

	requeue->nr_woken =
		wake_some(bucket_of(from), from, requeue->nr_wake, FUTEX_BITSET_MATCH_ANY);
	requeue->nr_moved = move_some(from, &requeue->to, requeue->nr_requeue);
}

static void requeue_within(struct futex_requeue *requeue, struct futex_bucket *bucket)
{
	spin_lock(&bucket->lock);
	wake_and_move(requeue);
	spin_unlock(&bucket->lock);
}

static void requeue_between(struct futex_requeue *requeue, struct futex_bucket *low,
			    struct futex_bucket *high)
{
	spin_lock(&low->lock);
	spin_lock_nested(&high->lock, 1);
	wake_and_move(requeue);
	spin_unlock(&high->lock);
	spin_unlock(&low->lock);
}

static void requeue_by_keys(struct futex_requeue *requeue)
{
	struct futex_bucket *from = bucket_of(&requeue->from), *to = bucket_of(&requeue->to);

	smp_mb(); /* B */
	if (from == to)
		requeue_within(requeue, from);
	else
		requeue_between(requeue, min(from, to), max(from, to));
}

/* The word is compared before the locks are taken: one that changes right after it gives a waiter
 * that is moved although it need not be, which wakes up all the same. */
static long futex_requeue(struct futex_requeue *requeue)
{
	int err;
	u32 val;

	if (requeue->nr_wake < 0 || requeue->nr_requeue < 0)
		return -EINVAL;
	err = get_key(requeue->from_addr, requeue->flags, &requeue->from)
		      ?: get_key(requeue->to_addr, requeue->flags, &requeue->to);
	if (err)
		return err;
	if (requeue->expected) {
		if (get_user(val, requeue->from_addr))
			return -EFAULT;
		if (val != *requeue->expected)
			return -EAGAIN;
	}
	requeue_by_keys(requeue);
	return requeue->nr_woken + (requeue->expected ? requeue->nr_moved : 0);
}

/* --- the calls --- */

static bool has_timeout(int command)
{
	return command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET;
}

/* *@deadline_ns: FUTEX_WAIT is told for how long, FUTEX_WAIT_BITSET until when. */
static int get_deadline(u64 *deadline_ns, int command, const struct __kernel_timespec __user *from)
{
	int err;

	*deadline_ns = TIME_MAX_NS;
	if (!has_timeout(command) || !from)
		return 0;
	err = get_timespec_ns(deadline_ns, from);
	if (command == FUTEX_WAIT)
		*deadline_ns = time_add_ns(clock_ns(), *deadline_ns);
	return err;
}

/* @timeout is a number for the commands that requeue. */
long sys_futex(u32 __user *addr, int op, u32 val, const struct __kernel_timespec __user *timeout,
	       u32 __user *addr2, u32 val3)
{
	unsigned int flags = (unsigned int)op & ~(unsigned int)FUTEX_CMD_MASK;
	int command = op & FUTEX_CMD_MASK, err;
	struct futex_wait wait = { addr, val, val3, flags, 0 };
	struct futex_requeue requeue = {
		.from_addr = addr,
		.to_addr = addr2,
		.flags = flags,
		.nr_wake = (int)val,
		.nr_requeue = (int)(__force long)timeout,
	};

	if (flags & FUTEX_CLOCK_REALTIME && command != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	err = get_deadline(&wait.deadline_ns, command, timeout);
	if (err)
		return err;
	switch (command) {
	case FUTEX_WAIT:
		wait.bitset = FUTEX_BITSET_MATCH_ANY;
		return futex_wait(&wait);
	case FUTEX_WAIT_BITSET:
		return futex_wait(&wait);
	case FUTEX_WAKE:
		return futex_wake(addr, flags, (int)val, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(addr, flags, (int)val, val3);
	case FUTEX_CMP_REQUEUE:
		requeue.expected = &val3;
		return futex_requeue(&requeue);
	case FUTEX_REQUEUE:
		return futex_requeue(&requeue);
	default:
		return -ENOSYS;
	}
}

long sys_set_robust_list(struct robust_list_head __user *head, size_t size)
{
	if (size != sizeof(*head))
		return -EINVAL;
	WRITE_ONCE(current->user->robust_list, head);
	return 0;
}

long sys_get_robust_list(int pid, struct robust_list_head __user *__user *to, size_t __user *size)
{
	struct robust_list_head __user *head = NULL;
	struct task_struct *task = pid ? task_find(pid) : get_task_struct(current);
	int err = -ESRCH;

	if (!task)
		return -ESRCH;
	if (task->user) {
		err = is_same_user(task) || capable(CAP_SYS_PTRACE) ? 0 : -EPERM;
		head = READ_ONCE(task->user->robust_list);
	}
	put_task_struct(task);
	if (err)
		return err;
	return put_user(sizeof(*head), size) ?: put_user(head, to);
}
