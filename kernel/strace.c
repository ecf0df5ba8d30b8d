/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log of system calls: each call of a traced task makes a line in the kernel's log, with the
 * call's name, arguments and result.
 *
 *	strace: 12 cat: openat(-100, "/etc/motd", 0x0, 0x0) = 3
 *
 * Which tasks: those that the monitor's `strace PID` has named, those that execute a program whose
 * name matches "strace=GLOB" on the command line ("strace" alone: all programs), and what they
 * fork.
 *
 * A string is copied when the call begins; the line is written when it ends, or when it begins if
 * it may not end (exit, execve: the result comes in a line of its own).  What the kernel knows of
 * arguments is how many a call has and which are paths, in one table; others are shown as all six
 * registers.
 *
 * Locks: none.  ->is_traced is written by the task itself, by its parent before it runs, and by the
 * monitor while all stand still.
 */
#define pr_fmt(fmt) "strace: " fmt

#include <asm/unistd.h>
#include <linux/errno.h>
#include <oshit/boot_param.h>
#include <oshit/glob.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/printf.h>
#include <oshit/printk.h>
#include <oshit/strace.h>
#include <oshit/string.h>
#include <oshit/uaccess.h>

#define STRING_MAX 48 /* bytes of a path that are shown */
#define LINE_MAX   256

static const char *wanted __ro_after_init; /* glob of program names, NULL: none */

static __init int strace_param(const char *value)
{
	wanted = value ?: "*";
	return 0;
}
BOOT_PARAM("strace", strace_param);

void strace_exec(const char *comm)
{
	if (wanted && glob_match(wanted, comm))
		current->user->is_traced = true;
}

/* A letter an argument: d number, x bits, o mode, p address, s path. */
#define ARGS(name, letters) [__NR_##name] = letters
/* clang-format off */
static const char *const arguments[] = {
	ARGS(read, "dpx"), ARGS(write, "dpx"), ARGS(open, "sxo"), ARGS(close, "d"),
	ARGS(stat, "sp"), ARGS(fstat, "dp"), ARGS(lstat, "sp"), ARGS(lseek, "ddd"),
	ARGS(mmap, "pxxxdx"), ARGS(mprotect, "pxx"), ARGS(munmap, "px"), ARGS(brk, "p"),
	ARGS(rt_sigaction, "dppd"), ARGS(rt_sigprocmask, "dppd"), ARGS(rt_sigreturn, ""),
	ARGS(ioctl, "dxp"), ARGS(pread64, "dpxx"), ARGS(pwrite64, "dpxx"), ARGS(readv, "dpd"),
	ARGS(writev, "dpd"), ARGS(access, "so"), ARGS(pipe, "p"), ARGS(sched_yield, ""),
	ARGS(msync, "pxx"), ARGS(mincore, "pxp"), ARGS(fallocate, "doxx"),
	ARGS(memfd_create, "sx"), ARGS(fadvise64, "dxxd"), ARGS(readahead, "dxx"),
	ARGS(mremap, "pxxxp"), ARGS(mlock, "px"), ARGS(mlock2, "pxx"), ARGS(munlock, "px"),
	ARGS(mlockall, "x"), ARGS(munlockall, ""), ARGS(madvise, "pxd"), ARGS(dup, "d"),
	ARGS(dup2, "dd"), ARGS(pause, ""),
	ARGS(nanosleep, "pp"), ARGS(alarm, "d"), ARGS(getpid, ""), ARGS(clone, "xpppp"),
	ARGS(fork, ""), ARGS(vfork, ""), ARGS(vhangup, ""), ARGS(execve, "spp"), ARGS(exit, "d"),
	ARGS(wait4, "dpxp"), ARGS(kill, "dd"), ARGS(uname, "p"), ARGS(fcntl, "ddx"),
	ARGS(getcwd, "px"), ARGS(chdir, "s"), ARGS(fchdir, "d"), ARGS(rename, "ss"),
	ARGS(mkdir, "so"), ARGS(rmdir, "s"), ARGS(link, "ss"), ARGS(unlink, "s"),
	ARGS(symlink, "ss"), ARGS(readlink, "spx"), ARGS(chmod, "so"), ARGS(chown, "sdd"),
	ARGS(umask, "o"), ARGS(gettimeofday, "pp"), ARGS(getrlimit, "dp"),
	ARGS(getrusage, "dp"), ARGS(sysinfo, "p"), ARGS(getuid, ""), ARGS(getgid, ""),
	ARGS(syslog, "dpd"), ARGS(setuid, "d"), ARGS(setgid, "d"), ARGS(geteuid, ""),
	ARGS(getegid, ""),
	ARGS(setpgid, "dd"), ARGS(getppid, ""), ARGS(getpgrp, ""), ARGS(setsid, ""),
	ARGS(setresuid, "ddd"), ARGS(getpgid, "d"), ARGS(getsid, "d"), ARGS(prctl, "dxxxx"),
	ARGS(arch_prctl, "xp"), ARGS(setrlimit, "dp"), ARGS(reboot, "xxxp"), ARGS(gettid, ""),
	ARGS(time, "p"), ARGS(futex, "pxdppx"), ARGS(sched_setaffinity, "ddp"),
	ARGS(sched_getaffinity, "ddp"), ARGS(set_tid_address, "p"), ARGS(clock_gettime, "dp"),
	ARGS(clock_getres, "dp"), ARGS(clock_nanosleep, "dxpp"), ARGS(exit_group, "d"),
	ARGS(tgkill, "ddd"), ARGS(waitid, "ddpxp"), ARGS(openat, "dsxo"), ARGS(mkdirat, "dso"),
	ARGS(newfstatat, "dspx"), ARGS(unlinkat, "dsx"), ARGS(set_robust_list, "px"),
	ARGS(dup3, "ddx"), ARGS(pipe2, "px"), ARGS(prlimit64, "ddpp"),
	ARGS(getrandom, "pxx"), ARGS(execveat, "dsppx"), ARGS(clone3, "px"),
	ARGS(poll, "pdd"), ARGS(ppoll, "pdppx"), ARGS(select, "dpppp"), ARGS(pselect6, "dppppp"),
	ARGS(eventfd, "d"), ARGS(eventfd2, "dx"), ARGS(epoll_create, "d"), ARGS(epoll_create1, "x"),
	ARGS(epoll_ctl, "dddp"), ARGS(epoll_wait, "dpdd"), ARGS(epoll_pwait, "dpddpx"),
	ARGS(epoll_pwait2, "dpdppx"), ARGS(flock, "dx"), ARGS(sendfile, "ddpx"),
	ARGS(copy_file_range, "dpdpxx"), ARGS(splice, "dpdpxx"), ARGS(tee, "ddxx"),
	ARGS(vmsplice, "dpdx"),
};
/* clang-format on */

static const char *arguments_of(const struct strace_call *call)
{
	const char *letters = call->nr < ARRAY_SIZE(arguments) ? arguments[call->nr] : NULL;

	return letters ?: "xxxxxx";
}

/* A path of the program, in quotes; as it is now. Return: characters. */
static int print_path(char *to, size_t size, unsigned long addr)
{
	char path[STRING_MAX];
	long len = strncpy_from_user(path, (const char __user *)addr, sizeof(path));

	if (len < 0)
		return scnprintf(to, size, "%#lx", addr);
	if ((size_t)len >= sizeof(path))
		len = sizeof(path) - 1;
	for (long i = 0; i < len; i++)
		if (path[i] < ' ' || path[i] > '~')
			path[i] = '.';
	return scnprintf(to, size, "\"%.*s\"", (int)len, path);
}

static int print_argument(char *to, size_t size, char letter, unsigned long value)
{
	switch (letter) {
	case 'd':
		return scnprintf(to, size, "%d", (int)value);
	case 'o':
		return scnprintf(to, size, "0%lo", value);
	case 's':
		return print_path(to, size, value);
	default:
		return scnprintf(to, size, "%#lx", value);
	}
}

/* name(arguments) */
static void print_call(char *line, size_t size, const struct strace_call *call)
{
	const char *letters = arguments_of(call);
	int len = call->name ? scnprintf(line, size, "%s(", call->name)
			     : scnprintf(line, size, "syscall_%u(", call->nr);

	for (size_t i = 0; letters[i]; i++) {
		if (i)
			len += scnprintf(line + len, size - len, ", ");
		len += print_argument(line + len, size - len, letters[i], call->args[i]);
	}
	scnprintf(line + len, size - len, ")");
}

static bool may_not_return(unsigned int nr)
{
	return nr == __NR_exit || nr == __NR_exit_group || nr == __NR_execve ||
	       nr == __NR_execveat || nr == __NR_rt_sigreturn;
}

/* Whether the line is written before the call, since what it shows is gone afterwards. */
static bool comes_first(const struct strace_call *call)
{
	return may_not_return(call->nr) || strchr(arguments_of(call), 's');
}

void strace_enter(const struct strace_call *call)
{
	char line[LINE_MAX];

	if (!comes_first(call))
		return;
	print_call(line, sizeof(line), call);
	pr_info("%d %s: %s", current->pid, current->comm, line);
}

void strace_exit(const struct strace_call *call, long result)
{
	const char *error = result < 0 && result > -4096 ? errno_name((int)-result) : NULL;
	char line[LINE_MAX];

	if (comes_first(call))
		scnprintf(line, sizeof(line), "%s", call->name ?: "");
	else
		print_call(line, sizeof(line), call);
	if (error)
		pr_info("%d %s: %s = -%s", current->pid, current->comm, line, error);
	else if (result >= 0 && result < 1 << 20)
		pr_info("%d %s: %s = %ld", current->pid, current->comm, line, result);
	else
		pr_info("%d %s: %s = %#lx", current->pid, current->comm, line, result);
}
