/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The thread of kernel/rcu.c, and memory that waits for it: when memory is short, whoever may sleep
 * for some waits for the callbacks as well.  The thread has more than its share of a busy CPU, for
 * what others free piles up behind it.
 */
#include <oshit/init.h>
#include <oshit/kthread.h>
#include <oshit/panic.h>
#include <oshit/rcu.h>
#include <oshit/shrinker.h>

#define RCU_NICE (-10)

/* How much that is the callbacks alone know.  If none wait nobody does, for a batch takes as long
 * as readers do, and reclaim asks again and again. */
static unsigned long run_callbacks(struct shrinker *shrinker __maybe_unused, gfp_t gfp,
				   unsigned long nr __maybe_unused)
{
	struct rcu_state before, after;

	if (!(gfp & __GFP_DIRECT_RECLAIM))
		return 0;
	rcu_get_state(&before);
	if (!before.has_calls)
		return 0;
	rcu_barrier();
	rcu_get_state(&after);
	return after.nr_called - before.nr_called;
}

static struct shrinker rcu_shrinker = { .name = "rcu", .shrink = run_callbacks };

void __init rcu_start(void)
{
	struct task_struct *task = kthread_run(rcu_thread, NULL, "rcu");

	if (IS_ERR(task))
		panic("no memory for the thread of RCU");
	set_nice(task, RCU_NICE);
	register_shrinker(&rcu_shrinker);
}
