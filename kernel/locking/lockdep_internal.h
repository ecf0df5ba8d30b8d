/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of lockdep: kernel/locking/lockdep.c has the theory. */
#ifndef LOCKDEP_INTERNAL_H
#define LOCKDEP_INTERNAL_H

#include <oshit/bitmap.h>
#include <oshit/lockdep.h>
#include <oshit/types.h>

#define MAX_CLASSES  512 /* class 0 stands for none; the kernel has some 100 */
#define MAX_EDGES    2048

/* How a class has been used. */
#define USED_IN_IRQ  0x1u /* taken, waiting for it, by an interrupt handler */
#define USED_IRQS_ON 0x2u /* held while interrupts were on */
#define NR_USES	     2

/* g: lockdep's own lock, see graph_lock()   i: constant once the class is found   a: atomic */
struct lock_class {
	const void *key; /* i */
	const char *name; /* i  NULL: key is a static lock's address */
	u8 subclass; /* i */
	u8 uses; /* a  USED_, set under g */
	u16 hash_next; /* g */
	u16 first_out, first_in; /* g  edges to what was taken under it, and to what it was under */
	u16 parent; /* g  during a search: edge by which it was reached */
	u32 visited; /* g  number of the search that met it */
	u32 nr_contended; /* a  waits */
	unsigned long trace[NR_USES][LOCKDEP_HELD_TRACE]; /* g  who first used it so, ends with 0 */
};

/* Class @to was taken while class @from was held. */
struct lock_edge { /* g */
	u16 from, to;
	u16 next_out, next_in; /* in the lists of from and to */
	unsigned long trace[LOCKDEP_HELD_TRACE]; /* who did it first, ends with 0 */
};

/* A search found a way: @from is where it began, the edges lead back there from @found. */
struct lock_path {
	u16 from, found;
	bool backward; /* along what a class was taken under */
};

extern struct lock_class lock_classes[MAX_CLASSES];
extern struct lock_edge lock_edges[MAX_EDGES];
extern unsigned int nr_lock_classes, nr_lock_edges; /* g  in use, the unused entry 0 included */

/* --- lockdep_graph.c.  Interrupts off. --- */

/* Number of the lock's class; 0 if there is none, which has been reported. */
u16 lock_class_of(struct lockdep_map *map, unsigned int subclass);

/* "@new under @from" from now on. Reports if that, or what follows from it, is wrong. */
void lock_graph_add(u16 from, const struct held_lock *new);

/* The class is used in one more way. Reports if that is wrong. */
void lock_graph_use(const struct held_lock *held, u8 use);

/*
 * The class nearest to path->from, itself included, that is @target or has one of @uses, along the
 * edges or against them.  True if there is one: path->found.  Under the graph's lock.
 */
bool lock_graph_search(struct lock_path *path, u16 target, u8 uses);

static inline bool lock_class_has_use(u16 class, u8 use)
{
	return READ_ONCE(lock_classes[class].uses) & use;
}

/* --- lockdep_report.c --- */

/* False: nothing is to be printed (expected by a test, or not the first), and not to be ended. */
bool lockdep_report_begin(enum lockdep_problem problem, const char *what);
void lockdep_report_end(void);
void lockdep_report_cycle(struct lock_path *path, u16 held, u16 wanted);
void lockdep_report_inversion(struct lock_path *to_irq, struct lock_path *to_on);
/* What the running task holds, with who took it. */
void lockdep_print_held(const struct lockdep_task *task);
void lockdep_print_class(const char *intro, u16 class);

/* --- lockdep.c --- */

/* The record of the running task. */
struct lockdep_task *lockdep_current(void);

#endif
