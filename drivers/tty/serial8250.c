/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 8250/16550 serial port as a polled console (National Semiconductor PC16550D datasheet).
 *
 * The four ports of a PC are tried at their usual addresses; one that answers becomes "ttySn".
 * The rate is 115200, with 8 data bits and no parity.  Output waits for the FIFO to run
 * empty and then fills it in one go; a port that never drains is given up after a bounded wait, so
 * that a dead line cannot hang a panic.
 *
 * Input comes by interrupt where the port has one: console_take_input().  A break on the line asks
 * for attention.
 *
 * Locks: none of its own: the console owner writes, one context polls.
 */
#define pr_fmt(fmt) "serial: " fmt

#include <linux/errno.h>

#include <arch/io.h>
#include <arch/processor.h>
#include <oshit/console.h>
#include <oshit/container_of.h>
#include <oshit/init.h>
#include <oshit/irq.h>
#include <oshit/math.h>
#include <oshit/serial8250.h>

enum { /* registers, as distances from the base port */
       REG_DATA = 0, /* divisor low byte while LCR_DLAB is set */
       REG_IER = 1, /* divisor high byte while LCR_DLAB is set */
       REG_IIR = 2, /* read */
       REG_FCR = 2, /* write */
       REG_LCR = 3,
       REG_MCR = 4,
       REG_LSR = 5,
       REG_SCRATCH = 7,
};

#define FCR_ENABLE_CLEAR 0x07
#define LCR_8N1		 0x03
#define LCR_DLAB	 0x80
#define MCR_DTR_RTS_OUT2 0x0b
#define LSR_DATA_READY	 0x01
#define LSR_BREAK	 0x10 /* cleared by reading it */
#define LSR_THR_EMPTY	 0x20
#define IER_RECEIVED	 0x01
#define FIFO_BYTES	 16
#define DRAIN_TRIES	 200000 /* reads of the status; a full FIFO takes 1.4 ms at 115200 */

struct serial_port {
	struct console con;
	u16 base;
	unsigned int isa_irq; /* ports that share one: the first has it, the other is polled */
	bool exists;
	bool dead; /* never drained: written off */
};

/* clang-format off */
static struct serial_port ports[] = {
	{ .con.name = "ttyS0", .base = 0x3f8, .isa_irq = 4 },
	{ .con.name = "ttyS1", .base = 0x2f8, .isa_irq = 3 },
	{ .con.name = "ttyS2", .base = 0x3e8, .isa_irq = 4 },
	{ .con.name = "ttyS3", .base = 0x2e8, .isa_irq = 3 },
};
/* clang-format on */

static bool wait_for_room(struct serial_port *port)
{
	unsigned int tries;

	for (tries = 0; tries < DRAIN_TRIES; tries++) {
		if (inb(port->base + REG_LSR) & LSR_THR_EMPTY)
			return true;
		cpu_relax();
	}
	port->dead = true;
	return false;
}

static void serial_write(struct console *con, const char *s, size_t len)
{
	struct serial_port *port = container_of(con, struct serial_port, con);
	unsigned int room = 0;
	size_t i;

	for (i = 0; i < len && !port->dead; i++) {
		if (room < 2) {
			if (!wait_for_room(port))
				return;
			room = FIFO_BYTES;
		}
		if (s[i] == '\n') {
			outb('\r', port->base + REG_DATA);
			room--;
		}
		outb((u8)s[i], port->base + REG_DATA);
		room--;
	}
}

static int serial_poll(struct console *con)
{
	struct serial_port *port = container_of(con, struct serial_port, con);

	if (!(inb(port->base + REG_LSR) & LSR_DATA_READY))
		return -1;
	return inb(port->base + REG_DATA);
}

/* An absent port reads as all ones and keeps nothing in its scratch register. */
static __init bool port_exists(u16 base)
{
	outb(0x5a, base + REG_SCRATCH);
	if (inb(base + REG_SCRATCH) != 0x5a)
		return false;
	outb(0xa5, base + REG_SCRATCH);
	return inb(base + REG_SCRATCH) == 0xa5;
}

static __init void port_setup(u16 base)
{
	outb(0, base + REG_IER);
	outb(LCR_DLAB, base + REG_LCR);
	outb(1, base + REG_DATA); /* the clock's full rate, 115200 */
	outb(0, base + REG_IER);
	outb(LCR_8N1, base + REG_LCR);
	outb(FCR_ENABLE_CLEAR, base + REG_FCR);
	outb(MCR_DTR_RTS_OUT2, base + REG_MCR);
}

__init void serial8250_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		if (!port_exists(ports[i].base))
			continue;
		ports[i].exists = true;
		port_setup(ports[i].base);
		ports[i].con.write = serial_write;
		ports[i].con.poll = serial_poll;
		console_register(&ports[i].con);
	}
}

static void serial_interrupt(unsigned int irq, void *data)
{
	struct serial_port *port = data;

	inb(port->base + REG_IIR);
	if (inb(port->base + REG_LSR) & LSR_BREAK) {
		inb(port->base + REG_DATA); /* the 0 that it reads as */
		if (console_attention_hook)
			console_attention_hook();
	}
	console_take_input(&port->con);
}

__init void serial8250_irq_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		struct serial_port *port = &ports[i];
		int irq = port->exists ? irq_from_isa(port->isa_irq) : -ENODEV;

		if (irq < 0 ||
		    irq_request((unsigned int)irq, serial_interrupt, port->con.name, port))
			continue;
		outb(IER_RECEIVED, port->base + REG_IER);
	}
}
