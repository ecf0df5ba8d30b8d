/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Backtraces.  With frame pointers (CONFIG_FRAME_POINTER) a walk is exact; without, every word on
 * the stack that is a return address into the kernel is listed, marked with a question mark.
 */
#ifndef OSHIT_STACKTRACE_H
#define OSHIT_STACKTRACE_H

#include <oshit/printk.h>
#include <oshit/types.h>

struct pt_regs;
struct task_struct;

/**
 * stack_trace_save() - return addresses of the present call chain
 * @entries: filled from the caller of this function outwards
 * @max: room in @entries
 * @skip: callers to leave out first
 * Context: any. Return: entries filled.
 */
unsigned int stack_trace_save(unsigned long *entries, unsigned int max, unsigned int skip);

/* The same from the registers of a trap, the trapping instruction first. */
unsigned int stack_trace_save_regs(const struct pt_regs *regs, unsigned long *entries,
				   unsigned int max);

/* The same of a task that does not run. */
unsigned int stack_trace_save_task(const struct task_struct *task, unsigned long *entries,
				   unsigned int max);

/* Logs return addresses, one a line, as symbol+offset/size. */
void stack_trace_print(enum log_level level, const unsigned long *entries, unsigned int nr);

/* Logs the call chain that led to @regs, or to here if NULL. */
void stack_trace_show(enum log_level level, const struct pt_regs *regs);

#endif
