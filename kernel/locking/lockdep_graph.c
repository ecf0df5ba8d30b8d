/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lockdep's memory: classes, and the graph of the orders in which they were taken.
 *
 * A node is a class, an edge A -> B says that a lock of B was taken while one of A was held.  The
 * graph must stay free of cycles: a new edge A -> B is refused if B already leads to A.  The search
 * is by breadth, so the way that a report shows is a shortest one.
 *
 * A class used by interrupt handlers (USED_IN_IRQ) must not lead to one that is held with
 * interrupts on (USED_IRQS_ON): CPU 1 holds A and waits for B, CPU 2 holds B and is interrupted by
 * a handler that waits for A.  So a new edge looks backwards from its tail for the one kind and
 * forwards from its head for the other, and a class that is used in a new way looks one way.
 *
 * All tables are static.  A matrix with a bit for each pair of classes answers "known already"
 * without a lock, which is nearly every time; all else is under graph_lock, a bare queued lock that
 * lockdep does not see, with interrupts off.  Nothing is ever removed: keys are static.
 */
#include <arch/page.h>
#include <oshit/cpumask.h>
#include <oshit/percpu.h>
#include <oshit/qspinlock.h>
#include <oshit/string.h>

#include "lockdep_internal.h"

#define NR_BUCKETS 256 /* twice as many as there are classes, or so */

extern char __start_percpu[], __stop_percpu[];

struct lock_class lock_classes[MAX_CLASSES];
struct lock_edge lock_edges[MAX_EDGES];
unsigned int nr_lock_classes = 1, nr_lock_edges = 1;

static struct qspinlock graph_lock;
static u16 buckets[NR_BUCKETS]; /* g  classes by key */
static DECLARE_BITMAP(known_orders, MAX_CLASSES *MAX_CLASSES); /* a  set under g */
static u16 queue[MAX_CLASSES]; /* g  of a search */
static u32 search_number; /* g */

/* --- classes --- */

/* What a lock in a CPU's area is in the template, so that all copies are one class. */
static const void *template_address(const void *addr)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		const char *in_template = (const char *)addr - percpu_offset[cpu];

		if (in_template >= __start_percpu && in_template < __stop_percpu)
			return in_template;
	}
	return addr;
}

static bool is_static(const void *addr)
{
	return (const char *)addr >= _text && (const char *)addr < _end;
}

static const void *key_of(const struct lockdep_map *map, unsigned int subclass)
{
	const char *key = (const char *)map->key;

	if (!key)
		key = template_address(map);
	/* A byte of the key, or of the static lock's own map, is the subclass's address. */
	return is_static(key) ? key + subclass : NULL;
}

static unsigned int key_bucket(const void *key)
{
	return (unsigned int)(((unsigned long)key * 0x9e3779b97f4a7c15UL) >> 56) % NR_BUCKETS;
}

static u16 class_find(const void *key)
{
	u16 class = buckets[key_bucket(key)];

	while (class && lock_classes[class].key != key)
		class = lock_classes[class].hash_next;
	return class;
}

static u16 class_add(const struct lockdep_map *map, const void *key, unsigned int subclass)
{
	unsigned int bucket = key_bucket(key);
	struct lock_class *class;

	if (nr_lock_classes == MAX_CLASSES)
		return 0;
	class = &lock_classes[nr_lock_classes];
	class->key = key;
	class->name = map->name;
	class->subclass = (u8)subclass;
	class->hash_next = buckets[bucket];
	buckets[bucket] = (u16)nr_lock_classes;
	return (u16)nr_lock_classes++;
}

static void report_plain(enum lockdep_problem problem, const char *what)
{
	if (lockdep_report_begin(problem, what))
		lockdep_report_end();
}

u16 lock_class_of(struct lockdep_map *map, unsigned int subclass)
{
	u16 class = READ_ONCE(map->class[subclass]);
	const void *key;

	if (likely(class))
		return class;
	key = key_of(map, subclass);
	if (!key) {
		report_plain(LOCKDEP_UNINITIALISED, "a lock that was never initialised");
		return 0;
	}
	queued_spin_lock(&graph_lock);
	class = class_find(key);
	if (!class)
		class = class_add(map, key, subclass);
	queued_spin_unlock(&graph_lock);
	if (class)
		WRITE_ONCE(map->class[subclass], class);
	else
		report_plain(LOCKDEP_FULL, "MAX_CLASSES is too low");
	return class;
}

/* --- searches --- */

static void visit(u16 class, u16 by_edge, unsigned int *queue_end)
{
	if (lock_classes[class].visited == search_number)
		return;
	lock_classes[class].visited = search_number;
	lock_classes[class].parent = by_edge;
	queue[(*queue_end)++] = class;
}

static void visit_neighbours(u16 class, bool backward, unsigned int *queue_end)
{
	u16 edge;

	if (backward) {
		for (edge = lock_classes[class].first_in; edge; edge = lock_edges[edge].next_in)
			visit(lock_edges[edge].from, edge, queue_end);
	} else {
		for (edge = lock_classes[class].first_out; edge; edge = lock_edges[edge].next_out)
			visit(lock_edges[edge].to, edge, queue_end);
	}
}

bool lock_graph_search(struct lock_path *path, u16 target, u8 uses)
{
	unsigned int begin = 0, end = 0;

	search_number++;
	visit(path->from, 0, &end);
	while (begin < end) {
		u16 class = queue[begin++];

		if (class == target || (lock_classes[class].uses & uses)) {
			path->found = class;
			return true;
		}
		visit_neighbours(class, path->backward, &end);
	}
	return false;
}

/* --- edges --- */

static size_t order_bit(u16 from, u16 to)
{
	return (size_t)from * MAX_CLASSES + to;
}

static bool edge_add(u16 from, const struct held_lock *new)
{
	u16 to = new->class;
	struct lock_edge *edge = &lock_edges[nr_lock_edges];

	if (nr_lock_edges == MAX_EDGES)
		return false;
	edge->from = from;
	edge->to = to;
	edge->next_out = lock_classes[from].first_out;
	edge->next_in = lock_classes[to].first_in;
	memcpy(edge->trace, new->trace, sizeof(edge->trace));
	lock_classes[from].first_out = (u16)nr_lock_edges;
	lock_classes[to].first_in = (u16)nr_lock_edges;
	nr_lock_edges++;
	return true;
}

/* What the two ends of a new edge lead to. True if it was wrong, and reported. */
static bool reports_inversion(struct lock_path *to_irq, struct lock_path *to_on)
{
	to_irq->backward = true;
	to_on->backward = false;
	if (!lock_graph_search(to_irq, 0, USED_IN_IRQ) ||
	    !lock_graph_search(to_on, 0, USED_IRQS_ON))
		return false;
	lockdep_report_inversion(to_irq, to_on);
	return true;
}

void lock_graph_add(u16 from, const struct held_lock *new)
{
	u16 to = new->class;
	struct lock_path cycle = { .from = to }, to_irq = { .from = from }, to_on = { .from = to };
	bool full = false;

	if (likely(test_bit(order_bit(from, to), known_orders)))
		return;
	queued_spin_lock(&graph_lock);
	if (!test_bit(order_bit(from, to), known_orders)) {
		if (lock_graph_search(&cycle, from, 0))
			lockdep_report_cycle(&cycle, from, to);
		else if (!reports_inversion(&to_irq, &to_on)) {
			full = !edge_add(from, new);
			set_bit(order_bit(from, to), known_orders);
		}
	}
	queued_spin_unlock(&graph_lock);
	if (full)
		report_plain(LOCKDEP_FULL, "MAX_EDGES is too low");
}

/* --- uses --- */

void lock_graph_use(const struct held_lock *held, u8 use)
{
	u16 class = held->class;
	struct lock_path to_irq = { .from = class }, to_on = { .from = class };

	if (likely(lock_class_has_use(class, use)))
		return;
	queued_spin_lock(&graph_lock);
	if (!lock_class_has_use(class, use)) {
		struct lock_class *c = &lock_classes[class];

		memcpy(c->trace[use - 1], held->trace, sizeof(c->trace[use - 1]));
		WRITE_ONCE(c->uses, c->uses | use);
		if (reports_inversion(&to_irq, &to_on))
			WRITE_ONCE(c->uses, c->uses & ~use);
	}
	queued_spin_unlock(&graph_lock);
}
