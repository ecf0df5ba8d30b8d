/* SPDX-License-Identifier: GPL-2.0-only */
/* Accounts of what processes have used. */
#ifndef OSHIT_USAGE_H
#define OSHIT_USAGE_H

#include <linux/resource.h>
#include <oshit/types.h>

struct cpu_usage;
struct signal_struct;
struct task_struct;

/* What a thread has used up to now. */
void task_usage_get(struct task_struct *task, struct cpu_usage *usage);
/* What all threads of a process have used, ended ones included. Takes tasklist_lock. */
void process_usage_get(const struct signal_struct *signal, struct cpu_usage *sum);
/* What a process, and a thread, have used up to a while ago; those that run elsewhere are charged
 * soon. Any context but NMI; the first takes the siglock. Return: how many threads may run. */
unsigned int process_usage_peek(struct task_struct *target, u64 *user_ns, u64 *system_ns);
unsigned int task_usage_peek(struct task_struct *task, u64 *user_ns, u64 *system_ns);
void cpu_usage_add(struct cpu_usage *sum, const struct cpu_usage *part);
/* 0 or -EFAULT. */
int put_rusage(const struct cpu_usage *usage, struct rusage __user *to);

#endif
