/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Terminals of devices: one for each port that a driver has registered (<oshit/tty_port.h>), for
 * good.  The way down is a call; the way up begins in an interrupt handler and goes on in a work,
 * which may sleep: it gives what waits in the port's ring to the line discipline, and what waits of
 * the echo to the device.
 *
 * When the line discipline has no room the rest stays in the ring until a reader made some; past
 * half of it who sends is held, and let go below a quarter: by STOP and START, if IXOFF asks for
 * that, and by RTS with CRTSCTS.
 *
 * Locks: device->input: who takes from the ring; outside of the line discipline's.
 * device->hold_lock, interrupts off, innermost: whether who sends is held.
 */
#define pr_fmt(fmt) "tty: " fmt

#include <linux/errno.h>
#include <oshit/chrdev.h>
#include <oshit/console.h>
#include <oshit/container_of.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/log.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/tty_port.h>

#include "tty.h"

#define STOP_ABOVE   (TTY_INPUT_ITEMS / 2)
#define START_BELOW  (TTY_INPUT_ITEMS / 4)
#define POLL_NS	     (10 * NSEC_PER_MSEC) /* a FIFO fills in 1.4 ms; who types is slower */

#define HELD_BY_STOP 1u
#define HELD_BY_RTS  2u

struct tty_device {
	struct tty_struct tty;
	struct tty_port *port; /* i */
	struct chrdev chrdev, alias;
	struct work_struct work;
	struct delayed_work poll_work; /* while it is open, of a port without an interrupt */
	struct mutex input;
	spinlock_t hold_lock;
	unsigned int held_by; /* hold_lock  HELD_BY_ */
};

static struct tty_device *device_of(struct tty_struct *tty)
{
	return container_of(tty, struct tty_device, tty);
}

static struct tty_port *port_of(struct tty_struct *tty)
{
	return device_of(tty)->port;
}

/* --- from the device --- */

/* By what who sends is to be held now. */
static unsigned int wanted_hold(const struct tty_device *device)
{
	const struct ktermios *termios = &device->tty.termios;
	unsigned int nr = tty_port_nr_waiting(device->port), by = 0;
	bool is_full = device->held_by ? nr >= START_BELOW : nr > STOP_ABOVE;

	if (is_full && termios->c_iflag & IXOFF)
		by |= HELD_BY_STOP;
	if (is_full && termios->c_cflag & CRTSCTS && device->port->ops->set_modem)
		by |= HELD_BY_RTS;
	return by;
}

/* Any context but NMI: the handler holds who sends at once, for the work may come too late. */
static void throttle(struct tty_device *device)
{
	const struct tty_port_ops *ops = device->port->ops;
	const cc_t *keys = device->tty.termios.c_cc;
	unsigned int by, changed;
	unsigned long flags;

	spin_lock_irqsave(&device->hold_lock, flags);
	by = wanted_hold(device);
	changed = by ^ device->held_by;
	device->held_by = by;
	if (changed & HELD_BY_STOP)
		ops->send_now(device->port, (char)keys[by & HELD_BY_STOP ? VSTOP : VSTART]);
	if (changed & by & HELD_BY_RTS)
		ops->set_modem(device->port, 0, TIOCM_RTS);
	else if (changed & HELD_BY_RTS)
		ops->set_modem(device->port, TIOCM_RTS, 0);
	spin_unlock_irqrestore(&device->hold_lock, flags);
}

static void device_work(struct work_struct *work)
{
	struct tty_device *device = container_of(work, struct tty_device, work);
	struct tty_struct *tty = &device->tty;
	const u16 *items;
	unsigned int nr, done;

	mutex_lock(&device->input);
	while ((nr = tty_port_peek(device->port, &items))) {
		done = (unsigned int)n_tty_receive(tty, items, nr);
		tty_port_taken(device->port, done);
		if (done < nr)
			break;
	}
	throttle(device);
	mutex_unlock(&device->input);
	if (!n_tty_has_echo(tty))
		return;
	mutex_lock(&tty->disc->output);
	n_tty_flush_echo(tty);
	mutex_unlock(&tty->disc->output);
}

static void input_came(struct tty_port *port)
{
	struct tty_device *device = device_of(port->tty);

	if (tty_port_nr_waiting(port) > STOP_ABOVE)
		throttle(device);
	queue_work(system_wq, &device->work);
}

static void output_drained(struct tty_port *port)
{
	tty_wake_writers(port->tty);
	if (n_tty_has_echo(port->tty))
		queue_work(system_wq, &device_of(port->tty)->work);
}

/* --- to the device --- */

static void poll_device(struct work_struct *work)
{
	struct delayed_work *dwork = container_of(work, struct delayed_work, work);
	struct tty_device *device = container_of(dwork, struct tty_device, poll_work);

	if (READ_ONCE(device->port->is_open) && device->port->ops->poll(device->port))
		mod_delayed_work(system_wq, &device->poll_work, POLL_NS);
}

static int device_open(struct tty_struct *tty)
{
	n_tty_flush_input(tty);
	WRITE_ONCE(port_of(tty)->is_open, true);
	if (port_of(tty)->ops->poll)
		mod_delayed_work(system_wq, &device_of(tty)->poll_work, 0);
	return 0;
}

/* What is typed is the console's again. */
static void device_close(struct tty_struct *tty)
{
	WRITE_ONCE(port_of(tty)->is_open, false);
	cancel_delayed_work_sync(&device_of(tty)->poll_work);
	n_tty_flush_input(tty);
}

static size_t device_write(struct tty_struct *tty, const char *s, size_t len)
{
	return port_of(tty)->ops->write(port_of(tty), s, len);
}

static size_t device_write_room(struct tty_struct *tty)
{
	return port_of(tty)->ops->write_room(port_of(tty));
}

static size_t device_nr_unsent(struct tty_struct *tty)
{
	return port_of(tty)->ops->nr_unsent ? port_of(tty)->ops->nr_unsent(port_of(tty)) : 0;
}

static void device_flush(struct tty_struct *tty)
{
	if (port_of(tty)->ops->flush)
		port_of(tty)->ops->flush(port_of(tty));
}

static void device_stop(struct tty_struct *tty)
{
	if (port_of(tty)->ops->stop)
		port_of(tty)->ops->stop(port_of(tty));
}

static void device_start(struct tty_struct *tty)
{
	if (port_of(tty)->ops->start)
		port_of(tty)->ops->start(port_of(tty));
	if (n_tty_has_echo(tty))
		queue_work(system_wq, &device_of(tty)->work);
}

static void device_send_now(struct tty_struct *tty, char c)
{
	port_of(tty)->ops->send_now(port_of(tty), c);
}

static void device_set_termios(struct tty_struct *tty, const struct ktermios *old __maybe_unused)
{
	if (port_of(tty)->ops->configure)
		port_of(tty)->ops->configure(port_of(tty), &tty->termios);
}

static void device_set_break(struct tty_struct *tty, bool on)
{
	if (port_of(tty)->ops->set_break)
		port_of(tty)->ops->set_break(port_of(tty), on);
}

static int device_get_modem(struct tty_struct *tty)
{
	struct tty_port *port = port_of(tty);

	return port->ops->get_modem ? (int)port->ops->get_modem(port) : -ENOTTY;
}

static int device_set_modem(struct tty_struct *tty, unsigned int set, unsigned int clear)
{
	struct tty_port *port = port_of(tty);

	if (!port->ops->set_modem)
		return -ENOTTY;
	port->ops->set_modem(port, set, clear);
	return 0;
}

static void device_unthrottle(struct tty_struct *tty)
{
	queue_work(system_wq, &device_of(tty)->work);
}

static void device_flush_input(struct tty_struct *tty)
{
	struct tty_device *device = device_of(tty);

	mutex_lock(&device->input);
	tty_port_taken(device->port, tty_port_nr_waiting(device->port));
	mutex_unlock(&device->input);
}

static const struct tty_operations device_ops = {
	.open = device_open,
	.close = device_close,
	.write = device_write,
	.write_room = device_write_room,
	.nr_unsent = device_nr_unsent,
	.flush = device_flush,
	.stop = device_stop,
	.start = device_start,
	.send_now = device_send_now,
	.set_termios = device_set_termios,
	.set_break = device_set_break,
	.get_modem = device_get_modem,
	.set_modem = device_set_modem,
	.unthrottle = device_unthrottle,
	.flush_input = device_flush_input,
};

/* --- all of them --- */

struct tty_struct *tty_find_device(u32 dev)
{
	struct tty_port *port;

	for (port = tty_port_list; port; port = port->next)
		if (port->tty && (port->dev == dev || (port->alias && port->alias_dev == dev)))
			return tty_get(port->tty);
	return NULL;
}

struct tty_struct *tty_of_console(void)
{
	const struct console *con = console_preferred();
	struct tty_port *port;

	for (port = tty_port_list; port; port = port->next)
		if (port->tty && (!con || port->con == con))
			return tty_get(port->tty);
	return tty_port_list && tty_port_list->tty ? tty_get(tty_port_list->tty) : NULL;
}

static int device_file_open(struct inode *inode, struct file *file)
{
	struct tty_struct *tty = tty_find_device(inode->rdev);

	if (!tty)
		return -ENXIO;
	file->ops = &tty_fops;
	return tty_open_file(tty, file);
}

static const struct file_operations device_fops = { .open = device_file_open };

static __init void make_device(struct tty_port *port)
{
	struct tty_device *device = kzalloc(sizeof(*device), GFP_KERNEL);

	if (!device || tty_init_struct(&device->tty, &device_ops)) {
		pr_err("no memory for %s", port->name);
		kfree(device);
		return;
	}
	strscpy(device->tty.name, port->name, sizeof(device->tty.name));
	device->tty.dev = port->dev;
	device->port = port;
	mutex_init(&device->input);
	spin_lock_init(&device->hold_lock);
	INIT_WORK(&device->work, device_work);
	INIT_DELAYED_WORK(&device->poll_work, poll_device);
	if (port->ops->configure)
		port->ops->configure(port, &device->tty.init_termios);
	device->tty.termios = device->tty.init_termios;
	device->chrdev = (struct chrdev){
		.name = port->name, .mode = 0600, .first = port->dev, .nr = 1, .fops = &device_fops
	};
	device->alias = device->chrdev;
	device->alias.name = port->alias;
	device->alias.first = port->alias_dev;
	device->tty.winsize.ws_row = port->rows;
	device->tty.winsize.ws_col = port->columns;
	port->output_drained = output_drained;
	port->input_came = input_came;
	/* The handler looks here first. */
	smp_store_release(&port->tty, &device->tty);
	chrdev_register(&device->chrdev);
	if (port->alias)
		chrdev_register(&device->alias);
}

__init void tty_devices_init(void)
{
	struct tty_port *port;

	for (port = tty_port_list; port; port = port->next)
		make_device(port);
}
