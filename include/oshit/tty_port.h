/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a device that is a terminal's hardware looks like: a serial port, or screen and keyboard.
 * The driver registers it while booting; the terminals above (drivers/tty/tty_device.c) take all
 * that are there.  Bytes go down by ->ops, and come up through a ring: the interrupt handler puts
 * them there, the terminal's work takes them.
 *
 * While nobody has the terminal open, what comes belongs to the console (console_take_input()).
 */
#ifndef OSHIT_TTY_PORT_H
#define OSHIT_TTY_PORT_H

#include <asm/termbits.h>
#include <oshit/types.h>

struct console;
struct tty_port;
struct tty_struct;

/* What a byte that came was, besides itself; or-ed to it. */
#define TTY_BREAK   0x100u
#define TTY_PARITY  0x200u
#define TTY_FRAME   0x300u
#define TTY_OVERRUN 0x400u
#define TTY_FLAGS   0xf00u

/* Context of all: any but NMI; they do not sleep.  NULL: there is no such thing. */
struct tty_port_ops {
	/* Without an interrupt: does what its handler would. False: it has an interrupt. */
	bool (*poll)(struct tty_port *port);
	/* Takes what there is room for. Return: bytes. */
	size_t (*write)(struct tty_port *port, const char *s, size_t len);
	size_t (*write_room)(struct tty_port *port); /* bytes */
	size_t (*nr_unsent)(struct tty_port *port); /* bytes not yet on the line */
	void (*flush)(struct tty_port *port); /* forgets them */
	void (*stop)(struct tty_port *port); /* keeps them, until start() */
	void (*start)(struct tty_port *port);
	/* Before all of these that waits: XON, XOFF. */
	void (*send_now)(struct tty_port *port, char c);
	/* Rate and form of characters, as far as the device can; corrects what it cannot. */
	void (*configure)(struct tty_port *port, struct ktermios *termios);
	void (*set_break)(struct tty_port *port, bool on);
	unsigned int (*get_modem)(struct tty_port *port); /* TIOCM_ */
	/* TIOCM_ lines of the device's own that go on, and off; others stay. */
	void (*set_modem)(struct tty_port *port, unsigned int set, unsigned int clear);
};

#define TTY_INPUT_ITEMS 2048 /* a power of two */

struct tty_port { /* i: constant after registration   a: atomic */
	const char *name; /* i  "ttyS0" */
	u32 dev; /* i  MKDEV() */
	const char *alias; /* i  another name for it, which gives no control; or NULL */
	u32 alias_dev; /* i */
	unsigned short rows, columns; /* i  0: not known */
	const struct tty_port_ops *ops; /* i */
	struct console *con; /* i  the console on the same device */
	struct tty_port *next; /* i */
	bool is_open; /* a  input is the terminal's, not the console's */

	/* From one handler to one work; count up for ever. */
	u16 items[TTY_INPUT_ITEMS];
	unsigned int head; /* a  written by the handler */
	unsigned int tail; /* a  written by the work */
	unsigned int nr_overruns; /* the handler  items lost, because nobody took them */

	/* i  Of the terminal above, which sets them when it is made: something is in the ring;
	 *    there is room for output again. Called by the handler. NULL: there is none yet. */
	struct tty_struct *tty;
	void (*input_came)(struct tty_port *port);
	void (*output_drained)(struct tty_port *port);
};

extern struct tty_port *tty_port_list;

/* Boot. */
void tty_port_register(struct tty_port *port);

/* From the handler: one item, a byte or-ed with TTY_ flags. Then tty_port_input_done(). */
void tty_port_input(struct tty_port *port, unsigned int item);
void tty_port_input_done(struct tty_port *port);

/* For the work: items that wait, in one piece; tty_port_taken() tells how many were taken. */
unsigned int tty_port_peek(struct tty_port *port, const u16 **items);
void tty_port_taken(struct tty_port *port, unsigned int nr);
/* How many wait. */
unsigned int tty_port_nr_waiting(const struct tty_port *port);

#endif
