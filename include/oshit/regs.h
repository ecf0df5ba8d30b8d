/* SPDX-License-Identifier: GPL-2.0-only */
/* Printing of registers; the arch knows which there are. */
#ifndef OSHIT_REGS_H
#define OSHIT_REGS_H

#include <oshit/printk.h>

struct pt_regs;

/* Logs @regs, the control registers, and the code bytes around the instruction pointer. */
void regs_show(enum log_level level, const struct pt_regs *regs);

/* Fills @regs with the registers of its caller: for a panic that comes from no trap. */
void regs_capture(struct pt_regs *regs);

#endif
