/* SPDX-License-Identifier: GPL-2.0-only */
/* The order in which the files of fs/ come up. */
#include <oshit/chrdev.h>
#include <oshit/devtmpfs.h>
#include <oshit/file_lock.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/fs_init.h>
#include <oshit/init.h>
#include <oshit/memfd.h>
#include <oshit/ramfs.h>
#include <oshit/tty.h>

#include "internal.h"

void (*fs_signal_hook)(int sig);

__init void fs_init(void)
{
	dcache_init();
	namei_init();
	file_table_init();
	files_init();
	locks_init();
	ramfs_init();
	anon_init();
	memfd_init();
	mount_rootfs();
	devtmpfs_init();
	mem_devices_init();
	random_devices_init();
	kmsg_device_init();
	console_device_init();
	tty_init();
}
