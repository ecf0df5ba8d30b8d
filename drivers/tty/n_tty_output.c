/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The line discipline N_TTY, output: from write(), and from the echo, to the device.
 *
 * With OPOST a byte may become several (NL: CR NL; a tab: spaces), or none; the column is followed
 * for that.  A byte is given to the device only if all that it becomes fits.
 *
 * The echo is made while input is processed, which cannot wait for the device.  It goes through a
 * ring of its own, already processed, which is emptied whenever there is room, before all else that
 * is written, so what is seen is in the order in which it happened.  Echo that does not fit is
 * lost, as there is nobody to wait for it.
 *
 * Locks: disc->output for all of it, but for the bytes of programs: they are copied to the stack
 * first.  tty->write_mutex holds a write() together, and is released by no wait.
 */
#include <linux/errno.h>
#include <oshit/ctype.h>
#include <oshit/entry.h>
#include <oshit/fs.h>
#include <oshit/math.h>
#include <oshit/sched.h>
#include <oshit/string.h>
#include <oshit/uio.h>

#include "tty.h"

#define WRITE_CHUNK   256 /* bytes that are taken from a program at a time */
#define MAX_PROCESSED 8 /* what one byte may become: a tab */

/* What OPOST makes of @c; moves the column. Bytes in @out. */
static unsigned int process(struct tty_struct *tty, u8 c, char out[MAX_PROCESSED])
{
	const tcflag_t oflag = tty->termios.c_oflag;
	struct n_tty *disc = tty->disc;
	unsigned int nr = 0;

	switch (oflag & OPOST ? c : 0) {
	case '\n':
		if (oflag & ONLRET)
			disc->column = 0;
		if (oflag & ONLCR) {
			disc->column = 0;
			out[nr++] = '\r';
		}
		break;
	case '\r':
		if (oflag & ONOCR && !disc->column)
			return 0;
		if (oflag & OCRNL)
			c = '\n';
		if (!(oflag & OCRNL) || oflag & ONLRET)
			disc->column = 0;
		break;
	case '\t':
		nr = 8 - disc->column % 8;
		disc->column += nr;
		if ((oflag & TABDLY) == XTABS) {
			memset(out, ' ', nr);
			return nr;
		}
		nr = 0;
		break;
	case '\b':
		disc->column -= disc->column > 0;
		break;
	default:
		if (oflag & OPOST && oflag & OLCUC)
			c = (u8)toupper(c);
		if (!iscntrl(c) && !(tty->termios.c_iflag & IUTF8 && (c & 0xc0) == 0x80))
			disc->column++;
		break;
	}
	out[nr++] = (char)c;
	return nr;
}

/* --- echo --- */

bool n_tty_has_echo(const struct tty_struct *tty)
{
	return READ_ONCE(tty->disc->echo_head) != READ_ONCE(tty->disc->echo_tail);
}

void n_tty_forget_echo(struct tty_struct *tty)
{
	tty->disc->echo_tail = tty->disc->echo_head;
}

void n_tty_echo_raw(struct tty_struct *tty, u8 c)
{
	struct n_tty *disc = tty->disc;
	char out[MAX_PROCESSED];
	unsigned int nr;

	if (N_TTY_ECHO_BYTES - (disc->echo_head - disc->echo_tail) < MAX_PROCESSED)
		return;
	nr = process(tty, c, out);
	for (unsigned int i = 0; i < nr; i++)
		disc->echo[disc->echo_head++ % N_TTY_ECHO_BYTES] = out[i];
}

void n_tty_echo_text(struct tty_struct *tty, const char *text)
{
	while (*text)
		n_tty_echo_raw(tty, (u8)*text++);
}

void n_tty_echo_char(struct tty_struct *tty, u8 c)
{
	if (tty_flag(tty, ECHOCTL) && iscntrl(c) && c != '\t') {
		n_tty_echo_raw(tty, '^');
		c ^= 0x40;
	}
	n_tty_echo_raw(tty, c);
}

void n_tty_flush_echo(struct tty_struct *tty)
{
	struct n_tty *disc = tty->disc;

	while (n_tty_has_echo(tty) && !READ_ONCE(tty->stopped)) {
		unsigned int at = disc->echo_tail % N_TTY_ECHO_BYTES;
		unsigned int len = min(disc->echo_head - disc->echo_tail, N_TTY_ECHO_BYTES - at);
		size_t done = tty->ops->write(tty, disc->echo + at, len);

		if (!done)
			break;
		disc->echo_tail += done;
	}
}

/* --- write() --- */

/* Bytes at the start of @s that OPOST leaves alone, one column each. */
static size_t plain_run(const struct tty_struct *tty, const char *s, size_t len)
{
	size_t nr = 0;

	if (tty->termios.c_oflag & OLCUC)
		return 0;
	while (nr < len && s[nr] >= ' ' && s[nr] < 0x7f)
		nr++;
	return nr;
}

/* As much of @s as there is room for. Bytes of @s. Under disc->output. */
static size_t output(struct tty_struct *tty, const char *s, size_t len)
{
	char out[MAX_PROCESSED];
	size_t done = 0, run;
	unsigned int column;

	while (done < len && !READ_ONCE(tty->stopped)) {
		run = tty->termios.c_oflag & OPOST ? plain_run(tty, s + done, len - done) : len;
		if (run) {
			run = tty->ops->write(tty, s + done, min(run, len - done));
			tty->disc->column += run;
			done += run;
			if (!run)
				break;
			continue;
		}
		if (tty->ops->write_room(tty) < MAX_PROCESSED)
			break;
		column = process(tty, (u8)s[done], out);
		tty->ops->write(tty, out, column);
		done++;
	}
	return done;
}

/* What there is room for, behind the echo. Bytes. */
static size_t try_write(struct tty_struct *tty, const char *s, size_t len)
{
	size_t done = 0;

	mutex_lock(&tty->disc->output);
	n_tty_flush_echo(tty);
	if (!n_tty_has_echo(tty))
		done = output(tty, s, len);
	mutex_unlock(&tty->disc->output);
	return done;
}

static bool may_go_on(const struct tty_file *tty_file)
{
	struct tty_struct *tty = tty_file->tty;

	return READ_ONCE(tty_file->is_hung_up) || READ_ONCE(tty->is_closed) ||
	       (!READ_ONCE(tty->stopped) && tty->ops->write_room(tty) >= MAX_PROCESSED);
}

/* 0: try again; -EAGAIN; -EIO; -ERESTARTSYS. */
static int wait_for_room(const struct tty_file *tty_file)
{
	if (READ_ONCE(tty_file->file->flags) & O_NONBLOCK)
		return -EAGAIN;
	if (wait_event_interruptible(tty_file->tty->write_wait, may_go_on(tty_file)))
		return -ERESTARTSYS;
	return 0;
}

/* All of a chunk. Bytes are added to *@total. 0 or -errno. */
static int write_chunk(const struct tty_file *tty_file, const char *chunk, size_t len,
		       size_t *total)
{
	size_t done;
	int err = 0;

	while (len && !err) {
		if (READ_ONCE(tty_file->is_hung_up) || READ_ONCE(tty_file->tty->is_closed))
			return -EIO;
		done = try_write(tty_file->tty, chunk, len);
		*total += done;
		chunk += done;
		len -= done;
		if (len)
			err = wait_for_room(tty_file);
	}
	return err;
}

long n_tty_write(struct tty_file *tty_file, struct iov_iter *from)
{
	struct tty_struct *tty = tty_file->tty;
	char chunk[WRITE_CHUNK];
	size_t total = 0, len;
	int err = tty_begin_write(&tty->write_mutex, tty_file->file);

	if (err)
		return err;
	while (from->count && !err) {
		len = copy_from_iter(chunk, min(from->count, sizeof(chunk)), from);
		err = len ? write_chunk(tty_file, chunk, len, &total) : -EFAULT;
		cond_resched();
	}
	mutex_unlock(&tty->write_mutex);
	return total ? (long)total : err;
}
