/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Weighted fair: earliest eligible virtual deadline first (Stoica and Abdel-Wahab, 1995).
 *
 * A task's vruntime is what it has used, in nanoseconds of a task of weight 1024: it grows by 1024
 * / weight a nanosecond.  V, the average of all in the queue weighted by their weights, is what
 * each would have used were the CPU divided perfectly.  V - vruntime is the task's lag: what the
 * queue owes it.  A task is eligible if its lag is not negative; some always are.  Each task asks
 * for slices of the same length; that a slice of it would end, if it got exactly its share, at
 * vruntime + slice * 1024 / weight is its deadline.  Of the eligible the one with the earliest
 * deadline runs. So nobody is ever further than about a slice from his share, and who is heavy
 * waits less.
 *
 * A task that leaves takes its lag with it and gets it back wherever it arrives, within a bound of
 * a few slices: sleeping earns nothing and hides no debt.
 *
 * Waiting tasks are in a tree ordered by deadline, each entry with the least vruntime of its
 * subtree.  Mostly the first one is eligible; else pick() goes down the tree once.  The sums behind
 * V are kept relative to min_vruntime, which only grows, and only in large steps.  They have 128
 * bits: 100,000 tasks of the largest weight a minute apart fit many times.
 *
 * enqueue, remove, put, pick and rotate are O(log n), all others O(1).  With one task that waits,
 * which is the common case, no tree is built or balanced.  rotate() is on the way of each switch:
 * what it consists of is inlined.
 */
#include <oshit/math.h>

#include "policy.h"

#define MAX_LAG_SLICES 4
#define MIN_STEP_NS    (1L << 30) /* by which min_vruntime moves at least */

static struct sched_entity *entity_of(const struct rb_node *node)
{
	return rb_entry(node, struct sched_entity, node);
}

/* A span of real time as virtual time of @se, and back. */
static u64 to_virtual(u64 ns, const struct sched_entity *se)
{
	return se->weight == NICE_0_WEIGHT ? ns : (u64)((unsigned __int128)ns * se->inverse >> 32);
}

static u64 to_real(u64 ns, const struct sched_entity *se)
{
	return ns * se->weight / NICE_0_WEIGHT;
}

static bool deadline_less(const struct rb_node *a, const struct rb_node *b)
{
	return (s64)(entity_of(a)->deadline - entity_of(b)->deadline) < 0;
}

static u64 min_virtual(u64 a, u64 b)
{
	return (s64)(a - b) < 0 ? a : b;
}

static bool update_min(struct rb_node *node)
{
	struct sched_entity *se = entity_of(node);
	u64 least = se->vruntime;
	bool changed;

	if (node->left)
		least = min_virtual(least, entity_of(node->left)->min_vruntime);
	if (node->right)
		least = min_virtual(least, entity_of(node->right)->min_vruntime);
	changed = least != se->min_vruntime;
	se->min_vruntime = least;
	return changed;
}

static s64 key_of(const struct sched_queue *queue, u64 vruntime)
{
	return (s64)(vruntime - queue->min_vruntime);
}

/* The sums over all members: what min_vruntime is to be multiplied with, and added. */
static u64 total_weight(const struct sched_queue *queue)
{
	return queue->sum_weight + (queue->curr ? queue->curr->weight : 0);
}

static __int128 total_key(const struct sched_queue *queue)
{
	const struct sched_entity *curr = queue->curr;

	return queue->sum_key + (curr ? (__int128)key_of(queue, curr->vruntime) * curr->weight : 0);
}

/* V; @weight is not 0.  There is no division of 128 bits: large sums lose their last bits. */
static u64 average(const struct sched_queue *queue)
{
	__int128 sum = total_key(queue);
	s64 weight = (s64)total_weight(queue);

	while (sum != (s64)sum) {
		sum >>= 1;
		weight = max(weight >> 1, 1L);
	}
	return queue->min_vruntime + (u64)((s64)sum / weight);
}

static __always_inline bool is_eligible(const struct sched_queue *queue, u64 vruntime)
{
	return total_key(queue) >= (__int128)key_of(queue, vruntime) * (s64)total_weight(queue);
}

/* Moves the zero of the sums up to the least vruntime, once that is far above it. */
static void advance_min(struct sched_queue *queue)
{
	const struct sched_entity *curr = queue->curr;
	u64 least;

	if (queue->tree.root.node) {
		least = entity_of(queue->tree.root.node)->min_vruntime;
		if (curr)
			least = min_virtual(least, curr->vruntime);
	} else if (curr) {
		least = curr->vruntime;
	} else {
		return;
	}
	if (key_of(queue, least) < MIN_STEP_NS)
		return;
	queue->sum_key -= (__int128)key_of(queue, least) * (s64)queue->sum_weight;
	queue->min_vruntime = least;
}

static __always_inline void insert(struct sched_queue *queue, struct sched_entity *se)
{
	se->min_vruntime = se->vruntime;
	rb_add_augmented_cached(&se->node, &queue->tree, deadline_less, update_min);
	queue->sum_key += (__int128)key_of(queue, se->vruntime) * se->weight;
	queue->sum_weight += se->weight;
	queue->nr++;
}

static __always_inline void erase(struct sched_queue *queue, struct sched_entity *se)
{
	rb_erase_augmented_cached(&se->node, &queue->tree, update_min);
	queue->sum_key -= (__int128)key_of(queue, se->vruntime) * se->weight;
	queue->sum_weight -= se->weight;
	queue->nr--;
}

static void fair_init(struct sched_queue *queue)
{
	queue->nr = 0;
	queue->curr = NULL;
	queue->tree = (struct rb_root_cached)RB_ROOT_CACHED;
	queue->min_vruntime = 0;
	queue->sum_key = 0;
	queue->sum_weight = 0;
}

/* How far from the average a task may arrive. */
static s64 lag_bound(const struct sched_entity *se)
{
	return (s64)to_virtual(MAX_LAG_SLICES * SCHED_SLICE_NS, se);
}

/*
 * An arrival pulls V towards itself by its share of the weight.  To have the lag it left with after
 * that, it must arrive with the more: lag * (others + own) / others.
 */
static void fair_enqueue(struct sched_queue *queue, struct sched_entity *se)
{
	u64 others = total_weight(queue);
	s64 lag = 0;

	advance_min(queue);
	if (others) {
		lag = clamp(se->lag, -lag_bound(se), lag_bound(se));
		lag += lag * se->weight / (s64)others;
		lag = clamp(lag, -2 * lag_bound(se), 2 * lag_bound(se));
	}
	se->vruntime = (others ? average(queue) : queue->min_vruntime) - (u64)lag;
	se->deadline = se->vruntime + to_virtual(SCHED_SLICE_NS, se);
	insert(queue, se);
}

static void note_lag(const struct sched_queue *queue, struct sched_entity *se)
{
	s64 lag = (s64)(average(queue) - se->vruntime);

	se->lag = clamp(lag, -lag_bound(se), lag_bound(se));
}

static void fair_remove(struct sched_queue *queue, struct sched_entity *se)
{
	note_lag(queue, se);
	erase(queue, se);
	advance_min(queue);
}

/* The eligible one with the earliest deadline of those that wait, or NULL; there are some. */
static struct sched_entity *best(const struct sched_queue *queue)
{
	struct rb_node *node = queue->tree.first;
	struct sched_entity *se = entity_of(node);

	if (is_eligible(queue, se->vruntime))
		return se;
	for (node = queue->tree.root.node; node;) {
		se = entity_of(node);
		if (node->left && is_eligible(queue, entity_of(node->left)->min_vruntime))
			node = node->left;
		else if (is_eligible(queue, se->vruntime))
			return se;
		else
			node = node->right;
	}
	return NULL;
}

/* Of those that wait, were they alone, which some always is: the only one, if there is one. */
static struct sched_entity *best_alone(const struct sched_queue *queue)
{
	return queue->nr == 1 ? entity_of(queue->tree.first) : best(queue);
}

static struct sched_entity *fair_pick(struct sched_queue *queue)
{
	struct sched_entity *se;

	if (!queue->nr)
		return NULL;
	se = best_alone(queue);
	erase(queue, se);
	queue->curr = se;
	return se;
}

/* A slice that is used up is followed by the next, one that is given away by one later. */
static __always_inline void renew_deadline(struct sched_entity *se, enum put_reason why)
{
	if (why == PUT_YIELD)
		se->deadline = se->vruntime + 2 * to_virtual(SCHED_SLICE_NS, se);
	else if ((s64)(se->vruntime - se->deadline) >= 0)
		se->deadline = se->vruntime + to_virtual(SCHED_SLICE_NS, se);
}

static void fair_put(struct sched_queue *queue, enum put_reason why)
{
	struct sched_entity *se = queue->curr;

	renew_deadline(se, why);
	queue->curr = NULL;
	insert(queue, se);
	advance_min(queue);
}

/* Whether curr is the best of all, @se being the best of those that wait, or NULL. */
static bool curr_is_best(const struct sched_queue *queue, const struct sched_entity *se)
{
	const struct sched_entity *curr = queue->curr;

	return !se ||
	       ((s64)(curr->deadline - se->deadline) < 0 && is_eligible(queue, curr->vruntime));
}

static struct sched_entity *fair_rotate(struct sched_queue *queue, enum put_reason why)
{
	struct sched_entity *curr = queue->curr, *se;

	renew_deadline(curr, why);
	if (!queue->nr)
		return curr;
	if (why == PUT_YIELD) {
		queue->curr = NULL;
		se = best_alone(queue);
	} else {
		se = best(queue);
		if (curr_is_best(queue, se))
			return curr;
	}
	erase(queue, se);
	insert(queue, curr);
	queue->curr = se;
	if (unlikely(key_of(queue, curr->vruntime) > 2 * MIN_STEP_NS))
		advance_min(queue);
	return se;
}

static void fair_leave(struct sched_queue *queue)
{
	note_lag(queue, queue->curr);
	advance_min(queue);
	queue->curr = NULL;
}

static void fair_charge(struct sched_queue *queue, u64 delta_ns)
{
	queue->curr->vruntime += to_virtual(delta_ns, queue->curr);
}

static bool fair_preempts(const struct sched_queue *queue, const struct sched_entity *se)
{
	return (s64)(se->deadline - queue->curr->deadline) < 0 && is_eligible(queue, se->vruntime);
}

static u64 fair_time_left_ns(const struct sched_queue *queue)
{
	s64 left = (s64)(queue->curr->deadline - queue->curr->vruntime);

	return left > 0 ? max(to_real((u64)left, queue->curr), 1UL) : 0;
}

static struct sched_entity *fair_before(const struct sched_queue *queue __maybe_unused,
					const struct sched_entity *se)
{
	return rb_entry_or_null(rb_prev(&se->node), struct sched_entity, node);
}

static struct sched_entity *fair_last(const struct sched_queue *queue)
{
	return rb_entry_or_null(rb_last(&queue->tree.root), struct sched_entity, node);
}

const struct sched_policy sched_fair = {
	.name = "weighted fair",
	.init = fair_init,
	.enqueue = fair_enqueue,
	.remove = fair_remove,
	.pick = fair_pick,
	.put = fair_put,
	.rotate = fair_rotate,
	.leave = fair_leave,
	.charge = fair_charge,
	.preempts = fair_preempts,
	.time_left_ns = fair_time_left_ns,
	.last = fair_last,
	.before = fair_before,
};
