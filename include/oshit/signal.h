/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals: what is pending where, what becomes of it, and how to send one.  Theory and locks are
 * told in kernel/signal.c.  A sigset_t is a word with bit sig - 1 for signal sig.
 */
#ifndef OSHIT_SIGNAL_H
#define OSHIT_SIGNAL_H

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/signal.h>
#include <oshit/list.h>
#include <oshit/refcount.h>
#include <oshit/spinlock.h>
#include <oshit/string.h>
#include <oshit/types.h>

struct posix_timer;
struct pt_regs;
struct task_struct;
struct user_struct;
struct user_task;

#define NR_SIGNALS 64

static inline sigset_t sigmask(int sig)
{
	return 1UL << (sig - 1);
}

/* All of it is copied to programs, unions and padding too, which an initializer may leave as they
 * were. */
static inline void siginfo_init(siginfo_t *info, int code)
{
	memset(info, 0, sizeof(*info));
	info->si_code = code;
}

struct sigqueue {
	struct list_head list; /* in sigpending.queue; one of a timer may be in none */
	struct user_struct *user; /* for whom it counts: RLIMIT_SIGPENDING */
	struct posix_timer *timer; /* it goes back there when it is taken; NULL: freed then */
	siginfo_t info;
};

struct sigpending { /* under the siglock of the process */
	struct list_head queue; /* struct sigqueue, in the order in which they came */
	sigset_t set; /* also those for which there was no memory for an entry */
};

struct sighand_struct { /* l: ->lock   h: written under ->lock, read by any who pins the struct */
	refcount_t users; /* tasks that share the actions */
	raw_spinlock_t lock; /* inside of siglock, interrupts off */
	struct sigaction action[NR_SIGNALS]; /* l  of signal n: [n - 1]; h  handler and flags */
};

static inline void sigpending_init(struct sigpending *pending)
{
	INIT_LIST_HEAD(&pending->queue);
	pending->set = 0;
}

/**
 * send_signal() - to a process: to any of its threads that takes it
 * @sig: 1 .. NR_SIGNALS; 0 only looks whether the process is there
 * @info: what the receiver is told, copied; NULL: it comes from the kernel
 *
 * Permissions are the caller's to check.
 *
 * Context: any but NMI; tasklist_lock may be held. @task must not be freed meanwhile.
 * Return: 0; -ESRCH: it has ended; -EAGAIN: a real-time signal for which there is no
 * memory, or whose receiver has too many.
 */
int send_signal(struct task_struct *task, int sig, const siginfo_t *info);
/* The same for one thread. */
int send_signal_thread(struct task_struct *task, int sig, const siginfo_t *info);

/*
 * An entry that its owner keeps, so that sending it cannot fail for want of memory; it counts for
 * the user of the caller.  NULL: no memory, or over RLIMIT_SIGPENDING.  Task context.
 */
struct sigqueue *sigqueue_alloc(void);
/*
 * Queues @entry: to the thread @task, whose @pending that is, or to its process.  If it is queued
 * already, that is counted: si_overrun.  Under siglock. Return: 0; -EAGAIN: the signal is ignored;
 * -ESRCH: nobody is there.
 */
int send_sigqueue(struct task_struct *task, struct sigqueue *entry, struct sigpending *pending);
/* The owner is no more: the entry is freed, now or when the signal is taken; with @pending, where
 * it is if it is queued, now. Under siglock, or before the first sending. */
void sigqueue_disown(struct sigqueue *entry, struct sigpending *pending);

/**
 * signal_by_id() - what calls do that send to a number
 * @tgid: the process that the thread @tid must be of; 0: whichever
 * @send: one of the two above
 *
 * Context: task; takes tasklist_lock. Return: as @send; -ESRCH: nobody has that number; -EINVAL:
 * @sig is none; -EPERM.
 */
int signal_by_id(int tgid, int tid, int sig, const siginfo_t *info,
		 int (*send)(struct task_struct *task, int sig, const siginfo_t *info));

/* The calling thread has committed an error: @sig cannot be ignored or blocked, it is delivered or
 * ends the process. Context: task. */
void force_sig_fault(int sig, int code, unsigned long addr);
void force_sig(int sig);
/* The handler of @sig cannot be called: SIGSEGV, which ends the process if @sig was that itself. */
void force_sigsegv(int sig);

/* Ends all threads of the caller's process but itself. Under siglock. */
void zap_other_threads(struct task_struct *task);

/* The caller begins to end: signals of the process that it would have taken go to other threads,
 * and a stop does not wait for it. Return: no other thread is left. Context: task. */
bool signals_begin_exit(void);

/* What is pending of @set for the process goes to other threads: @user takes it no longer. Under
 * siglock. */
void retarget_signals(struct user_task *user, sigset_t set);

/* Signals of the caller are looked at; may not return. On the way to user mode, interrupts on. */
void do_signal(struct pt_regs *regs);

/* Forgets all that is pending. */
void flush_sigpending(struct sigpending *pending);

/* TIF_SIGPENDING of the caller as its pending signals want it. Under siglock. */
void recalc_sigpending(void);

/* Forgets what is pending of @set, for @task's process and its threads. Under siglock. */
void forget_signals(struct task_struct *task, sigset_t set);
/* Whether @sig is ignored, by its action or by default. Under siglock. */
bool signal_does_nothing(const struct task_struct *task, int sig);
/* Takes the next signal of @set that is pending for the caller; 0: none. Under siglock. */
int dequeue_signal(struct user_task *user, sigset_t set, siginfo_t *info);

/* The caller blocks @set, and nothing else. Context: task. */
void set_blocked(sigset_t set);
/*
 * The mask of a call that waits with one of its own: the caller blocks the set at @from (NULL:
 * nothing changes) until restore_user_blocked().  0; -EINVAL; -EFAULT.
 */
int set_user_blocked(const sigset_t __user *from, size_t size);
/* The end of that: at once, or if a signal has @interrupted the call when its handler has run. */
void restore_user_blocked(bool interrupted);
/* No handler has run: sigsuspend()'s mask is put back here. */
void restore_saved_blocked(void);

/* The alternative stack of the caller, whose stack pointer is @sp: is it there, set, get. */
bool on_altstack(const struct user_task *user, unsigned long sp);
int set_altstack(const stack_t *stack, unsigned long sp);
void get_altstack(stack_t *stack, unsigned long sp);

/* The parent is told that @task, the last thread of its process, has ended. Under tasklist_lock.
 * Return: true if the parent does not want to wait for it. */
bool notify_parent_of_exit(struct task_struct *task, int sig);

#endif
