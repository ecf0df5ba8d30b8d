/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints and single steps; see breakpoint.c. */
#ifndef BREAKPOINT_H
#define BREAKPOINT_H

struct pt_regs;

/* Takes all breakpoints out of the code: nothing that the monitor calls may hit one. */
void breakpoints_remove(void);

/* Puts them in for leaving to @regs, or to nothing that stopped if NULL; arms a step if need be. */
void breakpoints_insert(struct pt_regs *regs);

#endif
