/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/kmsg: the kernel's log as a file.  Each read gives one record,
 *
 *	level,sequence,microseconds,-;text\n
 *
 * with bytes that cannot be printed as \xNN, and moves on; each open file is where it is.  Records
 * that were overwritten before they were read give EPIPE, once.  A write adds a line; "<N>" before
 * it is its level.
 *
 * The log may be written in any context, also where nothing may be woken.  So who waits for it
 * looks again ten times a second, by a work that runs only while somebody waits.
 *
 * Locks: kmsg_reader->mutex for all of an open file.
 *
 * Left out: facilities, which the log does not keep.  The sequence number grows with each record,
 * but not by one: it is the record's place in the log.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/major.h>
#include <linux/poll.h>
#include <oshit/chrdev.h>
#include <oshit/clock.h>
#include <oshit/entry.h>
#include <oshit/init.h>
#include <oshit/log.h>
#include <oshit/math.h>
#include <oshit/mutex.h>
#include <oshit/poll.h>
#include <oshit/printf.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/uio.h>
#include <oshit/wait.h>
#include <oshit/workqueue.h>

#define LOOK_AGAIN_NS (100 * NSEC_PER_MSEC)
#define LINE_MAX      (64 + 4 * LOG_TEXT_MAX) /* all of it as \xNN */
#define LEVELS	      8

struct kmsg_reader { /* m: ->mutex */
	struct mutex mutex;
	struct log_reader reader; /* m */
	struct log_record record; /* m  the next one, if @has_record */
	bool has_record; /* m */
	char line[LINE_MAX]; /* m */
};

static DECLARE_WAIT_QUEUE_HEAD(log_queue);
static struct delayed_work look_again;

static void arm(void)
{
	queue_delayed_work(system_wq, &look_again, LOOK_AGAIN_NS);
}

/* Whoever still has nothing arms it again. */
static void wake_readers(struct work_struct *work __maybe_unused)
{
	wake_up_all(&log_queue);
}

/* Whether a record is there. Under the mutex. */
static bool fetch(struct kmsg_reader *kmsg)
{
	if (!kmsg->has_record)
		kmsg->has_record = log_read(&kmsg->reader, &kmsg->record);
	return kmsg->has_record;
}

static bool is_there(struct kmsg_reader *kmsg)
{
	bool there = true;

	/* Who holds the mutex reads, and looks again. */
	if (mutex_trylock(&kmsg->mutex)) {
		there = fetch(kmsg);
		mutex_unlock(&kmsg->mutex);
	}
	if (!there)
		arm();
	return there;
}

/* The line of the record that was fetched. Bytes. */
static size_t format(struct kmsg_reader *kmsg)
{
	const struct log_record *record = &kmsg->record;
	size_t i, len = scnprintf(kmsg->line, LINE_MAX, "%u,%lu,%lu,-;", record->level,
				  kmsg->reader.pos, record->time_ns / NSEC_PER_USEC);

	for (i = 0; i < record->len; i++) {
		u8 byte = (u8)record->text[i];

		if (byte < ' ' || byte >= 127 || byte == '\\')
			len += scnprintf(kmsg->line + len, LINE_MAX - len, "\\x%02x", byte);
		else
			kmsg->line[len++] = (char)byte;
	}
	kmsg->line[len++] = '\n';
	return len;
}

/* Bytes; -EPIPE; -EINVAL: no room; -EFAULT; 0: nothing is there. Under the mutex. */
static long read_record(struct kmsg_reader *kmsg, struct iov_iter *to)
{
	size_t len;

	if (!fetch(kmsg))
		return 0;
	if (kmsg->reader.nr_lost) {
		kmsg->reader.nr_lost = 0;
		return -EPIPE;
	}
	kmsg->has_record = false;
	len = format(kmsg);
	if (len > to->count)
		return -EINVAL;
	return copy_to_iter(kmsg->line, len, to) == len ? (long)len : -EFAULT;
}

static long kmsg_read(struct file *file, struct iov_iter *to, loff_t *pos __maybe_unused)
{
	struct kmsg_reader *kmsg = file->private;
	long ret;

	for (;;) {
		mutex_lock(&kmsg->mutex);
		ret = read_record(kmsg, to);
		mutex_unlock(&kmsg->mutex);
		if (ret)
			return ret;
		if (READ_ONCE(file->flags) & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(log_queue, is_there(kmsg)))
			return -ERESTARTSYS;
	}
}

/* Takes "<N>" off a line; its level is the lower three bits. */
static enum log_level take_level(const char **line)
{
	const char *at = *line + 1;
	unsigned int number = 0;

	if (**line != '<')
		return LOG_INFO;
	while (*at >= '0' && *at <= '9' && number < 1000)
		number = 10 * number + (unsigned int)(*at++ - '0');
	if (at == *line + 1 || *at != '>')
		return LOG_INFO;
	*line = at + 1;
	return (enum log_level)(number % LEVELS);
}

static long kmsg_write(struct file *file __maybe_unused, struct iov_iter *from,
		       loff_t *pos __maybe_unused)
{
	char text[LOG_TEXT_MAX];
	const char *line = text;
	size_t len = from->count;
	enum log_level level;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_iter(text, len, from) != len)
		return -EFAULT;
	text[len] = '\0';
	level = take_level(&line);
	printk(level, "%s", line);
	return (long)len;
}

static loff_t kmsg_llseek(struct file *file, loff_t offset, int whence)
{
	static const struct log_reader start = LOG_READER_INIT;
	struct kmsg_reader *kmsg = file->private;
	loff_t ret = 0;

	if (offset)
		return -ESPIPE;
	mutex_lock(&kmsg->mutex);
	kmsg->has_record = false;
	switch (whence) {
	case SEEK_SET:
	case SEEK_DATA:
		kmsg->reader = start;
		break;
	case SEEK_END:
		log_reader_seek_tail(&kmsg->reader, 0);
		break;
	default:
		ret = -EINVAL;
		break;
	}
	/* What was lost before one looks is none of his. */
	fetch(kmsg);
	kmsg->reader.nr_lost = 0;
	mutex_unlock(&kmsg->mutex);
	return ret;
}

static unsigned int kmsg_poll(struct file *file, struct poll_table *table)
{
	poll_wait(file, &log_queue, table);
	return POLLOUT | POLLWRNORM | (is_there(file->private) ? POLLIN | POLLRDNORM : 0);
}

static int kmsg_open(struct inode *inode __maybe_unused, struct file *file)
{
	struct kmsg_reader *kmsg = kzalloc(sizeof(*kmsg), GFP_KERNEL);

	if (!kmsg)
		return -ENOMEM;
	mutex_init(&kmsg->mutex);
	file->private = kmsg;
	kmsg_llseek(file, 0, SEEK_SET);
	return 0;
}

static int kmsg_release(struct inode *inode __maybe_unused, struct file *file)
{
	kfree(file->private);
	return 0;
}

static const struct file_operations kmsg_fops = {
	.llseek = kmsg_llseek,
	.read = kmsg_read,
	.write = kmsg_write,
	.poll = kmsg_poll,
	.open = kmsg_open,
	.release = kmsg_release,
};

static struct chrdev kmsg_device = {
	.name = "kmsg",
	.mode = 0644,
	.first = MKDEV(MEM_MAJOR, 11),
	.nr = 1,
	.fops = &kmsg_fops,
};

__init void kmsg_device_init(void)
{
	INIT_DELAYED_WORK(&look_again, wake_readers);
	chrdev_register(&kmsg_device);
}
