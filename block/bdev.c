/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Block devices: disks, and the partitions on them.
 *
 * A disk has 16 device numbers: one for itself, and one for each partition up to the 15th.  The
 * struct block_device of a number is made when there first is something, and stays; a partition
 * that a new table does not have any more has no sectors, and cannot be opened.  A table is read
 * again only while no partition is open, so sectors never move under anybody.
 *
 * Each has pages of its own, which all its openers share, whatever the names of its nodes.  A disk
 * and its partitions do not share pages; so that they agree nevertheless, a device's pages are
 * stored and dropped when the last who has it open closes it.
 *
 * Written pages are stored by fsync() and its like, five seconds later (dirty_writeback_centisecs)
 * by a work that runs while there is a writer, and when too much of memory is dirty (mm/dirty.c).
 *
 * Who opens with O_EXCL claims a device: no other does so with it, with the disk that it is on or a
 * partition of it, meanwhile.
 *
 * Locks: bdev->mutex for who has it open; a disk's before those of its partitions.  The list of all
 * only grows, while booting or under the disk's mutex and bdevs_lock.
 */
#define pr_fmt(fmt) "bdev: " fmt

#include <linux/errno.h>
#include <linux/major.h>
#include <oshit/clock.h>
#include <oshit/devtmpfs.h>
#include <oshit/dirty.h>
#include <oshit/gfp.h>
#include <oshit/init.h>
#include <oshit/printf.h>
#include <oshit/printk.h>
#include <oshit/slab.h>
#include <oshit/string.h>

#include "bdev.h"

#define NR_MINORS 16 /* of a disk */
#define NODE_MODE (S_IFBLK | 0660)

static struct block_device *first_bdev;
static DEFINE_SPINLOCK(bdevs_lock); /* who adds */

struct block_device *bdev_first(void)
{
	/* Pairs with the one in register_bdev(). */
	return smp_load_acquire(&first_bdev);
}

static struct block_device *find_bdev(u32 dev)
{
	struct block_device *bdev = bdev_first();

	while (bdev && bdev->dev != dev)
		bdev = smp_load_acquire(&bdev->next);
	return bdev;
}

bool bdev_describe(unsigned int nr, struct bdev_info *info)
{
	struct block_device *bdev = bdev_first();

	while (bdev && nr--)
		bdev = smp_load_acquire(&bdev->next);
	if (!bdev)
		return false;
	strscpy(info->name, bdev->name, sizeof(info->name));
	info->dev = bdev->dev;
	mutex_lock(&bdev->mutex);
	info->nr_sectors = bdev->nr_sectors;
	mutex_unlock(&bdev->mutex);
	return true;
}

/* --- storing --- */

/* 0 means never in Linux; here it is a long time, for who sets another value meanwhile. */
static u64 flush_delay_ns(void)
{
	unsigned long centisecs = READ_ONCE(dirty_writeback_centisecs);

	return (centisecs ?: 360000) * 10 * 1000000UL;
}

int bdev_sync(struct block_device *bdev)
{
	int err = filemap_write_and_wait(&bdev->mapping, 0, ~0UL);
	int flush_err = disk_rw(bdev->disk, IO_FLUSH, 0, NULL, 0);

	return err ?: flush_err;
}

void bdev_sync_all(void)
{
	struct block_device *bdev;

	for (bdev = bdev_first(); bdev; bdev = smp_load_acquire(&bdev->next)) {
		int err = 0;

		mutex_lock(&bdev->mutex);
		if (bdev->nr_openers)
			err = bdev_sync(bdev);
		if (err)
			WRITE_ONCE(bdev->mapping.error, err);
		mutex_unlock(&bdev->mutex);
	}
}

/* An error waits for who asks; until then nothing is tried again and again. */
static void flush_work_fn(struct work_struct *work)
{
	struct block_device *bdev = container_of(work, struct block_device, flush.work);
	int err = READ_ONCE(bdev->mapping.error);

	if (!err)
		err = filemap_write_and_wait(&bdev->mapping, 0, ~0UL);
	if (err)
		WRITE_ONCE(bdev->mapping.error, err);
	queue_delayed_work(system_wq, &bdev->flush, flush_delay_ns());
}

/* --- opening and closing --- */

/* The mutex is held in all of these. */
static int first_opener(struct block_device *bdev)
{
	bdev->store_batch = page_batch_alloc();
	return bdev->store_batch ? 0 : -ENOMEM;
}

static void last_opener(struct block_device *bdev)
{
	invalidate_cache_pages(&bdev->mapping, 0, ~0UL >> PAGE_SHIFT);
	page_batch_free(bdev->store_batch);
	bdev->store_batch = NULL;
}

static void last_writer(struct block_device *bdev)
{
	int err;

	cancel_delayed_work_sync(&bdev->flush);
	err = filemap_write_and_wait(&bdev->mapping, 0, ~0UL);
	if (!err)
		return;
	/* Pages that could not be stored stay dirty, and nobody is left to ask for it. */
	pr_err("%s: data is lost, error %d", bdev->name, -err);
	invalidate_cache_pages(&bdev->mapping, 0, ~0UL >> PAGE_SHIFT);
}

/* O_EXCL: one at a time, on a disk and its partitions together; others who do not ask for it may
 * open it.  @whole: of a partition, else NULL. */
static int claim(struct block_device *bdev, struct block_device *whole)
{
	if (bdev->is_claimed || bdev->nr_claimed_parts || (whole && whole->is_claimed))
		return -EBUSY;
	bdev->is_claimed = true;
	if (whole)
		whole->nr_claimed_parts++;
	return 0;
}

static void unclaim(struct block_device *bdev, struct block_device *whole)
{
	bdev->is_claimed = false;
	if (whole)
		whole->nr_claimed_parts--;
}

static int open_locked(struct block_device *bdev, struct block_device *whole, struct file *file)
{
	struct bdev_file *private = file->private;
	int err = bdev->nr_sectors ? 0 : -ENXIO;

	if (!err && private->is_exclusive)
		err = claim(bdev, whole);
	if (err)
		return err;
	if (!bdev->nr_openers)
		err = first_opener(bdev);
	if (err) {
		if (private->is_exclusive)
			unclaim(bdev, whole);
		return err;
	}
	bdev->nr_openers++;
	if (file->mode & FMODE_WRITE && !bdev->nr_writers++)
		queue_delayed_work(system_wq, &bdev->flush, flush_delay_ns());
	return 0;
}

static void close_locked(struct block_device *bdev, struct block_device *whole, struct file *file)
{
	struct bdev_file *private = file->private;

	if (private->is_exclusive)
		unclaim(bdev, whole);
	if (file->mode & FMODE_WRITE && !--bdev->nr_writers)
		last_writer(bdev);
	if (!--bdev->nr_openers)
		last_opener(bdev);
}

/* A partition is opened and closed with the disk's mutex held, too: not while its table is read.
 * Returns that disk, NULL if it is one itself. */
static struct block_device *lock_bdev(struct block_device *bdev)
{
	struct block_device *whole = NULL;

	if (bdev->partition) {
		whole = find_bdev(bdev->dev - bdev->partition);
		mutex_lock(&whole->mutex);
	}
	mutex_lock_nested(&bdev->mutex, whole ? 1 : 0);
	return whole;
}

static void unlock_bdev(struct block_device *bdev, struct block_device *whole)
{
	mutex_unlock(&bdev->mutex);
	if (whole)
		mutex_unlock(&whole->mutex);
}

static int blkdev_open(struct inode *inode, struct file *file)
{
	struct block_device *bdev = find_bdev(inode->rdev), *whole;
	struct bdev_file *private;
	int err;

	if (!bdev)
		return -ENXIO;
	private = kzalloc(sizeof(*private), GFP_KERNEL);
	if (!private)
		return -ENOMEM;
	private->bdev = bdev;
	private->is_exclusive = file->flags & O_EXCL;
	file->private = private;
	whole = lock_bdev(bdev);
	err = open_locked(bdev, whole, file);
	unlock_bdev(bdev, whole);
	if (err) {
		file->private = NULL;
		kfree(private);
		return err;
	}
	file->ops = &bdev_fops;
	return 0;
}

int bdev_release(struct inode *inode __maybe_unused, struct file *file)
{
	struct block_device *bdev = bdev_of(file);
	struct block_device *whole = lock_bdev(bdev);

	close_locked(bdev, whole, file);
	unlock_bdev(bdev, whole);
	kfree(file->private);
	return 0;
}

bool bdev_place_of(const struct file *file, struct bdev_place *place)
{
	const struct block_device *bdev;

	if (file->ops != &bdev_fops)
		return false;
	bdev = bdev_of(file);
	*place = (struct bdev_place){ bdev->disk, bdev->first, bdev->nr_sectors };
	return true;
}

/* --- for the kernel --- */

static bool has_partitions(const struct block_device *whole)
{
	for (unsigned int i = 1; i <= MAX_PARTITIONS; i++) {
		struct block_device *part = find_bdev(whole->dev + i);

		if (part && READ_ONCE(part->nr_sectors))
			return true;
	}
	return false;
}

static struct block_device *whole_of(const struct disk *disk)
{
	return find_bdev(MKDEV(SCSI_DISK0_MAJOR, disk->index * NR_MINORS));
}

int bdev_claim_disk(struct disk *disk)
{
	struct block_device *bdev = whole_of(disk);
	int err;

	if (!bdev)
		return 0; /* nobody can open it */
	mutex_lock(&bdev->mutex);
	err = has_partitions(bdev) ? -EBUSY : claim(bdev, NULL);
	mutex_unlock(&bdev->mutex);
	return err;
}

void bdev_unclaim_disk(struct disk *disk)
{
	struct block_device *bdev = whole_of(disk);

	if (!bdev)
		return;
	mutex_lock(&bdev->mutex);
	unclaim(bdev, NULL);
	mutex_unlock(&bdev->mutex);
}

static const struct file_operations open_fops = { .open = blkdev_open };

const struct file_operations *blkdev_open_fops(void)
{
	return &open_fops;
}

/* --- what there is --- */

static void register_bdev(struct block_device *bdev)
{
	struct block_device **link = &first_bdev;
	int err;

	spin_lock(&bdevs_lock);
	while (*link)
		link = &(*link)->next;
	smp_store_release(link, bdev);
	spin_unlock(&bdevs_lock);
	err = devtmpfs_create_node(bdev->name, NODE_MODE, bdev->dev);
	if (err)
		pr_warn("no node for %s: error %d", bdev->name, -err);
}

static struct block_device *new_bdev(struct disk *disk, unsigned int partition)
{
	struct block_device *bdev = kzalloc(sizeof(*bdev), GFP_KERNEL);

	if (!bdev)
		return NULL;
	bdev->disk = disk;
	bdev->partition = partition;
	bdev->dev = MKDEV(SCSI_DISK0_MAJOR, disk->index * NR_MINORS + partition);
	if (partition)
		snprintf(bdev->name, sizeof(bdev->name), "%s%u", disk->name, partition);
	else
		snprintf(bdev->name, sizeof(bdev->name), "%s", disk->name);
	mutex_init(&bdev->mutex);
	mutex_init(&bdev->store_mutex);
	INIT_LIST_HEAD(&bdev->directs);
	address_space_init(&bdev->mapping, &bdev_aops, NULL);
	INIT_DELAYED_WORK(&bdev->flush, flush_work_fn);
	return bdev;
}

static void set_extent(struct block_device *bdev, u64 first, u64 nr)
{
	bdev->first = first;
	bdev->nr_sectors = nr;
	WRITE_ONCE(bdev->mapping.size, nr << SECTOR_SHIFT);
}

/* --- partitions --- */

#ifdef CONFIG_PARTITIONS
struct disk_reader {
	struct partition_reader reader;
	struct disk *disk;
	void *buffer; /* a sector, where a device can write to */
};

static int read_sector(struct partition_reader *reader, u64 sector, void *buf)
{
	struct disk_reader *disk = container_of(reader, struct disk_reader, reader);
	int err = disk_rw(disk->disk, IO_READ, sector, disk->buffer, SECTOR_SIZE);

	if (!err)
		memcpy(buf, disk->buffer, SECTOR_SIZE);
	return err;
}

static int read_table(struct disk *disk, struct partition_table *table)
{
	struct disk_reader reader = {
		.reader = { .read = read_sector, .nr_sectors = disk->nr_sectors },
		.disk = disk,
		.buffer = kmalloc(SECTOR_SIZE, GFP_KERNEL),
	};
	int err = reader.buffer ? parse_partitions(&reader.reader, table) : -ENOMEM;

	kfree(reader.buffer);
	return err;
}

/* A name of each, in one line. */
static void log_table(const struct disk *disk, const struct partition_table *table)
{
	static const char *const kinds[] = { "none", "MBR", "GPT" };
	char names[MAX_PARTITIONS * 8];
	size_t len = 0;

	names[0] = '\0';
	for (unsigned int i = 0; i < table->nr; i++)
		len += scnprintf(names + len, sizeof(names) - len, " %s%u", disk->name,
				 table->parts[i].number);
	if (table->kind != PARTITIONS_NONE)
		pr_info("%s: %s:%s", disk->name, kinds[table->kind], names);
}

static struct block_device *find_partition(struct block_device *whole, unsigned int number)
{
	return find_bdev(whole->dev + number);
}

static bool any_partition_is_open(struct block_device *whole)
{
	for (unsigned int i = 1; i <= MAX_PARTITIONS; i++) {
		struct block_device *part = find_partition(whole, i);

		if (part && READ_ONCE(part->nr_openers))
			return true;
	}
	return false;
}

static int apply_partition(struct block_device *whole, const struct partition *partition)
{
	struct block_device *part = find_partition(whole, partition->number);

	if (part) {
		set_extent(part, partition->first, partition->nr);
		return 0;
	}
	part = new_bdev(whole->disk, partition->number);
	if (!part)
		return -ENOMEM;
	set_extent(part, partition->first, partition->nr);
	register_bdev(part);
	return 0;
}

/* Nobody has a partition open, or can: the disk's mutex is held. */
static int apply_table(struct block_device *whole, const struct partition_table *table)
{
	int err = 0;

	for (unsigned int i = 1; i <= MAX_PARTITIONS; i++) {
		struct block_device *part = find_partition(whole, i);

		if (part)
			set_extent(part, 0, 0);
	}
	for (unsigned int i = 0; i < table->nr && !err; i++)
		err = apply_partition(whole, &table->parts[i]);
	return err;
}

static int read_partitions_locked(struct block_device *whole)
{
	struct partition_table table;
	int err = any_partition_is_open(whole) ? -EBUSY : 0;

	/* What was written to the table through the cache. */
	err = err ?: filemap_write_and_wait(&whole->mapping, 0, ~0UL);
	err = err ?: read_table(whole->disk, &table);
	if (err)
		return err;
	log_table(whole->disk, &table);
	return apply_table(whole, &table);
}

int bdev_read_partitions(struct block_device *bdev)
{
	int err;

	if (bdev->partition)
		return -EINVAL;
	mutex_lock(&bdev->mutex);
	err = read_partitions_locked(bdev);
	mutex_unlock(&bdev->mutex);
	return err;
}
#else
int bdev_read_partitions(struct block_device *bdev __maybe_unused)
{
	return -EINVAL;
}
#endif

static __init void add_disk(struct disk *disk)
{
	struct block_device *bdev = new_bdev(disk, 0);
	int err;

	if (!bdev) {
		pr_err("no memory for %s", disk->name);
		return;
	}
	set_extent(bdev, 0, disk->nr_sectors);
	register_bdev(bdev);
	err = bdev_read_partitions(bdev);
	if (err && err != -EINVAL)
		pr_warn("%s: its partitions are not known: error %d", disk->name, -err);
}

__init void bdev_init(void)
{
	bdev_cache_init();
	for (struct disk *disk = disk_first(); disk; disk = disk->next)
		add_disk(disk);
}
