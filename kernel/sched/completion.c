/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Completions.  Both the count and the waiters are under the wait queue's lock, and a waiter leaves
 * with the lock taken once more by itself: so complete() touches nothing after the waiter is gone.
 */
#include <linux/errno.h>
#include <oshit/completion.h>

/* With the lock held. */
static void add_and_wake(struct completion *completion, unsigned int nr)
{
	if (nr == COMPLETION_ALL)
		completion->done = COMPLETION_ALL;
	else if (completion->done < COMPLETION_ALL - nr)
		completion->done += nr;
}

static void wake_locked(struct completion *completion, unsigned int nr)
{
	struct wait_queue_entry *entry, *next;

	list_for_each_entry_safe(entry, next, &completion->wait.waiters, link) {
		if (entry->fn(entry, TASK_NORMAL) && --nr == 0)
			break;
	}
}

void complete(struct completion *completion)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&completion->wait.lock, flags);
	add_and_wake(completion, 1);
	wake_locked(completion, 1);
	raw_spin_unlock_irqrestore(&completion->wait.lock, flags);
}

void complete_all(struct completion *completion)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&completion->wait.lock, flags);
	add_and_wake(completion, COMPLETION_ALL);
	wake_locked(completion, COMPLETION_ALL);
	raw_spin_unlock_irqrestore(&completion->wait.lock, flags);
}

bool try_wait_for_completion(struct completion *completion)
{
	unsigned long flags;
	bool done;

	raw_spin_lock_irqsave(&completion->wait.lock, flags);
	done = completion->done;
	if (done && completion->done != COMPLETION_ALL)
		completion->done--;
	raw_spin_unlock_irqrestore(&completion->wait.lock, flags);
	return done;
}

bool completion_done(struct completion *completion)
{
	unsigned long flags;
	bool done;

	/* The lock, so that complete() is done with it when the caller frees it. */
	raw_spin_lock_irqsave(&completion->wait.lock, flags);
	done = completion->done;
	raw_spin_unlock_irqrestore(&completion->wait.lock, flags);
	return done;
}

void wait_for_completion(struct completion *completion)
{
	wait_event_exclusive(completion->wait, try_wait_for_completion(completion));
}

/* Who is woken looks for the completion before he looks whether to give up: none is lost. */
int wait_for_completion_interruptible(struct completion *completion)
{
	return wait_event_interruptible(completion->wait, try_wait_for_completion(completion));
}

int wait_for_completion_killable(struct completion *completion)
{
	return wait_event_killable(completion->wait, try_wait_for_completion(completion));
}

bool wait_for_completion_timeout_ns(struct completion *completion, u64 timeout_ns)
{
	return wait_event_timeout_ns(completion->wait, try_wait_for_completion(completion),
				     timeout_ns);
}
