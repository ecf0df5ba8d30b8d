/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls of futexes: what the arguments mean for each command. */
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/cred.h>
#include <oshit/futex.h>
#include <oshit/math.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/timespec.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#include "futex.h"

void futex_wake_address(int __user *addr)
{
	futex_wake((u32 __user *)addr, 0, 1, FUTEX_BITSET_MATCH_ANY);
}

/* FUTEX_WAIT is told for how long, by the monotonic clock; FUTEX_WAIT_BITSET until when. */
static long call_wait(struct futex_wait *wait, int command,
		      const struct __kernel_timespec __user *timeout)
{
	int err;

	wait->deadline_ns = TIME_MAX_NS;
	if (timeout) {
		err = get_timespec_ns(&wait->deadline_ns, timeout);
		if (err)
			return err;
		if (command == FUTEX_WAIT)
			wait->deadline_ns = time_add_ns(clock_ns(), wait->deadline_ns);
	}
	return futex_wait(wait);
}

static long call_requeue(struct futex_requeue requeue, int command)
{
	if (command == FUTEX_REQUEUE)
		requeue.expected = NULL;
	return futex_requeue(&requeue);
}

/* @timeout is a number for the commands that have two words. */
long sys_futex(u32 __user *addr, int op, u32 val, const struct __kernel_timespec __user *timeout,
	       u32 __user *addr2, u32 val3)
{
	unsigned int flags = (unsigned int)op & ~(unsigned int)FUTEX_CMD_MASK;
	int command = op & FUTEX_CMD_MASK, val2 = (int)(__force long)timeout;

	if (flags & FUTEX_CLOCK_REALTIME && command != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
		val3 = FUTEX_BITSET_MATCH_ANY;
		fallthrough;
	case FUTEX_WAIT_BITSET:
		return call_wait(&(struct futex_wait){ addr, val, val3, flags, 0 }, command,
				 timeout);
	case FUTEX_WAKE:
		val3 = FUTEX_BITSET_MATCH_ANY;
		fallthrough;
	case FUTEX_WAKE_BITSET:
		return futex_wake(addr, flags, (int)val, val3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(addr, flags, addr2, (int)val, val2, val3);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
		return call_requeue((struct futex_requeue){ .from_addr = addr,
							    .to_addr = addr2,
							    .flags = flags,
							    .nr_wake = (int)val,
							    .nr_requeue = val2,
							    .expected = &val3 },
				    command);
	default:
		return -ENOSYS;
	}
}

long sys_set_robust_list(struct robust_list_head __user *head, size_t size)
{
	if (size != sizeof(*head))
		return -EINVAL;
	WRITE_ONCE(current->user->robust_list, head);
	return 0;
}

long sys_get_robust_list(int pid, struct robust_list_head __user *__user *to, size_t __user *size)
{
	struct robust_list_head __user *head = NULL;
	struct task_struct *task = pid ? task_find(pid) : get_task_struct(current);
	int err = -ESRCH;

	if (!task)
		return -ESRCH;
	if (task->user) {
		err = is_same_user(task) || capable(CAP_SYS_PTRACE) ? 0 : -EPERM;
		head = READ_ONCE(task->user->robust_list);
	}
	put_task_struct(task);
	if (err)
		return err;
	return put_user(sizeof(*head), size) ?: put_user(head, to);
}
