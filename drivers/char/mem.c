/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/null, /dev/zero and /dev/full: nothing, zeros without end, and a disk that is full. */
#include <linux/errno.h>
#include <linux/major.h>
#include <oshit/chrdev.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/sched.h>
#include <oshit/uio.h>

static long null_read(struct file *file __maybe_unused, struct iov_iter *to __maybe_unused,
		      loff_t *pos __maybe_unused)
{
	return 0;
}

static long null_write(struct file *file __maybe_unused, struct iov_iter *from,
		       loff_t *pos __maybe_unused)
{
	size_t count = from->count;

	from->count = 0;
	return count;
}

static long zero_read(struct file *file __maybe_unused, struct iov_iter *to,
		      loff_t *pos __maybe_unused)
{
	long total = 0;
	size_t done;

	while (to->count) {
		done = iov_iter_zero(min(to->count, PAGE_SIZE), to);
		if (!done)
			return total ?: -EFAULT;
		total += done;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return total;
}

static long full_write(struct file *file __maybe_unused, struct iov_iter *from __maybe_unused,
		       loff_t *pos __maybe_unused)
{
	return -ENOSPC;
}

/* The position means nothing: it stays at 0, wherever one seeks. */
static loff_t null_llseek(struct file *file, loff_t offset __maybe_unused,
			  int whence __maybe_unused)
{
	return file->pos = 0;
}

static const struct file_operations null_fops = {
	.llseek = null_llseek,
	.read = null_read,
	.write = null_write,
};

static const struct file_operations zero_fops = {
	.llseek = null_llseek,
	.read = zero_read,
	.write = null_write,
};

static const struct file_operations full_fops = {
	.llseek = null_llseek,
	.read = zero_read,
	.write = full_write,
};

static struct chrdev devices[] = {
	{ .name = "null", .mode = 0666, .first = MKDEV(MEM_MAJOR, 3), .nr = 1, .fops = &null_fops },
	{ .name = "zero", .mode = 0666, .first = MKDEV(MEM_MAJOR, 5), .nr = 1, .fops = &zero_fops },
	{ .name = "full", .mode = 0666, .first = MKDEV(MEM_MAJOR, 7), .nr = 1, .fops = &full_fops },
};

__init void mem_devices_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(devices); i++)
		chrdev_register(&devices[i]);
}
