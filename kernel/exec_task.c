/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What execve() changes of a task besides its memory: signals go back to their defaults, threads'
 * common actions become its own, and its credentials are those that the file gives.
 * Context: the task that executes, alone in its process.
 */
#include <linux/securebits.h>
#include <oshit/cred.h>
#include <oshit/fork.h>
#include <oshit/signal.h>
#include <oshit/string.h>
#include <oshit/user_task.h>

void sighand_forget_handlers(struct sighand_struct *sighand)
{
	struct sigaction *action = sighand->action;

	for (size_t i = 0; i < NR_SIGNALS; i++) {
		if (action[i].sa_handler != SIG_IGN)
			action[i].sa_handler = SIG_DFL;
		action[i].sa_flags = 0;
		action[i].sa_mask = 0;
	}
}

void signals_reset_for_exec(void)
{
	struct user_task *user = current->user;

	raw_spin_lock_irq(&user->sighand->lock);
	sighand_forget_handlers(user->sighand);
	raw_spin_unlock_irq(&user->sighand->lock);
	user->altstack = (stack_t){ .ss_flags = SS_DISABLE };
	spin_lock(&tasklist_lock);
	/* A child that executed something else is an ordinary child. */
	user->exit_signal = SIGCHLD;
	user->signal->exec_id++;
	spin_unlock(&tasklist_lock);
}

/* capabilities(7): what user 0 gets, unless SECBIT_NOROOT says that it is a user as others. */
static void set_capabilities(struct cred *cred, bool has_other_ids)
{
	bool root_counts = !(cred->securebits & issecure_mask(SECURE_NOROOT));

	cred->ambient = has_other_ids ? 0 : cred->ambient;
	cred->permitted = cred->ambient;
	if (root_counts && (cred->euid == 0 || cred->uid == 0))
		cred->permitted |= cred->bounding | cred->inheritable;
	cred->effective = root_counts && cred->euid == 0 ? cred->permitted : cred->ambient;
	cred->securebits &= ~(u32)issecure_mask(SECURE_KEEP_CAPS);
}

/* Whether the program has rights that the caller has not. */
static bool has_other_rights(const struct cred *old, const struct cred *cred)
{
	return cred->euid != old->euid || cred->egid != old->egid || cred->fsuid != old->fsuid ||
	       cred->fsgid != old->fsgid || cred->permitted & ~old->permitted;
}

void commit_exec_creds(struct cred *cred, bool is_readable, bool *secure)
{
	const struct cred *old = current->cred;
	bool changes;

	*secure = cred->euid != old->uid || cred->egid != old->gid;
	cred->suid = cred->fsuid = cred->euid;
	cred->sgid = cred->fsgid = cred->egid;
	set_capabilities(cred, *secure);
	changes = has_other_rights(old, cred);
	/* Fresh memory, which others may look at unless somebody's rights are in it, or a file that
	 * the caller may only execute. */
	current->user->signal->not_dumpable =
		!is_readable || changes || old->euid != old->uid || old->egid != old->gid;
	if (*secure || changes)
		current->user->parent_death_signal = 0;
	commit_creds(cred);
}
