/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workqueues: one pool of threads for all.
 *
 * A work is pending in the pool's list (or in its queue's, while that has as many active ones as it
 * may), then runs in a worker, with nothing of it touched afterwards: its function may free it.
 *
 * Workers.  As many works run at the same time as there are CPUs, not counting those that sleep:
 * the scheduler tells when a worker goes to sleep inside a work, and another one takes over.  There
 * is always one idle worker more: whoever begins a work while no other is idle makes one first.  So
 * a work that waits for another one does not block it, up to MAX_WORKERS; that many works must not
 * wait for each other.  Idle workers beyond MAX_IDLE end.
 *
 *	idle, in pool.idle	sleeps until somebody takes it off the list
 *	looks for work		counted in nr_running
 *	runs a work		->work is set; counted in nr_running unless it sleeps
 *
 * Of one work two never run at the same time: a worker passes over a work that another one runs;
 * that other one comes and takes it.
 *
 * Locks: pool.lock, interrupts off, for all of it.  Left out: works bound to CPUs, priorities, a
 * reserve for when there is no memory for a worker: works then wait for those that run.
 */
#define pr_fmt(fmt) "workqueue: " fmt

#include <oshit/bug.h>
#include <oshit/clock.h>
#include <oshit/init.h>
#include <oshit/kthread.h>
#include <oshit/list.h>
#include <oshit/panic.h>
#include <oshit/slab.h>
#include <oshit/wait.h>
#include <oshit/workqueue.h>

#define MAX_WORKERS 64
#define MAX_IDLE    4

struct workqueue_struct { /* p: pool.lock   i: constant */
	const char *name; /* i */
	unsigned int max_active; /* i  0: no limit */
	unsigned int nr_active; /* p  in the pool's list, or running */
	unsigned int nr_works; /* p  these, and those held back */
	struct list_head held_back; /* p */
};

struct worker { /* p: pool.lock   w: the worker */
	struct list_head link; /* p  in pool.workers */
	struct list_head idle_link; /* p  in pool.idle, or empty */
	struct task_struct *task; /* constant */
	struct work_struct *work; /* p  that it runs */
	bool sleeps; /* w  inside a work */
	bool should_end; /* p  set while it is taken off pool.idle */
};

static struct { /* p: ->lock, interrupts off */
	raw_spinlock_t lock;
	struct list_head works; /* p  first come, first served */
	struct list_head workers; /* p */
	struct list_head idle; /* p  the last to become idle first */
	unsigned int nr_workers; /* p */
	unsigned int nr_idle; /* p */
	unsigned int nr_running; /* p  workers that want a CPU */
	struct wait_queue_head done; /* woken when a work has ended */
} pool = {
	.lock = RAW_SPINLOCK_INIT,
	.works = LIST_HEAD_INIT(pool.works),
	.workers = LIST_HEAD_INIT(pool.workers),
	.idle = LIST_HEAD_INIT(pool.idle),
	.done = WAIT_QUEUE_HEAD_INIT(pool.done),
};

struct workqueue_struct *system_wq;

/* --- the pool; with its lock --- */

/* @worker, which is idle, looks for work. */
static void rouse(struct worker *worker)
{
	list_del_init(&worker->idle_link);
	pool.nr_idle--;
	pool.nr_running++;
	wake_up_process(worker->task);
}

/* Has an idle worker look for work, if there is some and room for one more. */
static void kick(void)
{
	if (!list_empty(&pool.works) && !list_empty(&pool.idle) &&
	    pool.nr_running < num_online_cpus())
		rouse(list_first_entry(&pool.idle, struct worker, idle_link));
}

static struct worker *runner_of(const struct work_struct *work)
{
	struct worker *worker;

	list_for_each_entry(worker, &pool.workers, link) {
		if (worker->work == work)
			return worker;
	}
	return NULL;
}

static bool is_busy(const struct work_struct *work)
{
	return work->is_pending || runner_of(work);
}

/* The first work that nobody runs, now running in @worker; NULL if there is none. */
static struct work_struct *begin_work(struct worker *worker)
{
	struct work_struct *work;

	if (pool.nr_running > num_online_cpus())
		return NULL;
	list_for_each_entry(work, &pool.works, link) {
		if (!runner_of(work)) {
			list_del_init(&work->link);
			work->is_pending = false;
			worker->work = work;
			return work;
		}
	}
	return NULL;
}

static void activate(struct work_struct *work)
{
	work->is_active = true;
	work->wq->nr_active++;
	list_add_tail(&work->link, &pool.works);
	kick();
}

/* One of @wq's active works has run, or was cancelled: the next may. */
static void retire(struct workqueue_struct *wq)
{
	struct work_struct *next;

	wq->nr_active--;
	next = list_first_entry_or_null(&wq->held_back, struct work_struct, link);
	if (next) {
		list_del_init(&next->link);
		activate(next);
	}
}

/* --- workers --- */

/* From schedule(), with a state set: this worker is about to sleep, or goes on. */
static void worker_sleeps(struct task_struct *task)
{
	struct worker *worker = kthread_data(task);
	unsigned long flags;

	if (!worker->work)
		return;
	raw_spin_lock_irqsave(&pool.lock, flags);
	worker->sleeps = true;
	pool.nr_running--;
	kick();
	raw_spin_unlock_irqrestore(&pool.lock, flags);
}

static void worker_goes_on(struct task_struct *task)
{
	struct worker *worker = kthread_data(task);
	unsigned long flags;

	if (!worker->sleeps)
		return;
	raw_spin_lock_irqsave(&pool.lock, flags);
	worker->sleeps = false;
	pool.nr_running++;
	raw_spin_unlock_irqrestore(&pool.lock, flags);
}

static int run_works(void *data);

/* 0 or -errno. */
static int worker_create(void)
{
	struct worker *worker = kzalloc(sizeof(*worker), GFP_KERNEL);
	unsigned long flags;

	if (!worker)
		return -ENOMEM;
	INIT_LIST_HEAD(&worker->idle_link);
	raw_spin_lock_irqsave(&pool.lock, flags);
	list_add(&worker->link, &pool.workers);
	pool.nr_workers++;
	pool.nr_running++;
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	worker->task = kthread_create(run_works, worker, "kworker");
	if (!IS_ERR(worker->task)) {
		worker->task->flags |= PF_WORKER;
		wake_up_process(worker->task);
		return 0;
	}
	raw_spin_lock_irqsave(&pool.lock, flags);
	list_del(&worker->link);
	pool.nr_workers--;
	pool.nr_running--;
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	kfree(worker);
	return -ENOMEM;
}

/* Waits in pool.idle until somebody takes the worker off. */
static void wait_idle(struct worker *worker)
{
	for (;;) {
		set_current_state(TASK_IDLE);
		if (list_empty(&worker->idle_link))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

/* No work for this worker.  False if there are enough that wait: then it is gone. */
static bool becomes_idle(struct worker *worker)
{
	pool.nr_running--;
	if (pool.nr_idle >= (worker->should_end ? 1 : MAX_IDLE) &&
	    !list_is_last(&worker->link, &pool.workers)) {
		list_del(&worker->link);
		pool.nr_workers--;
		return false;
	}
	worker->should_end = false;
	list_add(&worker->idle_link, &pool.idle);
	pool.nr_idle++;
	return true;
}

static void run_work(struct worker *worker, struct work_struct *work, bool is_last)
{
	struct workqueue_struct *wq = work->wq;
	work_fn fn = work->fn;
	unsigned long flags;

	if (is_last)
		worker_create();
	fn(work);
	raw_spin_lock_irqsave(&pool.lock, flags);
	worker->work = NULL;
	wq->nr_works--;
	retire(wq);
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	wake_up_all(&pool.done);
	/* Works that queue themselves again must not keep the CPU. */
	cond_resched();
}

static int run_works(void *data)
{
	struct worker *worker = data;
	bool is_last, goes_on = true;
	struct work_struct *work;
	unsigned long flags;

	while (goes_on) {
		raw_spin_lock_irqsave(&pool.lock, flags);
		work = begin_work(worker);
		is_last = !pool.nr_idle && pool.nr_workers < MAX_WORKERS;
		if (!work)
			goes_on = becomes_idle(worker);
		raw_spin_unlock_irqrestore(&pool.lock, flags);
		if (work)
			run_work(worker, work, is_last);
		else if (goes_on)
			wait_idle(worker);
	}
	kfree(worker);
	return 0;
}

/* --- works --- */

void INIT_WORK(struct work_struct *work, work_fn fn)
{
	*work = (struct work_struct){ .fn = fn };
	INIT_LIST_HEAD(&work->link);
}

/* With the lock. */
static bool queue_locked(struct workqueue_struct *wq, struct work_struct *work)
{
	if (work->is_pending || work->nr_cancels)
		return false;
	work->is_pending = true;
	work->is_active = false;
	work->wq = wq;
	wq->nr_works++;
	if (wq->max_active && wq->nr_active >= wq->max_active)
		list_add_tail(&work->link, &wq->held_back);
	else
		activate(work);
	return true;
}

bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	unsigned long flags;
	bool queued;

	raw_spin_lock_irqsave(&pool.lock, flags);
	queued = queue_locked(wq, work);
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	return queued;
}

/* Takes a pending work back. With the lock. */
static bool take_back(struct work_struct *work)
{
	if (!work->is_pending)
		return false;
	work->is_pending = false;
	list_del_init(&work->link);
	work->wq->nr_works--;
	if (work->is_active)
		retire(work->wq);
	return true;
}

static bool is_idle(const struct work_struct *work)
{
	unsigned long flags;
	bool idle;

	raw_spin_lock_irqsave(&pool.lock, flags);
	idle = !is_busy(work);
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	return idle;
}

void flush_work(struct work_struct *work)
{
	wait_event(pool.done, is_idle(work));
}

/* While a work is being cancelled nobody can queue it. */
static void cancel_begin(struct work_struct *work)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool.lock, flags);
	work->nr_cancels++;
	raw_spin_unlock_irqrestore(&pool.lock, flags);
}

static bool cancel_end(struct work_struct *work)
{
	unsigned long flags;
	bool was_pending;

	raw_spin_lock_irqsave(&pool.lock, flags);
	was_pending = take_back(work);
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	if (was_pending)
		wake_up_all(&pool.done);
	flush_work(work);
	raw_spin_lock_irqsave(&pool.lock, flags);
	work->nr_cancels--;
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	return was_pending;
}

bool cancel_work_sync(struct work_struct *work)
{
	cancel_begin(work);
	return cancel_end(work);
}

/* --- delayed works --- */

static void delay_is_over(struct hrtimer *timer)
{
	struct delayed_work *dwork = container_of(timer, struct delayed_work, timer);

	queue_work(dwork->wq, &dwork->work);
}

void INIT_DELAYED_WORK(struct delayed_work *dwork, work_fn fn)
{
	INIT_WORK(&dwork->work, fn);
	hrtimer_init(&dwork->timer, delay_is_over);
	dwork->wq = NULL;
}

static bool start_delay(struct workqueue_struct *wq, struct delayed_work *dwork, u64 delay_ns)
{
	if (dwork->work.nr_cancels)
		return false;
	dwork->wq = wq;
	hrtimer_start(&dwork->timer, clock_ns() + delay_ns);
	return true;
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, u64 delay_ns)
{
	bool queued = false;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool.lock, flags);
	if (!hrtimer_is_queued(&dwork->timer) && !dwork->work.is_pending)
		queued = start_delay(wq, dwork, delay_ns);
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	return queued;
}

void mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, u64 delay_ns)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool.lock, flags);
	start_delay(wq, dwork, delay_ns);
	raw_spin_unlock_irqrestore(&pool.lock, flags);
}

void flush_delayed_work(struct delayed_work *dwork)
{
	if (hrtimer_cancel(&dwork->timer))
		queue_work(dwork->wq, &dwork->work);
	flush_work(&dwork->work);
}

bool cancel_delayed_work(struct delayed_work *dwork)
{
	bool was_waiting = hrtimer_try_cancel(&dwork->timer);
	unsigned long flags;

	raw_spin_lock_irqsave(&pool.lock, flags);
	was_waiting |= take_back(&dwork->work);
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	wake_up_all(&pool.done);
	return was_waiting;
}

bool cancel_delayed_work_sync(struct delayed_work *dwork)
{
	bool was_waiting;

	cancel_begin(&dwork->work);
	was_waiting = hrtimer_cancel(&dwork->timer);
	return cancel_end(&dwork->work) || was_waiting;
}

/* --- queues --- */

struct workqueue_struct *alloc_workqueue(const char *name, unsigned int max_active)
{
	struct workqueue_struct *wq = kzalloc(sizeof(*wq), GFP_KERNEL);

	if (!wq)
		return NULL;
	wq->name = name;
	wq->max_active = max_active;
	INIT_LIST_HEAD(&wq->held_back);
	return wq;
}

static bool has_no_works(const struct workqueue_struct *wq)
{
	unsigned long flags;
	bool none;

	raw_spin_lock_irqsave(&pool.lock, flags);
	none = wq->nr_works == 0;
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	return none;
}

void flush_workqueue(struct workqueue_struct *wq)
{
	wait_event(pool.done, has_no_works(wq));
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	flush_workqueue(wq);
	kfree(wq);
}

/* One stays idle; in the end it is the oldest, so that what stays is always the same. */
unsigned int workqueue_trim(void)
{
	struct worker *worker, *next;
	unsigned int nr_workers;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool.lock, flags);
	list_for_each_entry_safe(worker, next, &pool.idle, idle_link) {
		if (pool.nr_idle <= 1)
			break;
		if (list_is_last(&worker->link, &pool.workers))
			continue;
		worker->should_end = true;
		rouse(worker);
	}
	nr_workers = pool.nr_workers;
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	return nr_workers;
}

static const struct sched_worker_ops worker_ops = {
	.sleeps = worker_sleeps,
	.goes_on = worker_goes_on,
};

__init void workqueue_init(void)
{
	sched_worker_ops = &worker_ops;
	system_wq = alloc_workqueue("system", 0);
	if (!system_wq || worker_create())
		panic("no memory for the first workqueue");
}
