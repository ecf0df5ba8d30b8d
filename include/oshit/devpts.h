/* SPDX-License-Identifier: GPL-2.0-only */
/* The file system of pseudo-terminals, /dev/pts, as their driver (drivers/tty/pty.c) sees it. */
#ifndef OSHIT_DEVPTS_H
#define OSHIT_DEVPTS_H

#include <oshit/mount.h>
#include <oshit/types.h>

struct devpts;
struct file;
struct inode;
struct tty_struct;

/* The file system in which opening @file, a ptmx, makes a slave: that of the node itself, or what
 * is mounted on "pts" beside it; for devpts_put(). @root: its root, for path_put().
 * ERR_PTR(-ENODEV). */
struct devpts *devpts_of(const struct file *file, struct path *root);
void devpts_put(struct devpts *devpts);

/**
 * devpts_add() - a node for a slave
 * @slave: who opens the node opens this; the node holds a reference
 *
 * Context: task; may sleep. Return: its number; -ENOSPC: there are too many; -ENOMEM.
 */
int devpts_add(struct devpts *devpts, struct tty_struct *slave);
/* The node goes; who has it open keeps the slave. */
void devpts_remove(struct devpts *devpts, int index);

/* What a node of a slave opens, with a reference; NULL: it is none, or has been removed. */
struct tty_struct *devpts_tty(struct inode *inode);

/* Boot. */
void devpts_init(void);

#endif
