/* SPDX-License-Identifier: GPL-2.0-only */
/* Small files of tasks: comm, limits, oom_score_adj and their like. */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/oom.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/kallsyms.h>
#include <oshit/kstrtox.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/overcommit.h>
#include <oshit/pgroup.h>
#include <oshit/ptrace.h>
#include <oshit/stacktrace.h>
#include <oshit/string.h>
#include <oshit/uio.h>
#include <oshit/usage.h>

#include "internal.h"

#define MAX_CALLS  32 /* that led to where a task sleeps */
#define MAX_NUMBER 16 /* bytes of a number that is written */

/* Gets the text of a write, cut to @size - 1. Bytes or -EFAULT. */
static long get_text(struct iov_iter *from, char *text, size_t size)
{
	size_t len = min(from->count, size - 1);

	memset(text, 0, size);
	return copy_from_iter(text, len, from) == len ? (long)len : -EFAULT;
}

/* --- comm --- */

static int comm_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct task_struct *task = proc_task(m->private);

	if (!task)
		return -ESRCH;
	seq_printf(m, "%s\n", task->comm);
	put_task_struct(task);
	return 0;
}

static int comm_open(struct inode *inode, struct file *file)
{
	return single_open(file, comm_show, inode);
}

/* A thread gives a name to any of its process. What is too long is cut, not refused. */
static long comm_write(struct file *file, struct iov_iter *from, loff_t *pos __maybe_unused)
{
	size_t total = from->count;
	char name[TASK_COMM_LEN];
	long len = get_text(from, name, sizeof(name));
	struct task_struct *task = proc_task(file_inode(file));
	long ret = (long)total;

	if (!task)
		return -ESRCH;
	if (len < 0)
		ret = len;
	else if (!task->user || !current->user || task->user->signal != current->user->signal)
		ret = -EINVAL;
	else
		strscpy(task->comm, name, sizeof(task->comm));
	put_task_struct(task);
	return ret;
}

const struct file_operations proc_comm_fops = {
	.llseek = seq_lseek,
	.read = seq_read,
	.write = comm_write,
	.open = comm_open,
	.release = single_release,
};

/* --- limits --- */

static const struct {
	const char *name, *unit;
} limit_names[RLIM_NLIMITS] = {
	[RLIMIT_CPU] = { "Max cpu time", "seconds" },
	[RLIMIT_FSIZE] = { "Max file size", "bytes" },
	[RLIMIT_DATA] = { "Max data size", "bytes" },
	[RLIMIT_STACK] = { "Max stack size", "bytes" },
	[RLIMIT_CORE] = { "Max core file size", "bytes" },
	[RLIMIT_RSS] = { "Max resident set", "bytes" },
	[RLIMIT_NPROC] = { "Max processes", "processes" },
	[RLIMIT_NOFILE] = { "Max open files", "files" },
	[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
	[RLIMIT_AS] = { "Max address space", "bytes" },
	[RLIMIT_LOCKS] = { "Max file locks", "locks" },
	[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
	[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
	[RLIMIT_NICE] = { "Max nice priority", NULL },
	[RLIMIT_RTPRIO] = { "Max realtime priority", NULL },
	[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
};

static void show_limit(struct seq_file *m, unsigned long limit)
{
	if (limit == (unsigned long)RLIM_INFINITY)
		seq_printf(m, "%-20s ", "unlimited");
	else
		seq_printf(m, "%-20lu ", limit);
}

int proc_pid_limits(struct seq_file *m, struct task_struct *task)
{
	struct rlimit limits[RLIM_NLIMITS];
	struct signal_struct *signal;

	if (!task->user)
		return 0;
	signal = task->user->signal;
	raw_spin_lock_irq(&signal->siglock);
	memcpy(limits, signal->rlimits, sizeof(limits));
	raw_spin_unlock_irq(&signal->siglock);
	seq_printf(m, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (size_t i = 0; i < RLIM_NLIMITS; i++) {
		seq_printf(m, "%-25s ", limit_names[i].name);
		show_limit(m, limits[i].rlim_cur);
		show_limit(m, limits[i].rlim_max);
		if (limit_names[i].unit)
			seq_printf(m, "%-10s", limit_names[i].unit);
		seq_putc(m, '\n');
	}
	return 0;
}

/* --- out of memory --- */

static int oom_score_adj_show(struct seq_file *m, void *unused __maybe_unused)
{
	struct task_struct *task = proc_task(m->private);

	if (!task)
		return -ESRCH;
	seq_printf(m, "%d\n", task->user ? READ_ONCE(task->user->signal->oom_score_adj) : 0);
	put_task_struct(task);
	return 0;
}

static int oom_score_adj_open(struct inode *inode, struct file *file)
{
	return single_open(file, oom_score_adj_show, inode);
}

/* The leader may have ended before other threads. NULL: the process has ended. Under
 * tasklist_lock. */
static const struct mm_struct *memory_of(const struct signal_struct *signal)
{
	const struct user_task *thread;

	list_for_each_entry(thread, &signal->threads, thread_node)
		if (thread->mm)
			return thread->mm;
	return NULL;
}

static void set_adj(struct signal_struct *signal, int adj, bool is_new_minimum)
{
	WRITE_ONCE(signal->oom_score_adj, (short)adj);
	if (is_new_minimum)
		WRITE_ONCE(signal->oom_score_adj_min, (short)adj);
}

/* Of processes that share the memory of @task, for to end one of them frees nothing. What vfork()
 * has made is about to have its own, and is spared both ways. Under tasklist_lock. */
static void set_adj_of_sharers(const struct user_task *task, int adj, bool is_new_minimum)
{
	const struct mm_struct *mm = task->vfork_done ? NULL : memory_of(task->signal);
	struct user_task *member;
	struct pgroup *group;

	if (!mm)
		return;
	for_each_pgroup(group)
		list_for_each_entry(member, &group->members, group_node)
			if (member->task != init_task && !member->vfork_done &&
			    memory_of(member->signal) == mm)
				set_adj(member->signal, adj, is_new_minimum);
}

/* Nobody but CAP_SYS_RESOURCE goes below what that has set. */
static int set_oom_score_adj(struct task_struct *task, int adj)
{
	bool is_capable = capable(CAP_SYS_RESOURCE);
	struct signal_struct *signal;

	if (!task->user)
		return -EINVAL;
	signal = task->user->signal;
	if (adj < READ_ONCE(signal->oom_score_adj_min) && !is_capable)
		return -EACCES;
	spin_lock(&tasklist_lock);
	set_adj(signal, adj, is_capable);
	set_adj_of_sharers(task->user, adj, is_capable);
	spin_unlock(&tasklist_lock);
	return 0;
}

static long oom_score_adj_write(struct file *file, struct iov_iter *from,
				loff_t *pos __maybe_unused)
{
	size_t total = from->count;
	char text[MAX_NUMBER];
	struct task_struct *task;
	int adj, err;

	if (get_text(from, text, sizeof(text)) < 0)
		return -EFAULT;
	err = kstrtoint(strim(text), 0, &adj);
	if (!err && (adj < OOM_SCORE_ADJ_MIN || adj > OOM_SCORE_ADJ_MAX))
		err = -EINVAL;
	if (err)
		return err;
	task = proc_task(file_inode(file));
	if (!task)
		return -ESRCH;
	err = set_oom_score_adj(task, adj);
	put_task_struct(task);
	return err ?: (long)total;
}

const struct file_operations proc_oom_score_adj_fops = {
	.llseek = seq_lseek,
	.read = seq_read,
	.write = oom_score_adj_write,
	.open = oom_score_adj_open,
	.release = single_release,
};

/* By Linux's formula: thousandths of memory, and the adjustment, moved to 0 .. 2000 * 2/3. */
int proc_pid_oom_score(struct seq_file *m, struct task_struct *task)
{
	struct mm_struct *mm = get_task_mm(task);
	long total = (long)memory_total_pages(), points = 0;
	int adj;

	if (mm) {
		adj = READ_ONCE(task->user->signal->oom_score_adj);
		points = (long)mm_resident_pages(mm) + atomic64_read(&mm->nr_tables) +
			 atomic64_read(&mm->counters[MM_SWAP_ENTRIES]) + adj * total / 1000;
		points = adj == OOM_SCORE_ADJ_MIN ? 0 : (1000 + points * 1000 / total) * 2 / 3;
		mmput(mm);
	}
	seq_printf(m, "%ld\n", max(points, 0L));
	return 0;
}

/* --- others --- */

int proc_pid_personality(struct seq_file *m, struct task_struct *task)
{
	if (!ptrace_may_access(task, PTRACE_FSCREDS))
		return -EPERM;
	seq_printf(m, "%08x\n", task->user ? task->user->personality : 0);
	return 0;
}

/* Whether a function only puts tasks to sleep, and says nothing of what for. */
static bool is_scheduler(const char *name)
{
	return strstarts(name, "schedule") || strstarts(name, "__schedule") ||
	       strstarts(name, "switch_") || strstarts(name, "preempt_schedule");
}

/* The calls that led @task to sleep, scheduler's first; 0: it runs. It may go on meanwhile: what is
 * shown is then of no use, but its stack is read only where that can be. */
static unsigned int get_calls(struct task_struct *task, unsigned long *calls, unsigned int max)
{
	if (!READ_ONCE(task->state) || READ_ONCE(task->on_cpu))
		return 0;
	return stack_trace_save_task(task, calls, max);
}

/* The function in which it waits. As in Linux 0 for who may not know, and of who runs. */
int proc_pid_wchan(struct seq_file *m, struct task_struct *task)
{
	unsigned long calls[MAX_CALLS];
	unsigned int nr = 0;
	struct kallsym sym;

	/* Without frame pointers a trace has words that only look like calls. */
	if (IS_ENABLED(CONFIG_FRAME_POINTER) && ptrace_may_access(task, PTRACE_FSCREDS))
		nr = get_calls(task, calls, MAX_CALLS);
	for (unsigned int i = 0; i < nr; i++) {
		if (!kallsyms_lookup(calls[i] - 1, &sym) || is_scheduler(sym.name))
			continue;
		seq_puts(m, sym.name);
		return 0;
	}
	seq_putc(m, '0');
	return 0;
}

/* All of them; addresses are for root. */
int proc_pid_stack(struct seq_file *m, struct task_struct *task)
{
	unsigned long calls[MAX_CALLS];
	unsigned int nr;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	nr = get_calls(task, calls, MAX_CALLS);
	for (unsigned int i = 0; i < nr; i++)
		seq_printf(m, "[<0>] %pB\n", (void *)calls[i]);
	return 0;
}

/* Time run, time waited for a CPU (not counted), and how often it began to run. */
int proc_pid_schedstat(struct seq_file *m, struct task_struct *task)
{
	sched_charge_all();
	seq_printf(m, "%lu 0 %lu\n", (unsigned long)cputime_sum_ns(&task->cputime),
		   (unsigned long)READ_ONCE(task->nr_switches));
	return 0;
}

/* What reads and writes have moved, and what of it disks; of all threads, unless one is asked. */
int proc_pid_io(struct seq_file *m, struct task_struct *task)
{
	struct cpu_usage usage = { 0 };
	const struct io_usage *io = &usage.io;

	if (!ptrace_may_access(task, PTRACE_FSCREDS))
		return -EACCES;
	if (task->user && proc_shows_thread(m))
		task_usage_get(task, &usage);
	else if (task->user)
		process_usage_get(task->user->signal, &usage);
	seq_printf(m, "rchar: %lu\nwchar: %lu\nsyscr: %lu\nsyscw: %lu\n",
		   (unsigned long)io->bytes[0], (unsigned long)io->bytes[1],
		   (unsigned long)io->calls[0], (unsigned long)io->calls[1]);
	seq_printf(m, "read_bytes: %lu\nwrite_bytes: %lu\ncancelled_write_bytes: 0\n",
		   (unsigned long)io->stored[0], (unsigned long)io->stored[1]);
	return 0;
}

/* The call in which it sleeps, or asks for this, its stack pointer and where it comes from. */
int proc_pid_syscall(struct seq_file *m, struct task_struct *task)
{
	struct task_call call = { .nr = -1 };
	bool holds_still = task == current || (READ_ONCE(task->state) && !READ_ONCE(task->on_cpu));

	if (!ptrace_may_access(task, PTRACE_REALCREDS))
		return -EPERM;
	if (!holds_still) {
		seq_puts(m, "running\n");
		return 0;
	}
	/* A kernel thread has made no call, nor has who ended and has no stack any more. */
	if (task->user)
		task_call_peek(task, &call);
	seq_printf(m, "%ld", call.nr);
	for (int i = 0; call.nr != -1 && i < 6; i++)
		seq_printf(m, " 0x%lx", call.args[i]);
	seq_printf(m, " 0x%lx 0x%lx\n", call.sp, call.ip);
	return 0;
}
