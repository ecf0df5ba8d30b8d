/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the scheduler and a policy.
 *
 * A struct sched_queue orders the tasks of one CPU.  A task in it either waits or is ->curr, the
 * one that runs; all others are outside.  The ways between these:
 *
 *	outside -- enqueue() --> waiting -- pick() --> curr -- leave() --> outside
 *	outside <-- remove() --- waiting <-- put() --- curr
 *
 * rotate() is put() and pick() in one, which costs less, and differs in one point: who yields is
 * not picked if there is another one.
 *
 * charge() tells what curr has used; it is called before each put(), leave() and question.
 * Context: the CPU that owns the queue, interrupts off.  No policy knows locks, clocks or CPUs, so
 * that the host tests run them as they are.
 */
#ifndef SCHED_POLICY_H
#define SCHED_POLICY_H

#include <oshit/list.h>
#include <oshit/sched_entity.h>

struct sched_queue { /* all: the owning CPU, interrupts off; nr also read by others as a hint */
	unsigned int nr; /* that wait */
	struct sched_entity *curr; /* NULL: none of this queue runs */
	union {
		struct list_head list; /* round robin */
		struct { /* weighted fair */
			struct rb_root_cached tree; /* by deadline */
			u64 min_vruntime; /* zero of the sums; only grows */
			__int128 sum_key; /* of those that wait: weight * (vruntime - min) */
			u64 sum_weight; /* of those that wait */
		};
	};
};

/* Why curr is put back. */
enum put_reason {
	PUT_PREEMPTED, /* by another task or for another queue: it goes on soon */
	PUT_YIELD, /* it lets the others go first */
};

struct sched_policy {
	const char *name;
	void (*init)(struct sched_queue *queue);
	void (*enqueue)(struct sched_queue *queue, struct sched_entity *se);
	void (*remove)(struct sched_queue *queue, struct sched_entity *se);
	/* The one to run next becomes curr, which must be NULL; NULL if none waits. */
	struct sched_entity *(*pick)(struct sched_queue *queue);
	void (*put)(struct sched_queue *queue, enum put_reason why);
	struct sched_entity *(*rotate)(struct sched_queue *queue, enum put_reason why);
	void (*leave)(struct sched_queue *queue);
	void (*charge)(struct sched_queue *queue, u64 delta_ns);
	/* Whether @se, which waits, should run at once instead of curr. */
	bool (*preempts)(const struct sched_queue *queue, const struct sched_entity *se);
	/* How long curr may still run while others wait, in ns; 0: no longer. */
	u64 (*time_left_ns)(const struct sched_queue *queue);
	/* Those that wait, from the one that would come last: whom to give away first. */
	struct sched_entity *(*last)(const struct sched_queue *queue);
	struct sched_entity *(*before)(const struct sched_queue *queue,
				       const struct sched_entity *se);
};

extern const struct sched_policy sched_rr, sched_fair;

#ifdef CONFIG_SCHED_FAIR
#define SCHED_NORMAL_POLICY sched_fair
#else
#define SCHED_NORMAL_POLICY sched_rr
#endif

#ifdef CONFIG_SCHED_SLICE_US
#define SCHED_SLICE_NS (CONFIG_SCHED_SLICE_US * 1000UL)
#else
#define SCHED_SLICE_NS 5000000UL
#endif

/* Of weight 1024; others in proportion, between an eighth and 16 times of it. */
static inline u64 sched_slice_ns(const struct sched_entity *se)
{
	u64 slice_ns = SCHED_SLICE_NS * se->weight / NICE_0_WEIGHT;

	if (slice_ns < SCHED_SLICE_NS / 8)
		return SCHED_SLICE_NS / 8;
	return slice_ns > SCHED_SLICE_NS * 16 ? SCHED_SLICE_NS * 16 : slice_ns;
}

#endif
