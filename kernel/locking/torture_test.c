/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks under load: threads on all CPUs, two for each, for some time, with what a lock promises
 * checked inside and that each thread got on at the end.  `lock_torture_ms=` is the time for each
 * kind, in milliseconds; it is short in normal runs.
 */
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/cpumask.h>
#include <oshit/hrtimer.h>
#include <oshit/kthread.h>
#include <oshit/math.h>
#include <oshit/mutex.h>
#include <oshit/percpu_counter.h>
#include <oshit/refcount.h>
#include <oshit/rwsem.h>
#include <oshit/seqlock.h>
#include <oshit/smp.h>
#include <oshit/string.h>
#include <oshit/test_random.h>

#define MAX_THREADS 16
#define TIMER_NS    (200 * NSEC_PER_USEC)
#define MAX_TRIES   1000

static unsigned long torture_ms = 150;

BOOT_PARAM_NUMBER("lock_torture_ms", torture_ms);

struct torture_thread { /* its own, but for the test after its end */
	struct test_random random;
	unsigned long rounds;
	long sum;
};
static struct torture_thread threads[MAX_THREADS];

/* What a lock protects.  Only its holder looks, and changes it in steps that show. */
static struct {
	unsigned long count;
	unsigned long twice; /* 2 * count when nobody is inside */
	unsigned int inside;
} section;
static atomic_t nr_broken, nr_readers;

static void expect_here(bool condition)
{
	if (!condition)
		atomic_inc(&nr_broken);
}

static void section_write(void)
{
	expect_here(section.inside++ == 0 && section.twice == 2 * section.count);
	WRITE_ONCE(section.count, section.count + 1);
	barrier();
	WRITE_ONCE(section.twice, section.twice + 2);
	section.inside--;
}

static unsigned int nr_threads(void)
{
	return min(2 * (unsigned int)cpumask_weight(&cpu_online_mask), (unsigned int)MAX_THREADS);
}

/* However slow the machine is: one that starves never comes out of here. */
static void wait_for_rounds(unsigned int nr)
{
	msleep(torture_ms);
	for (unsigned int i = 0; i < nr; i++) {
		while (!READ_ONCE(threads[i].rounds))
			msleep(1);
	}
}

/* Runs @fn on all threads for a while, until each has made rounds. */
static void run_threads(struct test *t, int (*fn)(void *thread))
{
	struct task_struct *tasks[MAX_THREADS];
	unsigned long least = ~0UL, total = 0;
	unsigned int nr;

	memset(&section, 0, sizeof(section));
	atomic_set(&nr_broken, 0);
	atomic_set(&nr_readers, 0);
	for (nr = 0; nr < nr_threads(); nr++) {
		threads[nr] = (struct torture_thread){ .random = { .state = nr + 1 } };
		tasks[nr] = kthread_run(fn, &threads[nr], "torture/%u", nr);
		if (IS_ERR(tasks[nr]))
			break;
	}
	EXPECT_EQ(t, nr, nr_threads());
	wait_for_rounds(nr);
	for (unsigned int i = 0; i < nr; i++) {
		kthread_stop(tasks[i]);
		least = min(least, threads[i].rounds);
		total += threads[i].rounds;
	}
	EXPECT_EQ(t, atomic_read(&nr_broken), 0);
	test_note(t, "%u threads, %lu rounds, %lu at least", nr, total, least);
}

/* At the end of each round. */
static bool goes_on(struct torture_thread *thread)
{
	WRITE_ONCE(thread->rounds, thread->rounds + 1);
	cond_resched();
	return !kthread_should_stop();
}

/* Inside a lock that allows it: sleeps at times, so that others queue up. */
static void stay_at_times(struct torture_thread *thread)
{
	switch (test_random_below(&thread->random, 32)) {
	case 0:
		usleep(50);
		break;
	case 1:
	case 2:
		yield();
		break;
	}
}

/* --- spinlocks, also taken by a timer on each CPU --- */

static DEFINE_RAW_SPINLOCK(raw_lock);
static DEFINE_SPINLOCK(lock);
static DEFINE_PER_CPU(struct hrtimer, timers);
static DEFINE_PER_CPU(unsigned long, nr_fired);
static bool timers_run;

static void timer_fires(struct hrtimer *timer)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&raw_lock, flags);
	section_write();
	raw_spin_unlock_irqrestore(&raw_lock, flags);
	this_cpu_inc(nr_fired);
	if (READ_ONCE(timers_run))
		hrtimer_start(timer, clock_ns() + TIMER_NS);
}

static void timer_start_here(void *arg __maybe_unused)
{
	struct hrtimer *timer = this_cpu_ptr(&timers);

	hrtimer_init(timer, timer_fires);
	hrtimer_start(timer, clock_ns() + TIMER_NS);
}

/* Nobody who only tries gets a lock for which others always queue; so not for ever. */
static void lock_by_trying(raw_spinlock_t *wanted) __acquires(wanted)
{
	for (unsigned int i = 0; i < MAX_TRIES; i++) {
		if (raw_spin_trylock(wanted))
			return;
		cpu_relax();
	}
	raw_spin_lock(wanted);
}

static int raw_spin_thread(void *data)
{
	struct torture_thread *thread = data;
	unsigned long flags;

	do {
		if (test_random_below(&thread->random, 4)) {
			raw_spin_lock_irqsave(&raw_lock, flags);
		} else {
			local_irq_save(flags);
			lock_by_trying(&raw_lock);
		}
		section_write();
		raw_spin_unlock_irqrestore(&raw_lock, flags);
	} while (goes_on(thread));
	return 0;
}

static void raw_spinlock_keeps_threads_and_interrupts_out(struct test *t)
{
	unsigned int cpu;

	WRITE_ONCE(timers_run, true);
	on_each_cpu(timer_start_here, NULL);
	run_threads(t, raw_spin_thread);
	WRITE_ONCE(timers_run, false);
	for_each_online_cpu(cpu) {
		while (hrtimer_is_queued(&per_cpu(timers, cpu)))
			usleep(100);
		hrtimer_cancel(&per_cpu(timers, cpu));
		EXPECT_NE(t, per_cpu(nr_fired, cpu), 0);
	}
	EXPECT_EQ(t, section.twice, 2 * section.count);
}

static int spin_thread(void *data)
{
	struct torture_thread *thread = data;

	do {
		spin_lock(&lock);
		section_write();
		spin_unlock(&lock);
	} while (goes_on(thread));
	return 0;
}

static void spinlock_keeps_threads_out(struct test *t)
{
	run_threads(t, spin_thread);
}

/* --- mutex --- */

static DEFINE_MUTEX(mutex);

static int mutex_thread(void *data)
{
	struct torture_thread *thread = data;

	do {
		switch (test_random_below(&thread->random, 4)) {
		case 0:
			if (!mutex_trylock(&mutex))
				continue;
			break;
		case 1:
			expect_here(mutex_lock_interruptible(&mutex) == 0);
			break;
		default:
			mutex_lock(&mutex);
		}
		section.inside++;
		expect_here(section.inside == 1);
		stay_at_times(thread);
		section.inside--;
		section_write();
		mutex_unlock(&mutex);
	} while (goes_on(thread));
	return 0;
}

static void mutex_has_one_owner_and_starves_nobody(struct test *t)
{
	run_threads(t, mutex_thread);
	EXPECT_FALSE(t, mutex_is_locked(&mutex));
}

/* --- rwsem --- */

static DECLARE_RWSEM(sem);

static void read_section(struct torture_thread *thread)
{
	unsigned long count = READ_ONCE(section.count);

	atomic_inc(&nr_readers);
	expect_here(section.inside == 0 && section.twice == 2 * count);
	stay_at_times(thread);
	expect_here(section.inside == 0 && READ_ONCE(section.count) == count);
	atomic_dec(&nr_readers);
}

static void write_section(struct torture_thread *thread)
{
	expect_here(atomic_read(&nr_readers) == 0);
	section.inside++;
	expect_here(section.inside == 1);
	stay_at_times(thread);
	expect_here(atomic_read(&nr_readers) == 0);
	section.inside--;
	section_write();
}

static void rwsem_round(struct torture_thread *thread)
{
	switch (test_random_below(&thread->random, 8)) {
	case 0:
		down_write(&sem);
		write_section(thread);
		up_write(&sem);
		break;
	case 1:
		if (!down_write_trylock(&sem))
			break;
		write_section(thread);
		up_write(&sem);
		break;
	case 2:
		expect_here(down_write_interruptible(&sem) == 0);
		write_section(thread);
		downgrade_write(&sem);
		read_section(thread);
		up_read(&sem);
		break;
	case 3:
		if (!down_read_trylock(&sem))
			break;
		read_section(thread);
		up_read(&sem);
		break;
	default:
		down_read(&sem);
		read_section(thread);
		up_read(&sem);
	}
}

static int rwsem_thread(void *data)
{
	do
		rwsem_round(data);
	while (goes_on(data));
	return 0;
}

static void rwsem_keeps_writers_alone_and_starves_nobody(struct test *t)
{
	run_threads(t, rwsem_thread);
	EXPECT_FALSE(t, rwsem_is_locked(&sem));
}

/* --- sequence counts --- */

static DEFINE_SEQLOCK(seqlock);

static int seqlock_thread(void *data)
{
	struct torture_thread *thread = data;
	unsigned long count, twice;
	unsigned int seq;

	do {
		if (test_random_below(&thread->random, 4) == 0) {
			write_seqlock(&seqlock);
			section_write();
			write_sequnlock(&seqlock);
			continue;
		}
		do {
			seq = read_seqbegin(&seqlock);
			count = READ_ONCE(section.count);
			twice = READ_ONCE(section.twice);
		} while (read_seqretry(&seqlock, seq));
		expect_here(twice == 2 * count);
	} while (goes_on(thread));
	return 0;
}

static void sequence_readers_see_whole_writes(struct test *t)
{
	run_threads(t, seqlock_thread);
}

/* --- counters --- */

static DEFINE_PERCPU_COUNTER(counter);

static int counter_thread(void *data)
{
	struct torture_thread *thread = data;

	do {
		long amount = (long)test_random_below(&thread->random, 100) - 40;

		percpu_counter_add(&counter, amount);
		thread->sum += amount;
	} while (goes_on(thread));
	return 0;
}

static void counter_loses_nothing(struct test *t)
{
	long sum = 0;

	percpu_counter_set(&counter, 0);
	run_threads(t, counter_thread);
	for (unsigned int i = 0; i < nr_threads(); i++)
		sum += threads[i].sum;
	EXPECT_EQ(t, percpu_counter_sum(&counter), sum);
	EXPECT_EQ(t, percpu_counter_compare(&counter, sum), 0);
	EXPECT_EQ(t, percpu_counter_compare(&counter, sum - 1), 1);
	EXPECT_EQ(t, percpu_counter_compare(&counter, sum + 1), -1);
	EXPECT_LE(t, percpu_counter_read(&counter) - sum, PERCPU_COUNTER_BATCH * (long)nr_cpu_ids);
	EXPECT_GE(t, percpu_counter_read(&counter) - sum, -PERCPU_COUNTER_BATCH * (long)nr_cpu_ids);
	percpu_counter_set(&counter, 7);
	EXPECT_EQ(t, percpu_counter_sum(&counter), 7);
}

static refcount_t refcount = REFCOUNT_INIT(1);

/* Takes more than it gives back. */
static int refcount_thread(void *data)
{
	do {
		refcount_add(1 << 20, &refcount);
		expect_here(!refcount_dec_and_test(&refcount));
		expect_here(refcount_inc_not_zero(&refcount));
		expect_here(!refcount_sub_and_test(1 << 10, &refcount));
	} while (goes_on(data));
	return 0;
}

static void refcount_never_comes_down_once_saturated(struct test *t)
{
	refcount_set(&refcount, __INT_MAX__ - (1 << 22));
	atomic_set(&refcount_expected_misuse, 0);
	run_threads(t, refcount_thread);
	EXPECT_NE(t, atomic_xchg(&refcount_expected_misuse, -1), 0);
	EXPECT_LT(t, refcount_read(&refcount), 0);
}

/* --- order --- */

static struct {
	unsigned int nr; /* under mutex */
	unsigned int who[MAX_THREADS];
} arrived;

static int queue_for_sem(void *data)
{
	struct torture_thread *thread = data;

	down_write(&sem);
	arrived.who[arrived.nr++] = (unsigned int)(thread - threads);
	up_write(&sem);
	while (!kthread_should_stop())
		usleep(100);
	return 0;
}

static void rwsem_serves_in_order_of_arrival(struct test *t)
{
	struct task_struct *tasks[MAX_THREADS];
	unsigned int nr = 0;

	arrived.nr = 0;
	down_write(&sem);
	for (; nr < 8; nr++) {
		tasks[nr] = kthread_run(queue_for_sem, &threads[nr], "queue/%u", nr);
		if (IS_ERR(tasks[nr]))
			break;
		/* Asleep: it can only be in the queue. */
		while (READ_ONCE(tasks[nr]->state) == TASK_RUNNING ||
		       !(READ_ONCE(tasks[nr]->state) & TASK_UNINTERRUPTIBLE))
			usleep(100);
	}
	up_write(&sem);
	for (unsigned int i = 0; i < nr; i++)
		kthread_stop(tasks[i]);
	EXPECT_EQ(t, arrived.nr, 8);
	for (unsigned int i = 0; i < arrived.nr; i++)
		EXPECT_EQ(t, arrived.who[i], i);
}

static const struct test_case lock_torture_cases[] = {
	TEST_CASE(raw_spinlock_keeps_threads_and_interrupts_out),
	TEST_CASE(spinlock_keeps_threads_out),
	TEST_CASE(mutex_has_one_owner_and_starves_nobody),
	TEST_CASE(rwsem_keeps_writers_alone_and_starves_nobody),
	TEST_CASE(rwsem_serves_in_order_of_arrival),
	TEST_CASE(sequence_readers_see_whole_writes),
	TEST_CASE(counter_loses_nothing),
	TEST_CASE(refcount_never_comes_down_once_saturated),
};
TEST_SUITE(lock_torture, lock_torture_cases);
