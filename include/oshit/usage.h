/* SPDX-License-Identifier: GPL-2.0-only */
/* Accounts of what processes have used. */
#ifndef OSHIT_USAGE_H
#define OSHIT_USAGE_H

#include <linux/resource.h>

struct cpu_usage;
struct signal_struct;
struct task_struct;

/* What a thread has used up to now. */
void task_usage_get(struct task_struct *task, struct cpu_usage *usage);
/* What all threads of a process have used, ended ones included. Takes tasklist_lock. */
void process_usage_get(const struct signal_struct *signal, struct cpu_usage *sum);
void cpu_usage_add(struct cpu_usage *sum, const struct cpu_usage *part);
/* 0 or -EFAULT. */
int put_rusage(const struct cpu_usage *usage, struct rusage __user *to);

#endif
