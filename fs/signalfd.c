/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signalfd(): pending signals as a file.  read() takes those of a set that are pending for the
 * caller or its process, as sigtimedwait() would, and tells of them in structures of 128 bytes; who
 * waits for the file is woken when one comes.  The set is the file's, the signals are the reader's:
 * a child that inherits the descriptor reads its own.
 *
 * Who waits does so in one of NR_QUEUES queues, chosen by the address of his actions, which each
 * task has that may get the signal.  The queues are static because an epoll that watches the file
 * may outlive the process that gave it the file, and its actions.  A wake-up that was meant for
 * another process with the same queue is a look too many.
 *
 * Locks: siglock of the process for what is pending; the queue's inside of it.  Who waits is queued
 * before he looks under siglock, so signalfd_notify(), called under it behind the sending, misses
 * nobody.  The set is a word.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/signalfd.h>
#include <oshit/entry.h>
#include <oshit/files.h>
#include <oshit/fs.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/poll.h>
#include <oshit/seq_file.h>
#include <oshit/signalfd.h>
#include <oshit/slab.h>
#include <oshit/string.h>
#include <oshit/syscalls.h>
#include <oshit/task.h>
#include <oshit/uaccess.h>
#include <oshit/uio.h>
#include <oshit/user_task.h>
#include <oshit/wait.h>

#define NR_QUEUES 64

struct signalfd {
	sigset_t set; /* read and written as a word */
};

static struct wait_queue_head queues[NR_QUEUES];

static struct wait_queue_head *queue_of(const struct sighand_struct *sighand)
{
	unsigned long address = (unsigned long)sighand / sizeof(*sighand);

	return &queues[address % NR_QUEUES];
}

void signalfd_notify(const struct sighand_struct *sighand)
{
	struct wait_queue_head *queue = queue_of(sighand);

	if (waitqueue_active(queue))
		wake_up_all(queue);
}

/* One of the set that is pending for the caller, which is taken; 0: none. */
static int take_signal(const struct signalfd *signalfd, siginfo_t *info)
{
	struct user_task *user = current->user;
	int sig;

	raw_spin_lock_irq(&user->signal->siglock);
	sig = dequeue_signal(user, READ_ONCE(signalfd->set), info);
	if (sig)
		recalc_sigpending();
	raw_spin_unlock_irq(&user->signal->siglock);
	return sig;
}

static bool is_ready(const struct signalfd *signalfd)
{
	struct user_task *user = current->user;
	sigset_t pending;

	raw_spin_lock_irq(&user->signal->siglock);
	pending = user->pending.set | user->signal->pending.set;
	raw_spin_unlock_irq(&user->signal->siglock);
	return pending & READ_ONCE(signalfd->set);
}

/* What a signal of the kernel's tells depends on which it is; one of a program has a value. */
static void describe_fault(struct signalfd_siginfo *to, const siginfo_t *info)
{
	to->ssi_addr = (u64)info->si_addr;
	if (info->si_signo == SIGBUS &&
	    (info->si_code == BUS_MCEERR_AR || info->si_code == BUS_MCEERR_AO))
		to->ssi_addr_lsb = (u16)info->si_addr_lsb;
	if (info->si_signo == SIGTRAP)
		to->ssi_trapno = (u32)info->si_trapno;
}

static void describe_child(struct signalfd_siginfo *to, const siginfo_t *info)
{
	to->ssi_pid = (u32)info->si_pid;
	to->ssi_uid = info->si_uid;
	to->ssi_status = info->si_status;
	to->ssi_utime = (u64)info->si_utime;
	to->ssi_stime = (u64)info->si_stime;
}

static void describe_sender(struct signalfd_siginfo *to, const siginfo_t *info)
{
	to->ssi_pid = (u32)info->si_pid;
	to->ssi_uid = info->si_uid;
	if (info->si_code < 0) {
		to->ssi_ptr = (u64)info->si_ptr;
		to->ssi_int = info->si_int;
	}
}

static bool is_fault(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGILL || sig == SIGFPE || sig == SIGTRAP;
}

static void describe(struct signalfd_siginfo *to, const siginfo_t *info)
{
	memset(to, 0, sizeof(*to));
	to->ssi_signo = (u32)info->si_signo;
	to->ssi_errno = info->si_errno;
	to->ssi_code = info->si_code;
	if (info->si_code == SI_TIMER) {
		to->ssi_tid = (u32)info->si_tid;
		to->ssi_overrun = (u32)info->si_overrun;
		to->ssi_ptr = (u64)info->si_ptr;
		to->ssi_int = info->si_int;
	} else if (info->si_code <= 0 || info->si_code == SI_KERNEL) {
		describe_sender(to, info);
	} else if (is_fault(info->si_signo)) {
		describe_fault(to, info);
	} else if (info->si_signo == SIGCHLD) {
		describe_child(to, info);
	} else if (info->si_signo == SIGPOLL) {
		to->ssi_band = (u32)info->si_band;
		to->ssi_fd = info->si_fd;
	} else {
		describe_sender(to, info);
	}
}

/* Waits for the first, unless the file is not to. Return: the signal, -EAGAIN, -ERESTARTSYS. */
static int wait_for_signal(const struct file *file, siginfo_t *info)
{
	struct signalfd *signalfd = file->private;
	int sig = take_signal(signalfd, info);

	if (sig)
		return sig;
	if (READ_ONCE(file->flags) & O_NONBLOCK)
		return -EAGAIN;
	if (wait_event_interruptible(*queue_of(current->user->sighand),
				     (sig = take_signal(signalfd, info))))
		return -ERESTARTSYS;
	return sig;
}

static long signalfd_read(struct file *file, struct iov_iter *to, loff_t *pos __maybe_unused)
{
	struct signalfd_siginfo one;
	siginfo_t info;
	long done = 0;
	int sig;

	if (to->count < sizeof(one))
		return -EINVAL;
	sig = wait_for_signal(file, &info);
	while (sig > 0) {
		describe(&one, &info);
		if (copy_to_iter(&one, sizeof(one), to) != sizeof(one))
			return done ?: -EFAULT;
		done += (long)sizeof(one);
		sig = to->count < sizeof(one) ? 0 : take_signal(file->private, &info);
	}
	return done ?: sig;
}

static unsigned int signalfd_poll(struct file *file, struct poll_table *table)
{
	poll_wait(file, queue_of(current->user->sighand), table);
	return is_ready(file->private) ? POLLIN : 0;
}

static int signalfd_release(struct inode *inode __maybe_unused, struct file *file)
{
	kfree(file->private);
	return 0;
}

static void signalfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct signalfd *signalfd = file->private;

	seq_printf(m, "sigmask:\t%016lx\n", READ_ONCE(signalfd->set));
}

static const struct file_operations signalfd_fops = {
	.show_fdinfo = signalfd_show_fdinfo,
	.llseek = stay_llseek,
	.read = signalfd_read,
	.poll = signalfd_poll,
	.release = signalfd_release,
};

static long new_signalfd(sigset_t set, int flags)
{
	struct signalfd *signalfd = kmalloc(sizeof(*signalfd), GFP_KERNEL);
	struct file *file;

	if (!signalfd)
		return -ENOMEM;
	signalfd->set = set;
	file = nameless_file("anon_inode:[signalfd]", O_RDWR | (flags & SFD_NONBLOCK),
			     &signalfd_fops, signalfd);
	if (IS_ERR(file)) {
		kfree(signalfd);
		return PTR_ERR(file);
	}
	return fd_add(file, flags & SFD_CLOEXEC);
}

/* Who waits looks again by the new set. */
static long change_signalfd(int fd, sigset_t set)
{
	struct fd f = fdget((unsigned int)fd);
	long result = fd;

	if (!f.file)
		return -EBADF;
	if (f.file->ops == &signalfd_fops) {
		WRITE_ONCE(((struct signalfd *)f.file->private)->set, set);
		smp_mb(); /* Pairs with that of prepare_to_wait(): set first, then who waits. */
		signalfd_notify(current->user->sighand);
	} else {
		result = -EINVAL;
	}
	fdput(f);
	return result;
}

long sys_signalfd4(int fd, const sigset_t __user *from, size_t size, int flags)
{
	sigset_t set;

	if (size != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, from, sizeof(set)))
		return -EFAULT;
	if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK))
		return -EINVAL;
	set &= ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
	return fd == -1 ? new_signalfd(set, flags) : change_signalfd(fd, set);
}

long sys_signalfd(int fd, const sigset_t __user *from, size_t size)
{
	return sys_signalfd4(fd, from, size, 0);
}

__init void signalfd_init(void)
{
	for (unsigned int i = 0; i < NR_QUEUES; i++)
		init_waitqueue_head(&queues[i]);
}
