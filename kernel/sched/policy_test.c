/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Both policies, as pure code: each step of a random life of tasks against what the theory says,
 * and shares of CPU over simulated time.
 */
#include <oshit/math.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "policy.h"

#define MAX_TASKS 24
#define NR_STEPS  20000

enum place { OUTSIDE, WAITING, RUNNING };

struct sim_task {
	struct sched_entity se;
	enum place place;
	long place_in_line; /* round robin's model: the least is next */
	u64 used_ns;
	u64 wanted_ns; /* the integral of its perfect share */
};

struct sim {
	const struct sched_policy *policy;
	struct sched_queue queue;
	struct sim_task tasks[MAX_TASKS];
	unsigned int nr_tasks;
	long front, back; /* of round robin's line */
	struct test_random random;
};

static struct sim sim; /* too large for a stack; the runner runs one case at a time */

static void sim_init(struct test *t, const struct sched_policy *policy, unsigned int nr_tasks)
{
	sim = (struct sim){ .policy = policy, .nr_tasks = nr_tasks };
	sim.random = test_random_seeded(t, 0x5eed5eed + nr_tasks);
	policy->init(&sim.queue);
	for (unsigned int i = 0; i < nr_tasks; i++)
		sched_entity_set_nice(&sim.tasks[i].se, 0);
}

static struct sim_task *task_of(struct sched_entity *se)
{
	return container_of(se, struct sim_task, se);
}

static struct sim_task *random_task(enum place place)
{
	unsigned int first = test_random_below(&sim.random, sim.nr_tasks);

	for (unsigned int i = 0; i < sim.nr_tasks; i++) {
		struct sim_task *task = &sim.tasks[(first + i) % sim.nr_tasks];

		if (task->place == place)
			return task;
	}
	return NULL;
}

static unsigned int nr_at(enum place place)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < sim.nr_tasks; i++)
		nr += sim.tasks[i].place == place;
	return nr;
}

/* Sum over all members of weight * (vruntime - @vruntime), by the book. */
static __int128 excess_over(u64 vruntime)
{
	__int128 sum = 0;

	for (unsigned int i = 0; i < sim.nr_tasks; i++) {
		const struct sched_entity *se = &sim.tasks[i].se;

		if (sim.tasks[i].place != OUTSIDE)
			sum += (__int128)(s64)(se->vruntime - vruntime) * se->weight;
	}
	return sum;
}

static bool goes_before(const struct sim_task *a, const struct sim_task *b)
{
	if (sim.policy == &sched_rr)
		return a->place_in_line < b->place_in_line;
	return (s64)(a->se.deadline - b->se.deadline) < 0;
}

/* Whom the theory chooses among those that wait, while nobody runs. */
static const struct sim_task *model_pick(void)
{
	const struct sim_task *best = NULL;

	for (unsigned int i = 0; i < sim.nr_tasks; i++) {
		const struct sim_task *task = &sim.tasks[i];

		if (task->place != WAITING)
			continue;
		if (sim.policy == &sched_fair && excess_over(task->se.vruntime) < 0)
			continue;
		if (!best || goes_before(task, best))
			best = task;
	}
	return best;
}

/* Round robin passes over who is in debt, for one slice each time. */
static const struct sim_task *model_pick_rr(void)
{
	s64 left_ns[MAX_TASKS];

	for (unsigned int i = 0; i < sim.nr_tasks; i++)
		left_ns[i] = sim.tasks[i].se.slice_left_ns;
	for (;;) {
		unsigned int first = (unsigned int)(model_pick() - sim.tasks);

		if (left_ns[first] > 0)
			return &sim.tasks[first];
		left_ns[first] += (s64)sched_slice_ns(&sim.tasks[first].se);
		sim.tasks[first].place_in_line = ++sim.back;
	}
}

static void sim_pick(struct test *t)
{
	const struct sim_task *expected = sim.policy == &sched_rr ? model_pick_rr() : model_pick();
	struct sched_entity *se = sim.policy->pick(&sim.queue);

	ASSERT_TRUE(t, se);
	if (sim.policy == &sched_fair)
		EXPECT_EQ(t, se->deadline, expected->se.deadline);
	else
		EXPECT_TRUE(t, task_of(se) == expected);
	EXPECT_TRUE(t, task_of(se)->place == WAITING);
	EXPECT_TRUE(t, sim.queue.curr == se);
	task_of(se)->place = RUNNING;
}

static void sim_run(u64 ns)
{
	struct sim_task *task = task_of(sim.queue.curr);
	u64 weights = 0;

	for (unsigned int i = 0; i < sim.nr_tasks; i++)
		weights += sim.tasks[i].place != OUTSIDE ? sim.tasks[i].se.weight : 0;
	for (unsigned int i = 0; i < sim.nr_tasks; i++) {
		if (sim.tasks[i].place != OUTSIDE)
			sim.tasks[i].wanted_ns += ns * sim.tasks[i].se.weight / weights;
	}
	task->used_ns += ns;
	sim.policy->charge(&sim.queue, ns);
}

static void sim_enqueue(struct sim_task *task)
{
	sim.policy->enqueue(&sim.queue, &task->se);
	task->place = WAITING;
	task->place_in_line = ++sim.back;
}

static void sim_put(void)
{
	struct sim_task *task = task_of(sim.queue.curr);

	task->place_in_line = sim.policy->time_left_ns(&sim.queue) ? --sim.front : ++sim.back;
	task->place = WAITING;
	sim.policy->put(&sim.queue, PUT_PREEMPTED);
}

/* The same and the next pick in one step: what both together would have chosen. */
static void sim_rotate(struct test *t)
{
	struct sched_entity *before = sim.queue.curr, *se;
	u64 vruntime = before->vruntime;
	const struct sim_task *expected;

	if (sim.policy == &sched_rr) { /* it does call both, and the model knows these two */
		sim_put();
		sim_pick(t);
		return;
	}
	se = sim.policy->rotate(&sim.queue, PUT_PREEMPTED);
	EXPECT_TRUE(t, sim.queue.curr == se);
	EXPECT_EQ(t, before->vruntime, vruntime);
	task_of(before)->place = WAITING;
	expected = model_pick();
	EXPECT_EQ(t, se->deadline, expected->se.deadline);
	task_of(se)->place = RUNNING;
}

static void sim_leave(void)
{
	task_of(sim.queue.curr)->place = OUTSIDE;
	sim.policy->leave(&sim.queue);
}

static void sim_step(struct test *t)
{
	struct sim_task *task;

	switch (test_random_below(&sim.random, 8)) {
	case 0:
	case 1:
		task = random_task(OUTSIDE);
		if (!task)
			return;
		sched_entity_set_nice(&task->se, (int)test_random_below(&sim.random, 40) - 20);
		sim_enqueue(task);
		return;
	case 2:
		task = random_task(WAITING);
		if (!task)
			return;
		sim.policy->remove(&sim.queue, &task->se);
		task->place = OUTSIDE;
		return;
	case 3:
		if (sim.queue.curr)
			sim_leave();
		return;
	default:
		if (!sim.queue.curr && sim.queue.nr)
			sim_pick(t);
		if (!sim.queue.curr)
			return;
		sim_run(1 + test_random_below(&sim.random, 3 * SCHED_SLICE_NS));
		if (test_random_below(&sim.random, 2))
			sim_rotate(t);
		else if (!sim.policy->time_left_ns(&sim.queue) || test_random_below(&sim.random, 2))
			sim_put();
	}
}

static void check_backward_walk(struct test *t)
{
	struct sched_entity *se = sim.policy->last(&sim.queue);
	unsigned int nr = 0;

	for (; se; se = sim.policy->before(&sim.queue, se), nr++)
		EXPECT_TRUE(t, task_of(se)->place == WAITING);
	EXPECT_EQ(t, nr, nr_at(WAITING));
}

static void check_fair_sums(struct test *t)
{
	__int128 sum = 0;
	u64 weight = 0;

	for (unsigned int i = 0; i < sim.nr_tasks; i++) {
		const struct sched_entity *se = &sim.tasks[i].se;
		s64 key = (s64)(se->vruntime - sim.queue.min_vruntime);

		if (sim.tasks[i].place == OUTSIDE)
			continue;
		if (sim.tasks[i].place == WAITING) {
			sum += (__int128)key * se->weight;
			weight += se->weight;
		}
	}
	EXPECT_TRUE(t, sum == sim.queue.sum_key);
	EXPECT_EQ(t, weight, sim.queue.sum_weight);
}

static void random_life(struct test *t, const struct sched_policy *policy)
{
	sim_init(t, policy, MAX_TASKS);
	for (unsigned int i = 0; i < NR_STEPS && !t->nr_failures; i++) {
		sim_step(t);
		EXPECT_EQ(t, sim.queue.nr, nr_at(WAITING));
		EXPECT_EQ(t, sim.queue.curr ? 1U : 0U, nr_at(RUNNING));
		check_backward_walk(t);
		if (policy == &sched_fair)
			check_fair_sums(t);
	}
}

static void rr_picks_first_in_line(struct test *t)
{
	random_life(t, &sched_rr);
}

static void fair_picks_earliest_eligible_deadline(struct test *t)
{
	random_life(t, &sched_fair);
}

/* All tasks want the CPU all the time; nice values from @nice in steps of @step. */
static void all_busy(struct test *t, const struct sched_policy *policy, int nice, int step)
{
	u64 total_ns = 0, weights = 0;

	sim_init(t, policy, 7);
	for (unsigned int i = 0; i < sim.nr_tasks; i++, nice += step) {
		sched_entity_set_nice(&sim.tasks[i].se, nice);
		weights += sim.tasks[i].se.weight;
		sim_enqueue(&sim.tasks[i]);
	}
	while (total_ns < 4000 * SCHED_SLICE_NS && !t->nr_failures) {
		u64 ns;

		sim_pick(t);
		/* The timer comes late, and sometimes something else preempts. */
		ns = policy->time_left_ns(&sim.queue) + test_random_below(&sim.random, 100000);
		if (test_random_below(&sim.random, 4) == 0)
			ns = 1 + test_random_below(&sim.random, ns);
		sim_run(ns);
		total_ns += ns;
		sim_put();
	}
	for (unsigned int i = 0; i < sim.nr_tasks; i++) {
		u64 share_ns = total_ns / weights * sim.tasks[i].se.weight;

		EXPECT_GT(t, sim.tasks[i].used_ns, share_ns - share_ns / 50);
		EXPECT_LT(t, sim.tasks[i].used_ns, share_ns + share_ns / 50);
	}
}

static void rr_gives_equal_tasks_equal_time(struct test *t)
{
	all_busy(t, &sched_rr, 0, 0);
}

static void rr_gives_time_by_weight(struct test *t)
{
	all_busy(t, &sched_rr, -6, 2);
}

static void fair_gives_equal_tasks_equal_time(struct test *t)
{
	all_busy(t, &sched_fair, 0, 0);
}

static void fair_gives_time_by_weight(struct test *t)
{
	all_busy(t, &sched_fair, -10, 3);
}

/* Whoever sleeps and wakes, nobody gets further than a few slices from his perfect share. */
static void fair_bounds_lag(struct test *t)
{
	s64 worst = 0;

	sim_init(t, &sched_fair, 6);
	for (unsigned int i = 0; i < sim.nr_tasks; i++)
		sim_enqueue(&sim.tasks[i]);
	for (unsigned int i = 0; i < NR_STEPS && !t->nr_failures; i++) {
		struct sim_task *sleeper = &sim.tasks[0];

		/* One sleeps half of the time, in bursts of its own choice. */
		if (sleeper->place == OUTSIDE && test_random_below(&sim.random, 8) == 0) {
			sim_enqueue(sleeper);
		}
		sim_pick(t);
		sim_run(sched_fair.time_left_ns(&sim.queue));
		if (sim.queue.curr == &sleeper->se && test_random_below(&sim.random, 2))
			sim_leave();
		else
			sim_put();
		for (unsigned int n = 0; n < sim.nr_tasks; n++) {
			s64 lag = (s64)(sim.tasks[n].wanted_ns - sim.tasks[n].used_ns);

			worst = max(worst, lag < 0 ? -lag : lag);
		}
	}
	test_note(t, "largest distance from the perfect share %ld us", worst / 1000);
	EXPECT_LT(t, worst, 4L * (s64)SCHED_SLICE_NS);
}

static void yield_lets_another_run(struct test *t)
{
	const struct sched_policy *const policies[] = { &sched_rr, &sched_fair };

	for (unsigned int p = 0; p < ARRAY_SIZE(policies); p++) {
		struct sched_entity *last = NULL, *se;

		sim_init(t, policies[p], 3);
		for (unsigned int i = 0; i < 3; i++)
			policies[p]->enqueue(&sim.queue, &sim.tasks[i].se);
		last = policies[p]->pick(&sim.queue);
		for (unsigned int i = 0; i < 1000; i++, last = se) {
			policies[p]->charge(&sim.queue, test_random_below(&sim.random, 10000));
			se = policies[p]->rotate(&sim.queue, PUT_YIELD);
			EXPECT_TRUE(t, se != last);
			EXPECT_TRUE(t, se == sim.queue.curr);
		}
		/* With nobody else it goes on. */
		for (unsigned int i = 0; i < 3; i++) {
			if (&sim.tasks[i].se != last)
				policies[p]->remove(&sim.queue, &sim.tasks[i].se);
		}
		EXPECT_TRUE(t, policies[p]->rotate(&sim.queue, PUT_YIELD) == last);
		EXPECT_EQ(t, sim.queue.nr, 0U);
	}
}

/* What a task has and has not got goes along to another queue. */
static void fair_carries_lag_along(struct test *t)
{
	struct sim_task *hog, *victim;
	s64 lag;

	sim_init(t, &sched_fair, 3);
	hog = &sim.tasks[0];
	victim = &sim.tasks[1];
	sched_fair.enqueue(&sim.queue, &hog->se);
	EXPECT_TRUE(t, sched_fair.pick(&sim.queue) == &hog->se);
	sched_fair.enqueue(&sim.queue, &victim->se);
	sched_fair.charge(&sim.queue, SCHED_SLICE_NS);
	sched_fair.leave(&sim.queue);
	EXPECT_EQ(t, hog->se.lag, -(s64)SCHED_SLICE_NS / 2);
	/* The one that stays is alone now, so it is its own average. */
	sched_fair.remove(&sim.queue, &victim->se);
	sched_fair.enqueue(&sim.queue, &sim.tasks[2].se);
	sched_fair.enqueue(&sim.queue, &hog->se);
	lag = (s64)(hog->se.vruntime - sim.tasks[2].se.vruntime);
	EXPECT_EQ(t, lag, (s64)SCHED_SLICE_NS);
	EXPECT_TRUE(t, sched_fair.pick(&sim.queue) == &sim.tasks[2].se);
}

/* Nor is a debt forgiven, or made, by a new weight: it is the same real time. */
static void fair_keeps_debts_when_weights_change(struct test *t)
{
	static const int nice[] = { 0, 19, -20, 5 };
	struct sched_entity *hog, *other;

	sim_init(t, &sched_fair, 2);
	hog = &sim.tasks[0].se;
	other = &sim.tasks[1].se;
	sched_fair.enqueue(&sim.queue, hog);
	EXPECT_TRUE(t, sched_fair.pick(&sim.queue) == hog);
	sched_fair.enqueue(&sim.queue, other);
	sched_fair.charge(&sim.queue, SCHED_SLICE_NS);
	sched_fair.leave(&sim.queue);
	for (size_t i = 0; i < ARRAY_SIZE(nice); i++) {
		s64 owed, wanted = -(s64)SCHED_SLICE_NS / 2;

		sched_entity_set_nice(hog, nice[i]);
		owed = hog->lag * (s64)hog->weight / NICE_0_WEIGHT;
		EXPECT_GE(t, owed, wanted - (s64)SCHED_SLICE_NS / 1000);
		EXPECT_LE(t, owed, wanted + (s64)SCHED_SLICE_NS / 1000);
	}
}

static void a_step_of_nice_is_a_quarter(struct test *t)
{
	EXPECT_EQ(t, sched_weight(0), 1024);
	EXPECT_EQ(t, sched_weight(5), 336); /* 335 in Linux, which rounds step by step */
	EXPECT_EQ(t, sched_weight(-5), 3125); /* 3121 */
	EXPECT_EQ(t, sched_weight(100), sched_weight(NICE_MAX));
	EXPECT_EQ(t, sched_weight(-100), sched_weight(NICE_MIN));
	for (int nice = NICE_MIN; nice < NICE_MAX; nice++) {
		u64 more = sched_weight(nice), less = sched_weight(nice + 1);

		/* Within the rounding of the smaller one. */
		EXPECT_LE(t, more * 4, less * 5 + 5);
		EXPECT_GE(t, more * 4, less * 5 - 5);
	}
}

static const struct test_case sched_policy_cases[] = {
	TEST_CASE(rr_picks_first_in_line),
	TEST_CASE(fair_picks_earliest_eligible_deadline),
	TEST_CASE(rr_gives_equal_tasks_equal_time),
	TEST_CASE(rr_gives_time_by_weight),
	TEST_CASE(fair_gives_equal_tasks_equal_time),
	TEST_CASE(fair_gives_time_by_weight),
	TEST_CASE(fair_bounds_lag),
	TEST_CASE(yield_lets_another_run),
	TEST_CASE(fair_carries_lag_along),
	TEST_CASE(fair_keeps_debts_when_weights_change),
	TEST_CASE(a_step_of_nice_is_a_quarter),
};
TEST_SUITE(sched_policy, sched_policy_cases);
