/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The initramfs becomes the root file system: each entry of the archive is made in it, in order,
 * as a program would with system calls.  The archive is whole (initramfs_find() has read it); what
 * cannot be made of it, for want of memory or because it contradicts itself, costs a line of the
 * log, and the rest is there all the same.
 *
 * Entries of one inode are links of one file; their data comes with the last of them.  Times of
 * directories are set in a second pass, when nothing changes in them any more.
 *
 * Context: process 1 while it boots, as root, without a umask.
 */
#define pr_fmt(fmt) "initramfs: " fmt

#include <linux/errno.h>
#include <linux/major.h>
#include <oshit/boot_info.h>
#include <oshit/cpio.h>
#include <oshit/err.h>
#include <oshit/fs.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/initramfs.h>
#include <oshit/list.h>
#include <oshit/namei.h>
#include <oshit/printk.h>
#include <oshit/slab.h>
#include <oshit/string.h>

#define MAX_COMPLAINTS 10

struct first_link { /* the first name of a file that has several */
	struct list_head list;
	u32 dev_major, dev_minor, ino;
	const char *name; /* in the archive */
};

static LIST_HEAD(first_links); /* process 1's alone */
static unsigned int nr_errors __initdata;

static __init void complain(const struct cpio_entry *entry, int err)
{
	if (nr_errors++ < MAX_COMPLAINTS)
		pr_err("%s: %pe", entry->name, ERR_PTR(err));
}

/* --- hard links --- */

static __init struct first_link *find_first_link(const struct cpio_entry *entry)
{
	struct first_link *link;

	list_for_each_entry(link, &first_links, list)
		if (link->ino == entry->ino && link->dev_major == entry->dev_major &&
		    link->dev_minor == entry->dev_minor)
			return link;
	return NULL;
}

static __init int remember_link(const struct cpio_entry *entry)
{
	struct first_link *link = kmalloc(sizeof(*link), GFP_KERNEL);

	if (!link)
		return -ENOMEM;
	*link = (struct first_link){
		.dev_major = entry->dev_major,
		.dev_minor = entry->dev_minor,
		.ino = entry->ino,
		.name = entry->name,
	};
	list_add(&link->list, &first_links);
	return 0;
}

static __init void forget_links(void)
{
	struct first_link *link, *next;

	list_for_each_entry_safe(link, next, &first_links, list) {
		list_del(&link->list);
		kfree(link);
	}
}

/* --- entries --- */

/* Owner, mode and times, as the archive says. */
static __init int set_attributes(const struct cpio_entry *entry)
{
	struct iattr attr = {
		.valid = ATTR_UID | ATTR_GID | ATTR_MODE | ATTR_ATIME | ATTR_ATIME_SET |
			 ATTR_MTIME | ATTR_MTIME_SET,
		.mode = entry->mode & S_PERMISSIONS,
		.uid = entry->uid,
		.gid = entry->gid,
		.atime.tv_sec = entry->mtime,
		.mtime.tv_sec = entry->mtime,
	};
	struct path path;
	struct inode *inode;
	int err = path_lookup(AT_FDCWD, entry->name, 0, &path);

	if (err)
		return err;
	inode = d_inode(path.dentry);
	inode_lock(inode);
	err = notify_change(inode, &attr);
	inode_unlock(inode);
	path_put(&path);
	return err;
}

static __init int write_file(const struct cpio_entry *entry, unsigned int flags)
{
	struct file *file = filp_open(entry->name, O_WRONLY | O_CREAT | O_NOFOLLOW | flags, 0600);
	size_t done = 0;
	long len = 0;

	if (IS_ERR(file))
		return PTR_ERR(file);
	while (done < entry->size) {
		len = kernel_write(file, (const char *)entry->data + done, entry->size - done,
				   done);
		if (len <= 0)
			break;
		done += len;
	}
	fput(file);
	if (done < entry->size)
		return len ? (int)len : -EIO;
	return 0;
}

static __init int make_file(const struct cpio_entry *entry)
{
	struct first_link *first = entry->nlink > 1 ? find_first_link(entry) : NULL;
	int err = 0;

	if (first)
		err = do_linkat(AT_FDCWD, first->name, AT_FDCWD, entry->name, 0);
	else if (entry->nlink > 1)
		err = remember_link(entry);
	if (err)
		return err;
	/* A name that has no data may belong to a file that has some already. */
	return write_file(entry, first ? 0 : O_TRUNC);
}

static __init int make_link(const struct cpio_entry *entry)
{
	char *body = kzalloc((size_t)entry->size + 1, GFP_KERNEL);
	int err;

	if (!body)
		return -ENOMEM;
	memcpy(body, entry->data, entry->size);
	err = *body ? do_symlinkat(body, AT_FDCWD, entry->name) : -EINVAL;
	kfree(body);
	return err;
}

static __init int make_node(const struct cpio_entry *entry)
{
	return do_mknodat(AT_FDCWD, entry->name, entry->mode & (S_IFMT | 0777),
			  MKDEV(entry->rdev_major, entry->rdev_minor));
}

static __init bool is_there(const char *name, unsigned int format)
{
	struct path path;
	bool there;

	if (path_lookup(AT_FDCWD, name, 0, &path))
		return false;
	there = inode_is(d_inode(path.dentry), format);
	path_put(&path);
	return there;
}

/* What an earlier entry, or archive, has put there goes, unless it is of use. */
static __init void make_way(const struct cpio_entry *entry)
{
	unsigned int format = entry->mode & S_IFMT;

	if (format == S_IFDIR || (format == S_IFREG && is_there(entry->name, S_IFREG)))
		return;
	if (do_unlinkat(AT_FDCWD, entry->name) == -EISDIR)
		do_rmdirat(AT_FDCWD, entry->name);
}

static __init int make_entry(const struct cpio_entry *entry)
{
	int err;

	make_way(entry);
	switch (entry->mode & S_IFMT) {
	case S_IFDIR:
		err = do_mkdirat(AT_FDCWD, entry->name, 0700);
		if (err == -EEXIST && is_there(entry->name, S_IFDIR))
			err = 0;
		break;
	case S_IFREG:
		err = make_file(entry);
		break;
	case S_IFLNK:
		err = make_link(entry);
		break;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		err = make_node(entry);
		break;
	default:
		err = -EINVAL;
		break;
	}
	return err ?: set_attributes(entry);
}

/* --- the archive --- */

/* What programs may expect in any root. The archive may bring its own. */
static __init void make_default_nodes(void)
{
	int err = do_mkdirat(AT_FDCWD, "/dev", 0755) ?:
		  do_mknodat(AT_FDCWD, "/dev/console", S_IFCHR | 0600, MKDEV(TTYAUX_MAJOR, 1)) ?:
		  do_mkdirat(AT_FDCWD, "/root", 0700);

	if (err)
		pr_err("no /dev/console: %pe", ERR_PTR(err));
}

static __init void unpack(const struct initramfs *initramfs)
{
	struct cpio_reader reader;
	struct cpio_entry entry;
	int err;

	cpio_open(&reader, initramfs->data, initramfs->size);
	while (cpio_next(&reader, &entry) > 0) {
		err = make_entry(&entry);
		if (err)
			complain(&entry, err);
	}
	forget_links();
	cpio_open(&reader, initramfs->data, initramfs->size);
	while (cpio_next(&reader, &entry) > 0)
		if (S_ISDIR(entry.mode))
			set_attributes(&entry);
	if (nr_errors > MAX_COMPLAINTS)
		pr_err("and %u more errors", nr_errors - MAX_COMPLAINTS);
}

/* The pages that hold the loader's archive and nothing else. */
static __init void free_loaders(void)
{
	phys_addr_t start = boot_info.initrd_start, end = start + boot_info.initrd_size;

	free_reserved_range(start, end);
	boot_info.initrd_size = 0;
}

__init void populate_rootfs(const struct initramfs *initramfs)
{
	make_default_nodes();
	if (!initramfs->size)
		return;
	unpack(initramfs);
	if (!initramfs->embedded)
		free_loaders();
}
