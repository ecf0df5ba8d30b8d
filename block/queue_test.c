/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queue of a disk.  Random loads are compared with a model that knows each request's state: a
 * command is made of requests that wait, side by side, of one kind, within the limits, and
 * everything comes out once.
 */
#include <oshit/math.h>
#include <oshit/string.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#include "queue.h"

#define NR_REQUESTS 256
#define NR_SECTORS  2048 /* few, so that neighbours meet */
#define NR_STEPS    (20000 * TEST_SCALE)

static const struct io_limits limits = { .max_sectors = 256, .max_segments = 12 };

static struct io_request requests[NR_REQUESTS];
static struct io_queue queue;

enum state { IDLE, WAITING };
static enum state states[NR_REQUESTS];

/* Never looked at: only their addresses count. */
static void *memory_at(u64 sector)
{
	return (char *)0x100000 + (sector << SECTOR_SHIFT);
}

static void reset(void)
{
	memset(requests, 0, sizeof(requests));
	memset(states, 0, sizeof(states));
	io_queue_init(&queue, &limits);
}

static struct io_request *fill(unsigned int i, enum io_op op, u64 sector, u32 nr)
{
	requests[i] = (struct io_request){
		.op = op,
		.sector = sector,
		.size = nr << SECTOR_SHIFT,
		/* Apart in memory. */
		.buffer = memory_at(i * 1000UL),
	};
	return &requests[i];
}

static bool add(unsigned int i, enum io_op op, u64 sector, u32 nr)
{
	return io_queue_add(&queue, fill(i, op, sector, nr));
}

static void check_command(struct test *t, struct io_request *head)
{
	u64 sector = head->sector;
	unsigned int nr_segments = 0;
	struct io_request *last = NULL;

	for (struct io_request *req = head; req; last = req, req = req->next) {
		ASSERT_EQ(t, states[req - requests], WAITING);
		states[req - requests] = IDLE;
		ASSERT_EQ(t, req->op, head->op);
		ASSERT_EQ(t, req->sector, sector);
		sector += req->size >> SECTOR_SHIFT;
		nr_segments += !last || (char *)last->buffer + last->size != (char *)req->buffer;
	}
	ASSERT_TRUE(t, head->last == last);
	ASSERT_EQ(t, head->nr_sectors, sector - head->sector);
	ASSERT_EQ(t, head->nr_segments, nr_segments);
	EXPECT_LE(t, head->nr_sectors, limits.max_sectors);
	EXPECT_LE(t, head->nr_segments, limits.max_segments);
}

static enum io_op random_op(struct test_random *random)
{
	u64 dice = test_random_below(random, 20);

	return dice == 0 ? IO_FLUSH : dice < 10 ? IO_READ : IO_WRITE;
}

static unsigned int add_random(struct test_random *random, unsigned int i)
{
	enum io_op op = random_op(random);
	u32 nr = op == IO_FLUSH ? 0 : (u32)(1 + test_random_below(random, 16));
	struct io_request *req = fill(i, op, test_random_below(random, NR_SECTORS) & ~3UL, nr);

	if (test_random_below(random, 2))
		req->buffer = memory_at(req->sector); /* neighbours on the disk, and in memory */
	req->flow = (u32)test_random_below(random, 5);
	states[i] = WAITING;
	io_queue_add(&queue, req);
	return 1;
}

static void everything_comes_out_once_in_proper_commands(struct test *t)
{
	struct test_random random = test_random_seeded(t, 8);
	unsigned int nr_waiting = 0;

	reset();
	for (unsigned int step = 0; step < NR_STEPS && !t->nr_failures; step++) {
		unsigned int i = (unsigned int)test_random_below(&random, NR_REQUESTS);
		struct io_request *head;

		if (states[i] == IDLE && test_random_below(&random, 8) > step / 1000 % 7) {
			nr_waiting += add_random(&random, i);
		} else if ((head = io_queue_next(&queue))) {
			check_command(t, head);
			for (; head; head = head->next)
				nr_waiting--;
		}
		ASSERT_EQ(t, queue.nr_requests, nr_waiting);
		EXPECT_LE(t, queue.nr_commands, queue.nr_requests);
	}
	for (struct io_request *head; (head = io_queue_next(&queue));)
		check_command(t, head);
	EXPECT_EQ(t, queue.nr_commands, 0);
	EXPECT_EQ(t, queue.nr_requests, 0);
	for (unsigned int i = 0; i < NR_REQUESTS; i++)
		EXPECT_EQ(t, states[i], IDLE);
}

static void neighbours_become_one_command_in_any_order(struct test *t)
{
	static const unsigned char orders[][4] = {
		{ 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 0, 2, 1, 3 }, { 3, 0, 2, 1 }, { 0, 3, 1, 2 },
	};

	for (size_t n = 0; n < ARRAY_SIZE(orders); n++) {
		struct io_request *head;

		reset();
		for (unsigned int i = 0; i < 4; i++) {
			states[orders[n][i]] = WAITING;
			add(orders[n][i], IO_WRITE, 8 + orders[n][i] * 8, 8);
		}
		head = io_queue_next(&queue);
		ASSERT_TRUE(t, head);
		check_command(t, head);
		EXPECT_EQ(t, head->sector, 8);
		EXPECT_EQ(t, head->nr_sectors, 32);
		EXPECT_FALSE(t, io_queue_next(&queue));
	}
}

static void limits_of_a_command_are_kept(struct test *t)
{
	unsigned int nr = 0;

	reset();
	for (unsigned int i = 0; i < 64; i++) {
		states[i] = WAITING;
		add(i, IO_READ, i, 1);
	}
	for (struct io_request *head; (head = io_queue_next(&queue)); nr++)
		check_command(t, head);
	EXPECT_EQ(t, nr, (64 + 11) / 12);
}

static void reads_writes_and_flushes_do_not_mix(struct test *t)
{
	reset();
	EXPECT_FALSE(t, add(0, IO_READ, 0, 8));
	EXPECT_FALSE(t, add(1, IO_WRITE, 8, 8));
	EXPECT_FALSE(t, add(2, IO_FLUSH, 0, 0));
	EXPECT_FALSE(t, add(3, IO_FLUSH, 0, 0));
	EXPECT_TRUE(t, add(4, IO_READ, 8, 8));
	EXPECT_EQ(t, queue.nr_commands, 4);
	while (io_queue_next(&queue))
		;
}

static void oldest_of_a_flow_goes_first(struct test *t)
{
	reset();
	add(0, IO_READ, 900, 8);
	add(1, IO_WRITE, 100, 8);
	add(2, IO_READ, 500, 8);
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_TRUE(t, io_queue_next(&queue) == &requests[i]);
}

/* What flow 0 has got of the disk when the single request of flow 1 goes out. */
static u32 sectors_before_the_lone_request(void)
{
	u32 nr = 0;

	for (struct io_request *head; (head = io_queue_next(&queue)); nr += head->nr_sectors)
		if (head->flow == 1)
			break;
	return nr;
}

static void lone_request_does_not_wait_for_a_hog(struct test *t)
{
	reset();
	for (unsigned int i = 0; i < 200; i++)
		add(i, IO_WRITE, i * 64UL, 32);
	requests[200].flow = 1;
	fill(200, IO_READ, 5, 8)->flow = 1;
	io_queue_add(&queue, &requests[200]);
	EXPECT_LE(t, sectors_before_the_lone_request(), IO_QUANTUM);
	while (io_queue_next(&queue))
		;
}

static void flows_get_equal_shares(struct test *t)
{
	u32 got[2] = { 0, 0 };

	/* Commands of different sizes; sectors, not commands, are shared. */
	reset();
	for (unsigned int i = 0; i < 240; i++) {
		unsigned int flow = i % 4 == 3;

		fill(i, IO_READ, i * 512UL, flow ? 96 : 32)->flow = flow;
		io_queue_add(&queue, &requests[i]);
	}
	for (struct io_request *head; (head = io_queue_next(&queue));) {
		got[head->flow] += head->nr_sectors;
		if (got[0] >= 180 * 32u || got[1] >= 60 * 96u)
			break;
		EXPECT_LE(t, got[0], got[1] + 2 * IO_QUANTUM + 96);
		EXPECT_LE(t, got[1], got[0] + 2 * IO_QUANTUM + 96);
	}
	while (io_queue_next(&queue))
		;
}

static const struct test_case io_queue_cases[] = {
	TEST_CASE(everything_comes_out_once_in_proper_commands),
	TEST_CASE(neighbours_become_one_command_in_any_order),
	TEST_CASE(limits_of_a_command_are_kept),
	TEST_CASE(reads_writes_and_flushes_do_not_mix),
	TEST_CASE(oldest_of_a_flow_goes_first),
	TEST_CASE(lone_request_does_not_wait_for_a_hog),
	TEST_CASE(flows_get_equal_shares),
};
TEST_SUITE(io_queue, io_queue_cases);
