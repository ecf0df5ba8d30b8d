/* SPDX-License-Identifier: GPL-2.0-only */
/* Epolls inside the kernel: links between them, and wake-ups that meet the looks of other CPUs. */
#include <linux/errno.h>
#include <linux/poll.h>
#include <oshit/err.h>
#include <oshit/kthread.h>
#include <oshit/pipe.h>
#include <oshit/poll.h>
#include <oshit/sched.h>
#include <oshit/task.h>
#include <oshit/wait.h>

#include "eventpoll.h"
#include "fs_test.h"

static int watch(struct file *epoll, struct file *file, u32 events)
{
	struct epoll_event event = { .events = (__force __poll_t)events };

	return epoll_control(epoll, EPOLL_CTL_ADD, file, 0, &event);
}

static void levels_are_counted_up_and_down(struct test *t)
{
	struct file *epolls[7];

	for (int i = 0; i < 7; i++) {
		epolls[i] = epoll_file();
		ASSERT_FALSE(t, IS_ERR(epolls[i]));
	}
	EXPECT_OK(t, watch(epolls[0], epolls[1], POLLIN));
	EXPECT_OK(t, watch(epolls[3], epolls[4], POLLIN));
	EXPECT_OK(t, watch(epolls[4], epolls[5], POLLIN));
	EXPECT_OK(t, watch(epolls[1], epolls[3], POLLIN)); /* five */
	EXPECT_EQ(t, watch(epolls[5], epolls[6], POLLIN), -ELOOP);
	EXPECT_EQ(t, watch(epolls[6], epolls[0], POLLIN), -ELOOP);
	EXPECT_EQ(t, watch(epolls[5], epolls[0], POLLIN), -ELOOP);
	fput(epolls[3]); /* both sides forget it */
	EXPECT_OK(t, watch(epolls[5], epolls[0], POLLIN));
	for (int i = 0; i < 7; i++)
		if (i != 3)
			fput(epolls[i]);
}

#define NR_ROUNDS 20000

static int write_bytes(void *data)
{
	struct file *end = data;
	int nr = 0;

	while (nr < NR_ROUNDS && test_write(end, "x", 1) == 1)
		nr++;
	while (!kthread_should_stop())
		yield();
	return nr == NR_ROUNDS ? 0 : -EIO;
}

struct looker {
	struct poll_table table;
	struct wait_queue_entry wait;
	struct wait_queue_head *queue;
	bool woken;
};

static void queue_looker(struct poll_table *table, struct file *file __maybe_unused,
			 struct wait_queue_head *queue)
{
	struct looker *looker = container_of(table, struct looker, table);

	looker->queue = queue;
	add_wait_queue(queue, &looker->wait);
}

static bool wake_looker(struct wait_queue_entry *wait, unsigned int mode)
{
	WRITE_ONCE(container_of(wait, struct looker, wait)->woken, true);
	return default_wake_function(wait, mode);
}

/* Sleeps until @file is readable; with a lost wake-up for ever. */
static void wait_readable(struct file *file)
{
	struct looker looker = {
		.table.queue = queue_looker,
		.wait = { .task = current, .fn = wake_looker },
	};
	unsigned int events = vfs_poll(file, &looker.table);

	while (!events) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!READ_ONCE(looker.woken))
			schedule();
		__set_current_state(TASK_RUNNING);
		WRITE_ONCE(looker.woken, false);
		smp_mb(); /* what woke is seen by the look */
		events = vfs_poll(file, NULL);
	}
	remove_wait_queue(looker.queue, &looker.wait);
}

/* A pipe, watched by an epoll, watched by another, by levels: each byte is seen at the top. */
static void bytes_are_seen_at_the_top(struct test *t)
{
	struct file *ends[2], *inner = epoll_file(), *outer = epoll_file();
	struct task_struct *writer;
	int nr = 0;
	char c;

	ASSERT_FALSE(t, IS_ERR(inner) || IS_ERR(outer));
	ASSERT_OK(t, create_pipe(ends, 0));
	EXPECT_OK(t, watch(inner, ends[0], POLLIN));
	EXPECT_OK(t, watch(outer, inner, POLLIN));
	writer = kthread_run(write_bytes, ends[1], "epoll_test");
	ASSERT_FALSE(t, IS_ERR(writer));
	while (nr < NR_ROUNDS) {
		wait_readable(outer);
		if (test_read(ends[0], &c, 1) != 1)
			break;
		nr++;
	}
	EXPECT_EQ(t, nr, NR_ROUNDS);
	EXPECT_EQ(t, vfs_poll(outer, NULL), 0);
	EXPECT_OK(t, kthread_stop(writer));
	fput(ends[0]); /* while it is watched */
	EXPECT_EQ(t, vfs_poll(outer, NULL), 0);
	fput(ends[1]);
	fput(outer);
	fput(inner);
}

static int open_and_close_epolls(void *data)
{
	struct file *watched = data;

	while (!kthread_should_stop()) {
		struct file *epoll = epoll_file();

		if (IS_ERR(epoll))
			return PTR_ERR(epoll);
		watch(epoll, watched, POLLIN);
		vfs_poll(epoll, NULL);
		fput(epoll);
		cond_resched();
	}
	return 0;
}

/* Files that end while epolls that watch them end, and are woken. */
static void both_ends_may_close_first(struct test *t)
{
	struct file *inner = epoll_file(), *ends[2];
	struct task_struct *closers[2];

	ASSERT_FALSE(t, IS_ERR(inner));
	for (int i = 0; i < 2; i++) {
		closers[i] = kthread_run(open_and_close_epolls, inner, "epoll_close");
		ASSERT_FALSE(t, IS_ERR(closers[i]));
	}
	for (int i = 0; i < 2000; i++) {
		ASSERT_OK(t, create_pipe(ends, 0));
		EXPECT_OK(t, watch(inner, ends[0], POLLIN));
		EXPECT_EQ(t, test_write(ends[1], "x", 1), 1);
		fput(ends[i % 2]);
		fput(ends[!(i % 2)]);
		cond_resched();
	}
	for (int i = 0; i < 2; i++)
		EXPECT_OK(t, kthread_stop(closers[i]));
	EXPECT_EQ(t, vfs_poll(inner, NULL), 0);
	fput(inner);
}

static const struct test_case epoll_cases[] = {
	TEST_CASE(levels_are_counted_up_and_down),
	TEST_CASE(bytes_are_seen_at_the_top),
	TEST_CASE(both_ends_may_close_first),
};
TEST_SUITE(epoll, epoll_cases);
