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

/* As Linux by the table of Latin 1, whatever IUTF8 says. */
static u8 upper_case(u8 c)
{
	return islower(c) || (c >= 0xdf && c != 0xf7) ? c - ('a' - 'A') : c;
}

static void begin_line(struct n_tty *disc)
{
	disc->column = disc->canon_column = 0;
}

static unsigned int process_newline(struct tty_struct *tty, char out[MAX_PROCESSED])
{
	const tcflag_t oflag = tty->termios.c_oflag;
	struct n_tty *disc = tty->disc;

	if (oflag & (ONLRET | ONLCR))
		begin_line(disc);
	else
		disc->canon_column = disc->column;
	memcpy(out, "\r\n", 2);
	if (oflag & ONLCR)
		return 2;
	out[0] = '\n';
	return 1;
}

static unsigned int process_return(struct tty_struct *tty, char out[MAX_PROCESSED])
{
	const tcflag_t oflag = tty->termios.c_oflag;

	if (oflag & ONOCR && !tty->disc->column)
		return 0;
	if (!(oflag & OCRNL) || oflag & ONLRET)
		begin_line(tty->disc);
	out[0] = oflag & OCRNL ? '\n' : '\r';
	return 1;
}

static unsigned int process_tab(struct tty_struct *tty, char out[MAX_PROCESSED])
{
	unsigned int nr = 8 - tty->disc->column % 8;

	tty->disc->column += nr;
	memset(out, ' ', nr);
	if ((tty->termios.c_oflag & TABDLY) == XTABS)
		return nr;
	out[0] = '\t';
	return 1;
}

static void move_back(struct n_tty *disc)
{
	disc->column -= disc->column > 0;
}

/* What OPOST makes of @c; moves the column, which is followed with OPOST alone. Bytes in @out. */
static unsigned int process(struct tty_struct *tty, u8 c, char out[MAX_PROCESSED])
{
	out[0] = (char)c;
	if (!(tty->termios.c_oflag & OPOST))
		return 1;
	switch (c) {
	case '\n':
		return process_newline(tty, out);
	case '\r':
		return process_return(tty, out);
	case '\t':
		return process_tab(tty, out);
	case '\b':
		move_back(tty->disc);
		return 1;
	}
	if (iscntrl(c))
		return 1;
	if (tty->termios.c_oflag & OLCUC)
		c = upper_case(c);
	if (!(tty->termios.c_iflag & IUTF8 && (c & 0xc0) == 0x80))
		tty->disc->column++;
	out[0] = (char)c;
	return 1;
}

/* --- echo --- */

bool n_tty_has_echo(const struct tty_struct *tty)
{
	return READ_ONCE(tty->disc->echo_head) != READ_ONCE(tty->disc->echo_tail);
}

/* The cursor is where it was before that. */
void n_tty_forget_echo(struct tty_struct *tty)
{
	struct n_tty *disc = tty->disc;

	if (n_tty_has_echo(tty))
		disc->column = disc->echo_column;
	disc->echo_tail = disc->echo_head;
}

static void put_echo(struct n_tty *disc, u8 c)
{
	disc->echo[disc->echo_head++ % N_TTY_ECHO_BYTES] = (char)c;
}

/* False: there is no room for what a byte may become. */
static bool begin_echo(struct n_tty *disc)
{
	if (disc->echo_head == disc->echo_tail)
		disc->echo_column = disc->column;
	return N_TTY_ECHO_BYTES - (disc->echo_head - disc->echo_tail) >= MAX_PROCESSED;
}

void n_tty_echo_raw(struct tty_struct *tty, u8 c)
{
	char out[MAX_PROCESSED];
	unsigned int nr;

	if (!begin_echo(tty->disc))
		return;
	nr = process(tty, c, out);
	for (unsigned int i = 0; i < nr; i++)
		put_echo(tty->disc, (u8)out[i]);
}

void n_tty_echo_text(struct tty_struct *tty, const char *text)
{
	while (*text)
		n_tty_echo_raw(tty, (u8)*text++);
}

/* OPOST has no part in these, but the column moves. */
void n_tty_echo_char(struct tty_struct *tty, u8 c)
{
	bool is_control = tty_flag(tty, ECHOCTL) && iscntrl(c) && c != '\t';

	if (!is_control && c != 0xff)
		return n_tty_echo_raw(tty, c);
	if (!begin_echo(tty->disc))
		return;
	if (is_control) {
		put_echo(tty->disc, '^');
		c ^= 0x40;
	}
	put_echo(tty->disc, c);
	tty->disc->column += is_control ? 2 : 1;
}

void n_tty_echo_back(struct tty_struct *tty)
{
	if (begin_echo(tty->disc))
		put_echo(tty->disc, '\b');
	move_back(tty->disc);
}

void n_tty_column_back(struct tty_struct *tty)
{
	move_back(tty->disc);
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
			if (tty->termios.c_oflag & OPOST)
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
