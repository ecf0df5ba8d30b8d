/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The i8042 keyboard controller, polled until it gets its interrupt.  It is asked to translate to
 * scan code set 1, whatever its keyboard speaks; the mouse port stays off.  A key's bytes wait in a
 * small buffer until they are fetched one at a time.
 *
 * Every wait for the controller is bounded, so that one that is not there or hangs costs
 * milliseconds.  Registers: IBM PS/2 Hardware Interface Technical Reference, keyboard controller.
 * Locks: none of its own, one context polls.
 */
#define pr_fmt(fmt) "i8042: " fmt

#include <linux/errno.h>

#include <arch/io.h>
#include <arch/processor.h>
#include <oshit/console.h>
#include <oshit/i8042.h>
#include <oshit/init.h>
#include <oshit/irq.h>
#include <oshit/printk.h>
#include <oshit/tty_port.h>

#include "keyboard.h"

#define PORT_DATA	      0x60
#define PORT_STATUS	      0x64 /* read */
#define PORT_COMMAND	      0x64 /* write */

#define STATUS_OUTPUT_FULL    (1 << 0) /* a byte for us */
#define STATUS_INPUT_FULL     (1 << 1) /* our byte is not taken yet */
#define STATUS_FROM_MOUSE     (1 << 5)
#define STATUS_ABSENT	      0xff /* what an empty bus reads as */

#define COMMAND_READ_CONFIG   0x20
#define COMMAND_WRITE_CONFIG  0x60
#define COMMAND_DISABLE_MOUSE 0xa7
#define COMMAND_DISABLE	      0xad
#define COMMAND_ENABLE	      0xae

#define I8042_INTERRUPT	      (1 << 0)
#define I8042_MOUSE_INTERRUPT (1 << 1)
#define I8042_DISABLED	      (1 << 4)
#define I8042_TRANSLATE	      (1 << 6)

#define KEYBOARD_ENABLE	      0xf4 /* start to send */
#define KEYBOARD_ACK	      0xfa

#define KEYBOARD_ISA_IRQ      1
#define KEYBOARD_SYSRQ	      0x54 /* Alt and Print Screen */

#define WAIT_TRIES	      10000 /* reads of the status, about 1 us each */
#define FLUSH_MAX	      64 /* bytes that may be left over */

static bool sysrq_pressed; /* the interrupt handler */
static bool present __ro_after_init;
static bool has_irq __ro_after_init;
static struct keyboard keyboard; /* the polling context */
static char key_bytes[KEY_BYTES]; /* the polling context; of the last key */
static unsigned int next_byte; /* the polling context; in key_bytes */

/* Waits until the bits of @mask in the status are @value. */
static __init int wait_status(u8 mask, u8 value)
{
	for (unsigned int i = 0; i < WAIT_TRIES; i++) {
		if ((inb(PORT_STATUS) & mask) == value)
			return 0;
		cpu_relax();
	}
	return -ETIMEDOUT;
}

static __init int write_port(u8 byte, u16 port)
{
	int err = wait_status(STATUS_INPUT_FULL, 0);

	if (!err)
		outb(byte, port);
	return err;
}

static __init int read_data(u8 *byte)
{
	int err = wait_status(STATUS_OUTPUT_FULL, STATUS_OUTPUT_FULL);

	if (!err)
		*byte = inb(PORT_DATA);
	return err;
}

static __init void flush(void)
{
	for (unsigned int i = 0; i < FLUSH_MAX && (inb(PORT_STATUS) & STATUS_OUTPUT_FULL); i++)
		inb(PORT_DATA);
}

static __init int configure(void)
{
	u8 config;
	int err;

	err = write_port(COMMAND_DISABLE, PORT_COMMAND)
		      ?: write_port(COMMAND_DISABLE_MOUSE, PORT_COMMAND);
	if (err)
		return err;
	flush();
	err = write_port(COMMAND_READ_CONFIG, PORT_COMMAND) ?: read_data(&config);
	if (err)
		return err;
	config &= ~(I8042_INTERRUPT | I8042_MOUSE_INTERRUPT | I8042_DISABLED);
	config |= I8042_TRANSLATE;
	return write_port(COMMAND_WRITE_CONFIG, PORT_COMMAND) ?:
		       write_port(config, PORT_DATA) ?:
		       write_port(COMMAND_ENABLE, PORT_COMMAND);
}

static __init int enable_keyboard(void)
{
	u8 answer = 0;
	int err = write_port(KEYBOARD_ENABLE, PORT_DATA) ?: read_data(&answer);

	return err ?: (answer == KEYBOARD_ACK ? 0 : -EIO);
}

void __init i8042_init(void)
{
	int err;

	if (inb(PORT_STATUS) == STATUS_ABSENT)
		return;
	err = configure();
	if (err) {
		pr_warn("the controller does not answer");
		return;
	}
	present = true;
	/* Not fatal: a keyboard that is plugged in later sends all the same. */
	if (enable_keyboard())
		pr_info("no keyboard");
}

static void fetch_key(void)
{
	u8 status = inb(PORT_STATUS);
	u8 code;

	if (!(status & STATUS_OUTPUT_FULL))
		return;
	code = inb(PORT_DATA);
	if (status & STATUS_FROM_MOUSE)
		return;
	if (code == KEYBOARD_SYSRQ)
		sysrq_pressed = true;
	keyboard_decode(&keyboard, code, key_bytes);
	next_byte = 0;
}

int i8042_poll(struct console *con)
{
	if (!present)
		return -1;
	if (!key_bytes[next_byte])
		fetch_key();
	return key_bytes[next_byte] ? (u8)key_bytes[next_byte++] : -1;
}

/* While somebody has the terminal open it gets the keys, else the console. */
static void take_keys(struct tty_port *port)
{
	int c;

	if (!READ_ONCE(port->is_open)) {
		console_take_input(port->con);
		return;
	}
	while ((c = i8042_poll(port->con)) >= 0)
		tty_port_input(port, (unsigned int)c);
	tty_port_input_done(port);
}

static void keyboard_interrupt(unsigned int irq __maybe_unused, void *data)
{
	take_keys(data);
	if (sysrq_pressed && console_attention_hook)
		console_attention_hook();
	sysrq_pressed = false;
}

bool i8042_poll_port(struct tty_port *port)
{
	if (has_irq)
		return false;
	take_keys(port);
	return true;
}

__init void i8042_irq_init(struct tty_port *port)
{
	int irq = present ? irq_from_isa(KEYBOARD_ISA_IRQ) : -ENODEV;
	u8 config;

	if (irq < 0 || irq_request((unsigned int)irq, keyboard_interrupt, "i8042", port))
		return;
	if (write_port(COMMAND_READ_CONFIG, PORT_COMMAND) || read_data(&config) ||
	    write_port(COMMAND_WRITE_CONFIG, PORT_COMMAND) ||
	    write_port(config | I8042_INTERRUPT, PORT_DATA))
		pr_warn("the controller refuses its interrupt; the keyboard is polled");
	else
		has_irq = true;
}
