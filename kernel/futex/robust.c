/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Robust futexes: a lock whose owner ends is given on.
 *
 * The word of such a lock holds the owner's thread id; the owner keeps a list of the locks that it
 * has, in its own memory, and told once where (set_robust_list()).  When it ends or executes
 * another program the kernel walks the list, marks each word that still has its id as
 * FUTEX_OWNER_DIED and wakes one who waits.  A lock that is just being taken or given back stands
 * in list_op_pending instead: whether it is the task's the word tells.
 *
 * The list may be anything: it can end in a fault, lead in circles, or be changed meanwhile by
 * other threads.  So it is walked for so many steps, by reads that may fail, and all that is
 * believed of an entry is what its word says.
 *
 * Context: the task that ends, its memory still there; may sleep.
 */
#include <linux/errno.h>
#include <oshit/futex.h>
#include <oshit/sched.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#include "futex.h"

#define ENTRY_IS_PI 1UL /* in a pointer of the list: the lock has priority inheritance */

struct robust_entry {
	struct robust_list __user *at;
	bool is_pi;
};

enum entry_kind {
	ENTRY_HELD,
	ENTRY_PENDING,
};

/* @from: a pointer in the program's memory; only its number matters. */
static int get_entry(struct robust_entry *entry, const void __user *from)
{
	unsigned long value;

	if (get_user(value, (const unsigned long __user *)from))
		return -EFAULT;
	entry->at = (struct robust_list __user *)(value & ~ENTRY_IS_PI);
	entry->is_pi = value & ENTRY_IS_PI;
	return 0;
}

/* Marks the word of one lock. -EFAULT: the list is no good. */
static int mark_word(const struct robust_entry *entry, long offset, enum entry_kind kind)
{
	u32 __user *addr = (u32 __user *)((__force unsigned long)entry->at + (unsigned long)offset);
	u32 seen, value;
	int err;

	if ((__force unsigned long)addr % sizeof(u32) || get_user(value, addr))
		return -EFAULT;
	/* Given back, but the wake-up that goes with it may not have been made. */
	if (kind == ENTRY_PENDING && !entry->is_pi && !value) {
		futex_wake(addr, 0, 1, FUTEX_BITSET_MATCH_ANY);
		return 0;
	}
	for (;;) {
		if ((value & FUTEX_TID_MASK) != (u32)current->pid)
			return 0;
		seen = value;
		err = cmpxchg_user(&seen, addr, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED);
		if (err)
			return -EFAULT;
		if (seen == value)
			break;
		value = seen;
	}
	if (!entry->is_pi && value & FUTEX_WAITERS)
		futex_wake(addr, 0, 1, FUTEX_BITSET_MATCH_ANY);
	return 0;
}

static void walk_list(struct robust_list_head __user *head)
{
	struct robust_entry entry, next, pending;
	unsigned int nr_left = ROBUST_LIST_LIMIT;
	long offset;
	int err;

	if (get_entry(&entry, &head->list.next) || get_user(offset, &head->futex_offset) ||
	    get_entry(&pending, &head->list_op_pending))
		return;
	while (entry.at != &head->list && nr_left--) {
		/* Before the mark: from then on the next owner may change the entry. */
		err = get_entry(&next, &entry.at->next);
		if (entry.at != pending.at && mark_word(&entry, offset, ENTRY_HELD))
			return;
		if (err)
			return;
		entry = next;
		cond_resched();
	}
	if (pending.at)
		mark_word(&pending, offset, ENTRY_PENDING);
}

void futex_exit(void)
{
	struct user_task *user = current->user;
	struct robust_list_head __user *head = user->robust_list;

	WRITE_ONCE(user->robust_list, NULL);
	if (head)
		walk_list(head);
}
