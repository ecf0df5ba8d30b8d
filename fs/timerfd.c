/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timerfd: a timer (kernel/time/clock_timer.c) with a descriptor.  read() tells how often it has
 * run out since the last one, and waits for the first time; who waits for the file is woken then.
 *
 * A timer with an interval is started again by who reads, not by itself: until then nobody can tell
 * whether it has run out once or a thousand times, and a short interval costs nothing.
 *
 * With TFD_TIMER_CANCEL_ON_SET one that waits for a date is ready as soon as the date is set, and
 * read() says ECANCELED once.
 *
 * Locks: ->mutex for setting; ->lock, interrupts off, for what the handler looks at.  The timer is
 * cancelled under the former alone, when ->is_set and ->has_run_out are false already, so that
 * nobody starts it meanwhile.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/timerfd.h>
#include <oshit/clock.h>
#include <oshit/clock_timer.h>
#include <oshit/entry.h>
#include <oshit/err.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/mutex.h>
#include <oshit/poll.h>
#include <oshit/seq_file.h>
#include <oshit/slab.h>
#include <oshit/syscalls.h>
#include <oshit/uio.h>
#include <oshit/wait.h>

struct timerfd { /* m: ->mutex   l: ->lock   i: constant */
	struct mutex mutex;
	raw_spinlock_t lock; /* interrupts off */
	struct clock_timer timer; /* m, l */
	u64 nr_ticks; /* l  how often it has run out since the last read(), up to the last look */
	bool is_set; /* l  it is to run out */
	bool has_run_out; /* l  and waits for who starts it again */
	bool is_cancelled; /* l  the date was set, nobody has been told */
	bool cancel_on_set; /* l */
	int settime_flags; /* m  for /proc */
	struct wait_queue_head wait;
};

static void timerfd_fires(struct clock_timer *timer)
{
	struct timerfd *timerfd = container_of(timer, struct timerfd, timer);
	unsigned long flags;

	raw_spin_lock_irqsave(&timerfd->lock, flags);
	if (timerfd->is_set) {
		timerfd->is_set = false;
		timerfd->has_run_out = true;
		timerfd->nr_ticks++;
	}
	raw_spin_unlock_irqrestore(&timerfd->lock, flags);
	wake_up(&timerfd->wait);
}

static void date_was_changed(struct clock_timer *timer)
{
	struct timerfd *timerfd = container_of(timer, struct timerfd, timer);
	unsigned long flags;

	raw_spin_lock_irqsave(&timerfd->lock, flags);
	timerfd->is_cancelled = timerfd->cancel_on_set;
	raw_spin_unlock_irqrestore(&timerfd->lock, flags);
	wake_up(&timerfd->wait);
}

/* The ticks that have passed unseen, and the timer goes on. Under ->lock. */
static void go_on(struct timerfd *timerfd)
{
	if (!timerfd->has_run_out)
		return;
	timerfd->has_run_out = false;
	if (!timerfd->timer.interval_ns)
		return;
	timerfd->nr_ticks += clock_timer_forward(&timerfd->timer, clock_timer_now(&timerfd->timer));
	timerfd->nr_ticks--; /* the one that the handler has counted */
	timerfd->is_set = true;
	clock_timer_start_again(&timerfd->timer);
}

static bool is_ready(const struct timerfd *timerfd)
{
	return READ_ONCE(timerfd->nr_ticks) || READ_ONCE(timerfd->is_cancelled);
}

/* How often it has run out; 0: not yet; -ECANCELED. */
static s64 take_ticks(struct timerfd *timerfd)
{
	s64 nr = 0;

	raw_spin_lock_irq(&timerfd->lock);
	if (timerfd->is_cancelled) {
		timerfd->is_cancelled = false;
		timerfd->has_run_out = false;
		nr = -ECANCELED;
	} else if (timerfd->nr_ticks) {
		go_on(timerfd);
		nr = (s64)timerfd->nr_ticks;
	}
	timerfd->nr_ticks = 0;
	raw_spin_unlock_irq(&timerfd->lock);
	return nr;
}

static long timerfd_read(struct file *file, struct iov_iter *to, loff_t *pos __maybe_unused)
{
	struct timerfd *timerfd = file->private;
	s64 nr;

	if (to->count < sizeof(nr))
		return -EINVAL;
	while (!(nr = take_ticks(timerfd))) {
		if (READ_ONCE(file->flags) & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(timerfd->wait, is_ready(timerfd)))
			return -ERESTARTSYS;
	}
	if (nr < 0)
		return nr;
	return copy_to_iter(&nr, sizeof(nr), to) == sizeof(nr) ? (long)sizeof(nr) : -EFAULT;
}

static unsigned int timerfd_poll(struct file *file, struct poll_table *table)
{
	struct timerfd *timerfd = file->private;

	poll_wait(file, &timerfd->wait, table);
	return is_ready(timerfd) ? POLLIN : 0;
}

static int timerfd_release(struct inode *inode __maybe_unused, struct file *file)
{
	struct timerfd *timerfd = file->private;

	raw_spin_lock_irq(&timerfd->lock);
	timerfd->is_set = false;
	raw_spin_unlock_irq(&timerfd->lock);
	clock_timer_destroy(&timerfd->timer);
	kfree(timerfd);
	return 0;
}

/* Under ->mutex. */
static void get_setting(struct timerfd *timerfd, struct itimer_ns *to)
{
	raw_spin_lock_irq(&timerfd->lock);
	if (timerfd->timer.interval_ns)
		go_on(timerfd);
	to->interval_ns = timerfd->timer.interval_ns;
	to->value_ns = 0;
	if (timerfd->is_set)
		to->value_ns = clock_timer_left(&timerfd->timer, clock_timer_now(&timerfd->timer));
	raw_spin_unlock_irq(&timerfd->lock);
}

static void timerfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct timerfd *timerfd = file->private;
	struct itimer_ns setting;

	mutex_lock(&timerfd->mutex);
	get_setting(timerfd, &setting);
	seq_printf(m, "clockid: %d\nticks: %lu\nsettime flags: 0%o\n", timerfd->timer.clock,
		   (unsigned long)READ_ONCE(timerfd->nr_ticks),
		   (unsigned int)timerfd->settime_flags);
	seq_printf(m, "it_value: (%lu, %lu)\nit_interval: (%lu, %lu)\n",
		   setting.value_ns / NSEC_PER_SEC, setting.value_ns % NSEC_PER_SEC,
		   setting.interval_ns / NSEC_PER_SEC, setting.interval_ns % NSEC_PER_SEC);
	mutex_unlock(&timerfd->mutex);
}

static const struct file_operations timerfd_fops = {
	.show_fdinfo = timerfd_show_fdinfo,
	.llseek = stay_llseek,
	.read = timerfd_read,
	.poll = timerfd_poll,
	.release = timerfd_release,
};

/* Stops it. Under ->mutex. */
static void disarm(struct timerfd *timerfd)
{
	raw_spin_lock_irq(&timerfd->lock);
	timerfd->is_set = false;
	timerfd->has_run_out = false;
	timerfd->cancel_on_set = false;
	raw_spin_unlock_irq(&timerfd->lock);
	clock_timer_cancel(&timerfd->timer);
}

/* Under ->mutex. */
static void change_setting(struct timerfd *timerfd, int flags, const struct itimer_ns *setting)
{
	struct clock_timer *timer = &timerfd->timer;

	disarm(timerfd);
	timerfd->settime_flags = flags;
	raw_spin_lock_irq(&timerfd->lock);
	timer->interval_ns = setting->interval_ns;
	clock_timer_set(timer, setting->value_ns, flags & TFD_TIMER_ABSTIME);
	timerfd->nr_ticks = 0;
	timerfd->is_cancelled = false;
	timerfd->cancel_on_set = flags & TFD_TIMER_CANCEL_ON_SET && timer->by_date;
	timerfd->is_set = setting->value_ns;
	raw_spin_unlock_irq(&timerfd->lock);
	if (setting->value_ns)
		clock_timer_start(timer);
}

/* --- the calls --- */

static bool clock_is_known(int clock)
{
	return clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME ||
	       clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
}

static struct timerfd *timerfd_new(int clock)
{
	struct timerfd *timerfd = kzalloc(sizeof(*timerfd), GFP_KERNEL);
	int err;

	if (!timerfd)
		return ERR_PTR(-ENOMEM);
	err = clock_timer_init(&timerfd->timer, clock, timerfd_fires);
	if (err) {
		kfree(timerfd);
		return ERR_PTR(err);
	}
	timerfd->timer.date_fn = date_was_changed;
	mutex_init(&timerfd->mutex);
	raw_spin_lock_init(&timerfd->lock);
	init_waitqueue_head(&timerfd->wait);
	return timerfd;
}

long sys_timerfd_create(int clock, int flags)
{
	struct timerfd *timerfd;
	struct file *file;

	if (flags & ~(TFD_CLOEXEC | TFD_NONBLOCK) || !clock_is_known(clock))
		return -EINVAL;
	timerfd = timerfd_new(clock);
	if (IS_ERR(timerfd))
		return PTR_ERR(timerfd);
	file = nameless_file("anon_inode:[timerfd]", O_RDWR | (flags & TFD_NONBLOCK), &timerfd_fops,
			     timerfd);
	if (IS_ERR(file)) {
		kfree(timerfd);
		return PTR_ERR(file);
	}
	return fd_add(file, flags & TFD_CLOEXEC);
}

/* Either setting may be NULL. 0, -EBADF, -EINVAL. */
static int exchange_setting(int fd, int flags, const struct itimer_ns *setting,
			    struct itimer_ns *old)
{
	struct fd f = fdget((unsigned int)fd);
	struct timerfd *timerfd;

	if (!f.file)
		return -EBADF;
	if (f.file->ops != &timerfd_fops) {
		fdput(f);
		return -EINVAL;
	}
	timerfd = f.file->private;
	mutex_lock(&timerfd->mutex);
	get_setting(timerfd, old);
	if (setting)
		change_setting(timerfd, flags, setting);
	mutex_unlock(&timerfd->mutex);
	fdput(f);
	return 0;
}

long sys_timerfd_settime(int fd, int flags, const struct __kernel_itimerspec __user *from,
			 struct __kernel_itimerspec __user *to)
{
	struct itimer_ns setting, old;
	int err = get_itimerspec_ns(&setting, from);

	if (!err && flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
		err = -EINVAL;
	err = err ?: exchange_setting(fd, flags, &setting, &old);
	if (err || !to)
		return err;
	return put_itimerspec_ns(&old, to);
}

long sys_timerfd_gettime(int fd, struct __kernel_itimerspec __user *to)
{
	struct itimer_ns setting;
	int err = exchange_setting(fd, 0, NULL, &setting);

	return err ?: put_itimerspec_ns(&setting, to);
}
