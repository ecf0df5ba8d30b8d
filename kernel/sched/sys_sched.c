/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls about scheduling: on which CPUs a task runs, and how much it gets of one.
 *
 * The scheduler knows one thing about a program's task, its weight.  Linux's policies are kept as
 * they are told and become that:
 *
 *	SCHED_OTHER, SCHED_BATCH	the nice value
 *	SCHED_IDLE			the largest nice value: it may hold locks that others want
 *	SCHED_FIFO, SCHED_RR		the smallest: a large share, but not all of the CPU
 *
 * So real-time priorities are told and inherited, and order nothing.  SCHED_DEADLINE is refused.
 *
 * Locks: tasklist_lock for the attributes, which are read without one.
 */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <oshit/clock.h>
#include <oshit/cred.h>
#include <oshit/math.h>
#include <oshit/pgroup.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/timespec.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#include "policy.h"

#define MAX_RT_PRIORITY 99
#define RR_SLICE_NS	(100 * NSEC_PER_MSEC) /* what Linux tells by default */
#define KEEP_POLICY	(-1)

static const struct sched_attributes kernel_attributes; /* of kernel threads */

static const struct sched_attributes *attributes_of(const struct task_struct *task)
{
	return task->user ? &task->user->sched : &kernel_attributes;
}

/* With a reference; NULL: *@err says why. */
static struct task_struct *get_target(int pid, int *err)
{
	struct task_struct *task = NULL;

	if (pid >= 0)
		task = pid ? task_find(pid) : get_task_struct(current);
	*err = pid < 0 ? -EINVAL : task ? 0 : -ESRCH;
	return task;
}

/* Whether the caller may say how @task is scheduled. */
static bool is_owner(struct task_struct *task)
{
	struct cred *other;
	bool is_same;

	if (capable(CAP_SYS_NICE))
		return true;
	if (!task->cred)
		return false;
	other = get_task_cred(task);
	is_same = current->cred->euid == other->euid || current->cred->euid == other->uid;
	put_cred(other);
	return is_same;
}

long sys_sched_yield(void)
{
	yield();
	return 0;
}

/* --- CPUs --- */

/* Bits beyond ours are ignored, those that are not given are 0. */
static int get_cpumask(struct cpumask *mask, const unsigned long __user *from, unsigned int len)
{
	cpumask_clear(mask);
	if (copy_from_user(mask->bits, from, min((size_t)len, sizeof(mask->bits))))
		return -EFAULT;
	cpumask_and(mask, mask, &cpu_possible_mask);
	return 0;
}

long sys_sched_setaffinity(int pid, unsigned int len, const unsigned long __user *from)
{
	struct task_struct *task;
	struct cpumask mask;
	int err = get_cpumask(&mask, from, len);

	if (err)
		return err;
	task = get_target(pid, &err);
	/* Here a negative pid is nobody's. */
	if (!task)
		return -ESRCH;
	err = is_owner(task) ? set_cpus_allowed(task, &mask) : -EPERM;
	put_task_struct(task);
	return err;
}

long sys_sched_getaffinity(int pid, unsigned int len, unsigned long __user *to)
{
	struct task_struct *task;
	struct cpumask mask;
	size_t size = min((size_t)len, sizeof(mask.bits));
	int err;

	if (len * 8UL < nr_cpu_ids || len % sizeof(long))
		return -EINVAL;
	task = get_target(pid, &err);
	if (!task)
		return -ESRCH;
	cpumask_and(&mask, &task->cpus_allowed, &cpu_active_mask);
	put_task_struct(task);
	return copy_to_user(to, mask.bits, size) ? -EFAULT : (long)size;
}

/* --- policies --- */

static bool is_rt(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool is_fair(int policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH;
}

static bool is_known(int policy)
{
	return is_rt(policy) || is_fair(policy) || policy == SCHED_IDLE;
}

static unsigned long limit_of(const struct task_struct *task, unsigned int resource)
{
	return READ_ONCE(task->user->signal->rlimits[resource].rlim_cur);
}

/* RLIMIT_NICE counts from 1 for the largest nice value to 40 for the smallest. */
static bool may_be_nice(const struct task_struct *task, int nice)
{
	return (unsigned long)(NICE_MAX + 1 - nice) <= limit_of(task, RLIMIT_NICE) ||
	       capable(CAP_SYS_NICE);
}

static bool may_change(struct task_struct *task, const struct sched_attributes *attr)
{
	const struct sched_attributes *old = &task->user->sched;
	unsigned long rt_limit = limit_of(task, RLIMIT_RTPRIO);

	if (capable(CAP_SYS_NICE))
		return true;
	if (is_fair(attr->policy) && attr->nice < old->nice && !may_be_nice(task, attr->nice))
		return false;
	if (is_rt(attr->policy) && ((attr->policy != old->policy && !rt_limit) ||
				    (attr->priority > old->priority && attr->priority > rt_limit)))
		return false;
	if (old->policy == SCHED_IDLE && attr->policy != SCHED_IDLE &&
	    !may_be_nice(task, old->nice))
		return false;
	return is_owner(task) && (attr->reset_on_fork || !old->reset_on_fork);
}

static int nice_for(const struct sched_attributes *attr)
{
	if (is_rt(attr->policy))
		return NICE_MIN;
	return attr->policy == SCHED_IDLE ? NICE_MAX : attr->nice;
}

static int check_attributes(const struct sched_attributes *attr)
{
	if (!is_known(attr->policy) || attr->priority > MAX_RT_PRIORITY ||
	    is_rt(attr->policy) != !!attr->priority)
		return -EINVAL;
	return 0;
}

static void apply(struct task_struct *task, const struct sched_attributes *attr)
{
	spin_lock(&tasklist_lock);
	task->user->sched = *attr;
	spin_unlock(&tasklist_lock);
	set_nice(task, nice_for(attr));
}

static int set_attributes(struct task_struct *task, const struct sched_attributes *attr)
{
	int err = check_attributes(attr);

	if (err)
		return err;
	if (!task->user || !may_change(task, attr))
		return -EPERM;
	apply(task, attr);
	return 0;
}

/* A privileged policy or nice value is not for children of who asked for that. */
void sched_inherit(struct user_task *child)
{
	struct sched_attributes attr = current->user->sched;

	if (attr.reset_on_fork) {
		if (is_rt(attr.policy)) {
			attr.policy = SCHED_NORMAL;
			attr.priority = 0;
			attr.nice = 0;
		}
		attr.nice = max(attr.nice, (s8)0);
		attr.reset_on_fork = false;
	}
	child->sched = attr;
	set_nice(child->task, nice_for(&attr));
	inherit_cpus_allowed(child->task);
}

/* @policy KEEP_POLICY: only the priority changes. */
static long set_scheduler(int pid, int policy, const struct sched_param __user *from)
{
	struct sched_attributes attr;
	struct task_struct *task;
	int priority, err;

	if (!from || pid < 0)
		return -EINVAL;
	if (get_user(priority, &from->sched_priority))
		return -EFAULT;
	task = get_target(pid, &err);
	if (!task)
		return err;
	attr = *attributes_of(task);
	if (policy != KEEP_POLICY) {
		attr.reset_on_fork = policy & SCHED_RESET_ON_FORK;
		policy &= ~SCHED_RESET_ON_FORK;
		attr.policy = (u8)policy;
	}
	attr.priority = (u8)priority;
	/* Neither was cut. */
	if (policy > SCHED_DEADLINE || priority < 0 || priority > MAX_RT_PRIORITY)
		err = -EINVAL;
	else
		err = set_attributes(task, &attr);
	put_task_struct(task);
	return err;
}

long sys_sched_setscheduler(int pid, int policy, const struct sched_param __user *from)
{
	return policy < 0 ? -EINVAL : set_scheduler(pid, policy, from);
}

long sys_sched_setparam(int pid, const struct sched_param __user *from)
{
	return set_scheduler(pid, KEEP_POLICY, from);
}

long sys_sched_getscheduler(int pid)
{
	const struct sched_attributes *attr;
	int err, policy;
	struct task_struct *task = get_target(pid, &err);

	if (!task)
		return err;
	attr = attributes_of(task);
	policy = attr->policy | (attr->reset_on_fork ? SCHED_RESET_ON_FORK : 0);
	put_task_struct(task);
	return policy;
}

long sys_sched_getparam(int pid, struct sched_param __user *to)
{
	struct task_struct *task;
	int err, priority;

	if (!to)
		return -EINVAL;
	task = get_target(pid, &err);
	if (!task)
		return err;
	priority = attributes_of(task)->priority;
	put_task_struct(task);
	return put_user(priority, &to->sched_priority);
}

/* --- all attributes at once --- */

#define FLAGS_KNOWN                                                              \
	(SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_RECLAIM | SCHED_FLAG_DL_OVERRUN | \
	 SCHED_FLAG_KEEP_ALL | SCHED_FLAG_UTIL_CLAMP)

static int get_sched_attr(struct sched_attr *attr, struct sched_attr __user *from)
{
	u32 size;
	int err;

	if (get_user(size, &from->size))
		return -EFAULT;
	size = size ?: SCHED_ATTR_SIZE_VER0;
	err = -E2BIG;
	if (size >= SCHED_ATTR_SIZE_VER0)
		err = copy_struct_from_user(attr, sizeof(*attr), from, size);
	if (err == -E2BIG && put_user((u32)sizeof(*attr), &from->size))
		return -EFAULT;
	if (!err && attr->sched_flags & SCHED_FLAG_UTIL_CLAMP && size < SCHED_ATTR_SIZE_VER1)
		return -EINVAL;
	return err ?: (int)attr->sched_policy < 0 ? -EINVAL : 0;
}

/* What @from asks for, where it asks for something; the rest stays. KEEP_PARAMS keeps what the
 * present policy has: the nice value, or the real-time priority. */
static int merge_attr(struct sched_attributes *to, const struct sched_attr *from)
{
	bool keep = from->sched_flags & SCHED_FLAG_KEEP_PARAMS, was_rt = is_rt(to->policy);

	if (from->sched_flags & ~(u64)FLAGS_KNOWN)
		return -EINVAL;
	if (from->sched_flags & SCHED_FLAG_UTIL_CLAMP)
		return -EOPNOTSUPP;
	to->reset_on_fork = from->sched_flags & SCHED_FLAG_RESET_ON_FORK;
	if (!(from->sched_flags & SCHED_FLAG_KEEP_POLICY)) {
		if (from->sched_policy > SCHED_DEADLINE)
			return -EINVAL;
		to->policy = (u8)from->sched_policy;
	}
	if (keep && was_rt)
		return 0;
	if (from->sched_priority > MAX_RT_PRIORITY)
		return -EINVAL;
	to->priority = (u8)from->sched_priority;
	if (!keep && is_fair(to->policy))
		to->nice = (s8)min(max(from->sched_nice, NICE_MIN), NICE_MAX);
	return 0;
}

long sys_sched_setattr(int pid, struct sched_attr __user *from, unsigned int flags)
{
	struct sched_attributes attributes;
	struct sched_attr attr;
	struct task_struct *task;
	int err;

	if (!from || pid < 0 || flags)
		return -EINVAL;
	err = get_sched_attr(&attr, from);
	if (err)
		return err;
	task = get_target(pid, &err);
	if (!task)
		return err;
	attributes = *attributes_of(task);
	err = merge_attr(&attributes, &attr) ?: set_attributes(task, &attributes);
	put_task_struct(task);
	return err;
}

long sys_sched_getattr(int pid, struct sched_attr __user *to, unsigned int size, unsigned int flags)
{
	struct sched_attributes attributes;
	struct sched_attr attr = { 0 };
	struct task_struct *task;
	int err;

	if (!to || pid < 0 || size > PAGE_SIZE || size < SCHED_ATTR_SIZE_VER0 || flags)
		return -EINVAL;
	task = get_target(pid, &err);
	if (!task)
		return err;
	attributes = *attributes_of(task);
	put_task_struct(task);
	attr.size = (u32)min((size_t)size, sizeof(attr));
	attr.sched_policy = attributes.policy;
	attr.sched_priority = attributes.priority;
	attr.sched_nice = is_rt(attributes.policy) ? 0 : attributes.nice;
	if (attributes.reset_on_fork)
		attr.sched_flags |= SCHED_FLAG_RESET_ON_FORK;
	return copy_to_user(to, &attr, attr.size) ? -EFAULT : 0;
}

/* --- constants --- */

long sys_sched_get_priority_max(int policy)
{
	if (is_rt(policy))
		return MAX_RT_PRIORITY;
	return is_known(policy) || policy == SCHED_DEADLINE ? 0 : -EINVAL;
}

long sys_sched_get_priority_min(int policy)
{
	if (is_rt(policy))
		return 1;
	return is_known(policy) || policy == SCHED_DEADLINE ? 0 : -EINVAL;
}

long sys_sched_rr_get_interval(int pid, struct __kernel_timespec __user *to)
{
	u64 slice_ns = SCHED_SLICE_NS;
	struct task_struct *task;
	int err;

	task = get_target(pid, &err);
	if (!task)
		return err;
	if (attributes_of(task)->policy == SCHED_RR)
		slice_ns = RR_SLICE_NS;
	else if (attributes_of(task)->policy == SCHED_FIFO)
		slice_ns = 0;
	put_task_struct(task);
	return put_timespec_ns(slice_ns, to);
}

/* --- nice --- */

struct who { /* whom getpriority() and setpriority() mean */
	int which; /* PRIO_ */
	int id; /* 0: the caller's */
};

static bool is_meant(const struct who *who, struct task_struct *task)
{
	const struct pgroup *group;
	bool is_in_group;

	if (who->which == PRIO_PROCESS)
		return task->pid == (who->id ?: current->pid);
	if (!task->user)
		return false;
	if (who->which == PRIO_USER)
		return task_uid(task) == (who->id ? (u32)who->id : current->cred->uid);
	spin_lock(&tasklist_lock);
	group = task->user->signal->pgroup;
	is_in_group =
		group && (who->id ? group->id == who->id : group == current->user->signal->pgroup);
	spin_unlock(&tasklist_lock);
	return is_in_group;
}

/* 0; -EPERM: not the caller's to change; -EACCES: not so far. */
static int set_one_nice(struct task_struct *task, int nice)
{
	struct sched_attributes attr = *attributes_of(task);

	if (!is_owner(task) || !task->user)
		return -EPERM;
	if (nice < attr.nice && !may_be_nice(task, nice))
		return -EACCES;
	attr.nice = (s8)nice;
	apply(task, &attr);
	return 0;
}

/* None that is meant is -ESRCH; of several the last error is told. */
long sys_setpriority(int which, int id, int nice)
{
	const struct who who = { which, id };
	struct task_struct *task;
	int result = -ESRCH, err;

	if (which > PRIO_USER || which < PRIO_PROCESS)
		return -EINVAL;
	nice = min(max(nice, NICE_MIN), NICE_MAX);
	for (int pid = 1; (task = task_find_from(pid)); pid++) {
		pid = task->pid;
		if (is_meant(&who, task)) {
			err = set_one_nice(task, nice);
			if (err || result == -ESRCH)
				result = err;
		}
		put_task_struct(task);
	}
	return result;
}

/* The answer is 20 - nice, so that it is no error: 1 .. 40, of the least nice that is meant. */
long sys_getpriority(int which, int id)
{
	const struct who who = { which, id };
	struct task_struct *task;
	int result = -ESRCH;

	if (which > PRIO_USER || which < PRIO_PROCESS)
		return -EINVAL;
	for (int pid = 1; (task = task_find_from(pid)); pid++) {
		pid = task->pid;
		if (is_meant(&who, task))
			result = max(result, NICE_MAX + 1 -
						     (task->user ? task->user->sched.nice
								 : READ_ONCE(task->nice)));
		put_task_struct(task);
	}
	return result;
}
