/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers, to the nanosecond.
 *
 * Each CPU has a queue: a red-black tree by deadline whose first entry is kept at hand.  Equal
 * deadlines stay in the order of their starts.  Starting, moving and cancelling cost O(log n),
 * looking for the next deadline O(1).
 *
 * Life of a timer:
 *
 *	idle --start--> queued --deadline--> running --fn returns--> idle
 *	  ^               |  ^                  |
 *	  +----cancel-----+  +------start-------+	(queued and running at once)
 *
 * Running is not a state of the timer but of the queue (`running`): the function may free its
 * timer, so nothing is written to it after the call.  hrtimer_cancel() waits until the queue runs
 * something else.  That works because a timer whose function runs stays in that queue: who starts
 * it from another CPU puts it there, else a canceller would look at the wrong queue.
 *
 * A timer changes queues without two locks being held: `cpu` says HRTIMER_MOVING between the
 * unlock of one and the lock of the other, and who wants to lock it spins for these few
 * instructions.  `is_queued` stays true meanwhile.
 *
 * Events: the hardware is set when a timer comes that is due before the set event, and when the
 * interrupt is done.  It is not set when a timer goes: most timers are timeouts that are
 * cancelled, and one interrupt too many now and then is cheaper than a write to the device at each
 * cancel.  None of this needs a tick: an idle CPU with an empty queue sleeps for ever.
 *
 * An interrupt runs at most MAX_BATCH functions and then asks for another one at once, so that
 * other interrupts, and the code below, get their turn if functions restart themselves in the past
 * or very many are due.
 *
 * Locks: queue->lock, raw, interrupts off; nothing is taken inside.  Functions run without it.
 *
 * Left out: slack that would merge neighbouring events, timers by the real-time clock (a caller
 * converts, and starts them again when that clock is set), timers that the idle CPU may defer.
 */
#include <arch/processor.h>
#include <arch/timer.h>
#include <oshit/bug.h>
#include <oshit/clock.h>
#include <oshit/hrtimer.h>
#include <oshit/irqflags.h>
#include <oshit/percpu.h>
#include <oshit/spinlock.h>

#include "hrtimer_queue.h"

#define HRTIMER_MOVING (~0u)
#define MAX_BATCH      256 /* some 100 us of short functions */

DEFINE_PER_CPU(struct hrtimer_queue, hrtimer_queue) = {
	.lock = RAW_SPINLOCK_INIT,
	.tree = RB_ROOT_CACHED,
	.event_ns = HRTIMER_NO_DEADLINE,
};

static struct hrtimer *timer_of(struct rb_node *node)
{
	return rb_entry(node, struct hrtimer, node);
}

static bool timer_less(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, const struct hrtimer, node)->deadline_ns <
	       rb_entry(b, const struct hrtimer, node)->deadline_ns;
}

/* --- with the queue's lock held --- */

static void enqueue(struct hrtimer_queue *queue, struct hrtimer *timer)
{
	__atomic_store_n(&timer->is_queued, true, __ATOMIC_RELAXED);
	rb_add_cached(&timer->node, &queue->tree, timer_less);
	queue->nr_queued++;
}

static void take_out(struct hrtimer_queue *queue, struct hrtimer *timer)
{
	rb_erase_cached(&timer->node, &queue->tree);
	queue->nr_queued--;
}

static u64 first_deadline(const struct hrtimer_queue *queue)
{
	return queue->tree.first ? timer_of(queue->tree.first)->deadline_ns : HRTIMER_NO_DEADLINE;
}

/* Sets this CPU's event if it must be earlier.  The interrupt itself does so when it is done. */
static void event_update(struct hrtimer_queue *queue)
{
	u64 deadline_ns = first_deadline(queue);

	if (queue->in_interrupt || deadline_ns >= queue->event_ns)
		return;
	queue->event_ns = deadline_ns;
	arch_timer_set(deadline_ns);
}

/* --- locking --- */

/* Locks the queue that @timer is or was last in.  Interrupts are off. */
static struct hrtimer_queue *lock_queue_of(const struct hrtimer *timer) __acquires(queue->lock)
{
	struct hrtimer_queue *queue;
	unsigned int cpu;

	for (;; cpu_relax()) {
		cpu = __atomic_load_n(&timer->cpu, __ATOMIC_RELAXED);
		if (cpu == HRTIMER_MOVING)
			continue;
		queue = per_cpu_ptr(&hrtimer_queue, cpu);
		raw_spin_lock(&queue->lock);
		if (likely(__atomic_load_n(&timer->cpu, __ATOMIC_RELAXED) == cpu))
			return queue;
		raw_spin_unlock(&queue->lock);
	}
}

/* Takes @timer, which is in no tree, from @queue, locked, to that of @cpu, then locked instead. */
static struct hrtimer_queue *change_queue(struct hrtimer *timer, struct hrtimer_queue *queue,
					  unsigned int cpu) __must_hold(queue->lock)
{
	struct hrtimer_queue *to = per_cpu_ptr(&hrtimer_queue, cpu);

	__atomic_store_n(&timer->cpu, HRTIMER_MOVING, __ATOMIC_RELAXED);
	raw_spin_unlock(&queue->lock);
	raw_spin_lock(&to->lock);
	/* Who sees the new number and then takes the lock sees all that we wrote before. */
	__atomic_store_n(&timer->cpu, cpu, __ATOMIC_RELAXED);
	return to;
}

/* --- interface --- */

void hrtimer_init(struct hrtimer *timer, void (*fn)(struct hrtimer *timer))
{
	*timer = (struct hrtimer){ .fn = fn, .cpu = smp_processor_id() };
}

void hrtimer_start(struct hrtimer *timer, u64 deadline_ns)
{
	struct hrtimer_queue *queue;
	unsigned long flags;
	unsigned int cpu;

	local_irq_save(flags);
	cpu = smp_processor_id();
	queue = lock_queue_of(timer);
	if (timer->is_queued)
		take_out(queue, timer);
	if (timer->cpu != cpu && queue->running != timer)
		queue = change_queue(timer, queue, cpu);
	timer->deadline_ns = deadline_ns;
	enqueue(queue, timer);
	if (timer->cpu == cpu)
		event_update(queue);
	raw_spin_unlock(&queue->lock);
	local_irq_restore(flags);
}

enum run_state {
	RUNS_NOT,
	RUNS_HERE, /* the caller is its function, or was called by it */
	RUNS_ELSEWHERE,
};

static enum run_state run_state(const struct hrtimer *timer, const struct hrtimer_queue *queue)
{
	if (queue->running != timer)
		return RUNS_NOT;
	return timer->cpu == smp_processor_id() ? RUNS_HERE : RUNS_ELSEWHERE;
}

/* Takes @timer off its queue, and tells whether its function runs. */
static bool cancel(struct hrtimer *timer, enum run_state *state)
{
	struct hrtimer_queue *queue;
	unsigned long flags;
	bool was_queued;

	local_irq_save(flags);
	queue = lock_queue_of(timer);
	was_queued = timer->is_queued;
	if (was_queued) {
		take_out(queue, timer);
		__atomic_store_n(&timer->is_queued, false, __ATOMIC_RELAXED);
	}
	*state = run_state(timer, queue);
	raw_spin_unlock(&queue->lock);
	local_irq_restore(flags);
	return was_queued;
}

bool hrtimer_try_cancel(struct hrtimer *timer)
{
	enum run_state state;

	return cancel(timer, &state);
}

bool hrtimer_cancel(struct hrtimer *timer)
{
	enum run_state state;
	bool was_queued = cancel(timer, &state);

	while (state == RUNS_ELSEWHERE) {
		cpu_relax();
		was_queued |= cancel(timer, &state); /* the function may have started it again */
	}
	WARN_ON_ONCE(state == RUNS_HERE);
	return was_queued;
}

u64 hrtimer_next_deadline(void)
{
	struct hrtimer_queue *queue;
	unsigned long flags;
	u64 deadline_ns;

	local_irq_save(flags);
	queue = this_cpu_ptr(&hrtimer_queue);
	raw_spin_lock(&queue->lock);
	deadline_ns = first_deadline(queue);
	raw_spin_unlock(&queue->lock);
	local_irq_restore(flags);
	return deadline_ns;
}

/* --- the interrupt --- */

static void run_first(struct hrtimer_queue *queue) __must_hold(queue->lock)
{
	struct hrtimer *timer = timer_of(queue->tree.first);
	void (*fn)(struct hrtimer *) = timer->fn;

	take_out(queue, timer);
	__atomic_store_n(&timer->is_queued, false, __ATOMIC_RELAXED);
	queue->running = timer;
	queue->nr_calls++;
	raw_spin_unlock(&queue->lock);
	fn(timer);
	raw_spin_lock(&queue->lock);
	queue->running = NULL;
}

void hrtimer_interrupt(void)
{
	struct hrtimer_queue *queue = this_cpu_ptr(&hrtimer_queue);
	unsigned int nr;

	raw_spin_lock(&queue->lock);
	queue->in_interrupt = true;
	queue->event_ns = HRTIMER_NO_DEADLINE;
	queue->nr_events++;
	for (nr = 0; nr < MAX_BATCH && first_deadline(queue) <= clock_ns(); nr++)
		run_first(queue);
	queue->in_interrupt = false;
	event_update(queue);
	raw_spin_unlock(&queue->lock);
}

/* --- CPUs come and go --- */

void hrtimers_cpu_starting(void)
{
	struct hrtimer_queue *queue = this_cpu_ptr(&hrtimer_queue);

	raw_spin_lock(&queue->lock);
	queue->event_ns = HRTIMER_NO_DEADLINE;
	event_update(queue);
	raw_spin_unlock(&queue->lock);
}

/* One at a time: interrupts are off for as long as one takes, and no two queues are locked. */
static bool move_first(struct hrtimer_queue *dead)
{
	struct hrtimer_queue *queue = dead;
	struct hrtimer *timer = NULL;
	unsigned long flags;

	local_irq_save(flags);
	raw_spin_lock(&queue->lock);
	if (queue->tree.first) {
		timer = timer_of(queue->tree.first);
		take_out(queue, timer);
		queue = change_queue(timer, queue, smp_processor_id());
		enqueue(queue, timer);
		event_update(queue);
	}
	raw_spin_unlock(&queue->lock);
	local_irq_restore(flags);
	return timer;
}

void hrtimers_cpu_dead(unsigned int cpu)
{
	struct hrtimer_queue *dead = per_cpu_ptr(&hrtimer_queue, cpu);

	WARN_ON(dead->running);
	while (move_first(dead))
		;
}
