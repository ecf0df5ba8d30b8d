/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands that end the machine: reboot, poweroff, panic. */
#include <linux/errno.h>

#include <oshit/monitor.h>
#include <oshit/panic.h>
#include <oshit/reboot.h>

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
