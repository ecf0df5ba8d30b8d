/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/console: the kernel's consoles as a file.  What is written goes to all of them, in turn with
 * the log; a read waits for a line, which can be edited while it is typed: erase (DEL, ^H), kill
 * (^U), end of file (^D), and the consoles echo what is typed.
 *
 * Locks: input.mutex for the line; bytes come from console_poll(), which has one reader at a time.
 * The interrupt that brings bytes only wakes the queue.
 *
 * Left out: termios, other than telling that this is a terminal; signals from keys.
 */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/errno.h>
#include <linux/major.h>
#include <linux/poll.h>
#include <linux/termios.h>
#include <oshit/chrdev.h>
#include <oshit/console.h>
#include <oshit/entry.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/log.h>
#include <oshit/math.h>
#include <oshit/mutex.h>
#include <oshit/poll.h>
#include <oshit/string.h>
#include <oshit/uaccess.h>
#include <oshit/uio.h>
#include <oshit/wait.h>

#define LINE_BYTES  4096 /* as Linux's N_TTY_BUF_SIZE */
#define WRITE_CHUNK 64 /* bytes between which the log may have its turn */
#define CTRL(c)	    ((c)&0x1f)
#define KEY_DELETE  0x7f

static struct {
	struct mutex mutex;
	char line[LINE_BYTES]; /* mutex */
	unsigned int len; /* mutex  bytes typed so far, or, if complete, that wait from @pos on */
	unsigned int pos; /* mutex */
	bool complete; /* mutex */
} input = { .mutex = MUTEX_INIT(input.mutex) };

static DECLARE_WAIT_QUEUE_HEAD(input_queue);

/* --- output --- */

static void echo(const char *text, size_t len)
{
	console_write_whole(text, len);
}

static long console_file_write(struct file *file __maybe_unused, struct iov_iter *from,
			       loff_t *pos __maybe_unused)
{
	char chunk[WRITE_CHUNK];
	long total = 0;
	size_t done;

	while (from->count) {
		done = copy_from_iter(chunk, min(from->count, sizeof(chunk)), from);
		if (!done)
			return total ?: -EFAULT;
		console_write_whole(chunk, done);
		total += done;
		cond_resched();
	}
	return total;
}

/* --- input --- */

static void erase(unsigned int nr)
{
	while (nr-- && input.len) {
		input.len--;
		echo("\b \b", 3);
	}
}

static void add_char(char c)
{
	/* The last place is kept for the end of the line. */
	if (input.len == LINE_BYTES - 1 && c != '\n')
		return;
	input.line[input.len++] = c;
	echo(&c, 1);
}

static void take_char(char c)
{
	switch (c) {
	case KEY_DELETE:
	case '\b':
		erase(1);
		break;
	case CTRL('U'):
		erase(input.len);
		break;
	case CTRL('D'):
		input.complete = true;
		break;
	case '\r':
	case '\n':
		add_char('\n');
		input.complete = true;
		break;
	default:
		add_char(c);
		break;
	}
}

/* Takes what has been typed. Return: whether a line is complete. Under the mutex. */
static bool take_input(void)
{
	int c;

	while (!input.complete && (c = console_poll()) >= 0)
		take_char((char)c);
	return input.complete;
}

static bool line_is_there(void)
{
	bool there = true;

	/* Who holds the mutex copies a line, and looks again. */
	if (mutex_trylock(&input.mutex)) {
		there = take_input();
		mutex_unlock(&input.mutex);
	}
	return there;
}

/* Part of the line, or its rest. Bytes; 0: end of file; -EFAULT. Under the mutex. */
static long copy_line(struct iov_iter *to)
{
	size_t wanted = min(to->count, (size_t)(input.len - input.pos));
	size_t done = copy_to_iter(input.line + input.pos, wanted, to);

	input.pos += done;
	if (input.pos == input.len) {
		input.pos = input.len = 0;
		input.complete = false;
	}
	return done || !wanted ? (long)done : -EFAULT;
}

static long console_file_read(struct file *file, struct iov_iter *to, loff_t *pos __maybe_unused)
{
	long ret;

	if (!to->count)
		return 0;
	for (;;) {
		mutex_lock(&input.mutex);
		if (take_input())
			break;
		mutex_unlock(&input.mutex);
		if (READ_ONCE(file->flags) & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(input_queue, line_is_there()))
			return -ERESTARTSYS;
	}
	ret = copy_line(to);
	mutex_unlock(&input.mutex);
	return ret;
}

static unsigned int console_file_poll(struct file *file, struct poll_table *table)
{
	poll_wait(file, &input_queue, table);
	return POLLOUT | POLLWRNORM | (line_is_there() ? POLLIN | POLLRDNORM : 0);
}

/* --- the rest --- */

static void fill_termios(struct termios *termios)
{
	*termios = (struct termios){
		.c_iflag = ICRNL | IXON,
		.c_oflag = OPOST | ONLCR,
		.c_cflag = B38400 | CS8 | CREAD | HUPCL,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	};
	termios->c_cc[VERASE] = KEY_DELETE;
	termios->c_cc[VKILL] = CTRL('U');
	termios->c_cc[VEOF] = CTRL('D');
	termios->c_cc[VMIN] = 1;
}

static long console_file_ioctl(struct file *file __maybe_unused, unsigned int cmd,
			       unsigned long arg)
{
	struct termios termios;
	struct winsize size = { .ws_row = 25, .ws_col = 80 };

	switch (cmd) {
	case TCGETS:
		fill_termios(&termios);
		return copy_to_user((void __user *)arg, &termios, sizeof(termios)) ? -EFAULT : 0;
	case TIOCGWINSZ:
		return copy_to_user((void __user *)arg, &size, sizeof(size)) ? -EFAULT : 0;
	default:
		return -ENOTTY;
	}
}

static int console_file_open(struct inode *inode __maybe_unused, struct file *file)
{
	file->mode |= FMODE_STREAM;
	return 0;
}

static const struct file_operations console_fops = {
	.read = console_file_read,
	.write = console_file_write,
	.poll = console_file_poll,
	.ioctl = console_file_ioctl,
	.open = console_file_open,
};

static struct chrdev tty_device = {
	.name = "tty",
	.mode = 0666,
	.first = MKDEV(TTYAUX_MAJOR, 0),
	.nr = 1,
	.fops = &console_fops,
};

static struct chrdev console_device = {
	.name = "console",
	.mode = 0600,
	.first = MKDEV(TTYAUX_MAJOR, 1),
	.nr = 1,
	.fops = &console_fops,
};

/* The handler of the device's interrupt. */
static void input_came(void)
{
	wake_up_all(&input_queue);
}

__init void console_device_init(void)
{
	chrdev_register(&tty_device);
	chrdev_register(&console_device);
	console_input_hook = input_came;
}
