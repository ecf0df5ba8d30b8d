/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of all hope.  For __init code and broken invariants only: see Documentation/style.rst. */
#ifndef OSHIT_PANIC_H
#define OSHIT_PANIC_H

#include <oshit/types.h>

struct pt_regs;

/**
 * panic() - print why, the registers, a backtrace and the end of the log; stop or restart
 * Then follows `panic=`: 0 stops, n > 0 restarts after n seconds, n < 0 at once.
 * Context: any, a panic on the way included.
 */
__noreturn __cold __printf(1, 2) void panic(const char *fmt, ...);

/* The same for a trap: its registers are shown instead of the caller's. */
__noreturn __cold __printf(2, 3) void panic_regs(struct pt_regs *regs, const char *fmt, ...);

/* True once some CPU is in panic(): locks may never be released, others may stand still. */
bool panic_in_progress(void);

/* Called on a panic before the machine stops; set by the monitor. */
extern void (*panic_monitor_hook)(struct pt_regs *regs);

#endif
