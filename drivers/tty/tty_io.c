/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Terminals as files: open, close, read, write, poll, hang up.
 *
 *	struct file -> struct tty_file -> struct tty_struct -> n_tty -> ->ops -> device
 *
 * A terminal of a device is there for good; those of a pseudo-terminal live until the last
 * reference goes.  The first file opens the device, the last one closes it.
 *
 * Hanging up ends all files at once: each is marked, and from then on reads as at its end and
 * fails to write, while the terminal may be opened anew.  That is how a session that has ended
 * cannot listen to the next one.  Files of /dev/console are spared, as they belong to process 1.
 *
 * /dev/tty is the terminal that controls the caller's session; who that is, and what background
 * groups may do, is above (tty_jobctrl.c), reached through tty_jobs.
 *
 * Locks: tty->mutex for files that come and go; that of a slave inside of the master's.
 * tty->flow_lock, innermost, for what holds output.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/major.h>
#include <linux/poll.h>
#include <linux/signal.h>
#include <oshit/chrdev.h>
#include <oshit/cred.h>
#include <oshit/entry.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/poll.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/uio.h>

#include "tty.h"

const struct tty_job_ops *tty_jobs;

/* As Linux: what INIT_C_CC has. */
const struct ktermios tty_std_termios = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD | HUPCL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.c_cc = {
		[VINTR] = CTRL('C'), [VQUIT] = CTRL('\\'), [VERASE] = 0x7f, [VKILL] = CTRL('U'),
		[VEOF] = CTRL('D'), [VMIN] = 1, [VSTART] = CTRL('Q'), [VSTOP] = CTRL('S'),
		[VSUSP] = CTRL('Z'), [VREPRINT] = CTRL('R'), [VDISCARD] = CTRL('O'),
		[VWERASE] = CTRL('W'), [VLNEXT] = CTRL('V'),
	},
	.c_ispeed = 38400,
	.c_ospeed = 38400,
};

int tty_init_struct(struct tty_struct *tty, const struct tty_operations *ops)
{
	tty->ops = ops;
	refcount_set(&tty->refs, 1);
	mutex_init(&tty->mutex);
	mutex_init(&tty->write_mutex);
	INIT_LIST_HEAD(&tty->files);
	init_waitqueue_head(&tty->read_wait);
	init_waitqueue_head(&tty->write_wait);
	spin_lock_init(&tty->flow_lock);
	tty->termios = tty->init_termios = tty_std_termios;
	if (tty->is_master)
		return 0;
	tty->disc = n_tty_alloc();
	return tty->disc ? 0 : -ENOMEM;
}

void tty_free_struct(struct tty_struct *tty)
{
	n_tty_free(tty->disc);
}

void tty_put(struct tty_struct *tty)
{
	if (tty && refcount_dec_and_test(&tty->refs) && tty->ops->destroy)
		tty->ops->destroy(tty);
}

static void tty_lock(struct tty_struct *tty)
{
	mutex_lock_nested(&tty->mutex, tty->is_master ? 0 : 1);
}

/* --- holding output --- */

void tty_packet_status(struct tty_struct *tty, unsigned int set, unsigned int clear)
{
	struct tty_struct *master = tty->link;
	bool is_news;

	if (!master)
		return;
	spin_lock(&master->flow_lock);
	is_news = master->is_packet;
	if (is_news)
		master->packet_status = (u8)((master->packet_status & ~clear) | set);
	spin_unlock(&master->flow_lock);
	if (is_news)
		wake_up_all(&master->read_wait);
}

/* Under ->flow_lock. Return: something has changed. */
static bool set_stopped(struct tty_struct *tty, bool stopped)
{
	if (tty->stopped == stopped)
		return false;
	WRITE_ONCE(tty->stopped, stopped);
	if (stopped && tty->ops->stop)
		tty->ops->stop(tty);
	else if (!stopped && tty->ops->start)
		tty->ops->start(tty);
	return true;
}

static void change_flow(struct tty_struct *tty, bool tco, bool stopped)
{
	bool changed;

	spin_lock(&tty->flow_lock);
	if (tco)
		tty->tco_stopped = stopped;
	changed = (stopped || !tty->tco_stopped) && set_stopped(tty, stopped);
	spin_unlock(&tty->flow_lock);
	if (!changed)
		return;
	if (stopped)
		tty_packet_status(tty, TIOCPKT_STOP, TIOCPKT_START);
	else
		tty_packet_status(tty, TIOCPKT_START, TIOCPKT_STOP);
	tty_wake_writers(tty);
}

void tty_stop(struct tty_struct *tty)
{
	change_flow(tty, false, true);
}

void tty_start(struct tty_struct *tty)
{
	change_flow(tty, false, false);
}

void tty_set_tco(struct tty_struct *tty, bool stopped)
{
	change_flow(tty, true, stopped);
}

/* --- files --- */

static int add_file(struct tty_struct *tty, struct tty_file *tty_file)
{
	int err = 0;

	tty_lock(tty);
	if (tty->is_exclusive && !list_empty(&tty->files) && !capable(CAP_SYS_ADMIN))
		err = -EBUSY;
	else if (tty->ops->may_open)
		err = tty->ops->may_open(tty);
	if (!err && list_empty(&tty->files) && tty->ops->open)
		err = tty->ops->open(tty);
	if (!err)
		list_add_tail(&tty_file->link, &tty->files);
	mutex_unlock(&tty->mutex);
	return err;
}

/* By a name that stands for another terminal, or the line itself. */
static bool never_controls(const struct file *file, const struct tty_struct *tty)
{
	u32 dev = file_inode(file)->rdev;

	return tty->is_master || dev == MKDEV(TTYAUX_MAJOR, 1) || dev == MKDEV(TTY_MAJOR, 0);
}

int tty_open_file(struct tty_struct *tty, struct file *file)
{
	struct tty_file *tty_file = kzalloc(sizeof(*tty_file), GFP_KERNEL);
	int err = tty_file ? 0 : -ENOMEM;

	if (!err) {
		tty_file->tty = tty;
		tty_file->file = file;
		tty_file->is_console =
			file_inode(file)->rdev == MKDEV(TTYAUX_MAJOR, 1) && !tty->link;
		INIT_LIST_HEAD(&tty_file->link);
		err = add_file(tty, tty_file);
	}
	if (err) {
		kfree(tty_file);
		tty_put(tty);
		return err;
	}
	file->private = tty_file;
	file->mode |= FMODE_STREAM;
	if (tty_jobs && !never_controls(file, tty) && !(file->flags & O_NOCTTY))
		tty_jobs->opened(tty, file);
	return 0;
}

static void closed(struct tty_struct *tty)
{
	tty->is_exclusive = false;
	if (tty->ops->close)
		tty->ops->close(tty);
	tty_set_tco(tty, false);
}

int tty_release(struct inode *inode __maybe_unused, struct file *file)
{
	struct tty_file *tty_file = file->private;
	struct tty_struct *tty = tty_file->tty;

	tty_lock(tty);
	if (!tty_file->is_hung_up)
		list_del(&tty_file->link);
	if (list_empty(&tty->files) && (!tty_file->is_hung_up || tty->is_master))
		closed(tty);
	mutex_unlock(&tty->mutex);
	kfree(tty_file);
	tty_put(tty);
	return 0;
}

void tty_hangup(struct tty_struct *tty, enum tty_hangup why)
{
	struct tty_file *tty_file, *next;
	bool was_open;

	tty_lock(tty);
	was_open = !list_empty(&tty->files);
	list_for_each_entry_safe(tty_file, next, &tty->files, link) {
		if (tty_file->is_console)
			continue;
		list_del(&tty_file->link);
		WRITE_ONCE(tty_file->is_hung_up, true);
	}
	tty->nr_hangups++;
	/* A master is there until its only file is closed. */
	if (was_open && list_empty(&tty->files) && !tty->is_master)
		closed(tty);
	mutex_unlock(&tty->mutex);
	wake_up_all(&tty->read_wait);
	tty_wake_writers(tty);
	if (tty_jobs)
		tty_jobs->hangup(tty, why);
}

/* --- reading and writing --- */

/* Whether the caller's group must not do that now. 0 or -errno. */
static int check_job(const struct tty_file *tty_file, int sig)
{
	return tty_jobs && !tty_file->is_console ? tty_jobs->check(tty_file->tty, sig) : 0;
}

static long tty_read(struct file *file, struct iov_iter *to, loff_t *pos __maybe_unused)
{
	struct tty_file *tty_file = file->private;
	int err;

	if (READ_ONCE(tty_file->is_hung_up) || !to->count)
		return 0;
	err = check_job(tty_file, SIGTTIN);
	return err ?: n_tty_read(tty_file, to);
}

int tty_begin_write(struct mutex *mutex, const struct file *file)
{
	if (READ_ONCE(file->flags) & O_NONBLOCK)
		return mutex_trylock(mutex) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(mutex) ? -ERESTARTSYS : 0;
}

static long tty_write(struct file *file, struct iov_iter *from, loff_t *pos __maybe_unused)
{
	struct tty_file *tty_file = file->private;
	int err = 0;

	if (READ_ONCE(tty_file->is_hung_up))
		return -EIO;
	if (tty_flag(tty_file->tty, TOSTOP))
		err = check_job(tty_file, SIGTTOU);
	return err ?: n_tty_write(tty_file, from);
}

static unsigned int tty_poll(struct file *file, struct poll_table *table)
{
	const struct tty_file *tty_file = file->private;
	struct tty_struct *tty = tty_file->tty;
	unsigned int events = 0;

	if (READ_ONCE(tty_file->is_hung_up))
		return TTY_HUNG_UP_EVENTS;
	poll_wait(file, &tty->read_wait, table);
	poll_wait(file, &tty->write_wait, table);
	if (READ_ONCE(tty_file->is_hung_up))
		return TTY_HUNG_UP_EVENTS;
	if (n_tty_readable(tty))
		events |= POLLIN | POLLRDNORM;
	if (READ_ONCE(tty->is_closed))
		events |= POLLHUP;
	if (!READ_ONCE(tty->stopped) && tty->ops->nr_unsent(tty) < N_TTY_WAKE_ROOM &&
	    tty->ops->write_room(tty))
		events |= POLLOUT | POLLWRNORM;
	return events;
}

/* --- devices --- */

const struct file_operations tty_fops = {
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.ioctl = tty_file_ioctl,
	.release = tty_release,
};

static int open_as_tty(struct tty_struct *tty, struct file *file, int err)
{
	if (!tty)
		return err;
	file->ops = &tty_fops;
	return tty_open_file(tty, file);
}

static int dev_tty_open(struct inode *inode __maybe_unused, struct file *file)
{
	return open_as_tty(tty_jobs ? tty_jobs->current_tty() : NULL, file, -ENXIO);
}

static int console_open(struct inode *inode __maybe_unused, struct file *file)
{
	return open_as_tty(tty_of_console(), file, -ENODEV);
}

static const struct file_operations dev_tty_fops = { .open = dev_tty_open };
static const struct file_operations console_fops = { .open = console_open };

static struct chrdev dev_tty = {
	.name = "tty",
	.mode = 0666,
	.first = MKDEV(TTYAUX_MAJOR, 0),
	.nr = 1,
	.fops = &dev_tty_fops,
};

static struct chrdev dev_console = {
	.name = "console",
	.mode = 0600,
	.first = MKDEV(TTYAUX_MAJOR, 1),
	.nr = 1,
	.fops = &console_fops,
};

__init void tty_init(void)
{
	chrdev_register(&dev_tty);
	chrdev_register(&dev_console);
	tty_devices_init();
	pty_init();
}
