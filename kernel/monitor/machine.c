/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands that act: reboot, poweroff and panic end the machine, call runs a function. */
#include <linux/errno.h>

#include <oshit/monitor.h>
#include <oshit/panic.h>
#include <oshit/reboot.h>

#define CALL_ARGS 4

static int reboot(int argc, char **argv)
{
	if (argc != 1)
		return -EINVAL;
	machine_restart();
}
MONITOR_COMMAND(reboot, "", "restart the machine", reboot);

static int power_off(int argc, char **argv)
{
	if (argc != 1)
		return -EINVAL;
	machine_power_off();
}
MONITOR_COMMAND(poweroff, "", "switch the machine off", power_off);

static int do_panic(int argc, char **argv)
{
	if (argc > 2)
		return -EINVAL;
	panic("%s", argc == 2 ? argv[1] : "asked for in the monitor");
}
MONITOR_COMMAND(panic, "[TEXT]", "panic, to see what a panic does", do_panic);

static int call(int argc, char **argv)
{
	unsigned long (*fn)(unsigned long, unsigned long, unsigned long, unsigned long);
	unsigned long addr, args[CALL_ARGS] = { 0 };

	if (argc < 2 || argc > 2 + CALL_ARGS || monitor_parse_address(argv[1], &addr))
		return -EINVAL;
	for (int i = 2; i < argc; i++)
		if (monitor_parse_address(argv[i], &args[i - 2]))
			return -EINVAL;
	fn = (void *)addr;
	monitor_printf("returned 0x%lx\n", fn(args[0], args[1], args[2], args[3]));
	return 0;
}
MONITOR_COMMAND(call, "FUNCTION [ARG]...",
		"call a function with up to 4 numbers or symbols\n"
		"It runs as it is, locks and all; if it faults, the prompt comes back.",
		call);
