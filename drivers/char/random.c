/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/random and /dev/urandom: the numbers of kernel/random.c as files.  Both are the same: the
 * pool is seeded before the first program runs, so neither ever waits.  What is written is stirred
 * in, and harms nothing; there is no count of entropy, so what changes it has nothing to change.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/major.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <oshit/chrdev.h>
#include <oshit/cred.h>
#include <oshit/init.h>
#include <oshit/math.h>
#include <oshit/random.h>
#include <oshit/sched.h>
#include <oshit/string.h>
#include <oshit/uaccess.h>
#include <oshit/uio.h>

#define CHUNK	  256 /* bytes on the stack; a signal is looked for after each page of them */
#define POOL_BITS 256 /* what the state of the generator holds */

/* Adds a part that was moved to *@total. False: that is all, at a fault or for a signal. */
static bool goes_on(size_t done, size_t part, long *total)
{
	*total += (long)done;
	if (done < part) {
		*total = *total ?: -EFAULT;
		return false;
	}
	if (*total % (long)PAGE_SIZE == 0 && signal_pending(current))
		return false;
	cond_resched();
	return true;
}

static long random_read(struct file *file __maybe_unused, struct iov_iter *to,
			loff_t *pos __maybe_unused)
{
	u8 chunk[CHUNK];
	long total = 0;

	while (to->count) {
		size_t part = min(to->count, sizeof(chunk));

		random_bytes(chunk, part);
		if (!goes_on(copy_to_iter(chunk, part, to), part, &total))
			break;
	}
	memset(chunk, 0, sizeof(chunk));
	return total;
}

static long random_write(struct file *file __maybe_unused, struct iov_iter *from,
			 loff_t *pos __maybe_unused)
{
	u8 chunk[CHUNK];
	long total = 0;

	while (from->count) {
		size_t part = min(from->count, sizeof(chunk));
		size_t done = copy_from_iter(chunk, part, from);

		random_stir(chunk, done);
		if (!goes_on(done, part, &total))
			break;
	}
	memset(chunk, 0, sizeof(chunk));
	return total;
}

/* RNDADDENTROPY: a count of bits, a size, and as many bytes. */
static int add_entropy(const int __user *user)
{
	u8 chunk[CHUNK];
	int head[2];
	size_t done;

	if (copy_from_user(head, user, sizeof(head)))
		return -EFAULT;
	if (head[0] < 0 || head[1] < 0)
		return -EINVAL;
	for (done = 0; done < (size_t)head[1]; done += CHUNK) {
		size_t part = min((size_t)head[1] - done, sizeof(chunk));

		if (copy_from_user(chunk, (const u8 __user *)(user + 2) + done, part))
			return -EFAULT;
		random_stir(chunk, part);
	}
	return 0;
}

static int check_entropy_count(const int __user *user)
{
	int bits;

	if (get_user(bits, user))
		return -EFAULT;
	return bits < 0 ? -EINVAL : 0;
}

static long random_ioctl(struct file *file __maybe_unused, unsigned int cmd, unsigned long arg)
{
	int __user *user = (int __user *)arg;

	if (cmd == RNDGETENTCNT)
		return put_user(POOL_BITS, user);
	switch (cmd) {
	case RNDADDTOENTCNT:
		return capable(CAP_SYS_ADMIN) ? check_entropy_count(user) : -EPERM;
	case RNDADDENTROPY:
		return capable(CAP_SYS_ADMIN) ? add_entropy(user) : -EPERM;
	case RNDZAPENTCNT:
	case RNDCLEARPOOL:
	case RNDRESEEDCRNG:
		return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
	default:
		return -EINVAL;
	}
}

/* It is seeded: as Linux, which has it writable only as long as it lacks entropy. */
static unsigned int random_poll(struct file *file __maybe_unused,
				struct poll_table *table __maybe_unused)
{
	return POLLIN | POLLRDNORM;
}

static const struct file_operations random_fops = {
	.llseek = noop_llseek,
	.read = random_read,
	.write = random_write,
	.poll = random_poll,
	.ioctl = random_ioctl,
};

static const struct file_operations urandom_fops = {
	.llseek = noop_llseek,
	.read = random_read,
	.write = random_write,
	.ioctl = random_ioctl,
};

static struct chrdev devices[] = {
	{ "random", .mode = 0666, .first = MKDEV(MEM_MAJOR, 8), .nr = 1, .fops = &random_fops },
	{ "urandom", .mode = 0666, .first = MKDEV(MEM_MAJOR, 9), .nr = 1, .fops = &urandom_fops },
};

__init void random_devices_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(devices); i++)
		chrdev_register(&devices[i]);
}
