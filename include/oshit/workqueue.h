/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work to be done later, by a kernel thread: the one way to defer something to where it may sleep.
 *
 *	INIT_WORK(&dev->work, dev_work);		before its first use
 *	queue_work(system_wq, &dev->work);		perhaps in an interrupt handler
 *
 * A work item is embedded in what it is about.  It may be queued again as soon as its function has
 * begun, and freed by its function; it never runs twice at the same time.
 */
#ifndef OSHIT_WORKQUEUE_H
#define OSHIT_WORKQUEUE_H

#include <oshit/hrtimer.h>
#include <oshit/types.h>

struct work_struct;
struct workqueue_struct;

typedef void (*work_fn)(struct work_struct *work);

struct work_struct { /* p: pool.lock of kernel/workqueue.c   i: set by INIT_WORK() */
	struct list_head link; /* p */
	work_fn fn; /* i */
	struct workqueue_struct *wq; /* p  that it is queued on */
	bool is_pending; /* p  queued, and not begun */
	bool is_active; /* p  and counted as active: not held back */
	unsigned int nr_cancels; /* p  callers of cancel_work_sync(): it cannot be queued */
};

struct delayed_work {
	struct work_struct work;
	struct hrtimer timer;
	struct workqueue_struct *wq; /* where it goes when the time has come */
};

void INIT_WORK(struct work_struct *work, work_fn fn);
void INIT_DELAYED_WORK(struct delayed_work *dwork, work_fn fn);

/* For who has no reason for one of his own. */
extern struct workqueue_struct *system_wq;

/**
 * alloc_workqueue() - make a queue of works
 * @name: for reports; kept, not copied
 * @max_active: how many of its works may run at the same time; 1: one by one, in order; 0: no limit
 *
 * All queues share one pool of threads. Context: task, may sleep. Return: the queue, or NULL.
 */
struct workqueue_struct *alloc_workqueue(const char *name, unsigned int max_active);
/* Waits for its works, and frees it. Nobody queues any more. Context: task, may sleep. */
void destroy_workqueue(struct workqueue_struct *wq);

/* Any context but NMI. Return: false if it is queued already, or being cancelled. */
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);

/* The same in @delay_ns. Return: false if it is waiting or queued already. */
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, u64 delay_ns);
/* The same; if it is waiting already, from now on. Any context but NMI. */
void mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, u64 delay_ns);

/*
 * Waits until the work neither waits nor runs; one that is queued again and again is waited for for
 * ever. A delayed one is queued at once. Context: task, may sleep; not by the work itself.
 */
void flush_work(struct work_struct *work);
void flush_delayed_work(struct delayed_work *dwork);
/* The same for all works of a queue. */
void flush_workqueue(struct workqueue_struct *wq);

/*
 * Takes the work off its queue, waits if it runs, and keeps it from queueing itself meanwhile.
 * Context: task, may sleep; not by the work itself. Return: true if it was waiting.
 */
bool cancel_work_sync(struct work_struct *work);
bool cancel_delayed_work_sync(struct delayed_work *dwork);
/* Without waiting: it may be running. Any context but NMI. */
bool cancel_delayed_work(struct delayed_work *dwork);

/* Has idle threads end, but for one. Any context but NMI. Return: how many there are now. */
unsigned int workqueue_trim(void);

/* Starts the threads. Boot. */
void workqueue_init(void);

#endif
