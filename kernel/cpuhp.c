/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way of a CPU up and down: see <oshit/cpuhp.h> for the steps.
 *
 * Two CPUs act in turn.  The controller runs its steps, starts the CPU, and says go; the CPU runs
 * its own steps, opens its queue of calls, enters cpu_online_mask and becomes idle; the controller
 * does the rest.  Downwards the controller first takes away all that would bring work; then it asks
 * the idle task to die, which runs its steps backwards, leaves cpu_online_mask, closes the queue
 * and parks.  They tell each other by one word for each CPU:
 *
 *	LIFE_OFF -> LIFE_STARTED	the controller starts the CPU
 *	  -> LIFE_ALIVE			the CPU waits
 *	  -> LIFE_GO			the controller is ready for the rest
 *	  -> LIFE_ON			the CPU is idle, or LIFE_PARKED if a step failed
 *	  -> LIFE_PARKED		the CPU has died; from here to LIFE_STARTED again
 *
 * The idle task alone runs on a CPU when it dies: no task can be torn out of the middle of
 * something, so nothing needs to stop the others meanwhile.  What may still come is a call, which
 * is run or refused (smp.c), and a reschedule interrupt, which is lost without harm.
 *
 * A CPU that has not come up in time is held in reset, and never tried again.
 *
 * Lock: `busy`, one controller at a time; the others sleep.
 */
#define pr_fmt(fmt) "cpu: " fmt

#include <arch/processor.h>
#include <arch/smp.h>
#include <arch/tlb.h>
#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/bug.h>
#include <oshit/clock.h>
#include <oshit/cpuhp.h>
#include <oshit/init.h>
#include <oshit/printk.h>
#include <oshit/sched.h>
#include <oshit/smp.h>
#include <oshit/wait.h>

#define START_WAIT_NS (5 * NSEC_PER_SEC) /* a real CPU takes milliseconds; a shared host may not */
#define PARK_WARN_NS  (10 * NSEC_PER_SEC)
#define LOOK_US	      50 /* between two looks at a CPU on its way, which takes some 100 us */

enum cpu_life { LIFE_OFF, LIFE_STARTED, LIFE_ALIVE, LIFE_GO, LIFE_ON, LIFE_PARKED, LIFE_BROKEN };

DEFINE_PER_CPU(bool, cpuhp_must_die);
static DEFINE_PER_CPU(unsigned int, life); /* a  enum cpu_life */
static DEFINE_PER_CPU(unsigned int, state); /* enum cpuhp_step reached: whoever runs the steps */
static DEFINE_PER_CPU(int, start_error); /* the CPU, before LIFE_PARKED on its way up */

static const struct cpuhp_ops *steps[NR_CPUHP_STEPS] __ro_after_init;

int (*cpuhp_test_hook)(unsigned int cpu, enum cpuhp_step step, enum cpuhp_way way);

__init void cpuhp_register(enum cpuhp_step step, const struct cpuhp_ops *ops)
{
	if (!WARN_ON(steps[step]))
		steps[step] = ops;
}

const char *cpuhp_step_name(enum cpuhp_step step)
{
	if (step == CPUHP_STARTED)
		return "started";
	if (step == CPUHP_ONLINE)
		return "online";
	return steps[step] ? steps[step]->name : NULL;
}

enum cpuhp_step cpuhp_state(unsigned int cpu)
{
	return cpu ? (enum cpuhp_step)READ_ONCE(per_cpu(state, cpu)) : NR_CPUHP_STEPS - 1;
}

static void set_life(unsigned int cpu, enum cpu_life new_life)
{
	unsigned int *place = per_cpu_ptr(&life, cpu);

	/* Pairs with get_life(): what the side before did is seen by the side after. */
	smp_store_release(place, new_life);
}

static enum cpu_life get_life(unsigned int cpu)
{
	const unsigned int *place = per_cpu_ptr(&life, cpu);

	return (enum cpu_life)smp_load_acquire(place);
}

static void set_state(unsigned int cpu, enum cpuhp_step step)
{
	WRITE_ONCE(per_cpu(state, cpu), step);
}

/* What a test has to say about a step, and then the step. */
static int run_step(unsigned int cpu, enum cpuhp_step step, enum cpuhp_way way)
{
	const struct cpuhp_ops *ops = steps[step];
	int (*fn)(unsigned int cpu) = NULL;
	int err = 0;

	if (ops)
		fn = way == CPUHP_WAY_UP ? ops->startup : ops->teardown;
	if (IS_ENABLED(CONFIG_TEST_HOTPLUG) && cpuhp_test_hook)
		err = cpuhp_test_hook(cpu, step, way);
	return err || !fn ? err : fn(cpu);
}

static const char *name_of(enum cpuhp_step step)
{
	return cpuhp_step_name(step) ?: "(unused)";
}

/* Steps back from where the CPU is, down to @target. Stops at one that fails if it may. */
static int walk_down(unsigned int cpu, enum cpuhp_step target)
{
	while (cpuhp_state(cpu) > target) {
		enum cpuhp_step step = cpuhp_state(cpu);
		int err = run_step(cpu, step, CPUHP_WAY_DOWN);

		if (err && step > CPUHP_ONLINE) {
			pr_warn("CPU %u stays: step %s: error %d", cpu, name_of(step), err);
			return err;
		}
		WARN_ON(err);
		set_state(cpu, step - 1);
	}
	return 0;
}

/* Steps from where the CPU is up to @target, and back to @origin if one fails. */
static int walk_up(unsigned int cpu, enum cpuhp_step target, enum cpuhp_step origin)
{
	while (cpuhp_state(cpu) < target) {
		enum cpuhp_step step = cpuhp_state(cpu) + 1;
		int err = run_step(cpu, step, CPUHP_WAY_UP);

		if (err) {
			pr_warn("CPU %u does not come up: step %s: error %d", cpu, name_of(step),
				err);
			walk_down(cpu, origin);
			return err;
		}
		set_state(cpu, step);
	}
	return 0;
}

/* --- the CPU itself --- */

static void now_parked(void)
{
	set_life(smp_processor_id(), LIFE_PARKED);
}

void cpu_bringup(void)
{
	unsigned int cpu = smp_processor_id();
	int err;

	arch_halt_begin();
	set_life(cpu, LIFE_ALIVE);
	while (get_life(cpu) != LIFE_GO)
		arch_halt();
	arch_halt_end();
	set_state(cpu, CPUHP_STARTED);
	err = walk_up(cpu, CPUHP_ONLINE - 1, CPUHP_STARTED);
	if (err) {
		this_cpu_write(start_error, err);
		arch_cpu_park(now_parked);
	}
	smp_open_calls();
	/* A flush that found the queue closed was before this one. */
	flush_tlb_local();
	cpumask_set_cpu(cpu, &cpu_online_mask);
	set_state(cpu, CPUHP_ONLINE);
	set_life(cpu, LIFE_ON);
	cpu_startup_entry();
}

void cpuhp_die(void)
{
	unsigned int cpu = smp_processor_id();

	this_cpu_write(cpuhp_must_die, false);
	/* What was sent here before interrupts got other targets. */
	local_irq_enable();
	cpu_relax(); /* they come behind the instruction that follows STI */
	local_irq_disable();
	set_state(cpu, CPUHP_ONLINE - 1);
	walk_down(cpu, CPUHP_STARTED);
	cpumask_test_and_clear_cpu(cpu, &cpu_online_mask);
	smp_close_calls();
	arch_cpu_park(now_parked);
}

/* --- the controlling CPU --- */

static bool has_life(unsigned int cpu, enum cpu_life a, enum cpu_life b)
{
	enum cpu_life now = get_life(cpu);

	return now == a || now == b;
}

/*
 * Sleeps meanwhile: a task that has not left the CPU yet may want this one, or the big lock.  The
 * boot CPU starts the others before it has a scheduler.
 */
static bool wait_for_life(unsigned int cpu, enum cpu_life a, enum cpu_life b, u64 limit_ns)
{
	u64 start_ns = clock_ns();

	while (!has_life(cpu, a, b)) {
		/* Once more, for the host may have stopped us in between. */
		if (clock_ns() - start_ns > limit_ns)
			return has_life(cpu, a, b);
		if (current->flags & PF_IDLE)
			cpu_relax();
		else
			usleep(LOOK_US);
	}
	return true;
}

static int prepare_up(unsigned int cpu)
{
	enum cpu_life now = get_life(cpu);

	if (now == LIFE_BROKEN)
		return -EIO;
	if (WARN_ON(now != LIFE_OFF && now != LIFE_PARKED))
		return -EBUSY;
	return walk_up(cpu, CPUHP_STARTED - 1, CPUHP_OFF);
}

/* The CPU is on its way: as far as CPUHP_ONLINE, or back to CPUHP_OFF. */
static int complete_start(unsigned int cpu)
{
	if (!wait_for_life(cpu, LIFE_ALIVE, LIFE_ALIVE, START_WAIT_NS)) {
		arch_cpu_hold(cpu);
		set_life(cpu, LIFE_BROKEN);
		pr_warn("CPU %u does not start", cpu);
		walk_down(cpu, CPUHP_OFF);
		return -EIO;
	}
	set_life(cpu, LIFE_GO);
	arch_send_stop(cpu); /* out of arch_halt() */
	wait_for_life(cpu, LIFE_ON, LIFE_PARKED, ~0UL);
	if (get_life(cpu) == LIFE_ON)
		return 0;
	set_state(cpu, CPUHP_STARTED - 1);
	walk_down(cpu, CPUHP_OFF);
	return per_cpu(start_error, cpu);
}

/* The CPU is online and nothing wants it any more: it parks, and its remains are cleared away. */
static void finish_down(unsigned int cpu)
{
	WRITE_ONCE(per_cpu(cpuhp_must_die, cpu), true);
	smp_send_reschedule(cpu);
	while (!wait_for_life(cpu, LIFE_PARKED, LIFE_PARKED, PARK_WARN_NS))
		pr_warn("CPU %u is still busy", cpu);
	set_state(cpu, CPUHP_STARTED - 1);
	walk_down(cpu, CPUHP_OFF);
}

static int complete_up(unsigned int cpu)
{
	int err = complete_start(cpu);

	if (err)
		return err;
	err = walk_up(cpu, NR_CPUHP_STEPS - 1, CPUHP_ONLINE);
	if (err)
		finish_down(cpu);
	return err;
}

static int start_cpus(const struct cpumask *mask)
{
	struct cpumask ready = { .bits = { 0 } };
	unsigned int cpu;
	int err = 0;

	for_each_cpu(cpu, mask) {
		int cpu_err = prepare_up(cpu);

		if (!cpu_err) {
			set_life(cpu, LIFE_STARTED);
			cpumask_set_cpu(cpu, &ready);
		}
		err = err ?: cpu_err;
	}
	arch_cpus_start(&ready);
	for_each_cpu(cpu, &ready) {
		int cpu_err = complete_up(cpu);

		err = err ?: cpu_err;
	}
	return err;
}

__init void cpus_up(const struct cpumask *mask)
{
	start_cpus(mask);
}

#ifdef CONFIG_HOTPLUG_CPU
static DECLARE_WAIT_QUEUE_HEAD(callers);
static atomic_t busy = ATOMIC_INIT(0);

static void begin(void)
{
	wait_event_exclusive(callers, atomic_cmpxchg(&busy, 0, 1) == 0);
}

static void end(void)
{
	atomic_set_release(&busy, 0);
	wake_up(&callers);
}

int cpu_up(unsigned int cpu)
{
	struct cpumask mask;
	int err;

	if (!cpu_possible(cpu))
		return -EINVAL;
	mask = cpumask_of(cpu);
	begin();
	if (cpu_online(cpu)) /* but perhaps not with all steps: one had failed on the way back */
		err = walk_up(cpu, NR_CPUHP_STEPS - 1, cpuhp_state(cpu));
	else
		err = start_cpus(&mask);
	end();
	return err;
}

static int take_down(unsigned int cpu)
{
	int err = walk_down(cpu, CPUHP_ONLINE);

	if (err)
		walk_up(cpu, NR_CPUHP_STEPS - 1, cpuhp_state(cpu));
	else
		finish_down(cpu);
	return err;
}

int cpu_down(unsigned int cpu)
{
	int err;

	if (!cpu_possible(cpu))
		return -EINVAL;
	if (cpu == 0)
		return -EBUSY;
	begin();
	err = cpu_online(cpu) ? take_down(cpu) : 0;
	end();
	return err;
}
#endif
