/* SPDX-License-Identifier: GPL-2.0-only */
/* New tasks that run programs, and their ends. */
#ifndef OSHIT_FORK_H
#define OSHIT_FORK_H

#include <oshit/atomic.h>
#include <oshit/types.h>

struct cred;
struct pt_regs;
struct sighand_struct;
struct task_struct;
struct user_task;

struct clone_request {
	u64 flags; /* in   CLONE_ without the signal */
	int exit_signal; /* in   to the parent; 0: none */
	unsigned long stack; /* in   stack pointer of the child; 0: as the parent */
	unsigned long tls; /* in   with CLONE_SETTLS */
	int __user *parent_tid; /* in   with CLONE_PARENT_SETTID */
	int __user *child_tid; /* in   with CLONE_CHILD_SETTID or _CLEARTID */
};

/* fork() and all its relatives. Context: a program's task. Return: the pid, or -errno. */
long clone_task(const struct clone_request *request);

/* The calling kernel thread becomes process 1, whose program is yet to come: kernel_execve(), then
 * enter_user_first(). 0 or -ENOMEM. */
int user_task_become_first(void);

/* Whether the caller, since it became another user, may not execute a program: RLIMIT_NPROC. */
bool exec_exceeds_processes(void);

/* What is caught has its default action, what is ignored still is. Nobody else's, or locked. */
void sighand_forget_handlers(struct sighand_struct *sighand);

/* For execve(): the caller's signal actions are its own, and the default; its credentials @cred,
 * which are taken over. @is_readable: the caller could read the files that are executed. *@secure
 * tells whether privileges changed. */
int unshare_sighand(void);
void signals_reset_for_exec(void);
void commit_exec_creds(struct cred *cred, bool is_readable, bool *secure);

/* Boot: the caches. */
void fork_init(void);

/* Ends the calling task. @code is a wait status: exit code << 8, or a signal. */
void __noreturn do_exit(int code);
/* Ends all threads of the caller's process. */
void __noreturn do_group_exit(int code);

/* The caller leaves its address space, if it has one: at exit, and in execve() before the new. */
void user_task_leave_mm(struct user_task *user);

/* The caller becomes the only thread of its process, and its leader; 0, or -EAGAIN: the process is
 * ending. For execve(). */
int kill_sibling_threads(void);

/* A zombie is forgotten for good: pid, memory. Under tasklist_lock, which stays held. */
void release_task(struct task_struct *task);
/* Those that were, and are still in memory. */
extern atomic_t nr_released_tasks;

/* The user half of a task that is not going to run, or whose last reference has gone. */
void user_task_free(struct user_task *user);

#endif
