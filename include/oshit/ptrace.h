/* SPDX-License-Identifier: GPL-2.0-only */
/* Who may look into another process: kernel/ptrace.c. */
#ifndef OSHIT_PTRACE_H
#define OSHIT_PTRACE_H

#include <oshit/types.h>

struct task_struct;

/* Which ids of the caller count: those for files where a file is asked, else the real ones. */
enum ptrace_ids { PTRACE_FSCREDS, PTRACE_REALCREDS };

/* Whether the caller may look into @task. Any task. */
bool ptrace_may_access(struct task_struct *task, enum ptrace_ids ids);

/* Whether @task lets its own user look into it: PR_SET_DUMPABLE. */
bool task_is_dumpable(const struct task_struct *task);

#endif
