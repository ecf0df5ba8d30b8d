/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor's interface for its commands.  A command stands in the file of the subsystem that
 * it shows and registers there in one line:
 *
 *	MONITOR_COMMAND(buddy, "[ORDER]", "free blocks of each zone and order", monitor_buddy);
 *
 * The line needs no #ifdef: without CONFIG_MONITOR it and the function vanish.
 * A command runs with every other activity of the kernel stopped, so it takes no lock, allocates
 * nothing and trusts no pointer: it reads through kernel_read_nofault().
 */
#ifndef OSHIT_MONITOR_H
#define OSHIT_MONITOR_H

#include <oshit/types.h>

struct pt_regs;

enum monitor_reason {
	MONITOR_ASKED, /* `monitor` on the command line */
	MONITOR_BOOT, /* nothing is left to run */
	MONITOR_BREAKPOINT, /* a trap instruction in the code */
	MONITOR_STEP, /* the `step` command has made its steps */
	MONITOR_PANIC,
	MONITOR_SYSRQ,
	MONITOR_CALL, /* a program's system call */
	MONITOR_IDLE,
};

struct monitor_command {
	const char *name;
	const char *args; /* for the usage line, "" if none */
	const char *help; /* one line; more after a newline, shown by `help NAME` */
	/* argv[0] is the name. Returns 0, or -EINVAL to have the usage printed. */
	int (*run)(int argc, char **argv);
};

#ifdef CONFIG_MONITOR
#define MONITOR_COMMAND(cmd, usage, text, fn)                                         \
	static const struct monitor_command __monitor_command_##cmd __used __section( \
		".monitor_commands")                                                  \
		__aligned(8) = { .name = #cmd, .args = usage, .help = text, .run = fn }

/* Runs the monitor until `continue`, or for ever if there is nothing to go back to. @regs may be
 * NULL.  Any context; turns interrupts off on this CPU meanwhile. */
void monitor_enter(enum monitor_reason reason, struct pt_regs *regs);

/* Takes over breakpoints and the monitor's own faults. Boot, once traps work. */
void monitor_init(void);

/* Enters it if `monitor` stands on the command line. Boot, before anything runs. */
void monitor_enter_if_asked(void);
#else
#define MONITOR_COMMAND(cmd, usage, text, fn) \
	static const void *const __monitor_command_##cmd __maybe_unused = fn

static inline void monitor_enter(enum monitor_reason reason, struct pt_regs *regs)
{
}
static inline void monitor_init(void)
{
}
static inline void monitor_enter_if_asked(void)
{
}
#endif

/* Opens the monitor for a program, if there is one: the monitor sets it. Task, interrupts on. */
extern void (*monitor_call_hook)(void);

/* Prints to the consoles, not to the log. */
__printf(1, 2) void monitor_printf(const char *fmt, ...);

/* Parses a number (0x.., decimal) or a kernel symbol with an optional +offset. 0 or -EINVAL. */
int monitor_parse_address(const char *text, unsigned long *addr);

/* The registers at which the viewed CPU was stopped, or NULL. */
struct pt_regs *monitor_regs(void);

/* The CPU that commands look at: the one in the monitor, until `cpu N` chooses another. */
unsigned int monitor_viewed_cpu(void);
void monitor_view_cpu(unsigned int cpu);

/* True once Ctrl-C was typed: a command with much to say asks now and then, and ends. */
bool monitor_interrupted(void);

/* Has @fn(@arg) called when the monitor is left and the other CPUs run again: for what takes locks.
 * False: the kernel has stopped where no interrupt could have come, or too many wait. */
bool monitor_at_leave(void (*fn)(long arg), long arg);

/* Has the monitor leave once the command that runs now returns. */
void monitor_leave(void);

/*
 * For the arch's trap entry.  A trap while monitor_is_active() is the monitor's own fault:
 * monitor_recover() prints @what and changes *@regs so that the trap returns to the prompt; false
 * if there is no prompt to return to.  Other traps enter the monitor.
 */
bool monitor_is_active(void);
bool monitor_recover(struct pt_regs *regs, const char *what);
void monitor_trap_breakpoint(struct pt_regs *regs);
void monitor_trap_step(struct pt_regs *regs);

#endif
