/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls about credentials: ids of users and groups, further groups, capabilities.
 *
 * Each change follows one pattern: a copy of the caller's credentials is checked and changed, and
 * then takes the place of the old ones, or is thrown away.
 *
 * What a change of the user ids does to capabilities is Linux's (capabilities(7)):
 *
 *	one of the three was 0, none is now	permitted, effective and ambient are cleared
 *						(SECBIT_KEEP_CAPS: not permitted)
 *	the effective one was 0, is not now	effective is cleared
 *	it was not 0, is now			effective becomes permitted
 *	the same of the file system's		only those about files
 *
 * unless SECBIT_NO_SETUID_FIXUP says that nothing of this happens.
 */
#include <linux/errno.h>
#include <linux/securebits.h>
#include <oshit/cred.h>
#include <oshit/pgroup.h>
#include <oshit/rlimit.h>
#include <oshit/slab.h>
#include <oshit/sort.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#define NO_ID ((u32)-1) /* "leave it" */
/* Those that concern files; setfsuid() takes and gives them. */
#define CAPS_OF_FILES                                                                         \
	(BIT(CAP_CHOWN) | BIT(CAP_MKNOD) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | \
	 BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_LINUX_IMMUTABLE) | BIT(CAP_MAC_OVERRIDE))

bool is_same_user(struct task_struct *task)
{
	const struct cred *self = current->cred;
	struct cred *other = get_task_cred(task);
	bool is_same;

	is_same = self->uid == other->uid && self->uid == other->euid && self->uid == other->suid &&
		  self->gid == other->gid && self->gid == other->egid && self->gid == other->sgid;
	put_cred(other);
	return is_same;
}

/* --- reading --- */

long sys_getuid(void)
{
	return current->cred->uid;
}

long sys_geteuid(void)
{
	return current->cred->euid;
}

long sys_getgid(void)
{
	return current->cred->gid;
}

long sys_getegid(void)
{
	return current->cred->egid;
}

long sys_getresuid(u32 __user *real, u32 __user *effective, u32 __user *saved)
{
	const struct cred *cred = current->cred;

	return put_user(cred->uid, real) ?: put_user(cred->euid, effective) ?:
							 put_user(cred->suid, saved);
}

long sys_getresgid(u32 __user *real, u32 __user *effective, u32 __user *saved)
{
	const struct cred *cred = current->cred;

	return put_user(cred->gid, real) ?: put_user(cred->egid, effective) ?:
							 put_user(cred->sgid, saved);
}

/* --- user ids --- */

static bool any_is_root(const struct cred *cred)
{
	return !cred->uid || !cred->euid || !cred->suid;
}

static void fix_capabilities(const struct cred *old, struct cred *cred)
{
	if (cred->securebits & issecure_mask(SECURE_NO_SETUID_FIXUP))
		return;
	if (any_is_root(old) && !any_is_root(cred)) {
		if (!(cred->securebits & issecure_mask(SECURE_KEEP_CAPS))) {
			cred->permitted = 0;
			cred->effective = 0;
		}
		cred->ambient = 0;
	}
	if (!old->euid && cred->euid)
		cred->effective = 0;
	if (old->euid && !cred->euid)
		cred->effective = cred->permitted;
}

/* To take another's id privileges are given up: nobody may look at what memory still holds. */
static void ids_have_changed(const struct cred *old, const struct cred *cred)
{
	if (old->euid == cred->euid && old->egid == cred->egid && old->fsuid == cred->fsuid &&
	    old->fsgid == cred->fsgid)
		return;
	current->user->signal->not_dumpable = true;
	current->user->parent_death_signal = 0;
}

/* Takes @cred over if @err is 0, else throws it away. */
static long commit_or_drop(struct cred *cred, long err)
{
	if (err) {
		put_cred(cred);
		return err;
	}
	ids_have_changed(current->cred, cred);
	commit_creds(cred);
	return 0;
}

/* Another real id: the task is to count for another user. 0 or -EAGAIN. */
static int change_user(struct cred *cred)
{
	struct user_struct *user;

	if (cred->uid == cred->user->uid)
		return 0;
	user = user_get(cred->uid);
	if (!user)
		return -EAGAIN;
	put_user_struct(cred->user);
	cred->user = user;
	current->user->nproc_exceeded = user_exceeds_processes(user, current_limit(RLIMIT_NPROC));
	return 0;
}

static long commit_user_ids(struct cred *cred, bool is_permitted)
{
	cred->fsuid = cred->euid;
	fix_capabilities(current->cred, cred);
	return commit_or_drop(cred, is_permitted ? change_user(cred) : -EPERM);
}

long sys_setuid(u32 uid)
{
	const struct cred *old = current->cred;
	struct cred *cred;
	bool may = true;

	if (uid == NO_ID)
		return -EINVAL;
	cred = prepare_creds();
	if (!cred)
		return -ENOMEM;
	if (capable(CAP_SETUID))
		cred->uid = cred->suid = uid;
	else
		may = uid == old->uid || uid == old->suid;
	cred->euid = uid;
	return commit_user_ids(cred, may);
}

long sys_setreuid(u32 real, u32 effective)
{
	const struct cred *old = current->cred;
	struct cred *cred = prepare_creds();
	bool may;

	if (!cred)
		return -ENOMEM;
	may = (real == NO_ID || real == old->uid || real == old->euid) &&
	      (effective == NO_ID || effective == old->uid || effective == old->euid ||
	       effective == old->suid);
	if (real != NO_ID)
		cred->uid = real;
	if (effective != NO_ID)
		cred->euid = effective;
	if (real != NO_ID || (effective != NO_ID && effective != old->uid))
		cred->suid = cred->euid;
	return commit_user_ids(cred, may || capable(CAP_SETUID));
}

static bool is_own_uid(const struct cred *cred, u32 uid)
{
	return uid == NO_ID || uid == cred->uid || uid == cred->euid || uid == cred->suid;
}

long sys_setresuid(u32 real, u32 effective, u32 saved)
{
	const struct cred *old = current->cred;
	struct cred *cred = prepare_creds();
	bool may = is_own_uid(old, real) && is_own_uid(old, effective) && is_own_uid(old, saved);

	if (!cred)
		return -ENOMEM;
	if (real != NO_ID)
		cred->uid = real;
	if (effective != NO_ID)
		cred->euid = effective;
	if (saved != NO_ID)
		cred->suid = saved;
	return commit_user_ids(cred, may || capable(CAP_SETUID));
}

/* --- group ids --- */

static long commit_group_ids(struct cred *cred, bool is_permitted)
{
	cred->fsgid = cred->egid;
	return commit_or_drop(cred, is_permitted ? 0 : -EPERM);
}

long sys_setgid(u32 gid)
{
	const struct cred *old = current->cred;
	struct cred *cred;
	bool may = true;

	if (gid == NO_ID)
		return -EINVAL;
	cred = prepare_creds();
	if (!cred)
		return -ENOMEM;
	if (capable(CAP_SETGID))
		cred->gid = cred->sgid = gid;
	else
		may = gid == old->gid || gid == old->sgid;
	cred->egid = gid;
	return commit_group_ids(cred, may);
}

long sys_setregid(u32 real, u32 effective)
{
	const struct cred *old = current->cred;
	struct cred *cred = prepare_creds();
	bool may;

	if (!cred)
		return -ENOMEM;
	may = (real == NO_ID || real == old->gid || real == old->egid) &&
	      (effective == NO_ID || effective == old->gid || effective == old->egid ||
	       effective == old->sgid);
	if (real != NO_ID)
		cred->gid = real;
	if (effective != NO_ID)
		cred->egid = effective;
	if (real != NO_ID || (effective != NO_ID && effective != old->gid))
		cred->sgid = cred->egid;
	return commit_group_ids(cred, may || capable(CAP_SETGID));
}

static bool is_own_gid(const struct cred *cred, u32 gid)
{
	return gid == NO_ID || gid == cred->gid || gid == cred->egid || gid == cred->sgid;
}

long sys_setresgid(u32 real, u32 effective, u32 saved)
{
	const struct cred *old = current->cred;
	struct cred *cred = prepare_creds();
	bool may = is_own_gid(old, real) && is_own_gid(old, effective) && is_own_gid(old, saved);

	if (!cred)
		return -ENOMEM;
	if (real != NO_ID)
		cred->gid = real;
	if (effective != NO_ID)
		cred->egid = effective;
	if (saved != NO_ID)
		cred->sgid = saved;
	return commit_group_ids(cred, may || capable(CAP_SETGID));
}

/* --- ids for files; both calls tell the old one, whether they changed it or not --- */

long sys_setfsuid(u32 uid)
{
	const struct cred *old = current->cred;
	u32 old_uid = old->fsuid;
	bool may = is_own_uid(old, uid) || uid == old_uid || capable(CAP_SETUID);
	struct cred *cred;

	if (uid == NO_ID || uid == old_uid || !may)
		return old_uid;
	cred = prepare_creds();
	if (!cred)
		return old_uid;
	cred->fsuid = uid;
	if (!(cred->securebits & issecure_mask(SECURE_NO_SETUID_FIXUP))) {
		if (!old_uid)
			cred->effective &= ~CAPS_OF_FILES;
		else if (!uid)
			cred->effective |= cred->permitted & CAPS_OF_FILES;
	}
	commit_or_drop(cred, 0);
	return old_uid;
}

long sys_setfsgid(u32 gid)
{
	const struct cred *old = current->cred;
	u32 old_gid = old->fsgid;
	bool may = is_own_gid(old, gid) || gid == old_gid || capable(CAP_SETGID);
	struct cred *cred;

	if (gid == NO_ID || gid == old_gid || !may)
		return old_gid;
	cred = prepare_creds();
	if (!cred)
		return old_gid;
	cred->fsgid = gid;
	commit_or_drop(cred, 0);
	return old_gid;
}

/* --- further groups --- */

long sys_getgroups(int size, u32 __user *to)
{
	const struct group_list *groups = current->cred->groups;

	if (size < 0)
		return -EINVAL;
	if (!size)
		return groups->nr;
	if ((unsigned int)size < groups->nr)
		return -EINVAL;
	if (copy_to_user(to, groups->gids, groups->nr * sizeof(u32)))
		return -EFAULT;
	return groups->nr;
}

static int compare_gids(const void *a, const void *b)
{
	u32 first = *(const u32 *)a, second = *(const u32 *)b;

	return first < second ? -1 : first > second;
}

long sys_setgroups(int size, const u32 __user *from)
{
	struct group_list *groups;
	struct cred *cred;
	size_t bytes = (size_t)size * sizeof(u32);

	if (!capable(CAP_SETGID))
		return -EPERM;
	if (size < 0 || size > NR_GROUPS_MAX)
		return -EINVAL;
	groups = kmalloc(sizeof(*groups) + bytes, GFP_KERNEL);
	cred = groups ? prepare_creds() : NULL;
	if (!cred) {
		kfree(groups);
		return -ENOMEM;
	}
	if (copy_from_user(groups->gids, from, bytes)) {
		kfree(groups);
		put_cred(cred);
		return -EFAULT;
	}
	refcount_set(&groups->refs, 1);
	groups->nr = (unsigned int)size;
	sort(groups->gids, groups->nr, sizeof(u32), compare_gids);
	put_group_list(cred->groups);
	cred->groups = groups;
	return commit_or_drop(cred, 0);
}

/* --- capabilities --- */

#define CAP_WORDS _LINUX_CAPABILITY_U32S_3

/* How many words of 32 capabilities the caller's version has. An unknown one is told what we
 * have. */
static int cap_words(struct __user_cap_header_struct __user *header)
{
	u32 version, known = _LINUX_CAPABILITY_VERSION_3;

	if (get_user(version, &header->version))
		return -EFAULT;
	switch (version) {
	case _LINUX_CAPABILITY_VERSION_1:
		return _LINUX_CAPABILITY_U32S_1;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		return CAP_WORDS;
	default:
		if (copy_to_user(&header->version, &known, sizeof(known)))
			return -EFAULT;
		return -EINVAL;
	}
}

static long read_capabilities(int pid, struct __user_cap_data_struct data[CAP_WORDS])
{
	struct task_struct *task = pid ? task_find(pid) : get_task_struct(current);
	struct cred *cred;

	if (!task)
		return -ESRCH;
	cred = task->cred ? get_task_cred(task) : get_cred(&init_cred);
	put_task_struct(task);
	for (unsigned int i = 0; i < CAP_WORDS; i++) {
		data[i].effective = (u32)(cred->effective >> (32 * i));
		data[i].permitted = (u32)(cred->permitted >> (32 * i));
		data[i].inheritable = (u32)(cred->inheritable >> (32 * i));
	}
	put_cred(cred);
	return 0;
}

/* Without a place for the answer the call asks for the version. */
long sys_capget(struct __user_cap_header_struct __user *header,
		struct __user_cap_data_struct __user *to)
{
	struct __user_cap_data_struct data[CAP_WORDS];
	int pid, nr_words = cap_words(header);
	long err;

	if (nr_words < 0)
		return !to && nr_words == -EINVAL ? 0 : nr_words;
	if (!to)
		return 0;
	if (get_user(pid, &header->pid))
		return -EFAULT;
	if (pid < 0)
		return -EINVAL;
	err = read_capabilities(pid, data);
	if (err)
		return err;
	return copy_to_user(to, data, (size_t)nr_words * sizeof(data[0])) ? -EFAULT : 0;
}

static bool may_set(const struct cred *old, const struct cred *cred)
{
	u64 more = cred->inheritable & ~old->inheritable;

	if (more & ~old->permitted && !cred_has(old, CAP_SETPCAP))
		return false;
	if (more & ~old->bounding)
		return false;
	return !(cred->permitted & ~old->permitted) && !(cred->effective & ~cred->permitted);
}

long sys_capset(struct __user_cap_header_struct __user *header,
		const struct __user_cap_data_struct __user *from)
{
	struct __user_cap_data_struct data[CAP_WORDS] = { 0 };
	int pid, nr_words = cap_words(header);
	struct cred *cred;

	if (nr_words < 0)
		return nr_words;
	if (get_user(pid, &header->pid))
		return -EFAULT;
	if (pid && pid != current->pid)
		return -EPERM;
	if (copy_from_user(data, from, (size_t)nr_words * sizeof(data[0])))
		return -EFAULT;
	cred = prepare_creds();
	if (!cred)
		return -ENOMEM;
	cred->effective = (data[0].effective | (u64)data[1].effective << 32) & CAP_ALL;
	cred->permitted = (data[0].permitted | (u64)data[1].permitted << 32) & CAP_ALL;
	cred->inheritable = (data[0].inheritable | (u64)data[1].inheritable << 32) & CAP_ALL;
	cred->ambient &= cred->permitted & cred->inheritable;
	return commit_or_drop(cred, may_set(current->cred, cred) ? 0 : -EPERM);
}
