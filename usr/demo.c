/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks through the programs of this folder: tells what each shows, in the words at the head of its
 * source, and runs it.
 *
 *	demo [NAME...]
 *
 * Without names all are run, in the order of /etc/demo/programs.  Where somebody sits at a
 * terminal, each waits for Enter; q ends.  The explanations are /etc/demo/NAME.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER	   "/etc/demo/"
#define LIST	   FOLDER "programs"
#define MAX_TEXT   8192
#define MAX_LENGTH 4096

static bool has_terminal; /* one that belongs to this session: somebody reads along */

/* The whole of a small file, or -1. */
static ssize_t read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	if (len >= 0)
		text[len] = 0;
	return len;
}

static void explain(const char *name)
{
	char path[MAX_LENGTH], text[MAX_TEXT];

	dprintf(1, "\n--- %s\n", name);
	snprintf(path, sizeof(path), FOLDER "%s", name);
	if (read_file(path, text, sizeof(text)) > 0)
		dprintf(1, "%s\n", text);
}

/* False: the person wants no more. */
static bool ask(void)
{
	char answer[16];
	ssize_t len;

	if (!has_terminal)
		return true;
	dprintf(1, "[Enter runs it, q ends] ");
	len = read(0, answer, sizeof(answer));
	return len > 0 && answer[0] != 'q';
}

static void report(const char *name, int status)
{
	if (WIFSIGNALED(status))
		dprintf(1, "demo: %s: ended by signal %d, %s\n", name, WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		dprintf(1, "demo: %s: exit status %d\n", name, WEXITSTATUS(status));
}

static void run(const char *name)
{
	pid_t child = fork();
	char path[MAX_LENGTH];
	int status;

	if (child < 0) {
		perror("demo: fork");
		return;
	}
	if (!child) {
		snprintf(path, sizeof(path), "/bin/%s", name);
		execl(path, name, (char *)NULL);
		perror(path);
		_exit(127);
	}
	if (waitpid(child, &status, 0) == child)
		report(name, status);
}

static bool show(const char *name)
{
	explain(name);
	if (!ask())
		return false;
	run(name);
	return true;
}

static int show_all(void)
{
	char text[MAX_TEXT], *rest = NULL;

	if (read_file(LIST, text, sizeof(text)) < 0) {
		perror("demo: " LIST);
		return 1;
	}
	for (char *name = strtok_r(text, "\n", &rest); name; name = strtok_r(NULL, "\n", &rest))
		if (!show(name))
			break;
	return 0;
}

int main(int argc, char **argv)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	has_terminal = fd >= 0 && isatty(0);
	if (fd >= 0)
		close(fd);
	if (argc < 2)
		return show_all();
	for (int i = 1; i < argc; i++)
		if (!show(argv[i]))
			break;
	return 0;
}
