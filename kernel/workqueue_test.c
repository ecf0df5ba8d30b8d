/* SPDX-License-Identifier: GPL-2.0-only */
/* Workqueues: each work runs once for each queueing, never twice at once, and ends when told. */
#include <oshit/atomic.h>
#include <oshit/clock.h>
#include <oshit/container_of.h>
#include <oshit/completion.h>
#include <oshit/test.h>
#include <oshit/workqueue.h>

#define NR_WORKS    24
#define PATIENCE_NS (20 * NSEC_PER_SEC)

static struct test_work {
	struct work_struct work;
	atomic_t nr_runs, nr_inside;
	int order; /* in which it ran */
} works[NR_WORKS];

static atomic_t order, nr_at_once, most_at_once, nr_twice;
static struct completion gate;

static struct test_work *init_works(work_fn fn)
{
	atomic_set(&order, 0);
	atomic_set(&nr_at_once, 0);
	atomic_set(&most_at_once, 0);
	atomic_set(&nr_twice, 0);
	init_completion(&gate);
	for (int i = 0; i < NR_WORKS; i++) {
		works[i] = (struct test_work){ .order = 0 };
		INIT_WORK(&works[i].work, fn);
	}
	return works;
}

/* Together with how many others it runs. */
static void note_at_once(void)
{
	int now = atomic_inc_return(&nr_at_once), most = atomic_read(&most_at_once);

	while (now > most && !atomic_try_cmpxchg(&most_at_once, &most, now))
		;
}

static void count_run(struct work_struct *work)
{
	struct test_work *me = container_of(work, struct test_work, work);

	if (atomic_inc_return(&me->nr_inside) != 1)
		atomic_inc(&nr_twice);
	note_at_once();
	me->order = atomic_inc_return(&order);
	atomic_dec(&me->nr_inside);
	atomic_dec(&nr_at_once);
	atomic_inc(&me->nr_runs);
}

static void count_slow_run(struct work_struct *work)
{
	struct test_work *me = container_of(work, struct test_work, work);

	note_at_once();
	usleep(500);
	me->order = atomic_inc_return(&order);
	atomic_dec(&nr_at_once);
	atomic_inc(&me->nr_runs);
}

static void count_run_at_gate(struct work_struct *work __maybe_unused)
{
	note_at_once();
	wait_for_completion(&gate);
	atomic_inc(&order);
	atomic_dec(&nr_at_once);
}

static void wait_at_gate(struct work_struct *work)
{
	struct test_work *me = container_of(work, struct test_work, work);

	wait_for_completion(&gate);
	atomic_inc(&me->nr_runs);
}

static void each_queueing_runs_once(struct test *t)
{
	unsigned int nr_queued[NR_WORKS] = { 0 };

	init_works(count_run);
	for (int i = 0; i < 100 * NR_WORKS; i++)
		nr_queued[i % NR_WORKS] += queue_work(system_wq, &works[i % NR_WORKS].work);
	flush_workqueue(system_wq);
	for (int i = 0; i < NR_WORKS; i++) {
		EXPECT_GE(t, nr_queued[i], 1U);
		EXPECT_EQ(t, atomic_read(&works[i].nr_runs), (int)nr_queued[i]);
	}
	EXPECT_EQ(t, atomic_read(&nr_twice), 0);
}

static void flush_waits_for_the_run(struct test *t)
{
	init_works(count_slow_run);
	for (int i = 0; i < 20; i++) {
		EXPECT_TRUE(t, queue_work(system_wq, &works[0].work));
		flush_work(&works[0].work);
		EXPECT_EQ(t, atomic_read(&works[0].nr_runs), i + 1);
	}
	/* Nothing to wait for. */
	flush_work(&works[1].work);
}

static void works_that_sleep_hold_up_no_other(struct test *t)
{
	init_works(wait_at_gate);
	for (int i = 0; i < NR_WORKS - 1; i++)
		queue_work(system_wq, &works[i].work);
	INIT_WORK(&works[NR_WORKS - 1].work, count_run);
	queue_work(system_wq, &works[NR_WORKS - 1].work);
	flush_work(&works[NR_WORKS - 1].work);
	EXPECT_EQ(t, atomic_read(&works[0].nr_runs), 0);
	EXPECT_EQ(t, atomic_read(&works[NR_WORKS - 1].nr_runs), 1);
	complete_all(&gate);
	flush_workqueue(system_wq);
	for (int i = 0; i < NR_WORKS; i++)
		EXPECT_EQ(t, atomic_read(&works[i].nr_runs), 1);
}

static void ordered_queue_runs_one_by_one(struct test *t)
{
	struct workqueue_struct *wq = alloc_workqueue("test", 1);

	ASSERT_TRUE(t, wq);
	init_works(count_slow_run);
	for (int i = 0; i < NR_WORKS; i++)
		EXPECT_TRUE(t, queue_work(wq, &works[i].work));
	destroy_workqueue(wq);
	EXPECT_EQ(t, atomic_read(&most_at_once), 1);
	for (int i = 0; i < NR_WORKS; i++)
		EXPECT_EQ(t, works[i].order, i + 1);
}

static void limit_of_a_queue_is_kept(struct test *t)
{
	struct workqueue_struct *wq = alloc_workqueue("test", 3);
	u64 end_ns = clock_ns() + PATIENCE_NS;

	ASSERT_TRUE(t, wq);
	init_works(count_run_at_gate);
	for (int i = 0; i < NR_WORKS; i++)
		EXPECT_TRUE(t, queue_work(wq, &works[i].work));
	while (atomic_read(&most_at_once) < 3 && clock_ns() < end_ns)
		msleep(1);
	msleep(2); /* for a fourth, who must not come */
	complete_all(&gate);
	destroy_workqueue(wq);
	EXPECT_EQ(t, atomic_read(&most_at_once), 3);
	EXPECT_EQ(t, atomic_read(&order), NR_WORKS);
}

static void cancelled_work_does_not_run(struct test *t)
{
	struct workqueue_struct *wq = alloc_workqueue("test", 1);

	ASSERT_TRUE(t, wq);
	init_works(wait_at_gate);
	queue_work(wq, &works[0].work);
	INIT_WORK(&works[1].work, count_run);
	INIT_WORK(&works[2].work, count_run);
	EXPECT_TRUE(t, queue_work(wq, &works[1].work));
	EXPECT_TRUE(t, queue_work(wq, &works[2].work));
	EXPECT_FALSE(t, queue_work(wq, &works[2].work));
	EXPECT_TRUE(t, cancel_work_sync(&works[1].work));
	EXPECT_FALSE(t, cancel_work_sync(&works[1].work));
	complete_all(&gate);
	destroy_workqueue(wq);
	EXPECT_EQ(t, atomic_read(&works[1].nr_runs), 0);
	EXPECT_EQ(t, atomic_read(&works[2].nr_runs), 1);
}

static struct workqueue_struct *again_wq;

static void queue_again(struct work_struct *work)
{
	struct test_work *me = container_of(work, struct test_work, work);

	atomic_inc(&me->nr_runs);
	queue_work(again_wq, work);
}

static void cancel_ends_a_work_that_queues_itself(struct test *t)
{
	int nr;

	again_wq = system_wq;
	init_works(queue_again);
	for (int i = 0; i < 20; i++) {
		nr = atomic_read(&works[0].nr_runs);
		queue_work(system_wq, &works[0].work);
		while (atomic_read(&works[0].nr_runs) < nr + 10)
			usleep(20);
		cancel_work_sync(&works[0].work);
		nr = atomic_read(&works[0].nr_runs);
		usleep(200);
		EXPECT_EQ(t, atomic_read(&works[0].nr_runs), nr);
	}
}

static u64 delayed_ran_at_ns;
static atomic_t nr_delayed;

static void note_delayed(struct work_struct *work)
{
	(void)work;
	delayed_ran_at_ns = clock_ns();
	atomic_inc(&nr_delayed);
}

static void delayed_work_runs_after_its_delay(struct test *t)
{
	struct delayed_work dwork;
	u64 start_ns;

	INIT_DELAYED_WORK(&dwork, note_delayed);
	atomic_set(&nr_delayed, 0);
	/* A host may stop all this for longer than any short delay: it must be a long one. */
	EXPECT_TRUE(t, queue_delayed_work(system_wq, &dwork, 1000 * NSEC_PER_SEC));
	EXPECT_FALSE(t, queue_delayed_work(system_wq, &dwork, 0));
	EXPECT_TRUE(t, cancel_delayed_work_sync(&dwork));
	start_ns = clock_ns();
	EXPECT_TRUE(t, queue_delayed_work(system_wq, &dwork, 3 * NSEC_PER_MSEC));
	while (!atomic_read(&nr_delayed))
		msleep(1);
	EXPECT_GE(t, delayed_ran_at_ns, start_ns + 3 * NSEC_PER_MSEC);
	/* At once if it is flushed, never if it is cancelled. */
	queue_delayed_work(system_wq, &dwork, 1000 * NSEC_PER_SEC);
	flush_delayed_work(&dwork);
	EXPECT_EQ(t, atomic_read(&nr_delayed), 2);
	mod_delayed_work(system_wq, &dwork, 1000 * NSEC_PER_SEC);
	mod_delayed_work(system_wq, &dwork, 0);
	while (atomic_read(&nr_delayed) < 3)
		msleep(1);
	queue_delayed_work(system_wq, &dwork, 1000 * NSEC_PER_SEC);
	EXPECT_TRUE(t, cancel_delayed_work_sync(&dwork));
	EXPECT_FALSE(t, cancel_delayed_work_sync(&dwork));
	queue_delayed_work(system_wq, &dwork, 1000 * NSEC_PER_SEC);
	EXPECT_TRUE(t, cancel_delayed_work(&dwork));
	msleep(5);
	EXPECT_EQ(t, atomic_read(&nr_delayed), 3);
}

static const struct test_case workqueue_cases[] = {
	TEST_CASE(each_queueing_runs_once),
	TEST_CASE(flush_waits_for_the_run),
	TEST_CASE(works_that_sleep_hold_up_no_other),
	TEST_CASE(ordered_queue_runs_one_by_one),
	TEST_CASE(limit_of_a_queue_is_kept),
	TEST_CASE(cancelled_work_does_not_run),
	TEST_CASE(cancel_ends_a_work_that_queues_itself),
	TEST_CASE(delayed_work_runs_after_its_delay),
};
TEST_SUITE(workqueue, workqueue_cases);
