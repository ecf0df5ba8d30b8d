/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Futexes: who sleeps, who is woken, when it is over; between threads and between processes; what
 * FUTEX_WAKE_OP does to the second word; what a task leaves behind that ends with robust futexes.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stddef.h>

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

/* How many sleep at @addr: they move from it to itself. */
static long nr_sleepers(volatile int *addr, int flag)
{
	return kcall(SYS_futex, addr, FUTEX_REQUEUE | flag, 0, INT_MAX, addr, 0);
}

static void start_sleepers(struct test *t, pthread_t *threads, int nr, long bitset)
{
	for (int i = 0; i < nr; i++)
		REQUIRE(t, pthread_create(&threads[i], NULL, sleep_on_word, (void *)bitset) == 0);
	EXPECT_SOON(t, nr_sleepers(&word, FUTEX_PRIVATE_FLAG) == nr);
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

static void requeue_counts_and_takes_its_limits(struct test *t)
{
	pthread_t threads[6];

	word = nr_woken = 0;
	start_sleepers(t, threads, 6, -1);
	EXPECT_RET(t, kcall(SYS_futex, &word, FUTEX_REQUEUE_PRIVATE, -1, 1, &other, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_futex, &word, FUTEX_REQUEUE_PRIVATE, 1, -1, &other, 0), -EINVAL);
	EXPECT_RET(t, kcall(SYS_futex, &word, FUTEX_REQUEUE_PRIVATE, 0, 2, &other, 0), 2);
	EXPECT_RET(t, kcall(SYS_futex, &word, FUTEX_REQUEUE_PRIVATE, 1, 1, &other, 0), 2);
	EXPECT_RET(t, kcall(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 0, 0, &other, 0), 0);
	EXPECT_RET(t, futex(&other, FUTEX_WAKE_PRIVATE, 99, NULL), 3);
	EXPECT_RET(t, kcall(SYS_futex, &word, FUTEX_REQUEUE_PRIVATE, 0, 99, &word, 0), 2);
	EXPECT_RET(t, futex(&word, FUTEX_WAKE_PRIVATE, 99, NULL), 2);
	for (int i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	EXPECT_RET(t, kcall(SYS_futex, &word, FUTEX_CMP_REQUEUE, 1, 1, 8, 0), -EFAULT);
	EXPECT_RET(t,
		   kcall(SYS_futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, (char *)&other + 2, 0),
		   -EINVAL);
}

/* --- FUTEX_WAKE_OP */

static const struct op_row {
	int op, oparg, cmp, cmparg;
	int before, after; /* the second word */
	bool wakes; /* its waiters, too */
} op_rows[] = {
	{ FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 3, 3, 7, true },
	{ FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 4, 3, 7, false },
	{ FUTEX_OP_ADD, -1, FUTEX_OP_CMP_GT, 1, 2, 1, true },
	{ FUTEX_OP_ADD, 2047, FUTEX_OP_CMP_GT, 2, 2, 2049, false },
	{ FUTEX_OP_ADD, -2048, FUTEX_OP_CMP_LT, 0, -1, -2049, true },
	{ FUTEX_OP_OR, 6, FUTEX_OP_CMP_NE, 1, 1, 7, false },
	{ FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 31, FUTEX_OP_CMP_NE, 1, 0, -0x7fffffff - 1, true },
	{ FUTEX_OP_ANDN, 5, FUTEX_OP_CMP_GE, 7, 7, 2, true },
	{ FUTEX_OP_ANDN | FUTEX_OP_OPARG_SHIFT, 2, FUTEX_OP_CMP_LE, -3, 6, 2, false },
	{ FUTEX_OP_XOR, -1, FUTEX_OP_CMP_LE, -3, -3, 2, true },
};

static void wake_op_changes_compares_and_wakes(struct test *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(op_rows); i++) {
		const struct op_row *row = &op_rows[i];
		pthread_t threads[3];
		long want = row->wakes ? 3 : 2;

		word = nr_woken = 0;
		start_sleepers(t, threads, 3, -1);
		EXPECT_RET(t, kcall(SYS_futex, &word, FUTEX_REQUEUE_PRIVATE, 0, 1, &other, 0), 1);
		other = row->before;
		EXPECT_RET(t,
			   kcall(SYS_futex, &word, FUTEX_WAKE_OP_PRIVATE, 9, 9, &other,
				 FUTEX_OP(row->op, row->oparg, row->cmp, row->cmparg)),
			   want);
		EXPECT_EQ(t, other, row->after);
		EXPECT_RET(t, futex(&other, FUTEX_WAKE_PRIVATE, 9, NULL), 3 - want);
		for (int k = 0; k < 3; k++)
			pthread_join(threads[k], NULL);
	}
}

static void wake_op_refuses(struct test *t)
{
	int *read_only = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int *fresh = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int add = FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0);

	EXPECT_RET(t, kcall(SYS_futex, &word, FUTEX_WAKE_OP_PRIVATE, 1, 1, 8, add), -EFAULT);
	EXPECT_RET(t, kcall(SYS_futex, &word, FUTEX_WAKE_OP_PRIVATE, 1, 1, read_only, add),
		   -EFAULT);
	EXPECT_RET(t, kcall(SYS_futex, &word, FUTEX_WAKE_OP_PRIVATE, 1, 1, (char *)&other + 1, add),
		   -EINVAL);
	EXPECT_RET(t,
		   kcall(SYS_futex, &word, FUTEX_WAKE_OP_PRIVATE, 1, 1, &other,
			 FUTEX_OP(5, 1, FUTEX_OP_CMP_EQ, 0)),
		   -ENOSYS);
	EXPECT_RET(t,
		   kcall(SYS_futex, &word, FUTEX_WAKE_OP_PRIVATE, 1, 1, &other,
			 FUTEX_OP(FUTEX_OP_ADD, 1, 6, 0)),
		   -ENOSYS);
	EXPECT_RET(t, kcall(SYS_futex, &word, FUTEX_WAKE_OP_PRIVATE, 1, 1, fresh, add), 0);
	EXPECT_EQ(t, *fresh, 1);
}

/* --- shared words */

/* One page of a file that two places of the address space show; not at the same offset. */
static void key_is_what_is_mapped(struct test *t)
{
	volatile int *a =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	REQUIRE(t, a != MAP_FAILED);
	child = fork();
	if (!child) {
		while (!a[1])
			futex(&a[PAGE / sizeof(int)], FUTEX_WAIT, 0, NULL);
		_exit(0);
	}
	sleep_ms(50);
	a[1] = 1;
	EXPECT_RET(t, futex(&a[0], FUTEX_WAKE, 9, NULL), 0); /* another page */
	EXPECT_LE(t, futex(&a[PAGE / sizeof(int)], FUTEX_WAKE, 9, NULL), 1);
	EXPECT_EXIT(t, wait_for(t, child), 0);
}

/* Who waits at memory that is gone does not take the wake-up of who waits at new memory there. */
static volatile int *old_place;
static volatile bool old_may_end, old_has_ended;

static void *wait_at_old_place(void *arg __maybe_unused)
{
	do {
		futex(old_place, FUTEX_WAIT, 0, NULL);
	} while (!old_may_end);
	old_has_ended = true;
	return NULL;
}

static void interrupt(int sig __maybe_unused)
{
}

static void *wait_at_new_place(void *arg __maybe_unused)
{
	struct timespec long_time = { 30, 0 };
	long result;

	while ((result = futex(old_place, FUTEX_WAIT, 0, &long_time)) == -EINTR)
		;
	return (void *)result;
}

static void new_memory_has_a_new_key(struct test *t)
{
	struct sigaction action = { .sa_handler = interrupt };
	pthread_t old, new;
	void *result;

	sigaction(SIGUSR1, &action, NULL);
	old_place = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(t, pthread_create(&old, NULL, wait_at_old_place, NULL) == 0);
	EXPECT_SOON(t, nr_sleepers(old_place, 0) == 1);
	REQUIRE(t, mmap((void *)old_place, PAGE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == old_place);
	EXPECT_RET(t, nr_sleepers(old_place, 0), 0);
	REQUIRE(t, pthread_create(&new, NULL, wait_at_new_place, NULL) == 0);
	EXPECT_SOON(t, nr_sleepers(old_place, 0) == 1);
	EXPECT_RET(t, futex(old_place, FUTEX_WAKE, 1, NULL), 1);
	pthread_join(new, &result);
	EXPECT_EQ(t, (long)result, 0);
	for (old_may_end = true; !old_has_ended; sleep_ms(1))
		pthread_kill(old, SIGUSR1);
	pthread_join(old, NULL);
}

/* --- robust futexes */

struct robust_lock {
	struct robust_list list;
	volatile unsigned int word;
};

struct robust_locks { /* shared by all */
	struct robust_list_head head;
	struct robust_lock lock[5];
	volatile int stage;
};

static struct robust_locks *new_robust_locks(struct test *t)
{
	struct robust_locks *locks =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE(t, locks != MAP_FAILED);
	locks->head.futex_offset = offsetof(struct robust_lock, word);
	locks->head.list.next = &locks->head.list;
	return locks;
}

static void take_robust(struct robust_locks *locks, int i, unsigned int flags)
{
	locks->lock[i].word = (unsigned int)kcall(SYS_gettid) | flags;
	locks->lock[i].list.next = locks->head.list.next;
	locks->head.list.next = &locks->lock[i].list;
}

static void own_and_end(void *arg)
{
	struct robust_locks *locks = arg;

	kcall(SYS_set_robust_list, &locks->head, sizeof(locks->head));
	for (int i = 0; i < 3; i++)
		take_robust(locks, i, i == 1 ? FUTEX_WAITERS : 0);
	locks->lock[2].word = 1; /* somebody else's */
	locks->head.list_op_pending = &locks->lock[3].list;
	locks->lock[3].word = (unsigned int)kcall(SYS_gettid);
	if (locks->stage == 1)
		raise(SIGKILL);
	if (locks->stage == 2) {
		char *argv[] = { (char *)self_path(), "-l", NULL };

		close(1);
		execve(self_path(), argv, environ);
	}
}

static void locks_of_the_dead_are_marked(struct test *t)
{
	for (int how = 0; how < 3; how++) {
		struct robust_locks *locks = new_robust_locks(t);

		locks->stage = how;
		run_in_child(t, own_and_end, locks);
		EXPECT_EQ(t, locks->lock[0].word, FUTEX_OWNER_DIED);
		EXPECT_EQ(t, locks->lock[1].word, FUTEX_OWNER_DIED | FUTEX_WAITERS);
		EXPECT_EQ(t, locks->lock[2].word, 1);
		EXPECT_EQ(t, locks->lock[3].word, FUTEX_OWNER_DIED);
		EXPECT_EQ(t, locks->lock[4].word, 0);
	}
}

static void own_until_told(void *arg)
{
	struct robust_locks *locks = arg;

	kcall(SYS_set_robust_list, &locks->head, sizeof(locks->head));
	take_robust(locks, 0, FUTEX_WAITERS);
	locks->stage = 1;
	while (locks->stage != 2)
		sleep_ms(1);
}

static void death_wakes_who_waits_for_the_lock(struct test *t)
{
	struct robust_locks *locks = new_robust_locks(t);
	pid_t owner = start_child(t, own_until_told, locks), waiter;

	while (locks->stage != 1)
		sleep_ms(1);
	waiter = fork();
	if (!waiter) {
		unsigned int value;

		while (!((value = locks->lock[0].word) & FUTEX_OWNER_DIED))
			futex((volatile int *)&locks->lock[0].word, FUTEX_WAIT, (int)value, NULL);
		_exit(0);
	}
	sleep_ms(50);
	locks->stage = 2;
	EXPECT_EXIT(t, wait_for(t, owner), 0);
	EXPECT_EXIT(t, wait_for(t, waiter), 0);
}

static const struct bad_pointer *bad;

static void end_with_bad_list(void *arg)
{
	struct robust_locks *locks = arg;

	switch (locks->stage) {
	case 0: /* a circle that does not lead to the head */
		take_robust(locks, 0, 0);
		locks->lock[0].list.next = &locks->lock[0].list;
		break;
	case 1: /* a word across nothing */
		take_robust(locks, 0, 0);
		locks->head.futex_offset = 0x7ffffffffffffff8;
		break;
	case 2:
		take_robust(locks, 0, 0);
		locks->head.futex_offset++;
		break;
	default:
		locks->head.list.next = bad[locks->stage - 3].addr;
		locks->head.list_op_pending = bad[locks->stage - 3].addr;
	}
	kcall(SYS_set_robust_list, &locks->head, sizeof(locks->head));
}

static void lists_may_be_anything(struct test *t)
{
	bad = bad_pointers(t, sizeof(struct robust_list));
	for (int how = 0; how < 3 + NR_BAD_POINTERS; how++) {
		struct robust_locks *locks = new_robust_locks(t);

		locks->stage = how;
		EXPECT_EXIT(t, run_in_child(t, end_with_bad_list, locks), 0);
	}
}

static void list_is_told_and_asked_for(struct test *t)
{
	struct robust_locks *locks = new_robust_locks(t);
	struct robust_list_head *head = NULL;
	size_t size = 0;

	EXPECT_RET(t, kcall(SYS_set_robust_list, &locks->head, sizeof(locks->head) - 1), -EINVAL);
	EXPECT_RET(t, kcall(SYS_set_robust_list, &locks->head, sizeof(locks->head)), 0);
	EXPECT_RET(t, kcall(SYS_get_robust_list, 0, &head, &size), 0);
	EXPECT_TRUE(t, head == &locks->head);
	EXPECT_EQ(t, size, sizeof(*head));
	EXPECT_RET(t, kcall(SYS_get_robust_list, getpid(), &head, &size), 0);
	EXPECT_RET(t, kcall(SYS_get_robust_list, 0x7fffffff, &head, &size), -ESRCH);
	EXPECT_RET(t, kcall(SYS_get_robust_list, 0, 8, &size), -EFAULT);
	EXPECT_RET(t, kcall(SYS_get_robust_list, 0, &head, 8), -EFAULT);
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
	TEST_CASE(requeue_counts_and_takes_its_limits),
	TEST_CASE(wake_op_changes_compares_and_wakes),
	TEST_CASE(wake_op_refuses),
	TEST_CASE(key_is_what_is_mapped),
	TEST_CASE(new_memory_has_a_new_key),
	TEST_CASE(locks_of_the_dead_are_marked),
	TEST_CASE(death_wakes_who_waits_for_the_lock),
	TEST_CASE(lists_may_be_anything),
	TEST_CASE(list_is_told_and_asked_for),
};
TEST_SUITE(futex, futex_cases);
SELFTEST_NO_HELPER
