/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the processor needs of a task that does not run: its stack pointer; all else that counts has
 * been pushed on the stack.
 */
#ifndef ARCH_THREAD_H
#define ARCH_THREAD_H

#include <arch/layout.h>
#include <oshit/types.h>

struct fpu_state;
struct task_struct;

struct arch_thread {
	unsigned long sp; /* where switch.S has left the callee-saved registers */
	unsigned long fs_base, gs_base; /* the program's, while the task does not run */
	struct fpu_state *fpu; /* NULL: has no floating-point registers */
	unsigned int fpu_cpu; /* where they were loaded last */
	bool fpu_is_used; /* they have been used: the switch loads them */
	/* Of the last exception in user mode, for signal handlers. */
	unsigned long trap_nr, trap_error, trap_addr;
};

/**
 * arch_switch_to() - the CPU goes on with another task
 *
 * Returns when @prev runs again, perhaps on another CPU.
 *
 * Context: interrupts off. Return: the task from which was switched back.
 */
struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next);

/* Prepares the stack of a task that has never run: its first switch leads to sched_first_run(). */
void arch_thread_init(struct task_struct *task);

/* Frees what it has beside its stack. The task has ended. Any context but NMI. */
void arch_thread_free(struct task_struct *task);

/* Boot, when memory can be allocated. */
void arch_thread_init_caches(void);

/* Lowest address of the stack that the boot CPU starts on. */
void *arch_boot_stack(void);

#endif
