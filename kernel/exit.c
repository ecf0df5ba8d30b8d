/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of tasks.
 *
 * A thread gives back what it holds: address space, files.  Then, under tasklist_lock:
 *
 *	a thread beside others	is released by itself, nobody is told
 *	the leader		becomes a zombie; it stands for the process until all have ended
 *	the last thread		the process has ended: its children get another parent, its own
 *				parent is told
 *
 * A zombie is the pid, the exit code and the accounts; wait4() by the parent releases it.  If the
 * parent ignores SIGCHLD nobody will ask, and it is released at once.
 *
 * Children belong to the process, not to the thread that made them.  Orphans go to the nearest
 * ancestor that is a subreaper (PR_SET_CHILD_SUBREAPER), or to process 1.
 *
 * References: a task has one for its life, dropped by the scheduler's reaper, and one for being
 * known, dropped by release_task().  The user half goes with the last of all.
 *
 * Locks: tasklist_lock, then siglock.
 */
#include <linux/errno.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/files.h>
#include <oshit/fork.h>
#include <oshit/futex.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/oom.h>
#include <oshit/pgroup.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/tty.h>
#include <oshit/uaccess.h>
#include <oshit/usage.h>
#include <oshit/user_task.h>

struct task_struct *init_task;
struct signal_struct *init_signal;
void (*init_ended_hook)(int status);

/* --- what a thread holds --- */

void user_task_leave_mm(struct user_task *user)
{
	struct mm_struct *mm = user->mm;
	int __user *tid = user->clear_child_tid;

	if (!mm)
		return;
	futex_exit();
	user->clear_child_tid = NULL;
	/* Alone in the address space there is nobody to tell. */
	if (tid && refcount_read(&mm->users) > 1 && !put_user(0, tid))
		futex_wake_address(tid);
	vdso_leave(mm, user->tgid);
	/* Only taken away by the parent, once the child runs. */
	if (READ_ONCE(user->vfork_done)) {
		spin_lock(&tasklist_lock);
		if (user->vfork_done)
			complete(user->vfork_done);
		user->vfork_done = NULL;
		spin_unlock(&tasklist_lock);
	}
	user->usage.max_resident_pages = max(user->usage.max_resident_pages, mm_peak_pages(mm));
	task_set_mm(NULL);
	spin_lock(&tasklist_lock);
	user->mm = NULL;
	spin_unlock(&tasklist_lock);
	mmput(mm);
	oom_task_left_mm();
}

struct mm_struct *get_task_mm(struct task_struct *task)
{
	struct mm_struct *mm;

	spin_lock(&tasklist_lock);
	mm = task->user ? task->user->mm : NULL;
	if (mm)
		mmget(mm);
	spin_unlock(&tasklist_lock);
	return mm;
}

static void leave_files(struct task_struct *task)
{
	struct files_struct *files = task->files;
	struct fs_struct *fs = task->fs;

	spin_lock(&task->files_lock);
	task->files = NULL;
	task->fs = NULL;
	spin_unlock(&task->files_lock);
	files_put(files);
	fs_put(fs);
}

/* The process keeps what the thread has used. Who adds up under siglock or tasklist_lock finds it
 * there or with the thread, never both. */
static void become_zombie(struct user_task *user) __must_hold(&tasklist_lock)
{
	struct task_struct *task = user->task;

	raw_spin_lock_irq(&user->signal->siglock);
	task_cputime_ns(task, &user->usage.utime_ns, &user->usage.stime_ns);
	user->usage.nr_switches = task->nr_switches;
	cpu_usage_add(&user->signal->ended, &user->usage);
	user->exit_state = EXIT_ZOMBIE;
	raw_spin_unlock_irq(&user->signal->siglock);
}

/* --- parents and children --- */

static bool has_ended(const struct signal_struct *signal)
{
	return !atomic_read(&signal->nr_live);
}

/* Who gets the children of @task, a leader whose process ends. */
static struct task_struct *new_parent(struct task_struct *task)
{
	struct task_struct *ancestor;

	if (!task->user->signal->has_subreaper)
		return init_task;
	for (ancestor = task->user->parent; ancestor != init_task;
	     ancestor = ancestor->user->parent)
		if (ancestor->user->signal->is_subreaper && !has_ended(ancestor->user->signal))
			return ancestor;
	return init_task;
}

static void signal_orphaned_group(struct pgroup *group, bool was_orphaned)
{
	const struct user_task *member;
	bool is_any_stopped = false;

	if (!group || was_orphaned || !pgroup_is_orphaned(group))
		return;
	list_for_each_entry(member, &group->members, group_node)
		is_any_stopped |= member->signal->flags & SIGNAL_STOPPED;
	if (!is_any_stopped)
		return;
	list_for_each_entry(member, &group->members, group_node) {
		send_signal(member->task, SIGHUP, NULL);
		send_signal(member->task, SIGCONT, NULL);
	}
}

/* Each thread may have asked for a signal; its process gets it. */
static void send_death_signals(struct signal_struct *signal)
{
	const struct user_task *thread;
	siginfo_t info;

	siginfo_init(&info, SI_USER);
	list_for_each_entry(thread, &signal->threads, thread_node)
		if (thread->parent_death_signal)
			send_signal(thread->task, thread->parent_death_signal, &info);
}

static void give_child(struct user_task *child, struct task_struct *parent)
{
	bool was_orphaned = pgroup_is_orphaned(child->signal->pgroup);

	list_del(&child->sibling);
	list_add_tail(&child->sibling, &parent->user->children);
	child->parent = parent;
	WRITE_ONCE(child->signal->parent_tgid, parent->user->tgid);
	child->exit_signal = SIGCHLD;
	child->parent_exec_id = parent->user->signal->exec_id;
	send_death_signals(child->signal);
	signal_orphaned_group(child->signal->pgroup, was_orphaned);
	if (child->exit_state == EXIT_ZOMBIE && has_ended(child->signal) &&
	    notify_parent_of_exit(child->task, SIGCHLD)) {
		child->exit_state = EXIT_DEAD;
		release_task(child->task);
	}
}

static void give_children_away(struct task_struct *leader)
{
	struct task_struct *parent = new_parent(leader);
	struct user_task *child, *next;

	list_for_each_entry_safe(child, next, &leader->user->children, sibling)
		give_child(child, parent);
}

bool notify_parent_of_exit(struct task_struct *task, int sig)
{
	struct task_struct *parent = task->user->parent;
	struct sigaction *action = &parent->user->sighand->action[SIGCHLD - 1];
	int status = task->user->exit_code;
	bool nobody_waits = false;
	siginfo_t info;

	siginfo_init(&info, 0);
	/* Another program than the one that chose the signal, perhaps with other rights. */
	if (sig > 0 && task->user->parent_exec_id != parent->user->signal->exec_id)
		sig = SIGCHLD;
	info.si_pid = task->pid;
	info.si_uid = task_uid(task);
	info.si_utime = ns_to_user_ticks(task->user->signal->ended.utime_ns);
	info.si_stime = ns_to_user_ticks(task->user->signal->ended.stime_ns);
	if (status & 0x7f) {
		info.si_code = status & 0x80 ? CLD_DUMPED : CLD_KILLED;
		info.si_status = status & 0x7f;
	} else {
		info.si_code = CLD_EXITED;
		info.si_status = status >> 8;
	}
	if (sig == SIGCHLD)
		nobody_waits = action->sa_handler == SIG_IGN || action->sa_flags & SA_NOCLDWAIT;
	/* clone() takes any number; one that is no signal is not sent. */
	if (sig > 0 && sig <= NR_SIGNALS && !(sig == SIGCHLD && action->sa_handler == SIG_IGN))
		send_signal(parent, sig, &info);
	wake_up_all(&parent->user->signal->wait_children);
	return nobody_waits;
}

atomic_t nr_released_tasks;

void release_task(struct task_struct *task)
{
	struct user_task *user = task->user;

	if (is_leader(task)) {
		list_del(&user->sibling);
		pgroup_leave(task);
	}
	/* Signals, and timers in interrupts, go through the threads under siglock alone. */
	raw_spin_lock_irq(&user->signal->siglock);
	list_del(&user->thread_node);
	raw_spin_unlock_irq(&user->signal->siglock);
	user->exit_state = EXIT_DEAD;
	atomic_inc(&nr_released_tasks);
	atomic_dec(&task->cred->user->nr_tasks);
	put_task_struct(task);
}

/* The process of @leader has lost its last thread. */
static void process_has_ended(struct task_struct *leader)
{
	bool was_orphaned = pgroup_is_orphaned(leader->user->signal->pgroup);

	give_children_away(leader);
	signal_orphaned_group(leader->user->signal->pgroup, was_orphaned);
	if (leader->user->signal->flags & SIGNAL_GROUP_EXIT)
		leader->user->exit_code = leader->user->signal->group_exit_code;
	if (notify_parent_of_exit(leader, leader->user->exit_signal))
		release_task(leader);
}

static void leave_tree(struct task_struct *task, int code)
{
	struct user_task *user = task->user;
	struct signal_struct *signal = user->signal;
	struct task_struct *exec_task;
	bool is_last;

	spin_lock(&tasklist_lock);
	user->exit_code = code;
	become_zombie(user);
	is_last = atomic_dec_and_test(&signal->nr_live);
	/* It may go on from here, and forget that it waits; it cannot end without the lock. */
	exec_task = READ_ONCE(signal->exec_task);
	if (exec_task)
		wake_up_process(exec_task);
	if (!is_leader(task))
		release_task(task);
	if (is_last)
		process_has_ended(signal->leader);
	spin_unlock(&tasklist_lock);
	if (is_last)
		process_timers_exit(signal);
}

/* --- ends --- */

void __noreturn do_exit(int code)
{
	struct task_struct *task = current;

	bool is_last = signals_begin_exit();

	if (is_last && task->user->signal == init_signal)
		init_ended_hook(code);
	user_task_leave_mm(task->user);
	leave_files(task);
	if (is_last)
		tty_process_exits();
	leave_tree(task, code);
	sched_exit();
}

void __noreturn do_group_exit(int code)
{
	struct user_task *user = current->user;

	raw_spin_lock_irq(&user->signal->siglock);
	if (user->signal->flags & SIGNAL_GROUP_EXIT) {
		code = user->signal->group_exit_code;
	} else if (user->signal->exec_task) {
		code = 0; /* execve() by another thread goes on; this one ends as all do */
	} else {
		user->signal->flags = SIGNAL_GROUP_EXIT;
		user->signal->group_exit_code = code;
		zap_other_threads(current);
	}
	raw_spin_unlock_irq(&user->signal->siglock);
	do_exit(code);
}

/* --- execve() --- */

/* Others than the caller still live. Sets the state to sleep before it looks. */
static bool has_siblings(struct signal_struct *signal)
{
	set_current_state(TASK_KILLABLE);
	return atomic_read(&signal->nr_live) > 1;
}

/* The caller takes pid, children and place of the leader, which is a zombie by now. */
static void become_leader(struct task_struct *task)
{
	struct task_struct *leader = task->user->signal->leader;
	struct user_task *user = task->user, *child;

	spin_lock(&tasklist_lock);
	task_exchange_pids(task, leader);
	list_replace(&leader->user->sibling, &user->sibling);
	list_replace(&leader->user->group_node, &user->group_node);
	list_splice_tail_init(&leader->user->children, &user->children);
	list_for_each_entry(child, &user->children, sibling)
		child->parent = task;
	user->parent = leader == init_task ? task : leader->user->parent;
	user->parent_exec_id = leader->user->parent_exec_id;
	user->exit_signal = SIGCHLD;
	user->start_ns = leader->user->start_ns;
	user->signal->leader = task;
	if (leader == init_task)
		init_task = task;
	if (user->signal->pgroup->session->leader == leader)
		user->signal->pgroup->session->leader = task;
	release_task(leader);
	spin_unlock(&tasklist_lock);
}

int kill_sibling_threads(void)
{
	struct user_task *user = current->user;
	struct signal_struct *signal = user->signal;

	raw_spin_lock_irq(&user->signal->siglock);
	if (signal->flags & SIGNAL_GROUP_EXIT || signal->exec_task) {
		raw_spin_unlock_irq(&user->signal->siglock);
		return -EAGAIN;
	}
	signal->exec_task = current;
	zap_other_threads(current);
	raw_spin_unlock_irq(&user->signal->siglock);
	while (has_siblings(signal)) {
		schedule();
		if (signal->flags & SIGNAL_GROUP_EXIT)
			break;
	}
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(signal->exec_task, NULL);
	if (atomic_read(&signal->nr_live) > 1)
		return -EAGAIN;
	posix_timers_delete(signal, true);
	if (!is_leader(current)) {
		become_leader(current);
		process_timers_retarget(signal);
	}
	return 0;
}

long sys_exit(int code)
{
	do_exit((code & 0xff) << 8);
}

long sys_exit_group(int code)
{
	do_group_exit((code & 0xff) << 8);
}
