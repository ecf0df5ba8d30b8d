/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PVH: Xen's direct boot protocol, also spoken by QEMU's -kernel, Firecracker and Cloud Hypervisor
 * (xen/include/public/arch-x86/hvm/start_info.h).  A start_info structure names the command line,
 * modules (the first is the initramfs), the ACPI root and, from version 1 on, the memory map.
 */
#include "boot.h"

#include <arch/page.h>
#include <oshit/boot_info.h>
#include <oshit/init.h>

struct hvm_start_info {
	u32 magic;
	u32 version;
	u32 flags;
	u32 nr_modules;
	u64 modlist_paddr;
	u64 cmdline_paddr;
	u64 rsdp_paddr;
	u64 memmap_paddr; /* from version 1 on, as the next two */
	u32 memmap_entries;
	u32 reserved;
};

struct hvm_modlist_entry {
	u64 paddr;
	u64 size;
	u64 cmdline_paddr;
	u64 reserved;
};

struct hvm_memmap_entry {
	u64 addr;
	u64 size;
	u32 type;
	u32 reserved;
};

__init const char *pvh_cmdline(const void *start_info)
{
	return (const char *)((const struct hvm_start_info *)start_info)->cmdline_paddr;
}

__init void pvh_read_info(const void *start_info)
{
	const struct hvm_start_info *info = start_info;
	const struct hvm_modlist_entry *module;
	const struct hvm_memmap_entry *entry;
	u32 i;

	boot_info.loader = "PVH";
	boot_info.rsdp = info->rsdp_paddr;
	boot_info.has_vga_text = true;
	if (info->cmdline_paddr)
		boot_set_cmdline(phys_to_virt(info->cmdline_paddr), BOOT_CMDLINE_SIZE);
	if (info->nr_modules) {
		module = phys_to_virt(info->modlist_paddr);
		boot_info.initrd_start = module->paddr;
		boot_info.initrd_size = module->size;
	}
	if (info->version < 1)
		return;
	entry = phys_to_virt(info->memmap_paddr);
	for (i = 0; i < info->memmap_entries; i++)
		boot_add_range(entry[i].addr, entry[i].size, entry[i].type);
}
