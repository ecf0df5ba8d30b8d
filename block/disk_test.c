/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks of the test's own, in memory: they end commands in any order, fail at bad sectors, blame
 * innocent commands, hang, and die.
 */
#include <linux/errno.h>
#include <oshit/completion.h>
#include <oshit/err.h>
#include <oshit/gfp.h>
#include <oshit/kthread.h>
#include <oshit/sizes.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "disk.h"

#define DISK_BYTES   KIB(256)
#define DISK_SECTORS (DISK_BYTES / SECTOR_SIZE)
#define MAX_OUT	     8
#define NO_SECTOR    (~0UL)
#define NR_WORKERS   4
#define NR_ROUNDS    100
#define TIMEOUT_MS   50

struct fake { /* all but bytes: the disk's thread's */
	struct disk disk;
	u8 *bytes;
	struct io_request *out[MAX_OUT]; /* issued */
	unsigned int nr_out;
	u64 bad_sector; /* fails; NO_SECTOR: none */
	bool blames_all; /* and all that are out with it */
	unsigned int nr_to_lose; /* commands that never end */
	bool cannot_recover;
	bool is_lost; /* the controller does not answer any more */
	unsigned int nr_issued, nr_recoveries;
	bool broke_rules; /* something was out together with a flush, or too much */
	struct test_random random;
};

static struct fake *to_fake(struct disk *disk)
{
	return container_of(disk, struct fake, disk);
}

static void transfer(struct fake *fake, struct io_request *req)
{
	u8 *place = fake->bytes + (req->sector << SECTOR_SHIFT);

	if (req->op == IO_READ)
		memcpy(req->buffer, place, req->size);
	else if (req->op == IO_WRITE)
		memcpy(place, req->buffer, req->size);
}

static bool hits(const struct io_request *head, u64 sector)
{
	return sector >= head->sector && sector < head->sector + head->nr_sectors;
}

static int fake_issue(struct disk *disk, struct io_request *head)
{
	struct fake *fake = to_fake(disk);

	fake->nr_issued++;
	if (fake->nr_out == disk->depth ||
	    (fake->nr_out && (head->op == IO_FLUSH || fake->out[0]->op == IO_FLUSH)))
		fake->broke_rules = true;
	fake->out[fake->nr_out++] = head;
	if (fake->nr_to_lose)
		fake->nr_to_lose--;
	else
		disk_attention(disk);
	return 0;
}

static void end_one(struct fake *fake, unsigned int i, int status)
{
	struct io_request *head = fake->out[i];

	fake->out[i] = fake->out[--fake->nr_out];
	if (!status)
		for (struct io_request *req = head; req; req = req->next)
			transfer(fake, req);
	disk_command_done(&fake->disk, head, status);
}

static bool any_hits(const struct fake *fake)
{
	for (unsigned int i = 0; i < fake->nr_out; i++)
		if (hits(fake->out[i], fake->bad_sector))
			return true;
	return false;
}

static int fake_reap(struct disk *disk)
{
	struct fake *fake = to_fake(disk);
	bool all_fail = fake->blames_all && any_hits(fake);

	while (fake->is_lost && fake->nr_out)
		end_one(fake, 0, -EAGAIN);
	if (fake->is_lost)
		return -EIO;
	while (fake->nr_out) {
		unsigned int i = (unsigned int)test_random_below(&fake->random, fake->nr_out);
		bool fails = all_fail || hits(fake->out[i], fake->bad_sector);

		end_one(fake, i,
			!fails				       ? 0
			: fake->blames_all && fake->nr_out > 1 ? -EAGAIN
							       : -EIO);
	}
	return 0;
}

static int fake_recover(struct disk *disk)
{
	struct fake *fake = to_fake(disk);

	fake->nr_recoveries++;
	while (fake->nr_out)
		end_one(fake, 0, -EAGAIN);
	return fake->cannot_recover ? -EIO : 0;
}

static const struct disk_ops fake_ops = {
	.issue = fake_issue,
	.reap = fake_reap,
	.recover = fake_recover,
};

static struct fake *new_fake(struct test *t)
{
	struct fake *fake = kzalloc(sizeof(*fake), GFP_KERNEL);

	if (!fake)
		return NULL;
	fake->bytes = (u8 *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, get_order(DISK_BYTES));
	fake->bad_sector = NO_SECTOR;
	fake->random = test_random_seeded(t, 4);
	fake->disk = (struct disk){
		.ops = &fake_ops,
		.nr_sectors = DISK_SECTORS,
		.max_sectors = 64,
		.max_segments = 8,
		.depth = MAX_OUT,
		.timeout_ms = TIMEOUT_MS,
		.has_cache = true,
		.name = "test",
	};
	if (!fake->bytes || disk_start(&fake->disk)) {
		free_pages((unsigned long)fake->bytes, get_order(DISK_BYTES));
		kfree(fake);
		return NULL;
	}
	return fake;
}

static void end_fake(struct test *t, struct fake *fake)
{
	EXPECT_FALSE(t, fake->broke_rules);
	EXPECT_EQ(t, fake->nr_out, 0);
	disk_stop(&fake->disk);
	free_pages((unsigned long)fake->bytes, get_order(DISK_BYTES));
	kfree(fake);
}

/* Each request is a command. */
static void keep_apart(struct fake *fake)
{
	fake->disk.queue->waiting.limits.max_segments = 0;
}

/* --- many at once --- */

struct batch { /* requests that end together */
	struct io_request reqs[16];
	atomic_t nr_left;
	struct completion done;
};

static void batch_request_done(struct io_request *req)
{
	struct batch *batch = req->private;

	if (atomic_dec_and_test(&batch->nr_left))
		complete(&batch->done);
}

/* @nr requests of a sector each, side by side from @sector on, in @buffer. */
static void run_batch(struct test *t, struct disk *disk, struct batch *batch, enum io_op op,
		      u64 sector, unsigned int nr, u8 *buffer)
{
	LIST_HEAD(list);

	init_completion(&batch->done);
	atomic_set(&batch->nr_left, (int)nr);
	for (unsigned int i = 0; i < nr; i++) {
		batch->reqs[i] = (struct io_request){
			.op = op,
			.sector = sector + i,
			.buffer = buffer + i * SECTOR_SIZE,
			.size = SECTOR_SIZE,
			.done = batch_request_done,
			.private = batch,
		};
		list_add_tail(&batch->reqs[i].link, &list);
	}
	ASSERT_OK(t, submit_io_list(disk, &list));
	wait_for_completion(&batch->done);
}

struct worker {
	struct fake *fake;
	struct test *t;
	struct completion done;
	u64 first; /* its part of the disk */
	unsigned int seed;
};

static void work_round(struct worker *worker, struct batch *batch, u8 *buffer, unsigned int round)
{
	struct disk *disk = &worker->fake->disk;
	u64 sector = worker->first + round % 50;
	u8 value = (u8)(round * 7 + worker->seed);

	memset(buffer, value, 16 * SECTOR_SIZE);
	run_batch(worker->t, disk, batch, IO_WRITE, sector, 16, buffer);
	if (round % 10 == 0)
		EXPECT_OK(worker->t, disk_rw(disk, IO_FLUSH, 0, NULL, 0));
	memset(buffer, 0, 16 * SECTOR_SIZE);
	EXPECT_OK(worker->t, disk_rw(disk, IO_READ, sector, buffer, 16 * SECTOR_SIZE));
	for (unsigned int i = 0; i < 16 * SECTOR_SIZE; i++)
		if (buffer[i] != value) {
			test_fail(worker->t, __FILE__, __LINE__, "byte %u is %u", i, buffer[i]);
			break;
		}
}

static int work(void *data)
{
	struct worker *worker = data;
	struct batch *batch = kzalloc(sizeof(*batch), GFP_KERNEL);
	u8 *buffer = kmalloc(16 * SECTOR_SIZE, GFP_KERNEL);

	for (unsigned int round = 0; batch && buffer && round < NR_ROUNDS; round++)
		work_round(worker, batch, buffer, round);
	kfree(batch);
	kfree(buffer);
	complete(&worker->done);
	return 0;
}

static void many_tasks_find_what_they_have_written(struct test *t)
{
	struct worker workers[NR_WORKERS];
	struct fake *fake = new_fake(t);
	struct disk_stats stats;

	ASSERT_TRUE(t, fake);
	for (unsigned int i = 0; i < NR_WORKERS; i++) {
		workers[i] = (struct worker){ .fake = fake, .t = t, .first = i * 100UL, .seed = i };
		init_completion(&workers[i].done);
		if (IS_ERR(kthread_run(work, &workers[i], "io_test/%u", i)))
			complete(&workers[i].done);
	}
	for (unsigned int i = 0; i < NR_WORKERS; i++)
		wait_for_completion(&workers[i].done);
	disk_stats_get(&fake->disk, &stats);
	EXPECT_EQ(t, stats.nr_requests[IO_WRITE], NR_WORKERS * NR_ROUNDS * 16);
	EXPECT_EQ(t, stats.nr_requests[IO_READ], NR_WORKERS * NR_ROUNDS);
	EXPECT_EQ(t, stats.nr_sectors[IO_READ], NR_WORKERS * NR_ROUNDS * 16);
	EXPECT_EQ(t, stats.nr_requests[IO_FLUSH], NR_WORKERS * NR_ROUNDS / 10);
	EXPECT_GT(t, stats.nr_merged[IO_WRITE], NR_WORKERS * NR_ROUNDS * 10);
	EXPECT_EQ(t, stats.nr_errors + stats.nr_retries + stats.nr_timeouts, 0);
	EXPECT_EQ(t, stats.nr_pending, 0);
	EXPECT_GT(t, stats.busy_ns, 0);
	EXPECT_LE(t, stats.busy_ns, clock_ns());
	end_fake(t, fake);
}

/* --- errors --- */

static void expect_one_bad(struct test *t, struct fake *fake, struct batch *batch)
{
	u8 *buffer = kzalloc(16 * SECTOR_SIZE, GFP_KERNEL);
	struct disk_stats stats;

	ASSERT_TRUE(t, buffer);
	memset(fake->bytes, 0x55, DISK_BYTES);
	fake->bad_sector = 105;
	run_batch(t, &fake->disk, batch, IO_READ, 100, 16, buffer);
	for (unsigned int i = 0; i < 16; i++) {
		EXPECT_EQ(t, batch->reqs[i].status, i == 5 ? -EIO : 0);
		EXPECT_EQ(t, buffer[i * SECTOR_SIZE], i == 5 ? 0 : 0x55);
	}
	disk_stats_get(&fake->disk, &stats);
	EXPECT_EQ(t, stats.nr_errors, 1);
	EXPECT_EQ(t, stats.nr_requests[IO_READ], 15);
	EXPECT_GE(t, stats.nr_retries, 2);
	kfree(buffer);
}

static void bad_sector_fails_its_own_request_alone(struct test *t)
{
	struct batch *batch = kzalloc(sizeof(*batch), GFP_KERNEL);
	struct fake *fake = new_fake(t);

	ASSERT_TRUE(t, fake && batch);
	expect_one_bad(t, fake, batch);
	end_fake(t, fake);
	kfree(batch);
}

static void disk_that_blames_all_loses_the_bad_one_alone(struct test *t)
{
	struct batch *batch = kzalloc(sizeof(*batch), GFP_KERNEL);
	struct fake *fake = new_fake(t);

	ASSERT_TRUE(t, fake && batch);
	fake->blames_all = true;
	keep_apart(fake);
	expect_one_bad(t, fake, batch);
	end_fake(t, fake);
	kfree(batch);
}

static void lost_command_is_tried_again(struct test *t)
{
	struct fake *fake = new_fake(t);
	struct disk_stats stats;
	u8 *buffer;

	ASSERT_TRUE(t, fake);
	buffer = kzalloc(SECTOR_SIZE, GFP_KERNEL);
	fake->nr_to_lose = 2;
	fake->bytes[7 * SECTOR_SIZE] = 0x77;
	EXPECT_OK(t, disk_rw(&fake->disk, IO_READ, 7, buffer, SECTOR_SIZE));
	EXPECT_EQ(t, buffer[0], 0x77);
	EXPECT_EQ(t, fake->nr_recoveries, 2);
	disk_stats_get(&fake->disk, &stats);
	EXPECT_EQ(t, stats.nr_timeouts, 2);
	fake->nr_to_lose = 3;
	EXPECT_EQ(t, disk_rw(&fake->disk, IO_READ, 7, buffer, SECTOR_SIZE), -ETIMEDOUT);
	EXPECT_OK(t, disk_rw(&fake->disk, IO_READ, 7, buffer, SECTOR_SIZE));
	kfree(buffer);
	end_fake(t, fake);
}

/* The disk is about to die: who waits then, and who comes later, is told. */
static void expect_end(struct test *t, struct fake *fake, unsigned int nr_recoveries)
{
	struct batch *batch = kzalloc(sizeof(*batch), GFP_KERNEL);
	u8 *buffer = kzalloc(16 * SECTOR_SIZE, GFP_KERNEL);

	ASSERT_TRUE(t, batch && buffer);
	keep_apart(fake);
	run_batch(t, &fake->disk, batch, IO_WRITE, 0, 16, buffer);
	for (unsigned int i = 0; i < 16; i++)
		EXPECT_EQ(t, batch->reqs[i].status, -EIO);
	EXPECT_EQ(t, disk_rw(&fake->disk, IO_READ, 0, buffer, SECTOR_SIZE), -EIO);
	EXPECT_EQ(t, fake->nr_recoveries, nr_recoveries);
	kfree(buffer);
	kfree(batch);
	end_fake(t, fake);
}

static void dead_disk_answers_everybody(struct test *t)
{
	struct fake *fake = new_fake(t);

	ASSERT_TRUE(t, fake);
	fake->nr_to_lose = MAX_OUT;
	fake->cannot_recover = true;
	expect_end(t, fake, 1);
}

static void disk_of_a_lost_controller_answers_everybody(struct test *t)
{
	struct fake *fake = new_fake(t);

	ASSERT_TRUE(t, fake);
	fake->is_lost = true;
	expect_end(t, fake, 0);
}

static void nonsense_is_refused(struct test *t)
{
	struct fake *fake = new_fake(t);
	u8 *buffer = kmalloc(SECTOR_SIZE * 2, GFP_KERNEL);
	struct disk *disk;

	ASSERT_TRUE(t, fake && buffer);
	disk = &fake->disk;
	EXPECT_EQ(t, disk_rw(disk, IO_READ, 0, buffer, 0), -EINVAL);
	EXPECT_EQ(t, disk_rw(disk, IO_READ, 0, buffer, 100), -EINVAL);
	EXPECT_EQ(t, disk_rw(disk, IO_READ, 0, buffer + 1, SECTOR_SIZE), -EINVAL);
	EXPECT_EQ(t, disk_rw(disk, IO_READ, 0, buffer, 65 * SECTOR_SIZE), -EINVAL);
	EXPECT_EQ(t, disk_rw(disk, IO_FLUSH, 0, NULL, SECTOR_SIZE), -EINVAL);
	EXPECT_EQ(t, disk_rw(disk, NR_IO_OPS, 0, buffer, SECTOR_SIZE), -EINVAL);
	EXPECT_EQ(t, disk_rw(disk, IO_READ, DISK_SECTORS, buffer, SECTOR_SIZE), -EIO);
	EXPECT_EQ(t, disk_rw(disk, IO_READ, DISK_SECTORS - 1, buffer, 2 * SECTOR_SIZE), -EIO);
	EXPECT_EQ(t, disk_rw(disk, IO_READ, ~0UL, buffer, 2 * SECTOR_SIZE), -EIO);
	EXPECT_OK(t, disk_rw(disk, IO_READ, DISK_SECTORS - 1, buffer, SECTOR_SIZE));
	EXPECT_EQ(t, fake->nr_issued, 1);
	kfree(buffer);
	end_fake(t, fake);
}

static void flush_of_a_disk_without_cache_is_done_at_once(struct test *t)
{
	struct fake *fake = new_fake(t);

	ASSERT_TRUE(t, fake);
	fake->disk.has_cache = false;
	EXPECT_OK(t, disk_rw(&fake->disk, IO_FLUSH, 0, NULL, 0));
	EXPECT_EQ(t, fake->nr_issued, 0);
	end_fake(t, fake);
}

static const struct test_case disk_cases[] = {
	TEST_CASE(many_tasks_find_what_they_have_written),
	TEST_CASE(bad_sector_fails_its_own_request_alone),
	TEST_CASE(disk_that_blames_all_loses_the_bad_one_alone),
	TEST_CASE(lost_command_is_tried_again),
	TEST_CASE(dead_disk_answers_everybody),
	TEST_CASE(disk_of_a_lost_controller_answers_everybody),
	TEST_CASE(nonsense_is_refused),
	TEST_CASE(flush_of_a_disk_without_cache_is_done_at_once),
};
TEST_SUITE(disk, disk_cases);
