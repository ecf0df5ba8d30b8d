/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler on the CPUs that there are: no wake-up is lost, time is shared as it should be,
 * masks are kept, no CPU is idle beside one that has too much to do.
 * Times are the tasks' own, as they were charged, so a busy host does no harm.
 */
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/completion.h>
#include <oshit/math.h>
#include <oshit/test_random.h>

#include "sched.h"
#include "sched_test.h"

#define PATIENCE_NS (20 * NSEC_PER_SEC) /* for what takes microseconds; then it has failed */

static struct test_threads pool; /* one test at a time */

/* --- waking --- */

static struct {
	unsigned long turn; /* whose it is: that of thread turn % nr */
	unsigned long last;
} ring;

/* Sleeps until it is its turn, then wakes the next one.  By hand, without a wait queue. */
static int pass_on(void *data)
{
	struct test_thread *me = data;
	struct test_thread *next = &pool.threads[(me->nr + 1) % pool.nr];

	while (!READ_ONCE(pool.stop) && READ_ONCE(ring.turn) < ring.last) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(ring.turn) % pool.nr != me->nr) {
			if (!kthread_should_stop())
				schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		me->count++;
		WRITE_ONCE(ring.turn, ring.turn + 1);
		wake_up_process(next->task);
	}
	__set_current_state(TASK_RUNNING);
	while (!kthread_should_stop())
		msleep(1);
	return 0;
}

/* Waits until *@count is @last; false if it stands still for long: something was lost. */
static bool reaches(const unsigned long *count, unsigned long last)
{
	unsigned long seen = 0;
	u64 end_ns = clock_ns() + PATIENCE_NS;

	while (READ_ONCE(*count) < last && clock_ns() < end_ns) {
		if (seen != READ_ONCE(*count)) {
			seen = READ_ONCE(*count);
			end_ns = clock_ns() + PATIENCE_NS;
		}
		msleep(1);
	}
	return READ_ONCE(*count) >= last;
}

static void pass_round(struct test *t, unsigned int nr_threads, bool pinned)
{
	ring.turn = 0;
	ring.last = sched_test_rounds;
	for (unsigned int i = 0; i < nr_threads; i++) {
		if (pinned)
			test_thread_new_on(t, &pool, pass_on, test_cpu(i));
		else
			test_thread_new(t, &pool, pass_on);
	}
	test_threads_start(&pool);
	EXPECT_TRUE(t, reaches(&ring.turn, ring.last));
	EXPECT_EQ(t, ring.turn, ring.last);
	test_threads_stop(t, &pool);
}

static void no_wakeup_is_lost_between_cpus(struct test *t)
{
	pass_round(t, 2, true);
	pass_round(t, 5, true);
}

static void no_wakeup_is_lost_among_free_threads(struct test *t)
{
	pass_round(t, 2, false);
	pass_round(t, 7, false);
}

static struct {
	atomic_t work; /* not yet taken */
	unsigned long taken;
	struct task_struct *taker;
} shop;

/* Takes work as it comes; if it comes and nobody says so, time is up. */
static int take_work(void *data)
{
	struct test_thread *me = data;

	while (!READ_ONCE(pool.stop)) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!atomic_read(&shop.work) && schedule_timeout_ns(PATIENCE_NS) == 0 &&
		    atomic_read(&shop.work))
			me->failed = true;
		__set_current_state(TASK_RUNNING);
		WRITE_ONCE(shop.taken, shop.taken + (unsigned int)atomic_xchg(&shop.work, 0));
	}
	return 0;
}

static int bring_work(void *data)
{
	struct test_thread *me = data;

	for (; me->count < sched_test_rounds; me->count++) {
		atomic_inc(&shop.work);
		wake_up_process(shop.taker);
		if (me->count % 16 == me->nr)
			cond_resched();
	}
	while (!kthread_should_stop())
		msleep(1);
	return 0;
}

static void many_wakers_lose_no_work(struct test *t)
{
	unsigned int nr_bringers = min(test_nr_cpus() + 1, 6U);
	struct test_thread *taker = test_thread_new(t, &pool, take_work);

	ASSERT_TRUE(t, taker);
	shop.taken = 0;
	shop.taker = taker->task;
	for (unsigned int i = 0; i < nr_bringers; i++)
		test_thread_new(t, &pool, bring_work);
	test_threads_start(&pool);
	EXPECT_TRUE(t, reaches(&shop.taken, nr_bringers * sched_test_rounds));
	EXPECT_EQ(t, shop.taken, nr_bringers * sched_test_rounds);
	/* The taker sleeps until there is work. */
	WRITE_ONCE(pool.stop, true);
	wake_up_process(taker->task);
	test_threads_stop(t, &pool);
}

/* --- shares --- */

/* No turn of the loop below takes as long: the host had stopped the CPU. */
#define STALL_NS (SCHED_SLICE_NS / 8)

static void note_runtime(struct test_thread *me)
{
	u64 now_ns = task_runtime_ns(current);

	if (now_ns - me->ns > STALL_NS)
		me->stall_ns += now_ns - me->ns;
	WRITE_ONCE(me->ns, now_ns);
}

/* Also notes what it was charged for while the host had stopped the CPU, in a switch perhaps: the
 * last time too, after which it may not have run again before the end. */
static int compute(void *data)
{
	struct test_thread *me = data;

	me->ns = task_runtime_ns(current);
	while (!READ_ONCE(pool.stop)) {
		WRITE_ONCE(me->count, me->count + 1);
		test_let_others_run();
		note_runtime(me);
	}
	note_runtime(me);
	return 0;
}

/*
 * Each of them has its share, within @percent.  The scheduler makes good for a stall, but has no
 * time left for it if it comes last: who was stalled may be ahead by it, who was not may be behind
 * by what all others are ahead.
 */
static void expect_shares(struct test *t, const u32 *weights, unsigned int nr, unsigned int percent)
{
	u64 total_ns = 0, total_weight = 0, stall_ns = 0;

	for (unsigned int i = 0; i < nr; i++) {
		total_ns += pool.threads[i].ns;
		total_weight += weights[i];
		stall_ns += pool.threads[i].stall_ns;
	}
	for (unsigned int i = 0; i < nr; i++) {
		u64 share_ns = total_ns * weights[i] / total_weight;

		EXPECT_GE(t, pool.threads[i].ns + stall_ns, share_ns * (100 - percent) / 100);
		EXPECT_LE(t, pool.threads[i].ns, share_ns * (100 + percent) / 100 + stall_ns);
	}
}

static void tasks_of_one_cpu_get_equal_time(struct test *t)
{
	static const u32 equal[3] = { 1, 1, 1 };

	for (unsigned int i = 0; i < ARRAY_SIZE(equal); i++)
		test_thread_new_on(t, &pool, compute, test_cpu(1));
	test_threads_start(&pool);
	nsleep(240 * SCHED_SLICE_NS);
	test_threads_stop(t, &pool);
	expect_shares(t, equal, ARRAY_SIZE(equal), 5);
}

static void nice_values_share_by_weight(struct test *t)
{
	static const int nice[3] = { 0, 3, -2 };
	u32 weights[3];

	for (unsigned int i = 0; i < ARRAY_SIZE(nice); i++) {
		struct test_thread *thread = test_thread_new_on(t, &pool, compute, test_cpu(1));

		ASSERT_TRUE(t, thread);
		set_nice(thread->task, nice[i]);
		weights[i] = sched_weight(nice[i]);
	}
	test_threads_start(&pool);
	nsleep(240 * SCHED_SLICE_NS);
	test_threads_stop(t, &pool);
	expect_shares(t, weights, ARRAY_SIZE(nice), 5);
}

/* Of threads that never sleep, too: they are not made equal by having been unequal before. */
static void nice_counts_while_a_task_runs(struct test *t)
{
	static const u32 weights[2] = { 110, 1024 };
	u64 before_ns[2];

	for (unsigned int i = 0; i < 2; i++)
		ASSERT_TRUE(t, test_thread_new_on(t, &pool, compute, test_cpu(1)));
	set_nice(pool.threads[1].task, 10);
	test_threads_start(&pool);
	nsleep(40 * SCHED_SLICE_NS);
	set_nice(pool.threads[0].task, 10);
	set_nice(pool.threads[1].task, 0);
	for (unsigned int i = 0; i < 2; i++)
		before_ns[i] = READ_ONCE(pool.threads[i].ns);
	nsleep(240 * SCHED_SLICE_NS);
	test_threads_stop(t, &pool);
	for (unsigned int i = 0; i < 2; i++)
		pool.threads[i].ns -= before_ns[i];
	expect_shares(t, weights, 2, 25);
}

/* One more than there are CPUs: without turns two would share one CPU, at half speed. */
static void one_task_too_many_takes_turns(struct test *t)
{
	unsigned int nr = min(test_nr_cpus() + 1, (unsigned int)TEST_MAX_THREADS);
	u32 equal[TEST_MAX_THREADS];

	for (unsigned int i = 0; i < nr; i++) {
		equal[i] = 1;
		test_thread_new(t, &pool, compute);
	}
	test_threads_start(&pool);
	nsleep(240 * SCHED_SLICE_NS);
	test_threads_stop(t, &pool);
	expect_shares(t, equal, nr, 15);
}

/*
 * Starving.  Whoever waits for the threads to run must not run meanwhile: that alone could move
 * them.  So they go by the clock, and the last one tells.
 */
static struct {
	u64 begin_ns; /* until then all compute; then they do what they are to do */
	atomic_t nr_missing; /* that have not had their turns */
	struct completion all_ran;
} starve;

static void turns_begin(unsigned int nr_threads)
{
	starve.begin_ns = clock_ns() + 10 * SCHED_SLICE_NS;
	atomic_set(&starve.nr_missing, (int)nr_threads);
	init_completion(&starve.all_ran);
}

static bool has_begun(void)
{
	return clock_ns() >= starve.begin_ns;
}

static void had_turns(struct test_thread *me, unsigned long nr)
{
	if (++me->count == nr && atomic_dec_and_test(&starve.nr_missing))
		complete(&starve.all_ran);
}

static void expect_all_had_turns(struct test *t)
{
	EXPECT_TRUE(t, wait_for_completion_timeout_ns(&starve.all_ran, PATIENCE_NS));
}

/* Makes way all the time, so that it never uses a slice up. */
static int compute_then_yield(void *data)
{
	struct test_thread *me = data;

	while (!READ_ONCE(pool.stop)) {
		if (!has_begun()) {
			test_let_others_run();
			continue;
		}
		had_turns(me, 3);
		yield();
	}
	return 0;
}

/* One of them is on the global queue when the others begin to do nothing but yield. */
static void nobody_starves_beside_those_who_yield(struct test *t)
{
	unsigned int nr = min(test_nr_cpus() + 1, (unsigned int)TEST_MAX_THREADS);

	turns_begin(nr);
	for (unsigned int i = 0; i < nr; i++)
		test_thread_new(t, &pool, compute_then_yield);
	test_threads_start(&pool);
	expect_all_had_turns(t);
	test_threads_stop(t, &pool);
}

/* Two by two they wake each other and sleep: their CPU has one to run at any time, and no slice of
 * theirs is used up. */
static int compute_then_wake_other(void *data)
{
	struct test_thread *me = data, *other = &pool.threads[me->nr ^ 1];

	while (!READ_ONCE(pool.stop)) {
		if (!has_begun()) {
			test_let_others_run();
			continue;
		}
		had_turns(me, 3);
		set_current_state(TASK_UNINTERRUPTIBLE);
		wake_up_process(other->task);
		if (!READ_ONCE(pool.stop))
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static void nobody_starves_beside_those_who_sleep(struct test *t)
{
	unsigned int nr_pinned = 2 * min(test_nr_cpus(), (TEST_MAX_THREADS - 1) / 2U);

	turns_begin(nr_pinned + 1);
	for (unsigned int i = 0; i < nr_pinned; i++)
		test_thread_new_on(t, &pool, compute_then_wake_other, test_cpu(i / 2));
	test_thread_new(t, &pool, compute_then_yield);
	test_threads_start(&pool);
	expect_all_had_turns(t);
	WRITE_ONCE(pool.stop, true);
	for (unsigned int i = 0; i < nr_pinned; i++)
		wake_up_process(pool.threads[i].task);
	test_threads_stop(t, &pool);
}

/* Counts how often it has come to run. */
static int count_turns(void *data)
{
	struct test_thread *me = data;
	u64 seen = 0;

	while (!READ_ONCE(pool.stop)) {
		if (has_begun() && seen != current->nr_switches) {
			seen = current->nr_switches;
			had_turns(me, 5);
		}
		test_let_others_run();
	}
	return 0;
}

/* Tasks that may not leave fill each CPU's share; the free one goes to the global queue. */
static void a_free_task_gets_turns_among_pinned_ones(struct test *t)
{
	unsigned int nr_pinned = 2 * min(test_nr_cpus(), (TEST_MAX_THREADS - 1) / 2U);

	turns_begin(1);
	for (unsigned int i = 0; i < nr_pinned; i++)
		test_thread_new_on(t, &pool, compute, test_cpu(i / 2));
	test_thread_new(t, &pool, count_turns);
	test_threads_start(&pool);
	expect_all_had_turns(t);
	test_threads_stop(t, &pool);
}

static int compute_and_see(void *data)
{
	struct test_thread *me = data;

	while (!READ_ONCE(pool.stop)) {
		WRITE_ONCE(me->count, smp_processor_id() + 1);
		test_let_others_run();
	}
	return 0;
}

/* How many CPUs the threads have been seen on; 0 is for those that have not run. */
static unsigned int nr_cpus_in_use(void)
{
	struct cpumask seen = { 0 };

	for (unsigned int i = 0; i < pool.nr; i++) {
		if (READ_ONCE(pool.threads[i].count))
			cpumask_set_cpu(READ_ONCE(pool.threads[i].count) - 1, &seen);
	}
	return cpumask_weight(&seen);
}

static void idle_cpus_empty_a_loaded_one(struct test *t)
{
	unsigned int nr_cpus = min(test_nr_cpus(), (unsigned int)TEST_MAX_THREADS / 2);
	u64 end_ns;

	for (unsigned int i = 0; i < 2 * nr_cpus; i++)
		test_thread_new_on(t, &pool, compute_and_see, test_cpu(1));
	test_threads_start(&pool);
	msleep(20);
	EXPECT_LE(t, nr_cpus_in_use(), 1U);
	for (unsigned int i = 0; i < pool.nr; i++)
		set_cpus_allowed(pool.threads[i].task, &cpu_active_mask);
	end_ns = clock_ns() + PATIENCE_NS;
	while (nr_cpus_in_use() < nr_cpus && clock_ns() < end_ns)
		msleep(1);
	EXPECT_EQ(t, nr_cpus_in_use(), nr_cpus);
	test_threads_stop(t, &pool);
}

/* --- masks --- */

static int hop(void *data)
{
	struct test_thread *me = data;
	struct test_random random = { .state = 77 + me->nr };

	for (; me->count < sched_test_rounds / 20; me->count++) {
		unsigned int a = test_cpu(test_random_next(&random) % 64);
		unsigned int b = test_cpu(test_random_next(&random) % 64), here;
		struct cpumask mask = { 0 };

		cpumask_set_cpu(a, &mask);
		cpumask_set_cpu(b, &mask);
		set_cpus_allowed(current, &mask);
		for (int i = 0; i < 3; i++) {
			preempt_disable();
			here = smp_processor_id();
			preempt_enable();
			if (here != a && here != b)
				me->failed = true;
			yield();
		}
	}
	while (!kthread_should_stop())
		msleep(1);
	return 0;
}

static void masks_are_kept_by_hopping_tasks(struct test *t)
{
	unsigned int done;
	u64 end_ns;

	for (unsigned int i = 0; i < 6; i++)
		test_thread_new(t, &pool, hop);
	test_threads_start(&pool);
	end_ns = clock_ns() + PATIENCE_NS;
	do {
		msleep(1);
		done = 0;
		for (unsigned int i = 0; i < pool.nr; i++)
			done += READ_ONCE(pool.threads[i].count) == sched_test_rounds / 20;
	} while (done < pool.nr && clock_ns() < end_ns);
	EXPECT_EQ(t, done, pool.nr);
	test_threads_stop(t, &pool);
}

/* Notes where it is each time that it has passed a scheduling point. */
static int walk(void *data)
{
	struct test_thread *me = data;

	while (!READ_ONCE(pool.stop)) {
		preempt_disable();
		WRITE_ONCE(me->ns, smp_processor_id());
		WRITE_ONCE(me->count, me->count + 1);
		preempt_enable();
		if (me->count % 4 == 0)
			usleep(20);
		else
			yield();
	}
	return 0;
}

/* Waits until the thread has looked where it is twice, at least once since this was called. */
static bool walk_on(struct test_thread *thread)
{
	unsigned long count = READ_ONCE(thread->count);
	u64 end_ns = clock_ns() + PATIENCE_NS;

	while (READ_ONCE(thread->count) < count + 2 && clock_ns() < end_ns)
		usleep(10);
	return READ_ONCE(thread->count) >= count + 2;
}

static void masks_set_by_others_are_kept(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0xaff1);
	struct test_thread *thread;

	for (unsigned int i = 0; i < 4; i++)
		test_thread_new(t, &pool, walk);
	test_threads_start(&pool);
	for (unsigned int i = 0; i < 300 && !t->nr_failures; i++) {
		unsigned int cpu = test_cpu(test_random_below(&random, 64));
		struct cpumask mask = { 0 };

		thread = &pool.threads[test_random_below(&random, pool.nr)];
		cpumask_set_cpu(cpu, &mask);
		EXPECT_OK(t, set_cpus_allowed(thread->task, &mask));
		EXPECT_TRUE(t, walk_on(thread));
		EXPECT_EQ(t, READ_ONCE(thread->ns), cpu);
		if (i % 3 == 0)
			set_cpus_allowed(thread->task, &cpu_active_mask);
	}
	test_threads_stop(t, &pool);
}

static void an_empty_mask_is_refused(struct test *t)
{
	struct cpumask none = { 0 };

	EXPECT_EQ(t, set_cpus_allowed(current, &none), -EINVAL);
	EXPECT_EQ(t, set_nice(current, NICE_MAX + 1), -EINVAL);
	EXPECT_EQ(t, set_nice(current, NICE_MIN - 1), -EINVAL);
}

/* --- order, preemption, classes --- */

#define NR_TURNS 200

static struct {
	atomic_t nr_ready; /* threads that compete for the CPU */
	atomic_t nr_done; /* that had all their turns */
	unsigned int last; /* who had the last turn */
} turns;

/* Counts how often the other one has had a turn when a yield() comes back. */
static int yield_in_turn(void *data)
{
	struct test_thread *me = data;

	atomic_inc(&turns.nr_ready);
	while (atomic_read(&turns.nr_ready) < 2 && !kthread_should_stop())
		yield();
	for (unsigned int i = 0; i < NR_TURNS; i++) {
		WRITE_ONCE(turns.last, me->nr);
		yield();
		me->count += READ_ONCE(turns.last) != me->nr;
	}
	atomic_inc(&turns.nr_done);
	while (!kthread_should_stop())
		msleep(1);
	return 0;
}

static void yield_goes_to_the_other_task(struct test *t)
{
	u64 end_ns = clock_ns() + PATIENCE_NS;

	atomic_set(&turns.nr_ready, 0);
	atomic_set(&turns.nr_done, 0);
	test_thread_new_on(t, &pool, yield_in_turn, test_cpu(1));
	test_thread_new_on(t, &pool, yield_in_turn, test_cpu(1));
	test_threads_start(&pool);
	while (atomic_read(&turns.nr_done) < 2 && clock_ns() < end_ns)
		msleep(1);
	EXPECT_EQ(t, atomic_read(&turns.nr_done), 2);
	test_threads_stop(t, &pool);
	/* The slower one has its last turns alone; others may take the CPU from both in between. */
	EXPECT_GT(t, pool.threads[0].count, NR_TURNS / 2UL);
	EXPECT_GT(t, pool.threads[1].count, NR_TURNS / 2UL);
}

static u64 woken_at_ns;

static int note_time(void *data __maybe_unused)
{
	WRITE_ONCE(woken_at_ns, clock_ns());
	return 0;
}

/* A task that computes in the kernel is preempted exactly if the kernel was built so: it goes on
 * until it has been, or for some slices.  The host may bring the timer's interrupt late. */
static int hog_until_stop(void *data)
{
	struct test_thread *me = data;
	u64 patience_ns = IS_ENABLED(CONFIG_PREEMPT) ? PATIENCE_NS : 8 * SCHED_SLICE_NS;

	/* The other one competes from here on, on the same CPU. */
	wake_up_process(pool.threads[1].task);
	me->ns = clock_ns() + patience_ns;
	while (clock_ns() < me->ns && !READ_ONCE(woken_at_ns))
		me->count++;
	me->ns = clock_ns();
	return 0;
}

static void kernel_is_preempted_if_built_so(struct test *t)
{
	struct test_thread *hog;

	woken_at_ns = 0;
	hog = test_thread_new_on(t, &pool, hog_until_stop, test_cpu(1));
	test_thread_new_on(t, &pool, note_time, test_cpu(1));
	ASSERT_EQ(t, pool.nr, 2U);
	wake_up_process(hog->task);
	while (!READ_ONCE(woken_at_ns))
		msleep(1);
	test_threads_stop(t, &pool);
	if (IS_ENABLED(CONFIG_PREEMPT))
		EXPECT_LE(t, woken_at_ns, hog->ns);
	else
		EXPECT_GE(t, woken_at_ns, hog->ns);
}

static void stay_on(unsigned int cpu)
{
	struct cpumask mask = { 0 };

	cpumask_set_cpu(cpu, &mask);
	set_cpus_allowed(current, &mask);
}

static void sections_are_not_preempted(struct test *t)
{
	struct test_thread *other;
	unsigned int here;
	u64 end_ns;

	woken_at_ns = 0;
	preempt_disable();
	here = smp_processor_id();
	preempt_enable();
	other = test_thread_new_on(t, &pool, note_time, here);
	ASSERT_TRUE(t, other);
	stay_on(here);
	preempt_disable();
	wake_up_process(other->task);
	end_ns = clock_ns() + 3 * SCHED_SLICE_NS;
	while (clock_ns() < end_ns)
		;
	EXPECT_EQ(t, READ_ONCE(woken_at_ns), 0UL);
	preempt_enable();
	set_cpus_allowed(current, &cpu_active_mask);
	while (!READ_ONCE(woken_at_ns))
		usleep(100);
	test_threads_stop(t, &pool);
	EXPECT_GT(t, woken_at_ns, end_ns);
}

static void idle_class_runs_when_nothing_else_does(struct test *t)
{
	struct test_thread *background = test_thread_new_on(t, &pool, compute, test_cpu(1));
	unsigned long before;
	u64 end_ns;

	ASSERT_TRUE(t, background);
	kthread_set_idle_class(background->task);
	wake_up_process(background->task);
	end_ns = clock_ns() + PATIENCE_NS;
	while (!READ_ONCE(background->count) && clock_ns() < end_ns)
		msleep(1);
	EXPECT_GT(t, READ_ONCE(background->count), 0UL);
	/* A normal task takes the CPU from it at once and for good. */
	test_thread_new_on(t, &pool, compute, test_cpu(1));
	wake_up_process(pool.threads[1].task);
	while (!READ_ONCE(pool.threads[1].count) && clock_ns() < end_ns)
		usleep(100);
	before = READ_ONCE(background->count);
	stay_on(test_cpu(0));
	msleep(30);
	EXPECT_EQ(t, READ_ONCE(background->count), before);
	set_cpus_allowed(current, &cpu_active_mask);
	test_threads_stop(t, &pool);
}

/* --- sleeping for a time --- */

#define NR_SLEEPERS 12

static u64 sleepers_first_ns;
static atomic_t nr_awake;

/* The last thread is due first.  Notes in which place it woke, and whether it ran on until then. */
static int sleep_its_time(void *data)
{
	struct test_thread *me = data;
	u64 deadline_ns = sleepers_first_ns + (NR_SLEEPERS - 1 - me->nr) * 3 * NSEC_PER_MSEC;

	me->switches = current->nr_switches;
	sleep_until_ns(deadline_ns);
	me->failed = clock_ns() < deadline_ns;
	preempt_disable();
	me->count = (unsigned int)atomic_inc_return(&nr_awake);
	me->switches = current->nr_switches - me->switches;
	preempt_enable();
	return 0;
}

static bool all_sleep(void)
{
	for (unsigned int i = 0; i < pool.nr; i++) {
		if (!(READ_ONCE(pool.threads[i].task->state) & TASK_OFF_QUEUE))
			return false;
	}
	return true;
}

/* Lets all sleep, the first one until @lead_ns from now.  Were they asleep before it was due? */
static bool sleepers_run(struct test *t, u64 lead_ns)
{
	bool in_time;

	atomic_set(&nr_awake, 0);
	sleepers_first_ns = clock_ns() + lead_ns;
	/* In the idle class all are equal, first come, first served. */
	for (unsigned int i = 0; i < NR_SLEEPERS; i++) {
		test_thread_new_on(t, &pool, sleep_its_time, test_cpu(1));
		kthread_set_idle_class(pool.threads[i].task);
	}
	test_threads_start(&pool);
	while (!all_sleep() && clock_ns() < sleepers_first_ns)
		usleep(200);
	in_time = clock_ns() < sleepers_first_ns;
	while (atomic_read(&nr_awake) < NR_SLEEPERS)
		msleep(1);
	test_threads_stop(t, &pool);
	return in_time;
}

/*
 * On a busy host some are late to bed: then they are given more time before the first one is due.
 * One whose slice ends before it has noted its place, with the big lock while it waits for that,
 * may be passed by the next ones.
 */
static void sleepers_wake_in_order_and_never_early(struct test *t)
{
	u64 lead_ns = 10 * NSEC_PER_MSEC;
	unsigned long last = 0;

	while (!sleepers_run(t, lead_ns) && lead_ns < PATIENCE_NS)
		lead_ns *= 2;
	EXPECT_LT(t, lead_ns, PATIENCE_NS);
	for (unsigned int i = NR_SLEEPERS; i-- > 0;) {
		if (pool.threads[i].switches > 1)
			continue;
		EXPECT_GT(t, pool.threads[i].count, last);
		last = pool.threads[i].count;
	}
}

static void timeouts_end_sleeps(struct test *t)
{
	u64 start_ns = clock_ns();

	set_current_state(TASK_UNINTERRUPTIBLE);
	EXPECT_EQ(t, schedule_timeout_ns(3 * NSEC_PER_MSEC), 0UL);
	EXPECT_GE(t, clock_ns() - start_ns, 3 * NSEC_PER_MSEC);
	EXPECT_EQ(t, current->state, TASK_RUNNING);
	/* A task that does not sleep comes back with most of the time left. */
	EXPECT_GT(t, schedule_timeout_ns(1000 * NSEC_PER_SEC), 0UL);
	EXPECT_TRUE(t, schedule_until_ns(0));
}

/* --- accounts --- */

/* The clock is read on both sides of either account: whatever comes between, the accounts lie
 * between what passed inside and what passed outside. */
static void all_time_is_accounted_once(struct test *t)
{
	u64 before_ns = 0, after_ns = 0, outer_ns, inner_ns;
	unsigned int here;

	stay_on(test_cpu(0));
	here = smp_processor_id();
	outer_ns = clock_ns();
	task_runtime_ns(current);
	for (unsigned int i = 0; i < NR_CPU_TIMES; i++)
		before_ns += cpu_time_ns(here, i);
	inner_ns = clock_ns();
	msleep(20);
	delay_us(5000);
	inner_ns = clock_ns() - inner_ns;
	task_runtime_ns(current);
	for (unsigned int i = 0; i < NR_CPU_TIMES; i++)
		after_ns += cpu_time_ns(here, i);
	outer_ns = clock_ns() - outer_ns;
	set_cpus_allowed(current, &cpu_active_mask);
	EXPECT_GE(t, after_ns - before_ns + inner_ns / 10, inner_ns);
	EXPECT_LE(t, after_ns - before_ns, outer_ns + outer_ns / 10);
}

static void compute_3_ms(void)
{
	delay_us(3000);
}

static void sleep_50_ms(void)
{
	for (int i = 0; i < 10; i++)
		msleep(5);
}

/* What the task is charged for @fn, in percent of the time that passes. */
static u64 percent_charged(struct test *t, void (*fn)(void))
{
	u64 start_ns = clock_ns(), run_ns = task_runtime_ns(current), elapsed_ns;

	fn();
	run_ns = task_runtime_ns(current) - run_ns;
	elapsed_ns = clock_ns() - start_ns;
	EXPECT_LE(t, run_ns, elapsed_ns + NSEC_PER_MSEC);
	return run_ns * 100 / elapsed_ns;
}

/* Where the host stops the CPU, whoever had it is charged for that: so once is enough. */
static void a_task_is_charged_what_it_runs(struct test *t)
{
	u64 end_ns = clock_ns() + PATIENCE_NS, computing, sleeping;

	do
		computing = percent_charged(t, compute_3_ms);
	while (computing < 33 && clock_ns() < end_ns);
	EXPECT_GE(t, computing, 33UL);
	do
		sleeping = percent_charged(t, sleep_50_ms);
	while (sleeping >= 50 && clock_ns() < end_ns);
	EXPECT_LT(t, sleeping, 50UL);
}

static const struct test_case sched_cases[] = {
	TEST_CASE(no_wakeup_is_lost_between_cpus),
	TEST_CASE(no_wakeup_is_lost_among_free_threads),
	TEST_CASE(many_wakers_lose_no_work),
	TEST_CASE(tasks_of_one_cpu_get_equal_time),
	TEST_CASE(nice_values_share_by_weight),
	TEST_CASE(nice_counts_while_a_task_runs),
	TEST_CASE(one_task_too_many_takes_turns),
	TEST_CASE(nobody_starves_beside_those_who_yield),
	TEST_CASE(nobody_starves_beside_those_who_sleep),
	TEST_CASE(a_free_task_gets_turns_among_pinned_ones),
	TEST_CASE(idle_cpus_empty_a_loaded_one),
	TEST_CASE(masks_are_kept_by_hopping_tasks),
	TEST_CASE(masks_set_by_others_are_kept),
	TEST_CASE(an_empty_mask_is_refused),
	TEST_CASE(yield_goes_to_the_other_task),
	TEST_CASE(kernel_is_preempted_if_built_so),
	TEST_CASE(sections_are_not_preempted),
	TEST_CASE(idle_class_runs_when_nothing_else_does),
	TEST_CASE(sleepers_wake_in_order_and_never_early),
	TEST_CASE(timeouts_end_sleeps),
	TEST_CASE(all_time_is_accounted_once),
	TEST_CASE(a_task_is_charged_what_it_runs),
};
TEST_SUITE(sched, sched_cases);
