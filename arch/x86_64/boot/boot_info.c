/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Collects what the loader said into the one boot_info.  Which loader it was shows in a magic
 * number that head.S kept; everything after this file is the same for all of them.
 */
#include "boot.h"

#include <arch/boot.h>
#include <arch/page.h>
#include <oshit/boot_info.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/string.h>

__init void boot_add_range(u64 start, u64 size, u32 type)
{
	struct boot_range *range;

	if (boot_info.nr_ranges == BOOT_MAX_RANGES) {
		boot_info.nr_ranges_lost++;
		return;
	}
	range = &boot_info.ranges[boot_info.nr_ranges++];
	range->start = start;
	range->size = size;
	range->type = type >= BOOT_RANGE_RAM && type <= BOOT_RANGE_UNUSABLE
			      ? (enum boot_range_type)type
			      : BOOT_RANGE_RESERVED;
}

__init void boot_set_cmdline(const char *text, size_t max)
{
	size_t len = strlen(boot_info.cmdline);

	strscpy(boot_info.cmdline + len, text, min(max, sizeof(boot_info.cmdline) - len));
}

/* In front of the loader's line: of two settings of a parameter the last one wins. */
static __init void set_builtin_cmdline(void)
{
	boot_set_cmdline(CONFIG_CMDLINE, BOOT_CMDLINE_SIZE - 1);
	if (CONFIG_CMDLINE[0])
		boot_set_cmdline(" ", 2);
}

__init void boot_info_read(void)
{
	const void *params = phys_to_virt(boot_params_phys);

	set_builtin_cmdline();
	if (boot_magic == PVH_MAGIC)
		pvh_read_info(params);
	else if (boot_magic == MULTIBOOT2_MAGIC)
		multiboot2_read_info(params);
	else
		boot_info.loader = "unknown";
}

__init u64 boot_first_cycles(void)
{
	return boot_cycles;
}
