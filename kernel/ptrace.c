/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may look into another process: its memory, its open files, where it is.  The rules are those
 * of Linux's ptrace_may_access():
 *
 *	threads of one process	may
 *	CAP_SYS_PTRACE		may
 *	others			if all ids of the other are the caller's, the other is dumpable
 *				(its program had no rights that its user has not), and has no
 *				capability that the caller has not
 *
 * Memory, files and places are taken hold of before the rights are asked for, and execve() changes
 * rights before memory, so none of a program with more rights is ever reached.
 */
#include <oshit/cred.h>
#include <oshit/ptrace.h>
#include <oshit/user_task.h>

bool task_is_dumpable(const struct task_struct *task)
{
	return task->user && !READ_ONCE(task->user->signal->not_dumpable);
}

static bool has_same_ids(const struct cred *self, const struct cred *other, enum ptrace_ids ids)
{
	u32 uid = ids == PTRACE_FSCREDS ? self->fsuid : self->uid;
	u32 gid = ids == PTRACE_FSCREDS ? self->fsgid : self->gid;

	return uid == other->uid && uid == other->euid && uid == other->suid && gid == other->gid &&
	       gid == other->egid && gid == other->sgid;
}

bool ptrace_may_access(struct task_struct *task, enum ptrace_ids ids)
{
	const struct cred *self = current_cred();
	struct cred *other;
	bool may;

	if (task == current ||
	    (task->user && current->user && task->user->signal == current->user->signal))
		return true;
	if (capable(CAP_SYS_PTRACE))
		return true;
	if (!task_is_dumpable(task))
		return false;
	other = get_task_cred(task);
	may = has_same_ids(self, other, ids) &&
	      !(other->permitted & ~(ids == PTRACE_FSCREDS ? self->effective : self->permitted));
	put_cred(other);
	return may;
}
