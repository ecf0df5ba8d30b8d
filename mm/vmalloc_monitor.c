/* SPDX-License-Identifier: GPL-2.0-only */
/* Monitor command vmalloc: the areas, without lock or trust in the tree. */
#include <linux/errno.h>

#include <oshit/monitor.h>
#include <oshit/sizes.h>
#include <oshit/vmalloc.h>

static void show_area(const struct vmalloc_info *info)
{
	monitor_printf("%016lx %8lu KiB  %-7s  ", info->start, info->size / KIB(1),
		       vmalloc_kind_name(info->kind));
	if (info->kind == VMALLOC_IO)
		monitor_printf("physical 0x%lx  ", info->phys);
	monitor_printf("%pS\n", info->caller);
}

static int monitor_vmalloc(int argc, char **argv)
{
	unsigned long addr = vmalloc_base, nr_areas = 0, nr_bytes = 0;
	struct vmalloc_info info;

	if (argc > 2 || (argc == 2 && monitor_parse_address(argv[1], &addr)))
		return -EINVAL;
	while (vmalloc_peek(addr, &info) && !monitor_interrupted()) {
		/* A tree in ruins must not lead in circles. */
		if (info.start + info.size <= addr && nr_areas)
			break;
		show_area(&info);
		nr_areas++;
		nr_bytes += info.size;
		addr = info.start + info.size + PAGE_SIZE;
		if (argc == 2)
			return 0;
	}
	monitor_printf("%lu areas, %lu KiB, from 0x%lx on\n", nr_areas, nr_bytes / KIB(1),
		       vmalloc_base);
	return 0;
}
MONITOR_COMMAND(vmalloc, "[ADDRESS]",
		"areas of vmalloc, vmap, ioremap and stacks\n"
		"Start, size, kind, and who made it, lowest first.\n"
		"With ADDRESS only the first one that ends above it.",
		monitor_vmalloc);
