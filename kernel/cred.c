/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Credentials.  A set is constant while it is in use, so whoever holds a reference reads it
 * without a lock; a change is a new set.  Only the task itself changes its pointer, under
 * cred_lock, because others take references through it.
 *
 * Privileges follow Linux: user 0 has all capabilities; giving up user 0 in all three ids clears
 * them, leaving it in the effective id alone clears the effective ones.
 */
#include <linux/errno.h>
#include <linux/securebits.h>
#include <oshit/cred.h>
#include <oshit/pgroup.h>
#include <oshit/slab.h>
#include <oshit/spinlock.h>
#include <oshit/user_task.h>

/* Interrupts off; the pointers task->cred of others. Raw: who sends a signal takes it inside of
 * siglock. */
static DEFINE_RAW_SPINLOCK(cred_lock);

static struct group_list no_groups = { .refs = REFCOUNT_INIT(1) };

struct cred init_cred = {
	.refs = REFCOUNT_INIT(1),
	.permitted = CAP_ALL,
	.effective = CAP_ALL,
	.bounding = CAP_ALL,
	.securebits = SECUREBITS_DEFAULT,
	.groups = &no_groups,
	.user = &root_user,
};

void put_group_list(struct group_list *groups)
{
	if (refcount_dec_and_test(&groups->refs))
		kfree(groups);
}

void put_cred(struct cred *cred)
{
	if (!refcount_dec_and_test(&cred->refs))
		return;
	put_group_list(cred->groups);
	put_user_struct(cred->user);
	kfree(cred);
}

struct cred *prepare_creds(void)
{
	struct cred *copy = kmemdup(current->cred, sizeof(*copy), GFP_KERNEL);

	if (!copy)
		return NULL;
	refcount_set(&copy->refs, 1);
	refcount_inc(&copy->groups->refs);
	get_user_struct(copy->user);
	return copy;
}

void commit_creds(struct cred *cred)
{
	struct cred *old = current->cred;
	unsigned long flags;

	if (cred->user != old->user) {
		atomic_inc(&cred->user->nr_tasks);
		atomic_dec(&old->user->nr_tasks);
	}
	raw_spin_lock_irqsave(&cred_lock, flags);
	current->cred = cred;
	raw_spin_unlock_irqrestore(&cred_lock, flags);
	put_cred(old);
}

struct cred *get_task_cred(struct task_struct *task)
{
	unsigned long flags;
	struct cred *cred;

	raw_spin_lock_irqsave(&cred_lock, flags);
	cred = get_cred(task->cred ?: &init_cred);
	raw_spin_unlock_irqrestore(&cred_lock, flags);
	return cred;
}

struct user_struct *get_task_user(struct task_struct *task)
{
	struct user_struct *user;
	unsigned long flags;

	raw_spin_lock_irqsave(&cred_lock, flags);
	user = get_user_struct(task->cred->user);
	raw_spin_unlock_irqrestore(&cred_lock, flags);
	return user;
}

u32 task_uid(struct task_struct *task)
{
	unsigned long flags;
	u32 uid;

	raw_spin_lock_irqsave(&cred_lock, flags);
	uid = task->cred->uid;
	raw_spin_unlock_irqrestore(&cred_lock, flags);
	return uid;
}

bool in_group(u32 gid)
{
	const struct group_list *groups = current_cred()->groups;
	unsigned int low = 0, high = groups->nr;

	if (gid == current_cred()->fsgid)
		return true;
	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (groups->gids[mid] == gid)
			return true;
		if (groups->gids[mid] < gid)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

int check_signal(struct task_struct *task, int sig)
{
	const struct cred *self = current->cred;
	struct cred *other;
	bool may;

	if (sig < 0 || sig > NR_SIGNALS)
		return -EINVAL;
	if (task->user->signal == current->user->signal || capable(CAP_KILL))
		return 0;
	other = get_task_cred(task);
	may = self->euid == other->suid || self->euid == other->uid || self->uid == other->suid ||
	      self->uid == other->uid;
	put_cred(other);
	may |= sig == SIGCONT &&
	       task->user->signal->pgroup->session == current->user->signal->pgroup->session;
	return may ? 0 : -EPERM;
}
