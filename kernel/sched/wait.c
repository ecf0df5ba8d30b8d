/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wait queues: <oshit/wait.h> has the theory.  The list is under the queue's lock, interrupts off,
 * for interrupt handlers wake up, too.
 */
#include <oshit/wait.h>

bool default_wake_function(struct wait_queue_entry *entry, unsigned int mode)
{
	return wake_up_state(entry->task, mode);
}

bool autoremove_wake_function(struct wait_queue_entry *entry, unsigned int mode)
{
	if (!wake_up_state(entry->task, mode))
		return false;
	list_del_init(&entry->link);
	return true;
}

static void queue_entry(struct wait_queue_head *queue, struct wait_queue_entry *entry)
{
	struct wait_queue_entry *other;

	if (entry->flags & WQ_FLAG_EXCLUSIVE) {
		list_add_tail(&entry->link, &queue->waiters);
		return;
	}
	/* Behind the last that is not exclusive. */
	list_for_each_entry_reverse(other, &queue->waiters, link) {
		if (!(other->flags & WQ_FLAG_EXCLUSIVE))
			break;
	}
	list_add(&entry->link, &other->link);
}

void add_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry)
{
	unsigned long flags;

	entry->flags &= ~WQ_FLAG_EXCLUSIVE;
	raw_spin_lock_irqsave(&queue->lock, flags);
	queue_entry(queue, entry);
	raw_spin_unlock_irqrestore(&queue->lock, flags);
}

void add_wait_queue_exclusive(struct wait_queue_head *queue, struct wait_queue_entry *entry)
{
	unsigned long flags;

	entry->flags |= WQ_FLAG_EXCLUSIVE;
	raw_spin_lock_irqsave(&queue->lock, flags);
	queue_entry(queue, entry);
	raw_spin_unlock_irqrestore(&queue->lock, flags);
}

void remove_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&queue->lock, flags);
	list_del_init(&entry->link);
	raw_spin_unlock_irqrestore(&queue->lock, flags);
}

static void prepare(struct wait_queue_head *queue, struct wait_queue_entry *entry,
		    unsigned int state)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&queue->lock, flags);
	if (list_empty(&entry->link))
		queue_entry(queue, entry);
	set_current_state(state);
	raw_spin_unlock_irqrestore(&queue->lock, flags);
}

void prepare_to_wait(struct wait_queue_head *queue, struct wait_queue_entry *entry,
		     unsigned int state)
{
	entry->flags &= ~WQ_FLAG_EXCLUSIVE;
	prepare(queue, entry, state);
}

void prepare_to_wait_exclusive(struct wait_queue_head *queue, struct wait_queue_entry *entry,
			       unsigned int state)
{
	entry->flags |= WQ_FLAG_EXCLUSIVE;
	prepare(queue, entry, state);
}

void finish_wait(struct wait_queue_head *queue, struct wait_queue_entry *entry)
{
	unsigned long flags;

	__set_current_state(TASK_RUNNING);
	/* The lock even if the waker has removed the entry: he may not be done with it. */
	raw_spin_lock_irqsave(&queue->lock, flags);
	list_del_init(&entry->link);
	raw_spin_unlock_irqrestore(&queue->lock, flags);
}

unsigned int __wake_up_locked(struct wait_queue_head *queue, unsigned int mode,
			      unsigned int nr_exclusive)
{
	struct wait_queue_entry *entry, *next;
	unsigned int nr_woken = 0;

	lockdep_assert_held(&queue->lock);
	list_for_each_entry_safe(entry, next, &queue->waiters, link) {
		bool exclusive = entry->flags & WQ_FLAG_EXCLUSIVE;

		if (!entry->fn(entry, mode))
			continue;
		nr_woken++;
		if (exclusive && nr_exclusive && --nr_exclusive == 0)
			break;
	}
	return nr_woken;
}

unsigned int __wake_up(struct wait_queue_head *queue, unsigned int mode, unsigned int nr_exclusive)
{
	unsigned int nr_woken;
	unsigned long flags;

	/* The caller's condition comes before the look at the list; in prepare() it is the other
	 * way round. */
	smp_mb();
	raw_spin_lock_irqsave(&queue->lock, flags);
	nr_woken = __wake_up_locked(queue, mode, nr_exclusive);
	raw_spin_unlock_irqrestore(&queue->lock, flags);
	return nr_woken;
}
