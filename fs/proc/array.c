/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc/PID/stat, status and statm: what ps and top read.
 *
 * The numbers are gathered first, each under the lock that keeps it (struct pid_facts), then
 * written.  A process that has ended and waits to be asked for still has them all, but memory.
 */
#include <linux/errno.h>
#include <linux/sched.h>
#include <oshit/clock.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/files.h>
#include <oshit/math.h>
#include <oshit/mm.h>
#include <oshit/pgroup.h>
#include <oshit/ptrace.h>
#include <oshit/smp.h>
#include <oshit/thp.h>
#include <oshit/tty.h>
#include <oshit/usage.h>

#include "internal.h"

/* Of task->flags in stat, as Linux numbers them; no header of the ABI has them. */
#define SHOWN_EXITING	 0x00000004
#define SHOWN_FORKNOEXEC 0x00000040
#define SHOWN_RANDOMIZE	 0x00400000
#define SHOWN_KTHREAD	 0x00200000

#define DEFAULT_PRIORITY 20
#define KIB(pages)	 ((pages) * (PAGE_SIZE / 1024))

struct pid_facts {
	int tgid, ppid, pgid, sid, nr_threads, exit_signal, exit_code;
	int tty_nr, tty_pgrp;
	char state; /* of the letters that ps prints */
	struct cpu_usage usage, children;
	sigset_t thread_pending, pending, blocked, ignored, caught;
	u64 start_ns;
	unsigned long rss_limit;
	struct sched_attributes sched;
	bool has_execed, is_exiting, no_new_privs;
};

/* --- gathering --- */

/* The terminal that controls a process, as stat shows it. Under tasklist_lock. */
static void get_tty(const struct signal_struct *signal, struct pid_facts *facts)
{
	const struct tty_struct *tty = signal->pgroup->session->tty;

	facts->tty_nr = 0;
	facts->tty_pgrp = -1;
	if (!IS_ENABLED(CONFIG_TTY) || !tty || signal->left_tty)
		return;
	facts->tty_nr = (int)dev_to_user(tty->dev);
	facts->tty_pgrp = tty->pgrp ?: -1;
}

static char state_letter(const struct task_struct *task)
{
	unsigned int state = READ_ONCE(task->state);

	if (task->user && task->user->exit_state == EXIT_ZOMBIE)
		return 'Z';
	if (state & TASK_DEAD)
		return 'X';
	if (state & TASK_STOPPED)
		return 'T';
	if (state & TASK_TRACED)
		return 't';
	if (state & TASK_PARKED)
		return 'P';
	if ((state & TASK_IDLE) == TASK_IDLE)
		return 'I';
	if (state & TASK_UNINTERRUPTIBLE)
		return 'D';
	return state & TASK_INTERRUPTIBLE ? 'S' : 'R';
}

static void get_kernel_facts(struct task_struct *task, struct pid_facts *facts)
{
	*facts = (struct pid_facts){
		.tgid = task->pid,
		.nr_threads = 1,
		.exit_signal = SIGCHLD,
		.tty_pgrp = -1,
		.state = state_letter(task),
		.start_ns = task->start_ns,
		.rss_limit = RLIM_INFINITY,
		.sched.nice = task->nice,
	};
	facts->usage.stime_ns = task_runtime_ns(task);
	facts->usage.nr_switches = READ_ONCE(task->nr_switches);
}

static void get_actions(const struct user_task *user, struct pid_facts *facts)
{
	struct sighand_struct *sighand = user->sighand;

	raw_spin_lock(&sighand->lock);
	for (int sig = 1; sig <= NR_SIGNALS; sig++) {
		const struct sigaction *action = &sighand->action[sig - 1];

		if (action->sa_handler == SIG_IGN)
			facts->ignored |= sigmask(sig);
		else if (action->sa_handler != SIG_DFL)
			facts->caught |= sigmask(sig);
	}
	raw_spin_unlock(&sighand->lock);
}

static void get_signals(const struct user_task *user, struct pid_facts *facts)
{
	struct signal_struct *signal = user->signal;

	raw_spin_lock_irq(&signal->siglock);
	facts->thread_pending = user->pending.set;
	facts->pending = signal->pending.set;
	facts->blocked = user->blocked;
	get_actions(user, facts);
	facts->children = signal->children;
	facts->rss_limit = signal->rlimits[RLIMIT_RSS].rlim_cur;
	raw_spin_unlock_irq(&signal->siglock);
}

/* What hangs on the tree of processes. */
static void get_family(const struct user_task *user, struct pid_facts *facts)
{
	const struct signal_struct *signal = user->signal;
	const struct user_task *thread;

	spin_lock(&tasklist_lock);
	facts->ppid = signal->parent_tgid ?: user->tgid == init_task->pid ? 0 : init_task->pid;
	if (signal->pgroup) {
		facts->pgid = signal->pgroup->id;
		facts->sid = signal->pgroup->session->id;
		get_tty(signal, facts);
	}
	list_for_each_entry(thread, &signal->threads, thread_node)
		facts->nr_threads++;
	facts->exit_code = user->exit_code;
	facts->exit_signal = user->exit_signal;
	facts->has_execed = signal->has_execed;
	facts->state = state_letter(user->task);
	spin_unlock(&tasklist_lock);
}

static void get_facts(struct seq_file *m, struct task_struct *task, struct pid_facts *facts)
{
	const struct user_task *user = READ_ONCE(task->user);

	sched_charge_all();
	if (!user) {
		get_kernel_facts(task, facts);
		return;
	}
	*facts = (struct pid_facts){
		.tgid = user->tgid,
		.tty_pgrp = -1,
		.start_ns = user->start_ns,
		.sched = user->sched,
		.is_exiting = READ_ONCE(user->is_exiting),
		.no_new_privs = user->no_new_privs,
	};
	get_family(user, facts);
	get_signals(user, facts);
	if (proc_shows_thread(m))
		task_usage_get(task, &facts->usage);
	else
		process_usage_get(user->signal, &facts->usage);
}

/* --- stat --- */

static unsigned int shown_flags(const struct task_struct *task, const struct pid_facts *facts)
{
	if (!task->user)
		return SHOWN_KTHREAD;
	return SHOWN_RANDOMIZE | (facts->has_execed ? 0 : SHOWN_FORKNOEXEC) |
	       (facts->is_exiting ? SHOWN_EXITING : 0);
}

static int shown_priority(const struct pid_facts *facts)
{
	return facts->sched.priority ? -1 - facts->sched.priority
				     : DEFAULT_PRIORITY + facts->sched.nice;
}

struct mm_facts { /* all 0 without memory */
	unsigned long size_bytes, resident_pages;
	unsigned long start_code, end_code, start_stack, start_data, end_data, start_brk;
	unsigned long arg_start, arg_end, env_start, env_end;
};

static struct mm_facts get_mm_facts(struct task_struct *task)
{
	struct mm_struct *mm = get_task_mm(task);
	struct mm_facts facts = { 0 };

	if (!mm)
		return facts;
	down_read(&mm->mmap_lock);
	facts.size_bytes = mm->total_pages * PAGE_SIZE;
	facts.resident_pages = mm_resident_pages(mm);
	/* Addresses are for who may look into it. */
	facts.start_code = facts.end_code = 1;
	if (ptrace_may_access(task, PTRACE_FSCREDS)) {
		facts.start_code = mm->start_code;
		facts.end_code = mm->end_code;
		facts.start_stack = mm->start_stack;
		facts.start_data = mm->start_data;
		facts.end_data = mm->end_data;
		facts.start_brk = mm->start_brk;
		facts.arg_start = mm->arg_start;
		facts.arg_end = mm->arg_end;
		facts.env_start = mm->env_start;
		facts.env_end = mm->env_end;
	}
	up_read(&mm->mmap_lock);
	mmput(mm);
	return facts;
}

/* Fields 3 to 22: up to the time of the start. */
static void show_stat_process(struct seq_file *m, const struct task_struct *task,
			      const struct pid_facts *facts)
{
	const struct cpu_usage *usage = &facts->usage, *children = &facts->children;

	seq_printf(m, " %c %d %d %d %d %d %u", facts->state, facts->ppid, facts->pgid, facts->sid,
		   facts->tty_nr, facts->tty_pgrp, shown_flags(task, facts));
	seq_printf(m, " %lu %lu %lu %lu", (unsigned long)usage->nr_minor_faults,
		   (unsigned long)children->nr_minor_faults, (unsigned long)usage->nr_major_faults,
		   (unsigned long)children->nr_major_faults);
	seq_printf(m, " %lu %lu %lu %lu", ns_to_user_ticks(usage->utime_ns),
		   ns_to_user_ticks(usage->stime_ns), ns_to_user_ticks(children->utime_ns),
		   ns_to_user_ticks(children->stime_ns));
	seq_printf(m, " %d %d %d 0 %lu", shown_priority(facts), facts->sched.nice,
		   facts->nr_threads, ns_to_user_ticks(facts->start_ns));
}

int proc_pid_stat(struct seq_file *m, struct task_struct *task)
{
	struct mm_facts mem = get_mm_facts(task);
	struct pid_facts facts;
	bool may = ptrace_may_access(task, PTRACE_FSCREDS);

	get_facts(m, task, &facts);
	seq_printf(m, "%d (%s)", task->pid, task->comm);
	show_stat_process(m, task, &facts);
	seq_printf(m, " %lu %lu %lu %lu %lu %lu 0 0", mem.size_bytes, mem.resident_pages,
		   facts.rss_limit, mem.start_code, mem.end_code, mem.start_stack);
	/* Of real-time signals there is no room here; nobody may rely on these fields. */
	seq_printf(m, " %lu %lu %lu %lu", facts.thread_pending & 0x7fffffffUL,
		   facts.blocked & 0x7fffffffUL, facts.ignored & 0x7fffffffUL,
		   facts.caught & 0x7fffffffUL);
	seq_printf(m, " 0 0 0 %d %u %u %u 0 0 0", facts.exit_signal, READ_ONCE(task->cpu),
		   facts.sched.priority, facts.sched.policy);
	seq_printf(m, " %lu %lu %lu %lu %lu %lu %lu", mem.start_data, mem.end_data, mem.start_brk,
		   mem.arg_start, mem.arg_end, mem.env_start, mem.env_end);
	seq_printf(m, " %d\n", may ? facts.exit_code : 0);
	return 0;
}

/* --- statm --- */

static unsigned long text_pages(const struct mm_struct *mm)
{
	unsigned long bytes = ALIGN_UP(mm->end_code, PAGE_SIZE) - (mm->start_code & PAGE_MASK);

	return bytes >> PAGE_SHIFT;
}

int proc_pid_statm(struct seq_file *m, struct task_struct *task)
{
	struct mm_struct *mm = get_task_mm(task);
	unsigned long shared;

	if (!mm) {
		seq_puts(m, "0 0 0 0 0 0 0\n");
		return 0;
	}
	down_read(&mm->mmap_lock);
	shared = (unsigned long)(atomic64_read(&mm->counters[MM_FILE_PAGES]) +
				 atomic64_read(&mm->counters[MM_SHMEM_PAGES]));
	seq_printf(m, "%lu %lu %lu %lu 0 %lu 0\n", mm->total_pages, mm_resident_pages(mm), shared,
		   text_pages(mm), mm->data_pages + mm->stack_pages);
	up_read(&mm->mmap_lock);
	mmput(mm);
	return 0;
}

/* --- status --- */

static const char *state_name(char letter)
{
	switch (letter) {
	case 'R':
		return "R (running)";
	case 'S':
		return "S (sleeping)";
	case 'D':
		return "D (disk sleep)";
	case 'T':
		return "T (stopped)";
	case 't':
		return "t (tracing stop)";
	case 'Z':
		return "Z (zombie)";
	case 'P':
		return "P (parked)";
	case 'I':
		return "I (idle)";
	default:
		return "X (dead)";
	}
}

/* A name is one word of one line. */
static void show_name(struct seq_file *m, const char *name)
{
	seq_puts(m, "Name:\t");
	for (; *name; name++) {
		if (*name == '\\' || *name == '\n')
			seq_putc(m, '\\');
		seq_putc(m, *name == '\n' ? 'n' : *name);
	}
}

static void show_ids(struct seq_file *m, struct task_struct *task, const struct pid_facts *facts)
{
	int umask = task_umask(task);

	show_name(m, task->comm);
	if (umask >= 0)
		seq_printf(m, "\nUmask:\t%04o", (unsigned int)umask);
	seq_printf(m, "\nState:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0",
		   state_name(facts->state), facts->tgid, task->pid, facts->ppid);
}

static void show_users(struct seq_file *m, struct task_struct *task, const struct cred *cred)
{
	seq_printf(m, "\nUid:\t%u\t%u\t%u\t%u", cred->uid, cred->euid, cred->suid, cred->fsuid);
	seq_printf(m, "\nGid:\t%u\t%u\t%u\t%u", cred->gid, cred->egid, cred->sgid, cred->fsgid);
	seq_printf(m, "\nFDSize:\t%u\nGroups:\t", task_nr_fds(task));
	for (unsigned int i = 0; i < cred->groups->nr; i++)
		seq_printf(m, "%s%u", i ? " " : "", cred->groups->gids[i]);
	seq_putc(m, ' ');
}

static void show_size(struct seq_file *m, const char *name, unsigned long kib)
{
	seq_printf(m, "%s:\t%8lu kB\n", name, kib);
}

static void show_memory(struct seq_file *m, struct mm_struct *mm)
{
	unsigned long text, anon = (unsigned long)atomic64_read(&mm->counters[MM_ANON_PAGES]);
	unsigned long file = (unsigned long)atomic64_read(&mm->counters[MM_FILE_PAGES]);
	unsigned long shmem = (unsigned long)atomic64_read(&mm->counters[MM_SHMEM_PAGES]);

	down_read(&mm->mmap_lock);
	text = min(text_pages(mm), mm->exec_pages);
	show_size(m, "VmPeak", KIB(mm->peak_total_pages));
	show_size(m, "VmSize", KIB(mm->total_pages));
	show_size(m, "VmLck", KIB(mm->locked_pages));
	show_size(m, "VmPin", 0);
	show_size(m, "VmHWM", KIB(max(mm_peak_pages(mm), anon + file + shmem)));
	show_size(m, "VmRSS", KIB(anon + file + shmem));
	show_size(m, "RssAnon", KIB(anon));
	show_size(m, "RssFile", KIB(file));
	show_size(m, "RssShmem", KIB(shmem));
	show_size(m, "VmData", KIB(mm->data_pages));
	show_size(m, "VmStk", KIB(mm->stack_pages));
	show_size(m, "VmExe", KIB(text));
	show_size(m, "VmLib", KIB(mm->exec_pages - text));
	show_size(m, "VmPTE", KIB((unsigned long)atomic64_read(&mm->nr_tables)));
	show_size(m, "VmSwap", KIB((unsigned long)atomic64_read(&mm->counters[MM_SWAP_ENTRIES])));
	seq_puts(m, "HugetlbPages:\t       0 kB\n");
	up_read(&mm->mmap_lock);
}

static void show_signals(struct seq_file *m, const struct user_task *user, const struct cred *cred,
			 const struct pid_facts *facts)
{
	unsigned long limit =
		user ? READ_ONCE(user->signal->rlimits[RLIMIT_SIGPENDING].rlim_cur) : 0;

	seq_printf(m, "Threads:\t%d\nSigQ:\t%d/%lu\n", facts->nr_threads,
		   atomic_read(&cred->user->nr_sigpending), limit);
	seq_printf(m, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n", facts->thread_pending,
		   facts->pending, facts->blocked);
	seq_printf(m, "SigIgn:\t%016lx\nSigCgt:\t%016lx\n", facts->ignored, facts->caught);
}

static void show_rights(struct seq_file *m, const struct cred *cred, const struct pid_facts *facts)
{
	seq_printf(m, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\n",
		   (unsigned long)cred->inheritable, (unsigned long)cred->permitted,
		   (unsigned long)cred->effective);
	seq_printf(m, "CapBnd:\t%016lx\nCapAmb:\t%016lx\n", (unsigned long)cred->bounding,
		   (unsigned long)cred->ambient);
	seq_printf(m, "NoNewPrivs:\t%d\nSeccomp:\t0\nSeccomp_filters:\t0\n", facts->no_new_privs);
}

static void show_cpus(struct seq_file *m, const struct task_struct *task,
		      const struct pid_facts *facts)
{
	seq_puts(m, "Cpus_allowed:\t");
	seq_cpumask(m, &task->cpus_allowed);
	seq_puts(m, "\nCpus_allowed_list:\t");
	seq_cpulist(m, &task->cpus_allowed);
	seq_puts(m, "\nMems_allowed:\t1\nMems_allowed_list:\t0\n");
	seq_printf(m, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t0\n",
		   (unsigned long)facts->usage.nr_switches);
}

int proc_pid_status(struct seq_file *m, struct task_struct *task)
{
	struct mm_struct *mm = get_task_mm(task);
	struct cred *cred = get_task_cred(task);
	struct pid_facts facts;

	get_facts(m, task, &facts);
	show_ids(m, task, &facts);
	show_users(m, task, cred);
	seq_printf(m, "\nNStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n", facts.tgid, task->pid,
		   facts.pgid, facts.sid);
	if (mm) {
		show_memory(m, mm);
		seq_printf(m, "CoreDumping:\t0\nTHP_enabled:\t%d\n", IS_ENABLED(CONFIG_THP));
		mmput(mm);
	}
	show_signals(m, task->user, cred, &facts);
	show_rights(m, cred, &facts);
	show_cpus(m, task, &facts);
	put_cred(cred);
	return 0;
}
