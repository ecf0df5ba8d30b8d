/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * New tasks.
 *
 * clone() copies the calling task piece by piece; each flag says of one piece that the two share
 * it instead.  A piece has a count of users.  When all is there, the child gets its place in the
 * tree of processes, under tasklist_lock, and runs; until then an error takes back what was done,
 * in reverse.  It can be found by its pid from then on, too, so nobody sees half of it.
 *
 *	piece		shared with	otherwise
 *	mm		CLONE_VM	mm_copy(): copy on write
 *	files		CLONE_FILES	a table of its own with the same open files
 *	fs		CLONE_FS	a copy of root, directory and umask
 *	sighand		CLONE_SIGHAND	a copy of the actions
 *	signal		CLONE_THREAD	a process of its own, nothing pending
 *
 * The child begins in user mode where the parent made the call, with 0 as the result.  Its kernel
 * stack holds a copy of the parent's registers and the way there.
 *
 * Locks: tasklist_lock, then the siglock of the parent, to become visible.  A signal that is
 * pending for the parent then makes the call start anew: else one sent to the whole group could
 * miss a child that is being made.
 */
#include <asm/ptrace.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <oshit/clock.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/fork.h>
#include <oshit/init.h>
#include <oshit/pgroup.h>
#include <oshit/rlimit.h>
#include <oshit/rseq.h>
#include <oshit/signalfd.h>
#include <oshit/slab.h>
#include <oshit/strace.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>
#include <oshit/user_task.h>

#define CLONE_NAMESPACES                                                               \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)

/* What clone3() takes: no signal, and nothing that is there for old programs alone. */
#define CLONE3_FLAGS ((0xffffffffULL & ~(u64)(CSIGNAL | CLONE_DETACHED)) | CLONE_CLEAR_SIGHAND)

static struct kmem_cache *user_cache, *signal_cache, *sighand_cache;

/* The last reference to a task has gone. */
static void free_with_task(struct task_struct *task)
{
	if (task->user)
		user_task_free(task->user);
	if (task->cred)
		put_cred(task->cred);
}

static void free_with_mm(struct mm_struct *mm)
{
	if (mm->exe_file)
		fput(mm->exe_file);
}

void __init fork_init(void)
{
	mm_exit_hook = free_with_mm;
	user_cache = kmem_cache_create("user_task", sizeof(struct user_task), 0, SLAB_PANIC, NULL);
	signal_cache = kmem_cache_create("signal_struct", sizeof(struct signal_struct), 0,
					 SLAB_PANIC, NULL);
	sighand_cache = kmem_cache_create("sighand_struct", sizeof(struct sighand_struct), 0,
					  SLAB_PANIC, NULL);
	task_free_hook = free_with_task;
	signalfd_init();
}

/* --- pieces --- */

/* The caller fills in the actions. */
static struct sighand_struct *sighand_new(void)
{
	struct sighand_struct *sighand = kmem_cache_alloc(sighand_cache, GFP_KERNEL);

	if (sighand) {
		refcount_set(&sighand->users, 1);
		raw_spin_lock_init(&sighand->lock);
	}
	return sighand;
}

static void sighand_put(struct sighand_struct *sighand)
{
	if (sighand && refcount_dec_and_test(&sighand->users))
		kmem_cache_free(sighand_cache, sighand);
}

static struct signal_struct *signal_new(void)
{
	struct signal_struct *signal = kmem_cache_zalloc(signal_cache, GFP_KERNEL);

	if (!signal)
		return NULL;
	refcount_set(&signal->users, 1);
	raw_spin_lock_init(&signal->siglock);
	atomic_set(&signal->nr_live, 1);
	INIT_LIST_HEAD(&signal->threads);
	sigpending_init(&signal->pending);
	init_waitqueue_head(&signal->wait_children);
	process_timers_init(&signal->timers);
	return signal;
}

static void signal_put(struct signal_struct *signal)
{
	if (!signal || !refcount_dec_and_test(&signal->users))
		return;
	flush_sigpending(&signal->pending);
	kmem_cache_free(signal_cache, signal);
}

static struct user_task *user_new(struct task_struct *task)
{
	struct user_task *user = kmem_cache_zalloc(user_cache, GFP_KERNEL);

	if (!user)
		return NULL;
	user->task = task;
	user->tgid = task->pid;
	user->start_ns = clock_ns();
	user->altstack.ss_flags = SS_DISABLE;
	sigpending_init(&user->pending);
	INIT_LIST_HEAD(&user->children);
	INIT_LIST_HEAD(&user->sibling);
	INIT_LIST_HEAD(&user->thread_node);
	INIT_LIST_HEAD(&user->group_node);
	return user;
}

void user_task_free(struct user_task *user)
{
	if (user->exit_state == EXIT_DEAD)
		atomic_dec(&nr_released_tasks);
	flush_sigpending(&user->pending);
	signal_put(user->signal);
	sighand_put(user->sighand);
	kmem_cache_free(user_cache, user);
}

static int copy_sighand(u64 flags, struct user_task *child)
{
	struct sighand_struct *parent = current->user->sighand;
	unsigned long irq_flags;

	if (flags & CLONE_SIGHAND) {
		refcount_inc(&parent->users);
		child->sighand = parent;
		return 0;
	}
	child->sighand = sighand_new();
	if (!child->sighand)
		return -ENOMEM;
	raw_spin_lock_irqsave(&parent->lock, irq_flags);
	memcpy(child->sighand->action, parent->action, sizeof(parent->action));
	raw_spin_unlock_irqrestore(&parent->lock, irq_flags);
	if (flags & CLONE_CLEAR_SIGHAND)
		sighand_forget_handlers(child->sighand);
	return 0;
}

static int copy_signal(u64 flags, struct user_task *child)
{
	struct signal_struct *parent = current->user->signal;

	if (flags & CLONE_THREAD) {
		refcount_inc(&parent->users);
		child->signal = parent;
		return 0;
	}
	child->signal = signal_new();
	if (!child->signal)
		return -ENOMEM;
	child->signal->leader = child->task;
	child->signal->has_subreaper = parent->has_subreaper || parent->is_subreaper;
	child->signal->left_tty = parent->left_tty;
	child->signal->oom_score_adj = parent->oom_score_adj;
	child->signal->oom_score_adj_min = parent->oom_score_adj_min;
	child->signal->not_dumpable = parent->not_dumpable;
	memcpy(child->signal->rlimits, parent->rlimits, sizeof(parent->rlimits));
	return 0;
}

static int copy_mm(u64 flags, struct user_task *child)
{
	struct mm_struct *mm = current->user->mm;

	if (flags & CLONE_VM) {
		mmget(mm);
	} else {
		mm = mm_copy(mm);
		if (IS_ERR(mm))
			return PTR_ERR(mm);
		mm->exe_file = get_file(current->user->mm->exe_file);
		vdso_set_owner(mm, child->tgid);
	}
	child->mm = mm;
	child->task->mm = &mm->context;
	return 0;
}

static int copy_files_and_fs(u64 flags, struct task_struct *child)
{
	child->files = flags & CLONE_FILES ? files_get(current->files) : files_copy(current->files);
	if (!child->files)
		return -ENOMEM;
	child->fs = flags & CLONE_FS ? fs_get(current->fs) : fs_copy(current->fs);
	if (child->fs)
		return 0;
	files_put(child->files);
	child->files = NULL;
	return -ENOMEM;
}

static void copy_own(u64 flags, struct user_task *child)
{
	struct user_task *parent = current->user;

	child->blocked = parent->blocked;
	child->personality = parent->personality;
	child->no_new_privs = parent->no_new_privs;
	child->timer_slack_ns = parent->timer_slack_ns;
	child->default_timer_slack_ns = parent->timer_slack_ns;
	strace_fork(child);
	if (!(flags & CLONE_VM))
		rseq_fork(child);
	if (!(flags & CLONE_VM) || flags & CLONE_VFORK)
		child->altstack = parent->altstack;
	memcpy(child->task->comm, current->comm, sizeof(current->comm));
	child->task->cred = get_cred(current->cred);
}

/* The child counts for the user of its credentials. 0 or -EAGAIN. */
static int charge_user(const struct cred *cred)
{
	atomic_inc(&cred->user->nr_tasks);
	if (user_exceeds_processes(cred->user, current_limit(RLIMIT_NPROC)) &&
	    !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN))
		return -EAGAIN;
	current->user->nproc_exceeded = false;
	return 0;
}

/* Everything but the place in the tree. What was copied before an error, discard() takes back. */
static int copy_task(const struct clone_request *request, struct user_task *user)
{
	struct task_struct *child = user->task;
	int err;

	copy_own(request->flags, user);
	err = charge_user(child->cred);
	err = err ?: copy_sighand(request->flags, user) ?: copy_signal(request->flags, user);
	err = err ?: copy_files_and_fs(request->flags, child);
	err = err ?: arch_copy_thread(child, request);
	err = err ?: copy_mm(request->flags, user);
	if (err)
		return err;
	sched_inherit(user);
	child->rlimits = user->signal->rlimits;
	user->exit_signal = request->flags & CLONE_THREAD ? -1 : request->exit_signal;
	user->set_child_tid = request->flags & CLONE_CHILD_SETTID ? request->child_tid : NULL;
	user->clear_child_tid = request->flags & CLONE_CHILD_CLEARTID ? request->child_tid : NULL;
	return 0;
}

/* A task that has never run; @user, or NULL, is in no list. */
static void discard(struct task_struct *child, struct user_task *user)
{
	if (child->files)
		files_put(child->files);
	if (child->fs)
		fs_put(child->fs);
	if (user && user->mm) {
		child->mm = NULL;
		mmput(user->mm);
	}
	if (user) {
		atomic_dec(&child->cred->user->nr_tasks);
		user_task_free(user);
	}
	task_free_unused(child);
}

/* --- the place in the tree --- */

static void link_thread(struct user_task *child)
{
	struct user_task *self = current->user;

	child->tgid = self->tgid;
	atomic_inc(&self->signal->nr_live);
	list_add_tail(&child->thread_node, &self->signal->threads);
}

static void link_process(u64 flags, struct user_task *child)
{
	const struct user_task *self = current->user->signal->leader->user;
	struct task_struct *parent = self->task;

	if (flags & CLONE_PARENT) {
		parent = self->parent;
		child->exit_signal = self->exit_signal;
	}
	child->parent = parent;
	child->parent_exec_id =
		flags & CLONE_PARENT ? self->parent_exec_id : parent->user->signal->exec_id;
	child->signal->parent_tgid = parent->user->tgid;
	list_add_tail(&child->sibling, &parent->user->children);
	list_add_tail(&child->thread_node, &child->signal->threads);
	pgroup_join(child->task, current->user->signal->pgroup);
}

/* -ERESTARTNOINTR if a signal should be taken first. */
static int link_task(u64 flags, struct user_task *child)
{
	struct user_task *self = current->user;
	int err = 0;

	spin_lock(&tasklist_lock);
	raw_spin_lock_irq(&self->signal->siglock);
	recalc_sigpending();
	if (signal_pending(current)) {
		err = -ERESTARTNOINTR;
		goto unlock;
	}
	child->task->user = child;
	if (flags & CLONE_THREAD)
		link_thread(child);
	else
		link_process(flags, child);
	task_publish(child->task);
unlock:
	raw_spin_unlock_irq(&self->signal->siglock);
	spin_unlock(&tasklist_lock);
	return err;
}

/* Runs in the child, as the end of its first switch. */
static void start_child(void *arg __maybe_unused)
{
	struct user_task *user = current->user;

	if (user->set_child_tid)
		put_user(current->pid, user->set_child_tid);
	if (is_leader(current))
		process_timers_limit(user->signal);
	enter_user_first();
}

/* --- clone --- */

static bool flags_agree(const struct clone_request *request)
{
	u64 flags = request->flags;

	if (flags & (CLONE_NAMESPACES | CLONE_PIDFD | CLONE_INTO_CGROUP))
		return false;
	if (flags & CLONE_THREAD && !(flags & CLONE_SIGHAND))
		return false;
	if (flags & CLONE_SIGHAND && (!(flags & CLONE_VM) || flags & CLONE_CLEAR_SIGHAND))
		return false;
	/* Process 1 has no siblings: they would have no parent to reap them. */
	if (flags & CLONE_PARENT && current->user->signal == init_signal)
		return false;
	return true;
}

/* The child runs on our stack: nothing but our own death ends this sooner. */
static void wait_for_vfork(struct completion *done, struct task_struct *child)
{
	if (!wait_for_completion_killable(done))
		return;
	spin_lock(&tasklist_lock);
	child->user->vfork_done = NULL;
	spin_unlock(&tasklist_lock);
}

long clone_task(const struct clone_request *request)
{
	DECLARE_COMPLETION_ONSTACK(vfork_done);
	struct task_struct *child;
	struct user_task *user;
	int err, pid;

	if (!flags_agree(request))
		return -EINVAL;
	if (nr_tasks() >= READ_ONCE(pid_max) - PID_RESERVE)
		return -EAGAIN;
	child = task_alloc(start_child, NULL);
	if (IS_ERR(child))
		return PTR_ERR(child) == -EAGAIN ? -EAGAIN : -ENOMEM;
	user = user_new(child);
	err = user ? copy_task(request, user) : -ENOMEM;
	if (!err && request->flags & CLONE_VFORK)
		user->vfork_done = &vfork_done;
	get_task_struct(child); /* until it is released: release_task() */
	err = err ?: link_task(request->flags, user);
	if (err) {
		put_task_struct(child);
		discard(child, user);
		return err;
	}
	vdso_enter(child->user->mm, child->user->tgid);
	pid = child->pid;
	if (request->flags & CLONE_PARENT_SETTID)
		put_user(pid, request->parent_tid);
	get_task_struct(child);
	wake_up_process(child);
	if (request->flags & CLONE_VFORK)
		wait_for_vfork(&vfork_done, child);
	put_task_struct(child);
	return pid;
}

long sys_fork(void)
{
	struct clone_request request = { .exit_signal = SIGCHLD };

	return clone_task(&request);
}

long sys_vfork(void)
{
	struct clone_request request = { .flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD };

	return clone_task(&request);
}

long sys_clone(unsigned long flags, unsigned long stack, int __user *parent_tid,
	       int __user *child_tid, unsigned long tls)
{
	struct clone_request request = {
		.flags = (u32)flags & ~CSIGNAL,
		.exit_signal = flags & CSIGNAL,
		.stack = stack,
		.tls = tls,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
	};

	return clone_task(&request);
}

long sys_clone3(struct clone_args __user *user_args, size_t size)
{
	struct clone_args args = { 0 };
	struct clone_request request;
	int err = copy_struct_from_user(&args, sizeof(args), user_args, size);

	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	if (err)
		return err;
	/* A stack is given by its lowest address here. Neither alone means anything. */
	if (!args.stack != !args.stack_size || args.set_tid || args.set_tid_size ||
	    args.exit_signal > NR_SIGNALS)
		return -EINVAL;
	if (args.flags & ~CLONE3_FLAGS ||
	    (args.flags & (CLONE_THREAD | CLONE_PARENT) && args.exit_signal))
		return -EINVAL;
	if (args.stack && !access_ok((void __user *)args.stack, args.stack_size))
		return -EINVAL;
	request = (struct clone_request){
		.flags = args.flags,
		.exit_signal = (int)args.exit_signal,
		.stack = args.stack + args.stack_size,
		.tls = args.tls,
		.parent_tid = (int __user *)args.parent_tid,
		.child_tid = (int __user *)args.child_tid,
	};
	return clone_task(&request);
}

long sys_set_tid_address(int __user *tid)
{
	current->user->clear_child_tid = tid;
	return current->pid;
}

/* --- limits --- */

bool exec_exceeds_processes(void)
{
	struct user_task *user = current->user;

	if (user->nproc_exceeded)
		user->nproc_exceeded =
			user_exceeds_processes(current->cred->user, current_limit(RLIMIT_NPROC));
	return user->nproc_exceeded;
}

int unshare_sighand(void)
{
	struct user_task *user = current->user;
	struct sighand_struct *old = user->sighand, *copy;

	if (refcount_read(&old->users) == 1)
		return 0;
	copy = sighand_new();
	if (!copy)
		return -ENOMEM;
	/* Under either lock others follow ->sighand: when both are free nobody uses the old one. */
	spin_lock(&tasklist_lock);
	raw_spin_lock_irq(&user->signal->siglock);
	raw_spin_lock(&old->lock);
	memcpy(copy->action, old->action, sizeof(copy->action));
	raw_spin_unlock(&old->lock);
	user->sighand = copy;
	raw_spin_unlock_irq(&user->signal->siglock);
	spin_unlock(&tasklist_lock);
	sighand_put(old);
	return 0;
}

/* --- process 1 --- */

static const struct rlimit default_limits[RLIM_NLIMITS] = {
	[RLIMIT_CPU] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_FSIZE] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_DATA] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_STACK] = { 8 * 1024 * 1024, RLIM_INFINITY },
	[RLIMIT_CORE] = { 0, RLIM_INFINITY },
	[RLIMIT_RSS] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_NPROC] = { 0, 0 },
	[RLIMIT_NOFILE] = { 1024, 4096 },
	[RLIMIT_MEMLOCK] = { 8 * 1024 * 1024, 8 * 1024 * 1024 },
	[RLIMIT_AS] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_LOCKS] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_SIGPENDING] = { 0, 0 },
	[RLIMIT_MSGQUEUE] = { 819200, 819200 },
	[RLIMIT_NICE] = { 0, 0 },
	[RLIMIT_RTPRIO] = { 0, 0 },
	[RLIMIT_RTTIME] = { RLIM_INFINITY, RLIM_INFINITY },
};

static void set_default_limits(struct rlimit *limits)
{
	unsigned long nr = PID_MAX / 2;

	memcpy(limits, default_limits, sizeof(default_limits));
	limits[RLIMIT_NPROC] = (struct rlimit){ nr, nr };
	limits[RLIMIT_SIGPENDING] = (struct rlimit){ nr, nr };
}

int user_task_become_first(void)
{
	struct task_struct *task = current;
	struct user_task *user = user_new(task);
	struct pgroup *group;

	if (!user)
		return -ENOMEM;
	user->sighand = sighand_new();
	user->signal = signal_new();
	task->files = files_new();
	task->fs = fs_new();
	group = pgroup_new_session(task);
	if (!user->sighand || !user->signal || !task->files || !task->fs || !group)
		return -ENOMEM;
	memset(user->sighand->action, 0, sizeof(user->sighand->action));
	task->cred = get_cred(&init_cred);
	atomic_inc(&root_user.nr_tasks);
	set_default_limits(user->signal->rlimits);
	task->rlimits = user->signal->rlimits;
	task->flags &= ~PF_KTHREAD;
	user->signal->leader = task;
	user->signal->is_unkillable = true;
	user->parent = task;
	get_task_struct(task);
	spin_lock(&tasklist_lock);
	list_add_tail(&user->thread_node, &user->signal->threads);
	/* It could be found as a kernel thread: who looks now sees all of the rest. */
	smp_store_release(&task->user, user);
	pgroup_join(task, group);
	init_task = task;
	init_signal = user->signal;
	spin_unlock(&tasklist_lock);
	arch_adopt_stack(task);
	return 0;
}
