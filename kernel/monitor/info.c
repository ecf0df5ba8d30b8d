/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands that show what the kernel is and what it found: kerninfo, memmap, log, backtrace. */
#include <linux/errno.h>

#include <arch/monitor.h>
#include <arch/page.h>
#include <oshit/boot_info.h>
#include <oshit/log.h>
#include <oshit/math.h>
#include <oshit/monitor.h>
#include <oshit/sizes.h>
#include <oshit/stacktrace.h>
#include <oshit/version.h>

#include "parse.h"

#define BACKTRACE_MAX 64

static void print_section(const char *name, const char *start, const char *end)
{
	monitor_printf("  %-10s 0x%lx - 0x%lx %7lu KiB\n", name, (unsigned long)start,
		       (unsigned long)end, (unsigned long)DIV_ROUND_UP(end - start, (long)KIB(1)));
}

static void print_sections(void)
{
	monitor_printf("image at physical 0x%lx\n", symbol_to_phys(_text));
	print_section("text", _text, _etext);
	print_section("rodata", _rodata, _erodata);
	print_section("init", _init_begin, _init_end);
	print_section("data", _data, _edata);
	print_section("bss", _bss, _ebss);
}

/* One word an option: with it, or without it in the form no-NAME. */
static void print_options(void)
{
	monitor_printf("options    %skallsyms %sframe-pointer %sacpi %skunit %subsan\n",
		       IS_ENABLED(CONFIG_KALLSYMS) ? "" : "no-",
		       IS_ENABLED(CONFIG_FRAME_POINTER) ? "" : "no-",
		       IS_ENABLED(CONFIG_ACPI) ? "" : "no-", IS_ENABLED(CONFIG_KUNIT) ? "" : "no-",
		       IS_ENABLED(CONFIG_UBSAN) ? "" : "no-");
}

static int kerninfo(int argc, char **argv)
{
	if (argc != 1)
		return -EINVAL;
	monitor_printf("OShit      %s, release %s\n", OSHIT_VERSION, OSHIT_RELEASE);
	monitor_printf("compiler   %s\nlinker     %s\n", OSHIT_COMPILER, OSHIT_LINKER);
	print_options();
	monitor_printf("loader     %s\n", boot_info.loader);
	monitor_printf("cmdline    %s\n", boot_info.cmdline);
	if (boot_info.initrd_size)
		monitor_printf("initrd     0x%lx, %lu KiB\n", boot_info.initrd_start,
			       DIV_ROUND_UP(boot_info.initrd_size, KIB(1)));
	print_sections();
	return 0;
}
MONITOR_COMMAND(kerninfo, "", "version, compiler, options, loader, command line, image", kerninfo);

static const char *range_type(enum boot_range_type type)
{
	switch (type) {
	case BOOT_RANGE_RAM:
		return "RAM";
	case BOOT_RANGE_RESERVED:
		return "reserved";
	case BOOT_RANGE_ACPI:
		return "ACPI tables";
	case BOOT_RANGE_NVS:
		return "ACPI NVS";
	case BOOT_RANGE_UNUSABLE:
		return "unusable";
	}
	return "unknown";
}

static int memmap(int argc, char **argv)
{
	const struct boot_range *range;
	u64 ram = 0;

	if (argc != 1)
		return -EINVAL;
	for (unsigned int i = 0; i < boot_info.nr_ranges; i++) {
		range = &boot_info.ranges[i];
		monitor_printf("0x%016lx - 0x%016lx %10lu KiB %s\n", range->start,
			       range->start + range->size - 1, range->size / KIB(1),
			       range_type(range->type));
		ram += range->type == BOOT_RANGE_RAM ? range->size : 0;
	}
	monitor_printf("%u ranges from %s, %lu KiB of RAM", boot_info.nr_ranges, boot_info.loader,
		       ram / KIB(1));
	if (boot_info.nr_ranges_lost)
		monitor_printf(", %u ranges lost", boot_info.nr_ranges_lost);
	monitor_printf("\n");
	return 0;
}
MONITOR_COMMAND(memmap, "", "the memory map as the boot loader gave it", memmap);

static int show_log(int argc, char **argv)
{
	static struct log_record record;
	static char line[LOG_TEXT_MAX + 32];
	struct log_reader reader = LOG_READER_INIT;
	unsigned long nr = 0;

	if (argc > 2 || (argc == 2 && parse_number(argv[1], &nr)))
		return -EINVAL;
	if (argc == 2)
		log_reader_seek_tail(&reader, min(nr, (unsigned long)~0U));
	while (!monitor_interrupted() && log_read(&reader, &record)) {
		log_format(&record, line, sizeof(line));
		monitor_printf("%s", line);
	}
	if (reader.nr_lost)
		monitor_printf("%lu older messages are lost\n", reader.nr_lost);
	return 0;
}
MONITOR_COMMAND(log, "[N]", "the kernel's messages, or the last N of them", show_log);

static int backtrace(int argc, char **argv)
{
	static unsigned long entries[BACKTRACE_MAX];
	unsigned int nr;

	if (argc != 1)
		return -EINVAL;
	if (monitor_regs())
		nr = stack_trace_save_regs(monitor_regs(), entries, BACKTRACE_MAX);
	else
		nr = stack_trace_save(entries, BACKTRACE_MAX, 0);
	/* The first is the instruction that stopped, the others are behind a call. */
	for (unsigned int i = 0; i < nr; i++)
		monitor_printf(i || !monitor_regs() ? "#%-2u 0x%lx %pB\n" : "#%-2u 0x%lx %pS\n", i,
			       entries[i], (void *)entries[i]);
	return 0;
}
MONITOR_COMMAND(backtrace, "", "the calls that led into the monitor", backtrace);
