/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the loader's memory map to memblock.
 *
 * The command line may correct the map, with Linux's words:
 *	mem=SIZE		no RAM from SIZE up
 *	memmap=exactmap		forget the loader's map; only what follows counts
 *	memmap=SIZE@START	RAM
 *	memmap=SIZE$START	reserved
 *	memmap=SIZE#START	ACPI data
 * several in one option with commas between them.  What the kernel sits on is reserved whatever
 * the map says, and so is the first 64 KiB, which firmware keeps writing to.
 * Context: boot, one CPU.
 */
#define pr_fmt(fmt) "memory: " fmt

#include <arch/page.h>
#include <linux/errno.h>
#include <oshit/boot_info.h>
#include <oshit/boot_param.h>
#include <oshit/init.h>
#include <oshit/kstrtox.h>
#include <oshit/math.h>
#include <oshit/memblock.h>
#include <oshit/memory_map.h>
#include <oshit/panic.h>
#include <oshit/printk.h>
#include <oshit/sizes.h>
#include <oshit/string.h>

#define FIRMWARE_LOW_SIZE KIB(64)
#define MIN_MEMORY	  MIB(4) /* the image, its tables, and a program or two */

static u64 mem_limit __initdata = MEMBLOCK_ANYWHERE;

static __init int mem_param(const char *value)
{
	return value ? memparse(value, NULL, &mem_limit) : -EINVAL;
}
BOOT_PARAM("mem", mem_param);

static __init int add_range(u64 start, u64 size, enum boot_range_type type)
{
	if (!size || start + size < start)
		return -EINVAL;
	if (boot_info.nr_ranges == BOOT_MAX_RANGES)
		return -ENOSPC;
	boot_info.ranges[boot_info.nr_ranges++] = (struct boot_range){ start, size, type };
	return 0;
}

/* One range of `memmap=`; *@text moves on behind it. */
static __init int parse_range(const char **text)
{
	enum boot_range_type type;
	u64 size, start;
	int err;

	err = memparse(*text, text, &size);
	if (err)
		return err;
	switch (*(*text)++) {
	case '@':
		type = BOOT_RANGE_RAM;
		break;
	case '$':
		type = BOOT_RANGE_RESERVED;
		break;
	case '#':
		type = BOOT_RANGE_ACPI;
		break;
	default:
		return -EINVAL;
	}
	err = memparse(*text, text, &start);
	return err ?: add_range(start, size, type);
}

static __init int memmap_param(const char *value)
{
	int err = value ? 0 : -EINVAL;

	while (!err && *value) {
		if (!strncmp(value, "exactmap", 8)) {
			boot_info.nr_ranges = 0;
			value += 8;
		} else {
			err = parse_range(&value);
		}
		if (*value && *value++ != ',')
			err = err ?: -EINVAL;
	}
	return err;
}
BOOT_PARAM("memmap", memmap_param);

__init void memory_map_init(void)
{
	phys_addr_t image = symbol_to_phys(_text);
	u64 image_size = (u64)(_end - _text);

	if (boot_info.nr_ranges_lost)
		pr_warn("%u ranges of the loader's map are lost: there is room for %u",
			boot_info.nr_ranges_lost, BOOT_MAX_RANGES);
	memblock_set_direct_map(direct_map_base, EARLY_MAP_SIZE);
	if (memblock_take_boot_info(&boot_info))
		pr_warn("the memory map has too many pieces; some memory is not used");
	memblock_limit(mem_limit);
	memblock_reserve(0, FIRMWARE_LOW_SIZE, MEMBLOCK_FIRMWARE);
	memblock_reserve(image, image_size, MEMBLOCK_KERNEL);
	if (memblock_memory_size() < MIN_MEMORY)
		panic("only %lu KiB of memory; %lu KiB is the least that can work",
		      memblock_memory_size() >> 10, MIN_MEMORY >> 10);
	pr_info("%lu MiB up to %#lx, kernel %lu KiB at %#lx, initramfs %lu KiB",
		memblock_memory_size() >> 20, memblock_end(), image_size >> 10, image,
		boot_info.initrd_size >> 10);
}
