/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of commands, for the prompt; see commands.c. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include <oshit/monitor.h>

/* The linker's, around the section that MONITOR_COMMAND() fills. */
extern const struct monitor_command __start_monitor_commands[], __stop_monitor_commands[];

/* Command number @index in order of name, or NULL past the last. */
const struct monitor_command *monitor_command_nth(unsigned int index);

/* The command called @name, which may carry a /FORMAT, or NULL. */
const struct monitor_command *monitor_command_find(const char *name);

/* Runs the command named argv[0], which may carry a /FORMAT, and prints what went wrong. */
void monitor_command_run(int argc, char **argv);

#endif
