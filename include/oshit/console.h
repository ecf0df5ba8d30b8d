/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A console shows the log and is where the monitor talks.  It is a polled device: nothing here
 * needs interrupts, memory or a scheduler, so that a panic can still be read.  A device with an
 * interrupt puts its input aside when it comes, so that nobody has to poll while he waits.
 */
#ifndef OSHIT_CONSOLE_H
#define OSHIT_CONSOLE_H

#include <oshit/types.h>

struct console { /* i: constant after registration   c: the console owner only */
	const char *name; /* i  as in `console=`: "ttyS0", "tty0" */
	struct console *next; /* i  in order of registration */
	bool enabled; /* i  chosen by `console=` (all, if the option is not given) */

	/* Writes @len bytes; a "\n" moves to the start of the next line.  Understands the ANSI
	 * sequences CSI n A/B/C/D (cursor), CSI K (erase to end of line), CSI J, CSI H and CSI m.
	 * Any context, interrupts off; busy-waits for the device for a bounded time. */
	void (*write)(struct console *con, const char *s, size_t len);

	/* Next input byte, or -1 if none waits.  Keys come as a VT100 sends them: arrows are
	 * ESC [ A.., Home/End/Delete ESC [ H, F, 3~.  NULL if there is no input. */
	int (*poll)(struct console *con);

	/* Sends what others gave the device to send by interrupts. As write(); may be NULL. */
	void (*drain)(struct console *con);
};

extern struct console *console_list;

#define for_each_console(con) for ((con) = console_list; (con); (con) = (con)->next)

/* Adds a console and prints to it what the log holds so far.  Boot only. */
void console_register(struct console *con);

/* After the last console_register() of the boot: some console is enabled, if there are any. */
void console_ensure_one(void);

/* The console of programs: the last that `console=` names, or the first; NULL: there are none. */
const struct console *console_preferred(void);

/* Writes to every enabled console at once, past the log.  For the monitor and for panics. */
void console_write(const char *s, size_t len);

/* What programs wrote has left the machine when it returns. The last CPU, when the machine ends. */
void console_drain(void);

/* Next input byte of any enabled console, or -1. For one reader at a time. */
int console_poll(void);

/* Takes in what waits at the device, for console_poll(). The device's interrupt handler. */
void console_take_input(struct console *con);

/* The operator has asked for attention (break on a serial line, SysRq on a keyboard): a handler of
 * interrupts calls it, if it is not NULL. Set by the monitor. */
extern void (*console_attention_hook)(void);

/* Input has come by interrupt: called in its handler, if it is not NULL. Set by the console
 * device. */
extern void (*console_input_hook)(void);

#endif
