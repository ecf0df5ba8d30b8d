/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The border between user mode and the kernel: what generic code does there, and what it needs of
 * the arch.
 */
#ifndef OSHIT_ENTRY_H
#define OSHIT_ENTRY_H

#include <oshit/big_lock.h>
#include <oshit/irqflags.h>
#include <oshit/lockdep.h>
#include <oshit/sched.h>
#include <oshit/signal.h>
#include <oshit/types.h>

struct clone_request;
struct pt_regs;

#define USER_HZ 100 /* clock ticks a second as programs see them: AT_CLKTCK */

static inline unsigned long ns_to_user_ticks(u64 ns)
{
	return ns / (1000000000UL / USER_HZ);
}

/* Results of system calls that never reach a program: the call is made again, or ends in EINTR. */
#define ERESTARTSYS	      512 /* again if the handler has SA_RESTART */
#define ERESTARTNOINTR	      513 /* again */
#define ERESTARTNOHAND	      514 /* again if no handler runs */
#define ERESTART_RESTARTBLOCK 516 /* the same, but as user->restart says: <oshit/restart.h> */

/* --- kernel/entry.c --- */

/* From user mode, interrupts off: accounts and the big lock. */
static __always_inline void enter_from_user(void)
{
	account_user_exit();
	big_kernel_lock();
}

/* Does what waits for the caller. Interrupts off, on meanwhile. */
void exit_to_user_work(struct pt_regs *regs);

static __always_inline bool has_exit_work(void)
{
	return need_resched() || READ_ONCE(current->notify);
}

/* Does all that waits for a task before it runs on in user mode: others' turns, signals. Called
 * with interrupts on, returns with interrupts off; from there straight to user mode. */
static __always_inline void exit_to_user(struct pt_regs *regs)
{
	local_irq_disable();
	if (unlikely(has_exit_work()))
		exit_to_user_work(regs);
	lockdep_assert_none_held("the return to user mode");
	big_kernel_unlock();
	account_user_enter();
}

/* Sets a TIF_ bit of any task, or clears one. */
static inline void task_set_notify(struct task_struct *task, unsigned int bit)
{
	__atomic_fetch_or(&task->notify, BIT(bit), __ATOMIC_SEQ_CST);
}

static inline void task_clear_notify(struct task_struct *task, unsigned int bit)
{
	__atomic_fetch_and(&task->notify, ~BIT(bit), __ATOMIC_SEQ_CST);
}

/* The caller's address space is @context from now on; NULL: none. */
void task_set_mm(struct mm_context *context);

/* --- arch --- */

/* System calls that there are; calls of others, and the number of the last. For the monitor. */
unsigned int count_syscalls(void);
extern u64 nr_unknown_syscalls;
extern unsigned long last_unknown_syscall;

/* The registers with which @task entered the kernel from user mode. */
struct pt_regs *task_pt_regs(const struct task_struct *task);
struct task_call { /* with which a task is in the kernel */
	long nr; /* -1: no call */
	unsigned long args[6], sp, ip;
};

/* Of a task that sleeps; what is told of one that goes on meanwhile is of no use. False: it has no
 * stack any more. Any context. */
bool task_call_peek(const struct task_struct *task, struct task_call *call);
/* Where the program's stack is. */
unsigned long user_stack_pointer(const struct pt_regs *regs);
/* Registers and TLS of a child. 0, or -EPERM for a bad request->tls. */
int arch_copy_thread(struct task_struct *child, const struct clone_request *request);
/* A program begins: all registers 0 but these two. For the calling task. */
void arch_start_program(struct pt_regs *regs, unsigned long ip, unsigned long sp);
/* The end of a new task's first kernel function. */
void __noreturn enter_user_first(void);
/* Makes the return to user mode call the handler. */
void arch_deliver_signal(struct pt_regs *regs, const struct sigaction *action,
			 const siginfo_t *info);
/* After all signals: a call that said -ERESTART... is made again. */
void arch_restart_call(struct pt_regs *regs);
/* The calling task, which was a kernel thread, enters user mode and comes back on its stack. */
void arch_adopt_stack(struct task_struct *task);
/* AT_HWCAP. */
unsigned long arch_hwcap(void);
/* The boot CPU takes system calls and is protected from user memory; others will when they start.
 * Boot, before smp_init(), while the text can be written. */
void arch_user_init(void);

#endif
