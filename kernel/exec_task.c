/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What execve() changes of a task besides its memory: signals go back to their defaults, threads'
 * common actions become its own, and its credentials are those that the file gives.
 * Context: the task that executes, alone in its process.
 */
#include <linux/errno.h>
#include <oshit/cred.h>
#include <oshit/fork.h>
#include <oshit/signal.h>
#include <oshit/string.h>
#include <oshit/user_task.h>

void signals_reset_for_exec(void)
{
	struct user_task *user = current->user;
	struct sigaction *action = user->sighand->action;

	raw_spin_lock_irq(&user->sighand->lock);
	for (size_t i = 0; i < NR_SIGNALS; i++) {
		if (action[i].sa_handler != SIG_IGN)
			action[i].sa_handler = SIG_DFL;
		action[i].sa_flags = 0;
		action[i].sa_mask = 0;
	}
	raw_spin_unlock_irq(&user->sighand->lock);
	user->altstack = (stack_t){ .ss_flags = SS_DISABLE };
	spin_lock(&tasklist_lock);
	/* A child that executed something else is an ordinary child. */
	user->exit_signal = SIGCHLD;
	user->signal->exec_id++;
	spin_unlock(&tasklist_lock);
}

void commit_exec_creds(struct cred *cred, bool *secure)
{
	const struct cred *old = current->cred;

	*secure = cred->euid != old->uid || cred->egid != old->gid;
	cred->suid = cred->fsuid = cred->euid;
	cred->sgid = cred->fsgid = cred->egid;
	cred->ambient = *secure ? 0 : cred->ambient;
	if (cred->euid == 0 || cred->uid == 0)
		cred->permitted = cred->bounding | cred->inheritable;
	else
		cred->permitted = cred->ambient;
	cred->effective = cred->euid == 0 ? cred->permitted : cred->ambient;
	if (*secure)
		current->user->parent_death_signal = 0;
	commit_creds(cred);
}
