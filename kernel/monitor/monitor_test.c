/* SPDX-License-Identifier: GPL-2.0-only */
/* The monitor's commands on what is not there, and its table of commands; in the kernel only. */
#include <linux/errno.h>

#include <oshit/kallsyms.h>
#include <oshit/monitor.h>
#include <oshit/string.h>
#include <oshit/test.h>

#include "commands.h"

static void commands_come_in_order_of_name(struct test *t)
{
	const struct monitor_command *cmd, *previous = NULL;

	for (unsigned int i = 0; (cmd = monitor_command_nth(i)); i++, previous = cmd)
		EXPECT_TRUE(t, !previous || strcmp(previous->name, cmd->name) < 0);
	ASSERT_TRUE(t, previous != NULL);
	EXPECT_EQ(t, monitor_command_find(previous->name), previous);
}

static void every_command_has_a_help_text(struct test *t)
{
	const struct monitor_command *cmd;

	for (unsigned int i = 0; (cmd = monitor_command_nth(i)); i++) {
		EXPECT_TRUE(t, cmd->run && cmd->args && strlen(cmd->name) > 0);
		EXPECT_TRUE(t, strlen(cmd->help) > 0 && strcspn(cmd->help, "\n") <= 60);
	}
}

static void name_of_a_command_ends_at_a_slash(struct test *t)
{
	EXPECT_TRUE(t, monitor_command_find("x/8xg") == monitor_command_find("x"));
	EXPECT_TRUE(t, monitor_command_find("x") != NULL);
	EXPECT_TRUE(t, monitor_command_find("nosuch") == NULL);
	EXPECT_TRUE(t, monitor_command_find("") == NULL);
}

static void symbol_with_offset_is_an_address(struct test *t)
{
	unsigned long addr;

	if (!IS_ENABLED(CONFIG_KALLSYMS)) {
		test_skip(t, "needs KALLSYMS");
		return;
	}
	ASSERT_OK(t, monitor_parse_address("monitor_parse_address+0x10", &addr));
	EXPECT_EQ(t, addr, (unsigned long)monitor_parse_address + 0x10);
	EXPECT_EQ(t, monitor_parse_address("no_such_symbol", &addr), -EINVAL);
}

/* Runs a command as if typed; its output goes to the consoles. */
static void run(const char *name, const char *arg)
{
	char words[2][48];
	char *argv[3] = { words[0], words[1], NULL };

	strscpy(words[0], name, sizeof(words[0]));
	strscpy(words[1], arg, sizeof(words[1]));
	monitor_command_run(2, argv);
}

static void dump_of_unmapped_memory_returns(struct test *t)
{
	run("x/4xg", "0");
	run("x/s", "0x10");
	run("x/16xb", "0xffffffffffffffff");
	run("x/xg", "0x8000000000000000"); /* not canonical */
	run("pgtable", "0x8000000000000000");
	run("pgtable", "0");
	EXPECT_FALSE(t, monitor_is_active());
}

static const struct test_case monitor_cases[] = {
	TEST_CASE(commands_come_in_order_of_name),    TEST_CASE(every_command_has_a_help_text),
	TEST_CASE(name_of_a_command_ends_at_a_slash), TEST_CASE(symbol_with_offset_is_an_address),
	TEST_CASE(dump_of_unmapped_memory_returns),
};
TEST_SUITE(monitor, monitor_cases);
