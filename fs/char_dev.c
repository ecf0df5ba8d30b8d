/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Character devices by number.  Every inode of one has the same open(), which finds the device and
 * puts its operations into the file.
 *
 * Locks: chrdevs_lock for the list, which only grows.
 */
#include <linux/errno.h>
#include <oshit/chrdev.h>
#include <oshit/devtmpfs.h>
#include <oshit/fs.h>

static DEFINE_SPINLOCK(chrdevs_lock);
static LIST_HEAD(chrdevs); /* struct chrdev */

/* Under the lock. */
static struct chrdev *find_overlap(u32 first, unsigned int nr)
{
	struct chrdev *chrdev;

	list_for_each_entry(chrdev, &chrdevs, list)
		if (first < chrdev->first + chrdev->nr && chrdev->first < first + nr)
			return chrdev;
	return NULL;
}

int chrdev_register(struct chrdev *chrdev)
{
	int err = -EBUSY;

	spin_lock(&chrdevs_lock);
	if (!find_overlap(chrdev->first, chrdev->nr)) {
		list_add_tail(&chrdev->list, &chrdevs);
		err = 0;
	}
	spin_unlock(&chrdevs_lock);
	if (!err && chrdev->mode)
		err = devtmpfs_create_node(chrdev->name, S_IFCHR | chrdev->mode, chrdev->first);
	return err;
}

const struct chrdev *chrdev_next(u32 first)
{
	const struct chrdev *chrdev, *next = NULL;

	spin_lock(&chrdevs_lock);
	list_for_each_entry(chrdev, &chrdevs, list)
		if (chrdev->first >= first && (!next || chrdev->first < next->first))
			next = chrdev;
	spin_unlock(&chrdevs_lock);
	return next;
}

static int chrdev_open(struct inode *inode, struct file *file)
{
	struct chrdev *chrdev;

	spin_lock(&chrdevs_lock);
	chrdev = find_overlap(inode->rdev, 1);
	spin_unlock(&chrdevs_lock);
	if (!chrdev)
		return -ENXIO;
	file->ops = chrdev->fops;
	return file->ops->open ? file->ops->open(inode, file) : 0;
}

const struct file_operations chrdev_open_fops = { .open = chrdev_open };
