/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a policy of the scheduler keeps about a task; embedded in struct task_struct.  Whose it is
 * at a moment is said at the head of kernel/sched/core.c: the CPU that has the task in its queue,
 * or whoever moves the task.
 */
#ifndef OSHIT_SCHED_ENTITY_H
#define OSHIT_SCHED_ENTITY_H

#include <oshit/rbtree.h>
#include <oshit/types.h>

#define NICE_MIN	 (-20)
#define NICE_MAX	 19
#define NICE_0_WEIGHT	 1024

struct sched_entity {
	union {
		struct list_head link; /* round robin, idle class, global queue */
		struct rb_node node; /* weighted fair */
	};
	u32 weight; /* of ->nice: see sched_weight() */
	s8 nice; /* that ->weight was made from */
	u64 inverse; /* NICE_0_WEIGHT / weight, with 32 bits of fraction */
	s64 slice_left_ns; /* round robin: what is left, below 0 what was overdrawn */
	/* Weighted fair, all in virtual nanoseconds: those of a task of weight 1024. */
	u64 vruntime;
	u64 deadline; /* when the present slice is used up */
	u64 min_vruntime; /* least of the subtree below ->node */
	s64 lag; /* while in no queue: how far it was behind the average when it left */
};

/**
 * sched_weight() - the share of CPU that a nice value asks for
 * @nice: NICE_MIN..NICE_MAX; others are clamped
 * Return: 1024 at 0, and a quarter more for each step down: two tasks one step apart get 5:4.
 */
u32 sched_weight(int nice);

/* Gives @se the weight of a nice value; its lag stays the same in real time. Who owns it, while it
 * is in no queue. */
void sched_entity_set_nice(struct sched_entity *se, int nice);

#endif
