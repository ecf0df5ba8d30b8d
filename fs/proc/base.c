/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc itself, and the directories of processes and threads: /proc/PID and /proc/PID/task/TID.
 *
 * A position in /proc counts the entries of the whole machine, then self and thread-self, then
 * FIRST_PID + pid: so a reader sees each process that is there all the time exactly once.  Any
 * thread can be looked up in /proc, only processes are listed.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <oshit/cred.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/kstrtox.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/printf.h>
#include <oshit/ptrace.h>
#include <oshit/slab.h>
#include <oshit/string.h>

#include "internal.h"

#define SELF_POS  256 /* above the number of entries of the whole machine; as Linux */
#define FIRST_PID (SELF_POS + 2)

u64 pid_ino(int pid, bool is_thread, enum pid_ino kind, unsigned int nr)
{
	return (u64)pid << 40 | (u64)is_thread << 36 | (u64)kind << 32 | nr;
}

/* --- tasks and inodes --- */

bool proc_task_is_known(struct task_struct *task)
{
	bool is_known;

	if (!task->user)
		return !(READ_ONCE(task->state) & TASK_DEAD);
	spin_lock(&tasklist_lock);
	is_known = task->user->exit_state != EXIT_DEAD;
	spin_unlock(&tasklist_lock);
	return is_known;
}

struct task_struct *proc_find_task(struct pid_ref ref)
{
	struct task_struct *task = task_find_ref(ref);

	if (task && !proc_task_is_known(task)) {
		put_task_struct(task);
		return NULL;
	}
	return task;
}

struct task_struct *proc_task(const struct inode *inode)
{
	return proc_find_task(proc_inode_of(inode)->task);
}

void proc_update_owner(struct inode *inode, struct task_struct *task)
{
	bool is_open_dir = inode->mode == (S_IFDIR | 0555);
	struct cred *cred = get_task_cred(task);
	bool is_users = task->user && (is_open_dir || (task_is_dumpable(task) && task->user->mm));

	WRITE_ONCE(inode->uid, is_users ? cred->euid : 0);
	WRITE_ONCE(inode->gid, is_users ? cred->egid : 0);
	put_cred(cred);
}

struct inode *proc_pid_inode(struct super_block *sb, const struct proc_inode *like,
			     unsigned int mode, u64 ino)
{
	struct inode *inode = proc_new_inode(sb, mode, ino);

	if (!inode || !like)
		return inode;
	proc_inode_of(inode)->task = like->task;
	proc_inode_of(inode)->is_thread = like->is_thread;
	return inode;
}

void proc_instantiate(struct dentry *dentry, struct inode *inode)
{
	atomic64_or(D_VOLATILE, &dentry->state);
	d_instantiate(dentry, inode);
}

bool proc_pid_revalidate(struct inode *dir __maybe_unused, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct task_struct *task;

	if (!inode)
		return false;
	task = proc_task(inode);
	if (!task)
		return false;
	proc_update_owner(inode, task);
	put_task_struct(task);
	return true;
}

/* Owners change while an inode is in use. */
static void pid_getattr(struct inode *inode, struct kstat *stat)
{
	struct task_struct *task = proc_task(inode);

	if (!task)
		return;
	proc_update_owner(inode, task);
	stat->uid = inode->uid;
	stat->gid = inode->gid;
	put_task_struct(task);
}

/* --- files of one record --- */

static int single_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct inode *inode = m->private;
	struct task_struct *task = proc_task(inode);
	int err;

	if (!task)
		return -ESRCH;
	err = proc_inode_of(inode)->pid_entry->show(m, task);
	put_task_struct(task);
	return err;
}

static int pid_single_open(struct inode *inode, struct file *file)
{
	return single_open(file, single_show, inode);
}

const struct file_operations proc_single_fops = {
	.llseek = seq_lseek,
	.read = seq_read,
	.open = pid_single_open,
	.release = single_release,
};

/* --- links --- */

/* Where a link of a task leads, if the caller may know: first the place, then whether it was his
 * to see (kernel/ptrace.c). */
static int link_get_place(struct inode *inode, struct path *path)
{
	const struct proc_inode *link = proc_inode_of(inode);
	struct task_struct *task = proc_task(inode);
	int err;

	if (!task)
		return -ENOENT;
	err = link->pid_entry->get_place(link, task, path);
	if (!ptrace_may_access(task, PTRACE_FSCREDS)) {
		if (!err)
			path_put(path);
		err = -EACCES;
	}
	put_task_struct(task);
	return err;
}

static void free_page_of_text(void *page)
{
	kfree(page);
}

static const char *link_get_text(struct inode *inode, struct link_body *body)
{
	struct path path, root;
	char *page, *text;
	int err = inode->ops->get_place(inode, &path);

	if (err)
		return ERR_PTR(err);
	page = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!page) {
		path_put(&path);
		return ERR_PTR(-ENOMEM);
	}
	*body = (struct link_body){ free_page_of_text, page };
	get_fs_root(&root);
	text = d_path(&path, &root, page, PATH_MAX);
	path_put(&root);
	path_put(&path);
	if (IS_ERR(text)) {
		body->free = NULL;
		kfree(page);
	}
	return text;
}

const struct inode_operations proc_link_ops = {
	.get_link = link_get_text,
	.get_place = link_get_place,
	.getattr = pid_getattr,
	.setattr = kernfs_setattr,
};

static int get_cwd(const struct proc_inode *link __maybe_unused, struct task_struct *task,
		   struct path *path)
{
	return get_task_place(task, TASK_CWD, path) ? 0 : -ENOENT;
}

static int get_root(const struct proc_inode *link __maybe_unused, struct task_struct *task,
		    struct path *path)
{
	return get_task_place(task, TASK_ROOT, path) ? 0 : -ENOENT;
}

static int get_exe(const struct proc_inode *link __maybe_unused, struct task_struct *task,
		   struct path *path)
{
	struct mm_struct *mm = get_task_mm(task);
	int err = -ENOENT;

	if (!mm)
		return err;
	if (mm->exe_file) {
		*path = mm->exe_file->path;
		path_get(path);
		err = 0;
	}
	mmput(mm);
	return err;
}

/* --- the tables --- */

static const struct inode_operations task_dir_ops;
static const struct file_operations task_dir_fops;
static const struct inode_operations pid_file_ops = {
	.getattr = pid_getattr,
	.setattr = kernfs_setattr,
};

#define DIR(n, m, o, f)                                                     \
	{                                                                   \
		.name = n, .mode = S_IFDIR | (m), .ops = &(o), .fops = &(f) \
	}
#define LINK(n, p)                                                                       \
	{                                                                                \
		.name = n, .mode = S_IFLNK | 0777, .ops = &proc_link_ops, .get_place = p \
	}
#define SHOW(n, m, s)                                       \
	{                                                   \
		.name = n, .mode = S_IFREG | (m), .show = s \
	}
#define REG(n, m, f)                                           \
	{                                                      \
		.name = n, .mode = S_IFREG | (m), .fops = &(f) \
	}

/* The first is of processes alone, the others of their threads, too. */
static const struct pid_entry pid_entries[] = {
	DIR("task", 0555, task_dir_ops, task_dir_fops),
	DIR("fd", 0500, proc_fd_ops, proc_fd_fops),
	DIR("fdinfo", 0555, proc_fdinfo_ops, proc_fdinfo_fops),
	REG("environ", 0400, proc_environ_fops),
	REG("auxv", 0400, proc_auxv_fops),
	SHOW("status", 0444, proc_pid_status),
	SHOW("personality", 0400, proc_pid_personality),
	SHOW("limits", 0444, proc_pid_limits),
	REG("comm", 0644, proc_comm_fops),
	REG("cmdline", 0444, proc_cmdline_fops),
	SHOW("stat", 0444, proc_pid_stat),
	SHOW("statm", 0444, proc_pid_statm),
	REG("maps", 0444, proc_maps_fops),
#ifdef CONFIG_PROC_PAGE_MONITOR
	REG("smaps", 0444, proc_smaps_fops),
	REG("smaps_rollup", 0444, proc_smaps_rollup_fops),
	REG("pagemap", 0400, proc_pagemap_fops),
#endif
	LINK("cwd", get_cwd),
	LINK("root", get_root),
	LINK("exe", get_exe),
	REG("mounts", 0444, proc_mounts_fops),
	REG("mountinfo", 0444, proc_mountinfo_fops),
	SHOW("wchan", 0444, proc_pid_wchan),
	SHOW("stack", 0400, proc_pid_stack),
	SHOW("schedstat", 0444, proc_pid_schedstat),
	SHOW("oom_score", 0444, proc_pid_oom_score),
	SHOW("io", 0400, proc_pid_io),
	SHOW("syscall", 0400, proc_pid_syscall),
	REG("oom_score_adj", 0644, proc_oom_score_adj_fops),
};

struct pid_table {
	const struct pid_entry *entries;
	unsigned int nr;
};

static struct pid_table table_of(const struct proc_inode *dir)
{
	unsigned int first = dir->is_thread;

	return (struct pid_table){ &pid_entries[first], ARRAY_SIZE(pid_entries) - first };
}

/* --- a directory of a task --- */

static struct inode *entry_inode(struct inode *dir, const struct pid_entry *entry, unsigned int nr)
{
	const struct proc_inode *parent = proc_inode_of(dir);
	u64 ino = pid_ino(parent->task.pid, parent->is_thread, PID_INO_ENTRY, nr + 1);
	struct inode *inode = proc_pid_inode(dir->sb, parent, entry->mode, ino);

	if (!inode)
		return NULL;
	proc_inode_of(inode)->pid_entry = entry;
	inode->ops = entry->ops ?: &pid_file_ops;
	inode->fops = entry->fops ?: entry->show ? &proc_single_fops : NULL;
	if (S_ISDIR(entry->mode))
		inode->nlink = 2;
	return inode;
}

static const struct pid_entry *find_entry(const struct pid_table *table, const struct qstr *name)
{
	for (unsigned int i = 0; i < table->nr; i++)
		if (qstr_is(name, table->entries[i].name))
			return &table->entries[i];
	return NULL;
}

static int pid_dir_lookup(struct inode *dir, struct dentry *dentry)
{
	const struct pid_table table = table_of(proc_inode_of(dir));
	const struct pid_entry *entry = find_entry(&table, &dentry->name);
	struct task_struct *task = entry ? proc_task(dir) : NULL;
	struct inode *inode;

	if (!task)
		return -ENOENT;
	inode = entry_inode(dir, entry, (unsigned int)(entry - table.entries));
	if (inode) {
		proc_update_owner(inode, task);
		proc_instantiate(dentry, inode);
	}
	put_task_struct(task);
	return inode ? 0 : -ENOMEM;
}

static int pid_dir_iterate(struct file *file, struct dir_context *ctx)
{
	const struct proc_inode *dir = proc_inode_of(file_inode(file));
	const struct pid_table table = table_of(dir);
	struct task_struct *task = proc_task(&dir->inode);

	if (!task)
		return -ENOENT;
	put_task_struct(task);
	if (!dir_emit_dots(file, ctx))
		return 0;
	for (; ctx->pos - 2 < table.nr; ctx->pos++) {
		unsigned int nr = (unsigned int)(ctx->pos - 2);
		const struct pid_entry *entry = &table.entries[nr];

		if (!ctx->actor(ctx, entry->name, strlen(entry->name),
				pid_ino(dir->task.pid, dir->is_thread, PID_INO_ENTRY, nr + 1),
				(entry->mode & S_IFMT) >> 12))
			break;
	}
	return 0;
}

static const struct inode_operations thread_dir_ops = {
	.lookup = pid_dir_lookup,
	.revalidate = proc_pid_revalidate,
	.getattr = pid_getattr,
	.setattr = kernfs_setattr,
};

static const struct file_operations pid_dir_fops = {
	.llseek = noop_llseek,
	.iterate = pid_dir_iterate,
};

/* A process that is gone is not searched any more. */
static int process_permission(const struct inode *inode, unsigned int mask)
{
	struct task_struct *task = proc_task(inode);

	if (!task)
		return -ESRCH;
	put_task_struct(task);
	return generic_permission(inode, mask);
}

static const struct inode_operations process_dir_ops = {
	.lookup = pid_dir_lookup,
	.revalidate = proc_pid_revalidate,
	.permission = process_permission,
	.getattr = pid_getattr,
	.setattr = kernfs_setattr,
};

/* The directory of @task becomes the inode of @dentry. */
static int instantiate_dir(struct inode *parent, struct dentry *dentry, struct task_struct *task,
			   bool is_thread)
{
	struct pid_ref ref = task_pid_ref(task);
	struct inode *inode = proc_pid_inode(parent->sb, NULL, S_IFDIR | 0555,
					     pid_ino(ref.pid, is_thread, PID_INO_ENTRY, 0));

	if (!inode)
		return -ENOMEM;
	proc_inode_of(inode)->task = ref;
	proc_inode_of(inode)->is_thread = is_thread;
	inode->ops = is_thread ? &thread_dir_ops : &process_dir_ops;
	inode->fops = &pid_dir_fops;
	inode->nlink = is_thread ? 4 : 5;
	proc_update_owner(inode, task);
	proc_instantiate(dentry, inode);
	return 0;
}

static struct task_struct *find_by_name(const struct dentry *dentry)
{
	long pid = qstr_to_number(&dentry->name, PID_MAX);
	struct task_struct *task = pid > 0 ? task_find((int)pid) : NULL;

	if (task && !proc_task_is_known(task)) {
		put_task_struct(task);
		return NULL;
	}
	return task;
}

/* --- /proc/PID/task --- */

static int task_tgid(const struct task_struct *task)
{
	const struct user_task *user = READ_ONCE(task->user);

	return user ? user->tgid : task->pid;
}

static int task_dir_lookup(struct inode *dir, struct dentry *dentry)
{
	struct task_struct *leader = proc_task(dir);
	struct task_struct *task = leader ? find_by_name(dentry) : NULL;
	int err = -ENOENT;

	if (task && task_tgid(task) == task_tgid(leader))
		err = instantiate_dir(dir, dentry, task, true);
	if (task)
		put_task_struct(task);
	if (leader)
		put_task_struct(leader);
	return err;
}

/* The thread of @leader's process with the least pid not below @from; 0: none. */
static int next_thread(struct task_struct *leader, int from)
{
	struct user_task *thread;
	int next = 0;

	if (!leader->user)
		return leader->pid >= from ? leader->pid : 0;
	spin_lock(&tasklist_lock);
	list_for_each_entry(thread, &leader->user->signal->threads, thread_node) {
		int pid = thread->task->pid;

		if (pid >= from && (!next || pid < next))
			next = pid;
	}
	spin_unlock(&tasklist_lock);
	return next;
}

static bool emit_pid(struct dir_context *ctx, int pid, bool is_thread)
{
	char name[sizeof("32768")];
	unsigned int len = (unsigned int)snprintf(name, sizeof(name), "%d", pid);

	return ctx->actor(ctx, name, len, pid_ino(pid, is_thread, PID_INO_ENTRY, 0), S_IFDIR >> 12);
}

/* Positions are 2 + pid. */
static int task_dir_iterate(struct file *file, struct dir_context *ctx)
{
	struct task_struct *leader = proc_task(file_inode(file));
	int pid;

	if (!leader)
		return -ENOENT;
	if (dir_emit_dots(file, ctx)) {
		while ((pid = next_thread(leader, (int)(ctx->pos - 2)))) {
			ctx->pos = pid + 2;
			if (!emit_pid(ctx, pid, true))
				break;
			ctx->pos++;
		}
	}
	put_task_struct(leader);
	return 0;
}

/* As many links as there are threads. */
static void task_dir_getattr(struct inode *inode, struct kstat *stat)
{
	struct task_struct *leader = proc_task(inode);
	struct user_task *thread;

	pid_getattr(inode, stat);
	if (!leader)
		return;
	spin_lock(&tasklist_lock);
	if (leader->user)
		list_for_each_entry(thread, &leader->user->signal->threads, thread_node)
			stat->nlink++;
	else
		stat->nlink++;
	spin_unlock(&tasklist_lock);
	put_task_struct(leader);
}

static const struct inode_operations task_dir_ops = {
	.lookup = task_dir_lookup,
	.revalidate = proc_pid_revalidate,
	.permission = process_permission,
	.getattr = task_dir_getattr,
	.setattr = kernfs_setattr,
};

static const struct file_operations task_dir_fops = {
	.llseek = noop_llseek,
	.iterate = task_dir_iterate,
};

/* --- /proc --- */

static int root_lookup(struct inode *dir, struct dentry *dentry)
{
	struct task_struct *task;
	int err = kernfs_lookup(dir, dentry);

	if (err != -ENOENT)
		return err;
	if (proc_self_lookup(dir, dentry))
		return d_inode(dentry) ? 0 : -ENOMEM;
	task = find_by_name(dentry);
	if (!task)
		return -ENOENT;
	err = instantiate_dir(dir, dentry, task, false);
	put_task_struct(task);
	return err;
}

static bool root_revalidate(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);

	/* Only tasks come and go. */
	return inode && !proc_inode_of(inode)->task.pid ? true : proc_pid_revalidate(dir, dentry);
}

static bool emit_selves(struct dir_context *ctx)
{
	if (ctx->pos < SELF_POS)
		ctx->pos = SELF_POS;
	if (ctx->pos == SELF_POS) {
		if (!ctx->actor(ctx, "self", 4, PROC_SELF_INO, S_IFLNK >> 12))
			return false;
		ctx->pos++;
	}
	if (ctx->pos == SELF_POS + 1) {
		if (!ctx->actor(ctx, "thread-self", 11, PROC_THREAD_SELF_INO, S_IFLNK >> 12))
			return false;
		ctx->pos++;
	}
	return true;
}

/* The pid of the first process not below @pid; 0: none. */
static int next_process(int pid)
{
	struct task_struct *task;
	bool is_process;

	while ((task = task_find_from(pid))) {
		pid = task->pid;
		is_process = task_tgid(task) == pid && proc_task_is_known(task);
		put_task_struct(task);
		if (is_process)
			return pid;
		pid++;
	}
	return 0;
}

static int root_iterate(struct file *file, struct dir_context *ctx)
{
	int pid;

	if (!dir_emit_dots(file, ctx))
		return 0;
	if (ctx->pos < SELF_POS && !kernfs_iterate(&proc_root, ctx))
		return 0;
	if (!emit_selves(ctx))
		return 0;
	while (ctx->pos - FIRST_PID < PID_MAX &&
	       (pid = next_process((int)(ctx->pos - FIRST_PID)))) {
		ctx->pos = FIRST_PID + pid;
		if (!emit_pid(ctx, pid, false))
			break;
		ctx->pos++;
	}
	return 0;
}

/* As many links as there are processes. */
static void root_getattr(struct inode *inode __maybe_unused, struct kstat *stat)
{
	stat->nlink += nr_tasks();
}

const struct inode_operations proc_root_ops = {
	.lookup = root_lookup,
	.revalidate = root_revalidate,
	.getattr = root_getattr,
	.setattr = kernfs_setattr,
};

const struct file_operations proc_root_fops = {
	.llseek = noop_llseek,
	.iterate = root_iterate,
};
