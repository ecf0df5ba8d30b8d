/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of commands.  Each command's file adds one entry to a section that the linker gathers,
 * in any order; whoever lists them goes through them in order of name.
 */
#include <linux/errno.h>

#include <oshit/math.h>
#include <oshit/monitor.h>
#include <oshit/printf.h>
#include <oshit/string.h>

#include "commands.h"

#define for_each_command(cmd) \
	for ((cmd) = __start_monitor_commands; (cmd) < __stop_monitor_commands; (cmd)++)

/* The command whose name comes after @name in the alphabet, or NULL. */
static const struct monitor_command *next_command(const char *name)
{
	const struct monitor_command *cmd, *next = NULL;

	for_each_command(cmd)
	{
		if (strcmp(cmd->name, name) > 0 && (!next || strcmp(cmd->name, next->name) < 0))
			next = cmd;
	}
	return next;
}

const struct monitor_command *monitor_command_nth(unsigned int index)
{
	const struct monitor_command *cmd = next_command("");

	while (cmd && index--)
		cmd = next_command(cmd->name);
	return cmd;
}

/* The name ends at a slash: what follows is the format of a command like x/8xg. */
const struct monitor_command *monitor_command_find(const char *name)
{
	const struct monitor_command *cmd;
	size_t len = strcspn(name, "/");

	for_each_command(cmd)
	{
		if (strlen(cmd->name) == len && !strncmp(cmd->name, name, len))
			return cmd;
	}
	return NULL;
}

/* A format belongs to the name without a space. */
static const char *usage_space(const struct monitor_command *cmd)
{
	return *cmd->args && !strstarts(cmd->args, "[/") ? " " : "";
}

static void print_usage(const struct monitor_command *cmd)
{
	monitor_printf("usage: %s%s%s\n", cmd->name, usage_space(cmd), cmd->args);
}

void monitor_command_run(int argc, char **argv)
{
	const struct monitor_command *cmd = monitor_command_find(argv[0]);
	int err;

	if (!cmd) {
		monitor_printf("%s: no such command, try help\n", argv[0]);
		return;
	}
	err = cmd->run(argc, argv);
	if (err == -EINVAL)
		print_usage(cmd);
	else if (err)
		monitor_printf("%s: error %pe\n", cmd->name, (void *)(long)err);
}

/* One line for the list: the help up to its first newline. */
static void print_summary(const struct monitor_command *cmd)
{
	char usage[32];

	snprintf(usage, sizeof(usage), "%s%s%s", cmd->name, usage_space(cmd), cmd->args);
	monitor_printf("  %-27s %.*s\n", usage, (int)strcspn(cmd->help, "\n"), cmd->help);
}

static int help(int argc, char **argv)
{
	const struct monitor_command *cmd;

	if (argc > 2)
		return -EINVAL;
	if (argc == 1) {
		for (cmd = next_command(""); cmd; cmd = next_command(cmd->name))
			print_summary(cmd);
		return 0;
	}
	cmd = monitor_command_find(argv[1]);
	if (!cmd) {
		monitor_printf("%s: no such command\n", argv[1]);
		return 0;
	}
	print_usage(cmd);
	monitor_printf("%s\n", cmd->help);
	return 0;
}
MONITOR_COMMAND(help, "[COMMAND]", "list the commands, or explain one", help);
