/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * swapon() and swapoff(): which disks and partitions serve for swap.
 *
 * What mkswap writes is the first page of the device:
 *
 *	0	1024 bytes of a boot loader, perhaps
 *	1024	version (1), number of the last page, how many pages are bad; uuid and label
 *	1536	numbers of the bad pages, up to MAX_BAD
 *	4086	"SWAPSPACE2"
 *
 * in the byte order of the machine that wrote it, as the version shows.  Nothing of it is trusted.
 *
 * While a device is in use its file stays open with O_EXCL, so that no other swapon(), and nobody
 * else who asks for it alone, gets it; who opens it without may read and write as on Linux, to his
 * own harm.  The memory side (mm/swap.c) reads and writes sectors of the disk, past the page cache:
 * what is in that is stored before.
 *
 * Locks: swapoff_mutex, so that what a number means stays while a device is taken away.  Others
 * only look.
 *
 * Left out: swap in files, which needs a file system on a disk.
 */
#define pr_fmt(fmt) "swap: " fmt

#include <asm/fcntl.h>
#include <linux/capability.h>
#include <linux/errno.h>
#include <oshit/bdev.h>
#include <oshit/cred.h>
#include <oshit/disk.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/gfp.h>
#include <oshit/math.h>
#include <oshit/mutex.h>
#include <oshit/overcommit.h>
#include <oshit/printf.h>
#include <oshit/printk.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/swap.h>
#include <oshit/syscalls.h>

/* Of Linux. */
#define SWAP_FLAG_PRIO_MASK	0x7fff
#define SWAP_FLAG_PREFER	0x8000 /* the lowest bits are a priority */
#define SWAP_FLAG_DISCARD	0x10000 /* what no disk here can do */
#define SWAP_FLAG_DISCARD_ONCE	0x20000
#define SWAP_FLAG_DISCARD_PAGES 0x40000
#define SWAP_FLAGS                                                                             \
	(SWAP_FLAG_PRIO_MASK | SWAP_FLAG_PREFER | SWAP_FLAG_DISCARD | SWAP_FLAG_DISCARD_ONCE | \
	 SWAP_FLAG_DISCARD_PAGES)

#define PAGE_SECTORS (PAGE_SIZE / SECTOR_SIZE)
#define MAX_BAD	     637

struct swap_header {
	u8 boot[1024];
	u32 version, last_page, nr_bad;
	u8 uuid[16];
	char label[16];
	u32 unused[117];
	u32 bad[MAX_BAD];
	u8 more[2];
	char magic[10];
};
static_assert(sizeof(struct swap_header) == PAGE_SIZE, "the header is the first page");

static DEFINE_MUTEX(swapoff_mutex);

/* --- the header --- */

static bool swap_bytes(struct swap_header *header)
{
	if (header->version == 1)
		return true;
	if (header->version != __builtin_bswap32(1))
		return false;
	header->last_page = __builtin_bswap32(header->last_page);
	header->nr_bad = __builtin_bswap32(header->nr_bad);
	for (unsigned int i = 0; i < MAX_BAD; i++)
		header->bad[i] = __builtin_bswap32(header->bad[i]);
	return true;
}

/* Why it is none; NULL: it is one. */
static const char *complaint(struct swap_header *header, u64 device_pages)
{
	if (memcmp(header->magic, "SWAPSPACE2", sizeof(header->magic)))
		return "no signature of swap";
	if (!swap_bytes(header))
		return "a version of swap that is not known";
	if (!header->last_page)
		return "swap without a page";
	if (header->last_page >= device_pages)
		return "shorter than its header says";
	if (header->nr_bad > MAX_BAD)
		return "too many bad pages";
	for (unsigned int i = 0; i < header->nr_bad; i++)
		if (!header->bad[i] || header->bad[i] > header->last_page)
			return "a bad page that is not there";
	return NULL;
}

static int read_header(struct file *file, const struct bdev_place *place,
		       struct swap_header *header)
{
	long done = kernel_read(file, header, sizeof(*header), 0);
	const char *text;

	if (done < 0)
		return (int)done;
	if (done < (long)sizeof(*header))
		return -EINVAL;
	text = complaint(header, place->nr_sectors / PAGE_SECTORS);
	if (text)
		pr_err("%s", text);
	return text ? -EINVAL : 0;
}

/* --- on --- */

/* As /proc/swaps shows it. A name that is too long for that is the disk's. */
static void name_device(struct file *file, const struct disk *disk, char *name, size_t size)
{
	char *page = (char *)__get_free_page(GFP_KERNEL), *path;
	struct path root;

	snprintf(name, size, "/dev/%s", disk->name);
	if (!page)
		return;
	get_fs_root(&root);
	path = d_path(&file->path, &root, page, PAGE_SIZE);
	path_put(&root);
	if (!IS_ERR(path) && strlen(path) < size)
		memcpy(name, path, strlen(path) + 1);
	free_page((unsigned long)page);
}

static int add_source(struct file *file, const struct bdev_place *place,
		      const struct swap_header *header, int flags)
{
	struct swap_source source = {
		.disk = place->disk,
		.first_sector = place->first,
		.nr_pages = header->last_page + 1UL,
		.bad_pages = header->bad,
		.nr_bad = header->nr_bad,
		.priority = flags & SWAP_FLAG_PREFER ? flags & SWAP_FLAG_PRIO_MASK : -1,
		.private = file,
	};
	int err;

	name_device(file, place->disk, source.name, sizeof(source.name));
	err = swap_device_add(&source);
	if (!err)
		pr_info("%lu KiB on %s", (source.nr_pages - 1) * (PAGE_SIZE / 1024), source.name);
	return err;
}

/* On success the file is the device's. */
static int swap_on(struct file *file, int flags)
{
	struct swap_header *header;
	struct bdev_place place;
	int err;

	if (!bdev_place_of(file, &place))
		return -EINVAL;
	header = kmalloc(sizeof(*header), GFP_KERNEL);
	if (!header)
		return -ENOMEM;
	err = read_header(file, &place, header);
	err = err ?: file->ops->fsync(file, 0);
	err = err ?: add_source(file, &place, header, flags);
	kfree(header);
	return err;
}

long sys_swapon(const char __user *name, int flags)
{
	struct file *file;
	char *path;
	int err;

	if (flags & ~SWAP_FLAGS)
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	path = getname(name);
	if (IS_ERR(path))
		return PTR_ERR(path);
	file = filp_open(path, O_RDWR | O_LARGEFILE | O_EXCL, 0);
	putname(path);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = swap_on(file, flags);
	if (err)
		fput(file);
	return err;
}

/* --- off --- */

/* The number of the device that @file is of; -EINVAL: it is not in use. */
static int find_device(const struct file *file, struct swap_info *info)
{
	struct bdev_place place;

	if (!bdev_place_of(file, &place))
		return -EINVAL;
	for (unsigned int i = 0; i < SWAP_MAX_DEVICES; i++)
		if (swap_device_info(i, info) && info->disk == place.disk &&
		    info->first_sector == place.first)
			return (int)i;
	return -EINVAL;
}

/* What was promised must be kept without it. */
static int check_promises(const struct swap_info *info)
{
	long nr_pages = (long)info->nr_pages;
	int err = vm_enough_memory(NULL, nr_pages);

	if (!err)
		vm_unacct_memory(nr_pages);
	return err;
}

static int swap_off(const struct file *file)
{
	struct swap_info info;
	int index = find_device(file, &info), err;

	if (index < 0)
		return index;
	err = check_promises(&info) ?: swap_device_remove((unsigned int)index);
	if (err)
		return err;
	pr_info("%s is not used any more", info.name);
	if (info.private)
		fput(info.private);
	else
		bdev_unclaim_disk(info.disk);
	return 0;
}

long sys_swapoff(const char __user *name)
{
	struct file *file;
	char *path;
	int err = -EBUSY;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	path = getname(name);
	if (IS_ERR(path))
		return PTR_ERR(path);
	file = filp_open(path, O_RDWR | O_LARGEFILE, 0);
	putname(path);
	if (IS_ERR(file))
		return PTR_ERR(file);
	if (mutex_trylock(&swapoff_mutex)) {
		err = swap_off(file);
		mutex_unlock(&swapoff_mutex);
	}
	fput(file);
	return err;
}
