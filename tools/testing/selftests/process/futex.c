/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Futexes: who sleeps, who is woken, when it is over; between threads and between processes.
 */
#include <linux/futex.h>
#include <pthread.h>

#include "selftest.h"

#define MS 1000000LL

static volatile int word, other, nr_woken;

static long futex(volatile int *addr, int op, int val, const struct timespec *timeout)
{
	return kcall6(SYS_futex, (long)addr, op, val, (long)timeout, 0, -1);
}

static void *sleep_on_word(void *bitset)
{
	while (kcall6(SYS_futex, (long)&word, FUTEX_WAIT_BITSET_PRIVATE, 0, 0, 0, (long)bitset) ==
	       -EINTR)
		;
	__atomic_fetch_add(&nr_woken, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void start_sleepers(struct test *t, pthread_t *threads, int nr, long bitset)
{
	for (int i = 0; i < nr; i++)
		REQUIRE(t, pthread_create(&threads[i], NULL, sleep_on_word, (void *)bitset) == 0);
	sleep_ms(in_guest() ? 200 : 50); /* until they sleep */
}

static void other_value_returns_at_once(struct test *t)
{
	word = 5;
	EXPECT_RET(t, futex(&word, FUTEX_WAIT, 4, NULL), -EAGAIN);
	EXPECT_RET(t, futex(&word, FUTEX_WAIT_PRIVATE, 4, NULL), -EAGAIN);
	EXPECT_RET(t, futex(&word, FUTEX_WAKE, 1, NULL), 0);
}

static void waits_end_in_time(struct test *t)
{
	struct timespec length = from_ns(20 * MS), until;
	long long before = now_ns(CLOCK_MONOTONIC);

	word = 0;
	EXPECT_RET(t, futex(&word, FUTEX_WAIT_PRIVATE, 0, &length), -ETIMEDOUT);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC) - before, 20 * MS);
	until = from_ns(now_ns(CLOCK_MONOTONIC) + 20 * MS);
	EXPECT_RET(t, futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &until), -ETIMEDOUT);
	EXPECT_GE(t, now_ns(CLOCK_MONOTONIC), to_ns(&until));
	until = from_ns(now_ns(CLOCK_REALTIME) + 20 * MS);
	EXPECT_RET(t, futex(&word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &until),
		   -ETIMEDOUT);
	EXPECT_GE(t, now_ns(CLOCK_REALTIME), to_ns(&until));
}

static void bad_calls_are_refused(struct test *t)
{
	struct timespec bad = { 0, NS_PER_S };

	word = 0;
	EXPECT_RET(t, futex((int *)((char *)&word + 1), FUTEX_WAIT, 0, NULL), -EINVAL);
	EXPECT_RET(t, futex((int *)8, FUTEX_WAIT, 0, NULL), -EFAULT);
	EXPECT_RET(t, futex((int *)8, FUTEX_WAIT_PRIVATE, 0, NULL), -EFAULT);
	EXPECT_RET(t, futex((int *)0xffffffff80000000UL, FUTEX_WAKE, 1, NULL), -EFAULT);
	EXPECT_RET(t, futex(&word, FUTEX_WAIT, 0, &bad), -EINVAL);
	EXPECT_RET(t, futex(&word, 0x7f, 0, NULL), -ENOSYS);
	EXPECT_RET(t, kcall6(SYS_futex, (long)&word, FUTEX_WAKE_BITSET, 1, 0, 0, 0), -EINVAL);
	EXPECT_RET(t, kcall6(SYS_futex, (long)&word, FUTEX_WAIT_BITSET, 0, 0, 0, 0), -EINVAL);
}

static void as_many_are_woken_as_asked_for(struct test *t)
{
	pthread_t threads[5];

	word = nr_woken = 0;
	start_sleepers(t, threads, 5, -1);
	EXPECT_RET(t, futex(&word, FUTEX_WAKE_PRIVATE, 2, NULL), 2);
	EXPECT_RET(t, futex(&word, FUTEX_WAKE_PRIVATE, 100, NULL), 3);
	for (int i = 0; i < 5; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(t, nr_woken, 5);
}

static void bitset_chooses(struct test *t)
{
	pthread_t threads[2];

	word = nr_woken = 0;
	start_sleepers(t, threads, 2, 6);
	EXPECT_RET(t, kcall6(SYS_futex, (long)&word, FUTEX_WAKE_BITSET_PRIVATE, 9, 0, 0, 1), 0);
	EXPECT_RET(t, kcall6(SYS_futex, (long)&word, FUTEX_WAKE_BITSET_PRIVATE, 9, 0, 0, 4), 2);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

static void requeued_waiters_wait_elsewhere(struct test *t)
{
	pthread_t threads[4];
	int expected = 1;

	word = nr_woken = 0;
	start_sleepers(t, threads, 4, -1);
	EXPECT_RET(t,
		   kcall6(SYS_futex, (long)&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 9, (long)&other,
			  expected),
		   -EAGAIN);
	EXPECT_RET(t,
		   kcall6(SYS_futex, (long)&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 9, (long)&other, 0),
		   4);
	EXPECT_RET(t, futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL), 0);
	EXPECT_RET(t, futex(&other, FUTEX_WAKE_PRIVATE, 9, NULL), 3);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static void processes_share_a_word(struct test *t)
{
	volatile int *shared =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = fork();

	if (!child) {
		while (!*shared)
			futex(shared, FUTEX_WAIT, 0, NULL);
		_exit(31);
	}
	sleep_ms(50);
	EXPECT_RET(t, futex(shared, FUTEX_WAKE_PRIVATE, 9, NULL), 0); /* another key */
	*shared = 1;
	EXPECT_LE(t, futex(shared, FUTEX_WAKE, 9, NULL), 1);
	EXPECT_EXIT(t, wait_for(t, child), 31);
}

static void waiting_task_can_be_killed(struct test *t)
{
	pid_t child = fork();

	if (!child) {
		word = 0;
		futex(&word, FUTEX_WAIT, 0, NULL);
		_exit(1);
	}
	sleep_ms(30);
	kill(child, SIGTERM);
	EXPECT_KILLED(t, wait_for(t, child), SIGTERM);
}

/* Two threads hand a ball to each other; a wake-up that is lost ends the game. */
static void *play(void *me)
{
	int mine = (int)(intptr_t)me;

	for (unsigned int i = 0; i < rounds(500, 20000); i++) {
		int now;

		while ((now = word) != mine)
			futex(&word, FUTEX_WAIT_PRIVATE, now, NULL);
		word = !mine;
		futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL);
	}
	return NULL;
}

static void no_wake_up_is_lost(struct test *t)
{
	pthread_t thread;

	word = 0;
	REQUIRE(t, pthread_create(&thread, NULL, play, (void *)1) == 0);
	play((void *)0);
	pthread_join(thread, NULL);
	EXPECT_EQ(t, word, 0);
}

static const struct test_case futex_cases[] = {
	TEST_CASE(other_value_returns_at_once),
	TEST_CASE(waits_end_in_time),
	TEST_CASE(bad_calls_are_refused),
	TEST_CASE(as_many_are_woken_as_asked_for),
	TEST_CASE(bitset_chooses),
	TEST_CASE(requeued_waiters_wait_elsewhere),
	TEST_CASE(processes_share_a_word),
	TEST_CASE(waiting_task_can_be_killed),
	TEST_CASE(no_wake_up_is_lost),
};
TEST_SUITE(futex, futex_cases);
SELFTEST_NO_HELPER
