/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * membarrier(): what is offered, who must register, and that it is a barrier on the other side: of
 * two threads that write one word and read the other's, one with nothing but the call between, at
 * least one sees the other's write (Dekker).
 */
#include <linux/membarrier.h>
#include <pthread.h>

#include "selftest.h"

static long membarrier(int cmd, unsigned int flags)
{
	return kcall(SYS_membarrier, cmd, flags, 0);
}

#define NEED_MEMBARRIER(t)                                                                         \
	SKIP_IF(t,                                                                                 \
		membarrier(MEMBARRIER_CMD_QUERY, 0) == -ENOSYS ||                                  \
			!(membarrier(MEMBARRIER_CMD_QUERY, 0) & MEMBARRIER_CMD_PRIVATE_EXPEDITED), \
		"the kernel has no membarrier")

static void commands_are_offered(struct test *t)
{
	long offered = membarrier(MEMBARRIER_CMD_QUERY, 0);

	NEED_MEMBARRIER(t);
	EXPECT_GT(t, offered, 0);
	EXPECT_RET(t, membarrier(MEMBARRIER_CMD_QUERY, 1), -EINVAL);
	EXPECT_RET(t, membarrier(1 << 30, 0), -EINVAL);
	EXPECT_RET(t, membarrier(-1, 0), -EINVAL);
	EXPECT_RET(t, membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 1), -EINVAL);
	EXPECT_RET(t,
		   membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED |
				      MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
			      0),
		   -EINVAL);
	if (offered & MEMBARRIER_CMD_GLOBAL)
		EXPECT_RET(t, membarrier(MEMBARRIER_CMD_GLOBAL, 0), 0);
	EXPECT_RET(t, membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0), 0);
	EXPECT_RET(t, membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0), 0);
}

static const struct pair {
	int cmd, registration;
} pairs[] = {
	{ MEMBARRIER_CMD_PRIVATE_EXPEDITED, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED },
	{ MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE,
	  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE },
	{ MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ },
};

static void private_ones_want_registration(struct test *t)
{
	long offered = membarrier(MEMBARRIER_CMD_QUERY, 0);
	pid_t child;

	NEED_MEMBARRIER(t);
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (!(offered & pairs[i].cmd))
			continue;
		EXPECT_RET(t, membarrier(pairs[i].cmd, 0), -EPERM);
		EXPECT_RET(t, membarrier(pairs[i].registration, 0), 0);
		EXPECT_RET(t, membarrier(pairs[i].cmd, 0), 0);
		child = fork();
		if (!child)
			_exit(membarrier(pairs[i].cmd, 0) ? 1 : 0);
		EXPECT_EXIT(t, wait_for(t, child), 0);
	}
}

static volatile int first, second, saw_second;
static volatile unsigned int turn, answered;

/* The side that is often there: no barrier but the compiler's. */
static void *fast_side(void *arg __maybe_unused)
{
	for (unsigned int i = 1; i <= rounds(2000, 2000); i++) {
		while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != i)
			if (!in_guest() || i % 16 == 0)
				sched_yield();
		first = 1;
		__asm__ volatile("" ::: "memory");
		saw_second = second;
		__atomic_store_n(&answered, i, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void call_is_a_barrier_on_the_other_side(struct test *t)
{
	unsigned int nr_missed = 0;
	pthread_t thread;

	NEED_MEMBARRIER(t);
	REQUIRE(t, membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0) == 0);
	REQUIRE(t, pthread_create(&thread, NULL, fast_side, NULL) == 0);
	for (unsigned int i = 1; i <= rounds(2000, 2000); i++) {
		int saw_first;

		first = second = 0;
		__atomic_store_n(&turn, i, __ATOMIC_RELEASE);
		second = 1;
		membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0);
		saw_first = first;
		while (__atomic_load_n(&answered, __ATOMIC_ACQUIRE) != i)
			sched_yield();
		nr_missed += !saw_first && !saw_second;
	}
	pthread_join(thread, NULL);
	EXPECT_EQ(t, nr_missed, 0);
}

static const struct test_case membarrier_cases[] = {
	TEST_CASE(commands_are_offered),
	TEST_CASE(private_ones_want_registration),
	TEST_CASE(call_is_a_barrier_on_the_other_side),
};
TEST_SUITE(membarrier, membarrier_cases);
SELFTEST_NO_HELPER
