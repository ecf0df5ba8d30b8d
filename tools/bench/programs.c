/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work of whole programs that nobody here wrote: busybox' shell, SQLite's library (by
 * sqlite_insert.c, a program beside this one).  What is not installed is skipped.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define BUSYBOX "/bin/busybox"

/* 100 commands, each a program of its own: the slash keeps the shell from doing them itself. */
static const char script[] = "name=/tmp/bench-shell-$$ n=0\n"
			     "while [ $n -lt 20 ]; do\n"
			     "	/bin/echo line $n > $name\n"
			     "	/bin/cat $name > /dev/null\n"
			     "	/bin/ls /dev > /dev/null\n"
			     "	/bin/true\n"
			     "	/bin/rm $name\n"
			     "	n=$((n + 1))\n"
			     "done\n";

static const char loop[] = "n=0; while [ $n -lt 100 ]; do /bin/true; n=$((n + 1)); done\n";

static void run_shell(unsigned long count, const char *text)
{
	if (access(BUSYBOX, X_OK))
		unsupported(BUSYBOX);
	for (unsigned long i = 0; i < count; i++) {
		int status = -1;
		pid_t child = start_child();

		if (!child) {
			execl(BUSYBOX, "sh", "-c", text, (char *)NULL);
			_exit(127);
		}
		if (waitpid(child, &status, 0) != child || status) {
			errno = ENOEXEC;
			unsupported("the shell");
		}
	}
}

static void shell_script(unsigned long count)
{
	run_shell(count, script);
}

static void shell_loop(unsigned long count)
{
	run_shell(count, loop);
}

/* The program that stands in the folder of this one. */
static const char *beside(const char *name)
{
	static char path[4096];
	const char *slash = strrchr(self_path, '/');

	snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash - self_path + 1) : 0, self_path,
		 name);
	return path;
}

/* Its input and output are pipes; the other ends come back in @to and @from. */
static pid_t start_inserter(unsigned long count, int *to, int *from)
{
	const char *path = beside("sqlite-insert");
	int in[2], out[2];
	char number[32];
	pid_t child;

	if (access(path, X_OK))
		unsupported(path);
	if (pipe(in) || pipe(out))
		unsupported("pipe");
	snprintf(number, sizeof(number), "%lu", count);
	child = start_child();
	if (!child) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execl(path, path, "/tmp/bench.sqlite", number, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	*to = in[1];
	*from = out[0];
	return child;
}

/* The program says a byte when its table is there, and one when all is in it. */
static void sqlite_insert(unsigned long count)
{
	int to, from;
	char byte = 0;
	pid_t child;

	pause_clock();
	child = start_inserter(count, &to, &from);
	errno = 0;
	if (read(from, &byte, 1) != 1)
		unsupported("sqlite-insert");
	resume_clock();
	if (write(to, &byte, 1) != 1 || read(from, &byte, 1) != 1)
		unsupported("sqlite-insert");
	pause_clock();
	close(to);
	close(from);
	waitpid(child, NULL, 0);
	resume_clock();
}

const struct metric program_metrics[] = {
	{ "shell_script", shell_script, "a script of 100 commands that make, read and remove" },
	{ "shell_loop", shell_loop, "a shell's loop that runs a command 100 times" },
	{ "sqlite_insert", sqlite_insert, "a row into a table, a transaction of its own" },
	{ 0 },
};
