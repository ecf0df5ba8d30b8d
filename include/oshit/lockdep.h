/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lockdep: proves that locks cannot deadlock, by what it has seen so far, on any CPU, ever; and
 * catches wrong use at once.  kernel/locking/lockdep.c has the theory, Documentation/locking.rst
 * tells how to read a report.  Without CONFIG_LOCKDEP all of this is nothing.
 *
 * A lock carries a lockdep_map, which says to which class it belongs.  All locks that one place in
 * the code initialises are a class (its key is a static variable there), a static lock is a class
 * of its own.  A class has LOCKDEP_SUBCLASSES for locks that nest among themselves.
 */
#ifndef OSHIT_LOCKDEP_H
#define OSHIT_LOCKDEP_H

#include <oshit/irqflags.h>
#include <oshit/types.h>

#define LOCKDEP_SUBCLASSES 6
#define LOCKDEP_MAX_HELD   32u /* locks that a task holds at once, interrupts on top included */
#define LOCKDEP_HELD_TRACE 6 /* callers remembered with a held lock */

/* How a lock is taken: flags of lock_acquire(). */
#define LOCK_SPINS  0x1u /* may not sleep until it is released */
#define LOCK_TRIED  0x2u /* by trylock: never waits, so it closes no cycle */
#define LOCK_SHARED 0x4u /* for reading */

struct lockdep_map;

/* What lockdep finds.  A test that provokes one expects it: lockdep_expect(). */
enum lockdep_problem {
	LOCKDEP_NO_PROBLEM,
	LOCKDEP_RECURSION, /* a lock of a class that is held already */
	LOCKDEP_CYCLE, /* two orders of the same locks */
	LOCKDEP_IRQ_INVERSION, /* taken by an interrupt, and held with interrupts on */
	LOCKDEP_NOT_HELD, /* released, or asserted, but not held */
	LOCKDEP_SLEEP, /* sleeping with a spinlock, interrupts off, or in an interrupt */
	LOCKDEP_HELD_AT_EXIT, /* a lock is held where none may be */
	LOCKDEP_HELD_FREED, /* memory with a held lock in it is freed or initialised */
	LOCKDEP_UNINITIALISED, /* a lock that is neither static nor initialised */
	LOCKDEP_CONTEXT, /* an assertion about interrupts or the big lock */
	LOCKDEP_FULL, /* a table is: lockdep cannot go on */
};

#ifdef CONFIG_LOCKDEP
struct lock_class_key {
	u8 subkeys[LOCKDEP_SUBCLASSES]; /* only their addresses are used */
};

struct lockdep_map { /* a: atomic; the rest is constant after initialisation */
	const struct lock_class_key *key; /* NULL: a static lock, its address is the key */
	const char *name; /* NULL: shown as a symbol */
	u16 class[LOCKDEP_SUBCLASSES]; /* a  number of the class once known, else 0 */
};
#define LOCKDEP_STATIC \
	{              \
		NULL   \
	}

struct held_lock { /* its owner's, see struct lockdep_task */
	struct lockdep_map *map; /* NULL: it has been released before nr_more others */
	u16 class;
	u16 nr_more; /* locks of the class that were tried directly behind this one */
	u8 flags;
	u8 context; /* how deep in interrupts: locks of one context form a chain */
	unsigned long trace[LOCKDEP_HELD_TRACE]; /* who took it, ends with 0 */
};

struct lockdep_task { /* only by the task itself, and by interrupts on top of it */
	unsigned int nr_held;
	struct held_lock held[LOCKDEP_MAX_HELD];
};

/* Binds a lock to a class.  Also says that nobody holds it. */
void lockdep_init_map(struct lockdep_map *map, const char *name, const struct lock_class_key *key);

/*
 * The primitives call these: lock_acquire() before it waits (after it got the lock with
 * LOCK_TRIED), lock_release() before it lets go.  Context: any; NMI is ignored.
 */
void lock_acquire(struct lockdep_map *map, unsigned int subclass, unsigned int flags);
void lock_release(struct lockdep_map *map);

/* A wait is about to begin: counted, for the monitor. */
void lock_contended(struct lockdep_map *map);

/* True if this task (or the interrupt that runs) holds it. */
bool lock_is_held(const struct lockdep_map *map);

/* The assertions' bodies. */
void lockdep_check_held(const struct lockdep_map *map, unsigned int unwanted_flags);
void lockdep_check_irqs(bool disabled);
void lockdep_check_sleep(void);
void lockdep_check_no_spinlock(const char *what);
void lockdep_check_big_lock(bool held);
void lockdep_check_none_held(const char *where);
void lockdep_check_rcu_reader(void);
void lockdep_check_freed(const void *start, size_t size);

/* A task's record before it runs first. */
void lockdep_task_init(struct lockdep_task *task);

/* From here on sleeping with interrupts off or a spinlock held is reported: the scheduler runs. */
void lockdep_scheduler_runs(void);

/* False once a problem was found: like Linux, lockdep goes off with the first. */
bool lockdep_is_on(void);

/* For tests: problems of this kind are counted and not printed, and lockdep stays on. */
void lockdep_expect(enum lockdep_problem problem);
/* Ends it: how many there were. */
unsigned int lockdep_expected(void);
#else
struct lock_class_key {
};
struct lockdep_map {
};
struct lockdep_task {
};
#define LOCKDEP_STATIC \
	{              \
	}

static __always_inline void lockdep_init_map(struct lockdep_map *map __maybe_unused,
					     const char *name __maybe_unused,
					     const struct lock_class_key *key __maybe_unused)
{
}
static __always_inline void lock_acquire(struct lockdep_map *map __maybe_unused,
					 unsigned int subclass __maybe_unused,
					 unsigned int flags __maybe_unused)
{
}
static __always_inline void lock_release(struct lockdep_map *map __maybe_unused)
{
}
static __always_inline void lock_contended(struct lockdep_map *map __maybe_unused)
{
}
static inline void lockdep_check_held(const struct lockdep_map *map __maybe_unused,
				      unsigned int unwanted_flags __maybe_unused)
{
}
static inline void lockdep_check_irqs(bool disabled __maybe_unused)
{
}
static inline void lockdep_check_sleep(void)
{
}
static inline void lockdep_check_big_lock(bool held __maybe_unused)
{
}
static inline void lockdep_check_no_spinlock(const char *what __maybe_unused)
{
}
static inline void lockdep_check_none_held(const char *where __maybe_unused)
{
}
static inline void lockdep_check_rcu_reader(void)
{
}
static inline void lockdep_check_freed(const void *start __maybe_unused,
				       size_t size __maybe_unused)
{
}
static inline void lockdep_task_init(struct lockdep_task *task __maybe_unused)
{
}
static inline void lockdep_scheduler_runs(void)
{
}
#endif

/* Statements at the head of a function: what it expects of its caller. */
#define lockdep_assert_held(lock)	 lockdep_check_held(&(lock)->dep_map, 0)
#define lockdep_assert_held_write(lock)	 lockdep_check_held(&(lock)->dep_map, LOCK_SHARED)
#define lockdep_assert_irqs_disabled()	 lockdep_check_irqs(true)
#define lockdep_assert_irqs_enabled()	 lockdep_check_irqs(false)
/* On the way to user mode, and where a task ends; @where is for the report. */
#define lockdep_assert_none_held(where) lockdep_check_none_held(where)

#endif
