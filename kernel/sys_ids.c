/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls about who is who: pids, parents, process groups, sessions; and signals to them.
 * Locks: tasklist_lock, for the tree of processes.
 */
#include <linux/errno.h>
#include <oshit/cred.h>
#include <oshit/pgroup.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

long sys_getpid(void)
{
	return current->user->tgid;
}

long sys_gettid(void)
{
	return current->pid;
}

long sys_getppid(void)
{
	return READ_ONCE(current->user->signal->parent_tgid);
}

/* The leader of the process that has a thread @pid, 0: the caller's; NULL: none. Under
 * tasklist_lock, which keeps it from being released. */
static struct task_struct *find_process(int pid)
{
	struct task_struct *task = pid ? task_find(pid) : get_task_struct(current);
	struct task_struct *leader = NULL;

	if (!task)
		return NULL;
	if (task->user && task->user->exit_state != EXIT_DEAD)
		leader = task->user->signal->leader;
	put_task_struct(task);
	return leader;
}

/* The id of @pid's group or session. */
static long group_id(int pid, bool of_session)
{
	struct task_struct *leader;
	struct pgroup *group;
	long id = -ESRCH;

	if (pid < 0)
		return -ESRCH;
	spin_lock(&tasklist_lock);
	leader = find_process(pid);
	if (leader) {
		group = leader->user->signal->pgroup;
		id = of_session ? group->session->id : group->id;
	}
	spin_unlock(&tasklist_lock);
	return id;
}

long sys_getpgid(int pid)
{
	return group_id(pid, false);
}

long sys_getpgrp(void)
{
	return group_id(0, false);
}

long sys_getsid(int pid)
{
	return group_id(pid, true);
}

/* Whether the caller may move @leader, itself or a child that has not executed anything. */
static int may_move(const struct task_struct *leader)
{
	const struct signal_struct *self = current->user->signal, *signal = leader->user->signal;

	if (signal != self) {
		if (leader->user->parent->user->signal != self)
			return -ESRCH;
		if (signal->pgroup->session != self->pgroup->session)
			return -EPERM;
		if (signal->has_execed)
			return -EACCES;
	}
	return signal->pgroup->session->leader == leader ? -EPERM : 0;
}

/* Moves @leader to the group @id, 0: its own, for which @fresh was made in case there is none; it
 * is taken or left, as *@fresh says. */
static int move_to_group(struct task_struct *leader, int id, struct pgroup **fresh)
{
	int err = leader->user->exit_state == EXIT_NONE ? may_move(leader) : -ESRCH;
	struct pgroup *group;

	if (err)
		return err;
	id = id ?: leader->pid;
	group = pgroup_find(id);
	if (id != leader->pid &&
	    (!group || group->session != current->user->signal->pgroup->session))
		return -EPERM;
	if (group == leader->user->signal->pgroup)
		return 0;
	if (!group) {
		group = *fresh;
		group->id = id;
		group->session = leader->user->signal->pgroup->session;
		*fresh = NULL;
	}
	pgroup_move(leader, group);
	return 0;
}

long sys_setpgid(int pid, int id)
{
	struct task_struct *leader;
	struct pgroup *fresh;
	long err;

	id = id ?: pid;
	if (id < 0)
		return -EINVAL;
	fresh = pgroup_new();
	if (!fresh)
		return -ENOMEM;
	spin_lock(&tasklist_lock);
	leader = find_process(pid);
	if (!leader)
		err = -ESRCH;
	else if (pid && leader->pid != pid)
		err = -EINVAL;
	else
		err = move_to_group(leader, id, &fresh);
	spin_unlock(&tasklist_lock);
	if (fresh)
		pgroup_free(fresh);
	return err;
}

long sys_setsid(void)
{
	struct task_struct *leader = current->user->signal->leader;
	struct pgroup *group = pgroup_new_session(leader);
	long result = -EPERM;

	if (!group)
		return -ENOMEM;
	spin_lock(&tasklist_lock);
	if (!pgroup_find(leader->pid)) {
		pgroup_move(leader, group);
		group = NULL;
		current->user->signal->left_tty = false;
		result = leader->pid;
	}
	spin_unlock(&tasklist_lock);
	if (group)
		pgroup_free(group);
	return result;
}

/* --- kill --- */

static void fill_info(siginfo_t *info, int code)
{
	siginfo_init(info, code);
	info->si_pid = current->user->tgid;
	info->si_uid = current->cred->uid;
}

int signal_by_id(int tgid, int tid, int sig, const siginfo_t *info,
		 int (*send)(struct task_struct *task, int sig, const siginfo_t *info))
{
	struct task_struct *task = task_find(tid);
	int err = -ESRCH;

	if (!task)
		return err;
	spin_lock(&tasklist_lock);
	if (task->user && task->user->exit_state != EXIT_DEAD &&
	    (!tgid || task->user->tgid == tgid))
		err = check_signal(task, sig) ?: send(task, sig, info);
	spin_unlock(&tasklist_lock);
	put_task_struct(task);
	return err;
}

static int kill_group(int id, int sig, const siginfo_t *info)
{
	struct pgroup *group;
	int err;

	spin_lock(&tasklist_lock);
	group = id ? pgroup_find(id) : current->user->signal->pgroup;
	err = group ? pgroup_signal(group, sig, info) : -ESRCH;
	spin_unlock(&tasklist_lock);
	return err;
}

/* All but process 1 and the caller's. Those that it may not signal count as done. */
static int kill_everybody(int sig, const siginfo_t *info)
{
	struct task_struct *task;
	int result = -ESRCH;

	for (int pid = 2; (task = task_find_from(pid)); pid++) {
		pid = task->pid;
		if (task->user && pid == task->user->tgid && pid != current->user->tgid) {
			int err = signal_by_id(0, pid, sig, info, send_signal);

			if (err == -EPERM)
				result = result == -ESRCH ? 0 : result;
			else if (err != -ESRCH)
				result = err;
		}
		put_task_struct(task);
	}
	return result;
}

long sys_kill(int pid, int sig)
{
	siginfo_t info;

	fill_info(&info, SI_USER);
	if (pid > 0)
		return signal_by_id(0, pid, sig, &info, send_signal);
	if (pid == -1)
		return kill_everybody(sig, &info);
	if (pid == -2147483648)
		return -ESRCH;
	return kill_group(-pid, sig, &info);
}

/* @tgid 0: of whatever process. */
static long kill_thread(int tgid, int tid, int sig)
{
	siginfo_t info;

	if (tid <= 0)
		return -EINVAL;
	fill_info(&info, SI_TKILL);
	return signal_by_id(tgid, tid, sig, &info, send_signal_thread);
}

long sys_tkill(int tid, int sig)
{
	return kill_thread(0, tid, sig);
}

long sys_tgkill(int tgid, int tid, int sig)
{
	return tgid > 0 ? kill_thread(tgid, tid, sig) : -EINVAL;
}
