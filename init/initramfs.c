/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The initramfs that the loader brought: checked as a whole before anything is taken from it, so
 * that a corrupt one costs one line of the log and leaves nothing half done.
 */
#define pr_fmt(fmt) "initramfs: " fmt

#include <arch/page.h>
#include <oshit/boot_info.h>
#include <oshit/cpio.h>
#include <oshit/init.h>
#include <oshit/initramfs.h>
#include <oshit/memblock.h>
#include <oshit/printk.h>

static __init bool initramfs_is_mapped(void)
{
	phys_addr_t end = boot_info.initrd_start + boot_info.initrd_size;

	return end >= boot_info.initrd_start && end <= memblock.mapped_end &&
	       memblock_is_memory(boot_info.initrd_start) && memblock_is_memory(end - 1);
}

__init void initramfs_check(void)
{
	struct cpio_reader reader;
	struct cpio_entry entry;
	unsigned int nr = 0;

	if (!boot_info.initrd_size)
		return;
	if (!initramfs_is_mapped()) {
		pr_err("not used: %#lx, %lu bytes, is not in memory", boot_info.initrd_start,
		       boot_info.initrd_size);
		boot_info.initrd_size = 0;
		return;
	}
	cpio_open(&reader, phys_to_virt(boot_info.initrd_start), boot_info.initrd_size);
	while (cpio_next(&reader, &entry) > 0)
		nr++;
	if (reader.error || !nr) {
		pr_err("not used: corrupt at byte %zu: %s", reader.pos,
		       reader.error ?: "it is empty");
		boot_info.initrd_size = 0;
		return;
	}
	pr_info("%u entries, %lu KiB", nr, boot_info.initrd_size >> 10);
}
