/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of fs/proc/; the theory is at the head of fs/proc/inode.c. */
#ifndef FS_PROC_INTERNAL_H
#define FS_PROC_INTERNAL_H

#include <oshit/fs.h>
#include <oshit/kernfs.h>
#include <oshit/seq_file.h>
#include <oshit/task.h>
#include <oshit/user_task.h>

/* What belongs to no task; the first inode of the file system. */
extern struct kernfs_node proc_root;

/* --- what belongs to one --- */

struct proc_inode;

struct pid_entry {
	const char *name;
	unsigned int mode;
	const struct inode_operations *ops; /* NULL: of a plain file */
	const struct file_operations *fops; /* NULL: shows one record by show() */
	int (*show)(struct seq_file *m, struct task_struct *task); /* 0 or -errno */
	/* Of a link: where it leads; proc_link_ops asks whether the caller may know. */
	int (*get_place)(const struct proc_inode *link, struct task_struct *task,
			 struct path *path);
};

struct proc_inode {
	struct inode inode;
	struct pid_ref task; /* i  pid 0: belongs to none */
	bool is_thread; /* i  below task/: of one thread, where the two differ */
	unsigned int fd; /* i  of what is in fd/ and fdinfo/ */
	const struct pid_entry *pid_entry; /* i */
};

static inline struct proc_inode *proc_inode_of(const struct inode *inode)
{
	return container_of((struct inode *)inode, struct proc_inode, inode);
}

/* The task of an inode, with a reference; NULL: it is no more. */
struct task_struct *proc_task(const struct inode *inode);
struct task_struct *proc_find_task(struct pid_ref ref);
/* Whether @task is still known: its end has not been asked for. */
bool proc_task_is_known(struct task_struct *task);

static inline bool proc_shows_thread(const struct seq_file *m)
{
	return proc_inode_of(m->private)->is_thread;
}

/* Numbers of inodes: those of one task differ, and stay what they are. */
#define PROC_ROOT_INO	     1
#define PROC_SELF_INO	     2
#define PROC_THREAD_SELF_INO 3
enum pid_ino { PID_INO_ENTRY, PID_INO_FD, PID_INO_FDINFO };
u64 pid_ino(int pid, bool is_thread, enum pid_ino kind, unsigned int nr);

/* A new inode of a task; NULL: no memory. @like: whose task it has; else it is set later. */
struct inode *proc_pid_inode(struct super_block *sb, const struct proc_inode *like,
			     unsigned int mode, u64 ino);
struct inode *proc_new_inode(struct super_block *sb, unsigned int mode, u64 ino);
/* Owner as the rights of its task have it now. */
void proc_update_owner(struct inode *inode, struct task_struct *task);
/* d_instantiate() of a dentry that goes when nobody uses it. */
void proc_instantiate(struct dentry *dentry, struct inode *inode);
bool proc_pid_revalidate(struct inode *dir, struct dentry *dentry);

/* Opens one record: pid_entry->show(). */
extern const struct file_operations proc_single_fops;
extern const struct inode_operations proc_link_ops;
extern const struct inode_operations proc_root_ops;
extern const struct file_operations proc_root_fops;

/* Of fs/proc/fd.c. */
extern const struct inode_operations proc_fd_ops, proc_fdinfo_ops;
extern const struct file_operations proc_fd_fops, proc_fdinfo_fops;

/* --- names of the caller: fs/proc/self.c --- */

bool proc_self_lookup(struct inode *dir, struct dentry *dentry);

/* --- memory of tasks: fs/proc/task_mem.c --- */

/* The memory that a file was opened for: found again, or not at all. */
struct proc_mem {
	struct pid_ref task;
	u64 serial; /* mm->serial; 0: there was none */
};

/* 0; -ESRCH; -EACCES if the caller may not look into it. */
int proc_mem_open(struct proc_mem *mem, const struct inode *inode);
/* With a reference; NULL: it is gone, or the task has another; ERR_PTR(-ESRCH): so has the task. */
struct mm_struct *proc_mem_get(const struct proc_mem *mem);
/* Reads memory of a program, up to where it cannot be read. Bytes. */
size_t proc_mem_read(struct mm_struct *mm, unsigned long addr, char *to, size_t len);

/* --- what is shown --- */

int proc_pid_stat(struct seq_file *m, struct task_struct *task);
int proc_pid_status(struct seq_file *m, struct task_struct *task);
int proc_pid_statm(struct seq_file *m, struct task_struct *task);
int proc_pid_wchan(struct seq_file *m, struct task_struct *task);
int proc_pid_stack(struct seq_file *m, struct task_struct *task);
int proc_pid_schedstat(struct seq_file *m, struct task_struct *task);
int proc_pid_limits(struct seq_file *m, struct task_struct *task);
int proc_pid_oom_score(struct seq_file *m, struct task_struct *task);
int proc_pid_io(struct seq_file *m, struct task_struct *task);
int proc_pid_syscall(struct seq_file *m, struct task_struct *task);
int proc_pid_personality(struct seq_file *m, struct task_struct *task);
extern const struct file_operations proc_cmdline_fops, proc_environ_fops, proc_auxv_fops;
extern const struct file_operations proc_comm_fops, proc_oom_score_adj_fops;
extern const struct file_operations proc_maps_fops, proc_smaps_fops, proc_smaps_rollup_fops;
extern const struct file_operations proc_pagemap_fops;
extern const struct file_operations proc_mounts_fops, proc_mountinfo_fops;

/* --- files of the whole machine; boot --- */

void proc_system_init(void);
void proc_memory_init(void);
void proc_zoneinfo_init(void);
void proc_stat_init(void);
void proc_sysctl_init(void);
#ifdef CONFIG_BLOCK_DEVICES
void proc_disks_init(void);
/* Lines of /proc/devices. */
void proc_show_block_majors(struct seq_file *m);
#else
static inline void proc_disks_init(void)
{
}

static inline void proc_show_block_majors(struct seq_file *m __maybe_unused)
{
}
#endif
#ifdef CONFIG_UNIX
void proc_net_init(void);
#else
static inline void proc_net_init(void)
{
}
#endif
#ifdef CONFIG_IKCONFIG
void proc_config_init(void);
#else
static inline void proc_config_init(void)
{
}
#endif

#endif
