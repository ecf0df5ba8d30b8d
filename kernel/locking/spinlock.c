/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Queued spinlocks: what a CPU does that finds the lock held.
 *
 * The lock word has the holder's byte and the number of the last CPU in the queue (the tail):
 *
 *	word == 0			free.  The fast path: one compare-exchange to 1
 *	locked == 1, tail == 0		held, nobody waits
 *	locked == 1, tail != 0		held; the CPUs up to the tail wait
 *	locked == 0, tail != 0		free, but promised to the head of the queue: the fast path
 *					fails, so nobody overtakes
 *
 * The queue is a chain of nodes in per-CPU memory.  A CPU appends its node by exchanging the tail,
 * links it behind the old tail, and spins on its own node until it is at the head.  Only the head
 * spins on the lock; when that is free it takes it, tells the next node that it is head now, and
 * has no more use for its own node: a node serves only while its CPU waits.
 *
 *	CPU 1 (head)			CPU 2 (behind it)
 *					old = xchg(tail, 2)		[A]
 *	locked == 0			prev->next = node 2		[B]
 *	tail is 2, not 1: set locked
 *	wait for node 1's next		spin on node 2's is_head
 *	next->is_head = true		[C]
 *					head: spin on locked
 *
 * [A] is also a release: who finds our number in the tail, or our node by [B], finds the node
 * initialised.  [C] pairs with the acquire in wait_for_head().  The unlock is a release of the byte
 * and pairs with the head's acquire.  The last waiter empties the tail in the same compare-exchange
 * that takes the lock; if that fails somebody has come, and is or soon will be linked.
 *
 * A CPU may wait in several contexts at once, each breaking into the one below: task, interrupt,
 * NMI, debugger.  Each level has a node of its own; should there ever be more levels, the innermost
 * spins without queueing.
 *
 * On a virtual machine a CPU that waits may be one that the host does not run just now.  A queue
 * would hand the lock to it nevertheless, and all behind it wait until it runs again, each time:
 * with more CPUs than the host has for them a lock changes hands some hundred times a second.
 * There nobody queues (spin_without_queue()): who runs when the lock becomes free takes it, which
 * is not fair.
 *
 * tools/testing/models/qspinlock.pml checks all interleavings of this for a few CPUs.
 */
#include <arch/processor.h>
#include <oshit/atomic.h>
#include <oshit/init.h>
#include <oshit/percpu.h>
#include <oshit/qspinlock.h>

#define NR_LEVELS      4
#define TAIL_CPU_SHIFT 2 /* below: the level */
static_assert(NR_LEVELS <= 1 << TAIL_CPU_SHIFT, "a level fits");
static_assert(((NR_CPUS << TAIL_CPU_SHIFT) | (NR_LEVELS - 1)) <= 0xffff, "a tail has 16 bits");

struct queue_node { /* a: atomic */
	struct queue_node *next; /* a  set by who comes behind us */
	bool is_head; /* a  set by who is before us */
};

struct queue_nodes { /* c: only by code on this CPU, which nests properly */
	struct queue_node level[NR_LEVELS];
	unsigned int nr_used; /* c */
} __aligned(64);

static DEFINE_PER_CPU(struct queue_nodes, queue_nodes);

static u16 tail_encode(unsigned int cpu, unsigned int level)
{
	return (u16)(((cpu + 1) << TAIL_CPU_SHIFT) | level);
}

static struct queue_node *tail_node(u16 tail)
{
	unsigned int cpu = (tail >> TAIL_CPU_SHIFT) - 1;

	return &per_cpu(queue_nodes, cpu).level[tail & (NR_LEVELS - 1)];
}

/* Behind @prev until it says that it is gone. */
static void wait_for_head(struct queue_node *prev, struct queue_node *node)
{
	smp_store_release(&prev->next, node);
	while (!smp_load_acquire(&node->is_head))
		cpu_relax();
}

/* As the head: waits for the holder and takes the lock.  True if nobody is behind us. */
static bool take_as_head(struct qspinlock *lock, u16 tail)
{
	u32 last = (u32)tail << 16;

	while (smp_load_acquire(&lock->locked))
		cpu_relax();
	/* The tail leaves with us if it is ours. */
	if (__atomic_compare_exchange_n(&lock->word, &last, QSPIN_LOCKED, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return true;
	/* With a tail there nobody but the head changes the byte to 1. */
	__atomic_store_n(&lock->locked, QSPIN_LOCKED, __ATOMIC_RELAXED);
	return false;
}

static void promote_next(struct queue_node *node)
{
	struct queue_node *next;

	while (!(next = smp_load_acquire(&node->next)))
		cpu_relax();
	smp_store_release(&next->is_head, true);
}

static void queue_and_wait(struct qspinlock *lock, struct queue_node *node, u16 tail)
{
	u16 old;

	node->next = NULL;
	node->is_head = false;
	old = __atomic_exchange_n(&lock->tail, tail, __ATOMIC_ACQ_REL);
	if (old)
		wait_for_head(tail_node(old), node);
	if (!take_as_head(lock, tail))
		promote_next(node);
}

#ifdef CONFIG_VIRT_SPIN
static bool has_no_queue __ro_after_init;

/* Who has queued before that, and who does not, get on with one another. */
void __init spin_without_queue(void)
{
	has_no_queue = true;
}
#else
#define has_no_queue false
#endif

noinline void queued_spin_lock_slow(struct qspinlock *lock)
{
	struct queue_nodes *nodes = this_cpu_ptr(&queue_nodes);
	unsigned int level = nodes->nr_used;

	if (has_no_queue || unlikely(level >= NR_LEVELS)) {
		while (!queued_spin_trylock(lock))
			cpu_relax();
		return;
	}
	/* An interrupt from here on takes the next node, and has left it when it returns. */
	WRITE_ONCE(nodes->nr_used, level + 1);
	barrier();
	queue_and_wait(lock, &nodes->level[level], tail_encode(smp_processor_id(), level));
	barrier();
	WRITE_ONCE(nodes->nr_used, level);
}
