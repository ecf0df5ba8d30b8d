/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory for the floating-point state of tasks that use it. */
#include <arch/fpu.h>
#include <arch/thread.h>
#include <linux/errno.h>
#include <oshit/init.h>
#include <oshit/sched.h>
#include <oshit/slab.h>
#include <oshit/string.h>

static struct kmem_cache *fpu_cache;

int fpu_use(void)
{
	struct fpu_state *state;

	if (current->thread.fpu)
		return 0;
	state = kmem_cache_alloc(fpu_cache, GFP_KERNEL);
	if (!state)
		return -ENOMEM;
	fpu_state_init(state);
	current->thread.fpu_cpu = ~0U;
	/* From here on a trap may use it. */
	WRITE_ONCE(current->thread.fpu, state);
	return 0;
}

int fpu_copy(struct task_struct *child)
{
	struct fpu_state *state;

	if (!current->thread.fpu)
		return 0;
	state = kmem_cache_alloc(fpu_cache, GFP_KERNEL);
	if (!state)
		return -ENOMEM;
	memcpy(state, fpu_state_get(), fpu_state_size());
	child->thread.fpu = state;
	child->thread.fpu_cpu = ~0U;
	child->thread.fpu_is_used = current->thread.fpu_is_used;
	return 0;
}

void arch_thread_free(struct task_struct *task)
{
	kmem_cache_free(fpu_cache, task->thread.fpu);
}

__init void arch_thread_init_caches(void)
{
	fpu_cache =
		kmem_cache_create("fpu_state", fpu_state_size(), FPU_STATE_ALIGN, SLAB_PANIC, NULL);
}
