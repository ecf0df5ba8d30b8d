/* SPDX-License-Identifier: GPL-2.0-only */
/* The folder of devices that the kernel fills: fs/devtmpfs.c. */
#ifndef OSHIT_DEVTMPFS_H
#define OSHIT_DEVTMPFS_H

#include <oshit/types.h>

#ifdef CONFIG_DEVTMPFS
/* Boot: the type and its one file system; before devices register. */
void devtmpfs_init(void);

/**
 * devtmpfs_create_node() - a node for a device
 * @name: below /dev; its folders are made ("input/mice")
 * @mode: S_IFCHR or S_IFBLK, and permissions; the owner is root
 * @dev: MKDEV()
 *
 * Context: task; may sleep. Return: 0; -EEXIST, -ENOTDIR, -ENOMEM, -ENOSPC.
 */
int devtmpfs_create_node(const char *name, unsigned int mode, u32 dev);
#else
static inline void devtmpfs_init(void) {}

static inline int devtmpfs_create_node(const char *name __maybe_unused,
				       unsigned int mode __maybe_unused, u32 dev __maybe_unused)
{
	return 0;
}
#endif

#endif
