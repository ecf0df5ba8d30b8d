/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways a machine ends.  Firmware's own ways come first, through hooks that the ACPI driver
 * sets; the arch's ways follow.  The log, and what programs wrote to a terminal that is a console,
 * has left the machine before it goes.
 */
#define pr_fmt(fmt) "reboot: " fmt

#include <arch/machine.h>
#include <arch/processor.h>
#include <oshit/console.h>
#include <oshit/irqflags.h>
#include <oshit/printk.h>
#include <oshit/reboot.h>
#include <oshit/smp.h>

void (*power_off_hook)(void);
void (*restart_hook)(void);

/* Only this CPU goes on, and nothing comes between. */
static void stop_everything(void)
{
	local_irq_disable();
	smp_send_stop();
	console_drain();
}

void machine_halt(void)
{
	stop_everything();
	pr_emerg("system halted");
	cpu_stop();
}

void machine_power_off(void)
{
	stop_everything();
	pr_info("power off");
	if (power_off_hook)
		power_off_hook();
	pr_emerg("this machine cannot be switched off by software");
	machine_halt();
}

void machine_restart(void)
{
	stop_everything();
	pr_info("restart");
	if (restart_hook)
		restart_hook();
	arch_restart();
}
