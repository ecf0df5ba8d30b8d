/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel threads, wait queues, completions: their life, orders and ends. */
#include <oshit/atomic.h>
#include <oshit/clock.h>
#include <oshit/completion.h>
#include <oshit/kthread.h>
#include <oshit/string.h>
#include <oshit/task.h>
#include <oshit/test.h>

static int answer(void *data)
{
	return (int)(long)data;
}

static int run_until_stop(void *data)
{
	unsigned long *count = data;

	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		WRITE_ONCE(*count, *count + 1);
		usleep(50);
	}
	return 42;
}

static void stop_returns_what_the_thread_returns(struct test *t)
{
	unsigned long count = 0;
	struct task_struct *task = kthread_run(run_until_stop, &count, "test");

	ASSERT_FALSE(t, IS_ERR(task));
	while (!READ_ONCE(count))
		usleep(50);
	EXPECT_EQ(t, kthread_stop(task), 42);
}

static void stop_before_the_first_run(struct test *t)
{
	struct task_struct *task = kthread_create(answer, (void *)7L, "test");

	ASSERT_FALSE(t, IS_ERR(task));
	EXPECT_EQ(t, kthread_stop(task), -EINTR);
}

static void stop_after_the_end(struct test *t)
{
	struct task_struct *task = kthread_create(answer, (void *)7L, "test");

	ASSERT_FALSE(t, IS_ERR(task));
	get_task_struct(task);
	wake_up_process(task);
	while (READ_ONCE(task->state) != TASK_DEAD)
		msleep(1);
	EXPECT_EQ(t, kthread_stop(task), 7);
	put_task_struct(task);
}

static void parked_thread_stands_still(struct test *t)
{
	unsigned long count = 0, seen;
	struct task_struct *task = kthread_run(run_until_stop, &count, "test");

	ASSERT_FALSE(t, IS_ERR(task));
	for (int i = 0; i < 20; i++) {
		EXPECT_OK(t, kthread_park(task));
		seen = READ_ONCE(count);
		wake_up_process(task);
		usleep(300);
		EXPECT_EQ(t, READ_ONCE(count), seen);
		kthread_unpark(task);
		while (READ_ONCE(count) == seen)
			usleep(50);
	}
	/* Stopping one that is parked. */
	EXPECT_OK(t, kthread_park(task));
	EXPECT_EQ(t, kthread_stop(task), 42);
}

static void park_of_an_ended_thread_fails(struct test *t)
{
	struct task_struct *task = kthread_create(answer, NULL, "test");

	ASSERT_FALSE(t, IS_ERR(task));
	get_task_struct(task);
	wake_up_process(task);
	while (READ_ONCE(task->state) != TASK_DEAD)
		usleep(50);
	EXPECT_EQ(t, kthread_park(task), -ENOSYS);
	kthread_stop(task);
	put_task_struct(task);
}

static int report_cpu(void *data)
{
	unsigned int *cpu = data;

	while (!kthread_should_stop()) {
		WRITE_ONCE(*cpu, smp_processor_id() + 1);
		usleep(20);
	}
	return 0;
}

static void bound_threads_stay_on_their_cpu(struct test *t)
{
	unsigned int cpu, where;

	for_each_online_cpu(cpu) {
		struct task_struct *task;

		where = 0;
		task = kthread_create_on_cpu(report_cpu, &where, cpu, "test/%u");
		ASSERT_FALSE(t, IS_ERR(task));
		EXPECT_EQ(t, set_cpus_allowed(task, &cpu_possible_mask), -EINVAL);
		wake_up_process(task);
		for (int i = 0; i < 5; i++) {
			while (!READ_ONCE(where))
				usleep(50);
			EXPECT_EQ(t, where, cpu + 1);
			WRITE_ONCE(where, 0);
		}
		kthread_stop(task);
	}
}

/* Memory, pids and the tree of tasks come back. */
/* With KASAN and more CPUs than the host has, giving a stack back takes its time. */
static void wait_until_as_few(unsigned int wanted)
{
	u64 end_ns = clock_ns() + 10 * NSEC_PER_SEC;
	unsigned int left = nr_tasks(), now;

	while ((now = nr_tasks()) > wanted && clock_ns() < end_ns) {
		if (now < left)
			end_ns = clock_ns() + 10 * NSEC_PER_SEC;
		left = now;
		msleep(1);
	}
}

/* As many at once as have room for their stacks in 8 MiB: whoever makes them may keep the CPU. */
static void ended_threads_leave_nothing(struct test *t)
{
	unsigned int before = nr_tasks(), nr = 300;

	while (nr--) {
		struct task_struct *task = kthread_run(answer, NULL, "test/%u", nr);

		ASSERT_FALSE(t, IS_ERR(task));
		if (nr % 60 == 0)
			wait_until_as_few(before);
	}
	/* Those of earlier tests may have been among them. */
	EXPECT_LE(t, nr_tasks(), before);
}

static void tasks_are_found_by_pid(struct test *t)
{
	struct task_struct *task = kthread_create(answer, NULL, "%s", "a name that is too long");
	struct task_struct *found;
	int last = 0;
	bool seen = false;

	ASSERT_FALSE(t, IS_ERR(task));
	EXPECT_STREQ(t, task->comm, "a name that is ");
	found = task_find(task->pid);
	EXPECT_TRUE(t, found == task);
	put_task_struct(found);
	EXPECT_TRUE(t, !task_find(0));
	while ((found = task_find_from(last + 1))) {
		EXPECT_GT(t, found->pid, last);
		last = found->pid;
		seen |= found == task;
		put_task_struct(found);
	}
	EXPECT_TRUE(t, seen);
	kthread_stop(task);
	EXPECT_EQ(t, current->pid, 1);
}

static void __noreturn never_runs(void *arg __maybe_unused)
{
	sched_exit();
}

static void half_made_task_is_not_found(struct test *t)
{
	struct task_struct *task = task_alloc(never_runs, NULL), *found;
	int pid;

	ASSERT_FALSE(t, IS_ERR(task));
	pid = task->pid;
	EXPECT_TRUE(t, !task_find(pid));
	task_publish(task);
	found = task_find(pid);
	EXPECT_TRUE(t, found == task);
	put_task_struct(found);
	task_free_unused(task);
	EXPECT_TRUE(t, !task_find(pid));
}

static int pid_of_new_task(struct test *t)
{
	struct task_struct *task = task_alloc(never_runs, NULL);
	int pid;

	if (IS_ERR(task)) {
		test_fail(t, __FILE__, __LINE__, "no task");
		return 0;
	}
	pid = task->pid;
	task_free_unused(task);
	return pid;
}

static void pid_of_a_group_is_not_given_to_a_task(struct test *t)
{
	int first = pid_of_new_task(t), held = first + 2, pid = first;

	pid_hold(held, PID_OF_GROUP);
	pid_hold(held, PID_OF_SESSION);
	pid_drop(held, PID_OF_GROUP);
	while (pid >= first && pid < held) {
		pid = pid_of_new_task(t);
		EXPECT_NE(t, pid, held);
	}
	pid_drop(held, PID_OF_SESSION);
}

/* --- wait queues --- */

static DECLARE_WAIT_QUEUE_HEAD(queue);
static atomic_t nr_waiting, nr_woken;
static int tickets; /* queue.lock is not needed: one taker is woken at a time */

struct waiter {
	struct wait_queue_entry entry;
	int order; /* in which it was woken */
};

static bool note_order(struct wait_queue_entry *entry, unsigned int mode)
{
	struct waiter *waiter = container_of(entry, struct waiter, entry);

	(void)mode;
	waiter->order = atomic_inc_return(&nr_woken);
	return true;
}

static void waiters_are_served_in_order_exclusive_ones_last(struct test *t)
{
	struct waiter waiters[6];

	atomic_set(&nr_woken, 0);
	for (int i = 0; i < 6; i++) {
		waiters[i] = (struct waiter){ .entry = { .fn = note_order, .task = current } };
		if (i % 2)
			add_wait_queue(&queue, &waiters[i].entry);
		else
			add_wait_queue_exclusive(&queue, &waiters[i].entry);
	}
	/* All three that are not exclusive, and one that is. */
	EXPECT_EQ(t, wake_up(&queue), 4U);
	EXPECT_EQ(t, waiters[1].order, 1);
	EXPECT_EQ(t, waiters[3].order, 2);
	EXPECT_EQ(t, waiters[5].order, 3);
	EXPECT_EQ(t, waiters[0].order, 4);
	EXPECT_EQ(t, waiters[2].order, 0);
	EXPECT_EQ(t, wake_up_all(&queue), 6U);
	EXPECT_EQ(t, waiters[4].order, 10);
	for (int i = 0; i < 6; i++)
		remove_wait_queue(&queue, &waiters[i].entry);
	EXPECT_FALSE(t, waitqueue_active(&queue));
}

static bool take_ticket(void)
{
	int left = READ_ONCE(tickets);

	while (left > 0) {
		int seen = cmpxchg(&tickets, left, left - 1);

		if (seen == left)
			return true;
		left = seen;
	}
	return false;
}

static int wait_for_ticket(void *data __maybe_unused)
{
	atomic_inc(&nr_waiting);
	wait_event_exclusive(queue, take_ticket());
	atomic_inc(&nr_woken);
	return 0;
}

/* Each wake-up lets one go on, and a ticket is never left while somebody waits. */
static void exclusive_waiters_share_tickets(struct test *t)
{
	const int nr = 8;

	atomic_set(&nr_waiting, 0);
	atomic_set(&nr_woken, 0);
	tickets = 0;
	for (int i = 0; i < nr; i++)
		ASSERT_FALSE(t, IS_ERR(kthread_run(wait_for_ticket, NULL, "test/%d", i)));
	for (int i = 0; i < nr; i++) {
		u64 end_ns = clock_ns() + 10 * NSEC_PER_SEC;

		__atomic_fetch_add(&tickets, 1, __ATOMIC_SEQ_CST);
		wake_up(&queue);
		while (atomic_read(&nr_woken) <= i && clock_ns() < end_ns)
			usleep(50);
		EXPECT_EQ(t, atomic_read(&nr_woken), i + 1);
	}
	EXPECT_EQ(t, tickets, 0);
	EXPECT_FALSE(t, waitqueue_active(&queue));
}

static void waits_end_by_time(struct test *t)
{
	DECLARE_COMPLETION_ONSTACK(done);

	EXPECT_FALSE(t, wait_event_timeout_ns(queue, READ_ONCE(tickets) > 0, NSEC_PER_MSEC));
	EXPECT_FALSE(t, waitqueue_active(&queue));
	EXPECT_FALSE(t, wait_for_completion_timeout_ns(&done, NSEC_PER_MSEC));
	complete(&done);
	EXPECT_TRUE(t, wait_for_completion_timeout_ns(&done, NSEC_PER_MSEC));
	EXPECT_TRUE(t, wait_event_timeout_ns(queue, true, 0));
}

static int complete_it(void *data)
{
	complete(data);
	return 0;
}

/* On a stack that is used again at once: complete() must be done with it. */
static void completions_may_vanish_after_the_wait(struct test *t)
{
	for (int i = 0; i < 200; i++) {
		DECLARE_COMPLETION_ONSTACK(done);

		ASSERT_FALSE(t, IS_ERR(kthread_run(complete_it, &done, "test")));
		wait_for_completion(&done);
		memset(&done, 0xcc, sizeof(done));
	}
}

static void completions_count(struct test *t)
{
	DECLARE_COMPLETION_ONSTACK(done);

	EXPECT_FALSE(t, completion_done(&done));
	EXPECT_FALSE(t, try_wait_for_completion(&done));
	complete(&done);
	complete(&done);
	wait_for_completion(&done);
	EXPECT_OK(t, wait_for_completion_interruptible(&done));
	EXPECT_FALSE(t, completion_done(&done));
	complete_all(&done);
	wait_for_completion(&done);
	wait_for_completion(&done);
	EXPECT_TRUE(t, completion_done(&done));
	reinit_completion(&done);
	EXPECT_FALSE(t, completion_done(&done));
}

static const struct test_case kthread_cases[] = {
	TEST_CASE(stop_returns_what_the_thread_returns),
	TEST_CASE(stop_before_the_first_run),
	TEST_CASE(stop_after_the_end),
	TEST_CASE(parked_thread_stands_still),
	TEST_CASE(park_of_an_ended_thread_fails),
	TEST_CASE(bound_threads_stay_on_their_cpu),
	TEST_CASE(ended_threads_leave_nothing),
	TEST_CASE(tasks_are_found_by_pid),
	TEST_CASE(half_made_task_is_not_found),
	TEST_CASE(pid_of_a_group_is_not_given_to_a_task),
	TEST_CASE(waiters_are_served_in_order_exclusive_ones_last),
	TEST_CASE(exclusive_waiters_share_tickets),
	TEST_CASE(waits_end_by_time),
	TEST_CASE(completions_may_vanish_after_the_wait),
	TEST_CASE(completions_count),
};
TEST_SUITE(kthread, kthread_cases);
