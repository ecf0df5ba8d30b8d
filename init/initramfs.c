/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The initramfs: what the boot loader brought, else the archive that the kernel carries.  It is
 * checked as a whole before anything is taken from it, so that a corrupt one costs one line of the
 * log and leaves nothing half done.
 */
#define pr_fmt(fmt) "initramfs: " fmt

#include <arch/page.h>
#include <oshit/boot_info.h>
#include <oshit/cpio.h>
#include <oshit/init.h>
#include <oshit/initramfs.h>
#include <oshit/memblock.h>
#include <oshit/printk.h>

/* Empty without INITRAMFS_EMBED. */
extern const char __start_initramfs[], __stop_initramfs[];

static __init bool is_mapped(phys_addr_t start, u64 size)
{
	phys_addr_t end = start + size;

	return end >= start && end <= memblock.mapped_end && memblock_is_memory(start) &&
	       memblock_is_memory(end - 1);
}

/* True if the archive is whole; says what is in it, or what is wrong with it. */
static __init bool is_good(const struct initramfs *initramfs, const char *whose)
{
	struct cpio_reader reader;
	struct cpio_entry entry;
	unsigned int nr = 0;

	cpio_open(&reader, initramfs->data, initramfs->size);
	while (cpio_next(&reader, &entry) > 0)
		nr++;
	if (reader.error || !nr) {
		pr_err("%s is not used: corrupt at byte %zu: %s", whose, reader.pos,
		       reader.error ?: "it is empty");
		return false;
	}
	pr_info("%s: %u entries, %zu KiB", whose, nr, initramfs->size >> 10);
	return true;
}

static __init bool take_loaders(struct initramfs *initramfs)
{
	if (!boot_info.initrd_size)
		return false;
	if (!is_mapped(boot_info.initrd_start, boot_info.initrd_size)) {
		pr_err("the loader's is not used: %#lx, %lu bytes, is not in memory",
		       boot_info.initrd_start, boot_info.initrd_size);
		return false;
	}
	initramfs->data = phys_to_virt(boot_info.initrd_start);
	initramfs->size = boot_info.initrd_size;
	initramfs->embedded = false;
	return is_good(initramfs, "the loader's");
}

static __init bool take_embedded(struct initramfs *initramfs)
{
	initramfs->data = __start_initramfs;
	initramfs->size = __stop_initramfs - __start_initramfs;
	initramfs->embedded = true;
	return initramfs->size && is_good(initramfs, "the embedded one");
}

__init void initramfs_find(struct initramfs *initramfs)
{
	if (take_loaders(initramfs))
		return;
	boot_info.initrd_size = 0;
	if (!take_embedded(initramfs))
		initramfs->size = 0;
}
