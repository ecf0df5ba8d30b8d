/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Process groups and sessions: what a shell's jobs and logins are made of.  A group belongs to one
 * session; both are known by the pid of the process that began them and live as long as they have
 * members.  All under tasklist_lock, unless said otherwise.
 */
#ifndef OSHIT_PGROUP_H
#define OSHIT_PGROUP_H

#include <oshit/list.h>
#include <oshit/signal.h>

struct task_struct;
struct tty_struct;

struct session {
	int id;
	unsigned int nr_groups;
	struct task_struct *leader; /* NULL: has ended */
	struct tty_struct *tty; /* that controls it, with a reference; NULL: none */
	int hung_up_pgrp; /* in the foreground when that hung up; 0: none, or there is another */
};

struct pgroup {
	int id;
	struct list_head all; /* of all groups */
	struct list_head members; /* leaders of processes, by user_task.group_node */
	struct session *session;
};

extern struct list_head pgroups;
/* All groups: with their members all processes, zombies included. */
#define for_each_pgroup(group) list_for_each_entry(group, &pgroups, all)

/* The group with that id, or NULL. */
struct pgroup *pgroup_find(int id);

/* A group without members; who links it gives it its id and session first. Task, may sleep, without
 * tasklist_lock. NULL: no memory. */
struct pgroup *pgroup_new(void);
/* The same with the id of @leader's pid, in a session of its own. */
struct pgroup *pgroup_new_session(struct task_struct *leader);
/* Of one that was not linked by pgroup_join(). */
void pgroup_free(struct pgroup *group);

/* Moves a process, given by its leader; the group that it leaves goes if it was the last. */
void pgroup_join(struct task_struct *leader, struct pgroup *group);
void pgroup_leave(struct task_struct *leader);
void pgroup_move(struct task_struct *leader, struct pgroup *group);

/* Of the caller's group, which its parent may change. Takes tasklist_lock. */
int current_pgroup_id(void);

/* Whether no member has a parent in another group of the session: nobody would continue it. Any
 * context; without tasklist_lock the answer may be out of date. */
bool pgroup_is_orphaned(const struct pgroup *group);

/* Sends to all members whom the caller may signal. Return: 0 if to any, -ESRCH, -EPERM. */
int pgroup_signal(struct pgroup *group, int sig, const siginfo_t *info);
/* The same by the kernel: nobody is asked. */
void pgroup_send(struct pgroup *group, int sig);

#endif
