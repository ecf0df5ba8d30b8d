/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VGA text mode, 80 x 25, as the console "tty0", and as the terminal "tty1"; its keyboard is the
 * i8042's.  There is one screen, so what both write is mixed, line by line.  Firmware has set the
 * mode.  Text goes to a screen in memory (screen.c), whose changed rows are then copied to the
 * device.  The device's memory holds 204 rows; scrolling moves the start of the shown part along
 * it, so that a new line writes one row; at its end everything is copied back to the front.
 *
 * Registers: IBM VGA Technical Reference, CRT controller, at the colour address.
 * Locks: none of its own, the console owner writes; the terminal becomes that for each write.
 */
#include <linux/major.h>

#include <arch/io.h>
#include <arch/page.h>
#include <oshit/boot_info.h>
#include <oshit/console.h>
#include <oshit/fs.h>
#include <oshit/i8042.h>
#include <oshit/init.h>
#include <oshit/log.h>
#include <oshit/math.h>
#include <oshit/tty_port.h>
#include <oshit/vga.h>

#include "screen.h"

#define VGA_MEMORY	  0xb8000
#define VGA_SIZE	  0x8000 /* bytes */
#define COLUMNS		  80
#define ROWS		  25
#define VGA_ROWS	  (VGA_SIZE / (COLUMNS * 2))

#define CRTC_INDEX	  0x3d4
#define CRTC_DATA	  0x3d5
#define CRTC_CURSOR_START 0x0a
#define CRTC_CURSOR_END	  0x0b
#define CRTC_START_HIGH	  0x0c
#define CRTC_START_LOW	  0x0d
#define CRTC_CURSOR_HIGH  0x0e
#define CRTC_CURSOR_LOW	  0x0f
#define CURSOR_FIRST_LINE 13 /* of the 16 of a character */
#define CURSOR_LAST_LINE  15

static u16 cells[ROWS * COLUMNS];
static bool dirty[ROWS];
static struct screen screen = { .columns = COLUMNS, .rows = ROWS, .cells = cells, .dirty = dirty };

static u16 __iomem *vga_memory __ro_after_init;
static unsigned int first_row; /* console owner; row of the device's memory shown at the top */

static void crtc_write(u8 reg, u8 value)
{
	outb(reg, CRTC_INDEX);
	outb(value, CRTC_DATA);
}

static void crtc_write_position(u8 reg_high, u8 reg_low, unsigned int position)
{
	crtc_write(reg_high, position >> 8);
	crtc_write(reg_low, position & 0xff);
}

static void copy_row(unsigned int row)
{
	u16 __iomem *to = vga_memory + (first_row + row) * COLUMNS;

	for (unsigned int x = 0; x < COLUMNS; x++)
		mmio_write16(cells[row * COLUMNS + x], to + x);
	dirty[row] = false;
}

/* Moves the shown part with the text; past the end of the memory, back to its start. */
static void scroll_device(void)
{
	first_row += screen.nr_scrolled;
	screen.nr_scrolled = 0;
	if (first_row + ROWS <= VGA_ROWS)
		return;
	first_row = 0;
	for (unsigned int row = 0; row < ROWS; row++)
		dirty[row] = true;
}

static void place_cursor(void)
{
	unsigned int x = screen.x < COLUMNS ? screen.x : COLUMNS - 1;

	crtc_write_position(CRTC_CURSOR_HIGH, CRTC_CURSOR_LOW,
			    (first_row + screen.y) * COLUMNS + x);
}

static void show_screen(void)
{
	bool scrolled = screen.nr_scrolled > 0;

	if (scrolled)
		scroll_device();
	for (unsigned int row = 0; row < ROWS; row++)
		if (dirty[row])
			copy_row(row);
	if (scrolled)
		crtc_write_position(CRTC_START_HIGH, CRTC_START_LOW, first_row * COLUMNS);
	place_cursor();
}

static void vga_write(struct console *con __maybe_unused, const char *s, size_t len)
{
	screen_write(&screen, s, len);
	show_screen();
}

/* --- the terminal --- */

#define WRITE_ROOM 256 /* bytes that are drawn at a time, interrupts off */

/* A terminal's newline moves down; the line discipline adds the return. */
static size_t port_write(struct tty_port *port __maybe_unused, const char *s, size_t len)
{
	size_t done = min(len, (size_t)WRITE_ROOM);
	unsigned long flags = console_own();

	screen.keeps_column = true;
	screen_write(&screen, s, done);
	screen.keeps_column = false;
	show_screen();
	console_release(flags);
	return done;
}

static size_t port_write_room(struct tty_port *port __maybe_unused)
{
	return WRITE_ROOM;
}

static void port_send_now(struct tty_port *port __maybe_unused, char c __maybe_unused)
{
}

static const struct tty_port_ops port_ops = {
	.poll = i8042_poll_port,
	.write = port_write,
	.write_room = port_write_room,
	.send_now = port_send_now, /* nobody types faster than the ring is */
};

static struct tty_port vga_port = {
	.name = "tty1",
	.dev = MKDEV(TTY_MAJOR, 1),
	.alias = "tty0",
	.alias_dev = MKDEV(TTY_MAJOR, 0),
	.rows = ROWS,
	.columns = COLUMNS,
	.ops = &port_ops,
};

static struct console vga_console = {
	.name = "tty0",
	.write = vga_write,
	.poll = i8042_poll,
};

void __init vga_console_init(void)
{
	if (!boot_info.has_vga_text)
		return;
	vga_memory = (u16 __force __iomem *)phys_to_virt(VGA_MEMORY);
	screen_init(&screen);
	crtc_write_position(CRTC_START_HIGH, CRTC_START_LOW, 0);
	crtc_write(CRTC_CURSOR_START, CURSOR_FIRST_LINE);
	crtc_write(CRTC_CURSOR_END, CURSOR_LAST_LINE);
	show_screen();
	console_register(&vga_console);
	vga_port.con = &vga_console;
	tty_port_register(&vga_port);
}

void __init vga_console_irq_init(void)
{
	if (vga_memory)
		i8042_irq_init(&vga_port);
}
