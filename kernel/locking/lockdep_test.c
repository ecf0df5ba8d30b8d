/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each mistake that lockdep knows is made once, on locks that are nothing but their maps, and what
 * looks like a mistake but is none is made, too.  Each test has classes of its own, since lockdep
 * forgets nothing.
 */
#include <oshit/cpumask.h>
#include <oshit/gfp.h>
#include <oshit/irqflags.h>
#include <oshit/lockdep.h>
#include <oshit/math.h>
#include <oshit/mutex.h>
#include <oshit/preempt.h>
#include <oshit/rcu.h>
#include <oshit/rwsem.h>
#include <oshit/sched.h>
#include <oshit/spinlock.h>
#include <oshit/test.h>

#define NEW_MAP(name)                              \
	static struct lock_class_key name##_key;   \
	struct lockdep_map name = { .key = NULL }; \
	lockdep_init_map(&name, #name, &name##_key)

static void take(struct lockdep_map *map)
{
	lock_acquire(map, 0, LOCK_SPINS);
}

/* @inner while @outer is held. */
static void take_under(struct lockdep_map *outer, struct lockdep_map *inner)
{
	take(outer);
	take(inner);
	lock_release(inner);
	lock_release(outer);
}

/* What a handler does that takes @map. */
static void take_in_interrupt(struct lockdep_map *map, unsigned int flags)
{
	unsigned long irqs;

	local_irq_save(irqs);
	hardirq_enter();
	lock_acquire(map, 0, LOCK_SPINS | flags);
	lock_release(map);
	hardirq_exit();
	local_irq_restore(irqs);
}

static void take_irqs_off(struct lockdep_map *map)
{
	unsigned long irqs;

	local_irq_save(irqs);
	take(map);
	lock_release(map);
	local_irq_restore(irqs);
}

static void take_irqs_on(struct lockdep_map *map)
{
	unsigned long irqs;

	local_irq_save(irqs);
	local_irq_enable();
	take(map);
	lock_release(map);
	local_irq_disable();
	local_irq_restore(irqs);
}

/* --- orders --- */

static void two_orders_are_a_cycle(struct test *t)
{
	NEW_MAP(a);
	NEW_MAP(b);

	take_under(&a, &b);
	take_under(&a, &b);
	lockdep_expect(LOCKDEP_CYCLE);
	take_under(&b, &a);
	EXPECT_EQ(t, lockdep_expected(), 1);
}

static void longer_cycle_is_found(struct test *t)
{
	NEW_MAP(a);
	NEW_MAP(b);
	NEW_MAP(c);
	NEW_MAP(d);

	take_under(&a, &b);
	take_under(&b, &c);
	take_under(&c, &d);
	take_under(&a, &d);
	lockdep_expect(LOCKDEP_CYCLE);
	take_under(&d, &a);
	EXPECT_EQ(t, lockdep_expected(), 1);
}

static void order_of_release_is_free(struct test *t)
{
	NEW_MAP(a);
	NEW_MAP(b);

	take(&a);
	take(&b);
	lock_release(&a);
	lock_release(&b);
	EXPECT_TRUE(t, lockdep_is_on());
	lockdep_expect(LOCKDEP_CYCLE);
	take_under(&b, &a);
	EXPECT_EQ(t, lockdep_expected(), 1);
}

static void trying_closes_no_cycle(struct test *t)
{
	NEW_MAP(a);
	NEW_MAP(b);
	NEW_MAP(c);

	take_under(&a, &b);
	take(&b);
	lock_acquire(&a, 0, LOCK_SPINS | LOCK_TRIED);
	take(&c); /* follows from both */
	lock_release(&c);
	lock_release(&a);
	lock_release(&b);
	EXPECT_TRUE(t, lockdep_is_on());
	lockdep_expect(LOCKDEP_CYCLE);
	take_under(&c, &b);
	take_under(&c, &a);
	EXPECT_EQ(t, lockdep_expected(), 2);
}

/* Two locks that one place initialises are one class. */
static void init_twice(struct lockdep_map *map)
{
	static struct lock_class_key key;

	lockdep_init_map(map, "twin", &key);
}

static void any_number_of_a_class_may_be_tried(struct test *t)
{
	static struct lockdep_map maps[LOCKDEP_MAX_HELD + 8];
	const unsigned int nr = ARRAY_SIZE(maps);

	lockdep_expect(LOCKDEP_FULL);
	for (unsigned int i = 0; i < nr; i++) {
		init_twice(&maps[i]);
		lock_acquire(&maps[i], 0, LOCK_TRIED);
	}
	EXPECT_EQ(t, lockdep_expected(), 0u);
	for (unsigned int i = 0; i < nr; i++)
		EXPECT_TRUE(t, lock_is_held(&maps[i]));
	/* The first goes first, then the last, and so on. */
	for (unsigned int i = 0; i < nr; i++)
		lock_release(&maps[i % 2 ? nr - 1 - i / 2 : i / 2]);
	EXPECT_FALSE(t, lock_is_held(&maps[0]));
	EXPECT_FALSE(t, lock_is_held(&maps[nr / 2]));
	EXPECT_TRUE(t, lockdep_is_on());
	lockdep_expect(LOCKDEP_NOT_HELD);
	lock_release(&maps[3]);
	EXPECT_EQ(t, lockdep_expected(), 1u);
}

static void class_within_itself_is_recursion(struct test *t)
{
	struct lockdep_map a, b;

	init_twice(&a);
	init_twice(&b);
	lockdep_expect(LOCKDEP_RECURSION);
	take_under(&a, &a);
	take_under(&a, &b);
	EXPECT_EQ(t, lockdep_expected(), 2);
}

static void subclasses_nest_one_way(struct test *t)
{
	struct lockdep_map a, b;

	init_twice(&a);
	init_twice(&b);
	take(&a);
	lock_acquire(&b, 1, LOCK_SPINS);
	lock_release(&b);
	lock_release(&a);
	EXPECT_TRUE(t, lockdep_is_on());
	lockdep_expect(LOCKDEP_CYCLE);
	lock_acquire(&a, 1, LOCK_SPINS);
	take(&b);
	lock_release(&b);
	lock_release(&a);
	EXPECT_EQ(t, lockdep_expected(), 1);
}

static DEFINE_PER_CPU(raw_spinlock_t, percpu_lock);

static void percpu_locks_are_one_class(struct test *t)
{
	u16 class = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct lockdep_map *map = &per_cpu(percpu_lock, cpu).dep_map;

		take(map);
		lock_release(map);
		EXPECT_NE(t, map->class[0], 0);
		EXPECT_TRUE(t, !class || map->class[0] == class);
		class = map->class[0];
	}
	EXPECT_TRUE(t, lockdep_is_on());
}

static void forgotten_initialisation_is_told(struct test *t)
{
	raw_spinlock_t *lock = (raw_spinlock_t *)get_zeroed_page(GFP_KERNEL);

	ASSERT_TRUE(t, lock != NULL);
	lockdep_expect(LOCKDEP_UNINITIALISED);
	take(&lock->dep_map);
	EXPECT_EQ(t, lockdep_expected(), 1);
	free_page((unsigned long)lock);
}

/* --- interrupts --- */

static void interrupt_over_a_holder_with_interrupts_on(struct test *t)
{
	NEW_MAP(a);
	NEW_MAP(b);

	take_irqs_on(&a);
	lockdep_expect(LOCKDEP_IRQ_INVERSION);
	take_in_interrupt(&a, 0);
	EXPECT_EQ(t, lockdep_expected(), 1);

	take_in_interrupt(&b, 0);
	take_irqs_off(&b);
	lockdep_expect(LOCKDEP_IRQ_INVERSION);
	take_irqs_on(&b);
	EXPECT_EQ(t, lockdep_expected(), 1);
}

static void enabling_interrupts_over_a_held_lock(struct test *t)
{
	NEW_MAP(a);
	unsigned long irqs;

	take_in_interrupt(&a, 0);
	local_irq_save(irqs);
	take(&a);
	lockdep_expect(LOCKDEP_IRQ_INVERSION);
	local_irq_enable();
	EXPECT_EQ(t, lockdep_expected(), 1);
	lock_release(&a);
	local_irq_disable();
	local_irq_restore(irqs);
}

static void interrupt_through_a_chain(struct test *t)
{
	NEW_MAP(a);
	NEW_MAP(b);
	NEW_MAP(c);
	unsigned long irqs;

	take_in_interrupt(&a, 0);
	take_irqs_on(&c);
	local_irq_save(irqs);
	take_under(&a, &b);
	EXPECT_TRUE(t, lockdep_is_on());
	lockdep_expect(LOCKDEP_IRQ_INVERSION);
	take_under(&b, &c);
	local_irq_restore(irqs);
	EXPECT_EQ(t, lockdep_expected(), 1);
}

/* The chain is there first, the uses come later. */
static void interrupt_at_the_end_of_a_chain(struct test *t)
{
	NEW_MAP(a);
	NEW_MAP(b);
	unsigned long irqs;

	local_irq_save(irqs);
	take_under(&a, &b);
	local_irq_restore(irqs);
	take_irqs_on(&b);
	lockdep_expect(LOCKDEP_IRQ_INVERSION);
	take_in_interrupt(&a, 0);
	EXPECT_EQ(t, lockdep_expected(), 1);
}

static void interrupt_that_tries_is_harmless(struct test *t)
{
	NEW_MAP(a);

	take_irqs_on(&a);
	take_in_interrupt(&a, LOCK_TRIED);
	EXPECT_TRUE(t, lockdep_is_on());
}

/* A handler did not choose whom it interrupts. */
static void interrupt_follows_from_nothing(struct test *t)
{
	NEW_MAP(a);
	NEW_MAP(b);
	unsigned long irqs;

	local_irq_save(irqs);
	take(&a);
	take_in_interrupt(&b, 0);
	lock_release(&a);
	take_under(&b, &a);
	local_irq_restore(irqs);
	EXPECT_TRUE(t, lockdep_is_on());
}

/* --- held or not --- */

static void release_of_what_is_not_held(struct test *t)
{
	NEW_MAP(a);

	lockdep_expect(LOCKDEP_NOT_HELD);
	lock_release(&a);
	EXPECT_EQ(t, lockdep_expected(), 1);
}

static void assertions_tell_held_from_not_held(struct test *t)
{
	NEW_MAP(a);

	EXPECT_FALSE(t, lock_is_held(&a));
	lockdep_expect(LOCKDEP_NOT_HELD);
	lockdep_check_held(&a, 0);
	EXPECT_EQ(t, lockdep_expected(), 1);
	lock_acquire(&a, 0, LOCK_SHARED);
	EXPECT_TRUE(t, lock_is_held(&a));
	lockdep_check_held(&a, 0);
	lockdep_expect(LOCKDEP_NOT_HELD);
	lockdep_check_held(&a, LOCK_SHARED);
	EXPECT_EQ(t, lockdep_expected(), 1);
	lock_release(&a);
}

static void assertions_about_interrupts(struct test *t)
{
	unsigned long irqs;

	local_irq_save(irqs);
	lockdep_assert_irqs_disabled();
	lockdep_expect(LOCKDEP_CONTEXT);
	lockdep_assert_irqs_enabled();
	EXPECT_EQ(t, lockdep_expected(), 1);
	local_irq_enable();
	lockdep_assert_irqs_enabled();
	lockdep_expect(LOCKDEP_CONTEXT);
	lockdep_assert_irqs_disabled();
	EXPECT_EQ(t, lockdep_expected(), 1);
	local_irq_disable();
	local_irq_restore(irqs);
}

static void lock_held_at_the_end_of_a_task(struct test *t)
{
	NEW_MAP(a);

	lockdep_assert_none_held("test");
	take(&a);
	lockdep_expect(LOCKDEP_HELD_AT_EXIT);
	lockdep_assert_none_held("test");
	EXPECT_EQ(t, lockdep_expected(), 1);
	lock_release(&a);
}

static void freed_memory_with_a_held_lock(struct test *t)
{
	static struct lock_class_key key;
	struct {
		char before[32];
		struct lockdep_map map;
		char after[32];
	} object;

	lockdep_init_map(&object.map, "object", &key);
	take(&object.map);
	lockdep_expect(LOCKDEP_HELD_FREED);
	lockdep_check_freed(&object, sizeof(object));
	lockdep_check_freed(&object.map, 1);
	lockdep_init_map(&object.map, "object", &key);
	EXPECT_EQ(t, lockdep_expected(), 3);
	lockdep_check_freed(object.before, sizeof(object.before));
	lockdep_check_freed(object.after, sizeof(object.after));
	lock_release(&object.map);
	lockdep_check_freed(&object, sizeof(object));
	EXPECT_TRUE(t, lockdep_is_on());
}

/* --- sleeping --- */

static unsigned int problems_of_sleeping(void)
{
	lockdep_expect(LOCKDEP_SLEEP);
	might_sleep();
	return lockdep_expected();
}

static void sleeping_where_none_may(struct test *t)
{
	static DEFINE_SPINLOCK(lock);
	NEW_MAP(a);

	EXPECT_EQ(t, problems_of_sleeping(), 0);
	spin_lock(&lock);
	EXPECT_EQ(t, problems_of_sleeping(), 1);
	spin_unlock(&lock);
	preempt_disable();
	EXPECT_EQ(t, problems_of_sleeping(), 1);
	preempt_enable();
	local_irq_disable();
	EXPECT_EQ(t, problems_of_sleeping(), 1);
	hardirq_enter();
	EXPECT_EQ(t, problems_of_sleeping(), 1);
	hardirq_exit();
	local_irq_enable();
	lock_acquire(&a, 0, 0); /* a lock that sleeps itself */
	EXPECT_EQ(t, problems_of_sleeping(), 0);
	lock_release(&a);
}

/* The primitives say what they do, each way that they can be taken. */
static void primitives_are_held_until_released(struct test *t)
{
	static DEFINE_MUTEX(mutex);
	static DECLARE_RWSEM(sem);

	mutex_lock(&mutex);
	lockdep_assert_held(&mutex);
	down_write(&sem);
	lockdep_assert_held_write(&sem);
	downgrade_write(&sem);
	lockdep_expect(LOCKDEP_NOT_HELD);
	lockdep_assert_held_write(&sem);
	EXPECT_EQ(t, lockdep_expected(), 1);
	up_read(&sem);
	mutex_unlock(&mutex);
	EXPECT_TRUE(t, mutex_trylock(&mutex));
	EXPECT_FALSE(t, mutex_trylock(&mutex));
	mutex_unlock(&mutex);
	EXPECT_OK(t, mutex_lock_interruptible(&mutex));
	mutex_unlock(&mutex);
	EXPECT_OK(t, down_read_interruptible(&sem));
	EXPECT_FALSE(t, down_write_trylock(&sem));
	up_read(&sem);
	lockdep_assert_none_held("test");
	lockdep_expect(LOCKDEP_RECURSION);
	lock_acquire(&mutex.dep_map, 0, 0);
	lock_acquire(&mutex.dep_map, 0, 0);
	EXPECT_EQ(t, lockdep_expected(), 1);
	lock_release(&mutex.dep_map);
	lock_release(&mutex.dep_map);
}

static void reading_outside_of_a_reader(struct test *t)
{
	static int *pointer;
	unsigned long irqs;

	lockdep_expect(LOCKDEP_CONTEXT);
	(void)rcu_dereference(pointer);
	EXPECT_EQ(t, lockdep_expected(), 1);
	lockdep_expect(LOCKDEP_CONTEXT);
	rcu_read_lock();
	(void)rcu_dereference(pointer);
	rcu_read_unlock();
	local_irq_save(irqs);
	(void)rcu_dereference(pointer);
	local_irq_restore(irqs);
	EXPECT_EQ(t, lockdep_expected(), 0);
	lockdep_expect(LOCKDEP_SLEEP);
	rcu_read_lock();
	might_sleep();
	rcu_read_unlock();
	EXPECT_EQ(t, lockdep_expected(), 1);
}

static const struct test_case lockdep_cases[] = {
	TEST_CASE(two_orders_are_a_cycle),
	TEST_CASE(longer_cycle_is_found),
	TEST_CASE(order_of_release_is_free),
	TEST_CASE(trying_closes_no_cycle),
	TEST_CASE(any_number_of_a_class_may_be_tried),
	TEST_CASE(class_within_itself_is_recursion),
	TEST_CASE(subclasses_nest_one_way),
	TEST_CASE(percpu_locks_are_one_class),
	TEST_CASE(forgotten_initialisation_is_told),
	TEST_CASE(interrupt_over_a_holder_with_interrupts_on),
	TEST_CASE(enabling_interrupts_over_a_held_lock),
	TEST_CASE(interrupt_through_a_chain),
	TEST_CASE(interrupt_at_the_end_of_a_chain),
	TEST_CASE(interrupt_that_tries_is_harmless),
	TEST_CASE(interrupt_follows_from_nothing),
	TEST_CASE(release_of_what_is_not_held),
	TEST_CASE(assertions_tell_held_from_not_held),
	TEST_CASE(assertions_about_interrupts),
	TEST_CASE(lock_held_at_the_end_of_a_task),
	TEST_CASE(freed_memory_with_a_held_lock),
	TEST_CASE(sleeping_where_none_may),
	TEST_CASE(primitives_are_held_until_released),
	TEST_CASE(reading_outside_of_a_reader),
};
TEST_SUITE(lockdep, lockdep_cases);
