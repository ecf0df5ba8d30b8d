/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor's commands about programs and their calls: kill, strace, syscalls.
 *
 * kill: sending a signal takes locks, so it is done when the monitor is left, and
 * only if the kernel has stopped where an interrupt could have come: then nobody here holds them.
 */
#include <linux/errno.h>
#include <oshit/entry.h>
#include <oshit/kstrtox.h>
#include <oshit/monitor.h>
#include <oshit/signal.h>
#include <oshit/string.h>
#include <oshit/task.h>
#include <oshit/user_task.h>

#define PID_BITS 16
static_assert(PID_MAX <= 1 << PID_BITS, "pid and signal in one number");

static void send(long pid_and_signal)
{
	struct task_struct *task = task_find(pid_and_signal & ((1 << PID_BITS) - 1));

	if (!task)
		return;
	send_signal(task, (int)(pid_and_signal >> PID_BITS), NULL);
	put_task_struct(task);
}

static int kill(int argc, char **argv)
{
	const struct task_struct *task;
	long pid, sig = SIGKILL;

	if (argc < 2 || argc > 3 || kstrtol(argv[1], 0, &pid) || pid < 1 || pid >= PID_MAX)
		return -EINVAL;
	if (argc == 3 && (kstrtol(argv[2], 0, &sig) || sig < 1 || sig > NR_SIGNALS))
		return -EINVAL;
	task = task_peek_from((int)pid);
	if (!task || task->pid != pid || !task->user)
		monitor_printf("no program has pid %ld\n", pid);
	else if (monitor_at_leave(send, sig << PID_BITS | pid))
		monitor_printf("signal %ld goes to %s with \"continue\"\n", sig, task->comm);
	else
		monitor_printf("not here: the kernel has stopped with interrupts off\n");
	return 0;
}
MONITOR_COMMAND(kill, "PID [SIGNAL]", "send SIGKILL, or another signal, to a program", kill);

#ifdef CONFIG_STRACE
static int strace(int argc, char **argv)
{
	const struct task_struct *task;
	long pid;

	if (argc < 2 || argc > 3 || kstrtol(argv[1], 0, &pid) || pid < 1 || pid >= PID_MAX ||
	    (argc == 3 && strcmp(argv[2], "off")))
		return -EINVAL;
	task = task_peek_from((int)pid);
	if (!task || task->pid != pid || !task->user) {
		monitor_printf("no program has pid %ld\n", pid);
		return 0;
	}
	task->user->is_traced = argc == 2;
	monitor_printf("%s: calls of %s are %s\n", argv[1], task->comm,
		       argc == 2 ? "logged from now on" : "logged no more");
	return 0;
}
MONITOR_COMMAND(strace, "PID [off]",
		"log the calls of a task: name, arguments, result\n"
		"What it forks is logged, too. \"strace=NAME\" on the command line logs programs.",
		strace);
#endif

static int syscalls(int argc, char **argv __maybe_unused)
{
	if (argc != 1)
		return -EINVAL;
	monitor_printf("%u calls; unknown ones were made %lu times", count_syscalls(),
		       nr_unknown_syscalls);
	if (nr_unknown_syscalls)
		monitor_printf(", the last with number %lu", last_unknown_syscall);
	monitor_printf("\n");
	return 0;
}
MONITOR_COMMAND(syscalls, "", "how many system calls there are, and were missing", syscalls);
