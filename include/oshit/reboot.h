/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways a machine ends. */
#ifndef OSHIT_REBOOT_H
#define OSHIT_REBOOT_H

/* Switches the machine off (ACPI S5); stops the CPU if it cannot be. Any context. */
__noreturn void machine_power_off(void);

/* Restarts: FADT reset register, then port 0xcf9, then a triple fault. Any context. */
__noreturn void machine_restart(void);

/* Stops this CPU for good with a line that says so. */
__noreturn void machine_halt(void);

/* Set by the ACPI driver: switch off, restart. They return only if they failed. */
extern void (*power_off_hook)(void);
extern void (*restart_hook)(void);

#endif
