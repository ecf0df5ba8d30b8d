/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a call goes on that was interrupted and cannot simply be made again, because its arguments
 * say for how long: it returns -ERESTART_RESTARTBLOCK, and if no handler runs the program calls
 * restart_syscall(), which calls ->fn.
 */
#ifndef OSHIT_RESTART_H
#define OSHIT_RESTART_H

#include <oshit/types.h>

struct __kernel_timespec;
struct pollfd;

struct restart_block { /* the task's own */
	long (*fn)(struct restart_block *restart); /* NULL: nothing to restart, EINTR */
	u64 deadline_ns; /* by clock_ns(), or by the clock of the sleep */
	union {
		struct {
			int clock;
			struct __kernel_timespec __user *left; /* NULL: nobody asks */
		} sleep;
		struct {
			u32 __user *addr;
			u32 val, bitset;
			unsigned int flags;
		} futex;
		struct {
			struct pollfd __user *fds;
			unsigned int nr;
		} poll;
	};
};

#endif
