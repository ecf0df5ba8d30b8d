/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's isa-debug-exit: one I/O port; writing a code to it ends the emulator.  There is nothing to
 * probe, so the command line names the port and whoever gives a wrong one gets what he asked for.
 * No lock: the port is set while booting, then constant, and the write is one instruction.
 */
#include <linux/errno.h>
#include <arch/io.h>
#include <oshit/boot_param.h>
#include <oshit/debug_exit.h>
#include <oshit/init.h>
#include <oshit/kstrtox.h>

static u16 exit_port __ro_after_init; /* 0: there is none */

static int debug_exit_param(const char *value)
{
	unsigned long port;
	int err = value ? kstrtoul(value, 0, &port) : -EINVAL;

	if (err)
		return err;
	if (port > 0xffff)
		return -ERANGE;
	exit_port = port;
	return 0;
}
BOOT_PARAM("debug_exit", debug_exit_param);

void debug_exit(enum debug_exit_code code)
{
	if (exit_port)
		outl(code, exit_port);
}
