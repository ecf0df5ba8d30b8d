/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Process 1: runs programs one after the other, adopts and reaps what they leave behind, and ends
 * the machine.
 *
 * Which programs: the words behind "--" on the kernel's command line, else the lines of
 * /etc/programs, a program with its arguments each.  How it ends: INIT_END=poweroff, restart or
 * halt on the command line (the kernel passes X=Y that it does not know into the environment);
 * without it init returns when all is done: Linux panics then, OShit opens its monitor.
 *
 * A name without "/" is looked for in /bin.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIST	   "/etc/programs"
#define MAX_WORDS  32
#define MAX_LENGTH 4096

static void report(const char *program, int status)
{
	if (WIFSIGNALED(status))
		dprintf(1, "init: %s: ended by signal %d, %s\n", program, WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		dprintf(1, "init: %s: exit status %d\n", program, WEXITSTATUS(status));
}

static _Noreturn void become(char **words)
{
	char path[MAX_LENGTH];

	snprintf(path, sizeof(path), "%s%s", strchr(words[0], '/') ? "" : "/bin/", words[0]);
	execve(path, words, environ);
	perror(path);
	_exit(127);
}

/* Runs one program to its end. Children of others that end meanwhile are reaped in passing. */
static void run(char **words)
{
	pid_t child = fork(), ended;
	int status;

	if (child < 0) {
		perror("init: fork");
		return;
	}
	if (!child)
		become(words);
	do {
		ended = wait(&status);
	} while (ended > 0 && ended != child);
	if (ended == child)
		report(words[0], status);
}

/* One line of the list: words separated by blanks; "#" begins a comment. */
static void run_line(char *line)
{
	char *words[MAX_WORDS + 1], *rest = NULL;
	int nr = 0;

	line[strcspn(line, "#")] = 0;
	for (char *word = strtok_r(line, " \t", &rest); word && nr < MAX_WORDS;
	     word = strtok_r(NULL, " \t", &rest))
		words[nr++] = word;
	words[nr] = NULL;
	if (nr)
		run(words);
}

static void run_list(void)
{
	char text[MAX_LENGTH], *rest = NULL;
	int fd = open(LIST, O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (len < 0) {
		perror("init: " LIST);
		return;
	}
	close(fd);
	text[len] = 0;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		run_line(line);
}

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

int main(int argc, char **argv)
{
	dprintf(1, "init: process %d\n", getpid());
	for (int i = 1; i < argc; i++)
		run((char *[]){ argv[i], NULL });
	if (argc <= 1)
		run_list();
	while (wait(NULL) > 0)
		; /* what the programs left behind */
	dprintf(1, "init: all programs have ended\n");
	return end_machine(getenv("INIT_END"));
}
