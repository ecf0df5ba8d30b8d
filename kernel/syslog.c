/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * syslog(2): the log for programs, as `dmesg` and klogd read it, and how much of it goes to the
 * consoles.
 *
 * There are two readers.  READ takes lines away: what one program has read the next one does not
 * get, and who finds none waits.  READ_ALL shows the last lines that fit, from the line on at which
 * CLEAR was called last, and takes nothing.  A line is "<LEVEL>[seconds.micros] text\n".
 *
 * The log may be written in any context, also where nothing may be woken; who waits in READ looks
 * again each LOOK_AGAIN_NS.
 *
 * Locks: syslog_mutex for both readers and the line that READ has given half.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <oshit/clock.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/log.h>
#include <oshit/math.h>
#include <oshit/mutex.h>
#include <oshit/printf.h>
#include <oshit/sched.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>

#define LOOK_AGAIN_NS (100 * NSEC_PER_MSEC)
#define LINE_MAX      (LOG_TEXT_MAX + 64)

/* What is asked for; linux-libc-dev has no names for it. */
enum {
	SYSLOG_CLOSE,
	SYSLOG_OPEN,
	SYSLOG_READ,
	SYSLOG_READ_ALL,
	SYSLOG_READ_CLEAR,
	SYSLOG_CLEAR,
	SYSLOG_CONSOLE_OFF,
	SYSLOG_CONSOLE_ON,
	SYSLOG_CONSOLE_LEVEL,
	SYSLOG_SIZE_UNREAD,
	SYSLOG_SIZE_BUFFER,
};

struct line {
	struct log_record record;
	char text[LINE_MAX];
	size_t len;
};

static DEFINE_MUTEX(syslog_mutex);
static struct log_reader cleared; /* READ_ALL begins here */
static struct log_reader taken; /* READ goes on here */
static size_t nr_taken; /* bytes of the line at `taken` that READ has given */
static int saved_level = -1; /* of the consoles, while they are off */

/* The next line of @reader; false if there is none. */
static bool next_line(struct log_reader *reader, struct line *line)
{
	if (!log_read(reader, &line->record))
		return false;
	line->len = scnprintf(line->text, LINE_MAX, "<%u>", line->record.level);
	line->len += log_format(&line->record, line->text + line->len, LINE_MAX - line->len);
	return true;
}

/* Bytes of all that is left to @reader, which stays where it is. */
static size_t bytes_left(struct log_reader reader, struct line *line)
{
	size_t sum = 0;

	while (next_line(&reader, line))
		sum += line->len;
	return sum;
}

/* Whole lines as far as they fit, or a part of the first one. Bytes, or -EFAULT. */
static long take(char __user *buf, size_t size, struct line *line)
{
	struct log_reader next = taken;
	size_t done = 0, part;

	while (done < size && next_line(&next, line)) {
		if (next.nr_lost != taken.nr_lost)
			nr_taken = 0; /* the line it was of is overwritten */
		if (line->len - nr_taken > size - done && done)
			break;
		part = min(line->len - nr_taken, size - done);
		if (copy_to_user(buf + done, line->text + nr_taken, part))
			return done ? (long)done : -EFAULT;
		done += part;
		nr_taken += part;
		if (nr_taken < line->len)
			break;
		nr_taken = 0;
		taken = next;
	}
	return (long)done;
}

static long read_or_wait(char __user *buf, size_t size, struct line *line)
{
	long ret;

	for (;;) {
		mutex_lock(&syslog_mutex);
		ret = take(buf, size, line);
		mutex_unlock(&syslog_mutex);
		if (ret)
			return ret;
		if (signal_pending(current))
			return -ERESTARTSYS;
		set_current_state(TASK_INTERRUPTIBLE);
		schedule_timeout_ns(LOOK_AGAIN_NS);
	}
}

/* The last lines that fit; @then is set behind them. Under the mutex. */
static long read_all(char __user *buf, size_t size, struct line *line, struct log_reader *then)
{
	struct log_reader reader = cleared;
	size_t left = bytes_left(reader, line), done = 0;

	while (left > size && next_line(&reader, line))
		left -= min(left, line->len);
	for (*then = reader; next_line(&reader, line) && line->len <= size - done; *then = reader) {
		if (copy_to_user(buf + done, line->text, line->len))
			return -EFAULT;
		done += line->len;
	}
	return (long)done;
}

static long read_text(int type, char __user *buf, int len)
{
	struct log_reader then;
	struct line *line;
	long ret;

	if (!buf || len < 0)
		return -EINVAL;
	if (!len)
		return 0;
	line = kmalloc(sizeof(*line), GFP_KERNEL);
	if (!line)
		return -ENOMEM;
	if (type == SYSLOG_READ) {
		ret = read_or_wait(buf, (size_t)len, line);
	} else {
		mutex_lock(&syslog_mutex);
		ret = read_all(buf, (size_t)len, line, &then);
		if (ret >= 0 && type == SYSLOG_READ_CLEAR)
			cleared = then;
		mutex_unlock(&syslog_mutex);
	}
	kfree(line);
	return ret;
}

static long size_unread(void)
{
	struct line *line = kmalloc(sizeof(*line), GFP_KERNEL);
	size_t bytes;

	if (!line)
		return -ENOMEM;
	mutex_lock(&syslog_mutex);
	bytes = bytes_left(taken, line);
	bytes -= min(bytes, nr_taken);
	mutex_unlock(&syslog_mutex);
	kfree(line);
	return (long)bytes;
}

static void clear(void)
{
	mutex_lock(&syslog_mutex);
	log_reader_seek_tail(&cleared, 0);
	mutex_unlock(&syslog_mutex);
}

/* Whoever sets a level while the consoles are off has switched them on. */
static long set_level(int level)
{
	if (level < 1 || level > LOG_DEBUG + 1)
		return -EINVAL;
	mutex_lock(&syslog_mutex);
	console_loglevel = (enum log_level)level;
	saved_level = -1;
	mutex_unlock(&syslog_mutex);
	return 0;
}

static void switch_consoles(bool on)
{
	mutex_lock(&syslog_mutex);
	if (on && saved_level >= 0) {
		console_loglevel = (enum log_level)saved_level;
		saved_level = -1;
	} else if (!on && saved_level < 0) {
		saved_level = (int)console_loglevel;
		console_loglevel = LOG_ALERT; /* only LOG_EMERG is below it */
	}
	mutex_unlock(&syslog_mutex);
}

static bool may(int type)
{
	return type == SYSLOG_READ_ALL || type == SYSLOG_SIZE_BUFFER || capable(CAP_SYSLOG) ||
	       capable(CAP_SYS_ADMIN);
}

long sys_syslog(int type, char __user *buf, int len)
{
	if (!may(type))
		return -EPERM;
	switch (type) {
	case SYSLOG_CLOSE:
	case SYSLOG_OPEN:
		return 0;
	case SYSLOG_READ:
	case SYSLOG_READ_ALL:
	case SYSLOG_READ_CLEAR:
		return read_text(type, buf, len);
	case SYSLOG_CLEAR:
		clear();
		return 0;
	case SYSLOG_CONSOLE_OFF:
	case SYSLOG_CONSOLE_ON:
		switch_consoles(type == SYSLOG_CONSOLE_ON);
		return 0;
	case SYSLOG_CONSOLE_LEVEL:
		return set_level(len);
	case SYSLOG_SIZE_UNREAD:
		return size_unread();
	case SYSLOG_SIZE_BUFFER:
		return LOG_SIZE;
	default:
		return -EINVAL;
	}
}
