/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pseudo-terminals: terminals whose device is a program.
 *
 *	master file				slave
 *	 write() -> n_tty_receive() ---------->	what was typed -> read()
 *	 read()  <- ring <- ->write() <-------- OPOST, echo <- write()
 *
 * Opening ptmx makes a pair, and a node for the slave in a devpts (fs/devpts.c).  The slave is a
 * terminal like any other; the master is the line, and has no line discipline, no termios and no
 * jobs: what a program asks of it is asked of the slave.  So bytes cross in the context of who
 * writes them; a master's write() waits while the slave's input is full, the slave's while the ring
 * is.
 *
 * Ends: when the master is closed the slave is hung up and its node goes.  When the last file of
 * the slave is closed the master reads what is left, then EIO, until the slave is opened again;
 * what is typed meanwhile waits for that.
 *
 * Packet mode (TIOCPKT): each read() of the master begins with a byte that is 0 before data, or
 * tells by bits what happened: flushes, stops, starts.
 *
 * Locks: pair->lock, innermost, for the ring; pair->read_mutex, inside of the line discipline's,
 * holds a read() of the master together while it copies, and flushes off.  Both ends are one
 * object, which goes with the last reference to either.
 */
#include <linux/errno.h>
#include <linux/major.h>
#include <linux/poll.h>
#include <linux/signal.h>
#include <oshit/chrdev.h>
#include <oshit/container_of.h>
#include <oshit/devpts.h>
#include <oshit/entry.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/namei.h>
#include <oshit/poll.h>
#include <oshit/printf.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/uaccess.h>
#include <oshit/uio.h>

#include "tty.h"

#define RING_BYTES  8192 /* from slave to master; a power of two; as Linux keeps at most */
#define CHUNK_ITEMS 128 /* bytes that a write() of the master takes at a time */
#define NR_SLAVES   (1u << 20) /* numbers that a major has */

struct pty_pair { /* r: ->lock   m: master's mutex   i: constant */
	struct tty_struct master, slave;
	refcount_t ends; /* master and slave, while they have references */
	struct mutex read_mutex;
	struct mutex write_mutex; /* a write() of the master at a time */
	spinlock_t lock;
	unsigned int head, tail; /* r  count up for ever; read by anybody */
	bool is_locked; /* a  TIOCSPTLCK: the slave cannot be opened */
	struct devpts *devpts; /* i  with a reference, until the master is closed */
	int index; /* i */
	char bytes[RING_BYTES]; /* r */
};

static struct pty_pair *pair_of(struct tty_struct *tty)
{
	return tty->is_master ? container_of(tty, struct pty_pair, master)
			      : container_of(tty, struct pty_pair, slave);
}

static void pty_destroy(struct tty_struct *tty)
{
	struct pty_pair *pair = pair_of(tty);

	if (!refcount_dec_and_test(&pair->ends))
		return;
	tty_free_struct(&pair->master);
	tty_free_struct(&pair->slave);
	kfree(pair);
}

/* --- the slave's device --- */

static unsigned int nr_in_ring(const struct pty_pair *pair)
{
	return READ_ONCE(pair->head) - READ_ONCE(pair->tail);
}

static int slave_may_open(struct tty_struct *tty)
{
	return READ_ONCE(tty->is_closed) || READ_ONCE(pair_of(tty)->is_locked) ? -EIO : 0;
}

static int slave_open(struct tty_struct *tty)
{
	WRITE_ONCE(tty->link->is_closed, false);
	return 0;
}

static void slave_close(struct tty_struct *tty)
{
	struct pty_pair *pair = pair_of(tty);

	WRITE_ONCE(pair->master.is_closed, true);
	wake_up_all(&pair->master.read_wait);
	tty_wake_writers(&pair->master);
}

static size_t slave_write(struct tty_struct *tty, const char *s, size_t len)
{
	struct pty_pair *pair = pair_of(tty);
	size_t done = 0;

	spin_lock(&pair->lock);
	while (done < len && nr_in_ring(pair) < RING_BYTES) {
		pair->bytes[pair->head % RING_BYTES] = s[done++];
		WRITE_ONCE(pair->head, pair->head + 1);
	}
	spin_unlock(&pair->lock);
	if (done)
		wake_up_all(&pair->master.read_wait);
	return done;
}

static size_t slave_write_room(struct tty_struct *tty)
{
	return RING_BYTES - nr_in_ring(pair_of(tty));
}

/* What is in the ring has left the terminal. */
static size_t slave_nr_unsent(struct tty_struct *tty __maybe_unused)
{
	return 0;
}

/* Not while bytes are copied: their place would be written to again. */
static void slave_flush(struct tty_struct *tty)
{
	struct pty_pair *pair = pair_of(tty);

	mutex_lock(&pair->read_mutex);
	spin_lock(&pair->lock);
	WRITE_ONCE(pair->tail, pair->head);
	spin_unlock(&pair->lock);
	mutex_unlock(&pair->read_mutex);
}

static void slave_send_now(struct tty_struct *tty, char c)
{
	slave_write(tty, &c, 1);
}

static void slave_unthrottle(struct tty_struct *tty)
{
	tty_wake_writers(tty->link);
}

/* A program has no wires: eight bits, no parity. */
static void slave_set_termios(struct tty_struct *tty, const struct ktermios *old __maybe_unused)
{
	tty->termios.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
	tty->termios.c_cflag |= CS8 | CREAD;
}

static const struct tty_operations slave_ops = {
	.may_open = slave_may_open,
	.open = slave_open,
	.close = slave_close,
	.write = slave_write,
	.write_room = slave_write_room,
	.nr_unsent = slave_nr_unsent,
	.flush = slave_flush,
	.send_now = slave_send_now,
	.unthrottle = slave_unthrottle,
	.set_termios = slave_set_termios,
	.destroy = pty_destroy,
};

/* --- reading the master --- */

static bool has_packet(const struct tty_struct *master)
{
	return READ_ONCE(master->is_packet) && READ_ONCE(master->packet_status);
}

static bool master_must_look(struct pty_pair *pair, const struct tty_file *tty_file)
{
	return nr_in_ring(pair) || has_packet(&pair->master) || READ_ONCE(pair->master.is_closed) ||
	       READ_ONCE(tty_file->is_hung_up);
}

/* What the packet says that is no data; 0: nothing. */
static u8 take_packet_status(struct tty_struct *master)
{
	u8 status = 0;

	spin_lock(&master->flow_lock);
	if (master->is_packet) {
		status = master->packet_status;
		master->packet_status = 0;
	}
	spin_unlock(&master->flow_lock);
	return status;
}

/* Bytes of the ring, from one piece of it, where they stay until they have been copied. Bytes;
 * -EFAULT. Under read_mutex. */
static long copy_piece(struct pty_pair *pair, struct iov_iter *to)
{
	unsigned int at = READ_ONCE(pair->tail) % RING_BYTES;
	unsigned int len = min(nr_in_ring(pair), RING_BYTES - at);
	size_t done = copy_to_iter(pair->bytes + at, min(to->count, (size_t)len), to);

	spin_lock(&pair->lock);
	WRITE_ONCE(pair->tail, pair->tail + (unsigned int)done);
	spin_unlock(&pair->lock);
	return done || !len ? (long)done : -EFAULT;
}

/* Bytes; -EFAULT; 0: nothing is there. Under read_mutex. */
static long read_what_is_there(struct pty_pair *pair, struct iov_iter *to)
{
	u8 status = take_packet_status(&pair->master);
	bool is_packet = READ_ONCE(pair->master.is_packet);
	size_t total = 0;
	long done = 0;

	if (status)
		return copy_to_iter(&status, 1, to) ? 1 : -EFAULT;
	if (!nr_in_ring(pair))
		return 0;
	if (is_packet) {
		status = TIOCPKT_DATA;
		if (!copy_to_iter(&status, 1, to))
			return -EFAULT;
		total = 1;
	}
	while (to->count && nr_in_ring(pair)) {
		done = copy_piece(pair, to);
		if (done <= 0)
			break;
		total += (size_t)done;
	}
	return total > is_packet || done >= 0 ? (long)total : done;
}

/* Nothing is there. 0: look again. */
static long wait_for_slave(struct pty_pair *pair, const struct tty_file *tty_file)
{
	if (READ_ONCE(pair->master.is_closed))
		return -EIO;
	if (READ_ONCE(tty_file->file->flags) & O_NONBLOCK)
		return -EAGAIN;
	if (wait_event_interruptible(pair->master.read_wait, master_must_look(pair, tty_file)))
		return -ERESTARTSYS;
	return 0;
}

/* The slave's writers, and its echo, which has nobody to wait for room. */
static void ring_has_room(struct pty_pair *pair)
{
	struct tty_struct *slave = &pair->slave;

	if (n_tty_has_echo(slave)) {
		mutex_lock(&slave->disc->output);
		n_tty_flush_echo(slave);
		mutex_unlock(&slave->disc->output);
	}
	tty_wake_writers(slave);
}

static long master_read(struct file *file, struct iov_iter *to, loff_t *pos __maybe_unused)
{
	struct tty_file *tty_file = file->private;
	struct pty_pair *pair = pair_of(tty_file->tty);
	long ret = 0;

	while (to->count && !ret && !READ_ONCE(tty_file->is_hung_up)) {
		/* Before the look: what was written before the slave was closed is there. */
		bool is_closed = READ_ONCE(pair->master.is_closed);

		mutex_lock(&pair->read_mutex);
		ret = read_what_is_there(pair, to);
		mutex_unlock(&pair->read_mutex);
		if (!ret)
			ret = is_closed ? -EIO : wait_for_slave(pair, tty_file);
		else if (ret > 0)
			ring_has_room(pair);
		if (ret == -EIO && nr_in_ring(pair))
			ret = 0;
	}
	return ret;
}

/* --- writing to the master: typing --- */

static bool slave_takes(struct pty_pair *pair)
{
	return !READ_ONCE(pair->slave.disc->no_room);
}

static long type_chunk(struct pty_pair *pair, const struct file *file, const u16 *items, size_t nr,
		       size_t *total)
{
	size_t done;

	while (nr) {
		done = n_tty_receive(&pair->slave, items, nr);
		*total += done;
		items += done;
		nr -= done;
		if (!nr)
			break;
		if (READ_ONCE(file->flags) & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(pair->master.write_wait, slave_takes(pair)))
			return -ERESTARTSYS;
	}
	return 0;
}

static long master_write(struct file *file, struct iov_iter *from, loff_t *pos __maybe_unused)
{
	struct tty_file *tty_file = file->private;
	struct pty_pair *pair = pair_of(tty_file->tty);
	u16 items[CHUNK_ITEMS];
	u8 *bytes = (u8 *)items;
	size_t total = 0, len;
	long err = READ_ONCE(tty_file->is_hung_up) ? -EIO : 0;

	err = err ?: tty_begin_write(&pair->write_mutex, file);
	if (err)
		return err;
	while (from->count && !err) {
		len = copy_from_iter(bytes, min(from->count, (size_t)CHUNK_ITEMS), from);
		for (size_t i = len; i--;)
			items[i] = bytes[i];
		err = len ? type_chunk(pair, file, items, len, &total) : -EFAULT;
	}
	mutex_unlock(&pair->write_mutex);
	return total ? (long)total : err;
}

static unsigned int master_poll(struct file *file, struct poll_table *table)
{
	struct tty_file *tty_file = file->private;
	struct pty_pair *pair = pair_of(tty_file->tty);
	unsigned int events = 0;

	poll_wait(file, &pair->master.read_wait, table);
	poll_wait(file, &pair->master.write_wait, table);
	if (READ_ONCE(tty_file->is_hung_up))
		return TTY_HUNG_UP_EVENTS;
	if (READ_ONCE(pair->master.is_closed))
		events |= POLLHUP;
	if (nr_in_ring(pair))
		events |= POLLIN | POLLRDNORM;
	if (has_packet(&pair->master))
		events |= POLLPRI | POLLIN | POLLRDNORM;
	if (!READ_ONCE(pair->slave.disc->no_room))
		events |= POLLOUT | POLLWRNORM;
	return events;
}

/* --- calls of the master alone --- */

static long set_packet_mode(struct tty_struct *master, const int __user *from)
{
	int on;

	if (get_user(on, from))
		return -EFAULT;
	spin_lock(&master->flow_lock);
	if (on && !master->is_packet)
		master->packet_status = 0;
	master->is_packet = on;
	spin_unlock(&master->flow_lock);
	return 0;
}

static long set_lock(struct pty_pair *pair, const int __user *from)
{
	int on;

	if (get_user(on, from))
		return -EFAULT;
	WRITE_ONCE(pair->is_locked, on);
	return 0;
}

static long raise_in_slave(struct tty_struct *master, unsigned long sig)
{
	if (sig != SIGINT && sig != SIGQUIT && sig != SIGTSTP)
		return -EINVAL;
	tty_jobs->signal(master->link, (int)sig);
	return 0;
}

/* Opens the slave as the node would, whatever is mounted or visible. */
static long open_peer(struct pty_pair *pair, const struct file *master, int flags)
{
	char name[sizeof("4294967295")];
	struct path root, path;
	struct devpts *devpts;
	struct file *file;
	struct qstr qstr;
	int fd;

	devpts = devpts_of(master, &root);
	if (IS_ERR(devpts))
		return PTR_ERR(devpts);
	snprintf(name, sizeof(name), "%d", pair->index);
	qstr = qstr_of(name, (unsigned int)strlen(name));
	inode_lock(d_inode(root.dentry));
	path.mnt = root.mnt;
	path.dentry = lookup_child_locked(root.dentry, &qstr);
	inode_unlock(d_inode(root.dentry));
	fd = IS_ERR(path.dentry) ? (int)PTR_ERR(path.dentry) : alloc_fd(0, flags & O_CLOEXEC);
	if (fd >= 0) {
		file = d_is_negative(path.dentry) ? ERR_PTR(-EIO) : dentry_open(&path, flags);
		if (IS_ERR(file)) {
			put_unused_fd(fd);
			fd = (int)PTR_ERR(file);
		} else {
			fd_install(fd, file);
		}
	}
	if (!IS_ERR(path.dentry))
		dput(path.dentry);
	path_put(&root);
	devpts_put(devpts);
	return fd;
}

/* Of the master's own queues; from the slave they look the other way round. */
static long flush_master(struct pty_pair *pair, unsigned long which)
{
	if (which != TCIFLUSH && which != TCOFLUSH && which != TCIOFLUSH)
		return -EINVAL;
	if (which != TCOFLUSH) {
		slave_flush(&pair->slave);
		ring_has_room(pair);
	}
	if (which != TCIFLUSH)
		n_tty_flush_input(&pair->slave);
	return 0;
}

static long master_ioctl(struct tty_struct *tty, struct file *file, unsigned int cmd,
			 unsigned long arg)
{
	struct pty_pair *pair = pair_of(tty);

	switch (cmd) {
	case TIOCSPTLCK:
		return set_lock(pair, (const int __user *)arg);
	case TIOCGPTLCK:
		return put_user((int)READ_ONCE(pair->is_locked), (int __user *)arg);
	case TIOCGPTN:
		return put_user((unsigned int)pair->index, (unsigned int __user *)arg);
	case TIOCPKT:
		return set_packet_mode(tty, (const int __user *)arg);
	case TIOCGPKT:
		return put_user((int)READ_ONCE(tty->is_packet), (int __user *)arg);
	case TIOCSIG:
		return raise_in_slave(tty, arg);
	case TIOCGPTPEER:
		return open_peer(pair, file, (int)arg);
	case FIONREAD:
		return put_user((int)nr_in_ring(pair), (int __user *)arg);
	case TIOCOUTQ:
		return put_user(0, (int __user *)arg);
	case TCFLSH:
		return flush_master(pair, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

/* The only file of it has gone. */
static void master_close(struct tty_struct *tty)
{
	struct pty_pair *pair = pair_of(tty);

	WRITE_ONCE(pair->slave.is_closed, true);
	devpts_remove(pair->devpts, pair->index);
	devpts_put(pair->devpts);
	tty_hangup(&pair->slave, TTY_HANGUP_LINE);
}

static const struct tty_operations master_ops = {
	.close = master_close,
	.ioctl = master_ioctl,
	.destroy = pty_destroy,
};

/* --- opening --- */

static const struct file_operations master_fops = {
	.read = master_read,
	.write = master_write,
	.poll = master_poll,
	.ioctl = tty_file_ioctl,
	.release = tty_release,
};

static struct pty_pair *new_pair(void)
{
	struct pty_pair *pair = kzalloc(sizeof(*pair), GFP_KERNEL);

	if (!pair)
		return NULL;
	pair->master.is_master = true;
	if (tty_init_struct(&pair->master, &master_ops) ||
	    tty_init_struct(&pair->slave, &slave_ops)) {
		kfree(pair);
		return NULL;
	}
	pair->slave.init_termios.c_cflag &= ~(tcflag_t)HUPCL;
	pair->slave.termios = pair->slave.init_termios;
	pair->master.link = &pair->slave;
	pair->slave.link = &pair->master;
	refcount_set(&pair->ends, 2);
	mutex_init(&pair->read_mutex);
	mutex_init(&pair->write_mutex);
	spin_lock_init(&pair->lock);
	pair->is_locked = true;
	return pair;
}

/* Its node, and what follows from the number. */
static int name_pair(struct pty_pair *pair)
{
	pair->index = devpts_add(pair->devpts, &pair->slave);
	if (pair->index < 0)
		return pair->index;
	snprintf(pair->slave.name, sizeof(pair->slave.name), "pts%d", pair->index);
	snprintf(pair->master.name, sizeof(pair->master.name), "ptm%d", pair->index);
	pair->slave.dev = MKDEV(UNIX98_PTY_SLAVE_MAJOR, (u32)pair->index);
	pair->master.dev = MKDEV(TTYAUX_MAJOR, 2);
	return 0;
}

static int ptmx_open(struct inode *inode __maybe_unused, struct file *file)
{
	struct devpts *devpts;
	struct pty_pair *pair;
	struct path root;
	int err = -ENOMEM;

	devpts = devpts_of(file, &root);
	if (IS_ERR(devpts))
		return PTR_ERR(devpts);
	path_put(&root);
	pair = new_pair();
	if (!pair)
		goto put_devpts;
	pair->devpts = devpts;
	err = name_pair(pair);
	if (err)
		goto put_pair;
	file->ops = &master_fops;
	err = tty_open_file(tty_get(&pair->master), file);
	if (err) {
		devpts_remove(devpts, pair->index);
		goto put_pair;
	}
	/* From here on the file holds the master, and the node the slave. */
	tty_put(&pair->master);
	tty_put(&pair->slave);
	return 0;
put_pair:
	tty_put(&pair->master);
	tty_put(&pair->slave);
put_devpts:
	devpts_put(devpts);
	return err;
}

static int pts_open(struct inode *inode, struct file *file)
{
	struct tty_struct *slave = devpts_tty(inode);

	if (!slave)
		return -EIO;
	file->ops = &tty_fops;
	return tty_open_file(slave, file);
}

static const struct file_operations ptmx_fops = { .open = ptmx_open };
static const struct file_operations pts_fops = { .open = pts_open };

static struct chrdev dev_ptmx = {
	.name = "ptmx",
	.mode = 0666,
	.first = MKDEV(TTYAUX_MAJOR, 2),
	.nr = 1,
	.fops = &ptmx_fops,
};

static struct chrdev dev_pts = {
	.name = "pts",
	.first = MKDEV(UNIX98_PTY_SLAVE_MAJOR, 0),
	.nr = NR_SLAVES,
	.fops = &pts_fops,
};

__init void pty_init(void)
{
	devpts_init();
	chrdev_register(&dev_ptmx);
	chrdev_register(&dev_pts);
}
