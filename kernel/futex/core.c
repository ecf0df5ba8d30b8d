/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Futexes: sleeping until a word in user memory changes.
 *
 * The word is the program's own; the kernel knows only who waits for it.  A waiter stands in a
 * queue that is found by the hash of its key:
 *
 *	private		the address space, and the address
 *	shared		the number of what is mapped there, and the offset in it: the same word in
 *			two address spaces, or at two addresses, has one key
 *
 * A key holds no reference.  An address space cannot go while one of its tasks waits; what is
 * mapped can, so it has a number that is never given twice, and not its address: else a wake-up
 * for one who waits at a new object might hit one who still waits at an old one, and be lost.
 *
 * Waiting must not miss a wake-up between the look at the word and the sleep:
 *
 *	waiter					waker
 *	nr_waiters + 1	(A)			write the word
 *	lock the bucket				full barrier	(B)
 *	read the word: as expected?		nr_waiters 0? nobody waits
 *	stand in the queue, unlock		lock the bucket
 *	sleep					wake who stands in the queue
 *
 * (A) is a full barrier, so by (A) and (B) the waiter reads the new word or the waker sees it
 * counted.  If it is counted, the lock decides: either the waiter is in the queue when the waker
 * has the lock, or it comes later, and then reads the word after the waker's unlock, which came
 * after the write.  The waker that finds nobody pays for no lock.
 *
 * The word is read with the lock held, where a fault cannot be mended.  If it is not there the
 * lock is dropped, the page brought in, and all begins anew.
 *
 * A waiter that is woken is taken out of the queue by the waker, and ->bucket becomes NULL:
 *
 *	waiter					waker, under the lock
 *	state = TASK_INTERRUPTIBLE (C)		take out of the queue
 *	->bucket NULL? awake			->bucket = NULL
 *	sleep					wake_up_state(): full barrier (D), look at the state
 *
 * Requeueing (requeue.c) moves waiters to another key, and so to another bucket: who wants to take
 * a waiter out looks after locking whether it still is where it was.
 *
 *	core.c		keys, queues
 *	waitwake.c	FUTEX_WAIT, _WAKE, _WAKE_OP
 *	requeue.c	FUTEX_REQUEUE, _CMP_REQUEUE
 *	robust.c	what a task that ends still holds
 *	syscalls.c	the calls
 *
 * Locks: one bucket's, interrupts on; two of them in the order of their addresses.
 *
 * Left out: priority inheritance, futex_waitv().
 */
#include <linux/errno.h>
#include <oshit/futex.h>
#include <oshit/init.h>
#include <oshit/irqflags.h>
#include <oshit/math.h>
#include <oshit/pagecache.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#include "futex.h"

#define KEY_OF_OBJECT 1U /* in ->offset: words are aligned, so it means nothing else */

struct futex_bucket futex_buckets[NR_FUTEX_BUCKETS] = {
	[0 ... NR_FUTEX_BUCKETS - 1] = { .lock = SPINLOCK_INIT },
};

void __init futex_init(void)
{
	for (unsigned int i = 0; i < NR_FUTEX_BUCKETS; i++)
		INIT_LIST_HEAD(&futex_buckets[i].waiters);
}

/* --- keys --- */

/* Multiplicative hashing (Knuth 6.4): the high bits depend on all bits. */
struct futex_bucket *futex_bucket_of(const struct futex_key *key)
{
	u64 hash = (key->object / 64 + key->offset / 4) * 0x9e3779b97f4a7c15UL;

	return &futex_buckets[hash >> (64 - FUTEX_HASH_BITS)];
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
	} else if (area->flags & VM_SHARED && area->mapping) {
		/* Shared areas are of files and of shared memory: both have pages in a mapping. */
		key->object = address_space_number(area->mapping);
		key->offset =
			(vma_pgoff_at(area, addr) * PAGE_SIZE + addr % PAGE_SIZE) | KEY_OF_OBJECT;
	}
	up_read(&mm->mmap_lock);
	return err;
}

int futex_get_key(u32 __user *uaddr, unsigned int flags, struct futex_key *key)
{
	unsigned long addr = (__force unsigned long)uaddr;
	struct mm_struct *mm = current->user->mm;

	if (unlikely(addr % sizeof(u32)))
		return -EINVAL;
	if (unlikely(!access_ok(uaddr, sizeof(u32))))
		return -EFAULT;
	*key = (struct futex_key){ .object = (unsigned long)mm, .offset = addr };
	return flags & FUTEX_PRIVATE_FLAG ? 0 : find_shared(mm, addr, key);
}

/* --- queues --- */

static void call_with_one(struct futex_bucket *bucket, void (*fn)(void *arg), void *arg)
{
	spin_lock(&bucket->lock);
	fn(arg);
	spin_unlock(&bucket->lock);
}

static void call_with_both(struct futex_bucket *low, struct futex_bucket *high,
			   void (*fn)(void *arg), void *arg)
{
	spin_lock(&low->lock);
	spin_lock_nested(&high->lock, 1);
	fn(arg);
	spin_unlock(&high->lock);
	spin_unlock(&low->lock);
}

void futex_call_locked(struct futex_bucket *a, struct futex_bucket *b, void (*fn)(void *arg),
		       void *arg)
{
	if (a == b)
		call_with_one(a, fn, arg);
	else
		call_with_both(min(a, b), max(a, b), fn, arg);
}

void futex_wake_waiter(struct futex_bucket *bucket, struct futex_waiter *waiter)
{
	struct task_struct *task = get_task_struct(waiter->task);

	list_del(&waiter->node);
	atomic_dec(&bucket->nr_waiters);
	/* Pairs with the acquire of the waiter, who then may let its stack go. */
	smp_store_release(&waiter->bucket, NULL);
	wake_up_state(task, TASK_NORMAL); /* D */
	put_task_struct(task);
}

int futex_peek(u32 *value, u32 __user *addr)
{
	unsigned long flags;
	int err;

	/* With interrupts off no fault is mended. */
	local_irq_save(flags);
	err = get_user(*value, addr);
	local_irq_restore(flags);
	return err;
}

bool futex_fault_in(u32 __user *addr)
{
	u32 value;
	int err = get_user(value, addr);

	(void)value;
	return !err;
}
