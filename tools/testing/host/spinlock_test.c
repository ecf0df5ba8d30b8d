/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's queued spinlock on threads: a thread is a CPU, a signal is an interrupt on it.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <arch/processor.h>
#include <host.h>
#include <oshit/percpu.h>
#include <oshit/spinlock.h>
#include <oshit/test.h>

#define NR_ROUNDS 20000

static raw_spinlock_t lock;

/* --- mutual exclusion --- */

static struct { /* all but `broken` only under the lock */
	unsigned long counter;
	unsigned int inside;
	unsigned long broken; /* atomic */
} section;

/* Stays a while now and then, for the others to try. */
static void section_pass(void)
{
	if (section.inside++ != 0)
		__atomic_fetch_add(&section.broken, 1, __ATOMIC_RELAXED);
	if (section.counter % 16 == 0)
		cpu_relax();
	section.counter++;
	section.inside--;
}

static void lock_many_times(unsigned int cpu __maybe_unused)
{
	for (int i = 0; i < NR_ROUNDS; i++) {
		raw_spin_lock(&lock);
		section_pass();
		raw_spin_unlock(&lock);
	}
}

static void one_cpu_at_a_time(struct test *t)
{
	host_cpus_reset();
	raw_spin_lock_init(&lock);
	section.counter = 0;
	host_run_on_cpus(NR_CPUS, lock_many_times);
	EXPECT_EQ(t, section.broken, 0);
	EXPECT_EQ(t, section.counter, (unsigned long)NR_CPUS * NR_ROUNDS);
	EXPECT_FALSE(t, raw_spin_is_locked(&lock));
	EXPECT_EQ(t, lock.queue.word, 0);
}

static void try_many_times(unsigned int cpu)
{
	for (int i = 0; i < NR_ROUNDS; i++) {
		if (cpu & 1)
			raw_spin_lock(&lock);
		else
			while (!raw_spin_trylock(&lock))
				cpu_relax();
		section_pass();
		raw_spin_unlock(&lock);
	}
}

static void trylock_excludes_lock(struct test *t)
{
	host_cpus_reset();
	raw_spin_lock_init(&lock);
	section.counter = 0;
	host_run_on_cpus(NR_CPUS, try_many_times);
	EXPECT_EQ(t, section.broken, 0);
	EXPECT_EQ(t, section.counter, (unsigned long)NR_CPUS * NR_ROUNDS);
}

static void held_lock_cannot_be_tried(struct test *t)
{
	host_cpus_reset();
	raw_spin_lock_init(&lock);
	EXPECT_TRUE(t, raw_spin_trylock(&lock));
	EXPECT_TRUE(t, raw_spin_is_locked(&lock));
	EXPECT_FALSE(t, raw_spin_trylock(&lock));
	raw_spin_unlock(&lock);
	EXPECT_TRUE(t, raw_spin_trylock(&lock));
	raw_spin_unlock(&lock);
}

/* --- fairness --- */

static unsigned int order[NR_CPUS], nr_done; /* under the lock */

/* CPU 0 holds the lock until all are in the queue, CPU n joins it as the nth. */
static void come_in_order(unsigned int cpu)
{
	u16 before = 0;

	if (cpu == 0) {
		while (__atomic_load_n(&lock.queue.tail, __ATOMIC_RELAXED) >> 2 != NR_CPUS)
			cpu_relax();
		raw_spin_unlock(&lock);
		return;
	}
	if (cpu > 1)
		before = (u16)cpu << 2; /* CPU n - 1 is the last: its number plus one */
	while (__atomic_load_n(&lock.queue.tail, __ATOMIC_RELAXED) != before)
		cpu_relax();
	raw_spin_lock(&lock);
	order[nr_done++] = cpu;
	raw_spin_unlock(&lock);
}

static void first_come_first_served(struct test *t)
{
	host_cpus_reset();
	for (int round = 0; round < 50; round++) {
		raw_spin_lock_init(&lock);
		nr_done = 0;
		raw_spin_lock(&lock);
		host_run_on_cpus(NR_CPUS, come_in_order);
		ASSERT_EQ(t, nr_done, NR_CPUS - 1);
		for (unsigned int i = 0; i < nr_done; i++)
			EXPECT_EQ(t, order[i], i + 1);
		EXPECT_EQ(t, lock.queue.word, 0);
	}
}

/* --- interrupts --- */

#define NR_NESTED 6 /* more than there are nodes on a CPU */

static raw_spinlock_t nested[NR_NESTED];
static unsigned int level, nr_nested_got; /* of the one CPU that is interrupted; atomic */
static pthread_t interrupted;

/* Waits for the lock of its level, as an interrupt on top of those that wait already. */
static void wait_one_level_deeper(int signal_number __maybe_unused)
{
	unsigned int mine = __atomic_fetch_add(&level, 1, __ATOMIC_SEQ_CST);

	raw_spin_lock(&nested[mine]);
	__atomic_fetch_add(&nr_nested_got, 1, __ATOMIC_SEQ_CST);
	raw_spin_unlock(&nested[mine]);
}

/* At the bottom another CPU waits behind the interrupted one, and must not be forgotten. */
static bool somebody_waits_for(unsigned int i)
{
	if (i == 0)
		return __atomic_load_n(&nested[0].queue.tail, __ATOMIC_RELAXED) >> 2 == 3;
	/* Beyond the nodes nobody queues; a while is all that can be given. */
	if (i >= 4)
		usleep(10000);
	return i >= 4 || raw_spin_is_contended(&nested[i]);
}

static void interrupt_and_release(unsigned int cpu)
{
	if (cpu == 0) {
		interrupted = pthread_self();
		__atomic_store_n(&level, 0, __ATOMIC_SEQ_CST);
		wait_one_level_deeper(0);
		return;
	}
	if (cpu == 2) {
		while (!raw_spin_is_contended(&nested[0]))
			cpu_relax();
		raw_spin_lock(&nested[0]);
		raw_spin_unlock(&nested[0]);
		return;
	}
	for (unsigned int i = 0; i < NR_NESTED; i++) {
		while (__atomic_load_n(&level, __ATOMIC_SEQ_CST) != i + 1 || !somebody_waits_for(i))
			cpu_relax();
		if (i + 1 < NR_NESTED)
			pthread_kill(interrupted, SIGUSR1);
	}
	for (unsigned int i = 0; i < NR_NESTED; i++)
		raw_spin_unlock(&nested[i]);
}

static void interrupts_wait_on_nodes_of_their_own(struct test *t)
{
	struct sigaction action = { .sa_handler = wait_one_level_deeper, .sa_flags = SA_NODEFER };

	host_cpus_reset();
	sigaction(SIGUSR1, &action, NULL);
	level = NR_NESTED; /* until CPU 0 is ready */
	nr_nested_got = 0;
	for (int i = 0; i < NR_NESTED; i++) {
		raw_spin_lock_init(&nested[i]);
		raw_spin_lock(&nested[i]);
	}
	host_run_on_cpus(3, interrupt_and_release);
	EXPECT_EQ(t, nr_nested_got, NR_NESTED);
	for (int i = 0; i < NR_NESTED; i++)
		EXPECT_EQ(t, nested[i].queue.word, 0);
}

/* --- the interrupt flag --- */

static void irqsave_pairs_nest(struct test *t)
{
	unsigned long outer, inner;

	host_cpus_reset();
	raw_spin_lock_init(&lock);
	raw_spin_lock_init(&nested[0]);
	local_irq_enable();
	raw_spin_lock_irqsave(&lock, outer);
	EXPECT_TRUE(t, irqs_disabled());
	raw_spin_lock_irqsave(&nested[0], inner);
	raw_spin_unlock_irqrestore(&nested[0], inner);
	EXPECT_TRUE(t, irqs_disabled());
	raw_spin_unlock_irqrestore(&lock, outer);
	EXPECT_FALSE(t, irqs_disabled());
	raw_spin_lock_irq(&lock);
	EXPECT_TRUE(t, irqs_disabled());
	raw_spin_unlock_irq(&lock);
	EXPECT_FALSE(t, irqs_disabled());
}

static const struct test_case spinlock_cases[] = {
	TEST_CASE(one_cpu_at_a_time),
	TEST_CASE(trylock_excludes_lock),
	TEST_CASE(held_lock_cannot_be_tried),
	TEST_CASE(first_come_first_served),
	TEST_CASE(interrupts_wait_on_nodes_of_their_own),
	TEST_CASE(irqsave_pairs_nest),
};
TEST_SUITE(spinlock_threads, spinlock_cases);
