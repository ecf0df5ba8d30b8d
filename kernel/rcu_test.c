/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Readers against updaters.  What an updater has taken out is filled with poison by its callback;
 * a reader that finds poison has seen the callback run too early.  Readers are threads on all CPUs,
 * handlers of calls and of timers; CPUs go off and come back meanwhile.  `rcu_test_ms=` is how long
 * that goes on.
 */
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/cpuhp.h>
#include <oshit/cpumask.h>
#include <oshit/hrtimer.h>
#include <oshit/kthread.h>
#include <oshit/math.h>
#include <oshit/rcu.h>
#include <oshit/slab.h>
#include <oshit/smp.h>
#include <oshit/spinlock.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define MAX_THREADS 24
#define NR_SLOTS    4
#define POISON	    0x6b6b6b6b6b6b6b6bUL
#define NR_WORDS    8

static unsigned long test_ms = 300;

BOOT_PARAM_NUMBER("rcu_test_ms", test_ms);

struct item {
	unsigned long words[NR_WORDS]; /* all the same */
	struct rcu_head rcu;
};

static struct item *slots[NR_SLOTS];
static DEFINE_SPINLOCK(slots_lock); /* updaters */
static atomic_t nr_broken, nr_items, nr_reads;

static struct item *new_item(unsigned long value)
{
	struct item *item = kmalloc(sizeof(*item), GFP_KERNEL);

	if (!item)
		return NULL;
	for (unsigned int i = 0; i < NR_WORDS; i++)
		item->words[i] = value;
	atomic_inc(&nr_items);
	return item;
}

static void free_item(struct rcu_head *head)
{
	struct item *item = container_of(head, struct item, rcu);

	for (unsigned int i = 0; i < NR_WORDS; i++)
		WRITE_ONCE(item->words[i], POISON);
	atomic_dec(&nr_items);
	kfree(item);
}

static struct item *replace(unsigned int slot, struct item *item)
{
	struct item *old;

	spin_lock(&slots_lock);
	old = rcu_dereference_protected(slots[slot], &slots_lock);
	rcu_assign_pointer(slots[slot], item);
	spin_unlock(&slots_lock);
	return old;
}

static void empty_slots(void)
{
	for (unsigned int slot = 0; slot < NR_SLOTS; slot++) {
		struct item *old = replace(slot, NULL);

		if (old)
			call_rcu(&old->rcu, free_item);
	}
	rcu_barrier();
}

/* Looks at a slot twice, with some time in between. */
static void read_slot(unsigned int slot, unsigned int delay)
{
	const struct item *item;
	unsigned long value;

	rcu_read_lock();
	rcu_read_lock(); /* sections nest */
	item = rcu_dereference(slots[slot]);
	rcu_read_unlock();
	if (item) {
		value = READ_ONCE(item->words[0]);
		for (unsigned int i = 0; i < delay; i++)
			cpu_relax();
		for (unsigned int i = 0; i < NR_WORDS; i++)
			if (READ_ONCE(item->words[i]) != value || value == POISON)
				atomic_inc(&nr_broken);
	}
	rcu_read_unlock();
	atomic_inc(&nr_reads);
}

/* --- threads --- */

struct load {
	struct test_random random;
	struct task_struct *task;
};

static struct load loads[MAX_THREADS];

static int read_on(void *data)
{
	struct load *load = data;

	while (!kthread_should_stop()) {
		read_slot(test_random_below(&load->random, NR_SLOTS),
			  test_random_below(&load->random, 2000));
		if (test_random_below(&load->random, 16) == 0)
			usleep(20);
		cond_resched();
	}
	return 0;
}

static int update_on(void *data)
{
	struct load *load = data;

	while (!kthread_should_stop()) {
		struct item *item = new_item(1 + test_random_below(&load->random, 1000));
		struct item *old = replace(test_random_below(&load->random, NR_SLOTS), item);

		if (old && test_random_below(&load->random, 16)) {
			call_rcu(&old->rcu, free_item);
		} else if (old) {
			synchronize_rcu();
			free_item(&old->rcu);
		}
		usleep(test_random_below(&load->random, 200));
	}
	return 0;
}

/* A reader in the handler of a call. */
static void read_in_handler(void *arg)
{
	read_slot((unsigned int)(unsigned long)arg, 500);
}

static int call_on(void *data)
{
	struct load *load = data;

	while (!kthread_should_stop()) {
		unsigned long slot = test_random_below(&load->random, NR_SLOTS);

		smp_call_function_single(test_random_below(&load->random, nr_cpu_ids),
					 read_in_handler, (void *)slot, SMP_WAIT);
		usleep(50);
	}
	return 0;
}

/* Callbacks that queue another one, and barriers in between. */
static int barrier_on(void *data __maybe_unused)
{
	while (!kthread_should_stop()) {
		struct item *item = new_item(5);

		if (item)
			call_rcu(&item->rcu, free_item);
		rcu_barrier();
		usleep(500);
	}
	return 0;
}

static int (*const roles[])(void *data) = { update_on, read_on,	  read_on,    call_on,
					    read_on,   update_on, barrier_on, read_on };

static unsigned int start_loads(struct test *t)
{
	unsigned int nr, wanted = min(8 + 2 * num_online_cpus(), (unsigned int)MAX_THREADS);

	atomic_set(&nr_broken, 0);
	atomic_set(&nr_reads, 0);
	for (nr = 0; nr < wanted; nr++) {
		struct load *load = &loads[nr];

		load->random.state = nr + 1;
		load->task = kthread_run(roles[nr % ARRAY_SIZE(roles)], load, "rcu_test/%u", nr);
		if (IS_ERR(load->task))
			break;
	}
	EXPECT_EQ(t, nr, wanted);
	return nr;
}

static void stop_loads(struct test *t, unsigned int nr)
{
	while (!atomic_read(&nr_reads)) /* none has had a CPU yet */
		msleep(1);
	while (nr)
		kthread_stop(loads[--nr].task);
	empty_slots();
	EXPECT_EQ(t, atomic_read(&nr_items), 0);
	EXPECT_EQ(t, atomic_read(&nr_broken), 0);
	EXPECT_GT(t, atomic_read(&nr_reads), 0);
}

static void readers_never_see_what_was_freed(struct test *t)
{
	struct rcu_state before, after;
	unsigned int nr;

	rcu_get_state(&before);
	nr = start_loads(t);
	msleep(test_ms);
	stop_loads(t, nr);
	rcu_get_state(&after);
	test_note(t, "%d reads, %lu grace periods, %lu callbacks", atomic_read(&nr_reads),
		  after.nr_ended - before.nr_ended, after.nr_called - before.nr_called);
}

static void nor_when_cpus_go_off_and_come_back(struct test *t)
{
	u64 end_ns = clock_ns() + test_ms * NSEC_PER_MSEC;
	unsigned int nr, cpu = 0, rounds = 0;

	if (!IS_ENABLED(CONFIG_HOTPLUG_CPU) || num_online_cpus() < 2) {
		test_skip(t, "no CPU can go off");
		return;
	}
	nr = start_loads(t);
	while (rounds < 3 || clock_ns() < end_ns) {
		cpu = cpumask_next(cpu, &cpu_possible_mask);
		if (cpu >= nr_cpu_ids) {
			cpu = 0;
			continue;
		}
		EXPECT_OK(t, cpu_down(cpu));
		usleep(500);
		EXPECT_OK(t, cpu_up(cpu));
		rounds++;
	}
	stop_loads(t, nr);
	test_note(t, "%u times", rounds);
}

/* --- one thing at a time --- */

static bool was_called;

static void note_call(struct rcu_head *head __maybe_unused)
{
	WRITE_ONCE(was_called, true);
}

/* Stages of a reader. */
#define READER_STARTS  0u
#define READER_READS   1u
#define READER_IS_DONE 2u

static int hold_reader(void *data)
{
	unsigned int *stage = data;

	rcu_read_lock();
	smp_store_release(stage, READER_READS);
	delay_us(2000);
	WRITE_ONCE(*stage, READER_IS_DONE);
	rcu_read_unlock();
	while (!kthread_should_stop())
		usleep(100);
	return 0;
}

/* On another CPU, so that only the grace period can wait for it. */
static void synchronize_waits_for_a_reader(struct test *t)
{
	static unsigned int stage;
	struct task_struct *task;
	unsigned int cpu;

	if (num_online_cpus() < 2) {
		test_skip(t, "one CPU");
		return;
	}
	cpu = cpumask_next(smp_processor_id(), &cpu_active_mask);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(&cpu_active_mask);
	stage = READER_STARTS;
	task = kthread_create(hold_reader, &stage, "rcu_test");
	ASSERT_FALSE(t, IS_ERR(task));
	kthread_bind(task, cpu);
	wake_up_process(task);
	while (smp_load_acquire(&stage) == READER_STARTS)
		cond_resched();
	synchronize_rcu();
	EXPECT_EQ(t, READ_ONCE(stage), READER_IS_DONE);
	kthread_stop(task);
}

static void barrier_waits_for_callbacks(struct test *t)
{
	static struct rcu_head head;

	for (unsigned int i = 0; i < 5; i++) {
		was_called = false;
		call_rcu(&head, note_call);
		rcu_barrier();
		EXPECT_TRUE(t, was_called);
	}
}

static unsigned int nr_requeued;

static void call_again(struct rcu_head *head)
{
	if (++nr_requeued < 3)
		call_rcu(head, call_again);
}

static void callback_may_queue_itself(struct test *t)
{
	static struct rcu_head head;

	nr_requeued = 0;
	call_rcu(&head, call_again);
	for (unsigned int i = 0; i < 3; i++)
		rcu_barrier();
	EXPECT_EQ(t, nr_requeued, 3u);
}

static unsigned int order[100], nr_ordered;
static struct rcu_head heads[ARRAY_SIZE(order)];

static void note_order(struct rcu_head *head)
{
	order[nr_ordered++] = (unsigned int)(head - heads);
}

static void callbacks_of_a_cpu_run_in_order(struct test *t)
{
	nr_ordered = 0;
	preempt_disable();
	for (unsigned int i = 0; i < ARRAY_SIZE(order); i++)
		call_rcu(&heads[i], note_order);
	preempt_enable();
	rcu_barrier();
	EXPECT_EQ(t, nr_ordered, ARRAY_SIZE(order));
	for (unsigned int i = 0; i < ARRAY_SIZE(order); i++)
		EXPECT_EQ(t, order[i], i);
}

static const struct test_case rcu_cases[] = {
	TEST_CASE(synchronize_waits_for_a_reader),   TEST_CASE(barrier_waits_for_callbacks),
	TEST_CASE(callback_may_queue_itself),	     TEST_CASE(callbacks_of_a_cpu_run_in_order),
	TEST_CASE(readers_never_see_what_was_freed), TEST_CASE(nor_when_cpus_go_off_and_come_back),
};
TEST_SUITE(rcu, rcu_cases);
