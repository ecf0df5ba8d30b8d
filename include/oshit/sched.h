/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tasks and the scheduler.  How tasks move between CPUs and who may touch what is told at the head
 * of kernel/sched/core.c; Documentation/sched.rst has the picture of a task's life.
 */
#ifndef OSHIT_SCHED_H
#define OSHIT_SCHED_H

#include <arch/processor.h>
#include <arch/thread.h>
#include <oshit/cpumask.h>
#include <oshit/cputime.h>
#include <oshit/irqflags.h>
#include <oshit/llist.h>
#include <oshit/lockdep.h>
#include <oshit/percpu.h>
#include <oshit/preempt.h>
#include <oshit/refcount.h>
#include <oshit/sched_entity.h>
#include <oshit/spinlock.h>
#include <oshit/types.h>
#include <oshit/watchdog.h>

struct cred;
struct files_struct;
struct fs_struct;
struct mm_context;
struct rlimit;
struct user_task;
struct kthread;
struct task_struct;

/*
 * States of a task.  Each but running waits for wake_up_state() with a mask that has its bit.  Who
 * sleeps sets one, looks once more at what he waits for, and calls schedule():
 *
 *	set_current_state(TASK_UNINTERRUPTIBLE);
 *	if (!READ_ONCE(done))
 *		schedule();
 *	__set_current_state(TASK_RUNNING);
 */
#define TASK_RUNNING	     0x00u
#define TASK_INTERRUPTIBLE   0x01u /* signals wake it, too */
#define TASK_UNINTERRUPTIBLE 0x02u
#define TASK_STOPPED	     0x04u
#define TASK_TRACED	     0x08u
#define TASK_PARKED	     0x10u /* a kernel thread, until it is unparked */
#define TASK_WAKEKILL	     0x20u /* fatal signals wake it, too */
#define TASK_DEAD	     0x40u /* will never run again; its reaper frees it */
#define TASK_NOLOAD	     0x80u /* beside another: waits for work, perhaps for ever */
/* Set by schedule() itself, beside one of the above: the task is on no queue, whoever wakes it up
 * puts it on one. */
#define TASK_OFF_QUEUE	     0x100u

#define TASK_NORMAL	     (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
#define TASK_IDLE	     (TASK_UNINTERRUPTIBLE | TASK_NOLOAD)
#define TASK_KILLABLE	     (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)

/* Flags of a task, set before it runs. */
#define PF_KTHREAD	     0x1u /* has no user address space */
#define PF_IDLE		     0x2u /* the idle task of a CPU */
#define PF_PINNED	     0x4u /* belongs to one CPU: its affinity is not for others to change */
#define PF_WORKER	     0x8u /* tells sched_worker_ops when it sleeps */
#define PF_PER_CPU	     0x10u /* pinned, and parked while its CPU is off */

/* What a task has to do before it returns to user mode; bits of task->notify, set by anybody. */
#define TIF_SIGPENDING	     0 /* look for signals; ends interruptible sleeps */
#define TIF_KILLED	     1 /* will end: ends killable sleeps, too; never cleared */
#define TIF_RSEQ	     2 /* was switched to: its restartable sequence begins anew */

enum sched_class {
	SCHED_CLASS_NORMAL,
	SCHED_CLASS_IDLE, /* runs where nothing else wants to; keeps nobody waiting for a lock */
};

#define TASK_COMM_LEN 16

/*
 * o: whoever owns the task at the moment (see core.c)   s: the task itself   i: constant once it
 * runs a: atomic, anybody   l: affinity_lock   t: kernel/task.c
 */
struct task_struct {
	unsigned int state; /* a  TASK_ */
	bool on_cpu; /* o  runs, or its stack is still in use */
	u8 class; /* i  enum sched_class */
	s8 nice; /* a  the owner makes a weight of it */
	unsigned int cpu; /* o  whose it is, or was last */
	unsigned int waits_on; /* o  number + 1 of the CPU in whose queue it waits; 0: in none */
	bool counts_as_movable; /* o  there */
	bool owed_turn; /* o  came from the global queue and has not run since */
	unsigned int flags; /* i  PF_ */
	unsigned long notify; /* a  TIF_ bits */
	bool has_rseq; /* s  each switch to it sets TIF_RSEQ */
	struct sched_entity se; /* o */
	struct llist_node inbox; /* o  while in one */
	struct arch_thread thread; /* o  registers, while it does not run */
	void *stack; /* i  lowest address, KERNEL_STACK_SIZE bytes */
	struct mm_context *mm; /* s  NULL: kernel thread */
	unsigned int nr_cpus_allowed; /* l  weight of the mask */
	struct cpumask cpus_allowed; /* l  written; read by anybody */

	struct cputime cputime; /* o  what it has run */
	u64 nr_switches; /* o  how often it began to run */
	u64 nr_migrations; /* o  how often on another CPU than before */

	void (*start)(void *arg); /* i  what it runs; never returns */
	void *start_arg; /* i */
	bool is_reclaiming; /* o  frees memory: may use all of the reserve, and does not recurse */
	bool is_oom_victim; /* a  is to die, and may use the reserve for that; never cleared */
	struct lockdep_task lockdep; /* s  what it holds */
	struct hung_task hung; /* khungtaskd */

	int pid; /* i  0: idle */
	refcount_t refs; /* a  get_task_struct() */
	u64 pid_serial; /* t  which of all tasks that ever had the pid */
	u64 start_ns; /* i  when it was made, clock_ns() */
	struct rb_node pid_node; /* t  in the tree of all tasks */
	struct kthread *kthread; /* i  of a kernel thread made by kthread_create() */

	/* Of a task that runs a program, else NULL. Upper tiers'. */
	struct cred *cred; /* s  written under cred_lock */
	struct rlimit *rlimits; /* i  of its process, one for each RLIMIT_ */
	spinlock_t files_lock; /* the next two: who is not the task reads them under it */
	struct fs_struct *fs; /* s  written under it */
	struct files_struct *files; /* s  the same */
	struct user_task *user; /* i */
	char comm[TASK_COMM_LEN]; /* s  name */
};

/* The task that runs on this CPU. */
DECLARE_PER_CPU(struct task_struct *, current_task);
#define current this_cpu_read(current_task)

/* The boot CPU's first and later idle task. */
extern struct task_struct boot_task;

/* Sets the state of the calling task.  The first form orders it before all later reads: it is for
 * going to sleep.  Pairs with the barrier in wake_up_state(). */
#define set_current_state(value)   ((void)xchg(&current->state, value))
#define __set_current_state(value) WRITE_ONCE(current->state, value)

static inline bool signal_pending(const struct task_struct *task)
{
	return READ_ONCE(task->notify) & BIT(TIF_SIGPENDING);
}

static inline bool fatal_signal_pending(const struct task_struct *task)
{
	return READ_ONCE(task->notify) & BIT(TIF_KILLED);
}

/**
 * schedule() - let another task run
 *
 * A task in a state other than TASK_RUNNING goes to sleep, unless it was woken since it set that,
 * or a signal came; else it goes on when its turn comes.  Returns on any CPU that it may use.
 *
 * Context: task, interrupts on, preemption not disabled, no spinlock held.
 */
void schedule(void);

/* Lets the others on this CPU go first. Context: as schedule(). */
void yield(void);

/**
 * wake_up_state() - make a task run again if it is in one of the states of @mask
 *
 * Full barrier before it looks: what the caller wrote before is seen by a sleeper who looks after
 * set_current_state().
 *
 * Context: any but NMI. The task must not be freed meanwhile.
 * Return: true if this call has woken it.
 */
bool wake_up_state(struct task_struct *task, unsigned int mask);

static inline bool wake_up_process(struct task_struct *task)
{
	return wake_up_state(task, TASK_NORMAL);
}

/**
 * schedule_until_ns() - sleep until woken up, at most until a time
 * @deadline_ns: by clock_ns()
 *
 * The caller has set its state; it is TASK_RUNNING at return.
 *
 * Context: as schedule(). Return: true if the deadline has passed.
 */
bool schedule_until_ns(u64 deadline_ns);

/* The same by the length of time. Return: what is left of it, 0 if it has passed. */
u64 schedule_timeout_ns(u64 timeout_ns);

/* Sleeps at least so long. Context: as schedule(). */
void sleep_until_ns(u64 deadline_ns);
void nsleep(u64 ns);
void usleep(unsigned long us);
void msleep(unsigned long ms);

/**
 * set_cpus_allowed() - say on which CPUs a task may run
 *
 * The calling task is on one of them at return. Another one that runs elsewhere leaves that CPU at
 * its next scheduling point, which is at once with CONFIG_PREEMPT. While all its CPUs are off a
 * task runs on any, and comes back with the first that is on again.
 *
 * Context: task, interrupts on. Return: 0; -EINVAL if none of @mask is on, or the task is pinned.
 */
int set_cpus_allowed(struct task_struct *task, const struct cpumask *mask);
/* A child that nobody knows yet may run where its parent, the caller, may. */
void inherit_cpus_allowed(struct task_struct *child);

/* Share of CPU against others: NICE_MIN (most) .. NICE_MAX. Context: task, interrupts on. */
int set_nice(struct task_struct *task, int nice);

/* In long loops: schedules if another task should run.  Return: whether it did. */
bool cond_resched(void);

/* Stands where a function may sleep. */
#define might_sleep() lockdep_check_sleep()

/* Ends the calling task for good; its reaper gets it. Context: task. */
void __noreturn sched_exit(void);

/*
 * Called for each task that has ended, when nobody uses its stack any more: the task tier frees it.
 * Context: the switch of tasks, interrupts off.
 */
extern void (*sched_dead_hook)(struct task_struct *task);

/*
 * Called by a PF_WORKER task around each of its sleeps: workqueues keep their number of threads.
 * Context: the task, its state set, interrupts on; must not sleep.
 */
struct sched_worker_ops {
	void (*sleeps)(struct task_struct *task);
	void (*goes_on)(struct task_struct *task);
};
extern const struct sched_worker_ops *sched_worker_ops; /* set once */

/* --- boot and CPUs --- */

/* The caller becomes the boot CPU's idle task to be. Once, when per-CPU areas are there. */
void sched_init(void);

/* Where a CPU ends when it is up: runs its idle loop. Context: its idle task, interrupts off. */
void __noreturn cpu_startup_entry(void);

/* The reschedule IPI: something was posted to this CPU. Context: its handler. */
void sched_ipi(void);

/* From the arch: the first that a new task runs, on its own stack. Interrupts off. */
void __noreturn sched_first_run(struct task_struct *prev);

/* On the way out of an interrupt, if need_resched() and nothing forbids it. Interrupts off. */
void preempt_schedule_irq(void);

/* Cycles spent in user mode that have not been charged yet, and when the CPU went there last. */
DECLARE_PER_CPU(u64, user_cycles);
DECLARE_PER_CPU(u64, user_since_cycles);

/* The CPU enters user mode, and leaves it. Interrupts off. */
static __always_inline void account_user_enter(void)
{
	if (!IS_ENABLED(CONFIG_TICK_CPU_ACCOUNTING))
		this_cpu_write(user_since_cycles, cpu_cycles());
}

static __always_inline void account_user_exit(void)
{
	u64 since_cycles;

	if (IS_ENABLED(CONFIG_TICK_CPU_ACCOUNTING))
		return;
	since_cycles = this_cpu_read(user_since_cycles);
	this_cpu_add(user_cycles, cpu_cycles() - since_cycles);
}

/* Says what this CPU does from now on, and charges what it did; user mode counts as system time
 * here, the two are told apart later. Interrupts off. Return: what it did. */
enum cpu_time sched_account_switch(enum cpu_time next);

/* Sets up a task that has memory, all zero, and a stack: it will run @start(@arg), which never
 * returns.  It sleeps in TASK_UNINTERRUPTIBLE until wake_up_process(). */
void sched_init_task(struct task_struct *task, void (*start)(void *arg), void *arg);

/* Whether nothing runs or waits on @cpu but its idle task, as far as it has told. Any context. */
bool sched_cpu_is_empty(unsigned int cpu);

/* --- what it has done --- */

/* Has all CPUs charge what they have done up to now, if that is not just done: the times below, and
 * those of tasks, are right to a tick then.  Context: task, may sleep. */
void sched_charge_all(void);

/* How often a CPU has gone from one task to another. Any context. */
u64 cpu_nr_switches(unsigned int cpu);

/* Nanoseconds that a CPU has spent so, up to its last switch. Any context. */
u64 cpu_time_ns(unsigned int cpu, enum cpu_time what);

/* What a task has run, up to now if it is the caller. Any context. */
u64 task_runtime_ns(const struct task_struct *task);

/* The same in two parts. Any context but NMI. */
void task_cputime_ns(struct task_struct *task, u64 *user_ns, u64 *system_ns);

#endif
