/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disk of this machine, named by "disk_test=sda" on the command line: its contents are
 * overwritten.  Each sector's bytes tell its number and its version, so whatever comes from another
 * place or time is noticed.  "disk_test_bad=SECTOR": the machine has been told to fail there;
 * "disk_test_slow": to be slow.  Without the parameter the tests are skipped.
 */
#include <linux/errno.h>
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/completion.h>
#include <oshit/err.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/kthread.h>
#include <oshit/math.h>
#include <oshit/sizes.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "disk.h"

#define NR_WORKERS   4
#define NR_REQS	     24
#define MAX_SECTORS  32 /* of a request */
#define PART_SECTORS 4096UL /* of a worker */
#define NR_ROUNDS    40
#define BUFFER_ORDER 2 /* MAX_SECTORS sectors */
#define NO_SECTOR    (~0UL)
#define STREAM_BYTES MIB(4)
#define STREAM_CHUNK KIB(256)

static const char *disk_name;
static unsigned long bad_sector = NO_SECTOR;
BOOT_PARAM_NUMBER("disk_test_bad", bad_sector);
static bool is_slow;
BOOT_PARAM_FLAG("disk_test_slow", is_slow);

static __init int disk_test_param(const char *value)
{
	disk_name = value;
	return value ? 0 : -EINVAL;
}
BOOT_PARAM("disk_test", disk_test_param);

/* NULL: the test is skipped, or has failed. */
static struct disk *chosen_disk(struct test *t)
{
	struct disk *disk = disk_name ? disk_find(disk_name) : NULL;

	if (!disk_name)
		test_skip(t, "no disk_test= on the command line");
	else if (!disk)
		test_fail(t, __FILE__, __LINE__, "there is no disk %s", disk_name);
	return disk;
}

/* --- what is in a sector --- */

static void fill_sector(u64 *words, u64 sector, u64 version)
{
	for (unsigned int i = 0; i < SECTOR_SIZE / sizeof(*words); i++)
		words[i] = sector << 32 | (version << 8) | i;
}

static bool sector_is(const u64 *words, u64 sector, u64 version)
{
	for (unsigned int i = 0; i < SECTOR_SIZE / sizeof(*words); i++)
		if (words[i] != (sector << 32 | (version << 8) | i))
			return false;
	return true;
}

/* --- many tasks --- */

struct worker {
	struct test *t;
	struct disk *disk;
	u64 first; /* its part of the disk */
	u8 *versions; /* of its sectors, as on the disk */
	struct io_request reqs[NR_REQS];
	atomic_t nr_left;
	struct completion done, ended;
	struct test_random random;
	unsigned int nr_wrong;
};

static void request_done(struct io_request *req)
{
	struct worker *worker = req->private;

	if (atomic_dec_and_test(&worker->nr_left))
		complete(&worker->done);
}

/* Random, and apart from each other: each in its own piece of the part. */
static void choose_request(struct worker *worker, unsigned int i)
{
	u64 piece = PART_SECTORS / NR_REQS, start = worker->first + i * piece;
	struct io_request *req = &worker->reqs[i];
	u32 nr = 1 + (u32)test_random_below(&worker->random, MAX_SECTORS);
	/* Of two neighbours, the first at the end of its piece: they may merge. */
	u64 offset = i % 4 == 0	  ? piece - nr
		     : i % 4 == 1 ? 0
				  : test_random_below(&worker->random, piece - nr);

	req->op = test_random_below(&worker->random, 2) ? IO_WRITE : IO_READ;
	req->sector = start + offset;
	req->size = nr << SECTOR_SHIFT;
	req->done = request_done;
	req->private = worker;
}

static void prepare_write(struct worker *worker, struct io_request *req)
{
	for (u32 i = 0; i < req->size >> SECTOR_SHIFT; i++) {
		u64 sector = req->sector + i;
		u8 *version = &worker->versions[sector - worker->first];

		(*version)++;
		fill_sector((u64 *)((u8 *)req->buffer + i * SECTOR_SIZE), sector, *version);
	}
}

static void check_read(struct worker *worker, const struct io_request *req)
{
	for (u32 i = 0; i < req->size >> SECTOR_SHIFT; i++) {
		u64 sector = req->sector + i;
		u8 version = worker->versions[sector - worker->first];

		if (!sector_is((const u64 *)((const u8 *)req->buffer + i * SECTOR_SIZE), sector,
			       version))
			worker->nr_wrong++;
	}
}

static void run_round(struct worker *worker)
{
	LIST_HEAD(list);

	init_completion(&worker->done);
	atomic_set(&worker->nr_left, NR_REQS);
	for (unsigned int i = 0; i < NR_REQS; i++) {
		choose_request(worker, i);
		if (worker->reqs[i].op == IO_WRITE)
			prepare_write(worker, &worker->reqs[i]);
		else
			memset(worker->reqs[i].buffer, 0, worker->reqs[i].size);
		list_add_tail(&worker->reqs[i].link, &list);
	}
	if (submit_io_list(worker->disk, &list)) {
		worker->nr_wrong++;
		return;
	}
	wait_for_completion(&worker->done);
	for (unsigned int i = 0; i < NR_REQS; i++) {
		worker->nr_wrong += worker->reqs[i].status != 0;
		if (worker->reqs[i].op == IO_READ)
			check_read(worker, &worker->reqs[i]);
	}
}

/* Version 0 everywhere. */
static void wipe_part(struct worker *worker)
{
	u8 *buffer = worker->reqs[0].buffer;

	for (u64 at = 0; at < PART_SECTORS; at += MAX_SECTORS) {
		for (unsigned int i = 0; i < MAX_SECTORS; i++)
			fill_sector((u64 *)(buffer + i * SECTOR_SIZE), worker->first + at + i, 0);
		if (disk_rw(worker->disk, IO_WRITE, worker->first + at, buffer,
			    MAX_SECTORS * SECTOR_SIZE))
			worker->nr_wrong++;
	}
}

static int work(void *data)
{
	struct worker *worker = data;

	wipe_part(worker);
	for (unsigned int round = 0; round < NR_ROUNDS && !worker->nr_wrong; round++)
		run_round(worker);
	if (disk_rw(worker->disk, IO_FLUSH, 0, NULL, 0))
		worker->nr_wrong++;
	complete(&worker->ended);
	return 0;
}

static void free_worker(struct worker *worker)
{
	if (!worker)
		return;
	for (unsigned int i = 0; i < NR_REQS; i++)
		free_pages((unsigned long)worker->reqs[i].buffer, BUFFER_ORDER);
	kfree(worker->versions);
	kfree(worker);
}

static struct worker *new_worker(struct test *t, struct disk *disk, unsigned int n)
{
	struct worker *worker = kzalloc(sizeof(*worker), GFP_KERNEL);

	if (!worker)
		return NULL;
	worker->t = t;
	worker->disk = disk;
	worker->first = n * PART_SECTORS;
	worker->random = test_random_seeded(t, n + 1);
	worker->versions = kzalloc(PART_SECTORS, GFP_KERNEL);
	init_completion(&worker->ended);
	for (unsigned int i = 0; i < NR_REQS; i++) {
		worker->reqs[i].buffer = (void *)__get_free_pages(GFP_KERNEL, BUFFER_ORDER);
		if (!worker->reqs[i].buffer || !worker->versions) {
			free_worker(worker);
			return NULL;
		}
	}
	return worker;
}

static void tasks_find_their_own_data_again(struct test *t)
{
	struct worker *workers[NR_WORKERS];
	struct disk *disk = chosen_disk(t);
	struct disk_stats before, after;

	if (!disk)
		return;
	ASSERT_GE(t, disk->nr_sectors, NR_WORKERS * PART_SECTORS);
	disk_stats_get(disk, &before);
	for (unsigned int i = 0; i < NR_WORKERS; i++) {
		workers[i] = new_worker(t, disk, i);
		if (workers[i] && IS_ERR(kthread_run(work, workers[i], "disk_test/%u", i)))
			complete(&workers[i]->ended);
	}
	for (unsigned int i = 0; i < NR_WORKERS; i++) {
		EXPECT_TRUE(t, workers[i]);
		if (!workers[i])
			continue;
		wait_for_completion(&workers[i]->ended);
		EXPECT_EQ(t, workers[i]->nr_wrong, 0);
		free_worker(workers[i]);
	}
	disk_stats_get(disk, &after);
	test_note(t, "%lu reads, %lu writes, %lu merged",
		  after.nr_requests[IO_READ] - before.nr_requests[IO_READ],
		  after.nr_requests[IO_WRITE] - before.nr_requests[IO_WRITE],
		  after.nr_merged[IO_READ] + after.nr_merged[IO_WRITE] - before.nr_merged[IO_READ] -
			  before.nr_merged[IO_WRITE]);
	EXPECT_EQ(t, after.nr_errors, before.nr_errors);
	EXPECT_EQ(t, after.nr_timeouts, before.nr_timeouts);
}

/* --- one task --- */

static void last_sector_is_the_last(struct test *t)
{
	struct disk *disk = chosen_disk(t);
	u64 *buffer;

	if (!disk)
		return;
	buffer = kmalloc(2 * SECTOR_SIZE, GFP_KERNEL);
	ASSERT_TRUE(t, buffer);
	fill_sector(buffer, disk->nr_sectors - 1, 9);
	EXPECT_OK(t, disk_rw(disk, IO_WRITE, disk->nr_sectors - 1, buffer, SECTOR_SIZE));
	memset(buffer, 0, SECTOR_SIZE);
	EXPECT_OK(t, disk_rw(disk, IO_READ, disk->nr_sectors - 1, buffer, SECTOR_SIZE));
	EXPECT_TRUE(t, sector_is(buffer, disk->nr_sectors - 1, 9));
	EXPECT_EQ(t, disk_rw(disk, IO_READ, disk->nr_sectors - 1, buffer, 2 * SECTOR_SIZE), -EIO);
	kfree(buffer);
}

/* MiB a second, for who looks at it. */
static void stream(struct test *t, struct disk *disk, enum io_op op, void *buffer)
{
	u64 start = clock_ns(), took;

	for (u64 at = 0; at < STREAM_BYTES; at += STREAM_CHUNK)
		EXPECT_OK(t, disk_rw(disk, op, at >> SECTOR_SHIFT, buffer, STREAM_CHUNK));
	took = clock_ns() - start;
	test_note(t, "%s: %lu MiB/s", op == IO_READ ? "read" : "write",
		  STREAM_BYTES * 1000 / max(took / 1000, 1UL) * 1000 / MIB(1));
}

static void large_requests_stream(struct test *t)
{
	struct disk *disk = chosen_disk(t);
	void *buffer;

	if (!disk)
		return;
	buffer = (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, get_order(STREAM_CHUNK));
	ASSERT_TRUE(t, buffer);
	stream(t, disk, IO_WRITE, buffer);
	stream(t, disk, IO_READ, buffer);
	free_pages((unsigned long)buffer, get_order(STREAM_CHUNK));
}

/* --- a disk with a bad sector --- */

static atomic_t nr_bad_left;
static struct completion bad_done;

static void bad_request_done(struct io_request *req __maybe_unused)
{
	if (atomic_dec_and_test(&nr_bad_left))
		complete(&bad_done);
}

/* NR_REQS requests of a sector each, @stride sectors apart; the 11th is at the bad one. */
static void expect_only_bad_fails(struct test *t, u32 stride)
{
	struct disk *disk = bad_sector == NO_SECTOR ? NULL : chosen_disk(t);
	struct io_request *reqs;
	LIST_HEAD(list);
	u8 *buffer;

	if (!disk) {
		test_skip(t, "no disk_test_bad= on the command line");
		return;
	}
	reqs = kcalloc(NR_REQS, sizeof(*reqs), GFP_KERNEL);
	buffer = kzalloc(NR_REQS * SECTOR_SIZE, GFP_KERNEL);
	ASSERT_TRUE(t, reqs && buffer);
	init_completion(&bad_done);
	atomic_set(&nr_bad_left, NR_REQS);
	for (unsigned int i = 0; i < NR_REQS; i++) {
		reqs[i].op = stride > 1 && i % 3 == 0 ? IO_WRITE : IO_READ;
		reqs[i].sector = bad_sector - 10 * stride + i * stride;
		reqs[i].buffer = buffer + i * SECTOR_SIZE;
		reqs[i].size = SECTOR_SIZE;
		reqs[i].done = bad_request_done;
		list_add_tail(&reqs[i].link, &list);
	}
	ASSERT_OK(t, submit_io_list(disk, &list));
	wait_for_completion(&bad_done);
	for (unsigned int i = 0; i < NR_REQS; i++)
		EXPECT_EQ(t, reqs[i].status, i == 10 ? -EIO : 0);
	/* And the disk still works. */
	EXPECT_OK(t, disk_rw(disk, IO_READ, bad_sector + 1, buffer, SECTOR_SIZE));
	EXPECT_EQ(t, disk_rw(disk, IO_READ, bad_sector, buffer, SECTOR_SIZE), -EIO);
	EXPECT_OK(t, disk_rw(disk, IO_FLUSH, 0, NULL, 0));
	kfree(buffer);
	kfree(reqs);
}

static void bad_sector_in_a_command_fails_alone(struct test *t)
{
	expect_only_bad_fails(t, 1);
}

static void bad_sector_among_commands_fails_alone(struct test *t)
{
	expect_only_bad_fails(t, 7);
}

/* The machine lets it take longer than the command line allows. */
static void slow_disk_is_waited_for_no_longer_than_it_may_take(struct test *t)
{
	struct disk *disk = is_slow ? chosen_disk(t) : NULL;
	struct disk_stats stats;
	u64 start = clock_ns();
	int err = 0;
	u8 *buffer;

	if (!disk) {
		test_skip(t, "no disk_test_slow on the command line");
		return;
	}
	buffer = kmalloc(SECTOR_SIZE, GFP_KERNEL);
	ASSERT_TRUE(t, buffer);
	for (unsigned int i = 0; i < 6 && !err; i++)
		err = disk_rw(disk, IO_READ, i, buffer, SECTOR_SIZE);
	disk_stats_get(disk, &stats);
	EXPECT_GT(t, stats.nr_timeouts, 0);
	test_note(t, "error %d after %lu ms, %lu time-outs", -err,
		  (clock_ns() - start) / NSEC_PER_MSEC, stats.nr_timeouts);
	kfree(buffer);
}

static const struct test_case disk_live_cases[] = {
	TEST_CASE(tasks_find_their_own_data_again),
	TEST_CASE(last_sector_is_the_last),
	TEST_CASE(large_requests_stream),
	TEST_CASE(bad_sector_in_a_command_fails_alone),
	TEST_CASE(bad_sector_among_commands_fails_alone),
	TEST_CASE(slow_disk_is_waited_for_no_longer_than_it_may_take),
};
TEST_SUITE(disk_live, disk_live_cases);
