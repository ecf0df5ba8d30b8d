/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Futexes under load: many threads and processes, random steps; what is lost shows as a thread that
 * sleeps on, which a limit of time for each wait turns into a failure.  Seeds are printed.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stddef.h>

#include "selftest.h"

#define NR_THREADS 8
#define TOO_LONG   ((struct timespec){ 60, 0 }) /* nobody waits so long unless a wake-up is lost */

static volatile unsigned int nr_lost; /* atomic */

static long futex(volatile unsigned int *addr, int op, unsigned int val, const void *timeout)
{
	return kcall(SYS_futex, addr, op, val, timeout, NULL, 0);
}

/* Until the word is not @val any more, or somebody says so. */
static void wait_on(volatile unsigned int *addr, unsigned int val, int flag)
{
	struct timespec limit = TOO_LONG;

	if (futex(addr, FUTEX_WAIT | flag, val, &limit) == -ETIMEDOUT)
		__atomic_fetch_add(&nr_lost, 1, __ATOMIC_SEQ_CST);
}

static void start_all(struct test *t, pthread_t *threads, void *(*fn)(void *))
{
	for (uintptr_t i = 0; i < NR_THREADS; i++)
		REQUIRE(t, pthread_create(&threads[i], NULL, fn, (void *)(i + 1)) == 0);
}

static void join_all(pthread_t *threads)
{
	for (int i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* --- a lock of three states: free, held, held with waiters (Drepper, "Futexes are tricky") */

struct lock {
	volatile unsigned int word;
};

static void lock_take(struct lock *lock, int flag)
{
	unsigned int seen = 0;

	if (__atomic_compare_exchange_n(&lock->word, &seen, 1, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(&lock->word, 2, __ATOMIC_ACQUIRE))
		wait_on(&lock->word, 2, flag);
}

static void lock_give(struct lock *lock, int flag)
{
	if (__atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE) == 2)
		futex(&lock->word, FUTEX_WAKE | flag, 1, NULL);
}

struct counters { /* in shared memory */
	struct lock locks[4];
	unsigned long counts[4]; /* each under its lock */
};

static struct counters *counters;

static void count_under_locks(unsigned int seed, int flag, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		unsigned int which = next_random(&seed) % 4;

		lock_take(&counters->locks[which], flag);
		counters->counts[which]++;
		if (next_random(&seed) % 16 == 0)
			kcall(SYS_sched_yield);
		lock_give(&counters->locks[which], flag);
	}
}

static void *count_in_thread(void *seed)
{
	count_under_locks((unsigned int)(uintptr_t)seed, FUTEX_PRIVATE_FLAG, 2000);
	return NULL;
}

static unsigned long sum_of_counts(void)
{
	return counters->counts[0] + counters->counts[1] + counters->counts[2] +
	       counters->counts[3];
}

static void new_counters(struct test *t)
{
	counters = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(t, counters != MAP_FAILED);
}

static void threads_exclude_each_other(struct test *t)
{
	pthread_t threads[NR_THREADS];

	new_counters(t);
	start_all(t, threads, count_in_thread);
	join_all(threads);
	EXPECT_EQ(t, sum_of_counts(), (unsigned long)NR_THREADS * 2000);
	EXPECT_EQ(t, nr_lost, 0);
}

static void processes_exclude_each_other(struct test *t)
{
	pid_t children[NR_THREADS];

	new_counters(t);
	for (unsigned int i = 0; i < NR_THREADS; i++) {
		children[i] = fork();
		if (!children[i]) {
			count_under_locks(i + 1, 0, 1000);
			_exit(nr_lost != 0);
		}
	}
	for (unsigned int i = 0; i < NR_THREADS; i++)
		EXPECT_EXIT(t, wait_for(t, children[i]), 0);
	EXPECT_EQ(t, sum_of_counts(), (unsigned long)NR_THREADS * 1000);
}

/* --- signals interrupt waits, which begin again */

static void do_nothing(int sig __maybe_unused)
{
}

static volatile bool stop;

static void *send_signals(void *arg)
{
	pthread_t *threads = arg;

	for (unsigned int seed = 77; !stop;) {
		pthread_kill(threads[next_random(&seed) % NR_THREADS], SIGUSR1);
		sleep_ms(1);
	}
	return NULL;
}

static void waits_survive_signals(struct test *t)
{
	struct sigaction action = { .sa_handler = do_nothing };
	pthread_t threads[NR_THREADS], sender;

	new_counters(t);
	sigaction(SIGUSR1, &action, NULL);
	start_all(t, threads, count_in_thread);
	REQUIRE(t, pthread_create(&sender, NULL, send_signals, threads) == 0);
	/* They may have ended, but are known until they are joined: send first, join then. */
	sleep_ms(rounds(50, 300));
	stop = true;
	pthread_join(sender, NULL);
	join_all(threads);
	EXPECT_EQ(t, sum_of_counts(), (unsigned long)NR_THREADS * 2000);
	EXPECT_EQ(t, nr_lost, 0);
}

/* --- requeueing: a round begins when all have come; they go on by way of another word */

static struct lock gate;
static volatile unsigned int generation, nr_here;

static void *meet(void *arg __maybe_unused)
{
	for (unsigned int i = 0; i < rounds(200, 300); i++) {
		unsigned int now = generation;

		if (__atomic_add_fetch(&nr_here, 1, __ATOMIC_SEQ_CST) < NR_THREADS) {
			while (generation == now)
				wait_on(&generation, now, FUTEX_PRIVATE_FLAG);
			/* Whoever was requeued has to pass the word on. */
			lock_take(&gate, FUTEX_PRIVATE_FLAG);
			gate.word = 2;
			lock_give(&gate, FUTEX_PRIVATE_FLAG);
			continue;
		}
		nr_here = 0;
		lock_take(&gate, FUTEX_PRIVATE_FLAG);
		gate.word = 2;
		__atomic_add_fetch(&generation, 1, __ATOMIC_SEQ_CST);
		kcall(SYS_futex, &generation, FUTEX_CMP_REQUEUE_PRIVATE, i % 2, INT_MAX, &gate.word,
		      generation);
		lock_give(&gate, FUTEX_PRIVATE_FLAG);
	}
	return NULL;
}

static void requeued_threads_all_go_on(struct test *t)
{
	pthread_t threads[NR_THREADS];

	start_all(t, threads, meet);
	join_all(threads);
	EXPECT_EQ(t, generation, rounds(200, 300));
	EXPECT_EQ(t, nr_lost, 0);
}

/* --- owners that die */

struct robust_lock {
	struct robust_list list;
	volatile unsigned int word;
};

struct robust_state { /* shared */
	volatile unsigned int word; /* the lock: thread id and flags */
	volatile unsigned int nr_taken, nr_died;
};

static struct robust_state *state;

/* Takes the lock, and dies with it, or gives it back. */
static void live_or_die(unsigned int seed)
{
	static struct robust_list_head head;
	unsigned int self = (unsigned int)kcall(SYS_gettid), seen;
	struct robust_list entry = { &head.list };

	head.list.next = &head.list;
	head.futex_offset = (long)((char *)&state->word - (char *)&entry);
	head.list_op_pending = &entry;
	kcall(SYS_set_robust_list, &head, sizeof(head));
	for (;;) {
		seen = state->word;
		if (!(seen & FUTEX_TID_MASK)) {
			/* With waiters marked: there may be some that nobody else would wake. */
			if (__sync_bool_compare_and_swap(&state->word, seen, self | FUTEX_WAITERS))
				break;
			continue;
		}
		if (!(seen & FUTEX_WAITERS) &&
		    !__sync_bool_compare_and_swap(&state->word, seen, seen | FUTEX_WAITERS))
			continue;
		wait_on(&state->word, seen | FUTEX_WAITERS, 0);
	}
	__atomic_fetch_add(&state->nr_died, !!(seen & FUTEX_OWNER_DIED), __ATOMIC_SEQ_CST);
	state->nr_taken++; /* under the lock */
	if (next_random(&seed) >> 16 & 1)
		kcall(SYS_kill, getpid(), SIGKILL);
	state->word = 0;
	futex(&state->word, FUTEX_WAKE, 1, NULL);
	head.list_op_pending = NULL;
	_exit(nr_lost ? 1 : 0);
}

static void locks_outlive_their_owners(struct test *t)
{
	unsigned int nr = 200, nr_started = 0, nr_killed = 0, nr_running = 0;

	state = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(t, state != MAP_FAILED);
	while (nr_started < nr || nr_running) {
		int status;

		if (nr_started < nr && nr_running < NR_THREADS) {
			pid_t child = fork();

			if (!child)
				live_or_die((nr_started + 1) * 2654435761U);
			REQUIRE(t, child > 0);
			nr_started++;
			nr_running++;
			continue;
		}
		REQUIRE(t, wait(&status) > 0);
		nr_running--;
		nr_killed += WIFSIGNALED(status);
		EXPECT_TRUE(t, WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	}
	EXPECT_EQ(t, state->nr_taken, nr);
	EXPECT_GT(t, nr_killed, nr / 4);
	/* Each death was seen by the next owner; that of the last by nobody yet. */
	EXPECT_EQ(t, state->nr_died + !!(state->word & FUTEX_OWNER_DIED), nr_killed);
}

static const struct test_case futex_torture_cases[] = {
	TEST_CASE(threads_exclude_each_other), TEST_CASE(processes_exclude_each_other),
	TEST_CASE(waits_survive_signals),      TEST_CASE(requeued_threads_all_go_on),
	TEST_CASE(locks_outlive_their_owners),
};
TEST_SUITE(futex_torture, futex_torture_cases);
SELFTEST_NO_HELPER
