/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory, pids and ends of tasks.
 *
 * A task that ends does so on its own stack, so it cannot free it.  The scheduler hands it over,
 * when its CPU has left the stack, to that CPU's reaper: a list without a lock, since that is in
 * the middle of a switch, and a kernel thread that frees the stack and drops the reference that
 * stands for the task's life.  The memory of struct task_struct itself goes with the last
 * reference.  What was a CPU's goes back to it so, and CPUs do not wake each other for that.  The
 * reaper of a CPU that is off runs elsewhere, if there is anything left for it.
 *
 * Pids come from a bitmap, in turn, so that a pid is not used again soon.  A pid belongs to its
 * task from task_alloc() until that is freed.  The tree of all tasks is ordered by pid; a task
 * enters it when it is complete (task_publish()), so nobody finds half a one.  A look-up may meet a
 * task whose last reference is gone, and then passes over it.  A group and a session are called by
 * the pid of who made them, and hold it (pid_hold()) as long as they are there: a new process with
 * that pid would be taken for their leader.
 *
 * Who wants to come back to a task without keeping it, or its pid, alive remembers the pid and the
 * serial number of its use (struct pid_ref): task_find_ref() finds the same task or none.  Both
 * change hands together when execve() moves a pid to another thread.
 *
 * Locks: tasks.lock, interrupts off, for tree and bitmap.
 */
#define pr_fmt(fmt) "task: " fmt

#include <linux/errno.h>
#include <oshit/bitmap.h>
#include <oshit/bug.h>
#include <oshit/clock.h>
#include <oshit/err.h>
#include <oshit/init.h>
#include <oshit/kernel_stack.h>
#include <oshit/kthread.h>
#include <oshit/llist.h>
#include <oshit/math.h>
#include <oshit/panic.h>
#include <oshit/slab.h>
#include <oshit/spinlock.h>
#include <oshit/task.h>

static struct { /* t: ->lock, interrupts off */
	raw_spinlock_t lock;
	struct rb_root tree; /* t  by pid */
	int last_pid; /* t */
	u64 last_serial; /* t */
	DECLARE_BITMAP(pids, PID_MAX); /* t  in use, by whatever */
	unsigned long uses[NR_PID_USES][BITS_TO_LONGS(PID_MAX)]; /* t  which are used as what */
} tasks = { .lock = RAW_SPINLOCK_INIT };

unsigned long pid_max = PID_MAX;

static atomic_t nr_allocated; /* tasks whose memory is not free yet */

static struct kmem_cache *task_cache;
static DEFINE_PER_CPU(struct llist_head, dead_tasks);
static DEFINE_PER_CPU(struct task_struct *, reaper);

static struct task_struct *task_of(const struct rb_node *node)
{
	return rb_entry_or_null((struct rb_node *)node, struct task_struct, pid_node);
}

static bool pid_less(const struct rb_node *a, const struct rb_node *b)
{
	return task_of(a)->pid < task_of(b)->pid;
}

static int pid_cmp(const void *key, const struct rb_node *node)
{
	return *(const int *)key - task_of(node)->pid;
}

static void set_use(int pid, enum pid_use use)
{
	__set_bit(pid, tasks.uses[use]);
	__set_bit(pid, tasks.pids);
}

static void clear_use(int pid, enum pid_use use)
{
	bool is_used = false;

	__clear_bit(pid, tasks.uses[use]);
	for (unsigned int i = 0; i < NR_PID_USES; i++)
		is_used |= test_bit(pid, tasks.uses[i]);
	if (!is_used)
		__clear_bit(pid, tasks.pids);
}

void pid_hold(int pid, enum pid_use use)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&tasks.lock, flags);
	set_use(pid, use);
	raw_spin_unlock_irqrestore(&tasks.lock, flags);
}

void pid_drop(int pid, enum pid_use use)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&tasks.lock, flags);
	clear_use(pid, use);
	raw_spin_unlock_irqrestore(&tasks.lock, flags);
}

/* Gives @task a pid; it cannot be found by it yet. 0, or -EAGAIN if all are in use. */
static int take_pid(struct task_struct *task)
{
	unsigned long flags, limit = READ_ONCE(pid_max);
	size_t pid;

	raw_spin_lock_irqsave(&tasks.lock, flags);
	pid = find_next_zero_bit(tasks.pids, limit, min(tasks.last_pid + 1UL, limit));
	if (pid == limit)
		pid = find_next_zero_bit(tasks.pids, limit, 1);
	if (pid < limit) {
		set_use((int)pid, PID_OF_TASK);
		tasks.last_pid = (int)pid;
		task->pid = (int)pid;
		task->pid_serial = ++tasks.last_serial;
	}
	raw_spin_unlock_irqrestore(&tasks.lock, flags);
	return pid < limit ? 0 : -EAGAIN;
}

void task_publish(struct task_struct *task)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&tasks.lock, flags);
	rb_add(&task->pid_node, &tasks.tree, pid_less);
	raw_spin_unlock_irqrestore(&tasks.lock, flags);
}

static void give_pid_back(struct task_struct *task)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&tasks.lock, flags);
	if (!rb_node_is_clear(&task->pid_node))
		rb_erase(&task->pid_node, &tasks.tree);
	clear_use(task->pid, PID_OF_TASK);
	raw_spin_unlock_irqrestore(&tasks.lock, flags);
}

void (*task_free_hook)(struct task_struct *task);

void task_exchange_pids(struct task_struct *a, struct task_struct *b)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&tasks.lock, flags);
	rb_erase(&a->pid_node, &tasks.tree);
	rb_erase(&b->pid_node, &tasks.tree);
	swap(a->pid, b->pid);
	swap(a->pid_serial, b->pid_serial);
	rb_add(&a->pid_node, &tasks.tree, pid_less);
	rb_add(&b->pid_node, &tasks.tree, pid_less);
	raw_spin_unlock_irqrestore(&tasks.lock, flags);
}

struct task_struct *task_alloc(void (*start)(void *arg), void *arg)
{
	struct task_struct *task = kmem_cache_zalloc(task_cache, GFP_KERNEL);
	int err = -ENOMEM;

	if (!task)
		return ERR_PTR(err);
	task->stack = kernel_stack_alloc();
	if (!task->stack)
		goto free_task;
	refcount_set(&task->refs, 1);
	rb_clear_node(&task->pid_node);
	sched_init_task(task, start, arg);
	task->nice = READ_ONCE(current->nice);
	spin_lock_init(&task->files_lock);
	task->start_ns = clock_ns();
	err = take_pid(task);
	if (err)
		goto free_stack;
	atomic_inc(&nr_allocated);
	return task;

free_stack:
	kernel_stack_free(task->stack);
free_task:
	kmem_cache_free(task_cache, task);
	return ERR_PTR(err);
}

void put_task_struct(struct task_struct *task)
{
	if (!refcount_dec_and_test(&task->refs))
		return;
	give_pid_back(task);
	if (task_free_hook)
		task_free_hook(task);
	arch_thread_free(task);
	kfree(task->kthread);
	kmem_cache_free(task_cache, task);
	atomic_dec(&nr_allocated);
}

void task_free_unused(struct task_struct *task)
{
	void *stack = task->stack;

	/* Pairs with task_call_peek(): who reads it finds out that it may be another's by now. */
	WRITE_ONCE(task->stack, NULL);
	smp_wmb();
	kernel_stack_free(stack);
	put_task_struct(task);
}

struct task_struct *task_peek_from(int pid)
{
	return task_of(rb_find_at_or_after(&pid, &tasks.tree, pid_cmp));
}

struct task_struct *task_find_from(int pid)
{
	struct task_struct *task;
	unsigned long flags;

	raw_spin_lock_irqsave(&tasks.lock, flags);
	task = task_peek_from(pid);
	while (task && !refcount_inc_not_zero(&task->refs))
		task = task_of(rb_next(&task->pid_node));
	raw_spin_unlock_irqrestore(&tasks.lock, flags);
	return task;
}

struct task_struct *task_find(int pid)
{
	struct task_struct *task = task_find_from(pid);

	if (task && task->pid != pid) {
		put_task_struct(task);
		return NULL;
	}
	return task;
}

struct pid_ref task_pid_ref(const struct task_struct *task)
{
	struct pid_ref ref;
	unsigned long flags;

	raw_spin_lock_irqsave(&tasks.lock, flags);
	ref = (struct pid_ref){ task->pid, task->pid_serial };
	raw_spin_unlock_irqrestore(&tasks.lock, flags);
	return ref;
}

struct task_struct *task_find_ref(struct pid_ref ref)
{
	struct task_struct *task;
	unsigned long flags;

	raw_spin_lock_irqsave(&tasks.lock, flags);
	task = task_of(rb_find_at_or_after(&ref.pid, &tasks.tree, pid_cmp));
	if (task && (task->pid != ref.pid || task->pid_serial != ref.serial ||
		     !refcount_inc_not_zero(&task->refs)))
		task = NULL;
	raw_spin_unlock_irqrestore(&tasks.lock, flags);
	return task;
}

u64 nr_forks(void)
{
	return READ_ONCE(tasks.last_serial);
}

int last_pid(void)
{
	return READ_ONCE(tasks.last_pid);
}

unsigned int nr_tasks(void)
{
	return (unsigned int)atomic_read(&nr_allocated);
}

/* --- reapers --- */

/* In the middle of a switch: the task is off its CPU for good. */
static void task_has_died(struct task_struct *task)
{
	llist_add(&task->inbox, this_cpu_ptr(&dead_tasks));
	wake_up_process(this_cpu_read(reaper));
}

static int reap(void *data)
{
	struct llist_head *dead = data;
	struct llist_node *node, *next;

	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		if (llist_empty(dead))
			schedule();
		__set_current_state(TASK_RUNNING);
		llist_for_each_safe(node, next, llist_reverse_order(llist_del_all(dead)))
			task_free_unused(llist_entry(node, struct task_struct, inbox));
	}
	return 0;
}

__init void task_init(void)
{
	arch_thread_init_caches();
	__set_bit(0, tasks.pids); /* of the idle tasks */
	task_cache =
		kmem_cache_create("task_struct", sizeof(struct task_struct), 64, SLAB_PANIC, NULL);
}

static __init void start_reaper(unsigned int cpu)
{
	struct task_struct *task =
		kthread_create(reap, per_cpu_ptr(&dead_tasks, cpu), "reaper/%u", cpu);

	if (IS_ERR(task))
		panic("no memory for the first tasks");
	task->cpus_allowed = cpumask_of(cpu);
	task->nr_cpus_allowed = 1;
	per_cpu(reaper, cpu) = task;
	wake_up_process(task);
}

__init void task_start_reapers(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		start_reaper(cpu);
	sched_dead_hook = task_has_died;
}
