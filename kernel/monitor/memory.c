/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands that look at memory and at names: x, symbol.  They read with kernel_read_nofault(), so
 * any address may be asked for; where nothing is, they say so in gdb's words.
 */
#include <linux/errno.h>

#include <oshit/ctype.h>
#include <oshit/glob.h>
#include <oshit/kallsyms.h>
#include <oshit/math.h>
#include <oshit/monitor.h>
#include <oshit/nofault.h>
#include <oshit/printf.h>
#include <oshit/string.h>

#include "parse.h"

#define STRING_MAX 200 /* characters shown of one string, as gdb */

/* What `x` shows next when it is given less than everything. */
static struct dump_format last_format = { .count = 1, .size = 4, .letter = 'x' };
static unsigned long next_addr;

static void print_unreadable(unsigned long addr)
{
	monitor_printf("\tCannot access memory at address 0x%lx\n", addr);
}

static void print_address(unsigned long addr)
{
	struct kallsym sym;

	if (kallsyms_lookup(addr, &sym))
		monitor_printf("0x%lx <%s+%lu>:", addr, sym.name, addr - sym.start);
	else
		monitor_printf("0x%lx:", addr);
}

/* The value of an item of @size bytes, its sign extended. */
static long signed_value(u64 value, unsigned int size)
{
	unsigned int shift = 64 - 8 * size;

	return (long)(value << shift) >> shift;
}

static void print_char(u64 value)
{
	monitor_printf("\t%lu '%c'", value, isprint((int)value) ? (char)value : '.');
}

static void print_item(const struct dump_format *format, u64 value)
{
	switch (format->letter) {
	case 'd':
		monitor_printf("\t%ld", signed_value(value, format->size));
		break;
	case 'u':
		monitor_printf("\t%lu", value);
		break;
	case 'o':
		monitor_printf("\t0%lo", value);
		break;
	case 'c':
		print_char(value & 0xff);
		break;
	case 'a':
		monitor_printf("\t0x%lx <%pS>", value, (void *)value);
		break;
	default:
		monitor_printf("\t0x%0*lx", (int)(2 * format->size), value);
	}
}

static unsigned int items_per_line(const struct dump_format *format)
{
	if (format->letter == 'a')
		return 1;
	return format->size == 8 ? 2 : format->size == 4 ? 4 : 8;
}

static int dump_items(const struct dump_format *format, unsigned long addr)
{
	unsigned int per_line = items_per_line(format);
	u64 value;

	for (unsigned int i = 0; i < format->count && !monitor_interrupted(); i++) {
		value = 0;
		if (i % per_line == 0)
			print_address(addr);
		if (kernel_read_nofault(&value, (void *)addr, format->size)) {
			print_unreadable(addr);
			return -EFAULT;
		}
		print_item(format, value);
		addr += format->size;
		if (i % per_line == per_line - 1 || i == format->count - 1)
			monitor_printf("\n");
	}
	next_addr = addr;
	return 0;
}

static void print_string_char(char c)
{
	if (isprint((unsigned char)c))
		monitor_printf(c == '"' || c == '\\' ? "\\%c" : "%c", c);
	else
		monitor_printf("\\%03o", (unsigned char)c);
}

/* Prints the string at *@addr and moves *@addr behind it. */
static int dump_string(unsigned long *addr)
{
	char c = 0;

	print_address(*addr);
	if (kernel_read_nofault(&c, (void *)*addr, 1)) {
		print_unreadable(*addr);
		return -EFAULT;
	}
	monitor_printf("\t\"");
	for (unsigned int i = 0; c && i < STRING_MAX; i++) {
		print_string_char(c);
		if (kernel_read_nofault(&c, (void *)++*addr, 1))
			break;
	}
	monitor_printf(c ? "\"...\n" : "\"\n");
	*addr += !c;
	return 0;
}

static int dump_strings(const struct dump_format *format, unsigned long addr)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < format->count && !monitor_interrupted(); i++)
		err = dump_string(&addr);
	next_addr = addr;
	return err;
}

static int examine(int argc, char **argv)
{
	const char *spec = strchrnul(argv[0], '/');
	struct dump_format format = last_format;
	unsigned long addr = next_addr;

	if (argc > 2 || parse_dump_format(*spec ? spec + 1 : "", &format))
		return -EINVAL;
	if (argc == 2 && monitor_parse_address(argv[1], &addr))
		return -EINVAL;
	last_format = format;
	/* A bad address was reported where it was met, and is no error of the command. */
	if (format.letter == 's')
		dump_strings(&format, addr);
	else
		dump_items(&format, addr);
	return 0;
}
MONITOR_COMMAND(
	x, "[/FORMAT] [ADDRESS]",
	"show memory as gdb does\n"
	"FORMAT: a count, a letter, a size, as in x/8xg; what is left out is as the last time.\n"
	"Letters: x hexadecimal, d decimal, u unsigned, o octal, a address, c character,\n"
	"s string.  Sizes: b 1 byte, h 2, w 4, g 8.  Without ADDRESS it goes on where it\n"
	"stopped.  ADDRESS is a number or a symbol, with +OFFSET if need be.",
	examine);

static void print_symbol(const struct kallsym *sym)
{
	monitor_printf("0x%016lx %6lu %c %s\n", sym->start, sym->size, sym->type, sym->name);
}

static void print_symbol_at(unsigned long addr)
{
	struct kallsym sym;

	if (kallsyms_lookup(addr, &sym))
		monitor_printf("0x%lx is %s+0x%lx/0x%lx, type %c\n", addr, sym.name,
			       addr - sym.start, sym.size, sym.type);
	else
		monitor_printf("0x%lx is in no symbol\n", addr);
}

static void list_symbols(const char *glob)
{
	struct kallsym sym;
	unsigned int nr = 0;

	for (unsigned int i = 0; kallsyms_get(i, &sym) && !monitor_interrupted(); i++) {
		if (!glob_match(glob, sym.name))
			continue;
		print_symbol(&sym);
		nr++;
	}
	if (!nr)
		monitor_printf("no symbol is called %s\n", glob);
}

static int show_symbol(int argc, char **argv)
{
	unsigned long addr;

	if (argc != 2)
		return -EINVAL;
	if (monitor_parse_address(argv[1], &addr))
		list_symbols(argv[1]);
	else
		print_symbol_at(addr);
	return 0;
}
MONITOR_COMMAND(symbol, "ADDRESS|NAME|GLOB",
		"address of a symbol, or the symbol at an address\n"
		"A name with * ? [..] lists address, size, type and name of all that match.",
		show_symbol);
