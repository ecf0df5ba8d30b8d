/* SPDX-License-Identifier: GPL-2.0-only */
/* The PC's keyboard, as input of the consoles that have a screen. */
#ifndef OSHIT_I8042_H
#define OSHIT_I8042_H

#include <oshit/types.h>

struct console;
struct tty_port;

#ifdef CONFIG_I8042
/* Finds the controller and lets its keyboard send. Boot only. */
void i8042_init(void);

/* From now on @port, whose console polls it, gets its input by interrupt. Boot, after
 * irq_init(). */
void i8042_irq_init(struct tty_port *port);
/* As ->poll() of a port. */
bool i8042_poll_port(struct tty_port *port);

/* Next byte as a VT100 would send it, or -1; fits as a console's ->poll. */
int i8042_poll(struct console *con);
#else
static inline void i8042_irq_init(struct tty_port *port __maybe_unused)
{
}
static inline bool i8042_poll_port(struct tty_port *port __maybe_unused)
{
	return false;
}
static inline void i8042_init(void)
{
}
static inline int i8042_poll(struct console *con)
{
	return -1;
}
#endif

#endif
