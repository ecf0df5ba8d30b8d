/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Credentials: who a task acts as.  A set is constant once it is a task's; to change, a task takes
 * a copy, changes that, and puts it in the place of the old one.  Others read a task's credentials
 * with get_task_cred(), which holds them.
 */
#ifndef OSHIT_CRED_H
#define OSHIT_CRED_H

#include <linux/capability.h>
#include <oshit/atomic.h>
#include <oshit/bitops.h>
#include <oshit/list.h>
#include <oshit/refcount.h>
#include <oshit/sched.h>
#include <oshit/types.h>

#define NR_GROUPS_MAX 65536
#define CAP_ALL	      (BIT(CAP_LAST_CAP + 1) - 1)

struct group_list {
	refcount_t refs;
	unsigned int nr;
	u32 gids[]; /* sorted */
};

struct user_struct { /* a: atomic   i: constant   u: users_lock */
	refcount_t refs; /* of credentials */
	atomic_t nr_tasks; /* a  with credentials that have this user, zombies included */
	atomic_t nr_sigpending; /* a  entries in queues of signals of its tasks */
	atomic_t nr_epoll_items; /* a  files that its epolls watch */
	atomic_t nr_inotify_instances, nr_inotify_watches; /* a */
	atomic_t nr_inflight_files; /* a  in messages between sockets that its tasks have sent */
	u32 uid; /* i */
	struct hlist_node node; /* u */
};

struct cred { /* i, but refs */
	refcount_t refs;
	u32 uid, euid, suid, fsuid;
	u32 gid, egid, sgid, fsgid;
	u64 permitted, effective, inheritable, bounding, ambient; /* a bit for each CAP_ */
	u32 securebits;
	struct group_list *groups;
	struct user_struct *user; /* of uid */
};

extern struct user_struct root_user;

static inline struct user_struct *get_user_struct(struct user_struct *user)
{
	refcount_inc(&user->refs);
	return user;
}

/* The user with that id, with a reference; NULL: no memory. Task, may sleep. */
struct user_struct *user_get(u32 uid);
/* The last frees it. Any context but NMI. */
void put_user_struct(struct user_struct *user);

/* Whether @user has more than @limit tasks. Root never has. Any context. */
bool user_exceeds_processes(const struct user_struct *user, unsigned long limit);

/* Of process 1 and of kernel threads: root. */
extern struct cred init_cred;

static inline struct cred *get_cred(struct cred *cred)
{
	refcount_inc(&cred->refs);
	return cred;
}

void put_cred(struct cred *cred);

/* A copy of the caller's for it to change; NULL: no memory. May sleep. */
struct cred *prepare_creds(void);
/* The caller now acts as @cred, which is its own from here on; it counts for the user of that. */
void commit_creds(struct cred *cred);

/* With a reference. Any context. */
struct cred *get_task_cred(struct task_struct *task);

/* The user of its real id, with a reference. Any context. */
struct user_struct *get_task_user(struct task_struct *task);

static inline bool cred_has(const struct cred *cred, unsigned int capability)
{
	return cred->effective & BIT(capability);
}

/* The caller's, which nobody else changes; a kernel thread acts as root. */
static inline const struct cred *current_cred(void)
{
	return current->cred ? current->cred : &init_cred;
}

/* Whether the caller has CAP_ @capability. */
static inline bool capable(unsigned int capability)
{
	return cred_has(current_cred(), capability);
}

/* Whether @gid is the caller's group for files, or one of its others. */
bool in_group(u32 gid);

/* Whether the caller may send @sig to the process of @task: 0, -EINVAL if @sig is none, or -EPERM.
 * Under tasklist_lock. */
int check_signal(struct task_struct *task, int sig);

void put_group_list(struct group_list *groups);

/* Whether all ids of @task are the caller's real ones: it is no more privileged. Any task. */
bool is_same_user(struct task_struct *task);

/* Real user of a task. */
u32 task_uid(struct task_struct *task);

#endif
