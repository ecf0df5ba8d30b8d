/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Process 1: makes the machine ready for people, or runs some programs and ends it.
 *
 * With words behind "--" on the kernel's command line each is a program to be run, one after the
 * other.  Without words it is a shell on the console, with job control, and another when that one
 * ends; where there is no shell, it is the program `demo`.
 *
 * Both ways the file systems are there that the kernel has, and what others leave behind is
 * reaped.  How programs end the machine: INIT_END=poweroff, restart or halt on the command line
 * (the kernel passes X=Y that it does not know into the environment); without it init returns when
 * all is done: Linux panics then, OShit opens its monitor.  People end it by signals, those that
 * BusyBox's commands send: SIGTERM `reboot`, SIGUSR1 `halt`, SIGUSR2 `poweroff`.  All others are
 * told to end (SIGTERM), and must after GRACE_S seconds (SIGKILL).
 *
 * A name without "/" is looked for in /bin.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SHELL	   "/bin/sh"
#define PATH	   "/bin"
#define MAX_LENGTH 4096
#define GRACE_S	   2
#define NR(array)  (sizeof(array) / sizeof((array)[0]))

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* --- file systems */

static const struct mounted {
	const char *type, *dir;
	mode_t mode;
	unsigned long flags;
	const char *options;
} mounts[] = {
	{ "devtmpfs", "/dev", 0755, MS_NOSUID, NULL },
	{ "proc", "/proc", 0555, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "sysfs", "/sys", 0555, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "devpts", "/dev/pts", 0755, MS_NOSUID | MS_NOEXEC, "mode=620,ptmxmode=666" },
	{ "tmpfs", "/dev/shm", 01777, MS_NOSUID | MS_NODEV, NULL },
	{ "tmpfs", "/tmp", 01777, MS_NOSUID | MS_NODEV, NULL },
};

static const char *const links[][2] = {
	{ "/proc/self/fd", "/dev/fd" },	      { "/proc/self/fd/0", "/dev/stdin" },
	{ "/proc/self/fd/1", "/dev/stdout" }, { "/proc/self/fd/2", "/dev/stderr" },
	{ "/proc/mounts", "/etc/mtab" },
};

/* A kernel without one of them (ENODEV) is worked with as it is. */
static void mount_all(void)
{
	for (size_t i = 0; i < NR(mounts); i++) {
		const struct mounted *m = &mounts[i];

		mkdir(m->dir, m->mode);
		if (mount(m->type, m->dir, m->type, m->flags, m->options) && errno != ENODEV &&
		    errno != EBUSY)
			dprintf(2, "init: %s: %s\n", m->dir, strerror(errno));
	}
	for (size_t i = 0; i < NR(links); i++)
		(void)!symlink(links[i][0], links[i][1]);
}

/* The console that the kernel has opened may be hidden now, below /dev. And a serial line does not
 * know the size of what is at its other end: programs take 80x24 for granted. */
static void reopen_console(void)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 }, known;
	int fd = open("/dev/console", O_RDWR);

	if (fd < 0)
		return;
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	if (!ioctl(0, TIOCGWINSZ, &known) && !known.ws_col)
		ioctl(0, TIOCSWINSZ, &size);
}

/* --- the end */

static int end_machine(const char *how)
{
	if (!how || getpid() != 1)
		return 0;
	sync();
	if (!strcmp(how, "poweroff"))
		return reboot(RB_POWER_OFF);
	if (!strcmp(how, "restart"))
		return reboot(RB_AUTOBOOT);
	return reboot(RB_HALT_SYSTEM);
}

/* True once no child is left; all processes but this one are its children, in the end. */
static int all_have_ended(double until_s)
{
	static const struct timespec tick = { .tv_nsec = 50000000 };
	sigset_t child;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0 && now_s() < until_s)
		if (!pid)
			sigtimedwait(&child, NULL, &tick);
	return pid < 0;
}

static void end_others(void)
{
	kill(-1, SIGTERM);
	kill(-1, SIGHUP); /* to shells, which do not end by SIGTERM */
	kill(-1, SIGCONT);
	if (all_have_ended(now_s() + GRACE_S))
		return;
	dprintf(1, "init: some do not end, and are killed\n");
	kill(-1, SIGKILL);
	all_have_ended(now_s() + GRACE_S);
}

static const struct way {
	int sig;
	const char *how, *text;
} ways[] = {
	{ SIGTERM, "restart", "restarts" },
	{ SIGUSR1, "halt", "halts" },
	{ SIGUSR2, "poweroff", "powers off" },
};

static void end_by_signal(int sig)
{
	for (size_t i = 0; i < NR(ways); i++) {
		if (ways[i].sig != sig)
			continue;
		dprintf(1, "init: the machine %s\n", ways[i].text);
		end_others();
		end_machine(ways[i].how);
		perror("init: reboot");
	}
}

/* --- programs */

static void report(const char *program, int status)
{
	if (WIFSIGNALED(status))
		dprintf(1, "init: %s: ended by signal %d, %s\n", program, WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		dprintf(1, "init: %s: exit status %d\n", program, WEXITSTATUS(status));
}

static _Noreturn void become(const char *program)
{
	char *words[] = { (char *)program, NULL };
	char path[MAX_LENGTH];

	snprintf(path, sizeof(path), "%s%s", strchr(program, '/') ? "" : PATH "/", program);
	execve(path, words, environ);
	perror(path);
	_exit(127);
}

/* Runs one program to its end. Children of others that end meanwhile are reaped in passing. */
static void run(const char *program)
{
	pid_t child = fork(), ended;
	int status;

	if (child < 0) {
		perror("init: fork");
		return;
	}
	if (!child)
		become(program);
	do {
		ended = wait(&status);
	} while (ended > 0 && ended != child);
	if (ended == child)
		report(program, status);
}

static int run_programs(int nr, char **names)
{
	for (int i = 0; i < nr; i++)
		run(names[i]);
	while (wait(NULL) > 0)
		; /* what the programs left behind */
	dprintf(1, "init: all programs have ended\n");
	return end_machine(getenv("INIT_END"));
}

/* --- the shell */

static void greet(void)
{
	struct sysinfo info;
	struct utsname name;

	if (uname(&name) || sysinfo(&info))
		return;
	dprintf(1,
		"\n%s %s on %s, %ld CPUs, %lu of %lu MiB free, %.0f ms after the start\n"
		"%s\n\n"
		"    demo           what the kernel can do, program by program\n"
		"    busybox        lists the commands\n"
		"    oshit-monitor  looks into the kernel; `continue` comes back\n"
		"    poweroff       the end\n\n",
		name.sysname, name.release, name.machine, sysconf(_SC_NPROCESSORS_ONLN),
		(info.freeram * info.mem_unit) >> 20, (info.totalram * info.mem_unit) >> 20,
		now_s() * 1000, name.version);
}

/* Who reads from /dev/console in the background is not stopped, so the shell gets the terminal that
 * it stands for. */
static void open_terminal(void)
{
	unsigned int number;
	struct dirent *entry;
	struct stat st;
	char path[300];
	int fd = -1;
	DIR *dev;

	if (ioctl(0, TIOCGDEV, &number))
		return;
	dev = opendir("/dev");
	while (dev && fd < 0 && (entry = readdir(dev))) {
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		if (!lstat(path, &st) && S_ISCHR(st.st_mode) && st.st_rdev == number)
			fd = open(path, O_RDWR);
	}
	if (dev)
		closedir(dev);
	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

/* In a session of its own, of which the console is the terminal, so that Ctrl-C and Ctrl-Z reach
 * what runs in the foreground. */
static _Noreturn void become_shell(const sigset_t *mask)
{
	setsid();
	open_terminal();
	if (ioctl(0, TIOCSCTTY, 1))
		dprintf(2, "init: no job control: %s\n", strerror(errno));
	sigprocmask(SIG_SETMASK, mask, NULL);
	setenv("HOME", "/root", 0);
	setenv("PATH", PATH, 1);
	setenv("USER", "root", 1);
	setenv("SHELL", SHELL, 1);
	(void)!chdir(getenv("HOME"));
	execl(SHELL, "-sh", (char *)NULL);
	perror(SHELL);
	_exit(127);
}

/* A shell that ends at once again and again would fill the console. */
static pid_t start_shell(const sigset_t *mask)
{
	static double started_s = -1;
	pid_t child;

	if (started_s >= 0 && now_s() - started_s < 1)
		sleep(1);
	started_s = now_s();
	child = fork();
	if (child < 0)
		perror("init: fork");
	else if (!child)
		become_shell(mask);
	return child;
}

/* Signals are blocked and taken one by one, so nothing here can be interrupted. Where there was no
 * memory for a shell, there may be some a second later. */
static _Noreturn void serve_people(void)
{
	static const struct timespec second = { .tv_sec = 1 };
	sigset_t wanted, before;
	pid_t shell, pid;
	int sig;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	for (size_t i = 0; i < NR(ways); i++)
		sigaddset(&wanted, ways[i].sig);
	sigprocmask(SIG_BLOCK, &wanted, &before);
	greet();
	shell = start_shell(&before);
	for (;;) {
		sig = sigtimedwait(&wanted, NULL, shell < 0 ? &second : NULL);
		if (sig > 0 && sig != SIGCHLD)
			end_by_signal(sig);
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			if (pid == shell)
				shell = -1;
		if (shell < 0)
			shell = start_shell(&before);
	}
}

int main(int argc, char **argv)
{
	static char *all[] = { "demo" };

	if (getpid() == 1) {
		mount_all();
		reopen_console();
	}
	if (argc > 1)
		return run_programs(argc - 1, argv + 1);
	if (getpid() != 1 || access(SHELL, X_OK))
		return run_programs(1, all);
	serve_people();
}
