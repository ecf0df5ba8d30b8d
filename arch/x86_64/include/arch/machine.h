/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_MACHINE_H
#define ARCH_MACHINE_H

/* Restarts the machine by what every one of its kind has. Any context. */
__noreturn void arch_restart(void);

#endif
