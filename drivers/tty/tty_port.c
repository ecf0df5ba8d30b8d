/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The list of devices that terminals are made of, and the ring of what they have received.
 *
 * The ring has one writer, the device's interrupt handler, and one reader, the terminal's work, so
 * it needs no lock: each moves its own end, and says so with a release.  What comes while it is
 * full is lost, and counted.
 *
 * Locks: the list only grows, while booting, on one CPU.
 */
#include <oshit/atomic.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/tty_port.h>

struct tty_port *tty_port_list;

__init void tty_port_register(struct tty_port *port)
{
	struct tty_port **end = &tty_port_list;

	while (*end)
		end = &(*end)->next;
	*end = port;
}

void tty_port_input(struct tty_port *port, unsigned int item)
{
	if (port->head - smp_load_acquire(&port->tail) == TTY_INPUT_ITEMS) {
		port->nr_overruns++;
		return;
	}
	port->items[port->head % TTY_INPUT_ITEMS] = (u16)item;
	smp_store_release(&port->head, port->head + 1);
}

void tty_port_input_done(struct tty_port *port)
{
	if (port->input_came)
		port->input_came(port);
}

unsigned int tty_port_peek(struct tty_port *port, const u16 **items)
{
	unsigned int at = port->tail % TTY_INPUT_ITEMS;
	unsigned int nr = smp_load_acquire(&port->head) - port->tail;

	*items = port->items + at;
	return min(nr, TTY_INPUT_ITEMS - at);
}

void tty_port_taken(struct tty_port *port, unsigned int nr)
{
	smp_store_release(&port->tail, port->tail + nr);
}

unsigned int tty_port_nr_waiting(const struct tty_port *port)
{
	return READ_ONCE(port->head) - READ_ONCE(port->tail);
}
