/* SPDX-License-Identifier: GPL-2.0-only */
/* Character devices: what is behind a device number. */
#ifndef OSHIT_CHRDEV_H
#define OSHIT_CHRDEV_H

#include <oshit/fs.h>
#include <oshit/list.h>
#include <oshit/types.h>

struct chrdev { /* i: constant once registered   c: the list's lock */
	const char *name; /* i  and that of its node in devtmpfs, below /dev */
	unsigned int mode; /* i  permissions of the node of @first; 0: the driver makes nodes */
	u32 first; /* i  MKDEV() */
	unsigned int nr; /* i  numbers from there on */
	const struct file_operations *fops; /* i  open() sees the inode with its rdev */
	struct list_head list; /* c */
};

/* For good: there is no way back. May sleep. 0; -EBUSY: a number is taken; -errno of
 * devtmpfs_create_node(): the device works, but has no node. */
int chrdev_register(struct chrdev *chrdev);

/* The one with the least number not below @first; NULL: none. For good, too. Any task. */
const struct chrdev *chrdev_next(u32 first);

/* Of every inode of a character device: open() puts the device's own in its place. */
extern const struct file_operations chrdev_open_fops;

/* Boot: null, zero and full; random and urandom; kmsg; without TTY, the console. */
void mem_devices_init(void);
void random_devices_init(void);
#ifdef CONFIG_KMSG_DEVICE
void kmsg_device_init(void);
#else
static inline void kmsg_device_init(void)
{
}
#endif
#ifdef CONFIG_PLAIN_CONSOLE
void console_device_init(void);
#else
static inline void console_device_init(void) {}
#endif

#endif
