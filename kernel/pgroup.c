/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Process groups and sessions.
 *
 * Only leaders of processes are members; a process is in one group, a group in one session.  A
 * group without members is freed, a session without groups, too.  Groups are few, so they are kept
 * in a list.
 *
 * A group is orphaned when no member's parent is in the same session but another group, for then no
 * shell is left that would continue it.
 *
 * Locks: tasklist_lock, the caller's.
 */
#include <linux/errno.h>
#include <oshit/cred.h>
#include <oshit/pgroup.h>
#include <oshit/slab.h>
#include <oshit/task.h>
#include <oshit/user_task.h>

LIST_HEAD(pgroups);

struct pgroup *pgroup_find(int id)
{
	struct pgroup *group;

	list_for_each_entry(group, &pgroups, all)
		if (group->id == id)
			return group;
	return NULL;
}

static struct session *session_new(struct task_struct *leader)
{
	struct session *session = kzalloc(sizeof(*session), GFP_KERNEL);

	if (session) {
		session->id = leader->pid;
		session->leader = leader;
	}
	return session;
}

struct pgroup *pgroup_new(void)
{
	struct pgroup *group = kzalloc(sizeof(*group), GFP_KERNEL);

	if (!group)
		return NULL;
	INIT_LIST_HEAD(&group->all);
	INIT_LIST_HEAD(&group->members);
	return group;
}

struct pgroup *pgroup_new_session(struct task_struct *leader)
{
	struct pgroup *group = pgroup_new();

	if (!group)
		return NULL;
	group->id = leader->pid;
	group->session = session_new(leader);
	if (group->session)
		return group;
	kfree(group);
	return NULL;
}

void pgroup_free(struct pgroup *group)
{
	if (group->session && !group->session->nr_groups)
		kfree(group->session);
	kfree(group);
}

int current_pgroup_id(void)
{
	int id;

	spin_lock(&tasklist_lock);
	id = current->user->signal->pgroup->id;
	spin_unlock(&tasklist_lock);
	return id;
}

/* The first member is about to come: the ids are taken from now on. */
static void link_group(struct pgroup *group)
{
	list_add_tail(&group->all, &pgroups);
	pid_hold(group->id, PID_OF_GROUP);
	if (!group->session->nr_groups++)
		pid_hold(group->session->id, PID_OF_SESSION);
}

/* The last has gone. */
static void free_group(struct pgroup *group)
{
	list_del(&group->all);
	pid_drop(group->id, PID_OF_GROUP);
	if (!--group->session->nr_groups)
		pid_drop(group->session->id, PID_OF_SESSION);
	pgroup_free(group);
}

void pgroup_join(struct task_struct *leader, struct pgroup *group)
{
	if (list_empty(&group->all))
		link_group(group);
	list_add_tail(&leader->user->group_node, &group->members);
	leader->user->signal->pgroup = group;
	if (group->session->leader == leader)
		leader->user->signal->leads_session = true;
}

void pgroup_leave(struct task_struct *leader)
{
	struct pgroup *group = leader->user->signal->pgroup;

	list_del(&leader->user->group_node);
	leader->user->signal->pgroup = NULL;
	if (group->session->leader == leader)
		group->session->leader = NULL;
	if (list_empty(&group->members))
		free_group(group);
}

/* Joins first: a session of which this is the last group lives on. */
void pgroup_move(struct task_struct *leader, struct pgroup *group)
{
	struct pgroup *old = leader->user->signal->pgroup;

	list_del(&leader->user->group_node);
	pgroup_join(leader, group);
	if (list_empty(&old->members))
		free_group(old);
}

bool pgroup_is_orphaned(const struct pgroup *group)
{
	const struct user_task *member;

	list_for_each_entry(member, &group->members, group_node) {
		const struct task_struct *parent = member->parent;
		const struct pgroup *other = parent ? parent->user->signal->pgroup : NULL;

		if (member->exit_state != EXIT_NONE || !other || parent == init_task)
			continue;
		if (other != group && other->session == group->session)
			return false;
	}
	return true;
}

int pgroup_signal(struct pgroup *group, int sig, const siginfo_t *info)
{
	struct user_task *member;
	int result = -ESRCH;

	list_for_each_entry(member, &group->members, group_node) {
		int err = check_signal(member->task, sig) ?: send_signal(member->task, sig, info);

		if (!err || result == -ESRCH)
			result = err;
	}
	return result;
}

void pgroup_send(struct pgroup *group, int sig)
{
	struct user_task *member;

	list_for_each_entry(member, &group->members, group_node)
		send_signal(member->task, sig, NULL);
}
