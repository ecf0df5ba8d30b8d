/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Round robin: one list, first in, first out.  The first runs until its slice is used up and then
 * goes to the end; the slice is the larger the larger its weight is.  A task that is preempted with
 * something left keeps that and goes to the front.  Who runs over the end of its slice starts the
 * next one with that debt, and is passed over for a debt of whole slices, so that late timers even
 * out.  Who runs while nobody waits makes no debts.
 * A task that wakes up goes to the end and preempts nobody: it waits for up to the sum of all
 * slices.  That is the price of a policy that costs a few instructions whatever the load.
 *
 * Everything is O(1) but for those debts.  The idle class is ordered like this under either policy.
 */
#include <oshit/math.h>

#include "policy.h"

#define MAX_DEBT_SLICES 16 /* that pick() passes over at most, for each task that waits */

static struct sched_entity *entity_of(struct list_head *link)
{
	return list_entry(link, struct sched_entity, link);
}

static void rr_init(struct sched_queue *queue)
{
	queue->nr = 0;
	queue->curr = NULL;
	INIT_LIST_HEAD(&queue->list);
}

static void rr_enqueue(struct sched_queue *queue, struct sched_entity *se)
{
	if (se->slice_left_ns <= 0)
		se->slice_left_ns += (s64)sched_slice_ns(se);
	list_add_tail(&se->link, &queue->list);
	queue->nr++;
}

static void rr_remove(struct sched_queue *queue, struct sched_entity *se)
{
	list_del(&se->link);
	queue->nr--;
}

static struct sched_entity *rr_pick(struct sched_queue *queue)
{
	struct sched_entity *se;

	if (list_empty(&queue->list))
		return NULL;
	for (;;) {
		se = entity_of(queue->list.next);
		if (se->slice_left_ns > 0)
			break;
		se->slice_left_ns += (s64)sched_slice_ns(se);
		list_move_tail(&se->link, &queue->list);
	}
	rr_remove(queue, se);
	queue->curr = se;
	return se;
}

static void rr_put(struct sched_queue *queue, enum put_reason why)
{
	struct sched_entity *se = queue->curr;

	queue->curr = NULL;
	if (why == PUT_YIELD || se->slice_left_ns <= 0) {
		rr_enqueue(queue, se);
		return;
	}
	list_add(&se->link, &queue->list);
	queue->nr++;
}

static struct sched_entity *rr_rotate(struct sched_queue *queue, enum put_reason why)
{
	rr_put(queue, why);
	return rr_pick(queue);
}

static void rr_leave(struct sched_queue *queue)
{
	queue->curr = NULL;
}

static void rr_charge(struct sched_queue *queue, u64 delta_ns)
{
	struct sched_entity *se = queue->curr;
	s64 most_debt_ns = queue->nr ? MAX_DEBT_SLICES * (s64)sched_slice_ns(se) : 0;

	se->slice_left_ns = max(se->slice_left_ns - (s64)delta_ns, -most_debt_ns);
}

static bool rr_preempts(const struct sched_queue *queue __maybe_unused,
			const struct sched_entity *se __maybe_unused)
{
	return false;
}

static u64 rr_time_left_ns(const struct sched_queue *queue)
{
	return queue->curr->slice_left_ns > 0 ? (u64)queue->curr->slice_left_ns : 0;
}

static struct sched_entity *rr_before(const struct sched_queue *queue,
				      const struct sched_entity *se)
{
	return se->link.prev == &queue->list ? NULL : entity_of(se->link.prev);
}

static struct sched_entity *rr_last(const struct sched_queue *queue)
{
	return list_empty(&queue->list) ? NULL : entity_of(queue->list.prev);
}

const struct sched_policy sched_rr = {
	.name = "round robin",
	.init = rr_init,
	.enqueue = rr_enqueue,
	.remove = rr_remove,
	.pick = rr_pick,
	.put = rr_put,
	.rotate = rr_rotate,
	.leave = rr_leave,
	.charge = rr_charge,
	.preempts = rr_preempts,
	.time_left_ns = rr_time_left_ns,
	.last = rr_last,
	.before = rr_before,
};
