/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls about limits of resources.  A limit belongs to the process; whoever uses a resource
 * looks at it (current_limit()).  Anybody may lower his limits, and raise the soft one up to the
 * hard one; CAP_SYS_RESOURCE raises hard ones.
 *
 * Locks: tasklist_lock, so that the other process stays; the siglock of it, for its limits.
 */
#include <linux/errno.h>
#include <oshit/cred.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

/* Whether the caller may see and set the limits of @task. */
static bool may_limit(struct task_struct *task)
{
	return task->user->signal == current->user->signal || is_same_user(task) ||
	       capable(CAP_SYS_RESOURCE);
}

static int check_limit(unsigned int resource, const struct rlimit *old, const struct rlimit *limit)
{
	if (limit->rlim_max > old->rlim_max && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	/* Tables of descriptors grow only so far: Linux's fs.nr_open. */
	if (resource == RLIMIT_NOFILE && limit->rlim_max > 1024 * 1024)
		return -EPERM;
	return 0;
}

/* Under tasklist_lock; @limit NULL: only reads. */
static int exchange_limit(struct task_struct *task, unsigned int resource,
			  const struct rlimit *limit, struct rlimit *old)
{
	struct rlimit *place = &task->user->signal->rlimits[resource];
	raw_spinlock_t *siglock = &task->user->signal->siglock;
	int err = 0;

	raw_spin_lock_irq(siglock);
	*old = *place;
	if (limit)
		err = check_limit(resource, old, limit);
	if (limit && !err)
		*place = *limit;
	raw_spin_unlock_irq(siglock);
	return err;
}

static int do_prlimit(struct task_struct *task, unsigned int resource, const struct rlimit *limit,
		      struct rlimit *old)
{
	int err;

	spin_lock(&tasklist_lock);
	if (!task->user || task->user->exit_state == EXIT_DEAD)
		err = -ESRCH;
	else if (!may_limit(task))
		err = -EPERM;
	else if (resource >= RLIM_NLIMITS || (limit && limit->rlim_cur > limit->rlim_max))
		err = -EINVAL;
	else
		err = exchange_limit(task, resource, limit, old);
	spin_unlock(&tasklist_lock);
	if (!err && limit && resource == RLIMIT_CPU)
		process_timers_limit(task->user->signal);
	return err;
}

long sys_getrlimit(unsigned int resource, struct rlimit __user *to)
{
	struct rlimit limit;
	int err = do_prlimit(current, resource, NULL, &limit);

	if (err)
		return err;
	return copy_to_user(to, &limit, sizeof(limit)) ? -EFAULT : 0;
}

long sys_setrlimit(unsigned int resource, const struct rlimit __user *from)
{
	struct rlimit limit, old;

	if (copy_from_user(&limit, from, sizeof(limit)))
		return -EFAULT;
	return do_prlimit(current, resource, &limit, &old);
}

/* struct rlimit64 is struct rlimit on a machine of 64 bits. */
static_assert(sizeof(struct rlimit64) == sizeof(struct rlimit), "limits have 64 bits");

long sys_prlimit64(int pid, unsigned int resource, const struct rlimit64 __user *from,
		   struct rlimit64 __user *to)
{
	struct task_struct *task;
	struct rlimit limit, old;
	int err;

	if (from && copy_from_user(&limit, from, sizeof(limit)))
		return -EFAULT;
	task = pid ? task_find(pid) : get_task_struct(current);
	if (!task)
		return -ESRCH;
	err = do_prlimit(task, resource, from ? &limit : NULL, &old);
	put_task_struct(task);
	if (err)
		return err;
	return to && copy_to_user(to, &old, sizeof(old)) ? -EFAULT : 0;
}
