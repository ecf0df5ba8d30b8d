/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The list of consoles.  It only grows, while booting, on one CPU; everyone may walk it without a
 * lock.  `console=NAME` (which may be repeated, with `,options` as Linux takes them) enables the
 * consoles of those names; without the option all are enabled.  The last one that is named, or the
 * first there is, is what /dev/console is.
 */
#define pr_fmt(fmt) "console: " fmt

#include <linux/errno.h>
#include <oshit/atomic.h>
#include <oshit/boot_param.h>
#include <oshit/console.h>
#include <oshit/init.h>
#include <oshit/log.h>
#include <oshit/printk.h>
#include <oshit/spinlock.h>
#include <oshit/string.h>

#define MAX_WANTED  4
#define INPUT_BYTES 256 /* a power of two */

struct console *console_list;

static const struct console *preferred __ro_after_init;
static unsigned int preferred_nr __initdata; /* the option that named it; 0: none did */
static const char *wanted[MAX_WANTED] __initdata;
static unsigned int nr_wanted __initdata;

static __init int console_param(const char *value)
{
	if (!value || !*value)
		return -EINVAL;
	if (nr_wanted == MAX_WANTED)
		return -ENOSPC;
	wanted[nr_wanted++] = value;
	return 0;
}
BOOT_PARAM("console", console_param);

/* Which of the options names it, from 1 on, the last that does; 0: none. */
static __init unsigned int console_nr_wanted(const struct console *con)
{
	size_t len = strlen(con->name);
	unsigned int i;

	for (i = nr_wanted; i; i--)
		if (!strncmp(wanted[i - 1], con->name, len) &&
		    (wanted[i - 1][len] == '\0' || wanted[i - 1][len] == ','))
			break;
	return i;
}

__init void console_register(struct console *con)
{
	struct console **end = &console_list;
	unsigned int nr = console_nr_wanted(con);

	con->enabled = nr || !nr_wanted;
	if (nr > preferred_nr || !preferred) {
		preferred = con;
		preferred_nr = nr;
	}
	while (*end)
		end = &(*end)->next;
	*end = con;
	console_flush();
}

/* If `console=` named nothing that exists, better all consoles than none. */
__init void console_ensure_one(void)
{
	struct console *con;

	for_each_console(con)
		if (con->enabled)
			return;
	for_each_console(con)
		con->enabled = true;
	pr_warn("no console is called \"%s\", using all", wanted[0]);
}

const struct console *console_preferred(void)
{
	return preferred;
}

void console_write(const char *s, size_t len)
{
	struct console *con;

	for_each_console(con)
		if (con->enabled)
			con->write(con, s, len);
}

void console_drain(void)
{
	struct console *con;

	for_each_console(con)
		if (con->drain)
			con->drain(con);
}

/* Bytes that came by interrupt: those who put take the lock, the one reader does not. */
static struct {
	u8 bytes[INPUT_BYTES];
	unsigned int head, tail; /* a  count up for ever; head - tail bytes wait */
} input;
static DEFINE_RAW_SPINLOCK(input_lock);

void (*console_attention_hook)(void);
void (*console_input_hook)(void);

void console_take_input(struct console *con)
{
	unsigned long flags;
	int c;

	raw_spin_lock_irqsave(&input_lock, flags);
	/* A device that is broken may have bytes without end. */
	for (unsigned int nr = 0; nr < INPUT_BYTES; nr++) {
		if (input.head - READ_ONCE(input.tail) == INPUT_BYTES)
			break;
		c = con->poll(con);
		if (c < 0)
			break;
		if (!con->enabled)
			continue;
		input.bytes[input.head % INPUT_BYTES] = (u8)c;
		/* Pairs with the acquire in console_poll(). */
		smp_store_release(&input.head, input.head + 1);
	}
	raw_spin_unlock_irqrestore(&input_lock, flags);
	if (console_input_hook)
		console_input_hook();
}

int console_poll(void)
{
	struct console *con;
	int c;

	if (smp_load_acquire(&input.head) != input.tail) {
		c = input.bytes[input.tail % INPUT_BYTES];
		smp_store_release(&input.tail, input.tail + 1);
		return c;
	}
	for_each_console(con) {
		if (!con->enabled || !con->poll)
			continue;
		c = con->poll(con);
		if (c >= 0)
			return c;
	}
	return -1;
}
