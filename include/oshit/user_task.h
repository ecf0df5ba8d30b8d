/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a task that runs a program has more than a kernel thread.  struct user_task is the thread's
 * own; struct signal_struct is what all threads of a process share, and so stands for the process.
 *
 * Locks: tasklist_lock for who is whose parent, child, thread, group and session, and for what has
 * ended; inside of it the siglock of a process for its signals, stops and exits.
 */
#ifndef OSHIT_USER_TASK_H
#define OSHIT_USER_TASK_H

#include <linux/resource.h>
#include <oshit/completion.h>
#include <oshit/itimer.h>
#include <oshit/list.h>
#include <oshit/mm.h>
#include <oshit/refcount.h>
#include <oshit/restart.h>
#include <oshit/sched.h>
#include <oshit/sched_attributes.h>
#include <oshit/signal.h>
#include <oshit/types.h>
#include <oshit/wait.h>

struct pgroup;
struct robust_list_head;
struct rseq;

enum exit_state {
	EXIT_NONE, /* lives */
	EXIT_ZOMBIE, /* has ended, the parent has not asked yet */
	EXIT_DEAD, /* somebody has, or nobody will */
};

#define SIGNAL_GROUP_EXIT	0x1u /* all threads are ending; group_exit_code says how */
#define SIGNAL_STOPPED		0x2u /* all threads have stopped; wait4() may report it once */
#define SIGNAL_CONTINUED	0x4u /* they go on; wait4() may report it once */
#define SIGNAL_STOP_DEQUEUED	0x10u /* a stop signal was taken, and no SIGCONT came since */
#define SIGNAL_TELL_CONTINUED	0x8u /* and the first that runs tells the parent */

struct io_usage { /* of reading, of writing */
	u64 bytes[2]; /* by calls */
	u64 calls[2];
	u64 stored[2]; /* bytes from disks; made dirty, or written past the cache */
};

struct cpu_usage {
	u64 utime_ns, stime_ns;
	u64 nr_switches;
	u64 nr_minor_faults, nr_major_faults;
	struct io_usage io;
	unsigned long max_resident_pages;
};

struct signal_struct { /* s: siglock   t: tasklist_lock   a: atomic   i: constant */
	refcount_t users; /* threads, dead ones that are still known included */
	raw_spinlock_t siglock; /* interrupts off; a timer takes it, also without the big lock */
	atomic_t nr_live; /* a  threads that have not begun to end */
	struct task_struct *leader; /* t  has the pid of the process; execve() may change it */
	struct list_head threads; /* t  user_task.thread_node */
	struct sigpending pending; /* s  for the process */
	unsigned int flags; /* s  SIGNAL_ */
	int group_exit_code; /* s  wait status of the exit; or the signal that stopped, until
			      *    wait4() has reported it */
	unsigned int nr_to_stop; /* s  threads that have yet to stop: ->has_to_stop */
	struct task_struct *exec_task; /* s  waits for the other threads to end, in execve() */
	struct wait_queue_head wait_children; /* wait4() */
	struct pgroup *pgroup; /* t */
	int parent_tgid; /* t  of the leader's ->parent, 0: process 1; read by anybody */
	bool is_subreaper; /* t  PR_SET_CHILD_SUBREAPER */
	bool has_subreaper; /* t  an ancestor is one */
	bool is_unkillable; /* s  process 1, until it commits an error: spared what would end it */
	bool leads_session; /* t  or led one; set by the process alone, which reads it without */
	bool left_tty; /* t  gave up the session's terminal for itself: TIOCNOTTY */
	bool has_execed; /* t  setpgid() by the parent comes too late */
	unsigned int exec_id; /* t  programs executed: who made a child may be another now */
	struct rlimit rlimits[RLIM_NLIMITS]; /* s  written; read by anybody */
	struct cpu_usage ended; /* s  of threads that have ended */
	struct cpu_usage children; /* s  of children that were waited for */
	short oom_score_adj; /* a */
	short oom_score_adj_min; /* a  no lower without CAP_SYS_RESOURCE */
	bool not_dumpable; /* a  PR_SET_DUMPABLE */
	struct process_timers timers;
};

struct user_task { /* s: siglock   t: tasklist_lock   o: the task itself   i: constant */
	struct task_struct *task; /* i */
	struct mm_struct *mm; /* o  users counted; NULL once it ends. Changed under tasklist_lock */
	struct signal_struct *signal; /* i */
	struct sighand_struct *sighand; /* s  changed by the task, under tasklist_lock, too */
	struct sigpending pending; /* s  for this thread */
	sigset_t blocked; /* s  changed by the task itself */
	bool has_to_stop; /* s  the stop under way waits for it */
	bool is_exiting; /* s  takes no more signals, and part in no stop */
	sigset_t saved_blocked; /* o  what sigsuspend() and its like put back */
	stack_t altstack; /* o */

	int tgid; /* i  pid of the process */
	enum exit_state exit_state; /* t */
	int exit_code; /* t  wait status */
	int exit_signal; /* t  to the parent when the process ends; -1: a thread, no signal */
	unsigned int parent_exec_id; /* t  the parent's ->exec_id when it chose exit_signal */
	struct task_struct *parent; /* t  whose child the process is; leaders only */
	struct list_head children; /* t  processes, by user_task.sibling */
	struct list_head sibling; /* t */
	struct list_head thread_node; /* t  in signal->threads */
	struct list_head group_node; /* t  in pgroup->members; leaders only */

	int __user *set_child_tid; /* o  CLONE_CHILD_SETTID */
	int __user *clear_child_tid; /* o  CLONE_CHILD_CLEARTID, set_tid_address() */
	struct completion *vfork_done; /* t  of the parent that waits, on its stack */
	int parent_death_signal; /* o  prctl(PR_SET_PDEATHSIG) */
	u64 start_ns; /* i  clock_ns() */
	struct cpu_usage usage; /* o  faults; times are the scheduler's */
	unsigned int personality; /* o */
	bool no_new_privs; /* o */
	bool nproc_exceeded; /* o  setuid() went over RLIMIT_NPROC: execve() fails meanwhile */
	bool is_traced; /* o  calls are logged; the monitor sets it, too */
	bool has_own_mask; /* o  between set_user_blocked() and restore_user_blocked() */
	bool restore_blocked; /* o  saved_blocked is to be put back on the way to user mode */
	sigset_t awaited; /* s  of sigtimedwait(): blocked, but not meanwhile */
	struct restart_block restart; /* o */
	struct robust_list_head __user *robust_list; /* o  read by get_robust_list() */
	struct rseq __user *rseq; /* o  NULL: not registered */
	u32 rseq_signature; /* o */
	u64 timer_slack_ns; /* o  0: Linux's default */
	u64 default_timer_slack_ns; /* i  what the parent had: to go back to */
	struct sched_attributes sched; /* a  written under tasklist_lock */
};

/* raw: taken where the big lock need not be held. Interrupts on; never in an interrupt handler. */
extern spinlock_t tasklist_lock;

static inline bool is_leader(const struct task_struct *task)
{
	return task->user->signal->leader == task;
}

/* The address space of the caller; NULL: a kernel thread. */
static inline struct mm_struct *current_mm(void)
{
	return current->user ? current->user->mm : NULL;
}

/* The address space of @task, with a reference for mmput(); NULL: it has none, or none any more. */
struct mm_struct *get_task_mm(struct task_struct *task);

/* The leader of process 1; parent of orphans. execve() by another thread changes it: under
 * tasklist_lock. */
extern struct task_struct *init_task;
/* Process 1. Constant once it runs. */
extern struct signal_struct *init_signal;

/* Called when process 1 ends, with its wait status; does not return. Set before there is one. */
extern void (*init_ended_hook)(int status);

/* The caller, if it runs a program, has moved bytes with a call; has had them moved. Any task. */
static inline void count_io_call(unsigned int is_write, long bytes)
{
	struct user_task *user = current->user;

	if (!user)
		return;
	user->usage.io.calls[is_write]++;
	if (bytes > 0)
		user->usage.io.bytes[is_write] += (u64)bytes;
}

static inline void count_io_stored(unsigned int is_write, u64 bytes)
{
	if (current->user)
		current->user->usage.io.stored[is_write] += bytes;
}

#endif
