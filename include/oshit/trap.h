/* SPDX-License-Identifier: GPL-2.0-only */
/* How upper tiers take part in the handling of exceptions. */
#ifndef OSHIT_TRAP_H
#define OSHIT_TRAP_H

#include <oshit/types.h>

struct pt_regs;

/**
 * trap_monitor_hook - asked first about every exception in kernel mode
 * Set once by the monitor, NULL without it. @vector is the machine's number of the exception.
 * Context: the exception's own, NMI included.
 * Return: true if it is handled: execution goes on with *@regs.
 */
extern bool (*trap_monitor_hook)(struct pt_regs *regs, unsigned int vector);

#endif
