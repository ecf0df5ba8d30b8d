/* SPDX-License-Identifier: GPL-2.0-only */
/* Pipes and FIFOs. */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/poll.h>
#include <oshit/err.h>
#include <oshit/kthread.h>
#include <oshit/pipe.h>
#include <oshit/sched.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/task.h>

#include "fs_test.h"

#define CAPACITY (64 * 1024)

static void bytes_come_out_in_order(struct test *t)
{
	struct file *ends[2];
	char buf[16];

	ASSERT_OK(t, create_pipe(ends, O_NONBLOCK));
	EXPECT_EQ(t, test_read(ends[0], buf, sizeof(buf)), -EAGAIN);
	EXPECT_EQ(t, test_write(ends[1], "abc", 3), 3);
	EXPECT_EQ(t, test_write(ends[1], "defg", 4), 4);
	EXPECT_EQ(t, test_read(ends[0], buf, 5), 5);
	EXPECT_EQ(t, test_read(ends[0], buf + 5, sizeof(buf) - 5), 2);
	EXPECT_TRUE(t, !memcmp(buf, "abcdefg", 7));
	EXPECT_EQ(t, kernel_read(ends[0], buf, 1, 0), -ESPIPE);
	fput(ends[0]);
	fput(ends[1]);
}

static void ends_of_a_pipe_are_told(struct test *t)
{
	struct file *ends[2];
	char buf[4];

	ASSERT_OK(t, create_pipe(ends, O_NONBLOCK));
	EXPECT_EQ(t, ends[0]->ops->poll(ends[0], NULL), 0);
	EXPECT_EQ(t, test_write(ends[1], "x", 1), 1);
	EXPECT_EQ(t, ends[0]->ops->poll(ends[0], NULL), POLLIN | POLLRDNORM);
	fput(ends[1]);
	EXPECT_EQ(t, test_read(ends[0], buf, 4), 1);
	EXPECT_EQ(t, test_read(ends[0], buf, 4), 0);
	EXPECT_EQ(t, ends[0]->ops->poll(ends[0], NULL), POLLHUP);
	fput(ends[0]);
	ASSERT_OK(t, create_pipe(ends, 0));
	fput(ends[0]);
	EXPECT_EQ(t, test_write(ends[1], "x", 1), -EPIPE);
	EXPECT_EQ(t, ends[1]->ops->poll(ends[1], NULL), POLLOUT | POLLWRNORM | POLLERR);
	fput(ends[1]);
}

/* 64 KiB fit, in pieces of any size that divides a page; up to PIPE_BUF all or nothing. */
static void small_writes_are_whole(struct test *t)
{
	char *buf = kzalloc(2 * PIPE_BUF, GFP_KERNEL);
	struct file *ends[2];
	long total = 0;

	ASSERT_TRUE(t, buf);
	ASSERT_OK(t, create_pipe(ends, O_NONBLOCK));
	while (test_write(ends[1], buf, 1024) == 1024)
		total += 1024;
	EXPECT_EQ(t, total, CAPACITY);
	EXPECT_EQ(t, ends[1]->ops->poll(ends[1], NULL), 0);
	EXPECT_EQ(t, test_read(ends[0], buf, 1024), 1024);
	EXPECT_EQ(t, test_write(ends[1], buf, PIPE_BUF), -EAGAIN);
	EXPECT_EQ(t, test_read(ends[0], buf, PIPE_BUF), PIPE_BUF);
	EXPECT_EQ(t, test_write(ends[1], buf, 2 * PIPE_BUF), PIPE_BUF);
	fput(ends[0]);
	fput(ends[1]);
	kfree(buf);
}

/* --- two tasks --- */

#define NR_NUMBERS 200000

static int write_numbers(void *data)
{
	struct file *end = data;
	u32 numbers[100], i, nr = 0;
	size_t len;

	while (nr < NR_NUMBERS) {
		len = 1 + nr % 100;
		for (i = 0; i < len; i++)
			numbers[i] = nr + i;
		if (test_write(end, numbers, len * sizeof(u32)) != (long)(len * sizeof(u32)))
			break;
		nr += len;
	}
	fput(end);
	while (!kthread_should_stop())
		yield();
	return nr >= NR_NUMBERS ? 0 : -EIO;
}

static void what_goes_in_comes_out(struct test *t)
{
	struct task_struct *writer;
	struct file *ends[2];
	u32 numbers[64], expected = 0;
	long len, i;

	ASSERT_OK(t, create_pipe(ends, 0));
	writer = kthread_run(write_numbers, ends[1], "pipe_test");
	ASSERT_FALSE(t, IS_ERR(writer));
	while ((len = test_read(ends[0], numbers, sizeof(numbers))) > 0) {
		if (len % sizeof(u32)) {
			test_fail(t, __FILE__, __LINE__, "%ld bytes", len);
			break;
		}
		for (i = 0; i < len / (long)sizeof(u32) && !t->nr_failures; i++)
			EXPECT_EQ(t, numbers[i], expected + i);
		expected += len / sizeof(u32);
	}
	EXPECT_GE(t, expected, NR_NUMBERS);
	fput(ends[0]);
	EXPECT_OK(t, kthread_stop(writer));
}

static int open_and_write(void *data __maybe_unused)
{
	struct file *file = filp_open("/test/fifo", O_WRONLY, 0);
	long ret = IS_ERR(file) ? PTR_ERR(file) : test_write(file, "hello", 5);

	if (!IS_ERR(file))
		fput(file);
	while (!kthread_should_stop())
		yield();
	return ret;
}

#define NR_MEETINGS 500

static int open_and_close(void *data __maybe_unused)
{
	while (!kthread_should_stop()) {
		int err = test_open("/test/fifo", O_WRONLY);

		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/* The writer waits, goes on as the reader comes, and has closed before that one looks again. */
static void fifo_partner_may_be_gone_again(struct test *t)
{
	struct task_struct *writer;
	struct file *both;

	if (!test_fs_begin(t))
		return;
	EXPECT_OK(t, do_mknodat(AT_FDCWD, "/test/fifo", S_IFIFO | 0644, 0));
	writer = kthread_run(open_and_close, NULL, "fifo_test");
	ASSERT_FALSE(t, IS_ERR(writer));
	for (int i = 0; i < NR_MEETINGS; i++)
		EXPECT_OK(t, test_open("/test/fifo", O_RDONLY));
	/* With a reader that stays the writer does not wait. */
	both = filp_open("/test/fifo", O_RDWR, 0);
	ASSERT_FALSE(t, IS_ERR(both));
	EXPECT_OK(t, kthread_stop(writer));
	fput(both);
	test_fs_end(t);
}

static void fifo_brings_two_together(struct test *t)
{
	struct task_struct *writer;
	struct file *file;
	char buf[8];

	if (!test_fs_begin(t))
		return;
	EXPECT_OK(t, do_mknodat(AT_FDCWD, "/test/fifo", S_IFIFO | 0644, 0));
	EXPECT_EQ(t, test_open("/test/fifo", O_WRONLY | O_NONBLOCK), -ENXIO);
	EXPECT_OK(t, test_open("/test/fifo", O_RDONLY | O_NONBLOCK));
	EXPECT_OK(t, test_open("/test/fifo", O_RDWR));
	writer = kthread_run(open_and_write, NULL, "fifo_test");
	ASSERT_FALSE(t, IS_ERR(writer));
	file = filp_open("/test/fifo", O_RDONLY, 0);
	ASSERT_FALSE(t, IS_ERR(file));
	EXPECT_EQ(t, test_read(file, buf, 8), 5);
	EXPECT_EQ(t, kthread_stop(writer), 5);
	EXPECT_EQ(t, test_read(file, buf, 8), 0);
	fput(file);
	test_fs_end(t);
}

static const struct test_case pipe_cases[] = {
	TEST_CASE(bytes_come_out_in_order),  TEST_CASE(ends_of_a_pipe_are_told),
	TEST_CASE(small_writes_are_whole),   TEST_CASE(what_goes_in_comes_out),
	TEST_CASE(fifo_brings_two_together), TEST_CASE(fifo_partner_may_be_gone_again),
};
TEST_SUITE(pipe, pipe_cases);
