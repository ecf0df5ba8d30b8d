/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * prctl(): a drawer of small settings of the calling task or its process.  Each option is a row of
 * a table or a case of its own; an option that is not here is EINVAL, as in a Linux that was
 * compiled without it.
 *
 * Locks: tasklist_lock for what children look at; all else is the caller's own.
 */
#include <linux/errno.h>
#include <linux/prctl.h>
#include <linux/securebits.h>
#include <oshit/cred.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#define DEFAULT_TIMER_SLACK_NS 50000 /* Linux's; nothing here is late on purpose */

struct prctl_args {
	int option;
	unsigned long arg2, arg3, arg4, arg5;
};

static bool rest_is_zero(const struct prctl_args *args)
{
	return !args->arg3 && !args->arg4 && !args->arg5;
}

/* --- the task --- */

static long set_task_name(const char __user *from)
{
	char name[TASK_COMM_LEN] = { 0 };

	if (strncpy_from_user(name, from, sizeof(name) - 1) < 0)
		return -EFAULT;
	memcpy(current->comm, name, sizeof(name));
	return 0;
}

static long get_task_name(char __user *to)
{
	char name[TASK_COMM_LEN] = { 0 };

	strscpy(name, current->comm, sizeof(name));
	return copy_to_user(to, name, sizeof(name)) ? -EFAULT : 0;
}

static long set_death_signal(unsigned long sig)
{
	if (sig > NR_SIGNALS)
		return -EINVAL;
	current->user->parent_death_signal = (int)sig;
	return 0;
}

static long set_no_new_privs(const struct prctl_args *args)
{
	if (args->arg2 != 1 || !rest_is_zero(args))
		return -EINVAL;
	current->user->no_new_privs = true;
	return 0;
}

static long get_no_new_privs(const struct prctl_args *args)
{
	if (args->arg2 || !rest_is_zero(args))
		return -EINVAL;
	return current->user->no_new_privs;
}

/* --- the process --- */

static long set_dumpable(unsigned long value)
{
	if (value > 1)
		return -EINVAL;
	current->user->signal->not_dumpable = !value;
	return 0;
}

/* The process after @user in the tree below @root, parents before children; NULL: that was the
 * last. Under tasklist_lock. */
static struct user_task *next_descendant(struct user_task *root, struct user_task *user)
{
	if (!list_empty(&user->children))
		return list_first_entry(&user->children, struct user_task, sibling);
	while (user != root) {
		struct user_task *parent = user->parent->user;

		if (user->sibling.next != &parent->children)
			return list_next_entry(user, sibling);
		user = parent;
	}
	return NULL;
}

/* Every descendant has to know that there is one to look for when it ends. */
static void set_subreaper(bool is_subreaper)
{
	struct user_task *root, *user;

	spin_lock(&tasklist_lock);
	root = current->user->signal->leader->user;
	root->signal->is_subreaper = is_subreaper;
	user = is_subreaper ? next_descendant(root, root) : NULL;
	for (; user; user = next_descendant(root, user))
		user->signal->has_subreaper = true;
	spin_unlock(&tasklist_lock);
}

/* --- capabilities --- */

/* The caller gets the securebits @bits, and the rest of its credentials stays. */
static long commit_securebits(u32 bits)
{
	struct cred *cred = prepare_creds();

	if (!cred)
		return -ENOMEM;
	cred->securebits = bits;
	commit_creds(cred);
	return 0;
}

static long set_keepcaps(unsigned long value)
{
	u32 bits = current->cred->securebits;

	if (value > 1)
		return -EINVAL;
	if (bits & issecure_mask(SECURE_KEEP_CAPS_LOCKED))
		return -EPERM;
	bits &= ~(u32)issecure_mask(SECURE_KEEP_CAPS);
	return commit_securebits(bits | (value ? issecure_mask(SECURE_KEEP_CAPS) : 0));
}

/* The bit above each setting locks it, and itself. */
static long set_securebits(unsigned long bits)
{
	u32 old = current->cred->securebits;
	u32 locked = (old & SECURE_ALL_LOCKS) >> 1;

	if (locked & (old ^ bits) || (old & SECURE_ALL_LOCKS) & ~bits ||
	    bits & ~(unsigned long)(SECURE_ALL_LOCKS | SECURE_ALL_BITS) || !capable(CAP_SETPCAP))
		return -EPERM;
	return commit_securebits((u32)bits);
}

static long read_bounding(unsigned long capability)
{
	if (capability > CAP_LAST_CAP)
		return -EINVAL;
	return !!(current->cred->bounding & BIT(capability));
}

static long drop_bounding(unsigned long capability)
{
	struct cred *cred;

	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (capability > CAP_LAST_CAP)
		return -EINVAL;
	cred = prepare_creds();
	if (!cred)
		return -ENOMEM;
	cred->bounding &= ~BIT(capability);
	commit_creds(cred);
	return 0;
}

static long commit_ambient(u64 ambient)
{
	struct cred *cred = prepare_creds();

	if (!cred)
		return -ENOMEM;
	cred->ambient = ambient;
	commit_creds(cred);
	return 0;
}

static long ambient_capabilities(const struct prctl_args *args)
{
	const struct cred *cred = current->cred;
	u64 bit;

	if (args->arg2 == PR_CAP_AMBIENT_CLEAR_ALL)
		return rest_is_zero(args) ? commit_ambient(0) : -EINVAL;
	if (args->arg3 > CAP_LAST_CAP || args->arg4 || args->arg5)
		return -EINVAL;
	bit = BIT(args->arg3);
	switch (args->arg2) {
	case PR_CAP_AMBIENT_IS_SET:
		return !!(cred->ambient & bit);
	case PR_CAP_AMBIENT_RAISE:
		if (!(cred->permitted & cred->inheritable & bit) ||
		    cred->securebits & issecure_mask(SECURE_NO_CAP_AMBIENT_RAISE))
			return -EPERM;
		return commit_ambient(cred->ambient | bit);
	case PR_CAP_AMBIENT_LOWER:
		return commit_ambient(cred->ambient & ~bit);
	default:
		return -EINVAL;
	}
}

static long prctl_capabilities(const struct prctl_args *args)
{
	switch (args->option) {
	case PR_SET_KEEPCAPS:
		return set_keepcaps(args->arg2);
	case PR_GET_KEEPCAPS:
		return !!(current->cred->securebits & issecure_mask(SECURE_KEEP_CAPS));
	case PR_SET_SECUREBITS:
		return set_securebits(args->arg2);
	case PR_GET_SECUREBITS:
		return current->cred->securebits;
	case PR_CAPBSET_READ:
		return read_bounding(args->arg2);
	case PR_CAPBSET_DROP:
		return drop_bounding(args->arg2);
	case PR_CAP_AMBIENT:
		return ambient_capabilities(args);
	default:
		return -EINVAL;
	}
}

/* --- what is kept for others --- */

static long prctl_process(const struct prctl_args *args)
{
	struct user_task *user = current->user;

	switch (args->option) {
	case PR_SET_DUMPABLE:
		return set_dumpable(args->arg2);
	case PR_GET_DUMPABLE:
		return !user->signal->not_dumpable;
	case PR_SET_CHILD_SUBREAPER:
		set_subreaper(args->arg2);
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_user((int)user->signal->is_subreaper, (int __user *)args->arg2);
	case PR_SET_TIMING:
		return args->arg2 == PR_TIMING_STATISTICAL ? 0 : -EINVAL;
	case PR_GET_TIMING:
		return PR_TIMING_STATISTICAL;
	default:
		return prctl_capabilities(args);
	}
}

long sys_prctl(int option, unsigned long arg2, unsigned long arg3, unsigned long arg4,
	       unsigned long arg5)
{
	const struct prctl_args args = { option, arg2, arg3, arg4, arg5 };
	struct user_task *user = current->user;

	switch (option) {
	case PR_SET_NAME:
		return set_task_name((const char __user *)arg2);
	case PR_GET_NAME:
		return get_task_name((char __user *)arg2);
	case PR_SET_PDEATHSIG:
		return set_death_signal(arg2);
	case PR_GET_PDEATHSIG:
		return put_user(user->parent_death_signal, (int __user *)arg2);
	case PR_SET_NO_NEW_PRIVS:
		return set_no_new_privs(&args);
	case PR_GET_NO_NEW_PRIVS:
		return get_no_new_privs(&args);
	case PR_SET_TIMERSLACK:
		user->timer_slack_ns = arg2 ?: user->default_timer_slack_ns;
		return 0;
	case PR_GET_TIMERSLACK:
		return (long)(user->timer_slack_ns ?: DEFAULT_TIMER_SLACK_NS);
	case PR_GET_TID_ADDRESS:
		return put_user(user->clear_child_tid, (int __user *__user *)arg2);
	default:
		return prctl_process(&args);
	}
}
