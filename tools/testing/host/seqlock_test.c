/* SPDX-License-Identifier: GPL-2.0-only */
/* Sequence counts with threads as CPUs: a reader's copy is always of one piece. */
#include <arch/processor.h>
#include <host.h>
#include <oshit/percpu.h>
#include <oshit/seqlock.h>
#include <oshit/test.h>

#define NR_WRITES 5000

static DEFINE_SEQLOCK(seqlock);
static seqcount_latch_t latch = SEQCOUNT_LATCH_INIT;

/* Written so that b == 2 * a and c == 3 * a. */
struct triple {
	unsigned long a, b, c;
};
static struct triple data, copies[2];
static unsigned long nr_torn, nr_reads; /* atomic */
static unsigned int nr_writers_done; /* atomic */

static void triple_write(struct triple *to, unsigned long a)
{
	WRITE_ONCE(to->a, a);
	cpu_relax(); /* invites readers and writers in between */
	WRITE_ONCE(to->b, 2 * a);
	WRITE_ONCE(to->c, 3 * a);
}

static bool triple_is_whole(const struct triple *copy)
{
	return copy->b == 2 * copy->a && copy->c == 3 * copy->a;
}

static struct triple triple_read(const struct triple *from)
{
	struct triple copy = { .c = READ_ONCE(from->c) };

	cpu_relax(); /* invites writers */
	copy.b = READ_ONCE(from->b);
	copy.a = READ_ONCE(from->a);
	return copy;
}

/* Readers give way after each read: there may be fewer processors than threads. */
static void note_read(const struct triple *copy)
{
	cpu_relax();
	__atomic_fetch_add(&nr_reads, 1, __ATOMIC_RELAXED);
	if (!triple_is_whole(copy))
		__atomic_fetch_add(&nr_torn, 1, __ATOMIC_RELAXED);
}

/* The first two CPUs write, the others read until they are done. */
static void write_or_read(unsigned int cpu)
{
	struct triple copy;
	unsigned int seq;

	for (unsigned long i = 0; cpu < 2 && i < NR_WRITES; i++) {
		write_seqlock(&seqlock);
		triple_write(&data, data.a + 1);
		write_sequnlock(&seqlock);
	}
	if (cpu < 2)
		__atomic_fetch_add(&nr_writers_done, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&nr_writers_done, __ATOMIC_SEQ_CST) < 2) {
		do {
			seq = read_seqbegin(&seqlock);
			copy = triple_read(&data);
		} while (read_seqretry(&seqlock, seq));
		note_read(&copy);
	}
}

static void readers_see_no_half_of_a_write(struct test *t)
{
	host_cpus_reset();
	nr_torn = nr_writers_done = 0;
	host_run_on_cpus(NR_CPUS, write_or_read);
	EXPECT_EQ(t, nr_torn, 0);
	EXPECT_EQ(t, data.a, 2 * NR_WRITES);
	EXPECT_EQ(t, seqlock.count.sequence, 4u * NR_WRITES);
	test_note(t, "%lu reads", nr_reads);
}

static void latch_write_or_read(unsigned int cpu)
{
	struct triple copy;
	unsigned int seq;

	for (unsigned long i = 1; cpu == 0 && i <= NR_WRITES; i++) {
		write_seqcount_latch(&latch);
		triple_write(&copies[0], i);
		write_seqcount_latch(&latch);
		triple_write(&copies[1], i);
	}
	if (cpu == 0)
		__atomic_store_n(&nr_writers_done, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&nr_writers_done, __ATOMIC_SEQ_CST)) {
		do {
			seq = read_seqcount_latch(&latch);
			copy = triple_read(&copies[seq & 1]);
		} while (read_seqcount_latch_retry(&latch, seq));
		note_read(&copy);
	}
}

static void latch_readers_see_no_half_of_a_write(struct test *t)
{
	host_cpus_reset();
	nr_torn = nr_writers_done = 0;
	host_run_on_cpus(NR_CPUS, latch_write_or_read);
	EXPECT_EQ(t, nr_torn, 0);
	EXPECT_EQ(t, copies[1].a, NR_WRITES);
}

/* What an NMI in the middle of a latched write does: it must not wait. */
static void latch_reader_finds_a_whole_copy_during_a_write(struct test *t)
{
	struct triple copy;
	unsigned int seq;

	for (int half = 0; half < 2; half++) {
		write_seqcount_latch(&latch);
		WRITE_ONCE(copies[half].a, 7777);
		seq = read_seqcount_latch(&latch);
		copy = triple_read(&copies[seq & 1]);
		EXPECT_FALSE(t, read_seqcount_latch_retry(&latch, seq));
		EXPECT_TRUE(t, triple_is_whole(&copy));
		triple_write(&copies[half], 7777);
	}
}

static void invalidated_reader_reads_again(struct test *t)
{
	seqcount_t count = SEQCOUNT_INIT;
	unsigned int seq = read_seqcount_begin(&count);

	EXPECT_FALSE(t, read_seqcount_retry(&count, seq));
	write_seqcount_invalidate(&count);
	EXPECT_TRUE(t, read_seqcount_retry(&count, seq));
	seq = read_seqcount_begin(&count);
	write_seqcount_begin(&count);
	EXPECT_TRUE(t, read_seqcount_retry(&count, seq));
	write_seqcount_end(&count);
	EXPECT_TRUE(t, read_seqcount_retry(&count, seq));
}

static const struct test_case seqlock_cases[] = {
	TEST_CASE(readers_see_no_half_of_a_write),
	TEST_CASE(latch_readers_see_no_half_of_a_write),
	TEST_CASE(latch_reader_finds_a_whole_copy_during_a_write),
	TEST_CASE(invalidated_reader_reads_again),
};
TEST_SUITE(seqlock_threads, seqlock_cases);
