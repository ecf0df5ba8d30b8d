/* SPDX-License-Identifier: GPL-2.0-only */
/* The log of system calls: CONFIG_STRACE.  Which tasks: kernel/strace.c. */
#ifndef OSHIT_STRACE_H
#define OSHIT_STRACE_H

#include <oshit/types.h>
#include <oshit/user_task.h>

struct strace_call {
	const char *name; /* NULL: there is no such call */
	unsigned int nr;
	unsigned long args[6];
};

#ifdef CONFIG_STRACE
static inline bool strace_is_on(void)
{
	return unlikely(READ_ONCE(current->user->is_traced));
}

/* Before the call, which may never return or change what its arguments point to, and after it. The
 * task that calls; may sleep. */
void strace_enter(const struct strace_call *call);
void strace_exit(const struct strace_call *call, long result);

/* The caller executes a program that is called @comm now: is that one to be traced? */
void strace_exec(const char *comm);

static inline void strace_fork(struct user_task *child)
{
	child->is_traced = current->user->is_traced;
}
#else
static inline bool strace_is_on(void)
{
	return false;
}
static inline void strace_enter(const struct strace_call *call __maybe_unused)
{
}
static inline void strace_exit(const struct strace_call *call __maybe_unused,
			       long result __maybe_unused)
{
}
static inline void strace_exec(const char *comm __maybe_unused)
{
}
static inline void strace_fork(struct user_task *child __maybe_unused)
{
}
#endif

#endif
