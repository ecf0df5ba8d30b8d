/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs come and go, `hotplug_rounds=` times, while everything else goes on: tasks that are free,
 * tasks and threads bound to one CPU, wake-ups, timers, allocations, calls.  Afterwards nothing is
 * lost: each task still gets on, each timer has fired, each call was run or refused, and the runner
 * counts the memory.  On one CPU there is little to test.
 */
#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/boot_param.h>
#include <oshit/clock.h>
#include <oshit/cpuhp.h>
#include <oshit/gfp.h>
#include <oshit/hrtimer.h>
#include <oshit/kthread.h>
#include <oshit/math.h>
#include <oshit/slab.h>
#include <oshit/smp.h>
#include <oshit/task.h>
#include <oshit/test.h>
#include <oshit/test_random.h>

#define MAX_THREADS  40
#define NR_TIMERS    24
#define NR_RING	     3
#define PATIENCE_NS  (60 * NSEC_PER_SEC) /* for what takes microseconds; then it has failed */
#define MAX_TIMER_NS (100 * NSEC_PER_MSEC) /* long enough to outlive the CPU it was started on */
#define PAUSE_US     200 /* between two rounds: the load comes on, too */

static unsigned long nr_rounds = 24;

BOOT_PARAM_NUMBER("hotplug_rounds", nr_rounds);

struct load { /* one thread's; count and wrong are read by the test */
	struct task_struct *task;
	struct test_random random;
	unsigned int nr;
	unsigned int cpu; /* of those that are bound to one */
	unsigned long count; /* how often it got on */
	unsigned long wrong; /* how often something was not as it should be */
};

static struct load loads[MAX_THREADS];
static unsigned int nr_loads;

static void got_on(struct load *load)
{
	WRITE_ONCE(load->count, load->count + 1);
	cond_resched();
}

/* --- what goes on --- */

static int compute(void *data)
{
	struct load *load = data;

	while (!kthread_should_stop()) {
		delay_us(20);
		if (load->count % 8 == load->nr % 8)
			usleep(50);
		got_on(load);
	}
	return 0;
}

/* A thread of one CPU never runs on another one. */
static int serve_cpu(void *data)
{
	struct load *load = data;

	while (!kthread_should_stop()) {
		if (kthread_should_park()) {
			kthread_parkme();
			continue;
		}
		preempt_disable();
		if (smp_processor_id() != load->cpu)
			load->wrong++;
		preempt_enable();
		usleep(100);
		got_on(load);
	}
	return 0;
}

/* Memory allocated here is often freed on another CPU, and the CPU in between is gone. */
static int allocate(void *data)
{
	struct load *load = data;
	void *objects[8] = { 0 };
	struct page *pages[8] = { 0 };

	while (!kthread_should_stop()) {
		size_t i = test_random_below(&load->random, ARRAY_SIZE(objects));

		kfree(objects[i]);
		if (pages[i])
			__free_page(pages[i]);
		objects[i] = kmalloc(16 << i, GFP_KERNEL);
		pages[i] = alloc_page(GFP_KERNEL);
		if (load->count % 16 == 0)
			usleep(20);
		got_on(load);
	}
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		kfree(objects[i]);
		if (pages[i])
			__free_page(pages[i]);
	}
	return 0;
}

static struct {
	unsigned long turn; /* whose it is: that of thread turn % NR_RING */
	struct load *first;
} ring;

/* Sleeps until it is its turn, and wakes the next one: one lost wake-up stops all of them. */
static int pass_on(void *data)
{
	struct load *load = data;
	unsigned int nr = (unsigned int)(load - ring.first);

	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(ring.turn) % NR_RING != nr && !kthread_should_stop()) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		if (kthread_should_stop())
			return 0;
		WRITE_ONCE(ring.turn, ring.turn + 1);
		got_on(load);
		wake_up_process(ring.first[(nr + 1) % NR_RING].task);
	}
}

static atomic_t nr_asked, nr_run, nr_refused;

static void count_run(void *unused __maybe_unused)
{
	atomic_inc(&nr_run);
}

static int call_others(void *data)
{
	struct load *load = data;

	while (!kthread_should_stop()) {
		unsigned int cpu = test_random_below(&load->random, nr_cpu_ids);
		enum smp_wait wait = load->count & 1 ? SMP_WAIT : SMP_NO_WAIT;

		atomic_inc(&nr_asked);
		if (smp_call_function_single(cpu, count_run, NULL, wait))
			atomic_inc(&nr_refused);
		if (load->count % 8 == 0)
			usleep(20);
		got_on(load);
	}
	return 0;
}

struct load_timer {
	struct hrtimer timer;
	u64 deadline_ns;
	atomic_t nr_fired;
	int nr_started; /* written by the thread that starts them */
	bool was_early;
};
static struct load_timer timers[NR_TIMERS];

static void timer_fires(struct hrtimer *timer)
{
	struct load_timer *t = container_of(timer, struct load_timer, timer);

	if (clock_ns() < t->deadline_ns)
		t->was_early = true;
	atomic_inc(&t->nr_fired);
}

static void start_here(void *arg)
{
	struct load_timer *t = arg;

	hrtimer_start(&t->timer, t->deadline_ns);
}

/* Starts timers on all CPUs, each again once it has fired. */
static int start_timers(void *data)
{
	struct load *load = data;

	while (!kthread_should_stop()) {
		struct load_timer *t = &timers[load->count % NR_TIMERS];
		unsigned int cpu = test_random_below(&load->random, nr_cpu_ids);

		if (atomic_read(&t->nr_fired) == t->nr_started) {
			t->deadline_ns =
				clock_ns() + test_random_below(&load->random, MAX_TIMER_NS);
			WRITE_ONCE(t->nr_started, t->nr_started + 1);
			if (smp_call_function_single(cpu, start_here, t, SMP_WAIT))
				start_here(t); /* it is off */
		}
		if (load->count % NR_TIMERS == 0)
			usleep(100);
		got_on(load);
	}
	return 0;
}

/* --- the threads --- */

static struct load *add_load(struct test *t, struct task_struct *task, struct load *load)
{
	if (IS_ERR(task)) {
		test_fail(t, __FILE__, __LINE__, "no memory for a thread");
		return NULL;
	}
	load->task = get_task_struct(task);
	nr_loads++;
	return load;
}

static struct load *new_load(unsigned int cpu)
{
	struct load *load = &loads[nr_loads];

	*load = (struct load){ .nr = nr_loads, .cpu = cpu, .random.state = nr_loads + 1 };
	return load;
}

static struct load *start_free(struct test *t, int (*fn)(void *data))
{
	struct load *load = new_load(0);

	return add_load(t, kthread_create(fn, load, "load/%u", load->nr), load);
}

/* Bound by its mask to @cpu: runs elsewhere while that is off. */
static struct load *start_masked(struct test *t, int (*fn)(void *data), unsigned int cpu)
{
	struct load *load = start_free(t, fn);
	struct cpumask mask = cpumask_of(cpu);

	if (load)
		EXPECT_OK(t, set_cpus_allowed(load->task, &mask));
	return load;
}

static struct load *start_on_cpu(struct test *t, unsigned int cpu)
{
	struct load *load = new_load(cpu);

	return add_load(t, kthread_create_on_cpu(serve_cpu, load, cpu, "serve/%u"), load);
}

static void start_all(struct test *t)
{
	static int (*const free_ones[])(void *data) = { compute,  compute,     allocate,
							allocate, call_others, start_timers };
	unsigned int cpu;

	nr_loads = 0;
	ring.turn = 0;
	ring.first = &loads[0];
	atomic_set(&nr_asked, 0);
	atomic_set(&nr_run, 0);
	atomic_set(&nr_refused, 0);
	for (unsigned int i = 0; i < NR_TIMERS; i++) {
		timers[i] = (struct load_timer){ 0 };
		hrtimer_init(&timers[i].timer, timer_fires);
	}
	for (unsigned int i = 0; i < NR_RING; i++)
		start_free(t, pass_on);
	for (unsigned int i = 0; i < ARRAY_SIZE(free_ones); i++)
		start_free(t, free_ones[i]);
	for_each_online_cpu(cpu) {
		if (nr_loads + 2 > MAX_THREADS)
			break;
		start_masked(t, compute, cpu);
		start_on_cpu(t, cpu);
	}
	for (unsigned int i = 0; i < nr_loads; i++)
		wake_up_process(loads[i].task);
}

static bool is_parked(const struct load *load)
{
	return load->task->flags & PF_PER_CPU && !cpu_online(load->cpu);
}

/* Within our patience each thread gets on, unless it is parked. */
static void expect_all_get_on(struct test *t)
{
	unsigned long before[MAX_THREADS];
	u64 end_ns = clock_ns() + PATIENCE_NS;

	for (unsigned int i = 0; i < nr_loads; i++)
		before[i] = READ_ONCE(loads[i].count);
	for (unsigned int i = 0; i < nr_loads; i++) {
		if (is_parked(&loads[i]))
			continue;
		while (READ_ONCE(loads[i].count) == before[i] && clock_ns() < end_ns)
			msleep(1);
		if (READ_ONCE(loads[i].count) == before[i])
			test_fail(t, __FILE__, __LINE__, "task %s is lost: state %#x, CPU %u",
				  loads[i].task->comm, loads[i].task->state, loads[i].task->cpu);
	}
}

/* All that have been started up to now; their thread may go on. */
static void expect_all_fire(struct test *t)
{
	u64 end_ns = clock_ns() + PATIENCE_NS;

	for (unsigned int i = 0; i < NR_TIMERS; i++) {
		int nr_started = READ_ONCE(timers[i].nr_started);

		while (atomic_read(&timers[i].nr_fired) < nr_started && clock_ns() < end_ns)
			msleep(1);
		EXPECT_GE(t, atomic_read(&timers[i].nr_fired), nr_started);
		EXPECT_FALSE(t, timers[i].was_early);
	}
}

static void end_timers(struct test *t)
{
	expect_all_fire(t);
	for (unsigned int i = 0; i < NR_TIMERS; i++) {
		EXPECT_EQ(t, atomic_read(&timers[i].nr_fired), timers[i].nr_started);
		EXPECT_GT(t, timers[i].nr_started, 0);
		hrtimer_cancel(&timers[i].timer);
	}
}

static void do_nothing(void *unused __maybe_unused)
{
}

static void stop_all(struct test *t)
{
	for (unsigned int i = 0; i < nr_loads; i++) {
		kthread_stop(loads[i].task);
		if (loads[i].wrong)
			test_fail(t, __FILE__, __LINE__, "thread %u was wrong %lu times", i,
				  loads[i].wrong);
	}
	/* Only now: up to their ends the threads of the ring wake each other. */
	for (unsigned int i = 0; i < nr_loads; i++)
		put_task_struct(loads[i].task);
	end_timers(t);
	on_each_cpu(do_nothing, NULL); /* behind the calls that nobody waited for */
	EXPECT_EQ(t, atomic_read(&nr_run) + atomic_read(&nr_refused), atomic_read(&nr_asked));
}

static unsigned int nr_possible(void)
{
	return cpumask_weight(&cpu_possible_mask);
}

static void all_on(struct test *t)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		EXPECT_OK(t, cpu_up(cpu));
	EXPECT_EQ(t, num_online_cpus(), nr_possible());
}

/* Nothing stays behind on a CPU that is off, to be found again only when it comes back. */
static void one_cpu_does_all(struct test *t)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (cpu)
			EXPECT_OK(t, cpu_down(cpu));
	}
	EXPECT_EQ(t, num_online_cpus(), 1);
	expect_all_fire(t);
	expect_all_get_on(t);
}

static bool alone(struct test *t)
{
	if (nr_possible() > 1)
		return false;
	test_skip(t, "one CPU");
	return true;
}

/* --- tests --- */

static unsigned int random_cpu(struct test_random *random)
{
	return 1 + (unsigned int)test_random_below(random, nr_possible() - 1);
}

static void nothing_is_lost_when_cpus_come_and_go(struct test *t)
{
	struct test_random random = test_random_seeded(t, 0x10ad);
	unsigned long nr_down = 0, nr_up = 0;
	u64 start_ns = clock_ns();

	if (alone(t))
		return;
	all_on(t);
	start_all(t);
	for (unsigned long i = 0; i < nr_rounds && !t->nr_failures; i++) {
		unsigned int cpu = random_cpu(&random);

		if (cpu_online(cpu)) {
			EXPECT_OK(t, cpu_down(cpu));
			EXPECT_FALSE(t, cpu_online(cpu));
			nr_down++;
		} else {
			EXPECT_OK(t, cpu_up(cpu));
			EXPECT_TRUE(t, cpu_online(cpu));
			nr_up++;
		}
		usleep(PAUSE_US);
	}
	one_cpu_does_all(t);
	all_on(t);
	expect_all_get_on(t);
	stop_all(t);
	test_note(t, "%lu times off, %lu times on, %lu ms, %lu turns of the ring, %d calls",
		  nr_down, nr_up, (clock_ns() - start_ns) / NSEC_PER_MSEC, ring.turn,
		  atomic_read(&nr_asked));
}

static int toggle_all(void *data)
{
	struct load *load = data;

	while (load->count < nr_rounds / 4 && !kthread_should_stop()) {
		unsigned int cpu = random_cpu(&load->random);

		if (cpu_online(cpu) ? cpu_down(cpu) : cpu_up(cpu))
			load->wrong++;
		if (cpu_down(0) != -EBUSY)
			load->wrong++;
		got_on(load);
	}
	WRITE_ONCE(load->count, nr_rounds);
	while (!kthread_should_stop())
		msleep(1);
	return 0;
}

static void callers_take_turns(struct test *t)
{
	struct load *togglers[3];
	u64 end_ns = clock_ns() + PATIENCE_NS + nr_rounds * NSEC_PER_SEC;

	if (alone(t))
		return;
	all_on(t);
	start_all(t);
	for (unsigned int i = 0; i < ARRAY_SIZE(togglers); i++) {
		togglers[i] = start_free(t, toggle_all);
		if (togglers[i])
			wake_up_process(togglers[i]->task);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(togglers); i++) {
		while (togglers[i] && READ_ONCE(togglers[i]->count) < nr_rounds &&
		       clock_ns() < end_ns)
			msleep(1);
		EXPECT_TRUE(t, togglers[i] && READ_ONCE(togglers[i]->count) == nr_rounds);
	}
	all_on(t);
	stop_all(t);
}

/* Where it runs, each time that it has been off the CPU. */
static int note_cpu(void *data)
{
	struct load *load = data;

	while (!kthread_should_stop()) {
		preempt_disable();
		WRITE_ONCE(load->cpu, smp_processor_id());
		preempt_enable();
		got_on(load);
		usleep(50);
	}
	return 0;
}

static unsigned int cpu_after_a_while(const struct load *load)
{
	unsigned long count = READ_ONCE(load->count);
	u64 end_ns = clock_ns() + PATIENCE_NS;

	while (READ_ONCE(load->count) < count + 3 && clock_ns() < end_ns)
		usleep(100);
	return READ_ONCE(load->count) < count + 3 ? NR_CPUS : READ_ONCE(load->cpu);
}

static void bound_task_runs_elsewhere_and_comes_back(struct test *t)
{
	struct load *load;
	unsigned int cpu;

	if (alone(t))
		return;
	all_on(t);
	nr_loads = 0;
	for_each_possible_cpu(cpu) {
		struct cpumask mask = cpumask_of(cpu);

		if (cpu == 0 || nr_loads == MAX_THREADS)
			continue;
		load = start_masked(t, note_cpu, cpu);
		ASSERT_TRUE(t, load);
		wake_up_process(load->task);
		EXPECT_EQ(t, cpu_after_a_while(load), cpu);
		EXPECT_OK(t, cpu_down(cpu));
		EXPECT_NE(t, cpu_after_a_while(load), cpu);
		EXPECT_NE(t, cpu_after_a_while(load), NR_CPUS);
		EXPECT_EQ(t, set_cpus_allowed(load->task, &mask), -EINVAL);
		EXPECT_OK(t, cpu_up(cpu));
		EXPECT_EQ(t, cpu_after_a_while(load), cpu);
	}
	for (unsigned int i = 0; i < nr_loads; i++) {
		kthread_stop(loads[i].task);
		put_task_struct(loads[i].task);
	}
}

/* The caller is bound to the CPU that it takes down. */
static void a_task_can_switch_off_its_own_cpu(struct test *t)
{
	unsigned int cpu = cpumask_next(0, &cpu_possible_mask);
	struct cpumask mask;

	if (alone(t))
		return;
	all_on(t);
	mask = cpumask_of(cpu);
	EXPECT_OK(t, set_cpus_allowed(current, &mask));
	EXPECT_EQ(t, smp_processor_id(), cpu);
	EXPECT_OK(t, cpu_down(cpu));
	EXPECT_NE(t, smp_processor_id(), cpu);
	EXPECT_OK(t, cpu_up(cpu));
	msleep(1);
	EXPECT_EQ(t, smp_processor_id(), cpu);
	EXPECT_OK(t, set_cpus_allowed(current, &cpu_possible_mask));
}

static const struct test_case hotplug_load_cases[] = {
	TEST_CASE(bound_task_runs_elsewhere_and_comes_back),
	TEST_CASE(a_task_can_switch_off_its_own_cpu),
	TEST_CASE(nothing_is_lost_when_cpus_come_and_go),
	TEST_CASE(callers_take_turns),
};
TEST_SUITE(hotplug_load, hotplug_load_cases);
