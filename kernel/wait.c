/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wait4() and waitid(): what children have to tell.
 *
 * One pass under tasklist_lock looks at all children; the first that has something to report, of
 * what was asked for, ends it.  Without one the caller sleeps, having stood in the queue since
 * before the pass, and every child that stops, continues or ends wakes it.
 *
 * A report takes the news away (WNOWAIT does not): a zombie is released, a stop is told once.
 *
 * Locks: tasklist_lock; the child's siglock inside for stops.
 */
#include <linux/errno.h>
#include <linux/wait.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/fork.h>
#include <oshit/pgroup.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>
#include <oshit/usage.h>
#include <oshit/user_task.h>

struct child_wait {
	int which; /* in   P_ALL, P_PID, P_PGID */
	int id; /* in   pid, or group */
	int options; /* in   W... */
	int pid; /* out  of the child; 0: none */
	int code; /* out  CLD_ */
	int status; /* out  exit code, or number of the signal */
	int wait_status; /* out  as wait4() tells it */
	u32 uid; /* out */
	struct cpu_usage usage; /* out  of the child and what it has waited for */
};

static bool is_wanted(const struct child_wait *wait, const struct user_task *child)
{
	bool is_clone = child->exit_signal != SIGCHLD;

	if (wait->which == P_PID && child->task->pid != wait->id)
		return false;
	if (wait->which == P_PGID && child->signal->pgroup->id != wait->id)
		return false;
	return wait->options & __WALL || is_clone == !!(wait->options & __WCLONE);
}

static void report(struct child_wait *wait, struct user_task *child, int code, int status)
{
	wait->pid = child->task->pid;
	wait->uid = task_uid(child->task);
	wait->code = code;
	wait->status = status;
}

/* Whether the process has ended; if so, it is forgotten. */
static bool report_exit(struct child_wait *wait, struct user_task *child)
{
	struct user_task *self = current->user;
	int status = child->exit_code;

	if (!(wait->options & WEXITED) || child->exit_state != EXIT_ZOMBIE ||
	    atomic_read(&child->signal->nr_live))
		return false;
	if (status & 0x7f)
		report(wait, child, status & 0x80 ? CLD_DUMPED : CLD_KILLED, status & 0x7f);
	else
		report(wait, child, CLD_EXITED, status >> 8 & 0xff);
	wait->wait_status = status;
	wait->usage = child->signal->ended;
	cpu_usage_add(&wait->usage, &child->signal->children);
	if (wait->options & WNOWAIT)
		return true;
	raw_spin_lock_irq(&self->signal->siglock);
	cpu_usage_add(&self->signal->children, &wait->usage);
	raw_spin_unlock_irq(&self->signal->siglock);
	release_task(child->task);
	return true;
}

static bool report_stop(struct child_wait *wait, struct user_task *child)
{
	struct signal_struct *signal = child->signal;
	int sig = 0;

	if (!(wait->options & WSTOPPED) || !atomic_read(&signal->nr_live))
		return false;
	raw_spin_lock_irq(&child->signal->siglock);
	if (signal->flags & SIGNAL_STOPPED) {
		sig = signal->group_exit_code;
		if (!(wait->options & WNOWAIT))
			signal->group_exit_code = 0;
	}
	raw_spin_unlock_irq(&child->signal->siglock);
	if (!sig)
		return false;
	report(wait, child, CLD_STOPPED, sig);
	wait->wait_status = sig << 8 | 0x7f;
	return true;
}

static bool report_continued(struct child_wait *wait, struct user_task *child)
{
	bool is_continued;

	if (!(wait->options & WCONTINUED) || !atomic_read(&child->signal->nr_live))
		return false;
	raw_spin_lock_irq(&child->signal->siglock);
	is_continued = child->signal->flags & SIGNAL_CONTINUED;
	if (!(wait->options & WNOWAIT))
		child->signal->flags &= ~SIGNAL_CONTINUED;
	raw_spin_unlock_irq(&child->signal->siglock);
	if (!is_continued)
		return false;
	report(wait, child, CLD_CONTINUED, SIGCONT);
	wait->wait_status = 0xffff;
	return true;
}

/* 0: something is reported, or wait->pid is 0 and there is somebody to wait for; -ECHILD. */
static int look_at_children(struct child_wait *wait)
{
	struct task_struct *leader = current->user->signal->leader;
	struct user_task *child;
	int err = -ECHILD;

	spin_lock(&tasklist_lock);
	list_for_each_entry(child, &leader->user->children, sibling) {
		if (!is_wanted(wait, child))
			continue;
		err = 0;
		if (report_exit(wait, child) || report_stop(wait, child) ||
		    report_continued(wait, child))
			break;
	}
	spin_unlock(&tasklist_lock);
	return err;
}

static int wait_for_child(struct child_wait *wait)
{
	struct wait_queue_head *queue = &current->user->signal->wait_children;
	DEFINE_WAIT(entry);
	int err;

	for (;;) {
		prepare_to_wait(queue, &entry, TASK_INTERRUPTIBLE);
		err = look_at_children(wait);
		if (err || wait->pid || wait->options & WNOHANG)
			break;
		if (signal_pending(current)) {
			err = -ERESTARTSYS;
			break;
		}
		schedule();
	}
	finish_wait(queue, &entry);
	return err;
}

long sys_wait4(int pid, int __user *status, int options, struct rusage __user *usage)
{
	struct child_wait wait = { .options = options | WEXITED };
	int err;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (pid == -2147483648)
		return -ESRCH;
	wait.which = pid == -1 ? P_ALL : pid > 0 ? P_PID : P_PGID;
	wait.id = pid > 0 ? pid : pid ? -pid : current_pgroup_id();
	err = wait_for_child(&wait);
	if (err || !wait.pid)
		return err;
	if (status && put_user(wait.wait_status, status))
		return -EFAULT;
	if (usage && put_rusage(&wait.usage, usage))
		return -EFAULT;
	return wait.pid;
}

#define HEAD_SIZE  (3 * sizeof(int)) /* si_signo, si_errno, si_code */
#define CHILD_SIZE (3 * sizeof(int)) /* si_pid, si_uid, si_status */

static long put_siginfo(const struct child_wait *wait, siginfo_t __user *user_info)
{
	siginfo_t info;

	siginfo_init(&info, 0);
	if (wait->pid) {
		info.si_signo = SIGCHLD;
		info.si_code = wait->code;
		info.si_pid = wait->pid;
		info.si_uid = wait->uid;
		info.si_status = wait->status;
	}
	/* Six fields, in two runs, and nothing else: no more of it need be there. */
	return copy_to_user(user_info, &info, HEAD_SIZE) ||
			       copy_to_user(&user_info->si_pid, &info.si_pid, CHILD_SIZE)
		       ? -EFAULT
		       : 0;
}

static int do_waitid(struct child_wait *wait)
{
	int which = wait->which, id = wait->id, options = wait->options;

	if (options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD |
			__WCLONE | __WALL) ||
	    !(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	if (which == P_PGID && !id)
		wait->id = current_pgroup_id();
	if (which < P_ALL || which > P_PIDFD || (which == P_PID && id <= 0) ||
	    (which == P_PGID && id < 0))
		return -EINVAL;
	if (which == P_PIDFD)
		return id < 0 ? -EINVAL : -EBADF; /* no descriptor here is a process */
	return wait_for_child(wait);
}

/* *@info is written whatever the outcome: with zeros if there is nothing to tell. */
long sys_waitid(int which, int id, siginfo_t __user *info, int options, struct rusage __user *usage)
{
	struct child_wait wait = { .which = which, .id = id, .options = options };
	int err = do_waitid(&wait);

	if (!err && wait.pid && usage && put_rusage(&wait.usage, usage))
		return -EFAULT;
	if (info && put_siginfo(&wait, info))
		return -EFAULT;
	return err;
}
